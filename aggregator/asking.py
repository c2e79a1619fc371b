"""Asking for a page because a person wants it now: to follow its blog, to bookmark it.

A host that asked to be left alone is, whoever asked it: a poll, a person, another process of ours (RFC 9110, section
10.2.3). What it asks of a person's request, polls keep to as well.
"""

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Protocol
from urllib.parse import urlsplit

from aggregator.addresses import host_and_port
from aggregator.clock import Clock
from aggregator.model import FailureReason
from aggregator.outbound import HostPaused, Outbound, RequestFailed, Response
from aggregator.pauses import Pauses, in_words, pause_of
from aggregator.store import pauses
from aggregator.store.database import Database


class Asks(Protocol):
    """Gets a page."""

    async def get(self, url: str, *, accept: str) -> Response:
        """As `Outbound.get` does, and raising as it does."""


class Asking:
    """Asks as `Outbound` does, and tells a person when to try again."""

    def __init__(self, *, db: Database, clock: Clock, outbound: Outbound) -> None:
        self._db = db
        self._clock = clock
        self._outbound = outbound

    async def get(self, url: str, *, accept: str) -> Response:
        """What `url` answers. Raises RequestFailed as `Outbound.get` does, and for a host that wants peace."""
        paused = Pauses(self._clock)
        paused.recall(await asyncio.to_thread(self._kept))
        try:
            response = await self._outbound.get(url, accept=accept, pauses=paused)
        except HostPaused as pause:
            raise _try_later(pause.what, pause.until - self._clock()) from pause
        wait = pause_of(response.headers.get("retry-after", ""), self._clock())
        if response.status not in (429, 503) or wait is None:
            return response
        await asyncio.to_thread(self._keep, host_and_port(response.url), wait)
        raise _try_later(f"{urlsplit(response.url).hostname} asks to be left alone for a while.", wait)

    def _kept(self) -> Mapping[str, datetime]:
        with self._db.read() as tx:
            return pauses.current(tx, self._clock())

    def _keep(self, host: str, wait: timedelta) -> None:
        now = self._clock()
        with self._db.write() as tx:
            pauses.keep(tx, host, now + wait, now)


def _try_later(what: str, wait: timedelta) -> RequestFailed:
    return RequestFailed(FailureReason.THROTTLED, what, f"Try again in {in_words(wait)}.")
