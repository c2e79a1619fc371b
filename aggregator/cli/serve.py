"""`five serve`: the pages and the timetable, in one process."""

from typing import TYPE_CHECKING

import click

from aggregator.cli.output import note, with_app

if TYPE_CHECKING:
    from aggregator.app import App


@click.command(name="serve")
@click.option("--no-poll", is_flag=True, help="Serve the pages only; another process polls.")
def serve(no_poll: bool) -> None:
    """Serve the pages and feeds, and poll what is due.

    One process does both until Ctrl-C: the published digests, their feeds and the health page; and every minute a
    look at which feeds are due. Curators sign in at /desk; as long as there are none, it prints a link with which you
    become the first maintainer.
    """

    async def verb(app: "App") -> None:
        from aggregator.web.server import serve as serve_pages

        def ready(address: str) -> None:
            note(f"Serving on {address} (Ctrl-C stops)")
            link = app.people.first_link()
            if link:
                note(f"Nobody can sign in yet. To become the first maintainer, open this within three days: {link}")

        await serve_pages(app, poll=not no_poll, on_ready=ready)

    with_app(verb, chatty=True)
