"""A scheduled digest comes out at its hour, once, whatever restarts, changes of the clocks or downtime did.

Eight changes of the clocks, twenty gaps, and a kill -9 at every statement and commit.
"""

import signal
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import insert, select

from aggregator.digest.editor import Editor
from aggregator.errors import FiveError, Refused, WrongUse
from aggregator.model import Digest, DigestStatus, Form
from aggregator.store import digests
from aggregator.store.database import Database, Tx
from aggregator.store.schema_curators import curators
from tests.conftest import StandingClock
from tests.deliver.posting import add_readers, ledger
from tests.digest.scheduled import a_calendar, an_editor_with_readers, as_it_is
from tests.killed import KilledProcess
from tests.rows import add_bookmark

LONDON = ZoneInfo("Europe/London")
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
READERS = 3
Record = Callable[[str, object], None]


@pytest.fixture
def editor(db: Database, clock: StandingClock) -> Editor:
    with db.write() as tx:
        add_readers(tx, READERS)
    return an_editor_with_readers(db, clock)


def begin(editor: Editor, db: Database, friday: date | None = None) -> str:
    """A draft with two picks; its slug."""
    with db.write() as tx:
        two = [add_bookmark(tx, note="A note."), add_bookmark(tx, note="Another.")]
    return editor.draft(friday, bookmark_ids=two).slug


def add_curators(tx: Tx) -> tuple[int, int]:
    """Two people who may approve."""
    for name in ("writer", "second"):
        tx.execute(insert(curators).values(email=f"{name}@example.org", role="editor", created_at=NOON))
    first, second = tx.scalars(select(curators.c.id).order_by(curators.c.id))
    return first, second


def check_out_once(db: Database, slug: str, *, number: int = 1) -> None:
    """It is out, with its number, all its forms, and one delivery for each reader."""
    with db.read() as tx:
        found = digests.by_slug(tx, slug)
        assert found is not None
        assert (found.status, found.number) == (DigestStatus.PUBLISHED, number)
        assert set(digests.frozen(tx, found.id)) == set(Form)
        assert len(ledger(tx, found.id)) == READERS


# ------------------------------------------------------------------------------------------------ its hour


def test_it_comes_out_at_its_hour_and_not_before(editor: Editor, db: Database, clock: StandingClock) -> None:
    slug = begin(editor, db)
    assert editor.schedule().publish_at == NOON
    clock.now = NOON - timedelta(microseconds=1)
    assert editor.publish_due() == ()
    clock.now = NOON
    assert [digest.slug for digest in editor.publish_due()] == [slug]
    assert editor.publish_due() == ()
    check_out_once(db, slug)


# The Sundays on which clocks in London change: two a year.
CHANGES = [
    *(date(2026, 3, 29), date(2026, 10, 25), date(2027, 3, 28), date(2027, 10, 31)),
    *(date(2028, 3, 26), date(2028, 10, 29), date(2029, 3, 25), date(2029, 10, 28)),
]


@pytest.mark.parametrize("sunday", CHANGES)
def test_a_friday_scheduled_before_the_clocks_change_keeps_its_hour_on_the_wall(
    editor: Editor, db: Database, clock: StandingClock, sunday: date, record_property: Record
) -> None:
    clock.now = datetime.combine(sunday - timedelta(days=1), time(20), tzinfo=UTC)
    friday = sunday + timedelta(days=5)
    slug = begin(editor, db, friday)
    editor.schedule(slug)
    came_out = []
    clock.now = datetime.combine(friday, time(9, 59), tzinfo=UTC)
    while clock.now < datetime.combine(friday, time(13), tzinfo=UTC):
        came_out += [clock.now] * len(editor.publish_due())
        clock.advance(minutes=1)
    assert [f"{instant.astimezone(LONDON):%H:%M}" for instant in came_out] == ["12:00"]
    check_out_once(db, slug)
    record_property("hostile", "changes of the clocks and gaps around a publication")


