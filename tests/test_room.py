"""Room for documents: so many bytes at once, and none waits for ever."""

import asyncio
import random

import pytest

from aggregator.room import Place, Room


async def test_small_documents_take_their_place_at_once() -> None:
    room = Room(10)
    with room.place() as first, room.place() as second:
        assert first.takes(6)
        assert second.takes(4)
        assert room.used == 10
    assert room.used == 0


async def test_the_eldest_may_grow_past_the_room_and_the_others_wait_for_it() -> None:
    room = Room(10)
    with room.place() as second:
        with room.place() as eldest:
            assert eldest.takes(4)
            assert second.takes(4)
            assert not second.takes(4)
            assert eldest.takes(100)
            waiting = asyncio.create_task(second.take(4))
            await asyncio.sleep(0)
            assert not waiting.done()
        await waiting
        assert room.used == 8


async def test_who_came_first_is_first_though_a_smaller_one_would_fit() -> None:
    room = Room(10)
    order: list[str] = []

    async def take(place: Place, size: int, name: str) -> None:
        await place.take(size)
        order.append(name)

    with room.place() as large, room.place() as small, room.place() as elder:
        with room.place() as eldest:
            assert eldest.takes(5)
            assert elder.takes(3)
            waiting = [asyncio.create_task(take(large, 6, "large")), asyncio.create_task(take(small, 1, "small"))]
            await asyncio.sleep(0)
            assert not small.takes(1), "it is behind the large one"
        await asyncio.gather(*waiting)
    assert order == ["large", "small"]


async def test_who_gives_up_waiting_leaves_nothing_behind() -> None:
    room = Room(10)
    with room.place() as other:
        with room.place() as eldest:
            assert eldest.takes(10)
            with room.place() as hasty:
                waiting = asyncio.create_task(hasty.take(1))
                behind = asyncio.create_task(other.take(1))
                await asyncio.sleep(0)
                waiting.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await waiting
        await behind
        assert room.used == 1
    assert room.used == 0


@pytest.mark.parametrize("seed", range(20))
async def test_documents_of_any_size_all_come_in_and_never_more_than_the_room_and_one(seed: int) -> None:
    dice = random.Random(seed)
    room = Room(100)
    most = 0

    async def document() -> None:
        nonlocal most
        with room.place() as place:
            for _ in range(dice.randint(1, 8)):
                await place.take(dice.randint(1, 30))
                most = max(most, room.used)
                for _ in range(dice.randint(0, 3)):
                    await asyncio.sleep(0)
            if dice.random() < 0.1:
                raise ValueError

    async with asyncio.timeout(5):
        await asyncio.gather(*(document() for _ in range(60)), return_exceptions=True)
    assert room.used == 0
    assert 100 < most <= 100 + 8 * 30
