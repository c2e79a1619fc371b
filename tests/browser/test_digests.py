"""Writing a digest as editors meet it: saved as they type, by keys, by hand, two at once, cut off, without scripts."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, BrowserContext, Dialog, Page, Route, expect

from aggregator.app import App
from aggregator.model import Digest, DigestStatus, Role
from tests.browser.rules import UNFOLD, check, check_thumbs
from tests.browser.serving import Site, serving
from tests.browser.window import context, follow, go, rests_on, tab_to
from tests.builders import FRIDAY
from tests.rows import add_bookmark
from tests.web.press import publish
from tests.web.shelf import bookmark_all

SLUG = FRIDAY.isoformat()
LAST = (FRIDAY - timedelta(weeks=1)).isoformat()
LISTEN = """(() => {
  window.told = [];
  new MutationObserver(all => told.push(...all.map(one => one.addedNodes[0]?.data)))
    .observe(document.getElementById("saved"), { childList: true }) })()"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[Site]:
    """Asked for after the browser, so that nothing is built where there is none."""
    with serving(tmp_path_factory.mktemp("digests"), begin) as made:
        yield made


def begin(app: App) -> None:
    publish(app, FRIDAY - timedelta(weeks=1), intro="Mud.")
    app.people.add("bob@example.org", Role.EDITOR)


@pytest.fixture
def ids(site: Site) -> list[int]:
    """A week with seven bookmarks that nobody has drafted anything of."""
    app = site[1]
    for held in app.editor.all():
        if held.status is not DigestStatus.PUBLISHED:
            app.editor.discard(held.slug)
    with app.db.write() as tx:
        tx.exec_driver_sql("UPDATE bookmarks SET dropped_at = added_at WHERE dropped_at IS NULL")
        return [add_bookmark(tx, title=f"Piece {n}", note="A zebra." if n == 7 else f"Note {n}.") for n in range(1, 8)]


@pytest.fixture
def draft(site: Site, ids: list[int]) -> list[int]:
    """The same, with the first three picked; their ids."""
    site[1].editor.draft()
    site[1].editor.pick(ids[:3], SLUG)
    return ids[:3]


def digest(site: Site) -> Digest:
    return site[1].editor.digest(SLUG)


def picked(site: Site) -> list[int]:
    return [pick.bookmark_id for pick in digest(site).picks]


def opened(window: BrowserContext, site: Site, path: str = f"/desk/digests/{SLUG}") -> Page:
    page = window.new_page()
    page.goto(site[0] + path)
    return page


def saved(page: Page, words: str = "Saved") -> None:
    expect(page.locator("#saved")).to_have_text(words)


def heard(page: Page, words: str) -> None:
    expect(page.locator("#said")).to_have_text(words)


def test_from_the_shortlist_to_a_full_draft_by_one_key(browser: Browser, site: Site, ids: list[int]) -> None:
    with context(browser, site) as window:
        page = opened(window, site, "/desk")
        for key in "gs":
            page.keyboard.press(key)
        page.wait_for_url("**/desk/shortlist")
        page.keyboard.press("d")
        page.wait_for_url("**/desk/digests/**")
        assert picked(site) == ids[:5]
        expect(page.locator("#picks li")).to_have_count(5)


def test_picking_on_the_shortlist_by_one_key_each(browser: Browser, site: Site, ids: list[int]) -> None:
    with context(browser, site) as window:
        page = opened(window, site, "/desk/shortlist")
        page.keyboard.press("j")
        page.keyboard.press("p")
        heard(page, "Picked: Piece 1. 1 of 5")
        rests_on(page, "Piece 1")
        page.keyboard.press("j")
        page.keyboard.press("p")
        heard(page, "Picked: Piece 2. 2 of 5")
        page.keyboard.press("p")
        heard(page, "Taken out: Piece 2. 1 of 5")
        assert picked(site) == ids[:1]
        page.keyboard.press("d")
        page.wait_for_url(f"**/desk/digests/{SLUG}")


