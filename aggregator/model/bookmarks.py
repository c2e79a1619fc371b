"""What curators found interesting."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from aggregator.model.entries import Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Bookmark:
    """A page that a curator found interesting; keeps its own copy of what the entry said."""

    id: int
    url: str
    title: str
    author: str | None
    organisation: str | None  # who the author writes for: the title of the feed, when it came from one
    note: str  # Markdown
    kind: Kind
    language: str | None
    published_at: datetime | None
    entry_id: int | None
    feed_id: int | None
    added_at: datetime
    friday: date  # whose shortlist it is on
    dropped_at: datetime | None
    picked_in: str | None  # slug of the digest that holds it, when one does; a Friday's rather than another
    source_changed: bool  # the entry's title or text changed since it was bookmarked
    added_by: int | None = None  # the curator; None for the command line
    is_public: bool = True  # whether readers see it among the bookmarks
    revision: int = 1  # goes up with every change that a curator makes of its words
    visit_at: datetime | None = None  # when its page is to be read, for what it says of itself


class Shelf(StrEnum):
    """Which bookmarks a list is to have."""

    ALL = "all"  # but those that were dropped
    PUBLIC = "public"
    PRIVATE = "private"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True, kw_only=True)
class UsedBefore:
    """A pick of a published digest: what was used of a source before."""

    slug: str  # of the digest
    friday: date
    title: str  # of the pick
    organisation: str | None
    feed_id: int | None
