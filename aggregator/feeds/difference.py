"""Two versions of the feeds file, line by line, for people and for `patch` (pure)."""

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

AROUND = 2
"""Lines shown before and after each change, so that one sees where it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One line of a difference."""

    kind: Literal["same", "out", "in", "place"]  # "place" says which lines follow, as in a unified diff
    text: str


def difference(before: str, after: str) -> tuple[Change, ...]:
    """How `after` differs from `before`; empty when it does not."""
    found = difflib.unified_diff(_lines(before), _lines(after), lineterm="", n=AROUND)
    return tuple(_change(line) for line in list(found)[2:])  # after the two that name the files


def as_patch(changes: Sequence[Change], name: str) -> str:
    """The same for the program `patch`, with `name` as the file's; "" for no change."""
    marks = {"same": " ", "out": "-", "in": "+", "place": ""}
    lines = [f"--- a/{name}", f"+++ b/{name}", *(marks[change.kind] + change.text for change in changes)]
    return "\n".join([*lines, ""]) if changes else ""


def _lines(text: str) -> list[str]:
    # Only at \n, as `patch` does: str.splitlines also breaks at characters that may stand in a title.
    lines = text.split("\n")
    return lines[:-1] if lines[-1] == "" else [*lines[:-1], f"{lines[-1]}\n\\ No newline at end of file"]


def _change(line: str) -> Change:
    kinds: dict[str, Literal["same", "out", "in", "place"]] = {" ": "same", "-": "out", "+": "in"}
    if line[:1] in kinds:
        return Change(kind=kinds[line[:1]], text=line[1:])
    return Change(kind="place", text=line)
