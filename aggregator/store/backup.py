"""Backups: one file that holds everything, made while the program runs, and brought back whole.

Both directions use SQLite's backup interface (https://sqlite.org/backup.html): copying the file of a database that is
in use loses what stands in its write-ahead log.
"""

import sqlite3
import tempfile
from contextlib import closing
from datetime import datetime
from pathlib import Path

from aggregator.errors import DatabaseReadOnly, NotADatabase, NotFound, Refused, StoreError
from aggregator.store import deliveries
from aggregator.store.database import Database
from aggregator.store.migrate import open_database


def back_up(database: Database, target: Path) -> None:
    """Copy the whole database to the new file `target`; it appears there complete or not at all."""
    if target.exists():
        raise Refused(f"{target} is there already.", "Give the backup a new name.")
    if not target.parent.is_dir():
        raise NotFound(f"There is no folder {target.parent}.", "Make it first.")
    partial = target.with_name(target.name + ".part")
    try:
        database.copy_to(partial)
        partial.rename(target)
    except DatabaseReadOnly as error:
        raise DatabaseReadOnly(
            f"The folder {target.parent} cannot be written.", "Name another, or check who owns it."
        ) from error
    finally:
        partial.unlink(missing_ok=True)


def restore(path: Path, source: Path, now: datetime) -> Path | None:
    """Put the backup `source` in the place of the database at `path`; gives where the one before was kept.

    The backup is checked, and brought up to date, before anything is replaced; its outbox is on hold, for what it has
    queued may have been sent since. A program that has the database open goes on with the restored one.
    """
    if not source.is_file():
        raise NotFound(f"There is no file {source}.")
    backups = path.parent / "backups"
    backups.mkdir(parents=True, exist_ok=True)
    aside = backups / f"{path.stem}-before-restore-{now:%Y%m%dT%H%M%S}{path.suffix}"
    with tempfile.TemporaryDirectory(dir=backups) as folder:
        staged = Path(folder) / path.name
        _stage(source, staged, now)
        if not path.exists():
            staged.rename(path)
            return None
        _replace(path, staged, aside, now)
    return aside


def _stage(source: Path, staged: Path, now: datetime) -> None:
    """Copy `source` without leaving a trace beside it; check the copy, and bring it up to date."""
    try:
        with (
            closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True)) as origin,
            closing(sqlite3.connect(staged)) as copy,
        ):
            origin.backup(copy)
            ours = copy.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone()
    except sqlite3.Error as error:
        raise NotADatabase(f"{source} is no backup of this program, or is damaged.", "Nothing was changed.") from error
    if not ours:
        raise NotADatabase(f"{source} is a database, but none of this program.", "Nothing was changed.")
    with closing(open_database(staged, now)) as database:
        problems = database.problems()
        if not problems:
            with database.write() as tx:
                why = "The database was restored from a backup: what it has queued may have been sent since."
                deliveries.hold(tx, why, now=now)
    if problems:
        raise NotADatabase(f"{source} is damaged: {problems[0]}.", "Nothing was changed.")


def _replace(path: Path, staged: Path, aside: Path, now: datetime) -> None:
    try:
        database = open_database(path, now)
    except StoreError:
        # What is there cannot be opened, so nobody has it open, and it can be moved.
        path.rename(aside)
        for log in ("-wal", "-shm"):
            path.with_name(path.name + log).unlink(missing_ok=True)
        staged.rename(path)
        return
    with closing(database):
        database.copy_to(aside)
        database.replace_with(staged)
