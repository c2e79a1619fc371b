"""Which hosts asked to be left alone, and until when (Retry-After: RFC 9110, section 10.2.3)."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

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


def pause_of(retry_after: str, now: datetime) -> timedelta | None:
    """What Retry-After asks for, in seconds or as a date, at most `LONGEST_PAUSE`; None for nothing or a past date."""
    value = retry_after.strip()
    if value.isascii() and value.isdigit():
        # Ten digits are 300 years: enough, and they always fit a timedelta.
        wait = timedelta(seconds=int(value[:10]))
    elif (at := http_date(value)) is not None:
        wait = at - now
    else:
        return None
    return min(wait, LONGEST_PAUSE) if wait > timedelta(0) else None


def http_date(value: str) -> datetime | None:
    """An HTTP date (RFC 9110, section 5.6.7), or None for anything else."""
    if not value:
        return None
    try:
        date = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)


def in_words(span: timedelta) -> str:
    """A wait as people say it: "1 minute", "90 minutes", "48 hours"."""
    minutes = max(1, round(span.total_seconds() / 60))
    if minutes < 120:
        return f"{minutes} minute{'' if minutes == 1 else 's'}"
    return f"{round(minutes / 60)} hours"
