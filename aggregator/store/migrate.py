"""Opening the database file: made when it is not there, brought up to date, with a copy kept, when it is older.

alembic is imported only when there is something to do: it costs more than most commands take.
"""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import text

from aggregator import errors
from aggregator.resources import folder
from aggregator.store.database import Database
from aggregator.store.schema import REVISION

if TYPE_CHECKING:
    from alembic.config import Config


def open_database(path: Path, now: datetime) -> Database:
    """The database at `path`, with the schema of this version.

    An older one is copied to `backups/` beside it first. Raises DatabaseNewer for one that a later version wrote,
    NotADatabase for another kind of file, DatabaseReadOnly, DiskFull or DatabaseBusy; nothing is changed then.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise errors.DatabaseReadOnly(
            f"The data folder {path.parent} cannot be made: {error.strerror}.", "Set FIVE_DATA to another folder."
        ) from error
    database = Database(path)
    try:
        if current_revision(database) != REVISION:
            _upgrade(database, now)
    except BaseException:
        database.close()
        raise
    return database


def current_revision(database: Database) -> str | None:
    """The migration that the file is at; None for a new file."""
    with database.read() as tx:
        if not tx.scalar(text("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'")):
            return None
        version: str | None = tx.scalar(text("SELECT version_num FROM alembic_version"))
    return version


def _upgrade(database: Database, now: datetime) -> None:
    from alembic import command
    from alembic.script import ScriptDirectory

    config = _config()
    revision = current_revision(database)
    if revision is not None:
        if revision not in {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}:
            raise errors.DatabaseNewer(
                f"{database.path} was written by a later version of this program (its schema is {revision}).",
                "Install that version, or bring an older backup back with: five restore FILE",
            )
        _keep_copy(database, revision, now)
    # Two processes may come here at once: the second waits for the lock, and finds nothing left to do.
    with database.migrating() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _keep_copy(database: Database, revision: str, now: datetime) -> None:
    backups = database.path.parent / "backups"
    backups.mkdir(exist_ok=True)
    database.copy_to(backups / f"{database.path.stem}-{revision}-{now:%Y%m%dT%H%M%S}{database.path.suffix}")


def _config() -> "Config":
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(folder("migrations")))
    return config
