"""How commands open the app and print: tables for people, one array of objects for scripts."""

import asyncio
import dataclasses
import json
import logging
import sys
from collections.abc import Callable, Coroutine, Iterable, Sequence
from datetime import UTC, date, datetime
from enum import Enum
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from rich.console import Console

    from aggregator.app import App

T = TypeVar("T")
Json = dict[str, Any]

as_json = click.option("--json", "json_wanted", is_flag=True, help="Print one JSON array of objects, for scripts.")


def with_app(verb: "Callable[[App], Coroutine[Any, Any, T]]", *, chatty: bool = False) -> T:
    """Open the app with the settings of this folder, await one verb, and close it.

    Log lines go to standard error: warnings only, unless the command is `chatty` or lines are for programs.
    """
    from aggregator import logs
    from aggregator.app import open_app
    from aggregator.settings import load_settings

    settings = load_settings(Path.cwd())

    async def run() -> T:
        async with open_app(settings) as app:
            return await verb(app)

    level = logging.INFO if chatty or settings.log == "json" else logging.WARNING
    with logs.written(settings.log, level=level):
        return asyncio.run(run())


def print_json(rows: Iterable[Json]) -> None:
    """One array of objects on standard output."""
    click.echo(json.dumps(list(rows), ensure_ascii=False, indent=2, default=_plain))


def as_row(value: Any, **changes: Any) -> Json:
    """A dataclass as one object; `changes` add to it or win over it."""
    return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)} | changes


def print_table(headings: Sequence[str], rows: Sequence[Sequence[str]], *, wide: int, title: str = "") -> None:
    """A table for people; `wide` is the column that may wrap, the others keep their width."""
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, title=title or None, title_justify="left", pad_edge=False)
    for number, heading in enumerate(headings):
        table.add_column(heading, overflow="fold", no_wrap=number != wide, ratio=1 if number == wide else None)
    from rich.text import Text

    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    console().print(table)


@cache
def console() -> "Console":
    """Standard output: as wide as the terminal; into a file or pipe, wide enough to keep rows whole.

    There is one, so that what is printed goes above a spinner and not into it.
    """
    from rich.console import Console

    class Piped(Console):
        def on_broken_pipe(self) -> None:
            raise  # what rich caught when it called this; by itself it would end the program, with 1

    found = Console(highlight=False)
    return found if found.is_terminal else Piped(highlight=False, width=160)


def note(text: str) -> None:
    """A remark that is not the command's result: to standard error."""
    click.echo(text, err=True)


def somebody_is_there() -> bool:
    """Whether a person can answer a question."""
    return sys.stdin.isatty()


def in_words(instant: datetime | None, now: datetime) -> str:
    """An instant as people say it: "3 hours ago"; "never" for none."""
    import humanize

    return "never" if instant is None else humanize.naturaltime(now.astimezone(UTC) - instant)


def counted(number: int, noun: str, plural: str = "") -> str:
    """`1 feed`, `2 feeds`, `3 entries`."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def _plain(value: object) -> object:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime | date):
        return value.isoformat()
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return as_row(value)
    raise TypeError(type(value))
