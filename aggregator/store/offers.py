"""Feeds found on the pages that stand where feeds were."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, insert, select

from aggregator.model import Offer
from aggregator.store.database import Tx
from aggregator.store.schema import offered_feeds


def every(tx: Tx) -> dict[int, tuple[Offer, ...]]:
    """By feed, in the order of its page."""
    found: defaultdict[int, list[Offer]] = defaultdict(list)
    columns = (offered_feeds.c.feed_id, offered_feeds.c.url, offered_feeds.c.title)
    for row in tx.execute(select(*columns).order_by(offered_feeds.c.feed_id, offered_feeds.c.position)):
        found[row.feed_id].append(Offer(url=row.url, title=row.title))
    return {feed_id: tuple(offers) for feed_id, offers in found.items()}


def replace(tx: Tx, feed_id: int, offers: Sequence[Offer], now: datetime) -> None:
    """Keep what is offered in place of a feed, and forget what was."""
    tx.execute(delete(offered_feeds).where(offered_feeds.c.feed_id == feed_id))
    for position, offer in enumerate(offers, start=1):
        tx.execute(
            insert(offered_feeds).values(
                feed_id=feed_id, position=position, url=offer.url, title=offer.title, found_at=now
            )
        )
