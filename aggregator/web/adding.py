"""Any page on the web, onto the shortlist: a small form, the bookmarklet that fills it, and what phones need to share.

Opening an address never adds anything; the form does. It never waits for the page, which is read afterwards.
"""

import json
import re
from collections.abc import Mapping
from urllib.parse import quote, urlsplit

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import Response

from aggregator.app import App
from aggregator.curate.keeping import Shortlisted
from aggregator.errors import BadAddress
from aggregator.jobs import Looking
from aggregator.web.desk import HEADERS, desk_page, form, see_other, session_of
from aggregator.web.guard import app_of

LONGEST = {"address": 2000, "title": 500, "note": 5000}
"""Characters that an address of ours may bring, by field."""
SCRIPT_MARKS = "(){}+=!?:/;,'&."
"""What may stand in a javascript: address as it is."""
_ADDRESS = re.compile(r"https?://\S+", re.IGNORECASE)


def new(request: Request) -> Response:
    """The form, filled in with what the address brings."""
    return _form_page(request, _shared(request.query_params))


def add(request: Request) -> Response:
    """Shortlist it, and go on to its page."""
    app, sent = app_of(request), form(request)
    given = {name: sent.get(name, "") for name in LONGEST}
    try:
        done = app.bookmarks.add(
            given["address"], title=given["title"], note=given["note"], by=session_of(request).curator.id
        )
    except BadAddress:
        return _form_page(request, given, error="Enter a whole web address, such as https://blog.example.org/post")
    response = see_other(request, f"/desk/bookmarks/{done.bookmark.id}", done=_notice(done))
    response.background = reading(app)
    return response


def reading(app: App) -> BackgroundTask:
    """What comes after an answer: the pages that were just added are read."""
    return BackgroundTask(Looking("Reading bookmarked pages", app.bookmarks.visit_due).look)


def how(request: Request) -> Response:
    """The bookmarklet to drag, and how to share from a phone."""
    return desk_page(request, "desk/add_how.html", bookmarklet=bookmarklet(app_of(request).publication.base_url))


def manifest(request: Request) -> Response:
    """The web app manifest: put on a phone's home screen, the desk takes what other apps share."""
    publication = app_of(request).publication
    root = urlsplit(publication.base_url).path
    said = {
        "name": f"{publication.title} desk",
        "short_name": publication.title,
        "id": f"{root}/desk",
        "start_url": f"{root}/desk",
        "scope": f"{root}/",
        "display": "standalone",
        "background_color": "#ffffff",
        "theme_color": "#0b6b63",
        "icons": [{"src": f"{root}/static/icon.svg", "sizes": "any", "type": "image/svg+xml"}],
        "share_target": {
            "action": f"{root}/desk/add",
            "method": "GET",
            "params": {"title": "title", "text": "text", "url": "address"},
        },
    }
    return Response(json.dumps(said), media_type="application/manifest+json", headers=HEADERS)


def bookmarklet(base_url: str) -> str:
    """The address of a bookmark that opens the form for whatever page it is used on."""
    target = quote(f"{base_url}/desk/add", safe=":/[]")
    script = (
        f"(function(){{var u='{target}?address='+encodeURIComponent(location.href)"
        "+'&title='+encodeURIComponent(document.title);if(!open(u,'_blank'))location.href=u})()"
    )
    return f"javascript:{quote(script, safe=SCRIPT_MARKS)}"


def _shared(given: Mapping[str, str]) -> dict[str, str]:
    """What the address brings. A bookmarklet names the page; phones often share a text that holds its address."""
    shared = {name: given.get(name, "")[:longest] for name, longest in LONGEST.items()}
    text = given.get("text", "")[: LONGEST["note"]]
    if not shared["address"] and (found := _ADDRESS.search(text)):
        shared["address"] = found[0][: LONGEST["address"]]
        text = f"{text[: found.start()]}{text[found.end() :]}"
    shared["note"] = shared["note"] or ("" if text.strip() == shared["title"].strip() else text.strip())
    return shared


def _form_page(request: Request, given: Mapping[str, str], *, error: str = "") -> Response:
    errors = {"address": error} if error else {}
    return desk_page(request, "desk/add.html", status=400 if error else 200, given=given, errors=errors)


def _notice(done: Shortlisted) -> str:
    if done.is_new:
        return "page-added"
    return "page-used" if done.bookmark.picked_in else "page-again"
