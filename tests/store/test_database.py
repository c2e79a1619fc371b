"""One writer at a time, readers that cannot write, and errors that a person can act on."""

import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import insert, select, text, update
from sqlalchemy.exc import IntegrityError, StatementError

from aggregator import errors
from aggregator.locks import hold
from aggregator.store.database import Database, Tx
from aggregator.store.migrate import open_database
from aggregator.store.schema import bookmarks, digests

NOW = datetime(2026, 11, 18, 10, tzinfo=UTC)


def add_digest(tx: Tx, friday: date = date(2026, 11, 20), **given: object) -> None:
    good = {"title": "", "intro": "", "outro": "", "status": "draft", "revision": 1, "created_at": NOW}
    tx.execute(insert(digests).values(slug=friday.isoformat(), friday=friday, **(good | given)))


def test_a_write_is_all_or_nothing(db: Database) -> None:
    with pytest.raises(RuntimeError), db.write() as tx:
        add_digest(tx)
        raise RuntimeError
    with db.read() as tx:
        assert tx.execute(select(digests)).all() == []


def test_a_migration_is_all_or_nothing(db: Database) -> None:
    with pytest.raises(RuntimeError), db.migrating() as connection:
        connection.execute(text("CREATE TABLE half_way (id INTEGER)"))
        raise RuntimeError
    with db.read() as tx:
        assert tx.scalar(text("SELECT 1 FROM sqlite_master WHERE name = 'half_way'")) is None


def test_a_reader_cannot_write(db: Database) -> None:
    with pytest.raises(errors.DatabaseReadOnly), db.read() as tx:
        add_digest(tx)


def test_a_reader_sees_one_moment(db: Database) -> None:
    with db.read() as before:
        assert before.scalar(select(digests.c.id)) is None
        with db.write() as tx:
            add_digest(tx)
        assert before.scalar(select(digests.c.id)) is None
    with db.read() as after:
        assert after.scalar(select(digests.c.id)) == 1


def test_instants_come_back_aware_and_naive_ones_are_refused(db: Database) -> None:
    with db.write() as tx:
        add_digest(tx)
        assert tx.scalar(select(digests.c.created_at)) == NOW
    with pytest.raises(StatementError, match="naive"), db.write() as tx:
        add_digest(tx, date(2026, 11, 27), created_at=datetime(2026, 11, 18))  # noqa: DTZ001


def test_references_are_kept(db: Database) -> None:
    with pytest.raises(IntegrityError), db.write() as tx:
        tx.execute(text("INSERT INTO entry_bodies (entry_id, html, text) VALUES (99, '', '')"))


def test_eight_writers_lose_nothing(db: Database) -> None:
    with db.write() as tx:
        add_digest(tx)

    def work() -> None:
        for _ in range(25):
            with db.write() as tx:
                seen = tx.scalar(select(digests.c.revision))
                assert seen is not None
                tx.execute(update(digests).values(revision=seen + 1))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with db.read() as tx:
        assert tx.scalar(select(digests.c.revision)) == 201


def test_another_process_that_writes_is_waited_for_and_then_named(db: Database) -> None:
    impatient = Database(db.path, busy_seconds=0.05)
    with hold(db.path.with_suffix(".lock")) as held:
        assert held
        with pytest.raises(errors.DatabaseBusy, match="Another process"), impatient.write():
            raise AssertionError("nobody may write here")
    impatient.close()


def test_a_program_that_ignores_our_lock_is_named_too(db: Database) -> None:
    impatient = Database(db.path, busy_seconds=0.05)
    with sqlite3.connect(db.path, isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(errors.DatabaseBusy, match="another program"), impatient.write():
            raise AssertionError("nobody may write here")
    other.close()
    impatient.close()


def test_a_copy_is_whole_while_others_write(db: Database, tmp_path: Path) -> None:
    with db.write() as tx:
        add_digest(tx)
    with db.write() as tx:
        add_digest(tx, date(2026, 11, 27))
        db.copy_to(tmp_path / "copy.sqlite")
    copy = open_database(tmp_path / "copy.sqlite", NOW)
    with copy.read() as tx:
        assert tx.scalars(select(digests.c.friday)).all() == [date(2026, 11, 20)]
    assert copy.problems() == []
    copy.close()


def test_problems_are_found(db: Database) -> None:
    assert db.problems() == []
    with sqlite3.connect(db.path) as vandal:
        vandal.execute("PRAGMA foreign_keys = OFF")
        vandal.execute("INSERT INTO entry_bodies VALUES (7, '', '')")
        vandal.execute("INSERT INTO entry_search(rowid, title, author, text) VALUES (9, 'ghost', '', '')")
    vandal.close()
    found = db.problems()
    assert any("entry_bodies" in problem for problem in found)
    assert any("search index" in problem for problem in found)


@pytest.mark.parametrize("content", [b"hello" * 1000, b"SQLite format 3\x00" + b"\xff" * 5000])
def test_another_kind_of_file_is_refused_and_left_alone(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "five.sqlite"
    path.write_bytes(content)
    with pytest.raises(errors.NotADatabase, match=r"five\.sqlite"):
        open_database(path, NOW)
    assert path.read_bytes() == content


def test_a_data_folder_that_cannot_be_made_is_explained(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(errors.DatabaseReadOnly, match="cannot be made"):
        open_database(tmp_path / "file" / "data" / "five.sqlite", NOW)


WRITE_AS_NOBODY = """
import os, sys
from datetime import UTC, datetime
from pathlib import Path
from aggregator.errors import FiveError
from aggregator.store.migrate import open_database
if os.geteuid() == 0:
    os.setgid(65534); os.setuid(65534)
try:
    with open_database(Path(sys.argv[1]), datetime.now(UTC)).write() as tx:
        tx.exec_driver_sql("DELETE FROM picks")
except FiveError as error:
    print(type(error).__name__)
"""


@pytest.fixture
def readable_by_all(tmp_path: Path) -> Iterator[Path]:
    """`tmp_path`, open to every account up to the root of pytest's own folders."""
    folder = tmp_path
    while folder.stat().st_uid == os.getuid() and folder != folder.parent and folder.name != "tmp":
        folder.chmod(0o755)
        folder = folder.parent
    yield tmp_path
    tmp_path.chmod(0o755)


def test_a_folder_that_may_not_be_written_is_explained(db: Database, readable_by_all: Path) -> None:
    db.close()
    readable_by_all.chmod(0o555)
    for file in readable_by_all.iterdir():
        file.chmod(0o444)
    done = subprocess.run(
        [sys.executable, "-c", WRITE_AS_NOBODY, str(db.path)], capture_output=True, text=True, check=False
    )
    assert done.stdout.strip() == "DatabaseReadOnly", done.stderr


def test_a_full_disk_changes_nothing(db: Database) -> None:
    with db.write() as tx:
        add_digest(tx)
        pages = tx.exec_driver_sql("PRAGMA page_count").scalar()
    with pytest.raises(errors.DiskFull, match="nothing was changed"), db.write() as tx:
        tx.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
        for week in range(1000):
            add_digest(tx, date.fromordinal(740000 + week), intro="long " * 1000)
    with db.write() as tx:
        tx.exec_driver_sql("PRAGMA max_page_count = 1073741823")
        assert tx.scalars(select(digests.c.friday)).all() == [date(2026, 11, 20)]
        assert tx.scalars(select(bookmarks.c.id)).all() == []
    assert db.problems() == []
