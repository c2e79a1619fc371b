"""The head of a web page to values: what it is called, who wrote it and when, and which feeds it names (pure).

A tokenizer of its own, which looks at each character a bounded number of times: `html.parser` takes minutes over some
shapes (CVE-2025-6069), and a sanitiser would build a tree of a page of which only a few elements matter.
"""

import html as entities
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from aggregator.charset import decode
from aggregator.languages import language_tag
from aggregator.metadata import MAX_AUTHOR, iso_date, names
from aggregator.sanitise import absolute, line

MAX_HEAD = 256 * 1024
"""Characters of a page that are looked at."""
MAX_FEEDS = 20
_MAX_ELEMENTS = 2000
_MAX_ATTRIBUTES = 50
_MAX_JSON = 64 * 1024
_MAX_TYPES = 20

FEED_TYPES = frozenset(
    {
        "application/rss+xml",
        "application/atom+xml",
        "application/rdf+xml",
        "application/feed+json",
        "application/json",
        "application/xml",
        "text/xml",
    }
)
# application/json is also what WordPress calls its own interface, which is no feed.
_NO_FEED = re.compile(r"/wp-json/|[?&]rest_route=|/oembed\b", re.IGNORECASE)

_INTERESTING = re.compile(
    r"<!--|<(?:(script|style|noscript|template|svg|textarea)|(html|base|title|meta|link)|(/head|body))(?=[\s/>])",
    re.IGNORECASE,
)
_ATTRIBUTE = re.compile(r"""[\s/]*+([^\s/>=]++)(?:\s*+=\s*+(?:"([^"]*+)"|'([^']*+)'|([^\s>]*+)))?+""")
_TAG_END = re.compile(r"[^>]*+>")

_Attributes = dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedLink:
    """A feed that a page names."""

    url: str
    title: str  # "" when the page gives none
    type: str  # the media type, as the page gives it


@dataclass(frozen=True, slots=True, kw_only=True)
class PageHead:
    """What a page says about itself. Addresses are absolute, and http(s)."""

    title: str  # "" when it has none
    author: str | None
    site: str | None
    published_at: datetime | None
    language: str | None
    canonical_url: str | None
    feeds: tuple[FeedLink, ...]  # in the page's order, each once
    types: tuple[str, ...] = ()  # what it says that it is: og:type, and the @type of each schema.org block, lower case


def head(html: bytes, content_type: str, url: str) -> PageHead:
    """The head of the page in `html`, which came from `url`; whatever it is, nothing is raised."""
    text = decode(html, content_type)[:MAX_HEAD]
    said = _Said()
    for name, given, content in _elements(text):
        said.hear(name, given, content)
    base = absolute(said.base, url) or url
    meta = said.meta
    return PageHead(
        title=_first(meta, "og:title", "twitter:title") or line(said.title),
        author=_author(meta),
        site=_first(meta, "og:site_name", "application-name") or None,
        published_at=_published(meta),
        language=language_tag(said.language) or language_tag(meta.get("og:locale")),
        canonical_url=next((found for found in (absolute(each, base) for each in said.canonical) if found), None),
        feeds=_feeds(said.alternates, base),
        types=tuple(dict.fromkeys(kind for kind in (_first(meta, "og:type").lower(), *said.types) if kind)),
    )


class _Said:
    """What the elements of a head have said so far; the first word on anything stands."""

    def __init__(self) -> None:
        self.title = self.base = self.language = ""
        self.meta: dict[str, str] = {}
        self.canonical: list[str] = []
        self.types: list[str] = []
        self.alternates: list[_Attributes] = []

    def hear(self, name: str, given: _Attributes, content: str) -> None:
        """Take in one element."""
        if name == "html":
            self.language = self.language or given.get("lang", "")
        elif name == "base":
            self.base = self.base or given.get("href", "")
        elif name == "title":
            self.title = self.title or content
        elif name == "script":
            if given.get("type", "").strip().lower() == "application/ld+json" and len(self.types) < _MAX_TYPES:
                self.types += _types(content)
        elif name == "meta":
            key = given.get("property") or given.get("name") or given.get("itemprop") or ""
            if key and given.get("content", "").strip():
                self.meta.setdefault(key.strip().lower(), given["content"])
        else:
            relations = given.get("rel", "").lower().split()
            if "canonical" in relations:
                self.canonical.append(given.get("href", ""))
            if "alternate" in relations and len(self.alternates) < 10 * MAX_FEEDS:
                self.alternates.append(given)


