"""The sandbox: what a worker may not do, and that it costs one call when it dies."""

import asyncio
import os
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from aggregator.errors import DiskFull
from aggregator.sandbox import Sandbox, SandboxFailed
from tests.sandboxed import (
    Read,
    Unread,
    burn,
    connect,
    crash,
    echo,
    fail,
    fork,
    hang,
    leave,
    lie,
    look_up,
    much,
    process_id,
    read_file,
    read_or_not,
    recurse,
    remove,
    signal_parent,
    start_process,
    swell,
    talk,
    write,
    write_low,
)


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox(workers=1, deadline=20, memory_mib=384) as made:
        yield made


async def test_values_cross_as_what_they_were(sandbox: Sandbox) -> None:
    read = await sandbox.run(read_or_not, True)
    assert read == read_or_not(True)
    assert isinstance(read, Read)
    assert read.at.tzinfo is not None
    assert await sandbox.run(read_or_not, False) == Unread(why="ünread")
    body = bytes(range(256)) * 40_000  # as large as the largest feed: more than a pipe holds
    assert await sandbox.run(echo, body) == body


async def test_arguments_are_got_in_a_thread_and_their_errors_cost_no_worker(sandbox: Sandbox) -> None:
    first = await sandbox.run(process_id)
    assert await sandbox.run_on(echo, lambda: (threading.current_thread().name.encode(),)) == b"sandbox_0"

    def none_to_be_had() -> tuple[bytes]:
        raise DiskFull("The disk is full.")

    with pytest.raises(DiskFull):
        await sandbox.run_on(echo, none_to_be_had)
    assert await sandbox.run(process_id) == first


async def test_a_worker_is_used_again(sandbox: Sandbox) -> None:
    first = await sandbox.run(process_id)
    assert first != os.getpid()
    assert await sandbox.run(process_id) == first
    with pytest.raises(SandboxFailed, match="fail failed: ValueError: no such"):
        await sandbox.run(fail)
    with pytest.raises(SandboxFailed, match="RecursionError"):
        await sandbox.run(recurse, 0)
    assert await sandbox.run(process_id) == first
    assert await sandbox.run(talk) == ""
    assert await sandbox.run(process_id) == first


@pytest.mark.parametrize(
    ("function", "why"),
    [
        (leave, "status 3"),
        (crash, "SIGSEGV"),
        (swell, "more than 384 MiB of memory"),
        (lie, "no result"),
        (much, "no result"),
    ],
)
async def test_a_worker_that_dies_costs_one_call(sandbox: Sandbox, function: object, why: str) -> None:
    before = await sandbox.run(process_id)
    with pytest.raises(SandboxFailed, match=why) as failed:
        await sandbox.run(function)  # type: ignore[arg-type]
    assert len(str(failed.value)) < 400
    assert await sandbox.run(process_id) != before
    assert not _exists(before)


async def test_burning_the_processor_is_stopped() -> None:
    async with Sandbox(workers=1, deadline=20, cpu_seconds=0.2, memory_mib=384) as sandbox:
        before = await sandbox.run(process_id)
        with pytest.raises(SandboxFailed, match=r"more than 0\.2 s of processor time"):
            await sandbox.run(burn)
        assert await sandbox.run(process_id) != before


async def test_hanging_is_stopped() -> None:
    async with Sandbox(workers=1, deadline=1, memory_mib=384) as sandbox:
        before = await sandbox.run(process_id)
        with pytest.raises(SandboxFailed, match=r"more than 1 s, so it was stopped"):
            await sandbox.run(hang)
        assert await sandbox.run(process_id) != before


async def test_no_network(sandbox: Sandbox) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        with pytest.raises(SandboxFailed, match=r"PermissionError.*socket"):
            await sandbox.run(connect, listener.getsockname()[1])
        with pytest.raises(BlockingIOError):
            listener.accept()
    with pytest.raises(SandboxFailed, match=r"PermissionError.*socket"):
        await sandbox.run(look_up)


async def test_no_files(sandbox: Sandbox, tmp_path: Path) -> None:
    new, old = tmp_path / "new", tmp_path / "old"
    old.write_text("secret")
    for function, path in ((write, new), (write_low, new), (write, old), (remove, old), (read_file, old)):
        with pytest.raises(SandboxFailed, match="PermissionError"):
            await sandbox.run(function, str(path))
    assert not new.exists()
    assert old.read_text() == "secret"


@pytest.mark.parametrize("function", [start_process, fork, signal_parent])
async def test_no_other_processes(sandbox: Sandbox, function: object) -> None:
    with pytest.raises(SandboxFailed, match="PermissionError"):
        await sandbox.run(function)  # type: ignore[arg-type]


