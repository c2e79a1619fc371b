"""Hostile and damaged feeds, in real workers: each is read or refused within the limits, and the next one is well."""

import asyncio
from collections.abc import Callable

import pytest

from aggregator.model import Failed, ParsedFeed
from aggregator.poll.parse import read
from aggregator.sandbox import Sandbox
from tests.hostile import fuzz
from tests.poll.shapes import OK, rss, shapes

URL = "https://x.example/feed"
SIZES = {20_000: 2.0, 200_000: 5.0}  # bytes, and the seconds of CPU that one may use
FUZZED = 10_000

Record = Callable[[str, object], None]


@pytest.mark.parametrize("size", SIZES)
async def test_no_hostile_shape_is_dear(size: int, record_property: Record) -> None:
    """All of them, at the real limits: no worker is stopped, and the next feed is well."""
    bodies = dict(shapes(size))
    assert len(bodies) >= 60
    async with Sandbox(workers=2, deadline=60, cpu_seconds=SIZES[size], memory_mib=384) as sandbox:
        results = await asyncio.gather(*(sandbox.run(read, body, "text/xml", URL) for body in bodies.values()))
        assert await sandbox.run(read, rss(OK), "text/xml", URL) == read(rss(OK), "text/xml", URL)
    for name, result in zip(bodies, results, strict=True):
        assert isinstance(result, ParsedFeed | Failed), name
        record_property("hostile", f"feed shapes of {size // 1000} kB")


NESTED, ITEMS = 200_000, 1_000_000
FLOODS = {
    "tags inside each other": (rss("<x>" * NESTED + OK), "nested more than 200 deep"),
    "tags inside each other that end": (rss("<x>" * NESTED + "</x>" * NESTED + OK), "nested more than 200 deep"),
    "HTML tags inside each other": (rss(f"<item><description>{'&lt;div>' * NESTED}</description></item>"), 1),
    "empty items": (rss("<item/>" * ITEMS), 500),
    "items of a space": (rss("<item> </item>" * (ITEMS // 2)), 500),
    "empty JSON items": (b'{"items":[' + b"{}," * ITEMS + b"{}]}", 500),
    "JSON lists inside each other": (b'{"items":' + b"[" * NESTED + b"]" * NESTED + b"}", "broken"),
}


async def test_floods_of_the_size_named_are_bounded_and_the_next_feed_is_well(record_property: Record) -> None:
    """At the real limits of a worker."""
    async with Sandbox(workers=1, deadline=60, cpu_seconds=5, memory_mib=384) as sandbox:
        for name, (body, outcome) in FLOODS.items():
            result = await sandbox.run(read, body, "text/xml", URL)
            if isinstance(result, Failed):
                assert str(outcome) in result.message, name
            else:
                assert len(result.entries) == outcome, name
            assert await sandbox.run(read, rss(OK), "text/xml", URL) == read(rss(OK), "text/xml", URL)
            record_property("hostile", "floods in a feed")


async def test_damaged_feeds_are_read_or_refused(record_property: Record) -> None:
    came_to = await fuzz.run(FUZZED)
    assert came_to.total() == FUZZED
    assert came_to["read"] > FUZZED / 4, "too much damage proves little"
    assert len(came_to) > 1
    for _ in range(FUZZED):
        record_property("hostile", "fuzzed feeds")
