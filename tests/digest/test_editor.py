"""The editor's verbs on a real database: state after, and refusals that leave it alone."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from aggregator.clock import Calendar
from aggregator.digest.draft_file import from_markdown, to_markdown
from aggregator.digest.editor import Audience, Editor, Render
from aggregator.digest.render import from_json, render
from aggregator.errors import FiveError, NotFound, Refused, WrongUse
from aggregator.model import Correction, Digest, DigestFormat, DigestStatus, Form
from aggregator.store import bookmarks, digests
from aggregator.store.database import Database, Tx
from tests.builders import FRIDAY, a_pick, a_publication
from tests.conftest import StandingClock
from tests.rows import add_bookmark, add_entry, follow_a_feed

NEXT = date(2026, 11, 27)


def plainly(digest: Digest) -> Mapping[Form, str]:
    """A rendering that shows what it was given."""
    return {form: f"{form}: {digest.title}, number {digest.number}, {len(digest.picks)} picks" for form in Form}


@pytest.fixture
def editor(db: Database, clock: StandingClock, calendar: Calendar) -> Editor:
    return an_editor(db, clock, calendar)


class Nobody:
    """An audience of nobody; what it was asked to fix is in `frozen`, what to tell others in `announced`."""

    def __init__(self) -> None:
        self.frozen: list[str] = []
        self.announced: list[str] = []

    def check(self, digest: Digest, forms: Mapping[Form, str]) -> None:
        assert set(forms) == set(Form)

    def freeze(self, tx: Tx, digest: Digest) -> None:
        self.frozen.append(digest.slug)

    def announce(self, tx: Tx, digest: Digest) -> None:
        self.announced.append(f"{digest.slug} {len(digest.corrections)}")


def an_editor(
    db: Database,
    clock: StandingClock,
    calendar: Calendar,
    render: Render = plainly,
    audience: Audience | None = None,
) -> Editor:
    return Editor(
        db=db,
        clock=clock,
        publication=a_publication(),
        calendar=calendar,
        repeat_digests=4,
        render=render,
        audience=audience or Nobody(),
    )


@pytest.fixture
def shortlist(db: Database) -> list[int]:
    """Six bookmarks, each with a note."""
    with db.write() as tx:
        return [add_bookmark(tx, note=f"Note {number}", organisation=f"Council {number}") for number in range(1, 7)]


def order(digest: Digest) -> list[int]:
    return [pick.bookmark_id for pick in digest.picks]


def test_a_draft_of_the_coming_friday(editor: Editor) -> None:
    draft = editor.draft()
    assert (draft.slug, draft.friday, draft.title) == ("2026-11-20", FRIDAY, "Five for Friday (20/11/2026)")
    assert (draft.status, draft.number, draft.revision, draft.intro, draft.picks) == (
        DigestStatus.DRAFT,
        None,
        1,
        "",
        (),
    )
    assert "https://five.example.org/bookmarks" in draft.outro


def test_an_open_draft_is_found_not_made_again(editor: Editor, shortlist: list[int]) -> None:
    editor.draft()
    picked = editor.pick(shortlist[:1])
    assert editor.draft() == editor.draft(FRIDAY) == picked


def test_a_draft_of_another_friday(editor: Editor) -> None:
    assert editor.draft(NEXT).slug == "2026-11-27"
    with pytest.raises(WrongUse, match="2026-11-26 is a Thursday"):
        editor.draft(date(2026, 11, 26))
    assert [digest.slug for digest in editor.all()] == ["2026-11-27"]


def test_after_publication_the_next_draft_is_of_the_week_after(editor: Editor, shortlist: list[int]) -> None:
    editor.draft()
    editor.pick(shortlist[:1])
    editor.publish()
    with pytest.raises(Refused, match="2026-11-20 is published"):
        editor.draft(FRIDAY)
    assert editor.draft().slug == "2026-11-27"
    editor.pick(shortlist[1:2])
    editor.publish()
    assert editor.draft().slug == "2026-12-04"


def test_picks_carry_notes_and_keep_their_order(editor: Editor, shortlist: list[int]) -> None:
    editor.draft()
    digest = editor.pick([shortlist[2], shortlist[0]])
    digest = editor.pick([shortlist[1], shortlist[0]])
    assert order(digest) == [shortlist[2], shortlist[0], shortlist[1]]
    assert digest.picks[0].commentary == "Note 3"
    assert digest == editor.digest()
    assert digest.revision == 3


def test_a_sixth_pick_is_allowed_with_a_warning(editor: Editor, shortlist: list[int]) -> None:
    editor.draft()
    assert len(editor.pick(shortlist).picks) == 6
    assert "count" in [warned.code for warned in editor.lint()]


def test_picking_is_all_or_nothing(editor: Editor, db: Database, shortlist: list[int], clock: StandingClock) -> None:
    before = editor.draft()
    for unknown in (99, 0, -1, 2**63):
        with pytest.raises(NotFound, match=f"no bookmark {unknown}"):
            editor.pick([shortlist[0], unknown])
    with db.write() as tx:
        bookmarks.drop(tx, shortlist[1], at=clock())
    with pytest.raises(Refused, match="was dropped") as refused:
        editor.pick([shortlist[0], shortlist[1]])
    assert "five shortlist https://" in refused.value.hint
    assert editor.digest() == before


def test_unpick_and_move(editor: Editor, shortlist: list[int]) -> None:
    editor.draft()
    editor.pick(shortlist[:4])
    assert order(editor.move(4, 1)) == [shortlist[3], shortlist[0], shortlist[1], shortlist[2]]
    after = editor.unpick(2)
    assert order(after) == [shortlist[3], shortlist[1], shortlist[2]]
    with pytest.raises(WrongUse, match="no pick 4"):
        editor.unpick(4)
    with pytest.raises(WrongUse, match="no pick 9"):
        editor.move(1, 9)
    assert editor.digest() == after


def test_what_changes_nothing_is_no_revision(editor: Editor, shortlist: list[int]) -> None:
    editor.draft()
    picked = editor.pick(shortlist[:2])
    assert editor.pick(shortlist[:2]) == editor.move(1, 1) == editor.replace(picked, expected_revision=2) == picked


def test_with_two_drafts_commands_mean_the_earlier_friday(editor: Editor, shortlist: list[int]) -> None:
    editor.draft(NEXT)
    editor.draft(FRIDAY)
    assert editor.pick(shortlist[:1]).slug == "2026-11-20"
    assert editor.pick(shortlist[1:3], "2026-11-27").slug == "2026-11-27"
    assert editor.publish().slug == "2026-11-20"
    assert editor.digest().slug == editor.editable().slug == "2026-11-27"


def test_a_digest_is_named_by_friday_or_number(editor: Editor, shortlist: list[int]) -> None:
    with pytest.raises(NotFound, match="no digest yet"):
        editor.digest()
    with pytest.raises(NotFound, match="no open draft"):
        editor.pick(shortlist[:1])
    editor.draft()
    editor.pick(shortlist[:1])
    done = editor.publish()
    assert editor.digest("2026-11-20") == editor.digest("1") == editor.digest() == done
    with pytest.raises(NotFound, match="no open draft"):
        editor.publish()


@pytest.mark.parametrize("selector", ["2", "2026-11-27", "2026-02-31", "20261120", "latest", "", "9" * 30, "١"])
def test_an_unknown_digest(editor: Editor, shortlist: list[int], selector: str) -> None:
    editor.draft()
    editor.pick(shortlist[:1])
    editor.publish()
    for verb in (editor.digest, editor.editable, editor.publish, editor.lint):
        with pytest.raises(NotFound, match=f"no digest {selector}"):
            verb(selector)


def test_an_edited_file_replaces_the_draft(editor: Editor, shortlist: list[int]) -> None:
    editor.draft()
    draft = editor.pick(shortlist[:3])
    text = to_markdown(draft).replace("Note 2", "> Word for word\n\nIndeed.")
    saved = editor.replace(from_markdown(text, draft), expected_revision=draft.revision)
    assert (saved.picks[1].quote, saved.picks[1].commentary) == ("Word for word", "Indeed.")
    assert saved.revision == draft.revision + 1
    assert editor.digest() == saved


def test_an_edit_of_an_older_state_is_refused(editor: Editor, shortlist: list[int]) -> None:
    draft = editor.draft()
    picked = editor.pick(shortlist[:1])
    with pytest.raises(Refused, match="changed by somebody else"):
        editor.replace(replace(draft, intro="Mine"), expected_revision=draft.revision)
    assert editor.digest() == picked


def test_an_edit_may_only_pick_bookmarks_that_exist(editor: Editor) -> None:
    draft = editor.draft()
    with pytest.raises(NotFound, match="no bookmark 99"):
        editor.replace(replace(draft, picks=(a_pick(1, bookmark_id=99),)), expected_revision=1)
    assert editor.digest() == draft


def test_publishing_numbers_dates_and_freezes(
    editor: Editor, shortlist: list[int], clock: StandingClock, db: Database, calendar: Calendar
) -> None:
    editor.draft()
    draft = editor.pick(shortlist[:5])
    now = clock.advance(days=2)
    done = editor.publish()
    assert done == replace(draft, status=DigestStatus.PUBLISHED, number=1, published_at=now, revision=3)
    assert editor.digest("2026-11-20") == done
    frozen = {form: editor.rendering("2026-11-20", form) for form in Form}
    assert frozen == plainly(done)
    later = an_editor(db, clock, calendar, render=lambda _digest: dict.fromkeys(Form, "another template"))
    assert {form: later.rendering("2026-11-20", form) for form in Form} == frozen


def test_numbers_go_up(editor: Editor, shortlist: list[int]) -> None:
    for bookmark, friday in zip(shortlist, (NEXT, FRIDAY), strict=False):
        editor.draft(friday)
        editor.pick([bookmark], friday.isoformat())
        editor.publish(friday.isoformat())
    assert [(digest.slug, digest.number) for digest in editor.published()] == [("2026-11-27", 1), ("2026-11-20", 2)]
    assert [digest.slug for digest in editor.published(limit=1)] == ["2026-11-27"]


def test_what_is_published_does_not_change(editor: Editor, shortlist: list[int]) -> None:
    editor.draft()
    editor.pick(shortlist[:2])
    done = editor.publish()
    with pytest.raises(Refused, match="already published, as number 1"):
        editor.publish("1")
    with pytest.raises(Refused, match="already published"):
        editor.check_publishable(done)
    verbs: list[Callable[[], Digest]] = [
        lambda: editor.pick(shortlist[2:3], "1"),
        lambda: editor.unpick(1, "1"),
        lambda: editor.move(1, 2, "1"),
        lambda: editor.editable("1"),
        lambda: editor.replace(replace(done, intro="Other"), expected_revision=done.revision),
    ]
    for verb in verbs:
        with pytest.raises(Refused, match="does not change any more"):
            verb()
    assert editor.digest("1") == done


def test_an_empty_digest_is_not_published(editor: Editor) -> None:
    draft = editor.draft()
    with pytest.raises(Refused, match="no picks"):
        editor.publish()
    assert editor.digest() == draft
    assert editor.published() == ()


def test_a_draft_can_be_seen_before_it_is_frozen(editor: Editor, shortlist: list[int]) -> None:
    editor.draft()
    editor.pick(shortlist[:2])
    assert editor.rendering(None, "markdown") == "markdown: Five for Friday (20/11/2026), number None, 2 picks"


def test_a_change_while_rendering_stops_the_publication(
    editor: Editor, shortlist: list[int], db: Database, clock: StandingClock, calendar: Calendar
) -> None:
    editor.draft()
    editor.pick(shortlist[:2])

    def slowly(digest: Digest) -> Mapping[Form, str]:
        editor.move(1, 2)
        return plainly(digest)

    with pytest.raises(Refused, match="in the meantime"):
        an_editor(db, clock, calendar, render=slowly).publish()
    assert editor.digest().status is DigestStatus.DRAFT
    assert editor.published() == ()


def test_two_publications_at_once_do_not_share_a_number(
    editor: Editor, shortlist: list[int], db: Database, clock: StandingClock, calendar: Calendar
) -> None:
    for bookmark, friday in zip(shortlist, (FRIDAY, NEXT), strict=False):
        editor.draft(friday)
        editor.pick([bookmark], friday.isoformat())

    def slowly(digest: Digest) -> Mapping[Form, str]:
        editor.publish("2026-11-27")
        return plainly(digest)

    with pytest.raises(Refused, match="at the same moment"):
        an_editor(db, clock, calendar, render=slowly).publish("2026-11-20")
    assert [(digest.slug, digest.number) for digest in editor.published()] == [("2026-11-27", 1)]


def test_a_rendering_that_fails_publishes_nothing(
    editor: Editor, shortlist: list[int], db: Database, clock: StandingClock, calendar: Calendar
) -> None:
    editor.draft()
    before = editor.pick(shortlist[:1])

    def badly(_digest: Digest) -> Mapping[Form, str]:
        raise FiveError("no template")

    with pytest.raises(FiveError, match="no template"):
        an_editor(db, clock, calendar, render=badly).publish()
    assert editor.digest() == before


def test_lint_knows_the_piece_the_past_and_the_day(
    editor: Editor, db: Database, clock: StandingClock, shortlist: list[int]
) -> None:
    with db.write() as tx:
        entry = add_entry(tx, follow_a_feed(tx), title="A long story ...", text="We slept. Then we woke.")
        old = datetime(2026, 9, 1, tzinfo=UTC)
        fresh = add_bookmark(tx, entry_id=entry, title="A long story", note="So true.", published_at=old)
        again = add_bookmark(tx, note="Again.", organisation="COUNCIL 1")
    editor.draft(date(2026, 11, 13))
    editor.pick(shortlist[:1], "2026-11-13")
    editor.publish("2026-11-13")
    editor.draft()
    draft = editor.pick([fresh, again, shortlist[0]])
    quoted = tuple(replace(pick, quote="We woke. Then we slept.") for pick in draft.picks)
    editor.replace(replace(draft, intro="Hello.", picks=quoted), expected_revision=draft.revision)
    found = {(warned.code, warned.position) for warned in editor.lint()}
    assert found == {
        ("count", None),
        ("title-cut", 1),
        ("quote-not-found", 1),
        ("old", 1),
        ("organisation-lately", 2),
        ("organisation-lately", 3),
        ("same-organisation", 3),
        ("address-used", 3),
    }


# ------------------------------------------------------------------------------------------------ other formats


def test_a_themed_list(editor: Editor, shortlist: list[int], clock: StandingClock) -> None:
    made = editor.draft(format="themed", title="5 videos to help", bookmark_ids=shortlist[:3], by=None)
    assert (made.format, made.slug, made.title) == (DigestFormat.THEMED, "videos-to-help", "3 videos to help")
    assert (order(made), made.outro, made.number) == (shortlist[:3], "", None)
    assert editor.digest("videos-to-help") == made
    more = editor.draft(format="themed", title="9 videos to help", bookmark_ids=shortlist[3:4])
    assert (more.id, more.title, len(more.picks)) == (made.id, "4 videos to help", 4)
    assert editor.unpick(1, made.slug).title == "3 videos to help"
    clock.advance(days=6)
    done = editor.publish(made.slug)
    assert (done.number, done.friday, done.slug) == (None, date(2026, 11, 24), "videos-to-help")
    again = editor.draft(format="themed", title="2 videos to help")
    assert (again.slug, again.title) == ("videos-to-help-2", "2 videos to help")


@pytest.mark.parametrize("title", ["", "  "])
def test_a_list_has_a_title(editor: Editor, title: str) -> None:
    with pytest.raises(WrongUse, match="needs a title"):
        editor.draft(format="themed", title=title)
    assert editor.all() == ()


def test_a_list_may_be_begun_on_the_day_of_an_edition(
    editor: Editor, clock: StandingClock, shortlist: list[int]
) -> None:
    clock.now = datetime(2026, 11, 20, 8, tzinfo=UTC)
    listed = editor.draft(format="themed", title="Things", bookmark_ids=shortlist[:1])
    edition = editor.draft(bookmark_ids=shortlist[1:2])
    assert listed.friday == edition.friday == FRIDAY
    assert editor.editable() == edition
    assert (editor.publish(listed.slug).number, editor.publish().number) == (None, 1)
    assert editor.draft().slug == "2026-11-27"
    assert [one.slug for one in editor.published(only=DigestFormat.FRIDAY)] == ["2026-11-20"]
    assert {one.slug for one in editor.published()} == {"2026-11-20", "things"}


def test_a_link_post_is_made_once_for_each_bookmark(editor: Editor, db: Database) -> None:
    with db.write() as tx:
        entry = add_entry(tx, follow_a_feed(tx), text="By Tom\n\nWe went out and counted all of the benches we have.")
        bookmark = add_bookmark(tx, entry_id=entry, title="2 benches", note="Lovely.")
        other = add_bookmark(tx, title="2 benches")
    made = editor.link(bookmark)
    assert (made.title, made.slug, made.format) == ('LINK: "2 benches"', "benches", DigestFormat.LINK)
    [pick] = made.picks
    assert (pick.quote, pick.commentary) == ("We went out and counted all of the benches we have.", "Lovely.")
    assert (
        editor.link(bookmark)
        == editor.draft(format="link", bookmark_ids=[bookmark])
        == editor.digest("benches")
        == made
    )
    assert (editor.link(other).slug, editor.link(other).picks[0].quote) == ("benches-2", "")
    with pytest.raises(Refused, match="about one bookmark"):
        editor.pick([other], made.slug)
    done = editor.publish(made.slug)
    assert editor.link(bookmark) == done
    with pytest.raises(WrongUse, match="about one bookmark"):
        editor.draft(format="link", bookmark_ids=[bookmark, other])
    with pytest.raises(NotFound, match="no bookmark 99"):
        editor.link(99)


def test_a_link_post_quotes_what_the_edition_quotes(editor: Editor, shortlist: list[int]) -> None:
    draft = editor.draft(bookmark_ids=shortlist[:2])
    quoted = (replace(draft.picks[0], quote="Word for word."), draft.picks[1])
    editor.replace(replace(draft, picks=quoted), expected_revision=draft.revision)
    assert editor.link(shortlist[0]).picks[0].quote == "Word for word."
    assert editor.link(shortlist[1]).picks[0].quote == ""


def test_only_editions_are_mailed_unless_asked(
    db: Database, clock: StandingClock, calendar: Calendar, shortlist: list[int]
) -> None:
    nobody = Nobody()
    editor = an_editor(db, clock, calendar, audience=nobody)
    editor.publish(editor.draft(format="themed", title="Silent", bookmark_ids=shortlist[:1]).slug)
    editor.publish(editor.link(shortlist[0]).slug)
    assert nobody.frozen == []
    editor.publish(editor.draft(format="themed", title="Loud", bookmark_ids=shortlist[:1]).slug, mail=True)
    editor.publish(editor.draft(bookmark_ids=shortlist[:1]).slug)
    editor.publish(editor.draft(bookmark_ids=shortlist[1:2]).slug, mail=False)
    assert nobody.frozen == ["loud", "2026-11-20"]
    assert nobody.announced == ["silent 0", "page-1 0", "loud 0", "2026-11-20 0", "2026-11-27 0"]


def test_other_publications_get_what_is_published_and_what_is_put_right(
    db: Database, clock: StandingClock, calendar: Calendar, shortlist: list[int]
) -> None:
    nobody = Nobody()
    editor = an_editor(db, clock, calendar, lambda digest: render(digest, a_publication()), audience=nobody)
    editor.draft(bookmark_ids=shortlist[:1])
    done = editor.publish(mail=False)
    editor.correct("1", replace(done, intro="Put right."), "The intro was wrong.")
    assert nobody.announced == ["2026-11-20 0", "2026-11-20 1"]


def test_a_draft_can_be_thrown_away(editor: Editor, shortlist: list[int], db: Database) -> None:
    kept = editor.draft(bookmark_ids=shortlist[:2])
    listed = editor.draft(format="themed", title="A whim", bookmark_ids=shortlist[:3])
    assert editor.discard(listed.slug) == listed
    assert editor.all() == (kept,)
    assert editor.draft(format="themed", title="A whim").picks == ()
    done = editor.publish()
    with pytest.raises(Refused, match="is published"):
        editor.discard(done.slug)
    with pytest.raises(NotFound, match="no digest nothing"):
        editor.discard("nothing")
    assert editor.digest("1") == done
    assert db.problems() == []


# ------------------------------------------------------------------------------------------------ approval


def test_an_approval_is_of_what_was_seen(editor: Editor, shortlist: list[int]) -> None:
    draft = editor.draft(bookmark_ids=shortlist[:2])
    with pytest.raises(Refused, match="changed by somebody else"):
        editor.approve(expected_revision=draft.revision - 1)
    done = editor.approve(expected_revision=draft.revision)
    assert (done.status, done.revision) == (DigestStatus.APPROVED, draft.revision)
    assert editor.draft(FRIDAY) == editor.approve() == editor.digest() == done
    assert editor.withdraw() == draft
    editor.approve()
    assert editor.move(1, 2).status is editor.digest().status is DigestStatus.DRAFT
    with pytest.raises(Refused, match="changed by somebody else"):
        editor.publish(expected_revision=draft.revision)


# ------------------------------------------------------------------------------------------------ corrections


def test_a_correction_keeps_what_was_there_and_the_mail(
    editor: Editor, shortlist: list[int], clock: StandingClock, db: Database, calendar: Calendar
) -> None:
    real = an_editor(db, clock, calendar, render=lambda digest: render(digest, a_publication()))
    real.draft(bookmark_ids=shortlist[:2])
    done = real.publish()
    before = {form: real.rendering("1", form) for form in Form}
    now = clock.advance(days=3)
    edited = replace(done, intro="Other words.", picks=done.picks[:1])
    after = real.correct("1", edited, "The second was *not* ours.")
    assert after == real.digest("1")
    assert (after.status, after.number, after.published_at) == (done.status, 1, done.published_at)
    assert (after.corrections, len(after.picks)) == ((Correction(at=now, note="The second was *not* ours."),), 1)
    now_frozen = {form: real.rendering("1", form) for form in Form}
    for form in (Form.EMAIL_HTML, Form.EMAIL_TEXT):
        assert now_frozen[form] == before[form]
    for form in (Form.PAGE, Form.MARKDOWN, Form.JSON):
        assert "Other words." in now_frozen[form]
    assert "Corrected on <time" in now_frozen[Form.PAGE]
    assert "The second was <em>not</em> ours." in now_frozen[Form.PAGE]
    assert from_json(now_frozen[Form.JSON]) == after
    with db.read() as tx:
        assert [from_json(text) for text in digests.models_before(tx, done.id)] == [done]
    with pytest.raises(Refused, match="changed by somebody else"):
        real.correct("1", edited, "Once more, from an older state.")
    clock.advance(days=1)
    real.correct("1", after, "And thanks to Ann.")
    with db.read() as tx:
        assert [from_json(text) for text in digests.models_before(tx, done.id)] == [done, after]


def test_a_correction_that_cannot_be(editor: Editor, shortlist: list[int]) -> None:
    draft = editor.draft(bookmark_ids=shortlist[:1])
    with pytest.raises(Refused, match="not published yet"):
        editor.correct(draft.slug, draft, "Note")
    with pytest.raises(Refused, match="not published yet"):
        editor.correctable(draft.slug)
    done = editor.publish()
    assert editor.correctable("1") == done
    with pytest.raises(WrongUse, match="needs a note"):
        editor.correct("1", done, "  ")
    with pytest.raises(NotFound, match="no bookmark 99"):
        editor.correct("1", replace(done, picks=(a_pick(1, bookmark_id=99),)), "Note")
    assert editor.digest("1") == done
