"""A whole app with rows in it, and a client that asks its pages in this process."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from aggregator.app import App, open_app
from aggregator.settings import Settings
from aggregator.store.migrate import open_database
from aggregator.web.server import build_app
from tests.conftest import StandingClock
from tests.rows import WEDNESDAY
from tests.web.press import BASE_URL


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database without a row, made once: migrating takes half a second, copying two milliseconds."""
    file = tmp_path_factory.mktemp("empty") / "five.sqlite"
    open_database(file, WEDNESDAY).close()
    return file


@pytest.fixture
async def app(tmp_path: Path, clock: StandingClock, empty: Path) -> AsyncIterator[App]:
    """The program on an empty database, its public address being https."""
    shutil.copy(empty, tmp_path / "five.sqlite")
    settings = Settings(
        data=tmp_path, feeds=tmp_path / "feeds.opml", base_url=BASE_URL, contact="editor@example.org", listen_port=0
    )
    async with open_app(settings, clock=clock) as opened:
        yield opened


@pytest.fixture
async def client(app: App) -> AsyncIterator[httpx.AsyncClient]:
    """Asks the pages of `app`, in this process."""
    transport = httpx.ASGITransport(app=build_app(app), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=BASE_URL) as asking:
        yield asking
