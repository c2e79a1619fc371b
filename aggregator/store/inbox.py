"""Entries as a curator meets them: the week's inbox, the archive by words, one entry whole.

A piece that several feeds carry is one line: its first entry (`piece_id` is null) leads, the others are its twins.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import (
    Integer,
    Row,
    Select,
    column,
    exists,
    func,
    literal,
    or_,
    select,
    text,
    tuple_,
    type_coerce,
    update,
)

from aggregator.model import Entry, InboxEntry, Kind
from aggregator.store.database import Tx
from aggregator.store.schema import Instant, bookmarks, entries, entry_bodies, feeds

Cursor = tuple[datetime, int]
"""Where a page of a list ended: the instant and the id of its last line."""

LARGEST_ID = 2**63 - 1
"""The largest that SQLite can be asked for; beyond it there is nothing."""

EXCERPT = 280
"""Characters of an entry's text in a list, at most."""

_NEWEST_FIRST = (entries.c.first_seen_at.desc(), entries.c.id.desc())
_LEADER = type_coerce(func.coalesce(entries.c.piece_id, entries.c.id), Integer)

# Word for word the condition of ix_entries_inbox: SQLite uses a partial index only when it sees that the query asks for
# no more (https://sqlite.org/partialindex.html, section 3), and to it "filed = 0" is another condition.
_UNJUDGED = text("entries.piece_id IS NULL AND NOT entries.filed AND entries.dismissed_at IS NULL")


def page(tx: Tx, *, since: datetime, limit: int, after: Cursor | None = None) -> tuple[InboxEntry, ...]:
    """The newest pieces, first seen at `since` or later, that nobody has judged; those older than `after`."""
    return _as_page(tx, _waiting(since), limit, after)


def count(tx: Tx, *, since: datetime, most: int) -> int:
    """How many pieces `page` has in all; counting stops at `most`."""
    return int(tx.scalar(select(func.count()).select_from(_waiting(since).limit(most).subquery())) or 0)


def _waiting(since: datetime) -> "Select[int]":
    bookmarked = exists().where(bookmarks.c.entry_id == entries.c.id)
    # A curator may have found the page before its feed brought it. (The bookmark of another entry says nothing of this
    # one: link posts and changelogs put many entries under one address.)
    found_before = exists().where(bookmarks.c.canonical_url == entries.c.canonical_url, bookmarks.c.entry_id.is_(None))
    return select(entries.c.id).where(_UNJUDGED, entries.c.first_seen_at >= since, ~bookmarked, ~found_before)


def matching(
    tx: Tx, query: str, *, since: datetime | None = None, limit: int, after: Cursor | None = None
) -> tuple[InboxEntry, ...]:
    """The newest pieces that `query` (of search.query_for) finds, judged or not; of any age when `since` is None."""
    hits = text("SELECT rowid FROM entry_search WHERE entry_search MATCH :query").bindparams(query=query)
    hit = entries.alias("hit")
    leaders = select(func.coalesce(hit.c.piece_id, hit.c.id)).where(hit.c.id.in_(hits.columns(column("rowid"))))
    wanted = select(entries.c.id).where(entries.c.id.in_(leaders))
    if since is not None:
        wanted = wanted.where(entries.c.first_seen_at >= since)
    return _as_page(tx, wanted, limit, after)


def by_id(tx: Tx, entry_id: int) -> Entry | None:
    """The entry with this id, whole."""
    if abs(entry_id) > LARGEST_ID:
        return None
    asked = (
        select(
            *(entries.c[name] for name in ("id", "feed_id", "guid", "url", "title", "author", "published_at")),
            *(entries.c[name] for name in ("updated_at", "first_seen_at", "language", "content_hash", "dismissed_at")),
            entries.c.kind,
            _LEADER.label("leader_id"),
            feeds.c.title.label("feed_title"),
            feeds.c.kind.label("feed_kind"),
            feeds.c.html_url.label("feed_html_url"),
            entry_bodies.c.html,
            entry_bodies.c.text,
        )
        .join_from(entries, feeds, feeds.c.id == entries.c.feed_id)
        .join(entry_bodies, entry_bodies.c.entry_id == entries.c.id)
        .where(entries.c.id == entry_id)
    )
    row = tx.execute(asked).one_or_none()
    if row is None:
        return None
    values = row._asdict()
    leader_id = values.pop("leader_id")
    values["kind"] = Kind(values["kind"])
    return Entry(**values, also_in=_also_in(_carriers(tx, [leader_id])[leader_id], row.feed_id))


