"""Every command explains itself, and `five` alone shows the Friday walk."""

from collections.abc import Iterator

import click
import pytest

from aggregator.cli import WALK
from aggregator.cli import five as root
from tests.cli.conftest import Five


def commands(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    for name, command in group.commands.items():
        yield (*path, name), command
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))


EVERY = dict(commands(root))


@pytest.mark.parametrize("path", EVERY, ids=" ".join)
def test_every_command_has_help_that_reads_well(five: Five, path: tuple[str, ...]) -> None:
    shown = five(*path, "--help")
    assert shown.code == 0
    first = (EVERY[path].help or "").partition("\n")[0]
    assert first.endswith(".")
    assert len(first) <= 60, "it would be cut short in the list of commands"
    undocumented = [p.name for p in EVERY[path].params if isinstance(p, click.Option) and not p.help]
    assert undocumented == []


def test_five_alone_shows_the_walk(five: Five) -> None:
    shown = five()
    assert (shown.code, shown.out) == (0, WALK)


def test_every_command_of_the_walk_is_one(five: Five) -> None:
    for line in WALK.splitlines():
        if line.startswith("  five "):
            words = line.split("   ")[0].split()[1:]
            path = tuple(words[:2]) if tuple(words[:2]) in EVERY else tuple(words[:1])
            assert path in EVERY, line
