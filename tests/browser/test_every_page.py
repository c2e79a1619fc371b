"""A walk along the route table in a browser: what joins it joins these walks.

Axe finds nothing on any page, in light and dark, wide and narrow; nothing is too wide or too small, with text twice as
large either; nobody else is asked for anything, and the browser complains of nothing.
"""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser.serving import Site, serving
from tests.browser.test_desk import context
from tests.browser.test_renderings import RULES, Scheme
from tests.web.everything import fill
from tests.web.test_every_page import MACHINES
from tests.web.walk import Stop, stops

TOO_SMALL = """[...document.querySelectorAll(
  "button, a.button, select, textarea, summary, input:not([type=radio], [type=checkbox], [type=hidden], [hidden])")]
  .filter(one => one.getClientRects().length && one.getBoundingClientRect().height < 43.9).map(one => one.outerHTML)"""
WIDTH = "document.documentElement.scrollWidth"
Given = dict[str, object]


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[tuple[Site, Given]]:
    """A desk with something on every page; after the browser, so that nothing is built where there is none."""
    given: Given = {}
    with serving(tmp_path_factory.mktemp("every"), lambda app: given.update(fill(app))) as site:
        yield site, given


def pages(window: BrowserContext, site: Site, given: Given, *, of_desk: bool) -> Iterator[Stop]:
    """The stops that a browser shows as a page; parts of pages, frames and files are looked at elsewhere."""
    for stop in stops(given):
        if (stop.role is not None) is not of_desk or stop.path.startswith(MACHINES):
            continue
        answer = window.request.get(site[0] + stop.path)
        headers = answer.headers
        is_page = headers.get("content-type", "").startswith("text/html") and "<!doctype" in answer.text()
        if is_page and "sandbox" not in headers["content-security-policy"]:
            yield stop


def opened(page: Page, address: str) -> None:
    """Load it, and open all that opens."""
    page.goto(address)
    page.evaluate("document.querySelectorAll('main details').forEach(details => { details.open = true })")


@pytest.mark.parametrize("of_desk", [False, True])
@pytest.mark.parametrize(("width", "schemes"), [(320, ("dark", "light")), (1200, ("light", "dark"))])
def test_axe_finds_nothing(
    browser: Browser, filled: tuple[Site, Given], width: int, schemes: tuple[Scheme, Scheme], of_desk: bool
) -> None:
    site, given = filled
    with context(browser, site, width=width, scheme=schemes[0], signed_in=of_desk) as window:
        page = window.new_page()
        seen = 0
        for stop in pages(window, site, given, of_desk=of_desk):
            opened(page, site[0] + stop.path)
            for scheme in schemes:
                page.emulate_media(color_scheme=scheme)
                rules = RULES if scheme == schemes[0] else {"runOnly": ["color-contrast", "link-in-text-block"]}
                found = Axe().run(page, options=rules)
                assert found.violations_count == 0, (stop, scheme, found.generate_report())
            page.emulate_media(color_scheme=schemes[0])
            assert page.evaluate(WIDTH) <= width, stop
            if of_desk:
                assert page.evaluate(TOO_SMALL) == [], stop
            page.set_viewport_size({"width": 640, "height": 900})
            page.evaluate("document.documentElement.style.fontSize = '200%'")
            assert page.evaluate(WIDTH) <= 640, (stop, "with text twice as large")
            page.set_viewport_size({"width": width, "height": 900})
            seen += 1
        assert seen > 10
