"""What each feed's last document was made of, as poll.reading packed it."""

from collections.abc import Mapping

from sqlalchemy import bindparam, delete, select
from sqlalchemy.dialects.sqlite import insert

from aggregator.store.database import Tx
from aggregator.store.schema import feed_documents


def outline(tx: Tx, feed_id: int) -> bytes | None:
    """The outline of a feed's last document; None when it has to be read whole."""
    found: bytes | None = tx.scalar(_OUTLINE, {"of": feed_id})
    return found


def keep_outlines(tx: Tx, packed: Mapping[int, bytes | None]) -> None:
    """Remember feeds' outlines, or that there is none (None).

    In the transaction of the entries: an outline says that they are there.
    """
    if kept := [{"feed_id": feed_id, "outline": each} for feed_id, each in packed.items() if each is not None]:
        tx.execute(_KEEP, kept)
    if dropped := [{"of": feed_id} for feed_id, each in packed.items() if each is None]:
        tx.execute(_DROP, dropped)


# Made once: to build them for each document took longer than SQLite takes to carry them out.
_OUTLINE = select(feed_documents.c.outline).where(feed_documents.c.feed_id == bindparam("of"))
_DROP = delete(feed_documents).where(feed_documents.c.feed_id == bindparam("of"))
_ROW = insert(feed_documents)
_KEEP = _ROW.on_conflict_do_update(index_elements=["feed_id"], set_={"outline": _ROW.excluded.outline})
