"""The outbox, for editors: how far each digest has come; pause, go on, stop; and what nobody can tell."""

from collections.abc import Mapping
from itertools import groupby
from operator import attrgetter
from urllib.parse import urlencode

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from aggregator.deliver.dispatches import Dispatch
from aggregator.errors import NotFound, Refused
from aggregator.model import DeliveryStatus
from aggregator.store.deliveries import State
from aggregator.web import charts
from aggregator.web.desk import desk_page, form, see_other
from aggregator.web.guard import app_of
from aggregator.web.numbers import number

AT_ONCE = 50
ALL = "all"
STOP_ASKING = 286
"""The status by which htmx learns that it need not ask again."""
BAR = 1000
"""The width that a bar of shares is drawn in."""
ORDER = (
    DeliveryStatus.SENT,
    DeliveryStatus.UNCERTAIN,
    DeliveryStatus.FAILED,
    DeliveryStatus.SKIPPED,
    DeliveryStatus.CLAIMED,
    DeliveryStatus.QUEUED,
)
"""Of the parts of a bar: what is done comes first."""
UNSETTLED = (DeliveryStatus.UNCERTAIN, DeliveryStatus.FAILED)
"""What an editor looks at first."""


def outbox(request: Request) -> Response:
    """Where everything stands."""
    return _outbox(request)


def switch(request: Request) -> Response:
    """Pause all sending, or go on with it."""
    verbs = {"pause": app_of(request).outbox.pause, "resume": app_of(request).outbox.resume}
    do = form(request).get("do", "")
    if do not in verbs:
        return _outbox(request, {"": "That is not something that can be done here."}, status=400)
    verbs[do]()
    return see_other(request, "/desk/outbox", done=f"outbox-{do}d")


def _outbox(request: Request, errors: Mapping[str, str] | None = None, *, status: int = 200) -> Response:
    app = app_of(request)
    board = app.dispatches.board()
    return desk_page(
        request,
        "desk/outbox.html",
        status=status,
        board=board,
        posts={slug: list(each) for slug, each in groupby(app.posts.posts(), key=attrgetter("slug"))},
        places=tuple(app.posts.places),
        errors=errors or {},
        **_drawn(request, board.state),
    )


def post(request: Request) -> Response:
    """Post a digest to one other publication again, or not at all; or say what became of it."""
    posts, sent = app_of(request).posts, form(request)
    slug, place, do = sent.get("digest", ""), sent.get("place", ""), sent.get("do", "")
    changed: object = None
    try:
        match do:
            case "again":
                changed = posts.again(slug, place)
            case "stop":
                changed = posts.stop(slug, place)
            case "sent" | "failed":
                changed = posts.settle(slug, DeliveryStatus(do), place)
    except NotFound as error:
        return _outbox(request, {"": error.what}, status=404)
    if not changed:
        return _outbox(request, {"": "Nothing was changed: that post is settled by now."}, status=409)
    return see_other(request, "/desk/outbox", done=f"post-{do}" if do in ("again", "stop") else f"outbox-{do}")


def progress(request: Request) -> Response:
    """The numbers alone, for a page that is open; of one digest, or all that is on its way."""
    slug = request.query_params.get("digest")
    if slug:
        state, one = _known(request, slug)
        found: tuple[Dispatch, ...] = (one,)
    else:
        board = app_of(request).dispatches.board()
        state, found = board.state, board.dispatches
    is_over = not any(one.left for one in found)
    status = STOP_ASKING if is_over else 200
    return desk_page(request, "desk/outbox_progress.html", status=status, found=found, **_drawn(request, state))


def _drawn(request: Request, state: State) -> dict[str, object]:
    """What every view of a digest's way is drawn with."""
    settings = app_of(request).settings
    return {
        "state": state,
        "statuses": ORDER,
        "shares": _shares,
        "width": BAR,
        "a_minute": settings.mails_per_minute if settings.smtp_host else 0,
        "canary": settings.canary,
    }


def _shares(counts: Mapping[DeliveryStatus, int]) -> list[tuple[DeliveryStatus, charts.Bar]]:
    return list(zip(ORDER, charts.shares([counts[status] for status in ORDER], BAR), strict=True))


# ------------------------------------------------------------------------------------------------- one digest


def digest(request: Request) -> Response:
    """One digest, reader by reader."""
    return _digest(request, request.path_params["slug"], request.query_params)


def decide(request: Request) -> Response:
    """Stop it; or send again or settle what nobody can tell: of all readers, or of those who were chosen."""
    slug, sent = request.path_params["slug"], form(request)
    _known(request, slug)
    given: FormData = request.state.form
    chosen = tuple(found for each in given.getlist("reader") if (found := number(str(each))) is not None)
    do, is_for_all = sent.get("do", ""), sent.get("which") == ALL
    if do in ("again", "sent", "failed") and not chosen and not is_for_all:
        return _digest(request, slug, sent, {"readers": "Choose at least one reader"}, status=400)
    verbs, readers = app_of(request).outbox, () if is_for_all else chosen
    match do:
        case "stop":
            changed = verbs.stop(slug)
        case "again":
            changed = verbs.resend(slug, readers)
        case "sent" | "failed":
            changed = verbs.settle(slug, DeliveryStatus(do), readers)
        case _:
            raise Refused("That is not something that can be done here.", "Load the page again.")
    if not changed:
        wrong = {"": "Nothing was changed: what you saw is settled by now, or was never open."}
        return _digest(request, slug, sent, wrong, status=409)
    return see_other(request, f"/desk/outbox/digests/{slug}", done="outbox-stopped" if do == "stop" else f"outbox-{do}")


def _digest(
    request: Request,
    slug: str,
    asked: Mapping[str, str],
    errors: Mapping[str, str] | None = None,
    *,
    status: int = 200,
) -> Response:
    state, found = _known(request, slug)
    wanted = _wanted(asked.get("state", ""), found)
    after = number(asked.get("after", "")) or 0
    rows = app_of(request).dispatches.readers(slug, status=wanted, after=after, limit=AT_ONCE + 1)
    more = urlencode({"state": wanted or ALL, "after": rows[AT_ONCE - 1].subscriber_id}) if rows[AT_ONCE:] else ""
    return desk_page(
        request,
        "desk/outbox_digest.html",
        status=status,
        one=found,
        rows=rows[:AT_ONCE],
        wanted=wanted,
        after=after,
        more=more,
        errors=errors or {},
        **_drawn(request, state),
    )


def _wanted(given: str, found: Dispatch) -> DeliveryStatus | None:
    """The state that was asked for; unasked, what needs a person."""
    if given:
        return next((status for status in DeliveryStatus if status == given), None)
    return next((status for status in UNSETTLED if found.counts[status]), None)


def _known(request: Request, slug: str) -> tuple[State, Dispatch]:
    return app_of(request).dispatches.one(slug)
