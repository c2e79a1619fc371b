"""Alembic's environment: runs on the connection that `aggregator.store.database` hands over, without an ini file."""

from alembic import context

from aggregator.store.schema_curators import metadata


def include_name(name: str | None, kind: str, _parents: object) -> bool:
    """Leave out the search index: FTS5 makes its own tables, and the metadata does not know them."""
    return not (kind == "table" and name is not None and name.startswith("entry_search"))


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    include_name=include_name,
    transaction_per_migration=False,
)
context.run_migrations()
