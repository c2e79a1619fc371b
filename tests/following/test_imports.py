"""A list that somebody sends is shown with what it would change, and does exactly that."""

import os
from pathlib import Path

import pytest

from aggregator import errors
from aggregator.feeds import opml
from aggregator.feeds.difference import difference
from aggregator.feeds.imports import Forecast, Imports, Way
from aggregator.model import FeedStatus, Listing
from aggregator.store.database import Database
from tests.conftest import StandingClock
from tests.following.conftest import Room

OURS = """\
<?xml version="1.0" encoding="UTF-8"?>
<opml version="2.0">
  <body>
    <!-- by hand -->
    <outline text="Councils">
      <outline text="Ada" type="rss" xmlUrl="https://ada.example/feed" htmlUrl="https://ada.example/" their="own"/>
      <outline text="Bob" type="rss" xmlUrl="https://bob.example/feed"/>
    </outline>
  </body>
</opml>
"""
THEIRS = """\
<opml version="2.0"><body>
<outline text="Councils">
<outline text="Ada B" type="rss" xmlUrl="http://www.ada.example/feed"/>
<outline text="Azra" type="rss" xmlUrl="https://azra.example/feed"/>
<outline text="Without a feed" htmlUrl="https://quill.example/"/>
</outline>
<outline text="Friends"><outline text="Cleo" type="rss" xmlUrl="https://cleo.example/feed"/></outline>
</body></opml>
"""


@pytest.fixture
def imports(db: Database, clock: StandingClock, room: Room, tmp_path: Path) -> Imports:
    room.file.write_text(OURS)
    room.follow.sync()
    return Imports(db=db, clock=clock, feeds_file=room.file, folder=tmp_path / "lists")


def told(forecast: Forecast) -> dict[str, list[str]]:
    parts = ("follow", "list_only", "resume", "pause", "update")
    return {part: [one.title for one in getattr(forecast, part)] for part in parts if getattr(forecast, part)}


def taken_out(text: str) -> list[str]:
    return [change.text for change in difference(OURS, text) if change.kind == "out"]


def statuses(room: Room) -> dict[str, FeedStatus]:
    return {feed.title: feed.status for feed in room.follow.feeds()}


async def test_adding_writes_what_is_new_and_touches_nothing_else(imports: Imports, room: Room) -> None:
    key = imports.keep(THEIRS.encode())
    forecast = imports.forecast(key, Way.ADD)
    assert told(forecast) == {"follow": ["Azra", "Cleo"], "list_only": ["Without a feed"]}
    assert room.file.read_text() == OURS, "nothing is changed by looking"
    imports.take_over(key, Way.ADD, mark=forecast.mark)
    lines = room.file.read_text().splitlines()
    assert taken_out(room.file.read_text()) == []
    assert [line.strip()[:30] for line in lines if "Azra" in line or "Friends" in line or "Cleo" in line] == [
        '<outline text="Azra" title="Az',
        '<outline text="Friends" title=',
        '<outline text="Cleo" title="Cl',
    ]
    assert set(statuses(room)) == {"Ada", "Azra", "Bob", "Cleo"}
    report = room.follow.sync()
    assert (report.followed, report.paused, report.updated) == ((), (), ()), "the file and the database agree"
    with pytest.raises(errors.NotFound, match="not here any more"):
        imports.forecast(key, Way.ADD)


async def test_replacing_pauses_what_is_not_named_and_keeps_the_old_file(imports: Imports, room: Room) -> None:
    key = imports.keep(THEIRS.encode())
    forecast = imports.forecast(key, Way.REPLACE)
    assert told(forecast) == {
        "follow": ["Azra", "Cleo"],
        "list_only": ["Without a feed"],
        "pause": ["Bob"],
        "update": ["Ada"],
    }
    imports.take_over(key, Way.REPLACE, mark=forecast.mark)
    assert room.file.read_text() == THEIRS
    assert room.file.with_name("feeds.opml.before").read_text() == OURS
    assert statuses(room)["Bob"] is FeedStatus.PAUSED
    assert room.follow.sync().unchanged == 3