@pytest.mark.parametrize("sunday", CHANGES)
def test_an_hour_that_is_skipped_or_comes_twice_is_met_once(db: Database, clock: StandingClock, sunday: date) -> None:
    with db.write() as tx:
        add_readers(tx, READERS)
    editor = an_editor_with_readers(db, clock, a_calendar(weekday=6, at=time(1, 30)))
    clock.now = datetime.combine(sunday - timedelta(days=3), time(8), tzinfo=UTC)
    slug = begin(editor, db, sunday)
    editor.schedule(slug)
    came_out = []
    clock.now = datetime.combine(sunday, time(), tzinfo=UTC) - timedelta(minutes=30)
    while clock.now < datetime.combine(sunday, time(4), tzinfo=UTC):
        came_out += [clock.now] * len(editor.publish_due())
        clock.advance(minutes=1)
    # In spring 01:30 is no time: an hour and a half after midnight it is 02:30. In autumn it is the first of two.
    on_the_wall = "02:30" if sunday.month == 3 else "01:30"
    assert [f"{instant.astimezone(LONDON):%H:%M}" for instant in came_out] == [on_the_wall]
    assert came_out[0].astimezone(LONDON).fold == 0
    check_out_once(db, slug)


# ------------------------------------------------------------------------------------------------ downtime

# How long before its hour the program went away, and how long after it came back.
GAPS = [
    *((timedelta(seconds=gone), timedelta(seconds=back)) for gone, back in ((0, 0), (1, 1), (59, 59), (60, 61))),
    *((timedelta(minutes=gone), timedelta(minutes=back)) for gone, back in ((5, 5), (59, 61), (0, 90), (30, 600))),
    *((timedelta(hours=gone), timedelta(hours=back)) for gone, back in ((1, 12), (47, 23), (2, 24), (40, -1))),
    *((timedelta(hours=gone), timedelta(hours=24, seconds=back)) for gone, back in ((1, -1), (0, 1), (49, 1), (3, 60))),
    *((timedelta(days=gone), timedelta(days=back)) for gone, back in ((2, 2), (1, 7), (2, 30), (2, 400))),
]


@pytest.mark.parametrize(("gone", "back"), GAPS)
def test_after_a_gap(
    editor: Editor, db: Database, clock: StandingClock, gone: timedelta, back: timedelta, record_property: Record
) -> None:
    slug = begin(editor, db)
    editor.schedule()
    clock.now = max(clock.now, NOON - gone - timedelta(seconds=1))
    assert editor.publish_due() == ()
    clock.now = NOON + back
    editor = an_editor_with_readers(db, clock)  # another process
    is_late = back > timedelta(hours=24)
    editor.publish_due()
    assert [digest.slug for digest, _ in editor.needs_asking()] == ([slug] if is_late else [])
    if is_late:
        assert editor.digest(slug).status is DigestStatus.DRAFT
        editor.publish(slug)
    clock.now = max(clock.now, NOON)
    editor.publish_due()
    assert (editor.publish_due(), editor.needs_asking()) == ((), ())
    check_out_once(db, slug)
    record_property("hostile", "changes of the clocks and gaps around a publication")


def test_gaps_are_twenty() -> None:
    assert len(GAPS) == len(set(GAPS)) == 20
    assert len(set(CHANGES)) == 8


def test_a_late_one_can_be_scheduled_again(editor: Editor, db: Database, clock: StandingClock) -> None:
    slug = begin(editor, db)
    editor.schedule()
    clock.now = NOON + timedelta(days=3)
    assert editor.publish_due() == ()
    [(digest, why)] = editor.needs_asking()
    assert (digest.slug, "more than a day ago" in why) == (slug, True)
    with pytest.raises(WrongUse, match="over already"):
        editor.schedule(slug)
    editor.schedule(slug, clock.now + timedelta(hours=1))
    assert editor.needs_asking() == ()
    clock.advance(hours=1)
    assert len(editor.publish_due()) == 1
    check_out_once(db, slug)


def test_a_clock_that_jumps_back_publishes_nothing_again(editor: Editor, db: Database, clock: StandingClock) -> None:
    slug = begin(editor, db)
    editor.schedule()
    clock.now = NOON
    editor.publish_due()
    for jump in (timedelta(hours=-1), timedelta(days=-3), timedelta(days=3)):
        clock.now = NOON + jump
        assert editor.publish_due() == ()
    clock.now = NOON
    assert editor.publish_due() == ()
    check_out_once(db, slug)


# ------------------------------------------------------------------------------------------------ kills


def test_killed_at_every_statement_and_commit(
    editor: Editor, db: Database, clock: StandingClock, record_property: Record
) -> None:
    process = KilledProcess("tests.digest.publishing_process", db.path)
    events, week = 0, 0
    while week < 2 or week <= events + 1:
        friday = date(2026, 11, 20) + timedelta(weeks=week)
        clock.now = datetime.combine(friday - timedelta(days=1), time(9), tzinfo=UTC)
        slug = begin(editor, db, friday)
        due = editor.schedule(slug).publish_at
        assert due is not None
        if week > 1:
            assert process.does(due, killed_at=week - 1)[1] == -signal.SIGKILL
            record_property("hostile", "kills while publishing")
        seen, ended = process.does(due + timedelta(minutes=1))
        assert ended == 0
        events = seen if week == 1 else events  # the first of all sets up what the others find
        check_out_once(db, slug, number=week + 1)
        week += 1
    process.ends()
    assert events > 10
    assert db.problems() == []


