"""Turns: so many in all, so many per host, with a gap between starts."""

import asyncio
import itertools
from collections import Counter

from aggregator.pace import Pace


class Watch:
    """Counts who is inside at the same time, and notes when each came in."""

    def __init__(self, pace: Pace) -> None:
        self.pace = pace
        self.inside: Counter[str] = Counter()
        self.most: Counter[str] = Counter()
        self.starts: dict[str, list[float]] = {}

    async def visit(self, host: str) -> None:
        async with self.pace.turn(host):
            self.starts.setdefault(host, []).append(asyncio.get_running_loop().time())
            self.inside.update([host, "all"])
            self.most |= self.inside
            for _ in range(5):
                await asyncio.sleep(0)
            self.inside.subtract([host, "all"])


async def test_limits_hold_per_host_and_in_all() -> None:
    watch = Watch(Pace(in_flight=5, per_host=2, gap=0))
    await asyncio.gather(*(watch.visit(f"host{n % 4}") for n in range(40)))
    assert watch.most["all"] == 5
    assert {watch.most[f"host{n}"] for n in range(4)} == {2}
    assert watch.inside.total() == 0


async def test_starts_with_one_host_keep_their_distance_and_others_do_not_wait() -> None:
    watch = Watch(Pace(in_flight=8, per_host=8, gap=0.1))
    await asyncio.gather(*(watch.visit("slow") for _ in range(4)), *(watch.visit(f"other{n}") for n in range(4)))
    starts = watch.starts["slow"]
    assert all(later - sooner >= 0.099 for sooner, later in itertools.pairwise(starts))
    assert all(watch.starts[f"other{n}"][0] < starts[1] for n in range(4))


async def test_those_who_wait_for_a_host_hold_up_no_other() -> None:
    pace = Pace(in_flight=2, per_host=1, gap=0)
    entered = asyncio.Event()

    async def wait_behind() -> None:
        async with pace.turn("busy"):
            entered.set()

    async with pace.turn("busy"):
        waiting = [asyncio.create_task(wait_behind()) for _ in range(10)]
        await asyncio.sleep(0)
        async with asyncio.timeout(5), pace.turn("free"):
            assert not entered.is_set()
    await asyncio.gather(*waiting)


async def test_a_turn_that_fails_or_is_given_up_is_handed_on() -> None:
    pace = Pace(in_flight=1, per_host=1, gap=0)

    async def fail() -> None:
        async with pace.turn("host"):
            raise ValueError

    async def take() -> None:
        async with pace.turn("host"):
            pass

    await asyncio.gather(fail(), return_exceptions=True)
    async with pace.turn("host"):
        given_up = asyncio.create_task(take())
        elsewhere = asyncio.create_task(Watch(pace).visit("elsewhere"))
        for _ in range(3):
            await asyncio.sleep(0)
        given_up.cancel()
        elsewhere.cancel()
        await asyncio.gather(given_up, elsewhere, return_exceptions=True)
    async with asyncio.timeout(5):
        await take()


async def test_hosts_are_forgotten_but_not_while_they_matter() -> None:
    watch = Watch(Pace(in_flight=8, per_host=1, gap=0))
    async with watch.pace.turn("kept"):
        for n in range(3000):
            await watch.visit(f"host{n}")
        assert len(watch.pace._lanes) <= 1025
        assert "kept" in watch.pace._lanes
