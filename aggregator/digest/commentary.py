"""What curators and editors write, in Markdown, turned into safe HTML, plain text and tidy Markdown.

CommonMark without raw HTML. Three things are read differently, the same in every form: an image is a link to it (mails
show none), a heading is a strong paragraph (the headings of a digest are its picks), and an address that is not http,
https or mailto is no link.
"""

import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markdown_it.tree import SyntaxTreeNode

from aggregator.addresses import safe_url

WIDTH = 72
"""Characters on a line of plain text."""

_MARKDOWN = MarkdownIt("commonmark", {"html": False})
_TAGS = {"p", "a", "em", "strong", "code", "pre", "blockquote", "ul", "ol", "li", "br", "hr"}
# C0 and C1 controls but tab and newline, and the characters that turn the direction of what follows (Trojan Source).
_INVISIBLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_MAILTO = re.compile(r"mailto:[^\s<>\"'\\]+\Z", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A link in a commentary: what it says, and where it goes."""

    text: str
    url: str


def visible(text: str) -> str:
    """`text` without control characters and without marks that change the direction of writing."""
    return _INVISIBLE.sub("", text)


def one_line(text: str) -> str:
    """`text` as one line, without anything invisible."""
    return " ".join(visible(text).split())


def to_html(markdown: str, *, opening: str = "") -> str:
    """Safe HTML: paragraphs, lists, quotes, emphasis, code, links.

    `opening` is text put before the words of the first paragraph, when it starts with one.
    """
    html = _MARKDOWN.renderer.render(_read(markdown, opening), _MARKDOWN.options, {})
    attributes = {"a": {"href"}, "ol": {"start"}}
    schemes = {"http", "https", "mailto"}
    return nh3.clean(html, tags=_TAGS, attributes=attributes, url_schemes=schemes, link_rel=None).strip()


def links(markdown: str) -> tuple[Link, ...]:
    """Every link, in order."""
    return tuple(
        Link(text=_line(node), url=str(node.attrs["href"])) for node in _tree(markdown).walk() if node.type == "link"
    )


def starts_with_words(markdown: str) -> bool:
    """Whether its first block is a paragraph, not a list, a quotation or nothing at all."""
    return [token.type for token in _read(markdown)[:1]] == ["paragraph_open"]


def leads_to(markdown: str, url: str) -> bool:
    """Whether one of its links goes to `url`."""
    return _MARKDOWN.normalizeLink(url) in {link.url for link in links(markdown)}


def to_line(markdown: str) -> str:
    """All its words on one line, without addresses."""
    return one_line(" ".join(_line(block) for block in _tree(markdown).walk() if block.type in _LEAVES))


def to_text(markdown: str, *, opening: str = "", but: str = "", width: int = WIDTH) -> str:
    """Plain text, wrapped, each address on a line of its own after the paragraph that links to it.

    `opening` as in `to_html`. The address `but` is left out: the reader sees it elsewhere.
    """
    return _blocks_text(SyntaxTreeNode(_read(markdown, opening)), width, _MARKDOWN.normalizeLink(but))


def to_markdown(markdown: str) -> str:
    """The same in plain CommonMark that means one thing everywhere: inline links, no references, no HTML."""
    return _blocks_markdown(_tree(markdown))


def escaped(text: str) -> str:
    """Text that shows as itself in Markdown, and that Liquid and other templates leave alone."""
    return _STARTS_BLOCK.sub(r"\1\\\2", _inline_escaped(text))


def target(url: str) -> str:
    """An address as it stands inside the round brackets of a Markdown link."""
    url = _MARKDOWN.normalizeLink(url)
    return f"<{url}>" if "(" in url or ")" in url else url


def wrapped(text: str, width: int = WIDTH) -> str:
    """One paragraph in lines of at most `width`; an address is never broken."""
    return textwrap.fill(text, width, break_long_words=False, break_on_hyphens=False)


def quoted(text: str) -> str:
    """Lines behind the mark that says in mail and in Markdown that they are somebody else's."""
    return "\n".join(f"> {line}".rstrip() for line in text.split("\n"))


# ---------------------------------------------------------------------------------------------------- reading

_LEAVES = {"inline", "fence", "code_block"}
_SPECIAL = re.compile(r"([\\`*_{}\[\]~])")
_ENTITY = re.compile(r"&(?=#?\w+;)")
_STARTS_BLOCK = re.compile(r"(?m)^(\s*|\s*\d{1,9}(?=[.)]))([#+\-=]|(?<=\d)[.)])")


def _read(markdown: str, opening: str = "") -> list[Token]:
    tokens = _MARKDOWN.parse(visible(markdown))
    in_heading = False
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            in_heading = token.nesting == 1
            token.type, token.tag = token.type.replace("heading", "paragraph"), "p"
        elif token.children is not None:
            children = list(_links_only(token.children))
            token.children = [_strong(1), *children, _strong(-1)] if in_heading and children else children
    if opening and tokens and tokens[0].type == "paragraph_open":
        tokens[1].children = [Token("text", "", 0, content=opening), *(tokens[1].children or [])]
    return tokens


def _links_only(children: list[Token]) -> Iterator[Token]:
    """The same, with images as links and without links that lead nowhere."""
    opened: list[bool] = []
    for token in children:
        if token.type == "link_open":
            url = _address(token)
            opened.append(url is not None)
            if url is not None:
                yield _link(url)
        elif token.type == "link_close":
            if opened.pop():
                yield token
        elif token.type == "image":
            url = None if any(opened) else _address(token)
            words = Token("text", "", 0, content=token.content or "image")
            yield from [words] if url is None else [_link(url), words, Token("link_close", "a", -1)]
        else:
            yield token


def _address(token: Token) -> str | None:
    url = str(token.attrs.get("href") or token.attrs.get("src") or "")
    return url if _MAILTO.match(url) else safe_url(url)


def _link(url: str) -> Token:
    return Token("link_open", "a", 1, attrs={"href": url})


def _strong(nesting: Literal[1, -1]) -> Token:
    return Token("strong_open" if nesting == 1 else "strong_close", "strong", nesting)


def _tree(markdown: str) -> SyntaxTreeNode:
    return SyntaxTreeNode(_read(markdown))


# ---------------------------------------------------------------------------------------------------- plain text


def _line(node: SyntaxTreeNode) -> str:
    """The words of inline content; a line break becomes a space."""
    if node.type in ("text", "code_inline", "fence", "code_block"):
        return node.content
    if node.type in ("softbreak", "hardbreak"):
        return " "
    return "".join(_line(child) for child in node.children)


def _block_text(node: SyntaxTreeNode, width: int, but: str) -> str:
    match node.type:
        case "paragraph":
            return _paragraph_text(node, width, but)
        case "blockquote":
            return quoted(_blocks_text(node, width - 2, but))
        case "bullet_list" | "ordered_list":
            items = [
                _hung(mark, _blocks_text(item, width - len(mark), but))
                for mark, item in zip(_marks(node), node.children, strict=True)
            ]
            return _gap(node).join(items)
        case "fence" | "code_block":
            return textwrap.indent(node.content.rstrip("\n"), "    ")
        case _:
            return "* * *"


def _blocks_text(node: SyntaxTreeNode, width: int, but: str) -> str:
    return "\n\n".join(text for child in node.children if (text := _block_text(child, width, but)))


def _paragraph_text(node: SyntaxTreeNode, width: int, but: str) -> str:
    found = [link for link in node.walk() if link.type == "link" and not _is_bare(link)]
    text = "\n".join(wrapped(one_line(line), width) for line in _lines(node) if line)
    if len(found) == 1 and found[0].attrs["href"] != but:
        return f"{text}\n\n{_shown(found[0])}"
    named = [
        f"{wrapped(f'{one_line(_line(link))}:', width)}\n{_shown(link)}" for link in found if link.attrs["href"] != but
    ]
    return "\n\n".join([text, *named])


def _lines(node: SyntaxTreeNode) -> list[str]:
    """The words of a paragraph, with every address that was written out on a line of its own."""
    lines = [""]
    for child in node.children[0].children:
        if _is_bare(child):
            lines += [_shown(child), ""]
        else:
            lines[-1] += _line(child)
    return [lines[0], *(line.lstrip(" .,;:") for line in lines[1:])] if len(lines) > 1 else lines


def _is_bare(node: SyntaxTreeNode) -> bool:
    return node.type == "link" and _MARKDOWN.normalizeLink(_line(node)) == _shown(node)


def _shown(link: SyntaxTreeNode) -> str:
    return str(link.attrs["href"]).removeprefix("mailto:")


def _marks(node: SyntaxTreeNode) -> list[str]:
    """What stands before each item of a list."""
    if node.type == "bullet_list":
        return ["- "] * len(node.children)
    start = int(node.attrs.get("start", 1))
    return [f"{start + index}. " for index in range(len(node.children))]


def _gap(node: SyntaxTreeNode) -> str:
    """What stands between the items of a list: an empty line when its items hold paragraphs."""
    is_tight = all(block.hidden for item in node.children for block in item.children if block.type == "paragraph")
    return "\n" if is_tight else "\n\n"


def _hung(mark: str, text: str) -> str:
    """`text` after `mark`, its further lines indented under the first."""
    return mark + textwrap.indent(text, " " * len(mark)).lstrip(" ")


# ---------------------------------------------------------------------------------------------------- Markdown


def _block_markdown(node: SyntaxTreeNode) -> str:
    match node.type:
        case "paragraph":
            return _STARTS_BLOCK.sub(r"\1\\\2", _inline_markdown(node.children[0]))
        case "blockquote":
            return quoted(_blocks_markdown(node))
        case "bullet_list" | "ordered_list":
            items = [
                _hung(mark, _blocks_markdown(item)) for mark, item in zip(_marks(node), node.children, strict=True)
            ]
            return _gap(node).join(items)
        case "fence" | "code_block":
            return textwrap.indent(node.content.rstrip("\n"), "    ")
        case _:
            return "* * *"


def _blocks_markdown(node: SyntaxTreeNode) -> str:
    return "\n\n".join(filter(None, map(_block_markdown, node.children)))


def _inline_escaped(text: str) -> str:
    text = _ENTITY.sub("&amp;", _SPECIAL.sub(r"\\\1", text))
    return text.replace("<", "&lt;").replace(">", "&gt;")


def _inline_markdown(node: SyntaxTreeNode) -> str:
    inner = "".join(_inline_markdown(child) for child in node.children)
    match node.type:
        case "text":
            text = _inline_escaped(node.content)
            # An exclamation mark that meets a link would make it an image.
            before_link = text.endswith("!") and node.next_sibling is not None and node.next_sibling.type == "link"
            return text[:-1] + r"\!" if before_link else text
        case "softbreak":
            return " "
        case "hardbreak":
            return "  \n"
        case "code_inline":
            fence = "`" * (1 + max((len(run) for run in re.findall("`+", node.content)), default=0))
            pad = " " if {*node.content[:1], *node.content[-1:]} & {"`", " "} and node.content.strip() else ""
            return f"{fence}{pad}{node.content}{pad}{fence}"
        case "em":
            return f"*{inner}*"
        case "strong":
            return f"**{inner}**"
        case "link":
            return f"[{inner}]({target(str(node.attrs['href']))})"
        case _:
            return inner
