"""`five send` and `five outbox`: digests on their way to readers."""

import sys
from typing import TYPE_CHECKING

import click

from aggregator.cli.output import as_json, as_row, console, counted, in_words, print_json, print_table, with_app

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aggregator.app import App
    from aggregator.deliver.outbox import Overview
    from aggregator.deliver.sending import Tally
    from aggregator.model import DeliveryStatus
    from aggregator.store.deliveries import Delivery

STATUSES = ("queued", "claimed", "sent", "failed", "uncertain", "skipped")
readers = click.option("--reader", "ids", type=int, multiple=True, metavar="ID", help="This reader; again for more.")


@click.command()
@click.argument("selector", metavar="DIGEST")
@click.option("--test", "address", metavar="ADDRESS", required=True, help="Where the test goes.")
def send(selector: str, address: str) -> None:
    """Send a digest, or a draft, to one address as a test.

    Its subject says that it is a test, and its links to unsubscribe lead to nobody. Readers get a digest when it is
    published: five digest publish.
    """

    async def verb(app: "App") -> str:
        from aggregator.deliver.mailbox import mailbox

        return app.outbox.test(selector, mailbox(address), app.editor)

    click.echo(f"Sent to {address}: {with_app(verb)}")


@click.group(invoke_without_command=True)
@as_json
@click.pass_context
def outbox(context: click.Context, json_wanted: bool) -> None:
    """Digests on their way to readers, and what is stuck.

    Without a command: where every digest stands. `five serve` sends by itself; `five outbox flush` does it now.
    """
    if context.invoked_subcommand is not None:
        return

    async def verb(app: "App") -> None:
        from aggregator.model import ReturnedKind

        found = app.outbox.overview()
        if json_wanted:
            print_json(
                {"id": slug}
                | {str(each): counts[each] for each in counts}
                | {"returned": {str(kind): found.returned.get(slug, {}).get(kind, 0) for kind in ReturnedKind}}
                for slug, counts in found.digests
            )
        else:
            _print_overview(app, found)

    with_app(verb)


def _print_overview(app: "App", found: "Overview") -> None:
    out = console()
    if found.state.held:
        out.print(f"On hold: {found.state.held}\nWhen that is mended: five outbox resume")
    elif found.state.paused_at:
        out.print(f"Paused {in_words(found.state.paused_at, app.clock())}. Go on with: five outbox resume")
    if not found.digests:
        out.print("Nothing was ever sent. A digest goes out when it is published: five digest publish")
        return
    print_table(["digest", *STATUSES], [_row(slug, counts) for slug, counts in found.digests], wide=0)
    for slug, counts in found.digests:
        if unsure := dict(zip(STATUSES, counts.values(), strict=True))["uncertain"]:
            out.print(
                f"{slug}: of {counted(unsure, 'mail')} nobody can tell. See: five outbox show {slug} --status uncertain"
            )
    for slug, kinds in found.returned.items():
        hard, soft, complaints = kinds.values()
        out.print(
            f"{slug}: {hard + soft:,} came back ({hard:,} hard, {soft:,} soft); {counted(complaints, 'complaint')}."
        )
    if found.next_due_at is not None:
        out.print(f"Next: {app.calendar.local(found.next_due_at):%a %d %B %H:%M}")


def _row(slug: str, counts: "Mapping[DeliveryStatus, int]") -> list[str]:
    return [slug, *(f"{count:,}" if count else "" for count in counts.values())]


