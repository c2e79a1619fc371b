"""What polls came to, into a real database file."""

import hashlib
from pathlib import Path

from sqlalchemy import select

from aggregator.clock import Calendar
from aggregator.model import Fetched, IdentityPolicy, NotModified
from aggregator.poll import reading, save
from aggregator.store import documents, polls
from aggregator.store.database import Database
from aggregator.store.migrate import open_database
from aggregator.store.schema import entries, feed_documents, feeds
from tests.poll.values import NOW, an_rss
from tests.rows import follow_a_feed

DOCUMENTS = {
    1: an_rss(1, 2, 3),
    2: an_rss(1, title="Other"),
    3: an_rss(1, 2).replace("</channel></rss>", ""),  # torn off: it has no outline
    4: an_rss(1, 2),  # what feed 1 has too
}


def an_answer(feed_id: int) -> save.Answer:
    if feed_id not in DOCUMENTS:
        return NotModified(etag='"2"', last_modified=None, moved_to=None, fresh_for=None)
    url, body = f"https://blog{feed_id}.example.org/feed", DOCUMENTS[feed_id].encode()
    past = reading.Past(policy=IdentityPolicy.GUID, tails=(), endings=(), outline=None)
    found = reading.read(body, "application/rss+xml", url, past)
    assert isinstance(found, reading.Reading)
    fetched = Fetched(
        url=url,
        body=body,
        content_type="application/rss+xml",
        etag=f'"of {feed_id}"',
        last_modified=None,
        body_hash=hashlib.sha256(body).hexdigest(),
        moved_to=None,
        fresh_for=None,
    )
    return fetched, found


def all_that_is_there(db: Database) -> list[list[tuple[object, ...]]]:
    with db.read() as tx:
        return [
            [tuple(row) for row in tx.execute(select(table).order_by(*table.primary_key))]
            for table in (feeds, entries, feed_documents)
        ]


def test_answers_saved_together_come_to_what_they_come_to_one_by_one(
    db: Database, calendar: Calendar, tmp_path: Path
) -> None:
    other = open_database(tmp_path / "other.sqlite", NOW)
    feed_ids = range(1, 6)
    for database in (db, other):
        with database.write() as tx:
            for feed_id in feed_ids:
                follow_a_feed(tx, id=feed_id, xml_url=f"https://blog{feed_id}.example.org/feed", next_poll_at=NOW)
            documents.keep_outlines(tx, dict.fromkeys(feed_ids, b"of the document before"))
            due = {feed.id: feed for feed in polls.due(tx, NOW)}
    answers = [(due[feed_id], an_answer(feed_id)) for feed_id in feed_ids]

    with db.write() as tx:
        together = save.answered(tx, answers, now=NOW, calendar=calendar)
    alone = []
    for answer in answers:
        with other.write() as tx:
            alone += save.answered(tx, [answer], now=NOW, calendar=calendar)

    assert together == alone
    assert [each.shown for each in together] == [3, 1, 2, 2, 0]
    assert all_that_is_there(db) == all_that_is_there(other)
    with db.read() as tx:
        assert [documents.outline(tx, feed_id) is None for feed_id in feed_ids] == [False, False, True, False, False]
        assert documents.outline(tx, 5) == b"of the document before"
    other.close()
