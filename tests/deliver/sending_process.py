"""A process that sends when told to, for tests that kill it: `python -m tests.deliver.sending_process DATABASE PORT`.

Each line on standard input is an instant and the number of an event, or 0; for each, a child is forked and sends what
is due then. On standard output: the child's id on a line, a dot for each event, and `!status` when it has ended. An
event is a statement that is about to be sent to the database, or a commit that is about to happen or has returned. At
the event with the given number the child says `~` and waits to be killed.

The first line is this process's own to do, so that its children find all statements compiled.
"""

import os
import signal
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine, event

from aggregator.deliver.transport import SmtpTransport
from aggregator.settings import Settings
from aggregator.store.database import Database
from tests.deliver.posting import an_outbox


class Events:
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


def flush(now: datetime) -> None:
    """Send what is due at `now`."""
    path, port = Path(sys.argv[1]), int(sys.argv[2])
    settings = Settings(smtp_host="127.0.0.1", smtp_port=port, smtp_security="none")
    db = Database(path)
    an_outbox(db, lambda: now, SmtpTransport(settings)).flush()
    db.close()


def in_child(events: Events, line: str, verb: Callable[[datetime], None]) -> int:
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


def main(verb: Callable[[datetime], None]) -> None:
    """Fork a child for each line, that does what is due at its instant."""
    events = Events()
    event.listen(Engine, "before_cursor_execute", events)
    event.listen(Engine, "commit", events)
    event.listen(Engine, "checkin", events)
    os.write(1, f"{os.getpid()}\n".encode())
    verb(datetime.fromisoformat(sys.stdin.readline().split()[0]))
    os.write(1, b"!0\n")
    events.seen = 0
    for line in sys.stdin:
        os.write(1, f"!{in_child(events, line, verb)}\n".encode())


if __name__ == "__main__":
    main(flush)
