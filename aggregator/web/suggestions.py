"""What readers suggest, for curators to judge: a page onto the shortlist, a blog to the feeds."""

from starlette.requests import Request
from starlette.responses import Response

from aggregator.errors import NotFound, Refused
from aggregator.model import Role, Suggestion, SuggestionKind, SuggestionStatus
from aggregator.web.adding import reading
from aggregator.web.desk import desk_page, form, see_other, session_of
from aggregator.web.guard import app_of

AT_ONCE = 50


def suggestions(request: Request) -> Response:
    """Those that wait, the oldest first."""
    waiting = app_of(request).suggestions.waiting()
    return desk_page(
        request,
        "desk/suggestions.html",
        waiting=waiting[:AT_ONCE],
        total=len(waiting),
        may_follow=session_of(request).curator.role.may(Role.MAINTAINER),
    )


def judge(request: Request) -> Response:
    """Take one up or decline it; a blog goes on to the form that finds its feed."""
    app, sent = app_of(request), form(request)
    one = _named(request, sent.get("suggestion", ""))
    match sent.get("do"):
        case "decline":
            _settle(request, one, SuggestionStatus.DECLINED)
            return see_other(request, "/desk/suggestions", done="suggestion-declined")
        case "accept" if one.kind is SuggestionKind.LINK:
            app.bookmarks.add(one.address, title=one.title, by=session_of(request).curator.id)
            _settle(request, one, SuggestionStatus.ACCEPTED)
            response = see_other(request, "/desk/suggestions", done="suggestion-shortlisted")
            response.background = reading(app)
            return response
        case "accept" if session_of(request).curator.role.may(Role.MAINTAINER):
            _settle(request, one, SuggestionStatus.ACCEPTED)
            return see_other(request, "/desk/feeds/add", address=one.address, title=one.title)
        case "accept":
            raise Refused("Only a maintainer can follow a blog.", "It waits for one; you may decline it.")
        case _:
            raise Refused("That is not something that can be done here.", "Load the page again.")


def _named(request: Request, number: str) -> Suggestion:
    """The suggestion that waits with this id. Raises NotFound."""
    found = next((one for one in app_of(request).suggestions.waiting() if str(one.id) == number), None)
    if found is None:
        raise _gone()
    return found


def _settle(request: Request, one: Suggestion, status: SuggestionStatus) -> None:
    try:
        app_of(request).suggestions.settle([one.id], status)
    except NotFound as error:
        raise _gone() from error


def _gone() -> NotFound:
    return NotFound("That suggestion does not wait any more.", "Somebody has judged it; see which ones are left.")
