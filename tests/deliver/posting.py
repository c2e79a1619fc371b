"""An outbox with readers and digests, for tests."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path

from sqlalchemy import insert, select

from aggregator.clock import Clock
from aggregator.deliver.outbox import Outbox
from aggregator.deliver.returned.paths import ReturnPaths
from aggregator.deliver.tokens import Tokens
from aggregator.deliver.transport import Transport
from aggregator.digest.render import render
from aggregator.model import Digest, DigestStatus, Form
from aggregator.store import digests
from aggregator.store.database import Database, Tx
from aggregator.store.schema_readers import deliveries, subscribers
from tests.builders import a_digest, a_publication
from tests.rows import add_digest

NOW = datetime.fromisoformat("2026-11-20T12:00:00+00:00")
FORMS: dict[Form, str] = render(a_digest(), a_publication())


def an_outbox(
    db: Database,
    clock: Clock,
    transport: Transport,
    *,
    canary: int = 0,
    per_minute: int = 0,
    bounce_address: str = "bounces@example.org",
    places: Sequence[str] = (),
) -> Outbox:
    """An outbox that sends at once."""
    tokens = Tokens(Path(db.path).with_name("secret.key"))
    return Outbox(
        db=db,
        clock=clock,
        publication=a_publication(),
        transport=transport,
        tokens=tokens,
        paths=ReturnPaths(bounce_address, publication=a_publication(), tokens=tokens),
        lock_path=Path(db.path).with_name("outbox.lock"),
        mails_per_minute=per_minute,
        canary=canary,
        canary_wait=timedelta(minutes=5),
        places=places,
    )


def add_readers(tx: Tx, count: int, *, status: str = "active") -> list[int]:
    """Subscribers, reader1@example.org and on."""
    first = len(tx.execute(select(subscribers.c.id)).all()) + 1
    rows = [
        {
            "address": f"reader{number}@example.org",
            "status": status,
            "created_at": NOW,
            "asked_at": NOW,
            "confirmed_at": NOW,
            "soft_bounces": 0,
            "letter_tries": 0,
        }
        for number in range(first, first + count)
    ]
    tx.execute(insert(subscribers), rows)
    return list(tx.scalars(select(subscribers.c.id).order_by(subscribers.c.id)))[-count:]


def publish(tx: Tx, outbox: Outbox, *, friday: date = date(2026, 11, 20)) -> Digest:
    """A published digest, queued for every active reader."""
    number = digests.next_number(tx)
    digest_id = add_digest(tx, friday=friday, number=number, status=DigestStatus.PUBLISHED.value, published_at=NOW)
    digests.freeze(tx, digest_id, FORMS)
    digest = digests.by_id(tx, digest_id)
    assert digest is not None
    outbox.freeze(tx, digest)
    return digest


def ledger(tx: Tx, digest_id: int) -> dict[str, str]:
    """The state of each reader's delivery, by address."""
    rows = tx.execute(
        select(subscribers.c.address, deliveries.c.status)
        .join_from(deliveries, subscribers, subscribers.c.id == deliveries.c.subscriber_id)
        .where(deliveries.c.digest_id == digest_id)
    )
    return {row.address: row.status for row in rows}
