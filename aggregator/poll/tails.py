"""What a feed's entries end with again and again, taken off them (pure).

"The post X appeared first on Y.", "Read more", "Thanks for reading!": nobody wrote that for this entry. Only
repetition shows it, so nothing is taken off that was seen once; and a line with figures (a date, a fee) never is.

A tail is kept as the words of its line, with "*" where the entry's own title stands.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from operator import is_

from aggregator.model import Ending, ParsedEntry
from aggregator.sanitise import text_of

MOST_TAILS = 20
_MOST_LINES = 3
_MOST_WORDS = 60
_REACH = 8000
"""Characters of HTML in which a tail must begin."""

_WORD = re.compile(r"\w+")
_TAG = re.compile(r'<(/?)([a-z0-9]+)(?: [a-z]+="[^"]*")*>')  # as nh3 writes it
_MEDIA = re.compile(r'(?:<p><a href="([^"]*)">\1</a></p>)*$')  # what `parse` adds for an enclosure
_VOID = {"br", "hr", "img"}


def take_off(
    entries: Sequence[ParsedEntry], known: Sequence[str], earlier: Iterable[Ending] = ()
) -> tuple[tuple[ParsedEntry, ...], tuple[str, ...]]:
    """The entries of one document without their tails, and the tails known from now on, the oldest first.

    `earlier` are entries of the same feed that are not in this document, or are: each counts once.
    """
    tails = dict.fromkeys(known)
    before = tuple(earlier)
    for _ in range(_MOST_LINES):
        found = _repeated([*map(_ending, entries), *before], tails)
        tails |= dict.fromkeys(found)
        shorter = [_without_tail(entry, tails) for entry in entries]
        if not found and all(map(is_, shorter, entries)):
            break
        entries = shorter
    return tuple(entries), tuple(tails)[-MOST_TAILS:]


def unexplained(title: str, text: str, known: Sequence[str]) -> frozenset[str]:
    """What the last line of a text may be compared by, unless it is a known tail: then nothing."""
    spellings = frozenset(_spellings(title, text))
    return spellings if spellings.isdisjoint(known) else frozenset()


def _ending(entry: ParsedEntry) -> Ending:
    return Ending(key=entry.guid or entry.url or entry.title, title=entry.title, text=entry.text)


def _repeated(endings: Iterable[Ending], tails: Iterable[str]) -> list[str]:
    """Lines under half or more of the entries, two at least, that no known tail explains."""
    known = frozenset(tails)
    under: defaultdict[str, set[str]] = defaultdict(set)
    strange: set[str] = set()
    for ending in endings:
        spellings = set(_spellings(ending.title, ending.text))
        if known.isdisjoint(spellings):
            strange.add(ending.key)
            for spelling in spellings:
                under[spelling].add(ending.key)
    return [line for line, keys in under.items() if len(keys) >= 2 and 2 * len(keys) >= len(strange)]


def _without_tail(entry: ParsedEntry, tails: Iterable[str]) -> ParsedEntry:
    if not any(spelling in tails for spelling in _spellings(entry.title, entry.text)):
        return entry
    rest, _, line = entry.text.rpartition("\n")
    html = _without_last_line(entry.html, line)
    return entry if html is None else replace(entry, html=html, text=rest.rstrip())


def _spellings(title: str, text: str) -> Iterator[str]:
    """The last line in words, also with "*" for the title; none when it is all there is, is long, or has figures."""
    rest, _, line = text.rpartition("\n")
    if not rest.strip() or len(line) > _MOST_WORDS * 20:
        return
    words, named = _words(line), _words(title)
    if not 0 < len(words) <= _MOST_WORDS:
        return
    for start in range(len(words) - len(named) + 1) if named else ():
        if words[start : start + len(named)] == named:
            yield from _plain([*words[:start], "*", *words[start + len(named) :]])
    yield from _plain(words)


def _plain(words: Sequence[str]) -> Iterator[str]:
    line = " ".join(words)
    if line != "*" and not re.search(r"\d", line):
        yield line


def _words(line: str) -> list[str]:
    return _WORD.findall(line.casefold())


def _without_last_line(html: str, line: str) -> str | None:
    """HTML that `sanitise` made, without its last line of text; None when that cannot be told apart."""
    media = _MEDIA.search(html)
    body, kept = (html[: media.start()], media[0]) if media else (html, "")
    cut: int | None = None
    for tag in reversed(list(_TAG.finditer(body, max(0, len(body) - _REACH)))):
        for place in (tag.end(),) if tag[1] or tag[2] == "img" else (tag.end(), tag.start()):
            found = text_of(body[place:])
            if found == line:
                cut = place
            elif cut is not None or len(found) > len(line):
                return None if cut is None else body[:cut].rstrip() + _closing(body[cut:]) + kept
        if tag[2] == "img" and cut is not None:
            break
    return None if cut is None else body[:cut].rstrip() + _closing(body[cut:]) + kept


def _closing(html: str) -> str:
    """The end tags in `html` of elements that began before it."""
    depth, closers = 0, []
    for tag in _TAG.finditer(html):
        if tag[2] in _VOID:
            continue
        if not tag[1]:
            depth += 1
        elif depth:
            depth -= 1
        else:
            closers.append(tag[0])
    return "".join(closers)
