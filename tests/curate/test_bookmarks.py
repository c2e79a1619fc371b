"""Bookmarks: any page at once and read later, all of them by words, public or private, this week or the next."""

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from aggregator.clock import Calendar
from aggregator.curate.bookmarks import Bookmarks
from aggregator.curate.desk import Desk
from aggregator.demo.server import FeedServer
from aggregator.errors import BadAddress, NotFound, Refused
from aggregator.model import Kind, Role, Shelf
from aggregator.outbound import Outbound, Response
from aggregator.sandbox import Sandbox
from aggregator.store import curators
from aggregator.store.database import Database
from aggregator.store.schema import picks
from tests.conftest import StandingClock
from tests.curate.test_desk import FRIDAY, LAST_FRIDAY, NEXT_FRIDAY, PAGE
from tests.rows import WEDNESDAY, add_bookmark, add_digest, add_entry, follow_a_feed

HTML = "text/html; charset=utf-8"


@pytest.fixture
def shelf(db: Database, clock: StandingClock, calendar: Calendar, outbound: Outbound, sandbox: Sandbox) -> Bookmarks:
    return Bookmarks(db=db, clock=clock, calendar=calendar, outbound=outbound, sandbox=sandbox)


# --------------------------------------------------------------------------------------------------- any page


async def test_a_page_is_bookmarked_at_once_and_read_later(
    shelf: Bookmarks, desk: Desk, db: Database, server: FeedServer
) -> None:
    server.says("/a", PAGE, content_type=HTML)
    with db.write() as tx:
        ann = curators.add(tx, "ann@example.org", Role.CURATOR, at=WEDNESDAY)
    done = shelf.add(server.url("/a?utm_source=x"), note=" Good. ", by=ann)
    assert (done.is_new, done.warning, server.requests) == (True, None, [])
    held = done.bookmark
    assert (held.url, held.title, held.note) == (server.url("/a"), server.url("/a"), "Good.")
    assert (held.added_by, held.friday, held.visit_at) == (ann, FRIDAY, held.added_at)
    assert await shelf.visit_due() == 1
    read = desk.bookmark(held.id)
    assert (read.title, read.author, read.organisation) == (
        "Weeknotes, 13 November",
        "Jo Smith",
        "Borsetshire Digital",
    )
    assert (read.language, read.published_at) == ("en", datetime(2026, 11, 13, 9, tzinfo=UTC))
    assert (read.note, read.added_by, read.visit_at) == ("Good.", ann, None)
    assert await shelf.visit_due() == 0
    assert [path for path, _ in server.requests] == ["/a"]


async def test_what_a_person_wrote_stays_when_the_page_is_read(
    shelf: Bookmarks, desk: Desk, server: FeedServer
) -> None:
    server.says("/a", PAGE, content_type=HTML)
    held = shelf.add(server.url("/a"), title="Our   own words | Borsetshire Digital").bookmark
    assert held.title == "Our own words | Borsetshire Digital"
    edited = shelf.edit(
        held.id,
        title=held.title,
        author="Somebody",
        organisation="",
        kind=Kind.PODCAST,
        note="N",
        expected_revision=held.revision,
    )
    await shelf.visit_due()
    read = desk.bookmark(held.id)
    assert (read.title, read.author, read.organisation, read.kind, read.note) == (
        "Our own words",
        "Somebody",
        "Borsetshire Digital",
        Kind.PODCAST,
        "N",
    )
    assert read.revision == edited.revision, "reading a page is nobody's change"


@pytest.mark.parametrize(
    ("path", "body", "content_type", "kind"),
    [
        ("/report", b"%PDF-1.7", "application/pdf", Kind.PDF),
        (
            "/careers/7",
            b'<title>A</title><script type="application/ld+json">{"@type": "JobPosting"}</script>',
            HTML,
            Kind.JOB,
        ),
        ("/talk", b'<title>A</title><meta property="og:type" content="video.other">', HTML, Kind.VIDEO),
        ("/post", b"<title>A</title>", HTML, Kind.ARTICLE),
    ],
)
async def test_kinds_come_from_what_the_page_says(
    shelf: Bookmarks, desk: Desk, server: FeedServer, path: str, body: bytes, content_type: str, kind: Kind
) -> None:
    server.says(path, body, content_type=content_type)
    held = shelf.add(server.url(path)).bookmark
    await shelf.visit_due()
    read = desk.bookmark(held.id)
    assert (read.kind, read.visit_at) == (kind, None)


