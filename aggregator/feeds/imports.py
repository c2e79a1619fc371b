"""A list of blogs from somewhere else: kept, shown with what it would change, and only then taken over."""

import hashlib
import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from pathlib import Path

from aggregator import errors
from aggregator.clock import Clock
from aggregator.feeds import file as disk
from aggregator.feeds import opml
from aggregator.feeds.amend import RESUME
from aggregator.feeds.follow import LOCK, carry_out
from aggregator.feeds.opml import Problem, address_key
from aggregator.feeds.reconcile import SyncPlan, reconcile
from aggregator.model import Feed, Listing
from aggregator.store import feeds as store
from aggregator.store.database import Database

KEPT_FOR = timedelta(days=1)
"""How long a list waits for somebody to go ahead with it."""


class Way(StrEnum):
    """What becomes of feeds.opml."""

    ADD = "add"  # what is new is written into it; nothing that it lists is touched
    REPLACE = "replace"  # the list takes its place, and what it does not list is paused


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """What taking a list over would change; nothing is changed yet."""

    key: str  # of the list, as it is kept
    way: Way
    mark: str  # changes when the forecast does
    follow: tuple[Listing, ...]
    list_only: tuple[Listing, ...]  # blogs without a feed that feeds.opml would list
    resume: tuple[Feed, ...]
    pause: tuple[Feed, ...]
    update: tuple[Feed, ...]  # title, page, kind, region or address would change; as they are now
    unchanged: int
    problems: tuple[Problem, ...]  # with the list; those that refuse it have to be mended first

    @property
    def is_refused(self) -> bool:
        """Whether it cannot be taken over as it is; what is only added leaves its faulty outlines out."""
        return self.way is Way.REPLACE and any(problem.refuses for problem in self.problems)

    @property
    def changes(self) -> int:
        """How many feeds and blogs it is about."""
        return sum(map(len, (self.follow, self.list_only, self.resume, self.pause, self.update)))


