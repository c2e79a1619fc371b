"""The timetable looks every minute, one look at a time, and nothing stops it."""

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from apscheduler.jobstores.memory import MemoryJobStore

from aggregator.errors import DatabaseBusy, Refused
from aggregator.jobs import Chore, Doing, Looking, running, timetable


@dataclass
class FakePoller:
    """Does what it is told when asked to poll."""

    does: Callable[[], Awaitable[None]]
    asked: int = 0
    let_go: int = 0
    started: asyncio.Event = field(default_factory=asyncio.Event)

    async def poll_due(self) -> None:
        self.asked += 1
        self.started.set()
        try:
            await self.does()
        finally:
            self.let_go += 1


@dataclass
class FakeHubs:
    asked: int = 0

    async def subscribe_due(self) -> None:
        self.asked += 1


@dataclass
class FakeBookmarks:
    asked: int = 0

    async def visit_due(self) -> None:
        self.asked += 1


@dataclass
class FakePosts:
    asked: asyncio.Event = field(default_factory=asyncio.Event)

    async def post_due(self) -> None:
        self.asked.set()


@dataclass
class FakeApp:
    poller: FakePoller = field(default_factory=lambda: FakePoller(nothing))
    hubs: FakeHubs = field(default_factory=FakeHubs)
    bookmarks: FakeBookmarks = field(default_factory=FakeBookmarks)
    posts: FakePosts = field(default_factory=FakePosts)
    chores: dict[str, Chore] = field(default_factory=dict)


async def nothing() -> None:
    pass


async def for_ever() -> None:
    await asyncio.Event().wait()


def raising(error: BaseException) -> Callable[[], Awaitable[None]]:
    async def does() -> None:
        raise error

    return does


def test_the_timetable_forgives_downtime_and_never_doubles() -> None:
    jobs = timetable(FakeApp(chores={"Sending": lambda _: None})).get_jobs()
    assert [job.id for job in jobs] == ["poll", "hubs", "pages", "posts", "Sending"]
    for job in jobs:
        assert job.trigger.interval == timedelta(seconds=60)
        assert job.misfire_grace_time is None
        assert job.coalesce is True
        assert job.max_instances == 1


async def test_it_looks_at_once_and_lets_go_at_the_end() -> None:
    app = FakeApp(FakePoller(for_ever))
    async with running(app) as scheduler:
        await app.poller.started.wait()
        await app.posts.asked.wait()
        job = next(job for job in scheduler.get_jobs() if job.id == "poll")
        assert isinstance(scheduler._jobstores["default"], MemoryJobStore)
        assert job.next_run_time is not None
        assert (app.poller.asked, app.poller.let_go) == (1, 0)
    assert app.poller.let_go == 1
    assert not scheduler.running


async def test_another_process_that_polls_is_no_news(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="aggregator"):
        await Looking("Polling", FakePoller(raising(Refused("Another poll is running."))).poll_due).look()
    assert caplog.records == []


async def test_an_error_of_ours_is_logged_in_a_line_with_what_to_do(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR, logger="aggregator"):
        await Looking("Polling", FakePoller(raising(DatabaseBusy("It is locked.", "Close it."))).poll_due).look()
    (record,) = caplog.records
    assert record.getMessage() == "Polling stopped: It is locked. Close it."
    assert record.exc_info is None


async def test_a_fault_is_logged_whole_and_the_next_look_comes(caplog: pytest.LogCaptureFixture) -> None:
    poller = FakePoller(raising(ZeroDivisionError("oh")))
    looking = Looking("Polling", poller.poll_due)
    with caplog.at_level(logging.ERROR, logger="aggregator"):
        await looking.look()
        await looking.look()
    assert poller.asked == 2
    assert "ZeroDivisionError: oh" in caplog.text


async def test_to_stop_is_to_cancel_the_poll_and_wait_for_it() -> None:
    poller = FakePoller(for_ever)
    looking = Looking("Polling", poller.poll_due)
    look = asyncio.create_task(looking.look())
    await poller.started.wait()
    await looking.stop()
    assert poller.let_go == 1
    await look


async def test_there_is_nothing_to_stop_before_the_first_look() -> None:
    poller = FakePoller(nothing)
    await Looking("Polling", poller.poll_due).stop()
    assert not poller.started.is_set()


async def test_a_chore_that_is_asked_to_stop_ends_of_itself_and_is_waited_for() -> None:
    started, ended = threading.Event(), threading.Event()

    def until_stopped(is_stopped: Callable[[], bool]) -> None:
        started.set()
        while not is_stopped():
            ended.wait(0.001)
        ended.set()

    async with running(FakeApp(chores={"Sending": until_stopped})):
        assert await asyncio.to_thread(started.wait, 10)
        assert not ended.is_set()
    assert ended.is_set()


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (Refused("The outbox is paused."), ""),
        (DatabaseBusy("It is locked.", "Close it."), "Sending stopped: It is locked. Close it."),
        (ZeroDivisionError("oh"), "ZeroDivisionError: oh"),
    ],
)
async def test_a_chore_that_fails_is_told_and_the_next_look_comes(
    caplog: pytest.LogCaptureFixture, error: Exception, said: str
) -> None:
    asked = []

    def fails(_: Callable[[], bool]) -> None:
        asked.append(1)
        raise error

    doing = Doing("Sending", fails)
    with caplog.at_level(logging.INFO, logger="aggregator"):
        await doing.look()
        await doing.look()
    assert len(asked) == 2
    assert said in caplog.text
    assert bool(said) == bool(caplog.records)
