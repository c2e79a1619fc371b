"""`five bounces`: mails that came back."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from aggregator.cli.output import counted, with_app

if TYPE_CHECKING:
    from aggregator.app import App
    from aggregator.deliver.returned.returns import Tally


@click.group()
def bounces() -> None:
    """Let mails that came back, and complaints, count.

    A reader whose mailbox takes nothing, now or for five digests in a row, gets no more mail; nor does who complained.
    How many came back of each digest: five outbox.
    """


@bounces.command()
@click.argument("places", metavar="FILE|FOLDER...", nargs=-1, required=True, type=click.Path(path_type=Path))
def read(places: tuple[Path, ...]) -> None:
    """Read them from files: .eml, mbox, Maildir, folders.

    What was read before counts once. Nothing in the files is changed.
    """

    async def verb(app: "App") -> "Tally":
        from aggregator.deliver.returned.files import mails_in

        return await app.returns.read(mail for place in places for mail in mails_in(place))

    _print(with_app(verb))


@bounces.command()
def fetch() -> None:
    """Read them from the mailbox that is set (imap_host).

    Those that nobody has read; they are marked as read, and stay. `five serve` does this every ten minutes.
    """

    async def verb(app: "App") -> "Tally":
        return await app.returns.fetch()

    _print(with_app(verb))


def _print(done: "Tally") -> None:
    click.echo(
        f"{counted(done.total, 'mail')} read: {done.hard:,} hard, {done.soft:,} soft, "
        f"{counted(done.complaint, 'complaint')}, {done.again:,} counted before."
    )
    if left := done.later + done.reply + done.unknown:
        click.echo(
            f"Left alone: {left:,} ({done.later:,} still being tried, {counted(done.reply, 'automatic answer')}, "
            f"{done.unknown:,} about no mail of ours or not understood)."
        )
