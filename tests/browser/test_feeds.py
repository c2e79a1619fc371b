"""The feeds pages as maintainers meet them: by axe's rules, wide and narrow, by keyboard, with and without scripts."""

import asyncio
import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from aggregator.app import App, open_app
from aggregator.settings import Settings
from aggregator.web.server import build_app, listen
from tests.browser.test_desk import context, focused, go, tab_to
from tests.browser.test_renderings import RULES, Scheme
from tests.rows import WEDNESDAY, follow_a_feed
from tests.web.blogs import NAMES, follow_all
from tests.web.doors import join

SMALLEST = """Math.min(44, ...[...document.querySelectorAll(
  "main :is(button, select, input:not([type=radio], [type=checkbox], [type=hidden], [hidden]))")]
  .map(control => control.getBoundingClientRect().height))"""
LIST = b'<opml version="2.0"><body><outline text="New" type="rss" xmlUrl="https://new.example/feed"/></body></opml>'


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[tuple[str, App]]:
    """Where a desk with a feed in every state answers; after the browser, so nothing is built where there is none."""
    folder = tmp_path_factory.mktemp("feeds")
    with listen("127.0.0.1", 0) as listener:
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        settings = Settings(data=folder, feeds=folder / "feeds.opml", base_url=address)
        app = open_app(settings, clock=lambda: WEDNESDAY + timedelta(hours=1))
        join(app)
        with app.db.write() as tx:
            follow_a_feed(tx, title="w" * 90, failures=1, failure_message=f"https://{'v' * 90}.example/ is down.")
        follow_all(app)
        server = uvicorn.Server(uvicorn.Config(build_app(app), lifespan="off", log_config=None))

        async def serve() -> None:
            async with app:
                await server.serve(sockets=[listener])

        thread = threading.Thread(target=lambda: asyncio.run(serve()))
        thread.start()
        yield address, app
        server.should_exit = True
        thread.join()


def pages(app: App) -> tuple[str, ...]:
    key = app.imports.keep(LIST)
    return (
        *("", "?q=nothing+like+it", "/1", "/add", "/edits", "/upload"),
        *(f"/import?list={key}&way={way}" for way in ("add", "replace")),
    )


@pytest.mark.parametrize(("width", "scheme"), [(320, "dark"), (1200, "light")])
def test_axe_finds_nothing_and_nothing_is_too_wide_or_too_small(
    browser: Browser, site: tuple[str, App], width: int, scheme: Scheme
) -> None:
    with context(browser, site, width=width, scheme=scheme) as window:
        page = window.new_page()
        for path in pages(site[1]):
            page.set_viewport_size({"width": width, "height": 900})
            page.goto(f"{site[0]}/desk/feeds{path}")
            for details in page.locator("main summary").all():
                details.click()
            found = Axe().run(page, options=RULES)
            assert found.violations_count == 0, (path, found.generate_report())
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path
            assert page.evaluate(SMALLEST) >= 44, path
            page.set_viewport_size({"width": 640, "height": 900})
            page.evaluate("document.documentElement.style.fontSize = '200%'")
            assert page.evaluate("document.documentElement.scrollWidth") <= 640, (path, "with text twice as large")


def test_errors_are_found_by_axe_and_by_the_keyboard(browser: Browser, site: tuple[str, App]) -> None:
    with context(browser, site) as window:
        page = window.new_page()
        for path, button in (("/add", "Find its feed"), ("/upload", "See what it would change")):
            page.goto(f"{site[0]}/desk/feeds{path}")
            page.get_by_role("button", name=button).click()
            page.wait_for_function("document.activeElement.className == 'errors'")
            found = Axe().run(page, options=RULES)
            assert found.violations_count == 0, found.generate_report()


def test_the_list_follows_what_is_typed_and_the_focus_stays(browser: Browser, site: tuple[str, App]) -> None:
    with context(browser, site) as window:
        page = window.new_page()
        page.goto(f"{site[0]}/desk/feeds")
        page.keyboard.press("/")
        assert focused(page) == "Search"
        page.keyboard.type("borsetshire")
        page.get_by_role("status").filter(has_text="1 feed.").wait_for()
        assert page.locator("[data-item]").count() == 1
        assert focused(page) == "Search"
        assert page.url.endswith("q=borsetshire&state=&kind=&sort=need")


@pytest.mark.parametrize("scripts", [True, False])
def test_a_feed_is_found_paused_and_followed_again_by_keyboard(
    browser: Browser, site: tuple[str, App], scripts: bool
) -> None:
    with context(browser, site, scripts=scripts) as window:
        page = window.new_page()
        page.goto(f"{site[0]}/desk/feeds")
        tab_to(page, "Search")
        page.keyboard.type("darrington")
        if scripts:
            page.get_by_role("status").filter(has_text="1 feed.").wait_for()
        else:
            go(page)
        tab_to(page, NAMES["new"])
        go(page)
        for button, said in (("Pause", "It is paused."), ("Follow again", "It is followed again")):
            tab_to(page, button)
            go(page)
            assert said in page.get_by_role("status").filter(has_text="It is").inner_text()


def test_a_list_is_uploaded_and_taken_over_without_scripts(browser: Browser, site: tuple[str, App]) -> None:
    with context(browser, site, scripts=False, width=320) as window:
        page = window.new_page()
        page.goto(f"{site[0]}/desk/feeds/upload")
        page.get_by_label("OPML file").set_input_files({"name": "a.opml", "mimeType": "text/x-opml", "buffer": LIST})
        with page.expect_navigation():
            page.get_by_role("button", name="See what it would change").click()
        assert "https://new.example/feed" in page.locator("#follow + ul").inner_text()
        with page.expect_navigation():
            page.get_by_role("button", name="Add them").click()
        assert "Done." in page.locator(".done").inner_text()
        assert site[1].follow.feed("https://new.example/feed").title == "New"


def test_edits_are_chosen_and_their_difference_shown(browser: Browser, site: tuple[str, App]) -> None:
    with context(browser, site) as window:
        page = window.new_page()
        page.goto(f"{site[0]}/desk/feeds/edits")
        page.get_by_label(NAMES["moved"]).uncheck()
        with page.expect_navigation():
            page.get_by_role("button", name="Show the difference").click()
        assert "The difference that this edit makes" in page.locator("main").inner_text()
        with page.expect_download() as download:
            page.get_by_role("link", name="Download as a patch").click()
        assert download.value.suggested_filename == "feeds.patch"
