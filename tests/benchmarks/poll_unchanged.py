"""How fast are 2,000 feeds polled that have nothing new? `python -m tests.benchmarks.poll_unchanged`

Every feed answers 304 on loopback, from a process of its own, so that CPU and memory are the poller's alone. Ends with
1 when the poller took more than 150 MB.
"""

import asyncio
import contextlib
import ipaddress
import multiprocessing
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path

from aggregator.demo.server import FeedServer
from aggregator.outbound import Outbound
from aggregator.poll.fetch import Fetcher
from aggregator.poll.poller import Poller, PollReport
from aggregator.sandbox import Sandbox
from aggregator.settings import Settings
from aggregator.store.database import Database
from aggregator.store.migrate import open_database
from tests.rows import add_entry, follow_a_feed

FEEDS = 2_000
ENTRIES = 10  # of each, for its habits to be read from
MOST_MEMORY = 150  # MB
NOW = datetime(2026, 11, 18, 10, tzinfo=UTC)


def serve(pipe: Connection) -> None:
    """Answer 304 to everybody who sends the validator back, until the pipe says something."""
    with FeedServer() as server:
        for number in range(FEEDS):
            server.says(f"/{number}", "never sent", etag='"same"')
        pipe.send(server.url(""))
        pipe.recv()


@contextlib.contextmanager
def serving() -> Iterator[str]:
    """The server's address, while its process runs."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=serve, args=(theirs,))
    process.start()
    try:
        yield ours.recv()
    finally:
        ours.send("enough")
        process.join()


def fill(db: Database, address: str) -> None:
    """Follow the feeds, each with some entries, all due."""
    with db.write() as tx:
        for number in range(FEEDS):
            feed_id = follow_a_feed(tx, xml_url=f"{address}/{number}", next_poll_at=NOW, etag='"same"', body_hash="x")
            for entry in range(ENTRIES):
                add_entry(tx, feed_id, published_at=NOW - timedelta(days=2 * entry))


async def poll(db: Database, lock_path: Path) -> tuple[PollReport, ...]:
    """Poll them, with the settings' defaults but for the manners: here all share one host."""
    settings = Settings()
    outbound = Outbound(
        user_agent="FiveForFriday/benchmark",
        allowed_networks=(ipaddress.ip_network("127.0.0.0/8"),),
        deadline=settings.request_deadline,
        max_body=settings.max_body_mib * 1024 * 1024,
        in_flight=settings.in_flight,
        per_host=settings.in_flight,
        host_gap=0,
    )
    async with outbound, Sandbox(workers=2, deadline=8, memory_mib=384) as sandbox:
        poller = Poller(
            db=db,
            clock=lambda: NOW,
            fetcher=Fetcher(outbound, lambda: NOW),
            sandbox=sandbox,
            calendar=settings.calendar,
            in_flight=settings.in_flight,
            lock_path=lock_path,
        )
        return await poller.poll_due()


def main() -> int:
    """Measure, print, judge."""
    with serving() as address, tempfile.TemporaryDirectory() as folder:
        db = open_database(Path(folder) / "five.sqlite", NOW)
        fill(db, address)
        wall, cpu = time.perf_counter(), time.process_time()
        reports = asyncio.run(poll(db, Path(folder) / "poll.lock"))
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        db.close()
    unchanged = sum(report.outcome == "unchanged" for report in reports)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{unchanged} of {FEEDS} feeds unchanged")
    print(f"{cpu / FEEDS * 1000:.2f} ms of CPU a feed; {wall:.1f} s in all, {FEEDS / wall:.0f} feeds a second")
    print(f"{memory:.0f} MB at most (allowed: {MOST_MEMORY})")
    return 0 if unchanged == FEEDS and memory < MOST_MEMORY else 1


if __name__ == "__main__":
    sys.exit(main())
