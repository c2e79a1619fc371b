"""Readers, and digests on their way to them, as they are in life."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from sqlalchemy import insert, update

from aggregator.app import App
from aggregator.model import ConsentAction, DeliveryStatus, ReturnedKind
from aggregator.store import consents, returned
from aggregator.store.database import Tx
from aggregator.store.schema_readers import deliveries, posts, subscribers
from tests.builders import FRIDAY
from tests.deliver.posting import add_readers
from tests.rows import WEDNESDAY, add_digest

LAST = FRIDAY - timedelta(weeks=3)
ERROR = "451 4.3.2 <reader@example.org> Please try again later, we are having a very slow morning here."


def send(
    tx: Tx,
    readers: list[int],
    states: Mapping[str, int],
    *,
    friday: date = LAST,
    published_at: datetime = WEDNESDAY - timedelta(days=5),
    **given: object,
) -> str:
    """A published digest; of its readers so many stand in each state. Gives its slug."""
    number = (friday - date(2024, 1, 5)).days // 7
    digest_id = add_digest(tx, friday=friday, number=number, status="published", published_at=published_at)
    each = [state for state, count in states.items() for _ in range(count)]
    rows = [
        {
            "digest_id": digest_id,
            "subscriber_id": reader,
            "status": state,
            "message_id": f"<{digest_id}.{reader}@five.example.org>",
            "token_hash": f"{digest_id:032}{reader:032}",
            "queued_at": published_at,
            "claimed_at": None if state == "queued" else published_at,
            "sent_at": published_at if state == "sent" else None,
            "next_try_at": published_at if state == "queued" else None,
            "tries": 0 if state == "queued" else 2,
            "error": ERROR if state in ("failed", "uncertain") else None,
            **given,
        }
        for reader, state in zip(readers, each, strict=True)
    ]
    tx.execute(insert(deliveries), rows)
    return friday.isoformat()


def fill_register(app: App) -> list[int]:
    """Some of every status, one with a very long address; digests in every state, of which mails came back."""
    with app.db.write() as tx:
        readers = add_readers(tx, 60)
        add_readers(tx, 3, status="pending")
        add_readers(tx, 2, status="bounced")
        asked = WEDNESDAY - timedelta(days=40)
        tx.execute(update(subscribers).values(created_at=asked, asked_at=asked, confirmed_at=asked))
        for status, values in (("pending", {"confirmed_at": None}), ("bounced", {"ended_at": WEDNESDAY})):
            tx.execute(update(subscribers).where(subscribers.c.status == status).values(**values))
        long = f"{'a' * 60}@{'department-of-' * 8}example.org"
        tx.execute(update(subscribers).where(subscribers.c.id == readers[0]).values(address=long))
        agreed = consents.wording(tx, app.subscribers.wording, at=WEDNESDAY)
        for action, source in ((ConsentAction.ASKED, "form"), (ConsentAction.CONFIRMED, "link")):
            consents.log(tx, readers[:1], action, at=WEDNESDAY, source=source, wording_hash=agreed)
        send(tx, readers, {"uncertain": 2, "failed": 3, "sent": 30, "queued": 24, "skipped": 1})
        send(tx, readers, {"sent": 60}, friday=LAST - timedelta(weeks=1), published_at=WEDNESDAY - timedelta(days=12))
        for n, kind in enumerate((ReturnedKind.HARD, ReturnedKind.SOFT, ReturnedKind.COMPLAINT)):
            returned.add(tx, f"k{n}", digest_id=1, subscriber_id=readers[0], kind=kind, said="5.1.1", at=WEDNESDAY)
    return readers


def post_all(app: App) -> None:
    """The digest of last Friday in other publications: posted, to be posted, failed, and nobody can tell."""
    where = {"wordpress": "sent", "folder": "queued", "git": "failed", "webhook": "uncertain"}
    with app.db.write() as tx:
        digest_id = add_digest(tx, friday=LAST - timedelta(weeks=3), number=90, status="published")
        for place, status in where.items():
            row = {
                "digest_id": digest_id,
                "place": place,
                "status": status,
                "queued_at": WEDNESDAY,
                "claimed_at": WEDNESDAY,
                "done_at": WEDNESDAY if status == "sent" else None,
                "next_try_at": WEDNESDAY + timedelta(hours=2) if status == "queued" else None,
                "tries": 2,
                "url": "https://blog.example.org/five-for-friday-90" if status == "sent" else None,
                "error": None if status == "sent" else f"It answers with {'5' * 90}.",
            }
            tx.execute(insert(posts).values(**row))


def states(app: App, slug: str) -> dict[str, int]:
    """How many deliveries of a digest stand in each state, but none where none do."""
    _, found = app.dispatches.one(slug)
    return {status.value: found.counts[status] for status in DeliveryStatus if found.counts[status]}
