"""The public pages as people meet them: in a browser, by axe's rules, by keyboard, wide and narrow, light and dark."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from aggregator.app import App
from tests.browser.rules import LOOKS, SCHEMES, Scheme, check, small_words
from tests.browser.serving import serving
from tests.browser.window import go
from tests.builders import FRIDAY
from tests.rows import WEDNESDAY, add_bookmark, follow_a_feed
from tests.web.press import publish

BAD = '"><img src=x onerror="document.title=1"><script>document.title=2</script>'
PAGES = (
    "/",
    "/digests",
    f"/digests/{FRIDAY}",
    "/bookmarks",
    "/bookmarks/2026-11",
    "/blogs",
    "/blogs/by-last-post",
    "/subscribe",
    "/suggest",
    "/unsubscribe/any",
    "/confirm/none",
    "/follow",
    "/privacy",
    "/accessibility",
    "/health",
    "/nowhere",
)
YELLOW = "rgb(255, 221, 0)"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[str]:
    """Where a filled site answers; asked for after the browser, so that nothing is built where there is none."""
    with serving(tmp_path_factory.mktemp("site"), fill) as (address, _):
        yield address


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
    refused = [complaint for complaint in complaints if not any(code in complaint for code in ("404", "422"))]
    assert not refused, "the browser refused something"


def test_all_of_it_keeps_to_the_rules_and_no_words_are_small(browser: Browser, address: str) -> None:
    """A reader's own pages are in test_every_page."""
    with shown(browser, address) as page:
        for path in PAGES:
            page.goto(address + path)
            for width, scheme, other in LOOKS:
                page.set_viewport_size({"width": width, "height": 900})
                page.emulate_media(color_scheme=scheme)
                check(page, path, also=other)
            assert set(small_words(page)) <= {"CODE"}, path


@pytest.mark.parametrize(("width", "scheme"), [(320, "dark"), (1200, "light")])
def test_somebody_subscribes_by_keyboard_after_a_slip(
    browser: Browser, address: str, width: int, scheme: Scheme
) -> None:
    with shown(browser, f"{address}/subscribe", width=width, scheme=scheme) as page:
        page.evaluate("document.forms[0].noValidate = true")  # as in a browser that checks nothing
        page.locator("#address").focus()
        page.keyboard.type("carol")
        go(page)
        page.get_by_role("heading", name="There is a problem").wait_for()
        check(page)
        page.get_by_role("alert").get_by_role("link").focus()
        page.keyboard.press("Enter")
        expect(page.locator("#address")).to_be_focused()
        page.keyboard.press("End")
        page.keyboard.type("@example.org")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.textContent") == "Subscribe", "the hidden field is passed over"
        go(page)
        page.get_by_role("heading", name="Check your mail").wait_for()


@pytest.mark.parametrize("scheme", SCHEMES)
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
        expect(page.locator("#main")).to_be_focused()
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
    with shown(browser, address) as page:
        for path in ("/", "/digests", f"/digests/{FRIDAY}", "/blogs", "/health"):
            page.goto(address + path)
            assert page.title() not in ("1", "2"), path
            assert BAD in page.locator("main").inner_text(), path
            assert page.locator("script, [onerror], main img").count() == 0, path


def test_a_digest_prints_without_the_frame(browser: Browser, address: str) -> None:
    with shown(browser, f"{address}/digests/{FRIDAY - timedelta(weeks=1)}") as page:
        page.emulate_media(media="print")
        assert page.locator("article.digest").is_visible()
        for part in (".masthead nav", ".colophon", ".neighbours"):
            assert page.locator(part).is_hidden(), part
