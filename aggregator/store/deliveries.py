"""The ledger: one row for each digest and reader, and the outbox's own state.

The run that sends asks for its next rows in batches and claims them one by one: a claim is one conditional UPDATE that
also settles nothing else's row, so that settling the last mail and claiming the next is one short transaction.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Update, bindparam, exists, func, insert, select, update
from sqlalchemy.dialects.sqlite import insert as insert_or

from aggregator.model import DeliveryStatus, SubscriberStatus
from aggregator.store.database import Tx
from aggregator.store.schema import digests
from aggregator.store.schema_readers import deliveries, outbox_state, subscribers

_HERE = 1  # the id of the one row of outbox_state


@dataclass(frozen=True, slots=True, kw_only=True)
class Addressed:
    """One reader of a digest, as it is frozen."""

    subscriber_id: int
    message_id: str
    token_hash: str
    next_try_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A delivery whose time has come."""

    digest_id: int
    subscriber_id: int
    address: str
    message_id: str
    token_hash: str
    tries: int  # so far
    soft_bounces: int  # of the reader, in a row


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One line of the ledger, for people; the address is None once the reader is erased."""

    slug: str
    subscriber_id: int
    address: str | None
    status: DeliveryStatus
    tries: int
    queued_at: datetime
    claimed_at: datetime | None
    sent_at: datetime | None
    next_try_at: datetime | None
    error: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What a digest that was queued is called, and when more of it may go."""

    title: str
    published_at: datetime | None
    next_due_at: datetime | None  # None when nothing waits


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """Whether anything may be sent."""

    held: str | None  # why not, in words
    held_at: datetime | None
    paused_at: datetime | None
    place: str | None  # where the database lives that these deliveries are of


def freeze(tx: Tx, digest_id: int, readers: Sequence[Addressed], *, now: datetime) -> None:
    """Write the audience of a digest down, all of it queued; an IntegrityError when it was before."""
    rows = [
        {
            "digest_id": digest_id,
            "subscriber_id": one.subscriber_id,
            "status": DeliveryStatus.QUEUED.value,
            "message_id": one.message_id,
            "token_hash": one.token_hash,
            "queued_at": now,
            "next_try_at": one.next_try_at,
            "tries": 0,
        }
        for one in readers
    ]
    if rows:
        tx.execute(insert(deliveries), rows)


def with_mail_due(tx: Tx, *, now: datetime) -> tuple[int, ...]:
    """The digests that have something to be sent now, the oldest first."""
    waits = select(deliveries.c.digest_id).where(
        deliveries.c.digest_id == digests.c.id,
        deliveries.c.status == DeliveryStatus.QUEUED.value,
        deliveries.c.next_try_at <= now,
    )
    return tuple(tx.scalars(select(digests.c.id).where(exists(waits)).order_by(digests.c.friday)))


def due(tx: Tx, digest_id: int, *, now: datetime, limit: int) -> tuple[Due, ...]:
    """The next deliveries of a digest, the longest due first; an erased reader's has no address and stands too."""
    wanted = (
        select(
            deliveries.c.subscriber_id,
            func.coalesce(subscribers.c.address, "").label("address"),
            deliveries.c.message_id,
            deliveries.c.token_hash,
            deliveries.c.tries,
            func.coalesce(subscribers.c.soft_bounces, 0).label("soft_bounces"),
        )
        .outerjoin_from(deliveries, subscribers, subscribers.c.id == deliveries.c.subscriber_id)
        .where(
            deliveries.c.digest_id == digest_id,
            deliveries.c.status == DeliveryStatus.QUEUED.value,
            deliveries.c.next_try_at <= now,
        )
        .order_by(deliveries.c.next_try_at, deliveries.c.subscriber_id)
        .limit(limit)
    )
    return tuple(Due(digest_id=digest_id, **row._asdict()) for row in tx.execute(wanted))


def next_due_at(tx: Tx) -> datetime | None:
    """When the next delivery may be sent; None when nothing waits."""
    queued = deliveries.c.status == DeliveryStatus.QUEUED.value
    earliest = select(func.min(deliveries.c.next_try_at)).where(deliveries.c.digest_id == digests.c.id, queued)
    found: datetime | None = tx.scalar(select(func.min(earliest.scalar_subquery())).select_from(digests))
    return found


