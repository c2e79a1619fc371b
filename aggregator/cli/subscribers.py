"""`five subscribers`: who gets the mail."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from aggregator.cli.output import (
    as_json,
    as_row,
    console,
    counted,
    in_words,
    note,
    print_json,
    print_table,
    somebody_is_there,
    with_app,
)

if TYPE_CHECKING:
    from aggregator.app import App
    from aggregator.deliver.imports import ImportPlan
    from aggregator.model import Subscriber

STATUSES = ("pending", "active", "unsubscribed", "bounced")
LARGEST_IMPORT = 50 * 1024 * 1024
SHOWN = 20


@click.group()
def subscribers() -> None:
    """Who gets the mail: see, add, import, export, erase."""


@subscribers.command("list")
@click.option("--status", type=click.Choice(STATUSES), help="Only those.")
@click.option("--after", type=click.IntRange(min=0), default=0, metavar="ID", help="Go on after this one.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True, help="At most so many.")
@as_json
def list_subscribers(status: str | None, after: int, limit: int, json_wanted: bool) -> None:
    """Who they are, in the order in which they came."""

    async def verb(app: "App") -> None:
        from aggregator.model import SubscriberStatus

        found = app.subscribers.page(status=SubscriberStatus(status) if status else None, after=after, limit=limit)
        if json_wanted:
            print_json(as_row(one) for one in found)
            return
        counts = app.subscribers.counts()
        if found:
            _print(found, app)
        console().print(", ".join(f"{count:,} {each}" for each, count in counts.items()) + ".")
        if len(found) == limit:
            console().print(f"Go on with: five subscribers list --after {found[-1].id}")

    with_app(verb)


def _print(found: "tuple[Subscriber, ...]", app: "App") -> None:
    now = app.clock()
    print_table(
        ["id", "address", "status", "asked", "confirmed"],
        [
            [str(one.id), one.address, one.status, in_words(one.asked_at, now), in_words(one.confirmed_at, now)]
            for one in found
        ],
        wide=1,
    )


@subscribers.command()
@click.argument("address")
def add(address: str) -> None:
    """Ask ADDRESS by mail whether it wants the digest.

    Nobody is subscribed before they confirm it, with the link in that mail.
    """

    async def verb(app: "App") -> None:
        found = app.subscribers.add(address)
        sent, state = app.letterbox.send_due(), app.dispatches.state()
        if sent.given_up:
            note(f"Nobody was asked: the relay refuses {found.address}.")
        elif sent.later:
            note("The mail could not be sent. See why with: five doctor")
            click.echo(f"{found.address} is asked to confirm when it can be: by five serve, or five outbox flush.")
        elif state.held or state.paused_at:
            click.echo(f"{found.address} is asked to confirm when sending goes on. See: five outbox")
        else:
            where = "" if app.settings.smtp_host else f", with a mail in {app.settings.data / 'mail'}"
            click.echo(f"{found.address} is asked to confirm{where}.")

    with_app(verb)


@subscribers.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--basis", default="", metavar="TEXT", help="When, where and how these people agreed; it is kept.")
@click.option("--yes", is_flag=True, help="Go ahead.")
def import_subscribers(file: Path, basis: str, yes: bool) -> None:
    """Bring in people who agreed elsewhere, from a CSV FILE.

    Without --yes it only shows what would happen. FILE has a column headed "email", or any column of addresses. Nobody
    who unsubscribed, bounced, complained or was erased is brought back.
    """
    text = _read(file)

    async def verb(app: "App") -> None:
        if not yes:
            _tell(app.subscribers.preview(text), done=False)
            note("Nothing was changed. Go ahead with: --yes --basis TEXT")
        else:
            _tell(app.subscribers.bring_in(text, basis=basis), done=True)

    with_app(verb)


def _read(file: Path) -> str:
    from aggregator.deliver.spreadsheet import text_of
    from aggregator.errors import NotFound, WrongUse

    try:
        if file.stat().st_size > LARGEST_IMPORT:
            raise WrongUse(f"{file} is larger than any list of subscribers.", "Give a CSV file of at most 50 MiB.")
        raw = file.read_bytes()
    except OSError as error:
        raise NotFound(f"{file} cannot be read: {error.strerror}.") from error
    return text_of(raw)


def _tell(plan: "ImportPlan", *, done: bool) -> None:
    from aggregator.deliver.imports import Outcome

    words = {
        Outcome.ADDED: "added" if done else "would be added",
        Outcome.KNOWN: "there already",
        Outcome.LEFT: "left, and not brought back",
        Outcome.REPEATED: "in the file before",
        Outcome.WRONG: "no mail address",
    }
    out = console()
    for outcome, said in words.items():
        lines = [line for line in plan.lines if line.outcome is outcome]
        out.print(f"{len(lines):7,} {said}")
        for line in lines[:SHOWN] if outcome is not Outcome.ADDED else ():
            reason = f" ({line.reason})" if line.reason else ""
            out.print(f"        line {line.line}: {line.address!r}{reason}", markup=False, soft_wrap=True)
        if len(lines) > SHOWN and outcome is not Outcome.ADDED:
            out.print(f"        and {counted(len(lines) - SHOWN, 'more line')}")


@subscribers.command()
def export() -> None:
    """Print everybody as CSV, for a spreadsheet."""

    async def verb(app: "App") -> str:
        return app.subscribers.export()

    click.echo(with_app(verb), nl=False)


@subscribers.command()
@click.argument("address")
@click.option("--yes", is_flag=True, help="Do not ask.")
def erase(address: str, yes: bool) -> None:
    """Forget a person, for ever.

    What stays is a hash that keeps an import from bringing ADDRESS back; backups that you made before still hold it.
    """
    from aggregator.errors import Refused

    if not yes:
        if not somebody_is_there():
            raise Refused("Nothing was erased: there is nobody to ask.", "Erase without asking with: --yes")
        click.confirm("Forget this person for ever", abort=True, err=True)

    async def verb(app: "App") -> None:
        app.subscribers.erase(address)

    with_app(verb)
    click.echo("Erased. Nothing of it is left but a hash that cannot be read.")
