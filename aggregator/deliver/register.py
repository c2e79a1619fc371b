"""The register: who gets the mail, as editors see it; and lists of people that wait until somebody goes ahead."""

import re
import secrets
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

from aggregator.clock import Clock
from aggregator.deliver import own_data, spreadsheet
from aggregator.deliver.imports import ImportPlan
from aggregator.deliver.own_data import OwnData
from aggregator.deliver.subscribers import Subscribers
from aggregator.errors import NotFound, Refused
from aggregator.model import Subscriber, SubscriberStatus
from aggregator.store import subscribers
from aggregator.store.database import Database

KEPT_FOR = timedelta(days=1)
"""How long a list waits for somebody to go ahead with it."""
LARGEST_LIST = 5 * 1024 * 1024
"""Bytes: more than 100,000 addresses."""


class Register:
    """Everybody, one person, and lists. Lists wait in `folder`, which is made when the first one comes."""

    def __init__(self, *, db: Database, clock: Clock, subscribers: Subscribers, folder: Path) -> None:
        self._db = db
        self._clock = clock
        self._subscribers = subscribers
        self._folder = folder

    def newest(
        self, *, status: SubscriberStatus | None = None, before: int | None = None, limit: int = 50
    ) -> tuple[Subscriber, ...]:
        """Who came last, of one status or all; before the one with the id `before`."""
        with self._db.read() as tx:
            return subscribers.newest(tx, status=status, before=before, limit=limit)

    def found(self, words: str, *, limit: int = 50) -> tuple[Subscriber, ...]:
        """Those whose address holds these words, by address."""
        with self._db.read() as tx:
            return subscribers.found(tx, "".join(words.lower().split()), limit=limit)

    def about(self, subscriber_id: int) -> OwnData:
        """All that is kept about one person. Raises NotFound."""
        with self._db.read() as tx:
            found = subscribers.by_id(tx, subscriber_id)
            if found is None:
                raise NotFound("There is no such subscriber (any more).", "Look for them among the subscribers.")
            return own_data.of(tx, found)

    # ------------------------------------------------------------------------------------------ lists

    def keep(self, raw: bytes) -> str:
        """Keep a list until somebody goes ahead with it; its key.

        Raises WrongUse for what is no list of addresses, Refused when there is no room for it.
        """
        spreadsheet.addresses_in(spreadsheet.text_of(raw))
        key = secrets.token_hex(16)
        try:
            self._folder.mkdir(mode=0o700, exist_ok=True)
            self._path(key).touch(mode=0o600)  # before there is anything in it: these are people
            self._path(key).write_bytes(raw)
        except OSError as error:
            what = f"The list cannot be kept: {error.strerror}."
            raise Refused(what, "Somebody has to see whether the data folder can be written and has room.") from error
        return key

    def preview(self, key: str) -> ImportPlan:
        """What bringing a kept list in would do. Raises NotFound when it does not wait."""
        return self._subscribers.preview(self._text(key))

    def bring_in(self, key: str, *, basis: str) -> ImportPlan:
        """Do it, and forget the list. Raises WrongUse for a basis that says nothing, and as `preview` does."""
        done = self._subscribers.bring_in(self._text(key), basis=basis)
        self.forget(key)
        return done

    def forget(self, key: str) -> None:
        """Forget a list that waits."""
        if re.fullmatch("[0-9a-f]{32}", key):
            with suppress(OSError):
                self._path(key).unlink()

    def forget_old(self) -> None:
        """Forget the lists that nobody went ahead with."""
        oldest = (self._clock() - KEPT_FOR).timestamp()
        for path in self._folder.glob("*.csv"):
            with suppress(OSError):
                if path.stat().st_mtime < oldest:
                    path.unlink()

    def _path(self, key: str) -> Path:
        return self._folder / f"{key}.csv"

    def _text(self, key: str) -> str:
        with suppress(OSError):
            if re.fullmatch("[0-9a-f]{32}", key):
                return spreadsheet.text_of(self._path(key).read_bytes())
        raise NotFound("That list is not here any more: lists wait for a day.", "Choose the file once more.")
