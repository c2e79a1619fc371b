"""The life of a digest: what may change when, who may approve, when it comes out, how it is put right (pure)."""

from dataclasses import replace
from datetime import date, datetime, timedelta

from aggregator.digest.formats import counted_title
from aggregator.digest.rules import numbered
from aggregator.errors import Refused, WrongUse
from aggregator.model import Correction, Digest, DigestFormat, DigestStatus

LATE = timedelta(hours=24)
"""How long after its hour a digest still comes out by itself; later, a person is asked."""

OVERDUE = timedelta(minutes=10)
"""How long after its hour a digest that is not out is worth a word: the program looks once a minute."""

_DRAFT, _APPROVED, _PUBLISHED = DigestStatus.DRAFT, DigestStatus.APPROVED, DigestStatus.PUBLISHED


def named(digest: Digest) -> str:
    """How messages name it, at the start of a sentence."""
    match digest.format:
        case DigestFormat.FRIDAY:
            return f"The digest of {digest.slug}"
        case DigestFormat.THEMED:
            return f"The themed list {digest.slug}"
        case DigestFormat.LINK:
            return f"The link post {digest.slug}"


def check_changeable(digest: Digest) -> None:
    """Raises Refused for a digest that is published."""
    if digest.status is _PUBLISHED:
        raise Refused(
            f"{named(digest)} is published and does not change any more.",
            f"Put a mistake right, with a note that readers see: five digest correct {digest.slug} --note TEXT",
        )


def changed(digest: Digest, edited: Digest, *, by: int | None = None) -> Digest:
    """`digest` with the words and picks of `edited`, one revision on; itself when they are the same.

    An approved one is a draft again. Raises Refused when it is published, or for picks that cannot be.
    """
    check_changeable(digest)
    after = _with_words(digest, edited)
    if after == digest:
        return digest
    return replace(
        after, revision=digest.revision + 1, status=_DRAFT, approved_at=None, approved_by=None, changed_by=by
    )


def _with_words(digest: Digest, edited: Digest) -> Digest:
    bookmarks = [pick.bookmark_id for pick in edited.picks]
    if len(set(bookmarks)) < len(bookmarks):
        raise Refused(f"{named(digest)} would hold a bookmark twice.", "Keep one pick for each bookmark.")
    if digest.format is DigestFormat.LINK and len(bookmarks) > 1:
        raise Refused(
            f"{named(digest)} is about one bookmark.", "Make another of the other one: five link BOOKMARK, or a list."
        )
    is_list = digest.format is DigestFormat.THEMED
    title = counted_title(edited.title, len(bookmarks)) if is_list else edited.title
    return replace(digest, title=title, intro=edited.intro, outro=edited.outro, picks=numbered(edited.picks))


def check_publishable(digest: Digest) -> None:
    """Raises Refused for a digest that is empty, or out already."""
    if digest.status is _PUBLISHED:
        as_number = f", as number {digest.number}" if digest.number else ""
        raise Refused(
            f"{named(digest)} is already published{as_number}.",
            f"See it with: five render {digest.slug} --as email-text",
        )
    if not digest.picks:
        raise Refused(
            f"{named(digest)} has no picks, and an empty digest is not published.",
            "Pick from the shortlist first: five digest pick BOOKMARK",
        )


def approved(digest: Digest, *, by: int | None, now: datetime, by_a_second: bool) -> Digest:
    """The digest, approved; as it is when it was already. `by_a_second`: whoever wrote last may not approve.

    Raises Refused for one that cannot be published, and for an approver who may not.
    """
    check_publishable(digest)
    if digest.status is _APPROVED:
        return digest
    if by_a_second and by is None:
        raise Refused("An approval needs a name, so that it is a second person's.", "Sign in to the desk to approve.")
    if by_a_second and by == digest.changed_by:
        raise Refused(f"{named(digest)} was last changed by you.", "Somebody else has to approve it.")
    return replace(digest, status=_APPROVED, approved_at=now, approved_by=by)


