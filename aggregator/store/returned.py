"""Mails that came back: each is counted once, whoever reads it and however often."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.dialects.sqlite import insert as insert_or

from aggregator.model import DeliveryStatus, ReturnedKind
from aggregator.store.database import Tx
from aggregator.store.schema import digests
from aggregator.store.schema_readers import deliveries, returned_mails


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """What became of one mail to a reader: how it left, and the codes with which it came back, if it did."""

    status: DeliveryStatus
    error: str | None
    soft: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CameBack:
    """One mail to somebody that came back, or about which they complained."""

    kind: ReturnedKind
    said: str
    at: datetime  # when the report was read


def add(
    tx: Tx, key: str, *, digest_id: int | None, subscriber_id: int, kind: ReturnedKind, said: str, at: datetime
) -> bool:
    """Write it down; False when it was before. `said` is a code and no address."""
    row = insert_or(returned_mails).values(
        key=key, digest_id=digest_id, subscriber_id=subscriber_id, kind=kind.value, said=said, at=at
    )
    return tx.execute(row.on_conflict_do_nothing()).rowcount == 1


def queued_at(tx: Tx, digest_id: int, subscriber_id: int) -> datetime | None:
    """When the mail of this digest to this reader was queued; None when the ledger has none."""
    mine = (deliveries.c.digest_id == digest_id) & (deliveries.c.subscriber_id == subscriber_id)
    found: datetime | None = tx.scalar(select(deliveries.c.queued_at).where(mine))
    return found


def by_token(tx: Tx, token_hash: str) -> tuple[int, int] | None:
    """The digest and the reader of the mail whose links have this token."""
    wanted = select(deliveries.c.digest_id, deliveries.c.subscriber_id).where(deliveries.c.token_hash == token_hash)
    row = tx.execute(wanted).one_or_none()
    return None if row is None else (row.digest_id, row.subscriber_id)


def fates(tx: Tx, subscriber_id: int, *, limit: int) -> tuple[Fate, ...]:
    """What became of the last mails to a reader that were tried to the end, the newest digest first."""
    over = [DeliveryStatus.SENT.value, DeliveryStatus.FAILED.value]
    last = (
        select(deliveries.c.digest_id, deliveries.c.status, deliveries.c.error)
        .where(deliveries.c.subscriber_id == subscriber_id, deliveries.c.status.in_(over))
        .order_by(deliveries.c.queued_at.desc(), deliveries.c.digest_id.desc())
        .limit(limit)
    )
    soft = select(returned_mails.c.digest_id, returned_mails.c.said).where(
        returned_mails.c.subscriber_id == subscriber_id, returned_mails.c.kind == ReturnedKind.SOFT.value
    )
    said: dict[int | None, list[str]] = {}
    for digest_id, code in tx.execute(soft):
        said.setdefault(digest_id, []).append(code)
    return tuple(
        Fate(status=DeliveryStatus(row.status), error=row.error, soft=tuple(said.get(row.digest_id, ())))
        for row in tx.execute(last)
    )


def of_subscriber(tx: Tx, subscriber_id: int) -> tuple[CameBack, ...]:
    """What came back of one reader's mails, the first one first."""
    columns = select(returned_mails.c.kind, returned_mails.c.said, returned_mails.c.at)
    rows = tx.execute(columns.where(returned_mails.c.subscriber_id == subscriber_id).order_by(returned_mails.c.at))
    return tuple(CameBack(kind=ReturnedKind(row.kind), said=row.said, at=row.at) for row in rows)


def counts(tx: Tx, *, limit: int = 1, slug: str | None = None) -> Mapping[str, Mapping[ReturnedKind, int]]:
    """How many mails of the newest digests, or of one, came back, by slug; only digests of which one did."""
    newest = select(digests.c.id).order_by(digests.c.friday.desc()).limit(limit)
    rows = tx.execute(
        select(digests.c.slug, returned_mails.c.kind, func.count())
        .join_from(returned_mails, digests, digests.c.id == returned_mails.c.digest_id)
        .where(digests.c.slug == slug if slug else returned_mails.c.digest_id.in_(newest))
        .group_by(digests.c.id, returned_mails.c.kind)
    )
    found: dict[str, dict[ReturnedKind, int]] = {}
    for slug, kind, number in rows:
        found.setdefault(slug, dict.fromkeys(ReturnedKind, 0))[ReturnedKind(kind)] = number
    return found
