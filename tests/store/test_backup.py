"""A backup holds everything; restoring checks it first, and keeps what was there."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select

from aggregator import errors
from aggregator.store.backup import back_up, restore
from aggregator.store.database import Database
from aggregator.store.migrate import open_database
from aggregator.store.schema import digests
from tests.conftest import StandingClock
from tests.store.test_database import add_digest

FIRST, SECOND = date(2026, 11, 20), date(2026, 11, 27)


def fridays(database: Database) -> list[date]:
    with database.read() as tx:
        return list(tx.scalars(select(digests.c.friday).order_by(digests.c.friday)))


@pytest.fixture
def backed_up(db: Database, tmp_path: Path) -> Path:
    """A backup that holds the first digest alone; the database has gone on to a second."""
    with db.write() as tx:
        add_digest(tx, FIRST)
    back_up(db, tmp_path / "backup.sqlite")
    with db.write() as tx:
        add_digest(tx, SECOND)
    return tmp_path / "backup.sqlite"


def test_a_backup_is_one_file(backed_up: Path) -> None:
    assert sorted(file.name for file in backed_up.parent.glob("backup*")) == ["backup.sqlite"]


def test_a_backup_never_overwrites(db: Database, backed_up: Path) -> None:
    before = backed_up.read_bytes()
    with pytest.raises(errors.Refused, match="is there already"):
        back_up(db, backed_up)
    assert backed_up.read_bytes() == before


def test_a_backup_into_no_folder_is_explained(db: Database, tmp_path: Path) -> None:
    with pytest.raises(errors.NotFound, match="no folder"):
        back_up(db, tmp_path / "nowhere" / "backup.sqlite")


def test_a_backup_that_cannot_be_written_names_its_own_folder(db: Database, tmp_path: Path) -> None:
    # What is written first leads nowhere: the one way to fail that holds for root, too.
    (tmp_path / "backup.sqlite.part").symlink_to(tmp_path / "nowhere" / "backup.sqlite")
    with pytest.raises(errors.DatabaseReadOnly) as refused:
        back_up(db, tmp_path / "backup.sqlite")
    assert refused.value.what == f"The folder {tmp_path} cannot be written."
    assert "FIVE_DATA" not in refused.value.hint
    assert list(tmp_path.glob("backup*")) == []


def test_a_program_that_is_running_goes_on_with_what_was_restored(
    db: Database, backed_up: Path, clock: StandingClock
) -> None:
    assert fridays(db) == [FIRST, SECOND]
    aside = restore(db.path, backed_up, clock())
    assert fridays(db) == [FIRST]
    assert db.problems() == []
    assert aside
    with closing(open_database(aside, clock())) as before:
        assert fridays(before) == [FIRST, SECOND]


def test_restoring_leaves_nothing_beside_the_backup(db: Database, backed_up: Path, clock: StandingClock) -> None:
    content = backed_up.read_bytes()
    restore(db.path, backed_up, clock())
    assert sorted(file.name for file in backed_up.parent.glob("backup*")) == ["backup.sqlite", "backups"]
    assert backed_up.read_bytes() == content
    assert [file.suffix for file in (backed_up.parent / "backups").iterdir() if file.is_dir()] == []


def test_a_new_machine_starts_from_a_backup(backed_up: Path, tmp_path: Path, clock: StandingClock) -> None:
    elsewhere = tmp_path / "elsewhere" / "five.sqlite"
    assert restore(elsewhere, backed_up, clock()) is None
    with closing(open_database(elsewhere, clock())) as database:
        assert fridays(database) == [FIRST]


def test_a_damaged_database_is_moved_aside(db: Database, backed_up: Path, clock: StandingClock) -> None:
    db.close()
    db.path.write_bytes(b"not a database" * 100)
    aside = restore(db.path, backed_up, clock())
    assert aside
    assert aside.read_bytes().startswith(b"not a database")
    with closing(open_database(db.path, clock())) as database:
        assert fridays(database) == [FIRST]


def not_sqlite(path: Path) -> None:
    path.write_bytes(b"tabs, copying and mail tools")


def empty(path: Path) -> None:
    path.touch()


def another_program(path: Path) -> None:
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE recipes (name TEXT)")


def newer(path: Path) -> None:
    with closing(sqlite3.connect(path)) as other, other:
        other.execute("CREATE TABLE alembic_version (version_num TEXT)")
        other.execute("INSERT INTO alembic_version VALUES ('9999')")


@pytest.mark.parametrize("make", [not_sqlite, empty, another_program, newer])
def test_what_is_no_backup_is_refused_and_changes_nothing(
    db: Database, clock: StandingClock, tmp_path: Path, make: Callable[[Path], None]
) -> None:
    with db.write() as tx:
        add_digest(tx, FIRST)
    make(tmp_path / "odd.sqlite")
    with pytest.raises((errors.NotADatabase, errors.DatabaseNewer)):
        restore(db.path, tmp_path / "odd.sqlite", clock())
    assert fridays(db) == [FIRST]


def test_a_backup_that_is_not_there_is_explained(db: Database, clock: StandingClock, tmp_path: Path) -> None:
    with pytest.raises(errors.NotFound, match="no file"):
        restore(db.path, tmp_path / "none.sqlite", clock())
