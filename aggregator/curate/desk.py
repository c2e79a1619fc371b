"""The curator's desk: read the inbox, shortlist, note, dismiss; bookmark any address."""

from collections.abc import Sequence
from datetime import date, datetime

from aggregator.addresses import safe_url
from aggregator.asking import Asks
from aggregator.canonical import without_tracking
from aggregator.clock import Calendar, Clock
from aggregator.curate import keeping
from aggregator.curate.keeping import Shortlisted
from aggregator.curate.visit import Visited, visit
from aggregator.errors import BadAddress, Refused
from aggregator.model import Bookmark, Entry, InboxEntry
from aggregator.sandbox import Sandbox
from aggregator.store import bookmarks, digests, inbox
from aggregator.store.bookmarks import Found
from aggregator.store.database import Database, Tx
from aggregator.store.inbox import Cursor
from aggregator.store.search import query_for


class Desk:
    """The verbs of a curator."""

    def __init__(self, *, db: Database, clock: Clock, calendar: Calendar, outbound: Asks, sandbox: Sandbox) -> None:
        self._db = db
        self._clock = clock
        self._calendar = calendar
        self._outbound = outbound
        self._sandbox = sandbox

    def inbox(
        self, *, since: datetime | None = None, search: str = "", limit: int = 50, after: Cursor | None = None
    ) -> tuple[InboxEntry, ...]:
        """Pieces first seen at `since` or later (by default this week) that nobody has judged, newest first.

        With `search`, all pieces that hold every word of it: judged and filed ones too, and of any age unless `since`
        is given. A piece shows once, however many feeds carry it. `after` is `first_seen_at` and id of the last line
        of the page before.
        """
        with self._db.read() as tx:
            if search.strip():
                query = query_for(search)
                return inbox.matching(tx, query, since=since, limit=limit, after=after) if query else ()
            start = since or self._calendar.week_starts_at(self._open_friday(tx))
            return inbox.page(tx, since=start, limit=limit, after=after)

    def waiting(self, *, most: int) -> int:
        """How many pieces of this week nobody has judged; counting stops at `most`."""
        with self._db.read() as tx:
            return inbox.count(tx, since=self._calendar.week_starts_at(self._open_friday(tx)), most=most)

    def entry(self, entry_id: int) -> Entry:
        """The entry, whole. Raises NotFound."""
        with self._db.read() as tx:
            return keeping.entry(tx, entry_id)

    def current_friday(self) -> date:
        """The Friday that curators work for: the coming one, or the first after it that is not published yet."""
        with self._db.read() as tx:
            return self._open_friday(tx)

    async def shortlist(self, what: int | str, note: str | None = None) -> Shortlisted:
        """Bookmark an entry (by id) or any http(s) address for this week's digest.

        A page has one bookmark: shortlisting it again brings it back to this week, unless a digest has used it, and
        replaces its note only when `note` is given. A twin counts as the entry that leads its piece. A page that
        cannot be fetched is bookmarked with its address as title, and a warning. Raises NotFound, BadAddress, or
        Refused for an entry without an address.
        """
        visited = self._look_up(what) if isinstance(what, int) else await self._look_at(what)
        with self._db.write() as tx:
            return keeping.keep(tx, visited, note=note, friday=self._open_friday(tx), at=self._clock())

    def week(self, friday: date | None = None) -> tuple[Bookmark, ...]:
        """The shortlist for `friday` (by default the current one), oldest first."""
        with self._db.read() as tx:
            return bookmarks.shortlist(tx, friday or self._open_friday(tx))

    def bookmark(self, bookmark_id: int) -> Bookmark:
        """The bookmark. Raises NotFound."""
        with self._db.read() as tx:
            return keeping.bookmark(tx, bookmark_id)

    def note(self, bookmark_id: int, text: str) -> Bookmark:
        """Replace the note of a bookmark. Raises NotFound."""
        with self._db.write() as tx:
            keeping.bookmark(tx, bookmark_id)
            bookmarks.set_note(tx, bookmark_id, text.strip())
            return keeping.bookmark(tx, bookmark_id)

    def drop(self, bookmark_id: int) -> Bookmark:
        """Take a bookmark off shortlist and public page. Raises NotFound, or Refused when a digest holds it."""
        with self._db.write() as tx:
            held = keeping.bookmark(tx, bookmark_id)
            if held.picked_in:
                raise Refused(
                    f"Bookmark {bookmark_id} is in the digest of {held.picked_in}.",
                    "If that is a draft, take it out first with: five digest unpick N",
                )
            bookmarks.drop(tx, bookmark_id, at=self._clock())
            return keeping.bookmark(tx, bookmark_id)

    def dismiss(self, entry_ids: Sequence[int]) -> None:
        """Take pieces out of the inbox, in every feed that carries them. Raises NotFound, and dismisses none then."""
        with self._db.write() as tx:
            inbox.dismiss(tx, [keeping.leader(tx, entry_id) for entry_id in entry_ids], at=self._clock())

    def public_bookmarks(self, *, limit: int = 50, after: Cursor | None = None) -> tuple[Bookmark, ...]:
        """Everything found interesting, newest first; `after` is `added_at` and id of the last of the page before."""
        with self._db.read() as tx:
            return bookmarks.all_public(tx, limit=limit, after=after)

    def bookmark_months(self) -> tuple[date, ...]:
        """The first days of the months in which something public was bookmarked, newest first."""
        months: list[date] = []
        with self._db.read() as tx:
            newest = bookmarks.newest_before(tx, None)
            while newest is not None:
                months.append(self._calendar.local(newest).date().replace(day=1))
                newest = bookmarks.newest_before(tx, self._calendar.month(months[-1])[0])
        return tuple(months)

    def bookmarks_of(self, month: date) -> tuple[Bookmark, ...]:
        """Everything public that was bookmarked in the month of that day, newest first."""
        start, end = self._calendar.month(month)
        with self._db.read() as tx:
            return bookmarks.added_between(tx, start, end)

    def _open_friday(self, tx: Tx) -> date:
        return digests.open_friday(tx, self._calendar.coming_friday(self._clock()))

    async def _look_at(self, address: str) -> Visited:
        url = safe_url(address)
        if url is None:
            raise BadAddress(f"{address!r} is not the address of a page.", "Give an http(s) address, or an entry's id.")
        url = without_tracking(url)
        found = self._known(url)
        if found is None:
            visited = await visit(self._outbound, self._sandbox, url)
            found = self._known(visited.found.url)
            if found is None:
                return visited
        return Visited(asked=url, found=found)

    def _look_up(self, entry_id: int) -> Visited:
        with self._db.read() as tx:
            found = keeping.found_in(tx, keeping.leader(tx, entry_id))
        return Visited(asked=found.url, found=found)

    def _known(self, url: str) -> Found | None:
        with self._db.read() as tx:
            return keeping.known(tx, url)
