"""Bookmarks: the week's shortlist, and the public list of everything found interesting."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime

from sqlalchemy import Boolean, Row, Select, delete, exists, func, insert, literal, or_, select, tuple_, update

from aggregator.model import Bookmark, Kind, Shelf, UsedBefore
from aggregator.store.database import Tx
from aggregator.store.inbox import LARGEST_ID, Cursor
from aggregator.store.schema import Instant, bookmarks, digests, entries, picks


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a page says of itself: a bookmark's own copy."""

    url: str
    canonical_url: str
    title: str
    author: str | None
    organisation: str | None
    kind: Kind
    language: str | None
    published_at: datetime | None
    entry_id: int | None = None
    entry_hash: str | None = None


_PUBLIC = bookmarks.c.dropped_at.is_(None) & bookmarks.c.is_public
_SHELVES = {
    Shelf.ALL: bookmarks.c.dropped_at.is_(None),
    Shelf.PUBLIC: _PUBLIC,
    Shelf.PRIVATE: bookmarks.c.dropped_at.is_(None) & ~bookmarks.c.is_public,
    Shelf.DROPPED: bookmarks.c.dropped_at.is_not(None),
}
_SEARCHED = (bookmarks.c.title, bookmarks.c.note, bookmarks.c.author, bookmarks.c.organisation, bookmarks.c.url)


def add(
    tx: Tx,
    found: Found,
    *,
    note: str,
    friday: date,
    at: datetime,
    by: int | None = None,
    visit_at: datetime | None = None,
) -> int:
    """Bookmark a page that has no bookmark yet (an IntegrityError otherwise); its id."""
    values = {"note": note, "friday": friday, "added_at": at, "added_by": by, "visit_at": visit_at}
    row = insert(bookmarks).values(**_columns(found), **values)
    return int(tx.execute(row.returning(bookmarks.c.id)).scalar_one())


def describe(tx: Tx, bookmark_id: int, found: Found) -> None:
    """Take a new copy of what the page says of itself."""
    tx.execute(update(bookmarks).where(bookmarks.c.id == bookmark_id).values(**_columns(found)))


def attach(tx: Tx, bookmark_id: int, found: Found) -> None:
    """Remember the entry that brought the page, when it came after the bookmark."""
    values = {"entry_id": found.entry_id, "entry_hash": found.entry_hash}
    tx.execute(update(bookmarks).where(bookmarks.c.id == bookmark_id).values(values))


def set_note(tx: Tx, bookmark_id: int, note: str) -> None:
    """Replace the curator's words."""
    change = update(bookmarks).where(bookmarks.c.id == bookmark_id)
    tx.execute(change.values(note=note, revision=bookmarks.c.revision + 1))


def edit(
    tx: Tx, bookmark_id: int, *, title: str, author: str | None, organisation: str | None, kind: Kind, note: str
) -> None:
    """Replace what a curator may write of it."""
    words = {"title": title, "author": author, "organisation": organisation, "kind": kind.value, "note": note}
    change = update(bookmarks).where(bookmarks.c.id == bookmark_id)
    tx.execute(change.values(**words, revision=bookmarks.c.revision + 1))


def set_public(tx: Tx, bookmark_id: int, is_public: bool) -> None:
    """Show it to readers among the bookmarks, or not."""
    tx.execute(update(bookmarks).where(bookmarks.c.id == bookmark_id).values(is_public=is_public))


def set_visit(tx: Tx, bookmark_id: int, at: datetime | None) -> None:
    """When its page is to be read; None for not any more."""
    tx.execute(update(bookmarks).where(bookmarks.c.id == bookmark_id).values(visit_at=at))


def to_visit(tx: Tx, now: datetime, *, limit: int) -> tuple[Bookmark, ...]:
    """Those whose page is to be read now, the longest overdue first."""
    asked = _bookmarks().where(bookmarks.c.visit_at.is_not(None), bookmarks.c.visit_at <= now)
    return tuple(_as_bookmark(row) for row in tx.execute(asked.order_by(bookmarks.c.visit_at).limit(limit)))


