"""OPML text and listings (OPML 2.0, http://opml.org/spec2.opml).

Reading takes only what it understands. Writing into a file that a person keeps goes by the byte offsets that the
parser gives, so that comments, order, indentation, line endings and unknown attributes stay as they are.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import groupby

from aggregator.addresses import safe_url
from aggregator.canonical import canonical_url
from aggregator.feeds.outlines import NAMESPACE, Node, parse
from aggregator.model import Listing

NOT_FOUND = "not found"
"""The confidence of a listing whose feed and page were looked for in vain; only such a one may have neither."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Something in an OPML file that its keeper should mend."""

    line: int  # counted from 1
    message: str
    advice: str
    refuses: bool = True  # whether the whole file is refused for it when it is followed


def read(text: bytes | str) -> tuple[Listing, ...]:
    """The blogs that an OPML file lists, in its order; outlines that only hold others are groups.

    An xml_url of "" means that the outline says it is a feed and gives no address. Raises BadListing, with the
    line, for a text that is empty, over 5 MB, not UTF-8, not XML or not OPML, or that has a document type.
    """
    return tuple(_listings(parse(_bytes(text)).body, ""))


def problems(listings: Iterable[Listing]) -> tuple[Problem, ...]:
    """What is wrong with these listings, each with its line and what to do; in the order of the file."""
    found: list[Problem] = []
    first_lines: dict[str, int] = {}
    for listing in listings:
        found += _faults(listing)
        if not listing.xml_url:
            continue
        key = address_key(listing.xml_url)
        if key in first_lines:
            message = f"The feed {listing.xml_url} is listed already, on line {first_lines[key]}."
            advice = "Take one of the two out; until then the first one counts."
            found.append(Problem(line=listing.line, message=message, advice=advice, refuses=False))
        first_lines.setdefault(key, listing.line)
    return tuple(found)


@lru_cache(maxsize=5000)
def address_key(url: str) -> str:
    """What is equal for two addresses of one feed: its canonical address, http or https."""
    return canonical_url(url).removeprefix("https:").removeprefix("http:")


def insert(text: str, listing: Listing, kind: str) -> str:
    """`text` with an outline for `listing` in the group `kind`, which is made at the end when it is not there.

    Among siblings that are sorted by title it takes its place, else it comes last. Nothing else changes. Raises
    BadListing as `read` does.
    """
    return insert_all(text, [replace(listing, kind=kind)])


def insert_all(text: str, listings: Iterable[Listing]) -> str:
    """`text` with an outline for each of these in the group of its kind, as `insert` does it for one."""
    data = _bytes(text)
    document = parse(data)
    body, last = document.body, document.body.children[-1] if document.body.children else None
    page = _Page(data, "\r\n" if "\r\n" in text else "\n", _unit(data, body))
    places: dict[tuple[int, int], tuple[Node, Node | None, list[str]]] = {}

    def put(inside: Node, after: Node | None, lines: list[str]) -> None:
        places.setdefault((id(inside), id(after)), (inside, after, []))[2].extend(lines)

    new: dict[str, list[str]] = {}
    labels: dict[str, str] = {}
    groups = {node.title.casefold(): node for node in reversed(body.children) if "xmlurl" not in node.attributes}
    for listing in sorted(listings, key=lambda listing: listing.title.casefold()):
        outline = _as_outline(listing, declare=not document.says_five)
        group = groups.get(listing.kind.casefold()) if listing.kind else body
        if group is not None:
            put(group, _predecessor(group, listing.title), [outline])
        else:
            labels.setdefault(listing.kind.casefold(), listing.kind)
            new.setdefault(listing.kind.casefold(), []).append(page.unit + outline)
    for key, outlines in new.items():
        label = _attributes([("text", labels[key]), ("title", labels[key])])
        put(body, last, [f"<outline {label}>", *outlines, "</outline>"])
    splices = [page.with_lines(inside, after, lines) for inside, after, lines in places.values()]
    return spliced(data, splices).decode()


