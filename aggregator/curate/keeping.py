"""A page becomes a bookmark, once: what verbs do inside their transactions.

A page has one bookmark, at its address, at the one that led to it, or by the entry that brought it.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime

from aggregator.canonical import canonical_url, without_tracking
from aggregator.curate.titles import author_of, clean_title
from aggregator.curate.visit import Visited, unread
from aggregator.errors import NotFound, Refused
from aggregator.model import Bookmark, Entry, Kind
from aggregator.store import bookmarks, inbox
from aggregator.store.bookmarks import Found
from aggregator.store.database import Tx


@dataclass(frozen=True, slots=True, kw_only=True)
class Shortlisted:
    """What came of shortlisting."""

    bookmark: Bookmark
    is_new: bool  # there was no bookmark of this page
    warning: str | None  # in plain English


def keep(
    tx: Tx,
    visited: Visited,
    *,
    note: str | None,
    friday: date,
    at: datetime,
    by: int | None = None,
    visit_at: datetime | None = None,
) -> Shortlisted:
    """Put the page on the shortlist of `friday`, or where a digest uses it; a note replaces the one that is there.

    `by` is the curator who found it. A page of which we know its address alone is to be read at `visit_at`.
    """
    found, warning = visited.found, visited.warning
    held = held_of(tx, visited)
    if held is None:
        new = bookmarks.add(tx, found, note=(note or "").strip(), friday=friday, at=at, by=by, visit_at=visit_at)
        return Shortlisted(bookmark=bookmark(tx, new), is_new=True, warning=warning)
    if held.title == held.url and found.title != found.url:
        bookmarks.describe(tx, held.id, found)
    elif held.entry_id is None and found.entry_id is not None:
        bookmarks.attach(tx, held.id, found)
    elif found.entry_id is not None and found.entry_id != held.entry_id:
        inbox.dismiss(tx, [found.entry_id], at=at)  # judged, under the address of another entry
    if visit_at is not None and held.title == held.url:
        bookmarks.set_visit(tx, held.id, visit_at)
    if note is not None and note.strip() != held.note:
        bookmarks.set_note(tx, held.id, note.strip())
    bookmarks.put_on(tx, held.id, held.friday if held.picked_in else friday)
    if held.picked_in and held.picked_in != friday.isoformat():
        warning = f"It is in the digest of {held.picked_in} already, and so not on this week's shortlist."
    return Shortlisted(bookmark=bookmark(tx, held.id), is_new=False, warning=warning)


def known(tx: Tx, url: str) -> Found | None:
    """The page at `url`, if a feed has brought it or a bookmark knows more of it than its address."""
    key = canonical_url(url)
    leader_id = inbox.leader_at(tx, key)
    if leader_id is not None:
        return found_in(tx, leader_id)
    held = bookmarks.at_address(tx, key)
    return unread(held.url) if held and held.title != held.url else None


def found_in(tx: Tx, leader_id: int) -> Found:
    """What the entry that leads a piece says of its page. Raises Refused when it gives no address."""
    said = entry(tx, leader_id)
    urls = inbox.addresses(tx, leader_id)
    if not urls:
        raise Refused(
            f"Entry {leader_id} has no address to link to: {said.title or 'no title'}.",
            "Find the page, and shortlist its address instead.",
        )
    page = unread(without_tracking(urls[0]))
    return replace(
        page,
        title=clean_title(said.title, said.feed_title) or urls[0],
        author=author_of(said.author, said.feed_title),
        organisation=said.feed_title,
        kind=page.kind if page.kind is not Kind.ARTICLE else said.kind,
        language=said.language,
        published_at=said.published_at,
        entry_id=said.id,
        entry_hash=said.content_hash,
    )


def leader(tx: Tx, entry_id: int) -> int:
    """The entry that leads the piece. Raises NotFound."""
    leader_id = inbox.leader_of(tx, entry_id)
    if leader_id is None:
        raise _no_entry(entry_id)
    return leader_id


def entry(tx: Tx, entry_id: int) -> Entry:
    """The entry, whole. Raises NotFound."""
    found = inbox.by_id(tx, entry_id)
    if found is None:
        raise _no_entry(entry_id)
    return found


def bookmark(tx: Tx, bookmark_id: int) -> Bookmark:
    """The bookmark. Raises NotFound."""
    held = bookmarks.by_id(tx, bookmark_id)
    if held is None:
        raise NotFound(
            f"There is no bookmark {bookmark_id}.", "See the week's bookmarks, each with its id: five shortlist"
        )
    return held


def held_of(tx: Tx, visited: Visited) -> Bookmark | None:
    """The bookmark that the page has."""
    found = visited.found
    return (
        bookmarks.at_address(tx, found.canonical_url)
        or (bookmarks.of_entry(tx, found.entry_id) if found.entry_id is not None else None)
        or bookmarks.at_address(tx, canonical_url(visited.asked))
    )


def _no_entry(entry_id: int) -> NotFound:
    return NotFound(f"There is no entry {entry_id}.", "See the entries, each with its id: five inbox")
