"""The tables, typed. Above each index stands the query that it serves.

The migrations make this schema step by step, and the search index (FTS5) on top of it; a test holds the two equal. The
index takes its content from the view entry_documents, so that no text is stored twice; store/search.py takes an entry
out before a change and puts it back after, in the same transaction. Instants are stored in UTC and come back
aware; a naive one is refused, because it would be read as UTC whatever the writer meant.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import (
    Column,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Named,
    Table,
    Text,
    TypedColumns,
    TypeDecorator,
    UniqueConstraint,
    text,
)


class Instant(TypeDecorator[datetime]):
    """An aware datetime, stored as UTC."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To the database: UTC without offset."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a naive datetime: {value!r}")
        return value.astimezone(UTC).replace(tzinfo=None)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], datetime | None]:
        """From the database: aware, in UTC. At once, because pages read thousands of them."""
        return _instant


def _instant(stored: str | None) -> datetime | None:
    return None if stored is None else datetime.fromisoformat(f"{stored}+00:00")


REVISION = "0005"
"""The newest of the migrations: what a file must be at for this code."""

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class FeedColumns(TypedColumns):
    """A followed feed; `xml_url` is its identity, as feeds.opml gives it."""

    id: Named[int] = Column(Integer, primary_key=True)
    xml_url: Named[str] = Column(Text, unique=True)
    html_url: Named[str | None] = Column(Text)
    title: Named[str] = Column(Text)
    kind: Named[str] = Column(Text)
    region: Named[str] = Column(Text)
    confidence: Named[str] = Column(Text)
    status: Named[str] = Column(Text)
    identity: Named[str] = Column(Text)
    followed_at: Named[datetime] = Column(Instant)
    next_poll_at: Named[datetime] = Column(Instant)
    next_poll_reason: Named[str] = Column(Text)
    polled_at: Named[datetime | None] = Column(Instant)
    succeeded_at: Named[datetime | None] = Column(Instant)
    newest_entry_at: Named[datetime | None] = Column(Instant)
    failures: Named[int] = Column(Integer)
    failure_reason: Named[str | None] = Column(Text)
    failure_message: Named[str | None] = Column(Text)
    etag: Named[str | None] = Column(Text)
    last_modified: Named[str | None] = Column(Text)
    body_hash: Named[str | None] = Column(Text)
    moved_to: Named[str | None] = Column(Text)
    moved_since: Named[datetime | None] = Column(Instant)
    gone_since: Named[datetime | None] = Column(Instant)
    ttl_seconds: Named[int | None] = Column(Integer)  # what the document asks for, which a 304 does not repeat
    skip_hours: Named[str | None] = Column(Text)  # numbers with commas between
    skip_days: Named[str | None] = Column(Text)  # likewise; 0 is Monday
    tails: Named[str | None] = Column(Text)  # what its entries end with again and again, a line each
    hub_url: Named[str | None] = Column(Text)  # the WebSub hub that the document names
    topic_url: Named[str | None] = Column(Text)  # the address that its hub knows it by (rel=self)


feeds = Table("feeds", metadata, FeedColumns)

# polls.due: the active feeds whose time has come, the longest overdue first
Index("ix_feeds_status_next_poll_at", feeds.c.status, feeds.c.next_poll_at)


class HostPauseColumns(TypedColumns):
    """A host that asked to be left alone, as `host:port`."""

    host: Named[str] = Column(Text, primary_key=True)
    until: Named[datetime] = Column(Instant)


host_pauses = Table("host_pauses", metadata, HostPauseColumns)


class OfferedFeedColumns(TypedColumns):
    """A feed found on the page that stands where a feed was."""

    feed_id: Named[int] = Column(ForeignKey("feeds.id"), primary_key=True)
    position: Named[int] = Column(Integer, primary_key=True)  # from 1, in the order of the page
    url: Named[str] = Column(Text)
    title: Named[str] = Column(Text)
    found_at: Named[datetime] = Column(Instant)


offered_feeds = Table("offered_feeds", metadata, OfferedFeedColumns)


class HubSubscriptionColumns(TypedColumns):
    """What we asked a WebSub hub for, for one feed."""

    feed_id: Named[int] = Column(ForeignKey("feeds.id"), primary_key=True)
    hub_url: Named[str] = Column(Text)
    topic_url: Named[str] = Column(Text)
    token: Named[str] = Column(Text, unique=True)  # the end of the callback's address, which nobody can guess
    secret: Named[str] = Column(Text)  # with which the hub signs what it sends
    status: Named[str] = Column(Text)
    asked_at: Named[datetime] = Column(Instant)
    ends_at: Named[datetime | None] = Column(Instant)  # of the lease
    next_ask_at: Named[datetime] = Column(Instant)
    tries: Named[int] = Column(Integer)  # without an answer, in a row
    pushed_at: Named[datetime | None] = Column(Instant)
    message: Named[str] = Column(Text)  # what is the matter, in plain English; "" when nothing is


