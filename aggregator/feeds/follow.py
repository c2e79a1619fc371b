"""The verbs of this room: follow what feeds.opml lists, find and add a blog, check and export the list."""

from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from aggregator import errors
from aggregator.asking import Asks
from aggregator.clock import Clock
from aggregator.feeds import file as disk
from aggregator.feeds import opml
from aggregator.feeds.amend import PAUSE, RESUME
from aggregator.feeds.discover import Candidate, ReadFeed, discover
from aggregator.feeds.living import Blog, living_list
from aggregator.feeds.opml import Problem, address_key
from aggregator.feeds.outlines import plain
from aggregator.feeds.reconcile import SyncPlan, reconcile
from aggregator.model import Feed, FeedStatus, Listing
from aggregator.sandbox import Sandbox
from aggregator.store import feeds as store
from aggregator.store.database import Database, Tx

NEVER_POLLED = "never polled yet"
NEW_ADDRESS = "its address changed"
ADDED = "read when it was added"
RESUMED = "followed again"
LOCK = "feeds.lock"
"""Beside the database: held by whoever changes the feeds file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncReport:
    """What following a file changed; each feed as it is now, and in one of the first four only."""

    followed: tuple[Feed, ...]
    resumed: tuple[Feed, ...]
    paused: tuple[Feed, ...]
    updated: tuple[Feed, ...]
    unchanged: int
    without_feed: int  # listings that have no feed
    problems: tuple[Problem, ...]  # that did not refuse the file: the second listing of a feed, no address at all


class Follow:
    """Which feeds we follow. feeds.opml is the truth; the database follows it."""

    def __init__(
        self,
        *,
        db: Database,
        clock: Clock,
        feeds_file: Path,
        outbound: Asks,
        sandbox: Sandbox,
        read_feed: ReadFeed,
    ) -> None:
        self._db = db
        self._clock = clock
        self._file = feeds_file
        self._outbound = outbound
        self._sandbox = sandbox
        self._read_feed = read_feed

    def sync(self, file: Path | None = None) -> SyncReport:
        """Follow what `file` (feeds.opml, when none is given) lists, and pause what it does not; all or nothing.

        Raises NotFound for a missing file and BadListing for one that cannot be read or has a problem that refuses
        it; nothing is changed then.
        """
        file = file or self._file
        listings = disk.load(file)
        found = opml.problems(listings)
        _refuse(file, [problem for problem in found if problem.refuses])
        with self._db.write() as tx:
            plan = reconcile(listings, store.every(tx))
            followed = carry_out(tx, plan, self._clock())
            now = {feed.id: feed for feed in store.every(tx)}
        changed = {feed_id for feed_id, _ in (*plan.describe, *plan.readdress)} - set(plan.resume)
        return SyncReport(
            followed=tuple(now[feed_id] for feed_id in followed),
            resumed=tuple(now[feed_id] for feed_id in plan.resume),
            paused=tuple(now[feed_id] for feed_id in plan.pause),
            updated=tuple(feed for feed in now.values() if feed.id in changed),
            unchanged=plan.unchanged,
            without_feed=plan.without_feed,
            problems=tuple(problem for problem in found if not problem.refuses),
        )

    def feeds(self) -> tuple[Feed, ...]:
        """Every feed ever followed, by kind and title."""
        with self._db.read() as tx:
            return store.every(tx)

    def tally(self) -> tuple[int, int]:
        """How many feeds are followed, and how many of those are failing."""
        with self._db.read() as tx:
            return store.tally(tx)

    def blogs(self) -> tuple[Blog, ...]:
        """The living list: what is followed, and what the feeds file lists without a feed, when it can be read."""
        with self._db.read() as tx:
            followed = store.living(tx)
        try:
            listings = disk.load(self._file)
        except (errors.NotFound, errors.BadListing):
            listings = ()
        return living_list(followed, listings, self._clock())

    def feed(self, selector: str) -> Feed:
        """The feed with this id or address. Raises NotFound."""
        with self._db.read() as tx:
            if selector.isascii() and selector.isdigit() and len(selector) < 19:
                found = store.by_id(tx, int(selector))
            else:
                key = address_key(selector)
                found = store.by_xml_url(tx, selector) or next(
                    (feed for feed in store.every(tx) if address_key(feed.xml_url) == key), None
                )
        if found is None:
            raise errors.NotFound(f"No feed {selector} is followed.", "See: five feeds list")
        return found

    async def find(self, url: str) -> tuple[Candidate, ...]:
        """The feeds of the blog at `url`: at least one, the likeliest first.

        Raises BadAddress, FetchFailed when the page cannot be fetched, and NotFound when it has no feed.
        """
        found = await discover(self._outbound, self._sandbox, self._read_feed, url)
        if not found:
            raise errors.NotFound(
                f"No feed was found at {url}.", "Give the feed's own address, or list the blog without one."
            )
        return found

    def add(self, candidate: Candidate, *, title: str, kind: str, region: str = "") -> Feed:
        """List a found feed in feeds.opml, in the group `kind`, and follow it.

        The file is written first: if the database then fails, the next sync follows the feed. Raises Refused for a
        feed that is listed already, be it where it was before it moved, and for a file that cannot be written,
        BadListing for one that cannot be read.
        """
        listing = Listing(
            title=plain(title) or plain(candidate.title) or urlsplit(candidate.url).netloc,
            xml_url=candidate.url,
            html_url=candidate.html_url,
            kind=plain(kind),
            region=plain(region),
            confidence=ADDED,
        )
        with disk.changing(self._db.path.with_name(LOCK)):
            self._refuse_where_one_moved(listing)
            disk.add(self._file, listing)
        with self._db.write() as tx:
            carry_out(tx, replace(reconcile([listing], store.every(tx)), pause=()), self._clock())
        return self.feed(candidate.url)

    def pause(self, feed_id: int) -> Feed:
        """Poll this feed no more; its entries and picks stay, and its outline in feeds.opml becomes a comment.

        Raises NotFound, BadListing for a file that cannot be read, and Refused for one that cannot be written or where
        other feeds stand inside that outline.
        """
        feed = self.feed(str(feed_id))
        with disk.changing(self._db.path.with_name(LOCK)):
            if self._file.exists():
                self._refuse_others_inside(feed)
                disk.amend(self._file, {feed.xml_url: PAUSE})
            with self._db.write() as tx:
                store.set_status(tx, [feed.id], FeedStatus.PAUSED)
        return self.feed(str(feed.id))

    def resume(self, feed_id: int) -> Feed:
        """Poll a paused feed, or one that is gone, again, and at once; feeds.opml lists it again if it did not.

        Raises NotFound, and as `add` does for the file.
        """
        feed = self.feed(str(feed_id))
        with disk.changing(self._db.path.with_name(LOCK)):
            was_marked = self._file.exists() and disk.amend(self._file, {feed.xml_url: RESUME})
            if not was_marked and not self._lists(feed):
                disk.add(self._file, as_listing(feed))
            with self._db.write() as tx:
                store.resume(tx, feed.id, at=self._clock(), next_poll_reason=RESUMED)
        return self.feed(str(feed.id))

    def _lists(self, feed: Feed) -> bool:
        key = address_key(feed.xml_url)
        listings = disk.load(self._file) if self._file.exists() else ()
        return any(listing.xml_url and address_key(listing.xml_url) == key for listing in listings)

    def _refuse_where_one_moved(self, listing: Listing) -> None:
        """Refuse to list a feed beside its own old address: the next sync would follow that one anew."""
        feeds = {feed.id: feed for feed in self.feeds()}
        for feed_id, url in reconcile([listing], tuple(feeds.values())).readdress:
            old = feeds[feed_id]
            if address_key(old.xml_url) != address_key(url) and self._lists(old):
                what = f"This is where “{old.title}” has moved to, which is listed as {old.xml_url}."
                raise errors.Refused(what, "In the feeds file, put the new one in its place; then: five feeds sync")

    def _refuse_others_inside(self, feed: Feed) -> None:
        before = disk.text_of(self._file)
        after, found = disk.would_be(self._file, before, {feed.xml_url: PAUSE})
        if found and len(opml.read(before)) - len(opml.read(after)) > 1:
            what = f"Other blogs stand inside the outline of {feed.title} in the feeds file, or it is listed twice."
            raise errors.Refused(what, "Give each blog one outline of its own in the file, then pause it.")

    def check(self, file: Path | None = None) -> tuple[Problem, ...]:
        """What is wrong in `file` (feeds.opml, when none is given). Raises NotFound or BadListing as `sync` does."""
        return opml.problems(disk.load(file or self._file))

    def export(self) -> str:
        """What is followed, as OPML: what was paused is left out."""
        listings = [as_listing(feed) for feed in self.feeds() if feed.status is not FeedStatus.PAUSED]
        return opml.write(listings, title="Five for Friday: what we follow")


def carry_out(tx: Tx, plan: SyncPlan, now: datetime) -> list[int]:
    """Make the followed feeds what a plan says; the ids of what is newly followed."""
    for feed_id, url in plan.readdress:
        store.readdress(tx, feed_id, url, at=now, next_poll_reason=NEW_ADDRESS)
    for feed_id, listing in plan.describe:
        store.describe(tx, feed_id, listing)
    store.set_status(tx, plan.resume, FeedStatus.ACTIVE)
    store.set_status(tx, plan.pause, FeedStatus.PAUSED)
    return [store.follow(tx, listing, at=now, next_poll_reason=NEVER_POLLED) for listing in plan.follow]


def _refuse(file: Path, problems: list[Problem]) -> None:
    if problems:
        first = problems[0]
        number = "a problem" if len(problems) == 1 else f"{len(problems)} problems"
        what = f"{file} has {number}, and nothing was changed. Line {first.line}: {first.message}"
        raise errors.BadListing(
            what, f"{first.advice} To see all that is wrong: five feeds check {file}", line=first.line
        )


def as_listing(feed: Feed) -> Listing:
    """The outline that lists this feed."""
    return Listing(
        title=feed.title,
        xml_url=feed.xml_url,
        html_url=feed.html_url,
        kind=feed.kind,
        region=feed.region,
        confidence=feed.confidence,
    )