def test_it_saves_as_somebody_types_and_shows_what_readers_get(browser: Browser, site: Site, draft: list[int]) -> None:
    with context(browser, site) as window:
        page = opened(window, site)
        page.locator(f"#commentary-{draft[1]}").fill("")
        page.locator(f"#commentary-{draft[1]}").press_sequentially("A thought.")
        saved(page)
        assert digest(site).picks[1].commentary == "A thought."
        expect(page.locator(f"#commentary-{draft[1]}")).to_be_focused()
        expect(page.frame_locator("#preview").get_by_text("A thought.")).to_be_in_viewport()
        page.get_by_label("Markdown").check()
        expect(page.frame_locator("#preview").locator("pre")).to_contain_text("A thought.")
        page.get_by_label("Email").check()
        page.get_by_label("Dark").check()
        body = page.frame_locator("#preview").locator("html")
        expect(body).to_have_css("color-scheme", "dark")
        page.get_by_label("Desktop").check()
        expect(body).to_have_js_property("clientWidth", 800)
        page.get_by_label("Phone").check()
        expect(body).not_to_have_js_property("clientWidth", 800)
        assert page.frame_locator("#preview").locator("html").evaluate("innerWidth") <= 390
        page.reload()
        expect(page.locator("#kept")).to_be_hidden()


def test_it_is_said_to_be_saved_only_when_all_of_it_is(browser: Browser, site: Site, draft: list[int]) -> None:
    with context(browser, site) as window:
        page = opened(window, site)
        page.evaluate(LISTEN)
        held: list[Route] = []
        page.route(page.url, lambda route: held.append(route), times=1)
        intro = page.get_by_label("Intro")
        with page.expect_request(page.url):
            intro.press_sequentially("Leaves")
        intro.press_sequentially(" are down.")
        held[0].continue_()
        saved(page)
        assert digest(site).intro == "Leaves are down."
        told = page.evaluate("told")
        assert told.count("Saved") == 1, told
        heard(page, "")
        intro.blur()
        heard(page, "Saved")  # also when that was before the field was left


def test_a_warning_goes_when_its_cause_does_and_leads_to_folded_fields(
    browser: Browser, site: Site, draft: list[int]
) -> None:
    with context(browser, site) as window:
        page = opened(window, site)
        page.get_by_label("Intro").fill("")
        page.get_by_label("Intro").fill("Leaves are down.")
        page.get_by_label("Intro").blur()
        heard(page, "Saved")
        expect(page.locator("#lint-0")).not_to_contain_text("There is no intro")
        page.locator(f"#pick-{draft[0]} summary").click()
        page.locator(f"#kind-{draft[0]}").select_option("job")
        warning = page.locator(f"#lint-{draft[0]}")
        expect(warning).to_contain_text("The job has no employer and no closing date.")
        page.locator(f"#pick-{draft[0]} summary").click()
        warning.get_by_role("link", name="Fill in who employs").click()
        expect(page.locator(f"#employer-{draft[0]}")).to_be_focused()
        page.locator(f"#language-{draft[0]}").fill("Welsh, mostly")
        page.keyboard.press("Tab")
        saved(page, "Saved, but for what is said below")
        expect(page.locator("#errors")).to_contain_text("a language tag such as en or cy")
        expect(page.locator("#errors h2")).to_have_css("margin-top", "0px")  # as on every other page
        expect(page.locator(f"#language-{draft[0]}")).to_have_value("Welsh, mostly")
        page.locator(f"#language-{draft[0]}").fill("cy")
        saved(page)
        expect(page.locator("#errors")).to_have_count(0)


def test_order_and_picks_by_keys(browser: Browser, site: Site, draft: list[int], ids: list[int]) -> None:
    one, two, three = draft
    with context(browser, site) as window:
        page = opened(window, site)
        page.keyboard.press("j")
        rests_on(page, "Piece 1")
        page.keyboard.press("J")
        heard(page, "Moved: Piece 1, now 2 of 3")
        rests_on(page, "Piece 1")  # the focus goes with it
        page.keyboard.press("J")
        heard(page, "Moved: Piece 1, now 3 of 3")
        page.keyboard.press("K")
        heard(page, "Moved: Piece 1, now 2 of 3")
        assert picked(site) == [two, one, three]
        page.keyboard.press("p")
        heard(page, "Taken out: Piece 1")
        assert picked(site) == [two, three]
        page.locator(f"#shelf-{ids[4]} a").focus()
        page.keyboard.press("p")
        heard(page, "Picked: Piece 5")
        assert picked(site) == [two, three, ids[4]]
        rests_on(page, "Piece 5")
        page.keyboard.press("c")
        page.keyboard.type(" New.")
        page.keyboard.press("Escape")
        rests_on(page, "Piece 5")
        page.keyboard.press("K")
        heard(page, "Moved: Piece 5, now 2 of 3")
        assert digest(site).picks[1].commentary == "Note 5. New.", "what was typed went with it"
        page.keyboard.press("/")
        page.keyboard.type("zebra")
        page.keyboard.press("Enter")
        expect(page.locator("#shelf")).to_contain_text("Piece 7")
        expect(page.locator("#shelf")).not_to_contain_text("Piece 4")


