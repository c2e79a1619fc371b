"""Feeds in the database: round trips, order, and what a new address makes them forget."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from aggregator.model import Feed, FeedStatus, Listing
from aggregator.store import feeds as store
from aggregator.store.database import Database
from aggregator.store.schema import feeds
from tests.rows import follow_a_feed

NOW = datetime(2026, 11, 18, 10, tzinfo=UTC)
LISTING = Listing(
    title="Barset Digital",
    xml_url="https://barset.example/feed",
    html_url=None,
    kind="Councils",
    region="England SW",
    confidence="guess",
    line=7,
)


def test_a_followed_feed_reads_back_whole(db: Database) -> None:
    with db.write() as tx:
        feed_id = store.follow(tx, LISTING, at=NOW, next_poll_reason="never polled yet")
    with db.read() as tx:
        found = store.by_id(tx, feed_id)
        assert store.by_xml_url(tx, "https://barset.example/feed") == found
        assert store.by_xml_url(tx, "https://barset.example/feed/") is None
        assert store.by_id(tx, feed_id + 1) is None
    assert found == Feed(
        id=feed_id,
        xml_url="https://barset.example/feed",
        html_url=None,
        title="Barset Digital",
        kind="Councils",
        region="England SW",
        confidence="guess",
        status=FeedStatus.ACTIVE,
        followed_at=NOW,
        next_poll_at=NOW,
        next_poll_reason="never polled yet",
        polled_at=None,
        succeeded_at=None,
        newest_entry_at=None,
        failures=0,
        failure_reason=None,
        failure_message=None,
        moved_to=None,
        moved_since=None,
    )


def test_an_address_is_followed_once(db: Database) -> None:
    with db.write() as tx:
        store.follow(tx, LISTING, at=NOW, next_poll_reason="")
    with pytest.raises(IntegrityError), db.write() as tx:
        store.follow(tx, LISTING, at=NOW, next_poll_reason="")


def test_feeds_are_listed_by_kind_and_then_by_title(db: Database) -> None:
    with db.write() as tx:
        for kind, title in (("Press", "a"), ("Councils", "b"), ("Councils", "C"), ("Councils", "A")):
            follow_a_feed(tx, kind=kind, title=title)
        assert [(feed.kind, feed.title) for feed in store.every(tx)] == [
            ("Councils", "A"),
            ("Councils", "b"),
            ("Councils", "C"),
            ("Press", "a"),
        ]


def test_a_status_is_given_to_these_feeds_alone(db: Database) -> None:
    with db.write() as tx:
        one, two, three = (follow_a_feed(tx) for _ in range(3))
        store.set_status(tx, [one, three], FeedStatus.PAUSED)
        store.set_status(tx, [], FeedStatus.GONE)
        assert {feed.id: feed.status for feed in store.every(tx)} == {
            one: FeedStatus.PAUSED,
            two: FeedStatus.ACTIVE,
            three: FeedStatus.PAUSED,
        }


def test_describing_changes_the_words_and_not_the_polling(db: Database) -> None:
    with db.write() as tx:
        feed_id = follow_a_feed(tx, failures=3)
        other = follow_a_feed(tx)
        before, untouched = store.by_id(tx, feed_id), store.by_id(tx, other)
        store.describe(tx, feed_id, LISTING)
        after = store.by_id(tx, feed_id)
        assert store.by_id(tx, other) == untouched
    assert before
    assert after
    assert (after.title, after.html_url, after.kind) == ("Barset Digital", None, "Councils")
    assert (after.region, after.confidence) == ("England SW", "guess")
    assert (after.xml_url, after.next_poll_at, after.failures) == (before.xml_url, before.next_poll_at, 3)


def test_a_new_address_forgets_what_the_old_server_said(db: Database) -> None:
    told = {
        "etag": '"1"',
        "last_modified": "Wed, 18 Nov 2026 09:00:00 GMT",
        "body_hash": "0",
        "moved_to": "https://new.example/feed",
        "moved_since": NOW - timedelta(days=9),
        "gone_since": NOW - timedelta(days=1),
        "failure_reason": "gone",
        "failure_message": "Gone.",
        "ttl_seconds": 60,
        "skip_hours": "1",
        "skip_days": "2",
    }
    with db.write() as tx:
        feed_id = follow_a_feed(tx, **told, failures=2, status="gone")
        store.readdress(tx, feed_id, "https://new.example/feed", at=NOW, next_poll_reason="its address changed")
        row = tx.execute(select(feeds).where(feeds.c.id == feed_id)).one()._asdict()
    assert {name: row[name] for name in told} == dict.fromkeys(told)
    assert (row["xml_url"], row["status"], row["failures"]) == ("https://new.example/feed", "active", 0)
    assert (row["next_poll_at"], row["next_poll_reason"]) == (NOW, "its address changed")
