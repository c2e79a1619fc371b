"""The queries on readers go by the indexes that are meant for them."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from aggregator.model import SubscriberStatus
from aggregator.store import consents, subscribers
from aggregator.store.database import Database
from tests.conftest import StandingClock
from tests.store.plans import plan_of_first_query


def test_lists_and_links_go_by_their_indexes(db: Database, clock: StandingClock) -> None:
    now = clock()
    plans = {
        "ix_subscribers_status_id": lambda tx: subscribers.active(tx),
        "ix_subscribers_letter_due_at": lambda tx: subscribers.letters_due(tx, now=now, limit=10),
        "ix_consents_subscriber_id_id": lambda tx: consents.of_subscriber(tx, 1),
        "ix_deliveries_subscriber_id": lambda tx: subscribers.received(tx, 1),
        "ix_attempts_since": lambda tx: consents.has_attempts(tx, now),
    }
    for index, ask in plans.items():
        steps = plan_of_first_query(db, ask)
        assert index in " ".join(steps), steps
    with db.read() as tx:
        for question in (
            "SELECT * FROM subscribers WHERE address = 'a'",
            "SELECT * FROM subscribers WHERE confirm_token_hash = 'a'",
            "SELECT * FROM subscribers WHERE manage_token_hash = 'a'",
            "SELECT subscriber_id FROM deliveries WHERE token_hash = 'a'",
        ):
            (step, *_) = [str(row[3]) for row in tx.execute(text(f"EXPLAIN QUERY PLAN {question}"))]
            assert step.startswith("SEARCH"), step


def test_a_list_of_one_status_is_read_in_its_order_without_sorting(db: Database) -> None:
    steps = plan_of_first_query(db, lambda tx: subscribers.page(tx, status=SubscriberStatus.ACTIVE, after=10, limit=50))
    assert not [step for step in steps if "TEMP B-TREE" in step], steps


@pytest.mark.parametrize("most", [1, 3])
def test_attempts_are_counted_within_their_window_alone(db: Database, clock: StandingClock, most: int) -> None:
    window = timedelta(hours=1)

    def takes() -> bool:
        with db.write() as tx:
            return consents.count_attempt(tx, "who", now=clock(), since=clock() - window, most=most)

    assert [takes() for _ in range(most + 2)] == [True] * most + [False] * 2
    clock.advance(minutes=59)
    assert not takes()
    clock.advance(minutes=1)
    assert [takes() for _ in range(most + 1)] == [True] * most + [False]
