"""What the inbox shows, and what sort of thing a page is."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

HIT, HIT_END = "\x02", "\x03"
"""Around each word that a search found. No text of ours holds these characters."""


class Kind(StrEnum):
    """What sort of thing a page is."""

    ARTICLE = "article"
    JOB = "job"
    VIDEO = "video"
    SLIDES = "slides"
    PODCAST = "podcast"
    EVENT = "event"
    TOOL = "tool"
    PDF = "pdf"

    @property
    def label(self) -> str:
        """The word as a reader sees it at the start of a line."""
        return "PDF" if self is Kind.PDF else self.capitalize()


class Verdict(StrEnum):
    """What a curator made of a piece."""

    UNJUDGED = "unjudged"
    SHORTLISTED = "shortlisted"
    DISMISSED = "dismissed"  # from the inbox, or dropped from the shortlist


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """A verdict, whose it was, and when; with the bookmark that came of it."""

    verdict: Verdict
    by: int | None  # the curator; None for the command line
    at: datetime
    bookmark_id: int | None = None
    note: str = ""
    revision: int = 0  # of the bookmark; 0 when there is none


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """Which pieces a list of the inbox is to have; what is empty or None asks for nothing."""

    verdict: Verdict | None = Verdict.UNJUDGED  # None is for any, which only a search can be asked
    words: str = ""  # every one of them occurs; the last may be the start of one
    since: datetime | None = None  # first seen then or later
    feed_id: int | None = None
    source: str = ""  # part of a feed's title
    group: str = ""  # of feeds: councils, leaders, ...
    region: str = ""
    kind: Kind | None = None
    newer_than: int = 0  # than this entry


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxEntry:
    """One line of the inbox: a piece, once, however many feeds carry it."""

    id: int
    title: str
    url: str | None
    feed_id: int
    feed_title: str
    feed_kind: str
    author: str | None
    published_at: datetime | None
    first_seen_at: datetime
    excerpt: str  # the start of its text, at most 280 characters
    also_in: tuple[str, ...]  # titles of the other feeds that carry the same piece
    kind: Kind = Kind.ARTICLE
    language: str | None = None
    minutes: int = 1  # that reading it takes
    judgement: Judgement | None = None
    hits: tuple[str, str] | None = None  # title and excerpt with each word that was found between HIT and HIT_END


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxPage:
    """Some lines of the inbox, and where those after them begin."""

    lines: tuple[InboxEntry, ...]
    after: tuple[datetime, int] | None  # None when there are no more


@dataclass(frozen=True, slots=True, kw_only=True)
class Facets:
    """What the lists of the inbox can be narrowed down by."""

    groups: tuple[str, ...]  # of feeds: councils, leaders, ...
    regions: tuple[str, ...]
    titles: tuple[str, ...]  # of all feeds; none when there are too many to choose from


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing in a feed, whole."""

    id: int
    feed_id: int
    feed_title: str
    feed_kind: str
    feed_html_url: str | None
    guid: str | None
    url: str | None
    title: str
    author: str | None
    published_at: datetime | None
    updated_at: datetime | None
    first_seen_at: datetime
    language: str | None
    html: str
    text: str
    content_hash: str
    also_in: tuple[str, ...]
    dismissed_at: datetime | None
    kind: Kind = Kind.ARTICLE  # as far as what its feed encloses, and its address, can tell
