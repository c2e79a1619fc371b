"""`five poll` as a person meets it: in a folder that may not be written, and twice at once."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from select import select as select_ready

import pytest
from sqlalchemy import func, select

from aggregator.clock import system_clock
from aggregator.demo.server import FeedServer
from aggregator.store.migrate import open_database
from aggregator.store.schema import entries, feeds
from tests.poll.values import an_rss
from tests.rows import WEDNESDAY, follow_a_feed

ROOT = Path(__file__).parents[2]
POSTS = 3
POLL = (sys.executable, "-m", "aggregator", "poll")
# Root may write anywhere: it gives up that right (PR_CAPBSET_DROP, CAP_DAC_OVERRIDE) for what it starts.
AS_ANYONE = "import ctypes, os, sys; ctypes.CDLL(None).prctl(24, 1, 0, 0, 0); os.execv(sys.argv[1], sys.argv[1:])"

Record = Callable[[str, object], None]


def polling(folder: Path) -> "subprocess.Popen[str]":
    """`five poll` in that folder, by somebody who may write only what its owner may."""
    return subprocess.Popen(
        [sys.executable, "-c", AS_ANYONE, *POLL],
        cwd=folder,
        env={name: value for name, value in os.environ.items() if not name.startswith("FIVE_")}
        | {
            "PYTHONPATH": str(ROOT),
            "PYTHONDONTWRITEBYTECODE": "1",
            "FIVE_ALLOW_NETWORKS": "127.0.0.0/8",
            "FIVE_HOST_GAP": "0",
            "FIVE_CONTACT": "editor@example.org",
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.fixture
def folder(tmp_path: Path, server: FeedServer) -> Iterator[Path]:
    """A folder as `five` leaves it, with two feeds that are due."""
    data = tmp_path / "five-data"
    data.mkdir()
    database = open_database(data / "five.sqlite", system_clock())
    with database.write() as tx:
        for path in ("/a", "/b"):
            server.says(path, an_rss(*range(1, POSTS + 1), title=path[1:]))
            follow_a_feed(tx, xml_url=server.url(path), next_poll_at=WEDNESDAY, polled_at=None, succeeded_at=None)
    database.close()
    yield tmp_path
    data.chmod(0o755)


def held(folder: Path) -> tuple[int, int]:
    """How many entries there are, and how many feeds were polled; and nothing is damaged."""
    database = open_database(folder / "five-data" / "five.sqlite", system_clock())
    try:
        assert database.problems() == []
        with database.read() as tx:
            polled = tx.scalar(select(func.count()).where(feeds.c.polled_at.is_not(None)))
            return tx.scalar(select(func.count()).select_from(entries)) or 0, polled or 0
    finally:
        database.close()


def test_a_data_folder_that_may_not_be_written_is_explained(
    folder: Path, server: FeedServer, record_property: Record
) -> None:
    data = folder / "five-data"
    for file in data.iterdir():
        file.chmod(0o444)
    data.chmod(0o555)
    poll = polling(folder)
    out, err = poll.communicate(timeout=60)
    assert (poll.returncode, out) == (1, ""), err
    assert err.startswith("five: ")
    assert "cannot be written" in err
    assert "FIVE_DATA" in err
    assert "Traceback" not in err
    assert server.requests == []  # what could not be kept is not asked for
    data.chmod(0o755)
    for file in data.iterdir():
        file.chmod(0o644)
    assert held(folder) == (0, 0)
    record_property("hostile", "folders that may not be written")


def first_to_end(*processes: "subprocess.Popen[str]") -> "subprocess.Popen[str]":
    watched = {os.pidfd_open(process.pid): process for process in processes}
    try:
        ended, _, _ = select_ready(list(watched), [], [], 60)
        return watched[ended[0]]
    finally:
        for descriptor in watched:
            os.close(descriptor)


def test_of_two_polls_at_once_one_is_refused_and_nothing_is_lost(
    folder: Path, server: FeedServer, record_property: Record
) -> None:
    server.hangs("/b")  # so whoever came first is at it until it is stopped
    polls = [polling(folder) for _ in range(2)]
    try:
        second = first_to_end(*polls)
        first = next(poll for poll in polls if poll is not second)
        out, err = second.communicate(timeout=60)
        assert (second.returncode, out) == (1, ""), err
        assert "Another poll is running." in err
        assert "Traceback" not in err
        first.send_signal(signal.SIGINT)
        _, err = first.communicate(timeout=60)
        assert (first.returncode, "Stopped." in err) == (130, True), err
    finally:
        for poll in polls:
            poll.kill()
            poll.communicate()
    server.says("/b", an_rss(*range(1, POSTS + 1), title="b"))
    again = polling(folder)
    _, err = again.communicate(timeout=60)
    assert again.returncode == 0, err
    assert held(folder) == (2 * POSTS, 2)
    record_property("hostile", "polls at once")
