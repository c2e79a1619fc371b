"""A digest's life at the command line: its formats, its approval, its hour, its corrections."""

from collections.abc import Callable
from pathlib import Path

import pytest

from aggregator.clock import system_clock
from aggregator.settings import load_settings
from aggregator.store.migrate import open_database
from tests.cli.conftest import Five
from tests.rows import add_bookmark


@pytest.fixture
def shortlist(five: Five, folder: Path) -> list[int]:
    """Three bookmarks."""
    settings = load_settings(folder)
    settings.data.mkdir(exist_ok=True)
    db = open_database(settings.database, system_clock())
    with db.write() as tx:
        ids = [add_bookmark(tx, title=f"Talk {n}", author=f"Speaker {n}", note=f"Note {n}.") for n in (1, 2, 3)]
    db.close()
    return ids


def test_a_themed_list(five: Five, shortlist: list[int]) -> None:
    made = five("digest", "draft", "--format", "themed", "--title", "5 talks to hear", *shortlist)
    assert "Draft talks-to-hear: 3 talks to hear, 3 picks" in made.out
    assert "2 talks to hear" in five("digest", "unpick", 3, "--digest", "talks-to-hear").out
    assert five("digest", "lint", "talks-to-hear").out.splitlines()[-1] == "2 talks to hear: 1 thing to look at."
    done = five("digest", "publish", "talks-to-hear", "--yes")
    assert "Published: 2 talks to hear. Next: five render talks-to-hear" in done.out
    assert "## 2. [Talk 2]" in five("render", "talks-to-hear", "--as", "markdown").out
    assert "themed" in five("digest", "list").out
    assert five("digest", "draft", "--format", "themed").code == 2
    five("digest", "draft", "--format", "themed", "--title", "A whim", *shortlist)
    assert five("digest", "discard", "a-whim").code == 1  # nobody to ask
    assert "Thrown away: A whim" in five("digest", "discard", "a-whim", "--yes").out
    assert five("digest", "show", "a-whim").code == 2


def test_what_comes_next_names_a_list_that_is_not_the_open_friday(
    five: Five, shortlist: list[int], editor: Callable[[str], None]
) -> None:
    five("digest", "draft", "--format", "themed", "--title", "Talks to hear", *shortlist)
    five("digest", "approve", "talks-to-hear")
    editor("sys.exit(3)")
    assert "Take it up again with: five digest edit talks-to-hear" in five("digest", "edit", "talks-to-hear").err
    editor('text = text.replace("Note 1.", "Other words.")')
    edited = five("digest", "edit", "talks-to-hear")
    assert "Next: five digest approve talks-to-hear" in edited.err
    assert "Next: five digest lint talks-to-hear, five digest publish talks-to-hear" in edited.out


def test_a_link_post(five: Five, shortlist: list[int]) -> None:
    made = five("link", shortlist[0])
    assert made.out == 'Draft talk-1: LINK: "Talk 1". Next: five digest edit talk-1\n'
    assert five("link", shortlist[0]).out == made.out
    assert five("digest", "publish", "talk-1", "--yes").code == 0
    assert "published already: talk-1" in five("link", shortlist[0]).out
    assert five("link", 99999).code == 2


def test_approve_schedule_and_think_again(five: Five, shortlist: list[int]) -> None:
    five("digest", "draft", *shortlist, "--friday", "2031-11-21")
    assert "approved. Next: five digest schedule" in five("digest", "approve").out
    assert "draft" in five("digest", "approve", "--withdraw").out
    five("digest", "approve")
    due = "comes out on Friday 21 November 2031 at 12:00 GMT"
    assert due in five("digest", "schedule").out
    assert f"(approved, {due})" in five("digest", "show").out
    assert "Monday 30 June 2031 at 09:15 BST" in five("digest", "schedule", "--at", "2031-06-30 09:15").out
    assert five("digest", "schedule", "--at", "2001-06-30 09:15").code == 2
    assert five("digest", "schedule", "--at", "soon").code == 2
    assert "waits" in five("digest", "unschedule").out
    assert "comes out" not in five("digest", "show").out


def test_an_edit_takes_the_approval_back_and_says_so(
    five: Five, shortlist: list[int], editor: Callable[[str], None]
) -> None:
    five("digest", "draft", *shortlist)
    five("digest", "approve")
    editor('text = text.replace("Note 1.", "Other words.")')
    edited = five("digest", "edit")
    assert "It was approved, and is a draft again" in edited.err
    assert "(draft)" in five("digest", "show").out


def test_a_correction(five: Five, shortlist: list[int], editor: Callable[[str], None]) -> None:
    five("digest", "draft", *shortlist)
    assert five("digest", "correct", "1", "--note", "Too early.").code == 2
    five("digest", "publish", "--yes")
    assert five("digest", "correct", "1").code == 2  # no note
    mail = five("render", "1", "--as", "email-text").out
    editor('text = text.replace("Note 2.", "Note two.")')
    assert "Corrected: Five for Friday" in five("digest", "correct", "1", "--note", "Two, not 2.").out
    assert five("digest", "correct", "1", "--note", "And thanks.", "--no-edit").code == 0
    page = five("render", "1", "--as", "page").out
    assert all(words in page for words in ("Note two.", "Two, not 2.", "And thanks."))
    assert five("render", "1", "--as", "email-text").out == mail
    assert five("digest", "show", "1").out.splitlines()[-1].endswith(": And thanks.")
    assert five("digest", "edit", "1").code == 1


def test_a_correction_that_cannot_be_read_back_is_kept(
    five: Five, folder: Path, shortlist: list[int], editor: Callable[[str], None]
) -> None:
    five("digest", "draft", *shortlist)
    five("digest", "publish", "--yes")
    editor('text = "every heading is gone"')
    failed = five("digest", "correct", "1", "--note", "Oh, no.")
    assert failed.code == 1
    assert "five digest correct 2" in failed.err
    assert "--note 'Oh, no.'" in failed.err
    assert [file.read_text() for file in (folder / "five-data" / "edits").iterdir()] == ["every heading is gone"]
