"""What an import of addresses would do, line by line (pure)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from aggregator.deliver.mailbox import mailbox
from aggregator.deliver.spreadsheet import Cell
from aggregator.errors import BadAddress, WrongUse
from aggregator.model import SubscriberStatus

SHORTEST_BASIS = 10


class Outcome(StrEnum):
    """What an import does with one line."""

    ADDED = "added"
    KNOWN = "known"  # is a subscriber, or waits for a confirmation
    LEFT = "left"  # unsubscribed, erased, bounced or complained: is not brought back
    REPEATED = "repeated"  # stands in the file twice
    WRONG = "wrong"  # no mail address


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportLine:
    """One line of the file."""

    line: int
    address: str  # as it would be kept; as it stands there when it is wrong
    outcome: Outcome
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportPlan:
    """All of it, in the order of the file."""

    lines: tuple[ImportLine, ...]

    @property
    def added(self) -> tuple[str, ...]:
        """The addresses that become subscribers."""
        return tuple(line.address for line in self.lines if line.outcome is Outcome.ADDED)

    def count(self, outcome: Outcome) -> int:
        """How many lines have this outcome."""
        return sum(line.outcome is outcome for line in self.lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A line whose address was looked at: `address` is its one spelling, "" when it is none."""

    cell: Cell
    address: str
    reason: str


def basis_of(words: str) -> str:
    """When, where and how people agreed, for the consent log. Raises WrongUse for words that say nothing."""
    basis = " ".join(words.split())
    if len(basis) < SHORTEST_BASIS or not basis.isprintable():
        raise WrongUse(
            "An import needs its basis: when, where and how these people agreed.",
            'Say it in a few words (--basis), such as "asked at the conference of 3 March 2026, on paper".',
        )
    return basis


def candidates(cells: Sequence[Cell]) -> tuple[Candidate, ...]:
    """Each line with its address."""
    return tuple(_candidate(cell) for cell in cells)


def plan(
    found: Sequence[Candidate], *, known: Mapping[str, SubscriberStatus], suppressed: Callable[[str], str | None]
) -> ImportPlan:
    """What happens with each, given who is there and why some must not come back."""
    seen: set[str] = set()
    lines = []
    for each in found:
        outcome, reason = _judge(each, seen=seen, known=known, suppressed=suppressed)
        seen.add(each.address)
        lines.append(
            ImportLine(line=each.cell.line, address=each.address or each.cell.text, outcome=outcome, reason=reason)
        )
    return ImportPlan(lines=tuple(lines))


def _judge(
    each: Candidate,
    *,
    seen: set[str],
    known: Mapping[str, SubscriberStatus],
    suppressed: Callable[[str], str | None],
) -> tuple[Outcome, str]:
    if not each.address:
        return Outcome.WRONG, each.reason
    if each.address in seen:
        return Outcome.REPEATED, ""
    status = known.get(each.address)
    if status in (SubscriberStatus.ACTIVE, SubscriberStatus.PENDING):
        return Outcome.KNOWN, str(status)
    reason = str(status) if status is not None else suppressed(each.address)
    return (Outcome.LEFT, reason) if reason else (Outcome.ADDED, "")


def _candidate(cell: Cell) -> Candidate:
    try:
        return Candidate(cell=cell, address=mailbox(cell.text), reason="")
    except BadAddress as error:
        return Candidate(cell=cell, address="", reason=error.hint)
