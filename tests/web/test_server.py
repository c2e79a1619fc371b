"""`five serve` on a real socket, ended by a real signal."""

import asyncio
import os
import signal
import socket
from dataclasses import replace
from typing import Any, cast

import httpx
import pytest

from aggregator.app import App
from aggregator.errors import Refused
from aggregator.web.server import listen, serve
from tests.test_jobs import FakePoller, for_ever


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_it_serves_until_it_is_told_to_stop(app: App, number: signal.Signals) -> None:
    ready: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    serving = asyncio.create_task(serve(app, on_ready=ready.set_result))
    address = await ready
    async with httpx.AsyncClient(trust_env=False, timeout=60) as client:
        answer = await client.get(f"{address}healthz")
        head = await client.head(address)
    os.kill(os.getpid(), number)
    await serving
    assert answer.json()["status"] == "ok"
    assert (head.status_code, head.content) == (200, b"")
    with pytest.raises(ConnectionRefusedError), socket.create_connection(_place(address)):
        pass


async def test_it_polls_while_it_serves(app: App) -> None:
    poller = FakePoller(for_ever)
    serving = asyncio.create_task(serve(replace(app, poller=cast(Any, poller))))
    await poller.started.wait()
    os.kill(os.getpid(), signal.SIGTERM)
    await serving
    assert (poller.asked, poller.let_go) == (1, 1)


async def test_it_leaves_polling_to_another_process_when_told_to(app: App) -> None:
    poller = FakePoller(for_ever)
    ready: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    serving = asyncio.create_task(serve(replace(app, poller=cast(Any, poller)), poll=False, on_ready=ready.set_result))
    await ready
    os.kill(os.getpid(), signal.SIGTERM)
    await serving
    assert poller.asked == 0


def test_a_port_in_use_is_explained() -> None:
    with listen("127.0.0.1", 0) as taken, pytest.raises(Refused) as refused:
        listen("127.0.0.1", taken.getsockname()[1])
    assert refused.value.what.endswith(": Address already in use.")
    assert "FIVE_LISTEN_PORT" in refused.value.hint


def test_it_listens_on_both_kinds_of_address() -> None:
    with listen("::1", 0) as six, listen("127.0.0.1", 0) as four:
        assert (six.family, four.family) == (socket.AF_INET6, socket.AF_INET)


def _place(address: str) -> tuple[str, int]:
    url = httpx.URL(address)
    return url.host, url.port or 0
