"""Subscriptions at WebSub hubs: what was asked, what came of it."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, delete, or_, select, update
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
    """The active feeds whose hub is to be asked, for the first time or again.

    While the hub that a feed named before has still to be left, the one that it names now waits.
    """
    held = hub_subscriptions.c
    rows = tx.execute(
        select(feeds.c.id, feeds.c.hub_url, feeds.c.topic_url)
        .join_from(feeds, hub_subscriptions, held.feed_id == feeds.c.id, isouter=True)
        .where(
            feeds.c.status == FeedStatus.ACTIVE.value,
            feeds.c.hub_url.is_not(None),
            or_(
                held.feed_id.is_(None),
                and_(_is_wanted(), or_(held.next_ask_at <= now, held.status == HubStatus.LEAVING.value)),
            ),
        )
        .order_by(feeds.c.id)
        .limit(limit)
    )
    return tuple((row.id, row.hub_url, row.topic_url) for row in rows)


def unwanted(tx: Tx, now: datetime, limit: int) -> tuple[HubSubscription, ...]:
    """What is to be ended now: its feed is not followed any more, or names another hub or none."""
    rows = tx.execute(
        _subscriptions()
        .join_from(hub_subscriptions, feeds, _of.feed_id == feeds.c.id)
        .where(~_is_wanted(), or_(_of.status != HubStatus.LEAVING.value, _of.next_ask_at <= now))
        .order_by(_of.feed_id)
        .limit(limit)
    )
    return tuple(_subscription(row) for row in rows)


def of_feed(tx: Tx, feed_id: int) -> HubSubscription | None:
    """The subscription of a feed."""
    return _one(tx, hub_subscriptions.c.feed_id == feed_id)


def answers(tx: Tx) -> dict[int, HubAnswer]:
    """What came of asking the hubs that feeds name now, by feed."""
    held = hub_subscriptions.c
    rows = tx.execute(
        select(held.feed_id, held.status, held.ends_at, held.message)
        .join_from(hub_subscriptions, feeds, held.feed_id == feeds.c.id)
        .where(
            held.hub_url == feeds.c.hub_url,
            held.topic_url == feeds.c.topic_url,
            held.status != HubStatus.LEAVING.value,  # of a feed that is followed again, and asks its hub next
        )
    )
    return {
        row.feed_id: HubAnswer(status=HubStatus(row.status), ends_at=row.ends_at, message=row.message) for row in rows
    }


def by_token(tx: Tx, token: str) -> HubSubscription | None:
    """The subscription whose callback ends with this token, of a feed that is still followed."""
    active = select(feeds.c.id).where(feeds.c.status == FeedStatus.ACTIVE.value)
    return _one(tx, hub_subscriptions.c.token == token, hub_subscriptions.c.feed_id.in_(active))


def being_left(tx: Tx, token: str) -> HubSubscription | None:
    """The subscription whose callback ends with this token, when we want its end."""
    wanted = select(feeds.c.id).where(_of.feed_id == feeds.c.id, _is_wanted())
    return _one(tx, _of.token == token, _of.status == HubStatus.LEAVING.value, ~wanted.exists())


def forget(tx: Tx, feed_id: int) -> None:
    """Keep no subscription of this feed."""
    tx.execute(delete(hub_subscriptions).where(_of.feed_id == feed_id))


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


_of = hub_subscriptions.c


def _is_wanted() -> ColumnElement[bool]:
    """Whether a feed is followed, and names the hub of the subscription, by the same topic."""
    return and_(
        feeds.c.status == FeedStatus.ACTIVE.value,
        feeds.c.hub_url.is_not_distinct_from(_of.hub_url),
        feeds.c.topic_url.is_not_distinct_from(_of.topic_url),
    )


def _subscriptions() -> Select[*tuple[Any, ...]]:
    return select(_of.feed_id, _of.hub_url, _of.topic_url, _of.token, _of.secret, _of.status, _of.ends_at, _of.tries)


def _one(tx: Tx, *conditions: Any) -> HubSubscription | None:
    row = tx.execute(_subscriptions().where(*conditions)).one_or_none()
    return None if row is None else _subscription(row)


def _subscription(row: Row[*tuple[Any, ...]]) -> HubSubscription:
    return HubSubscription(**row._asdict() | {"status": HubStatus(row.status)})
