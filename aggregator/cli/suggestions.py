"""`five suggestions`: what readers suggest."""

from typing import TYPE_CHECKING

import click

from aggregator.cli.output import as_json, as_row, console, counted, in_words, print_json, print_table, with_app

if TYPE_CHECKING:
    from aggregator.app import App
    from aggregator.model import Suggestion, SuggestionStatus


@click.group(invoke_without_command=True)
@as_json
@click.pass_context
def suggestions(context: click.Context, json_wanted: bool) -> None:
    """What readers suggest: blogs to follow, pages to read.

    Nothing is followed or bookmarked by itself: add a blog with `five feeds add`, a page with `five shortlist`, and
    then say here that you took it up. Who gave a name is thanked on the list of blogs.
    """
    if context.invoked_subcommand is not None:
        return

    async def verb(app: "App") -> "tuple[Suggestion, ...]":
        return app.suggestions.waiting()

    waiting = with_app(verb)
    if json_wanted:
        print_json(as_row(suggestion) for suggestion in waiting)
    elif not waiting:
        console().print("No suggestion waits.")
    else:
        _print(waiting)


@suggestions.command()
@click.argument("ids", nargs=-1, required=True, type=int, metavar="ID ...")
def accept(ids: tuple[int, ...]) -> None:
    """Say that these were taken up."""
    from aggregator.model import SuggestionStatus

    _settle(ids, SuggestionStatus.ACCEPTED)


@suggestions.command()
@click.argument("ids", nargs=-1, required=True, type=int, metavar="ID ...")
def decline(ids: tuple[int, ...]) -> None:
    """Take these off the list."""
    from aggregator.model import SuggestionStatus

    _settle(ids, SuggestionStatus.DECLINED)


def _settle(ids: tuple[int, ...], status: "SuggestionStatus") -> None:
    async def verb(app: "App") -> None:
        app.suggestions.settle(ids, status)

    with_app(verb)
    click.echo(f"{counted(len(set(ids)), 'suggestion')} {status}.")


def _print(waiting: "tuple[Suggestion, ...]") -> None:
    from aggregator.clock import system_clock

    now = system_clock()
    rows = [
        [
            str(one.id),
            str(one.kind),
            " ".join(part for part in (one.title, one.address, one.words and f"“{one.words}”") if part),
            one.thank,
            in_words(one.at, now),
        ]
        for one in waiting
    ]
    print_table(["id", "what", "suggestion", "from", "when"], rows, wide=2)
    click.echo("Next: five feeds add ADDRESS or five shortlist ADDRESS, then five suggestions accept ID")
