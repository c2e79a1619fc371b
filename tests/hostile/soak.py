"""A month of polling in a minute: `python -m tests.hostile.soak [FEEDS DAYS]`, 300 feeds and 30 days unless told.

A fixed clock is moved on hour by hour; requests, parsing and the database are the real ones. Every feed posts once in
one to seven days. Prints what it took, and ends with 1 when an entry is missing or doubled, or when memory, open files
or the database grew by more than what was stored accounts for.
"""

import asyncio
import os
import sys
import tempfile
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import func, select

from aggregator.demo.server import FeedServer
from aggregator.poll.poller import Poller
from aggregator.sandbox import Sandbox
from aggregator.store.database import Database
from aggregator.store.migrate import open_database
from aggregator.store.schema import entries
from tests.conftest import StandingClock
from tests.outbounds import an_outbound
from tests.poll.pollers import a_poller
from tests.poll.values import NOW, an_rss
from tests.rows import follow_a_feed

WINDOW = 10  # posts in a document
BYTES_PER_ENTRY = 2_000  # of the database: the entry, its body twice, its index and its words
BYTES_PER_FEED = 2_000
MOST_GROWTH = 24  # MB of memory, from the end of the first fifth on


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """What a soak came to."""

    polls: int
    failed: int
    entries: int
    expected: int
    database_bytes: int
    modelled_bytes: int
    memory_growth: float  # MB, from the end of the first fifth on
    files_growth: int

    @property
    def is_well(self) -> bool:
        """Nothing lost, nothing doubled, nothing leaks."""
        return (
            self.failed == 0
            and self.entries == self.expected
            and self.database_bytes <= self.modelled_bytes
            and self.memory_growth < MOST_GROWTH
            and self.files_growth <= 2
        )


def posts_by(number: int, hour: int) -> int:
    """How many posts a feed has written after so many hours."""
    return WINDOW + hour // (24 * (1 + number % 7))


def publish(server: FeedServer, number: int, posts: int, *, is_calm: bool) -> None:
    """Let a feed show its newest posts; a calm one asks to be left alone for a day."""
    rss = an_rss(*range(posts - WINDOW + 1, posts + 1), title=f"Blog {number}")
    server.says(f"/{number}", rss, etag=f'"{posts}"', headers={"Cache-Control": "max-age=86400"} if is_calm else {})


def resident() -> float:
    """Memory of this process now, in MB."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def open_files() -> int:
    """How many this process has open, but for the database's: its pool of readers fills as polls meet, up to eight."""
    names = (os.path.realpath(handle) for handle in Path("/proc/self/fd").iterdir())
    return sum(not Path(name).name.startswith("five.sqlite") for name in names)


async def soak(feeds: int, days: int, folder: Path, *, calm: int = 0) -> Month:
    """Poll so many feeds for so many days; of ten feeds, so many `calm` ones."""
    clock = StandingClock(NOW)
    db = open_database(folder / "five.sqlite", clock())
    with FeedServer() as server:
        with db.write() as tx:
            for number in range(feeds):
                follow_a_feed(tx, xml_url=server.url(f"/{number}"), next_poll_at=NOW, polled_at=None, succeeded_at=None)
        async with (
            an_outbound(in_flight=32, per_host=32) as outbound,
            Sandbox(workers=2, deadline=20, memory_mib=384) as sandbox,
        ):
            poller = a_poller(db, outbound, clock, sandbox=sandbox, in_flight=32)
            calms = frozenset(number for number in range(feeds) if number % 10 < calm)
            month = await _hours(poller, server, clock, db, feeds, days * 24, calms)
    return month


async def _hours(
    poller: Poller,
    server: FeedServer,
    clock: StandingClock,
    db: Database,
    feeds: int,
    hours: int,
    calms: Collection[int],
) -> Month:
    polls = failed = 0
    shown = dict.fromkeys(range(feeds), 0)
    memory, files = 0.0, 0
    for hour in range(hours + 1):
        for number, before in shown.items():
            if (posts := posts_by(number, hour)) != before:
                publish(server, number, posts, is_calm=number in calms)
                shown[number] = posts
        reports = await (poller.poll_all() if hour == hours else poller.poll_due())
        polls += len(reports)
        failed += sum(report.outcome == "failed" for report in reports)
        server.requests.clear()
        clock.advance(hours=1)
        if hour == hours // 5:
            memory, files = resident(), open_files()
    with db.read() as tx:
        found = int(tx.scalar(select(func.count()).select_from(entries)) or 0)
    assert db.problems() == []
    grown = resident() - memory, open_files() - files
    db.close()  # so that its log goes into the file
    return Month(
        polls=polls,
        failed=failed,
        entries=found,
        expected=sum(shown.values()),
        database_bytes=db.path.stat().st_size,
        modelled_bytes=400_000 + feeds * BYTES_PER_FEED + found * BYTES_PER_ENTRY,
        memory_growth=grown[0],
        files_growth=grown[1],
    )


def main() -> int:
    """Run it, print, judge."""
    feeds, days = (int(word) for word in sys.argv[1:3]) if len(sys.argv) > 2 else (300, 30)
    with tempfile.TemporaryDirectory() as folder:
        month = asyncio.run(soak(feeds, days, Path(folder)))
    print(f"{feeds} feeds, {days} days: {month.polls} polls, {month.failed} failed")
    print(f"{month.entries} entries, where {month.expected} were posted")
    print(f"database {month.database_bytes / 1e6:.1f} MB (modelled: at most {month.modelled_bytes / 1e6:.1f})")
    print(f"memory grew by {month.memory_growth:.1f} MB (allowed: {MOST_GROWTH}), open files by {month.files_growth}")
    return 0 if month.is_well else 1


if __name__ == "__main__":
    sys.exit(main())