async def test_calls_run_side_by_side_up_to_the_number_of_workers() -> None:
    async with Sandbox(workers=2, deadline=20, memory_mib=384) as sandbox:
        bodies = [bytes([number]) * 1000 for number in range(40)]
        assert await asyncio.gather(*(sandbox.run(echo, body) for body in bodies)) == bodies
        pids = set(await asyncio.gather(*(sandbox.run(process_id) for _ in range(40))))
        assert 1 <= len(pids) <= 2


async def test_a_call_waits_a_moment_for_a_worker_rather_than_start_another() -> None:
    async with Sandbox(workers=4, deadline=20, memory_mib=384, patience=60) as sandbox:
        assert len(set(await asyncio.gather(*(sandbox.run(process_id) for _ in range(20))))) == 1


async def test_a_long_queue_of_short_calls_is_worth_another_worker() -> None:
    async with Sandbox(workers=2, deadline=20, memory_mib=384, patience=0.02) as sandbox:
        assert len(set(await asyncio.gather(*(sandbox.run(process_id) for _ in range(2000))))) == 2


async def test_a_worker_that_does_not_read_is_stopped() -> None:
    async with Sandbox(workers=1, deadline=1, memory_mib=384) as sandbox:
        await sandbox.run(echo, b"")
        os.kill(await sandbox.run(process_id), signal.SIGSTOP)
        with pytest.raises(SandboxFailed, match="more than 1 s"):
            await sandbox.run(echo, bytes(1_000_000))


async def test_nobody_waits_for_long_for_a_worker_that_hangs() -> None:
    async with Sandbox(workers=2, deadline=20, memory_mib=384, patience=0) as sandbox:
        await sandbox.run(process_id)
        hanging = asyncio.ensure_future(sandbox.run(hang))
        await asyncio.sleep(0)
        for _ in range(3):
            await sandbox.run(process_id)
        assert not hanging.done()
    with pytest.raises(SandboxFailed, match="closed"):
        await hanging


async def test_closing_ends_those_that_wait_for_a_worker() -> None:
    sandbox = Sandbox(workers=2, deadline=60, memory_mib=384, patience=60)
    await sandbox.run(process_id)
    calls = [asyncio.ensure_future(sandbox.run(hang)) for _ in range(2)]
    await asyncio.sleep(0)
    await sandbox.aclose()
    for call in calls:
        with pytest.raises((SandboxFailed, asyncio.CancelledError)):
            await call


async def test_a_neighbour_is_unharmed() -> None:
    async with Sandbox(workers=2, deadline=20, memory_mib=384) as sandbox:
        results = await asyncio.gather(
            *(sandbox.run(leave if number % 3 == 0 else process_id) for number in range(12)), return_exceptions=True
        )
        assert [isinstance(result, SandboxFailed) for result in results] == [number % 3 == 0 for number in range(12)]


async def test_closing_ends_every_process_and_every_call() -> None:
    sandbox = Sandbox(workers=2, deadline=60, memory_mib=384)
    pid = await sandbox.run(process_id)
    hanging = asyncio.ensure_future(sandbox.run(hang))
    await asyncio.sleep(0)
    await sandbox.aclose()
    with pytest.raises((SandboxFailed, asyncio.CancelledError)):
        await hanging
    assert not _exists(pid)
    with pytest.raises(SandboxFailed, match="closed"):
        await sandbox.run(process_id)


def test_it_serves_one_event_loop_after_the_other() -> None:
    sandbox = Sandbox(workers=1, deadline=20, memory_mib=384)
    try:
        assert asyncio.run(sandbox.run(process_id)) == asyncio.run(sandbox.run(process_id))
    finally:
        sandbox.close()


def test_a_worker_ends_with_its_parent() -> None:
    script = (
        "import asyncio, os, sys\n"
        "from aggregator.sandbox import Sandbox\n"
        "from tests.sandboxed import process_id\n"
        "sandbox = Sandbox(workers=1, deadline=20, memory_mib=384)\n"
        "print(asyncio.run(sandbox.run(process_id)), flush=True)\n"
        "os.kill(os.getpid(), 9)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, start_new_session=True)
    with parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
    assert _ends(pid)


def _exists(pid: int) -> bool:
    """Whether there is such a process, be it only a zombie."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def _ends(pid: int) -> bool:
    """Wait for a process that is no child of ours."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([handle], [], [], 20)[0])
    finally:
        os.close(handle)
