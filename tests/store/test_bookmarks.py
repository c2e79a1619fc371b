"""Bookmarks: a week's shortlist, the public list, and where each has been used."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from aggregator.model import Bookmark, Kind, Shelf
from aggregator.store import bookmarks
from aggregator.store.bookmarks import Found
from aggregator.store.database import Database
from aggregator.store.schema import entries
from tests.rows import WEDNESDAY, add_bookmark, add_digest, add_entry, follow_a_feed
from tests.store.plans import plan_of_first_query

FRIDAY = date(2026, 11, 20)
NEXT_FRIDAY = date(2026, 11, 27)

FOUND = Found(
    url="https://www.example.org/a/",
    canonical_url="https://example.org/a",
    title="A",
    author="Jo",
    organisation="Borsetshire",
    kind=Kind.VIDEO,
    language="cy",
    published_at=WEDNESDAY,
)


def test_a_bookmark_comes_back_as_it_was_made(db: Database) -> None:
    with db.write() as tx:
        made = bookmarks.add(tx, FOUND, note="Good.", friday=FRIDAY, at=WEDNESDAY)
    with db.read() as tx:
        held = bookmarks.by_id(tx, made)
        assert bookmarks.at_address(tx, "https://example.org/a") == held
        assert bookmarks.at_address(tx, "https://example.org/b") is None
        assert bookmarks.by_id(tx, made + 1) is None
        assert bookmarks.by_id(tx, 2**64) is None
    assert held == Bookmark(
        id=made,
        url="https://www.example.org/a/",
        title="A",
        author="Jo",
        organisation="Borsetshire",
        note="Good.",
        kind=Kind.VIDEO,
        language="cy",
        published_at=WEDNESDAY,
        entry_id=None,
        feed_id=None,
        added_at=WEDNESDAY,
        friday=FRIDAY,
        dropped_at=None,
        picked_in=None,
        source_changed=False,
    )


def test_one_page_has_one_bookmark(db: Database) -> None:
    with db.write() as tx:
        bookmarks.add(tx, FOUND, note="", friday=FRIDAY, at=WEDNESDAY)
    with pytest.raises(IntegrityError), db.write() as tx:
        bookmarks.add(tx, FOUND, note="", friday=FRIDAY, at=WEDNESDAY)


def test_the_source_may_change_and_the_copy_stays(db: Database) -> None:
    with db.write() as tx:
        feed = follow_a_feed(tx)
        entry = add_entry(tx, feed, content_hash="before")
        late = bookmarks.add(tx, FOUND, note="", friday=FRIDAY, at=WEDNESDAY)
        bookmarks.attach(tx, late, replace(FOUND, entry_id=entry, entry_hash="before"))
        before = bookmarks.of_entry(tx, entry)
        tx.execute(update(entries).values(title="New", content_hash="after"))
        after = bookmarks.by_id(tx, late)
    assert before is not None
    assert (before.id, before.feed_id, before.entry_id, before.source_changed) == (late, feed, entry, False)
    assert after == replace(before, source_changed=True)


def test_the_shortlist_is_one_fridays_and_oldest_first(db: Database) -> None:
    with db.write() as tx:
        second = add_bookmark(tx)
        first = add_bookmark(tx, added_at=WEDNESDAY - timedelta(days=1))
        add_bookmark(tx, friday=NEXT_FRIDAY)
        add_bookmark(tx, dropped_at=WEDNESDAY)
        used_elsewhere = add_bookmark(tx)
        here = add_bookmark(tx)
        add_digest(tx, used_elsewhere, friday=NEXT_FRIDAY)
        add_digest(tx, here)
    with db.read() as tx:
        found = [(held.id, held.picked_in) for held in bookmarks.shortlist(tx, FRIDAY)]
    assert found == [(first, None), (second, None), (here, "2026-11-20")]


def test_dropping_and_putting_back(db: Database) -> None:
    with db.write() as tx:
        held = add_bookmark(tx)
        bookmarks.drop(tx, held, at=WEDNESDAY)
        bookmarks.drop(tx, held, at=WEDNESDAY + timedelta(days=1))
        dropped = bookmarks.by_id(tx, held)
        bookmarks.put_on(tx, held, NEXT_FRIDAY)
        bookmarks.set_note(tx, held, "Again.")
        back = bookmarks.by_id(tx, held)
    assert dropped is not None
    assert dropped.dropped_at == WEDNESDAY
    assert back == replace(dropped, dropped_at=None, friday=NEXT_FRIDAY, note="Again.", revision=2)


def test_the_public_list_is_newest_first_by_keyset(db: Database) -> None:
    with db.write() as tx:
        made = [add_bookmark(tx, added_at=WEDNESDAY + timedelta(days=n // 2)) for n in range(5)]
        add_bookmark(tx, dropped_at=WEDNESDAY)
    with db.read() as tx:
        first = bookmarks.all_public(tx, limit=2)
        rest = bookmarks.all_public(tx, limit=9, after=(first[-1].added_at, first[-1].id))
    assert [held.id for held in (*first, *rest)] == made[::-1]


def test_the_lists_are_read_from_their_indexes(db: Database) -> None:
    with db.write() as tx:
        for _ in range(50):
            add_bookmark(tx)
    public = plan_of_first_query(db, lambda tx: bookmarks.all_public(tx, limit=5, after=(WEDNESDAY, 9)))
    week = plan_of_first_query(db, lambda tx: bookmarks.shortlist(tx, FRIDAY))
    found = plan_of_first_query(db, lambda tx: bookmarks.matching(tx, ["x"], Shelf.ALL, limit=5))
    due = plan_of_first_query(db, lambda tx: bookmarks.to_visit(tx, WEDNESDAY, limit=5))
    assert "SCAN bookmarks USING INDEX ix_bookmarks_added_at" in found[0], found
    assert "SEARCH bookmarks USING INDEX ix_bookmarks_visit_at" in due[0], due
    assert "SEARCH bookmarks USING INDEX ix_bookmarks_added_at" in public[0], public
    assert "SEARCH bookmarks USING INDEX ix_bookmarks_friday_added_at (friday=?)" in week, week
    assert not any("TEMP B-TREE" in step for step in (*public, *week, *found, *due))
