"""Bookmarks, for curators: all of them by words and sort, each to edit; and what can be done with one in any list."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime

from starlette.requests import Request
from starlette.responses import Response

from aggregator.errors import FiveError, NotFound, Refused
from aggregator.model import Bookmark, DigestStatus, Kind, Role, Shelf, UsedBefore
from aggregator.web.desk import desk_page, form, part, see_other, session_of, wants_part
from aggregator.web.guard import app_of
from aggregator.web.numbers import number

AT_ONCE = 30
LONGEST_SEARCH = 200
DONE = {
    "drop": "Dropped",
    "carry": "Carried over",
    "bring": "On this week's shortlist",
    "public": "Readers see it among the bookmarks",
    "private": "Private from now on",
}
"""What can be done with a bookmark, by the name of its button; and what is said then."""
LISTS = ("shortlist", "bookmarks")
WORDS = ("title", "author", "organisation")
"""What a page may say of itself, and a curator in its place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A bookmark in a list of the desk."""

    bookmark: Bookmark
    by: str  # who added it; "" when that was on the command line
    used: tuple[UsedBefore, ...]  # of the same source, the latest first
    friday: date  # whose week it is now
    edition: date | None  # the Friday of the digest that holds it; None when none does, or one of another format
    can_pick: bool = False  # whoever looks may place it in this week's digest, or take it out


def lines_of(request: Request, bookmarks: Iterable[Bookmark]) -> tuple[Line, ...]:
    """These bookmarks, as lists of the desk show them."""
    app = app_of(request)
    held = tuple(bookmarks)
    emails = {curator.id: curator.email for curator in app.people.curators()}
    used, friday = app.bookmarks.used_before(held), app.desk.current_friday()
    open_slug = _open_slug(request, friday)
    return tuple(
        Line(
            bookmark=one,
            by=emails.get(one.added_by or 0, ""),
            used=used[one.id],
            friday=friday,
            edition=day_of(one.picked_in or ""),
            can_pick=bool(open_slug)
            and one.picked_in in (None, open_slug)
            and not one.dropped_at
            and one.friday == friday,
        )
        for one in held
    )


def _open_slug(request: Request, friday: date) -> str:
    """What the week's digest is called, while whoever looks may change it; "" when not."""
    if not session_of(request).curator.role.may(Role.EDITOR):
        return ""
    try:
        found = app_of(request).editor.digest(friday.isoformat())
    except NotFound:
        return friday.isoformat()
    return "" if found.status is DigestStatus.PUBLISHED else found.slug


def bookmarks(request: Request) -> Response:
    """All of them, or those with these words or of this sort."""
    query = request.query_params
    search = query.get("q", "")[:LONGEST_SEARCH].strip()
    shelf = next((one for one in Shelf if one == query.get("shelf")), Shelf.ALL)
    after = _cursor(query.get("after", ""))
    found = app_of(request).bookmarks.all(search=search, shelf=shelf, limit=AT_ONCE + 1, after=after)
    shown = found[:AT_ONCE]
    more = f"{shown[-1].added_at.isoformat()} {shown[-1].id}" if len(found) > AT_ONCE else ""
    return desk_page(
        request,
        "desk/bookmarks.html",
        lines=lines_of(request, shown),
        more=more,
        is_later=after is not None,
        search=search,
        shelf=shelf,
        undone=undone(request),
    )


def bookmark(request: Request) -> Response:
    """One of them, to edit."""
    return _edit_page(request, _named(request))


