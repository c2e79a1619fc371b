"""From a page's address to its feeds, on a server that counts what it is asked."""

import json

import pytest

from aggregator.demo.server import FeedServer
from aggregator.errors import BadAddress, FetchFailed, NotFound
from aggregator.feeds.discover import guesses, kind_of_feed
from tests.following.conftest import Room

RSS = """<rss version="2.0"><channel><title>Barset Digital</title><link>https://barset.example/</link>
<item><title>One</title><link>https://barset.example/1</link></item>
<item><title>Two</title><link>https://barset.example/2</link></item></channel></rss>"""
JSON_FEED = json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "", "items": []})
HTML = "text/html; charset=utf-8"


def a_page(head: str = "", body: str = "") -> str:
    return f"<!doctype html><html><head><title>Barset</title>{head}</head><body>{body}</body></html>"


def a_link(path: str, kind: str = "application/rss+xml", title: str = "") -> str:
    return f'<link rel="alternate" type="{kind}" title="{title}" href="{path}">'


def asked(server: FeedServer) -> list[str]:
    return [path for path, _ in server.requests]


async def test_the_address_of_a_feed_is_that_feed(room: Room, server: FeedServer) -> None:
    server.says("/odd", RSS, content_type="text/plain")
    (found,) = await room.follow.find(server.url("/odd"))
    assert (found.url, found.title, found.kind_of_feed) == (server.url("/odd"), "Barset Digital", "RSS")
    assert (found.entries, found.html_url) == (2, "https://barset.example/")
    assert asked(server) == ["/odd"]


async def test_a_permanent_move_is_followed_and_a_temporary_one_is_not_kept(room: Room, server: FeedServer) -> None:
    server.moves_to("/old", "/new")
    server.moves_to("/today", "/new", status=302)
    server.says("/new", RSS)
    assert [found.url for found in await room.follow.find(server.url("/old"))] == [server.url("/new")]
    assert [found.url for found in await room.follow.find(server.url("/today"))] == [server.url("/today")]


async def test_a_page_names_its_feeds_and_each_is_read(room: Room, server: FeedServer) -> None:
    links = a_link("feed") + a_link("/feed.json", "application/feed+json") + a_link("feed")
    links += a_link("/comments/feed/") + a_link("/1/feed", title="One: Comments Feed") + a_link("/none")
    server.says("/blog/", a_page(links), content_type=HTML)
    server.says("/blog/feed", RSS)
    server.says("/feed.json", JSON_FEED, content_type="application/feed+json")
    found = await room.follow.find(server.url("/blog/"))
    assert [(one.url, one.title, one.kind_of_feed, one.entries) for one in found] == [
        (server.url("/blog/feed"), "Barset Digital", "RSS", 2),
        (server.url("/feed.json"), "Barset", "JSON Feed", 0),
    ]
    assert found[1].html_url == server.url("/blog/")
    assert asked(server) == ["/blog/", "/blog/feed", "/feed.json", "/none"]


async def test_a_feed_of_comments_is_better_than_none(room: Room, server: FeedServer) -> None:
    server.says("/", a_page(a_link("/comments/feed/")), content_type=HTML)
    server.says("/comments/feed/", RSS)
    assert [found.url for found in await room.follow.find(server.url())] == [server.url("/comments/feed/")]


async def test_without_a_good_link_the_platforms_habit_is_tried_first(room: Room, server: FeedServer) -> None:
    server.says("/b", a_page(a_link("/gone"), '<img src="/wp-content/x.png">'), content_type=HTML)
    server.gone("/gone")
    server.says("/b/feed/", a_page(), content_type=HTML)
    server.says("/feed/", RSS)
    assert [found.url for found in await room.follow.find(server.url("/b"))] == [server.url("/feed/")]
    assert asked(server) == ["/b", "/gone", "/b/feed/", "/feed/"]


