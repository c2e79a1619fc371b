"""Polls that wait for one another are saved together, and yet each lives or fails alone."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from threading import Event

import pytest
from sqlalchemy import select

from aggregator import errors
from aggregator.poll.saving import MOST_TOGETHER, Saving
from aggregator.store.database import Database, Tx
from aggregator.store.schema import feeds
from tests.rows import follow_a_feed

_Saving = Saving[Callable[[Tx], str], str]

WAIT = 20  # seconds, for what takes a moment


class Held:
    """A write that has begun and does not end before it may."""

    def __init__(self) -> None:
        self._begun, self._may_end = Event(), Event()

    def __call__(self, tx: Tx) -> str:
        follow_a_feed(tx, title="held")
        self._begun.set()
        assert self._may_end.wait(WAIT)
        return "held"

    async def begins(self) -> None:
        """Wait until it has begun; whoever was to save by then waits for its turn."""
        assert await asyncio.to_thread(self._begun.wait, WAIT)

    def ends(self) -> None:
        """Let it end."""
        self._may_end.set()


def saving_in(db: Database) -> _Saving:
    return Saving(db, lambda tx, writes: [write(tx) for write in writes])


def follows(title: str) -> Callable[[Tx], str]:
    def write(tx: Tx) -> str:
        follow_a_feed(tx, title=title)
        return title

    return write


def spoils(error: Exception) -> Callable[[Tx], str]:
    """Writes half of what it should."""

    def write(tx: Tx) -> str:
        follow_a_feed(tx, title="spoilt")
        raise error

    return write


def saved(db: Database) -> list[str]:
    with db.read() as tx:
        return sorted(tx.scalars(select(feeds.c.title)))


@asynccontextmanager
async def together(saving: _Saving, *writes: Callable[[Tx], str]) -> AsyncIterator[tuple["asyncio.Task[str]", ...]]:
    """Each of them in a task; they all wait, in one batch, until this is left."""
    first = Held()
    leader = asyncio.create_task(saving.save(first))
    tasks = tuple(asyncio.create_task(saving.save(write)) for write in writes)
    await first.begins()
    try:
        yield tasks
    finally:
        first.ends()
        await leader


async def came_of(*tasks: Awaitable[str]) -> list[str | BaseException]:
    return await asyncio.wait_for(asyncio.gather(*tasks, return_exceptions=True), WAIT)


async def test_those_that_wait_share_a_transaction_and_each_gets_its_own_result(db: Database) -> None:
    shared: list[Tx] = []

    def notes(title: str) -> Callable[[Tx], str]:
        def write(tx: Tx) -> str:
            shared.append(tx)
            return follows(title)(tx)

        return write

    async with together(saving_in(db), notes("a"), notes("b"), notes("c")) as tasks:
        assert saved(db) == []
    assert await came_of(*tasks) == ["a", "b", "c"]
    assert all(tx is shared[0] for tx in shared)
    assert saved(db) == ["a", "b", "c", "held"]


async def test_no_more_than_so_many_share_one(db: Database) -> None:
    shared: list[Tx] = []

    def write(tx: Tx) -> str:
        shared.append(tx)
        return ""

    async with together(saving_in(db), *[write] * (MOST_TOGETHER + 1)) as tasks:
        pass
    await came_of(*tasks)
    assert [tx is shared[0] for tx in shared] == [True] * MOST_TOGETHER + [False]


async def test_a_bad_write_costs_only_itself(db: Database) -> None:
    bad = ValueError("bad")
    async with together(saving_in(db), follows("a"), spoils(bad), follows("c")) as tasks:
        pass
    assert await came_of(*tasks) == ["a", bad, "c"]
    assert saved(db) == ["a", "c", "held"]


async def test_a_database_that_cannot_be_written_is_the_trouble_of_all(db: Database) -> None:
    full = errors.DiskFull("The disk is full.", "Make room.")
    async with together(saving_in(db), follows("a"), spoils(full)) as tasks:
        pass
    assert await came_of(*tasks) == [full, full]
    assert saved(db) == ["held"]


async def test_one_cancelled_before_its_turn_writes_nothing(db: Database) -> None:
    async with together(saving_in(db), follows("a"), follows("b")) as (a, b):
        a.cancel()
        assert isinstance((await came_of(a))[0], asyncio.CancelledError)
    assert await came_of(b) == ["b"]
    assert saved(db) == ["b", "held"]


@pytest.mark.parametrize("cancelled", [0, 1, 2], ids=["the one that saves", "the slow one", "the last one"])
async def test_one_cancelled_in_the_middle_of_a_batch_costs_the_others_nothing(db: Database, cancelled: int) -> None:
    slow = Held()
    async with together(saving_in(db), follows("a"), slow, follows("c")) as tasks:
        pass
    await slow.begins()
    tasks[cancelled].cancel()
    slow.ends()
    found = await came_of(*tasks)
    assert isinstance(found.pop(cancelled), asyncio.CancelledError)
    assert found == [each for number, each in enumerate(["a", "held", "c"]) if number != cancelled]
    # Each is there once, that of the cancelled one too: its transaction had begun.
    assert saved(db) == ["a", "c", "held", "held"]


async def test_who_is_cancelled_while_it_saves_ends_after_its_transaction(db: Database) -> None:
    slow = Held()
    task = asyncio.create_task(saving_in(db).save(slow))
    await slow.begins()
    for _ in range(3):  # somebody presses Ctrl-C again and again
        task.cancel()
        await asyncio.wait([task], timeout=0)
        assert not task.done()
    slow.ends()
    assert isinstance((await came_of(task))[0], asyncio.CancelledError)
    assert saved(db) == ["held"]
