"""One SQLite file: many readers that cannot write, one writer at a time.

`read()` gives a query-only connection. `write()` gives a transaction that began with BEGIN IMMEDIATE, behind a lock
that every process shares and that is held until COMMIT has returned, its automatic checkpoint included. Both for
reasons that were measured: with SQLite's deferred BEGIN, eight writers lost 60 % of their transactions to "database is
locked"; and SQLite before 3.51.3 can damage a WAL database when one connection checkpoints while another commits
(the WAL-reset race).
"""

import errno
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import cast

from sqlalchemy import Connection, Engine, QueuePool, create_engine, text
from sqlalchemy.exc import DBAPIError

from aggregator import errors
from aggregator.locks import hold

Tx = Connection
"""What store functions take first: an open transaction, which they never commit."""

BUSY_SECONDS = 10.0


class Database:
    """An open database file. Make one with `open_database`, which brings the schema up to date first."""

    def __init__(self, path: Path, *, busy_seconds: float = BUSY_SECONDS) -> None:
        self.path = path
        self._busy_seconds = busy_seconds
        self._lock_path = path.with_suffix(".lock")
        self._turn = threading.Lock()
        self._reader = _engine(path, busy_seconds, connections=8, pragma="PRAGMA query_only = ON")
        self._writer = _engine(path, busy_seconds, connections=1, pragma="PRAGMA foreign_keys = ON")

    @contextmanager
    def read(self) -> Iterator[Tx]:
        """A snapshot to read from; writing in it is refused by SQLite."""
        with _explained(self.path), self._reader.begin() as connection:
            _raw(connection).execute("BEGIN")
            yield connection

    @contextmanager
    def write(self) -> Iterator[Tx]:
        """One transaction: all of it, or, on any exception, nothing.

        Raises DatabaseBusy when another writer does not let go within ten seconds, DatabaseReadOnly or DiskFull.
        """
        with self._exclusive(), _explained(self.path), self._writer.begin() as connection:
            _raw(connection).execute("BEGIN IMMEDIATE")
            yield connection

    @contextmanager
    def migrating(self) -> Iterator[Tx]:
        """The same as `write`, with foreign keys off: for the migrations.

        A batch migration drops and copies tables; with foreign keys on, ON DELETE CASCADE would empty their children.
        """
        with self._exclusive(), _explained(self.path), self._writer.connect() as connection:
            raw = _raw(connection)
            raw.execute("PRAGMA foreign_keys = OFF")  # before it begins: in a transaction, this does nothing
            try:
                with connection.begin():
                    raw.execute("BEGIN IMMEDIATE")
                    yield connection
            finally:
                raw.execute("PRAGMA foreign_keys = ON")

    def copy_to(self, target: Path) -> None:
        """Write a consistent copy of the whole database to a new file, while others read and write."""
        with (
            _explained(target),
            closing(_connect(self.path, "PRAGMA query_only = ON")) as origin,
            closing(sqlite3.connect(target)) as copy,
        ):
            origin.backup(copy)
            # The copy is one file, without a log beside it; opened as a database, it gets its log back.
            copy.execute("PRAGMA journal_mode = DELETE").close()

    def replace_with(self, source: Path) -> None:
        """Put the whole content of another database file in the place of this one's, in one transaction."""
        with (
            self._exclusive(),
            _explained(self.path),
            closing(_connect(source)) as origin,
            closing(_connect(self.path)) as target,
        ):
            origin.backup(target)

    def problems(self) -> list[str]:
        """What SQLite finds wrong with the file: damage, dangling references, a search index that disagrees."""
        with self.write() as connection:
            found = [str(row[0]) for row in connection.exec_driver_sql("PRAGMA integrity_check")]
            found = [] if found == ["ok"] else found
            found += [
                f"table {row[0]}, row {row[1]}: points to a row of {row[2]} that is not there"
                for row in connection.exec_driver_sql("PRAGMA foreign_key_check")
            ]
            try:
                connection.execute(text("INSERT INTO entry_search(entry_search, rank) VALUES ('integrity-check', 1)"))
            except DBAPIError:
                found.append("the search index disagrees with the entries")
        return found

    def close(self) -> None:
        """Let go of the file."""
        self._reader.dispose()
        self._writer.dispose()

    @contextmanager
    def _exclusive(self) -> Iterator[None]:
        busy = errors.DatabaseBusy(
            f"Another process has been writing to {self.path} for more than {self._busy_seconds:g} seconds.",
            "Wait for it to end, or stop it, and try again.",
        )
        if not self._turn.acquire(timeout=self._busy_seconds):
            raise busy
        try:
            with ExitStack() as stack:
                try:
                    held = stack.enter_context(hold(self._lock_path, wait=self._busy_seconds))
                except OSError as error:
                    raise _as_folder_error(error, self.path) from error
                if not held:
                    raise busy
                yield
        finally:
            self._turn.release()


def _engine(path: Path, busy_seconds: float, *, connections: int, pragma: str) -> Engine:
    return create_engine(
        "sqlite://",
        creator=lambda: _connect(path, pragma, busy_seconds=busy_seconds),
        poolclass=QueuePool,
        pool_size=connections,
        max_overflow=0,
    )


def _raw(connection: Connection) -> sqlite3.Connection:
    """The connection below SQLAlchemy's, for what is no query: a listener for it would cost every query a search."""
    return cast(sqlite3.Connection, connection.connection.driver_connection)


def _connect(path: Path, *pragmas: str, busy_seconds: float = BUSY_SECONDS) -> sqlite3.Connection:
    # isolation_level=None: the sqlite3 module begins nothing by itself; `read` and `write` say BEGIN.
    connection = sqlite3.connect(path, timeout=busy_seconds, isolation_level=None, check_same_thread=False)
    for pragma in ("PRAGMA journal_mode = WAL", "PRAGMA synchronous = NORMAL", *pragmas):
        connection.execute(pragma).close()
    return connection


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    """Turn what SQLite raises into errors that a person can act on."""
    try:
        yield
    except DBAPIError as error:
        if isinstance(error.orig, sqlite3.Error) and not isinstance(error.orig, sqlite3.IntegrityError):
            raise _as_store_error(error.orig, path) from error
        raise
    except sqlite3.Error as error:
        raise _as_store_error(error, path) from error


def _as_store_error(error: sqlite3.Error, path: Path) -> Exception:
    name = getattr(error, "sqlite_errorname", "") or ""
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return errors.DatabaseBusy(f"{path} is locked by another program.", "Close that program and try again.")
    if name.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM")):
        return _read_only(path)
    if name.startswith(("SQLITE_NOTADB", "SQLITE_CORRUPT")):
        return errors.NotADatabase(
            f"{path} is damaged, or is not a database of this program.", "Bring a backup back with: five restore FILE"
        )
    if name.startswith(("SQLITE_FULL", "SQLITE_IOERR")):
        return _disk_full(path)
    return error


def _as_folder_error(error: OSError, path: Path) -> errors.StoreError:
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return _read_only(path)
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return _disk_full(path)
    return errors.StoreError(f"{path} cannot be used: {error.strerror}.", "Check the data folder (FIVE_DATA).")


def _disk_full(path: Path) -> errors.DiskFull:
    return errors.DiskFull(f"The disk that holds {path} is full or failing; nothing was changed.", "Make room.")


def _read_only(path: Path) -> errors.DatabaseReadOnly:
    return errors.DatabaseReadOnly(
        f"{path} or its folder cannot be written.", "Check who owns them, or set FIVE_DATA to another folder."
    )
