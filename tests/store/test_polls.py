"""Which feeds are due, and what a poll leaves behind."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from aggregator.model import FailureReason, FeedStatus, IdentityPolicy, PollRecord
from aggregator.store import polls
from aggregator.store.database import Database
from aggregator.store.schema import feeds
from tests.poll.values import NOW
from tests.rows import follow_a_feed
from tests.store.plans import plan_of_first_query

HOUR = timedelta(hours=1)

RECORD = PollRecord(
    polled_at=NOW,
    succeeded_at=NOW,
    newest_entry_at=NOW,
    status=None,
    identity=IdentityPolicy.GUID_AND_URL,
    failures=2,
    failure_reason=FailureReason.TIMEOUT,
    failure_message="It took too long.",
    etag='W/"1"',
    last_modified="Wed, 18 Nov 2026 08:00:00 GMT",
    body_hash="hash",
    moved_to="https://new.example/",
    moved_since=NOW - HOUR,
    gone_since=NOW - 2 * HOUR,
    ttl=timedelta(minutes=90),
    skip_hours=(0, 1, 23),
    skip_days=(5, 6),
    next_poll_at=NOW + HOUR,
    next_poll_reason="because",
)


def test_due_are_the_active_ones_whose_time_has_come_the_longest_overdue_first(db: Database) -> None:
    with db.write() as tx:
        soon = follow_a_feed(tx, next_poll_at=NOW)
        sooner = follow_a_feed(tx, next_poll_at=NOW - HOUR)
        later = follow_a_feed(tx, next_poll_at=NOW + timedelta(seconds=1))
        follow_a_feed(tx, next_poll_at=NOW - HOUR, status="paused")
        follow_a_feed(tx, next_poll_at=NOW - HOUR, status="gone")
    with db.read() as tx:
        assert [feed.id for feed in polls.due(tx, NOW)] == [sooner, soon]
        assert [feed.id for feed in polls.due(tx, NOW, limit=1)] == [sooner]
        assert [feed.id for feed in polls.active(tx)] == [sooner, soon, later]


def test_a_time_further_off_than_any_wait_was_set_by_a_wrong_clock(db: Database) -> None:
    with db.write() as tx:
        wrong = follow_a_feed(tx, next_poll_at=NOW + timedelta(days=3650))
        follow_a_feed(tx, next_poll_at=NOW + timedelta(days=8))
    with db.read() as tx:
        assert [feed.id for feed in polls.due(tx, NOW)] == [wrong]


def test_due_goes_by_its_index(db: Database) -> None:
    plan = plan_of_first_query(db, lambda tx: polls.due(tx, NOW))
    assert any("ix_feeds_status_next_poll_at" in step for step in plan), plan
    assert not any("TEMP B-TREE" in step for step in plan), plan


def test_what_was_recorded_is_what_the_next_poll_is_told(db: Database) -> None:
    with db.write() as tx:
        feed_id = follow_a_feed(tx)
        polls.record(tx, {feed_id: RECORD})
        feed = polls.one(tx, feed_id)
    assert feed is not None
    for name in (
        "etag", "last_modified", "body_hash", "failures", "failure_reason", "gone_since", "moved_to", "moved_since",
        "identity", "ttl", "skip_hours", "skip_days",
    ):  # fmt: skip
        assert getattr(feed, name) == getattr(RECORD, name), name
    assert feed.status is FeedStatus.ACTIVE


def test_a_feed_that_was_never_polled_has_no_past(db: Database) -> None:
    with db.write() as tx:
        feed = polls.one(tx, follow_a_feed(tx))
        assert polls.one(tx, 99) is None
    assert feed is not None
    assert (feed.etag, feed.body_hash, feed.ttl, feed.skip_hours, feed.failure_reason) == (None, None, None, (), None)


@pytest.mark.parametrize("status", [None, FeedStatus.GONE])
def test_what_a_record_leaves_open_stays(db: Database, status: FeedStatus | None) -> None:
    later = replace(RECORD, polled_at=NOW + HOUR, succeeded_at=None, newest_entry_at=None, status=status)
    with db.write() as tx:
        feed_id = follow_a_feed(tx, status="paused")
        neighbour = follow_a_feed(tx)
        polls.record(tx, {feed_id: RECORD})
        polls.record(tx, {feed_id: later})
        row = tx.execute(select(feeds).where(feeds.c.id == feed_id)).one()
        other = tx.execute(select(feeds).where(feeds.c.id == neighbour)).one()
    assert (row.polled_at, row.succeeded_at, row.newest_entry_at) == (NOW + HOUR, NOW, NOW)
    assert row.status == (status or "paused")
    assert (row.next_poll_at, row.next_poll_reason) == (NOW + HOUR, "because")
    assert other.etag is None


def test_postponing_never_brings_a_poll_forward(db: Database) -> None:
    with db.write() as tx:
        early = follow_a_feed(tx, next_poll_at=NOW)
        late = follow_a_feed(tx, next_poll_at=NOW + 9 * HOUR)
        follow_a_feed(tx, next_poll_at=NOW)
        polls.postpone(tx, [early, late], NOW + 2 * HOUR, "its server asked")
        polls.postpone(tx, [], NOW + 2 * HOUR, "its server asked")
        rows = tx.execute(select(feeds.c.next_poll_at, feeds.c.next_poll_reason).order_by(feeds.c.id)).all()
    assert [row[0] for row in rows] == [NOW + 2 * HOUR, NOW + 9 * HOUR, NOW]
    assert [row[1] == "its server asked" for row in rows] == [True, False, False]
