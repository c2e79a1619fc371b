"""Gzip for answers that hold no secret. Where there is one, lengths could tell it (BREACH): those stay as they are."""

from collections.abc import Iterable

from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware.gzip import GZipMiddleware
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LEVEL = 5
"""Of zlib: the largest page takes 5 ms; 9 would take 12, for 6 % less."""
_NEVER = ("q=0", "q=0.", "q=0.0", "q=0.00", "q=0.000")


class Packed:
    """ASGI middleware of one route: gzip for who takes it; tags are weak, as one stands for both (RFC 9110, 8.8.1)."""

    def __init__(self, app: ASGIApp) -> None:
        self._plain = app
        self._packed = GZipMiddleware(app, compresslevel=LEVEL)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request; HEAD gets the headers of GET, whose body alone tells them."""

        async def send_marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if "accept-encoding" not in headers.get("vary", "").lower():
                    headers.add_vary_header("Accept-Encoding")
                if headers.get("etag", "").startswith('"'):
                    headers["etag"] = f"W/{headers['etag']}"
            await send(message)

        app = self._packed if takes_gzip(Headers(scope=scope).get("accept-encoding", "")) else self._plain
        asked = scope if scope["method"] != "HEAD" else {**scope, "method": "GET"}
        await app(asked, receive, send_marked)


def takes_gzip(said: str) -> bool:
    """Whether an Accept-Encoding names gzip, and not to refuse it (RFC 9110, section 12.5.3)."""
    codings = (part.partition(";") for part in said.lower().split(","))
    weights = {name.strip(): weight.replace(" ", "") for name, _, weight in codings}
    return weights.get("gzip", "q=0") not in _NEVER


def packed(routes: Iterable[BaseRoute]) -> tuple[BaseRoute, ...]:
    """These routes, with answers packed; none of them may tell a secret, nor show again what was typed."""
    found = []
    for route in routes:
        if not isinstance(route, Route | Mount):
            raise TypeError(route)
        route.app = Packed(route.app)
        found.append(route)
    return tuple(found)
