"""The timetable: which verb runs how often.

What is due, and why, is in the database; the timetable only looks, once a minute. So a missed look, a restart or a
clock that jumps loses nothing.
"""

import asyncio
import logging
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager
from datetime import UTC
from typing import Any, Protocol

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


Chore = Callable[[Callable[[], bool]], object]
"""Does what is due, in a thread; given a function that says when it had better stop."""


class Hubs(Protocol):
    """Asks hubs to send what is new."""

    async def subscribe_due(self) -> object:
        """Ask those that are due."""


class Pages(Protocol):
    """Reads the pages that were bookmarked."""

    async def visit_due(self) -> object:
        """Read those that are due."""


class Posts(Protocol):
    """Posts digests to other publications."""

    async def post_due(self) -> object:
        """Post those that are due; raises Refused while another process does, or an editor paused it."""


class Timed(Protocol):
    """What the timetable needs of the app."""

    @property
    def poller(self) -> Poller:
        """Polls what is due."""

    @property
    def hubs(self) -> Hubs:
        """Asks hubs to send what is new."""

    @property
    def bookmarks(self) -> Pages:
        """Reads the pages that were bookmarked."""

    @property
    def posts(self) -> Posts:
        """Posts digests to other publications."""

    @property
    def chores(self) -> Mapping[str, Chore]:
        """What else is done every minute, by name."""


class Looking:
    """One look at what is due, at a time; it can be stopped in the middle, with what was saved kept."""

    def __init__(self, name: str, verb: Callable[[], Coroutine[Any, Any, object]]) -> None:
        self.name = name
        self._verb = verb
        self._round: asyncio.Task[object] | None = None

    async def look(self) -> None:
        """Do what is due. Never raises: the next look comes anyway."""
        self._round = asyncio.ensure_future(self._verb())
        await asyncio.wait({self._round})
        if not self._round.cancelled():
            _tell(self.name, self._round.exception())

    async def stop(self) -> None:
        """Cancel the round under way, if there is one, and wait until it has let go."""
        if self._round is not None:
            self._round.cancel()
            await asyncio.wait({self._round})


class Doing:
    """One round of a chore at a time, in a thread; it ends of itself when it is asked to stop."""

    def __init__(self, name: str, chore: Chore) -> None:
        self.name = name
        self._chore = chore
        self._stopped = threading.Event()
        self._round: asyncio.Task[object] | None = None

    async def look(self) -> None:
        """Do what is due. Never raises: the next look comes anyway."""
        self._round = asyncio.ensure_future(asyncio.to_thread(self._chore, self._stopped.is_set))
        await asyncio.wait({self._round})
        _tell(self.name, self._round.exception())

    async def stop(self) -> None:
        """Ask the round under way to end, if there is one, and wait until it has."""
        self._stopped.set()
        if self._round is not None:
            await asyncio.wait({self._round})


def _tell(name: str, outcome: BaseException | None) -> None:
    match outcome:
        case None | Refused():  # another process does it, or an editor paused it: fine
            return
        case FiveError() as error:
            _log.error("%s stopped: %s %s", name, error.what, error.hint)
        case error:
            _log.error("%s stopped on a fault of this program; trying again in a minute.", name, exc_info=error)


def timetable(app: Timed) -> AsyncIOScheduler:
    """The timetable, not yet started: a first look at once, then one every minute."""
    return _timetable(_all(app))


@asynccontextmanager
async def running(app: Timed) -> AsyncIterator[AsyncIOScheduler]:
    """The timetable, running on this loop; at the end, nothing is left behind."""
    everything = _all(app)
    scheduler = _timetable(everything)
    scheduler.start()
    try:
        yield scheduler
    finally:
        scheduler.pause()
        await asyncio.gather(*(one.stop() for one in everything.values()))
        scheduler.shutdown()
        await asyncio.sleep(0)  # it shuts down in the loop's next turn


def _all(app: Timed) -> dict[str, Looking | Doing]:
    looks: dict[str, Looking | Doing] = {
        "poll": Looking("Polling", app.poller.poll_due),
        "hubs": Looking("Asking hubs", app.hubs.subscribe_due),
        "pages": Looking("Reading bookmarked pages", app.bookmarks.visit_due),
        "posts": Looking("Posting digests", app.posts.post_due),
    }
    return looks | {name: Doing(name, chore) for name, chore in app.chores.items()}


def _timetable(everything: Mapping[str, Looking | Doing]) -> AsyncIOScheduler:
    scheduler = AsyncIOScheduler(timezone=UTC, logger=_scheduler_log)
    for name, one in everything.items():
        scheduler.add_job(
            one.look,
            "interval",
            id=name,
            seconds=TICK_SECONDS,
            next_run_time=system_clock(),  # of the machine, as APScheduler's own
            misfire_grace_time=None,  # its default of one second skips a look after three seconds of downtime
            coalesce=True,
            max_instances=1,
        )
    return scheduler
