"""The week's shortlist: what it has, from whom and with which notes; and its draft, for editors."""

from datetime import date, timedelta

from starlette.requests import Request
from starlette.responses import Response

from aggregator.app import App
from aggregator.errors import NotFound, Refused
from aggregator.model import Bookmark, Digest
from aggregator.web.bookmarks import day_of, lines_of, undone
from aggregator.web.desk import desk_page, see_other
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
    opened = app.editor.draft(friday)
    if not opened.picks:
        best = sorted(week, key=lambda one: (not one.note, one.added_at, one.id))[: app.publication.picks]
        app.editor.pick([one.id for one in week if one in best], opened.slug)
    return see_other(request, "/desk/digest", done="drafted")


def _draft(app: App, friday: date) -> Digest | None:
    try:
        return app.editor.digest(friday.isoformat())
    except NotFound:
        return None


def _place(found: tuple[Bookmark, ...], after: str) -> int:
    """Where the page begins that follows the bookmark with this id."""
    return next((number for number, one in enumerate(found, start=1) if str(one.id) == after), 0)
