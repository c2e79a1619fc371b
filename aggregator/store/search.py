"""Full-text search over entries (SQLite FTS5, external content: https://sqlite.org/fts5.html, section 4.4.3).

An indexed entry must be taken out *before* its title, author or text changes and put back after, in the same
transaction: FTS5 removes a document by being told the words that it was indexed with.
"""

from collections.abc import Sequence

from sqlalchemy import TextClause, text

from aggregator.store.database import Tx

_PUT_IN = text(
    "INSERT INTO entry_search(rowid, title, author, text) SELECT id, title, author, text FROM entry_documents"
    " WHERE id = :id"
)
_TAKE_OUT = text(
    "INSERT INTO entry_search(entry_search, rowid, title, author, text)"
    " SELECT 'delete', id, title, author, text FROM entry_documents WHERE id = :id"
)


def put_in(tx: Tx, entry_ids: Sequence[int]) -> None:
    """Index these entries as they are now."""
    _each(tx, _PUT_IN, entry_ids)


def take_out(tx: Tx, entry_ids: Sequence[int]) -> None:
    """Remove these entries, which are indexed as they are now."""
    _each(tx, _TAKE_OUT, entry_ids)


def query_for(words: str) -> str:
    """What a person typed as an FTS5 query: every word must occur, the last one may be the start of one.

    Each word is quoted, so that nothing typed is read as FTS5's own syntax; "" when there is no word in it.
    """
    quoted = [f'"{word.replace(chr(34), chr(34) * 2)}"' for word in words.split() if any(map(str.isalnum, word))]
    return " ".join(quoted) + "*" if quoted else ""


def _each(tx: Tx, statement: TextClause, entry_ids: Sequence[int]) -> None:
    if entry_ids:
        tx.execute(statement, [{"id": entry_id} for entry_id in entry_ids])
