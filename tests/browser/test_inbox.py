"""The inbox as curators meet it: by one key each, by hand, with a screen reader's ears, with and without scripts."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from aggregator.app import App
from aggregator.demo.server import FeedServer
from aggregator.model import Role, Sought, Verdict
from tests.browser.rules import UNFOLD, check, check_large_text, check_thumbs
from tests.browser.serving import Site, serving
from tests.browser.window import context, focused, follow, go, rests_on, tab_to
from tests.rows import WEDNESDAY, add_entry
from tests.web.week import EXCERPT, Week, a_week

PICTURE = '<svg xmlns="http://www.w3.org/2000/svg" width="30" height="20"><rect width="30" height="20"/></svg>'
NEXT = "One piece in two blogs"
"""The third from the top."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[Site]:
    """Asked for after the browser, so that nothing is built where there is none."""
    with serving(tmp_path_factory.mktemp("inbox"), lambda app: app.people.add("bob@example.org", Role.CURATOR)) as made:
        yield made


@pytest.fixture
def week(site: Site) -> Week:
    """A week that nobody has judged anything of."""
    return anew(site)


def anew(site: Site, *, plain: int = 24) -> Week:
    with site[1].db.write() as tx:
        tx.exec_driver_sql("DELETE FROM bookmarks")
        tx.exec_driver_sql("UPDATE entries SET filed = 1, dismissed_at = NULL, dismissed_by = NULL")
        return a_week(tx, plain=plain)


def opened(window: BrowserContext, site: Site, query: str = "") -> Page:
    page = window.new_page()
    page.goto(f"{site[0]}/desk/inbox{query}")
    return page


def judged(app: App, verdict: Verdict) -> list[str]:
    return [line.title for line in app.desk.look(Sought(verdict=verdict), limit=50).lines]


def bob(app: App) -> int:
    return next(curator.id for curator in app.people.curators() if curator.email == "bob@example.org")


def heard(page: Page, words: str) -> None:
    expect(page.locator("#said")).to_have_text(words)


def test_a_key_each(browser: Browser, site: Site, week: Week) -> None:
    app = site[1]
    with context(browser, site) as window:
        page = opened(window, site)
        page.keyboard.press("j")
        rests_on(page, "The newest of all")
        page.keyboard.press("x")
        assert focused(page) == "From the counter to the bin", "the focus goes on at once"
        heard(page, "Dismissed: The newest of all")
        page.keyboard.press("s")
        heard(page, "Shortlisted: From the counter to the bin.")
        rests_on(page, NEXT)
        page.keyboard.press("f")
        heard(page, f"Shortlisted: {NEXT}.")
        assert judged(app, Verdict.DISMISSED) == ["The newest of all"]
        assert len(judged(app, Verdict.SHORTLISTED)) == 2
        page.keyboard.press("u")
        heard(page, f"Undone: {NEXT}")
        rests_on(page, NEXT)
        page.keyboard.press("u")
        heard(page, "Undone: From the counter to the bin")
        page.keyboard.press("u")
        heard(page, "Undone: The newest of all")
        rests_on(page, "The newest of all")
        assert judged(app, Verdict.DISMISSED) == judged(app, Verdict.SHORTLISTED) == []
        page.keyboard.press("k")
        assert focused(page) == "The newest of all", "there is nothing above"


def test_an_entry_opens_in_its_place_and_shuts_again(browser: Browser, site: Site, week: Week) -> None:
    with context(browser, site) as window:
        page = opened(window, site)
        page.keyboard.press("j")
        page.keyboard.press("j")
        title = page.locator(f"#h{week.long}")
        expect(title).to_have_attribute("aria-expanded", "false")
        for key in ("o", "Enter"):
            page.keyboard.press(key)
            expect(page.get_by_role("heading", name="What we did", level=4)).to_be_visible()
            expect(title).to_have_attribute("aria-expanded", "true")
            rests_on(page, "From the counter to the bin")
            expect(page.locator(".text img")).to_have_count(0)
            expect(page.get_by_text("Picture: A desk with letters on it")).to_be_visible()
            page.keyboard.press(key)
            expect(page.locator(".text")).to_have_count(0)
        page.keyboard.press("o")
        expect(page.locator(".text")).to_be_visible()
        check(page)


