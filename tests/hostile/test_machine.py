"""The machine turns nasty: a full disk, a clock that jumps, a long sleep, a power cut. Nothing is lost or damaged."""

import os
import re
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pytest
from sqlalchemy import func, select

from aggregator import errors
from aggregator.clock import Calendar
from aggregator.demo.server import FeedServer
from aggregator.outbound import Outbound
from aggregator.poll import cadence
from aggregator.store.database import Database
from aggregator.store.schema import entries, feeds
from tests.conftest import StandingClock
from tests.hostile.changes import CHANGES
from tests.hostile.healthy import assert_healthy
from tests.poll.pollers import a_poller
from tests.poll.test_killed import check
from tests.poll.values import LONG, NOW, an_rss
from tests.rows import follow_a_feed

ALLOCATIONS = 60
TORN_WRITES = 30
CHECKPOINTS = 10
HEALTHY_WITHIN = 30  # seconds
FEEDS, POSTS = 2, 10
GAPS = [timedelta(minutes=1) * 1.8**step for step in range(20)]  # a minute to two and a half months

Record = Callable[[str, object], None]


def follow(db: Database, server: FeedServer) -> None:
    """Some feeds that were never polled, with posts that fill many pages."""
    with db.write() as tx:
        for number in range(FEEDS):
            server.says(
                f"/{number}",
                an_rss(*range(1, POSTS + 1), title=f"Blog {number}", text=LONG * 30),
                etag=f'"{POSTS}"',
            )
            follow_a_feed(tx, xml_url=server.url(f"/{number}"), next_poll_at=NOW, polled_at=None, succeeded_at=None)


def limit_pages(db: Database, more: int) -> None:
    """Let the file grow by so many pages and no further, as on a disk that fills up."""
    with db.write() as tx:
        pages = int(tx.exec_driver_sql("PRAGMA page_count").scalar_one())
        tx.exec_driver_sql(f"PRAGMA max_page_count = {pages + more}")


def a_copy(blank_database: Path, folder: Path) -> Database:
    """A migrated database in a folder of its own."""
    folder.mkdir()
    return Database(Path(shutil.copy(blank_database, folder)))


def empty_log(db: Database) -> None:
    """Let the database file take in all of its log."""
    with closing(sqlite3.connect(db.path)) as connection:
        assert connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone() == (0, 0, 0)


def assert_up_to_date(db: Database) -> None:
    """Hold that the last document of every feed was saved."""
    with db.read() as tx:
        assert set(tx.scalars(select(feeds.c.etag))) == {f'"{POSTS}"'}


async def test_a_disk_that_is_full_at_any_allocation(
    db: Database,
    blank_database: Path,
    server: FeedServer,
    outbound: Outbound,
    clock: StandingClock,
    calendar: Calendar,
    record_property: Record,
) -> None:
    poller = a_poller(db, outbound, clock, calendar=calendar)
    for allocation in range(ALLOCATIONS):
        db.replace_with(blank_database)
        follow(db, server)

        limit_pages(db, allocation)
        with pytest.raises(errors.DiskFull, match="nothing was changed"):
            await poller.poll_due()
        check(db)

        limit_pages(db, 1_000_000)
        await poller.poll_due()
        check(db)
        assert_healthy(db, clock())
        assert_up_to_date(db)
        record_property("hostile", "allocations on a full disk")


