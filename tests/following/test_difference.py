"""The difference that edits make is shown line by line, and `patch` understands it."""

import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.feeds.difference import as_patch, difference

TEXT = "".join(f"line {number}\n" for number in range(12))


def test_a_changed_line_stands_among_its_neighbours() -> None:
    found = difference(TEXT, TEXT.replace("line 5", "line five"))
    assert [(change.kind, change.text) for change in found] == [
        ("place", "@@ -4,5 +4,5 @@"),
        ("same", "line 3"),
        ("same", "line 4"),
        ("out", "line 5"),
        ("in", "line five"),
        ("same", "line 6"),
        ("same", "line 7"),
    ]


def test_no_change_is_no_patch() -> None:
    assert difference(TEXT, TEXT) == ()
    assert as_patch((), "feeds.opml") == ""


@pytest.mark.skipif(shutil.which("patch") is None, reason="needs the program patch")
@pytest.mark.parametrize(
    ("before", "after"),
    [
        (TEXT, TEXT.replace("line 5", "line five").replace("line 11\n", "")),
        (TEXT + "no end", TEXT + "no end here"),
        (TEXT + "no end", TEXT + "an end\n"),
        ("one\x0bstill one\u2028and still\n--- a\n", "two\u2028\n--- b\n"),
    ],
)
def test_patch_makes_the_one_of_the_other(tmp_path: Path, before: str, after: str) -> None:
    file = tmp_path / "feeds.opml"
    file.write_text(before, newline="")
    patch = as_patch(difference(before, after), "feeds.opml")
    done = subprocess.run(["patch", "-p1"], input=patch.encode(), cwd=tmp_path, capture_output=True, check=False)
    assert done.returncode == 0, done.stdout
    assert file.read_bytes() == after.encode()


@given(st.text(alphabet="ab\n", max_size=30), st.text(alphabet="ab\n", max_size=30))
def test_what_is_taken_out_and_put_in_is_all(before: str, after: str) -> None:
    found = difference(before, after)
    assert bool(found) is (before != after)
    kept = [change.text for change in found if change.kind in ("same", "out")]
    assert all(line.partition("\n")[0] in before for line in kept)
