"""The curator's desk: read the inbox, shortlist, note, dismiss; bookmark any address."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from aggregator.addresses import safe_url
from aggregator.asking import Asks
from aggregator.canonical import without_tracking
from aggregator.clock import Calendar, Clock
from aggregator.curate import judging, keeping
from aggregator.curate.judging import Undone
from aggregator.curate.keeping import Shortlisted
from aggregator.curate.visit import Visited, visit
from aggregator.errors import BadAddress, Refused
from aggregator.model import Bookmark, Entry, Facets, InboxEntry, InboxPage, Judgement, Sought
from aggregator.sandbox import Sandbox
from aggregator.store import bookmarks, digests, inbox
from aggregator.store import sought as lists
from aggregator.store.bookmarks import Found
from aggregator.store.database import Database, Tx
from aggregator.store.inbox import Cursor


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
        if search.strip():
            sought = Sought(verdict=None, words=search, since=since)
        else:
            sought = Sought(since=since or self.week_starts_at())
        return self.look(sought, limit=limit, after=after).lines

    def look(self, sought: Sought, *, limit: int, after: Cursor | None = None) -> InboxPage:
        """The pieces that are sought, newest first; `after` is that of the page before.

        A search for common words may give a page that is short, or empty, and yet has pages after it.
        """
        with self._db.read() as tx:
            return lists.page(tx, sought, friday=self._open_friday(tx), limit=limit, after=after)

    def count(self, sought: Sought, *, most: int) -> int:
        """How many pieces are sought; counting stops at `most`."""
        with self._db.read() as tx:
            return lists.count(tx, sought, friday=self._open_friday(tx), most=most)

    def facets(self) -> Facets:
        """What lists can be narrowed down by."""
        with self._db.read() as tx:
            return lists.facets(tx)

    def waiting(self, *, most: int) -> int:
        """How many pieces of this week nobody has judged; counting stops at `most`."""
        return self.count(Sought(since=self.week_starts_at()), most=most)

    def week_starts_at(self) -> datetime:
        """From when entries belong to the week that curators work on."""
        with self._db.read() as tx:
            return self._week_starts_at(tx)

    def newest_entry(self) -> int:
        """The id of the entry that came last; 0 when there is none."""
        with self._db.read() as tx:
            return inbox.newest(tx)

    def judgements(self, entry_ids: Sequence[int]) -> Mapping[int, Judgement]:
        """What was made of these pieces, by the entries that lead them; those that nobody has judged are not there."""
        with self._db.read() as tx:
            return inbox.judgements(tx, entry_ids)

    def line(self, entry_id: int) -> InboxEntry:
        """The piece that this entry carries, as the inbox shows it. Raises NotFound."""
        with self._db.read() as tx:
            return lists.lines(tx, [keeping.leader(tx, entry_id)])[0]

    def entry(self, entry_id: int) -> Entry:
        """The entry, whole. Raises NotFound."""
        with self._db.read() as tx:
            return keeping.entry(tx, entry_id)

    def current_friday(self) -> date:
        """The Friday that curators work for: the coming one, or the first after it that is not published yet."""
        with self._db.read() as tx:
            return self._open_friday(tx)

    async def shortlist(self, what: int | str, note: str | None = None, *, by: int | None = None) -> Shortlisted:
        """Bookmark an entry (by id) or any http(s) address for this week's digest.

        A page has one bookmark: shortlisting it again brings it back to this week, unless a digest has used it, and
        replaces its note only when `note` is given. A twin counts as the entry that leads its piece. A page that
        cannot be fetched is bookmarked with its address as title, and a warning. Raises NotFound, BadAddress, or
        Refused for an entry without an address.
        """
        visited = self._look_up(what) if isinstance(what, int) else await self._look_at(what)
        with self._db.write() as tx:
            return keeping.keep(tx, visited, note=note, friday=self._open_friday(tx), at=self._clock(), by=by)

    def shortlist_entry(
        self, entry_id: int, note: str | None = None, *, by: int | None = None, expected_revision: int | None = None
    ) -> Shortlisted:
        """Bookmark an entry, as `shortlist` does. Raises NotFound, and Refused for an entry without an address.

        Raises Refused, too, when its bookmark has a note that is not the one of `expected_revision` (0: of none).
        """
        with self._db.write() as tx:
            return judging.shortlist(
                tx,
                keeping.leader(tx, entry_id),
                note=note,
                friday=self._open_friday(tx),
                at=self._clock(),
                by=by,
                expected_revision=expected_revision,
            )

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

    def dismiss(self, entry_ids: Sequence[int], *, by: int | None = None) -> None:
        """Take pieces out of the inbox, in every feed that carries them. Raises NotFound, and dismisses none then."""
        with self._db.write() as tx:
            inbox.dismiss(tx, [keeping.leader(tx, entry_id) for entry_id in entry_ids], at=self._clock(), by=by)

    def undo(self, by: int, entry_id: int | None = None) -> Undone:
        """Take back what was made of an entry; by default, of the one that this curator judged last.

        Raises NotFound, or Refused when there is nothing to take back, or it is not this curator's to do.
        """
        with self._db.write() as tx:
            leader_id = judging.last_of(tx, by) if entry_id is None else keeping.leader(tx, entry_id)
            week = self._week_starts_at(tx)
            return judging.take_back(tx, leader_id, by=by, since=week, at=self._clock())

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

    def _week_starts_at(self, tx: Tx) -> datetime:
        """The cut-off of the Friday before; or when that one's digest came out, if that was earlier."""
        friday = self._open_friday(tx)
        before = digests.by_friday(tx, friday - timedelta(days=7))
        cutoff = self._calendar.week_starts_at(friday)
        return min(cutoff, before.published_at) if before and before.published_at else cutoff

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
