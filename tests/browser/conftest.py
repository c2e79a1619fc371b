"""A browser for the tests that need one; without Chromium they are skipped, which fails in CI."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.browser import chromium

expect.set_options(timeout=30_000)  # ms, as long as an action may take: a machine that is busy is only slow


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """A headless Chromium, started once.

    It ends with this package: while it runs, its event loop keeps others from starting one in this thread.
    """
    if not chromium.PATH.exists():
        pytest.skip(f"needs Chromium at {chromium.PATH}")
    with sync_playwright() as playwright, chromium.launched(playwright) as launched:
        yield launched
