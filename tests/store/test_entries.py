"""Entries as polls write them: what is known, what is inserted, followed and folded."""

from collections.abc import Sequence
from datetime import date, timedelta

from sqlalchemy import select, text

from aggregator.model import IdentityPolicy, KeyedEntry, ParsedEntry
from aggregator.poll.identity import keyed
from aggregator.store import entries
from aggregator.store.database import Database, Tx
from aggregator.store.schema import entries as table
from aggregator.store.schema import entry_bodies
from tests.poll.values import LONG, NOW, a_parsed_entry
from tests.rows import add_entry, follow_a_feed
from tests.store.plans import plan_of_first_query

DAY = timedelta(days=1)


def keys(*parsed: ParsedEntry) -> tuple[KeyedEntry, ...]:
    return keyed(parsed, IdentityPolicy.GUID)


def insert(tx: Tx, feed_id: int, entry: KeyedEntry, *, piece_id: int | None = None) -> int:
    new = entries.Insertion(keyed=entry, published_at=entry.entry.published_at, filed=False, piece_id=piece_id)
    inserted = entries.insert_new(tx, feed_id, [new], first_seen_at=NOW)
    entries.keep_texts(tx, inserted)
    [entry_id] = inserted
    return entry_id


def found(tx: Tx, word: str) -> list[int]:
    rows = tx.execute(text("SELECT rowid FROM entry_search WHERE entry_search MATCH :word"), {"word": word})
    return [row[0] for row in rows]


def test_an_entry_comes_back_as_known_with_its_texts_and_can_be_found(db: Database) -> None:
    [entry] = keys(a_parsed_entry(1, author="Ada", language="cy", updated_at=NOW))
    with db.write() as tx:
        feed_id = follow_a_feed(tx)
        entry_id = insert(tx, feed_id, entry)
    with db.read() as tx:
        [known] = entries.known(tx, feed_id, [entry])
        row = tx.execute(select(table).where(table.c.id == entry_id)).one()
        assert (known.id, known.identity, known.content_hash) == (entry_id, entry.identity, entry.content_hash)
        assert (known.published_at, known.updated_at, known.updates) == (entry.entry.published_at, NOW, 0)
        assert (row.author, row.language, row.first_seen_at) == ("Ada", "cy", NOW)
        assert tx.execute(select(entry_bodies.c.html, entry_bodies.c.text)).one() == (
            entry.entry.html,
            entry.entry.text,
        )
        assert found(tx, "parking") == [entry_id]
    assert db.problems() == []


def test_known_finds_by_identity_alias_address_text_and_title_in_this_feed_only(db: Database) -> None:
    by_identity, by_url, by_text, by_title, stranger = (a_parsed_entry(n) for n in range(1, 6))
    with db.write() as tx:
        ours, theirs = follow_a_feed(tx), follow_a_feed(tx)
        ids = [insert(tx, ours, entry) for entry in keys(by_identity, by_url, by_text, by_title, stranger)]
        insert(tx, theirs, keys(by_identity)[0])
    wanted = keys(
        a_parsed_entry(11, guid=by_identity.guid),
        a_parsed_entry(12, url=by_url.url),
        a_parsed_entry(13, title=by_text.title, text=by_text.text.upper()),
        a_parsed_entry(14, title=by_title.title),
    )
    with db.read() as tx:
        assert [known.id for known in entries.known(tx, ours, wanted)] == ids[:4]
        assert entries.known(tx, ours, ()) == ()


def test_known_reads_one_feed_not_the_whole_table(db: Database) -> None:
    wanted = keys(*(a_parsed_entry(n) for n in range(50)))
    plan = plan_of_first_query(db, lambda tx: entries.known(tx, 1, wanted))
    assert not any(step.startswith("SCAN entries") for step in plan), plan


