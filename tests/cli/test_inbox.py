"""`five inbox`, `show` and `shortlist` say of what kind a page is, unless it is an article."""

from pathlib import Path

from aggregator.app import open_app
from aggregator.clock import system_clock
from aggregator.settings import load_settings
from tests.cli.conftest import Five
from tests.rows import add_bookmark, add_entry, follow_a_feed


def test_a_podcast_is_known_before_it_is_opened(five: Five, folder: Path) -> None:
    app = open_app(load_settings(folder))
    with app.db.write() as tx:
        feed = follow_a_feed(tx, title="Agile Borough")
        for title, kind in (("Read me", "article"), ("Hear me", "podcast"), ("Print me", "pdf")):
            add_entry(tx, feed, title=title, kind=kind, author=None, first_seen_at=system_clock())
        add_bookmark(tx, title="Watch me", kind="video", friday=app.desk.current_friday())
    app.db.close()
    lines = five("inbox").out.splitlines()
    under = {
        title: lines[number + 1].split(" · ")[0].strip()
        for number, line in enumerate(lines)
        for title in ("Read me", "Hear me", "Print me")
        if title in line
    }
    assert under == {"Read me": "Agile Borough", "Hear me": "Podcast", "Print me": "PDF"}
    assert "Podcast: Agile Borough, " in five("show", 2).out
    assert "\nAgile Borough, " in five("show", 1).out
    assert "Video · https://" in five("shortlist").out
