"""Who gets a digest that is published: readers by mail, and other publications."""

from collections.abc import Mapping
from typing import Protocol

from aggregator.model import Digest, Form
from aggregator.store.database import Tx


class Audience(Protocol):
    """Everybody who gets it, written down in the transaction that publishes it or puts it right."""

    def check(self, digest: Digest, forms: Mapping[Form, str]) -> None:
        """Raises Refused when these forms cannot be sent by mail."""

    def freeze(self, tx: Tx, digest: Digest) -> None:
        """Fix who gets it by mail."""

    def announce(self, tx: Tx, digest: Digest) -> None:
        """Let every other publication have it as it is now."""
