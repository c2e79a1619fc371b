"""What time it is, and which week a moment belongs to.

A week belongs to the day its digest comes out (its *Friday*, whatever weekday is configured) and runs from one
cut-off to the next, in the publication's own time zone, so that it keeps its length in wall-clock terms when the
clocks change.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

Clock = Callable[[], datetime]
"""Returns the current instant, aware, in UTC."""

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def system_clock() -> datetime:
    """The machine's own time."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """When digests come out: `weekday` (0 is Monday), `publish_time` and `cutoff` on that day, local to `zone`."""

    zone: ZoneInfo
    weekday: int
    publish_time: time
    cutoff: time

    def local(self, instant: datetime) -> datetime:
        """The same instant in the publication's zone."""
        return instant.astimezone(self.zone)

    def coming_friday(self, now: datetime) -> date:
        """The next day of publication; on that day itself, today."""
        today = self.local(now).date()
        return today + timedelta(days=(self.weekday - today.weekday()) % 7)

    def week_starts_at(self, friday: date) -> datetime:
        """The instant (UTC) from which entries first seen belong to the digest of `friday`."""
        return self._instant(friday - timedelta(days=7), self.cutoff)

    def publish_at(self, friday: date) -> datetime:
        """The instant (UTC) at which the digest of `friday` is due out."""
        return self._instant(friday, self.publish_time)

    def instant(self, local: datetime) -> datetime:
        """The instant (UTC) at which clocks in the publication's zone show `local`; of two, the first."""
        return self._instant(local.date(), local.time())

    def month(self, day: date) -> tuple[datetime, datetime]:
        """The instants (UTC) at which the month of `day` begins and ends."""
        first = day.replace(day=1)
        return self._instant(first, time()), self._instant((first + timedelta(days=31)).replace(day=1), time())

    def _instant(self, day: date, at: time) -> datetime:
        # A time that a spring change skips is read with the offset before the change (PEP 495, fold=0).
        return datetime.combine(day, at, tzinfo=self.zone).astimezone(UTC)