@contextmanager
def files_end_at(size: int) -> Iterator[None]:
    """No file of this process grows beyond so many bytes: a write across that is cut short, and the next one fails."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


async def test_a_log_that_cannot_be_written_to_its_end(
    tmp_path: Path,
    blank_database: Path,
    server: FeedServer,
    outbound: Outbound,
    clock: StandingClock,
    calendar: Calendar,
    record_property: Record,
) -> None:
    """The write-ahead log stops in the middle of a page: what it holds of an unfinished transaction is never read."""
    whole = torn_pages = 0
    for torn in range(TORN_WRITES + 1):  # the first one in peace, to see how long the log gets
        db = a_copy(blank_database, tmp_path / str(torn))
        follow(db, server)
        empty_log(db)
        log = db.path.with_name("five.sqlite-wal")
        poller = a_poller(db, outbound, clock, calendar=calendar)
        if torn:
            end = whole * torn // (TORN_WRITES + 1)
            with files_end_at(end), pytest.raises(errors.DiskFull, match="nothing was changed"):
                await poller.poll_due()
            torn_pages += log.stat().st_size == end
            check(db)
            record_property("hostile", "writes cut short by a full disk")
        await poller.poll_due()
        whole = whole or log.stat().st_size
        check(db)
        assert_healthy(db, clock())
        assert_up_to_date(db)
        db.close()
    assert torn_pages > TORN_WRITES / 2, "pages were begun, and not ended"


def filled_to(db: Database, size: int) -> int:
    """Let the database file be at least so long, with nothing left in its log; its length."""
    with db.write() as tx:
        tx.exec_driver_sql("CREATE TABLE filler (bytes BLOB)")
        tx.exec_driver_sql(f"INSERT INTO filler VALUES (zeroblob({size}))")
    empty_log(db)
    return db.path.stat().st_size


def as_a_crash_leaves(db: Database, folder: Path) -> Database:
    """A copy of the database file and its log as they are now, opened."""
    shutil.copytree(db.path.parent, folder, ignore=shutil.ignore_patterns("*-shm", "*.lock"))
    return Database(folder / db.path.name)


async def test_a_database_file_that_cannot_take_in_its_log(
    tmp_path: Path,
    blank_database: Path,
    server: FeedServer,
    outbound: Outbound,
    clock: StandingClock,
    calendar: Calendar,
    record_property: Record,
) -> None:
    """The disk is full when the log goes into the file: what was saved is saved, also for who starts after a crash."""
    for torn in range(CHECKPOINTS):
        db = a_copy(blank_database, tmp_path / str(torn))
        size = filled_to(db, 1_000_000)
        follow(db, server)
        with db.write() as tx:
            tx.exec_driver_sql("PRAGMA wal_autocheckpoint = 1")  # of this writer: the log goes in at each commit
        poller = a_poller(db, outbound, clock, calendar=calendar)
        end = size + 10_000 * torn  # not at the end of a page, but for the first
        with files_end_at(end):
            reports = await poller.poll_due()
            assert [report.outcome for report in reports] == ["new"] * FEEDS
            check(db)
            with closing(sqlite3.connect(db.path)) as other, pytest.raises(sqlite3.OperationalError, match="disk"):
                other.execute("PRAGMA wal_checkpoint").fetchone()
        assert db.path.stat().st_size == end, "the file ends in the middle of a page"

        after_a_crash = as_a_crash_leaves(db, tmp_path / f"{torn}-after")
        db.close()
        for after in (after_a_crash, Database(db.path)):
            check(after)
            assert_healthy(after, clock())
            assert_up_to_date(after)
            after.close()
            assert not after.path.with_name("five.sqlite-wal").exists(), "there is room: the log went in"
        record_property("hostile", "logs that a full disk kept out of the database")


async def test_a_clock_that_jumps(
    db: Database,
    server: FeedServer,
    outbound: Outbound,
    clock: StandingClock,
    calendar: Calendar,
    record_property: Record,
) -> None:
    follow(db, server)
    poller = a_poller(db, outbound, clock, calendar=calendar)
    assert len(await poller.poll_due()) == FEEDS
    for jump in (-400, 0, 3650, 0, -20 * 365, 30, 60):
        clock.now = NOW + timedelta(days=jump)
        reports = await poller.poll_due()
        assert [report.outcome for report in reports] == ["unchanged"] * FEEDS, jump
        longest = timedelta(days=8)
        assert all(clock() < report.next_poll_at < clock() + longest for report in reports)
        check(db)
        assert_healthy(db, clock())
        record_property("hostile", "jumps of the clock")


@pytest.mark.parametrize("gap", GAPS, ids=str)
async def test_a_sleep_of_any_length(
    db: Database,
    server: FeedServer,
    outbound: Outbound,
    clock: StandingClock,
    calendar: Calendar,
    record_property: Record,
    gap: timedelta,
) -> None:
    """After it, each feed that fell due is asked once, however often its time came and went."""
    follow(db, server)
    poller = a_poller(db, outbound, clock, calendar=calendar)
    first = await poller.poll_due()
    clock.now += gap
    fell_due = {report.feed_id for report in first if report.next_poll_at <= clock()}
    asked = len(server.requests)
    assert {report.feed_id for report in await poller.poll_due()} == fell_due
    assert len(server.requests) - asked == len(fell_due)
    assert await poller.poll_due() == ()
    assert_healthy(db, clock())
    with db.read() as tx:
        assert tx.scalar(select(func.count()).select_from(entries)) == FEEDS * POSTS
    record_property("hostile", "sleeps of the machine")


@pytest.mark.parametrize("change", CHANGES, ids=str)
def test_summer_time_comes_and_goes(calendar: Calendar, record_property: Record, change: datetime) -> None:
    """Around it, polls go on within their bounds, and the cut-off is at nine by the clock on the wall."""
    for minute in range(-6 * 60, 6 * 60, 7):
        now = change + timedelta(minutes=minute)
        planned = cadence.after_success(
            feed_id=1, now=now, posting_days=[now.date()], wishes=cadence.Wishes(), calendar=calendar
        )
        assert timedelta(minutes=29) < planned.at - now <= timedelta(hours=24)
        cutoff = calendar.local(cadence.next_cutoff(now, calendar))
        assert (cutoff.weekday(), cutoff.hour, cutoff.minute) == (4, 9, 0)
        assert timedelta() < cutoff - now <= timedelta(days=7, hours=1)
    record_property("hostile", "changes of summer time")


# ------------------------------------------------------------------------------------------- a whole process


def serving(folder: Path) -> "subprocess.Popen[str]":
    """`five serve`, on a free port."""
    return subprocess.Popen(
        [sys.executable, "-m", "aggregator", "serve"],
        cwd=folder,
        env=os.environ
        | {
            "PYTHONPATH": str(Path(__file__).parents[2]),
            "FIVE_LISTEN_PORT": "0",
            "FIVE_ALLOW_NETWORKS": "127.0.0.0/8",
            "FIVE_HOST_GAP": "0",
            "FIVE_LOG": "json",
        },
        stderr=subprocess.PIPE,
        text=True,
    )


def lines_until(process: "subprocess.Popen[str]", *patterns: str) -> list[str]:
    """What it says on standard error until every pattern was there."""
    assert process.stderr is not None
    said: list[str] = []
    wanted = list(patterns)
    for line in process.stderr:
        said.append(line)
        wanted = [pattern for pattern in wanted if not re.search(pattern, line)]
        if not wanted:
            return said
    raise AssertionError(f"it ended without saying {wanted}: {said}")


async def test_a_power_cut_needs_no_hands_afterwards(db: Database, server: FeedServer, record_property: Record) -> None:
    """Killed in the middle of a poll; started again it is healthy within 30 seconds, brings what was missed, and its
    lines hold no secret."""
    data = db.path.parent / "five-data"
    data.mkdir()
    db.close()
    shutil.move(db.path, data / db.path.name)
    with Database(data / db.path.name).write() as tx:
        follow_a_feed(tx, xml_url=server.url("/feed?key=hunter2"), next_poll_at=NOW, polled_at=None)
        follow_a_feed(tx, xml_url=server.url("/slow"), next_poll_at=NOW, polled_at=None)
    server.says("/feed?key=hunter2", an_rss(1, 2))
    server.hangs("/slow")
    first = serving(data.parent)
    lines_until(first, "Serving on", '"event": "polled"')
    first.send_signal(signal.SIGKILL)
    first.communicate(timeout=20)

    server.says("/slow", an_rss(3))
    second = serving(data.parent)
    patience = threading.Timer(HEALTHY_WITHIN, second.kill)
    patience.start()
    try:
        said = lines_until(second, "Serving on", '"event": "polled"')
        address = re.findall(r"http://\S+", "".join(said))[0]
        async with httpx.AsyncClient(trust_env=False, timeout=30) as client:
            health = (await client.get(f"{address}healthz")).json()
            numbers = (await client.get(f"{address}metrics")).text
        assert patience.is_alive(), "healthy, but too late"
    finally:
        patience.cancel()
        second.send_signal(signal.SIGTERM)
        assert second.communicate(timeout=30)
    assert health["status"] == "ok"
    assert health["failing"] == health["late"] == 0
    assert 'five_polls_total{outcome="new"} 1.0' in numbers
    assert "/slow" in "".join(said)
    assert "hunter2" not in "".join(said)
    record_property("hostile", "power cuts")