def change(request: Request) -> Response:
    """Save what was written, or do what its button says; back to the list where it was pressed."""
    sent = form(request)
    held = _named(request)
    if sent.get("do") == "save":
        return _save(request, held, sent)
    do, place = sent.get("do", ""), sent.get("list", "")
    if do not in DONE or place not in LISTS:
        raise Refused("That is not something that can be done here.", "Load the page again.")
    try:
        done = _do(request, held, do)
    except Refused as error:
        raise Refused(error.what, "If that digest is a draft, an editor can take it out.") from error
    week = day_of(sent.get("week", "")) if place == "shortlist" else None
    if wants_part(request):
        (line,) = lines_of(request, [done])
        settled = DONE[do] if done.dropped_at or (week and done.friday != week) else ""
        said = f"{DONE[do]}: {done.title}"
        return part(request, "desk/bookmark.html", line=line, place=place, week=week, settled=settled, said=said)
    query = {"undo": str(held.id)} if do in ("drop", "carry") else {}
    if week and week != app_of(request).desk.current_friday():
        query["friday"] = week.isoformat()
    return see_other(request, f"/desk/{place}", done=f"bookmark-{do}", at=f"bookmark-{held.id}", **query)


def day_of(text: str) -> date | None:
    """The day that an address or a slug gives; None when it is none."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 1990 < day.year < 2200 else None


def undone(request: Request) -> Bookmark | None:
    """The bookmark that was just taken off this list by a page without scripts, to put it back."""
    try:
        return app_of(request).desk.bookmark(number(request.query_params.get("undo", "")) or 0)
    except NotFound:
        return None


def _do(request: Request, held: Bookmark, do: str) -> Bookmark:
    app = app_of(request)
    match do:
        case "drop":
            return app.desk.drop(held.id)
        case "carry":
            return app.bookmarks.carry_over(held.id)
        case "bring":
            return app.bookmarks.bring_back(held.id)
        case _:
            return app.bookmarks.set_public(held.id, do == "public")


def _save(request: Request, held: Bookmark, sent: Mapping[str, str]) -> Response:
    app = app_of(request)
    # What the form showed comes back with it: its page may have been read since, and what that brought stays.
    words = {name: sent.get(name, "") for name in WORDS if sent.get(name, "") != sent.get(f"was_{name}", "")}
    kind = next((one for one in Kind if one == sent.get("kind") and one != sent.get("was_kind")), None)
    try:
        app.bookmarks.edit(
            held.id,
            kind=kind,
            note=sent.get("note", ""),
            expected_revision=number(sent.get("revision", "")) or 0,
            **words,
        )
        if held.is_public is not (sent.get("is_public") == "yes"):
            app.bookmarks.set_public(held.id, not held.is_public)
    except Refused as error:
        return _edit_page(request, app.desk.bookmark(held.id), sent=sent, error=error)
    place = sent.get("list") if sent.get("list") in LISTS else "shortlist"
    return see_other(request, f"/desk/{place}", done="bookmark-saved", at=f"bookmark-{held.id}")


def _edit_page(
    request: Request, held: Bookmark, *, sent: Mapping[str, str] | None = None, error: FiveError | None = None
) -> Response:
    saved = {
        "title": held.title if held.title != held.url else "",
        "author": held.author or "",
        "organisation": held.organisation or "",
        "note": held.note,
        "kind": held.kind.value,
        "is_public": "yes" if held.is_public else "",
    }
    (line,) = lines_of(request, [held])
    came_from = request.query_params.get("list") if sent is None else sent.get("list")
    return desk_page(
        request,
        "desk/bookmark_edit.html",
        status=409 if error else 200,
        line=line,
        saved=saved,
        given=saved if sent is None else {name: sent.get(name, "") for name in saved},
        kinds=list(Kind),
        place=came_from if came_from in LISTS else "shortlist",
        errors={"": f"{error.what} What is saved now stands below; save again to put your words in its place."}
        if error
        else {},
        me=session_of(request).curator.email,
    )


def _named(request: Request) -> Bookmark:
    try:
        return app_of(request).desk.bookmark(number(request.path_params["bookmark"]) or 0)
    except NotFound as error:
        raise NotFound("There is no such bookmark.", "See all bookmarks.") from error


def _cursor(text: str) -> tuple[datetime, int] | None:
    at, _, digits = text.partition(" ")
    try:
        instant = datetime.fromisoformat(at)
        return (instant.astimezone(UTC), number(digits) or 0) if instant.tzinfo else None
    except (ValueError, OverflowError):  # at the ends of time, another zone is beyond them
        return None
