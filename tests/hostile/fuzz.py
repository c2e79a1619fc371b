"""Feeds damaged at random: `python -m tests.hostile.fuzz [COUNT [SEED]]` reads 50,000 new ones in real workers.

The suite reads the same 10,000 each time, from a fixed seed.

Each is one of the golden feeds after a few accidents: bytes flipped, cut out, doubled, swapped, or put in from another
feed or from a list of what parsers trip over. Whatever comes, a feed is read or refused with a reason, no worker is
lost, and nothing active gets through.
"""

import asyncio
import random
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import UTC
from pathlib import Path

from aggregator.addresses import safe_url
from aggregator.model import Failed, ParsedFeed
from aggregator.poll import parse
from aggregator.sandbox import Sandbox
from aggregator.sanitise import visible
from tests.test_sanitise import wrong

GOLDEN = Path(__file__).parent.parent / "feeds"
SEED = 2026
MANY = 50_000
URL = "https://blog.example.org/feed"
TRIPS = (
    b"<", b">", b"&", b"]]>", b"<![CDATA[", b"<!--", b"-->", b"<?xml encoding='utf-16'?>", b"&#0;", b"&#x110000;",
    b"&nbsp;", b"<item>", b"</item>", b"<entry>", b"</channel>", b"\0", b"\xff\xfe", b"\xed\xa0\x80", b"\xc0\xaf",
    b"<script>alert(1)</script>", b"javascript:alert(1)", b' xml:base="data:,x"', b"<!DOCTYPE x [<!ENTITY a 'b'>]>&a;",
    "\u202e\u200b\U000e0041".encode(), b"99999-99-99T99:99:99Z", b"Wed, 31 Feb 1969 25:61:61 +9999", b"{", b"}", b'"',
    b"<svg onload=alert(1)>", b"<x:y>", b" xmlns=''", b"=" * 300, b"\r", b"\xe2\x80\xa8",
)  # fmt: skip


def fuzzed(count: int, seed: int = SEED) -> Iterator[bytes]:
    """So many damaged feeds; the same ones for the same seed."""
    chance = random.Random(seed)
    samples = [path.read_bytes() for path in sorted(GOLDEN.iterdir()) if path.is_file() and path.suffix != ".json"]
    for _ in range(count):
        body = bytearray(chance.choice(samples))
        for _ in range(chance.randint(1, 8)):
            _damage(body, chance, samples)
        yield bytes(body)


def _damage(body: bytearray, chance: random.Random, samples: list[bytes]) -> None:
    start = chance.randrange(len(body) + 1)
    end = min(len(body), start + chance.choice((1, 2, 8, 40, 300)))
    match chance.randrange(6):
        case 0 if start < end:
            body[start] ^= 1 << chance.randrange(8)
        case 1:
            del body[start:end]
        case 2:
            body[start:start] = body[start:end] * chance.choice((1, 2, 50))
        case 3:
            body[start:start] = chance.choice(TRIPS)
        case 4:
            other = chance.choice(samples)
            piece = chance.randrange(len(other))
            body[start:end] = other[piece : piece + (end - start)]
        case _:
            del body[start + chance.randrange(400) :]


def check(result: ParsedFeed | Failed) -> str:
    """What it came to, in a word; AssertionError when it is nothing that a poll may be handed."""
    if isinstance(result, Failed):
        assert 0 < len(result.message) < 500
        assert visible(result.message) == result.message
        return str(result.reason)
    assert len(result.entries) <= 500
    for entry in result.entries:
        assert not wrong(entry.html)
        assert len(entry.title) <= 500
        assert all(visible(text) == text for text in (entry.title, entry.author or ""))
        assert entry.url is None or safe_url(entry.url) == entry.url
        for date in (entry.published_at, entry.updated_at):
            assert date is None or (date.tzinfo is UTC or date.utcoffset() is not None)
    return "read"


async def run(count: int, seed: int = SEED, *, workers: int = 2) -> Counter[str]:
    """Read so many in real workers; how many came to what. Raises SandboxFailed when one was too much for a worker."""
    came_to: Counter[str] = Counter()
    bodies = fuzzed(count, seed)

    async def work() -> None:
        for body in bodies:
            came_to[check(await sandbox.run(parse.read, body, "text/xml", URL))] += 1

    async with Sandbox(workers=workers, deadline=60, memory_mib=384) as sandbox, asyncio.TaskGroup() as group:
        for _ in range(workers):
            group.create_task(work())
    return came_to


if __name__ == "__main__":
    given = [int(word) for word in sys.argv[1:3]]
    how_many, which = given + [MANY, random.randrange(10**6)][len(given) :]
    print(f"{how_many} feeds of seed {which}")
    print(dict(asyncio.run(run(how_many, which))))