def leader_of(tx: Tx, entry_id: int) -> int | None:
    """The first entry that carries the same piece, often the entry itself; None when there is no such entry."""
    if abs(entry_id) > LARGEST_ID:
        return None
    asked = select(_LEADER).where(entries.c.id == entry_id)
    return tx.execute(asked).scalar_one_or_none()


def leader_at(tx: Tx, canonical_url: str) -> int | None:
    """The first entry that carries the piece at this address (a key of canonical.canonical_url)."""
    asked = select(_LEADER).where(entries.c.canonical_url == canonical_url)
    return tx.execute(asked.order_by(entries.c.id).limit(1)).scalar_one_or_none()


def addresses(tx: Tx, leader_id: int) -> tuple[str, ...]:
    """Where the piece can be read: the leader's address first, then its twins'."""
    asked = select(entries.c.url).where(
        or_(entries.c.id == leader_id, entries.c.piece_id == leader_id), entries.c.url.is_not(None)
    )
    return tuple(tx.scalars(asked.order_by(entries.c.piece_id.is_not(None), entries.c.id)))


def dismiss(tx: Tx, leader_ids: Sequence[int], *, at: datetime) -> None:
    """Take these pieces out of the inbox, twins and all; one that was dismissed before keeps its instant."""
    tx.execute(
        update(entries)
        .where(or_(entries.c.id.in_(leader_ids), entries.c.piece_id.in_(leader_ids)), entries.c.dismissed_at.is_(None))
        .values(dismissed_at=at)
    )


def _as_page(tx: Tx, wanted: Select[int], limit: int, after: Cursor | None) -> tuple[InboxEntry, ...]:
    if after is not None:
        place = tuple_(entries.c.first_seen_at, entries.c.id)
        wanted = wanted.where(place < tuple_(literal(after[0], Instant), literal(after[1])))
    # Chosen by id first, so that only the lines of this page bring their texts along into the sort.
    chosen = wanted.order_by(*_NEWEST_FIRST).limit(limit)
    asked = (
        select(
            *(entries.c[name] for name in ("id", "title", "url", "feed_id", "author", "published_at", "first_seen_at")),
            feeds.c.title.label("feed_title"),
            feeds.c.kind.label("feed_kind"),
            # Twice the length, because white space is folded afterwards.
            func.substr(entry_bodies.c.text, 1, 2 * EXCERPT).label("start"),
        )
        .join_from(entries, feeds, feeds.c.id == entries.c.feed_id)
        .join(entry_bodies, entry_bodies.c.entry_id == entries.c.id)
        .where(entries.c.id.in_(chosen))
        .order_by(*_NEWEST_FIRST)
    )
    rows = tx.execute(asked).all()
    carriers = _carriers(tx, [row.id for row in rows])
    return tuple(_as_line(row, carriers[row.id]) for row in rows)


def _as_line(row: "Row[*tuple[object, ...]]", carriers: Mapping[int, str]) -> InboxEntry:
    values = row._asdict()
    excerpt = shortened(values.pop("start"))
    return InboxEntry(**values, excerpt=excerpt, also_in=_also_in(carriers, row.feed_id))


def _also_in(carriers: Mapping[int, str], feed_id: int) -> tuple[str, ...]:
    return tuple(dict.fromkeys(title for carrier, title in carriers.items() if carrier != feed_id))


def shortened(words: str) -> str:
    """The start of a text on one line, at most `EXCERPT` characters, cut between two words where that can be."""
    line = " ".join(words.split())
    if len(line) <= EXCERPT:
        return line
    cut = line[: EXCERPT - 1]
    return cut.rpartition(" ")[0] + "…" if " " in cut else cut + "…"


def _carriers(tx: Tx, leader_ids: Sequence[int]) -> Mapping[int, Mapping[int, str]]:
    """Of each piece, the feeds that carry it, by id."""
    asked = (
        select(_LEADER, feeds.c.id, feeds.c.title)
        .join_from(entries, feeds, feeds.c.id == entries.c.feed_id)
        .where(or_(entries.c.id.in_(leader_ids), entries.c.piece_id.in_(leader_ids)))
        .order_by(feeds.c.title)
    )
    found: dict[int, dict[int, str]] = defaultdict(dict)
    for leader, feed_id, title in tx.execute(asked):
        found[leader][feed_id] = title
    return found
