"""The shortlist, bookmarks and the form for any page, in a browser: axe's rules, keys, a bookmarklet, no scripts."""

import asyncio
import re
import threading
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import unquote

import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from aggregator.app import App, open_app
from aggregator.settings import Settings
from aggregator.web.server import build_app, listen
from tests.browser.test_desk import context, focused, go, tab_to
from tests.browser.test_feeds import SMALLEST
from tests.browser.test_renderings import RULES, Scheme
from tests.rows import WEDNESDAY
from tests.web.doors import join
from tests.web.shelf import bookmark_all

FIRST, SECOND, THIRD = "What we learnt from closing a service", "Head of Service Design", "Sut rydym"


@pytest.fixture
def site(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[tuple[str, App]]:
    """Where a desk with a lively shortlist answers; after the browser, so nothing is built where there is none."""
    with listen("127.0.0.1", 0) as listener:
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        settings = Settings(data=tmp_path_factory.mktemp("shelf"), base_url=address)
        app = open_app(settings, clock=lambda: WEDNESDAY + timedelta(hours=1))
        join(app)
        bookmark_all(app)
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
    first, *_ = app.desk.week()
    return (
        *("shortlist", "shortlist?friday=2027-01-01", "bookmarks", "bookmarks?q=nothing+like+it", "suggestions"),
        *(f"bookmarks/{first.id}?done=page-added", "add?address=https://blog.example.org/post", "add/how"),
    )


@pytest.mark.parametrize(("width", "scheme"), [(320, "dark"), (1200, "light")])
def test_axe_finds_nothing_and_nothing_is_too_wide_or_too_small(
    browser: Browser, site: tuple[str, App], width: int, scheme: Scheme
) -> None:
    with context(browser, site, width=width, scheme=scheme) as window:
        page = window.new_page()
        for path in pages(site[1]):
            page.goto(f"{site[0]}/desk/{path}")
            for details in page.locator("main summary").all():
                details.click()
            fits(page, path, width)
        page.goto(f"{site[0]}/desk/add")
        page.get_by_role("button", name="Shortlist it").click()
        page.wait_for_function("document.activeElement.className == 'errors'")
        fits(page, "errors", width)
        first, *_ = site[1].desk.week()
        page.goto(f"{site[0]}/desk/bookmarks/{first.id}")
        site[1].desk.note(first.id, "Somebody was faster.")
        page.get_by_role("button", name="Save").click()
        page.get_by_role("heading", name="What is saved now").wait_for()
        fits(page, "conflict", width)


def fits(page: Page, path: str, width: int) -> None:
    found = Axe().run(page, options=RULES)
    assert found.violations_count == 0, (path, found.generate_report())
    assert page.evaluate("document.documentElement.scrollWidth") <= width, path
    assert page.evaluate(SMALLEST) >= 44, path


def test_the_week_is_gone_through_by_single_keys(browser: Browser, site: tuple[str, App]) -> None:
    with context(browser, site) as window:
        page = window.new_page()
        page.goto(f"{site[0]}/desk/shortlist")
        page.keyboard.press("j")
        assert focused(page).startswith(FIRST)
        press(page, "x", settles=FIRST)
        assert focused(page).startswith(SECOND), "the focus is on the next one"
        expect(page.locator("#said")).to_have_text(re.compile("^Dropped: "))
        press(page, "c", settles=SECOND)
        assert focused(page).startswith(THIRD)
        assert [one.title[:9] for one in site[1].desk.week()][:2] == [THIRD, "https://p"]
        page.keyboard.press("u")
        page.get_by_role("link", name=SECOND, exact=False).first.wait_for()
        page.keyboard.press("u")
        page.get_by_role("link", name=FIRST, exact=False).first.wait_for()
        assert len(site[1].desk.week()) == 5
        page.locator("h2 a").first.focus()
        with page.expect_navigation():
            page.keyboard.press("e")
        assert focused(page) == "Note"
        page.keyboard.press("Control+End")
        page.keyboard.type(" More.")
        with page.expect_navigation():
            page.keyboard.press("Control+Enter")
        assert page.get_by_role("status").first.inner_text() == "Saved."
        assert site[1].desk.week()[0].note.endswith("alone. More.")


def press(page: Page, key: str, *, settles: str) -> None:
    page.keyboard.press(key)
    page.locator("li.settled", has_text=settles).wait_for()


def test_a_bookmarklet_brings_a_page_to_the_form_and_a_word_and_a_key_shortlist_it(
    browser: Browser, site: tuple[str, App]
) -> None:
    with context(browser, site) as window:
        page = window.new_page()
        page.goto(f"{site[0]}/desk/add/how")
        address = page.get_by_role("link", name="Add to Five for Friday").get_attribute("href") or ""
        page.goto(f"{site[0]}/accessibility")  # any page on the web
        with page.expect_popup() as opened:
            page.evaluate(unquote(address.removeprefix("javascript:")))
        form = opened.value
        form.wait_for_load_state()
        assert form.get_by_label("Its address").input_value() == f"{site[0]}/accessibility"
        assert form.get_by_label("Title").input_value() == page.title()
        assert focused(form).startswith("Note")
        form.keyboard.type("Says it plainly.")
        with form.expect_navigation():
            form.keyboard.press("Control+Enter")
        assert form.get_by_role("status").first.inner_text().startswith("It is on the shortlist.")
        added = site[1].desk.week()[-1]
        assert (added.url, added.note) == (f"{site[0]}/accessibility", "Says it plainly.")


def test_all_of_it_works_without_scripts_by_keyboard(browser: Browser, site: tuple[str, App]) -> None:
    with context(browser, site, scripts=False, width=320) as window:
        page = window.new_page()
        page.goto(f"{site[0]}/desk/shortlist")
        tab_to(page, f"Drop “{FIRST}”")
        go(page)
        assert page.get_by_role("status").first.inner_text().startswith("Dropped.")
        tab_to(page, f"Put it on this week’s shortlist again “{FIRST}”")
        go(page)
        assert len(site[1].desk.week()) == 5
        page.goto(f"{site[0]}/desk/suggestions")
        tab_to(page, "Decline “Notes from a small council”")
        go(page)
        assert page.get_by_role("status").first.inner_text() == "Declined."
        page.goto(f"{site[0]}/desk/shortlist")
        tab_to(page, "Draft Friday")
        page.keyboard.press("Enter")
        page.wait_for_url("**/desk/digests/*")
        assert len(site[1].editor.digest().picks) == 5
