"""A process that sends what is due (see tests.killed): `python -m tests.deliver.sending_process DATABASE PORT`."""

import sys
from datetime import datetime
from pathlib import Path

from aggregator.deliver.transport import SmtpTransport
from aggregator.settings import Settings
from aggregator.store.database import Database
from tests.deliver.posting import an_outbox
from tests.killed import main


def flush(now: datetime) -> None:
    """Send what is due at `now`."""
    path, port = Path(sys.argv[1]), int(sys.argv[2])
    settings = Settings(smtp_host="127.0.0.1", smtp_port=port, smtp_security="none")
    db = Database(path)
    an_outbox(db, lambda: now, SmtpTransport(settings)).flush()
    db.close()


if __name__ == "__main__":
    main(flush)
