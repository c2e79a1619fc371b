"""`five serve`: pages for readers and the timetable, in one process and on one loop."""

import asyncio
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack, contextmanager
from datetime import timedelta

import uvicorn
from anyio import CapacityLimiter
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from aggregator import jobs
from aggregator.app import App
from aggregator.errors import FiveError, Refused
from aggregator.web import desk, pages, signing_in
from aggregator.web.guard import ForeignForm, NotAllowed, SecurityHeaders, SignInNeeded, trusted_hosts
from aggregator.web.limits import Limit
from aggregator.web.routes import ROUTES
from aggregator.web.site import Site

SECONDS_TO_FINISH = 5
"""How long answers under way may take once the server was told to stop."""
LARGEST_REQUEST = 64 * 1024
SUGGESTIONS = 20
"""Within an hour, from one network."""


class TooLargeIsAPage:
    """ASGI middleware: what is refused for its size gets a page, where Starlette answers with a line of plain text."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        is_refused = False

        async def send_page(message: Message) -> None:
            nonlocal is_refused
            if message["type"] == "http.response.start" and message["status"] == 413:
                is_refused = True
                page = pages.http_error(Request(scope, receive), HTTPException(413))
                await page(scope, receive, send)
            elif not is_refused:
                await send(message)

        await self._app(scope, receive, send_page)


def build_app(app: Site, *, enters_as: str | None = None) -> Starlette:
    """The pages, as an ASGI application; on this machine, whoever comes is signed in as `enters_as` (for the demo)."""
    base_url = app.publication.base_url
    starlette = Starlette(
        routes=ROUTES,
        middleware=[
            Middleware(SecurityHeaders, base_url=base_url),
            Middleware(TooLargeIsAPage),
            Middleware(RequestBodyLimitMiddleware, max_body_size=LARGEST_REQUEST),
            Middleware(
                TrustedHostMiddleware,
                allowed_hosts=trusted_hosts(base_url, app.settings.listen_host),
                www_redirect=False,
            ),
        ],
        exception_handlers={
            SignInNeeded: signing_in.needs_sign_in,
            NotAllowed: signing_in.not_allowed,
            ForeignForm: signing_in.foreign_form,
            HTTPException: pages.http_error,
            FiveError: desk.house_error,
            Exception: pages.fault,
        },
    )
    starlette.state.site = app
    starlette.state.enters_as = enters_as
    starlette.state.kept_pages = {}
    starlette.state.hashing = CapacityLimiter(signing_in.AT_ONCE)
    starlette.state.suggestion_limit = Limit(most=SUGGESTIONS, within=timedelta(hours=1))
    return starlette


async def serve(
    app: App,
    *,
    poll: bool = True,
    enters_as: str | None = None,
    on_ready: Callable[[str], None] = lambda _address: None,
) -> None:
    """Serve until Ctrl-C or SIGTERM, then finish what is under way; `poll` whether the timetable runs too.

    `on_ready` is given the address once it answers; `enters_as` is for `build_app`. Raises Refused when the port cannot
    be had.
    """
    listener = listen(app.settings.listen_host, app.settings.listen_port)
    host = app.settings.listen_host
    address = f"http://{f'[{host}]' if ':' in host else host}:{listener.getsockname()[1]}/"
    config = uvicorn.Config(
        build_app(app, enters_as=enters_as),
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=SECONDS_TO_FINISH,
    )
    async with AsyncExitStack() as stack:
        if poll:
            await stack.enter_async_context(jobs.running(app))
        await _Server(config, lambda: on_ready(address)).serve(sockets=[listener])


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes a free one. Raises Refused with what to do."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        reason = str(error.strerror).partition(" (while")[0]  # Python repeats the address
        raise Refused(
            f"The pages cannot be served on {host}, port {port}: {reason}.",
            "Stop what uses that port, or choose another with FIVE_LISTEN_HOST and FIVE_LISTEN_PORT.",
        ) from error


class _Server(uvicorn.Server):
    """uvicorn, but a signal ends `serve` like any function, so that workers and files are let go.

    uvicorn would raise the signal again when it is done; SIGTERM would then end the process on the spot.
    """

    def __init__(self, config: uvicorn.Config, on_ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._on_ready()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        signals = (signal.SIGINT, signal.SIGTERM)
        for number in signals:
            loop.add_signal_handler(number, self.handle_exit, number, None)
        try:
            yield
        finally:
            for number in signals:
                loop.remove_signal_handler(number)
