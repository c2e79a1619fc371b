"""The heads of web pages, tidy and hostile."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.page import MAX_FEEDS, FeedLink, PageHead, head
from aggregator.sandbox import Sandbox

URL = "https://digital.council.example/2026/bins/"

PAGE = """<!DOCTYPE html>
<!-- <title>Not this</title> -->
<html lang="en-GB" class="no-js"><head>
<meta charset="utf-8">
<script>document.write("<title>Nor this</title>")</script>
<title>
  What we&#8217;ve learnt about bins | Borsetshire Digital
</title>
<svg><title>A drawing</title></svg>
<meta property="og:title" content="What we’ve learnt about bins &amp; data">
<meta property='og:site_name' content='Borsetshire Digital'>
<meta content="Ayesha Khan" name=author>
<meta property="article:published_time" content="2026-11-18T09:12:40+01:00">
<link rel="canonical" href="/2026/bins?a=1&amp;b=2">
<link rel="alternate" type="application/rss+xml" title="Posts" href="/feed/">
<link href=https://digital.council.example/atom.xml rel="Alternate home" type="application/atom+xml; charset=utf-8">
<link rel="alternate" type="application/rss+xml" title="Posts again" href="/feed/">
<link rel="alternate" type="application/feed+json" href="../feed.json">
<link rel="alternate" type="application/json" href="/wp-json/wp/v2/posts/1">
<link rel="alternate" hreflang="cy" href="/cy/">
<link rel="alternate" type="application/rss+xml" href="javascript:alert(1)">
<link rel="stylesheet" type="text/css" href="/s.css">
</head><body><link rel="alternate" type="application/rss+xml" href="/from-a-comment"><title>Nor that</title>
"""


def read(html: str | bytes, url: str = URL) -> PageHead:
    return head(html.encode() if isinstance(html, str) else html, "text/html", url)


def test_a_whole_head() -> None:
    assert read(PAGE) == PageHead(
        title="What we’ve learnt about bins & data",
        author="Ayesha Khan",
        site="Borsetshire Digital",
        published_at=datetime(2026, 11, 18, 8, 12, 40, tzinfo=UTC),
        language="en-GB",
        canonical_url="https://digital.council.example/2026/bins?a=1&b=2",
        feeds=(
            FeedLink(url="https://digital.council.example/feed/", title="Posts", type="application/rss+xml"),
            FeedLink(url="https://digital.council.example/atom.xml", title="", type="application/atom+xml"),
            FeedLink(url="https://digital.council.example/2026/feed.json", title="", type="application/feed+json"),
        ),
    )


NOTHING = PageHead(title="", author=None, site=None, published_at=None, language=None, canonical_url=None, feeds=())


@pytest.mark.parametrize(
    "html", ["", "hello", "<", "<html", "\0\0", "%PDF-1.7", "<title>", "<meta", "<body><title>x</title>"]
)
def test_what_says_nothing(html: str) -> None:
    assert read(html) == NOTHING


@pytest.mark.parametrize(
    ("html", "title"),
    [
        ("<title>A &lt;b&gt; &amp; c</title>", "A <b> & c"),
        ("<TITLE>a\n b</TITLE>", "a b"),
        ("<title lang=en>a</title><title>b</title>", "a"),
        ("<title></title><title>b</title>", "b"),
        ("<title>a<!-- b --></title>", "a<!-- b -->"),
        ("<title>a <script>b</script></title>", "a <script>b</script>"),
        ("<titles>a</titles><title>b</title>", "b"),
        ("<noscript><title>a</title></noscript><title>b</title>", "b"),
        ("<style><title>a</title></style><title>b</title>", "b"),
        ("<script><!-- <title>a</title> --></script><title>b</title>", "b"),
        ("<title>a</title><meta name='twitter:title' content=c>", "c"),
        ("<title>a</title><meta name='og:title' content=' '>", "a"),
        ("<meta property=og:title content='\u202ea\u200b'>", "a"),
        (f"<title>{'x' * 900}</title>", "x" * 499 + "…"),
        ("<title>\u0130stanbul</title>", "\u0130stanbul"),
        ("\u0130\u0130\u0130<title>caf\u00e9</title>", "caf\u00e9"),
    ],
)
def test_titles(html: str, title: str) -> None:
    assert read(html).title == title


@pytest.mark.parametrize(
    ("html", "author"),
    [
        ("<meta name=author content='Jane'>", "Jane"),
        ("<meta property=article:author content='https://social.example/jane'><meta name=dc.creator content=Jo>", "Jo"),
        ("<meta name=author content='https://social.example/jane'>", None),
        ("<meta name=author content=jane@council.london>", None),
        ("<meta name=author content=''>", None),
    ],
)
def test_authors(html: str, author: str | None) -> None:
    assert read(html).author == author


@pytest.mark.parametrize(
    ("html", "published"),
    [
        ("<meta itemprop=datePublished content=2026-11-18>", datetime(2026, 11, 18, tzinfo=UTC)),
        (
            "<meta name=date content=soon><meta name=dc.date content=2026-11-18T10:00Z>",
            datetime(2026, 11, 18, 10, tzinfo=UTC),
        ),
        ("<meta property=article:published_time content=0001-01-01T00:00:00+14:00>", None),
    ],
)
def test_dates(html: str, published: datetime | None) -> None:
    assert read(html).published_at == published


@pytest.mark.parametrize(
    ("html", "language"),
    [
        ("<html lang=cy>", "cy"),
        ("<html xml:lang=cy lang='en_GB'>", "en-GB"),
        ("<meta property=og:locale content=en_GB>", "en-GB"),
        ("<html lang='not a language'>", None),
    ],
)
def test_languages(html: str, language: str | None) -> None:
    assert read(html).language == language


def test_addresses_are_seen_from_the_base_of_the_page() -> None:
    said = read("<base href='/other/'><link rel=canonical href=x><link rel=alternate type=text/xml href=feed>")
    assert said.canonical_url == "https://digital.council.example/other/x"
    assert said.feeds[0].url == "https://digital.council.example/other/feed"


@pytest.mark.parametrize(
    "href", ["javascript:alert(1)", "https://user:pass@a.example/", "file:///etc/passwd", "https://[", ""]
)
def test_unsafe_addresses_are_dropped(href: str) -> None:
    said = read(f"<link rel=canonical href='{href}'><link rel=alternate type=application/rss+xml href='{href}'>")
    assert said.canonical_url is None
    assert said.feeds == ()


def test_feeds_are_counted() -> None:
    links = "".join(f"<link rel=alternate type=application/rss+xml href=/{number}>" for number in range(500))
    assert len(read(links).feeds) == MAX_FEEDS


def test_encodings() -> None:
    assert read("<meta charset=iso-8859-1><title>caf\xe9 \x96 x</title>".encode("latin-1")).title == "café – x"
    assert head("<title>Łódź</title>".encode("iso-8859-2"), "text/html; charset=iso-8859-2", URL).title == "Łódź"
    assert read("<title>é</title>".encode("utf-16")).title == "é"


SIZE = 200_000


@pytest.mark.parametrize(
    "html",
    [
        "<div<" * (SIZE // 5),
        "<title>" * (SIZE // 7),
        "<title>" + "&amp;" * (SIZE // 5),
        "<script>" * (SIZE // 8),
        "<!--" * (SIZE // 4),
        "<meta " * (SIZE // 6),
        "<meta a='" * (SIZE // 9),
        "<meta" + " a" * (SIZE // 2),
        "<meta " + "/" * SIZE,
        "<meta a" + " " * SIZE,
        ("<meta a" + " " * 1000) * (SIZE // 1007),
        "<html lang=" + "a" * SIZE,
        "<" * SIZE,
        "</" * (SIZE // 2),
    ],
)
def test_hostile_pages_say_nothing_much(html: str) -> None:
    assert len(read(html).title) <= 500


async def test_hostile_pages_are_cheap() -> None:
    """The dearest that is known, and a head through the sandbox as `feeds` and `curate` ask for it."""
    async with Sandbox(workers=1, deadline=60, cpu_seconds=2, memory_mib=384) as sandbox:
        for html in ("<title>" * 40_000, "<div<" * 60_000, "<link rel=alternate type=text/xml href=a>" * 6000):
            assert isinstance(await sandbox.run(head, html.encode(), "text/html", URL), PageHead)
        assert await sandbox.run(head, PAGE.encode(), "text/html", URL) == read(PAGE)


@given(st.text() | st.lists(st.sampled_from(PAGE.split()), max_size=30).map(" ".join))
def test_nothing_is_ever_raised(html: str) -> None:
    assert isinstance(read(html.encode("utf-8", "surrogatepass")), PageHead)


@pytest.mark.parametrize(
    ("words", "types"),
    [
        ('<meta property="og:type" content=" Video.Other ">', ("video.other",)),
        ('<script type="application/ld+json">{"@type": "JobPosting", "title": "</b>"}</script>', ("jobposting",)),
        (
            '<meta property="og:type" content="article"><script type=application/LD+JSON>[{"@type": ["WebPage",'
            ' "VideoObject", 7]}, {"@type": {}}, 3]</script>',
            ("article", "webpage", "videoobject"),
        ),
        (
            '<script type="application/ld+json">{"@type": "Article", "video": {"@type": "VideoObject"}}</script>',
            ("article",),
        ),
        ('<script type="application/ld+json">{"@type": "Event", </script>', ()),
        (f'<script type="application/ld+json">{"[" * 50_000}</script>', ()),
        ('<script type="application/ld+json">{"@type": "Event"}' + " " * 70_000 + "</script>", ()),
        ('<script type="application/ld+json">{"@type": "Event"}', ("event",)),
        ('<script>{"@type": "Event"}</script>', ()),
    ],
)
def test_what_a_page_says_that_it_is(words: str, types: tuple[str, ...]) -> None:
    assert read(f"<html><head>{words}</head>").types == types


def test_many_types_are_cut() -> None:
    many = "".join(f'<script type="application/ld+json">{{"@type": ["A{"a" * n}", "B"]}}</script>' for n in range(60))
    assert len(read(many).types) <= 40
