"""`five serve`: the desk, the pages and the timetable, in one process."""

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import click

from aggregator.cli.output import note, with_app
from aggregator.networks import is_loopback

if TYPE_CHECKING:
    from aggregator.app import App


@click.command(name="serve")
@click.option("--no-poll", is_flag=True, help="Serve desk and pages only; another process does the rest.")
def serve(no_poll: bool) -> None:
    """Serve desk, pages and feeds; poll, publish and send.

    One process does it all until Ctrl-C: the desk, the pages and feeds for readers; and every minute a look at which
    feeds are due, which digest is to come out, and which mails are to be sent. Curators sign in at /desk; as long as
    there are none, it prints a link with which you become the first maintainer.
    """

    async def verb(app: "App") -> None:
        from aggregator.web.server import serve as serve_pages

        def ready(address: str) -> None:
            note(f"Serving on {address} (Ctrl-C stops)")
            base_url = app.publication.base_url
            is_elsewhere = _leads_elsewhere(base_url, address)
            if is_elsewhere:
                note(f"Links in mails and feeds lead to {base_url}, another port: set base_url to where readers come.")
            link = app.people.first_link()
            if link:
                link = link.replace(base_url, address.rstrip("/"), 1) if is_elsewhere else link
                note(f"Nobody can sign in yet. To become the first maintainer, open this within three days: {link}")

        await serve_pages(app, poll=not no_poll, on_ready=ready)

    with_app(verb, chatty=True)


def _leads_elsewhere(base_url: str, address: str) -> bool:
    """Whether links lead to another port of this machine than the one that is served on."""
    base = urlsplit(base_url)
    return is_loopback(base.hostname or "") and base.port != urlsplit(address).port
