"""When a feed is due next, and the reason that maintainers read."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.clock import Calendar
from aggregator.model import FailureReason
from aggregator.poll import cadence
from aggregator.poll.cadence import NextPoll, Wishes, after_failure, after_success, in_words, next_cutoff
from tests.poll.values import NOW, a_failure

HOUR = timedelta(hours=1)
SATURDAY = datetime(2026, 11, 21, 10, tzinfo=UTC)  # far enough from the next cut-off for any interval
THAT_DAY = SATURDAY.date()
TODAY = NOW.date()


def days(*ago: float, until: date = THAT_DAY) -> list[date]:
    return [until - timedelta(days=number) for number in ago]


def success(
    calendar: Calendar,
    posting_days: list[date],
    *,
    now: datetime = SATURDAY,
    feed_id: int = 1,
    wishes: Wishes | None = None,
) -> NextPoll:
    return after_success(
        feed_id=feed_id, now=now, posting_days=posting_days, wishes=wishes or Wishes(), calendar=calendar
    )


@pytest.mark.parametrize(
    ("posting_days", "interval", "reason"),
    [
        (days(), 12 * HOUR, "has no entries yet"),
        (days(1), 12 * HOUR, "posted on one day so far"),
        (days(0, 1, 2, 3), 6 * HOUR, "posts about once a day"),
        (days(0, 0, 0, 1, 1, 1, 2, 2, 2), 2 * HOUR, "posts about 3 times a day"),
        (days(*[0] * 20, *[1] * 20), HOUR, "posts about 20 times a day"),
        (days(0, 2, 4, 6), 12 * HOUR, "posts about every 2 days"),
        (days(3, 10, 17), 12 * HOUR, "posts about every 7 days"),
        (days(0, 0, 0, 7, 7, 7), 12 * HOUR, "posts about every 7 days"),
        # Only the last ten posting days count: it was weekly once, and is daily now.
        (days(*range(10), 17, 24, 31, 38, 45, 52, 59, 66, 73, 80, 87, 94), 6 * HOUR, "posts about once a day"),
        (days(13, 14, 15), 6 * HOUR, "posts about once a day"),
        (days(14, 15, 16), 12 * HOUR, "nothing new for 14 days"),
        (days(59, 60), 12 * HOUR, "nothing new for 59 days"),
        (days(60, 61), 24 * HOUR, "nothing new for 60 days"),
    ],
)
def test_habit(calendar: Calendar, posting_days: list[date], interval: timedelta, reason: str) -> None:
    found = success(calendar, posting_days)
    assert found.reason == reason
    assert max(interval * 0.9, HOUR) <= found.at - SATURDAY <= interval


def test_jitter_is_the_feeds_own_and_spreads_feeds_out(calendar: Calendar) -> None:
    found = [success(calendar, days(0, 2, 4), feed_id=number).at for number in range(100)]
    assert found == [success(calendar, days(0, 2, 4), feed_id=number).at for number in range(100)]
    assert len(set(found)) == 100
    assert max(found) - min(found) > HOUR


@pytest.mark.parametrize(
    ("wishes", "waits", "reason"),
    [
        (Wishes(fresh_for=18 * HOUR), 18 * HOUR, "its server asks to come back after 18 hours"),
        (Wishes(ttl=20 * HOUR), 20 * HOUR, "the feed asks to come back after 20 hours"),
        (Wishes(ttl=20 * HOUR, fresh_for=18 * HOUR), 20 * HOUR, "the feed asks to come back after 20 hours"),
        (Wishes(ttl=timedelta(days=365)), 24 * HOUR, "the feed asks to come back after 24 hours"),
        (Wishes(fresh_for=timedelta(days=365)), 24 * HOUR, "its server asks to come back after 24 hours"),
    ],
)
def test_never_sooner_than_asked(calendar: Calendar, wishes: Wishes, waits: timedelta, reason: str) -> None:
    assert success(calendar, days(0, 1), wishes=wishes) == NextPoll(at=SATURDAY + waits, reason=reason)


def test_asking_for_less_than_the_usual_changes_nothing(calendar: Calendar) -> None:
    asked = success(calendar, days(0, 1), wishes=Wishes(ttl=5 * HOUR, fresh_for=timedelta(minutes=5)))
    assert asked == success(calendar, days(0, 1))


def test_hours_that_the_feed_skips_are_skipped(calendar: Calendar) -> None:
    found = success(calendar, days(0, 1), wishes=Wishes(skip_hours=(15, 16, 17)))
    assert found.at == datetime(2026, 11, 21, 18, tzinfo=UTC)
    assert found.reason == "posts about once a day; the feed asks to skip the hours before"


def test_days_that_the_feed_skips_are_skipped_hours_included(calendar: Calendar) -> None:
    found = success(calendar, days(0, 1), wishes=Wishes(skip_days=(5, 6), skip_hours=(0, 1)))
    assert found.at == datetime(2026, 11, 23, 2, tzinfo=UTC)


def test_a_feed_that_skips_everything_is_polled_all_the_same(calendar: Calendar) -> None:
    assert success(calendar, days(0, 1), wishes=Wishes(skip_hours=tuple(range(24)))) == success(calendar, days(0, 1))
    assert success(calendar, days(0, 1), wishes=Wishes(skip_days=tuple(range(7)))) == success(calendar, days(0, 1))


# ------------------------------------------------------------------------------------------- the weekly sweep

CUTOFF = datetime(2026, 11, 20, 9, tzinfo=UTC)  # Friday, nine in London


def test_a_feed_due_after_the_cutoff_is_looked_at_shortly_before(calendar: Calendar) -> None:
    found = success(calendar, days(0, 7, 14, until=TODAY), now=CUTOFF - 10 * HOUR)
    assert found.reason == "looked at before the week ends on Friday"
    assert CUTOFF - timedelta(minutes=30) <= found.at < CUTOFF - timedelta(minutes=14)


def test_one_polled_less_than_three_hours_before_is_not(calendar: Calendar) -> None:
    assert "Friday" not in success(calendar, days(0, 7, 14, until=TODAY), now=CUTOFF - 3 * HOUR).reason


def test_one_due_before_it_anyway_keeps_its_time(calendar: Calendar) -> None:
    assert "Friday" not in success(calendar, days(0, 7, 14, until=TODAY), now=CUTOFF - 24 * HOUR).reason


def test_one_that_asks_to_be_left_alone_is(calendar: Calendar) -> None:
    asks = Wishes(ttl=24 * HOUR)
    now = CUTOFF - 10 * HOUR
    assert success(calendar, days(0, 7, until=TODAY), now=now, wishes=asks).at == now + 24 * HOUR


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (NOW, CUTOFF),
        (CUTOFF - timedelta(seconds=1), CUTOFF),
        (CUTOFF, CUTOFF + timedelta(days=7)),
        (CUTOFF + 12 * HOUR, CUTOFF + timedelta(days=7)),
        # The clocks go forward on 28 March 2027: nine in London is eight in UTC from then on.
        (datetime(2027, 3, 26, 9, tzinfo=UTC), datetime(2027, 4, 2, 8, tzinfo=UTC)),
    ],
)
def test_next_cutoff(calendar: Calendar, now: datetime, expected: datetime) -> None:
    assert next_cutoff(now, calendar) == expected


# ------------------------------------------------------------------------------------------- failures


@pytest.mark.parametrize(
    ("failures", "back_off"), [(1, 0.5), (2, 1), (3, 2), (4, 4), (5, 8), (6, 16), (7, 24), (8, 24), (5000, 24)]
)
def test_back_off_doubles_up_to_a_day_and_never_ends(calendar: Calendar, failures: int, back_off: float) -> None:
    found = after_failure(feed_id=7, now=NOW, failed=a_failure(), failures=failures, gone_since=None, calendar=calendar)
    assert back_off * HOUR <= found.at - NOW <= min(back_off * 1.1, 24) * HOUR


def test_the_reason_of_a_retry_counts_the_failures(calendar: Calendar) -> None:
    once = after_failure(feed_id=7, now=NOW, failed=a_failure(), failures=1, gone_since=None, calendar=calendar)
    assert once.reason == "failed once: tried again after 30 minutes"
    thrice = after_failure(feed_id=7, now=NOW, failed=a_failure(), failures=3, gone_since=None, calendar=calendar)
    assert thrice.reason == "failed 3 times in a row: tried again after 2 hours"


@pytest.mark.parametrize(
    ("asked", "waits"), [(6 * HOUR, 6 * HOUR), (48 * HOUR, 48 * HOUR), (timedelta(days=365), 48 * HOUR)]
)
def test_retry_after_is_honoured_up_to_two_days(calendar: Calendar, asked: timedelta, waits: timedelta) -> None:
    failed = a_failure(FailureReason.THROTTLED, retry_after=asked)
    found = after_failure(feed_id=7, now=NOW, failed=failed, failures=1, gone_since=None, calendar=calendar)
    assert found.at == NOW + waits
    assert found.reason == f"its server asked to be left alone for {in_words(waits)}"


def test_retry_after_of_a_second_does_not_shorten_the_back_off(calendar: Calendar) -> None:
    failed = a_failure(FailureReason.THROTTLED, retry_after=timedelta(seconds=1))
    assert (
        after_failure(feed_id=7, now=NOW, failed=failed, failures=4, gone_since=None, calendar=calendar).at
        >= NOW + 4 * HOUR
    )


def test_one_that_keeps_failing_is_tried_shortly_before_the_cutoff_too(calendar: Calendar) -> None:
    now = CUTOFF - 10 * HOUR
    found = after_failure(feed_id=7, now=now, failed=a_failure(), failures=6, gone_since=None, calendar=calendar)
    assert found.reason == "failed 6 times in a row: looked at before the week ends on Friday"
    assert CUTOFF - timedelta(minutes=30) <= found.at < CUTOFF - timedelta(minutes=14)


@pytest.mark.parametrize(("hours_before", "failures"), [(2.9, 9), (10, 5), (10, 1), (30, 9)])
def test_a_retry_that_is_near_or_just_was_stays_as_it_is(
    calendar: Calendar, hours_before: float, failures: int
) -> None:
    now = CUTOFF - hours_before * HOUR
    found = after_failure(feed_id=7, now=now, failed=a_failure(), failures=failures, gone_since=None, calendar=calendar)
    assert "tried again after" in found.reason


@pytest.mark.parametrize(("asked", "is_swept"), [(5 * HOUR, True), (9 * HOUR, True), (10 * HOUR, False)])
def test_the_cutoff_is_no_reason_to_come_sooner_than_a_server_asked(
    calendar: Calendar, asked: timedelta, is_swept: bool
) -> None:
    now, throttled = CUTOFF - 10 * HOUR, a_failure(FailureReason.THROTTLED, retry_after=asked)
    found = after_failure(feed_id=7, now=now, failed=throttled, failures=9, gone_since=None, calendar=calendar)
    assert found.at >= now + asked
    assert (found.at < CUTOFF) is is_swept


def test_one_that_says_it_is_gone_is_left_alone_for_its_day_whatever_the_week(calendar: Calendar) -> None:
    now = CUTOFF - 10 * HOUR
    gone = a_failure(FailureReason.GONE)
    found = after_failure(feed_id=7, now=now, failed=gone, failures=1, gone_since=now, calendar=calendar)
    assert found.at == now + 24 * HOUR


def test_one_that_says_it_is_gone_is_asked_again_a_day_after_it_first_did(calendar: Calendar) -> None:
    gone = a_failure(FailureReason.GONE)
    first = after_failure(feed_id=7, now=NOW, failed=gone, failures=1, gone_since=NOW, calendar=calendar)
    again = after_failure(feed_id=7, now=NOW + 2 * HOUR, failed=gone, failures=2, gone_since=NOW, calendar=calendar)
    assert first.at == again.at == NOW + 24 * HOUR


@pytest.mark.parametrize(("reason", "failures"), [(FailureReason.TIMEOUT, 1), (FailureReason.GONE, 1)])
def test_a_feed_that_failed_is_not_asked_in_the_hours_and_days_it_skips_either(
    calendar: Calendar, reason: FailureReason, failures: int
) -> None:
    wishes = Wishes(skip_hours=tuple(range(9, 20)), skip_days=(NOW.weekday(), NOW.weekday() + 1))
    found = after_failure(
        feed_id=7,
        now=NOW,
        failed=a_failure(reason),
        failures=failures,
        gone_since=NOW if reason is FailureReason.GONE else None,
        calendar=calendar,
        wishes=wishes,
    )
    assert found.at == datetime(2026, 11, 20, tzinfo=UTC)
    assert found.reason.endswith("; the feed asks to skip the hours before")


def test_a_look_before_the_cutoff_keeps_to_the_hours_that_are_skipped(calendar: Calendar) -> None:
    found = after_failure(
        feed_id=7,
        now=CUTOFF - 10 * HOUR,
        failed=a_failure(),
        failures=6,
        gone_since=None,
        calendar=calendar,
        wishes=Wishes(skip_hours=(CUTOFF.hour - 1,)),
    )
    assert found.at == CUTOFF


def test_a_retry_after_is_taken_at_its_word_whatever_hours_are_skipped(calendar: Calendar) -> None:
    found = after_failure(
        feed_id=7,
        now=NOW,
        failed=a_failure(FailureReason.THROTTLED, retry_after=6 * HOUR),
        failures=1,
        gone_since=None,
        calendar=calendar,
        wishes=Wishes(skip_hours=tuple(range(11, 24))),
    )
    assert found.at == NOW + 6 * HOUR


@pytest.mark.parametrize(
    ("minutes", "words"),
    [(1, "1 minute"), (45, "45 minutes"), (60, "1 hour"), (1440, "24 hours"), (2880, "2 days"), (10080, "7 days")],
)
def test_in_words(minutes: int, words: str) -> None:
    assert in_words(timedelta(minutes=minutes)) == words


@given(
    now=st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1)),  # noqa: DTZ001 -- made aware below
    ago=st.lists(st.integers(0, 400), max_size=30),
    feed_id=st.integers(1, 10_000),
    ttl=st.none() | st.timedeltas(timedelta(), timedelta(days=400)),
    skip_hours=st.sets(st.integers(0, 23), max_size=23),
)
def test_always_within_bounds(
    now: datetime, ago: list[int], feed_id: int, ttl: timedelta | None, skip_hours: set[int]
) -> None:
    now = now.replace(tzinfo=UTC)
    found = success(
        _calendar(),
        days(*ago, until=now.date()),
        now=now,
        feed_id=feed_id,
        wishes=Wishes(ttl=ttl, skip_hours=tuple(skip_hours)),
    )
    assert cadence.SOONEST <= found.at - now <= timedelta(hours=48)
    assert found.at - now >= min(ttl or timedelta(), timedelta(hours=24))
    assert found.at.hour not in skip_hours
    assert found.reason


def _calendar() -> Calendar:
    from aggregator.settings import Settings

    return Settings().calendar


def test_a_feed_whose_hub_sends_what_is_new_is_asked_once_a_day(calendar: Calendar) -> None:
    busy = [NOW.date() - timedelta(days=days) for days in range(10)]
    pushed = after_success(feed_id=1, now=NOW, posting_days=busy, wishes=Wishes(), calendar=calendar, pushed=True)
    assert timedelta(hours=21, minutes=36) <= pushed.at - NOW <= timedelta(days=1)
    assert pushed.reason == "its hub sends what is new, and it is asked once a day all the same"
