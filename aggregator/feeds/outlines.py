"""The outlines of an OPML document, each with its place in the text: expat, with what can do harm refused."""

from dataclasses import dataclass, field
from xml.parsers import expat

from aggregator.errors import BadListing

NAMESPACE = "urn:five-for-friday:opml"
"""Of our own attributes: five:region and five:confidence."""

MAX_BYTES = 5_000_000
_DEEPEST = 32  # elements; a reader of blogs needs five
_LONGEST = 500


@dataclass(slots=True)
class Node:
    """`<body>` or an `<outline>`, as the parser met it."""

    attributes: dict[str, str]  # names in lower case, as programs disagree about xmlUrl and xmlURL; ours as "five:..."
    line: int
    start: int  # the byte offset of its "<"
    end: int = 0  # of its "</"; without meaning for an element that closes itself
    children: list["Node"] = field(default_factory=list)

    @property
    def title(self) -> str:
        """Its title, else its text, on one line."""
        return plain(self.attributes.get("title") or self.attributes.get("text", ""))

    def address(self, name: str) -> str | None:
        """An attribute without the white space around it; None when it is not there."""
        value = self.attributes.get(name)
        return None if value is None else value.strip()

    def words(self, name: str) -> str:
        """An attribute on one line, "" when it is not there."""
        return plain(self.attributes.get(name, ""))


@dataclass(frozen=True, slots=True)
class Document:
    """What was parsed."""

    body: Node
    says_five: bool  # whether the prefix "five" stands for our namespace in the whole document


def parse(data: bytes) -> Document:
    """The outlines in `data`.

    Raises BadListing, with the line, for what is empty, over 5 MB, not UTF-8, not well-formed, not OPML or nested
    absurdly, and for any document type: entities are declared there.
    """
    if len(data) > MAX_BYTES:
        raise BadListing(f"It is larger than {MAX_BYTES // 1_000_000} MB.", "Is this the right file?")
    if not data.removeprefix(b"\xef\xbb\xbf").strip():
        raise BadListing("It is empty.", "Name an OPML file, or bring an earlier version of this one back.", line=1)
    _check_encoding(data)
    return _Parsing().run(data)


def _check_encoding(data: bytes) -> None:
    try:
        data.decode()
        wrong = data.find(b"\0")  # expat would take it for UTF-16, whatever it is told
    except UnicodeDecodeError as error:
        wrong = error.start
    if wrong >= 0:
        line = data.count(b"\n", 0, wrong) + 1
        raise BadListing(f"Line {line} is not UTF-8 text.", "Save the file as UTF-8.", line=line)


def plain(text: str) -> str:
    """One line of printable text: no controls, no bidi overrides, nothing of zero width."""
    line = " ".join(text.split())
    # Almost every one is: to ask each letter was a sixth of what reading a list of 2,000 blogs takes.
    return (line if line.isprintable() else "".join(filter(str.isprintable, line)))[:_LONGEST]


class _Parsing:
    """One run of the parser."""

    def __init__(self) -> None:
        self._prefixes: set[str] = set()  # that the root declares for our namespace
        self._body: Node | None = None
        self._open: list[Node | None] = []  # None for an element that is no outline
        self._parser = expat.ParserCreate("utf-8")  # whatever it declares: that it is UTF-8 has been checked
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.StartDoctypeDeclHandler = self._doctype

    def run(self, data: bytes) -> Document:
        try:
            self._parser.Parse(data, True)
        except expat.ExpatError as error:
            what = f"Line {error.lineno} is not well-formed XML: {expat.ErrorString(error.code)}."
            hint = "Mend that line. A usual cause: & in an address must be written &amp;."
            raise BadListing(what, hint, line=error.lineno) from error
        if self._body is None:
            raise BadListing("There is no <body> in it, so it lists nothing.", "Is this the right file?", line=1)
        return Document(self._body, "five" in self._prefixes)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        line = self._parser.CurrentLineNumber
        if not self._open and name.lower() != "opml":
            what = f"It is not OPML: its first element is <{name[:40]}>, not <opml>."
            raise BadListing(what, "Name an OPML file; to follow one blog, use: five feeds add ADDRESS", line=line)
        if len(self._open) >= _DEEPEST:
            what = f"Line {line} is nested more than {_DEEPEST} elements deep."
            raise BadListing(what, "Put the outlines less deep.", line=line)
        if not self._open:
            self._prefixes = _declared(attributes)
        self._open.append(self._node(name.lower(), attributes, line))

    def _node(self, name: str, attributes: dict[str, str], line: int) -> Node | None:
        parent = self._open[-1] if self._open else None
        is_body = name == "body" and len(self._open) == 1 and self._body is None
        if not is_body and (name != "outline" or parent is None):
            return None
        here = _declared(attributes)
        known = {self._known_as(key.lower(), here): value for key, value in attributes.items()}
        node = Node(known, line, self._parser.CurrentByteIndex)
        if is_body:
            self._body = node
        elif parent is not None:
            parent.children.append(node)
        return node

    def _known_as(self, name: str, here: set[str]) -> str:
        prefix, _, local = name.partition(":")
        if prefix in here or prefix in self._prefixes:
            return f"five:{local}"
        return f"their {name}" if prefix == "five" else name

    def _end(self, _name: str) -> None:
        node = self._open.pop()
        if node is not None:
            node.end = self._parser.CurrentByteIndex

    def _doctype(self, *_: object) -> None:
        line = self._parser.CurrentLineNumber
        what = f"Line {line} declares a document type (<!DOCTYPE ...>), which OPML does not need and which can do harm."
        raise BadListing(what, "Take the declaration out.", line=line)


def _declared(attributes: dict[str, str]) -> set[str]:
    return {key[6:].lower() for key, value in attributes.items() if key[:6] == "xmlns:" and value == NAMESPACE}