async def test_a_page_that_does_not_answer_is_asked_less_and_less_often_for_a_day(
    shelf: Bookmarks, desk: Desk, server: FeedServer, clock: StandingClock
) -> None:
    server.fails("/a", 503)
    held = shelf.add(server.url("/a"), title="Words").bookmark
    waits = []
    while (at := desk.bookmark(held.id).visit_at) is not None:
        clock.now = at
        assert await shelf.visit_due() == 1
        assert await shelf.visit_due() == 0
        waits.append(at)
    assert [at - waits[0] for at in waits[:4]] == [timedelta(minutes=minutes) for minutes in (0, 10, 20, 40)]
    assert timedelta(days=1) < waits[-1] - waits[0] <= timedelta(days=2)
    assert len(server.requests) == len(waits) == 10
    assert desk.bookmark(held.id).title == "Words"
    assert shelf.add(server.url("/a")).bookmark.visit_at is None, "its title is known"


async def test_adding_again_has_another_look_at_a_page_without_a_title(
    shelf: Bookmarks, desk: Desk, server: FeedServer, clock: StandingClock
) -> None:
    server.gone("/a")
    held = shelf.add(server.url("/a")).bookmark
    await shelf.visit_due()
    assert desk.bookmark(held.id).visit_at is None
    server.says("/a", PAGE, content_type=HTML)
    clock.advance(days=9)
    again = shelf.add(server.url("/a"))
    assert (again.is_new, again.bookmark.visit_at) == (False, clock())
    await shelf.visit_due()
    assert desk.bookmark(held.id).title == "Weeknotes, 13 November"


