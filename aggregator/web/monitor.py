"""/metrics: numbers for Prometheus, given to this machine or to whoever has the token."""

import hmac
from collections import Counter
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from aggregator.errors import BadSetting
from aggregator.feeds.health import late, state_of
from aggregator.metrics import CONTENT_TYPE
from aggregator.web.guard import is_from_here
from aggregator.web.pages import site_of

_NOT_YOU = "These numbers are for this machine alone, or for whoever sends the token (metrics_token_file).\n"


def metrics(request: Request) -> Response:
    """The numbers; 403 for strangers."""
    site = site_of(request)
    if not _may_ask(request, site.settings.metrics_token_file):
        return Response(_NOT_YOU, status_code=403, media_type="text/plain", headers={"cache-control": "no-store"})
    feeds, now = site.follow.feeds(), site.clock()
    body = site.metrics.text(
        states=Counter(state_of(feed, now).value for feed in feeds),
        late=len(late(feeds, now)),
        database_bytes=site.settings.database.stat().st_size,
    )
    return Response(body, headers={"content-type": CONTENT_TYPE, "cache-control": "no-store"})


def _may_ask(request: Request, token_file: str) -> bool:
    if token_file:
        given = request.headers.get("authorization", "")
        return hmac.compare_digest(given.encode(), f"Bearer {_token(token_file)}".encode())
    return is_from_here(request)


def _token(file: str) -> str:
    try:
        token = Path(file).read_text(encoding="utf-8").partition("\n")[0].strip()
    except (OSError, UnicodeDecodeError) as error:
        raise BadSetting(
            f"metrics_token_file names {file}, which cannot be read.", "Check its path and owner."
        ) from error
    if not token:
        raise BadSetting(f"metrics_token_file names {file}, whose first line is empty.", "Write a token there.")
    return token
