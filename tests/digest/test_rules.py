"""The name of a digest, the order of its picks, and what may change when."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.clock import Calendar
from aggregator.digest import rules
from aggregator.errors import WrongUse
from aggregator.model import Bookmark, Kind, Pick
from tests.builders import FRIDAY, a_digest, a_pick, a_publication

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def a_bookmark(**given: Any) -> Bookmark:
    good = Bookmark(
        id=7,
        url="https://blog.example.org/post",
        title="A post",
        author="Ann Jones",
        organisation="Borsetshire Council",
        note="Worth it for the diagrams.\n",
        kind=Kind.ARTICLE,
        language="en",
        published_at=datetime(2026, 6, 11, 23, 30, tzinfo=UTC),
        entry_id=None,
        feed_id=None,
        added_at=NOON,
        friday=FRIDAY,
        dropped_at=None,
        picked_in=None,
        source_changed=False,
    )
    return replace(good, **given)


@pytest.mark.parametrize(
    ("date_format", "written"),
    [
        ("D/M/YYYY", "7/8/2026"),
        ("DD/MM/YY", "07/08/26"),
        ("D MMMM YYYY", "7 August 2026"),
        ("YYYY-MM-DD", "2026-08-07"),
    ],
)
def test_title_writes_the_date_as_set(date_format: str, written: str) -> None:
    publication = a_publication(title="Five for Friday", date_format=date_format)
    assert rules.title_for(publication, date(2026, 8, 7)) == f"Five for Friday ({written})"


def test_a_title_is_not_taken_for_part_of_the_date() -> None:
    assert rules.title_for(a_publication(title="DIY MMMM"), FRIDAY) == "DIY MMMM (20/11/2026)"


def test_outro_links_to_all_bookmarks_in_words_that_say_so() -> None:
    assert "[the list of all our bookmarks](https://five.example.org/bookmarks)" in rules.outro_for(a_publication())


def test_a_day_of_publication_is_accepted() -> None:
    rules.check_friday(FRIDAY, weekday=4)


@pytest.mark.parametrize(
    ("day", "nearest"),
    [
        (date(2026, 11, 19), "2026-11-20"),
        (date(2026, 11, 23), "2026-11-20"),
        (date(2026, 11, 24), "2026-11-27"),
    ],
)
def test_another_weekday_is_refused_and_the_nearest_named(day: date, nearest: str) -> None:
    with pytest.raises(WrongUse, match=str(day)) as refused:
        rules.check_friday(day, weekday=4)
    assert refused.value.hint == f"The nearest Friday is {nearest}."


def test_a_bookmark_becomes_a_pick_with_its_note_as_commentary(calendar: Calendar) -> None:
    assert rules.as_pick(a_bookmark(), calendar) == Pick(
        bookmark_id=7,
        position=0,
        url="https://blog.example.org/post",
        title="A post",
        commentary="Worth it for the diagrams.",
        author="Ann Jones",
        organisation="Borsetshire Council",
        published_on=date(2026, 6, 12),  # half past midnight in London
        language="en",
    )


def test_a_video_owns_an_embed(calendar: Calendar) -> None:
    video = a_bookmark(kind=Kind.VIDEO, url="https://youtu.be/abc", published_at=None)
    pick = rules.as_pick(video, calendar)
    assert (pick.embed_url, pick.published_on) == ("https://youtu.be/abc", None)


def test_place_counts_on_and_places_a_bookmark_once() -> None:
    picks = rules.place((), a_pick(bookmark_id=8))
    picks = rules.place(picks, a_pick(bookmark_id=9))
    assert rules.place(picks, a_pick(bookmark_id=8)) == picks
    assert [(pick.bookmark_id, pick.position) for pick in picks] == [(8, 1), (9, 2)]


def test_remove_closes_the_gap() -> None:
    left = rules.remove(a_digest(picks=4).picks, 2)
    assert [(pick.bookmark_id, pick.position) for pick in left] == [(1, 1), (3, 2), (4, 3)]


@pytest.mark.parametrize(
    ("position", "to", "order"),
    [(1, 3, [2, 3, 1, 4]), (4, 1, [4, 1, 2, 3]), (2, 2, [1, 2, 3, 4])],
)
def test_move(position: int, to: int, order: list[int]) -> None:
    moved = rules.move(a_digest(picks=4).picks, position, to)
    assert [pick.bookmark_id for pick in moved] == order


@given(st.data(), st.integers(1, 8))
def test_moving_there_and_back_changes_nothing(data: st.DataObject, count: int) -> None:
    picks = a_digest(picks=count).picks
    there, back = data.draw(st.integers(1, count)), data.draw(st.integers(1, count))
    moved = rules.move(picks, there, back)
    assert [pick.position for pick in moved] == list(range(1, count + 1))
    assert rules.move(moved, back, there) == picks


@pytest.mark.parametrize("position", [0, -1, 4])
def test_a_position_that_is_not_there_is_refused(position: int) -> None:
    picks = a_digest(picks=3).picks
    with pytest.raises(WrongUse, match=r"positions 1 to 3"):
        rules.remove(picks, position)
    with pytest.raises(WrongUse, match=rf"no pick {position}"):
        rules.move(picks, 1, position)
    with pytest.raises(WrongUse, match="no picks yet"):
        rules.remove((), 1)
