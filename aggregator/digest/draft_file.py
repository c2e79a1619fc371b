"""A draft as one Markdown file that a person can edit, and back (pure).

Lines of free text that would mean something to us (`##`, `<!--`, a `>` at the start of a commentary) carry a backslash
in the file, so that what is written is read back as it was: `from_markdown(to_markdown(digest), digest) == digest`
for every digest whose texts have no white space around them and whose names and titles stand on one line.
"""

import difflib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from aggregator.addresses import safe_url
from aggregator.digest.draft_fields import FIELDS, DraftField, NotAllowed
from aggregator.digest.rules import in_words, numbered
from aggregator.errors import BadDraft
from aggregator.model import Digest, DigestFormat, DigestStatus, Pick

_BY_KEY = {one.key: one for one in FIELDS}
_RULE = "---"
_OUTRO = "## Outro"
_HEADING = re.compile(r"##(?!#)")
_PICK = re.compile(r"##\s*(?:\d+\s*[.)]\s*)?\[((?:\\.|[^\\])*?)\]\((\S*)\)\s*")
_FIELD = re.compile(r"([A-Za-z][A-Za-z -]*?)\s*:(.*)")
_OURS = re.compile(r"\\*(?:##(?!#)|<!--)")
_OURS_OR_QUOTE = re.compile(r"\\*(?:##(?!#)|<!--|>)")
_BRACKET = re.compile(r"[\\\[\]]")
_ESCAPED_BRACKET = re.compile(r"\\([\\\[\]])")

_ABOUT = """\
<!--
{what}, as one file. Save and leave the editor to keep your changes.

Intro, commentaries and outro are Markdown. Move a whole "## " section to reorder; delete it to unpick. The numbers in
the headings need no care: picks are counted in the order in which they stand.

Under a heading: lines with fields, an empty line, the quote (every line starts with >), and the commentary.
bookmark: is which bookmark the pick is, and stays. The other fields are there when they are set:
{fields}
-->
"""


# ------------------------------------------------------------------------------------------------ writing


def to_markdown(digest: Digest) -> str:
    """The whole draft as one file, explained at its top."""
    fields = "\n".join(f"  {one.key}: {one.about}" for one in FIELDS)
    parts = [
        f"{_RULE}\ntitle: {_one_line(digest.title)}\n{_RULE}\n",
        _ABOUT.format(what=_what(digest), fields=fields),
        *_paragraph(_guarded(digest.intro)),
        *(_section(pick) for pick in digest.picks),
        f"{_OUTRO}\n",
        *_paragraph(_guarded(digest.outro)),
    ]
    return "\n".join(parts)


def _what(digest: Digest) -> str:
    match digest.format:
        case DigestFormat.FRIDAY:
            state = "digest" if digest.status is DigestStatus.PUBLISHED else "draft"
            return f"The {state} of {in_words(digest.friday)}"
        case DigestFormat.THEMED:
            return "A themed list (a number at the start of its title follows the count)"
        case DigestFormat.LINK:
            return "A link post (one section: its quote is what is shown, its commentary stands before it)"


def _section(pick: Pick) -> str:
    title = _BRACKET.sub(r"\\\g<0>", _one_line(pick.title))
    head = [f"## {pick.position}. [{title}]({pick.url})", "", f"bookmark: {pick.bookmark_id}"]
    plain = Pick(bookmark_id=0, position=0, url="", title="")
    for one in FIELDS:
        value = getattr(pick, one.name)
        if value != getattr(plain, one.name):
            head.append(f"{one.key}: {_one_line(str(value))}")
    quote = _block(pick.quote)
    quoted = "\n".join(f"> {line}" if line else ">" for line in quote.split("\n")) if quote else ""
    return "\n".join(
        ["\n".join(head) + "\n", *_paragraph(quoted), *_paragraph(_guarded(pick.commentary, _OURS_OR_QUOTE))]
    )


def _paragraph(text: str) -> Iterator[str]:
    if text:
        yield f"{text}\n"