def test_following_keeps_first_dates_and_the_search_index_in_step(db: Database) -> None:
    [before] = keys(a_parsed_entry(1))
    [after] = keys(a_parsed_entry(1, title="Mended", text="Bicycles now.", published_at=NOW, guid="new"))
    with db.write() as tx:
        entry_id = insert(tx, follow_a_feed(tx), before)
        entries.follow(tx, entry_id, after, updates=3)
    with db.read() as tx:
        row = tx.execute(select(table)).one()
        assert (row.title, row.identity, row.updates) == ("Mended", "guid:new", 3)
        assert (row.published_at, row.first_seen_at) == (before.entry.published_at, NOW)
        assert tx.scalar(select(entry_bodies.c.text)) == "Bicycles now."
        assert (found(tx, "parking"), found(tx, "bicycles")) == ([], [entry_id])
    assert db.problems() == []


def test_rekeying_changes_the_identity_alone(db: Database) -> None:
    [entry] = keys(a_parsed_entry(1))
    with db.write() as tx:
        entry_id = insert(tx, follow_a_feed(tx), entry)
        before = tx.execute(select(table)).one()._asdict()
        entries.rekey(tx, entry_id, "guid:other")
        assert tx.execute(select(table)).one()._asdict() == before | {"identity": "guid:other"}


# ------------------------------------------------------------------------------------------- pieces


def test_a_piece_is_known_by_its_address_in_another_feed_and_by_its_text_in_any(db: Database) -> None:
    url = "https://blog.example.org/one"
    with db.write() as tx:
        ours, theirs = follow_a_feed(tx), follow_a_feed(tx)
        leader = add_entry(tx, ours, url=url, text_key="words")

        def piece(feed_id: int, canonical_url: str | None, text_key: str | None) -> int | None:
            return entries.piece_of(tx, feed_id=feed_id, canonical_url=canonical_url, text_key=text_key)

        assert piece(theirs, url, None) == leader
        assert piece(ours, url, None) is None
        assert piece(ours, None, "words") == piece(theirs, None, "words") == leader
        assert piece(theirs, "https://blog.example.org/two", "other words") is None
        assert piece(theirs, None, None) is None


def test_the_leader_is_the_first_that_carried_the_piece_not_a_twin(db: Database) -> None:
    with db.write() as tx:
        first, second, third = (follow_a_feed(tx) for _ in range(3))
        leader = add_entry(tx, first, url="https://a.example/1", text_key="words")
        add_entry(tx, second, url="https://b.example/1", text_key="words", piece_id=leader)
        assert entries.piece_of(tx, feed_id=third, canonical_url="https://b.example/1", text_key=None) == leader


def test_a_copy_and_the_original_that_it_names_are_one_piece_whichever_came_first(db: Database) -> None:
    original, copy = "https://a.example/1", "https://b.example/1"
    with db.write() as tx:
        first, second, third = (follow_a_feed(tx) for _ in range(3))
        leader = add_entry(tx, first, url=original, title="A")

        def piece(feed_id: int, url: str, original_url: str | None, title: str) -> int | None:
            return entries.piece_of(
                tx, feed_id=feed_id, canonical_url=url, text_key=None, original_url=original_url, title=title
            )

        assert piece(second, copy, original, "B") == leader
        assert piece(first, copy, original, "B") is None
        early = add_entry(tx, second, url="https://b.example/2", title="C", original_url="https://a.example/2")
        assert piece(first, "https://a.example/2", None, "D") == early
        assert piece(second, "https://a.example/2", None, "D") is None
        assert piece(third, "https://c.example/2", "https://a.example/2", "C") == early
        assert piece(third, "https://c.example/2", "https://a.example/2", "D") is None
        assert piece(second, "https://c.example/2", "https://a.example/2", "C") is None


def test_entries_are_apart_when_nothing_that_they_say_is_known_already(db: Database) -> None:
    original, copy = "https://a.example/1", "https://b.example/1"
    with db.write() as tx:
        ours, theirs = follow_a_feed(tx), follow_a_feed(tx)
        add_entry(tx, theirs, url=copy, original_url=original, text_key="words")

        def apart(feed_id: int, addresses: Sequence[str], text_keys: Sequence[str]) -> bool:
            found = entries.are_apart(tx, feed_id=feed_id, addresses=addresses, text_keys=text_keys)
            signs = [(address, None) for address in addresses] + [(None, key) for key in text_keys]
            assert found == all(
                entries.piece_of(tx, feed_id=feed_id, canonical_url=address, text_key=key) is None
                for address, key in signs
            )
            return found

        assert apart(ours, [], [])
        assert apart(ours, ["https://c.example/1", "https://c.example/2"], ["other words"])
        assert not apart(ours, ["https://c.example/1", copy], [])
        assert not apart(ours, [original], ["other words"])
        assert not apart(ours, ["https://c.example/1"], ["other words", "words"])
        assert apart(theirs, [copy, original], ["other words"])
        assert not apart(theirs, [], ["words"])