def write(listings: Iterable[Listing], *, title: str) -> str:
    """A whole OPML file of these listings, in the order given; neighbours of one kind share a group."""
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', f'<opml version="2.0" xmlns:five="{NAMESPACE}">']
    lines += ["  <head>", f"    <title>{escaped(title)}</title>", "  </head>", "  <body>"]
    for kind, members in groupby(listings, key=lambda listing: listing.kind):
        outlines = [_as_outline(listing, declare=False) for listing in members]
        if kind:
            label = _attributes([("text", kind), ("title", kind)])
            lines += [f"    <outline {label}>", *(f"      {outline}" for outline in outlines), "    </outline>"]
        else:
            lines += [f"    {outline}" for outline in outlines]
    return "\n".join([*lines, "  </body>", "</opml>", ""])


# --------------------------------------------------------------------------------------------------- reading


def _bytes(text: bytes | str) -> bytes:
    # A lone surrogate becomes bytes that are no UTF-8, which `parse` explains.
    return text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")


def _listings(node: Node, kind: str, *, top: bool = True) -> Iterator[Listing]:
    for child in node.children:
        if child.attributes.get("iscomment") == "true":  # OPML 2.0: so are all outlines within it
            continue
        xml_url = child.address("xmlurl")
        if xml_url is None and not child.children and child.address("type") == "rss":
            xml_url = ""
        if xml_url is not None or not child.children:
            yield _as_listing(child, xml_url, kind)
        yield from _listings(child, child.title if top else kind, top=False)


def _as_listing(node: Node, xml_url: str | None, kind: str) -> Listing:
    return Listing(
        title=node.title,
        xml_url=xml_url,
        html_url=node.address("htmlurl") or None,
        kind=kind,
        region=node.words("five:region"),
        confidence=node.words("five:confidence"),
        line=node.line,
    )


def _faults(listing: Listing) -> Iterator[Problem]:
    name = f"“{listing.title}”" if listing.title else "This outline"

    def fault(message: str, advice: str, *, refuses: bool = True) -> Problem:
        return Problem(line=listing.line, message=message, advice=advice, refuses=refuses)

    if not listing.title:
        yield fault(f"The outline for {listing.xml_url or listing.html_url or 'nothing'} has no title.", "Add text=.")
    if listing.xml_url == "":
        yield fault(f"{name} says it is a feed but has no xmlUrl.", "Add the feed's address, or take type= out.")
    elif listing.xml_url is not None and safe_url(listing.xml_url) is None:
        yield fault(f"{name} has the xmlUrl {listing.xml_url!r}, which is no http or https address.", "Correct it.")
    if listing.html_url is not None and safe_url(listing.html_url) is None:
        yield fault(f"{name} has the htmlUrl {listing.html_url!r}, which is no http or https address.", "Correct it.")
    if listing.xml_url is None and listing.html_url is None and listing.confidence != NOT_FOUND:
        advice = f'Add one, or take the outline out; five:confidence="{NOT_FOUND}" says that you looked for them.'
        # Often a group whose last blog was taken out: nothing to follow, and no reason to refuse the others.
        yield fault(f"{name} has neither a feed (xmlUrl) nor a page (htmlUrl).", advice, refuses=False)


# ---------------------------------------------------------------------------------------------------- writing

_START_TAG = re.compile(rb"""<([^\s/>]+)(?:[^>"']|"[^"]*"|'[^']*')*>""")
_REST_OF_LINE = re.compile(rb"[ \t]*(?:<!--(?:(?!-->)[^\r\n])*-->)?[ \t]*(?=\r?\n)")  # with a comment, if there is one
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, section 2.2
_ESCAPES = str.maketrans(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\t": "&#9;", "\n": "&#10;", "\r": "&#13;"}
)


Splice = tuple[int, int, bytes]
"""From where to where bytes are replaced, and by what."""


