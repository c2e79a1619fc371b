"""Which Friday a moment belongs to, across clock changes."""

from dataclasses import replace
from datetime import UTC, date, datetime, time

import pytest

from aggregator.clock import Calendar


@pytest.mark.parametrize(
    ("now", "friday"),
    [
        (datetime(2026, 11, 18, 10, tzinfo=UTC), date(2026, 11, 20)),
        (datetime(2026, 11, 20, 0, 0, tzinfo=UTC), date(2026, 11, 20)),
        (datetime(2026, 11, 20, 23, 59, tzinfo=UTC), date(2026, 11, 20)),
        (datetime(2026, 11, 21, 0, 0, tzinfo=UTC), date(2026, 11, 27)),
        # 23:30 in UTC on a summer Thursday is Friday in London already
        (datetime(2026, 7, 16, 23, 30, tzinfo=UTC), date(2026, 7, 17)),
    ],
)
def test_the_coming_friday(calendar: Calendar, now: datetime, friday: date) -> None:
    assert calendar.coming_friday(now) == friday


def test_a_week_runs_from_cut_off_to_cut_off(calendar: Calendar) -> None:
    assert calendar.week_starts_at(date(2026, 11, 20)) == datetime(2026, 11, 13, 9, tzinfo=UTC)
    assert calendar.publish_at(date(2026, 11, 20)) == datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("friday", "starts"),
    [
        (date(2026, 10, 30), datetime(2026, 10, 23, 8, tzinfo=UTC)),  # began in summer time, ends in winter time
        (date(2027, 4, 2), datetime(2027, 3, 26, 9, tzinfo=UTC)),  # the other way about
    ],
)
def test_a_clock_change_moves_the_instant_not_the_wall_clock(
    calendar: Calendar, friday: date, starts: datetime
) -> None:
    assert calendar.week_starts_at(friday) == starts


def test_a_time_that_the_clocks_skip_still_is_an_instant(calendar: Calendar) -> None:
    sundays = replace(calendar, weekday=6, publish_time=time(1, 30))
    assert sundays.publish_at(date(2027, 3, 28)) == datetime(2027, 3, 28, 1, 30, tzinfo=UTC)
