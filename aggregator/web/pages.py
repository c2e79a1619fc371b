"""Templates into answers: one environment that escapes everything, answers that browsers may ask again for."""

import hashlib
import logging
import os
from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import cache, lru_cache
from pathlib import Path
from typing import cast
from urllib.parse import quote, urlsplit

import humanize
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from aggregator import languages, resources
from aggregator.errors import FiveError, NotFound
from aggregator.model import HIT, HIT_END
from aggregator.web.guard import security_headers
from aggregator.web.site import Site

STATIC = Path(__file__).parent / "static"
HTML = "text/html; charset=utf-8"
ASK_AGAIN = "no-cache"
"""Cache-Control of pages: kept, but never shown without asking whether they changed."""
FOR_EVER = "public, max-age=31536000, immutable"

_log = logging.getLogger(__name__)


class Static(StaticFiles):
    """Files as they are; an address with a version is kept for ever, others are asked for again.

    Scripts that import each other have no version in their addresses, or a browser would run one file twice.
    """

    def file_response(
        self, full_path: str | os.PathLike[str], stat_result: os.stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        """The file, or 304."""
        response = super().file_response(full_path, stat_result, scope, status_code)
        response.headers["cache-control"] = FOR_EVER if scope["query_string"].startswith(b"v=") else ASK_AGAIN
        return response


def site_of(request: Request) -> Site:
    """The app behind this request."""
    return cast(Site, request.app.state.site)


def page(
    request: Request, template: str, *, status: int = 200, cache_control: str = ASK_AGAIN, **values: object
) -> Response:
    """The page that `template` (of templates/web) makes of `values`."""
    return answer(request, html(request, template, values), HTML, status=status, cache_control=cache_control)


def kept_page(
    request: Request, template: str, *, made_of: object, values: Callable[[], Mapping[str, object]]
) -> Response:
    """The page that `template` made of `values` while `made_of` was equal: for long pages that seldom change.

    Only for a route without parameters, and a page that says nothing of how long ago things were.
    """
    kept = cast(dict[str, tuple[object, bytes]], request.app.state.kept_pages)
    before, content = kept.get(request.url.path, (None, b""))
    if before != made_of:
        content = html(request, template, values()).encode()
        kept[request.url.path] = made_of, content
    return answer(request, content, HTML)


def answer(
    request: Request, body: str | bytes, media_type: str, *, status: int = 200, cache_control: str = ASK_AGAIN
) -> Response:
    """`body` with its ETag, or 304 when the client has it already (RFC 9110, sections 8.8.3 and 13.1.2)."""
    content = body.encode() if isinstance(body, str) else body
    etag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    headers = {"etag": etag, "cache-control": cache_control}
    if status == 200 and _has_already(request, etag):
        return Response(status_code=304, headers=headers)
    return Response(content, status_code=status, media_type=media_type, headers=headers)


def http_error(request: Request, error: Exception) -> Response:
    """The page for an address that is not there, or a method that is not allowed."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    headers = error.headers if isinstance(error, HTTPException) else None
    return _error_page(request, status, headers or {})


def house_error(request: Request, error: Exception) -> Response:
    """The page for an error of our own: what does not exist is a 404; anything else is for the maintainer's log."""
    if isinstance(error, NotFound):
        return _error_page(request, 404, {})
    what = error.what if isinstance(error, FiveError) else str(error)
    _log.error("%s cannot be shown: %s", _without_token(request), what)
    return _error_page(request, 503, {"retry-after": "60"})


def fault(request: Request, _error: Exception) -> Response:
    """The page for a fault of this program, which the server logs; sent from outside the guard, so with its headers."""
    return _error_page(request, 500, security_headers(site_of(request).publication.base_url))


def _error_page(request: Request, status: int, headers: Mapping[str, str]) -> Response:
    body = html(request, "error.html", {"status": status})
    return Response(body, status_code=status, media_type=HTML, headers={**headers, "cache-control": "no-store"})


def _without_token(request: Request) -> str:
    """The address for the log: on one line, and without what leads to a reader."""
    path = request.url.path
    token = str(request.path_params.get("token", ""))
    return (path.replace(token, "...") if token else path).encode("unicode_escape").decode()


def _has_already(request: Request, etag: str) -> bool:
    named = request.headers.get("if-none-match", "")
    return named.strip() == "*" or etag in {tag.strip().removeprefix("W/") for tag in named.split(",")}


def html(request: Request, template: str, values: Mapping[str, object]) -> str:
    """The page that `template` makes of `values`, and of what every page needs."""
    site = site_of(request)
    environment = _environment()
    return environment.get_template(template).render(
        publication=site.publication,
        weekday=_WEEKDAYS[site.calendar.weekday],
        root=urlsplit(site.publication.base_url).path,
        path=request.url.path,
        now=site.clock(),
        local=site.calendar.local,
        contact_url=contact_url(site.publication.contact),
        forms=site.settings.forms,
        publisher=site.settings.publisher,
        wording=site.subscribers.wording,
        **values,
    )


_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(resources.folder("templates") / "web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["day"] = _day
    environment.filters["dated"] = _dated
    environment.filters["month"] = _month
    environment.filters["ago"] = _ago
    environment.filters["moment"] = _moment
    environment.filters["marked"] = _marked
    environment.filters["foreign"] = _foreign
    environment.filters["spelt"] = humanize.apnumber
    environment.globals["style_version"] = hashlib.sha256(style().encode()).hexdigest()[:12]
    environment.globals["desk_version"] = _version("desk.css")
    environment.globals["digest_version"] = _version("digest.css")
    environment.globals["htmx_version"] = _version("vendor/htmx.min.js")
    return environment


def _version(name: str) -> str:
    return hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]


@cache
def style() -> str:
    """The stylesheet: a digest's own, as in its frozen page, then that of the frame around it."""
    parts = (resources.folder("templates") / "blog" / "digest.css", STATIC / "five.css")
    return "\n".join(part.read_text(encoding="utf-8") for part in parts)


def _marked(found: str) -> Markup:
    """Words that a search found, marked."""
    return Markup(str(escape(found)).replace(HIT, "<mark>").replace(HIT_END, "</mark>"))  # noqa: S704 - it is escaped


def _day(day: date) -> str:
    """20 November 2026."""
    return f"{day.day} {day:%B %Y}"


@lru_cache(maxsize=1000)  # a long list has the same days over and over
def _dated(day: date) -> Markup:
    """The same, for programs too."""
    return Markup('<time datetime="{}">{}</time>').format(day, _day(day))


def _month(day: date) -> str:
    """November 2026."""
    return f"{day:%B %Y}"


def _ago(instant: datetime, now: datetime) -> str:
    """2 hours ago, in 3 days: to be read, beside the exact time."""
    words = humanize.naturaltime(instant, when=now)
    if words == "now":
        return "just now"
    return f"in {words.removesuffix(' from now')}" if words.endswith(" from now") else words


def _moment(instant: datetime) -> str:
    """20 November 2026, 12:00, in the zone that the instant is given in."""
    return f"{_day(instant)}, {instant:%H:%M}"


def _foreign(tag: str | None) -> str:
    """The language of a piece in words, by its tag; "" for English, and when unknown."""
    tag = languages.foreign(tag)
    return "" if tag is None else languages.in_words(tag)


def contact_url(contact: str) -> str | None:
    """Where a link to the contact leads: it is a mail address, a web address or empty."""
    if not contact or urlsplit(contact).scheme in ("http", "https"):
        return contact or None
    return f"mailto:{quote(contact, safe='@+')}"