# ------------------------------------------------------------------------------------------------ who and what


def test_a_scheduled_digest_may_still_be_written(editor: Editor, db: Database, clock: StandingClock) -> None:
    begin(editor, db)
    scheduled = editor.schedule()
    edited = editor.replace(replace(scheduled, intro="Later words."), expected_revision=scheduled.revision)
    assert (edited.publish_at, edited.status) == (NOON, DigestStatus.DRAFT)
    clock.now = NOON
    [done] = editor.publish_due()
    assert done.intro == "Later words."


def test_unscheduled_it_waits(editor: Editor, db: Database, clock: StandingClock) -> None:
    begin(editor, db)
    editor.schedule()
    assert editor.unschedule().publish_at is None
    clock.now = NOON
    assert (editor.publish_due(), editor.needs_asking()) == ((), ())


def test_without_the_second_person_it_waits_and_says_so(db: Database, clock: StandingClock) -> None:
    with db.write() as tx:
        add_readers(tx, READERS)
        writer, second = add_curators(tx)
    editor = an_editor_with_readers(db, clock, second_approver=True)
    slug = begin(editor, db)
    with pytest.raises(Refused, match="not approved yet"):
        editor.schedule(by=writer)
    with pytest.raises(Refused, match="not approved yet"):
        editor.publish(by=writer)
    editor.approve(by=second)
    with pytest.raises(Refused, match="approved by you"):
        editor.schedule(by=second)
    editor.schedule(by=writer)
    changed = editor.move(1, 2, by=writer)
    assert (changed.status, changed.approved_by, changed.publish_at) == ("draft", None, NOON)
    clock.now = NOON
    assert editor.publish_due() == ()
    [(_, why)] = editor.needs_asking()
    assert "not approved" in why
    with pytest.raises(Refused, match="last changed by you"):
        editor.approve(by=writer)
    assert editor.approve(by=second).approved_at == NOON
    assert len(editor.publish_due()) == 1
    check_out_once(db, slug)


def test_one_that_fails_does_not_stop_the_next(
    db: Database, editor: Editor, clock: StandingClock, caplog: pytest.LogCaptureFixture
) -> None:
    first, second = begin(editor, db), begin(editor, db, date(2026, 11, 27))
    for slug in (first, second):
        editor.schedule(slug, NOON)

    def badly(digest: Digest) -> Mapping[Form, str]:
        if digest.slug == first:
            raise FiveError("No template.", "Bring it back.")
        return as_it_is(digest)

    clock.now = NOON
    assert [done.slug for done in an_editor_with_readers(db, clock, render=badly).publish_due()] == [second]
    assert f"{first} was not published: No template. Bring it back." in caplog.text
    assert editor.needs_asking() == ()
    clock.advance(minutes=10)
    [(digest, why)] = editor.needs_asking()
    assert (digest.slug, "its log says what is wrong" in why) == (first, True)
    assert [done.slug for done in editor.publish_due()] == [first]
    check_out_once(db, first, number=2)


def test_it_stops_when_asked(db: Database, editor: Editor, clock: StandingClock) -> None:
    begin(editor, db)
    editor.schedule()
    clock.now = NOON
    assert editor.publish_due(lambda: True) == ()
    assert len(editor.publish_due(lambda: False)) == 1


def test_a_list_says_its_own_hour_and_is_not_mailed(db: Database, editor: Editor, clock: StandingClock) -> None:
    with db.write() as tx:
        three = [add_bookmark(tx, note="A note.") for _ in range(3)]
    made = editor.draft(format="themed", title="5 talks", bookmark_ids=three)
    with pytest.raises(WrongUse, match="no Friday of its own"):
        editor.schedule(made.slug)
    at = clock.now + timedelta(days=5)
    editor.schedule(made.slug, at)
    clock.now = at
    [done] = editor.publish_due()
    assert (done.title, done.number, done.friday) == ("3 talks", None, date(2026, 11, 23))
    with db.read() as tx:
        assert ledger(tx, done.id) == {}
