"""What programs read of ours is valid; and the checks that say so find what is broken."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import httpx
import pytest

from aggregator.app import App
from tests.validity import feeds
from tests.validity.filled import fill
from tests.web.press import BASE_URL

NOW = datetime(2026, 11, 18, 10, tzinfo=UTC)
HERE = f"{BASE_URL}/feed"


async def test_all_that_programs_read_is_valid(app: App, client: httpx.AsyncClient) -> None:
    assert await problems(client) == ["/blogs.opml: the body needs an outline"], "and an empty house has none"
    fill(app)
    assert await problems(client) == []
    for path in ("/feed.atom", "/feed.rss", "/bookmarks.atom", "/bookmarks.rss"):
        text = (await client.get(path)).text
        assert text.count("<entry>") + text.count("<item>") >= 3, path


async def problems(client: httpx.AsyncClient) -> list[str]:
    """What is amiss with what is served."""
    found = []
    for path, check in SERVED.items():
        answer = await client.get(path)
        assert answer.status_code == 200, path
        found += [f"{path}: {said}" for said in check(answer.text)]
    return found


Check = Callable[[str], Iterator[str]]
SERVED: dict[str, Check] = {
    "/feed.atom": lambda text: feeds.atom(text, f"{BASE_URL}/feed.atom"),
    "/feed.rss": lambda text: feeds.rss(text, f"{BASE_URL}/feed.rss"),
    "/feed.json": lambda text: feeds.json_feed(text, f"{BASE_URL}/feed.json"),
    "/bookmarks.atom": lambda text: feeds.atom(text, f"{BASE_URL}/bookmarks.atom"),
    "/bookmarks.rss": lambda text: feeds.rss(text, f"{BASE_URL}/bookmarks.rss"),
    "/bookmarks.json": lambda text: feeds.json_feed(text, f"{BASE_URL}/bookmarks.json"),
    "/sitemap.xml": lambda text: feeds.sitemap(text, BASE_URL),
    "/blogs.opml": feeds.opml,
    "/robots.txt": lambda text: feeds.robots(text, BASE_URL),
    "/.well-known/security.txt": lambda text: feeds.security(text, f"{BASE_URL}/.well-known/security.txt", NOW),
}

ATOM = """<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom">
<id>tag:a.example,2026:x</id>
<title>T</title><updated>2026-11-20T12:00:00Z</updated><author><name>N</name></author><link rel="alternate"
 href="https://five.example.org/"/><link rel="self" href="https://five.example.org/feed"/><entry>
<id>tag:a.example,2026:1</id><title>E</title><link href="https://five.example.org/1"/>
<published>2026-11-20T12:00:00Z</published>
<updated>2026-11-20T13:00:00+00:00</updated><content type="html">&lt;p&gt;x&lt;/p&gt;</content></entry></feed>"""
RSS = """<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>T</title><link>https://a.example/</link>
<description>D</description><atom:link rel="self" href="https://five.example.org/feed"/>
<lastBuildDate>Fri, 20 Nov 2026 12:00:00 +0000</lastBuildDate><item><title>E</title><link>https://a.example/1</link>
<guid isPermaLink="false">tag:1</guid><pubDate>Fri, 20 Nov 2026 12:00:00 +0000</pubDate>
<description>&lt;p&gt;x&lt;/p&gt;</description></item></channel></rss>"""
JSON = """{"version": "https://jsonfeed.org/version/1.1", "title": "T", "home_page_url": "https://a.example/",
"feed_url": "https://five.example.org/feed", "authors": [{"name": "N"}], "items": [{"id": "1", "url": "https://a.example/1",
"content_html": "<p>x</p>", "date_published": "2026-11-20T12:00:00Z", "date_modified": "2026-11-20T13:00:00Z"}]}"""
SITEMAP = """<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url><loc>https://five.example.org/</loc>
<lastmod>2026-11-20T12:00:00Z</lastmod></url><url><loc>https://five.example.org/digests</loc></url></urlset>"""
OPML = """<opml version="2.0"><head><title>T</title>
<dateCreated>Fri, 20 Nov 2026 12:00:00 GMT</dateCreated></head><body>
<outline text="K"><outline text="B" type="rss" xmlUrl="https://a.example/f" htmlUrl="https://a.example/"/>
</outline></body></opml>"""
SECURITY = """# Thanks
Contact: mailto:a@example.org
Expires: 2027-06-01T00:00:00Z
Preferred-Languages: en
Canonical: https://five.example.org/feed
"""
ROBOTS = "User-agent: *\nDisallow: /x/  # of one reader\n\nSitemap: https://five.example.org/sitemap.xml\n"

CHECKS: dict[str, tuple[Check, str]] = {
    "atom": (lambda text: feeds.atom(text, HERE), ATOM),
    "rss": (lambda text: feeds.rss(text, HERE), RSS),
    "json": (lambda text: feeds.json_feed(text, HERE), JSON),
    "sitemap": (lambda text: feeds.sitemap(text, BASE_URL), SITEMAP),
    "opml": (feeds.opml, OPML),
    "security": (lambda text: feeds.security(text, HERE, NOW), SECURITY),
    "robots": (lambda text: feeds.robots(text, BASE_URL), ROBOTS),
}


@pytest.mark.parametrize("name", CHECKS)
def test_nothing_is_amiss_with_a_good_one(name: str) -> None:
    check, good = CHECKS[name]
    assert list(check(good)) == []


