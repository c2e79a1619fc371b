"""Blogs for the feeds page: one in every state, a half-year of entries, and a feeds file that names them."""

from datetime import date, timedelta
from typing import Any

from sqlalchemy import insert

from aggregator.app import App
from aggregator.feeds import opml
from aggregator.feeds.follow import as_listing
from aggregator.model import FeedStatus, Offer
from aggregator.store import offers
from aggregator.store.schema_activity import feed_weeks
from tests.rows import WEDNESDAY, follow_a_feed

MONDAY = date(2026, 11, 16)
NAMES = {
    "failing": "Ambridge Borough Council – Digital",
    "page": "Felpersham Digital",
    "gone": "Loxley Barrett Parish Notes",
    "moved": "Penny Hassett – Weeknotes",
    "quiet": "A quiet leader",
    "new": "Darrington Service Design",
    "well": "Borsetshire Digital",
    "busy": "Central government service design",
    "paused": "Waterley Cross",
}


def follow_all(app: App) -> dict[str, int]:
    """Follow them; their ids by what is the matter with each."""
    made: dict[str, dict[str, Any]] = {
        "failing": {
            "failures": 4,
            "failure_reason": "status",
            "failure_message": "The server answers with 500. Ask the site's owner to mend it.",
        },
        "page": {
            "failures": 1,
            "failure_reason": "page",
            "failure_message": "There is a web page where the feed was. It names feeds of its own",
        },
        "gone": {"status": "gone", "failures": 2, "failure_message": "It is gone for good (410)."},
        "moved": {
            "moved_to": "https://new.penny.example/feed",
            "moved_since": WEDNESDAY - timedelta(days=9),
            "newest_entry_at": WEDNESDAY,
        },
        "quiet": {"newest_entry_at": WEDNESDAY - timedelta(days=400), "kind": "Leaders"},
        "new": {"polled_at": None, "succeeded_at": None},
        "well": {"newest_entry_at": WEDNESDAY - timedelta(hours=5), "region": "Wales"},
        "busy": {"newest_entry_at": WEDNESDAY, "kind": "Central government"},
        "paused": {"status": "paused"},
    }
    ids = {}
    with app.db.write() as tx:
        for key, given in made.items():
            ids[key] = follow_a_feed(tx, title=NAMES[key], **given)
        offers.replace(tx, ids["page"], [Offer(url="https://felpersham.example/posts/feed", title="Posts")], WEDNESDAY)
        for number, (key, often) in enumerate({"well": 1, "busy": 9, "moved": 2, "failing": 1}.items()):
            for week in range(26):
                posted = (week * 7 + number * 3) % (often + 2)
                if posted:
                    row = {"feed_id": ids[key], "week": MONDAY - timedelta(weeks=week), "entries": posted}
                    tx.execute(insert(feed_weeks).values(**row, last_entry_id=0))
    write_file(app)
    return ids


def write_file(app: App) -> None:
    """The feeds file, as it lists what is not paused."""
    listed = [as_listing(feed) for feed in app.follow.feeds() if feed.status is not FeedStatus.PAUSED]
    app.settings.feeds.write_text(opml.write(listed, title="Blogs"), encoding="utf-8")
