"""A walk along the route table in a browser: what joins it joins these walks.

Axe finds nothing on any page, in light and dark, wide and narrow; nothing is too wide or too small, with text twice as
large either; nobody else is asked for anything, and the browser complains of nothing.
"""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext

from tests.browser.rules import LOOKS, UNFOLD, check, check_large_text, check_thumbs
from tests.browser.serving import Site, serving
from tests.browser.test_public_pages import PAGES
from tests.browser.window import context
from tests.web.everything import fill
from tests.web.test_every_page import MACHINES
from tests.web.walk import Stop, stops

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


def test_axe_finds_nothing_and_all_of_it_fits(browser: Browser, filled: tuple[Site, Given]) -> None:
    site, given = filled
    with context(browser, site, width=320, scheme="dark") as window:
        page = window.new_page()
        for stop in (found := list(pages(window, site, given))):
            page.goto(site[0] + stop.path)
            for width, scheme, other in LOOKS:
                page.set_viewport_size({"width": width, "height": 900})
                page.emulate_media(color_scheme=scheme)
                page.evaluate(UNFOLD)
                check(page, stop, also=other)
                if stop.role is not None:
                    check_thumbs(page, stop)
            check_large_text(page, stop)
        assert len(found) > 25