def test_pictures_come_only_when_asked_for(browser: Browser, site: Site, week: Week, server: FeedServer) -> None:
    app = site[1]
    server.says("/a.svg", PICTURE, content_type="image/svg+xml")
    with app.db.write() as tx:
        html = f'<p>Before.</p><img src="{server.url("/a.svg")}" alt="A desk"><script>top.location = "/"</script>'
        entry = add_entry(tx, week.feed, title="With a picture", html=html)
    opening = browser.new_context()
    opening.add_cookies([{"name": "five", "value": app.people.enter("ann@example.org").token, "url": site[0]}])
    refused: list[str] = []
    opening.on("console", lambda said: refused.append(said.text))
    framed: list[str] = []
    opening.on("request", lambda asked: framed.append(asked.url) if asked.url.endswith("/pictures") else None)
    page = opening.new_page()
    page.goto(f"{site[0]}/desk/inbox")
    page.locator(f"#h{entry}").click()
    expect(page.get_by_text("Picture: A desk")).to_be_visible()
    expect(page.get_by_text("They come from 127.0.0.1, which will see that somebody looks.")).to_be_visible()
    assert server.requests == []
    page.get_by_role("link", name="Show its pictures of With a picture").click()
    picture = page.frame_locator("iframe").get_by_role("img", name="A desk")
    expect(picture).to_have_js_property("naturalWidth", 30)
    assert page.frame_locator("iframe").locator(".text").evaluate("e => getComputedStyle(e).overflowWrap") == "anywhere"
    assert [(path, "referer" in {name.lower() for name in headers}) for path, headers in server.requests] == [
        ("/a.svg", False)
    ]
    assert len(framed) == 1
    assert refused, "the text held a script"
    assert all("Blocked script execution" in one for one in refused), refused
    assert page.url == f"{site[0]}/desk/inbox"
    opening.close()


def test_a_note_by_keyboard(browser: Browser, site: Site, week: Week) -> None:
    app = site[1]
    with context(browser, site) as window:
        page = opened(window, site)
        page.keyboard.press("j")
        page.keyboard.press("n")
        expect(page.get_by_label("Note on The newest of all")).to_be_focused()
        page.keyboard.type("just x and s")
        page.keyboard.press("Escape")
        rests_on(page, "The newest of all")
        expect(page.locator("textarea")).to_have_count(0)
        page.keyboard.press("n")
        expect(page.locator("textarea")).to_be_focused()
        page.keyboard.type("Worth five minutes.")
        page.keyboard.press("Control+Enter")
        heard(page, "Shortlisted: The newest of all.")
        rests_on(page, "From the counter to the bin")
        assert [one.note for one in app.desk.week()] == ["Worth five minutes."]
        expect(page.locator(f"#e{week.newest}")).to_contain_text("Shortlisted by you, with a note")
        page.keyboard.press("u")
        heard(page, "Undone: The newest of all")
        expect(page.get_by_label("Note on The newest of all")).to_have_value("Worth five minutes.")


def test_two_curators_see_each_other_and_keep_their_words(browser: Browser, site: Site, week: Week) -> None:
    app = site[1]
    with context(browser, site) as window:
        page = opened(window, site)
        page.locator(f"#n{week.newest}").click()
        page.get_by_label("Note on The newest of all").fill("Mine.")
        app.desk.shortlist_entry(week.newest, "Theirs.", by=bob(app), expected_revision=0)
        app.desk.dismiss([week.twin], by=bob(app))
        page.get_by_role("button", name="Shortlist with this note").click()
        notice = page.locator(".notice")
        expect(notice).to_contain_text("bob wrote a note on this meanwhile.")
        expect(notice).to_contain_text("Theirs.")
        expect(page.locator("textarea")).to_have_value("Mine.")
        expect(page.locator("textarea")).to_be_focused()
        expect(page.locator(f"#m{week.twin}")).to_have_text("Dismissed by bob")
        check(page)
        page.locator("textarea").fill("Theirs. Mine.")
        page.get_by_role("button", name="Save the note").click()
        heard(page, "Note saved: The newest of all.")
        assert [one.note for one in app.desk.week()] == ["Theirs. Mine."]


