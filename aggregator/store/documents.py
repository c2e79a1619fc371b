"""What each feed's last document was made of, as poll.reading packed it."""

from sqlalchemy import bindparam, delete, select
from sqlalchemy.dialects.sqlite import insert

from aggregator.store.database import Tx
from aggregator.store.schema import feed_documents


def outline(tx: Tx, feed_id: int) -> bytes | None:
    """The outline of a feed's last document; None when it has to be read whole."""
    found: bytes | None = tx.scalar(_OUTLINE, {"of": feed_id})
    return found


def keep_outline(tx: Tx, feed_id: int, packed: bytes | None) -> None:
    """Remember an outline, or that there is none. In the transaction of the entries: it says that they are there."""
    if packed is None:
        tx.execute(_DROP, {"of": feed_id})
    else:
        tx.execute(_KEEP, {"feed_id": feed_id, "outline": packed})


# Made once: to build them for each document took longer than SQLite takes to carry them out.
_OUTLINE = select(feed_documents.c.outline).where(feed_documents.c.feed_id == bindparam("of"))
_DROP = delete(feed_documents).where(feed_documents.c.feed_id == bindparam("of"))
_ROW = insert(feed_documents)
_KEEP = _ROW.on_conflict_do_update(index_elements=["feed_id"], set_={"outline": _ROW.excluded.outline})
