"""Following feeds.opml: what is new is followed, what was taken out is paused, and bad input changes nothing."""

import stat
from pathlib import Path

import pytest
from sqlalchemy import update

from aggregator.errors import BadListing, NotFound, Refused
from aggregator.feeds import opml
from aggregator.feeds.discover import Candidate
from aggregator.locks import hold
from aggregator.model import Feed, FeedStatus
from aggregator.store import feeds as store
from aggregator.store.database import Database
from aggregator.store.schema import feeds
from tests.conftest import StandingClock
from tests.following.conftest import Room
from tests.rows import add_entry

A = '<outline text="A" xmlUrl="https://a.example/feed"/>'
B = '<outline text="B" xmlUrl="https://b.example/feed"/>'
NEW = "https://new.example/feed"
PLAIN = '<outline text="P" htmlUrl="https://p.example/"/>'


def listing(*outlines: str) -> str:
    inside = "".join(f"      {outline}\n" for outline in outlines)
    return (
        f'<opml version="2.0">\n  <body>\n    <outline text="Councils">\n{inside}    </outline>\n  </body>\n</opml>\n'
    )


def titles(feeds: tuple[Feed, ...]) -> list[str]:
    return [feed.title for feed in feeds]


def a_candidate(url: str = "https://new.example/feed") -> Candidate:
    return Candidate(url=url, title="New", kind_of_feed="RSS", entries=3, html_url="https://new.example/")


async def test_what_is_new_is_followed_and_due_at_once(room: Room, clock: StandingClock) -> None:
    room.file.write_text(listing(A, PLAIN, B))
    report = room.follow.sync()
    assert titles(report.followed) == ["A", "B"]
    assert (report.resumed, report.paused, report.updated, report.unchanged, report.without_feed) == ((), (), (), 0, 1)
    first = room.follow.feeds()[0]
    assert (first.kind, first.next_poll_at, first.next_poll_reason) == ("Councils", clock(), "never polled yet")
    assert first.status is FeedStatus.ACTIVE


async def test_following_the_same_file_again_changes_nothing(room: Room) -> None:
    room.file.write_text(listing(A, B))
    room.follow.sync()
    before = room.follow.feeds()
    report = room.follow.sync()
    assert (report.followed, report.resumed, report.paused, report.updated, report.unchanged) == ((), (), (), (), 2)
    assert room.follow.feeds() == before


async def test_what_is_taken_out_is_paused_with_its_entries_and_comes_back(room: Room, db: Database) -> None:
    room.file.write_text(listing(A, B))
    followed = room.follow.sync().followed
    with db.write() as tx:
        add_entry(tx, followed[0].id)
    room.file.write_text(listing(B))
    assert titles(room.follow.sync().paused) == ["A"]
    assert room.follow.sync().paused == ()
    assert room.follow.feed("https://a.example/feed").status is FeedStatus.PAUSED
    room.file.write_text(listing(A, B))
    assert titles(room.follow.sync().resumed) == ["A"]
    assert room.follow.feed("https://a.example/feed") == followed[0]
    assert db.problems() == []


async def test_new_words_and_a_new_address_are_taken_over(room: Room) -> None:
    room.file.write_text(listing(A, B))
    ids = [feed.id for feed in room.follow.sync().followed]
    room.file.write_text(listing(A.replace('"A"', '"Z"'), B.replace("https:", "http:")))
    report = room.follow.sync()
    assert [(feed.title, feed.xml_url) for feed in report.updated] == [
        ("B", "http://b.example/feed"),
        ("Z", "https://a.example/feed"),
    ]
    assert sorted(feed.id for feed in room.follow.feeds()) == ids
    assert report.unchanged == 0


async def test_what_is_gone_stays_gone_while_it_is_listed(room: Room, db: Database) -> None:
    room.file.write_text(listing(A))
    (feed,) = room.follow.sync().followed
    with db.write() as tx:
        store.set_status(tx, [feed.id], FeedStatus.GONE)
    assert room.follow.sync().unchanged == 1
    assert room.follow.feed("1").status is FeedStatus.GONE