async def test_a_blog_without_a_feed_is_said_to_have_none(room: Room, server: FeedServer) -> None:
    server.says("/", a_page(), content_type=HTML)
    with pytest.raises(NotFound, match="No feed was found"):
        await room.follow.find(server.url())
    assert len(asked(server)) <= 11
    assert len(set(asked(server))) == len(asked(server))


async def test_a_host_that_stops_answering_is_not_asked_on(room: Room, server: FeedServer) -> None:
    server.says("/", a_page(), content_type=HTML)
    server.drops("/feed/")
    with pytest.raises(NotFound):
        await room.follow.find(server.url())
    assert asked(server) == ["/", "/feed/"]


async def test_a_page_with_thousands_of_links_costs_few_requests(room: Room, server: FeedServer) -> None:
    server.says("/", a_page("".join(a_link(f"/f{number}") for number in range(2000))), content_type=HTML)
    with pytest.raises(NotFound):
        await room.follow.find(server.url())
    assert len(asked(server)) <= 19


async def test_a_page_that_is_not_there_says_so(room: Room, server: FeedServer) -> None:
    with pytest.raises(FetchFailed, match="404"):
        await room.follow.find(server.url("/nowhere"))


@pytest.mark.parametrize("url", ["", "javascript:alert(1)", "file:///etc/passwd", "mailto:a@b.example", "two words"])
async def test_what_is_no_web_address_is_refused(room: Room, url: str) -> None:
    with pytest.raises(BadAddress):
        await room.follow.find(url)


async def test_a_host_is_taken_as_https(room: Room) -> None:
    with pytest.raises(FetchFailed, match=r"127\.0\.0\.1"):
        await room.follow.find("127.0.0.1:1")


@pytest.mark.parametrize(
    ("url", "body", "first"),
    [
        ("https://medium.com/@ada/a-post-1f", b"", ["https://medium.com/feed/@ada"]),
        ("https://ada.medium.com/a-post", b"", ["https://ada.medium.com/feed"]),
        ("https://ada.substack.com/p/one", b"", ["https://ada.substack.com/feed"]),
        ("https://ada.blogspot.com/", b"", ["https://ada.blogspot.com/feeds/posts/default"]),
        ("https://ada.wordpress.com/about/", b"", ["https://ada.wordpress.com/feed/"]),
        ("https://gds.blog.gov.uk/2026/", b"", ["https://gds.blog.gov.uk/feed/"]),
        ("https://ada.github.io/notes/", b"", ["https://ada.github.io/notes/feed.xml"]),
        ("https://b.example/", b"Powered by Ghost", ["https://b.example/rss/"]),
        ("https://b.example/news?x=1", b"static1.squarespace.com", ["https://b.example/news?format=rss"]),
        ("https://b.example/a", b"Drupal 11", ["https://b.example/a/rss.xml", "https://b.example/rss.xml"]),
        ("https://b.example/a/", b"", ["https://b.example/a/feed/", "https://b.example/feed/"]),
    ],
)
def test_the_habits_of_the_platforms(url: str, body: bytes, first: list[str]) -> None:
    found = guesses(url, body)
    assert list(found[: len(first)]) == first
    assert len(set(found)) == len(found)


@pytest.mark.parametrize(
    ("body", "name"),
    [
        (RSS.encode(), "RSS"),
        (b'<?xml version="1.0"?>\n<rdf:RDF xmlns="http://purl.org/rss/1.0/">', "RSS"),
        (b'\xef\xbb\xbf<!-- <x --><feed xmlns="http://www.w3.org/2005/Atom">', "Atom"),
        (b"<atom:feed>", "Atom"),
        (RSS.encode("utf-16"), "RSS"),
        (JSON_FEED.encode(), "JSON Feed"),
        (b"<html>", "feed"),
    ],
)
def test_the_format_is_named_by_the_first_element(body: bytes, name: str) -> None:
    assert kind_of_feed(body) == name