@dataclass(frozen=True, slots=True)
class _Page:
    """A document to put lines into: its bytes, how it ends lines, and one step of its indentation."""

    data: bytes
    newline: str
    unit: str

    def with_lines(self, inside: Node, after: Node | None, lines: Sequence[str]) -> Splice:
        """What to put in so that `lines` become a child of `inside`, after its child `after` or before all others."""
        outer = _indent(self.data, inside.start)
        opened = start_tag(self.data, inside).end()
        if closes_itself(self.data, opened):
            closing = f"</{start_tag(self.data, inside)[1].decode()}>"
            cut = len(self.data[: opened - 2].rstrip())
            added = f">{self._block(outer, lines)}{self._on_new_line(outer)}{closing}"
            return cut, opened, added.encode()
        if inside.children:
            at = opened if after is None else after_node(self.data, after)
            sibling = inside.children[0] if after is None else after
            indent = _indent(self.data, sibling.start)
            at = _past_comment(self.data, at)
            return at, at, self._lines(indent, lines).encode()
        at = _past_comment(self.data, opened)
        tail = "" if b"\n" in self.data[at : inside.end] else self._on_new_line(outer)
        return at, at, (self._block(outer, lines) + tail).encode()

    def _block(self, outer: str | None, lines: Sequence[str]) -> str:
        return self._lines(None if outer is None else outer + self.unit, lines)

    def _lines(self, indent: str | None, lines: Sequence[str]) -> str:
        if indent is None:
            return "".join(line.strip() for line in lines)
        return "".join(self._on_new_line(indent) + line for line in lines)

    def _on_new_line(self, indent: str | None) -> str:
        return "" if indent is None else self.newline + indent


def spliced(data: bytes, splices: Iterable[Splice]) -> bytes:
    """`data` with each stretch from start to end replaced; none overlaps another."""
    for start, end, new in sorted(splices, key=lambda splice: splice[:2], reverse=True):
        data = data[:start] + new + data[end:]
    return data


def _predecessor(group: Node, title: str) -> Node | None:
    keys = [node.title.casefold() for node in group.children]
    if keys != sorted(keys):
        return group.children[-1]
    before = [node for node, key in zip(group.children, keys, strict=True) if key <= title.casefold()]
    return before[-1] if before else None


def start_tag(data: bytes, node: Node) -> "re.Match[bytes]":
    """The start tag of an element, whose name is the first group."""
    found = _START_TAG.match(data, node.start)
    if found is None:
        raise ValueError(f"no start tag at byte {node.start}, where the parser found one")
    return found


def closes_itself(data: bytes, tag_end: int) -> bool:
    """Whether the start tag that ends there has no end tag."""
    return data[tag_end - 2 : tag_end] == b"/>"


def after_node(data: bytes, node: Node) -> int:
    """Where an element ends."""
    opened = start_tag(data, node).end()
    return opened if closes_itself(data, opened) else data.index(b">", node.end) + 1


def _past_comment(data: bytes, at: int) -> int:
    rest = _REST_OF_LINE.match(data, at)
    return rest.end() if rest else at


def _indent(data: bytes, start: int) -> str | None:
    """The white space before an element that begins its line; None for one that does not."""
    before = data[data.rfind(b"\n", 0, start) + 1 : start]
    return before.decode() if b"\n" in data[:start] and not before.strip() else None


def _unit(data: bytes, body: Node) -> str:
    outer = _indent(data, body.start)
    inner = _indent(data, body.children[0].start) if body.children else None
    if outer is None or inner is None or not inner.startswith(outer):
        return "  "
    return inner.removeprefix(outer)


def _as_outline(listing: Listing, *, declare: bool) -> str:
    pairs = [("text", listing.title), ("title", listing.title)]
    pairs += [("type", "rss"), ("xmlUrl", listing.xml_url)] if listing.xml_url else []
    pairs += [("htmlUrl", listing.html_url)] if listing.html_url else []
    ours = [("five:region", listing.region), ("five:confidence", listing.confidence)]
    ours = [(name, value) for name, value in ours if value]
    pairs += [("xmlns:five", NAMESPACE), *ours] if ours and declare else ours
    return f"<outline {_attributes(pairs)}/>"


def _attributes(pairs: Iterable[tuple[str, str]]) -> str:
    return " ".join(f'{name}="{escaped(value)}"' for name, value in pairs)


def escaped(text: str) -> str:
    """Text as it stands between double quotes."""
    return _NO_XML.sub("", text).translate(_ESCAPES)
