"""`five digest` and `five render`: Friday."""

from datetime import datetime
from typing import TYPE_CHECKING

import click

from aggregator.cli.output import (
    as_json,
    as_row,
    console,
    counted,
    note,
    print_json,
    print_table,
    somebody_is_there,
    with_app,
)

if TYPE_CHECKING:
    from aggregator.app import App
    from aggregator.model import Digest, Pick, Warned

FORMS = ("email-html", "email-text", "page", "markdown", "json", "atom")
which = click.option(
    "--digest", "selector", metavar="DIGEST", help="Another digest than the open draft, such as 2026-11-20."
)


@click.group()
def digest() -> None:
    """The coming Friday's digest: draft, pick, write, publish.

    A digest is named by its Friday (2026-11-20) or its number. Commands that name none mean the open draft.
    """


@digest.command()
@click.option("--friday", type=click.DateTime(["%Y-%m-%d"]), help="Another Friday than the coming one.")
def draft(friday: datetime | None) -> None:
    """Open a draft, or find the one that is open."""

    async def verb(app: "App") -> "Digest":
        return app.editor.draft(friday.date() if friday else app.desk.current_friday())

    found = with_app(verb)
    picks = counted(len(found.picks), "pick")
    click.echo(f"Draft {found.slug}: {found.title}, {picks}. Next: five shortlist, five digest pick ID ...")


@digest.command("list")
@as_json
def list_digests(json_wanted: bool) -> None:
    """Every digest, the newest first."""

    async def verb(app: "App") -> "tuple[Digest, ...]":
        return app.editor.all()

    found = with_app(verb)
    if json_wanted:
        print_json(as_row(one, id=one.slug) for one in found)
    elif not found:
        console().print("No digest yet. Next: five digest draft")
    else:
        print_table(
            ["digest", "number", "title", "status", "picks"],
            [[one.slug, str(one.number or ""), one.title, str(one.status), str(len(one.picks))] for one in found],
            wide=2,
        )


@digest.command()
@click.argument("bookmarks", nargs=-1, required=True, type=int, metavar="BOOKMARK ...")
@which
def pick(bookmarks: tuple[int, ...], selector: str | None) -> None:
    """Place bookmarks in the draft, in this order.

    The note of each becomes its commentary.
    """

    async def verb(app: "App") -> None:
        _print_order(app, app.editor.pick(bookmarks, selector))

    with_app(verb)


@digest.command()
@click.argument("position", type=int, metavar="N")
@which
def unpick(position: int, selector: str | None) -> None:
    """Take pick N out; its bookmark goes back to the shortlist."""

    async def verb(app: "App") -> None:
        _print_order(app, app.editor.unpick(position, selector))

    with_app(verb)


@digest.command()
@click.argument("position", type=int, metavar="N")
@click.argument("to", type=int, metavar="M")
@which
def move(position: int, to: int, selector: str | None) -> None:
    """Move pick N to place M."""

    async def verb(app: "App") -> None:
        _print_order(app, app.editor.move(position, to, selector))

    with_app(verb)


def _print_order(app: "App", found: "Digest") -> None:
    for one in found.picks:
        click.echo(f"{one.position:>3}. {one.title}")
    want = app.publication.picks
    have = len(found.picks)
    if have > want:
        note(f"That is {have} picks; readers know this as {want}. Take one out with: five digest unpick N")
    click.echo(
        f"{found.title}: {have} of {want} picks. Next: "
        + ("five digest edit" if have >= want else "five digest pick ID")
    )


@digest.command()
@click.argument("selector", required=False, metavar="[DIGEST]")
def show(selector: str | None) -> None:
    """The digest as it stands, to read in the terminal."""

    async def verb(app: "App") -> None:
        found = app.editor.digest(selector)
        number = f", number {found.number}" if found.number else ""
        click.echo(f"{found.title} ({found.status}{number})\n")
        click.echo(f"{found.intro or '(no intro yet)'}\n")
        for one in found.picks:
            _print_pick(one)
        click.echo(found.outro)

    with_app(verb)


