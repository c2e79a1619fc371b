"""Pieces, and what curators make of them. The lists of them are in sought.py.

A piece that several feeds carry is one: its first entry (`piece_id` is null) leads, the others are its twins.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Integer, Row, and_, func, or_, select, type_coerce, update

from aggregator.model import Entry, Judgement, Kind, Verdict
from aggregator.store.database import Tx
from aggregator.store.schema import bookmarks, entries, entry_bodies, feeds

Cursor = tuple[datetime, int]
"""Where a page of a list ended: the instant and the id of its last line."""

LARGEST_ID = 2**63 - 1
"""The largest that SQLite can be asked for; beyond it there is nothing."""

LEADER = type_coerce(func.coalesce(entries.c.piece_id, entries.c.id), Integer)
"""The id of the entry that leads the piece."""


def by_id(tx: Tx, entry_id: int) -> Entry | None:
    """The entry with this id, whole."""
    if abs(entry_id) > LARGEST_ID:
        return None
    asked = (
        select(
            *(entries.c[name] for name in ("id", "feed_id", "guid", "url", "title", "author", "published_at")),
            *(entries.c[name] for name in ("updated_at", "first_seen_at", "language", "content_hash", "dismissed_at")),
            entries.c.kind,
            LEADER.label("leader_id"),
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
    return Entry(**values, also_in=also_in(carriers(tx, [leader_id])[leader_id], row.feed_id))


def leader_of(tx: Tx, entry_id: int) -> int | None:
    """The first entry that carries the same piece, often the entry itself; None when there is no such entry."""
    if abs(entry_id) > LARGEST_ID:
        return None
    asked = select(LEADER).where(entries.c.id == entry_id)
    return tx.execute(asked).scalar_one_or_none()


def leader_at(tx: Tx, canonical_url: str) -> int | None:
    """The first entry that carries the piece at this address (a key of canonical.canonical_url)."""
    asked = select(LEADER).where(entries.c.canonical_url == canonical_url)
    return tx.execute(asked.order_by(entries.c.id).limit(1)).scalar_one_or_none()


def addresses(tx: Tx, leader_id: int) -> tuple[str, ...]:
    """Where the piece can be read: the leader's address first, then its twins'."""
    asked = select(entries.c.url).where(
        or_(entries.c.id == leader_id, entries.c.piece_id == leader_id), entries.c.url.is_not(None)
    )
    return tuple(tx.scalars(asked.order_by(entries.c.piece_id.is_not(None), entries.c.id)))


def dismiss(tx: Tx, leader_ids: Sequence[int], *, at: datetime, by: int | None = None) -> None:
    """Take these pieces out of the inbox, twins and all; one that was dismissed before keeps its instant."""
    change = update(entries).where(_of(leader_ids), entries.c.dismissed_at.is_(None))
    tx.execute(change.values(dismissed_at=at, dismissed_by=by))


def take_back(tx: Tx, leader_id: int) -> None:
    """Nobody has dismissed this piece."""
    tx.execute(update(entries).where(_of([leader_id])).values(dismissed_at=None, dismissed_by=None))


def last_dismissed(tx: Tx, by: int) -> tuple[datetime, int] | None:
    """What this curator dismissed last: when, and the entry that leads it."""
    asked = select(entries.c.dismissed_at, LEADER).where(entries.c.dismissed_by == by)
    row = tx.execute(asked.order_by(entries.c.dismissed_at.desc(), entries.c.id.desc()).limit(1)).one_or_none()
    return None if row is None or row[0] is None else (row[0], row[1])


def newest(tx: Tx) -> int:
    """The id of the newest entry; 0 when there is none."""
    return tx.scalar(select(func.max(entries.c.id))) or 0


def judgements(tx: Tx, leader_ids: Sequence[int]) -> Mapping[int, Judgement]:
    """What was made of these pieces; those that nobody has judged are not there."""
    # A curator may have found the page before its feed brought it. (The bookmark of another entry says nothing of this
    # one: link posts and changelogs put many entries under one address.)
    its_bookmark = or_(
        bookmarks.c.entry_id == entries.c.id,
        and_(bookmarks.c.entry_id.is_(None), bookmarks.c.canonical_url == entries.c.canonical_url),
    )
    names = ("added_by", "added_at", "dropped_at", "note", "revision")
    asked = (
        select(entries.c.id, entries.c.dismissed_at, entries.c.dismissed_by, bookmarks.c.id.label("bookmark_id"))
        .add_columns(*(bookmarks.c[name] for name in names))
        .join_from(entries, bookmarks, its_bookmark, isouter=True)
        .where(entries.c.id.in_(leader_ids), or_(entries.c.dismissed_at.is_not(None), bookmarks.c.id.is_not(None)))
        .order_by(bookmarks.c.dropped_at.is_(None))  # the last one counts
    )
    return {row.id: _as_judgement(row) for row in tx.execute(asked)}


def _as_judgement(row: "Row[*tuple[Any, ...]]") -> Judgement:
    if row.bookmark_id is None:
        return Judgement(verdict=Verdict.DISMISSED, by=row.dismissed_by, at=row.dismissed_at)
    verdict = Verdict.SHORTLISTED if row.dropped_at is None else Verdict.DISMISSED
    at = row.dropped_at or row.added_at
    by = row.added_by if row.dropped_at is None else None
    return Judgement(verdict=verdict, by=by, at=at, bookmark_id=row.bookmark_id, note=row.note, revision=row.revision)


def carriers(tx: Tx, leader_ids: Sequence[int]) -> Mapping[int, Mapping[int, str]]:
    """Of each piece, the feeds that carry it, by id."""
    asked = (
        select(LEADER, feeds.c.id, feeds.c.title)
        .join_from(entries, feeds, feeds.c.id == entries.c.feed_id)
        .where(_of(leader_ids))
        .order_by(feeds.c.title)
    )
    found: dict[int, dict[int, str]] = defaultdict(dict)
    for leader, feed_id, title in tx.execute(asked):
        found[leader][feed_id] = title
    return found


def also_in(carried: Mapping[int, str], feed_id: int) -> tuple[str, ...]:
    """The titles of the other feeds that carry a piece."""
    return tuple(dict.fromkeys(title for carrier, title in carried.items() if carrier != feed_id))


def _of(leader_ids: Sequence[int]) -> "ColumnElement[bool]":
    return or_(entries.c.id.in_(leader_ids), entries.c.piece_id.in_(leader_ids))
