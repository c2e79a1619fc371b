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
from tests.browser.test_public_pages import PAGES
from tests.browser.test_renderings import RULES, Scheme
from tests.web.everything import fill
from tests.web.test_every_page import MACHINES
from tests.web.walk import Stop, stops

TOO_SMALL = """[...document.querySelectorAll(
  "button, a.button, select, textarea, summary, input:not([type=radio], [type=checkbox], [type=hidden], [hidden])")]
  .filter(one => one.getClientRects().length && one.getBoundingClientRect().height < 43.9).map(one => one.outerHTML)"""
COLOURS = """axe.run({runOnly: ["color-contrast", "link-in-text-block"]})
  .then(found => found.violations.flatMap(one => one.nodes.map(node => node.html)))"""
WIDTH = "document.documentElement.scrollWidth"
UNFOLD = "document.querySelectorAll('main details').forEach(folded => { folded.open = true })"
SEEN_ELSEWHERE = PAGES
"""Pages for readers that test_public_pages looks at; what joins the table later is looked at here."""
Given = dict[str, object]


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[tuple[Site, Given]]:
    """A desk with something on every page; after the browser, so that nothing is built where there is none."""
    given: Given = {}
    with serving(tmp_path_factory.mktemp("every"), lambda app: given.update(fill(app))) as site:
        yield site, given


def pages(window: BrowserContext, site: Site, given: Given) -> Iterator[Stop]:
    """The stops that a browser shows as a page; parts of pages, frames and files are looked at elsewhere."""
    for stop in stops(given):
        if stop.path.startswith(MACHINES) or stop.path in SEEN_ELSEWHERE:
            continue
        answer = window.request.get(site[0] + stop.path)
        is_page = answer.headers.get("content-type", "").startswith("text/html") and "<!doctype" in answer.text()
        if is_page and "sandbox" not in answer.headers["content-security-policy"]:
            yield stop


@pytest.mark.parametrize(("width", "schemes"), [(320, ("dark", "light")), (1200, ("light", "dark"))])
def test_axe_finds_nothing_and_all_of_it_fits(
    browser: Browser, filled: tuple[Site, Given], width: int, schemes: tuple[Scheme, Scheme]
) -> None:
    site, given = filled
    with context(browser, site, width=width, scheme=schemes[0]) as window:
        page = window.new_page()
        for stop in (found := list(pages(window, site, given))):
            page.goto(site[0] + stop.path)
            page.evaluate(UNFOLD)
            check_rules(page, stop, schemes)
            check_sizes(page, stop, width)
        assert len(found) > 25


def check_rules(page: Page, stop: Stop, schemes: tuple[Scheme, Scheme]) -> None:
    found = Axe().run(page, options=RULES)
    assert found.violations_count == 0, (stop, found.generate_report())
    page.emulate_media(color_scheme=schemes[1])
    assert page.evaluate(COLOURS) == [], (stop, schemes[1])
    page.emulate_media(color_scheme=schemes[0])


def check_sizes(page: Page, stop: Stop, width: int) -> None:
    assert page.evaluate(WIDTH) <= width, stop
    if stop.role is not None:
        assert page.evaluate(TOO_SMALL) == [], stop
    page.set_viewport_size({"width": 640, "height": 900})
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert page.evaluate(WIDTH) <= 640, (stop, "with text twice as large")
    page.set_viewport_size({"width": width, "height": 900})
