"""A process that polls when told to, for tests that kill it: `python -m tests.poll.polling_process DATABASE`.

Each line on standard input is an instant; for each, a child is forked and polls what is due then. On standard output:
the child's id on a line, a dot for each statement that it sends to the database, and `!status` when it has ended. A
line that ends in "then wait" makes the child say `~` and wait to be killed, if it gets that far.

A forked child costs no imports; and the very first poll is this process's own, so that what it compiles is theirs too.
"""

import asyncio
import ipaddress
import os
import signal
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TypeVar, TypeVarTuple

from sqlalchemy import Engine, event

from aggregator.outbound import Outbound
from aggregator.poll.fetch import Fetcher
from aggregator.poll.poller import Poller
from aggregator.sandbox import Sandbox
from aggregator.settings import Settings
from aggregator.store.database import Database

_T = TypeVar("_T")
_Arguments = TypeVarTuple("_Arguments")


class NoSandbox(Sandbox):
    """Parses right here: fifty worker processes would take longer to start than all the rest."""

    async def run(self, function: "Callable[[*_Arguments], _T]", *args: *_Arguments) -> _T:
        """The value of `function(*args)`."""
        return function(*args)


async def poll(path: Path, now: datetime) -> None:
    """Poll what is due at `now`."""
    outbound = Outbound(
        user_agent="FiveForFriday/test",
        allowed_networks=(ipaddress.ip_network("127.0.0.0/8"),),
        deadline=20,
        max_body=1024 * 1024,
        in_flight=4,
        per_host=4,
        host_gap=0,
    )
    db = Database(path)
    poller = Poller(
        db=db,
        clock=lambda: now,
        fetcher=Fetcher(outbound, lambda: now),
        sandbox=NoSandbox(workers=1, deadline=20, memory_mib=384),
        calendar=Settings().calendar,
        in_flight=4,
        lock_path=path.with_name("poll.lock"),
    )
    reports = await poller.poll_due()
    await outbound.aclose()
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
