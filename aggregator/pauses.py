"""Which hosts asked to be left alone, and until when (Retry-After: RFC 9110, section 10.2.3)."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from aggregator.clock import Clock

LONGEST_PAUSE = timedelta(hours=48)
"""The most that a server can make us wait."""


class Pauses:
    """Keeps a pause for each exact host and port: one keyed by domain would silence strangers."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._until: dict[str, datetime] = {}

    def until(self, host: str) -> datetime | None:
        """When `host` (with its port) may be asked again; None for now."""
        until = self._until.get(host)
        if until is None:
            return None
        # A pause that begins in the future was kept by a clock that has been put right since.
        if self._clock() < until <= self._clock() + LONGEST_PAUSE:
            return until
        del self._until[host]
        return None

    def pause(self, host: str, until: datetime) -> None:
        """Leave `host` alone until then; of two pauses the longer one counts."""
        self._until[host] = max(until, self._until.get(host, until))

    def recall(self, kept: Mapping[str, datetime]) -> None:
        """Take in what another process, or an earlier one, was asked."""
        for host, until in kept.items():
            self.pause(host, until)