def withdrawn(digest: Digest) -> Digest:
    """The digest without its approval: a draft again. Raises Refused when it is published."""
    check_changeable(digest)
    return replace(digest, status=_DRAFT, approved_at=None, approved_by=None)


def check_second(digest: Digest, *, by: int | None) -> None:
    """Raises Refused unless somebody else than `by`, who wants it out, approved the digest."""
    if digest.status is not _APPROVED:
        raise Refused(f"{named(digest)} is not approved yet.", "Ask a second person to approve it on the desk.")
    if by is not None and by == digest.approved_by:
        raise Refused(f"{named(digest)} was approved by you.", "Somebody else has to publish or schedule it.")


def scheduled(digest: Digest, *, at: datetime, now: datetime) -> Digest:
    """The digest, to come out at `at`. Raises Refused when it cannot be published, WrongUse for an instant gone by."""
    check_publishable(digest)
    if at <= now:
        raise WrongUse(
            "That time is over already.", f"Name a later one, or publish it now: five digest publish {digest.slug}"
        )
    return replace(digest, publish_at=at)


def unscheduled(digest: Digest) -> Digest:
    """The digest, to come out when somebody publishes it. Raises Refused when it is out."""
    check_changeable(digest)
    return replace(digest, publish_at=None)


def published(digest: Digest, *, number: int, now: datetime, today: date) -> Digest:
    """The digest as it is published at `now`. Raises Refused for one that is empty, or out already.

    Only an edition has a number and keeps its Friday; the other formats are of the day on which they come out.
    """
    check_publishable(digest)
    is_edition = digest.format is DigestFormat.FRIDAY
    return replace(
        digest,
        status=_PUBLISHED,
        number=number if is_edition else None,
        friday=digest.friday if is_edition else today,
        published_at=now,
        revision=digest.revision + 1,
    )


def is_late(digest: Digest, now: datetime) -> bool:
    """Whether its hour passed so long ago that it no longer comes out by itself."""
    return digest.publish_at is not None and digest.status is not _PUBLISHED and now - digest.publish_at > LATE


def why_waiting(digest: Digest, now: datetime, *, by_a_second: bool) -> str | None:
    """Why a digest whose hour has come waits for a person, as a sentence; None when it does not."""
    if digest.publish_at is None or digest.status is _PUBLISHED or digest.publish_at > now:
        return None
    if is_late(digest, now):
        return "Its time passed more than a day ago, while this program was not running."
    if not digest.picks:
        return "Its time has come, and it has no picks."
    if by_a_second and digest.status is not _APPROVED:
        return "Its time has come, and it is not approved."
    return None


def why_overdue(digest: Digest, now: datetime) -> str | None:
    """What to say of a digest that should be out by now, as a sentence; None when it is, or its time is hardly over."""
    if digest.publish_at is None or digest.status is _PUBLISHED or now - digest.publish_at < OVERDUE:
        return None
    return "Its time has passed. Either five serve is not running, or its log says what is wrong."


def check_correctable(digest: Digest) -> Digest:
    """The digest itself. Raises Refused for one that is not published."""
    if digest.status is not _PUBLISHED:
        raise Refused(f"{named(digest)} is not published yet: just change it.", "Write it with: five digest edit")
    return digest


def corrected(digest: Digest, edited: Digest, correction: Correction) -> Digest:
    """The published digest with the words and picks of `edited`, and the note.

    Raises Refused for one that is not published or would be empty, WrongUse for no note.
    """
    check_correctable(digest)
    if not correction.note.strip():
        raise WrongUse("A correction needs a note that tells readers what was wrong.", "Add one with: --note TEXT")
    if not edited.picks:
        raise Refused(f"{named(digest)} would be empty.", "Keep a pick, and say in the note what is wrong with it.")
    after = _with_words(digest, edited)
    return replace(after, revision=digest.revision + 1, corrections=(*digest.corrections, correction))
