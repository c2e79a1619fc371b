"""People, for maintainers: who may sign in, as what; new links, other roles, the end."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from aggregator.errors import BadAddress, FiveError, Refused
from aggregator.model import Role
from aggregator.web.desk import desk_page, form, see_other
from aggregator.web.guard import app_of


def people(request: Request) -> Response:
    """Everybody, and a form to add somebody."""
    return _page(request, {})


def add(request: Request) -> Response:
    """Somebody new: the page shows the link to give them, this once."""
    sent = form(request)
    email, role = sent.get("email", ""), _role(sent)
    if role is None:
        return _page(request, {"role": "Choose what they may do"}, status=400, email=email)
    try:
        link = app_of(request).people.add(email, role)
    except BadAddress:
        message = "Enter an email address, such as name@example.org"
        return _page(request, {"email": message}, status=400, email=email, role=role)
    except Refused as error:
        return _page(request, {"email": error.what}, status=409, email=email, role=role)
    return _page(request, {}, link=link, link_for=email.strip().lower())


def change(request: Request) -> Response:
    """One of them: a new link, another role, or the end."""
    sent, app = form(request), app_of(request)
    email, role = sent.get("who", ""), _role(sent)
    try:
        match sent.get("do"):
            case "link":
                return _page(request, {}, link=app.people.link(email), link_for=email)
            case "role" if role is not None:
                app.people.change_role(email, role)
            case "end":
                app.people.end(email)
            case _:
                raise Refused("That is not something that can be done here.", "Load the page again.")
    except FiveError as error:
        return _page(request, {"": f"{error.what} {error.hint}"}, status=409)
    return see_other(request, "/desk/people", done="people")


def _page(request: Request, errors: Mapping[str, str], *, status: int = 200, **values: object) -> Response:
    given = {"email": "", "role": "", "link": "", "link_for": "", **values}
    found = app_of(request).people.curators()
    return desk_page(
        request, "desk/people.html", status=status, curators=found, roles=list(Role), errors=errors, given=given
    )


def _role(sent: Mapping[str, str]) -> Role | None:
    return next((role for role in Role if role == sent.get("role")), None)
