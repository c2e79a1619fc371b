"""Pausing a feed by hand: feeds.opml says so, every other byte of it stays, and it can be followed again."""

import pytest

from aggregator import errors
from aggregator.feeds.amend import PAUSE, RESUME, amend
from aggregator.feeds.opml import read
from aggregator.model import Feed, FeedStatus
from aggregator.store import feeds as store
from aggregator.store.database import Database
from tests.conftest import StandingClock
from tests.following.conftest import Room
from tests.following.test_edits import FILE, OLD

BOB = "https://bob.example.org/feed"


def with_urls(text: str) -> list[str | None]:
    return [listing.xml_url for listing in read(text)]


def test_a_paused_outline_lists_nothing_and_comes_back_to_the_byte() -> None:
    paused, found = amend(FILE, {OLD: PAUSE})
    assert found == {OLD}
    assert OLD not in with_urls(paused)
    assert paused.replace(' isComment="true"', "") == FILE
    again, found = amend(paused, {OLD: RESUME})
    assert (again, found) == (FILE, frozenset({OLD}))


def test_what_is_not_so_is_not_found() -> None:
    assert amend(FILE, {OLD: RESUME}) == (FILE, frozenset())
    paused, _ = amend(FILE, {OLD: PAUSE})
    assert amend(paused, {OLD: PAUSE}) == (paused, frozenset())


def test_a_mark_that_says_no_gives_way() -> None:
    text = FILE.replace('text="Bob"', 'text="Bob" isComment = "false"')
    paused, _ = amend(text, {BOB: PAUSE})
    assert paused.count("isComment") == 1
    assert BOB not in with_urls(paused)


async def a_followed(room: Room, url: str = OLD) -> Feed:
    room.file.write_text(FILE)
    room.follow.sync()
    return room.follow.feed(url)


async def test_pausing_holds_when_the_file_is_followed_again(room: Room) -> None:
    feed = await a_followed(room)
    assert room.follow.pause(feed.id).status is FeedStatus.PAUSED
    room.follow.sync()
    assert room.follow.feed(OLD).status is FeedStatus.PAUSED
    assert room.follow.resume(feed.id).status is FeedStatus.ACTIVE
    assert room.file.read_bytes() == FILE.encode(), "the file is as it was"


async def test_what_is_followed_again_is_due_at_once(room: Room, clock: StandingClock) -> None:
    feed = await a_followed(room)
    room.follow.pause(feed.id)
    clock.advance(days=3)
    feed = room.follow.resume(feed.id)
    assert (feed.next_poll_at, feed.next_poll_reason) == (clock(), "followed again")


async def test_what_the_file_does_not_list_any_more_is_listed_again(room: Room) -> None:
    feed = await a_followed(room)
    room.file.write_text(amend(FILE, {OLD: ""})[0])
    room.follow.sync()
    assert room.follow.feed(OLD).status is FeedStatus.PAUSED
    room.follow.resume(feed.id)
    assert OLD in with_urls(room.file.read_text())
    room.follow.sync()
    assert room.follow.feed(OLD).status is FeedStatus.ACTIVE


async def test_what_is_gone_may_be_tried_again(room: Room, db: Database) -> None:
    feed = await a_followed(room)
    with db.write() as tx:
        store.set_status(tx, [feed.id], FeedStatus.GONE)
    assert room.follow.resume(feed.id).status is FeedStatus.ACTIVE
    assert room.file.read_bytes() == FILE.encode()


async def test_blogs_inside_its_outline_are_not_paused_with_it(room: Room) -> None:
    inside = '<outline text="Bob" xmlUrl="https://bob.example.org/feed"/>'
    text = f'<opml version="2.0"><body><outline text="Ada" xmlUrl="{OLD}">{inside}</outline></body></opml>'
    room.file.write_text(text)
    room.follow.sync()
    with pytest.raises(errors.Refused, match="Other blogs stand inside"):
        room.follow.pause(room.follow.feed(OLD).id)
    assert room.file.read_text() == text
    assert room.follow.feed(OLD).status is FeedStatus.ACTIVE


async def test_a_broken_file_changes_nothing(room: Room) -> None:
    feed = await a_followed(room)
    room.file.write_text("<opml>")
    for verb in (room.follow.pause, room.follow.resume):
        with pytest.raises(errors.BadListing):
            verb(feed.id)
    assert room.follow.feed(OLD).status is FeedStatus.ACTIVE


async def test_an_unknown_feed_is_named(room: Room) -> None:
    for verb in (room.follow.pause, room.follow.resume):
        with pytest.raises(errors.NotFound, match="99"):
            verb(99)
