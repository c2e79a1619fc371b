"""Suggest a blog or a page: a form, and thanks. Curators judge; nothing shows by itself."""

from collections.abc import Mapping

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from aggregator.errors import BadAddress, Refused
from aggregator.model import SuggestionKind
from aggregator.web.forms import PERSONAL, fields, is_a_program, network
from aggregator.web.pages import page, site_of

EMPTY = {"kind": "blog", "address": "", "title": "", "words": "", "thank": ""}
NO_ADDRESS = "Enter the whole web address, such as https://blog.example.org/"
TOO_MANY = "There were many suggestions from your network just now. Please come back in an hour."


async def form(request: Request) -> Response:
    """What would you like us to read?"""
    if not site_of(request).settings.forms:
        raise HTTPException(status_code=404)
    kind = "link" if request.query_params.get("kind") == "link" else "blog"
    return await run_in_threadpool(_form, request, EMPTY | {"kind": kind})


async def suggest(request: Request) -> Response:
    """Take a suggestion, and say thanks."""
    if not site_of(request).settings.forms:
        raise HTTPException(status_code=404)
    return await run_in_threadpool(_take, request, await fields(request))


def _take(request: Request, sent: Mapping[str, str]) -> Response:
    site = site_of(request)
    given = {name: sent.get(name, default) for name, default in EMPTY.items()}
    if is_a_program(sent):
        return _thanks(request)
    if not request.app.state.suggestion_limit.takes(network(request), site.clock()):
        return _form(request, given, status=429, error=TOO_MANY)
    kind = SuggestionKind.LINK if given["kind"] == "link" else SuggestionKind.BLOG
    words = {name: given[name] for name in ("title", "words", "thank")}
    try:
        site.suggestions.suggest(kind, given["address"], **words)
    except BadAddress:
        return _form(request, given, status=422, error=NO_ADDRESS, field="address")
    except Refused as refused:
        return _form(request, given, status=503, error=f"{refused.what} {refused.hint}")
    return _thanks(request)


def _form(
    request: Request, given: Mapping[str, str], *, status: int = 200, error: str = "", field: str = ""
) -> Response:
    return page(request, "suggest.html", status=status, cache_control=PERSONAL, given=given, error=error, field=field)


def _thanks(request: Request) -> Response:
    return page(request, "suggested.html", cache_control=PERSONAL)