_ONE = (deliveries.c.digest_id == bindparam("of_digest")) & (deliveries.c.subscriber_id == bindparam("of_subscriber"))
_MAY_SEND = ~exists().where(outbox_state.c.held.is_not(None) | outbox_state.c.paused_at.is_not(None))
_IS_READER = exists().where(
    subscribers.c.id == deliveries.c.subscriber_id, subscribers.c.status == SubscriberStatus.ACTIVE.value
)
_CLAIM = (
    update(deliveries)
    .where(_ONE, deliveries.c.status == DeliveryStatus.QUEUED.value, _MAY_SEND, _IS_READER)
    .values(status=DeliveryStatus.CLAIMED.value, claimed_at=bindparam("now"), tries=deliveries.c.tries + 1)
)
_SETTLE = (
    update(deliveries)
    .where(_ONE, deliveries.c.status == DeliveryStatus.CLAIMED.value)
    .values(
        status=bindparam("new_status"),
        next_try_at=bindparam("new_try_at"),
        sent_at=bindparam("new_sent_at"),
        error=bindparam("new_error"),
    )
)


def claim(tx: Tx, one: Due, *, now: datetime) -> bool:
    """Take it in hand; False when it is not queued any more, its reader has left, or nothing may be sent."""
    return _changed(tx, _CLAIM, {"of_digest": one.digest_id, "of_subscriber": one.subscriber_id, "now": now}) == 1


def settle(
    tx: Tx,
    one: Due,
    status: DeliveryStatus,
    *,
    sent_at: datetime | None,
    next_try_at: datetime | None,
    error: str | None,
) -> None:
    """Write down what became of a claimed one."""
    values = {
        "of_digest": one.digest_id,
        "of_subscriber": one.subscriber_id,
        "new_status": status.value,
        "new_sent_at": sent_at,
        "new_try_at": next_try_at,
        "new_error": error,
    }
    _changed(tx, _SETTLE, values)


def refresh_token(tx: Tx, one: Due, token_hash: str) -> None:
    """Its links were made with a key that is not there any more; from now on, these lead to its reader."""
    tx.execute(_of(one.digest_id, [one.subscriber_id]).values(token_hash=token_hash))


def fail_queued(tx: Tx, one: Due) -> None:
    """What was to be tried again is given up, with the error that stands there."""
    tx.execute(
        _of(one.digest_id, [one.subscriber_id], DeliveryStatus.QUEUED).values(
            status=DeliveryStatus.FAILED.value, next_try_at=None
        )
    )


def skip_departed(tx: Tx, digest_id: int) -> int:
    """Skip what is queued for people who are no subscribers any more; how many those were."""
    gone = update(deliveries).where(
        deliveries.c.digest_id == digest_id, deliveries.c.status == DeliveryStatus.QUEUED.value, ~_IS_READER
    )
    left = "Not a subscriber any more."
    return _changed(tx, gone.values(status=DeliveryStatus.SKIPPED.value, next_try_at=None, error=left))


def orphans_are_uncertain(tx: Tx, why: str) -> int:
    """Call with the outbox's lock held: what is claimed then, nobody is sending; how many those were."""
    claimed = update(deliveries).where(deliveries.c.status == DeliveryStatus.CLAIMED.value)
    ids = select(digests.c.id)
    return _changed(
        tx, claimed.where(deliveries.c.digest_id.in_(ids)).values(status=DeliveryStatus.UNCERTAIN.value, error=why)
    )


def move(
    tx: Tx,
    digest_id: int,
    subscriber_ids: Sequence[int] | None,
    was: Sequence[DeliveryStatus],
    to: DeliveryStatus,
    *,
    next_try_at: datetime | None = None,
    sent_at: datetime | None = None,
    error: str | None = None,
) -> int:
    """Change the state of these deliveries (None: all) that stand in one of `was`; how many those were."""
    chosen = _of(digest_id, subscriber_ids, *was)
    values = {"status": to.value, "next_try_at": next_try_at, "error": error}
    return _changed(tx, chosen.values(**values | ({"sent_at": sent_at} if sent_at else {})))


def counts(tx: Tx, *, limit: int = 1, slug: str | None = None) -> tuple[tuple[str, Mapping[DeliveryStatus, int]], ...]:
    """The newest digests that were queued, or one, by slug, with how many deliveries stand in each state."""
    newest = select(digests.c.id).order_by(digests.c.friday.desc()).limit(limit)
    rows = tx.execute(
        select(digests.c.slug, deliveries.c.status, func.count())
        .join_from(digests, deliveries, deliveries.c.digest_id == digests.c.id)
        .where(digests.c.slug == slug if slug else digests.c.id.in_(newest))
        .group_by(digests.c.id, deliveries.c.status)
        .order_by(digests.c.friday.desc())
    )
    found: dict[str, dict[DeliveryStatus, int]] = {}
    for slug, status, number in rows:
        found.setdefault(slug, dict.fromkeys(DeliveryStatus, 0))[DeliveryStatus(status)] = number
    return tuple(found.items())