async def test_of_two_listings_of_a_feed_the_first_counts_and_the_second_is_reported(room: Room) -> None:
    room.file.write_text(listing(A, A.replace('"A"', '"Again"'), B))
    report = room.follow.sync()
    assert titles(report.followed) == ["A", "B"]
    assert [problem.line for problem in report.problems] == [5]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "empty"),
        ("no XML", "well-formed"),
        ("<rss/>", "not OPML"),
        (listing(B, '<outline text="C" xmlUrl="file:///etc/passwd"/>'), "Line 5"),
        (listing(B, '<outline text="C" type="rss"/>', '<outline xmlUrl="https://d.example/"/>'), "2 problems"),
    ],
)
async def test_a_bad_file_is_refused_whole(room: Room, text: str, says: str) -> None:
    room.file.write_text(listing(A))
    room.follow.sync()
    before = room.follow.feeds()
    room.file.write_text(text)
    with pytest.raises(BadListing, match=says) as refused:
        room.follow.sync()
    assert str(room.file) in refused.value.what
    assert refused.value.hint
    assert room.follow.feeds() == before


async def test_a_missing_file_and_a_folder_are_named(room: Room, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"feeds\.opml is not there"):
        room.follow.sync()
    with pytest.raises(BadListing, match="cannot be read"):
        room.follow.check(tmp_path)


async def test_another_file_may_be_followed_and_checked(room: Room, tmp_path: Path) -> None:
    other = tmp_path / "other.opml"
    other.write_text(listing(A, PLAIN.replace("htmlUrl", "url")))
    assert [problem.line for problem in room.follow.check(other)] == [5]
    other.write_text(listing(A))
    assert room.follow.check(other) == ()
    assert titles(room.follow.sync(other).followed) == ["A"]


async def test_a_feed_is_found_by_id_and_by_address(room: Room) -> None:
    room.file.write_text(listing(A, B))
    first, second = room.follow.sync().followed
    assert room.follow.feed(str(first.id)) == first
    assert room.follow.feed("https://b.example/feed") == second
    assert room.follow.feed("http://www.b.example/feed/") == second
    for unknown in ("99", "9" * 30, "https://c.example/feed", "²", ""):
        with pytest.raises(NotFound):
            room.follow.feed(unknown)


async def test_what_is_exported_can_be_followed_and_changes_nothing(room: Room, tmp_path: Path) -> None:
    room.file.write_text(listing(A, B))
    room.follow.sync()
    room.file.write_text(listing(B))
    room.follow.sync()
    exported = tmp_path / "exported.opml"
    exported.write_text(room.follow.export())
    assert [found.title for found in opml.read(room.follow.export())] == ["B"]
    report = room.follow.sync(exported)
    assert (report.followed, report.resumed, report.paused, report.updated, report.unchanged) == ((), (), (), (), 1)


# ------------------------------------------------------------------------------------------------------- adding


async def test_adding_writes_one_line_and_follows(room: Room, clock: StandingClock) -> None:
    room.file.write_text(listing(A, PLAIN))
    room.file.chmod(0o640)
    feed = room.follow.add(a_candidate(), title="New\u202e blog", kind="Councils", region="Wales")
    line = (
        '      <outline text="New blog" title="New blog" type="rss" xmlUrl="https://new.example/feed"'
        ' htmlUrl="https://new.example/" xmlns:five="urn:five-for-friday:opml" five:region="Wales"'
        ' five:confidence="read when it was added"/>\n'
    )
    assert room.file.read_text() == listing(A, PLAIN).replace(f"      {PLAIN}\n", f"{line}      {PLAIN}\n")
    assert stat.S_IMODE(room.file.stat().st_mode) == 0o640
    assert (feed.title, feed.kind, feed.region, feed.status) == ("New blog", "Councils", "Wales", FeedStatus.ACTIVE)
    assert (feed.next_poll_at, feed.next_poll_reason) == (clock(), "never polled yet")
    assert [one.name for one in room.file.parent.iterdir() if "opml" in one.name] == ["feeds.opml"]
    report = room.follow.sync()
    assert (titles(report.followed), report.unchanged) == (["A"], 1)


