"""The page on which a digest is written: saved while somebody types, or by a button where there are no scripts.

There is one form, and every button in it saves first what was typed, so that nothing is lost. A script gets the parts
of the page that changed; without one the answer leads back to the page.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response

from aggregator.deliver.mailbox import mailbox
from aggregator.deliver.transport import RelayFailed
from aggregator.errors import NotFound, Refused, WrongUse
from aggregator.model import Access, Bookmark, Digest, DigestFormat, DigestStatus, Kind, Style
from aggregator.web import writing
from aggregator.web.desk import NOTICES, desk_page, form, hint_of, part, see_other, session_of, wants_part
from aggregator.web.guard import app_of
from aggregator.web.numbers import number
from aggregator.web.writing import Advice, Difference

LARGEST_DIGEST = 1024 * 1024
"""Bytes of a form: twenty picks with long quotes, and every letter of them escaped."""
ON_SHELF = 30
LONGEST_SEARCH = 200
STYLES = {Style.TITLE_DASH: "Title – commentary", Style.SENTENCE: "A sentence with the link in it"}
ACCESS = {Access.OPEN: "Open to all", Access.SIGN_IN: "Behind a sign-in", Access.PAYWALL: "Behind a paywall"}
_STEPS = {"up": -1, "down": 1}
_TESTED = ("digest-test", "digest-test-file")
_SAYING_READY = ("publish", "approve", "schedule", "test")
"""Buttons that wait until all that was typed could be saved."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What a button of the form did."""

    digest: Digest
    notice: str = "digest-save"  # of NOTICES
    about: str = ""  # the title of the pick that it was done to
    at: str = ""  # the id of what to look at
    is_rearranged: bool = True  # the picks, and what can be picked, are others now


def editor(request: Request) -> Response:
    """A digest, to be written; a published one, to be put right."""
    return _page(request, named(request))


def act(request: Request) -> Response:
    """Save what was typed, then do what the button says."""
    digest, sent, me = named(request), form(request), session_of(request).curator.id
    if digest.status is DigestStatus.PUBLISHED:
        return _put_right(request, digest, sent)
    found = writing.read(sent, digest)
    if number(sent.get("revision", "")) != digest.revision and writing.differences(found.edited, digest):
        return _clash(request, digest, sent)
    try:
        saved = app_of(request).editor.replace(found.edited, expected_revision=digest.revision, by=me)
    except Refused:
        digest_now = named(request)
        if digest_now.revision == digest.revision:
            raise
        return _clash(request, digest_now, sent)
    do, _, bookmark = sent.get("do", "save").partition("-")
    if found.wrong and do in _SAYING_READY:
        do = "save"
    if do == "publish":
        return see_other(request, f"/desk/digests/{digest.slug}/publish")
    if do == "discard":
        app_of(request).editor.discard(digest.slug)
        return see_other(request, "/desk/digest", done="digest-discard")
    errors = dict(found.wrong)
    try:
        done = _do(request, saved, do, number(bookmark) or 0, sent)
    except (Refused, WrongUse) as error:
        done = Done(digest=saved, is_rearranged=False)
        errors["at" if do == "schedule" and isinstance(error, WrongUse) else ""] = (
            f"{error.what} {hint_of(error)}".strip()
        )
    return _answer(request, done, sent, errors)


def named(request: Request) -> Digest:
    """The digest that the address names."""
    slug = request.path_params["slug"]
    try:
        return app_of(request).editor.digest(slug)
    except NotFound as error:
        raise NotFound("There is no such digest.", "See all digests.") from error


# --------------------------------------------------------------------------------------------------- what is done


