"""The migrations make the schema, keep a copy before they change anything, and refuse what is newer."""

import sqlite3
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from aggregator import errors
from aggregator.resources import folder
from aggregator.store.database import Database
from aggregator.store.migrate import current_revision, open_database
from aggregator.store.schema import REVISION
from aggregator.store.schema_curators import metadata
from tests.conftest import StandingClock


def not_the_search_index(name: str | None, kind: str, _parents: object) -> bool:
    return not (kind == "table" and str(name).startswith("entry_search"))


def test_an_upgrade_from_empty_equals_the_schema(db: Database) -> None:
    with db.read() as tx:
        context = MigrationContext.configure(tx, opts={"include_name": not_the_search_index, "compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_the_code_and_the_migrations_agree_on_the_newest(db: Database) -> None:
    config = Config()
    config.set_main_option("script_location", str(folder("migrations")))
    assert ScriptDirectory.from_config(config).get_current_head() == REVISION
    assert current_revision(db) == REVISION


def test_opening_again_changes_nothing(db: Database, clock: StandingClock, tmp_path: Path) -> None:
    db.close()
    open_database(db.path, clock()).close()
    assert not (tmp_path / "backups").exists()


def test_a_newer_database_is_refused_untouched(db: Database, clock: StandingClock) -> None:
    db.close()
    with sqlite3.connect(db.path) as later:
        later.execute("UPDATE alembic_version SET version_num = '9999'")
    later.close()
    before = db.path.read_bytes()
    with pytest.raises(errors.DatabaseNewer, match="9999"):
        open_database(db.path, clock())
    assert db.path.read_bytes() == before
