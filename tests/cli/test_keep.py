"""`five init`, `backup`, `restore`, `doctor`; and what a person sees when the machine is unkind."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from aggregator.demo.server import FeedServer
from aggregator.locks import hold
from tests.cli.conftest import Five


def test_init_makes_everything_once(five: Five, folder: Path) -> None:
    assert five("init").code == 0
    config = (folder / "five.toml").read_text(encoding="utf-8")
    (folder / "five.toml").write_text(config + "\npicks = 6\n", encoding="utf-8")
    again = five("init")
    assert again.code == 0
    assert "stays as it is" in again.out
    assert (folder / "five.toml").read_text(encoding="utf-8").endswith("picks = 6\n")


def test_a_wrong_setting_stops_every_command(five: Five, folder: Path) -> None:
    (folder / "five.toml").write_text("picks = 500\n", encoding="utf-8")
    refused = five("inbox")
    assert refused.code == 2
    assert "picks in five.toml is 500." in refused.err
    assert "1 to 20" in refused.err


def test_a_backup_brings_everything_back(five: Five, blogs: FeedServer) -> None:
    five("feeds", "sync")
    five("poll")
    before = five("inbox", "--json").out
    assert five("backup", "kept.sqlite").code == 0
    assert five("backup", "kept.sqlite").code == 1
    ids = [str(row["id"]) for row in json.loads(before)]
    assert five("dismiss", *ids).code == 0
    assert json.loads(five("inbox", "--json").out) == []
    assert five("restore", "kept.sqlite").code == 1  # nobody to ask
    assert five("restore", "kept.sqlite", "--yes").code == 0
    assert five("inbox", "--json").out == before
    assert five("doctor").code == 0


def test_the_doctor_says_no_when_no_mail_can_be_written(five: Five, folder: Path) -> None:
    five("init")
    assert "mails become files in" in five("doctor").out
    (folder / "five-data" / "mail").write_text("not a folder")
    found = five("doctor")
    assert found.code == 1
    assert "is no folder that can be written" in found.out


def test_the_doctor_says_no_when_the_search_index_is_damaged(five: Five, folder: Path, blogs: FeedServer) -> None:
    five("feeds", "sync")
    five("poll")
    assert five("doctor").code == 0
    with sqlite3.connect(folder / "five-data" / "five.sqlite") as vandal:
        vandal.execute("INSERT INTO entry_search(rowid, title, author, text) VALUES (9999, 'ghost', '', '')")
    vandal.close()
    found = five("doctor")
    assert found.code == 1
    assert "search index" in found.out


@pytest.mark.parametrize("content", [b"tabs and copying", b"SQLite format 3\x00" + b"\xff" * 4096])
def test_a_file_that_is_no_database_is_explained(five: Five, folder: Path, content: bytes) -> None:
    (folder / "five-data").mkdir()
    (folder / "five-data" / "five.sqlite").write_bytes(content)
    refused = five("inbox")
    assert refused.code == 1
    assert "five restore" in refused.err


def test_a_newer_database_is_explained(five: Five, folder: Path) -> None:
    five("init")
    with sqlite3.connect(folder / "five-data" / "five.sqlite") as later:
        later.execute("UPDATE alembic_version SET version_num = '9999'")
    later.close()
    refused = five("inbox")
    assert refused.code == 1
    assert "later version" in refused.err


def test_a_second_poll_is_told_of_the_first(five: Five, folder: Path, blogs: FeedServer) -> None:
    five("feeds", "sync")
    with hold(folder / "five-data" / "poll.lock") as held:
        assert held
        refused = five("poll")
    assert refused.code == 1
    assert "running" in refused.err
    assert blogs.requests == []
    assert five("poll").code == 0


def test_ctrl_c_in_a_poll_keeps_what_was_saved(five: Five, folder: Path, blogs: FeedServer) -> None:
    blogs.hangs("/okafor/feed")
    five("feeds", "sync")
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), "FIVE_REQUEST_DEADLINE": "300"}
    command = [sys.executable, "-m", "aggregator", "poll"]
    with subprocess.Popen(command, cwd=folder, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as poll:
        while not json.loads(five("inbox", "--json").out):
            assert poll.poll() is None
        poll.send_signal(signal.SIGINT)
        assert poll.wait() == 130
        assert poll.stderr
        said = poll.stderr.read().decode()
    assert "Stopped." in said
    assert "Traceback" not in said
    assert json.loads(five("inbox", "--json").out)
    assert five("doctor").code == 0


def test_a_reader_that_has_seen_enough_ends_it_quietly(folder: Path) -> None:
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    command = f"{sys.executable} -m aggregator --help | head -1"
    done = subprocess.run(["bash", "-c", command], cwd=folder, env=env, capture_output=True, text=True, check=True)
    assert done.stderr == ""
