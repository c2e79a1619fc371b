"""What becomes of a reader whose mailbox does not take our mail."""

from collections.abc import Sequence
from datetime import datetime

from aggregator.deliver.returned.report import is_policy
from aggregator.model import ConsentAction, DeliveryStatus, SubscriberStatus
from aggregator.store import consents, returned, subscribers
from aggregator.store.database import Tx
from aggregator.store.returned import Fate

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


def came_back(tx: Tx, subscriber_id: int, at: datetime, *, said: str) -> None:
    """A mail that the relay took came back later: soft, and written down already; the fifth in a row is as a hard one.

    The row is counted anew in the ledger: the relay's taking of each of them had seemed to end it.
    """
    row = _soft_in_a_row(returned.fates(tx, subscriber_id, limit=4 * SOFT_BOUNCES))
    subscribers.set_soft_bounces(tx, subscriber_id, row)
    if row >= SOFT_BOUNCES:
        hard_bounce(tx, subscriber_id, at, said=said)


def _soft_in_a_row(fates: Sequence[Fate]) -> int:
    """How many of the last mails did not get through this time; one that was not wanted says nothing of the mailbox."""
    count = 0
    for fate in fates:
        codes = [fate.error or ""] if fate.status is DeliveryStatus.FAILED else list(fate.soft)
        if codes and all(is_policy(code) for code in codes):
            continue
        if not fate.soft and not (codes and codes[0].startswith("4")):
            return count
        count += 1
    return count


def delivered(tx: Tx, subscriber_id: int) -> None:
    """A mail was taken for them: the next soft bounce is the first again."""
    subscribers.set_soft_bounces(tx, subscriber_id, 0)
