"""The shortlist, bookmarks and the form for any page, in a browser: axe's rules, keys, a bookmarklet, no scripts."""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.rules import UNFOLD, check, check_thumbs
from tests.browser.serving import Site, serving
from tests.browser.window import context, follow, go, rests_on, tab_to
from tests.web.shelf import bookmark_all

FIRST, SECOND, THIRD = "What we learnt from closing a service", "Head of Service Design", "Sut rydym"


@pytest.fixture
def site(tmp_path: Path, browser: Browser) -> Iterator[Site]:
    """A desk with a lively shortlist; after the browser, so that nothing is built where there is none."""
    with serving(tmp_path, bookmark_all) as served:
        yield served


def test_what_a_walk_does_not_meet_keeps_to_the_rules(browser: Browser, site: Site) -> None:
    """Nothing there, something done, a form with errors, a conflict; the plain pages are in test_every_page."""
    first, *_ = site[1].desk.week()
    with context(browser, site, width=320) as window:
        page = window.new_page()
        states = "shortlist?friday=2027-01-01", "bookmarks?q=nothing+like+it", f"bookmarks/{first.id}?done=page-added"
        for path in states:
            page.goto(f"{site[0]}/desk/{path}")
            page.evaluate(UNFOLD)
            check(page, path, also="dark")
        page.goto(f"{site[0]}/desk/add")
        follow(page.get_by_role("button", name="Shortlist it"))
        expect(page.locator(".errors")).to_be_focused()
        check(page, "errors", also="dark")
        page.goto(f"{site[0]}/desk/bookmarks/{first.id}")
        site[1].desk.note(first.id, "Somebody was faster.")
        follow(page.get_by_role("button", name="Save"))
        page.get_by_role("heading", name="What is saved now").wait_for()
        check(page, "conflict", also="dark")
        check_thumbs(page, "conflict")


def test_the_week_is_gone_through_by_single_keys(browser: Browser, site: Site) -> None:
    with context(browser, site) as window:
        page = window.new_page()
        page.goto(f"{site[0]}/desk/shortlist")
        page.keyboard.press("j")
        rests_on(page, FIRST)
        press(page, "x", settles=FIRST)
        rests_on(page, SECOND)  # the focus is on the next one
        expect(page.locator("#said")).to_have_text(re.compile("^Dropped: "))
        press(page, "c", settles=SECOND)
        rests_on(page, THIRD)
        assert [one.title[:9] for one in site[1].desk.week()][:2] == [THIRD, "https://p"]
        page.keyboard.press("u")
        page.get_by_role("link", name=SECOND, exact=False).first.wait_for()
        page.keyboard.press("u")
        page.get_by_role("link", name=FIRST, exact=False).first.wait_for()
        assert len(site[1].desk.week()) == 5
        page.locator("h2 a").first.focus()
        with page.expect_navigation():
            page.keyboard.press("e")
        rests_on(page, "Note")
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
    browser: Browser, site: Site
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
        rests_on(form, "Note")
        form.keyboard.type("Says it plainly.")
        with form.expect_navigation():
            form.keyboard.press("Control+Enter")
        assert form.get_by_role("status").first.inner_text().startswith("It is on the shortlist.")
        added = site[1].desk.week()[-1]
        assert (added.url, added.note) == (f"{site[0]}/accessibility", "Says it plainly.")


def test_all_of_it_works_without_scripts_by_keyboard(browser: Browser, site: Site) -> None:
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
