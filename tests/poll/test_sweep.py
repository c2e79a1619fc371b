"""Shortly before the week ends every feed is looked at again, those that fail included; who asked for peace has it."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from aggregator.clock import Calendar
from aggregator.demo.server import FeedServer
from aggregator.outbound import Outbound
from aggregator.poll.poller import Poller
from aggregator.store.database import Database
from aggregator.store.schema import feeds
from tests.conftest import StandingClock
from tests.hostile.changes import CHANGES
from tests.poll.pollers import a_poller
from tests.poll.values import an_rss
from tests.rows import follow_a_feed

THURSDAY = datetime(2026, 11, 19, 12, tzinfo=UTC)
CUTOFF = datetime(2026, 11, 20, 9, tzinfo=UTC)
LAST_HALF_HOUR = CUTOFF - timedelta(minutes=30)


async def asked_when(
    poller: Poller, clock: StandingClock, server: FeedServer, until: datetime
) -> dict[str, list[datetime]]:
    """When each path was asked for, by a timetable that looks every minute or so."""
    times: dict[str, list[datetime]] = {}
    while clock.advance(minutes=3) < until:
        before = len(server.requests)
        await poller.poll_due()
        for path, _ in server.requests[before:]:
            times.setdefault(path, []).append(clock())
    return times


@pytest.fixture
def poller(db: Database, outbound: Outbound, clock: StandingClock, calendar: Calendar) -> Poller:
    return a_poller(db, outbound, clock, calendar=calendar, in_flight=8)


@pytest.fixture
def busy() -> Iterator[FeedServer]:
    """A blog on a host of its own."""
    with FeedServer() as another:
        another.fails("/busy", 429, headers={"Retry-After": str(48 * 3600)})
        yield another


async def test_failing_feeds_are_swept_too(
    db: Database,
    server: FeedServer,
    busy: FeedServer,
    poller: Poller,
    clock: StandingClock,
) -> None:
    clock.now = THURSDAY
    server.says("/quiet", an_rss(1))
    server.fails("/failing", 500)
    server.fails("/missing", 404)
    server.drops("/dropping")
    failures = {"/quiet": 0, "/failing": 9, "/missing": 40, "/dropping": 3}
    with db.write() as tx:
        for path, times in failures.items():
            follow_a_feed(tx, xml_url=server.url(path), failures=times, next_poll_at=THURSDAY)
        follow_a_feed(tx, xml_url=busy.url("/busy"), next_poll_at=THURSDAY)
    asked = await asked_when(poller, clock, server, CUTOFF)
    for path in failures:
        [swept] = [time for time in asked[path] if time >= LAST_HALF_HOUR]
        assert swept < CUTOFF - timedelta(minutes=10), "so that there is time to read it"
    assert len(asked["/missing"]) == 2, "its back-off of a day is cut short once, and for nothing else"
    assert len(busy.requests) == 1
    with db.read() as tx:
        [reason] = tx.scalars(select(feeds.c.next_poll_reason).where(feeds.c.xml_url == busy.url("/busy")))
    assert reason == "its server asked to be left alone for 2 days"


@pytest.mark.parametrize("change", CHANGES, ids=str)
async def test_summer_time_does_not_move_it(
    db: Database,
    server: FeedServer,
    poller: Poller,
    clock: StandingClock,
    record_property: Callable[[str, object], None],
    change: datetime,
) -> None:
    """On the Fridays before and after the clocks change, it is before nine by the clock on the wall."""
    server.says("/quiet", an_rss(1))
    with db.write() as tx:
        follow_a_feed(tx, xml_url=server.url("/quiet"), next_poll_at=change - timedelta(days=9))
    for days in (-2, 5):
        friday = (change + timedelta(days=days)).date()
        nine = datetime.combine(friday, time(9), tzinfo=ZoneInfo("Europe/London")).astimezone(UTC)
        clock.now = nine - timedelta(hours=12)
        asked = (await asked_when(poller, clock, server, nine))["/quiet"]
        assert nine - timedelta(minutes=30) <= asked[-1] < nine - timedelta(minutes=10)
        assert len(asked) == 2, "once when it was due, and once more"
        record_property("hostile", "Fridays around a change of summer time")
