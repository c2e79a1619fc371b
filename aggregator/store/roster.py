"""The followed feeds as a maintainer looks through them: filtered, sorted and cut into pages by the database.

Two thousand feeds take 50 ms to turn into values, and two to filter and sort where they are.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Case, ColumnElement, Select, and_, case, func, or_, select

from aggregator.model import FeedState, FeedStatus
from aggregator.store import activity
from aggregator.store.database import Tx
from aggregator.store.schema import feeds


class Order(StrEnum):
    """By what the feeds are sorted."""

    NEED = "need"  # those that need a hand first
    TITLE = "title"
    LATEST = "latest"  # whose last new entry is the newest
    ACTIVITY = "activity"  # who posts most
    PICKS = "picks"  # from whom most was picked
    NEXT = "next"  # who is polled next


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """Which feeds to show, in what order; every filter that is given holds."""

    search: str = ""
    states: tuple[FeedState, ...] = ()  # any, when none is given
    kind: str | None = None
    order: Order = Order.NEED


@dataclass(frozen=True, slots=True, kw_only=True)
class Reckoned:
    """From when things are counted and measured."""

    now: datetime
    quiet_before: datetime  # the newest entry of a quiet feed is older
    first_week: date
    picks_since: datetime


def states(tx: Tx, at: Reckoned) -> dict[FeedState, int]:
    """How many feeds are in each state."""
    state = _state(at).label("state")
    rows = tx.execute(select(state, func.count().label("number")).select_from(feeds).group_by(state))
    return {FeedState(row.state): row.number for row in rows}


def kinds(tx: Tx) -> tuple[str, ...]:
    """The kinds that feeds have, in alphabetical order."""
    return tuple(tx.scalars(select(feeds.c.kind).where(feeds.c.kind != "").distinct().order_by(feeds.c.kind)))


def count(tx: Tx, look: Look, at: Reckoned) -> int:
    """How many feeds such a look finds."""
    return int(tx.scalar(select(func.count()).select_from(feeds).where(_is_meant(look, at))) or 0)


def page(tx: Tx, look: Look, at: Reckoned, *, start: int, limit: int) -> tuple[int, ...]:
    """The ids of what such a look finds, `limit` of them from the one at `start`, which counts from 0."""
    query = _sorted(select(feeds.c.id), look.order, at).where(_is_meant(look, at))
    return tuple(tx.scalars(query.offset(start).limit(limit)))


def _sorted(query: "Select[int]", order: Order, at: Reckoned) -> "Select[int]":
    title: tuple[ColumnElement[Any], ...] = (func.lower(feeds.c.title), feeds.c.id)
    match order:
        case Order.NEED:
            places = {state.value: place for place, state in enumerate(FeedState)}
            return query.order_by(case(places, value=_state(at)), *title)
        case Order.TITLE:
            return query.order_by(*title)
        case Order.LATEST:
            return query.order_by(feeds.c.newest_entry_at.desc().nulls_last(), *title)
        case Order.NEXT:
            is_polled = case((feeds.c.status == FeedStatus.ACTIVE.value, 0), else_=1)
            return query.order_by(is_polled, feeds.c.next_poll_at, *title)
        case Order.ACTIVITY:
            by_feed = activity.entries_by_feed(at.first_week).subquery()
        case Order.PICKS:
            by_feed = activity.picks_by_feed(at.picks_since).subquery()
    joined = query.join(by_feed, by_feed.c.feed_id == feeds.c.id, isouter=True)
    return joined.order_by(func.coalesce(by_feed.c.number, 0).desc(), *title)


def _is_meant(look: Look, at: Reckoned) -> ColumnElement[bool]:
    wanted: list[ColumnElement[bool]] = [feeds.c.id > 0]
    if look.states:
        wanted.append(_state(at).in_([state.value for state in look.states]))
    if look.kind is not None:
        wanted.append(feeds.c.kind == look.kind)
    for word in look.search.split():
        held = (feeds.c.title, feeds.c.region, feeds.c.kind, feeds.c.xml_url, func.coalesce(feeds.c.html_url, ""))
        wanted.append(or_(*(column.icontains(word, autoescape=True) for column in held)))
    return and_(*wanted)


def _state(at: Reckoned) -> "Case[str]":
    """As `feeds.health.state_of` has it; a test holds the two equal."""
    is_quiet = or_(feeds.c.newest_entry_at.is_(None), feeds.c.newest_entry_at < at.quiet_before)
    return case(
        (feeds.c.status == FeedStatus.GONE.value, FeedState.GONE.value),
        (feeds.c.status != FeedStatus.ACTIVE.value, FeedState.PAUSED.value),
        (feeds.c.failures > 0, FeedState.FAILING.value),
        (feeds.c.polled_at.is_(None), FeedState.NEW.value),
        (feeds.c.moved_to.is_not(None), FeedState.MOVED.value),
        (is_quiet, FeedState.QUIET.value),
        else_=FeedState.WELL.value,
    )
