"""Our side of against_reader: the poller as it is, but for the manners, since here all blogs share one host.

Workers that a round started serve the next one too, as in `five serve`; the peer's process lives on as well.
"""

import asyncio
import ipaddress
import json
import resource
import sys
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select, update

from aggregator.outbound import Outbound
from aggregator.poll.fetch import Fetcher
from aggregator.poll.poller import Poller, PollReport
from aggregator.sandbox import Sandbox
from aggregator.settings import Settings
from aggregator.store.database import Database
from aggregator.store.migrate import open_database
from aggregator.store.schema import entries, feeds
from tests.rows import follow_a_feed

NOW = datetime(2026, 11, 18, 10, tzinfo=UTC)


async def poll(db: Database, sandbox: Sandbox, lock_path: Path, in_flight: int) -> tuple[PollReport, ...]:
    """Poll what is due."""
    settings = Settings()
    outbound = Outbound(
        user_agent="FiveForFriday/benchmark",
        allowed_networks=(ipaddress.ip_network("127.0.0.0/8"),),
        deadline=settings.request_deadline,
        max_body=settings.max_body_mib * 1024 * 1024,
        in_flight=in_flight,
        per_host=in_flight,
        host_gap=0,
    )
    async with outbound:
        poller = Poller(
            db=db,
            clock=lambda: NOW,
            fetcher=Fetcher(outbound, lambda: NOW),
            sandbox=sandbox,
            calendar=settings.calendar,
            in_flight=in_flight,
            lock_path=lock_path,
        )
        return await poller.poll_due()


def workers() -> Sandbox:
    """What reads documents, with the settings' defaults."""
    settings = Settings()
    return Sandbox(
        workers=settings.parse_workers, deadline=settings.parse_deadline, memory_mib=settings.parse_memory_mib
    )


def cpu() -> float:
    """Seconds of this process and of its workers, whether they have ended or not."""
    ours, ended = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    used = ours.ru_utime + ours.ru_stime + ended.ru_utime + ended.ru_stime
    for children in Path("/proc/self/task").glob("*/children"):
        for child in children.read_text().split():
            with suppress(OSError):  # it has ended just now
                used += time.clock_gettime((~int(child) << 3) | 2)  # its CPU clock, as clock_getcpuclockid(3) names it
    return used


def main() -> None:
    """`DATABASE ADDRESS FEEDS [DUE]`: poll once for each line of input, which says with how many requests in flight."""
    database, address, count = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    due = int(sys.argv[4]) if len(sys.argv) > 4 else count
    db = open_database(database, NOW)
    with db.write() as tx:
        for number in range(count):
            follow_a_feed(tx, xml_url=f"{address}/{number}", next_poll_at=NOW)
    sandbox = workers()
    print("ready", flush=True)
    for line in sys.stdin:
        with db.write() as tx:
            tx.execute(update(feeds).values(next_poll_at=NOW + timedelta(hours=1)))
            tx.execute(update(feeds).where(feeds.c.id <= due).values(next_poll_at=NOW))
        before, wall = cpu(), time.perf_counter()
        reports = asyncio.run(poll(db, sandbox, database.with_name("poll.lock"), int(line)))
        used, wall = cpu() - before, time.perf_counter() - wall
        failed = [report.message for report in reports if report.outcome == "failed"]
        if failed:
            raise SystemExit(f"{len(failed)} polls failed: {failed[0]}")
        with db.read() as tx:
            found = tx.scalar(select(func.count()).select_from(entries))
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(json.dumps({"wall": wall, "cpu": used, "mb": memory, "entries": found}), flush=True)
    sandbox.close()
    db.close()


if __name__ == "__main__":
    main()
