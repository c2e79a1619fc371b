"""What readers agreed to, which addresses must not come back, and who asks too often."""

import hashlib
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import case, delete, insert, literal, select, update
from sqlalchemy.dialects.sqlite import insert as insert_or

from aggregator.model import Consent, ConsentAction
from aggregator.store.database import Tx
from aggregator.store.schema_readers import attempts, consents, subscribers, suppressions, wordings


def wording(tx: Tx, text: str, *, at: datetime) -> str:
    """The hash under which this wording is kept, from now on if it is new."""
    digest = hashlib.sha256(text.encode()).hexdigest()
    tx.execute(insert_or(wordings).values(hash=digest, text=text, first_used_at=at).on_conflict_do_nothing())
    return digest


def log(
    tx: Tx,
    subscriber_ids: Collection[int | None],
    action: ConsentAction,
    *,
    at: datetime,
    source: str,
    wording_hash: str | None = None,
) -> None:
    """Add one line for each of them; None is somebody who is not there any more."""
    rows = [
        {"subscriber_id": each, "at": at, "action": action, "wording_hash": wording_hash, "source": source}
        for each in subscriber_ids
    ]
    if rows:
        tx.execute(insert(consents), rows)


def log_asked(tx: Tx, subscriber_id: int, *, at: datetime, source: str, wording_hash: str) -> None:
    """Add the line that this subscriber was asked; none when there is nobody with this id."""
    row = {"at": at, "action": ConsentAction.ASKED, "wording_hash": wording_hash, "source": source}
    values = [literal(value, consents.c[name].type) for name, value in row.items()]
    who = select(subscribers.c.id, *values).where(subscribers.c.id == subscriber_id)
    tx.execute(insert(consents).from_select(["subscriber_id", *row], who))


def of_subscriber(tx: Tx, subscriber_id: int) -> tuple[Consent, ...]:
    """The log of one subscriber, from the first line on."""
    rows = tx.execute(
        select(consents.c.at, consents.c.action, consents.c.source, wordings.c.text)
        .outerjoin_from(consents, wordings, wordings.c.hash == consents.c.wording_hash)
        .where(consents.c.subscriber_id == subscriber_id)
        .order_by(consents.c.id)
    )
    return tuple(
        Consent(at=at, action=ConsentAction(action), source=src, wording=text) for at, action, src, text in rows
    )


def detach(tx: Tx, subscriber_ids: Collection[int]) -> None:
    """Take them out of their lines: what stays says that somebody agreed, and no longer who."""
    tx.execute(update(consents).where(consents.c.subscriber_id.in_(subscriber_ids)).values(subscriber_id=None))


def suppress(tx: Tx, address_hash: str, *, at: datetime, reason: str, key_id: str) -> None:
    """Never bring this address back by an import; the newest reason counts."""
    row = insert_or(suppressions).values(address_hash=address_hash, at=at, reason=reason, key_id=key_id)
    tx.execute(
        row.on_conflict_do_update(index_elements=["address_hash"], set_={"at": at, "reason": reason, "key_id": key_id})
    )


def suppression(tx: Tx, address_hash: str) -> str | None:
    """Why this address must not come back; None when it may."""
    reason: str | None = tx.scalar(select(suppressions.c.reason).where(suppressions.c.address_hash == address_hash))
    return reason


def lift(tx: Tx, address_hash: str) -> None:
    """The person asked again, and confirmed it."""
    tx.execute(delete(suppressions).where(suppressions.c.address_hash == address_hash))


def suppressed_hashes(tx: Tx) -> dict[str, str]:
    """Every suppressed address's hash, with the reason."""
    return {row.address_hash: row.reason for row in tx.execute(select(suppressions))}


def keys(tx: Tx) -> set[str]:
    """The keys that suppressions were made with: one, unless a key was lost."""
    return set(tx.execute(select(suppressions.c.key_id).distinct()).scalars())


def count_attempt(tx: Tx, who_hash: str, *, now: datetime, since: datetime, most: int) -> bool:
    """Count one more attempt since `since`; False, and nothing written, when there were `most` already."""
    held = tx.execute(select(attempts).where(attempts.c.who_hash == who_hash)).one_or_none()
    if held is not None and held.since > since and held.times >= most:
        return False
    row = insert_or(attempts).values(who_hash=who_hash, since=now, times=1)
    fresh = attempts.c.since > since
    tx.execute(
        row.on_conflict_do_update(
            index_elements=["who_hash"],
            set_={
                "since": case((fresh, attempts.c.since), else_=now),
                "times": case((fresh, attempts.c.times + 1), else_=1),
            },
        )
    )
    return True


def forget_attempts(tx: Tx, before: datetime) -> None:
    """Drop the counters that began before."""
    tx.execute(delete(attempts).where(attempts.c.since < before))


def has_attempts(tx: Tx, before: datetime) -> bool:
    """Whether `forget_attempts` has anything to do."""
    return tx.scalar(select(attempts.c.since).where(attempts.c.since < before).limit(1)) is not None
