"""The desk as people meet it: by keyboard, by axe's rules, wide and narrow, light and dark."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, expect

from aggregator.app import App
from aggregator.model import Role
from tests.browser.rules import Scheme, check, check_width
from tests.browser.serving import Site, serving
from tests.browser.window import context, follow, go, tab_to
from tests.builders import FRIDAY
from tests.rows import add_bookmark, add_entry, follow_a_feed
from tests.web.doors import PASSWORD
from tests.web.press import publish

DOORS = ("/sign-in", "/password/wrong")
LONG = f"{'w' * 60}@example.org"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[Site]:
    """A desk with a week on it; asked for after the browser, so nothing is built where there is none."""
    with serving(tmp_path_factory.mktemp("desk"), fill) as served:
        yield served


def fill(app: App) -> None:
    """A week on its way, and some people."""
    publish(app, FRIDAY - timedelta(weeks=1))
    with app.db.write() as tx:
        feed = follow_a_feed(tx)
        for _ in range(30):
            add_entry(tx, feed)
        picked = [add_bookmark(tx, note="A note") for _ in range(7)]
    app.editor.pick(picked[:3], app.editor.draft().slug)
    app.people.add(LONG, Role.CURATOR)
    app.people.add("bob@example.org", Role.EDITOR)
    app.people.end("bob@example.org")


@pytest.mark.parametrize(("width", "scheme", "other"), [(320, "dark", "light"), (1200, "light", "dark")])
def test_the_doors_keep_to_the_rules(browser: Browser, site: Site, width: int, scheme: Scheme, other: Scheme) -> None:
    """What is behind them is walked in test_every_page."""
    with context(browser, site, signed_in=False, width=width, scheme=scheme) as window:
        page = window.new_page()
        for path in DOORS:
            page.goto(site[0] + path)
            check(page, path, also=other)


def test_a_form_with_errors_keeps_to_the_rules(browser: Browser, site: Site) -> None:
    with context(browser, site) as window:
        page = window.new_page()
        page.goto(f"{site[0]}/desk/people")
        follow(page.get_by_role("button", name="Add, and make a link"))
        expect(page.locator(".errors")).to_be_focused()
        check(page, also="dark")


def test_a_page_is_at_its_place_at_once_and_stands_still(browser: Browser, site: Site) -> None:
    with context(browser, site) as window:
        page = window.new_page()
        page.goto(f"{site[0]}/desk/inbox")
        assert page.evaluate("(document.querySelector('.colophon').scrollIntoView(), scrollY)") > 0


@pytest.mark.parametrize("scripts", [True, False])
def test_signing_in_and_out_by_keyboard_alone(browser: Browser, site: Site, scripts: bool) -> None:
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
        expect(page.locator(".errors")).to_be_focused()
        tab_to(page, "That email address")  # the link of the summary leads to the field
        page.keyboard.press("Enter")
        expect(page.get_by_label("Email address")).to_be_focused()
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


def test_the_link_page_takes_a_password(browser: Browser, site: Site) -> None:
    link = site[1].people.link(LONG)
    with context(browser, site, signed_in=False, width=320) as window:
        page = window.new_page()
        page.goto(link)
        page.get_by_label("Password").fill("short")
        follow(page.get_by_role("button", name="Set password"))
        expect(page.locator(".errors")).to_be_focused()
        expect(page.locator(".errors")).to_contain_text("12 characters or more")
        check(page)
        page.get_by_label("Password").fill(PASSWORD)
        follow(page.get_by_role("button", name="Set password"))
        assert page.title().startswith("Overview")
        check_width(page)
        page.goto(f"{site[0]}/desk/people")
        assert page.locator("h1").inner_text() == "That is not for you to do"
