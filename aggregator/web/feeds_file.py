"""The feeds file, for maintainers: edits that polling calls for, lists that come in, the list that goes out."""

from collections.abc import Mapping
from urllib.parse import urlencode

from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import Response

from aggregator.errors import BadListing, FiveError, NotFound, Refused, WrongUse
from aggregator.feeds.difference import Change, as_patch
from aggregator.feeds.imports import Way
from aggregator.feeds.outlines import MAX_BYTES
from aggregator.web.blogs import OPML
from aggregator.web.desk import HEADERS, desk_page, form, see_other
from aggregator.web.feeds import in_words
from aggregator.web.guard import app_of

LARGEST_UPLOAD = MAX_BYTES + 100_000
"""The file, and the form around it."""
MOST_SHOWN = 100
"""Of each sort of change in a forecast."""
DIFF = "text/x-diff; charset=utf-8"


def edits(request: Request) -> Response:
    """What the file should say instead, and the difference that it makes."""
    return _edits(request, _chosen(request))


def apply(request: Request) -> Response:
    """Make the edits that were looked at."""
    sent: FormData = request.state.form
    ids = tuple(str(id_) for id_ in sent.getlist("edit"))
    if not ids:
        return _edits(request, None, errors={"": "Choose at least one edit"}, status=400)
    try:
        made = app_of(request).upkeep.apply(ids)
    except (BadListing, NotFound, Refused, WrongUse) as error:
        return _edits(request, None, errors={"": in_words(error)}, status=409)
    if not made:
        return _edits(request, None, errors={"": "The file does not list these feeds any more."}, status=409)
    return see_other(request, "/desk/feeds/edits", done="edits-made")


def patch(request: Request) -> Response:
    """The difference as a file."""
    app = app_of(request)
    changes = app.upkeep.difference(_chosen(request))
    return download(as_patch(changes, app.settings.feeds.name), DIFF, f"{app.settings.feeds.stem}.patch")


def export(request: Request) -> Response:
    """What is followed, as OPML."""
    return download(app_of(request).follow.export(), OPML, "feeds.opml")


def _chosen(request: Request) -> tuple[str, ...] | None:
    return tuple(request.query_params.getlist("edit")) or None


def _edits(
    request: Request, ids: tuple[str, ...] | None, *, errors: Mapping[str, str] | None = None, status: int = 200
) -> Response:
    app = app_of(request)
    found, wrong = app.upkeep.edits(), dict(errors or {})
    chosen = set(ids if ids is not None else (edit.id for edit in found if edit.is_sure))
    changes: tuple[Change, ...] = ()
    try:
        changes = app.upkeep.difference(ids) if found else ()
    except (BadListing, NotFound, WrongUse) as error:
        wrong, status = wrong | {"": in_words(error)}, max(status, 409)
    return desk_page(
        request,
        "desk/feeds_edits.html",
        status=status,
        edits=found,
        chosen=[edit for edit in found if edit.id in chosen],
        query=urlencode([("edit", edit.id) for edit in found if edit.id in chosen]),
        changes=changes,
        file=app.settings.feeds.name,
        errors=wrong,
    )


# -------------------------------------------------------------------------------------------------- lists in


def upload_form(request: Request) -> Response:
    """Choose a file."""
    return _upload(request)


def upload(request: Request) -> Response:
    """Keep the file, and go on to what it would change."""
    sent = request.state.form.get("file")
    way = _way(form(request).get("way"))
    if not isinstance(sent, UploadFile) or not sent.filename:
        return _upload(request, "Choose an OPML file", way=way, status=400)
    try:
        key = app_of(request).imports.keep(sent.file.read(MAX_BYTES + 1))
    except BadListing as error:
        said = f"{sent.filename[:100]} cannot be taken: {error.what}"
        return _upload(request, said, way=way, status=422)
    except Refused as error:
        return _upload(request, in_words(error), way=way, status=409)
    return see_other(request, "/desk/feeds/import", list=key, way=way)


def forecast(request: Request) -> Response:
    """What taking the list over would change."""
    return _forecast(request, request.query_params.get("list", ""), _way(request.query_params.get("way")))


def take_over(request: Request) -> Response:
    """Change it."""
    sent = form(request)
    key, way = sent.get("list", ""), _way(sent.get("way"))
    try:
        app_of(request).imports.take_over(key, way, mark=sent.get("mark", ""))
    except NotFound as error:
        return _upload(request, in_words(error), way=way, status=404)
    except (BadListing, Refused) as error:
        return _forecast(request, key, way, error=error)
    return see_other(request, "/desk/feeds", done="list-taken")


def _forecast(request: Request, key: str, way: Way, *, error: FiveError | None = None) -> Response:
    try:
        told = app_of(request).imports.forecast(key, way)
    except (BadListing, NotFound) as failed:
        return _upload(request, in_words(failed), way=way, status=404 if isinstance(failed, NotFound) else 409)
    return desk_page(
        request,
        "desk/feeds_import.html",
        status=409 if error else 200,
        told=told,
        ways=list(Way),
        most=MOST_SHOWN,
        file=app_of(request).settings.feeds.name,
        errors={"": in_words(error)} if error else {},
    )


def _upload(request: Request, error: str = "", *, way: Way = Way.ADD, status: int = 200) -> Response:
    errors = {"file": error} if error else {}
    return desk_page(request, "desk/feeds_upload.html", status=status, way=way, errors=errors)


def _way(given: str | None) -> Way:
    return Way.REPLACE if given == Way.REPLACE else Way.ADD


def download(body: str, media_type: str, name: str) -> Response:
    """A file to keep, and no page."""
    safe = "".join(letter if letter.isascii() and (letter.isalnum() or letter in ".-_") else "-" for letter in name)
    headers = {**HEADERS, "content-disposition": f'attachment; filename="{safe}"'}
    return Response(body.encode("utf-8", "replace"), media_type=media_type, headers=headers)