hub_subscriptions = Table("hub_subscriptions", metadata, HubSubscriptionColumns)


class FeedDocumentColumns(TypedColumns):
    """What a feed's last document was made of, apart: only a poll that brings a new document reads it."""

    feed_id: Named[int] = Column(ForeignKey("feeds.id"), primary_key=True)
    outline: Named[bytes] = Column(LargeBinary)  # a poll.cut.Outline, packed


feed_documents = Table("feed_documents", metadata, FeedDocumentColumns)


class EntryColumns(TypedColumns):
    """One thing in a feed, narrow: its texts are in entry_bodies."""

    id: Named[int] = Column(Integer, primary_key=True)
    feed_id: Named[int] = Column(ForeignKey("feeds.id"))
    identity: Named[str] = Column(Text)  # what makes it the same entry at the next poll
    guid: Named[str | None] = Column(Text)
    url: Named[str | None] = Column(Text)
    canonical_url: Named[str | None] = Column(Text)  # `url`, as addresses are compared
    original_url: Named[str | None] = Column(Text)  # likewise, where it says that it was first published
    kind: Named[str] = Column(Text, server_default="article")
    title: Named[str] = Column(Text)
    author: Named[str | None] = Column(Text)
    published_at: Named[datetime | None] = Column(Instant)
    updated_at: Named[datetime | None] = Column(Instant)
    first_seen_at: Named[datetime] = Column(Instant)
    language: Named[str | None] = Column(Text)
    content_hash: Named[str] = Column(Text)  # of title, address and text: does an update follow?
    text_key: Named[str | None] = Column(Text)  # of title and text alone: the same piece elsewhere
    piece_id: Named[int | None] = Column(ForeignKey("entries.id"))  # the first entry that carries this piece
    filed: Named[bool] = Column()  # came with an archive or a site move: never shown as new
    updates: Named[int] = Column(Integer)  # how often it was followed
    dismissed_at: Named[datetime | None] = Column(Instant)
    dismissed_by: Named[int | None] = Column(Integer, ForeignKey("curators.id"))


entries = Table(
    "entries",
    metadata,
    EntryColumns,
    # entries.known: what of this document do we have?
    UniqueConstraint("feed_id", "identity"),
)

# inbox.page: the newest pieces that nobody has judged, by keyset
Index(
    "ix_entries_inbox",
    entries.c.first_seen_at,
    entries.c.id,
    sqlite_where=text("piece_id IS NULL AND NOT filed AND dismissed_at IS NULL"),
)
# inbox.page, looking back: the newest pieces that were dismissed, by keyset
_DISMISSED = text("piece_id IS NULL AND dismissed_at IS NOT NULL")
Index("ix_entries_dismissed", entries.c.first_seen_at, entries.c.id, sqlite_where=_DISMISSED)
# inbox.last_dismissed: what did this curator dismiss last?
_JUDGED_BY_SOMEBODY = text("dismissed_by IS NOT NULL")
Index("ix_entries_dismissed_by", entries.c.dismissed_by, entries.c.dismissed_at, sqlite_where=_JUDGED_BY_SOMEBODY)
# entries.piece_of: is this address already here, in any feed?
Index("ix_entries_canonical_url", entries.c.canonical_url)
# entries.piece_of: is there a copy that names this address as its original?
Index("ix_entries_original_url", entries.c.original_url, sqlite_where=text("original_url IS NOT NULL"))
# entries.piece_of: is this text already here, in any feed?
Index("ix_entries_text_key", entries.c.text_key)
# inbox.page: which other feeds carry this piece? (Partial: a whole one drew SQLite to it for `piece_id IS NULL`, to
# read and sort every piece there is: 200 ms with 100,000 entries, where ix_entries_inbox takes under 1.)
Index("ix_entries_piece_id", entries.c.piece_id, sqlite_where=text("piece_id IS NOT NULL"))
# entries.posting_days: when did this feed post lately?
Index("ix_entries_feed_id_first_seen_at", entries.c.feed_id, entries.c.first_seen_at)
# feeds.living: when did each blog last post, by its own account?
Index("ix_entries_feed_id_published_at", entries.c.feed_id, entries.c.published_at)


class EntryBodyColumns(TypedColumns):
    """The texts of an entry, apart, so that lists stay narrow."""

    entry_id: Named[int] = Column(ForeignKey("entries.id"), primary_key=True)
    html: Named[str] = Column(Text)
    text: Named[str] = Column(Text)


entry_bodies = Table("entry_bodies", metadata, EntryBodyColumns)


