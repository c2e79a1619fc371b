"""Verbs on bookmarks: any page at once, all of them with their words, public or private, this week or the next."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from aggregator.addresses import safe_url
from aggregator.asking import Asks
from aggregator.canonical import without_tracking
from aggregator.clock import Calendar, Clock
from aggregator.curate import keeping
from aggregator.curate.keeping import Shortlisted
from aggregator.curate.titles import clean_title
from aggregator.curate.visit import Visited, unread, visit
from aggregator.errors import BadAddress, Refused
from aggregator.metadata import MAX_AUTHOR
from aggregator.model import Bookmark, Kind, Shelf, UsedBefore
from aggregator.sandbox import Sandbox
from aggregator.sanitise import line
from aggregator.store import bookmarks, digests, inbox
from aggregator.store.bookmarks import Found
from aggregator.store.database import Database, Tx
from aggregator.store.inbox import Cursor

AT_ONCE = 10
"""Pages that are read at the same time."""
LEASE = timedelta(minutes=10)
"""After so long, a page is read again whose reading was cut short; and one that did not answer."""
GIVE_UP = timedelta(days=1)
"""A page that has not answered for so long since it was bookmarked is left alone."""
MOST_WORDS = 10
LONGEST_ADDRESS = 2000


class Bookmarks:
    """What curators do with bookmarks, besides what the inbox needs (`Desk`)."""

    def __init__(self, *, db: Database, clock: Clock, calendar: Calendar, outbound: Asks, sandbox: Sandbox) -> None:
        self._db = db
        self._clock = clock
        self._calendar = calendar
        self._outbound = outbound
        self._sandbox = sandbox

    def add(self, address: str, *, title: str = "", note: str = "", by: int | None = None) -> Shortlisted:
        """Bookmark any page, at once: what it says of itself is read later, by `visit_due`.

        A page has one bookmark: it comes back to this week, and a note goes below the one that is there. `title` counts
        for a page that is new to us. Raises BadAddress.
        """
        url = safe_url(address)
        if url is None or len(url) > LONGEST_ADDRESS:
            raise BadAddress("That is no address of a page.", "Give one that begins with https:// or http://.")
        url, words = without_tracking(url), clean_title(line(title))
        with self._db.write() as tx:
            known = keeping.known(tx, url)
            found = known or replace(unread(url), title=words or url)
            held = bookmarks.at_address(tx, found.canonical_url)
            done = keeping.keep(
                tx,
                Visited(asked=url, found=found),
                note=_both(held.note if held else "", note) if note.strip() else None,
                friday=self._open_friday(tx),
                at=self._clock(),
                by=by,
                visit_at=None if known else self._clock(),
            )
        below = " Your note is below the one that was there." if held and held.note and note.strip() else ""
        return replace(done, warning=f"{done.warning or ''}{below}".strip() or None)

    async def visit_due(self) -> int:
        """Read the pages whose time has come, and fill in what nobody has written; how many that were.

        A page that does not answer is asked again, less and less often, for a day.
        """
        read = 0
        while due := await asyncio.to_thread(self._claim):
            await asyncio.gather(*(self._visit(bookmark) for bookmark in due))
            read += len(due)
        return read

    def all(
        self, *, search: str = "", shelf: Shelf = Shelf.ALL, limit: int = 50, after: Cursor | None = None
    ) -> tuple[Bookmark, ...]:
        """Bookmarks with every word of `search` somewhere, newest first; `after` is `added_at` and id of the last."""
        with self._db.read() as tx:
            return bookmarks.matching(tx, search.split()[:MOST_WORDS], shelf, limit=limit, after=after)

    def used_before(self, candidates: Sequence[Bookmark]) -> Mapping[int, tuple[UsedBefore, ...]]:
        """By bookmark, what published digests had of the same organisation or feed, the latest first."""
        names = {bookmark.organisation for bookmark in candidates if bookmark.organisation}
        feeds = {bookmark.feed_id for bookmark in candidates if bookmark.feed_id is not None}
        with self._db.read() as tx:
            used = bookmarks.used_before(tx, names, feeds)
        found: defaultdict[int, list[UsedBefore]] = defaultdict(list)
        for bookmark in candidates:
            for pick in used:
                same_feed = pick.feed_id is not None and pick.feed_id == bookmark.feed_id
                if same_feed or (pick.organisation and pick.organisation == bookmark.organisation):
                    found[bookmark.id].append(pick)
        return {bookmark.id: tuple(found[bookmark.id]) for bookmark in candidates}

    def edit(
        self,
        bookmark_id: int,
        *,
        expected_revision: int,
        title: str | None = None,
        author: str | None = None,
        organisation: str | None = None,
        kind: Kind | None = None,
        note: str | None = None,
    ) -> Bookmark:
        """Save what a curator wrote; None leaves what is there, and a pick of it keeps its own copy. Raises NotFound.

        Raises Refused when somebody changed it since `expected_revision`: nothing is saved then. Its page may have been
        read meanwhile: that changes no revision, so leave what the curator did not touch.
        """
        with self._db.write() as tx:
            held = keeping.bookmark(tx, bookmark_id)
            if held.revision != expected_revision:
                raise Refused("Somebody else changed this bookmark meanwhile.", "Compare, and save again.")
            edited = replace(
                held,
                title=held.title if title is None else line(title) or held.url,
                author=held.author if author is None else line(author, MAX_AUTHOR) or None,
                organisation=held.organisation if organisation is None else line(organisation, MAX_AUTHOR) or None,
                kind=kind or held.kind,
                note=held.note if note is None else note.strip(),
            )
            if edited != held:
                bookmarks.edit(
                    tx,
                    bookmark_id,
                    title=edited.title,
                    author=edited.author,
                    organisation=edited.organisation,
                    kind=edited.kind,
                    note=edited.note,
                )
            return keeping.bookmark(tx, bookmark_id)

    def set_public(self, bookmark_id: int, is_public: bool) -> Bookmark:
        """Show it to readers among the bookmarks, or not; digests stay as they are. Raises NotFound."""
        with self._db.write() as tx:
            keeping.bookmark(tx, bookmark_id)
            bookmarks.set_public(tx, bookmark_id, is_public)
            return keeping.bookmark(tx, bookmark_id)

    def carry_over(self, bookmark_id: int) -> Bookmark:
        """Put it on the shortlist of the week after this. Raises NotFound, or Refused when a digest holds it."""
        with self._db.write() as tx:
            return _put_on(tx, bookmark_id, digests.open_friday(tx, self._open_friday(tx) + timedelta(days=7)))

    def bring_back(self, bookmark_id: int) -> Bookmark:
        """Put it on this week's shortlist, dropped or of another week. Raises as `carry_over`."""
        with self._db.write() as tx:
            return _put_on(tx, bookmark_id, self._open_friday(tx))

    def _open_friday(self, tx: Tx) -> date:
        return digests.open_friday(tx, self._calendar.coming_friday(self._clock()))

    def _claim(self) -> tuple[Bookmark, ...]:
        """Some pages to read now, which nobody else reads until the lease ends."""
        with self._db.write() as tx:
            due = bookmarks.to_visit(tx, self._clock(), limit=AT_ONCE)
            for bookmark in due:
                bookmarks.set_visit(tx, bookmark.id, self._clock() + LEASE)
        return due

    async def _visit(self, bookmark: Bookmark) -> None:
        visited = await visit(self._outbound, self._sandbox, bookmark.url)
        await asyncio.to_thread(self._learn, bookmark.id, visited)

    def _learn(self, bookmark_id: int, visited: Visited) -> None:
        now = self._clock()
        with self._db.write() as tx:
            held = keeping.bookmark(tx, bookmark_id)
            again = _next_visit(held.added_at, now) if visited.later else None
            bookmarks.set_visit(tx, bookmark_id, again)
            if held.entry_id is not None or visited.later:  # its entry has told us more by now, or nobody has yet
                return
            leader_id = inbox.leader_at(tx, visited.found.canonical_url)
            found = visited.found if leader_id is None else keeping.found_in(tx, leader_id)
            other = bookmarks.at_address(tx, found.canonical_url)
            if other is None or other.id == held.id:
                bookmarks.describe(tx, bookmark_id, _filled_in(held, found))
            else:
                _join(tx, held, other, now)