def _elements(text: str) -> Iterator[tuple[str, _Attributes, str]]:
    """The elements that matter up to the body, each with its attributes; a title or script with its content."""
    lower = text.lower() if text.isascii() else _ascii_lower(text)
    position = 0
    for _ in range(_MAX_ELEMENTS):
        found = _INTERESTING.search(text, position)
        if found is None or found[3]:
            return
        if found[1]:
            start, position = found.end(), _after(lower, f"</{found[1].lower()}", found.end())
            if found[1].lower() == "script":
                given, start = _attributes(text, start)
                yield "script", given, text[start:position].rpartition("</")[0]
        elif not found[2]:
            position = _after(lower, "-->", found.end())
        else:
            name = found[2].lower()
            given, position = _attributes(text, found.end())
            content = ""
            if name == "title":
                end = lower.find("</title", position)
                content = entities.unescape(text[position : end if end >= 0 else position])
            yield name, given, content


def _ascii_lower(text: str) -> str:
    """In lower case with every character in its place: `str.lower` makes two of some."""
    return text.translate({upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)})


def _after(text: str, end: str, position: int) -> int:
    found = text.find(end, position)
    return found + len(end) if found >= 0 else len(text)


def _attributes(text: str, position: int) -> tuple[_Attributes, int]:
    given: _Attributes = {}
    for _ in range(_MAX_ATTRIBUTES):
        found = _ATTRIBUTE.match(text, position)
        if found is None:
            break
        value = next((each for each in found.groups()[1:] if each is not None), "")
        given.setdefault(found[1].lower(), entities.unescape(value[:4096]))
        position = found.end()
    end = _TAG_END.match(text, position)
    return given, end.end() if end else len(text)


def _types(content: str) -> list[str]:
    """What a block of JSON-LD says that the page is: only its outermost things, for an article may hold a video."""
    try:
        said = json.loads(content) if len(content) <= _MAX_JSON else None
    except (ValueError, RecursionError):
        return []
    things = said if isinstance(said, list) else [said]
    kinds = [thing.get("@type") for thing in things[:_MAX_TYPES] if isinstance(thing, dict)]
    names = [name for kind in kinds for name in (kind if isinstance(kind, list) else [kind])]
    return [name.lower() for name in names[:_MAX_TYPES] if isinstance(name, str) and name.isalpha() and len(name) < 50]


def _first(meta: dict[str, str], *keys: str) -> str:
    return next((line(meta[key]) for key in keys if key in meta), "")


def _author(meta: dict[str, str]) -> str | None:
    """A name; the Open Graph property is often an address of a profile, which is no name."""
    given = (
        meta.get(key, "") for key in ("author", "article:author", "dc.creator", "dcterms.creator", "twitter:creator")
    )
    return names([next((each[: 2 * MAX_AUTHOR] for each in given if each.strip() and "://" not in each), "")])


def _published(meta: dict[str, str]) -> datetime | None:
    keys = ("article:published_time", "datepublished", "date", "dc.date", "dcterms.created", "dcterms.issued")
    dates = (iso_date(meta[key]) for key in keys if key in meta)
    return next((found for found in dates if found), None)


def _feeds(alternates: list[_Attributes], base: str) -> tuple[FeedLink, ...]:
    feeds: dict[str, FeedLink] = {}
    for given in alternates:
        kind = given.get("type", "").partition(";")[0].strip().lower()
        address = absolute(given.get("href", ""), base)
        if address and kind in FEED_TYPES and not _NO_FEED.search(address):
            feeds.setdefault(address, FeedLink(url=address, title=line(given.get("title", "")), type=kind))
    return tuple(feeds.values())[:MAX_FEEDS]
