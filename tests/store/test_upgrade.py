"""A database of the first version is copied, then brought up to date with all that is in it."""

import sqlite3
from contextlib import closing
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import select

from aggregator.resources import folder
from aggregator.store.database import Database
from aggregator.store.migrate import current_revision, open_database
from aggregator.store.schema import REVISION, entries, feeds
from tests.conftest import StandingClock


def a_database_of_the_first_version(path: Path) -> None:
    """A file at migration 0001, with a feed and an entry."""
    database = Database(path)
    config = Config()
    config.set_main_option("script_location", str(folder("migrations")))
    with database.migrating() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
    database.close()
    with sqlite3.connect(path) as old:
        old.execute(
            "INSERT INTO feeds (id, xml_url, title, kind, region, confidence, status, identity, followed_at,"
            " next_poll_at, next_poll_reason, failures) VALUES (7, 'https://blog.example.org/feed', 'Blog', '', '', '',"
            " 'active', 'guid', '2026-11-01', '2026-11-18', '', 0)"
        )
        old.execute(
            "INSERT INTO entries (id, feed_id, identity, title, first_seen_at, content_hash, filed, updates)"
            " VALUES (9, 7, 'guid-1', 'Post', '2026-11-02', 'hash', 0, 0)"
        )
    old.close()


def test_an_upgrade_keeps_a_copy_and_all_that_was_there(tmp_path: Path, clock: StandingClock) -> None:
    path = tmp_path / "five.sqlite"
    a_database_of_the_first_version(path)
    with closing(open_database(path, clock())) as database:
        assert current_revision(database) == REVISION
        assert database.problems() == []
        with database.read() as tx:
            assert tx.execute(select(feeds.c.id, feeds.c.title)).all() == [(7, "Blog")]
            assert tx.execute(select(entries.c.id, entries.c.title)).all() == [(9, "Post")]
    [copy] = (tmp_path / "backups").iterdir()
    assert copy.name == "five-0001-20261118T100000.sqlite"
    with sqlite3.connect(copy) as kept:
        assert kept.execute("SELECT version_num FROM alembic_version").fetchall() == [("0001",)]
        assert kept.execute("SELECT title FROM entries").fetchall() == [("Post",)]
        assert kept.execute("SELECT 1 FROM sqlite_master WHERE name = 'host_pauses'").fetchall() == []
    kept.close()


def test_an_upgrade_that_was_done_is_not_done_again(tmp_path: Path, clock: StandingClock) -> None:
    path = tmp_path / "five.sqlite"
    a_database_of_the_first_version(path)
    open_database(path, clock()).close()
    clock.advance(hours=1)
    open_database(path, clock()).close()
    assert len(list((tmp_path / "backups").iterdir())) == 1
