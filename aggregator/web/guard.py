"""Who may come in: each route's role, the session behind a cookie, forms from our own pages only; and what every
answer says to browsers."""

import re
from collections.abc import Iterable
from typing import cast
from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.requests import Request
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from aggregator.app import App
from aggregator.model import Role, Session
from aggregator.networks import is_loopback
from aggregator.web import cookies

POLICY = "; ".join(
    (
        "default-src 'none'",
        "style-src 'self'",
        "img-src 'self' data:",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
"""Content-Security-Policy: no scripts at all, and nothing from anyone else."""

DESK_POLICY = f"{POLICY}; script-src 'self'; connect-src 'self'; frame-src 'self'; manifest-src 'self'"
"""The same for the desk, where our own scripts may run; inline ones never."""

HEADERS = {
    "content-security-policy": POLICY,
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), browsing-topics=()",
    "referrer-policy": "strict-origin-when-cross-origin",  # bloggers may see that we sent them a reader
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}
ONE_YEAR = 365 * 24 * 60 * 60

READING = ("GET", "HEAD")
MOST_FIELDS = 500
MOST_FILES = 1
LARGEST_PART = 5 * 1024 * 1024
"""Of a form; the body as a whole is held to less, unless its route says more (`max_body_size`)."""
PASSED_ON = ("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-real-ip")
"""Headers by which a web server in front of us says that it asks for somebody else."""
_CHARSET = re.compile(r"charset[^;]*", re.IGNORECASE)
_UTF8 = re.compile(r'charset\s*=\s*"?utf-?8"?\s*', re.IGNORECASE)


class SecurityHeaders:
    """ASGI middleware: puts the security headers on every answer; a page may say its own instead."""

    def __init__(self, app: ASGIApp, *, base_url: str) -> None:
        self._app = app
        self._headers = security_headers(base_url)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, send_guarded)


def security_headers(base_url: str) -> dict[str, str]:
    """The headers; with Strict-Transport-Security (RFC 6797) when the public address is https."""
    if urlsplit(base_url).scheme == "https":
        return {**HEADERS, "strict-transport-security": f"max-age={ONE_YEAR}"}
    return dict(HEADERS)


def trusted_hosts(base_url: str, listen_host: str) -> list[str]:
    """The names that a Host header may give: the public one, the one we listen on, and this machine's own."""
    public = urlsplit(base_url).hostname or ""
    names = {public, listen_host, "localhost", "127.0.0.1", "::1"} - {"", "0.0.0.0", "::"}  # noqa: S104 - not bound here
    return sorted(f"[{name}]" if ":" in name else name for name in names)


class SignInNeeded(HTTPException):
    """Nobody is signed in, or not any more; `form` is what was sent."""

    def __init__(self, form: FormData | None = None) -> None:
        super().__init__(401)
        self.form = form


class NotAllowed(HTTPException):
    """Whoever is signed in may not do this; `needed` is the role that may."""

    def __init__(self, needed: Role) -> None:
        super().__init__(403)
        self.needed = needed


class ForeignForm(HTTPException):
    """A form that is not from one of our pages, as this browser got them in this session."""

    def __init__(self, form: FormData | None = None) -> None:
        super().__init__(403)
        self.form = form


class Admission:
    """ASGI middleware of one route: lets in who has the role; None lets everybody in.

    Inside, `request.state` has the `session`, and for anything but reading the `form`, whose token was checked.
    """

    def __init__(self, app: ASGIApp, role: Role | None) -> None:
        self._app = app
        self.role = role

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if self.role is None:
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive, send)
        session = await session_of(request)
        if session is None and may_enter(request):
            session, send = await _enter(request, send)
        form = None if request.method in READING else await read_form(request)
        try:
            if session is None:
                raise SignInNeeded(form)
            request.state.session, request.state.form = session, form
            is_ours = form is None or cookies.same(form.get("csrf"), session.csrf_token)
            if not is_ours or (form is not None and is_from_elsewhere(request)):
                raise ForeignForm(form)
            if not session.curator.role.may(self.role):
                raise NotAllowed(self.role)
            await self._app(scope, receive, send)
        finally:
            if form is not None:
                await form.close()  # the files that were sent; words can still be read


def open_to(role: Role | None, routes: Iterable[BaseRoute]) -> tuple[BaseRoute, ...]:
    """These routes, for whoever has that role; None is for everybody."""
    admitted = []
    for route in routes:
        if not isinstance(route, Route | Mount):
            raise TypeError(route)
        # The limit on a body stays outside, so that it holds for the form that is read here.
        if isinstance(route.app, RequestBodyLimitMiddleware):
            route.app.app = Admission(route.app.app, role)
        else:
            route.app = Admission(route.app, role)
        admitted.append(route)
    return tuple(admitted)


async def read_form(request: Request, *, most_files: int = MOST_FILES) -> FormData:
    """What a form sent, within limits; whoever takes files closes it.

    Raises HTTPException 400 for more fields or files than any form of ours has, and for one that is not in UTF-8 as our
    pages are: among Python's codecs are some that raise, and some that give half characters, which nothing can store.
    """
    if not is_in_utf8(request.headers.get("content-type", "")):
        raise HTTPException(400)
    return await request.form(max_files=most_files, max_fields=MOST_FIELDS, max_part_size=LARGEST_PART)


def is_in_utf8(content_type: str) -> bool:
    """Whether every character set that it names is UTF-8; browsers name none."""
    return all(_UTF8.fullmatch(named) for named in _CHARSET.findall(content_type))


def is_from_elsewhere(request: Request) -> bool:
    """Whether the browser says that a page of another site sent this (Fetch Metadata); old ones say nothing."""
    return request.headers.get("sec-fetch-site", "none") not in ("same-origin", "none")


def app_of(request: Request) -> App:
    """The app behind this request."""
    return cast(App, request.app.state.site)


def may_enter(request: Request) -> bool:
    """Whether this is the demo's own person, opening a page."""
    return request.app.state.enters_as is not None and request.method in READING and is_from_here(request)


def is_from_here(request: Request) -> bool:
    """Whether somebody on this machine asks, for themselves.

    Behind a web server on this machine everybody comes from loopback: it says for whom it asks, or as which host.
    """
    passed_on = any(name in request.headers for name in PASSED_ON)
    host = request.client.host if request.client else ""
    return not passed_on and is_loopback(request.url.hostname or "") and is_loopback(host)


async def session_of(request: Request) -> Session | None:
    """The session of this browser, while it lasts."""
    app = app_of(request)
    token = cookies.session_token(request, app.publication.base_url)
    if token is None:
        return None
    return await run_in_threadpool(app.people.session, token)


async def _enter(request: Request, send: Send) -> tuple[Session, Send]:
    """A session for the demo's own person, and how to send its cookie."""
    app = app_of(request)
    entered = await run_in_threadpool(app.people.enter, request.app.state.enters_as)
    cookie = cookies.session_header(app.publication.base_url, entered.token)

    async def send_cookie(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message).append("set-cookie", cookie)
        await send(message)

    return entered.session, send_cookie
