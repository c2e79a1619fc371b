"""`five digest`, `five link` and `five render`: Friday."""

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

    A digest is named by its Friday (2026-11-20) or its number; a themed list or a link post by the words of its
    address. Commands that name none mean the open draft.
    """


@digest.command()
@click.argument("bookmarks", nargs=-1, type=int, metavar="[BOOKMARK ...]")
@click.option("--friday", type=click.DateTime(["%Y-%m-%d"]), help="Another Friday than the coming one.")
@click.option("--format", "form", type=click.Choice(["friday", "themed"]), default="friday", help="What to make.")
@click.option("--title", default="", help="Of a themed list, such as '5 videos to help leaders understand digital'.")
def draft(bookmarks: tuple[int, ...], friday: datetime | None, form: str, title: str) -> None:
    """Open a draft, or find the one that is open.

    With BOOKMARKs, they are picked at once. The number at the start of a themed list's title follows the count.
    """

    async def verb(app: "App") -> "Digest":
        day = friday.date() if friday else None
        return app.editor.draft(day, format=form, title=title, bookmark_ids=bookmarks)

    _print_opened(with_app(verb))


def _print_opened(found: "Digest") -> None:
    picks = counted(len(found.picks), "pick")
    named = "" if found.format == "friday" else f" --digest {found.slug}"
    click.echo(f"Draft {found.slug}: {found.title}, {picks}. Next: five shortlist, five digest pick ID ...{named}")


@click.command()
@click.argument("bookmark", type=int)
def link(bookmark: int) -> None:
    """Make one bookmark a post of its own.

    It quotes a paragraph and leads to the original. Its draft is found again by the same command.
    """

    async def verb(app: "App") -> "Digest":
        return app.editor.link(bookmark)

    found = with_app(verb)
    if found.status == "published":
        click.echo(f"{found.title} is published already: {found.slug}")
    else:
        click.echo(f"Draft {found.slug}: {found.title}. Next: five digest edit {found.slug}")


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
            ["digest", "format", "number", "title", "status", "picks"],
            [
                [one.slug, str(one.format), str(one.number or ""), one.title, str(one.status), str(len(one.picks))]
                for one in found
            ],
            wide=3,
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
    if found.format != "friday":
        click.echo(f"{found.title}. Next: five digest edit {found.slug}")
        return
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
        click.echo(f"{found.title} ({found.status}{number}{when_due(app, found)})")
        for waiting, why in app.editor.needs_asking():
            if waiting.id == found.id:
                click.echo(f"It waits for you. {why} Next: five digest publish, or five digest schedule {found.slug}")
        click.echo()
        click.echo(f"{found.intro or '(no intro yet)'}\n")
        for one in found.picks:
            _print_pick(one)
        click.echo(found.outro)
        for made in found.corrections:
            click.echo(f"\nCorrected on {app.calendar.local(made.at):%d %B %Y}: {made.note}")

    with_app(verb)


def when_due(app: "App", found: "Digest") -> str:
    """When a scheduled digest comes out, as the end of a sentence; "" when it does not by itself."""
    if found.publish_at is None or found.status == "published":
        return ""
    return f", comes out on {app.calendar.local(found.publish_at):%A %d %B %Y at %H:%M %Z}"


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
        print_warnings(found, warnings)
    context.exit(1 if warnings else 0)


def print_warnings(found: "Digest", warnings: "tuple[Warned, ...]") -> None:
    """What lint says, for people."""
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
        f"Saved: {found.title}, {counted(len(found.picks), 'pick')}. "
        f"Next: five digest lint {found.slug}, five digest publish {found.slug}"
    )


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