def put_on(tx: Tx, bookmark_id: int, friday: date) -> None:
    """Put it on the shortlist of `friday`, dropped or not."""
    tx.execute(update(bookmarks).where(bookmarks.c.id == bookmark_id).values(friday=friday, dropped_at=None))


def drop(tx: Tx, bookmark_id: int, *, at: datetime) -> None:
    """Take it off the shortlist and the public page; one that was dropped before keeps its instant."""
    tx.execute(
        update(bookmarks).where(bookmarks.c.id == bookmark_id, bookmarks.c.dropped_at.is_(None)).values(dropped_at=at)
    )


def forget(tx: Tx, bookmark_id: int) -> None:
    """There was never a bookmark; it is in no digest (an IntegrityError otherwise)."""
    tx.execute(delete(bookmarks).where(bookmarks.c.id == bookmark_id))


def last_added(tx: Tx, by: int) -> tuple[datetime, int] | None:
    """Which entry this curator shortlisted last, and when."""
    asked = select(bookmarks.c.added_at, bookmarks.c.entry_id).where(
        bookmarks.c.added_by == by, bookmarks.c.entry_id.is_not(None), bookmarks.c.dropped_at.is_(None)
    )
    row = tx.execute(asked.order_by(bookmarks.c.added_at.desc(), bookmarks.c.id.desc()).limit(1)).one_or_none()
    return None if row is None or row[1] is None else (row[0], row[1])


def by_id(tx: Tx, bookmark_id: int) -> Bookmark | None:
    """The bookmark with this id."""
    if abs(bookmark_id) > LARGEST_ID:
        return None
    row = tx.execute(_bookmarks().where(bookmarks.c.id == bookmark_id)).one_or_none()
    return None if row is None else _as_bookmark(row)


def at_address(tx: Tx, canonical_url: str) -> Bookmark | None:
    """The bookmark of the page with this key (of canonical.canonical_url), dropped or not."""
    row = tx.execute(_bookmarks().where(bookmarks.c.canonical_url == canonical_url)).one_or_none()
    return None if row is None else _as_bookmark(row)


def of_entry(tx: Tx, entry_id: int) -> Bookmark | None:
    """The bookmark that was made from this entry, dropped or not."""
    row = tx.execute(_bookmarks().where(bookmarks.c.entry_id == entry_id).limit(1)).one_or_none()
    return None if row is None else _as_bookmark(row)


def shortlist(tx: Tx, friday: date) -> tuple[Bookmark, ...]:
    """The bookmarks for the digest of `friday`, oldest first; without those dropped or used on another Friday."""
    elsewhere = (
        exists()
        .where(picks.c.bookmark_id == bookmarks.c.id, picks.c.digest_id == digests.c.id)
        .where(digests.c.format == "friday", digests.c.friday != friday)
        .correlate(bookmarks)
    )
    asked = _bookmarks().where(bookmarks.c.friday == friday, bookmarks.c.dropped_at.is_(None), ~elsewhere)
    return tuple(_as_bookmark(row) for row in tx.execute(asked.order_by(bookmarks.c.added_at, bookmarks.c.id)))


def all_public(tx: Tx, *, limit: int, after: Cursor | None = None) -> tuple[Bookmark, ...]:
    """Everything found interesting and not dropped, newest first; those older than `after`."""
    return _newest_first(tx, _bookmarks().where(_PUBLIC), limit, after)


def matching(
    tx: Tx, words: Sequence[str], shelf: Shelf, *, limit: int, after: Cursor | None = None
) -> tuple[Bookmark, ...]:
    """Those of this sort that hold every one of the words somewhere, newest first; those older than `after`.

    A person keeps thousands of bookmarks at most: reading through them takes a few milliseconds.
    """
    asked = _bookmarks().where(_SHELVES[shelf])
    for word in words:
        asked = asked.where(or_(*(column.contains(word, autoescape=True) for column in _SEARCHED)))
    return _newest_first(tx, asked, limit, after)