def _put_on(tx: Tx, bookmark_id: int, friday: date) -> Bookmark:
    held = keeping.bookmark(tx, bookmark_id)
    if held.picked_in:
        raise Refused(
            f"Bookmark {bookmark_id} is in the digest of {held.picked_in}, and stays in its week.",
            "If that is a draft, take it out first.",
        )
    bookmarks.put_on(tx, bookmark_id, friday)
    return keeping.bookmark(tx, bookmark_id)


def _filled_in(held: Bookmark, found: Found) -> Found:
    """What the page says where nobody has written anything; of a title, only the site's name goes."""
    return replace(
        found,
        title=found.title if held.title == held.url else clean_title(held.title, found.organisation),
        author=held.author or found.author,
        organisation=held.organisation or found.organisation,
        kind=held.kind if held.kind is not Kind.ARTICLE else found.kind,
        language=held.language or found.language,
        published_at=held.published_at or found.published_at,
    )


def _join(tx: Tx, held: Bookmark, other: Bookmark, now: datetime) -> None:
    """The address led to a page that has a bookmark already: that one takes note and week."""
    note = _both(other.note, held.note)
    if note != other.note:
        bookmarks.set_note(tx, other.id, note)
    if not held.picked_in:
        bookmarks.drop(tx, held.id, at=now)
        bookmarks.put_on(tx, other.id, other.friday if other.picked_in else held.friday)


def _both(there: str, more: str) -> str:
    """Both notes, one below the other; words that are there already are not put there twice."""
    more = more.strip()
    return there if more in there else f"{there}\n\n{more}".strip()


def _next_visit(added_at: datetime, now: datetime) -> datetime | None:
    age = now - added_at
    return None if age > GIVE_UP else now + max(LEASE, age)
