"""How fast we may ask: so many requests in all, so many to one host, and a gap between their starts."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

_MANY_LANES = 1024
"""Hosts remembered before those that nobody waits for are forgotten."""


class _Lane:
    """The way to one host."""

    def __init__(self, width: int) -> None:
        self.places = asyncio.Semaphore(width)
        self.gate = asyncio.Lock()
        self.opens_at = 0.0  # in the loop's time
        self.users = 0


class Pace:
    """Hands out turns. One Pace belongs to one event loop."""

    def __init__(self, *, in_flight: int, per_host: int, gap: float) -> None:
        self._all = asyncio.Semaphore(in_flight)
        self._per_host = per_host
        self._gap = gap
        self._lanes: dict[str, _Lane] = {}

    @asynccontextmanager
    async def turn(self, host: str) -> AsyncIterator[None]:
        """Wait for a turn with `host` (and its port), and hold it.

        A turn that waits for its host holds no place of the others: one slow host never blocks the rest.
        """
        lane = self._lane(host)
        lane.users += 1
        try:
            async with lane.places:
                await self._start(lane)
                try:
                    yield
                finally:
                    self._all.release()
        finally:
            lane.users -= 1

    async def _start(self, lane: _Lane) -> None:
        # The gate is held until the request really starts: the gap is between starts, not between arrivals.
        async with lane.gate:
            loop = asyncio.get_running_loop()
            if (wait := lane.opens_at - loop.time()) > 0:
                await asyncio.sleep(wait)
            await self._all.acquire()
            lane.opens_at = loop.time() + self._gap

    def _lane(self, host: str) -> _Lane:
        if len(self._lanes) >= _MANY_LANES and host not in self._lanes:
            now = asyncio.get_running_loop().time()
            self._lanes = {name: lane for name, lane in self._lanes.items() if lane.users or lane.opens_at > now}
        if host not in self._lanes:
            self._lanes[host] = _Lane(self._per_host)
        return self._lanes[host]
