"""What the inbox shows, and what sort of thing a page is."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


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
    kind: Kind = Kind.ARTICLE  # as far as what its feed encloses can tell
