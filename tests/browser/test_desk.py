"""The desk as people meet it: by keyboard, by axe's rules, wide and narrow, light and dark."""

import asyncio
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page

from aggregator.app import App, open_app
from aggregator.model import Role
from aggregator.settings import Settings
from aggregator.web.server import build_app, listen
from tests.browser.test_renderings import RULES, Scheme
from tests.builders import FRIDAY
from tests.rows import WEDNESDAY, add_bookmark, add_entry, follow_a_feed
from tests.web.doors import PASSWORD, join
from tests.web.press import publish

DOORS = ("/sign-in", "/password/wrong")
PAGES = ("/desk", "/desk/people", "/account")
LONG = f"{'w' * 60}@example.org"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[tuple[str, App]]:
    """Where a desk with a week on it answers; asked for after the browser, so nothing is built where there is none."""
    with listen("127.0.0.1", 0) as listener:
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        settings = Settings(data=tmp_path_factory.mktemp("desk"), contact="editor@example.org", base_url=address)
        app = open_app(settings, clock=lambda: WEDNESDAY + timedelta(hours=1))
        fill(app)
        server = uvicorn.Server(uvicorn.Config(build_app(app), lifespan="off", log_config=None))

        async def serve() -> None:
            async with app:
                await server.serve(sockets=[listener])

        thread = threading.Thread(target=lambda: asyncio.run(serve()))
        thread.start()
        yield address, app
        server.should_exit = True
        thread.join()


def fill(app: App) -> None:
    """A week on its way, and some people."""
    publish(app, FRIDAY - timedelta(weeks=1))
    with app.db.write() as tx:
        feed = follow_a_feed(tx)
        for _ in range(30):
            add_entry(tx, feed)
        picked = [add_bookmark(tx, note="A note") for _ in range(7)]
    app.editor.pick(picked[:3], app.editor.draft().slug)
    join(app)
    app.people.add(LONG, Role.CURATOR)
    app.people.add("bob@example.org", Role.EDITOR)
    app.people.end("bob@example.org")


@contextmanager
def context(
    browser: Browser, site: tuple[str, App], *, signed_in: bool = True, scripts: bool = True, width: int = 1200,
    scheme: Scheme = "light",
) -> Iterator[BrowserContext]:  # fmt: skip
    """A browser's window; whatever it complains of, or asks of anybody else, fails the test."""
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


@pytest.mark.parametrize(("width", "scheme"), [(320, "dark"), (320, "light"), (1200, "light"), (1200, "dark")])
def test_axe_finds_nothing_at_the_doors(browser: Browser, site: tuple[str, App], width: int, scheme: Scheme) -> None:
    """What is behind them is walked in test_every_page."""
    for path in DOORS:
        with context(browser, site, signed_in=False, width=width, scheme=scheme) as window:
            page = window.new_page()
            page.goto(site[0] + path)
            found = Axe().run(page, options=RULES)
            assert found.violations_count == 0, (path, found.generate_report())
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path


def test_axe_finds_nothing_in_a_form_with_errors(browser: Browser, site: tuple[str, App]) -> None:
    for scheme in ("light", "dark"):
        with context(browser, site, scheme=scheme) as window:
            page = window.new_page()
            page.goto(f"{site[0]}/desk/people")
            page.get_by_role("button", name="Add, and make a link").click()
            # A browser gives autofocus its way only some time after the page is there.
            page.wait_for_function("document.activeElement.className == 'errors'")
            found = Axe().run(page, options=RULES)
            assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize("scripts", [True, False])
def test_signing_in_and_out_by_keyboard_alone(browser: Browser, site: tuple[str, App], scripts: bool) -> None:
    with context(browser, site, signed_in=False, scripts=scripts) as window:
        page = window.new_page()
        page.goto(f"{site[0]}/desk")
        assert page.title().startswith("Sign in")
        tab_to(page, "Email address")
        page.keyboard.type("ann@example.org")
        page.keyboard.press("Tab")
        page.keyboard.type("not this one")
        go(page)
        assert page.title().startswith("Error: Sign in")
        tab_to(page, "That email address")  # the link of the summary leads to the field
        page.keyboard.press("Enter")
        assert focused(page) == "Email address"
        page.keyboard.press("Tab")
        page.keyboard.type(PASSWORD)
        go(page)
        assert page.title().startswith("Overview")
        tab_to(page, "Skip to main content")
        tab_to(page, "People")
        go(page)
        assert page.title().startswith("People")
        tab_to(page, "Sign out")
        go(page)
        assert page.get_by_role("status").inner_text() == "You have signed out."
        page.go_back()
        assert page.title().startswith("Sign in"), "nothing of the desk is left in the browser"


def go(page: Page) -> None:
    """Press Enter, and wait for the page that it leads to."""
    with page.expect_navigation():
        page.keyboard.press("Enter")


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


def test_the_link_page_takes_a_password(browser: Browser, site: tuple[str, App]) -> None:
    link = site[1].people.link(LONG)
    with context(browser, site, signed_in=False, width=320) as window:
        page = window.new_page()
        page.goto(link)
        page.get_by_label("Password").fill("short")
        page.get_by_role("button", name="Set password").click()
        assert "12 characters or more" in page.locator(".errors").inner_text()
        found = Axe().run(page, options=RULES)
        assert found.violations_count == 0, found.generate_report()
        page.get_by_label("Password").fill(PASSWORD)
        with page.expect_navigation():
            page.get_by_role("button", name="Set password").click()
        assert page.title().startswith("Overview")
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
        page.goto(f"{site[0]}/desk/people")
        assert page.locator("h1").inner_text() == "That is not for you to do"


def test_buttons_are_large_enough_for_a_thumb(browser: Browser, site: tuple[str, App]) -> None:
    with context(browser, site, width=320) as window:
        page = window.new_page()
        for path in PAGES:
            page.goto(site[0] + path)
            for control in page.locator(
                "button:visible, input:visible:not([type=radio]), select:visible, .tabs a"
            ).all():
                box = control.bounding_box()
                assert box
                assert box["height"] >= 44, (path, control.inner_text())
