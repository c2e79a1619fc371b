"""The desk: the frame that all its pages share, and its first page.

A page of the desk is an endpoint that calls one verb and gives `desk_page(request, "desk/NAME.html", ...)`. What a form
sent is `form(request)`, read and checked at the door. After a change, `see_other(request, "/desk/...", done="...")`
leads on, so that reloading repeats nothing.
"""

import json
import logging
import re
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Mount, Route

from aggregator.errors import FiveError, NotFound, StoreError, TooManyTries, WrongUse
from aggregator.model import DigestFormat, DigestStatus, Role, Session
from aggregator.web import pages
from aggregator.web.guard import DESK_POLICY, app_of

HEADERS = {
    "cache-control": "no-store",  # what a curator saw must not show again after signing out
    "content-security-policy": DESK_POLICY,
    "referrer-policy": "same-origin",  # addresses of the desk are nobody else's business, tokens in them least of all
}
LONGEST_FIELD = 100_000
SECRETS = ("csrf", "password", "old", "new", "next")
"""Fields that are never shown again."""
MOST_COUNTED = 1000
"""More than so many pieces are counted as "1,000+"."""

NOTICES = {
    "signed-out": "You have signed out.",
    "people": "Done. Whose role changed has to sign in again.",
    "shortlisted": "Shortlisted.",
    "dismissed": "Dismissed.",
    "undone": "Undone.",
    "keys": "Saved. It holds from this page on.",
    "feed-added": "It is in the feeds file now, and followed. It is polled for the first time within a minute.",
    "feed-paused": "It is paused. Its entries and picks stay.",
    "feed-resumed": "It is followed again, and polled within a minute.",
    "feed-new": "It was polled just now, and had something new.",
    "feed-changed": "It was polled just now; what it had changed is taken over.",
    "feed-unchanged": "It was polled just now, and had nothing new.",
    "feed-failed": "It was polled just now, and that failed; below is why.",
    "feed-postponed": "It was not polled: its server asked to be left alone until its next poll.",
    "feed-soon": "Feeds are being polled just now; this one is taken within a minute.",
    "edits-made": "The feeds file is changed, and what is followed with it.",
    "list-taken": "Done. What is new is polled within a minute.",
    "bookmark-drop": "Dropped. It is off the shortlist, and off the public page.",
    "bookmark-carry": "Carried over to next week's shortlist.",
    "bookmark-bring": "It is on this week's shortlist.",
    "bookmark-public": "Readers see it among the bookmarks now.",
    "bookmark-private": "It is private now. Digests that hold it stay as they are.",
    "bookmark-saved": "Saved.",
    "page-added": "It is on the shortlist. What the page says of itself is filled in within a minute.",
    "page-again": "It was bookmarked before, and is on this week's shortlist now. Notes are kept, one below the other.",
    "page-used": "A digest holds it already, so it is not on this week's shortlist.",
    "suggestion-declined": "Declined.",
    "suggestion-shortlisted": "It is on the shortlist now.",
    "subscriber-asked": "They are asked by mail within a minute. Nobody is added before they say yes.",
    "subscriber-left": "They get no more mail from us.",
    "subscriber-erased": "Erased. A hash is left that cannot be read, and that keeps imports from bringing them back.",
    "subscribers-imported": "Done. They get the mail from the next digest on.",
    "subscribers-kept-out": "The list is forgotten; nobody was added.",
    "outbox-paused": "Paused. Nothing more leaves after the mail in hand.",
    "outbox-resumed": "Sending goes on, within a minute.",
    "outbox-stopped": "Stopped. Nobody more gets that digest.",
    "outbox-again": "Queued. It is the same mail, so most mail programs show it once.",
    "outbox-sent": "Settled as sent.",
    "outbox-failed": "Settled as failed.",
    "post-again": "It is posted as it is now, within a minute.",
    "post-stop": "Stopped. It is not posted there.",
    "drafted": "The draft is open, with the first of the shortlist.",
    "digest-begun": "The draft is open.",
    "digest-save": "Saved.",
    "digest-moved": "Moved.",
    "digest-picked": "Picked.",
    "digest-unpicked": "Taken out.",
    "digest-approve": "Approved.",
    "digest-withdraw": "It is a draft again.",
    "digest-schedule": "Scheduled.",
    "digest-unschedule": "It waits until somebody publishes it.",
    "digest-test": "The test is sent to you. Readers got nothing.",
    "digest-test-file": "The test is a file in the folder for mail, as no relay is set up. Readers got nothing.",
    "digest-discard": "The draft is thrown away. Its bookmarks stay.",
    "digest-publish": "Published. Pages and feeds have it now; mails go out one after the other.",
    "digest-correct": "Put right. The page and the feeds show your note with today’s date.",
    "password": "Your password is changed. You are signed out everywhere else.",
}
"""What `see_other(done=...)` lets the next page say; only these words can be named in an address."""

_OF_COMMANDS = re.compile(r"\bfive [a-z]+")
"""In what an error advises to whoever uses the command line."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tab:
    """One entry of the desk's navigation; it shows once its page is there."""

    name: str
    path: str
    role: Role
    key: str = ""  # that go there, one after the other
    inside: str = ""  # how the addresses of its other pages begin, when not with its own


