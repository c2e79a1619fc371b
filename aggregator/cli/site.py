"""`five site`: the public pages as files."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from aggregator.cli.output import counted, note, with_app

if TYPE_CHECKING:
    from aggregator.app import App
    from aggregator.deliver.publish import Written


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), metavar="DIR")
def site(folder: Path) -> None:
    """Write the public pages as files, for any web host.

    They are the pages that `five serve` shows, their feeds and their stylesheet, for the address in base_url. Run it
    after each publication: it changes only what has changed, removes only what it wrote, and twice is as once.
    """
    from aggregator.deliver.publish import write_site
    from aggregator.web.printing import printed

    async def verb(app: "App") -> "tuple[Written, bool]":
        return write_site(folder, await printed(app)), app.settings.forms

    done, forms = with_app(verb)
    click.echo(
        f"{folder}: {counted(done.written, 'file')} written, {done.unchanged:,} as they were, {done.removed:,} removed."
    )
    if forms:
        note("Their forms need `five serve` behind the same address; without it, set forms = false in five.toml.")
