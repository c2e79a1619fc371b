"""The feeds pages as maintainers meet them: by axe's rules, wide and narrow, by keyboard, with and without scripts."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from aggregator.app import App
from tests.browser.rules import UNFOLD, check, check_large_text, check_thumbs
from tests.browser.serving import Site, serving
from tests.browser.window import context, follow, go, rests_on, tab_to
from tests.rows import follow_a_feed
from tests.web.blogs import NAMES, follow_all

LIST = b'<opml version="2.0"><body><outline text="New" type="rss" xmlUrl="https://new.example/feed"/></body></opml>'


def fill(app: App) -> None:
    """A feed in every state, and one whose words are long."""
    with app.db.write() as tx:
        follow_a_feed(tx, title="w" * 90, failures=1, failure_message=f"https://{'v' * 90}.example/ is down.")
    follow_all(app)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[Site]:
    """Asked for after the browser, so that nothing is built where there is none."""
    with serving(tmp_path_factory.mktemp("feeds"), fill) as served:
        yield served


def test_what_a_walk_does_not_meet_keeps_to_the_rules(browser: Browser, site: Site) -> None:
    """Long words, nothing found, a list that replaces ours; the plain pages are in test_every_page."""
    key = site[1].imports.keep(LIST)
    with context(browser, site, width=320) as window:
        page = window.new_page()
        for path in ("", "/1", "?q=nothing+like+it", f"/import?list={key}&way=replace"):
            page.goto(f"{site[0]}/desk/feeds{path}")
            page.evaluate(UNFOLD)
            check(page, path, also="dark")
            check_thumbs(page, path)
            check_large_text(page, path)


def test_errors_are_found_by_axe_and_by_the_keyboard(browser: Browser, site: Site) -> None:
    with context(browser, site) as window:
        page = window.new_page()
        for path, button in (("/add", "Find its feed"), ("/upload", "See what it would change")):
            page.goto(f"{site[0]}/desk/feeds{path}")
            follow(page.get_by_role("button", name=button))
            expect(page.locator(".errors")).to_be_focused()
            check(page)


def test_the_list_follows_what_is_typed_and_the_focus_stays(browser: Browser, site: Site) -> None:
    with context(browser, site) as window:
        page = window.new_page()
        page.goto(f"{site[0]}/desk/feeds")
        page.keyboard.press("/")
        rests_on(page, "Search")
        page.keyboard.type("borsetshire")
        expect(page).to_have_url(f"{site[0]}/desk/feeds?q=borsetshire&state=&kind=&sort=need")
        page.get_by_role("status").filter(has_text="1 feed.").wait_for()
        expect(page.locator("[data-item]")).to_have_count(1)
        rests_on(page, "Search")


@pytest.mark.parametrize("scripts", [True, False])
def test_a_feed_is_found_paused_and_followed_again_by_keyboard(browser: Browser, site: Site, scripts: bool) -> None:
    with context(browser, site, scripts=scripts) as window:
        page = window.new_page()
        page.goto(f"{site[0]}/desk/feeds")
        tab_to(page, "Search")
        page.keyboard.type("darrington")
        if scripts:
            expect(page).to_have_url(re.compile(r"q=darrington&"))  # part of the word would find it too
            page.get_by_role("status").filter(has_text="1 feed.").wait_for()
        else:
            go(page)
        tab_to(page, NAMES["new"])
        go(page)
        for button, said in (("Pause", "It is paused."), ("Follow again", "It is followed again")):
            tab_to(page, button)
            go(page)
            assert said in page.get_by_role("status").filter(has_text="It is").inner_text()


def test_a_list_is_uploaded_and_taken_over_without_scripts(browser: Browser, site: Site) -> None:
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


def test_edits_are_chosen_and_their_difference_shown(browser: Browser, site: Site) -> None:
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
