"""The inbox: what is new, judged one by one; a page that works without scripts, and better with them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response

from aggregator.curate.desk import Desk
from aggregator.curate.titles import beside
from aggregator.errors import Refused
from aggregator.model import InboxEntry, InboxPage, Judgement, Sought, Verdict
from aggregator.web import pages
from aggregator.web.desk import HEADERS, MOST_COUNTED, desk_page, form, part, problem, see_other, session_of, wants_part
from aggregator.web.guard import app_of
from aggregator.web.narrowing import (
    ANY,
    EVER,
    KINDS,
    STATES,
    cursor_at,
    given_in,
    narrowed,
    place_after,
    query_of,
    sought_by,
)
from aggregator.web.numbers import number
from aggregator.web.reading import ALONE, IN_LIST, framed, shown

LINES = 30
"""Entries on a page: with long titles they are 60 kB."""
NO_TITLE = "(no title)"
MOST_SHOWN = 500
"""Entries whose marks are told after an action."""

FRAME_POLICY = "; ".join(
    (
        "default-src 'none'",
        "style-src 'self'",
        "img-src https: http: data:",
        "form-action 'none'",
        "base-uri 'none'",
        "frame-ancestors 'self'",
        "sandbox allow-popups allow-popups-to-escape-sandbox",
    )
)
"""For an entry's text with its pictures: they may come from anywhere, and nothing runs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """What stands in the form of a note."""

    words: str
    revision: int  # of the bookmark that it goes on from; 0 when there was none
    theirs: str = ""  # what somebody else wrote meanwhile


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrivals:
    """What has come since the list was loaded."""

    count: int
    words: str
    query: str  # of the next question


def inbox(request: Request) -> Response:
    """The list, by what was asked for; the newest first."""
    app, given = app_of(request), given_in(request.query_params)
    sought = sought_by(given, app.desk.week_starts_at())
    page = app.desk.look(sought, limit=LINES, after=cursor_at(request.query_params.get("after", "")))
    heading = _heading(_counted(app.desk, sought, page), sought)
    return part(
        request,
        "desk/inbox.html",
        said=heading if request.headers.get("hx-target") == "results" else "",
        page=page,
        heading=heading,
        given=given,
        narrowed=narrowed(given),
        facets=app.desk.facets(),
        states=STATES,
        arrivals=_arrivals(given, app.desk.newest_entry(), 0) if _may_grow(sought) else None,
        further=query_of(given, after=place_after(page)),
        followed=0 if page.lines else app.follow.tally()[0],  # asked for where the list is empty alone
        everywhere=query_of({"q": given["q"], "state": ANY, "when": EVER}),
        **_common(request, given),
    )


def arrived(request: Request) -> Response:
    """How many more have come since; the page asks every minute."""
    desk, given = app_of(request).desk, given_in(request.query_params)
    newest, had = (number(request.query_params.get(name, "")) or 0 for name in ("newest", "had"))
    sought = replace(sought_by(given, desk.week_starts_at()), newer_than=newest)
    count = desk.count(sought, most=MOST_COUNTED + 1) if newest and _may_grow(sought) else 0
    arrivals = _arrivals(given, newest, count)
    return part(
        request,
        "desk/inbox_new.html",
        said=arrivals.words if count > had else "",
        arrivals=arrivals,
        kept=query_of(given),
    )


def entry(request: Request) -> Response:
    """One entry, opened: in its place in the list, or as a page."""
    return _entry_page(request, request.path_params["entry_id"])


def note(request: Request) -> Response:
    """The form for a note: in its place in the list, or on the page of the entry."""
    entry_id = request.path_params["entry_id"]
    line = app_of(request).desk.line(entry_id)
    typed = _typed(line)
    if wants_part(request):
        focus = f"note{line.id}"
        given = given_in(_page_behind(request))
        return part(request, "desk/inbox_note.html", focus=focus, line=line, typed=typed, **_common(request, given))
    return _entry_page(request, entry_id, typed=typed)


def pictures(request: Request) -> Response:
    """The text of an entry with its pictures, for a frame that may do nothing else."""
    found = app_of(request).desk.entry(request.path_params["entry_id"])
    body = pages.html(request, "desk/pictures.html", {"entry": found, "html": framed(found.html, top=ALONE)})
    headers = HEADERS | {
        "content-security-policy": FRAME_POLICY,
        "referrer-policy": "no-referrer",  # whose pictures these are learns nothing of the desk
        "x-frame-options": "SAMEORIGIN",
    }
    return Response(body, media_type=pages.HTML, headers=headers)


def shortlist(request: Request) -> Response:
    """Shortlist an entry, with a note when one was written."""
    entry_id, sent = request.path_params["entry_id"], form(request)
    words, revision = sent.get("note"), number(sent.get("revision", ""))
    desk, me = app_of(request).desk, session_of(request).curator.id
    try:
        done = desk.shortlist_entry(entry_id, words, by=me, expected_revision=revision)
    except Refused as error:
        line = desk.line(entry_id)
        made = line.judgement
        if words is None or made is None or not made.note:
            return _refused(request, error, line)
        typed = Typed(words=words, revision=made.revision, theirs=made.note)
        return _refused(request, error, line, typed)
    said = "Note saved" if words and not done.is_new else "Shortlisted" if done.is_new else "On the shortlist already"
    return _judged(request, entry_id, f"{said}: {done.bookmark.title}. {done.warning or ''}", "shortlisted")


def dismiss(request: Request) -> Response:
    """Take an entry out of the inbox."""
    entry_id, desk = request.path_params["entry_id"], app_of(request).desk
    desk.dismiss([entry_id], by=session_of(request).curator.id)
    return _judged(request, entry_id, f"Dismissed: {desk.line(entry_id).title or NO_TITLE}", "dismissed")


