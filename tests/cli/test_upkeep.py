"""`five feeds health` and `five feeds edits`, on blogs that moved, closed or put up a page."""

import json
from pathlib import Path

from sqlalchemy import select

from aggregator.demo.server import FeedServer
from aggregator.feeds.opml import read, write
from aggregator.model import Listing
from aggregator.store.database import Database
from aggregator.store.schema import feeds
from tests.cli.conftest import Five
from tests.poll.values import an_rss
from tests.rows import ask_a_hub


def listing(server: FeedServer, title: str) -> Listing:
    return Listing(title=title, xml_url=server.url(f"/{title}"), html_url=server.url("/"), kind="Councils")


def test_what_hubs_answered_is_said(five: Five, folder: Path, server: FeedServer) -> None:
    listings = [listing(server, "pushed"), listing(server, "alone")]
    (folder / "feeds.opml").write_text(write(listings, title="Blogs"), encoding="utf-8")
    five("feeds", "sync")
    database = Database(folder / "five-data" / "five.sqlite")
    with database.write() as tx:
        pushed = tx.scalar(select(feeds.c.id).where(feeds.c.title == "pushed"))
        assert pushed
        ask_a_hub(tx, pushed, message="The hub answered with status 500.")
    database.close()
    found = {one["title"]: one["hub"] for one in json.loads(five("feeds", "health", "--json").out)}
    assert found == {
        "pushed": "Its hub was asked to send what is new, and has not agreed yet. "
        "When last asked: The hub answered with status 500. The feed is polled as usual.",
        "alone": "",
    }
    assert "The feed is polled as usual." in " ".join(five("feeds", "health").out.split())


def test_a_page_where_a_feed_was_is_said_and_a_feed_of_it_is_taken_by_its_id(
    five: Five, folder: Path, server: FeedServer
) -> None:
    server.says("/well", an_rss(1))
    server.says(
        "/page",
        "<html><head><link rel=alternate type=application/rss+xml href=/new></head><p>",
        content_type="text/html",
    )
    server.says("/new", an_rss(2))
    file = folder / "feeds.opml"
    file.write_text(write([listing(server, "page"), listing(server, "well")], title="Blogs"), encoding="utf-8")
    five("feeds", "sync")
    five("poll")
    first, second = json.loads(five("feeds", "health", "--json").out)
    assert (first["title"], first["state"], first["offers"]) == (
        "page",
        "failing",
        [{"url": server.url("/new"), "title": ""}],
    )
    assert "five feeds edits" in first["advice"]
    assert (second["title"], second["state"], second["advice"]) == ("well", "well", "")
    assert second["next_poll_reason"]
    assert "1 failing, 1 well." in five("feeds", "health").out
    before = file.read_text(encoding="utf-8")
    assert "for you to choose" in five("feeds", "edits").out
    assert "0 changes made." in five("feeds", "edits", "--apply").out
    assert file.read_text(encoding="utf-8") == before
    [edit] = json.loads(five("feeds", "edits", "--json").out)
    assert five("feeds", "edits", "--apply", edit["id"]).code == 0
    assert read(file.read_bytes())[0].xml_url == server.url("/new")
    assert "1 new entry" in five("poll").out
    assert five("feeds", "edits").out == "Nothing to change.\n"
    assert five("feeds", "edits", "--apply", "99").code != 0
