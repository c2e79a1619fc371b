"""Full-text search over entries (SQLite FTS5, external content: https://sqlite.org/fts5.html, section 4.4.3).

An indexed entry must be taken out *before* its title, author or text changes and put back after, in the same
transaction: FTS5 removes a document by being told the words that it was indexed with.
"""

import re
import unicodedata
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


INDEXED_PREFIX = 3
"""Characters of the longest start of a word that the index has a list for (`prefix` of entry_search)."""
_FOLDED = {char: unicodedata.normalize("NFD", chr(char))[0].lower() for char in range(0x80, 0x250)}


def query_for(words: str) -> str:
    """What a person typed as an FTS5 query: every word must occur, the last one may be the start of one.

    Each word is quoted, so that nothing typed is read as FTS5's own syntax; "" when there is no word in it. Of the last
    word there is only so much of its start as the index has a list for, so that hits come one by one, the newest first:
    for a longer start, FTS5 first puts together the lists of all words that begin so, which takes seconds with a
    million entries. What comes has to be held against `finders_for`.
    """
    tokens = _tokens(words)
    if not tokens:
        return ""
    *whole, last = (" ".join(one) for one in tokens)
    quoted = [f'"{one}"' for one in whole]
    *firm, start = last.split()
    quoted += [f'"{one}"' for one in firm]
    quoted.append(f'"{start[:INDEXED_PREFIX]}"*' if len(start) > 1 else f'"{start}"')
    return " ".join(quoted)


def finders_for(words: str) -> tuple[re.Pattern[str], ...]:
    """A pattern for each word that a person typed, which finds it in a text that `folded` has made."""
    tokens = _tokens(words)
    found = []
    for n, one in enumerate(tokens):
        # The letters first and what stands before them after: `re` looks for letters a hundred times as fast.
        begins = rf"{one[0]}(?<![^\W_]{one[0]})"
        spelt = r"[\W_]+".join((begins, *one[1:]))
        may_go_on = n == len(tokens) - 1 and len(one[-1]) > 1
        found.append(re.compile(spelt + (r"[^\W_]*" if may_go_on else r"(?![^\W_])")))
    return tuple(found)


def folded(text: str) -> str:
    """In lower case and without accents, each character in its place (as far as letters of Latin script go)."""
    lower = text.lower()
    return (lower if len(lower) == len(text) else text).translate(_FOLDED)


def _tokens(words: str) -> list[list[str]]:
    """What FTS5's unicode61 makes of each word: its runs of letters and digits."""
    split = (re.findall(r"[^\W_]+", folded(word)) for word in words.split())
    return [tokens for tokens in split if tokens]


def _each(tx: Tx, statement: TextClause, entry_ids: Sequence[int]) -> None:
    if entry_ids:
        tx.execute(statement, [{"id": entry_id} for entry_id in entry_ids])
