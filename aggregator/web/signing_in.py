"""Signing in and out: the pages for it, and those that say why a door is shut."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import TypeVar

from anyio import to_thread
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from aggregator.errors import NotFound, Refused, TooManyTries, WrongUse
from aggregator.model import Curator
from aggregator.people import SignedIn
from aggregator.web import cookies, guard
from aggregator.web.desk import desk_page, form, problem, see_other, session_of, texts
from aggregator.web.guard import ForeignForm, NotAllowed, SignInNeeded, app_of

T = TypeVar("T")
Errors = Mapping[str, str]
"""What is wrong, by the field that it concerns; "" for none in particular."""

AT_ONCE = 4
"""Passwords that are checked at the same time, each in 19 MiB."""
STALE = "This form was too old, or your browser does not keep our cookie. Please try once more."


async def sign_in(request: Request) -> Response:
    """The form; sent and right, on to where they wanted to go."""
    wanted = _way_on(request.query_params.get("next", ""))
    if request.method in guard.READING:
        if await guard.session_of(request):
            return see_other(request, wanted)
        return _sign_in_page(request, {}, wanted)
    sent = texts(await guard.read_form(request, most_files=0))
    wanted = _way_on(sent.get("next", ""))
    if not _is_ours(request, sent):
        return _sign_in_page(request, {"": STALE}, wanted, email=sent.get("email", ""), status=403)
    email, password = sent.get("email", ""), sent.get("password", "")
    missing = {"email": "Enter your email address"} if not email.strip() else {}
    missing |= {"password": "Enter your password"} if not password else {}
    if missing:
        return _sign_in_page(request, missing, wanted, email=email, status=400)
    try:
        done = await _hashing(request, partial(app_of(request).people.sign_in, email, password, network=_from(request)))
    except Refused as error:
        status = 429 if isinstance(error, TooManyTries) else 401
        return _sign_in_page(request, {"email": f"{error.what} {error.hint}"}, wanted, email=email, status=status)
    return await _entered(request, done, wanted)


async def set_password(request: Request) -> Response:
    """The page that a one-time link leads to: choose a password, and be signed in."""
    people, token = app_of(request).people, request.path_params["token"]
    try:
        holder = await run_in_threadpool(people.holder, token)
        if request.method in guard.READING:
            return _password_page(request, holder, {}, email=holder.email or _our_mailbox(request))
        sent = texts(await guard.read_form(request, most_files=0))
        email = sent.get("email", "")
        if not _is_ours(request, sent):
            return _password_page(request, holder, {"": STALE}, email=email, status=403)
        done = await _hashing(request, partial(people.set_password, token, sent.get("password", ""), email=email))
    except NotFound as error:
        return desk_page(request, "desk/shut.html", status=404, title="This link cannot be used", error=error)
    except WrongUse as error:
        field = "password" if error.what.startswith("That password") else "email"
        message = error.hint if field == "password" else "Enter an email address, such as name@example.org"
        return _password_page(request, holder, {field: message}, email=email, status=400)
    return await _entered(request, done, "/desk")


async def sign_out(request: Request) -> Response:
    """End this session."""
    token = cookies.session_token(request, _base_url(request)) or ""
    await run_in_threadpool(app_of(request).people.sign_out, token)
    response = see_other(request, "/sign-in", done="signed-out")
    cookies.forget_session(response, _base_url(request))
    return response


async def account(request: Request) -> Response:
    """Who I am here; and a new password."""
    if request.method in guard.READING:
        return desk_page(request, "desk/account.html", errors={})
    sent, curator = form(request), session_of(request).curator
    change = partial(
        app_of(request).people.change_password,
        curator,
        sent.get("old", ""),
        sent.get("new", ""),
        network=_from(request),
    )
    try:
        done = await _hashing(request, change)
    except WrongUse as error:
        return desk_page(request, "desk/account.html", status=400, errors={"new": error.hint})
    except Refused as error:
        status = 429 if isinstance(error, TooManyTries) else 400
        return desk_page(request, "desk/account.html", status=status, errors={"old": f"{error.what} {error.hint}"})
    response = see_other(request, "/account", done="password")
    cookies.keep_session(response, _base_url(request), done.token)
    return response


def single_keys(request: Request) -> Response:
    """Whether one key alone does something on the desk, for whoever is signed in."""
    app_of(request).people.use_single_keys(session_of(request).curator, form(request).get("keys") == "on")
    return see_other(request, "/account", done="keys")


def needs_sign_in(request: Request, error: Exception) -> Response:
    """To the form and back; but what was typed into another form meanwhile is shown, so that it is not lost."""
    sent = error.form if isinstance(error, SignInNeeded) else None
    if sent is None:
        query = f"?{request.url.query}" if request.url.query else ""
        return see_other(request, "/sign-in", next=request.url.path + query)
    what = "You are not signed in any more, so nothing was saved."
    return problem(request, what, "Sign in again, go back to the page, and send it once more.", status=401, sent=sent)


def not_allowed(request: Request, error: Exception) -> Response:
    """What this needs, and who can give it."""
    needed = error.needed if isinstance(error, NotAllowed) else ""
    refused = Refused(f"Only somebody who is {_a(needed)} may do this.", "Ask a maintainer, if you should be one.")
    return desk_page(request, "desk/shut.html", status=403, title="That is not for you to do", error=refused)


def foreign_form(request: Request, error: Exception) -> Response:
    """What was typed, and that nothing was done with it."""
    sent = error.form if isinstance(error, ForeignForm) else None
    what = "This form is too old, or did not come from a page of ours. Nothing was saved."
    return problem(request, what, "Go back to the page, load it again, and send it once more.", status=403, sent=sent)


def _sign_in_page(request: Request, errors: Errors, wanted: str, *, email: str = "", status: int = 200) -> Response:
    return _before_session(request, "desk/sign-in.html", errors, status=status, email=email, next=wanted)


def _password_page(
    request: Request, holder: Curator, errors: Errors, *, email: str = "", status: int = 200
) -> Response:
    return _before_session(request, "desk/password.html", errors, status=status, holder=holder, email=email)


def _before_session(request: Request, template: str, errors: Errors, *, status: int, **values: object) -> Response:
    """A page with a form, for somebody who is not signed in: the form is tied to the browser by a cookie."""
    token = cookies.form_token(request, _base_url(request))
    response = desk_page(request, template, status=status, errors=errors, csrf=token, **values)
    cookies.keep_form(response, _base_url(request), token)
    return response


async def _entered(request: Request, done: SignedIn, wanted: str) -> Response:
    """On to the desk with the new session; one that this browser had before is ended."""
    before = cookies.session_token(request, _base_url(request))
    if before:
        await run_in_threadpool(app_of(request).people.sign_out, before)
    response = see_other(request, wanted)
    cookies.keep_session(response, _base_url(request), done.token)
    return response


async def _hashing(request: Request, verb: Callable[[], T]) -> T:
    return await to_thread.run_sync(verb, limiter=request.app.state.hashing)


def _is_ours(request: Request, sent: Mapping[str, str]) -> bool:
    same_browser = cookies.is_same_browser(request, _base_url(request), sent.get("csrf"))
    return same_browser and not guard.is_from_elsewhere(request)


def _way_on(wanted: str) -> str:
    """Where to go after signing in: a page of the desk, never another site."""
    inside = wanted == "/account" or wanted.startswith(("/desk/", "/desk?")) or wanted == "/desk"
    return wanted if inside and wanted.isprintable() and "\\" not in wanted else "/desk"


def _our_mailbox(request: Request) -> str:
    """What the first maintainer's address may be."""
    contact = app_of(request).publication.contact
    return contact if "@" in contact and "/" not in contact else ""


def _from(request: Request) -> str:
    return request.client.host if request.client else ""


def _base_url(request: Request) -> str:
    return app_of(request).publication.base_url


def _a(role: str) -> str:
    return f"an {role}" if role.startswith("e") else f"a {role}"
