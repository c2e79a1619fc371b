"""The formats beside the Friday's edition: their titles, and the words in their addresses (pure)."""

import re
import unicodedata

from aggregator.model import DigestFormat

LONGEST_SLUG = 60
LONGEST_QUOTE = 600

_NUMBERS = (
    *("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty"),
)
# Up to two digits: a list may have 25 things in it; "2026 in review" counts nothing.
_COUNT = re.compile(rf"\b(?:\d{{1,2}}|{'|'.join(_NUMBERS)})\b(?![.,:/%]\d)", re.IGNORECASE)
_SENTENCE_END = re.compile(r"[.!?…][”’\"')]*\s")


def counted_title(title: str, count: int) -> str:
    """`title` with the number that it starts with, if it does, made `count`; as it is while there is nothing to count.

    A number in words stays in words, up to twenty.
    """
    found = _COUNT.match(title)
    if not found or not count:
        return title
    return f"{_like(found.group(), count)}{title[found.end() :]}"


def counts_in(title: str) -> tuple[int, ...]:
    """The numbers in a title that may be a count."""
    found = (match.group().lower() for match in _COUNT.finditer(title))
    return tuple(int(one) if one.isdecimal() else _NUMBERS.index(one) + 1 for one in found)


def link_title(title: str) -> str:
    """The title of the link post about a page with this title."""
    return f'LINK: "{title}"'


def slug_for(title: str, form: DigestFormat) -> str:
    """The words of a title as they stand in an address: "videos-to-help-leaders".

    A number at the start is left out: it follows the count, and an address stays. What a date or a number of an
    edition might look like is led by the format's name, so that no selector can mean two digests.
    """
    without = _COUNT.sub("", title, count=1) if _COUNT.match(title) else title
    plain = unicodedata.normalize("NFKD", without.replace("’", "").replace("'", ""))
    words = re.findall("[a-z0-9]+", plain.encode("ascii", "ignore").decode().lower())
    slug = ""
    for word in words:
        if len(slug) + 1 + len(word) > LONGEST_SLUG:
            break
        slug = f"{slug}-{word}" if slug else word
    slug = slug or (words[0][:LONGEST_SLUG] if words else "")
    return slug if re.search("[a-z]", slug) else f"{form}-{slug}".rstrip("-")


def first_paragraph(text: str) -> str:
    """What a link post may quote of a text, as a start: its first real paragraph, cut at the end of a sentence."""
    for line in text.split("\n"):
        words = " ".join(line.split())
        if len(words.split()) < 8:  # a heading, a date, a greeting
            continue
        if len(words) <= LONGEST_QUOTE:
            return words
        ends = [match.end() for match in _SENTENCE_END.finditer(words[:LONGEST_QUOTE])]
        return words[: ends[-1]].strip() if ends else ""
    return ""


def _like(given: str, count: int) -> str:
    """`count`, written as the number that stood there."""
    if given.isdecimal() or count > len(_NUMBERS):
        return str(count)
    word = _NUMBERS[count - 1]
    return word.capitalize() if given[0].isupper() else word
