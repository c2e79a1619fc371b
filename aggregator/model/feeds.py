"""What feeds.opml lists, and what is followed of it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class FeedStatus(StrEnum):
    """Whether a feed is polled."""

    ACTIVE = "active"
    PAUSED = "paused"  # no longer in feeds.opml, or paused by hand; entries and picks stay
    GONE = "gone"  # answered 410 twice, a day apart


class FeedState(StrEnum):
    """How a feed is doing, in a word; what needs a maintainer comes first."""

    FAILING = "failing"
    GONE = "gone"
    MOVED = "moved"
    QUIET = "quiet"
    NEW = "not polled yet"
    WELL = "well"
    PAUSED = "paused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """One outline of an OPML file: a blog, with or without a feed."""

    title: str
    xml_url: str | None
    html_url: str | None
    kind: str  # the top-level outline that it stands in: "Councils", "Leaders", ...; "" for none
    region: str = ""
    confidence: str = ""  # how sure we are of the feed's address, in the words of feeds.opml
    line: int = 0  # where it stands in the file, counted from 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Living:
    """What the living list tells of a followed feed."""

    title: str
    xml_url: str
    html_url: str | None
    kind: str
    region: str
    status: FeedStatus
    succeeded_at: datetime | None
    last_post_at: datetime | None  # by its own account; when we found it, where it dates nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A followed feed and how it is doing."""

    id: int
    xml_url: str
    html_url: str | None
    title: str
    kind: str
    region: str
    confidence: str
    status: FeedStatus
    followed_at: datetime
    next_poll_at: datetime
    next_poll_reason: str  # in words, for maintainers: "posts about every two days"
    polled_at: datetime | None  # the last attempt
    succeeded_at: datetime | None  # the last attempt that was answered well (304 included)
    newest_entry_at: datetime | None  # when its last new entry was first seen
    failures: int  # in a row
    failure_reason: str | None  # a FailureReason, of the last attempt if it failed
    failure_message: str | None  # the same in plain English, with what to do
    moved_to: str | None  # a permanent redirect that the feed's server keeps answering
    moved_since: datetime | None
