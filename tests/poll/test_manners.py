"""Every number of our manners, in one place: who changes one changes what webmasters were promised.

What each does is shown by the tests of its module; here stands only how much it is.
"""

from datetime import timedelta

from aggregator import outbound, pauses
from aggregator.feeds import edits
from aggregator.poll import cadence, decide, fetch, websub
from aggregator.settings import Settings

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def test_the_defaults_of_every_request() -> None:
    settings = Settings()
    assert (settings.request_deadline, settings.max_body_mib) == (30, 10)
    assert (settings.in_flight, settings.in_flight_per_host, settings.host_gap) == (64, 2, 1)
    assert outbound.MAX_REDIRECTS == 5


def test_when_next() -> None:
    assert (cadence.SOONEST, cadence.LATEST, cadence.POSTING_DAYS) == (HOUR, 12 * HOUR, 10)
    assert cadence.LONGEST_WISH == fetch.LONGEST_FRESHNESS == DAY
    assert (cadence.SWEEP_OLDER_THAN, cadence.SWEEP_BEFORE_CUTOFF) == (3 * HOUR, 30 * MINUTE)


def test_failures() -> None:
    assert (cadence.FIRST_RETRY, cadence.LATEST_RETRY) == (30 * MINUTE, DAY)
    assert cadence.LONGEST_RETRY_AFTER == pauses.LONGEST_PAUSE == 48 * HOUR


def test_moves_and_farewells() -> None:
    assert edits.SAME_ANSWER_FOR == 7 * DAY
    assert decide.GONE_AFTER == 23 * HOUR  # a day, less an hour for a tick that comes early


def test_reading() -> None:
    assert (decide.OLD, decide.FUTURE, decide.MOST_UPDATES) == (30 * DAY, HOUR, 24)


def test_hubs() -> None:
    assert (websub.LEASE, websub.RENEWED_AFTER, websub.HINT_EVERY) == (10 * DAY, 0.75, 10 * MINUTE)