def _do(request: Request, saved: Digest, do: str, bookmark: int, sent: Mapping[str, str]) -> Done:
    desk, slug, me = app_of(request).editor, saved.slug, session_of(request).curator.id
    match do:
        case "up" | "down" | "to":
            at = _position(saved, bookmark)
            to = at + _STEPS[do] if do in _STEPS else number(sent.get("to", "")) or 0
            moved = desk.move(at, to, slug, by=me)
            title = f"{moved.picks[to - 1].title}, now {to} of {len(moved.picks)}"
            return Done(digest=moved, notice="digest-moved", about=title, at=f"pick-{bookmark}")
        case "unpick":
            at = _position(saved, bookmark)
            left = desk.unpick(at, slug, by=me)
            after = left.picks[min(at, len(left.picks)) - 1].bookmark_id if left.picks else 0
            title = saved.picks[at - 1].title
            return Done(digest=left, notice="digest-unpicked", about=title, at=f"pick-{after}" if after else "shelf")
        case "pick":
            picked = desk.pick([bookmark], slug, by=me)
            return Done(digest=picked, notice="digest-picked", about=picked.picks[-1].title, at=f"pick-{bookmark}")
        case "search":
            return Done(digest=saved, notice="", at="shelf")
        case "test":
            return Done(digest=saved, notice=_send_test(request, slug), at="standing", is_rearranged=False)
        case "save":
            is_rearranged = sent.get("order", "") != ",".join(str(pick.bookmark_id) for pick in saved.picks)
            return Done(digest=saved, is_rearranged=is_rearranged)
        case _:
            return Done(
                digest=_settle(request, saved, do, sent), notice=f"digest-{do}", at="standing", is_rearranged=False
            )


def _send_test(request: Request, slug: str) -> str:
    """Mail it to whoever asks, and to nobody else; the name of what to say then."""
    app = app_of(request)
    try:
        app.outbox.test(slug, mailbox(session_of(request).curator.email), app.editor)
    except RelayFailed as error:
        raise Refused(error.what, hint_of(error, "Try again, or tell a maintainer.")) from error
    return _TESTED[0 if app.settings.smtp_host else 1]


def _settle(request: Request, saved: Digest, do: str, sent: Mapping[str, str]) -> Digest:
    """What has to do with its coming out."""
    desk, slug, me = app_of(request).editor, saved.slug, session_of(request).curator.id
    match do:
        case "approve":
            return desk.approve(slug, me, expected_revision=saved.revision)
        case "withdraw":
            return desk.withdraw(slug)
        case "schedule":
            return desk.schedule(slug, _instant(request, sent.get("at", "")), by=me)
        case "unschedule":
            return desk.unschedule(slug)
        case _:
            raise Refused("That is not something that can be done here.", "Load the page again.")


def _put_right(request: Request, digest: Digest, sent: Mapping[str, str]) -> Response:
    """Correct a published digest, with a note."""
    me, found = session_of(request).curator.id, writing.read(sent, digest)
    if sent.get("do") != "correct" or number(sent.get("revision", "")) != digest.revision:
        return _clash(request, digest, sent)
    errors = dict(found.wrong)
    if not sent.get("note", "").strip():
        errors["note"] = "Say what was wrong: readers see this note, with today’s date."
    if not errors and not writing.differences(found.edited, digest):
        errors[""] = "Nothing is different from what is published."
    if errors:
        return _page(request, digest, typed=sent, errors=errors, status=400)
    app_of(request).editor.correct(digest.slug, found.edited, sent["note"], by=me)
    return see_other(request, f"/desk/digests/{digest.slug}", done="digest-correct")


def _clash(request: Request, digest: Digest, sent: Mapping[str, str]) -> Response:
    """Somebody else changed or published it meanwhile: what they made of it is told, what was typed stays."""
    mine = writing.read(sent, digest).edited
    differences = writing.differences(mine, digest)
    return _page(request, digest, shown=mine, typed=sent, clash=differences, status=409)


def _position(digest: Digest, bookmark: int) -> int:
    found = next((pick.position for pick in digest.picks if pick.bookmark_id == bookmark), 0)
    if not found:
        raise Refused("That pick is not in the digest any more.", "Load the page again.")
    return found


def _instant(request: Request, text: str) -> datetime:
    try:
        return app_of(request).calendar.instant(datetime.fromisoformat(text).replace(tzinfo=None))
    except (ValueError, OverflowError):
        raise WrongUse("That is not a day and a time.", "Such as 2026-11-20 09:00.") from None


