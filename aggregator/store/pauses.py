"""The hosts that asked to be left alone, for every process that polls."""

from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.sqlite import insert

from aggregator.store.database import Tx
from aggregator.store.schema import host_pauses


def current(tx: Tx, now: datetime) -> dict[str, datetime]:
    """Until when each host (`host:port`) is to be left alone, for those that are."""
    rows = tx.execute(select(host_pauses.c.host, host_pauses.c.until).where(host_pauses.c.until > now))
    return {row.host: row.until for row in rows}


def keep(tx: Tx, host: str, until: datetime, now: datetime) -> None:
    """Keep a pause, of two for one host the longer one; those that are over are forgotten."""
    tx.execute(delete(host_pauses).where(host_pauses.c.until <= now))
    new = insert(host_pauses).values(host=host, until=until)
    longer = func.max(host_pauses.c.until, new.excluded.until)
    tx.execute(new.on_conflict_do_update(index_elements=["host"], set_={"until": longer}))
