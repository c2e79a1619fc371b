"""A process that publishes what is due (see tests.killed): `python -m tests.digest.publishing_process DATABASE`."""

import sys
from datetime import datetime
from pathlib import Path

from aggregator.store.database import Database
from tests.digest.scheduled import an_editor_with_readers
from tests.killed import main


def publish(now: datetime) -> None:
    """Publish what is due at `now`."""
    db = Database(Path(sys.argv[1]))
    an_editor_with_readers(db, lambda: now).publish_due()
    db.close()


if __name__ == "__main__":
    main(publish)
