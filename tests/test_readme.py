"""The README cannot drift: its commands exist, and its table of settings is the code's.

`python -m tests.test_readme` prints the table.
"""

import re
from pathlib import Path

import pytest

from aggregator.cli import five as root
from aggregator.settings import knobs
from tests.cli.test_help import commands

README = Path(__file__).parent.parent / "README.md"
TEXT = README.read_text(encoding="utf-8")


def settings_table() -> str:
    rows = [f"| `{k.key}` | `{k.variable}` | `{k.default}` | {k.about} | {k.allowed} |" for k in knobs()]
    return "\n".join(["| key | variable | default | what it is for | allowed |", "|---|---|---|---|---|", *rows])


def test_the_settings_table_is_the_codes() -> None:
    between = re.search(r"<!-- settings:.*?-->\n(.*?)\n<!-- /settings -->", TEXT, re.DOTALL)
    assert between, "the README has lost its table of settings"
    assert between[1] == settings_table()


COMMANDS = dict(commands(root))
LINES = sorted(set(re.findall(r"(?:^|&& |`)five ([a-z][^#`&>\n]*)", TEXT, re.MULTILINE)))


@pytest.mark.parametrize("line", LINES)
def test_every_command_in_it_exists(line: str) -> None:
    words = line.split()
    path = tuple(words[:2]) if tuple(words[:2]) in COMMANDS else tuple(words[:1])
    assert path in COMMANDS
    known = {option for parameter in COMMANDS[path].params for option in parameter.opts}
    assert {word for word in words if word.startswith("--")} <= {*known, "--help"}


def test_the_set_up_is_one_line_each() -> None:
    set_up = [line for line in TEXT.splitlines() if line.startswith("python3 -m venv")]
    assert [line.rpartition("/")[2] for line in set_up] == ["five demo", "pytest"]


def test_what_it_shows_is_there() -> None:
    for target in re.findall(r"\]\(([^):#]+)\)", TEXT):
        assert (README.parent / target).exists(), target


if __name__ == "__main__":
    print(settings_table())
