"""A process that publishes what is due, for tests that kill it: `python -m tests.digest.publishing_process DATABASE`.

Each line on standard input is an instant and the number of an event, or 0; for each, a child is forked, publishes what
is due then, and stands still at that event to be killed;
the answer to each line is `~` and the child's id when it stands still, else the number of its events.

The first line is this process's own to do, so that its children find templates and statements compiled.
"""

import os
import signal
import sys
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine, event

from aggregator.store.database import Database
from tests.digest.scheduled import an_editor_with_readers


class Events:
    """Counts statements about to be sent, and commits about to happen or done; stands still at one."""

    def __init__(self) -> None:
        self.seen = 0
        self.last = 0

    def __call__(self, *_: object) -> None:
        """One more."""
        self.seen += 1
        if self.seen == self.last:
            os.write(1, f"~{os.getpid()}\n".encode())
            signal.pause()


def publish(path: Path, now: datetime) -> None:
    """Publish what is due at `now`."""
    db = Database(path)
    an_editor_with_readers(db, lambda: now).publish_due()
    db.close()


def main() -> None:
    """Fork a child for each line; tell of each the number of its events."""
    events = Events()
    event.listen(Engine, "before_cursor_execute", events)
    event.listen(Engine, "commit", events)
    event.listen(Engine, "checkin", events)
    publish(Path(sys.argv[1]), datetime.fromisoformat(sys.stdin.readline().split()[0]))
    os.write(1, f"{events.seen}\n".encode())
    events.seen = 0
    for line in sys.stdin:
        at, last = line.split()
        child = os.fork()
        if child == 0:
            try:
                events.last = int(last)
                publish(Path(sys.argv[1]), datetime.fromisoformat(at))
                os.write(1, f"{events.seen}\n".encode())
            finally:  # never back into the parent's loop
                os._exit(0)
        os.waitpid(child, 0)


if __name__ == "__main__":
    main()
