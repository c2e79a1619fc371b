"""Changing single outlines of an OPML text that a person keeps: every other byte stays as it is."""

import re
from collections.abc import Iterator, Mapping

from aggregator.feeds.opml import Splice, after_node, escaped, spliced, start_tag
from aggregator.feeds.outlines import Node, parse

TAKE_OUT = ""
"""In place of a new address: take the whole outline out; one that holds others only loses its feed."""
PAUSE = "#pause"
"""In place of a new address: mark the outline as a comment (OPML 2.0: isComment), so that it lists nothing."""
RESUME = "#resume"
"""In place of a new address: let an outline that is marked so list its feed again."""

_ATTRIBUTE = re.compile(rb"""\s+([^\s=/>"']+)\s*=\s*("[^"]*"|'[^']*')""")


def amend(text: str, changes: Mapping[str, str | None]) -> tuple[str, frozenset[str]]:
    """`text` with the outlines of these feeds changed, and which of them were found in it.

    `changes` gives by xmlUrl its new address, None for no feed any more (the blog stays listed, if it has a page),
    TAKE_OUT, PAUSE or RESUME. Raises BadListing as `opml.read` does.
    """
    data = text.encode("utf-8", "surrogatepass")
    splices: list[Splice] = []
    found = set()
    for node, is_paused in _with_feed(parse(data).body):
        url = node.address("xmlurl") or ""
        if url in changes and is_paused is (changes[url] == RESUME):
            found.add(url)
            splices += _splices(data, node, changes[url])
    return spliced(data, splices).decode(), frozenset(found)


def _with_feed(node: Node) -> Iterator[tuple[Node, bool]]:
    """The outlines with a feed, and whether each is marked as a comment; what is within such a one is no listing."""
    for child in node.children:
        is_paused = child.attributes.get("iscomment") == "true"
        if child.address("xmlurl"):
            yield child, is_paused
        if not is_paused:
            yield from _with_feed(child)


def _splices(data: bytes, node: Node, to: str | None) -> Iterator[Splice]:
    if to == PAUSE:
        yield from _unmarked(data, node)
        end = start_tag(data, node).end(1)
        yield end, end, b' isComment="true"'
    elif to == RESUME:
        yield from _unmarked(data, node)
    elif to:
        for name, start, end in _attributes(data, node):
            if name == b"xmlurl":
                value = start + re.search(rb"[\"']", data[start:end]).start()  # type: ignore[union-attr]
                yield value, end, f'"{escaped(to)}"'.encode()
    elif node.children or (to is None and node.address("htmlurl")):
        for name, start, end in _attributes(data, node):
            if name in (b"xmlurl", b"type"):
                yield start, end, b""
    else:
        yield *_whole_lines(data, node.start, after_node(data, node)), b""


def _unmarked(data: bytes, node: Node) -> Iterator[Splice]:
    for name, start, end in _attributes(data, node):
        if name == b"iscomment":
            yield start, end, b""


def _attributes(data: bytes, node: Node) -> Iterator[tuple[bytes, int, int]]:
    """The attributes of a start tag: name in lower case, and where each stands, with the white space before it."""
    tag = start_tag(data, node)
    for found in _ATTRIBUTE.finditer(data, tag.end(1), tag.end()):
        yield found[1].lower(), found.start(), found.end()


def _whole_lines(data: bytes, start: int, end: int) -> tuple[int, int]:
    """The same stretch, with its line when nothing else stands on it."""
    line = data.rfind(b"\n", 0, start) + 1
    rest = re.compile(rb"[ \t]*\r?\n").match(data, end)
    if rest is None or data[line:start].strip():
        return start, end
    return line, rest.end()
