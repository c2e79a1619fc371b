"""What each feed's last document was made of, as poll.reading packed it."""

from sqlalchemy import delete, select
from sqlalchemy.dialects.sqlite import insert

from aggregator.store.database import Tx
from aggregator.store.schema import feed_documents


def outline(tx: Tx, feed_id: int) -> bytes | None:
    """The outline of a feed's last document; None when it has to be read whole."""
    found: bytes | None = tx.scalar(select(feed_documents.c.outline).where(feed_documents.c.feed_id == feed_id))
    return found


def keep_outline(tx: Tx, feed_id: int, packed: bytes | None) -> None:
    """Remember an outline, or that there is none. In the transaction of the entries: it says that they are there."""
    if packed is None:
        tx.execute(delete(feed_documents).where(feed_documents.c.feed_id == feed_id))
    else:
        row = insert(feed_documents).values(feed_id=feed_id, outline=packed)
        tx.execute(row.on_conflict_do_update(index_elements=["feed_id"], set_={"outline": packed}))
