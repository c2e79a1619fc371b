"""Subscribers, for editors: who they are, one person, lists that come in, the list that goes out.

Words to search for are sent as a form, so that nobody's mail address stands in an address line or a web server's log.
"""

from collections.abc import Mapping

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response

from aggregator.deliver.imports import Outcome
from aggregator.deliver.register import LARGEST_LIST
from aggregator.errors import BadAddress, FiveError, NotFound, Refused, WrongUse
from aggregator.model import SubscriberStatus
from aggregator.web.desk import desk_page, form, see_other
from aggregator.web.feeds import in_words
from aggregator.web.feeds_file import download
from aggregator.web.guard import app_of
from aggregator.web.numbers import number

AT_ONCE = 50
LINES_SHOWN = 20
"""Of each outcome, in a preview."""
LARGEST_UPLOAD = LARGEST_LIST + 100_000
"""The file, and the form around it."""
LONGEST_SEARCH = 200
NO_ADDRESS = "Enter a mail address, such as name@example.org"
SOURCE = "desk"
"""Where it was said, for the consent log."""
EMPTY = {"q": "", "address": "", "forget": ""}


def subscribers(request: Request) -> Response:
    """Who came last, of all or of one status."""
    return _list(request, EMPTY)


def act(request: Request) -> Response:
    """Search; ask somebody by mail; or erase an address."""
    sent = form(request)
    given = {name: sent.get(name, "").strip()[:LONGEST_SEARCH] for name in EMPTY}
    try:
        match sent.get("do"):
            case "add":
                field = "address"
                app_of(request).subscribers.add(given["address"], source=SOURCE)
                return see_other(request, "/desk/subscribers", done="subscriber-asked")
            case "erase":
                field = "forget"
                app_of(request).subscribers.erase(given["forget"], source=SOURCE)
                return see_other(request, "/desk/subscribers", done="subscriber-erased")
            case _:
                return _list(request, given)
    except BadAddress:
        return _list(request, given, {field: NO_ADDRESS}, status=400)
    except Refused as error:
        return _list(request, given, {field: in_words(error)}, status=409)


def _list(
    request: Request, given: Mapping[str, str], errors: Mapping[str, str] | None = None, *, status: int = 200
) -> Response:
    app, asked = app_of(request), request.query_params
    wanted = next((each for each in SubscriberStatus if each == asked.get("status")), None)
    if given["q"]:
        found = app.register.found(given["q"], limit=AT_ONCE + 1)
    else:
        before = number(asked.get("before", ""))
        found = app.register.newest(status=wanted, before=before, limit=AT_ONCE + 1)
    return desk_page(
        request,
        "desk/subscribers.html",
        status=status,
        counts=app.subscribers.counts(),
        wanted=None if given["q"] else wanted,
        is_later="before" in asked and not given["q"],
        found=found[:AT_ONCE],
        is_more=len(found) > AT_ONCE,
        given=given,
        errors=errors or {},
    )


def export(request: Request) -> Response:
    """Everybody, as CSV for a spreadsheet."""
    return download(app_of(request).subscribers.export(), "text/csv; charset=utf-8", "subscribers.csv")


# ------------------------------------------------------------------------------------------------- one person


def person(request: Request) -> Response:
    """All that is kept about one subscriber."""
    return _person(request)


def data(request: Request) -> Response:
    """The same as a file, for somebody who asks what we know about them."""
    found = app_of(request).register.about(_who(request))
    return download(found.as_json(), "application/json", f"subscriber-{found.subscriber.id}.json")


def decide(request: Request) -> Response:
    """They want no more mail, or to be asked once more, or to be forgotten."""
    app, who = app_of(request), _who(request)
    here, found = f"/desk/subscribers/{who}", app.register.about(who).subscriber
    try:
        match form(request).get("do"):
            case "leave":
                app.subscribers.leave(who, source=SOURCE)
                return see_other(request, here, done="subscriber-left")
            case "ask":
                app.subscribers.add(found.address, source=SOURCE)
                return see_other(request, here, done="subscriber-asked")
            case "erase":
                app.subscribers.erase(found.address, source=SOURCE)
                return see_other(request, "/desk/subscribers", done="subscriber-erased")
            case _:
                raise Refused("That is not something that can be done here.", "Load the page again.")
    except Refused as error:
        return _person(request, {"": in_words(error)}, status=409)


def _who(request: Request) -> int:
    """The id in the address."""
    who: int = request.path_params["subscriber_id"]
    return who


def _person(request: Request, errors: Mapping[str, str] | None = None, *, status: int = 200) -> Response:
    found = app_of(request).register.about(_who(request))
    return desk_page(request, "desk/subscriber.html", status=status, known=found, errors=errors or {})


# ------------------------------------------------------------------------------------------------- lists in


def import_form(request: Request) -> Response:
    """Choose a file."""
    return _upload(request)


def upload(request: Request) -> Response:
    """Keep the file, and go on to what it would do."""
    sent = request.state.form.get("file")
    if not isinstance(sent, UploadFile) or not sent.filename:
        return _upload(request, "Choose a CSV file", status=400)
    raw = sent.file.read(LARGEST_LIST + 1)
    if len(raw) > LARGEST_LIST:
        return _upload(request, "That file is larger than 5 MB: send it in parts", status=422)
    try:
        key = app_of(request).register.keep(raw)
    except WrongUse as error:
        return _upload(request, f"{sent.filename[:100]} cannot be read. {in_words(error)}", status=422)
    except Refused as error:
        return _upload(request, in_words(error), status=409)
    return see_other(request, f"/desk/subscribers/lists/{key}")


def preview(request: Request) -> Response:
    """What bringing the list in would do."""
    return _preview(request, "")


def bring_in(request: Request) -> Response:
    """Bring them in, or forget the list."""
    app, key, sent = app_of(request), request.path_params["key"], form(request)
    if sent.get("do") == "drop":
        app.register.forget(key)
        return see_other(request, "/desk/subscribers", done="subscribers-kept-out")
    basis = sent.get("basis", "")
    try:
        app.register.bring_in(key, basis=basis)
    except NotFound as error:
        return _upload(request, in_words(error), status=404)
    except WrongUse:
        return _preview(request, basis, {"basis": "Say when, where and how these people agreed"}, status=400)
    except Refused as error:
        return _preview(request, basis, {"": in_words(error)}, status=409)
    return see_other(request, "/desk/subscribers", done="subscribers-imported")


def _preview(request: Request, basis: str, errors: Mapping[str, str] | None = None, *, status: int = 200) -> Response:
    key = request.path_params["key"]
    try:
        plan = app_of(request).register.preview(key)
    except NotFound as error:
        return _upload(request, in_words(error), status=404)
    except FiveError as error:
        return _upload(request, in_words(error), status=409)
    shown = {outcome: [line for line in plan.lines if line.outcome is outcome] for outcome in Outcome}
    return desk_page(
        request,
        "desk/subscribers_list.html",
        status=status,
        key=key,
        counts={outcome: len(lines) for outcome, lines in shown.items()},
        shown={outcome: lines[:LINES_SHOWN] for outcome, lines in shown.items()},
        given={"basis": basis},
        errors=errors or {},
    )


def _upload(request: Request, error: str = "", *, status: int = 200) -> Response:
    errors = {"file": error} if error else {}
    return desk_page(request, "desk/subscribers_import.html", status=status, errors=errors)
