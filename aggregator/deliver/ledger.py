"""What mails and posts share: whether anything may leave this database now, and which digest is meant."""

from datetime import datetime

from aggregator.errors import NotFound, Refused
from aggregator.model import DigestStatus
from aggregator.store import deliveries, digests
from aggregator.store.database import Database, Tx
from aggregator.store.deliveries import State


def place_of(db: Database) -> str:
    """Where the database is: a copy has another path, or is another file at the same one."""
    path = db.path.resolve()
    return f"{path} (file {path.stat().st_ino})"


def at_home(tx: Tx, here: str, *, now: datetime) -> State:
    """The outbox's state; a database in a new place is held from now on, one without a place has its own."""
    state = deliveries.state(tx)
    if state.place is None:
        deliveries.set_state(tx, place=here)
    elif state.place != here:
        why = f"This database was copied or moved: what is queued may have been sent from {state.place}."
        deliveries.hold(tx, why, now=now)
    return deliveries.state(tx)


def check_open(state: State) -> None:
    """Raises Refused while the outbox is held or paused."""
    if state.held:
        raise Refused(f"The outbox is on hold: {state.held}", "When that is mended: five outbox resume")
    if state.paused_at:
        raise Refused("The outbox is paused.", "Go on with: five outbox resume")


def published_id(tx: Tx, selector: str) -> int:
    """The id of the published digest that is meant. Raises NotFound."""
    found = [one for one in digests.every(tx) if selector in (one.slug, str(one.number))]
    if not found or found[0].status is not DigestStatus.PUBLISHED:
        raise NotFound(f"There is no published digest {selector}.", "See them all with: five digest list")
    return found[0].id