class Imports:
    """Lists of blogs that somebody sends."""

    def __init__(self, *, db: Database, clock: Clock, feeds_file: Path, folder: Path) -> None:
        """Lists wait in `folder`, which is made when the first one comes."""
        self._db = db
        self._clock = clock
        self._file = feeds_file
        self._folder = folder

    def keep(self, content: bytes) -> str:
        """Keep a list until somebody goes ahead with it; its key. Raises BadListing for what is no OPML."""
        opml.read(content)
        key = hashlib.sha256(content).hexdigest()[:32]
        try:
            self._folder.mkdir(exist_ok=True)
            self._forget_old()
            (self._folder / f"{key}.opml").write_bytes(content)
        except OSError as error:
            what = f"The list cannot be kept in {self._folder}: {error.strerror}."
            raise errors.Refused(what, "Check that the data folder can be written and has room.") from error
        return key

    def forecast(self, key: str, way: Way) -> Forecast:
        """What a kept list would change. Raises NotFound when it does not wait, BadListing for a broken feeds.opml."""
        listings, ours = opml.read(self._content(key)), self._ours()
        with self._db.read() as tx:
            feeds = store.every(tx)
        plan = _plan(listings, ours, feeds, way)
        by_id = {feed.id: feed for feed in feeds}
        changed = {feed_id for feed_id, _ in (*plan.describe, *plan.readdress)} - set(plan.resume)
        list_only = _without_feed(listings, ours)
        seen = (plan.follow, list_only, plan.resume, plan.pause, plan.describe, plan.readdress)
        return Forecast(
            key=key,
            way=way,
            mark=hashlib.sha256(repr(seen).encode()).hexdigest()[:16],
            follow=plan.follow,
            list_only=list_only,
            resume=tuple(by_id[feed_id] for feed_id in plan.resume),
            pause=tuple(by_id[feed_id] for feed_id in plan.pause),
            update=tuple(by_id[feed_id] for feed_id in sorted(changed)),
            unchanged=plan.unchanged,
            problems=opml.problems(listings),
        )

    def take_over(self, key: str, way: Way, *, mark: str) -> Forecast:
        """Do what the forecast with this mark said; what was done.

        feeds.opml is written first: if the database then fails, the next sync does its part. Of one that is replaced, a
        copy stays beside it (`feeds.opml.before`). Raises Refused when the forecast has changed meanwhile, or a list
        with faults is to be the new one, and as `forecast` does.
        """
        with disk.changing(self._db.path.with_name(LOCK)):
            told, ours = self.forecast(key, way), self._ours()
            if told.is_refused:
                raise errors.Refused("This list has faults, and nothing was changed.", "Mend them, and send it again.")
            if told.mark != mark:
                raise errors.Refused("What this would change is not the same any more.", "Look through it once more.")
            content = self._content(key)
            self._write(told, content)
            with self._db.write() as tx:
                carry_out(tx, _plan(opml.read(content), ours, store.every(tx), way), self._clock())
        with suppress(OSError):
            self._path(key).unlink()
        return told

    def _write(self, told: Forecast, content: bytes) -> None:
        if told.way is Way.REPLACE:
            return disk.put(self._file, content)
        listings, ours = opml.read(content), self._ours()
        with self._db.read() as tx:
            feeds = store.every(tx)
        marked = {feed.xml_url: RESUME for feed in told.resume}
        listed_again = disk.amend(self._file, marked) if marked and self._file.exists() else frozenset()
        new = [one for one in _new(listings, ours, feeds) if one.xml_url not in listed_again]
        return disk.add_all(self._file, (*new, *told.list_only))

    def _ours(self) -> tuple[Listing, ...]:
        return disk.load(self._file) if self._file.exists() else ()

    def _path(self, key: str) -> Path:
        return self._folder / f"{key}.opml"

    def _content(self, key: str) -> bytes:
        try:
            if re.fullmatch("[0-9a-f]{32}", key):
                return self._path(key).read_bytes()
        except OSError:
            pass
        raise errors.NotFound("That list is not here any more: lists wait for a day.", "Choose the file once more.")

    def _forget_old(self) -> None:
        oldest = (self._clock() - KEPT_FOR).timestamp()
        for path in self._folder.glob("*.opml"):
            if path.stat().st_mtime < oldest:
                path.unlink(missing_ok=True)


def _plan(listings: Sequence[Listing], ours: Sequence[Listing], feeds: Sequence[Feed], way: Way) -> SyncPlan:
    if way is Way.REPLACE:
        return reconcile(listings, feeds)
    return replace(reconcile(_new(listings, ours, feeds), feeds), pause=())


def _new(listings: Sequence[Listing], ours: Sequence[Listing], feeds: Sequence[Feed]) -> tuple[Listing, ...]:
    """Of a list, the first listing of each feed that is not ours, neither here nor where it moved; faulty ones not."""
    known = {address_key(listing.xml_url) for listing in ours if listing.xml_url}
    known |= {address_key(feed.moved_to) for feed in feeds if feed.moved_to and address_key(feed.xml_url) in known}
    found: dict[str, Listing] = {}
    for listing in listings:
        if listing.xml_url and not _is_faulty(listing):
            found.setdefault(address_key(listing.xml_url), listing)
    return tuple(listing for key, listing in found.items() if key not in known)


def _without_feed(listings: Sequence[Listing], ours: Sequence[Listing]) -> tuple[Listing, ...]:
    """Of a list, the blogs without a feed that we do not list by their page, with or without a feed."""
    known = {address_key(listing.html_url) for listing in ours if listing.html_url}
    found: dict[str, Listing] = {}
    for listing in listings:
        if listing.xml_url is None and listing.html_url and not _is_faulty(listing):
            found.setdefault(address_key(listing.html_url), listing)
    return tuple(listing for key, listing in found.items() if key not in known)


def _is_faulty(listing: Listing) -> bool:
    return any(problem.refuses for problem in opml.problems([listing]))