def _print_pick(one: "Pick") -> None:
    by = ", ".join(part for part in (one.author, one.organisation) if part)
    kind = f" [{one.kind}]" if one.kind != "article" else ""
    click.echo(f"{one.position}. {click.style(one.title, bold=True)}{kind}" + (f"  ({by})" if by else ""))
    click.echo(f"   {one.url}")
    if one.quote:
        click.echo(f"   “{one.quote}”")
    click.echo(f"   {one.commentary or '(no commentary yet)'}\n")


@digest.command()
@click.argument("selector", required=False, metavar="[DIGEST]")
@as_json
@click.pass_context
def lint(context: click.Context, selector: str | None, json_wanted: bool) -> None:
    """What you would want to be told before Friday.

    Exits with 1 if there is anything; none of it stops you from publishing.
    """

    async def verb(app: "App") -> "tuple[Digest, tuple[Warned, ...]]":
        return app.editor.digest(selector), app.editor.lint(selector)

    found, warnings = with_app(verb)
    if json_wanted:
        print_json(as_row(warning, id=warning.code) for warning in warnings)
    else:
        _print_warnings(found, warnings)
    context.exit(1 if warnings else 0)


def _print_warnings(found: "Digest", warnings: "tuple[Warned, ...]") -> None:
    for warning in warnings:
        place = f"Pick {warning.position}: " if warning.position else ""
        click.echo(f"{place}{warning.message} {warning.advice}")
    said = counted(len(warnings), "thing") + " to look at" if warnings else "nothing to mend"
    click.echo(f"{found.title}: {said}.")


@digest.command()
@click.argument("selector", required=False, metavar="[DIGEST]")
def edit(selector: str | None) -> None:
    """Write the whole draft as one file in your editor.

    It is Markdown, opened in $VISUAL or $EDITOR. A file that cannot be read back is kept as it is: mend it by
    running this again.
    """
    from aggregator.cli.editing import edit_in_editor

    async def verb(app: "App") -> "Digest":
        return edit_in_editor(app, selector)

    found = with_app(verb)
    click.echo(
        f"Saved: {found.title}, {counted(len(found.picks), 'pick')}. Next: five digest lint, five digest publish"
    )


@digest.command()
@click.argument("selector", required=False, metavar="[DIGEST]")
@click.option("--yes", is_flag=True, help="Publish without asking, whatever lint says.")
def publish(selector: str | None, yes: bool) -> None:
    """Lint, then freeze what readers get.

    The digest gets its number and its date. This cannot be taken back.
    """

    async def verb(app: "App") -> "Digest":
        found = app.editor.digest(selector)
        app.editor.check_publishable(found)
        warnings = app.editor.lint(found.slug)
        _print_warnings(found, warnings)
        if not yes:
            _ask_to_publish(found)
        return app.editor.publish(found.slug)

    done = with_app(verb)
    click.echo(f"Published: {done.title}, number {done.number}. Next: five render --as email-html, five serve")


def _ask_to_publish(found: "Digest") -> None:
    from aggregator.errors import Refused

    if not somebody_is_there():
        raise Refused("Nothing was published: there is nobody to ask.", "Publish without asking with: --yes")
    if not click.confirm(f"Publish {found.title} now", err=True):
        raise Refused("Nothing was published.", "The draft is as it was.")


@click.command()
@click.argument("selector", required=False, metavar="[DIGEST]")
@click.option("--as", "form", type=click.Choice(FORMS), required=True, help="What to print.")
def render(selector: str | None, form: str) -> None:
    """Print a digest as mail, page, Markdown, JSON or Atom.

    DIGEST is the latest, when none is named. A published digest prints what was frozen at publication; a draft, what
    would be. The Atom feed holds every published digest, or the one that is named.
    """

    async def verb(app: "App") -> str:
        return _atom(app, selector) if form == "atom" else app.editor.rendering(selector, form)

    click.echo(with_app(verb), nl=False)


def _atom(app: "App", selector: str | None) -> str:
    from aggregator.deliver.publish import edition, latest
    from aggregator.deliver.syndication import atom, of_digests

    found = latest(app.editor) if selector is None else ()
    return atom(of_digests(found or (edition(app.editor, app.editor.digest(selector)),), app.publication))
