"""A browser's window on a desk, and a keyboard before it."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from tests.browser.rules import Scheme
from tests.browser.serving import Site


@contextmanager
def context(
    browser: Browser, site: Site, *, signed_in: bool = True, scripts: bool = True, width: int = 1200,
    scheme: Scheme = "light",
) -> Iterator[BrowserContext]:  # fmt: skip
    """A window of its own; whatever the browser complains of, or asks of anybody else, fails the test."""
    address, app = site
    opened = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme, java_script_enabled=scripts
    )
    elsewhere: list[str] = []
    complaints: list[str] = []
    opened.on("request", lambda request: elsewhere.append(request.url) if not request.url.startswith(address) else None)
    opened.on("console", lambda message: complaints.append(message.text))
    if signed_in:
        token = app.people.enter("ann@example.org").token
        opened.add_cookies([{"name": "five", "value": token, "url": address}])
    yield opened
    opened.close()
    assert elsewhere == []
    assert not [said for said in complaints if "the server responded with a status of" not in said]


def go(page: Page) -> None:
    """Press Enter, and wait for the page that it leads to."""
    with page.expect_navigation():
        page.keyboard.press("Enter")


def follow(control: Locator) -> None:
    """Press it, and wait for the page that it leads to: what is done next could still meet the one before."""
    with control.page.expect_navigation():
        control.click()


def tab_to(page: Page, name: str) -> None:
    """Press Tab until what has that name has the focus."""
    for _ in range(30):
        page.keyboard.press("Tab")
        if focused(page).startswith(name):
            return
    raise AssertionError(f"the keyboard does not reach {name}")


def focused(page: Page) -> str:
    """The name of what has the focus; without scripts in the page, which may be off."""
    element = page.locator(":focus")
    if element.count() == 0:
        return ""
    found = re.search(r'- (?:\w+)(?: "(.*?)")?', element.aria_snapshot())
    return (found[1] or "") if found else ""


def rests_on(page: Page, name: str) -> None:
    """Wait until what has the focus has a name that starts so."""
    expect(page.locator(":focus")).to_have_accessible_name(re.compile(f"^{re.escape(name)}"))
