"""Lists of people as CSV, in and out (pure)."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from aggregator.errors import WrongUse

_HEADINGS = ("email", "e-mail", "email address", "e-mail address", "mail", "address")
# What spreadsheets take for a formula when a cell begins with it (OWASP, "CSV Injection").
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """What stands in the column of addresses."""

    line: int  # counted from 1
    text: str


def text_of(raw: bytes) -> str:
    """A file as spreadsheets save it: UTF-8, UTF-16 with its mark, or what Windows had before."""
    try:
        return raw.decode("utf-16" if raw.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("latin-1")  # every byte means something; in an address, only ASCII does


def addresses_in(text: str) -> tuple[Cell, ...]:
    """The column of mail addresses of a CSV file: the one that is headed so, else the first with an @ in it.

    Commas, semicolons and tabs part the cells; lines without anything are left out. Raises WrongUse for what is no CSV,
    or has no such column.
    """
    if "\0" in text:  # as every workbook and database has; a text file has none
        raise WrongUse("That file is not CSV: it is no text.", "Save the list as CSV in the program that made it.")
    rows = _rows(text.removeprefix("\ufeff"))
    if not rows:
        raise WrongUse("There is nothing in that file.", "Give a CSV file with one address a line.")
    headings = [cell.strip().lower() for cell in rows[0][1]]
    column = next((headings.index(name) for name in _HEADINGS if name in headings), None)
    if column is not None:
        rows = rows[1:]
    else:
        column = next((place for _, row in rows for place, cell in enumerate(row) if "@" in cell), None)
    if column is None:
        raise WrongUse("No column of that file holds mail addresses.", "Head the column with the word email.")
    return tuple(
        Cell(line=line, text=_plain(row[column])) for line, row in rows if len(row) > column and row[column].strip()
    )


def sheet(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A CSV file (RFC 4180) in which no cell is a formula to any spreadsheet."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(headings)
    writer.writerows([_inert(cell) for cell in row] for row in rows)
    return out.getvalue()


def _rows(text: str) -> list[tuple[int, list[str]]]:
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        return [(reader.line_num, row) for row in reader if any(cell.strip() for cell in row)]
    except csv.Error as error:
        raise WrongUse(f"Line {reader.line_num} of that file is not CSV: {error}.", "Mend that line.") from error


def _inert(cell: str) -> str:
    return f"'{cell}" if _tempts(cell) else cell


def _plain(cell: str) -> str:
    """A cell as it was before `sheet` made it inert."""
    cell = cell.strip()
    return cell[1:] if cell.startswith("'") and _tempts(cell[1:]) else cell


def _tempts(cell: str) -> bool:
    """Whether it is a formula, or would be one without the apostrophes before it."""
    return cell.lstrip("'").startswith(_FORMULA)
