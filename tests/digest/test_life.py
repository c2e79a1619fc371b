"""The life of a digest: what may change when, who may approve, when it comes out, how it is put right."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from aggregator.digest import life
from aggregator.errors import Refused, WrongUse
from aggregator.model import Correction, Digest, DigestFormat, DigestStatus
from tests.builders import FRIDAY, a_digest, a_pick

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def approved(digest: Digest, by: int | None = 2, *, by_a_second: bool = False) -> Digest:
    return life.approved(digest, by=by, now=NOON, by_a_second=by_a_second)


def test_a_change_takes_words_and_picks_and_goes_one_revision_on() -> None:
    draft = a_digest(revision=3)
    edited = replace(draft, title="New", intro="In", outro="Out", picks=draft.picks[::-1], number=99, revision=77)
    after = life.changed(draft, edited)
    assert (after.title, after.intro, after.outro, after.number, after.revision) == ("New", "In", "Out", None, 4)
    assert [(pick.bookmark_id, pick.position) for pick in after.picks] == [(5, 1), (4, 2), (3, 3), (2, 4), (1, 5)]


def test_no_change_is_no_revision() -> None:
    draft = a_digest()
    assert life.changed(draft, draft) == draft


def test_a_bookmark_is_picked_once() -> None:
    draft = a_digest(picks=1)
    with pytest.raises(Refused, match="twice"):
        life.changed(draft, replace(draft, picks=(a_pick(1), a_pick(2, bookmark_id=1))))


def test_publication_gives_number_and_date() -> None:
    done = life.published(a_digest(revision=4), number=12, now=NOON, today=FRIDAY)
    assert (done.status, done.number, done.published_at, done.revision) == (DigestStatus.PUBLISHED, 12, NOON, 5)


def test_an_empty_digest_is_not_published() -> None:
    with pytest.raises(Refused, match="no picks"):
        life.published(a_digest(picks=0), number=1, now=NOON, today=FRIDAY)


def test_a_digest_is_published_once() -> None:
    with pytest.raises(Refused, match="already published, as number 3"):
        life.published(a_digest(status=DigestStatus.PUBLISHED, number=3), number=4, now=NOON, today=FRIDAY)


def test_what_is_published_changes_only_by_a_correction() -> None:
    digest = a_digest(status=DigestStatus.PUBLISHED)
    for verb in (life.check_changeable, life.withdrawn, life.unscheduled):
        with pytest.raises(Refused, match="2026-11-20 is published") as refused:
            verb(digest)
        assert "five digest correct 2026-11-20" in refused.value.hint
    with pytest.raises(Refused, match="2026-11-20 is published"):
        life.changed(digest, replace(digest, title="Other"))


def test_a_change_takes_the_approval_back_and_says_who_wrote_last() -> None:
    digest = approved(a_digest(revision=3))
    assert (digest.status, digest.approved_at, digest.approved_by, digest.revision) == ("approved", NOON, 2, 3)
    assert life.changed(digest, digest, by=7) == approved(digest, by=9) == digest
    after = life.changed(digest, replace(digest, intro="Other"), by=7)
    assert (after.status, after.approved_at, after.approved_by, after.changed_by) == ("draft", None, None, 7)
    assert (after.revision, life.withdrawn(digest)) == (4, a_digest(revision=3))


@pytest.mark.parametrize(("by", "says"), [(None, "needs a name"), (5, "last changed by you")])
def test_a_second_approver_is_somebody_else(by: int | None, says: str) -> None:
    digest = a_digest(changed_by=5)
    with pytest.raises(Refused, match=says):
        approved(digest, by=by, by_a_second=True)
    assert approved(digest, by=by).status is DigestStatus.APPROVED


def test_who_approved_does_not_publish() -> None:
    with pytest.raises(Refused, match="not approved yet"):
        life.check_second(a_digest(), by=1)
    with pytest.raises(Refused, match="approved by you"):
        life.check_second(approved(a_digest()), by=2)
    life.check_second(approved(a_digest()), by=1)
    life.check_second(approved(a_digest()), by=None)


def test_a_time_to_come() -> None:
    at = NOON + timedelta(seconds=1)
    assert life.scheduled(a_digest(), at=at, now=NOON).publish_at == at
    assert life.unscheduled(a_digest(publish_at=at)) == a_digest()
    with pytest.raises(WrongUse, match="over already"):
        life.scheduled(a_digest(), at=NOON, now=NOON)
    with pytest.raises(Refused, match="no picks"):
        life.scheduled(a_digest(picks=0), at=at, now=NOON)
    with pytest.raises(Refused, match="no picks"):
        approved(a_digest(picks=0))


@pytest.mark.parametrize(
    ("given", "passed", "why"),
    [
        ({}, timedelta(0), None),
        ({}, timedelta(hours=24), None),
        ({}, timedelta(hours=24, seconds=1), "more than a day ago"),
        ({"picks": ()}, timedelta(0), "no picks"),
        ({"picks": ()}, -timedelta(seconds=1), None),
        ({"status": DigestStatus.PUBLISHED}, timedelta(days=30), None),
        ({"publish_at": None}, timedelta(days=30), None),
    ],
)
def test_when_a_person_is_asked(given: dict[str, object], passed: timedelta, why: str | None) -> None:
    digest = replace(a_digest(publish_at=NOON), **given)  # type: ignore[arg-type]
    said = life.why_waiting(digest, NOON + passed, by_a_second=False)
    assert (said is None) if why is None else (why in (said or ""))
    assert life.is_late(digest, NOON + passed) == (why == "more than a day ago")


def test_without_its_second_person_a_digest_waits() -> None:
    digest = a_digest(publish_at=NOON)
    assert "not approved" in (life.why_waiting(digest, NOON, by_a_second=True) or "")
    assert life.why_waiting(approved(digest), NOON, by_a_second=True) is None


@pytest.mark.parametrize("form", [DigestFormat.THEMED, DigestFormat.LINK])
def test_only_an_edition_has_a_number_and_keeps_its_friday(form: DigestFormat) -> None:
    today = date(2026, 11, 24)
    done = life.published(a_digest(picks=1, format=form), number=3, now=NOON, today=today)
    assert (done.number, done.friday) == (None, today)
    edition = life.published(a_digest(), number=3, now=NOON, today=today)
    assert (edition.number, edition.friday) == (3, FRIDAY)
    with pytest.raises(Refused, match=r"already published\."):
        life.published(done, number=4, now=NOON, today=today)


def test_the_number_in_a_lists_title_follows_its_picks() -> None:
    digest = a_digest(format=DigestFormat.THEMED, title="5 videos", picks=5)
    assert life.changed(digest, replace(digest, picks=digest.picks[:3])).title == "3 videos"
    edition = a_digest(title="5 links")
    assert life.changed(edition, replace(edition, picks=edition.picks[:3])).title == "5 links"


def test_a_link_post_holds_one_bookmark() -> None:
    digest = a_digest(format=DigestFormat.LINK, picks=1)
    with pytest.raises(Refused, match="about one bookmark"):
        life.changed(digest, replace(digest, picks=(a_pick(1), a_pick(2))))


def test_a_correction_is_an_edit_with_a_dated_note() -> None:
    digest = a_digest(status=DigestStatus.PUBLISHED, number=3, revision=8)
    note = Correction(at=NOON, note="It was Tom, not Tim.", by=4)
    after = life.corrected(digest, replace(digest, intro="Other", number=9), note)
    assert after == replace(digest, intro="Other", revision=9, corrections=(note,))
    assert life.corrected(after, after, note).corrections == (note, note)
    with pytest.raises(WrongUse, match="needs a note"):
        life.corrected(digest, digest, replace(note, note=" "))
    with pytest.raises(Refused, match="would be empty"):
        life.corrected(digest, replace(digest, picks=()), note)
    with pytest.raises(Refused, match="not published yet"):
        life.corrected(a_digest(), a_digest(), note)
