"""All digests: those that are written, and those that are out; how one begins, and how it is published."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from aggregator.errors import Refused, WrongUse
from aggregator.model import Digest, DigestFormat, DigestStatus, SubscriberStatus
from aggregator.web import writing
from aggregator.web.desk import desk_page, form, hint_of, see_other, session_of
from aggregator.web.editing import named
from aggregator.web.guard import app_of
from aggregator.web.numbers import number

OUT = 20
"""So many that are published are listed; the public archive has all."""
FORMATS = {DigestFormat.FRIDAY: "Friday’s edition", DigestFormat.THEMED: "Themed list", DigestFormat.LINK: "Link post"}


def digests(request: Request) -> Response:
    """Which there are."""
    return _list(request)


def begin(request: Request) -> Response:
    """Open a draft: of a Friday, a themed list, or a link post about a bookmark."""
    sent, app = form(request), app_of(request)
    wanted = next((one for one in DigestFormat if one == sent.get("format")), None)
    me, bookmark = session_of(request).curator.id, number(sent.get("bookmark", "")) or 0
    title = " ".join(sent.get("title", "").split())
    if wanted is DigestFormat.THEMED and not title:
        return _list(request, errors={"title": "Write a title, such as: 5 videos to help leaders"}, status=400)
    if len(title) > writing.LONGEST_LINE:
        return _list(request, errors={"title": f"Write at most {writing.LONGEST_LINE:,} letters"}, status=400)
    match wanted:
        case DigestFormat.LINK:
            opened = app.editor.link(bookmark, by=me)
        case DigestFormat.THEMED:
            opened = app.editor.draft(format=wanted, title=title, by=me)
        case DigestFormat.FRIDAY:
            opened = app.editor.draft(app.desk.current_friday(), by=me)
        case _:
            raise Refused("That is no format of a digest.", "Load the page again.")
    return see_other(request, f"/desk/digests/{opened.slug}", done="digest-begun")


def ask(request: Request) -> Response:
    """What publishing will do, to be said yes to."""
    return _ask(request, named(request))


def publish(request: Request) -> Response:
    """Publish it now, as it was shown."""
    digest, sent = named(request), form(request)
    me, is_mailed = session_of(request).curator.id, sent.get("mail") == "yes"
    try:
        app_of(request).editor.publish(
            digest.slug, mail=is_mailed, by=me, expected_revision=number(sent.get("revision", "")) or 0
        )
    except (Refused, WrongUse) as error:
        errors = {"": f"{error.what} {hint_of(error, 'Look at it once more below, then say yes again.')}".strip()}
        return _ask(request, named(request), errors=errors)
    return see_other(request, f"/desk/digests/{digest.slug}", done="digest-publish")


def _list(request: Request, *, errors: Mapping[str, str] | None = None, status: int = 200) -> Response:
    app = app_of(request)
    every, friday = app.editor.all(), app.desk.current_friday()
    drafts = [one for one in every if one.status is not DigestStatus.PUBLISHED]
    is_edition = {one.slug: one.format is DigestFormat.FRIDAY for one in drafts}
    return desk_page(
        request,
        "desk/digests.html",
        status=status,
        drafts=sorted(drafts, key=lambda one: (not is_edition[one.slug], one.friday, one.id)),
        is_begun=any(is_edition[one.slug] and one.friday == friday for one in drafts),
        friday=friday,
        shortlisted=len(app.desk.week(friday)),
        asks={one.slug: why for one, why in app.editor.needs_asking()},
        out=[one for one in every if one.status is DigestStatus.PUBLISHED][:OUT],
        formats=FORMATS,
        typed=form(request).get("title", "") if errors else "",
        errors=errors or {},
    )


def _ask(request: Request, digest: Digest, *, errors: Mapping[str, str] | None = None) -> Response:
    app = app_of(request)
    is_out = digest.status is DigestStatus.PUBLISHED
    return desk_page(
        request,
        "desk/digest_publish.html",
        status=409 if errors else 200,
        digest=digest,
        is_out=is_out,
        is_edition=digest.format is DigestFormat.FRIDAY,
        readers=app.subscribers.counts().get(SubscriberStatus.ACTIVE, 0),
        lint=() if is_out else [writing.advice(one, digest) for one in app.editor.lint(digest.slug)],
        positions=[one.position for one in ([] if is_out else app.editor.lint(digest.slug))],
        errors=errors or {},
    )