BROKEN = (
    ("atom", ATOM, "<feed", "no Atom feed"),
    ("atom", "</feed>", "", "no Atom feed"),
    ("atom", "<id>tag:a.example,2026:x</id>", "", "feed: one id"),
    ("atom", "<id>tag:a.example,2026:x</id>", "<id>no iri</id>", "no IRI"),
    ("atom", "<id>tag:a.example,2026:1</id>", "<id>tag:a.example,2026:x</id>", "twice"),
    ("atom", "<title>E</title>", "", "entry 1: one title"),
    ("atom", "2026-11-20T13:00:00+00:00", "2026-11-20 13:00:00", "entry 1: updated"),
    ("atom", "2026-11-20T13:00:00+00:00", "2026-11-20T13:00:00", "entry 1: updated"),
    ("atom", "2026-11-20T13:00:00+00:00", "2026-13-20T13:00:00Z", "entry 1: updated"),
    ("atom", "2026-11-20T13:00:00+00:00", "2026-11-20T11:00:00Z", "updated before"),
    ("atom", "<published>2026-11-20", "<published>20-11-2026", "entry 1: published"),
    ("atom", "<author><name>N</name></author>", "", "nobody wrote it"),
    ("atom", "<name>N</name>", "", "without a name"),
    ("atom", 'rel="self" href="https://five.example.org/feed"', 'rel="self" href="https://five.example.org/"', "self"),
    ("atom", '<link href="https://five.example.org/1"/>', "", "entry 1: one alternate"),
    ("atom", '<link href="https://five.example.org/1"/>', '<link href="/1"/>', "no address"),
    ("atom", "&lt;/p&gt;", "", "never closed"),
    ("rss", '"2.0"', '"0.91"', "no RSS 2.0"),
    ("rss", "<description>D</description>", "", "one description"),
    ("rss", "<link>https://a.example/</link>", "<link>/</link>", "no address"),
    ("rss", 'rel="self"', 'rel="other"', "own address"),
    ("rss", "<lastBuildDate>Fri", "<lastBuildDate>Thu", "a date that is none"),
    ("rss", "<pubDate>Fri, 20 Nov 2026 12:00:00 +0000", "<pubDate>2026-11-20T12:00:00Z", "pubDate"),
    ("rss", "<guid", "<gid", "no RSS 2.0"),
    ("rss", '<guid isPermaLink="false">tag:1</guid>', "", "needs a guid"),
    ("rss", ' isPermaLink="false"', "", "no permalink"),
    ("rss", "<link>https://a.example/1</link>", "", "its link None"),
    ("rss", "&lt;/p&gt;", "", "never closed"),
    ("rss", "</item>", "</item><item><title>E</title><guid>tag:1</guid></item>", "the guid 'tag:1' twice"),
    ("json", "1.1", "9", "no JSON Feed"),
    ("json", '"title": "T", ', "", "title and items"),
    ("json", "https://five.example.org/feed", "https://five.example.org/", "own address"),
    ("json", '{"name": "N"}', '{"email": "N"}', "author"),
    ("json", '"id": "1"', '"id": 1', "needs an id"),
    ("json", '"id": "1", ', "", "needs an id"),
    ("json", '"url": "https://a.example/1"', '"url": "/1"', "url is no address"),
    ("json", '"content_html": "<p>x</p>", ', "", "needs content"),
    ("json", "<p>x</p>", "<p>x", "never closed"),
    ("json", "T12:00:00Z", " noon", "is no date"),
    ("json", "T13:00:00Z", "T11:00:00Z", "modified before"),
    ("sitemap", "schemas/sitemap/0.9", "schemas/sitemap/1", "no sitemap"),
    ("sitemap", "https://five.example.org/digests", "/digests", "not ours"),
    ("sitemap", "https://five.example.org/digests", "https://five.example.org/", "twice"),
    ("sitemap", "2026-11-20T12:00:00Z", "Friday", "lastmod"),
    ("opml", '"2.0"', '"1.0"', "version 2.0"),
    ("opml", "<title>T</title>", "", "needs a title"),
    ("opml", "Fri, 20", "Mon, 20", "a date that is none"),
    ("opml", 'text="B"', "", "without text"),
    ("opml", 'type="rss" ', "", "without its type"),
    ("opml", 'xmlUrl="https://a.example/f"', "", "xmlUrl None"),
    ("opml", 'htmlUrl="https://a.example/"', 'htmlUrl="a"', "htmlUrl"),
    ("security", "Contact: mailto:a@example.org\n", "", "contacts"),
    ("security", "mailto:a@example.org", "a@example.org", "section 2.5.3"),
    ("security", "mailto:a@example.org", "http://example.org", "section 2.5.3"),
    ("security", "2027-06-01T00:00:00Z", "2027-06-01", "section 2.5.5"),
    ("security", "2027-06-01", "2026-06-01", "section 2.5.5"),
    ("security", "2027-06-01", "2028-06-01", "section 2.5.5"),
    ("security", "/feed", "/other", "section 2.5.2"),
    ("security", "# Thanks", "Thanks", "no field"),
    ("robots", "User-agent: *\n", "", "before any"),
    ("robots", "/x/", "x/", "no path"),
    ("robots", "https://five.example.org/sitemap.xml", "/sitemap.xml", "no sitemap"),
    ("robots", "User-agent: *", "User-agent: *\nhello", "no rule"),
)


@pytest.mark.parametrize(("name", "old", "new", "said"), BROKEN)
def test_what_is_broken_is_found(name: str, old: str, new: str, said: str) -> None:
    check, good = CHECKS[name]
    assert old in good
    found = list(check(good.replace(old, new, 1)))
    assert [one for one in found if said in one], found
