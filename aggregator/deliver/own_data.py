"""All that is kept about one reader, to take away."""

from dataclasses import dataclass

import msgspec

from aggregator.model import Consent, Subscriber
from aggregator.store import consents, returned, subscribers
from aggregator.store.database import Tx
from aggregator.store.returned import CameBack
from aggregator.store.subscribers import Received


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnData:
    """All that is kept about one person."""

    subscriber: Subscriber
    consents: tuple[Consent, ...]
    received: tuple[Received, ...]
    came_back: tuple[CameBack, ...]

    def as_json(self) -> str:
        """To take away."""
        return msgspec.json.format(msgspec.json.encode(self), indent=2).decode() + "\n"


def of(tx: Tx, found: Subscriber) -> OwnData:
    """What is kept about this person."""
    return OwnData(
        subscriber=found,
        consents=consents.of_subscriber(tx, found.id),
        received=subscribers.received(tx, found.id),
        came_back=returned.of_subscriber(tx, found.id),
    )
