"""The verbs that keep feeds.opml true: how every feed is doing, and the changes that this calls for."""

from collections.abc import Sequence
from pathlib import Path

from aggregator import errors
from aggregator.clock import Clock
from aggregator.feeds import file as disk
from aggregator.feeds.amend import TAKE_OUT
from aggregator.feeds.difference import Change, difference
from aggregator.feeds.edits import Edit, proposed
from aggregator.feeds.follow import LOCK, NEW_ADDRESS
from aggregator.feeds.health import Health, health
from aggregator.model import FeedStatus
from aggregator.store import feeds as store
from aggregator.store import hubs, offers, polls
from aggregator.store.database import Database, Tx

ASKED_FOR = "somebody asked for it"


class Upkeep:
    """What polling found out, for those who keep the feeds file."""

    def __init__(self, *, db: Database, clock: Clock, feeds_file: Path) -> None:
        self._db = db
        self._clock = clock
        self._file = feeds_file

    def health(self) -> tuple[Health, ...]:
        """Every feed and how it is doing, those that need a hand first."""
        with self._db.read() as tx:
            return health(store.every(tx), offers.every(tx), hubs.answers(tx), self._clock())

    def edits(self) -> tuple[Edit, ...]:
        """The changes of the feeds file that are called for; nothing is changed."""
        with self._db.read() as tx:
            return proposed(store.every(tx), offers.every(tx), self._clock())

    def difference(self, ids: Sequence[str] | None = None) -> tuple[Change, ...]:
        """What these changes, or without ids all that are sure, would make of the feeds file, line by line.

        Raises as `apply` does; nothing is changed.
        """
        edits = self.edits()
        chosen = _chosen(edits, ids) if ids else tuple(edit for edit in edits if edit.is_sure and ids is None)
        before = disk.text_of(self._file)
        after, _ = disk.would_be(self._file, before, {edit.xml_url: edit.to for edit in chosen})
        return difference(before, after)

    def apply(self, ids: Sequence[str] = ()) -> tuple[Edit, ...]:
        """Make the proposed changes with these ids, or all that are sure, in the file and then in the database.

        A feed keeps its entries at its new address. If the database then fails, `sync` does its part. An outline that
        is no longer in the file is passed over; what was changed is returned. Raises NotFound for an id that is not
        proposed, Refused for a file that cannot be written, BadListing for one that cannot be read.
        """
        with disk.changing(self._db.path.with_name(LOCK)):
            chosen = _chosen(self.edits(), ids)
            found = disk.amend(self._file, {edit.xml_url: edit.to for edit in chosen}) if chosen else frozenset()
            made = tuple(edit for edit in chosen if edit.xml_url in found)
            with self._db.write() as tx:
                for edit in made:
                    self._record(tx, edit)
        return made

    def hasten(self, feed_id: int) -> None:
        """Let the next poll of what is due take this feed, whenever its own time is."""
        with self._db.write() as tx:
            polls.make_due(tx, feed_id, self._clock(), ASKED_FOR)

    def _record(self, tx: Tx, edit: Edit) -> None:
        if edit.to in (None, TAKE_OUT):
            store.set_status(tx, [edit.feed_id], FeedStatus.PAUSED)
            return
        now = self._clock()
        if store.by_xml_url(tx, edit.to) is None:
            store.readdress(tx, edit.feed_id, edit.to, at=now, next_poll_reason=NEW_ADDRESS)
        offers.replace(tx, edit.feed_id, (), now)


def _chosen(edits: Sequence[Edit], ids: Sequence[str]) -> tuple[Edit, ...]:
    known = {edit.id: edit for edit in edits}
    for wanted in ids:
        if wanted not in known:
            raise errors.NotFound(f"No change {wanted} is proposed.", "See them all with: five feeds edits")
    chosen = [known[wanted] for wanted in dict.fromkeys(ids)] if ids else [edit for edit in edits if edit.is_sure]
    taken: set[int] = set()
    for edit in chosen:
        if edit.feed_id in taken:
            raise errors.WrongUse(f"Two changes of one feed were named: {edit.title}.", "Choose one of them.")
        taken.add(edit.feed_id)
    return tuple(chosen)
