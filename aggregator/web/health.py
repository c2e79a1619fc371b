"""How the machine is: a page for maintainers, and a line of JSON for monitors."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from aggregator import __version__
from aggregator.errors import StoreError
from aggregator.model import Feed, FeedStatus
from aggregator.web import pages
from aggregator.web.pages import site_of

QUIET_AFTER = timedelta(days=365)
"""A blog without a new entry for so long is quiet (DIGEST: the living list)."""
LATE_AFTER = timedelta(minutes=15)
"""A feed that has been due for longer than this says that nobody polls."""


class State(StrEnum):
    """How a feed is doing, in a word; what needs a maintainer comes first."""

    FAILING = "failing"
    GONE = "gone"
    MOVED = "moved"
    QUIET = "quiet"
    NEW = "not polled yet"
    WELL = "well"
    PAUSED = "paused"


ORDER = tuple(State)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One feed of the table."""

    feed: Feed
    state: State


def page(request: Request) -> Response:
    """The table of feeds, the sick ones first."""
    site = site_of(request)
    now = site.clock()
    lines = sorted(
        (Line(feed=feed, state=state_of(feed, now)) for feed in site.follow.feeds()),
        key=lambda line: (ORDER.index(line.state), line.feed.title.casefold(), line.feed.id),
    )
    counts = Counter(line.state for line in lines)
    return pages.page(
        request,
        "health.html",
        lines=lines,
        counts=[(state, counts[state]) for state in ORDER if counts[state]],
        late=len(late((line.feed for line in lines), now)),
        polled_at=max((line.feed.polled_at for line in lines if line.feed.polled_at), default=None),
    )


def machine(request: Request) -> Response:
    """200 and `ok` while the database answers, 503 when it does not; with counts to alert on."""
    site = site_of(request)
    try:
        feeds = site.follow.feeds()
    except StoreError as error:
        return _json({"status": "failing", "version": __version__, "reason": type(error).__name__}, status=503)
    now = site.clock()
    states = Counter(state_of(feed, now) for feed in feeds)
    return _json(
        {
            "status": "ok",
            "version": __version__,
            "feeds": len(feeds),
            "failing": states[State.FAILING],
            "late": len(late(feeds, now)),
            "polled_at": max((feed.polled_at for feed in feeds if feed.polled_at), default=None),
        }
    )


def state_of(feed: Feed, now: datetime) -> State:
    """How this feed is doing."""
    if feed.status is not FeedStatus.ACTIVE:
        return State.GONE if feed.status is FeedStatus.GONE else State.PAUSED
    if feed.failures:
        return State.FAILING
    if feed.polled_at is None:
        return State.NEW
    if feed.moved_to is not None:
        return State.MOVED
    is_quiet = feed.newest_entry_at is None or now - feed.newest_entry_at > QUIET_AFTER
    return State.QUIET if is_quiet else State.WELL


def late(feeds: Iterable[Feed], now: datetime) -> tuple[Feed, ...]:
    """Those that should have been polled by now; many of them mean that no timetable runs."""
    return tuple(feed for feed in feeds if feed.status is FeedStatus.ACTIVE and now - feed.next_poll_at > LATE_AFTER)


def _json(value: object, *, status: int = 200) -> Response:
    body = msgspec.json.encode(value)
    return Response(body, status_code=status, media_type="application/json", headers={"cache-control": "no-store"})