class Hanging:
    """A way out on which nothing ever comes back."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()

    async def get(self, url: str, *, accept: str) -> Response:
        self.asked.set()
        await asyncio.Event().wait()
        raise AssertionError


async def test_a_reading_that_was_cut_short_is_done_again(
    shelf: Bookmarks,
    desk: Desk,
    db: Database,
    server: FeedServer,
    clock: StandingClock,
    calendar: Calendar,
    sandbox: Sandbox,
) -> None:
    server.says("/a", PAGE, content_type=HTML)
    held = shelf.add(server.url("/a")).bookmark
    hanging = Hanging()
    other = Bookmarks(db=db, clock=clock, calendar=calendar, outbound=hanging, sandbox=sandbox)
    reading = asyncio.create_task(other.visit_due())
    await hanging.asked.wait()
    assert await shelf.visit_due() == 0, "somebody reads it"
    reading.cancel()
    await asyncio.wait([reading])
    clock.advance(minutes=10)
    assert await shelf.visit_due() == 1
    assert desk.bookmark(held.id).title == "Weeknotes, 13 November"


async def test_a_known_page_needs_no_reading(shelf: Bookmarks, db: Database, server: FeedServer) -> None:
    with db.write() as tx:
        entry = add_entry(tx, follow_a_feed(tx, title="Borsetshire"), url=server.url("/a"), title="A post")
    done = shelf.add(server.url("/a/"), title="Other words").bookmark
    assert (done.entry_id, done.title, done.organisation, done.visit_at) == (entry, "A post", "Borsetshire", None)


async def test_a_short_address_that_leads_to_an_entry_takes_what_the_entry_says(
    shelf: Bookmarks, desk: Desk, db: Database, server: FeedServer
) -> None:
    server.moves_to("/short", server.url("/long"), status=302)
    server.says("/long", PAGE, content_type=HTML)
    with db.write() as tx:
        entry = add_entry(tx, follow_a_feed(tx), url=server.url("/long"), title="A post")
    held = shelf.add(server.url("/short"), note="Mine").bookmark
    await shelf.visit_due()
    read = desk.bookmark(held.id)
    assert (read.url, read.entry_id, read.title, read.note) == (server.url("/long"), entry, "A post", "Mine")


async def test_two_addresses_of_one_page_become_one_bookmark_with_both_notes(
    shelf: Bookmarks, desk: Desk, db: Database, server: FeedServer
) -> None:
    server.moves_to("/short", server.url("/long"), status=302)
    server.says("/long", PAGE, content_type=HTML)
    with db.write() as tx:
        other = add_bookmark(tx, url=server.url("/long"), note="Theirs", friday=LAST_FRIDAY)
    held = shelf.add(server.url("/short"), note="Mine").bookmark
    await shelf.visit_due()
    assert [one.id for one in desk.week()] == [other]
    assert desk.bookmark(other).note == "Theirs\n\nMine"
    assert desk.bookmark(held.id).dropped_at is not None


def test_a_note_never_replaces_another(shelf: Bookmarks, db: Database) -> None:
    with db.write() as tx:
        held = add_bookmark(tx, url="https://example.org/a", note="Theirs", dropped_at=WEDNESDAY, friday=LAST_FRIDAY)
    again = shelf.add("https://www.example.org/a/", note="Mine")
    assert (again.bookmark.id, again.bookmark.note) == (held, "Theirs\n\nMine")
    assert again.warning == "Your note is below the one that was there."
    assert (again.bookmark.friday, again.bookmark.dropped_at) == (FRIDAY, None)
    assert shelf.add("https://example.org/a", note="Mine").bookmark.note == "Theirs\n\nMine"
    assert shelf.add("https://example.org/a").bookmark.note == "Theirs\n\nMine"


def test_a_page_that_a_digest_used_stays_there_and_it_is_said(shelf: Bookmarks, db: Database) -> None:
    with db.write() as tx:
        used = add_bookmark(tx, url="https://example.org/a", friday=LAST_FRIDAY)
        add_digest(tx, used, friday=LAST_FRIDAY, status="published", number=1)
    done = shelf.add("https://example.org/a")
    assert done.bookmark.friday == LAST_FRIDAY
    assert "in the digest of 2026-11-13 already" in (done.warning or "")


@pytest.mark.parametrize(
    "address", ["", "example.org", "javascript:alert(1)", "https://a:b@c/", f"https://example.org/{'x' * 2000}"]
)
def test_what_is_no_address_is_refused(shelf: Bookmarks, desk: Desk, address: str) -> None:
    with pytest.raises(BadAddress):
        shelf.add(address)
    assert desk.week() == ()


async def test_a_private_address_is_kept_but_never_asked(shelf: Bookmarks, desk: Desk, clock: StandingClock) -> None:
    held = shelf.add("http://10.0.0.1/wiki", title="Our wiki").bookmark
    await shelf.visit_due()
    assert desk.bookmark(held.id).title == "Our wiki"


def test_a_title_of_a_megabyte_is_cut(shelf: Bookmarks) -> None:
    assert len(shelf.add("https://example.org/a", title="word " * 200_000).bookmark.title) <= 500


# ---------------------------------------------------------------------------------------------------- all of them


def test_all_bookmarks_by_words_and_sort_page_by_keyset(shelf: Bookmarks, db: Database) -> None:
    with db.write() as tx:
        old = add_bookmark(tx, title="100% Potholes", note="", added_at=WEDNESDAY - timedelta(days=400))
        new = add_bookmark(tx, title="Bins", note="Like POTHOLES", organisation="Borsetshire")
        private = add_bookmark(tx, title="Secret", is_public=False)
        dropped = add_bookmark(tx, title="Potholes", dropped_at=WEDNESDAY)

    def found(search: str = "", which: Shelf = Shelf.ALL) -> list[int]:
        return [one.id for one in shelf.all(search=search, shelf=which)]

    assert found() == [private, new, old]
    assert found("potholes") == [new, old]
    assert found("potholes borset") == [new]
    assert found("100%") == [old]
    assert found("_") == []
    assert found("page1.example.org") == [old]
    assert found(which=Shelf.PUBLIC) == [new, old]
    assert found(which=Shelf.PRIVATE) == [private]
    assert found("potholes", Shelf.DROPPED) == [dropped]
    first = shelf.all(limit=2)
    assert [one.id for one in shelf.all(limit=2, after=(first[-1].added_at, first[-1].id))] == [old]


def test_private_bookmarks_are_no_readers_business(shelf: Bookmarks, desk: Desk, db: Database) -> None:
    with db.write() as tx:
        one, other = add_bookmark(tx), add_bookmark(tx)
    assert not shelf.set_public(one, False).is_public
    assert [held.id for held in desk.public_bookmarks()] == [other]
    assert [held.id for held in desk.week()] == [one, other]
    shelf.set_public(other, False)
    assert desk.bookmark_months() == ()
    assert shelf.set_public(one, True).is_public
    assert [held.id for held in desk.bookmarks_of(WEDNESDAY.date())] == [one]


def test_an_edit_is_kept_apart_from_another(shelf: Bookmarks, desk: Desk, db: Database) -> None:
    with db.write() as tx:
        held = add_bookmark(tx, title="Old", note="Old")
    before = desk.bookmark(held)
    words: dict[str, Any] = {"author": " Jo ", "organisation": "Borsetshire", "kind": Kind.JOB}
    saved = shelf.edit(held, title=" New\n title", note=" New. ", expected_revision=1, **words)
    assert saved == replace(
        before,
        title="New title",
        author="Jo",
        organisation="Borsetshire",
        kind=Kind.JOB,
        note="New.",
        revision=2,
    )
    with pytest.raises(Refused, match="Somebody else changed this bookmark"):
        shelf.edit(held, title="Mine", note="Mine", expected_revision=1, **words)
    assert desk.bookmark(held) == saved
    assert shelf.edit(held, title="New title", note="New.", expected_revision=2, **words) == saved, "nothing changed"
    assert shelf.edit(held, expected_revision=2) == saved, "nothing was touched"
    assert shelf.edit(held, title=" ", note="", expected_revision=2, **words).title == before.url
    with pytest.raises(NotFound):
        shelf.edit(99, title="Mine", note="Mine", expected_revision=1, **words)


def test_a_pick_keeps_its_own_copy(shelf: Bookmarks, db: Database) -> None:
    with db.write() as tx:
        held = add_bookmark(tx, title="Old", note="Old")
        add_digest(tx, held)
    shelf.edit(held, title="New", author="", organisation="", kind=Kind.TOOL, note="New", expected_revision=1)
    with db.read() as tx:
        assert tx.execute(picks.select()).one().title == "Old"


# ------------------------------------------------------------------------------------------------------- the week


def test_bookmarks_move_between_weeks(shelf: Bookmarks, desk: Desk, db: Database) -> None:
    with db.write() as tx:
        held = add_bookmark(tx)
        dropped = add_bookmark(tx, dropped_at=WEDNESDAY, friday=LAST_FRIDAY)
    assert shelf.carry_over(held).friday == NEXT_FRIDAY
    assert desk.week() == ()
    assert shelf.carry_over(held).friday == NEXT_FRIDAY, "once, however often"
    assert shelf.bring_back(held).friday == FRIDAY
    assert shelf.bring_back(dropped).dropped_at is None
    assert [one.id for one in desk.week()] == [held, dropped]


def test_what_a_digest_holds_stays_in_its_week(shelf: Bookmarks, desk: Desk, db: Database) -> None:
    with db.write() as tx:
        held = add_bookmark(tx)
        add_digest(tx, held)
    for verb in (shelf.carry_over, shelf.bring_back):
        with pytest.raises(Refused, match="in the digest of 2026-11-20"):
            verb(held)
        with pytest.raises(NotFound):
            verb(99)
    assert desk.bookmark(held).friday == FRIDAY


def test_carrying_over_skips_a_week_that_is_out_already(shelf: Bookmarks, db: Database) -> None:
    with db.write() as tx:
        held = add_bookmark(tx)
        add_digest(tx, friday=NEXT_FRIDAY, status="published", number=1)
    assert shelf.carry_over(held).friday == date(2026, 12, 4)


def test_earlier_picks_of_the_same_source_are_told(shelf: Bookmarks, desk: Desk, db: Database) -> None:
    with db.write() as tx:
        feed = follow_a_feed(tx)
        by_feed = add_bookmark(tx, entry_id=add_entry(tx, feed), friday=LAST_FRIDAY, title="By feed")
        by_name = add_bookmark(tx, friday=LAST_FRIDAY, title="By name")
        add_digest(tx, by_feed, by_name, friday=LAST_FRIDAY, status="published", number=1)
        tx.execute(update(picks).where(picks.c.bookmark_id == by_name).values(organisation="Borsetshire"))
        drafted = add_bookmark(tx, entry_id=add_entry(tx, feed), title="Not out yet")
        add_digest(tx, drafted, friday=NEXT_FRIDAY)
        both = add_bookmark(tx, entry_id=add_entry(tx, feed), organisation="Borsetshire")
        named = add_bookmark(tx, organisation="Borsetshire")
        neither = add_bookmark(tx)
    week = desk.week()
    told = shelf.used_before(week)
    assert {held.id for held in week} >= {both, named, neither}
    assert [pick.title for pick in told[both]] == ["By feed", "By name"]
    assert [(pick.title, pick.slug) for pick in told[named]] == [("By name", "2026-11-13")]
    assert told[neither] == ()
    assert shelf.used_before(()) == {}
