"""The week's shortlist: what it has, from whom and with which notes; and its draft, for editors."""

from datetime import date, timedelta

from starlette.requests import Request
from starlette.responses import Response

from aggregator.app import App
from aggregator.errors import NotFound, Refused
from aggregator.model import Bookmark, Digest
from aggregator.web.bookmarks import day_of, lines_of, undone
from aggregator.web.desk import desk_page, part, see_other, session_of, wants_part
from aggregator.web.guard import app_of

AT_ONCE = 30
"""More are on a page of their own."""
WEEK = timedelta(days=7)


def shortlist(request: Request) -> Response:
    """The bookmarks of a week, oldest first; without one named, of this one."""
    app = app_of(request)
    current = app.desk.current_friday()
    friday = day_of(request.query_params.get("friday", "")) or current
    found = app.desk.week(friday)
    start = _place(found, request.query_params.get("after", ""))
    shown = found[start : start + AT_ONCE]
    return desk_page(
        request,
        "desk/shortlist.html",
        lines=lines_of(request, shown),
        total=len(found),
        more=shown[-1].id if start + AT_ONCE < len(found) else 0,
        friday=friday,
        current=current,
        before=friday - WEEK,
        after=friday + WEEK,
        undone=undone(request),
        draft=_draft(app, current),
    )


def draft(request: Request) -> Response:
    """Open this week's draft. While it has no picks, the first of the shortlist go in, those with a note before others.

    They go in the order in which they were found.
    """
    app = app_of(request)
    friday = app.desk.current_friday()
    week = app.desk.week(friday)
    if not week:
        raise Refused("There is nothing on the shortlist to make a digest of.", "Shortlist something first.")
    me = session_of(request).curator.id
    opened = app.editor.draft(friday, by=me)
    if not opened.picks:
        best = sorted(week, key=lambda one: (not one.note, one.added_at, one.id))[: app.publication.picks]
        app.editor.pick([one.id for one in week if one in best], opened.slug, by=me)
    return see_other(request, f"/desk/digests/{opened.slug}", done="drafted")


def pick(request: Request) -> Response:
    """Place a bookmark in this week's draft, which is opened if need be; or take it out again."""
    app, me = app_of(request), session_of(request).curator.id
    held = app.desk.bookmark(request.path_params["bookmark"])
    opened = app.editor.draft(app.desk.current_friday(), by=me)
    place = next((one.position for one in opened.picks if one.bookmark_id == held.id), 0)
    verbs = app.editor
    opened = verbs.unpick(place, opened.slug, by=me) if place else verbs.pick([held.id], opened.slug, by=me)
    if not wants_part(request):
        done = "digest-unpicked" if place else "digest-picked"
        return see_other(request, "/desk/shortlist", done=done, at=f"bookmark-{held.id}")
    (line,) = lines_of(request, [app.desk.bookmark(held.id)])
    said = f"{'Taken out' if place else 'Picked'}: {held.title}. {len(opened.picks)} of {app.publication.picks}"
    return part(
        request,
        "desk/bookmark.html",
        said=said,
        focus=f"bookmark-{held.id}",
        line=line,
        place="shortlist",
        week=opened.friday,
        settled="",
        draft=opened,
    )


def _draft(app: App, friday: date) -> Digest | None:
    try:
        return app.editor.digest(friday.isoformat())
    except NotFound:
        return None


def _place(found: tuple[Bookmark, ...], after: str) -> int:
    """Where the page begins that follows the bookmark with this id."""
    return next((number for number, one in enumerate(found, start=1) if str(one.id) == after), 0)
