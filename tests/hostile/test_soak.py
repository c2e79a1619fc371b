"""A week in the life of the poller, in seconds; a month is a command (`tests/hostile/soak.py`)."""

from collections.abc import Callable
from pathlib import Path

from tests.hostile.soak import soak

FEEDS, DAYS = 100, 7


async def test_a_week_loses_nothing_and_leaks_nothing(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    week = await soak(FEEDS, DAYS, tmp_path)
    assert week.is_well, week
    assert FEEDS * DAYS <= week.polls <= FEEDS * DAYS * 24
    for _ in range(FEEDS * DAYS):
        record_property("hostile", "days of one feed")