async def test_what_was_paused_by_hand_is_followed_again_in_place(imports: Imports, room: Room) -> None:
    room.follow.pause(room.follow.feed("https://bob.example/feed").id)
    key = imports.keep(OURS.encode())
    forecast = imports.forecast(key, Way.ADD)
    assert told(forecast) == {"resume": ["Bob"]}
    imports.take_over(key, Way.ADD, mark=forecast.mark)
    assert room.file.read_text() == OURS
    assert statuses(room)["Bob"] is FeedStatus.ACTIVE


async def test_a_forecast_that_has_changed_is_shown_anew(imports: Imports, room: Room) -> None:
    key = imports.keep(THEIRS.encode())
    mark = imports.forecast(key, Way.ADD).mark
    room.follow.pause(room.follow.feed("https://ada.example/feed").id)
    with pytest.raises(errors.Refused, match="not the same any more"):
        imports.take_over(key, Way.ADD, mark=mark)
    assert "Cleo" not in statuses(room)


async def test_a_faulty_outline_is_left_out_and_refuses_to_replace(imports: Imports, room: Room) -> None:
    faulty = THEIRS.replace("https://cleo.example/feed", "file:///etc/passwd")
    key = imports.keep(faulty.encode())
    added, replaced = (imports.forecast(key, way) for way in Way)
    assert told(added)["follow"] == ["Azra"]
    assert "file:///etc/passwd" in added.problems[0].message
    assert (added.is_refused, replaced.is_refused) == (False, True)
    with pytest.raises(errors.Refused, match="faults"):
        imports.take_over(key, Way.REPLACE, mark=replaced.mark)
    assert room.file.read_text() == OURS


async def test_where_a_feed_moved_is_no_other_feed(imports: Imports, room: Room, db: Database) -> None:
    with db.write() as tx:
        tx.exec_driver_sql("UPDATE feeds SET moved_to = 'https://cleo.example/feed' WHERE title = 'Bob'")
    forecast = imports.forecast(imports.keep(THEIRS.encode()), Way.ADD)
    assert told(forecast) == {"follow": ["Azra"], "list_only": ["Without a feed"]}, "Bob stays at his address"


@pytest.mark.parametrize(
    "hostile",
    [
        b"",
        b"<html><body>no list</body></html>",
        b'<!DOCTYPE opml [<!ENTITY a "b">]><opml><body/></opml>',
        b"<opml>" + b"<outline>" * 40 + b"</opml>",
        b"\xff\xfe",
        b"<opml>" + b" " * 5_000_001,
    ],
)
async def test_what_is_no_list_is_not_kept(imports: Imports, tmp_path: Path, hostile: bytes) -> None:
    with pytest.raises(errors.BadListing):
        imports.keep(hostile)
    assert not (tmp_path / "lists").exists()


@pytest.mark.parametrize("key", ["", "../feeds", "a" * 31, "A" * 32, "a" * 32, "a" * 32 + "\n"])
async def test_a_key_is_no_path(imports: Imports, key: str) -> None:
    imports.keep(THEIRS.encode())  # now the folder is there, and ours beside it
    with pytest.raises(errors.NotFound):
        imports.forecast(key, Way.ADD)


async def test_a_list_waits_for_a_day(imports: Imports, clock: StandingClock, tmp_path: Path) -> None:
    old = imports.keep(THEIRS.encode())
    day_before = clock().timestamp() - 90_000
    os.utime(tmp_path / "lists" / f"{old}.opml", (day_before, day_before))
    new = imports.keep(OURS.encode())
    assert imports.forecast(new, Way.ADD).changes == 0
    with pytest.raises(errors.NotFound):
        imports.forecast(old, Way.ADD)


def test_many_take_their_places_at_once() -> None:
    names = ["Zoe", "aaron", "Bea", "Azra"]
    listings = [Listing(title=n, xml_url=f"https://{n}.example/f", html_url=None, kind="councils") for n in names]
    other = Listing(title="New", xml_url="https://new.example/f", html_url=None, kind="Press")
    text = opml.insert_all(OURS, [*listings, other])
    found = [(one.kind, one.title) for one in opml.read(text)]
    in_order = ["aaron", "Ada", "Azra", "Bea", "Bob", "Zoe"]
    assert found == [*(("Councils", name) for name in in_order), ("Press", "New")]
    assert taken_out(text) == []
