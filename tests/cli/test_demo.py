"""`five demo`: the whole way on this machine alone, and nothing of the person's own touched."""

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import feedparser
import httpx
import pytest

from aggregator.demo.walk import NOTES
from tests.cli.conftest import Five, Ran

FILES = ("digest.html", "digest.txt", "page.html", "digest.md", "feed.atom")
COMMENTARIES = [re.sub(r"\[(.*)\]\(.*?\)", r"\1", note) for note in list(NOTES.values())[:5]]


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, "subprocess.CompletedProcess[str]"]:
    """One demo, run as a person runs it, in an empty folder."""
    folder = tmp_path_factory.mktemp("demo")
    done = subprocess.run(
        [sys.executable, "-m", "aggregator", "demo", "--once", "out"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), "FIVE_PICKS": "nonsense"},
        capture_output=True,
        text=True,
        check=False,
    )
    return folder, done


def words(text: str) -> str:
    """Text without markup, wrapping and entities, to find sentences in."""
    return " ".join(re.sub(r"<[^>]+>|\]\([^)]*\)|\[", "", text).replace("&#39;", "'").split())


def test_it_ends_well_and_touches_nothing_else(results: "tuple[Path, subprocess.CompletedProcess[str]]") -> None:
    folder, done = results
    assert (done.returncode, done.stderr) == (0, "")
    assert [path.name for path in folder.iterdir()] == ["out"]
    assert sorted(path.name for path in (folder / "out").iterdir()) == sorted(FILES)


@pytest.mark.parametrize("name", FILES)
def test_each_result_has_five_picks_and_their_commentary(
    results: "tuple[Path, subprocess.CompletedProcess[str]]", name: str
) -> None:
    text = (results[0] / "out" / name).read_text(encoding="utf-8")
    if name == "feed.atom":
        feed = feedparser.parse(text.encode())
        assert feed.bozo == 0
        text = feed.entries[0].content[0].value
    text = words(text)
    for commentary in COMMENTARIES:
        assert commentary in text


def test_the_sick_are_reported_and_the_twin_shows_once(
    results: "tuple[Path, subprocess.CompletedProcess[str]]",
) -> None:
    said = results[1].stdout
    for name in ("(broken):", "(gone):", "(slow):"):
        assert name in said
    assert "3 of 12 feeds failed" in said
    assert "it shows once" in said
    assert "19 pieces" in said


def test_a_folder_that_cannot_be_made_is_explained(five: Five, folder: Path) -> None:
    (folder / "file").touch()
    refused: Ran = five("demo", "--once", "file/out")
    assert refused.code == 2
    assert "cannot be made" in refused.err


def test_it_stays_up_until_it_is_told_to_stop(tmp_path: Path) -> None:
    command = [sys.executable, "-u", "-m", "aggregator", "demo"]
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    with subprocess.Popen(command, cwd=tmp_path, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as demo:
        assert demo.stdout
        assert demo.stderr
        address = next(
            found[1] for line in demo.stdout if (found := re.search(rb"See it at (http://\S+/) until", line))
        )
        with httpx.Client(base_url=address.decode(), trust_env=False, follow_redirects=True, timeout=60) as browser:
            assert "Five for Friday (" in browser.get("/").text
            assert json.loads(browser.get("/healthz").text)
            assert "A flood gauge made of a bucket" in browser.get("/desk/inbox").text
            assert "£40 and a café table" in browser.get("/desk/shortlist").text
        demo.send_signal(signal.SIGINT)
        assert demo.wait() == 0
        assert b"Traceback" not in demo.stderr.read()
