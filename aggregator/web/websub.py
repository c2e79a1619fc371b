"""Where hubs call (WebSub): their question whether we meant it, and what they send."""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from aggregator.errors import NotFound
from aggregator.web.pages import site_of

LARGEST_PUSH = 10 * 1024 * 1024

_PLAIN = {"cache-control": "no-store"}
_NO = "Nobody here asked for that.\n"


async def question(request: Request) -> Response:
    """The challenge, given back; 404 for what we did not ask for."""
    hubs = site_of(request).hubs
    try:
        challenge = await run_in_threadpool(hubs.verify, request.path_params["token"], dict(request.query_params))
    except NotFound:
        return _answer(404, _NO)
    return _answer(200, challenge)


async def push(request: Request) -> Response:
    """202 for whatever comes to an address that we gave a hub, and 404 for any other."""
    hubs = site_of(request).hubs
    token = request.path_params["token"]
    if not await run_in_threadpool(hubs.knows, token):
        return _answer(404, _NO)
    body = await request.body()
    try:
        await hubs.receive(
            token, body, request.headers.get("content-type", ""), request.headers.get("x-hub-signature", "")
        )
    except NotFound:
        return _answer(404, _NO)
    return _answer(202, "")


def _answer(status: int, text: str) -> Response:
    return Response(text, status_code=status, media_type="text/plain", headers=_PLAIN)
