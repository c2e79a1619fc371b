"""Which changes of the feeds file are proposed, and that making them leaves every other byte alone."""

from datetime import timedelta
from pathlib import Path

import pytest

from aggregator import errors
from aggregator.feeds.amend import TAKE_OUT, amend
from aggregator.feeds.edits import Edit, proposed
from aggregator.feeds.opml import read
from aggregator.feeds.upkeep import Upkeep
from aggregator.model import Feed, FeedStatus, Offer
from aggregator.store import feeds as store
from aggregator.store import offers
from aggregator.store.database import Database
from tests.conftest import StandingClock
from tests.poll.values import NOW
from tests.rows import add_entry, follow_a_feed

OLD = "http://old.example.org/feed"
NEW = "https://new.example.org/feed"
DAY = timedelta(days=1)

FILE = """\
<?xml version='1.0' encoding='UTF-8'?>
<!-- How to add a blog: see README -->
<opml version="2.0" xmlns:five="urn:five-for-friday:opml"><head/>\r
  <body>
\t<outline text='Councils'>
      <!-- moved once -->
      <outline  text="Ada &amp; Co" xmlUrl = 'http://old.example.org/feed'  their="xmlUrl=&quot;x&quot;" type="rss" htmlUrl="https://old.example.org/"/>
      <outline text="Bob" type='rss' xmlUrl="https://bob.example.org/feed" five:region="North" /> <!-- a comment -->
      <outline text="Cleo" xmlUrl="https://cleo.example.org/feed"></outline>
    </outline>
  </body>
</opml>"""


def a_feed(**given: object) -> Feed:
    good: dict[str, object] = {
        "id": 1,
        "xml_url": OLD,
        "html_url": None,
        "title": "Ada",
        "kind": "",
        "region": "",
        "confidence": "",
        "status": FeedStatus.ACTIVE,
        "followed_at": NOW,
        "next_poll_at": NOW,
        "next_poll_reason": "",
        "polled_at": NOW,
        "succeeded_at": NOW,
        "newest_entry_at": NOW,
        "failures": 0,
        "failure_reason": None,
        "failure_message": None,
        "moved_to": None,
        "moved_since": None,
    }
    return Feed(**good | given)  # type: ignore[arg-type]


def edits(*feeds: Feed, **offered: Offer) -> tuple[Edit, ...]:
    return proposed(feeds, {1: tuple(offered.values())}, NOW)


@pytest.mark.parametrize(
    ("moved_to", "since", "is_proposed"),
    [
        (NEW, 7 * DAY, True),
        (NEW, 7 * DAY - timedelta(seconds=1), False),
        ("https://old.example.org/feed", timedelta(), True),  # http to https on the same host: at once
        ("https://www.old.example.org/feed", timedelta(), False),
        ("https://old.example.org/other", timedelta(), False),
        ("https://old.example.org:8443/feed", timedelta(), False),
        (OLD, 8 * DAY, False),
        ("https://user:word@new.example.org/", 8 * DAY, False),
    ],
)
def test_a_move_is_proposed_when_it_can_be_believed(moved_to: str, since: timedelta, *, is_proposed: bool) -> None:
    found = edits(a_feed(moved_to=moved_to, moved_since=NOW - since))
    assert [(edit.to, edit.is_sure) for edit in found] == ([(moved_to, True)] if is_proposed else [])


def test_a_move_to_a_feed_that_is_listed_takes_the_outline_out() -> None:
    moved = a_feed(moved_to="http://new.example.org/feed/", moved_since=NOW - 8 * DAY)
    [edit] = edits(moved, a_feed(id=2, xml_url=NEW, title="New"))
    assert (edit.feed_id, edit.to) == (1, TAKE_OUT)
    assert "“New”" in edit.reason


def test_a_move_to_a_feed_that_was_gone_waits_until_that_one_has_made_way() -> None:
    moved = a_feed(moved_to=NEW, moved_since=NOW - 8 * DAY)
    [edit] = edits(moved, a_feed(id=2, xml_url=NEW, status=FeedStatus.GONE))
    assert (edit.feed_id, edit.to) == (2, None)
    [edit] = edits(moved, a_feed(id=2, xml_url=NEW, status=FeedStatus.PAUSED))
    assert (edit.feed_id, edit.to) == (1, NEW)


def test_of_two_that_moved_to_one_place_the_first_takes_its_address_and_the_second_goes() -> None:
    moved = {"moved_since": NOW - 8 * DAY}
    second = a_feed(id=2, xml_url="https://news.example.org/", moved_to=f"{NEW}/", **moved)
    third = a_feed(id=3, xml_url="https://else.example.org/", moved_to="https://elsewhere.example.org/", **moved)
    found = edits(a_feed(moved_to=NEW, title="Posts", **moved), second, third)
    assert [(edit.feed_id, edit.to) for edit in found] == [(1, NEW), (2, TAKE_OUT), (3, third.moved_to)]
    assert found[1].reason == f"It has moved to {NEW}/, as “Posts” has."


@pytest.mark.parametrize("given", [{"failures": 1}, {"status": FeedStatus.PAUSED}])
def test_nothing_is_proposed_for_a_feed_that_fails_or_is_paused(given: dict[str, object]) -> None:
    assert edits(a_feed(moved_to=NEW, moved_since=NOW - 8 * DAY, **given)) == ()


def test_what_is_gone_loses_its_address() -> None:
    [edit] = edits(a_feed(status=FeedStatus.GONE, failures=2))
    assert (edit.to, edit.is_sure) == (None, True)


