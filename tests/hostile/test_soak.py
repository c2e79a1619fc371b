"""A month in the life of the poller, in seconds. With every feed polled at its own pace: `tests/hostile/soak.py`."""

from collections.abc import Callable
from pathlib import Path

from tests.hostile.soak import soak

FEEDS, DAYS, CALM = 300, 30, 9


async def test_a_month_loses_nothing_and_leaks_nothing(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    month = await soak(FEEDS, DAYS, tmp_path, calm=CALM)
    assert month.is_well, month
    assert FEEDS * DAYS <= month.polls <= FEEDS * DAYS * 24
    for _ in range(FEEDS * DAYS):
        record_property("hostile", "days of one feed")