# ------------------------------------------------------------------------------------------------- what is shown


def _answer(request: Request, done: Done, sent: Mapping[str, str], errors: Mapping[str, str]) -> Response:
    words = NOTICES.get(done.notice, "").removesuffix(".")
    said = f"{words}: {done.about}" if done.about else words
    if wants_part(request) or errors:
        typed = {name: sent[name] for name in errors if name in sent}
        return _page(request, done.digest, typed=typed, errors=errors, done=done, said=said)
    search = sent.get("q", "").strip()[:LONGEST_SEARCH]
    query = {"q": search} if search else {}
    return see_other(request, f"/desk/digests/{done.digest.slug}", done=done.notice, at=done.at, **query)


def _page(
    request: Request,
    digest: Digest,
    *,
    shown: Digest | None = None,
    typed: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
    clash: Sequence[Difference] = (),
    done: Done | None = None,
    said: str = "",
    status: int = 200,
) -> Response:
    """The page, or the parts of it that a script puts in place; `typed` stands in place of what is saved."""
    app, seen = app_of(request), shown or digest
    values = writing.values(seen)
    at = app.calendar.local(digest.publish_at or app.calendar.publish_at(digest.friday))
    named_done = done.notice if done else request.query_params.get("done", "")
    common = {
        "digest": digest,
        "picks": seen.picks,
        "given": values | {name: text for name, text in (typed or {}).items() if name in values},
        "typed": typed or {},
        "is_out": digest.status is DigestStatus.PUBLISHED,
        "has_no_friday": digest.format is not DigestFormat.FRIDAY and digest.publish_at is None,
        "at": (typed or {}).get("at") or f"{at:%Y-%m-%dT%H:%M}",
        "city": str(app.calendar.zone).rpartition("/")[2].replace("_", " "),
        "labels": writing.LABELS,
        "kinds": list(Kind),
        "styles": STYLES,
        "access": ACCESS,
        "names": {one.id: one.email for one in app.people.curators()},
        "lint": _lint(request, digest),
        "errors": errors or {},
        "clash": clash,
        "is_told": status == 409,
        "asks": next((why for one, why in app.editor.needs_asking() if one.slug == digest.slug), ""),
        "tested": NOTICES[named_done] if named_done in _TESTED else "",
        "by_a_second": app.settings.second_approver,
        "rearranged": done is not None and done.is_rearranged,
    }
    search = (form(request).get("q", "") if request.method == "POST" else request.query_params.get("q", "")).strip()
    shelf = _shelf(request, seen, search[:LONGEST_SEARCH])
    if wants_part(request):
        return part(
            request, "desk/digest_part.html", status=status, said=said, focus=done.at if done else "", q=search,
            shelf=shelf, **common,
        )  # fmt: skip
    return desk_page(request, "desk/digest.html", status=status, q=search, shelf=shelf, **common)


def _lint(request: Request, digest: Digest) -> Mapping[int, Sequence[Advice]]:
    """What an editor would want to be told, by bookmark; 0 is for the whole digest."""
    if digest.status is DigestStatus.PUBLISHED:
        return {}
    held = {pick.position: pick.bookmark_id for pick in digest.picks}
    found: dict[int, list[Advice]] = {}
    for warned in app_of(request).editor.lint(digest.slug):
        found.setdefault(held.get(warned.position or 0, 0), []).append(writing.advice(warned, digest))
    return found


def _shelf(request: Request, digest: Digest, search: str) -> Sequence[Bookmark]:
    """What can be picked: the week's shortlist, or whatever has the words of the search."""
    app, held = app_of(request), {pick.bookmark_id for pick in digest.picks}
    if digest.format is DigestFormat.LINK or digest.status is DigestStatus.PUBLISHED:
        return ()
    if search:
        found = app.bookmarks.all(search=search, limit=ON_SHELF + len(held))
    else:
        is_edition = digest.format is DigestFormat.FRIDAY
        found = app.desk.week(digest.friday if is_edition else app.desk.current_friday())
    return [one for one in found if one.id not in held][:ON_SHELF]
