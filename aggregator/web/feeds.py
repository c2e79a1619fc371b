"""The feeds, for maintainers: how each is doing and what it brings; pause, follow again, poll now, add one."""

from collections.abc import Mapping
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from aggregator.addresses import safe_url
from aggregator.errors import BadAddress, BadListing, FetchFailed, FiveError, NotFound, Refused
from aggregator.feeds.discover import Candidate
from aggregator.feeds.roster import AT_ONCE, Look, Order, Row
from aggregator.model import FeedState
from aggregator.web import charts
from aggregator.web.desk import desk_page, form, see_other
from aggregator.web.guard import app_of
from aggregator.web.numbers import first_of_page, number

KINDS = ("Councils", "Leaders", "Central government", "Community", "Suppliers", "Press")
IN_NEED = (FeedState.FAILING, FeedState.GONE, FeedState.MOVED)
ORDERS = {
    Order.NEED: "need of a hand",
    Order.TITLE: "title",
    Order.LATEST: "last new entry",
    Order.ACTIVITY: "entries a month",
    Order.PICKS: "picks a year",
    Order.NEXT: "next poll",
}
LONGEST_SEARCH = 200
EMPTY = {"address": "", "title": "", "kind": "", "region": "", "feed": ""}


def feeds(request: Request) -> Response:
    """All of them, or those that were asked for."""
    given = {name: request.query_params.get(name, "")[:LONGEST_SEARCH] for name in ("q", "state", "kind", "sort")}
    first = first_of_page(request.query_params.get("start", ""), AT_ONCE)
    page = app_of(request).roster.page(_look(given), start=first)
    asked = {name: value for name, value in given.items() if value}
    return desk_page(
        request,
        "desk/feeds.html",
        page=page,
        given=given,
        at_once=AT_ONCE,
        states=list(FeedState),
        in_need=sum(page.states.get(state, 0) for state in IN_NEED),
        orders=ORDERS,
        charts=charts,
        elsewhere=lambda first: "?" + urlencode(asked | ({"start": first} if first else {})),
    )


def _look(given: Mapping[str, str]) -> Look:
    state = next((state for state in FeedState if state == given["state"]), None)
    return Look(
        search=given["q"],
        states=IN_NEED if given["state"] == "need" else (state,) if state else (),
        kind=given["kind"] or None,
        order=next((order for order in Order if order == given["sort"]), Order.NEED),
    )


def feed(request: Request) -> Response:
    """One feed, with all that is known of it."""
    return _feed(request, request.path_params["feed_id"])


async def act(request: Request) -> Response:
    """Poll it now, pause it, or follow it again."""
    app, feed_id, do = app_of(request), request.path_params["feed_id"], form(request).get("do")
    await run_in_threadpool(_known, request, feed_id)
    try:
        match do:
            case "poll":
                done = await _poll(request, feed_id)
            case "pause":
                await run_in_threadpool(app.follow.pause, feed_id)
                done = "feed-paused"
            case "resume":
                await run_in_threadpool(app.follow.resume, feed_id)
                done = "feed-resumed"
            case _:
                raise Refused("That is not something that can be done here.", "Load the page again.")
    except (BadListing, Refused) as error:
        return await run_in_threadpool(_feed, request, feed_id, error=in_words(error), status=409)
    return see_other(request, f"/desk/feeds/{feed_id}", done=done)


async def _poll(request: Request, feed_id: int) -> str:
    """What came of it, as the name of a notice."""
    app = app_of(request)
    try:
        (report,) = await app.poller.poll_feed(feed_id)
    except Refused:  # the timetable is polling: it takes this feed with its next look
        await run_in_threadpool(app.upkeep.hasten, feed_id)
        return "feed-soon"
    return f"feed-{report.outcome}"


def _feed(request: Request, feed_id: int, *, error: str = "", status: int = 200) -> Response:
    errors = {"": error} if error else {}
    return desk_page(
        request, "desk/feed.html", status=status, row=_known(request, feed_id), errors=errors, charts=charts
    )


def _known(request: Request, feed_id: int) -> Row:
    try:
        return app_of(request).roster.one(feed_id)
    except NotFound:
        raise NotFound("There is no such feed.", "Look for it among the feeds.") from None


# --------------------------------------------------------------------------------------------------- add one


def new(request: Request) -> Response:
    """A form for the address of a blog; an address in the query fills it in, and does nothing more."""
    given = EMPTY | {name: request.query_params.get(name, "")[:2000] for name in ("address", "title")}
    return _new(request, given)


async def add(request: Request) -> Response:
    """Find the feeds of an address; then follow the one that was chosen."""
    sent = form(request)
    given = {name: sent.get(name, "").strip() for name in EMPTY}
    if sent.get("do") == "follow":
        return await run_in_threadpool(_follow, request, given, sent)
    if not given["address"]:
        return await run_in_threadpool(_new, request, given, errors={"address": "Enter the blog's address"}, status=400)
    try:
        found = await app_of(request).follow.find(given["address"])
    except (BadAddress, FetchFailed, NotFound, Refused) as error:
        wrong = {"address": in_words(error)}
        return await run_in_threadpool(_new, request, given, errors=wrong, status=422)
    given["title"] = given["title"] or found[0].title
    return await run_in_threadpool(_new, request, given, found=found)


def _follow(request: Request, given: dict[str, str], sent: Mapping[str, str]) -> Response:
    """List the chosen feed in the feeds file, and follow it."""
    found = _found(sent)
    chosen = next((one for one in found if one.url == given["feed"]), None)
    wrong = {} if chosen else {"feed": "Choose a feed"}
    wrong |= {} if given["kind"] in _kinds(request) else {"kind": "Choose what kind of blog it is"}
    if chosen is None or wrong:
        return _new(request, given, found=found, errors=wrong, status=400)
    try:
        feed = app_of(request).follow.add(chosen, title=given["title"], kind=given["kind"], region=given["region"])
    except (BadListing, Refused) as error:
        return _new(request, given, found=found, errors={"": in_words(error)}, status=409)
    return see_other(request, f"/desk/feeds/{feed.id}", done="feed-added")


def _found(sent: Mapping[str, str]) -> tuple[Candidate, ...]:
    """The feeds that the form was made with; an address in it that is none is left out."""
    places = [name.removeprefix("url-") for name in sent if name.startswith("url-")]
    return tuple(
        Candidate(
            url=url,
            title=sent.get(f"title-{place}", ""),
            kind_of_feed=sent.get(f"format-{place}", "feed"),
            entries=number(sent.get(f"entries-{place}", "")) or 0,
            html_url=safe_url(sent.get(f"page-{place}", "")),
        )
        for place in places
        if (url := safe_url(sent[f"url-{place}"])) is not None
    )


def _new(
    request: Request,
    given: Mapping[str, str],
    *,
    found: tuple[Candidate, ...] = (),
    errors: Mapping[str, str] | None = None,
    status: int = 200,
) -> Response:
    return desk_page(
        request,
        "desk/feeds_add.html",
        status=status,
        given=given,
        found=found,
        errors=errors or {},
        kinds=_kinds(request) if found else (),
    )


def _kinds(request: Request) -> tuple[str, ...]:
    """Those that lists of blogs usually have, and what ours has besides."""
    return tuple(dict.fromkeys((*KINDS, *app_of(request).roster.kinds())))


def in_words(error: FiveError) -> str:
    """What happened and what to do; a hint that names a command is of no use on a page."""
    return error.what if "five " in error.hint else f"{error.what} {error.hint}".strip()
