"""What strangers' documents say about themselves (dates, names, languages), to values of ours or None (pure)."""

from collections.abc import Iterable
from datetime import UTC, datetime

from aggregator.sanitise import line

MAX_GUID = 2000
MAX_AUTHOR = 200

_EARLIEST, _LATEST = 1990, 2100


def plausible(instant: datetime | None) -> datetime | None:
    """`instant` in UTC; None for years before blogs and after 2100, which are faults of the feed's program."""
    if instant is None:
        return None
    try:
        instant = instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
    except OverflowError:
        return None
    return instant if _EARLIEST <= instant.year < _LATEST else None


def iso_date(text: object) -> datetime | None:
    """The instant of an ISO 8601 or RFC 3339 date, UTC when it names no zone."""
    try:
        return plausible(datetime.fromisoformat(text.strip())) if isinstance(text, str) else None
    except ValueError:
        return None


def guid(text: object) -> str | None:
    """A guid as text, or None when it is blank."""
    return line(text, MAX_GUID) or None if isinstance(text, str) else None


def names(given: Iterable[object]) -> str | None:
    """The authors' names with commas between, without repeats; None when there are none."""
    lines = (line(name, MAX_AUTHOR) for name in given if isinstance(name, str))
    found = [name for name in lines if name and not _is_mail_address(name)]
    return line(", ".join(dict.fromkeys(found)), MAX_AUTHOR) or None


def _is_mail_address(name: str) -> bool:
    return "@" in name and " " not in name
