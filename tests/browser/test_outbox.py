"""Subscribers and outbox as editors meet them: by axe's rules, wide and narrow, by keyboard, without scripts."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from aggregator.app import App
from aggregator.model import SubscriberStatus
from aggregator.store import deliveries
from tests.browser.rules import UNFOLD, check, check_large_text, check_thumbs
from tests.browser.serving import Site, serving
from tests.browser.window import context, follow, go, rests_on, tab_to
from tests.rows import WEDNESDAY
from tests.web.readership import LAST, fill_register, post_all, states

SLUG = LAST.isoformat()
DIGEST = f"/desk/outbox/digests/{SLUG}"
LIST = b"email\nnew@example.org\nreader5@example.org\nnobody\n"


def fill(app: App) -> None:
    fill_register(app)
    post_all(app)


@pytest.fixture
def site(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[Site]:
    """A desk with readers; made anew, because they are sent to and erased; after the browser."""
    with serving(tmp_path_factory.mktemp("readers"), fill) as served:
        yield served


def test_what_a_walk_does_not_meet_keeps_to_the_rules(browser: Browser, site: Site) -> None:
    """Mails in every state, who has to confirm, all paused, then held; the plain pages are in test_every_page."""
    address, app = site
    with context(browser, site, width=320) as window:
        page = window.new_page()
        for path in ("/desk/outbox", f"{DIGEST}?state=all", "/desk/subscribers?status=pending", "paused", "held"):
            if path == "paused":
                app.outbox.pause()
            elif path == "held":
                with app.db.write() as tx:
                    deliveries.hold(tx, f"This database was copied from /{'w' * 90}.", now=WEDNESDAY)
            page.goto(address + (path if path.startswith("/") else "/desk/outbox"))
            page.evaluate(UNFOLD)
            check(page, path, also="dark")
            check_thumbs(page, path)
            check_large_text(page, path)


def test_errors_are_found_by_axe_and_have_the_focus(browser: Browser, site: Site) -> None:
    with context(browser, site) as window:
        page = window.new_page()
        for path, button in (
            ("/desk/subscribers", "Ask them by mail"),
            ("/desk/subscribers/import", "See what would happen"),
            (DIGEST, "Send again"),
        ):
            page.goto(site[0] + path)
            follow(page.get_by_role("button", name=button, exact=True))
            expect(page.locator(".errors")).to_be_focused()
            check(page)


def test_numbers_follow_and_the_focus_stays(browser: Browser, site: Site) -> None:
    address, app = site
    with context(browser, site) as window:
        page = window.new_page()
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url) if "progress" in request.url else None)
        page.clock.install(time=0)
        page.clock.pause_at(1)  # or it would ask by itself while a slow machine presses Tab
        page.goto(f"{address}/desk/outbox")
        tab_to(page, "Pause all sending")
        app.outbox.stop(SLUG)
        page.clock.run_for(10_500)
        page.get_by_text("25 skipped").wait_for()
        rests_on(page, "Pause all sending")
        page.clock.run_for(60_000)
        page.evaluate("fetch('/desk/outbox')")  # whatever was asked before that was heard of
        assert len(asked) == 1, "when nothing is left, nothing is asked for any more"


@pytest.mark.parametrize("scripts", [True, False])
def test_single_readers_are_decided_by_keyboard(browser: Browser, site: Site, scripts: bool) -> None:
    address, app = site
    with context(browser, site, scripts=scripts) as window:
        page = window.new_page()
        page.goto(f"{address}/desk/outbox")
        tab_to(page, "Decide what became of them")
        go(page)
        tab_to(page, "reader2@example.org")
        page.keyboard.press("Space")
        tab_to(page, "Count as sent")
        go(page)
        assert "Settled as sent." in page.locator(".done").inner_text()
        assert states(app, SLUG)["sent"] == 31


def test_a_digest_is_stopped_without_scripts_and_asks_once(browser: Browser, site: Site) -> None:
    address, app = site
    with context(browser, site, scripts=False, width=320) as window:
        page = window.new_page()
        page.goto(address + DIGEST)
        button = page.get_by_role("button", name="Send it to nobody more")
        assert not button.is_visible()
        page.get_by_text("Stop sending this digest").click()
        with page.expect_navigation():
            button.click()
        assert states(app, SLUG)["skipped"] == 25


def test_a_list_is_imported_without_scripts(browser: Browser, site: Site) -> None:
    address, app = site
    with context(browser, site, scripts=False, width=320) as window:
        page = window.new_page()
        page.goto(f"{address}/desk/subscribers/import")
        page.get_by_label("CSV file").set_input_files({"name": "a.csv", "mimeType": "text/csv", "buffer": LIST})
        with page.expect_navigation():
            page.get_by_role("button", name="See what would happen").click()
        assert "1 person would become a subscriber" in page.locator(".lead").inner_text()
        page.get_by_label("When, where and how").fill("asked on paper at our meeting of 3 March")
        with page.expect_navigation():
            page.get_by_role("button", name="Add this person").click()
        assert "from the next digest on" in page.locator(".done").inner_text()
        assert app.register.found("new@")[0].status is SubscriberStatus.ACTIVE


def test_somebody_is_searched_and_erased_by_keyboard(browser: Browser, site: Site) -> None:
    address, app = site
    with context(browser, site) as window:
        page = window.new_page()
        page.goto(f"{address}/desk/subscribers")
        page.keyboard.press("/")
        rests_on(page, "Part of an address")
        page.keyboard.type("reader17@")
        go(page)
        page.keyboard.press("j")
        rests_on(page, "reader17@example.org")
        go(page)
        while not page.locator("summary:focus", has_text="Erase this person").count():
            page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        tab_to(page, "Erase for ever reader17@example.org")
        go(page)
        assert "Erased." in page.locator(".done").inner_text()
        assert app.register.found("reader17@") == ()
