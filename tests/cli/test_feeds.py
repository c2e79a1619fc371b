"""`five feeds`: add by a page's address, check, sync, list, export."""

import json
from pathlib import Path

import pytest

from aggregator.demo.server import FeedServer
from aggregator.feeds.opml import read
from tests.cli.conftest import Five

FILE = """<?xml version="1.0" encoding="UTF-8"?>
<opml version="2.0" xmlns:mine="urn:mine">
  <!-- keep this -->
  <body>
    <outline text="Leaders">
        <outline text="Old" xmlUrl="https://old.example/feed" mine:colour="green"/>
    </outline>
  </body>
</opml>
"""


def page_with(*links: str) -> str:
    found = "".join(
        f'<link rel="alternate" type="application/rss+xml" title="Feed {n}" href="{link}">'
        for n, link in enumerate(links, 1)
    )
    return f"<html><head><title>A blog</title>{found}</head><body><p>Hello"


def test_a_page_becomes_a_followed_feed_and_the_file_keeps_its_ways(
    five: Five, folder: Path, blogs: FeedServer
) -> None:
    (folder / "feeds.opml").write_text(FILE, encoding="utf-8")
    blogs.says("/blog", page_with("/okafor/feed"), content_type="text/html")
    done = five("feeds", "add", blogs.url("/blog"), "--kind", "Leaders", "--region", "London")
    assert done.code == 0, done
    assert "Maya Okafor" in done.out
    text = (folder / "feeds.opml").read_text(encoding="utf-8")
    before, after = FILE.splitlines(), text.splitlines()
    assert [line for line in after if line not in before] == [line for line in after if "okafor" in line]
    assert [line for line in before if line not in after] == []
    added = next(listing for listing in read(text) if listing.xml_url == blogs.url("/okafor/feed"))
    assert (added.title, added.kind, added.region) == ("Maya Okafor", "Leaders", "London")
    assert [row["title"] for row in json.loads(five("feeds", "list", "--json").out)] == ["Maya Okafor"]


def test_without_a_person_to_ask_several_feeds_are_listed(five: Five, blogs: FeedServer) -> None:
    blogs.says("/blog", page_with("/okafor/feed", "/felpersham/feed"), content_type="text/html")
    refused = five("feeds", "add", blogs.url("/blog"), "--kind", "Leaders")
    assert refused.code == 2
    assert blogs.url("/okafor/feed") in refused.err
    assert blogs.url("/felpersham/feed") in refused.err
    assert json.loads(five("feeds", "list", "--json").out) == []


@pytest.mark.parametrize("address", ["/nothing-here", "/loamshire/feed"])
def test_a_page_without_a_feed_changes_nothing(five: Five, folder: Path, blogs: FeedServer, address: str) -> None:
    before = (folder / "feeds.opml").read_bytes()
    refused = five("feeds", "add", blogs.url(address), "--kind", "Councils")
    assert refused.code in (1, 2)
    assert refused.err
    assert (folder / "feeds.opml").read_bytes() == before


def test_a_private_network_is_refused(five: Five, monkeypatch: pytest.MonkeyPatch, blogs: FeedServer) -> None:
    monkeypatch.setenv("FIVE_ALLOW_NETWORKS", "")
    refused = five("feeds", "add", blogs.url("/okafor/feed"), "--kind", "Councils")
    assert refused.code in (1, 2)
    assert blogs.requests == []


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (FILE, 0),
        ("", 1),
        ("no xml at all", 1),
        ("<html></html>", 1),
        (FILE.replace("https://old", "gopher://old"), 1),
        (FILE.replace('xmlUrl="https://old.example/feed"', ""), 1),
    ],
)
def test_check_says_no_with_its_exit_code(five: Five, folder: Path, content: str, code: int) -> None:
    (folder / "feeds.opml").write_text(content, encoding="utf-8")
    checked = five("feeds", "check")
    assert checked.code == code
    assert "Traceback" not in checked.err


def test_removing_a_blog_pauses_it_and_listing_it_again_resumes_it(five: Five, folder: Path, blogs: FeedServer) -> None:
    whole = (folder / "feeds.opml").read_text(encoding="utf-8")
    five("feeds", "sync")
    less = "\n".join(line for line in whole.splitlines() if "okafor" not in line)
    (folder / "feeds.opml").write_text(less, encoding="utf-8")
    assert "Paused          Maya Okafor" in five("feeds", "sync").out
    (folder / "feeds.opml").write_text(whole, encoding="utf-8")
    assert "Followed again  Maya Okafor" in five("feeds", "sync").out


def test_what_is_exported_can_be_synced(five: Five, folder: Path, blogs: FeedServer) -> None:
    five("feeds", "sync")
    exported = five("feeds", "export").out
    (folder / "other.opml").write_text(exported, encoding="utf-8")
    assert "0 newly followed" in five("feeds", "sync", "other.opml").out.replace("0 feeds newly", "0 newly")


def test_a_feed_is_paused_until_it_is_resumed(five: Five, folder: Path, blogs: FeedServer) -> None:
    five("feeds", "sync")
    before = (folder / "feeds.opml").read_bytes()
    address = blogs.url("/okafor/feed")
    assert "Paused: Maya Okafor" in five("feeds", "pause", address).out
    five("feeds", "sync")

    def status() -> str:
        rows = json.loads(five("feeds", "list", "--json").out)
        return next(str(row["status"]) for row in rows if row["xml_url"] == address)

    assert status() == "paused"
    assert "Followed again: Maya Okafor" in five("feeds", "resume", address).out
    assert status() == "active"
    assert (folder / "feeds.opml").read_bytes() == before
    refused = five("feeds", "pause", "99")
    assert (refused.code, "No feed 99 is followed." in refused.err) == (2, True)
