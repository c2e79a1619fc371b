"""A feed's document, cut into its entries, so that only those not seen before need a parser (pure).

Most documents that come back differ from the last one in a single entry, and a parser spends its time on the others. So
`cut` takes a document apart by its text: a head, the entries, a tail. What an entry's text was at the last poll is
remembered by its digest; `Cut.only` puts a document together again that holds the rest alone, inside the feed's own
head and tail, for the parser to read as it would have read them all.

That must never change what is read. So a document is cut only when it is plain: its entries stand side by side with
nothing between them, and each is plain itself, which is to say that nothing in it reaches beyond it in feedparser: no
markup inside its texts, no namespace prefix, base or language of its own, no element that opens a feed or an image.
`cut` gives None in every case of doubt, and the document is read whole. The caller sees to the rest: that the document
is well-formed, and that no two entries can be taken for one another.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2b

_LONGEST = 1_000_000
"""Characters. Over this, a document may come near the limits that hold for all of its entries together."""

# Where an entry starts or ends: the slash and the name are groups 1 and 2, which a name with a prefix leaves empty.
_BOUNDARY = re.compile(r"<!\[CDATA\[|<(/?)(item|entry)(?=[\s/>])|<(?:/?)[^\s/<>]*:(?:item|entry)(?=[\s/>])")
_TAG = re.compile(r"""<!\[CDATA\[|<(/?)([^\s<>/!?]++)([^<>"']*+(?:"[^"<]*"[^<>"']*+|'[^'<]*'[^<>"']*+)*+)>""")
_OF_ITS_OWN = re.compile(r"xmlns:|\b(?:xml:)?(?:base|lang)\s*=", re.IGNORECASE)
# What has elements inside. In anything else they are markup, and markup is where feedparser keeps most of its state.
_HOLDERS = frozenset({"author", "contributor", "group", "community"})
# What feedparser takes for the feed, its parts or a page, wherever it stands. Local names: prefixes may be anything.
_REACHES_OUT = frozenset(
    {"feed", "channel", "rss", "rdf", "image", "textinput", "owner", "html", "body", "div", "svg", "math"}
)
# Dates of the feed itself, which change with every entry and have no say in how one is read.
_DATE = re.compile(r"<(pubDate|lastBuildDate|updated|modified|dc:date)>[^<&]*</\1>")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """A document, taken apart; put together again, its parts are the document."""

    head: str
    entries: tuple[str, ...]  # each with the white space after it
    tail: str

    def frame(self, *context: str) -> bytes:
        """A digest of all that has a say in how an entry is read, but for the entry; `context` is what callers add."""
        return digest(_DATE.sub(r"<\1/>", self.head), self.tail, *context)

    def digests(self) -> tuple[bytes, ...]:
        """A digest of each entry."""
        return tuple(digest(entry.rstrip()) for entry in self.entries)

    def only(self, numbers: Iterable[int]) -> str:
        """The document with these entries alone, the first being 0."""
        return "".join((self.head, *(self.entries[number] for number in numbers), self.tail))


def cut(xml: str) -> Cut | None:
    """A document that `tidy` has mended (so it has no comments, instructions or document type), or None when in doubt.

    Whether the entries are plain is another question: `is_plain`. It needs asking only once for each.
    """
    marks = _marks(xml) if len(xml) <= _LONGEST else None
    if not marks:
        return None
    starts = [start for start, _ in marks]
    ends = [*starts[1:], marks[-1][1]]  # an entry goes as far as the next one starts
    between = (xml[end:following] for (_, end), following in zip(marks, ends, strict=True))
    tail = xml[marks[-1][1] :]
    if any(gap.strip() for gap in between) or re.sub(r"</[^<>]*>", "", tail).strip():
        return None
    entries = tuple(xml[start:end] for start, end in zip(starts, ends, strict=True))
    return Cut(head=xml[: starts[0]], entries=entries, tail=tail)


def is_plain(entry: str) -> bool:
    """Whether nothing in the text of an entry can change how feedparser reads another."""
    # The entry itself comes second, its fields third, and what is inside these after that. That each end tag closes
    # the last that is open need not be looked at: the document is well-formed.
    position, open_tags = 0, [""]
    while tag := _TAG.search(entry, position):
        position = tag.end()
        if tag[2] is None:
            position = entry.find("]]>", position)
            if position < 0:
                return False
            continue
        if tag[1]:
            if len(open_tags) == 1:
                return False
            open_tags.pop()
            continue
        name = tag[2].rpartition(":")[2].lower()
        is_inside = len(open_tags) > 2 and open_tags[-1] not in _HOLDERS
        if is_inside or name in _REACHES_OUT or _OF_ITS_OWN.search(tag[3]):
            return False
        if not tag[3].endswith("/"):
            open_tags.append(name)
    return len(open_tags) == 1


def digest(*texts: str) -> bytes:
    """Sixteen bytes that stand for these texts."""
    state = blake2b(digest_size=16)
    for text in texts:
        raw = text.encode("utf-8", "surrogatepass")
        state.update(len(raw).to_bytes(8, "big"))
        state.update(raw)
    return state.digest()


def _marks(xml: str) -> list[tuple[int, int]] | None:
    """Where each entry starts and ends; None when they are nested, prefixed, of two sorts, or not closed."""
    marks: list[tuple[int, int]] = []
    names: set[str] = set()
    start, position = -1, 0
    while boundary := _BOUNDARY.search(xml, position):
        position = boundary.end()
        if boundary[0] == "<![CDATA[":
            position = xml.find("]]>", position)
            if position < 0:
                return None
            continue
        if boundary[2] is None or bool(boundary[1]) != (start >= 0):
            return None
        names.add(boundary[2])
        if start < 0:
            start = boundary.start()
        else:
            position = xml.find(">", position) + 1
            marks.append((start, position))
            start = -1
    return marks if start < 0 and len(names) <= 1 else None