def used_before(tx: Tx, organisations: Collection[str], feed_ids: Collection[int]) -> tuple[UsedBefore, ...]:
    """The picks of published digests by one of these organisations or from one of these feeds, the latest first."""
    asked = (
        select(digests.c.slug, digests.c.friday, picks.c.title, picks.c.organisation, entries.c.feed_id)
        .join_from(picks, digests, digests.c.id == picks.c.digest_id)
        .join(bookmarks, bookmarks.c.id == picks.c.bookmark_id)
        .join(entries, entries.c.id == bookmarks.c.entry_id, isouter=True)
        .where(digests.c.status == "published")
        .where(or_(picks.c.organisation.in_(organisations), entries.c.feed_id.in_(feed_ids)))
        .order_by(digests.c.friday.desc(), picks.c.position)
    )
    return tuple(UsedBefore(**row._asdict()) for row in tx.execute(asked))


def newest_before(tx: Tx, end: datetime | None) -> datetime | None:
    """When the newest public bookmark that is older than `end` was added."""
    asked = select(bookmarks.c.added_at).where(_PUBLIC)
    if end is not None:
        asked = asked.where(bookmarks.c.added_at < end)
    return tx.execute(asked.order_by(bookmarks.c.added_at.desc()).limit(1)).scalar_one_or_none()


def added_between(tx: Tx, start: datetime, end: datetime) -> tuple[Bookmark, ...]:
    """The public bookmarks added from `start` until before `end`, newest first."""
    asked = _bookmarks().where(_PUBLIC, bookmarks.c.added_at >= start, bookmarks.c.added_at < end)
    rows = tx.execute(asked.order_by(bookmarks.c.added_at.desc(), bookmarks.c.id.desc()))
    return tuple(_as_bookmark(row) for row in rows)


def _columns(found: Found) -> dict[str, object]:
    return asdict(found) | {"kind": found.kind.value}


def _bookmarks() -> "Select[*tuple[object, ...]]":
    names = ("id", "url", "title", "author", "organisation", "note", "kind", "language", "published_at", "entry_id")
    holding = (
        select(func.max(digests.c.slug))
        .join_from(picks, digests, digests.c.id == picks.c.digest_id)
        .where(picks.c.bookmark_id == bookmarks.c.id)
    )
    # The latest edition of a Friday, whose slug is its date; else a themed list or a link post.
    picked_in = func.coalesce(holding.where(digests.c.format == "friday").scalar_subquery(), holding.scalar_subquery())
    return select(
        *(
            bookmarks.c[name]
            for name in (*names, "added_at", "added_by", "friday", "dropped_at", "is_public", "revision", "visit_at")
        ),
        entries.c.feed_id,
        picked_in.label("picked_in"),
        # The outer join makes this null for a bookmark of no entry.
        func.coalesce(entries.c.content_hash != bookmarks.c.entry_hash, literal(False), type_=Boolean).label(
            "source_changed"
        ),
    ).join_from(bookmarks, entries, entries.c.id == bookmarks.c.entry_id, isouter=True)


def _newest_first(
    tx: Tx, asked: "Select[*tuple[object, ...]]", limit: int, after: Cursor | None
) -> tuple[Bookmark, ...]:
    if after is not None:
        place = tuple_(bookmarks.c.added_at, bookmarks.c.id)
        asked = asked.where(place < tuple_(literal(after[0], Instant), literal(after[1])))
    rows = tx.execute(asked.order_by(bookmarks.c.added_at.desc(), bookmarks.c.id.desc()).limit(limit))
    return tuple(_as_bookmark(row) for row in rows)


def _as_bookmark(row: "Row[*tuple[object, ...]]") -> Bookmark:
    values = row._asdict()
    return Bookmark(**values | {"kind": Kind(values["kind"])})
