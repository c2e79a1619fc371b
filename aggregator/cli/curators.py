"""`five curator ...`: who may sign in to the desk."""

from typing import TYPE_CHECKING

import click

from aggregator.cli.output import as_json, as_row, in_words, print_json, print_table, with_app

if TYPE_CHECKING:
    from aggregator.app import App
    from aggregator.model import Curator

ROLES = click.Choice(["curator", "editor", "maintainer"])


@click.group(name="curator")
def curator() -> None:
    """Who may sign in to the desk, and as what.

    A curator shortlists and notes; an editor also drafts, approves and publishes; a maintainer also keeps feeds and
    people.
    """


@curator.command(name="add")
@click.argument("email")
@click.option("--role", type=ROLES, default="curator", show_default=True, help="What they may do.")
def add(email: str, role: str) -> None:
    """Add somebody; prints a link to set a password with.

    The link works once, for three days.
    """

    async def verb(app: "App") -> None:
        from aggregator.model import Role

        click.echo(app.people.add(email, Role(role)))

    with_app(verb)


@curator.command(name="link")
@click.argument("email")
def link(email: str) -> None:
    """Print a new link, for a lost password or link.

    It works once, for three days. The password that there is works until a new one is set.
    """

    async def verb(app: "App") -> None:
        click.echo(app.people.link(email))

    with_app(verb)


@curator.command(name="list")
@as_json
def list_(json_wanted: bool) -> None:
    """List everybody, with roles."""

    async def verb(app: "App") -> None:
        found = app.people.curators()
        if json_wanted:
            print_json(as_row(one) for one in found)
        elif not found:
            click.echo("There is nobody yet. Add somebody with: five curator add EMAIL --role maintainer")
        else:
            rows = [
                [str(one.id), one.email, one.role, _state(one), in_words(one.created_at, app.clock())] for one in found
            ]
            print_table(["id", "address", "role", "state", "added"], rows, wide=1)

    with_app(verb)


@curator.command(name="role")
@click.argument("email")
@click.argument("role", type=ROLES)
def role(email: str, role: str) -> None:
    """Give somebody another role; signs them out.

    The last maintainer stays one.
    """

    async def verb(app: "App") -> None:
        from aggregator.model import Role

        changed = app.people.change_role(email, Role(role))
        click.echo(f"{changed.email} is {changed.role} now.")

    with_app(verb)


@curator.command(name="end")
@click.argument("email")
def end(email: str) -> None:
    """Let somebody sign in no more.

    What they bookmarked and published stays. The last maintainer cannot be ended.
    """

    async def verb(app: "App") -> None:
        click.echo(f"{app.people.end(email).email} may not sign in any more.")

    with_app(verb)


def _state(one: "Curator") -> str:
    if one.ended_at:
        return "ended"
    return "signs in" if one.has_password else "has a link, no password yet"