def test_whether_entries_are_apart_is_asked_of_an_index_for_each_sign(db: Database) -> None:
    plan = plan_of_first_query(
        db, lambda tx: entries.are_apart(tx, feed_id=1, addresses=["https://a.example/1"], text_keys=["w"])
    )
    for index in ("ix_entries_canonical_url", "ix_entries_original_url", "ix_entries_text_key"):
        assert any(index in step for step in plan), plan
    assert not any(step.startswith("SCAN entries") for step in plan), plan


def test_looking_for_a_piece_uses_an_index_for_each_sign(db: Database) -> None:
    plan = plan_of_first_query(
        db,
        lambda tx: entries.piece_of(
            tx, feed_id=1, canonical_url="https://a.example/1", text_key="w", original_url="https://b.example/1"
        ),
    )
    for index in ("ix_entries_canonical_url", "ix_entries_original_url", "ix_entries_text_key"):
        assert any(index in step for step in plan), plan


def test_endings_are_those_of_the_latest_entries(db: Database) -> None:
    with db.write() as tx:
        feed, other = follow_a_feed(tx), follow_a_feed(tx)
        add_entry(tx, other, text="another feed's")
        for number in range(12):
            add_entry(
                tx,
                feed,
                guid=None,
                identity=f"{number}",
                url=f"https://a.example/{number}",
                text="x" * 2000 + f"\nend {number}",
            )
        found = entries.endings(tx, feed)
    assert [ending.key for ending in found] == [f"https://a.example/{number}" for number in range(11, 1, -1)]
    assert found[0].text.endswith("x\nend 11")
    assert len(found[0].text) == entries.LONGEST_ENDING


# ------------------------------------------------------------------------------------------- habits


def test_posting_days_are_the_latest_entries_days_by_their_own_date(db: Database) -> None:
    with db.write() as tx:
        feed_id, other = follow_a_feed(tx), follow_a_feed(tx)
        add_entry(tx, feed_id, published_at=NOW - 3 * DAY)
        add_entry(tx, feed_id, published_at=NOW - 5 * DAY, filed=True)
        add_entry(tx, feed_id, published_at=NOW - 3 * DAY)
        add_entry(tx, feed_id, published_at=None, first_seen_at=NOW)
        add_entry(tx, other, published_at=NOW - DAY)
        silent = follow_a_feed(tx)
        assert entries.posting_days(tx, [other, feed_id, silent]) == {
            other: (date(2026, 11, 17),),
            feed_id: (date(2026, 11, 18), date(2026, 11, 15), date(2026, 11, 15), date(2026, 11, 13)),
            silent: (),
        }


def test_posting_days_read_a_few_rows_of_an_index(db: Database) -> None:
    plan = plan_of_first_query(db, lambda tx: entries.posting_days(tx, [1, 2]))
    assert any("ix_entries_feed_id_first_seen_at" in step for step in plan), plan
    assert not any("TEMP B-TREE" in step for step in plan), plan


def _texts(tx: Tx) -> Sequence[str]:
    return [row[0] for row in tx.execute(select(entry_bodies.c.text))]


def test_a_write_that_fails_half_way_leaves_nothing(db: Database) -> None:
    [entry] = keys(a_parsed_entry(1, text=LONG))
    try:
        with db.write() as tx:
            insert(tx, follow_a_feed(tx), entry)
            raise KeyboardInterrupt
    except KeyboardInterrupt:
        pass
    with db.read() as tx:
        assert _texts(tx) == []
    assert db.problems() == []
