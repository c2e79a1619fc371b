"""A stranger's XML made fit for a strict parser, in linear time (pure).

Half of the feeds that are not well-formed are so in a handful of ways: a byte order mark or blank lines before the
declaration, control characters, HTML's entities, bare ampersands, an end that is missing. Mending those here keeps the
strict parser in use, and keeps away what brings parsers to their knees: document types and their entities, floods of
processing instructions, depth, and a million items.
"""

import re
from dataclasses import dataclass
from html.entities import html5
from xml.sax.saxutils import escape

MAX_ENTRIES = 500
MAX_CONTENT = 8_000_000
"""Characters of all entries of a document together; later entries come without their content."""
_MAX_DEPTH = 200
_MAX_ATTRIBUTES = 200
_MAX_TAG = 64 * 1024
_MAX_TAGS = 200_000

_ILLEGAL = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")  # XML 1.0, section 2.2
_CONTROLS = bytes(code for code in range(0x20) if chr(code) not in "\t\n\r")
_NO_CHARACTERS = ("\ufffe".encode(), "\uffff".encode())
# A document type ends at its first ">"; what is left of it stands before the root element, and goes with that.
_CLOSERS = {"<![CDATA[": "]]>", "<!--": "-->", "<?": "?>", "<!": ">"}
_SPECIAL = re.compile("|".join(map(re.escape, _CLOSERS)))
_REFERENCE = re.compile(
    r"&(?!(?:amp|lt|gt|quot|apos);)(?:#[xX]([0-9a-fA-F]{1,6});|#([0-9]{1,7});|([A-Za-z][A-Za-z0-9]{0,31});)?"
)
# Possessive: each character is looked at once, whatever the input.
_TAG = re.compile(r"""<!\[CDATA\[|<(/?)([A-Za-z_][^\s<>/]*+)((?:[^<>"']|"[^"<]*"|'[^'<]*')*+)>""")
_ENTRIES = {"item", "entry"}


class NotReadable(Exception):
    """Text that no parser should be given; says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tidied:
    """A document without declaration, document type, comments and instructions, from its root element to its end."""

    xml: str
    root: str  # the local name of the root element, in lower case
    damaged: bool  # its end was missing
    has_entries: bool  # one at least that ends


def tidy(text: str) -> Tidied:
    """`text`, mended; at most `MAX_ENTRIES` entries are left. Raises NotReadable."""
    return _outline(_mended(text if _is_legal(text) else _ILLEGAL.sub("", text)))


def _is_legal(text: str) -> bool:
    """Whether `_ILLEGAL` is nowhere in it: in bytes, a tenth of the time of the search."""
    try:
        raw = text.encode()
    except UnicodeEncodeError:  # a surrogate
        return False
    return len(raw.translate(None, _CONTROLS)) == len(raw) and not any(each in raw for each in _NO_CHARACTERS)


def _mended(text: str) -> str:
    """Without comments, instructions and declarations, and with every reference one that XML knows."""
    parts: list[str] = []
    position = 0
    while special := _SPECIAL.search(text, position):
        parts.append(_REFERENCE.sub(_reference, text[position : special.start()]))
        closer = _CLOSERS[special[0]]
        end = text.find(closer, special.end())
        if special[0] == "<![CDATA[":
            parts.append(text[special.start() : end if end >= 0 else None] + closer)
        if end < 0:
            return "".join(parts)
        position = end + len(closer)
    parts.append(_REFERENCE.sub(_reference, text[position:]))
    return "".join(parts)


def _reference(reference: re.Match[str]) -> str:
    hexadecimal, decimal, name = reference.groups()
    if name:
        return escape(html5[f"{name};"]) if f"{name};" in html5 else f"&amp;{name};"
    if not hexadecimal and not decimal:
        return "&amp;"
    code = int(hexadecimal, 16) if hexadecimal else int(decimal)
    legal = code < 0x110000 and not _ILLEGAL.match(chr(code))
    return reference[0].replace("X", "x") if legal else ""


class _Outline:
    """The elements that are open, and where the document and its last whole entry began and ended."""

    def __init__(self) -> None:
        self.open: list[str] = []
        self.tags = 0
        self.entries = 0
        self.root = ""
        self.start = -1
        self.entry_end = 0
        self.open_then: list[str] = []

    def enter(self, tag: re.Match[str]) -> None:
        """Go into an element, or past it when it is empty."""
        name = tag[2]
        self.tags += 1
        if self.tags > _MAX_TAGS or len(tag[3]) > _MAX_TAG or tag[3].count("=") > _MAX_ATTRIBUTES:
            raise NotReadable("it has far more elements or attributes than a feed has")
        if self.start < 0:
            self.start, self.root = tag.start(), _local(name)
        self.entries += _local(name) in _ENTRIES
        if not tag[3].endswith("/"):
            self.open.append(name)
        elif _local(name) in _ENTRIES:
            self._entry_ended(tag)
        if len(self.open) > _MAX_DEPTH:
            raise NotReadable(f"its elements are nested more than {_MAX_DEPTH} deep")

    def leave(self, tag: re.Match[str]) -> None:
        """Go out of the nearest element of that name, and of what was left open in it."""
        if tag[2] not in self.open:
            return
        while self.open.pop() != tag[2]:
            pass
        if _local(tag[2]) in _ENTRIES:
            self._entry_ended(tag)

    def _entry_ended(self, tag: re.Match[str]) -> None:
        if self.entries <= MAX_ENTRIES:
            self.entry_end, self.open_then = tag.end(), list(self.open)

    def cut(self, text: str) -> str:
        """The document up to its last whole entry, closed."""
        return text[self.start : self.entry_end] + "".join(f"</{name}>" for name in reversed(self.open_then))

    def tidied(self, xml: str, *, damaged: bool) -> Tidied:
        return Tidied(xml=xml, root=self.root, damaged=damaged, has_entries=self.entry_end > 0)


def _outline(text: str) -> Tidied:
    outline = _Outline()
    position = 0
    while tag := _TAG.search(text, position):
        position = tag.end()
        if tag[2] is None:
            position = text.find("]]>", position) + 3
        elif tag[1]:
            outline.leave(tag)
        else:
            outline.enter(tag)
        if outline.entries > MAX_ENTRIES and outline.entry_end:
            return outline.tidied(outline.cut(text), damaged=False)
        if outline.start >= 0 and not outline.open:
            return outline.tidied(text[outline.start : position], damaged=False)
        if position < tag.end():
            break  # a CDATA section without an end
    if outline.start < 0:
        raise NotReadable("there is no XML in it")
    xml = outline.cut(text) if outline.entry_end else text[outline.start :]
    return outline.tidied(xml, damaged=True)


def _local(name: str) -> str:
    return name.rpartition(":")[2].lower()
