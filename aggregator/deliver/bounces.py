"""What becomes of a reader whose mailbox does not take our mail."""

from datetime import datetime

from aggregator.model import ConsentAction, SubscriberStatus
from aggregator.store import consents, subscribers
from aggregator.store.database import Tx

SOFT_BOUNCES = 5
"""In a row; then the mailbox is given up."""


def hard_bounce(tx: Tx, subscriber_id: int, at: datetime, *, said: str = "refused for good") -> None:
    """The mailbox takes nothing: no mail any more. `said` is the relay's code, such as "550 5.1.1", and no address.

    Who has left, or was given up before, stays as they are: a bounce is written down once.
    """
    found = subscribers.by_id(tx, subscriber_id)
    if found is None or found.status in (SubscriberStatus.UNSUBSCRIBED, SubscriberStatus.BOUNCED):
        return
    subscribers.end(tx, subscriber_id, SubscriberStatus.BOUNCED, at=at)
    subscribers.skip_queued(tx, subscriber_id)
    consents.log(tx, [subscriber_id], ConsentAction.BOUNCED, at=at, source=said)


def soft_bounce(tx: Tx, subscriber_id: int, at: datetime, *, said: str) -> None:
    """A mail did not get through this time; the fifth in a row is as a hard bounce."""
    found = subscribers.by_id(tx, subscriber_id)
    if found is None:
        return
    subscribers.set_soft_bounces(tx, subscriber_id, found.soft_bounces + 1)
    if found.soft_bounces + 1 >= SOFT_BOUNCES:
        hard_bounce(tx, subscriber_id, at, said=said)


def delivered(tx: Tx, subscriber_id: int) -> None:
    """A mail was taken for them: the next soft bounce is the first again."""
    subscribers.set_soft_bounces(tx, subscriber_id, 0)
