"""The public pages as people meet them: in a browser, by axe's rules, by keyboard, wide and narrow, light and dark."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Literal

import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from aggregator.app import App, open_app
from aggregator.settings import Settings
from aggregator.web.server import build_app, listen
from tests.browser.test_renderings import RULES
from tests.builders import FRIDAY
from tests.rows import WEDNESDAY, add_bookmark, follow_a_feed
from tests.web.press import publish

BAD = '"><img src=x onerror="document.title=1"><script>document.title=2</script>'
PAGES = (
    "/",
    "/digests",
    f"/digests/{FRIDAY}",
    "/bookmarks",
    "/follow",
    "/accessibility",
    "/health",
    "/nowhere",
)
Scheme = Literal["light", "dark"]
YELLOW = "rgb(255, 221, 0)"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[str]:
    """Where a filled site answers; asked for after the browser, so that nothing is built where there is none."""
    settings = Settings(data=tmp_path_factory.mktemp("site"), contact="editor@example.org")
    app = open_app(settings, clock=lambda: WEDNESDAY + timedelta(hours=1))
    fill(app)
    with listen("127.0.0.1", 0) as listener:
        host, port = listener.getsockname()[:2]
        server = uvicorn.Server(uvicorn.Config(build_app(app), lifespan="off", log_config=None))

        async def serve() -> None:
            async with app:
                await server.serve(sockets=[listener])

        thread = threading.Thread(target=lambda: asyncio.run(serve()))
        thread.start()
        yield f"http://{host}:{port}"
        server.should_exit = True
        thread.join()


def fill(app: App) -> None:
    """A site with something of everything on it."""
    for weeks in (2, 1):
        publish(app, FRIDAY - timedelta(weeks=weeks))
    publish(app, FRIDAY, title=BAD, intro=f"{BAD} A [link](https://example.org/)")
    with app.db.write() as tx:
        for n in range(60):
            add_bookmark(tx, title=f"Page {n}, {'x' * 90 if n == 1 else ''}", author="Ann", kind="video")
        follow_a_feed(tx, title="Well", newest_entry_at=WEDNESDAY, region="Wales")
        follow_a_feed(tx, title=BAD, failures=3, failure_message=BAD, next_poll_at=WEDNESDAY - timedelta(days=1))
        follow_a_feed(tx, title="Moved", moved_to=f"https://new.example.org/{'y' * 90}")
        for status in ("gone", "paused"):
            follow_a_feed(tx, title=status, status=status)


@contextmanager
def shown(browser: Browser, url: str, *, width: int = 1200, scheme: Scheme = "light") -> Iterator[Page]:
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.goto(url)
    yield page
    page.close()
    assert not [complaint for complaint in complaints if "404" not in complaint], "the browser refused something"


@pytest.mark.parametrize(("width", "scheme"), [(320, "dark"), (1200, "light")])
@pytest.mark.parametrize("path", PAGES)
def test_axe_finds_nothing(browser: Browser, address: str, path: str, width: int, scheme: Scheme) -> None:
    with shown(browser, address + path, width=width, scheme=scheme) as page:
        found = Axe().run(page, options=RULES)
    assert found.violations_count == 0, found.generate_report()
    assert len(found.response["passes"]) > 10


def test_in_a_narrow_window_nothing_is_wider_and_no_words_are_small(browser: Browser, address: str) -> None:
    for path in PAGES:
        with shown(browser, address + path, width=320) as page:
            assert page.evaluate("document.documentElement.scrollWidth") <= 320, path
            sizes = page.evaluate(
                """Array.from(document.querySelectorAll("body *"))
                     .filter(e => e.tagName != "CODE" && [...e.childNodes].some(n => n.nodeType == 3 && n.data.trim()))
                     .map(e => parseFloat(getComputedStyle(e).fontSize))"""
            )
            assert min(sizes) >= 16, path


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_dark_mode_is_dark_all_over(browser: Browser, address: str, scheme: Scheme) -> None:
    with shown(browser, f"{address}/", scheme=scheme) as page:
        for part in ("body", ".colophon"):
            colour = page.evaluate("e => getComputedStyle(document.querySelector(e)).backgroundColor", part)
            brightness = sum(int(number) for number in colour.removeprefix("rgb(").removesuffix(")").split(","))
            assert (brightness < 150) == (scheme == "dark"), part


def test_the_keyboard_skips_to_the_content_and_sees_where_it_is(browser: Browser, address: str) -> None:
    with shown(browser, f"{address}/digests/{FRIDAY}") as page:
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.textContent") == "Skip to main content"
        assert page.locator(".skip").bounding_box()["x"] >= 0  # type: ignore[index]
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "main"
        page.keyboard.press("Tab")
        inside = "document.querySelector('main').contains(document.activeElement)"
        assert page.evaluate(inside)
        reached = 0
        while page.evaluate(inside):
            colour = page.evaluate("getComputedStyle(document.activeElement).backgroundColor")
            assert colour == YELLOW, page.evaluate("document.activeElement.outerHTML")
            page.keyboard.press("Tab")
            reached += 1
        assert reached == page.locator("main a").count()


def test_markup_in_any_field_is_text(browser: Browser, address: str) -> None:
    for path in ("/", "/digests", f"/digests/{FRIDAY}", "/health"):
        with shown(browser, address + path) as page:
            assert page.title() not in ("1", "2"), path
            assert BAD in page.locator("main").inner_text(), path
            assert page.locator("script, [onerror], main img").count() == 0, path


def test_a_digest_prints_without_the_frame(browser: Browser, address: str) -> None:
    with shown(browser, f"{address}/digests/{FRIDAY - timedelta(weeks=1)}") as page:
        page.emulate_media(media="print")
        assert page.locator("article.digest").is_visible()
        for part in (".masthead nav", ".colophon", ".neighbours"):
            assert page.locator(part).is_hidden(), part
