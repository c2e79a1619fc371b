"""The inbox: newest first, once per piece, without what is judged; the archive by words."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from aggregator.model import InboxEntry, Kind, Sought, Verdict
from aggregator.store import inbox, sought
from aggregator.store.database import Database
from tests.builders import FRIDAY
from tests.rows import WEDNESDAY, add_bookmark, add_entry, follow_a_feed
from tests.store.plans import plan_of_first_query

MONDAY = WEDNESDAY - timedelta(days=2)


def ids(lines: tuple[InboxEntry, ...]) -> list[int]:
    return [line.id for line in lines]


def page(db: Database, limit: int = 50, after: inbox.Cursor | None = None) -> tuple[InboxEntry, ...]:
    with db.read() as tx:
        return sought.page(tx, Sought(since=MONDAY), friday=FRIDAY, limit=limit, after=after).lines


def matching(db: Database, words: str, since: datetime | None = None, after: inbox.Cursor | None = None) -> list[int]:
    with db.read() as tx:
        asked = Sought(verdict=None, words=words, since=since)
        return ids(sought.page(tx, asked, friday=FRIDAY, limit=50, after=after).lines)


def test_newest_first_and_none_from_before(db: Database) -> None:
    with db.write() as tx:
        feed = follow_a_feed(tx)
        add_entry(tx, feed, first_seen_at=MONDAY - timedelta(microseconds=1))
        oldest = add_entry(tx, feed, first_seen_at=MONDAY)
        newest = add_entry(tx, feed, first_seen_at=WEDNESDAY)
        middle = add_entry(tx, feed, first_seen_at=WEDNESDAY - timedelta(hours=1))
    assert ids(page(db)) == [newest, middle, oldest]


def test_a_line_says_whose_it_is(db: Database) -> None:
    with db.write() as tx:
        feed = follow_a_feed(tx, title="Borsetshire", kind="Councils")
        entry = add_entry(tx, feed, title="Weeknotes", author="Jo", text="We   began.\n\nThen we ended.")
    assert page(db) == (
        InboxEntry(
            id=entry,
            title="Weeknotes",
            url=f"https://blog{feed}.example.org/post-{entry}",
            feed_id=feed,
            feed_title="Borsetshire",
            feed_kind="Councils",
            author="Jo",
            published_at=WEDNESDAY - timedelta(hours=2),
            first_seen_at=WEDNESDAY,
            excerpt="We began. Then we ended.",
            also_in=(),
            kind=Kind.ARTICLE,
            language="en",
            minutes=1,
        ),
    )


def test_the_judged_and_the_filed_are_not_there(db: Database) -> None:
    with db.write() as tx:
        feed = follow_a_feed(tx)
        add_entry(tx, feed, filed=True)
        add_entry(tx, feed, dismissed_at=WEDNESDAY)
        bookmarked = add_entry(tx, feed)
        add_bookmark(tx, entry_id=bookmarked, entry_hash="x")
        dropped = add_entry(tx, feed)
        add_bookmark(tx, entry_id=dropped, entry_hash="x", dropped_at=WEDNESDAY)
        add_entry(tx, feed, url="https://found.example.org/first/")
        add_bookmark(tx, url="https://www.found.example.org/first")
        left = add_entry(tx, feed)
    assert ids(page(db)) == [left]


def test_the_bookmark_of_one_entry_hides_no_other_at_its_address(db: Database) -> None:
    with db.write() as tx:
        feed = follow_a_feed(tx)
        changelog = "https://blog.example.org/changelog"
        first = add_entry(tx, feed, url=f"{changelog}#1")
        second = add_entry(tx, feed, url=f"{changelog}#2")
        add_bookmark(tx, url=changelog, entry_id=first, entry_hash="x")
    assert ids(page(db)) == [second]


def test_a_piece_shows_once_and_names_the_other_feeds(db: Database) -> None:
    with db.write() as tx:
        first, second, third = (follow_a_feed(tx, title=title) for title in ("Leader", "Zeal", "Able"))
        leader = add_entry(tx, first)
        add_entry(tx, second, piece_id=leader)
        twin = add_entry(tx, third, piece_id=leader)
        add_entry(tx, third, piece_id=leader)
        add_entry(tx, first, piece_id=leader)
        other = add_entry(tx, second)
    with db.read() as tx:
        whole = inbox.by_id(tx, twin)
    assert [(line.id, line.also_in) for line in page(db)] == [(other, ()), (leader, ("Able", "Zeal"))]
    assert whole is not None
    assert whole.also_in == ("Leader", "Zeal")


def test_pages_by_keyset_hold_every_line_once(db: Database) -> None:
    with db.write() as tx:
        feed = follow_a_feed(tx)
        # Three at a time share an instant, as the entries of one poll do.
        made = [add_entry(tx, feed, first_seen_at=WEDNESDAY - timedelta(minutes=n // 3)) for n in range(10)]
    seen: list[InboxEntry] = []
    while lines := page(db, 4, (seen[-1].first_seen_at, seen[-1].id) if seen else None):
        assert len(lines) <= 4
        seen += lines
    assert sorted(ids(tuple(seen))) == made
    assert seen == sorted(seen, key=lambda line: (line.first_seen_at, line.id), reverse=True)


def test_search_finds_all_ages_the_filed_and_the_judged_by_every_word(db: Database) -> None:
    with db.write() as tx:
        feed = follow_a_feed(tx)
        old = add_entry(tx, feed, title="Café culture", text="Prototypes fail.", first_seen_at=MONDAY - timedelta(99))
        filed = add_entry(tx, feed, title="Prototype", text="A café.", filed=True)
        add_entry(tx, feed, title="Prototype only")
        judged = add_entry(tx, feed, title="cafe", text="prototyping", dismissed_at=WEDNESDAY)
    assert matching(db, "CAFE protot") == [judged, filed, old]
    assert matching(db, "cafe protot", since=MONDAY) == [judged, filed]
    assert matching(db, "cafe protot", after=(WEDNESDAY, judged)) == [filed, old]
    assert matching(db, 'cafe OR "') == []


def test_search_by_a_twins_words_finds_the_piece_once(db: Database) -> None:
    with db.write() as tx:
        feed = follow_a_feed(tx)
        leader = add_entry(tx, feed, title="Alpha")
        add_entry(tx, follow_a_feed(tx), title="Alpha, syndicated", piece_id=leader)
    assert matching(db, "syndicated") == [leader]
    assert matching(db, "alpha") == [leader]


def test_dismissing_takes_the_twins_along_and_keeps_the_first_instant(db: Database) -> None:
    later = WEDNESDAY + timedelta(hours=1)
    with db.write() as tx:
        feed = follow_a_feed(tx)
        leader = add_entry(tx, feed, dismissed_at=WEDNESDAY)
        twin = add_entry(tx, follow_a_feed(tx), piece_id=leader)
        other = add_entry(tx, feed)
        inbox.dismiss(tx, [leader], at=later)
        judged = [found.dismissed_at for n in (leader, twin, other) if (found := inbox.by_id(tx, n))]
    assert judged == [WEDNESDAY, later, None]


def test_leaders_and_addresses(db: Database) -> None:
    with db.write() as tx:
        feed = follow_a_feed(tx)
        leader = add_entry(tx, feed, url=None)
        twin = add_entry(tx, follow_a_feed(tx), url="https://twin.example.org/a", piece_id=leader)
        found = (
            inbox.leader_of(tx, twin),
            inbox.leader_of(tx, leader),
            inbox.leader_at(tx, "https://twin.example.org/a"),
            inbox.leader_of(tx, 99),
            inbox.leader_of(tx, 2**64),
            inbox.by_id(tx, -(2**64)),
            inbox.leader_at(tx, "https://nowhere.example.org/"),
        )
        assert inbox.addresses(tx, leader) == ("https://twin.example.org/a",)
    assert found == (leader, leader, leader, None, None, None, None)


@pytest.mark.parametrize(
    ("words", "length"), [("word " * 80, 280), ("x" * 500, 280), ("x" * 280, 280), ("é" * 281, 280), ("", 0)]
)
def test_excerpts_are_short(words: str, length: int) -> None:
    line = sought.shortened(words)
    assert length - 5 <= len(line) <= length
    assert line.endswith("…") == (len(words) > 280)


@pytest.mark.parametrize("narrowed", [{}, {"source": "a"}, {"group": "Councils"}, {"region": "Wales"}, {"kind": "job"}])
@pytest.mark.parametrize(
    ("verdict", "step"),
    [
        ("unjudged", "SEARCH entries USING INDEX ix_entries_inbox (first_seen_at>? AND first_seen_at<?)"),
        ("dismissed", "SEARCH entries USING INDEX ix_entries_dismissed (first_seen_at>? AND first_seen_at<?)"),
        ("shortlisted", "SEARCH entries USING INTEGER PRIMARY KEY (rowid=?)"),
    ],
)
def test_a_list_is_walked_by_its_index(db: Database, verdict: str, step: str, narrowed: dict[str, str]) -> None:
    with db.write() as tx:
        for _ in range(50):
            add_entry(tx, follow_a_feed(tx))
    given: dict[str, Any] = {**narrowed, **({"kind": Kind.JOB} if "kind" in narrowed else {})}
    asked = Sought(verdict=Verdict(verdict), since=MONDAY, **given)
    plan = plan_of_first_query(db, lambda tx: sought.page(tx, asked, friday=FRIDAY, limit=20, after=(WEDNESDAY, 40)))
    assert step in plan, plan
    assert not any(step.startswith("SCAN") and "feeds" not in step for step in plan), plan
    assert verdict == "shortlisted" or not any("FOR ORDER BY" in step for step in plan), plan
