"""Which feeds are due, and what a poll leaves behind on them."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import datetime, timedelta

from sqlalchemy import Row, Select, bindparam, func, select, update

from aggregator.model import DueFeed, FailureReason, FeedStatus, HubStatus, IdentityPolicy, PollRecord
from aggregator.store.database import Tx
from aggregator.store.schema import feeds, hub_subscriptions

LONGEST_WAIT = timedelta(days=8)
"""More than any feed is left alone for: a week of skipDays, and a day."""


def due(tx: Tx, now: datetime, limit: int | None = None) -> tuple[DueFeed, ...]:
    """The active feeds whose time has come, the longest overdue first; all of them unless limited.

    So is one that would wait for longer than any feed may: the clock was wrong when that was written down.
    Whoever polls is polite to hosts by itself: a limit here would let one host's feeds keep others' from being seen.
    """
    found = [
        row
        for time_has_come in (feeds.c.next_poll_at <= now, feeds.c.next_poll_at > now + LONGEST_WAIT)
        for row in tx.execute(
            _due_feeds()
            .where(feeds.c.status == FeedStatus.ACTIVE.value, time_has_come)
            .order_by(feeds.c.next_poll_at)
            .limit(limit)
        )
    ]
    return tuple(_as_due(row) for row in found[:limit])


def active(tx: Tx) -> tuple[DueFeed, ...]:
    """Every active feed, due or not, the next to be due first."""
    rows = tx.execute(_due_feeds().where(feeds.c.status == FeedStatus.ACTIVE.value).order_by(feeds.c.next_poll_at))
    return tuple(_as_due(row) for row in rows)


def one(tx: Tx, feed_id: int) -> DueFeed | None:
    """One feed as a poll sees it, whatever its status."""
    row = tx.execute(_due_feeds().where(feeds.c.id == feed_id)).one_or_none()
    return None if row is None else _as_due(row)


def record(tx: Tx, outcomes: Mapping[int, PollRecord]) -> None:
    """Record what polls found, by their feeds' ids.

    In the transaction of their entries: a validator must never be newer than they are.
    """
    if outcomes:
        tx.execute(_RECORD, [_values(outcome) | {"feed_id": feed_id} for feed_id, outcome in outcomes.items()])


def _values(outcome: PollRecord) -> dict[str, object]:
    values = {new: getattr(outcome, name) for name, new in _FIELDS}
    values["new_ttl_seconds"] = None if outcome.ttl is None else int(outcome.ttl.total_seconds())
    values["new_skip_hours"] = ",".join(map(str, outcome.skip_hours))
    values["new_skip_days"] = ",".join(map(str, outcome.skip_days))
    return values


def keep_tails(tx: Tx, feed_id: int, tails: Sequence[str]) -> None:
    """Remember what a feed's entries end with (see poll.tails); none of them has a line break in it."""
    tx.execute(update(feeds).where(feeds.c.id == feed_id).values(tails="\n".join(tails)))


def postpone(tx: Tx, feed_ids: Sequence[int], until: datetime, reason: str) -> None:
    """Let these feeds wait until then, unless they already wait for longer."""
    if feed_ids:
        tx.execute(
            update(feeds)
            .where(feeds.c.id.in_(feed_ids), feeds.c.next_poll_at < until)
            .values(next_poll_at=until, next_poll_reason=reason)
        )


def hasten(tx: Tx, feed_id: int, now: datetime, after: timedelta, reason: str) -> None:
    """Let a feed be due now, or so long after its last poll, unless it is due before."""
    polled_at = tx.scalar(select(feeds.c.polled_at).where(feeds.c.id == feed_id))
    at = now if polled_at is None else max(now, polled_at + after)
    tx.execute(
        update(feeds)
        .where(feeds.c.id == feed_id, feeds.c.next_poll_at > at, feeds.c.failures == 0)
        .values(next_poll_at=at, next_poll_reason=reason)
    )


def make_due(tx: Tx, feed_id: int, now: datetime, reason: str) -> None:
    """Let a feed be due now, unless it is so already."""
    tx.execute(
        update(feeds)
        .where(feeds.c.id == feed_id, feeds.c.next_poll_at > now)
        .values(next_poll_at=now, next_poll_reason=reason)
    )


def new_entry(tx: Tx, feed_id: int, at: datetime) -> None:
    """Record that a feed has brought something new."""
    tx.execute(update(feeds).where(feeds.c.id == feed_id).values(newest_entry_at=at))


# Made once: to build it for each poll took longer than SQLite takes to carry it out.
_FIELDS = [(field.name, f"new_{field.name}") for field in fields(PollRecord) if field.name != "ttl"]
_RECORDED = {name for name, _ in _FIELDS} | {"ttl_seconds"}
_KEPT = {"succeeded_at", "newest_entry_at", "status"}  # as they were, when a poll has nothing to say of them
_NEW = {name: bindparam(f"new_{name}", type_=feeds.c[name].type) for name in sorted(_RECORDED)}
_RECORD = (
    update(feeds)
    .where(feeds.c.id == bindparam("feed_id"))
    .values({name: func.coalesce(new, feeds.c[name]) if name in _KEPT else new for name, new in _NEW.items()})
)


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
        feeds.c.hub_url,
        feeds.c.topic_url,
        _PUSHED_UNTIL,
    )


_PUSHED_UNTIL = (
    select(hub_subscriptions.c.ends_at)
    .where(hub_subscriptions.c.feed_id == feeds.c.id, hub_subscriptions.c.status == HubStatus.ACTIVE.value)
    .scalar_subquery()
    .label("pushed_until")
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
