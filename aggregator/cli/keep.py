"""`five init`, `backup`, `restore`, `doctor`: keeping it."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from aggregator.cli.output import somebody_is_there, with_app

if TYPE_CHECKING:
    from aggregator.app import App


@click.command()
def init() -> None:
    """Make five.toml, the data folder and the database, here.

    five.toml has every setting, explained. What is there already stays as it is.
    """
    from aggregator.settings import CONFIG_NAME, sample_config

    file = Path(CONFIG_NAME)
    try:
        with file.open("x", encoding="utf-8") as new:
            new.write(sample_config())
        click.echo(f"Made {file}: every setting, explained.")
    except FileExistsError:
        click.echo(f"{file} is there already and stays as it is.")
    except OSError as error:
        from aggregator.errors import FiveError

        raise FiveError(f"{file} cannot be written: {error.strerror}.", "Go to a folder of your own.") from error

    async def verb(app: "App") -> None:
        click.echo(f"The data folder is {app.settings.data}; its database is ready.")
        if app.settings.feeds.exists():
            click.echo("Next: five feeds sync")
        else:
            click.echo(f"There is no {app.settings.feeds} yet. Next: five feeds add ADDRESS-OF-A-BLOG")

    with_app(verb)


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
def backup(file: Path) -> None:
    """Write everything into the new FILE.

    The program may go on working meanwhile.
    """

    async def verb(app: "App") -> None:
        from aggregator.store.backup import back_up

        back_up(app.db, file)

    with_app(verb)
    click.echo(
        f"Everything is in {file} ({file.stat().st_size // 1024:,} KiB). "
        "Keep feeds.opml, five.toml and the data folder's secret.key beside it."
    )


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--yes", is_flag=True, help="Do not ask.")
def restore(file: Path, yes: bool) -> None:
    """Bring a backup FILE back.

    It is checked first, and what is there now is kept aside.
    """
    from aggregator.clock import system_clock
    from aggregator.errors import Refused
    from aggregator.settings import load_settings
    from aggregator.store.backup import restore as put_back

    settings = load_settings(Path.cwd())
    if settings.database.exists() and not yes:
        if not somebody_is_there():
            raise Refused("Nothing was restored: there is nobody to ask.", "Restore without asking with: --yes")
        click.confirm(f"Put {file} in the place of {settings.database}", abort=True, err=True)
    aside = put_back(settings.database, file, system_clock())
    click.echo(f"Restored {settings.database} from {file}." + (f" The one before is {aside}." if aside else ""))


@click.command()
@click.pass_context
def doctor(context: click.Context) -> None:
    """Look at everything, and say how it is.

    Exits with 1 if something does not work.
    """

    async def verb(app: "App") -> int:
        from aggregator.doctor import Health, examine

        findings = examine(app)
        marks = {Health.WELL: ("✓", "green"), Health.ADVICE: ("!", "yellow"), Health.ILL: ("✗", "red")}
        for finding in findings:
            mark, colour = marks[finding.health]
            click.echo(f"{click.style(mark, fg=colour)} {finding.about:11} {finding.message}")
        ill = sum(finding.health is Health.ILL for finding in findings)
        click.echo(f"{ill} to mend." if ill else "Nothing is wrong.")
        return 1 if ill else 0

    context.exit(with_app(verb))
