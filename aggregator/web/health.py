"""How the machine is: a page for maintainers, and a line of JSON for monitors."""

from collections import Counter

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from aggregator import __version__
from aggregator.errors import StoreError
from aggregator.feeds.health import ORDER, State, late, state_of
from aggregator.web import pages
from aggregator.web.numbers import first_of_page
from aggregator.web.pages import site_of

AT_ONCE = 100
"""Feeds on one page: those that need a hand come first, and are seldom more."""


def page(request: Request) -> Response:
    """The table of feeds, the sick ones first."""
    site = site_of(request)
    now = site.clock()
    lines = site.upkeep.health()
    first = first_of_page(request.query_params.get("start", ""), AT_ONCE)
    counts = Counter(line.state for line in lines)
    return pages.page(
        request,
        "health.html",
        lines=lines[first : first + AT_ONCE],
        total=len(lines),
        first=first,
        at_once=AT_ONCE,
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


def _json(value: object, *, status: int = 200) -> Response:
    body = msgspec.json.encode(value)
    return Response(body, status_code=status, media_type="application/json", headers={"cache-control": "no-store"})
