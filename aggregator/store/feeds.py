"""Feeds as feeds.opml knows them: following, pausing, and what a maintainer sees. Polling's own SQL is in polls.py."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, func, insert, select, update

from aggregator.model import Feed, FeedStatus, IdentityPolicy, Listing, Living
from aggregator.store.database import Tx
from aggregator.store.schema import Instant, entries, feeds


def follow(tx: Tx, listing: Listing, *, at: datetime, next_poll_reason: str) -> int:
    """Follow the feed of a listing, due `at` once; its id.

    The listing must have an xml_url, and one that is not followed yet: either is an IntegrityError otherwise.
    """
    row = insert(feeds).values(
        xml_url=listing.xml_url,
        **_as_listed(listing),
        status=FeedStatus.ACTIVE.value,
        identity=IdentityPolicy.GUID.value,
        followed_at=at,
        next_poll_at=at,
        next_poll_reason=next_poll_reason,
        failures=0,
    )
    return int(tx.execute(row.returning(feeds.c.id)).scalar_one())


def every(tx: Tx) -> tuple[Feed, ...]:
    """All feeds ever followed, whatever their status, by kind and then by title."""
    rows = tx.execute(_feeds().order_by(feeds.c.kind, func.lower(feeds.c.title), feeds.c.id))
    return tuple(_as_feed(row) for row in rows)


def tally(tx: Tx) -> tuple[int, int]:
    """How many feeds are followed, and how many of them failed when they were polled last."""
    failing = func.count().filter(feeds.c.failures > 0)
    row = tx.execute(select(func.count(), failing).where(feeds.c.status == FeedStatus.ACTIVE.value)).one()
    return row[0], row[1]


def by_id(tx: Tx, feed_id: int) -> Feed | None:
    """The feed with this id."""
    row = tx.execute(_feeds().where(feeds.c.id == feed_id)).one_or_none()
    return None if row is None else _as_feed(row)


def by_ids(tx: Tx, feed_ids: Sequence[int]) -> tuple[Feed, ...]:
    """The feeds with these ids, in no order."""
    return tuple(_as_feed(row) for row in tx.execute(_feeds().where(feeds.c.id.in_(feed_ids))))


def by_xml_url(tx: Tx, xml_url: str) -> Feed | None:
    """The feed at exactly this address."""
    row = tx.execute(_feeds().where(feeds.c.xml_url == xml_url)).one_or_none()
    return None if row is None else _as_feed(row)


def living(tx: Tx) -> tuple[Living, ...]:
    """Every feed that is not paused, as the living list needs it."""
    # A feed that dates nothing last posted when we found its newest entry.
    newest = select(func.max(entries.c.published_at, type_=Instant)).where(entries.c.feed_id == feeds.c.id)
    last_post_at = func.coalesce(newest.scalar_subquery(), feeds.c.newest_entry_at, type_=Instant).label("last_post_at")
    rows = tx.execute(select(*_LIVING, last_post_at).where(feeds.c.status != FeedStatus.PAUSED.value))
    return tuple(
        Living(
            title=row[0],
            xml_url=row[1],
            html_url=row[2],
            kind=row[3],
            region=row[4],
            status=_STATUSES[row[5]],
            succeeded_at=row[6],
            last_post_at=row[7],
        )
        for row in rows
    )


def set_status(tx: Tx, feed_ids: Sequence[int], status: FeedStatus) -> None:
    """Give these feeds a status; entries, picks and the next poll's time stay."""
    if feed_ids:
        tx.execute(update(feeds).where(feeds.c.id.in_(feed_ids)).values(status=status.value))


def resume(tx: Tx, feed_id: int, *, at: datetime, next_poll_reason: str) -> None:
    """Let a feed be polled again, due `at` once; that it was gone is forgotten."""
    again = {"status": FeedStatus.ACTIVE.value, "next_poll_at": at, "next_poll_reason": next_poll_reason}
    tx.execute(update(feeds).where(feeds.c.id == feed_id).values(**again, gone_since=None))


def describe(tx: Tx, feed_id: int, listing: Listing) -> None:
    """Take title, page, kind, region and confidence from a listing; the feed's address stays."""
    tx.execute(update(feeds).where(feeds.c.id == feed_id).values(**_as_listed(listing)))


def readdress(tx: Tx, feed_id: int, xml_url: str, *, at: datetime, next_poll_reason: str) -> None:
    """Give a feed a new address, due `at` once, and forget what its old server said.

    A validator belongs to the address that gave it (RFC 9110, section 8.8).
    """
    fresh = {
        "xml_url": xml_url,
        "status": FeedStatus.ACTIVE.value,
        "next_poll_at": at,
        "next_poll_reason": next_poll_reason,
        "failures": 0,
    }
    tx.execute(update(feeds).where(feeds.c.id == feed_id).values(**fresh, **dict.fromkeys(_TOLD_BY_SERVER)))


_TOLD_BY_SERVER = (
    *("failure_reason", "failure_message", "etag", "last_modified", "body_hash"),
    *("moved_to", "moved_since", "gone_since", "ttl_seconds", "skip_hours", "skip_days"),
)


def _as_listed(listing: Listing) -> dict[str, str | None]:
    return {
        "html_url": listing.html_url,
        "title": listing.title,
        "kind": listing.kind,
        "region": listing.region,
        "confidence": listing.confidence,
    }


_COLUMNS = (
    feeds.c.id,
    feeds.c.xml_url,
    feeds.c.html_url,
    feeds.c.title,
    feeds.c.kind,
    feeds.c.region,
    feeds.c.confidence,
    feeds.c.status,
    feeds.c.followed_at,
    feeds.c.next_poll_at,
    feeds.c.next_poll_reason,
    feeds.c.polled_at,
    feeds.c.succeeded_at,
    feeds.c.newest_entry_at,
    feeds.c.failures,
    feeds.c.failure_reason,
    feeds.c.failure_message,
    feeds.c.moved_to,
    feeds.c.moved_since,
)
_LIVING = (
    *(feeds.c.title, feeds.c.xml_url, feeds.c.html_url, feeds.c.kind, feeds.c.region),
    *(feeds.c.status, feeds.c.succeeded_at),
)
_NAMES = tuple(column.name for column in _COLUMNS)
_STATUSES = {status.value: status for status in FeedStatus}


def _feeds() -> "Select[*tuple[object, ...]]":
    return select(*_COLUMNS)


def _as_feed(row: "Row[*tuple[object, ...]]") -> Feed:
    values: dict[str, Any] = dict(zip(_NAMES, row, strict=True))
    values["status"] = _STATUSES[values["status"]]
    return Feed(**values)
