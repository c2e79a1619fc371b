"""What SQLite intends to do: the plan of a query, as store functions really send it."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import event

from aggregator.store.database import Database, Tx


def plan_of_first_query(db: Database, ask: Callable[[Tx], object]) -> list[str]:
    """The steps of SQLite's plan for the first query that `ask` sends."""
    sent: list[tuple[str, Any]] = []
    with db.read() as tx:

        @event.listens_for(tx, "before_cursor_execute")
        def note(_tx: Tx, _cursor: object, statement: str, parameters: Any, *_rest: object) -> None:
            sent.append((statement, parameters))

        ask(tx)
        event.remove(tx, "before_cursor_execute", note)
        statement, parameters = sent[0]
        return [str(row[3]) for row in tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)]
