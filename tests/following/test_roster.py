"""The feeds as maintainers look through them: filtered and sorted by the database, counted once."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from aggregator import errors
from aggregator.feeds.health import state_of
from aggregator.feeds.roster import AT_ONCE, Look, Order, Page, Roster
from aggregator.model import FeedState
from aggregator.store import activity
from aggregator.store import feeds as store
from aggregator.store import roster as query
from aggregator.store.database import Database
from aggregator.store.roster import Reckoned
from tests.conftest import StandingClock
from tests.rows import WEDNESDAY, add_bookmark, add_digest, add_entry, follow_a_feed
from tests.store.plans import plan_of_first_query

DAY = timedelta(days=1)
MONDAY = date(2026, 11, 16)


@pytest.fixture
def roster(db: Database, clock: StandingClock) -> Roster:
    return Roster(db=db, clock=clock)


def titles(page: Page) -> list[str]:
    return [row.health.feed.title for row in page.rows]


def test_the_database_and_the_rule_agree_on_every_state(db: Database, clock: StandingClock, roster: Roster) -> None:
    with db.write() as tx:
        for status in ("active", "paused", "gone"):
            for failures in (0, 2):
                for polled in (None, WEDNESDAY):
                    for moved in (None, "https://new.example/"):
                        for newest in (None, clock() - 365 * DAY, clock() - 365 * DAY - timedelta(seconds=1)):
                            given = {"polled_at": polled, "moved_to": moved, "newest_entry_at": newest}
                            follow_a_feed(tx, status=status, failures=failures, **given)
    with db.read() as tx:
        feeds = store.every(tx)
    for state in FeedState:
        by_rule = {feed.id for feed in feeds if state_of(feed, clock()) is state}
        page = roster.page(Look(states=(state,)))
        assert by_rule, state
        assert (page.total, page.states[state]) == (len(by_rule), len(by_rule)), state
        assert {row.health.feed.id for row in page.rows} <= by_rule
    assert sum(page.states.values()) == len(feeds)


def test_who_needs_a_hand_comes_first(db: Database, roster: Roster) -> None:
    with db.write() as tx:
        follow_a_feed(tx, title="b well", newest_entry_at=WEDNESDAY)
        follow_a_feed(tx, title="A well", newest_entry_at=WEDNESDAY)
        follow_a_feed(tx, title="paused", status="paused")
        follow_a_feed(tx, title="moved", moved_to="https://new.example/")
        follow_a_feed(tx, title="failing", failures=1)
    assert titles(roster.page(Look())) == ["failing", "moved", "A well", "b well", "paused"]


@pytest.mark.parametrize(
    ("look", "found"),
    [
        (Look(search="DIGITAL"), ["Borset digital", "Felper Digital"]),
        (Look(search="wales digital"), ["Felper Digital"]),
        (Look(search="blog3.example"), ["100 % service"]),
        (Look(search="%"), ["100 % service"]),
        (Look(search="_"), []),
        (Look(kind="Leaders"), ["100 % service"]),
        (Look(kind="Leaders", search="digital"), []),
    ],
)
def test_words_and_kinds_are_filters(db: Database, roster: Roster, look: Look, found: list[str]) -> None:
    with db.write() as tx:
        follow_a_feed(tx, title="Borset digital")
        follow_a_feed(tx, title="Felper Digital", region="Wales")
        follow_a_feed(tx, title="100 % service", kind="Leaders")
    page = roster.page(look)
    assert (titles(page), page.total) == (found, len(found))
    assert page.kinds == ("Councils", "Leaders")


def test_every_order_sorts(db: Database, roster: Roster) -> None:
    with db.write() as tx:
        quick = follow_a_feed(tx, title="C quick", newest_entry_at=WEDNESDAY - DAY, next_poll_at=WEDNESDAY + DAY)
        picked = follow_a_feed(tx, title="B picked", newest_entry_at=WEDNESDAY, next_poll_at=WEDNESDAY)
        follow_a_feed(tx, title="A paused", status="paused", next_poll_at=WEDNESDAY - DAY)
        for _ in range(3):
            add_entry(tx, quick)
        bookmark = add_bookmark(tx, entry_id=add_entry(tx, picked))
        add_digest(tx, bookmark, status="published", published_at=WEDNESDAY)
    roster.count()
    expected = {
        Order.TITLE: ["A paused", "B picked", "C quick"],
        Order.LATEST: ["B picked", "C quick", "A paused"],
        Order.ACTIVITY: ["C quick", "B picked", "A paused"],
        Order.PICKS: ["B picked", "A paused", "C quick"],
        Order.NEXT: ["B picked", "C quick", "A paused"],
    }
    for order, found in expected.items():
        assert titles(roster.page(Look(order=order))) == found, order


def test_only_a_published_pick_of_this_year_counts(db: Database, clock: StandingClock, roster: Roster) -> None:
    with db.write() as tx:
        feed = follow_a_feed(tx)
        given = ((0, "published", WEDNESDAY), (1, "draft", None), (60, "published", WEDNESDAY - 366 * DAY))
        for weeks, status, at in given:
            bookmark = add_bookmark(tx, entry_id=add_entry(tx, feed))
            friday = date(2026, 11, 20) - timedelta(weeks=weeks)
            add_digest(tx, bookmark, friday=friday, status=status, published_at=at)
    assert roster.one(feed).picks == 1


def test_an_entry_counts_in_the_week_that_it_was_posted_in(db: Database, roster: Roster) -> None:
    with db.write() as tx:
        feed, other = follow_a_feed(tx), follow_a_feed(tx)
        for posted, seen in (
            (WEDNESDAY, WEDNESDAY),
            (None, WEDNESDAY),
            (WEDNESDAY - 3 * DAY, WEDNESDAY),  # Sunday
            (WEDNESDAY + 9 * DAY, WEDNESDAY),  # never later than it was seen
            (WEDNESDAY - 400 * DAY, WEDNESDAY),
        ):
            add_entry(tx, feed, published_at=posted, first_seen_at=seen)
        add_entry(tx, other)
    roster.count()
    weeks = roster.one(feed).weeks
    assert [(week.monday, week.entries) for week in weeks[-2:]] == [(MONDAY - 7 * DAY, 1), (MONDAY, 3)]
    assert sum(week.entries for week in weeks) == 4, "half a year is shown"
    assert roster.one(feed).a_month == 4 / 6
    assert [week.entries for week in roster.page(Look()).weeks[-2:]] == [1, 4]


def test_each_entry_is_counted_once_whoever_counts(db: Database, roster: Roster) -> None:
    def this_week() -> int:
        return roster.page(Look()).weeks[-1].entries

    with db.write() as tx:
        feed = follow_a_feed(tx)
        for _ in range(3):
            add_entry(tx, feed)
    with db.read() as tx:
        twice = activity.uncounted(tx, 1000)
    assert (roster.count(), this_week()) == (1, 3)
    with db.write() as tx:
        assert not activity.add(tx, twice)
    assert (roster.count(), this_week()) == (0, 3)
    with db.write() as tx:
        add_entry(tx, feed)
    assert (roster.count(), this_week()) == (1, 4)


def test_counting_stops_when_asked_and_says_that_it_lags(db: Database, roster: Roster) -> None:
    with db.write() as tx:
        feed = follow_a_feed(tx)
        add_entry(tx, feed, id=5000)
    assert roster.page(Look()).is_counting
    assert roster.count(lambda: True) == 0
    roster.count()
    assert not roster.page(Look()).is_counting


def test_a_page_is_cut_by_the_database(db: Database, roster: Roster) -> None:
    with db.write() as tx:
        for number in range(AT_ONCE + 3):
            follow_a_feed(tx, title=f"Blog {number:03}")
    assert titles(roster.page(Look(order=Order.TITLE), start=AT_ONCE)) == [f"Blog {AT_ONCE + n:03}" for n in range(3)]
    assert roster.page(Look(), start=10_000).rows == ()


@pytest.mark.parametrize("wanted", [0, 7, 2**63, 10**40])
def test_an_unknown_feed_is_named(roster: Roster, wanted: int) -> None:
    with pytest.raises(errors.NotFound, match=str(wanted)):
        roster.one(wanted)


def test_counting_and_charts_go_by_their_indexes(db: Database, clock: StandingClock) -> None:
    at = Reckoned(now=clock(), quiet_before=clock(), first_week=MONDAY, picks_since=clock())
    asks: dict[str, tuple[Callable[..., object], tuple[object, ...]]] = {
        "ix_feed_weeks_week_entries": (activity.by_week, (MONDAY,)),
        "ix_feed_weeks_last_entry_id": (activity.counted_upto, ()),
        "sqlite_autoindex_feed_weeks": (activity.of_feeds, ([1, 2], MONDAY)),
    }
    for index, (ask, given) in asks.items():
        steps = plan_of_first_query(db, lambda tx, ask=ask, given=given: ask(tx, *given))  # type: ignore[misc]
        assert any(index in step for step in steps), steps
    steps = plan_of_first_query(db, lambda tx: activity.picks_of(tx, at.picks_since))
    assert not any(step.startswith(("SCAN entries", "SCAN bookmarks")) for step in steps), steps
    steps = plan_of_first_query(db, lambda tx: query.page(tx, Look(), at, start=0, limit=5))
    assert not any("entries" in step for step in steps), steps
