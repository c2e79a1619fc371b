"""What these tests share with those of the pages and of the browser."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.browser.conftest import browser
from tests.hostile.pages import Met, meet
from tests.web.conftest import app, client, empty

__all__ = ["app", "browser", "client", "empty", "met"]


@pytest.fixture(scope="package")
def met(tmp_path_factory: pytest.TempPathFactory) -> Met:
    """Every page of a site with harmless words, and of one with payloads."""
    # In a thread: while a browser runs, its event loop keeps others from starting in this one.
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, meet(tmp_path_factory.mktemp("sites"))).result()
