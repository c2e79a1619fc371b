"""Pictures of the desk's pages, to look at: `python -m tests.browser.look_desk FOLDER`, or some: `... FOLDER NAME`."""

import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

from playwright.sync_api import sync_playwright

from aggregator.app import App
from tests.browser.chromium import launched
from tests.browser.rules import SCHEMES
from tests.browser.serving import serving
from tests.browser.test_desk import fill
from tests.web.blogs import follow_all
from tests.web.readership import fill_register, post_all
from tests.web.shelf import bookmark_all
from tests.web.week import a_week

PAGES = {
    "sign-in": "/sign-in",
    "overview": "/desk",
    "inbox": "/desk/inbox",
    "inbox-opened": "/desk/inbox?state=unjudged",
    "inbox-shortlisted": "/desk/inbox?state=shortlisted",
    "inbox-search": "/desk/inbox?q=letters&state=any&when=ever",
    "inbox-empty": "/desk/inbox?q=nothing&kind=slides",
    "entry": "/desk/entries/{long}?pictures=",
    "shortlist": "/desk/shortlist",
    "shortlist-empty": "/desk/shortlist?friday=2027-01-01",
    "digests": "/desk/digest",
    "digest": "/desk/digests/2026-11-20",
    "digest-out": "/desk/digests/2026-11-13",
    "digest-copy": "/desk/digests/2026-11-20/copy",
    "digest-publish": "/desk/digests/2026-11-20/publish",
    "bookmarks": "/desk/bookmarks",
    "bookmark": "/desk/bookmarks/1?done=page-added",
    "add": "/desk/add?address=https://blog.example.org/post",
    "add-how": "/desk/add/how",
    "suggestions": "/desk/suggestions",
    "people": "/desk/people",
    "account": "/account",
    "outbox": "/desk/outbox",
    "outbox-digest": "/desk/outbox/digests/2026-10-30",
    "subscribers": "/desk/subscribers",
    "subscriber": "/desk/subscribers/1",
    "subscribers-import": "/desk/subscribers/import",
    "feeds": "/desk/feeds",
    "feed": "/desk/feeds/2",
    "feeds-add": "/desk/feeds/add?address=https://blog.example.org",
    "feeds-edits": "/desk/feeds/edits",
    "feeds-upload": "/desk/feeds/upload",
}
PRESSED = {
    "inbox-opened": ("#h{long}", "#n{welsh}", "#d{wide}"),
    "inbox-shortlisted": ("#n{twin}",),
}
"""What is pressed on pages where all that opens is to be open."""


def look(folder: Path, *names: str) -> None:
    """Write one PNG for each page, or each of those, width and colour scheme."""
    folder.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as house,
        serving(Path(house), fill_desk) as (address, app),
        sync_playwright() as playwright,
        launched(playwright) as browser,
    ):
        token = app.people.enter("ann@example.org").token
        given = fill_inbox(app)
        for name in names or PAGES:
            for width in (320, 1200):
                for scheme in SCHEMES:
                    window = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
                    if name != "sign-in":
                        window.add_cookies([{"name": "five", "value": token, "url": address}])
                    page = window.new_page()
                    page.goto(address + PAGES[name].format(**given))
                    if name in PRESSED:
                        page.evaluate("document.querySelectorAll('main details').forEach(one => { one.open = true })")
                    for selector in PRESSED.get(name, ()):
                        page.locator(selector.format(**given)).click()
                        page.wait_for_load_state("networkidle")
                    page.screenshot(path=folder / f"{name}-{width}-{scheme}.png", full_page=True)
                    for undo in page.locator(".settled [data-undo]").all():
                        undo.click()
                        page.wait_for_load_state("networkidle")
                    window.close()


def fill_inbox(app: App) -> dict[str, int]:
    """An inbox in the middle of its week, with what two curators made of it; its entries by what is special."""
    with app.db.write() as tx:
        tx.exec_driver_sql("UPDATE entries SET filed = 1")
        week = a_week(tx)
    ann, bob = (app.people.enter(f"{name}@example.org").session.curator.id for name in ("ann", "colleague"))
    app.desk.shortlist_entry(week.twin, "Good on *who was left out*.", by=bob)
    app.desk.shortlist_entry(week.newest, by=ann)
    app.desk.dismiss([week.untitled], by=bob)
    return asdict(week)


def fill_desk(app: App) -> None:
    """A desk with a week on it."""
    for fill_part in (fill, follow_all, bookmark_all, fill_register, post_all):
        fill_part(app)


if __name__ == "__main__":
    look(Path(sys.argv[1]), *sys.argv[2:])
