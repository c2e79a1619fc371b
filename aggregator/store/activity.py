"""How many entries each feed posts a week, counted once: to count a million of them anew takes seconds.

A week is named by its Monday, in UTC. An entry belongs to the week that it was published in by its own account, and
never to a later one than that in which it was first seen.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Select, func, select
from sqlalchemy.dialects.sqlite import insert

from aggregator.model import DigestStatus
from aggregator.store.database import Tx
from aggregator.store.schema import bookmarks, digests, entries, picks
from aggregator.store.schema_activity import feed_weeks

_held = feed_weeks.c


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """Entries that are not counted yet, by feed and week; the newest of them is `upto`."""

    after: int
    upto: int
    weeks: Mapping[tuple[int, date], int]


def week_of(instant: datetime) -> date:
    """The Monday of its week."""
    day = instant.date()
    return day - timedelta(days=day.weekday())


def counted_upto(tx: Tx) -> int:
    """The id of the newest entry that is counted, as all before it are."""
    return int(tx.scalar(select(func.max(_held.last_entry_id))) or 0)


def newest(tx: Tx) -> int:
    """The id of the newest entry."""
    return int(tx.scalar(select(func.max(entries.c.id))) or 0)


def uncounted(tx: Tx, limit: int) -> Tally:
    """The next entries to count, the oldest first."""
    after = upto = counted_upto(tx)
    columns = (entries.c.id, entries.c.feed_id, entries.c.published_at, entries.c.first_seen_at)
    weeks: Counter[tuple[int, date]] = Counter()
    for row in tx.execute(select(*columns).where(entries.c.id > after).order_by(entries.c.id).limit(limit)):
        weeks[row.feed_id, week_of(min(row.published_at or row.first_seen_at, row.first_seen_at))] += 1
        upto = row.id
    return Tally(after=after, upto=upto, weeks=weeks)


def add(tx: Tx, tally: Tally) -> bool:
    """Add what was tallied; False, with nothing added, when somebody else has counted meanwhile."""
    if counted_upto(tx) != tally.after:
        return False
    if tally.weeks:
        row = insert(feed_weeks)
        more = row.on_conflict_do_update(
            index_elements=["feed_id", "week"],
            set_={"entries": _held.entries + row.excluded.entries, "last_entry_id": row.excluded.last_entry_id},
        )
        tx.execute(
            more,
            [
                {"feed_id": feed_id, "week": week, "entries": number, "last_entry_id": tally.upto}
                for (feed_id, week), number in tally.weeks.items()
            ],
        )
    return True


def by_week(tx: Tx, since: date) -> dict[date, int]:
    """Entries of all feeds, by week."""
    total = func.sum(_held.entries).label("total")
    rows = tx.execute(select(_held.week, total).where(_held.week >= since).group_by(_held.week))
    return {row.week: int(row.total) for row in rows}


def of_feeds(tx: Tx, feed_ids: Sequence[int], since: date) -> dict[int, dict[date, int]]:
    """Entries by feed and week; a feed without any is left out."""
    found: dict[int, dict[date, int]] = {}
    columns = (_held.feed_id, _held.week, _held.entries)
    for row in tx.execute(select(*columns).where(_held.feed_id.in_(feed_ids), _held.week >= since)):
        found.setdefault(row.feed_id, {})[row.week] = row.entries
    return found


def picks_of(tx: Tx, since: datetime) -> dict[int, int]:
    """By feed, how many of its entries were picked for digests that were published since then."""
    return {row.feed_id: row.number for row in tx.execute(picks_by_feed(since))}


def picks_by_feed(since: datetime) -> "Select[int, int]":
    """The query for it: `feed_id` and `number`."""
    return (
        select(entries.c.feed_id, func.count().label("number"))
        .join_from(digests, picks, picks.c.digest_id == digests.c.id)
        .join(bookmarks, bookmarks.c.id == picks.c.bookmark_id)
        .join(entries, entries.c.id == bookmarks.c.entry_id)
        .where(digests.c.status == DigestStatus.PUBLISHED.value, digests.c.published_at >= since)
        .group_by(entries.c.feed_id)
    )


def entries_by_feed(since: date) -> "Select[int, int]":
    """The query for what each feed has posted since a Monday: `feed_id` and `number`."""
    number = func.sum(_held.entries).label("number")
    return select(_held.feed_id, number).where(_held.week >= since).group_by(_held.feed_id)