def test_search_as_you_type_marks_the_words(browser: Browser, site: Site, week: Week) -> None:
    with context(browser, site) as window:
        page = opened(window, site)
        page.keyboard.press("/")
        expect(page.get_by_label("Search titles and texts")).to_be_focused()
        page.keyboard.type("potholes ma")
        heard(page, "4 pieces to judge, this week")
        expect(page.locator("h2 mark")).to_have_text(["Potholes", "map"] * 4)
        expect(page.get_by_label("Search titles and texts")).to_be_focused()
        expect(page).to_have_url(re.compile("q=potholes%20ma"))  # so that it can be loaded again
        page.locator("#q").fill("wythnos")
        heard(page, "1 piece to judge, this week")
        page.locator("#q").fill("nothing like it")
        expect(page.get_by_role("heading", name="Nothing holds these words")).to_be_visible()
        follow(page.get_by_role("link", name="Look through everything, of any age"))
        expect(page.locator("#count")).to_have_text("0 pieces found, of any age")


def test_new_entries_wait_until_they_are_loaded(browser: Browser, site: Site, week: Week) -> None:
    app = site[1]
    with context(browser, site) as window:
        page = window.new_page()
        page.clock.install(time=0)
        page.clock.pause_at(1)
        page.goto(f"{site[0]}/desk/inbox")
        first = page.locator(".entry h2").first.inner_text()
        with app.db.write() as tx:
            for _ in range(2):
                add_entry(tx, week.feed, first_seen_at=WEDNESDAY)
        page.clock.run_for(61_000)
        link = page.get_by_role("link", name="Load 2 new entries")
        expect(link).to_be_visible()
        page.clock.run_for(1000)
        heard(page, "2 new entries")
        assert page.locator(".entry h2").first.inner_text() == first, "the list stays as it is"
        follow(link)
        expect(page.locator(".entry h2").first).not_to_have_text(first)


def test_more_comes_at_the_end(browser: Browser, site: Site, week: Week) -> None:
    with site[1].db.write() as tx:
        for _ in range(20):
            add_entry(tx, week.feed, text=EXCERPT)
    with context(browser, site) as window:
        page = opened(window, site)
        assert page.locator(".entry").count() == 30
        page.locator("#end a").focus()
        page.keyboard.press("m")
        expect(page.locator(".entry")).to_have_count(51)
        expect(page.get_by_text("That is all.")).to_be_visible()
        assert len({one.get_attribute("id") for one in page.locator(".entry").all()}) == 51


def test_the_keys_are_listed_and_can_be_switched_off(browser: Browser, site: Site, week: Week) -> None:
    app = site[1]
    (ann,) = (one for one in app.people.curators() if one.email == "ann@example.org")
    with context(browser, site) as window:
        page = opened(window, site)
        page.keyboard.press("?")
        dialog = page.get_by_role("dialog", name="Keys")
        expect(dialog).to_be_visible()
        check(page)
        page.keyboard.press("Escape")
        expect(dialog).to_be_hidden()
        for first, title in (("g", "Overview"), ("g", "Inbox")):
            page.keyboard.press(first)
            with page.expect_navigation():
                page.keyboard.press(title[0].lower())
            assert page.title().startswith(title)
        app.people.use_single_keys(ann, False)
        page.reload()
        page.keyboard.press("j")
        page.keyboard.press("x")
        assert focused(page) != "The newest of all"
        app.people.use_single_keys(ann, True)
    assert judged(app, Verdict.DISMISSED) == []


def test_the_second_of_two_keys_may_take_its_time(browser: Browser, site: Site, week: Week) -> None:
    with context(browser, site) as window:
        page = window.new_page()
        page.clock.install(time=0)
        page.clock.pause_at(1)
        page.goto(f"{site[0]}/desk/inbox")
        page.keyboard.press("g")
        page.clock.run_for(2500)
        with page.expect_navigation():
            page.keyboard.press("o")
        assert page.title().startswith("Overview")


