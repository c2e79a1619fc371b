"""A curator's week: read, shortlist, note, drop, dismiss."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import update

from aggregator.curate.desk import Desk
from aggregator.demo.server import FeedServer
from aggregator.errors import BadAddress, NotFound, Refused
from aggregator.model import Kind
from aggregator.store.database import Database
from aggregator.store.schema import entries
from tests.conftest import StandingClock
from tests.rows import WEDNESDAY, add_bookmark, add_digest, add_entry, follow_a_feed

FRIDAY = date(2026, 11, 20)
NEXT_FRIDAY = date(2026, 11, 27)
LAST_FRIDAY = date(2026, 11, 13)

PAGE = """<!doctype html><html lang="en"><head>
<title>Weeknotes, 13 November | Borsetshire Digital</title>
<meta property="og:site_name" content="Borsetshire Digital">
<meta name="author" content="Jo Smith">
<meta property="article:published_time" content="2026-11-13T09:00:00+00:00">
</head><body><p>We learnt.</p></body></html>"""


# ------------------------------------------------------------------------------------------------------ the inbox


def test_the_inbox_is_this_weeks(desk: Desk, db: Database) -> None:
    with db.write() as tx:
        feed = follow_a_feed(tx)
        add_entry(tx, feed, first_seen_at=datetime(2026, 11, 13, 8, 59, tzinfo=UTC))
        new = add_entry(tx, feed, first_seen_at=datetime(2026, 11, 13, 9, tzinfo=UTC))
    assert [line.id for line in desk.inbox()] == [new]
    assert [line.id for line in desk.inbox(since=datetime(2026, 11, 1, tzinfo=UTC))] == [new, new - 1]


def test_what_comes_after_an_early_digest_waits_for_the_next(desk: Desk, db: Database, clock: StandingClock) -> None:
    out_at = clock.now
    with db.write() as tx:
        feed = follow_a_feed(tx)
        add_entry(tx, feed, first_seen_at=out_at - timedelta(minutes=1))
        after = add_entry(tx, feed, first_seen_at=out_at + timedelta(minutes=1))
        add_digest(tx, friday=FRIDAY, status="published", number=1, published_at=out_at)
    assert [line.id for line in desk.inbox()] == [after]
    assert desk.waiting(most=9) == 1


def test_an_entry_shortlisted_or_dismissed_has_left_the_inbox(desk: Desk, db: Database) -> None:
    with db.write() as tx:
        feed = follow_a_feed(tx)
        one, two, three = (add_entry(tx, feed) for _ in range(3))
    desk.dismiss([one, two])
    assert [line.id for line in desk.inbox()] == [three]


def test_search_looks_everywhere_but_not_for_nothing(desk: Desk, db: Database) -> None:
    with db.write() as tx:
        feed = follow_a_feed(tx)
        old = add_entry(tx, feed, title="Potholes", first_seen_at=WEDNESDAY - timedelta(days=400))
        new = add_entry(tx, feed, title="Potholes", dismissed_at=WEDNESDAY)
        left = add_entry(tx, feed)
    assert [line.id for line in desk.inbox(search="potholes")] == [new, old]
    assert [line.id for line in desk.inbox(search="potholes", since=WEDNESDAY)] == [new]
    assert [line.id for line in desk.inbox(search="  ")] == [left]
    assert desk.inbox(search="?!") == ()


def test_pages_follow_each_other(desk: Desk, db: Database) -> None:
    with db.write() as tx:
        feed = follow_a_feed(tx)
        one, two, three = (add_entry(tx, feed) for _ in range(3))
    first = desk.inbox(limit=2)
    assert [line.id for line in first] == [three, two]
    assert [line.id for line in desk.inbox(after=(first[-1].first_seen_at, two))] == [one]


def test_an_entry_is_shown_whole_or_missed_plainly(desk: Desk, db: Database) -> None:
    with db.write() as tx:
        feed = follow_a_feed(tx)
        entry = add_entry(tx, feed, text="All of it.")
    assert desk.entry(entry).text == "All of it."
    for missing in (entry + 1, 0, -1, 2**70):
        with pytest.raises(NotFound, match=f"no entry {missing}"):
            desk.entry(missing)


def test_dismissing_takes_twins_along_or_nothing_at_all(desk: Desk, db: Database) -> None:
    with db.write() as tx:
        feed = follow_a_feed(tx)
        leader = add_entry(tx, feed)
        twin = add_entry(tx, follow_a_feed(tx), piece_id=leader)
        other = add_entry(tx, feed)
    with pytest.raises(NotFound):
        desk.dismiss([other, 99])
    assert desk.entry(other).dismissed_at is None
    desk.dismiss([twin])
    assert desk.entry(leader).dismissed_at == desk.entry(twin).dismissed_at == datetime(2026, 11, 18, 10, tzinfo=UTC)


# ------------------------------------------------------------------------------------------------------- the week


def test_fridays_that_are_published_are_over(desk: Desk, db: Database, clock: StandingClock) -> None:
    assert desk.current_friday() == FRIDAY
    clock.now = datetime(2026, 11, 20, 23, 59, tzinfo=UTC)
    assert desk.current_friday() == FRIDAY
    with db.write() as tx:
        add_digest(tx)
    assert desk.current_friday() == FRIDAY
    with db.write() as tx:
        add_digest(tx, friday=NEXT_FRIDAY, status="published", number=1, published_at=clock.now)
    assert desk.current_friday() == FRIDAY
    with db.write() as tx:
        add_digest(tx, friday=date(2026, 12, 4), status="published", number=2, published_at=clock.now)
    clock.now = datetime(2026, 11, 21, tzinfo=UTC)
    assert desk.current_friday() == date(2026, 12, 11)


async def test_the_week_is_its_shortlist(desk: Desk, db: Database) -> None:
    with db.write() as tx:
        entry = add_entry(tx, follow_a_feed(tx))
        before = add_bookmark(tx, friday=LAST_FRIDAY)
    done = await desk.shortlist(entry)
    assert desk.week() == (done.bookmark,)
    assert [held.id for held in desk.week(LAST_FRIDAY)] == [before]


# ------------------------------------------------------------------------------------------------ from an entry


async def test_an_entry_becomes_a_bookmark_with_its_own_copy(desk: Desk, db: Database) -> None:
    with db.write() as tx:
        feed = follow_a_feed(tx, title="Borsetshire")
        url = "https://blog.example.org/a/?utm_source=rss"
        entry = add_entry(tx, feed, url=url, title="A… | Borsetshire", author="Jo", language="cy")
    done = await desk.shortlist(entry, " Good. ")
    assert done.is_new
    assert done.warning is None
    held = done.bookmark
    assert (held.url, held.title, held.author, held.organisation) == (
        "https://blog.example.org/a/",
        "A",
        "Jo",
        "Borsetshire",
    )
    assert (held.note, held.kind, held.language) == ("Good.", Kind.ARTICLE, "cy")
    assert (held.entry_id, held.feed_id, held.friday) == (entry, feed, FRIDAY)
    assert held.published_at == WEDNESDAY - timedelta(hours=2)
    with db.write() as tx:
        tx.execute(update(entries).values(title="B", content_hash="changed"))
    assert desk.bookmark(held.id) == replace(held, source_changed=True)


async def test_a_feeds_own_name_is_no_author(desk: Desk, db: Database) -> None:
    with db.write() as tx:
        entry = add_entry(tx, follow_a_feed(tx, title="Borsetshire"), author="borsetshire")
    assert (await desk.shortlist(entry)).bookmark.author is None


async def test_the_same_page_twice_is_one_bookmark(desk: Desk, db: Database) -> None:
    with db.write() as tx:
        first, second = follow_a_feed(tx), follow_a_feed(tx)
        leader = add_entry(tx, first, url="https://blog.example.org/a/")
        twin = add_entry(tx, second, url="https://planet.example.org/a/", piece_id=leader)
    one = await desk.shortlist(twin, "Good.")
    assert one.bookmark.entry_id == leader
    for same in (leader, "https://www.blog.example.org/a?utm_source=x", "https://planet.example.org/a#top"):
        again = await desk.shortlist(same)
        assert not again.is_new
        assert again.bookmark == one.bookmark
    assert (await desk.shortlist(leader, "Better.")).bookmark == replace(one.bookmark, note="Better.", revision=2)
    assert (await desk.shortlist(leader, "Better.")).bookmark.revision == 2
    assert (await desk.shortlist(leader, "")).bookmark == replace(one.bookmark, note="", revision=3)
    assert desk.inbox() == ()


async def test_an_entry_that_moved_keeps_its_bookmark(desk: Desk, db: Database) -> None:
    with db.write() as tx:
        entry = add_entry(tx, follow_a_feed(tx))
    one = await desk.shortlist(entry)
    with db.write() as tx:
        tx.execute(update(entries).values(url="https://new.example.org/", canonical_url="https://new.example.org/"))
    assert (await desk.shortlist(entry)).bookmark.id == one.bookmark.id


async def test_another_entry_at_a_bookmarked_address_is_judged_too(desk: Desk, db: Database) -> None:
    with db.write() as tx:
        feed = follow_a_feed(tx)
        one, two = (add_entry(tx, feed, url=f"https://blog.example.org/changes#{n}") for n in (1, 2))
    first = await desk.shortlist(one)
    assert [line.id for line in desk.inbox()] == [two]
    assert (await desk.shortlist(two)).bookmark == first.bookmark
    assert desk.inbox() == ()


async def test_a_piece_without_an_address_is_refused_unless_a_twin_has_one(desk: Desk, db: Database) -> None:
    with db.write() as tx:
        leader = add_entry(tx, follow_a_feed(tx), url=None, title="Lost")
    with pytest.raises(Refused, match="no address to link to: Lost"):
        await desk.shortlist(leader)
    with pytest.raises(NotFound):
        await desk.shortlist(leader + 1)
    assert desk.week() == ()
    with db.write() as tx:
        add_entry(tx, follow_a_feed(tx), url="https://twin.example.org/a", piece_id=leader)
    assert (await desk.shortlist(leader)).bookmark.url == "https://twin.example.org/a"


# ------------------------------------------------------------------------------------------- from any address


async def test_any_page_is_bookmarked_by_what_its_head_says(desk: Desk, server: FeedServer) -> None:
    server.says("/a", PAGE, content_type="text/html; charset=utf-8")
    done = await desk.shortlist(server.url("/a?utm_medium=social"), "From a talk.")
    held = done.bookmark
    assert (done.is_new, done.warning) == (True, None)
    assert held.url == server.url("/a")
    assert held.title == "Weeknotes, 13 November"
    assert (held.author, held.organisation, held.language) == ("Jo Smith", "Borsetshire Digital", "en")
    assert held.published_at == datetime(2026, 11, 13, 9, tzinfo=UTC)
    assert (held.note, held.entry_id, held.friday) == ("From a talk.", None, FRIDAY)
    again = await desk.shortlist(server.url("/a/"))
    assert again.bookmark == held
    assert [path for path, _ in server.requests] == ["/a"]


async def test_an_address_that_leads_to_a_known_page_is_that_page(desk: Desk, db: Database, server: FeedServer) -> None:
    server.moves_to("/short", server.url("/long"), status=302)
    server.says("/long", PAGE, content_type="text/html")
    with db.write() as tx:
        entry = add_entry(tx, follow_a_feed(tx), url=server.url("/long/"))
    assert (await desk.shortlist(server.url("/short"))).bookmark.entry_id == entry


@pytest.mark.parametrize(
    ("canonical", "path"),
    [("/2026/a/?utm_source=x", "/2026/a/"), ("/", "/?p=1"), ("https://elsewhere.example.org/a", "/?p=1")],
)
async def test_a_pages_own_address_is_believed_on_its_own_host(
    desk: Desk, server: FeedServer, canonical: str, path: str
) -> None:
    own = canonical if "://" in canonical else server.url(canonical)
    body = PAGE.replace("<title>", f'<link rel="canonical" href="{own}"><title>')
    server.says("/?p=1", body, content_type="text/html")
    assert (await desk.shortlist(server.url("/?p=1"))).bookmark.url == server.url(path)


async def test_a_page_that_cannot_be_read_is_bookmarked_all_the_same(desk: Desk, server: FeedServer) -> None:
    server.drops("/drops")
    server.gone("/gone")
    server.says("/report.pdf", b"%PDF-1.7", content_type="application/pdf")
    server.says("/untitled", "<p>Hello", content_type="text/html")
    for path, reason in [("/drops", "127.0.0.1"), ("/gone", "410"), ("/report.pdf", "pdf"), ("/untitled", "no title")]:
        done = await desk.shortlist(server.url(path), "Good.")
        assert done.is_new
        assert (done.bookmark.title, done.bookmark.note) == (server.url(path), "Good.")
        assert done.warning is not None
        assert reason in done.warning
        assert "shortlist it again" in done.warning
    assert len(desk.week()) == 4


async def test_shortlisting_again_has_another_look_at_a_page_without_a_title(desk: Desk, server: FeedServer) -> None:
    server.fails("/a", 503)
    first = await desk.shortlist(server.url("/a"), "Good.")
    server.moves_to("/a", server.url("/b"), status=302)
    server.says("/b", PAGE, content_type="text/html")
    again = await desk.shortlist(server.url("/a"))
    assert (again.is_new, again.warning) == (False, None)
    assert again.bookmark.id == first.bookmark.id
    assert (again.bookmark.title, again.bookmark.note) == ("Weeknotes, 13 November", "Good.")
    assert again.bookmark.url == server.url("/b")


async def test_an_entry_that_comes_after_its_bookmark_joins_it(desk: Desk, db: Database, server: FeedServer) -> None:
    server.says("/a", PAGE, content_type="text/html")
    done = await desk.shortlist(server.url("/a"))
    with db.write() as tx:
        entry = add_entry(tx, follow_a_feed(tx), url=server.url("/a"), title="Other words")
    assert desk.inbox() == ()
    joined = (await desk.shortlist(server.url("/a"))).bookmark
    assert joined == replace(done.bookmark, entry_id=entry, feed_id=joined.feed_id)
    assert joined.feed_id is not None


@pytest.mark.parametrize("address", ["ftp://example.org/a", "javascript:alert(1)", "example.org", "", "https://a:b@c/"])
async def test_what_is_no_address_is_refused(desk: Desk, address: str) -> None:
    with pytest.raises(BadAddress):
        await desk.shortlist(address)
    assert desk.week() == ()


async def test_an_address_that_the_guard_refuses_is_kept_but_never_asked(desk: Desk) -> None:
    done = await desk.shortlist("http://10.0.0.1/wiki")
    assert done.bookmark.title == "http://10.0.0.1/wiki"
    assert done.warning is not None


# ---------------------------------------------------------------------------------------- what becomes of them


async def test_dropped_and_unused_bookmarks_come_back_to_this_week(desk: Desk, db: Database) -> None:
    with db.write() as tx:
        dropped = add_bookmark(tx, dropped_at=WEDNESDAY)
        unused = add_bookmark(tx, friday=LAST_FRIDAY, note="Keep.")
    for held in (dropped, unused):
        done = await desk.shortlist(desk.bookmark(held).url)
        assert (done.is_new, done.warning) == (False, None)
        assert (done.bookmark.friday, done.bookmark.dropped_at) == (FRIDAY, None)
    assert {held.id for held in desk.week()} == {dropped, unused}
    assert desk.bookmark(unused).note == "Keep."


async def test_a_used_bookmark_stays_where_it_was_used(desk: Desk, db: Database) -> None:
    with db.write() as tx:
        used = add_bookmark(tx, friday=LAST_FRIDAY)
        add_digest(tx, used, friday=LAST_FRIDAY, status="published", number=1)
        here = add_bookmark(tx)
        add_digest(tx, here)
    done = await desk.shortlist(desk.bookmark(used).url)
    assert done.bookmark.friday == LAST_FRIDAY
    assert done.warning is not None
    assert "2026-11-13" in done.warning
    assert (await desk.shortlist(desk.bookmark(here).url)).warning is None
    assert [held.id for held in desk.week()] == [here]


def test_notes_and_drops(desk: Desk, db: Database) -> None:
    with db.write() as tx:
        held = add_bookmark(tx)
        picked = add_bookmark(tx)
        add_digest(tx, picked)
    assert desk.note(held, " *Good.*\n").note == "*Good.*"
    assert desk.drop(held).dropped_at == datetime(2026, 11, 18, 10, tzinfo=UTC)
    with pytest.raises(Refused, match="in the digest of 2026-11-20"):
        desk.drop(picked)
    for missing in (99, 2**70):
        for verb in (desk.bookmark, desk.drop, lambda missing: desk.note(missing, "x")):
            with pytest.raises(NotFound, match=f"no bookmark {missing}"):
                verb(missing)
    assert [bookmark.id for bookmark in desk.public_bookmarks()] == [picked]


def test_public_bookmarks_page_by_keyset(desk: Desk, db: Database) -> None:
    with db.write() as tx:
        one, two, three = (add_bookmark(tx) for _ in range(3))
    first = desk.public_bookmarks(limit=2)
    assert [held.id for held in first] == [three, two]
    assert [held.id for held in desk.public_bookmarks(after=(first[-1].added_at, two))] == [one]


async def test_what_an_entry_encloses_is_what_it_is_unless_its_address_says_more(db: Database, desk: Desk) -> None:
    with db.write() as tx:
        feed = follow_a_feed(tx)
        episode = add_entry(tx, feed, kind="podcast")
        talk = add_entry(tx, feed, kind="podcast", url="https://www.youtube.com/watch?v=abc")
        post = add_entry(tx, feed)
    assert desk.entry(episode).kind is Kind.PODCAST
    kinds = [(await desk.shortlist(entry)).bookmark.kind for entry in (episode, talk, post)]
    assert kinds == [Kind.PODCAST, Kind.VIDEO, Kind.ARTICLE]
