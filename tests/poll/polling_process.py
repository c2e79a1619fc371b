"""A process that polls when told to, for tests that kill it: `python -m tests.poll.polling_process DATABASE`.

Each line on standard input is an instant; for each, a child is forked and polls what is due then. On standard output:
the child's id on a line, a dot for each statement that it sends to the database, and `!status` when it has ended. A
line that ends in "then wait" makes the child say `~` and wait to be killed, if it gets that far.

A forked child costs no imports; and the very first poll is this process's own, so that what it compiles is theirs too.
"""

import asyncio
import os
import signal
import sys
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine, event

from aggregator.store.database import Database
from tests.outbounds import an_outbound
from tests.poll.pollers import a_poller


async def poll(path: Path, now: datetime) -> None:
    """Poll what is due at `now`."""
    db = Database(path)
    async with an_outbound() as outbound:
        reports = await a_poller(db, outbound, lambda: now).poll_due()
    db.close()
    if any(report.outcome == "failed" for report in reports):
        raise AssertionError(reports)


def polled(line: str) -> int:
    """Do as a line says; the process's status."""
    at, *then_wait = line.split()
    asyncio.run(poll(Path(sys.argv[1]), datetime.fromisoformat(at)))
    if then_wait:
        os.write(1, b"~")
        signal.pause()
    return 0


def in_child(line: str) -> int:
    """The same in a child; its status."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            os.write(1, f"{os.getpid()}\n".encode())
            status = polled(line)
        finally:  # never back into the parent's loop
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def main() -> None:
    """Poll once, then fork a child for each line."""
    event.listen(Engine, "before_cursor_execute", lambda *_: os.write(1, b"."))
    os.write(1, f"{os.getpid()}\n".encode())
    os.write(1, f"!{polled(sys.stdin.readline())}\n".encode())
    for line in sys.stdin:
        os.write(1, f"!{in_child(line)}\n".encode())


if __name__ == "__main__":
    main()