def _guarded(text: str, first: re.Pattern[str] = _OURS) -> str:
    """Free text with a backslash before each line that would mean something to us; `first` is for its first line."""
    lines = _block(text).split("\n")
    return "\n".join(
        f"\\{line}" if (first if number == 0 else _OURS).match(line) else line for number, line in enumerate(lines)
    )


def _block(text: str) -> str:
    return _newlines(text).strip()


def _newlines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _one_line(text: str) -> str:
    return " ".join(text.split())


# ------------------------------------------------------------------------------------------------ reading


@dataclass(frozen=True, slots=True)
class _Line:
    number: int
    text: str


@dataclass(slots=True)
class _Section:
    heading: _Line
    body: list[_Line] = field(default_factory=list)


def from_markdown(text: str, digest: Digest) -> Digest:
    """`digest` with what the file says: title, intro, outro and picks.

    Raises BadDraft, with the line, for a file that cannot be read back; says what is allowed there.
    """
    lines = _without_comments(_newlines(text.removeprefix("\ufeff")).split("\n"))
    title, rest = _header(lines)
    intro: list[_Line] = []
    sections: list[_Section] = []
    for line in rest:
        if _HEADING.match(line.text):
            sections.append(_Section(line))
        else:
            (sections[-1].body if sections else intro).append(line)
    outros = [section for section in sections if section.heading.text.rstrip().lower() == _OUTRO.lower()]
    if len(outros) > 1:
        raise _bad(outros[1].heading, "There is a second outro", "Keep one section “## Outro”.")
    picks = numbered([_read_pick(section) for section in sections if section not in outros])
    _check_once(picks, [section for section in sections if section not in outros])
    outro = _freed(outros[0].body) if outros else ""
    return replace(digest, title=title, intro=_freed(intro), outro=outro, picks=picks)


def _without_comments(texts: Sequence[str]) -> list[_Line]:
    lines: list[_Line] = []
    opened: _Line | None = None
    for number, text in enumerate(texts, start=1):
        line = _Line(number, text)
        if opened is None and not text.startswith("<!--"):
            lines.append(line)
            continue
        opened = opened or line
        _, closed, after = text.partition("-->")
        if closed:
            opened = None
            if after.strip():
                lines.append(_Line(number, after.lstrip()))
    if opened is not None:
        raise _bad(opened, "A comment begins that never ends", "Close it with -->, or take it out.")
    return lines


def _header(lines: Sequence[_Line]) -> tuple[str, list[_Line]]:
    """The title, and the lines after the header."""
    there = [line for line in lines if line.text.strip()] or [_Line(1, "")]
    hint = "The file starts with a line ---, a line title: ..., and a line ---."
    if there[0].text.rstrip() != _RULE:
        raise _bad(there[0], "The header is missing", hint)
    start = lines.index(there[0]) + 1
    title = ""
    for index, line in enumerate(lines[start:], start=start):
        if line.text.rstrip() == _RULE:
            if not title:
                raise _bad(
                    line, "The digest has no title", "Write it in the header: title: Five for Friday (20/11/2026)"
                )
            return title, list(lines[index + 1 :])
        if line.text.strip():
            key, colon, value = line.text.partition(":")
            if key.strip().lower() != "title" or not colon or title:
                raise _bad(line, f"“{_shortened(line.text)}” does not belong in the header", hint)
            title = _one_line(value)
    raise _bad(there[0], "The header does not end", hint)


def _read_pick(section: _Section) -> Pick:
    heading = section.heading
    match = _PICK.fullmatch(heading.text)
    if match is None:
        message = f"“{heading.text.strip()}” is neither a pick nor the outro"
        raise _bad(heading, message, "A pick starts with: ## 1. [Title](https://address). In your own text use ###.")
    title = _one_line(_ESCAPED_BRACKET.sub(r"\1", match.group(1)))
    url = safe_url(match.group(2))
    if not title:
        raise _bad(heading, "The pick has no title", "Write it between the square brackets.")
    if url is None:
        raise _bad(heading, f"“{match.group(2)}” is no address of a web page", "It starts with https:// or http://.")
    fields, rest = _split_fields(section)
    if "bookmark" not in fields:
        hint = "Put it back: bookmark: 12. A new pick is made with: five digest pick BOOKMARK"
        raise _bad(heading, "The pick does not say which bookmark it is", hint)
    bookmark = fields.pop("bookmark")
    values = {_BY_KEY[key].name: _value(_BY_KEY[key], line) for key, line in fields.items()}
    quote, commentary = _split_quote(rest)
    return Pick(
        bookmark_id=_bookmark(bookmark),
        position=0,
        url=url,
        title=title,
        quote=quote,
        commentary=_freed(commentary, _OURS_OR_QUOTE),
        **values,
    )