async def test_adding_pauses_nothing_that_is_not_listed(room: Room) -> None:
    room.file.write_text(listing(A))
    room.follow.sync()
    room.file.write_text(listing())
    room.follow.add(a_candidate(), title="", kind="Press")
    assert [(feed.title, feed.status) for feed in room.follow.feeds()] == [
        ("A", FeedStatus.ACTIVE),
        ("New", FeedStatus.ACTIVE),
    ]


async def test_adding_what_is_paused_resumes_it(room: Room) -> None:
    room.file.write_text(listing(A))
    (before,) = room.follow.sync().followed
    room.file.write_text(listing())
    room.follow.sync()
    after = room.follow.add(a_candidate("https://a.example/feed"), title="A again", kind="Councils")
    assert (after.id, after.title, after.status) == (before.id, "A again", FeedStatus.ACTIVE)


async def test_the_file_is_made_when_there_is_none(room: Room) -> None:
    room.follow.add(a_candidate(), title="", kind="Press")
    assert opml.problems(opml.read(room.file.read_bytes())) == ()
    assert room.follow.sync().unchanged == 1


async def test_a_link_to_the_file_stays_a_link(room: Room, tmp_path: Path) -> None:
    real = tmp_path / "real.opml"
    real.write_bytes(listing(A).replace("\n", "\r\n").encode())
    room.file.symlink_to(real)
    room.follow.add(a_candidate(), title="", kind="Councils")
    assert room.file.is_symlink()
    assert real.read_bytes().count(b"\r\n") == real.read_bytes().count(b"\n") == listing(A).count("\n") + 1


async def test_what_is_listed_already_is_refused(room: Room) -> None:
    room.file.write_text(listing(A))
    with pytest.raises(Refused, match="line 4"):
        room.follow.add(a_candidate("http://a.example/feed/"), title="", kind="Press")
    assert room.file.read_text() == listing(A)
    assert room.follow.feeds() == ()


async def test_where_a_listed_feed_has_moved_to_is_refused_beside_it_and_taken_over_in_its_place(
    room: Room, db: Database, clock: StandingClock
) -> None:
    room.file.write_text(listing(A, B))
    feed = room.follow.sync().followed[0]
    with db.write() as tx:
        tx.execute(update(feeds).where(feeds.c.id == feed.id).values(moved_to=NEW, moved_since=clock()))
    with pytest.raises(Refused, match=r"where “A” has moved to, which is listed as https://a\.example/feed"):
        room.follow.add(a_candidate(f"{NEW}/"), title="", kind="Press")
    assert room.file.read_text() == listing(A, B)
    room.file.write_text(listing(A.replace("https://a.example/feed", NEW), B))
    room.follow.sync()
    assert [(each.id, each.xml_url) for each in room.follow.feeds()] == [(1, NEW), (2, "https://b.example/feed")]


async def test_where_a_feed_has_moved_to_that_is_listed_no_more_is_added_with_its_history(
    room: Room, db: Database, clock: StandingClock
) -> None:
    room.file.write_text(listing(A))
    (feed,) = room.follow.sync().followed
    with db.write() as tx:
        tx.execute(update(feeds).where(feeds.c.id == feed.id).values(moved_to=NEW, moved_since=clock()))
    room.file.write_text(listing())
    room.follow.sync()
    after = room.follow.add(a_candidate(NEW), title="", kind="Press")
    assert (after.id, after.xml_url, after.status) == (feed.id, NEW, FeedStatus.ACTIVE)


async def test_a_file_that_cannot_be_read_or_written_is_left_alone(room: Room) -> None:
    room.file.write_text("<opml>")
    with pytest.raises(BadListing, match=r"feeds\.opml"):
        room.follow.add(a_candidate(), title="", kind="Press")
    assert room.file.read_text() == "<opml>"
    room.file.write_text(listing())
    room.file.with_name(".feeds.opml.new").mkdir()
    with pytest.raises(Refused, match="cannot be written"):
        room.follow.add(a_candidate(), title="", kind="Press")
    assert room.file.read_text() == listing()
    assert room.follow.feeds() == ()


async def test_two_who_add_at_once_take_turns(room: Room, db: Database) -> None:
    with hold(db.path.with_name("feeds.lock")) as held:
        assert held
        with pytest.raises(Refused, match="Another command"):
            room.follow.add(a_candidate(), title="", kind="Press")
