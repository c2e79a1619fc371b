"""`five digest approve`, `schedule`, `unschedule`, `publish`, `correct` and `discard`: what becomes of a draft."""

from datetime import datetime
from typing import TYPE_CHECKING

import click

from aggregator.cli.digest import print_warnings, when_due
from aggregator.cli.output import somebody_is_there, with_app

if TYPE_CHECKING:
    from aggregator.app import App
    from aggregator.model import Digest


@click.command()
@click.argument("selector", required=False, metavar="[DIGEST]")
@click.option("--withdraw", is_flag=True, help="Take the approval back.")
def approve(selector: str | None, withdraw: bool) -> None:
    """Say that a digest is ready.

    Any change after that takes it back.
    """

    async def verb(app: "App") -> "Digest":
        return app.editor.withdraw(selector) if withdraw else app.editor.approve(selector)

    done = with_app(verb)
    click.echo(f"{done.title}: {done.status}. Next: five digest schedule, five digest publish")


@click.command()
@click.argument("selector", required=False, metavar="[DIGEST]")
@click.option("--at", type=click.DateTime(["%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M"]), help="Such as '2026-11-20 09:00'.")
def schedule(selector: str | None, at: datetime | None) -> None:
    """Let a digest come out by itself, while five serve runs.

    Without --at, at the publish_time of its Friday; times are those of the zone in the settings. An edition goes out
    by mail then; a themed list or a link post does not. More than 24 hours late, it asks instead.
    """

    async def verb(app: "App") -> None:
        done = app.editor.schedule(selector, app.calendar.instant(at) if at else None)
        click.echo(f"{done.title}{when_due(app, done)}, while five serve runs.")

    with_app(verb)


@click.command()
@click.argument("selector", required=False, metavar="[DIGEST]")
def unschedule(selector: str | None) -> None:
    """Let a digest wait until somebody publishes it."""

    async def verb(app: "App") -> "Digest":
        return app.editor.unschedule(selector)

    click.echo(f"{with_app(verb).title} waits. Next: five digest publish, or five digest schedule")


@click.command()
@click.argument("selector", metavar="DIGEST")
@click.option("--yes", is_flag=True, help="Do not ask.")
def discard(selector: str, yes: bool) -> None:
    """Throw a draft away; its bookmarks stay."""
    from aggregator.errors import Refused

    async def verb(app: "App") -> "Digest":
        draft = app.editor.editable(selector)
        if not yes and not (somebody_is_there() and click.confirm(f"Throw {draft.title} away", err=True)):
            raise Refused("Nothing was thrown away.", "Do it without asking with: --yes")
        return app.editor.discard(draft.slug)

    click.echo(f"Thrown away: {with_app(verb).title}. Its bookmarks are still there.")


@click.command()
@click.argument("selector", metavar="DIGEST")
@click.option("--note", required=True, help="What was wrong, in a sentence that readers see; Markdown.")
@click.option("--no-edit", is_flag=True, help="Add the note alone.")
def correct(selector: str, note: str, no_edit: bool) -> None:
    """Put a published digest right, with a dated note.

    It opens in your editor, as with five digest edit. Its page, feeds and Markdown change; no mail is sent again.
    """
    from aggregator.cli.editing import correct_in_editor

    async def verb(app: "App") -> "Digest":
        if no_edit:
            return app.editor.correct(selector, app.editor.digest(selector), note)
        return correct_in_editor(app, selector, note)

    done = with_app(verb)
    click.echo(f"Corrected: {done.title}. Next: five render {done.slug} --as page")


@click.command()
@click.argument("selector", required=False, metavar="[DIGEST]")
@click.option("--yes", is_flag=True, help="Publish without asking, whatever lint says.")
@click.option("--mail/--no-mail", default=None, help="Send it to readers? Else an edition is, nothing else.")
def publish(selector: str | None, yes: bool, mail: bool | None) -> None:
    """Lint, then freeze what readers get.

    An edition gets its number and its date. This cannot be taken back.
    """

    async def verb(app: "App") -> "Digest":
        found = app.editor.digest(selector)
        app.editor.check_publishable(found)
        warnings = app.editor.lint(found.slug)
        print_warnings(found, warnings)
        if not yes:
            _ask_to_publish(found)
        return app.editor.publish(found.slug, mail=mail)

    done = with_app(verb)
    number = f", number {done.number}" if done.number else ""
    click.echo(f"Published: {done.title}{number}. Next: five render {done.slug} --as email-html, five serve")


def _ask_to_publish(found: "Digest") -> None:
    from aggregator.errors import Refused

    if not somebody_is_there():
        raise Refused("Nothing was published: there is nobody to ask.", "Publish without asking with: --yes")
    if not click.confirm(f"Publish {found.title} now", err=True):
        raise Refused("Nothing was published.", "The draft is as it was.")
