"""What must be true again, without hands, after anything destructive (THREATS, invariants)."""

from datetime import datetime

from aggregator.feeds.health import State, late, state_of
from aggregator.locks import hold
from aggregator.store import feeds
from aggregator.store.database import Database


def assert_healthy(db: Database, now: datetime) -> None:
    """The database is whole, no feed fails or is late, and no lock is held."""
    assert db.problems() == []
    with db.read() as tx:
        followed = feeds.every(tx)
    assert late(followed, now) == ()
    assert State.FAILING not in {state_of(feed, now) for feed in followed}
    for lock in db.path.parent.glob("*.lock"):
        with hold(lock) as held:
            assert held, f"{lock.name} is still held"