def about(tx: Tx, slugs: Sequence[str]) -> Mapping[str, Sent]:
    """What these digests are called, and when more of each may go."""
    queued = deliveries.c.status == DeliveryStatus.QUEUED.value
    earliest = select(func.min(deliveries.c.next_try_at)).where(deliveries.c.digest_id == digests.c.id, queued)
    columns = select(digests.c.slug, digests.c.title, digests.c.published_at, earliest.scalar_subquery())
    rows = tx.execute(columns.where(digests.c.slug.in_(slugs)))
    return {slug: Sent(title=title, published_at=at, next_due_at=due_at) for slug, title, at, due_at in rows}


def page(tx: Tx, digest_id: int, *, status: DeliveryStatus | None, after: int, limit: int) -> tuple[Delivery, ...]:
    """The deliveries of a digest after the reader with the id `after`, in the order of their ids."""
    # Most are sent, or queued: then the next ones are found by walking on. Of other states there are few; the sum
    # keeps SQLite from walking past all the others to find them (30 ms with 100,000 readers, where this takes 1).
    is_common = status in (None, DeliveryStatus.SENT, DeliveryStatus.QUEUED)
    reader = deliveries.c.subscriber_id if is_common else deliveries.c.subscriber_id + 0
    wanted = (
        select(
            digests.c.slug,
            subscribers.c.address,
            *(deliveries.c[name] for name in ("subscriber_id", "status", "tries", "queued_at", "claimed_at")),
            *(deliveries.c[name] for name in ("sent_at", "next_try_at", "error")),
        )
        .join_from(deliveries, digests, digests.c.id == deliveries.c.digest_id)
        .outerjoin(subscribers, subscribers.c.id == deliveries.c.subscriber_id)
        .where(deliveries.c.digest_id == digest_id, reader > after)
        .order_by(reader)
        .limit(limit)
    )
    if status is not None:
        wanted = wanted.where(deliveries.c.status == status.value)
    return tuple(_as_delivery(row._asdict()) for row in tx.execute(wanted))


def any_sent(tx: Tx, digest_id: int) -> bool:
    """Whether this digest reached somebody."""
    sent = deliveries.c.status == DeliveryStatus.SENT.value
    return (
        tx.scalar(select(deliveries.c.digest_id).where(deliveries.c.digest_id == digest_id, sent).limit(1)) is not None
    )


def any_at_all(tx: Tx) -> bool:
    """Whether a digest was ever queued."""
    return tx.scalar(select(deliveries.c.digest_id).limit(1)) is not None


# ---------------------------------------------------------------------------------------------------- the state


def state(tx: Tx) -> State:
    """Whether anything may be sent."""
    row = tx.execute(select(outbox_state).where(outbox_state.c.id == _HERE)).one_or_none()
    if row is None:
        return State(held=None, held_at=None, paused_at=None, place=None)
    return State(held=row.held, held_at=row.held_at, paused_at=row.paused_at, place=row.place)


def set_state(tx: Tx, **values: object) -> None:
    """Change some of held, held_at, paused_at and place."""
    row = insert_or(outbox_state).values(id=_HERE, **values)
    tx.execute(row.on_conflict_do_update(index_elements=["id"], set_=values))


def hold(tx: Tx, why: str, *, now: datetime) -> None:
    """Send nothing until somebody says so; the first reason stays."""
    if state(tx).held is None:
        set_state(tx, held=why, held_at=now)


def _of(digest_id: int, subscriber_ids: Sequence[int] | None, *was: DeliveryStatus) -> Update:
    chosen = update(deliveries).where(deliveries.c.digest_id == digest_id)
    if subscriber_ids is not None:
        chosen = chosen.where(deliveries.c.subscriber_id.in_(subscriber_ids))
    return chosen.where(deliveries.c.status.in_([one.value for one in was])) if was else chosen


def _changed(tx: Tx, statement: Update, values: Mapping[str, object] | None = None) -> int:
    return tx.execute(statement, values or {}).rowcount


def _as_delivery(row: dict[str, Any]) -> Delivery:
    return Delivery(**row | {"status": DeliveryStatus(row["status"])})