TABS = (
    Tab(name="Overview", path="/desk", role=Role.CURATOR, key="go"),
    Tab(name="Inbox", path="/desk/inbox", role=Role.CURATOR, key="gi", inside="/desk/entries/"),
    Tab(name="Shortlist", path="/desk/shortlist", role=Role.CURATOR, key="gs"),
    Tab(name="Bookmarks", path="/desk/bookmarks", role=Role.CURATOR, key="gb"),
    Tab(name="Digest", path="/desk/digest", role=Role.EDITOR, key="gd", inside="/desk/digests/"),
    Tab(name="Outbox", path="/desk/outbox", role=Role.EDITOR, key="gm"),
    Tab(name="Subscribers", path="/desk/subscribers", role=Role.EDITOR, key="gr"),
    Tab(name="Feeds", path="/desk/feeds", role=Role.MAINTAINER, key="gf"),
    Tab(name="People", path="/desk/people", role=Role.MAINTAINER, key="gp"),
)


def session_of(request: Request) -> Session:
    """Who is signed in; every route of the desk sees to it that somebody is."""
    session: Session = request.state.session
    return session


def form(request: Request) -> dict[str, str]:
    """The fields of the form that was sent, as text, with line ends as \\n; files are in `request.state.form`."""
    return texts(request.state.form)


def texts(sent: FormData) -> dict[str, str]:
    """The fields of a form that are no files; of several with one name, the last."""
    return {
        name: value.replace("\r\n", "\n").replace("\0", "")[:LONGEST_FIELD]
        for name, value in sent.multi_items()
        if isinstance(value, str)
    }


def desk_page(request: Request, template: str, *, status: int = 200, **values: object) -> Response:
    """The page that `template` makes of `values`, in the frame of the desk; never kept by anybody."""
    session: Session | None = getattr(request.state, "session", None)
    paths = _paths(request)
    body = pages.html(
        request,
        template,
        {
            "session": session,
            "tabs": [tab for tab in TABS if session and session.curator.role.may(tab.role) and tab.path in paths],
            "paths": paths,
            "notice": NOTICES.get(request.query_params.get("done", "")),
            "enters_as": request.app.state.enters_as,
            **values,
        },
    )
    return Response(body, status_code=status, media_type=pages.HTML, headers=HEADERS)


def wants_part(request: Request) -> bool:
    """Whether htmx asks, which puts a part of a page in place; without scripts it is the browser, for a whole page."""
    return request.headers.get("hx-request") == "true"


def part(
    request: Request, template: str, *, status: int = 200, said: str = "", focus: str = "", **values: object
) -> Response:
    """A part of a page: `said` is what a screen reader hears, `focus` the id of what gets the focus (see desk.js)."""
    response = desk_page(request, template, status=status, **values)
    if said or focus:
        response.headers["hx-trigger-after-swap"] = json.dumps({"desk:done": {"say": said, "focus": focus}})
    return response


def see_other(request: Request, path: str, *, done: str = "", at: str = "", **query: str) -> Response:
    """Go on to a page of ours (303), where the notice `done` shows; `at` is the id of what to look at."""
    given = {**query, **({"done": done} if done else {})}
    root = urlsplit(app_of(request).publication.base_url).path
    where = f"{root}{path}{'?' if given else ''}{urlencode(given)}{'#' if at else ''}{at}"
    return RedirectResponse(where, 303, headers=HEADERS)


def overview(request: Request) -> Response:
    """Where the week stands: what waits, what is shortlisted, how far the digest is."""
    app = app_of(request)
    friday = app.desk.current_friday()
    followed, failing = app.follow.tally()
    editions = [one for one in app.editor.all() if one.format is DigestFormat.FRIDAY]
    drafts = [one for one in editions if one.status is not DigestStatus.PUBLISHED]
    draft = min(drafts, key=lambda one: one.friday, default=None)
    return desk_page(
        request,
        "desk/overview.html",
        friday=friday,
        waiting=app.desk.waiting(most=MOST_COUNTED + 1),
        most_counted=MOST_COUNTED,
        shortlist=app.desk.week(friday),
        suggested=len(app.suggestions.waiting()),
        draft=draft,
        publish_at=app.calendar.local(draft.publish_at) if draft and draft.publish_at else None,
        needs_asking=app.editor.needs_asking(),
        outbox=app.dispatches.state(),
        warnings=app.editor.lint(draft.slug) if draft else (),
        latest=next(iter(app.editor.published(limit=1)), None),
        followed=followed,
        failing=failing,
    )


def house_error(request: Request, error: Exception) -> Response:
    """The page for an error of our own: on the desk it says what happened, what to do, and keeps what was typed."""
    if not hasattr(request.state, "session") or not isinstance(error, FiveError):
        return pages.house_error(request, error)
    what, hint = error.what, hint_of(error, "Go back, and load the page again.")
    if isinstance(error, StoreError):
        path = request.url.path.encode("unicode_escape").decode()
        _log.error("%s failed: %s %s", path, error.what, error.hint)
        what, hint = "The database could not be used just now. Nothing was changed.", "Try again in a minute."
    return problem(request, what, hint, status=_status(error), sent=request.state.form)


def hint_of(error: FiveError, otherwise: str = "") -> str:
    """What to do about an error, as long as that is no command: `otherwise` then."""
    return otherwise if _OF_COMMANDS.search(error.hint) else error.hint


def problem(request: Request, what: str, hint: str, *, status: int, sent: FormData | None) -> Response:
    """A page of the desk that says what happened and what to do, with all that was typed, so that nothing is lost."""
    kept = {name: value for name, value in texts(sent or FormData()).items() if name not in SECRETS and value.strip()}
    return desk_page(request, "desk/problem.html", status=status, what=what, hint=hint, kept=kept)


def _status(error: FiveError) -> int:
    match error:
        case NotFound():
            return 404
        case TooManyTries():
            return 429
        case WrongUse():
            return 400
        case StoreError():
            return 503
        case _:
            return 409


def _paths(request: Request) -> frozenset[str]:
    """The addresses of pages without parameters: what a template may link to."""
    return frozenset(route.path for route in request.app.routes if isinstance(route, Route | Mount))
