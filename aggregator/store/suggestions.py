"""What readers suggest: blogs to follow, pages to read."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, insert, select, update

from aggregator.model import Suggestion, SuggestionKind, SuggestionStatus
from aggregator.store.database import Tx
from aggregator.store.schema_readers import suggestions


def add(tx: Tx, kind: SuggestionKind, address: str, *, title: str, words: str, thank: str, at: datetime) -> int:
    """A suggestion that nobody has judged; its id."""
    row = insert(suggestions).values(
        kind=kind, address=address, title=title, words=words, thank=thank, at=at, status=SuggestionStatus.WAITING
    )
    return int(tx.execute(row.returning(suggestions.c.id)).scalar_one())


def with_status(tx: Tx, status: SuggestionStatus) -> tuple[Suggestion, ...]:
    """Those that stand so, the oldest first."""
    rows = tx.execute(
        select(suggestions).where(suggestions.c.status == status).order_by(suggestions.c.at, suggestions.c.id)
    )
    return tuple(
        Suggestion(**row._asdict() | {"kind": SuggestionKind(row.kind), "status": SuggestionStatus(row.status)})
        for row in rows
    )


def count(tx: Tx, status: SuggestionStatus) -> int:
    """How many stand so."""
    return int(tx.scalar(select(func.count()).where(suggestions.c.status == status)) or 0)


def is_waiting(tx: Tx, kind: SuggestionKind, address: str) -> bool:
    """Whether somebody suggested this already, and nobody has judged it."""
    waiting = suggestions.c.status == SuggestionStatus.WAITING
    found = select(suggestions.c.id).where(waiting, suggestions.c.kind == kind, suggestions.c.address == address)
    return tx.execute(found.limit(1)).first() is not None


def settle(tx: Tx, ids: Sequence[int], status: SuggestionStatus) -> tuple[int, ...]:
    """Judge those of `ids` that wait; gives their ids."""
    waiting = suggestions.c.status == SuggestionStatus.WAITING
    done = update(suggestions).where(suggestions.c.id.in_(ids), waiting).values(status=status)
    return tuple(tx.execute(done.returning(suggestions.c.id)).scalars())