class BookmarkColumns(TypedColumns):
    """A page that a curator found interesting, with its own copy of what the entry said."""

    id: Named[int] = Column(Integer, primary_key=True)
    url: Named[str] = Column(Text)
    canonical_url: Named[str] = Column(Text, unique=True)
    title: Named[str] = Column(Text)
    author: Named[str | None] = Column(Text)
    organisation: Named[str | None] = Column(Text)
    note: Named[str] = Column(Text)
    kind: Named[str] = Column(Text)
    language: Named[str | None] = Column(Text)
    published_at: Named[datetime | None] = Column(Instant)
    entry_id: Named[int | None] = Column(ForeignKey("entries.id"))
    entry_hash: Named[str | None] = Column(Text)  # the entry's content_hash when it was bookmarked
    added_at: Named[datetime] = Column(Instant)
    friday: Named[date] = Column()
    dropped_at: Named[datetime | None] = Column(Instant)
    added_by: Named[int | None] = Column(Integer, ForeignKey("curators.id"))
    is_public: Named[bool] = Column(server_default=text("1"))
    revision: Named[int] = Column(Integer, server_default=text("1"))  # goes up with every change of the note
    visit_at: Named[datetime | None] = Column(Instant)  # when its page is to be read, for what it says of itself


bookmarks = Table("bookmarks", metadata, BookmarkColumns)

# bookmarks.shortlist: one Friday's bookmarks, oldest first
Index("ix_bookmarks_friday_added_at", bookmarks.c.friday, bookmarks.c.added_at)
# bookmarks.all_public: everything found interesting, newest first, by keyset
Index("ix_bookmarks_added_at", bookmarks.c.added_at)
# bookmarks.to_visit: the pages to read now
Index("ix_bookmarks_visit_at", bookmarks.c.visit_at, sqlite_where=text("visit_at IS NOT NULL"))
# inbox.page: an entry that is bookmarked has been judged
Index("ix_bookmarks_entry_id", bookmarks.c.entry_id)


class DigestColumns(TypedColumns):
    """One Friday's edition."""

    id: Named[int] = Column(Integer, primary_key=True)
    slug: Named[str] = Column(Text, unique=True)  # how commands and addresses name it
    friday: Named[date] = Column()  # of a themed list or a link post, the day that it was begun
    number: Named[int | None] = Column(Integer, unique=True)
    title: Named[str] = Column(Text)
    intro: Named[str] = Column(Text)
    outro: Named[str] = Column(Text)
    status: Named[str] = Column(Text)
    revision: Named[int] = Column(Integer)
    created_at: Named[datetime] = Column(Instant)
    published_at: Named[datetime | None] = Column(Instant)
    approved_at: Named[datetime | None] = Column(Instant)
    approved_by: Named[int | None] = Column(Integer, ForeignKey("curators.id"))
    publish_at: Named[datetime | None] = Column(Instant)  # when it is scheduled to come out
    format: Named[str] = Column(Text, server_default="friday")
    changed_by: Named[int | None] = Column(Integer, ForeignKey("curators.id"))  # who wrote last


digests = Table("digests", metadata, DigestColumns)

# digests.by_friday: the edition of that day, of which there is one
Index("ix_digests_friday", digests.c.friday, unique=True, sqlite_where=text("format = 'friday'"))


class PickColumns(TypedColumns):
    """A bookmark placed in a digest."""

    digest_id: Named[int] = Column(ForeignKey("digests.id"), primary_key=True)
    bookmark_id: Named[int] = Column(ForeignKey("bookmarks.id"), primary_key=True)
    position: Named[int] = Column(Integer)
    url: Named[str] = Column(Text)
    title: Named[str] = Column(Text)
    style: Named[str] = Column(Text)
    commentary: Named[str] = Column(Text)
    author: Named[str | None] = Column(Text)
    organisation: Named[str | None] = Column(Text)
    published_on: Named[date | None] = Column()
    quote: Named[str] = Column(Text)
    via_name: Named[str | None] = Column(Text)
    via_url: Named[str | None] = Column(Text)
    kind: Named[str] = Column(Text)
    employer: Named[str | None] = Column(Text)
    closes_on: Named[date | None] = Column()
    language: Named[str | None] = Column(Text)
    access: Named[str] = Column(Text)
    embed_url: Named[str | None] = Column(Text)


picks = Table("picks", metadata, PickColumns)

# bookmarks: which digest, if any, holds this bookmark?
Index("ix_picks_bookmark_id", picks.c.bookmark_id)


class RenderingColumns(TypedColumns):
    """A published digest, frozen in one form."""

    digest_id: Named[int] = Column(ForeignKey("digests.id"), primary_key=True)
    form: Named[str] = Column(Text, primary_key=True)
    body: Named[str] = Column(Text)


renderings = Table("renderings", metadata, RenderingColumns)


class CorrectionColumns(TypedColumns):
    """A change of a published digest, with the note that readers see."""

    id: Named[int] = Column(Integer, primary_key=True)
    digest_id: Named[int] = Column(ForeignKey("digests.id"))
    at: Named[datetime] = Column(Instant)
    note: Named[str] = Column(Text)
    by: Named[int | None] = Column(Integer, ForeignKey("curators.id"))
    before: Named[str] = Column(Text)  # the frozen model as it was (Form.JSON)


corrections = Table("corrections", metadata, CorrectionColumns)

# digests.corrections_of: what was put right, in order
Index("ix_corrections_digest_id", corrections.c.digest_id)
