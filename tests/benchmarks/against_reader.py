"""What a poll costs beside `reader`, the best feed library for Python: `python -m tests.benchmarks.against_reader`

Both sides poll the same blogs on loopback, one after the other, in processes of their own. `reader` is installed from
PyPI into an environment of its own, in a temporary folder. `--feeds 200` makes it short. Prints a table with ratios.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import feedparser

from aggregator.model import IdentityPolicy
from aggregator.poll.reading import Past, Reading, read
from tests.benchmarks import blogs

READER = ("reader==3.26", "sgmllib3k==1.0.0")  # the second it needs, and does not ask for
EVERY = 20  # 5 % of the blogs post


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What one round took."""

    wall: float  # seconds
    cpu: float  # seconds, workers included
    mb: float  # at most until then, of the main process
    entries: int


Update = Callable[[int], Cost]


@contextmanager
def side(command: list[str]) -> Iterator[Update]:
    """One of the two, started and ready."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        outgoing, incoming = process.stdin, process.stdout

        def update(at_once: int) -> Cost:
            outgoing.write(f"{at_once}\n")
            outgoing.flush()
            return Cost(**json.loads(incoming.readline()))

        assert incoming.readline() == "ready\n"
        yield update
        outgoing.close()


def rounds(command: list[str], folder: Path, feeds: int, *, at_once: int, at_once_far: int) -> dict[str, Cost]:
    """Cold, unchanged, 5 % changed, and unchanged at 100 ms."""
    with (
        blogs.serving() as (address, server),
        side([*command, str(folder / "db.sqlite"), address, str(feeds)]) as update,
    ):
        costs = {"cold": update(at_once), "same": update(at_once)}
        server.send((EVERY, 0.0))
        costs["some"] = update(at_once)
        server.send((EVERY, 0.1))
        costs["far"] = update(at_once_far)
    expected = feeds * blogs.ENTRIES
    assert costs["cold"].entries == costs["same"].entries == expected, costs
    assert costs["some"].entries == costs["far"].entries == expected + len(range(0, feeds, EVERY)), costs
    return costs


def hourly(folder: Path, feeds: int) -> float:
    """The share of one core that so many feeds take, each polled once an hour: by a minute's worth, all unchanged."""
    minute = feeds // 60
    ours = [sys.executable, "-m", "tests.benchmarks.our_side", str(folder / "many.sqlite")]
    with blogs.serving() as (address, _), side([*ours, address, str(feeds), str(minute)]) as update:
        update(64)
        return update(64).cpu / 60


def one_entry() -> tuple[float, float]:
    """Milliseconds of CPU for a document with one new entry: feedparser's for the whole, ours."""
    posts = blogs.texts()
    before, now = (blogs.document(0, revision, posts).encode() for revision in (0, 1))
    nothing = Past(policy=IdentityPolicy.GUID, tails=(), endings=(), outline=None)
    first = read(before, "", "https://blog0.example/feed", nothing)
    assert isinstance(first, Reading)
    past = Past(policy=first.policy, tails=first.tails, endings=(), outline=first.outline)
    return fastest(lambda: feedparser.parse(now)), fastest(lambda: read(now, "", "https://blog0.example/feed", past))


def fastest(call: Callable[[], object]) -> float:
    """The least CPU of fifteen calls, in milliseconds."""
    least = float("inf")
    for _ in range(15):
        start = time.process_time()
        call()
        least = min(least, time.process_time() - start)
    return least * 1000


def install(folder: Path) -> list[str]:
    """Make the peer's environment; how to run its side."""
    venv.create(folder, with_pip=True)
    python = str(folder / "bin" / "python")
    subprocess.run([python, "-m", "pip", "install", "-qq", *READER], check=True)
    return [python, str(Path(__file__).with_name("reader_side.py"))]


def table(feeds: int, peer: dict[str, Cost], ours: dict[str, Cost], share: float | None) -> str:
    """The costs as a table in Markdown."""

    def row(what: str, theirs: float, own: float, unit: str, goal: str) -> str:
        return f"| {what} | {theirs:.2f} {unit} | {own:.2f} {unit} | 1/{theirs / own:.1f} | {goal} |"

    whole, part = one_entry()

    def cpu(name: str) -> tuple[float, float]:
        return peer[name].cpu / feeds * 1000, ours[name].cpu / feeds * 1000

    lines = [
        f"| {feeds:,} feeds | {READER[0].replace('==', ' ')} | five | ratio | goal |",
        "|---|---|---|---|---|",
        row("all 304: CPU a feed", *cpu("same"), "ms", "1/3"),
        row("5 % with a new entry: CPU a feed", *cpu("some"), "ms", "1/4"),
        row("cold, sanitised: wall", peer["cold"].wall, ours["cold"].wall, "s", "1/3"),
        row("all 304 at 100 ms: wall", peer["far"].wall, ours["far"].wall, "s", "3 s for 2,000"),
        row("cold: memory of the main process", peer["cold"].mb, ours["cold"].mb, "MB", "120 MB"),
        row("one new entry, beside feedparser: CPU", whole, part, "ms", "1/6"),
    ]
    if share is not None:
        lines.append(f"| 50,000 feeds, each hourly: share of a core | | {share:.1%} | | 20 % |")
    return "\n".join(lines)


def main() -> None:
    """Measure both, print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--feeds", type=int, default=2000)
    parser.add_argument("--short", action="store_true", help="leave out the 50,000 feeds")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "ours").mkdir()
        (folder / "peers").mkdir()
        peer = install(folder / "environment")
        ours = [sys.executable, "-m", "tests.benchmarks.our_side"]
        theirs = rounds(peer, folder / "peers", given.feeds, at_once=8, at_once_far=256)
        own = rounds(ours, folder / "ours", given.feeds, at_once=64, at_once_far=256)
        share = None if given.short else hourly(folder, 50_000)
    print(table(given.feeds, theirs, own, share))


if __name__ == "__main__":
    main()
