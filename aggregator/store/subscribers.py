"""Subscribers: who asked for the mail, who gets it, who left."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, delete, func, insert, literal, select, update
from sqlalchemy.dialects.sqlite import insert as insert_or

from aggregator.model import DeliveryStatus, Subscriber, SubscriberStatus
from aggregator.store.database import Tx
from aggregator.store.schema import digests
from aggregator.store.schema_readers import deliveries, subscribers

_PARAMETERS = 500  # of one statement: SQLite takes 999 in its oldest versions


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """One digest that somebody was sent, or was to be sent."""

    digest: str  # its slug
    status: DeliveryStatus
    sent_at: datetime | None


def ask(tx: Tx, address: str, *, at: datetime, anew_before: datetime, is_wanted: bool) -> None:
    """Let a sign-up wait for its confirmation: of somebody new, of who left, and of who was asked before `anew_before`.

    One statement whoever it is, so that our work does not tell who reads us; where not `is_wanted`, it meets no row.
    """
    new = {"address": address, "status": SubscriberStatus.PENDING, "created_at": at, "asked_at": at}
    row = new | {"soft_bounces": 0, "letter_tries": 0}
    values = select(*(literal(value, subscribers.c[name].type) for name, value in row.items()))
    is_asked = (subscribers.c.status == SubscriberStatus.PENDING) & (subscribers.c.asked_at > anew_before)
    tx.execute(
        insert_or(subscribers)
        .from_select([*row], values.where(literal(is_wanted)))
        .on_conflict_do_update(
            index_elements=["address"],
            set_={"status": SubscriberStatus.PENDING, "asked_at": at, "ended_at": None, "soft_bounces": 0},
            where=(subscribers.c.status != SubscriberStatus.ACTIVE) & ~is_asked,
        )
    )


def add_confirmed(tx: Tx, addresses: Sequence[str], *, at: datetime) -> tuple[int, ...]:
    """Subscribers who agreed elsewhere; their ids. An IntegrityError when one is there."""
    good = {"status": SubscriberStatus.ACTIVE, "created_at": at, "asked_at": at, "confirmed_at": at}
    ids: list[int] = []
    for start in range(0, len(addresses), _PARAMETERS):
        rows = [
            good | {"address": address, "soft_bounces": 0, "letter_tries": 0}
            for address in addresses[start : start + _PARAMETERS]
        ]
        ids += tx.execute(insert(subscribers).returning(subscribers.c.id), rows).scalars()
    return tuple(ids)


def remember_confirm_link(tx: Tx, subscriber_id: int, token_hash: str) -> None:
    """Which link confirms, until the subscription ends."""
    _change(tx, subscriber_id, confirm_token_hash=token_hash)


def remember_own_link(tx: Tx, subscriber_id: int, token_hash: str) -> None:
    """Which link leads to their own page."""
    _change(tx, subscriber_id, manage_token_hash=token_hash)


def confirm(tx: Tx, subscriber_id: int, *, at: datetime) -> None:
    """They asked, and it was they: from now on they get the mail."""
    _change(
        tx,
        subscriber_id,
        status=SubscriberStatus.ACTIVE,
        confirmed_at=at,
        ended_at=None,
        soft_bounces=0,
        letter_due_at=None,
    )


def end(tx: Tx, subscriber_id: int, status: SubscriberStatus, *, at: datetime) -> None:
    """No mail any more; a link that once confirmed does so no longer."""
    _change(tx, subscriber_id, status=status, ended_at=at, confirm_token_hash=None, letter_due_at=None)


def set_soft_bounces(tx: Tx, subscriber_id: int, count: int) -> None:
    """How often in a row the mailbox said: later."""
    _change(tx, subscriber_id, soft_bounces=count)


def erase(tx: Tx, subscriber_id: int) -> None:
    """Remove the person; their deliveries stay as numbers, without a word of the relay, which might name them.

    The consent log must have let go of them before.
    """
    tx.execute(update(deliveries).where(deliveries.c.subscriber_id == subscriber_id).values(error=None))
    tx.execute(delete(subscribers).where(subscribers.c.id == subscriber_id))


def skip_queued(tx: Tx, subscriber_id: int) -> None:
    """What is not on its way yet is not sent to them."""
    tx.execute(
        update(deliveries)
        .where(deliveries.c.subscriber_id == subscriber_id, deliveries.c.status == DeliveryStatus.QUEUED)
        .values(status=DeliveryStatus.SKIPPED, next_try_at=None)
    )


def by_id(tx: Tx, subscriber_id: int) -> Subscriber | None:
    """The subscriber with this id."""
    return _one(tx, _subscribers().where(subscribers.c.id == subscriber_id))


def by_address(tx: Tx, address: str) -> Subscriber | None:
    """The subscriber with this address, in lower case."""
    return _one(tx, _subscribers().where(subscribers.c.address == address))


def by_confirm_token(tx: Tx, token_hash: str) -> Subscriber | None:
    """Whom a link that confirms was sent to."""
    return _one(tx, _subscribers().where(subscribers.c.confirm_token_hash == token_hash))


def by_own_token(tx: Tx, token_hash: str) -> Subscriber | None:
    """Whose page a link opens: the link of any mail they got, or of their own page."""
    found = _one(tx, _subscribers().where(subscribers.c.manage_token_hash == token_hash))
    if found is None:
        sent_to = select(deliveries.c.subscriber_id).where(deliveries.c.token_hash == token_hash).scalar_subquery()
        found = _one(tx, _subscribers().where(subscribers.c.id == sent_to))
    return found


def active(tx: Tx) -> tuple[tuple[int, str], ...]:
    """Everybody who gets the mail now: ids with addresses, in the order of their ids."""
    columns = select(subscribers.c.id, subscribers.c.address)
    rows = tx.execute(columns.where(subscribers.c.status == SubscriberStatus.ACTIVE).order_by(subscribers.c.id))
    return tuple((row.id, row.address) for row in rows)


def page(tx: Tx, *, status: SubscriberStatus | None, after: int, limit: int) -> tuple[Subscriber, ...]:
    """The next ones after the id `after`, in the order of their ids; of one status, or all."""
    wanted = _subscribers().where(subscribers.c.id > after).order_by(subscribers.c.id).limit(limit)
    if status is not None:
        wanted = wanted.where(subscribers.c.status == status)
    return tuple(_as_subscriber(row) for row in tx.execute(wanted))


def newest(tx: Tx, *, status: SubscriberStatus | None, before: int | None, limit: int) -> tuple[Subscriber, ...]:
    """Who came last, of one status or all; before the id `before`."""
    wanted = _subscribers().order_by(subscribers.c.id.desc()).limit(limit)
    if status is not None:
        wanted = wanted.where(subscribers.c.status == status)
    if before is not None:
        wanted = wanted.where(subscribers.c.id < before)
    return tuple(_as_subscriber(row) for row in tx.execute(wanted))


def found(tx: Tx, words: str, *, limit: int) -> tuple[Subscriber, ...]:
    """Those whose address holds `words`, by address: 100,000 addresses are looked through in an index of their own."""
    holds = subscribers.c.address.contains(words, autoescape=True)
    wanted = _subscribers().where(holds).order_by(subscribers.c.address).limit(limit)
    return tuple(_as_subscriber(row) for row in tx.execute(wanted))


def letters_waiting(tx: Tx) -> int:
    """How many confirmation mails have not been sent."""
    waits = select(func.count()).where(subscribers.c.letter_due_at.is_not(None))
    return int(tx.scalar(waits) or 0)


def counts(tx: Tx) -> dict[SubscriberStatus, int]:
    """How many there are of each status; all four are there."""
    rows = tx.execute(select(subscribers.c.status, func.count()).group_by(subscribers.c.status))
    found = {status: int(count) for status, count in rows}
    return {status: found.get(status, 0) for status in SubscriberStatus}


def statuses(tx: Tx, addresses: Sequence[str]) -> dict[str, SubscriberStatus]:
    """Those of these addresses that are there, with how they stand."""
    found: dict[str, SubscriberStatus] = {}
    for start in range(0, len(addresses), _PARAMETERS):
        part = addresses[start : start + _PARAMETERS]
        rows = tx.execute(select(subscribers.c.address, subscribers.c.status).where(subscribers.c.address.in_(part)))
        found |= {row.address: SubscriberStatus(row.status) for row in rows}
    return found


def received(tx: Tx, subscriber_id: int) -> tuple[Received, ...]:
    """What they were sent, the first digest first."""
    rows = tx.execute(
        select(digests.c.slug, deliveries.c.status, deliveries.c.sent_at)
        .join_from(deliveries, digests, digests.c.id == deliveries.c.digest_id)
        .where(deliveries.c.subscriber_id == subscriber_id)
        .order_by(digests.c.friday)
    )
    return tuple(Received(digest=row.slug, status=DeliveryStatus(row.status), sent_at=row.sent_at) for row in rows)


def letter_due(tx: Tx, subscriber_id: int, *, at: datetime) -> None:
    """A confirmation mail is to be sent at `at`, and no other one."""
    _change(tx, subscriber_id, letter_due_at=at, letter_tries=0)


def letters_due(tx: Tx, *, now: datetime, limit: int) -> tuple[tuple[Subscriber, int], ...]:
    """Who waits for a confirmation mail, the longest first, and how often it was tried."""
    due = subscribers.c.letter_due_at
    wanted = _subscribers().add_columns(subscribers.c.letter_tries).where(due.is_not(None), due <= now)
    rows = tx.execute(wanted.order_by(due, subscribers.c.id).limit(limit)).all()
    return tuple((_as_subscriber(row), row.letter_tries) for row in rows)


def lease_letter(tx: Tx, subscriber_id: int, *, until: datetime) -> None:
    """Take a confirmation mail in hand: unless it is settled, it is due again at `until`."""
    _change(tx, subscriber_id, letter_due_at=until, letter_tries=subscribers.c.letter_tries + 1)


def letter_settled(tx: Tx, subscriber_id: int) -> None:
    """It was sent, or it never will be."""
    _change(tx, subscriber_id, letter_due_at=None, letter_tries=0)


def unconfirmed(tx: Tx, *, asked_before: datetime, limit: int) -> tuple[Subscriber, ...]:
    """Who asked before, and never confirmed."""
    pending = subscribers.c.status == SubscriberStatus.PENDING
    wanted = _subscribers().where(pending, subscribers.c.asked_at < asked_before).limit(limit)
    return tuple(_as_subscriber(row) for row in tx.execute(wanted))


def ended(tx: Tx, *, before: datetime, limit: int) -> tuple[Subscriber, ...]:
    """Who unsubscribed or was given up before."""
    gone = subscribers.c.status.in_([SubscriberStatus.UNSUBSCRIBED, SubscriberStatus.BOUNCED])
    return tuple(
        _as_subscriber(row)
        for row in tx.execute(_subscribers().where(gone, subscribers.c.ended_at < before).limit(limit))
    )


def _change(tx: Tx, subscriber_id: int, **values: Any) -> None:
    tx.execute(update(subscribers).where(subscribers.c.id == subscriber_id).values(**values))


def _subscribers() -> Select[Any]:
    wanted: Select[Any] = select(*(subscribers.c[field.name] for field in fields(Subscriber)))
    return wanted


def _one(tx: Tx, wanted: Select[Any]) -> Subscriber | None:
    row = tx.execute(wanted).one_or_none()
    return None if row is None else _as_subscriber(row)


def _as_subscriber(row: Row[Any]) -> Subscriber:
    values = {field.name: getattr(row, field.name) for field in fields(Subscriber)}
    return Subscriber(**values | {"status": SubscriberStatus(row.status)})
