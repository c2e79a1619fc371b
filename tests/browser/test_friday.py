"""The whole Friday, from the inbox to the published digest, by keyboard alone: by single keys, and without scripts."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest
from playwright.sync_api import Browser, Page, expect

from aggregator.app import App
from aggregator.model import DigestStatus, Form, Sought, Verdict
from tests.browser.serving import Site, serving
from tests.browser.window import context, focused, rests_on
from tests.builders import FRIDAY
from tests.web.doors import PASSWORD
from tests.web.week import a_week

SLUG = FRIDAY.isoformat()
ENTRIES = 30
LIKED = (3, 12, 15, 22)
NOTED = (1, 10, 20)
NOTES = ("Honest about what went wrong.", "For whoever writes letters.", "Short, and it works.")
HERE = """(() => { const one = document.activeElement;
  return (one.labels?.[0] ?? one).textContent.trim().replace(/\\s+/g, " ") })()"""


class Hands:
    """Somebody at a keyboard: every key is counted, but for the letters of words that are written."""

    def __init__(self, page: Page, *, scripts: bool = True) -> None:
        self.page = page
        self.keys = 0
        self._scripts = scripts

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)
            self.keys += 1

    def write(self, words: str) -> None:
        self.page.keyboard.type(words)

    def go(self, *keys: str) -> None:
        """Press keys that lead to another page, the last of which does."""
        self.press(*keys[:-1])
        with self.page.expect_navigation():
            self.press(keys[-1])

    def reach(self, name: str, *, key: str = "Tab", most: int = 150) -> None:
        """Press Tab until what has that name has the focus."""
        for _ in range(most):
            self.press(key)
            if self.here().startswith(name):
                return
        raise AssertionError(f"the keyboard does not reach {name}")

    def here(self) -> str:
        """The name of what has the focus."""
        return str(self.page.evaluate(HERE)) if self._scripts else focused(self.page)


@pytest.fixture
def site(tmp_path: Path, browser: Browser) -> Iterator[Site]:
    """A desk with thirty entries that nobody has judged; after the browser, so nothing is built where there is none."""
    with serving(tmp_path, begin) as made:
        yield made


def begin(app: App) -> None:
    with app.db.write() as tx:
        a_week(tx, plain=ENTRIES - 7)
    app.subscribers.bring_in("email\nreader@example.org\n", basis="asked on paper, on 3 March 2026")


def sign_in(hands: Hands, site: Site) -> None:
    hands.page.goto(f"{site[0]}/desk")
    hands.reach("Email address")
    hands.write("ann@example.org")
    hands.press("Tab")
    hands.write(PASSWORD)
    hands.go("Enter")
    assert hands.page.title().startswith("Overview")


def judged(app: App, verdict: Verdict) -> int:
    return len(app.desk.look(Sought(verdict=verdict), limit=50).lines)


def told(page: Page, start: str) -> None:
    expect(page.locator("#said")).to_contain_text(start)


def test_a_whole_friday_by_keyboard(browser: Browser, site: Site) -> None:
    with context(browser, site, signed_in=False) as window:
        hands = Hands(window.new_page())
        sign_in(hands, site)
        hands.go("g", "i")
        triage(hands, site[1])
        add_a_page(hands, site)
        hands.page.bring_to_front()
        draft(hands, site[1])
        reorder(hands, site[1])
        write(hands, site[1])
        preview(hands)
        approve(hands, site[1])
        publish(hands, site[1])
    check_what_is_out(site[1])


def triage(hands: Hands, app: App) -> None:
    """Thirty entries: twenty-three dismissed, seven shortlisted, three of those with a note; one key each."""
    hands.press("j")
    for n in range(ENTRIES):
        title = hands.here()
        before = hands.keys
        if n in NOTED:
            hands.press("n")
            expect(hands.page.get_by_label(f"Note on {title}")).to_be_focused()
            hands.write(NOTES[n // 10])
            hands.page.keyboard.press("Control+Enter")  # ends the note, as a full stop does
            told(hands.page, f"Shortlisted: {title}")
        elif n in LIKED:
            hands.press("s")
            told(hands.page, f"Shortlisted: {title}")
        else:
            hands.press("x")
            told(hands.page, f"Dismissed: {title}")
        assert hands.keys - before == 1, title
    assert (judged(app, Verdict.UNJUDGED), judged(app, Verdict.SHORTLISTED)) == (0, 7)
    assert {one.note for one in app.desk.week()} == {"", *NOTES}


def add_a_page(hands: Hands, site: Site) -> None:
    """Some page on the web, by the bookmarklet, with a note."""
    page = hands.page
    page.goto(f"{site[0]}/desk/add/how")
    address = page.get_by_role("link", name="Add to Five for Friday").get_attribute("href") or ""
    page.goto(f"{site[0]}/privacy")
    with page.expect_popup() as opened:
        page.evaluate(unquote(address.removeprefix("javascript:")))  # as the button in the browser's bar does
    form = Hands(opened.value)
    form.page.wait_for_load_state()
    rests_on(form.page, "Note")
    form.write("Says it plainly.")
    form.go("Control+Enter")
    assert form.keys == 1
    assert site[1].desk.week()[-1].url == f"{site[0]}/privacy"
    form.page.close()
    page.goto(f"{site[0]}/desk/inbox")


def draft(hands: Hands, app: App) -> None:
    """From the inbox by way of the shortlist to a full draft: the keys g, s and d."""
    before = hands.keys
    hands.go("g", "s")
    hands.go("d")
    assert hands.keys - before == 3
    made = app.editor.digest(SLUG)
    assert len(made.picks) == 5
    assert {*NOTES, "Says it plainly."} <= {pick.commentary for pick in made.picks}, "notes are commentary already"


def reorder(hands: Hands, app: App) -> None:
    """The second pick first."""
    before = [pick.bookmark_id for pick in app.editor.digest(SLUG).picks]
    hands.press("j", "j", "K")
    expect(hands.page.locator("#picks li").first).to_have_id(f"pick-{before[1]}")
    assert [pick.bookmark_id for pick in app.editor.digest(SLUG).picks] == [before[1], before[0], *before[2:]]
    assert hands.page.evaluate("document.activeElement.closest('li')?.id") == f"pick-{before[1]}"


def write(hands: Hands, app: App) -> None:
    """What no note has said yet, and the sentence on top."""
    for pick in app.editor.digest(SLUG).picks:
        hands.page.locator(f"#pick-{pick.bookmark_id} [data-focus]").focus()
        if not pick.commentary:
            hands.press("c")
            hands.write(f"Worth it for the {pick.position}th paragraph.")
            hands.press("Escape")
    hands.press("i")
    hands.write("Leaves are down, spirits are up.")
    hands.press("Escape")
    expect(hands.page.locator("#saved")).to_have_text("Saved")
    saved = app.editor.digest(SLUG)
    assert saved.intro == "Leaves are down, spirits are up."
    assert all(pick.commentary for pick in saved.picks)


def preview(hands: Hands) -> None:
    """Mail, text, page and Markdown, as they will go out."""
    frame = hands.page.frame_locator("#preview")
    hands.reach("Email")
    for form in ("Text", "Page", "Markdown"):
        hands.press("ArrowRight")
        assert hands.here() == form
        expect(frame.get_by_text("Leaves are down, spirits are up.").first).to_be_visible()
        expect(frame.get_by_text(NOTES[0]).first).to_be_visible()


def approve(hands: Hands, app: App) -> None:
    hands.reach("Approve", key="Shift+Tab")
    hands.press("Enter")
    expect(hands.page.locator("#standing")).to_contain_text("Approved")
    assert app.editor.digest(SLUG).status is DigestStatus.APPROVED


def publish(hands: Hands, app: App) -> None:
    hands.reach("Publish now…")
    hands.go("Enter")
    assert hands.page.title().startswith("Publish Five for Friday")
    assert app.editor.digest(SLUG).status is DigestStatus.APPROVED, "it is asked once more"
    hands.go("y")


def check_what_is_out(app: App) -> None:
    out = app.editor.digest(SLUG)
    assert (out.status, out.number, len(out.picks)) == (DigestStatus.PUBLISHED, 1, 5)
    app.outbox.flush()
    (mail,) = (app.settings.data / "mail").glob("*.eml")
    page = app.editor.rendering(SLUG, Form.PAGE)
    for words in (*NOTES, "Says it plainly.", "Leaves are down, spirits are up."):
        assert words in page
        assert words.split(",")[0] in mail.read_text()


def test_a_friday_by_keyboard_without_scripts(browser: Browser, site: Site) -> None:
    """Every step is a form and a page: judge, note, add a page, draft, reorder, write, look, approve, publish."""
    app = site[1]
    with context(browser, site, signed_in=False, scripts=False, width=320) as window:
        hands = Hands(window.new_page(), scripts=False)
        sign_in(hands, site)
        hands.reach("Inbox")
        hands.go("Enter")
        hands.reach("Dismiss The newest of all")
        hands.go("Enter")
        hands.reach("Shortlist One piece in two blogs")
        hands.go("Enter")
        hands.reach("Add a note Beth")
        hands.go("Enter")
        hands.reach("Note on Beth")
        hands.write(NOTES[0])
        hands.reach("Shortlist with this note", most=3)
        hands.go("Enter")
        assert (judged(app, Verdict.DISMISSED), judged(app, Verdict.SHORTLISTED)) == (1, 2)
        hands.page.goto(f"{site[0]}/desk/add?address={site[0]}/privacy")
        rests_on(hands.page, "Note")
        hands.write("Says it plainly.")
        hands.reach("Shortlist it", most=3)
        hands.go("Enter")
        hands.reach("← Shortlist", key="Shift+Tab")
        hands.go("Enter")
        hands.reach("Draft Friday")
        hands.go("Enter")
        assert len(app.editor.digest(SLUG).picks) == 3
        write_by_forms(hands, app)
        check_preview(hands, site)
        publish_by_forms(hands, app)
    assert "Leaves are down." in app.editor.rendering(SLUG, Form.PAGE)


def write_by_forms(hands: Hands, app: App) -> None:
    """What stands in one form goes with every button of it."""
    first, second, _ = app.editor.digest(SLUG).picks
    hands.reach("Intro")
    hands.write("Leaves are down.")
    hands.reach(f"Commentary on {first.title}")
    hands.write("Two blogs, one piece.")
    hands.reach(f"Up {second.title}")
    hands.go("Enter")
    saved = app.editor.digest(SLUG)
    assert [pick.bookmark_id for pick in saved.picks[:2]] == [second.bookmark_id, first.bookmark_id]
    assert (saved.intro, saved.picks[1].commentary) == ("Leaves are down.", "Two blogs, one piece.")


def check_preview(hands: Hands, site: Site) -> None:
    """The frame shows what was saved; a button shows it in the form that is chosen."""
    frame = hands.page.frame_locator("#preview")
    expect(frame.get_by_text("Two blogs, one piece.")).to_be_visible()
    hands.reach("Email")
    hands.press("ArrowRight")
    assert hands.here() == "Text"
    hands.reach("Show", most=5)
    hands.press("Enter")
    expect(frame.locator("pre")).to_contain_text("Two blogs, one piece.")


def publish_by_forms(hands: Hands, app: App) -> None:
    hands.reach("Approve", key="Shift+Tab")
    hands.go("Enter")
    assert app.editor.digest(SLUG).status is DigestStatus.APPROVED
    hands.reach("Publish now…")
    hands.go("Enter")
    hands.reach("Publish it now")
    hands.go("Enter")
    assert app.editor.digest(SLUG).status is DigestStatus.PUBLISHED
