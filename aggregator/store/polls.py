"""Which feeds are due, and what a poll leaves behind on them."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime, timedelta

from sqlalchemy import Row, Select, select, update

from aggregator.model import DueFeed, FailureReason, FeedStatus, IdentityPolicy, PollRecord
from aggregator.store.database import Tx
from aggregator.store.schema import feeds


def due(tx: Tx, now: datetime, limit: int | None = None) -> tuple[DueFeed, ...]:
    """The active feeds whose time has come, the longest overdue first; all of them unless limited.

    Whoever polls is polite to hosts by itself: a limit here would let one host's feeds keep others' from being seen.
    """
    rows = tx.execute(
        _due_feeds()
        .where(feeds.c.status == FeedStatus.ACTIVE.value, feeds.c.next_poll_at <= now)
        .order_by(feeds.c.next_poll_at)
        .limit(limit)
    )
    return tuple(_as_due(row) for row in rows)


def active(tx: Tx) -> tuple[DueFeed, ...]:
    """Every active feed, due or not, the next to be due first."""
    rows = tx.execute(_due_feeds().where(feeds.c.status == FeedStatus.ACTIVE.value).order_by(feeds.c.next_poll_at))
    return tuple(_as_due(row) for row in rows)


def one(tx: Tx, feed_id: int) -> DueFeed | None:
    """One feed as a poll sees it, whatever its status."""
    row = tx.execute(_due_feeds().where(feeds.c.id == feed_id)).one_or_none()
    return None if row is None else _as_due(row)


def record(tx: Tx, feed_id: int, outcome: PollRecord) -> None:
    """Record what a poll found. In the transaction of its entries: a validator must never be newer than they are."""
    values = {field.name: getattr(outcome, field.name) for field in fields(outcome)}
    for name in ("succeeded_at", "newest_entry_at", "status"):
        if values[name] is None:
            del values[name]
    ttl: timedelta | None = values.pop("ttl")
    values["ttl_seconds"] = None if ttl is None else int(ttl.total_seconds())
    for name in ("skip_hours", "skip_days"):
        values[name] = ",".join(map(str, values[name]))
    tx.execute(update(feeds).where(feeds.c.id == feed_id).values(**values))


def postpone(tx: Tx, feed_ids: Sequence[int], until: datetime, reason: str) -> None:
    """Let these feeds wait until then, unless they already wait for longer."""
    if feed_ids:
        tx.execute(
            update(feeds)
            .where(feeds.c.id.in_(feed_ids), feeds.c.next_poll_at < until)
            .values(next_poll_at=until, next_poll_reason=reason)
        )


def keep_tails(tx: Tx, feed_id: int, tails: Sequence[str]) -> None:
    """Remember what a feed's entries end with (see poll.tails); none of them has a line break in it."""
    tx.execute(update(feeds).where(feeds.c.id == feed_id).values(tails="\n".join(tails)))


def _due_feeds() -> "Select[*tuple[object, ...]]":
    return select(
        feeds.c.id,
        feeds.c.title,
        feeds.c.xml_url,
        feeds.c.etag,
        feeds.c.last_modified,
        feeds.c.body_hash,
        feeds.c.failures,
        feeds.c.failure_reason,
        feeds.c.gone_since,
        feeds.c.moved_to,
        feeds.c.moved_since,
        feeds.c.identity,
        feeds.c.status,
        feeds.c.ttl_seconds,
        feeds.c.skip_hours,
        feeds.c.skip_days,
        feeds.c.tails,
    )


def _as_due(row: "Row[*tuple[object, ...]]") -> DueFeed:
    values = row._asdict()
    ttl_seconds = values.pop("ttl_seconds")
    reason = values["failure_reason"]
    return DueFeed(
        **values
        | {
            "failure_reason": None if reason is None else FailureReason(reason),
            "identity": IdentityPolicy(values["identity"]),
            "status": FeedStatus(values["status"]),
            "ttl": None if ttl_seconds is None else timedelta(seconds=ttl_seconds),
            "skip_hours": _numbers(values["skip_hours"]),
            "skip_days": _numbers(values["skip_days"]),
            "tails": tuple(values["tails"].split("\n")) if values["tails"] else (),
        }
    )


def _numbers(text: str | None) -> tuple[int, ...]:
    return tuple(int(number) for number in text.split(",")) if text else ()
