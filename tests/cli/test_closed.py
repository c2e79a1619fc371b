"""Output that nobody takes: a reader who has seen enough, a closed one, a disk that is full."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

START = "from aggregator.cli import main; main()"
FULL = Path("/dev/full")
COMMANDS = {"a table": ("subscribers", "list"), "text": ()}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The current folder of all of them, so that there is one database to make."""
    return tmp_path_factory.mktemp("closed")


def ends(command: str, folder: Path, stdout: int, *, shell: str = "") -> tuple[int, str]:
    """Run it as a process of its own, with its output there; the exit code, and what it complained of."""
    five = [sys.executable, "-c", START, *COMMANDS[command]]
    here = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run(
        ["sh", "-c", shell, "sh", *five] if shell else five,
        cwd=folder,
        env=here,
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    return done.returncode, done.stderr


@pytest.mark.parametrize("command", COMMANDS)
def test_a_reader_who_has_seen_enough_is_no_error(folder: Path, command: str) -> None:
    theirs, ours = os.pipe()
    os.close(theirs)
    try:
        assert ends(command, folder, ours) == (0, "")
    finally:
        os.close(ours)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_closed_output_is_no_error(folder: Path, command: str) -> None:
    assert ends(command, folder, subprocess.DEVNULL, shell='exec "$@" >&-') == (0, "")


@pytest.mark.skipif(not FULL.exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize("command", COMMANDS)
def test_a_full_disk_is_named(folder: Path, command: str) -> None:
    with FULL.open("wb") as full:
        code, said = ends(command, folder, full.fileno())
    assert code == 1
    assert said.startswith("five: Not all could be written: No space left on device.\n")
