"""Numbers into the points of small pictures (pure); the templates draw them, with a table behind each."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

STEP = 4
LINE_HEIGHT = 24
BAR, GAP = 16, 4
BARS_HEIGHT = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One bar, from the left and from the top."""

    x: int
    y: int
    width: int
    height: int


def line(numbers: Sequence[int]) -> str:
    """The points of a line through these numbers, as an SVG polyline has them; the largest is at the top."""
    most = max(numbers, default=0) or 1
    return " ".join(
        f"{n * STEP},{LINE_HEIGHT - round(number * LINE_HEIGHT / most)}" for n, number in enumerate(numbers)
    )


def line_width(numbers: Sequence[int]) -> int:
    """How wide that line is."""
    return max(len(numbers) - 1, 1) * STEP


def bars(numbers: Sequence[int]) -> tuple[Bar, ...]:
    """A bar for each number; of what is not nothing, at least a trace shows."""
    most = max(numbers, default=0) or 1
    heights = [max(round(number * BARS_HEIGHT / most), 2 if number else 0) for number in numbers]
    return tuple(
        Bar(x=n * (BAR + GAP), y=BARS_HEIGHT - height, width=BAR, height=height) for n, height in enumerate(heights)
    )


def bars_width(numbers: Sequence[int]) -> int:
    """How wide those bars are together."""
    return len(numbers) * (BAR + GAP) - GAP


def shares(numbers: Sequence[int], width: int) -> tuple[Bar, ...]:
    """One bar in parts, as long as their shares; of what is not nothing, at least a trace shows."""
    total = sum(numbers) or 1
    trace = max(width // 100, 1)
    lengths = [max(number * width // total, trace if number else 0) for number in numbers]
    lengths[lengths.index(max(lengths))] -= sum(lengths) - (width if any(numbers) else 0)
    ends = list(accumulate(lengths))
    return tuple(Bar(x=end - long, y=0, width=long, height=1) for end, long in zip(ends, lengths, strict=True))