def test_a_session_that_ended_is_said_and_no_word_is_lost(browser: Browser, site: Site, week: Week) -> None:
    with context(browser, site) as window:
        page = opened(window, site)
        page.locator(f"#n{week.newest}").click()
        page.locator("textarea").fill("A long thought.")
        window.clear_cookies()
        page.get_by_role("button", name="Shortlist with this note").click()
        expect(page.get_by_role("heading", name="That did not work")).to_be_visible()
        expect(page.get_by_label("Note", exact=True)).to_have_value("A long thought.")
        expect(page.locator("#main")).to_be_focused()


def test_without_scripts_every_key_has_a_button(browser: Browser, site: Site, week: Week) -> None:
    app = site[1]
    with context(browser, site, scripts=False) as window:
        page = opened(window, site, "?group=Leaders")
        tab_to(page, "The newest of all")
        tab_to(page, "Shortlist The newest of all")
        go(page)
        expect(page.get_by_role("status").first).to_have_text("Shortlisted.")
        assert page.url.endswith(f"?group=Leaders&done=shortlisted#e{week.welsh}")
        assert page.get_by_text("The newest of all").count() == 0
        follow(page.get_by_role("button", name="Dismiss Beth ddysgon ni"))
        expect(page.get_by_role("status").first).to_have_text("Dismissed.")
        follow(page.get_by_role("button", name="Undo my last"))
        expect(page.get_by_role("status").first).to_have_text("Undone.")
        expect(page.get_by_role("heading", name="Beth ddysgon ni")).to_be_visible()
        follow(page.get_by_role("link", name="Add a note Beth"))
        page.get_by_label("Note on Beth ddysgon ni").fill("Da iawn.")
        follow(page.get_by_role("button", name="Shortlist with this note"))
        expect(page.get_by_role("status").first).to_have_text("Shortlisted.")
        assert [one.note for one in app.desk.week()] == ["", "Da iawn."]
        page.goto(f"{site[0]}/desk/inbox")
        follow(page.get_by_role("link", name="From the counter to the bin", exact=True).first)
        expect(page.get_by_role("heading", name="What we did", level=3)).to_be_visible()
        follow(page.get_by_role("link", name="Back to the inbox"))
        page.get_by_label("Search titles and texts").fill("wythnos")
        follow(page.get_by_role("button", name="Search"))
        expect(page.locator("#count")).to_have_text("0 pieces to judge, this week")


def test_what_a_walk_does_not_meet_keeps_to_the_rules(browser: Browser, site: Site) -> None:
    """Judged by others, searched, nothing found, a form open; the plain page is in test_every_page."""
    app, week = site[1], anew(site, plain=1)
    app.desk.shortlist_entry(week.twin, "Good.", by=bob(app))
    app.desk.dismiss([week.newest, week.wide], by=bob(app))
    paths = (
        "/desk/inbox?state=dismissed",
        "/desk/inbox?q=letters&state=any&when=ever",
        "/desk/inbox?q=nothing",
        f"/desk/entries/{week.twin}/note",
    )
    with context(browser, site, width=320) as window:
        page = window.new_page()
        for path in paths:
            page.goto(site[0] + path)
            page.evaluate(UNFOLD)
            check(page, path, also="dark")


def test_what_narrows_the_list_stands_beside_it_where_there_is_room(browser: Browser, site: Site, week: Week) -> None:
    for width, beside in ((1200, True), (800, False)):
        with context(browser, site, width=width) as window:
            page = opened(window, site)
            assert page.locator("main details").get_attribute("open") == ("" if beside else None)
            form, results = page.locator("form.search").bounding_box(), page.locator("#results").bounding_box()
            assert form
            assert results
            assert (form["x"] > results["x"] + results["width"]) is beside
            assert form["y"] < results["y"]


def test_text_twice_as_large_and_thumbs(browser: Browser, site: Site, week: Week) -> None:
    with context(browser, site, width=640) as window:
        page = opened(window, site)
        page.locator(f"#h{week.long}").click()
        page.locator(f"#n{week.wide}").click()
        page.locator("textarea").wait_for()
        check_thumbs(page)
        check_large_text(page)