@outbox.command()
@click.argument("selector", metavar="DIGEST")
@click.option("--status", type=click.Choice(STATUSES), help="Only those.")
@click.option("--after", type=click.IntRange(min=0), default=0, metavar="ID", help="Go on after this reader.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True, help="At most so many.")
@as_json
def show(selector: str, status: str | None, after: int, limit: int, json_wanted: bool) -> None:
    """How far a digest has come, reader by reader."""

    async def verb(app: "App") -> "tuple[Delivery, ...]":
        from aggregator.model import DeliveryStatus

        wanted = DeliveryStatus(status) if status else None
        return app.outbox.deliveries(selector, status=wanted, after=after, limit=limit)

    found = with_app(verb)
    if json_wanted:
        print_json(as_row(one, id=one.subscriber_id) for one in found)
        return
    rows = [
        [str(one.subscriber_id), one.address or "(erased)", one.status, str(one.tries), one.error or ""]
        for one in found
    ]
    print_table(["reader", "address", "status", "tries", "what happened"], rows, wide=4)
    if len(found) == limit:
        console().print(f"Go on with: five outbox show {selector} --after {found[-1].subscriber_id}")


@outbox.command()
def flush() -> None:
    """Send what is due now: letters first, then digests.

    Stopping with Ctrl-C loses nothing. Exits with 1 if it had to stop early.
    """

    async def verb(app: "App") -> "Tally":
        def on_sent(tally: "Tally") -> None:
            if sys.stderr.isatty():
                click.echo(f"\r{tally.sent:,} sent, {tally.failed:,} failed", nl=False, err=True)

        _answer_sign_ups(app)
        return app.outbox.flush(on_sent=on_sent)

    done = with_app(verb)
    if sys.stderr.isatty():
        click.echo("", err=True)
    click.echo(f"{done.sent:,} sent, {done.failed:,} failed, {done.later:,} later, {done.uncertain:,} uncertain.")
    if done.stopped:
        click.echo(f"Stopped: {done.stopped}")
        click.get_current_context().exit(1)


def _answer_sign_ups(app: "App") -> None:
    """Send the letters that wait, until none does or the relay asks to wait; say so if there were any."""
    sent = later = given_up = 0
    while (some := app.letterbox.send_due()).sent + some.given_up + some.later:
        sent, given_up, later = sent + some.sent, given_up + some.given_up, later + some.later
        if some.later:
            break
    if sent + given_up + later:
        click.echo(f"{counted(sent, 'letter')} sent, {given_up:,} given up, {later:,} later.")


@outbox.command()
def pause() -> None:
    """Send nothing more until you resume."""

    async def verb(app: "App") -> None:
        app.outbox.pause()

    with_app(verb)
    click.echo("Paused: nothing more is sent. Go on with: five outbox resume")


@outbox.command()
def resume() -> None:
    """Lift a pause or a hold: send again."""

    async def verb(app: "App") -> str | None:
        return app.outbox.resume().held

    held = with_app(verb)
    click.echo((f"It was on hold: {held}\n" if held else "") + "Sending goes on: by five serve, or five outbox flush")


@outbox.command()
@click.argument("selector", metavar="DIGEST")
def stop(selector: str) -> None:
    """Send a digest to nobody more, for good."""

    async def verb(app: "App") -> int:
        return app.outbox.stop(selector)

    click.echo(f"Stopped: {counted(with_app(verb), 'reader')} will not get it.")


@outbox.command()
@click.argument("selector", metavar="DIGEST")
@readers
def resend(selector: str, ids: tuple[int, ...]) -> None:
    """Send again where nobody can tell whether it went.

    All that is uncertain; for readers that you name, also what failed. It is the same mail with the same Message-ID,
    of which many mail programs show one.
    """

    async def verb(app: "App") -> int:
        return app.outbox.resend(selector, ids)

    click.echo(f"Queued again: {counted(with_app(verb), 'mail')}.")


@outbox.command()
@click.argument("selector", metavar="DIGEST")
@click.option("--as", "status", type=click.Choice(["sent", "failed"]), required=True, help="What became of it.")
@readers
def settle(selector: str, status: str, ids: tuple[int, ...]) -> None:
    """Say what became of the uncertain ones.

    All of them; or those readers that you name, also when their mail still waits to be tried again.
    """

    async def verb(app: "App") -> int:
        from aggregator.model import DeliveryStatus

        return app.outbox.settle(selector, DeliveryStatus(status), ids)

    click.echo(f"Settled as {status}: {counted(with_app(verb), 'mail')}.")
