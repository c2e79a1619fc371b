"""The rules of a digest: its name, its picks and their order (pure)."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from aggregator.clock import Calendar
from aggregator.errors import WrongUse
from aggregator.languages import language_tag
from aggregator.model import Bookmark, Kind, Pick, Publication

_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_DATE_PART = re.compile("DD|D|MMMM|MM|M|YYYY|YY")  # the longest first


def title_for(publication: Publication, friday: date) -> str:
    """The title of the digest of `friday`, such as "Five for Friday (14/7/2017)"."""
    parts = {
        "D": f"{friday.day}",
        "DD": f"{friday.day:02}",
        "M": f"{friday.month}",
        "MM": f"{friday.month:02}",
        "MMMM": _MONTHS[friday.month - 1],
        "YY": f"{friday.year % 100:02}",
        "YYYY": f"{friday.year:04}",
    }
    written = _DATE_PART.sub(lambda part: parts[part.group()], publication.date_format)
    return f"{publication.title} ({written})"


def outro_for(publication: Publication) -> str:
    """The line that every digest ends with (Markdown); its one link leads to all bookmarks and says so."""
    return (
        "Most of these were shared during the week. Everything we found interesting is in "
        f"[the list of all our bookmarks]({publication.bookmarks_url})."
    )


def in_words(day: date) -> str:
    """A date as people write it: "Friday 20 November 2026"."""
    return f"{_DAYS[day.weekday()]} {day.day} {_MONTHS[day.month - 1]} {day.year}"


def check_friday(day: date, weekday: int) -> None:
    """Raises WrongUse, naming the nearest day of publication, when digests do not come out on that weekday."""
    after = (day.weekday() - weekday) % 7
    if after:
        nearest = day - timedelta(days=after) if after <= 3 else day + timedelta(days=7 - after)
        raise WrongUse(
            f"{day} is a {_DAYS[day.weekday()]}, and digests come out on {_DAYS[weekday]}s.",
            f"The nearest {_DAYS[weekday]} is {nearest}.",
        )


def as_pick(bookmark: Bookmark, calendar: Calendar) -> Pick:
    """A bookmark as a pick, not yet placed: the note becomes the commentary."""
    return Pick(
        bookmark_id=bookmark.id,
        position=0,
        url=bookmark.url,
        title=bookmark.title,
        commentary=bookmark.note.strip(),
        author=bookmark.author,
        organisation=bookmark.organisation,
        published_on=calendar.local(bookmark.published_at).date() if bookmark.published_at else None,
        kind=bookmark.kind,
        language=language_tag(bookmark.language),
        embed_url=bookmark.url if bookmark.kind in (Kind.VIDEO, Kind.SLIDES) else None,
    )


def place(picks: Sequence[Pick], pick: Pick) -> tuple[Pick, ...]:
    """The picks with this one after them; as they were when its bookmark is among them already."""
    if any(placed.bookmark_id == pick.bookmark_id for placed in picks):
        return tuple(picks)
    return numbered([*picks, pick])


def remove(picks: Sequence[Pick], position: int) -> tuple[Pick, ...]:
    """The picks without the one at `position`. Raises WrongUse when there is none."""
    _check_position(picks, position)
    return numbered([pick for pick in picks if pick.position != position])


def move(picks: Sequence[Pick], position: int, to: int) -> tuple[Pick, ...]:
    """The picks with the one at `position` now at `to`. Raises WrongUse when either is not there."""
    _check_position(picks, position)
    _check_position(picks, to)
    moved = list(picks)
    moved.insert(to - 1, moved.pop(position - 1))
    return numbered(moved)


def numbered(picks: Sequence[Pick]) -> tuple[Pick, ...]:
    """The picks, counted from 1 in the order they stand in."""
    return tuple(replace(pick, position=position) for position, pick in enumerate(picks, start=1))


def _check_position(picks: Sequence[Pick], position: int) -> None:
    if not 1 <= position <= len(picks):
        has = f"positions 1 to {len(picks)}" if picks else "no picks yet"
        raise WrongUse(f"There is no pick {position}: the digest has {has}.", "See them with: five digest show")
