"""The browser that tests use: the machine's own Chromium, without the network."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Playwright

PATH = Path("/usr/bin/chromium")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--renderer-process-limit=1",  # none is kept ready for a page that never comes
    # What an address bar would show takes as long to load, for each window, as all the rest of it.
    "--disable-features=WebUIOmniboxPopup,WebUIOmniboxAimPopup,WebUIOmniboxFullPopup",
)


@contextmanager
def launched(playwright: Playwright) -> Iterator[Browser]:
    """A headless Chromium with a profile of its own."""
    browser = playwright.chromium.launch(executable_path=PATH, args=list(FLAGS))
    try:
        yield browser
    finally:
        browser.close()
