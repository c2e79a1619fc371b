"""Subscriptions at WebSub hubs: what was asked, what came of it."""

from datetime import datetime
from typing import Any

from sqlalchemy import or_, select, update
from sqlalchemy.dialects.sqlite import insert

from aggregator.model import FeedStatus, HubAnswer, HubStatus, HubSubscription
from aggregator.store.database import Tx
from aggregator.store.schema import feeds, hub_subscriptions

Wanted = tuple[int, str, str]
"""A feed's id, its hub and the topic to ask for."""


def name_hub(tx: Tx, feed_id: int, hub_url: str | None, topic_url: str | None) -> None:
    """Keep which hub a feed names, and by which address that knows it."""
    tx.execute(update(feeds).where(feeds.c.id == feed_id).values(hub_url=hub_url, topic_url=topic_url))


def due(tx: Tx, now: datetime, limit: int) -> tuple[Wanted, ...]:
    """The active feeds whose hub is to be asked: for the first time, again, or because the feed named another one."""
    held = hub_subscriptions.c
    rows = tx.execute(
        select(feeds.c.id, feeds.c.hub_url, feeds.c.topic_url)
        .join_from(feeds, hub_subscriptions, held.feed_id == feeds.c.id, isouter=True)
        .where(
            feeds.c.status == FeedStatus.ACTIVE.value,
            feeds.c.hub_url.is_not(None),
            or_(
                held.feed_id.is_(None),
                held.next_ask_at <= now,
                held.hub_url != feeds.c.hub_url,
                held.topic_url != feeds.c.topic_url,
            ),
        )
        .order_by(feeds.c.id)
        .limit(limit)
    )
    return tuple((row.id, row.hub_url, row.topic_url) for row in rows)


def of_feed(tx: Tx, feed_id: int) -> HubSubscription | None:
    """The subscription of a feed."""
    return _one(tx, hub_subscriptions.c.feed_id == feed_id)


def answers(tx: Tx) -> dict[int, HubAnswer]:
    """What came of asking the hubs that feeds name now, by feed."""
    held = hub_subscriptions.c
    rows = tx.execute(
        select(held.feed_id, held.status, held.ends_at, held.message)
        .join_from(hub_subscriptions, feeds, held.feed_id == feeds.c.id)
        .where(held.hub_url == feeds.c.hub_url, held.topic_url == feeds.c.topic_url)
    )
    return {
        row.feed_id: HubAnswer(status=HubStatus(row.status), ends_at=row.ends_at, message=row.message) for row in rows
    }


def by_token(tx: Tx, token: str) -> HubSubscription | None:
    """The subscription whose callback ends with this token, of a feed that is still followed."""
    active = select(feeds.c.id).where(feeds.c.status == FeedStatus.ACTIVE.value)
    return _one(tx, hub_subscriptions.c.token == token, hub_subscriptions.c.feed_id.in_(active))


def keep(tx: Tx, subscription: HubSubscription, *, asked_at: datetime, next_ask_at: datetime) -> None:
    """Keep what is about to be asked."""
    values: dict[str, Any] = {
        "hub_url": subscription.hub_url,
        "topic_url": subscription.topic_url,
        "token": subscription.token,
        "secret": subscription.secret,
        "status": subscription.status.value,
        "ends_at": subscription.ends_at,
        "tries": subscription.tries,
        "asked_at": asked_at,
        "next_ask_at": next_ask_at,
        "message": "",
    }
    new = insert(hub_subscriptions).values(feed_id=subscription.feed_id, **values)
    tx.execute(new.on_conflict_do_update(index_elements=["feed_id"], set_=values))


def settle(tx: Tx, feed_id: int, **values: Any) -> None:
    """Record what came of it: columns of the table by name."""
    if isinstance(status := values.get("status"), HubStatus):
        values["status"] = status.value
    tx.execute(update(hub_subscriptions).where(hub_subscriptions.c.feed_id == feed_id).values(**values))


def _one(tx: Tx, *conditions: Any) -> HubSubscription | None:
    held = hub_subscriptions.c
    columns = (held.feed_id, held.hub_url, held.topic_url, held.token, held.secret, held.status, held.ends_at)
    row = tx.execute(select(*columns, held.tries).where(*conditions)).one_or_none()
    if row is None:
        return None
    return HubSubscription(**row._asdict() | {"status": HubStatus(row.status)})
