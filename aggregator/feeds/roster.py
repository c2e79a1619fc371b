"""The verbs by which a maintainer looks through the followed feeds: who needs a hand, who posts, who is worth it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from aggregator import errors
from aggregator.clock import Clock
from aggregator.feeds.health import QUIET_AFTER, Health, health
from aggregator.model import FeedState
from aggregator.store import activity, hubs, offers, roster
from aggregator.store import feeds as store
from aggregator.store.database import Database, Tx
from aggregator.store.roster import Look, Order, Reckoned

__all__ = ["AT_ONCE", "WEEKS", "Look", "Order", "Page", "Roster", "Row", "Week"]

AT_ONCE = 40
"""Feeds on one page."""
WEEKS = 26
"""Half a year of weeks: what the lines show, and what entries a month are reckoned from."""
MONTHS = 6
YEAR = timedelta(days=365)
MOST_ROWS = 2**63 - 1
"""No id is larger, and SQLite refuses to look for one that is."""
COUNTED_AT_ONCE = 2_000
"""Entries that are counted in one transaction."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """How much was posted in one week."""

    monday: date
    entries: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One feed, how it is doing, and what it brings."""

    health: Health
    weeks: tuple[Week, ...]  # of the last half year, oldest first; the last one is this week so far
    picks: int  # in digests published within a year

    @property
    def a_month(self) -> float:
        """Entries a month, over the last half year."""
        return sum(week.entries for week in self.weeks) / MONTHS


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What a look through the feeds finds."""

    rows: tuple[Row, ...]
    start: int  # of the first row, counted from 0
    total: int  # that the look finds
    states: dict[FeedState, int]  # of all feeds
    kinds: tuple[str, ...]
    weeks: tuple[Week, ...]  # of all feeds together
    is_counting: bool  # whether the weeks lag behind the entries


class Roster:
    """The followed feeds, to look through."""

    def __init__(self, *, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock

    def page(self, look: Look, *, start: int = 0) -> Page:
        """One page of what such a look finds, and the sums over all feeds."""
        at = self._reckoned()
        with self._db.read() as tx:
            ids = roster.page(tx, look, at, start=start, limit=AT_ONCE)
            return Page(
                rows=self._rows(tx, ids, at, picked=activity.picks_of(tx, at.picks_since)),
                start=start,
                total=roster.count(tx, look, at),
                states=roster.states(tx, at),
                kinds=roster.kinds(tx),
                weeks=_weeks(activity.by_week(tx, at.first_week), at.first_week),
                is_counting=activity.newest(tx) - activity.counted_upto(tx) > COUNTED_AT_ONCE,
            )

    def one(self, feed_id: int) -> Row:
        """One feed. Raises NotFound."""
        at = self._reckoned()
        with self._db.read() as tx:
            ids = [feed_id] if feed_id <= MOST_ROWS else []
            rows = self._rows(tx, ids, at, picked=activity.picks_of(tx, at.picks_since))
        if not rows:
            raise errors.NotFound(f"There is no feed {feed_id}.", "See: five feeds list")
        return rows[0]

    def kinds(self) -> tuple[str, ...]:
        """The kinds that feeds have, in alphabetical order."""
        with self._db.read() as tx:
            return roster.kinds(tx)

    def count(self, is_stopped: Callable[[], bool] = lambda: False) -> int:
        """Count the entries that are not counted yet, for the weeks above; how many weeks of feeds were touched.

        May be stopped, and run by two at once: each entry is counted once.
        """
        done = 0
        while not is_stopped():
            with self._db.read() as tx:
                tally = activity.uncounted(tx, COUNTED_AT_ONCE)
            if not tally.weeks:
                break
            with self._db.write() as tx:
                done += len(tally.weeks) if activity.add(tx, tally) else 0
        return done

    def _rows(self, tx: Tx, ids: Sequence[int], at: Reckoned, *, picked: dict[int, int]) -> tuple[Row, ...]:
        found = {feed.id: feed for feed in store.by_ids(tx, ids)}
        posted = activity.of_feeds(tx, ids, at.first_week)
        offered, answers = offers.every(tx), hubs.answers(tx)
        told = {one.feed.id: one for one in health(found.values(), offered, answers, at.now)}
        return tuple(
            Row(health=told[id_], weeks=_weeks(posted.get(id_, {}), at.first_week), picks=picked.get(id_, 0))
            for id_ in ids
            if id_ in told
        )

    def _reckoned(self) -> Reckoned:
        now = self._clock()
        return Reckoned(
            now=now,
            quiet_before=now - QUIET_AFTER,
            first_week=activity.week_of(now) - timedelta(weeks=WEEKS - 1),
            picks_since=now - YEAR,
        )


def _weeks(entries: dict[date, int], first: date) -> tuple[Week, ...]:
    mondays = (first + timedelta(weeks=number) for number in range(WEEKS))
    return tuple(Week(monday=monday, entries=entries.get(monday, 0)) for monday in mondays)