def test_feeds_of_a_page_are_for_a_person_to_choose() -> None:
    found = edits(a_feed(failures=1), a=Offer(url=NEW, title="Posts"), b=Offer(url=f"{NEW}/2", title=""))
    assert [(edit.id, edit.to, edit.is_sure) for edit in found] == [("1.1", NEW, False), ("1.2", f"{NEW}/2", False)]


@pytest.mark.parametrize(
    ("to", "before", "after"),
    [
        (
            "https://n.example.org/?a=1&b=\"'",
            f"xmlUrl = '{OLD}'",
            'xmlUrl = "https://n.example.org/?a=1&amp;b=&quot;\'"',
        ),
        (
            None,
            f' xmlUrl = \'{OLD}\'  their="xmlUrl=&quot;x&quot;" type="rss"',
            '  their="xmlUrl=&quot;x&quot;"',
        ),
    ],
)
def test_an_outline_is_changed_and_every_other_byte_stays(to: str | None, before: str, after: str) -> None:
    text, found = amend(FILE, {OLD: to, "https://not-here.example.org/": NEW})
    assert found == {OLD}
    assert text == FILE.replace(before, after)
    assert read(text)[0].xml_url == to


def test_an_outline_is_taken_out_with_its_line_and_a_comment_beside_it_stays() -> None:
    lines = FILE.splitlines(keepends=True)
    text, _ = amend(FILE, {"https://cleo.example.org/feed": TAKE_OUT})
    assert text == FILE.replace(lines[8], "")
    text, _ = amend(FILE, {"https://bob.example.org/feed": None})  # it has no page to stay listed for
    assert "Bob" not in text
    assert "<!-- a comment -->" in text
    assert [listing.title for listing in read(text)] == ["Ada & Co", "Cleo"]


@pytest.mark.parametrize("to", [TAKE_OUT, None])
def test_what_stands_inside_an_outline_stays_when_that_loses_its_feed(to: str | None) -> None:
    inner, page = "https://inner.example.org/feed", 'htmlUrl="https://old.example.org/"'
    text = (
        f'<opml version="2.0"><body><outline text="Outer" type="rss" xmlUrl="{OLD}" {page}>\n'
        f'<outline text="Inner" type="rss" xmlUrl="{inner}"/>\n</outline></body></opml>'
    )
    after, found = amend(text, {OLD: to, inner: NEW})
    assert found == {OLD, inner}
    assert after == text.replace(f' type="rss" xmlUrl="{OLD}"', "").replace(inner, NEW)
    assert [listing.xml_url for listing in read(after)] == [NEW]


@pytest.fixture
def upkeep(db: Database, clock: StandingClock, tmp_path: Path) -> Upkeep:
    file = tmp_path / "feeds.opml"
    file.write_bytes(FILE.encode())
    file.chmod(0o640)
    return Upkeep(db=db, clock=clock, feeds_file=file)


def test_applying_moves_the_feed_with_its_entries(db: Database, upkeep: Upkeep, tmp_path: Path) -> None:
    with db.write() as tx:
        moved = follow_a_feed(tx, xml_url=OLD, moved_to=NEW, moved_since=NOW - 8 * DAY, etag='"1"')
        add_entry(tx, moved)
        gone = follow_a_feed(tx, xml_url="https://cleo.example.org/feed", status="gone", failures=2)
        page = follow_a_feed(tx, xml_url="https://bob.example.org/feed", failures=1)
        offers.replace(tx, page, [Offer(url="https://bob.example.org/atom", title="")], NOW)
    assert {edit.feed_id for edit in upkeep.apply()} == {moved, gone}
    file = tmp_path / "feeds.opml"
    assert [one.xml_url for one in read(file.read_bytes())] == [NEW, "https://bob.example.org/feed"]
    assert file.stat().st_mode & 0o777 == 0o640
    assert [edit.id for edit in upkeep.apply([f"{page}.1"])] == [f"{page}.1"]
    assert read(file.read_bytes())[1].xml_url == "https://bob.example.org/atom"
    with db.read() as tx:
        now = {feed.id: feed for feed in store.every(tx)}
        assert (now[moved].xml_url, now[moved].moved_to, now[moved].status) == (NEW, None, FeedStatus.ACTIVE)
        assert now[gone].status is FeedStatus.PAUSED
        assert now[page].xml_url == "https://bob.example.org/atom"
        assert offers.every(tx) == {}
    assert upkeep.edits() == ()


def test_nothing_is_changed_without_being_asked(db: Database, upkeep: Upkeep, tmp_path: Path) -> None:
    with db.write() as tx:
        feed_id = follow_a_feed(tx, xml_url=OLD, moved_to=NEW, moved_since=NOW - 8 * DAY)
    before = (tmp_path / "feeds.opml").read_bytes()
    assert len(upkeep.edits()) == 1
    with pytest.raises(errors.NotFound, match="No change 99"):
        upkeep.apply([str(feed_id), "99"])
    assert (tmp_path / "feeds.opml").read_bytes() == before


def test_an_outline_that_is_not_there_any_more_is_passed_over(db: Database, upkeep: Upkeep) -> None:
    with db.write() as tx:
        follow_a_feed(tx, xml_url="https://elsewhere.example.org/", moved_to=NEW, moved_since=NOW - 8 * DAY)
    assert upkeep.apply() == ()
    assert upkeep.edits()[0].to == NEW