def test_dragging_does_the_same(browser: Browser, site: Site, draft: list[int]) -> None:
    with context(browser, site) as window:
        page = opened(window, site)
        page.set_viewport_size({"width": 1200, "height": 2600})  # so that nothing scrolls in the middle of it
        page.locator(f"#pick-{draft[2]} .grip").drag_to(page.locator(f"#pick-{draft[0]} h3"))
        heard(page, "Moved: Piece 3, now 1 of 3")
        assert picked(site) == [draft[2], draft[0], draft[1]]


def test_what_could_not_be_saved_is_kept_and_put_back(browser: Browser, site: Site, draft: list[int]) -> None:
    with context(browser, site) as window:
        page = opened(window, site)
        window.clear_cookies()
        page.get_by_label("Intro").fill("Written in a tunnel.")
        saved(page, "Not saved")
        expect(page.locator("#said")).to_contain_text("Your words are kept in this browser.")
        expect(page.locator("#said")).to_be_in_viewport()
        asked: list[str] = []

        def leave(dialog: Dialog) -> None:
            asked.append(dialog.type)
            dialog.accept()

        page.on("dialog", leave)
        with page.expect_event("close"):
            page.close(run_before_unload=True)
        assert asked == ["beforeunload"]
        window.add_cookies([{"name": "five", "value": site[1].people.enter("ann@example.org").token, "url": site[0]}])
        page = opened(window, site)
        assert digest(site).intro == ""
        expect(page.locator("#kept")).to_be_visible()
        check(page)
        page.get_by_role("button", name="Put them back").click()
        saved(page)
        assert digest(site).intro == "Written in a tunnel."
        page.reload()
        expect(page.locator("#kept")).to_be_hidden()


def test_going_away_in_the_middle_of_a_word_loses_nothing(browser: Browser, site: Site, draft: list[int]) -> None:
    with context(browser, site) as window:
        page = opened(window, site)
        page.get_by_label("Intro").press_sequentially("Leaves are do")
        page.goto(f"{site[0]}/desk/digest")
        page.goto(f"{site[0]}/desk/digests/{SLUG}")
        if digest(site).intro != "Leaves are do":
            page.get_by_role("button", name="Put them back").click()
            saved(page)
        assert digest(site).intro == "Leaves are do"


def test_two_editors_are_kept_apart(browser: Browser, site: Site, draft: list[int]) -> None:
    app = site[1]
    bob = next(one.id for one in app.people.curators() if one.email == "bob@example.org")
    with context(browser, site) as window:
        page = opened(window, site)
        held = digest(site)
        app.editor.replace(replace(held, intro="Bob’s."), expected_revision=held.revision, by=bob)
        page.get_by_label("Intro").fill("Ann’s.")
        notice = page.locator("#clash")
        expect(notice).to_contain_text("bob@example.org changed this digest meanwhile")
        expect(notice).to_contain_text("Bob’s.")
        expect(page.get_by_label("Intro")).to_have_value("Ann’s.")
        check(page)
        page.get_by_label("Intro").press_sequentially("!")
        page.get_by_label("Intro").blur()
        assert digest(site).intro == "Bob’s.", "a person decides"
        page.get_by_role("button", name="Save", exact=True).click()
        heard(page, "Saved")
        assert digest(site).intro.startswith("Ann’s.") or digest(site).intro.endswith("Ann’s.")
        expect(page.locator("#clash")).to_have_count(0)


def test_approving_scheduling_and_publishing_by_keyboard(browser: Browser, site: Site, draft: list[int]) -> None:
    with context(browser, site) as window:
        page = opened(window, site)
        page.get_by_role("button", name="Approve").focus()
        page.keyboard.press("Enter")
        heard(page, "Approved")
        assert digest(site).status is DigestStatus.APPROVED
        page.get_by_role("button", name="Schedule").click()
        heard(page, "Scheduled")
        page.get_by_role("button", name="Do not publish by itself").click()
        heard(page, "It waits until somebody publishes it")
        page.get_by_label("Outro").fill("The end.")
        page.get_by_role("button", name="Publish now").focus()
        go(page)
        assert page.title().startswith("Publish Five for Friday")
        page.keyboard.press("y")
        page.wait_for_url("**?done=digest-publish")
        done = digest(site)
        assert (done.status, done.outro) == (DigestStatus.PUBLISHED, "The end.")
        page.get_by_label("What was wrong").fill("A name.")
        page.get_by_label("Intro").fill("Put right.")
        page.get_by_role("button", name="Put it right").click()
        page.wait_for_url("**?done=digest-correct")
        assert digest(site).corrections[0].note == "A name."
    with site[1].db.write() as tx:
        for table in ("corrections", "renderings"):
            tx.exec_driver_sql(f"DELETE FROM {table} WHERE digest_id = {done.id}")
        tx.exec_driver_sql(
            f"UPDATE digests SET status = 'draft', published_at = NULL, number = NULL WHERE id = {done.id}"
        )


