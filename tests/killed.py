"""Processes that do something when told to, for tests that kill them, and the other end of such a process.

Each line on standard input is an instant and the number of an event, or 0; for each, a child is forked and does what is
due then. On standard output: the child's id on a line, a dot for each event, and `!status` when it has ended. An event
is a statement that is about to be sent to the database, or a commit that is about to happen or has returned. At the
event with the given number the child says `~` and waits to be killed.

The first line is the process's own to do, so that its children find all statements compiled.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine, event


class KilledProcess:
    """The process of a module that calls `main`, and its child of the moment."""

    def __init__(self, module: str, *arguments: object) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", module, *(str(one) for one in arguments)],
            cwd=Path(__file__).parents[1],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
        )
        self.child = 0

    def does(self, now: datetime, *, killed_at: int = 0, killed_after: int = 0) -> tuple[int, int]:
        """Do what is due; kill it at an event, or some time after one. Gives its events, and how it ended."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{now.isoformat()} {killed_at}\n".encode())
        self.child = int(self._process.stdout.readline())
        events = 0
        while (seen := self._process.stdout.read(1)) != b"!":
            assert seen, "the process itself is gone"
            events += seen == b"."
            if seen == b"~" or (seen == b"." and events == killed_after):
                self.kill()
        return events, int(self._process.stdout.readline())

    def kill(self) -> None:
        """End the child of the moment as a power cut does."""
        with suppress(ProcessLookupError):  # it has just ended by itself
            os.kill(self.child, signal.SIGKILL)

    def ends(self) -> None:
        """Let it go."""
        self._process.communicate(timeout=20)


class _Events:
    """Counts them aloud, and stands still at one."""

    def __init__(self) -> None:
        self.seen = 0
        self.last = 0

    def __call__(self, *_: object) -> None:
        """One more."""
        self.seen += 1
        if self.seen == self.last:
            os.write(1, b"~")
            signal.pause()
        os.write(1, b".")


def main(verb: Callable[[datetime], None]) -> None:
    """Fork a child for each line, that does what is due at its instant."""
    events = _Events()
    for name in ("before_cursor_execute", "commit", "checkin"):
        event.listen(Engine, name, events)
    os.write(1, f"{os.getpid()}\n".encode())
    verb(datetime.fromisoformat(sys.stdin.readline().split()[0]))
    os.write(1, b"!0\n")
    events.seen = 0
    for line in sys.stdin:
        os.write(1, f"!{_in_child(events, line, verb)}\n".encode())


def _in_child(events: _Events, line: str, verb: Callable[[datetime], None]) -> int:
    """Do as a line says, in a child; its status."""
    at, last = line.split()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            events.last = int(last)
            os.write(1, f"{os.getpid()}\n".encode())
            verb(datetime.fromisoformat(at))
            status = 0
        finally:  # never back into the parent's loop
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
