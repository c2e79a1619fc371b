"""The command line, run in a folder of its own, with loopback opened for sample feeds."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from aggregator.cli import run
from aggregator.clock import system_clock
from aggregator.demo.server import FeedServer
from aggregator.demo.walk import serve_blogs
from aggregator.feeds.opml import write


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """What a command did."""

    code: int
    out: str
    err: str


Five = Callable[..., Ran]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, empty; no FIVE_* variable but what the tests need."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FIVE_ALLOW_NETWORKS", "127.0.0.0/8")
    monkeypatch.setenv("FIVE_HOST_GAP", "0")
    monkeypatch.setenv("FIVE_IN_FLIGHT_PER_HOST", "8")
    monkeypatch.setenv("FIVE_CONTACT", "editor@example.org")
    return tmp_path


@pytest.fixture
def five(folder: Path, capsys: pytest.CaptureFixture[str]) -> Five:
    """`five("inbox", "--json")` runs that command here."""

    def call(*arguments: object) -> Ran:
        code = run([str(argument) for argument in arguments])
        caught = capsys.readouterr()
        return Ran(code=code, out=caught.out, err=caught.err)

    return call


@pytest.fixture
def blogs(folder: Path, server: FeedServer) -> FeedServer:
    """The sample blogs of the demo, served, and listed in feeds.opml here; without the slow one, for speed."""
    listings = [listing for listing in serve_blogs(server, system_clock()) if "(slow)" not in listing.title]
    (folder / "feeds.opml").write_text(write(listings, title="Sample blogs"), encoding="utf-8")
    return server


@pytest.fixture
def editor(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """`editor("text = text.replace(...)")` makes $EDITOR a program that does that to the file."""

    def becomes(code: str) -> None:
        script = folder / "editor.py"
        script.write_text(
            "import sys, pathlib\nfile = pathlib.Path(sys.argv[1])\ntext = file.read_text()\n"
            f"{code}\nfile.write_text(text)\n",
            encoding="utf-8",
        )
        monkeypatch.delenv("VISUAL", raising=False)
        monkeypatch.setenv("EDITOR", f"{sys.executable} {script}")

    return becomes