def test_copying_rich_text_and_markdown(browser: Browser, site: Site, draft: list[int]) -> None:
    with context(browser, site) as window:
        window.grant_permissions(["clipboard-read", "clipboard-write"])
        page = opened(window, site, f"/desk/digests/{SLUG}/copy")
        page.get_by_role("button", name="Copy the rich text").click()
        heard(page, "The rich text is copied.")
        read = """async () => { const [item] = await navigator.clipboard.read();
            return await (await item.getType(item.types.at(-1))).text(); }"""
        html = page.evaluate(read)
        assert "Note 1." in html
        assert "<ol" in html
        assert 'class="masthead' not in html
        page.get_by_role("button", name="Copy the Markdown").click()
        heard(page, "The Markdown is copied.")
        copied = page.evaluate("navigator.clipboard.readText()").replace("\r\n", "\n")
        assert copied.strip() == site[1].editor.rendering(SLUG, "markdown").strip()


def test_a_draft_without_scripts(browser: Browser, site: Site, ids: list[int]) -> None:
    with context(browser, site, scripts=False) as window:
        page = opened(window, site, "/desk/shortlist")
        follow(page.get_by_role("button", name="Draft Friday"))
        expect(page.locator("#picks li")).to_have_count(5)
        page.get_by_label("Intro").fill("Leaves are down.")
        follow(page.get_by_role("button", name="Down Piece 1"))
        expect(page.get_by_role("status").first).to_have_text("Moved.")
        assert page.get_by_label("Intro").input_value() == "Leaves are down."
        follow(page.get_by_role("button", name="Take out Piece 2"))
        expect(page.get_by_role("status").first).to_have_text("Taken out.")
        follow(page.get_by_role("button", name="Pick Piece 7"))
        expect(page.get_by_role("status").first).to_have_text("Picked.")
        assert picked(site) == [ids[0], *ids[2:5], ids[6]]
        expect(page.frame_locator("#preview").get_by_text("Piece 7").first).to_be_visible()
        page.get_by_label("Markdown").focus()
        page.keyboard.press("Space")
        expect(page.get_by_label("Markdown")).to_be_checked()
        page.get_by_role("button", name="Show").click()
        expect(page.frame_locator("#preview").locator("pre")).to_contain_text("Leaves are down.")
        tab_to(page, "Intro")
        follow(page.get_by_role("button", name="Approve"))
        follow(page.get_by_role("button", name="Publish now"))
        expect(page.get_by_role("button", name="Publish it now")).to_be_visible()
        follow(page.get_by_role("link", name="Not yet"))
        assert digest(site).status is DigestStatus.APPROVED


def test_what_a_walk_does_not_meet_keeps_to_the_rules(browser: Browser, site: Site, ids: list[int]) -> None:
    """All formats, picks of every sort, one that is out; the plain pages are in test_every_page."""
    app = site[1]
    week = bookmark_all_once(app)
    app.editor.draft()
    app.editor.pick([*week, *ids[:1]], SLUG)
    app.editor.link(week[0])
    app.editor.draft(format="themed", title="5 talks to hear", bookmark_ids=week[:2])
    slugs = [one.slug for one in app.editor.all() if one.status is not DigestStatus.PUBLISHED]
    assert len(slugs) == 3
    with context(browser, site, width=320) as window:
        page = window.new_page()
        for path in ("/desk/digest", *(f"/desk/digests/{slug}" for slug in (*slugs, LAST)), "/desk/shortlist"):
            page.goto(site[0] + path)
            page.evaluate(UNFOLD)
            check(page, path, also="dark")
            check_thumbs(page, path)


def bookmark_all_once(app: App) -> list[int]:
    """The shelf with everything odd on it; at later calls, what it made at the first."""
    if not any(one.email == "colleague@example.org" for one in app.people.curators()):
        bookmark_all(app)
    with app.db.write() as tx:
        odd = "title LIKE 'What we learnt from closing%' OR kind = 'job' OR kind = 'video' OR note LIKE 'A very long%'"
        tx.exec_driver_sql(f"UPDATE bookmarks SET dropped_at = NULL WHERE {odd}")
        return list(tx.exec_driver_sql(f"SELECT id FROM bookmarks WHERE {odd} ORDER BY id").scalars())
