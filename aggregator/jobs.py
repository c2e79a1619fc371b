"""The timetable: which verb runs how often.

What is due, and why, is in the database; the timetable only looks, once a minute. So a missed look, a restart or a
clock that jumps loses nothing.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC
from typing import Protocol

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from aggregator.clock import system_clock
from aggregator.errors import FiveError, Refused

TICK_SECONDS = 60

_log = logging.getLogger(__name__)
_scheduler_log = logging.getLogger(f"{__name__}.scheduler")
# A poll that outlasts its minute is ordinary; APScheduler would warn about each look that it skips meanwhile.
_scheduler_log.setLevel(logging.ERROR)


class Poller(Protocol):
    """Polls what is due."""

    async def poll_due(self) -> object:
        """Poll it; raises Refused while another process is polling."""


class HasPoller(Protocol):
    """What the timetable needs of the app."""

    @property
    def poller(self) -> Poller:
        """Polls what is due."""


class Looking:
    """One look at what is due, at a time; it can be stopped in the middle of a poll, with what was saved kept."""

    def __init__(self, poller: Poller) -> None:
        self._poller = poller
        self._poll: asyncio.Task[object] | None = None

    async def look(self) -> None:
        """Poll what is due. Never raises: the next look comes anyway."""
        self._poll = asyncio.ensure_future(self._poller.poll_due())
        await asyncio.wait({self._poll})
        if self._poll.cancelled():
            return
        match self._poll.exception():
            case None | Refused():  # another process polls: fine, as long as somebody does
                return
            case FiveError() as error:
                _log.error("Polling stopped: %s %s", error.what, error.hint)
            case error:
                _log.error("Polling stopped on a fault of this program; trying again in a minute.", exc_info=error)

    async def stop(self) -> None:
        """Cancel the poll under way, if there is one, and wait until it has let go."""
        if self._poll is not None:
            self._poll.cancel()
            await asyncio.wait({self._poll})


def timetable(app: HasPoller) -> AsyncIOScheduler:
    """The timetable, not yet started: a first look at once, then one every minute."""
    return _timetable(Looking(app.poller))


@asynccontextmanager
async def running(app: HasPoller) -> AsyncIterator[AsyncIOScheduler]:
    """The timetable, running on this loop; at the end, no poll is left behind."""
    looking = Looking(app.poller)
    scheduler = _timetable(looking)
    scheduler.start()
    try:
        yield scheduler
    finally:
        scheduler.pause()
        await looking.stop()
        scheduler.shutdown()
        await asyncio.sleep(0)  # it shuts down in the loop's next turn


def _timetable(looking: Looking) -> AsyncIOScheduler:
    scheduler = AsyncIOScheduler(timezone=UTC, logger=_scheduler_log)
    scheduler.add_job(
        looking.look,
        "interval",
        id="poll",
        seconds=TICK_SECONDS,
        next_run_time=system_clock(),  # of the machine, as APScheduler's own
        misfire_grace_time=None,  # its default of one second skips a look after three seconds of downtime
        coalesce=True,
        max_instances=1,
    )
    return scheduler
