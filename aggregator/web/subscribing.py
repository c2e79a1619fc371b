"""Subscribe, confirm, manage, unsubscribe.

Every GET only shows a page with a button, because mail scanners open every address in a mail; POST acts. Nobody needs
a cookie: the token in the address says who it is. Answers are equal whether an address is known or not.
"""

from collections.abc import Callable

from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from aggregator.errors import BadAddress, NotFound, Refused
from aggregator.model import Subscriber
from aggregator.web.forms import PERSONAL, fields, is_a_program, network
from aggregator.web.pages import page, site_of

ONE_CLICK = b"One-Click"


def form(request: Request) -> Response:
    """The form to subscribe."""
    if not site_of(request).settings.forms:
        raise HTTPException(status_code=404)
    return _form(request)


async def subscribe(request: Request) -> Response:
    """Have a mail sent that asks to confirm; the answer is the same whether the address is known or not."""
    if not site_of(request).settings.forms:
        raise HTTPException(status_code=404)
    response = await run_in_threadpool(_take, request, await fields(request))
    # After the answer, so that it takes no longer for an address that gets a mail than for one that does not.
    response.background = BackgroundTask(site_of(request).letterbox.send_due)
    return response


def _take(request: Request, sent: dict[str, str]) -> Response:
    if not is_a_program(sent):
        address = sent.get("address", "")
        try:
            site_of(request).subscribers.subscribe(address, network=network(request))
        except BadAddress:
            error = "Enter your mail address, such as name@example.org"
            return _form(request, status=422, address=address, error=error)
        except Refused as refused:
            return _form(request, status=429, address=address, error=f"{refused.what} {refused.hint}")
    return page(request, "check_mail.html", cache_control=PERSONAL)


def _form(request: Request, *, status: int = 200, address: str = "", error: str = "") -> Response:
    return page(request, "subscribe.html", status=status, cache_control=PERSONAL, address=address, error=error)


def confirm_page(request: Request) -> Response:
    """The button that confirms."""
    return _for_reader(request, "confirm.html", site_of(request).subscribers.waiting)


def confirm(request: Request) -> Response:
    """They get the mail from now on."""
    return _for_reader(request, "confirmed.html", site_of(request).subscribers.confirm)


def manage_page(request: Request) -> Response:
    """What we keep of a reader, and buttons to take it along, to leave and to be forgotten."""
    return _for_reader(request, "manage.html", site_of(request).subscribers.holder)


async def manage(request: Request) -> Response:
    """Take one's data along, or be forgotten; leaving is `unsubscribe`."""
    sent = await fields(request)
    return await run_in_threadpool(_manage, request, sent.get("action", ""))


def _manage(request: Request, action: str) -> Response:
    subscribers, token = site_of(request).subscribers, request.path_params["token"]
    try:
        if action == "take":
            body = subscribers.own_data(token).as_json()
            named = {"content-disposition": 'attachment; filename="my-subscription.json"', "cache-control": PERSONAL}
            return Response(body, media_type="application/json", headers=named)
        if action == "forget":
            subscribers.erase_own(token)
            return page(request, "forgotten.html", cache_control=PERSONAL)
    except NotFound:
        return _no_such_link(request)
    return manage_page(request)


def unsubscribe_page(request: Request) -> Response:
    """The button that unsubscribes: shown for any link, for ever."""
    return page(request, "unsubscribe.html", cache_control=PERSONAL, token=request.path_params["token"])


async def unsubscribe(request: Request) -> Response:
    """No mail any more; by the button, or by a mail program's one click (RFC 8058, section 3.2).

    Says so also for a link that leads to nobody: whoever holds it gets nothing from us.
    """
    source = "one-click" if ONE_CLICK in await request.body() else "page"
    await run_in_threadpool(site_of(request).subscribers.unsubscribe, request.path_params["token"], source=source)
    return await run_in_threadpool(page, request, "unsubscribed.html", cache_control=PERSONAL)


def _for_reader(request: Request, template: str, find: Callable[[str], Subscriber]) -> Response:
    token = request.path_params["token"]
    try:
        reader = find(token)
    except NotFound:
        return _no_such_link(request)
    return page(request, template, cache_control=PERSONAL, reader=reader, token=token)


def _no_such_link(request: Request) -> Response:
    return page(request, "no_such_link.html", status=404, cache_control=PERSONAL)