def _split_fields(section: _Section) -> tuple[dict[str, _Line], list[_Line]]:
    """The lines of the fields, by key, and the lines after them."""
    body = _from_first(section.body)
    fields: dict[str, _Line] = {}
    for index, line in enumerate(body):
        if not line.text.strip():
            return fields, _from_first(body[index:])
        key, _ = _key_and_value(line)
        if key != "bookmark" and key not in _BY_KEY:
            close = difflib.get_close_matches(key, ["bookmark", *_BY_KEY], n=1)
            hint = f"Did you mean {close[0]}:?" if close else f"Fields are bookmark, {', '.join(_BY_KEY)}."
            raise _bad(line, f"“{key}:” is no field of a pick", hint)
        if key in fields:
            raise _bad(line, f"“{key}:” is there twice", "Keep one of them.")
        fields[key] = line
    return fields, []


def _key_and_value(line: _Line) -> tuple[str, str]:
    match = _FIELD.fullmatch(line.text.strip())
    if match is None:
        hint = "A field is a line such as author: Ann Jones. An empty line stands between fields and text."
        raise _bad(line, f"“{_shortened(line.text)}” is no field", hint)
    return match.group(1).lower(), _one_line(match.group(2))


def _value(one: DraftField, line: _Line) -> Any:
    _, value = _key_and_value(line)
    try:
        return one.read(value)
    except NotAllowed as wrong:
        raise _bad(line, f"“{one.key}:” is “{value}”", f"Allowed: {wrong}.") from None


def _bookmark(line: _Line) -> int:
    _, value = _key_and_value(line)
    if not re.fullmatch("[0-9]{1,15}", value):
        raise _bad(line, f"“bookmark:” is “{value}”", "It is the number of a bookmark; `five shortlist` shows them.")
    return int(value)


def _split_quote(lines: Sequence[_Line]) -> tuple[str, list[_Line]]:
    """The words of the `>` lines that come first, and the lines after them."""
    quoted: list[str] = []
    for line in lines:
        if not line.text.startswith(">"):
            break
        quoted.append(line.text[1:].removeprefix(" "))
    return "\n".join(quoted).strip(), list(lines[len(quoted) :])


def _from_first(lines: Sequence[_Line]) -> list[_Line]:
    """The lines from the first that is not empty."""
    for index, line in enumerate(lines):
        if line.text.strip():
            return list(lines[index:])
    return []


def _freed(lines: Sequence[_Line], first: re.Pattern[str] = _OURS) -> str:
    """Free text without the backslashes that `_guarded` put there."""
    texts = [line.text for line in _from_first(lines)]
    return "\n".join(
        text[1:] if text.startswith("\\") and (first if number == 0 else _OURS).match(text) else text
        for number, text in enumerate(texts)
    ).strip()


def _check_once(picks: Sequence[Pick], sections: Sequence[_Section]) -> None:
    seen: set[int] = set()
    for pick, section in zip(picks, sections, strict=True):
        if pick.bookmark_id in seen:
            hint = "Keep one of the two sections."
            raise _bad(section.heading, f"Bookmark {pick.bookmark_id} is picked a second time", hint)
        seen.add(pick.bookmark_id)


def _shortened(text: str) -> str:
    line = text.strip()
    return line if len(line) <= 60 else f"{line[:59]}…"


def _bad(line: _Line, what: str, hint: str) -> BadDraft:
    return BadDraft(f"{what}.", hint, line=line.number)
