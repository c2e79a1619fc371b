"""`five demo`: the whole way, on this machine alone."""

import asyncio
import socket
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click

from aggregator.cli.output import console

if TYPE_CHECKING:
    from aggregator.demo.walk import Walked

CURATOR = "editor@five.example"
"""Who the demo signs in."""
WHAT = {
    "digest.html": "the mail, as HTML",
    "digest.txt": "the mail, as text",
    "page.html": "the blog page",
    "digest.md": "Markdown, for another blog",
    "feed.atom": "the Atom feed",
}


@click.command()
@click.option(
    "--once",
    "target",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Write the results into DIR and end, instead of staying up to serve them.",
)
def demo(target: Path | None) -> None:
    """Make a whole Five for Friday from sample blogs.

    It serves a dozen invented blogs on loopback, some of them unwell, follows and polls them, fills an inbox,
    shortlists, drafts, publishes and renders. Your own data and settings are not touched.
    """
    with tempfile.TemporaryDirectory(prefix="five-demo-") as name:
        scratch = Path(name)
        results = _folder(target) if target else scratch
        asyncio.run(_run(scratch, results, stay=target is None))


def _folder(target: Path) -> Path:
    from aggregator.errors import WrongUse

    try:
        target.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WrongUse(f"The folder {target} cannot be made: {error.strerror}.", "Name another one.") from error
    return target


async def _run(scratch: Path, results: Path, *, stay: bool) -> None:
    from aggregator.app import open_app
    from aggregator.demo.server import FeedServer
    from aggregator.demo.walk import demo_settings, go_on, walk
    from aggregator.model import Role

    out = console()
    out.print("[bold]Five for Friday[/bold]: a whole week in a minute, on this machine alone\n")
    port = _free_port(8000)
    settings = demo_settings(scratch, f"http://127.0.0.1:{port}", port)
    with FeedServer() as server, out.status("Working") as status:
        async with open_app(settings) as app:
            done = await walk(app, server, results, _tell)
            if stay:
                await go_on(app, server, _tell)
            status.stop()
            _show(done)
            if stay:
                from aggregator.web.server import serve

                app.people.add(CURATOR, Role.MAINTAINER)
                await serve(app, on_ready=_ready, enters_as=CURATOR)


def _ready(address: str) -> None:
    console().print(f"\nSee it at {address} until Ctrl-C.")
    console().print(f"The desk is at {address}desk: on this machine the demo signs you in by itself, as {CURATOR}.")


def _tell(step: str, details: str) -> None:
    from rich.padding import Padding
    from rich.text import Text

    out = console()
    out.print(Text.assemble(("✓ ", "green"), step))
    for line in details.splitlines():
        out.print(Padding(Text(line, style="dim"), (0, 0, 0, 4)))


def _show(done: "Walked") -> None:
    out = console()
    out.print(f"\n[bold]{done.digest.title}[/bold]")
    for pick in done.digest.picks:
        out.print(f"  {pick.position}. {pick.title}", markup=False)
    out.print("\nThe results:")
    for file in done.files:
        out.print(f"  {WHAT[file.name]:27} {file}", markup=False, soft_wrap=True)


def _free_port(wanted: int) -> int:
    """`wanted`, or any free port when it is taken."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", wanted))
        except OSError:
            probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