def undo(request: Request) -> Response:
    """Take back what was made of an entry."""
    entry_id, desk = request.path_params["entry_id"], app_of(request).desk
    try:
        done = desk.undo(session_of(request).curator.id, entry_id)
    except Refused as error:
        return _refused(request, error, desk.line(entry_id))
    line = desk.line(done.entry_id)
    if not wants_part(request):
        return _back(request, "undone", done.entry_id)
    typed = Typed(words=done.note, revision=0) if done.note and line.judgement is None else None
    return _part(request, line, said=f"Undone: {line.title or NO_TITLE}", focus=f"h{line.id}", typed=typed)


def undo_last(request: Request) -> Response:
    """Take back what this curator judged last, wherever that was."""
    done = app_of(request).desk.undo(session_of(request).curator.id)
    return _back(request, "undone", done.entry_id)


# ------------------------------------------------------------------------------------------------- what is shown


def _page_behind(request: Request) -> Mapping[str, str]:
    """What the page asked for that htmx asks from."""
    return dict(parse_qsl(request.headers.get("hx-current-url", "").partition("?")[2].partition("#")[0]))


def _common(request: Request, given: Mapping[str, str]) -> dict[str, Any]:
    """What every template of the inbox needs."""
    curators = app_of(request).people.curators()
    local_parts = [curator.email.partition("@")[0] for curator in curators]
    names = {
        curator.id: short if local_parts.count(short) == 1 else curator.email
        for curator, short in zip(curators, local_parts, strict=True)
    }
    return {"names": names, "kinds": KINDS, "kept": query_of(given), "beside": beside}


def _counted(desk: Desk, sought: Sought, page: InboxPage) -> str:
    """How many there are, as far as counting is quick; of a search, as far as it has looked."""
    if sought.words:
        return f"{len(page.lines)}{'+' if page.after else ''}"
    count = desk.count(sought, most=MOST_COUNTED + 1)
    return f"{MOST_COUNTED:,}+" if count > MOST_COUNTED else f"{count:,}"


def _heading(count: str, sought: Sought) -> str:
    pieces = f"{count} {'piece' if count == '1' else 'pieces'}"
    made = {Verdict.UNJUDGED: "to judge", Verdict.SHORTLISTED: "shortlisted", Verdict.DISMISSED: "dismissed"}
    words = made[sought.verdict] if sought.verdict else "found"
    return f"{pieces} {words}, {'of any age' if sought.since is None else 'this week'}"


def _may_grow(sought: Sought) -> bool:
    return sought.verdict is Verdict.UNJUDGED and not sought.words


def _arrivals(given: Mapping[str, str], newest: int, count: int) -> Arrivals:
    number = f"{MOST_COUNTED:,}+" if count > MOST_COUNTED else f"{count:,}"
    query = query_of(given, newest=str(newest), had=str(count))
    return Arrivals(count=count, words=f"{number} new {'entry' if count == 1 else 'entries'}", query=query)


def _entry_page(request: Request, entry_id: int, *, status: int = 200, typed: Typed | None = None) -> Response:
    desk = app_of(request).desk
    found, top = desk.entry(entry_id), IN_LIST if wants_part(request) else ALONE
    values = {
        "line": desk.line(entry_id),
        "shown": shown(found, top=top, with_pictures=bool(request.query_params.get("pictures"))),
        **_common(request, given_in(request.query_params)),
    }
    if wants_part(request):
        return part(request, "desk/inbox_text.html", **values)
    return desk_page(request, "desk/entry.html", status=status, typed=typed, **values)


def _typed(line: InboxEntry) -> Typed:
    made = line.judgement
    return Typed(words=made.note if made else "", revision=made.revision if made else 0)


def _judged(request: Request, entry_id: int, said: str, done: str) -> Response:
    if not wants_part(request):
        return _back(request, done, number(request.query_params.get("next", "")))
    return _part(request, app_of(request).desk.line(entry_id), said=said.strip(), settled=True)


def _back(request: Request, done: str, entry_id: int | None) -> Response:
    """To the list as it was asked for, without scripts: at the entry that comes next."""
    given = given_in(dict(parse_qsl(form(request).get("back", ""))))
    at = f"e{entry_id}" if entry_id else ""
    return see_other(request, "/desk/inbox", done=done, at=at, **narrowed(given))


def _part(
    request: Request,
    line: InboxEntry,
    *,
    said: str,
    focus: str = "",
    status: int = 200,
    settled: bool = False,
    typed: Typed | None = None,
) -> Response:
    """The entry as it is now, and the marks of all others on the page."""
    return part(
        request,
        "desk/inbox_entry.html",
        status=status,
        said=said,
        focus=focus,
        line=line,
        settled=settled,
        typed=typed,
        marks=_marks(request, line.id),
        **_common(request, given_in(_page_behind(request))),
    )


def _marks(request: Request, besides: int) -> Mapping[int, Judgement]:
    """What anybody made of the entries that the page shows."""
    ids = [number(one) or 0 for one in form(request).get("shown", "").split(",")[:MOST_SHOWN]]
    made = app_of(request).desk.judgements([entry_id for entry_id in ids if entry_id not in (0, besides)])
    return dict(made)


def _refused(request: Request, error: Refused, line: InboxEntry, typed: Typed | None = None) -> Response:
    """Why it was not done, where it was to be done; what was typed stays."""
    words = f"{error.what} {error.hint}"
    if wants_part(request):
        focus = f"note{line.id}" if typed else f"h{line.id}"
        return _part(request, line, said=words, focus=focus, status=409, typed=typed)
    if typed:
        return _entry_page(request, line.id, status=409, typed=typed)
    return problem(request, error.what, error.hint, status=409, sent=request.state.form)
