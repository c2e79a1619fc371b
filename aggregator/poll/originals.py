"""Where an entry says that its piece was first published, or is published too (pure).

"Originally published at ...", "A version of this post first appeared on ...", "Cross-posted from ...", and the address
that its author names as the canonical one. Both copies are then one piece in the inbox.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from html import unescape

from aggregator.canonical import canonical_url
from aggregator.model import ParsedEntry
from aggregator.poll.identity import names_a_piece
from aggregator.sanitise import absolute, text_of

_PIECE = r"(?:post|article|piece|blog|blogpost|story|essay|interview|text|talk|note|weeknotes?|newsletter|content)"
_STATEMENT = re.compile(
    r"\W*(?:(?:it|this|the|an?)\b\W+)?(?:(?:\w+\W+)?version\W+of\W+(?:the|this)\W+)?"
    rf"(?:(?:\w+\W+)?{_PIECE}\W+(?:post\W+)?(?:by\W+(?:\w+\W+){{1,4}})?)?"
    r"(?:(?:was|were|is|has\W+been)\W+)?(?:also\W+)?"
    r"(?:(?:originally|first|previously)\W+(?:published|posted|appeared|written|shared|printed)"
    r"|(?:published|posted|appeared)\W+(?:originally|first)"
    r"|(?:also\W+)(?:published|posted|appears|appeared)"
    r"|cross\W{0,2}posted|re-?(?:published|posted|blogged))\b",
    re.IGNORECASE,
)
_HINTS = ("publish", "posted", "appear", "blogged", "written", "shared", "printed")
_HINT = re.compile("|".join(_HINTS), re.IGNORECASE)
_BLOCK = re.compile(r"</?(?:p|div|li|[uo]l|h[1-6]|blockquote|fig[a-z]+|table|t[rd]|pre|d[dlt])(?: [^>]*)?>|<[bh]r>")
_LINK = re.compile(r'<a(?: [a-z]+="[^"]*")*? href="([^"]*)"')  # as nh3 writes it
_BARE = re.compile(r"https?://[^\s<>\"']+")
_CANONICAL = re.compile(
    r"""<(?:link|a)\b(?=[^<>]*\brel\s*=\s*["']?canonical\b)[^<>]*\bhref\s*=\s*["']?([^\s"'<>]+)""", re.IGNORECASE
)
_NEAR = 4
"""Blocks from each end of a text in which such a statement stands; those between speak of other pieces."""
_LONGEST = 400


def original_of(*, given: str, html: str, title: str, url: str | None, links: Iterable[str] = ()) -> str | None:
    """The other address of the piece at `url`: where it was first published, or is published too.

    `given` is the entry's HTML as it came, `html` what `sanitise.clean` left of it, `links` what the feed itself calls
    canonical. None when nothing names a page of its own, as a site's front page does not.
    """
    own = canonical_url(url) if url else None
    canonical = (*links, *(_CANONICAL.findall(given) if "canonical" in given else ()))
    named = (absolute(unescape(each), url or "") for each in canonical)
    for address in (*named, *_stated(html, title)):
        if address and names_a_piece(address) and canonical_url(address) != own:
            return address
    return None


def named_once(entries: Sequence[ParsedEntry]) -> tuple[ParsedEntry, ...]:
    """The entries of one document, without an original that several of them name: that is a section, not a piece."""
    times = Counter(canonical_url(entry.original_url) for entry in entries if entry.original_url)
    return tuple(
        replace(entry, original_url=None)
        if entry.original_url and times[canonical_url(entry.original_url)] > 1
        else entry
        for entry in entries
    )


def _stated(html: str, title: str) -> Iterator[str]:
    """The addresses in each statement, those behind its verb before those in front of it."""
    ends = (html if len(html) <= 8000 else html[:4000] + html[-4000:]).lower()
    if not any(hint in ends for hint in _HINTS):
        return
    blocks = [block for block in _BLOCK.split(html) if block.strip()]
    near = blocks if len(blocks) <= 2 * _NEAR else blocks[:_NEAR] + blocks[-_NEAR:]
    for block in near:
        words = text_of(block[: 10 * _LONGEST])
        # "<a>The title</a> was originally published in ..." is a statement as well.
        statement = _STATEMENT.match(words.replace(title, "", 1) if title else words)
        if statement is None or len(words) > _LONGEST:
            continue
        verb = _HINT.search(block)
        here = verb.start() if verb else 0
        links = *_LINK.findall(block, here), *_LINK.findall(block, 0, here)
        bare = [each.rstrip(".,;:)") for each in _BARE.findall(words)]
        yield from (safe for each in (*map(unescape, links), *bare) if (safe := absolute(each, "")))
