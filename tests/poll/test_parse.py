"""Feeds as they are in the wild, good and hostile, and what is read of them."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aggregator.model import Failed, FailureReason, Kind, ParsedEntry, ParsedFeed
from aggregator.poll.parse import read
from tests.poll.shapes import rss, shapes

FEEDS = Path(__file__).parent.parent / "feeds"
URL = "https://blog.example.org/feed/"
HERE = [path.name for path in sorted(FEEDS.iterdir()) if path.suffix in (".xml", ".jsonfeed")]
ATOM = '<feed xmlns="http://www.w3.org/2005/Atom"><title>T</title>{}</feed>'


def entries(body: bytes | str, url: str = URL) -> tuple[ParsedEntry, ...]:
    result = read(body.encode() if isinstance(body, str) else body, "application/rss+xml", url)
    assert isinstance(result, ParsedFeed)
    return result.entries


def entry(inside: str) -> ParsedEntry:
    (only,) = entries(rss(f"<item>{inside}</item>"))
    return only


def failure(body: bytes | str) -> Failed:
    result = read(body.encode() if isinstance(body, str) else body, "text/html", URL)
    assert isinstance(result, Failed)
    return result


@pytest.mark.parametrize("name", HERE)
def test_golden(name: str, rewrite_golden: bool) -> None:
    result = read((FEEDS / name).read_bytes(), "text/xml", URL)
    golden = FEEDS / f"{name}.json"
    if rewrite_golden:
        text = json.dumps(msgspec.to_builtins(result), indent=1, ensure_ascii=False)
        golden.write_text(text + "\n", encoding="utf-8")
    assert result == msgspec.json.decode(golden.read_bytes(), type=ParsedFeed)


def test_every_format_has_a_golden_feed() -> None:
    old = [f"rss-0.9{version}" for version in "01234"]
    formats = [*old, "rss-1.0", "rss-2.0", "atom-0.3", "atom-1.0", "json-feed-1.0", "json-feed-1.1", "encoding"]
    assert all(any(name.startswith(form) for name in HERE) for form in formats)
    assert len(HERE) >= 40
    assert all((FEEDS / f"{name}.json").is_file() for name in HERE)


@pytest.mark.parametrize("body", [b"", b" \r\n\t", b"\xef\xbb\xbf", b"\xff\xfe", b"\0\0\0\0"])
def test_nothing_is_empty(body: bytes) -> None:
    assert failure(body).reason is FailureReason.EMPTY


@pytest.mark.parametrize(
    "body",
    [
        "<!DOCTYPE html><html><head><title>Blog</title></head><body>Hello</body></html>",
        "\n<!-- a page -->\n<HTML><body>",
        "<head><title>Moved</title>",
        "<p>Not found</p>",
        '<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><head/></html>',
    ],
)
def test_a_page_is_no_feed(body: str) -> None:
    failed = failure(body)
    assert failed.reason is FailureReason.PAGE
    assert "web page, not a feed" in failed.message
    assert "five feeds add" in failed.message


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("not found", "no XML in it"),
        ("\x89PNG\r\n\x1a\n", "no XML in it"),
        ("<urlset><url/></urlset>", "outermost element is <urlset>"),
        ('<opml version="2.0"><body/></opml>', "outermost element is <opml>"),
        ("<rss><channel><item><title>Half", "before its first entry ends"),
        ('{"error": "not found"}', "no JSON Feed"),
        ('{"items": [{"id": ', "broken"),
        ("[]", "no JSON Feed"),
    ],
)
def test_what_is_no_feed_says_what_it_is(body: str, why: str) -> None:
    failed = failure(body)
    assert failed.reason is FailureReason.UNREADABLE
    assert why in failed.message
    assert "Look at the address in a browser" in failed.message


def test_a_feed_without_entries_is_a_feed() -> None:
    assert entries(rss("")) == ()


def test_at_most_500_entries_are_read_from_the_start() -> None:
    items = "".join(f"<item><guid isPermaLink='false'>{number}</guid></item>" for number in range(600))
    found = entries(rss(items))
    assert [each.guid for each in found] == [str(number) for number in range(500)]
    found = entries(json.dumps({"items": [{"id": number} for number in range(600)]}))
    assert [each.guid for each in found] == [str(number) for number in range(500)]


def test_content_is_bounded_in_all() -> None:
    long = "<p>" + "word " * 100_000 + "</p>"
    found = entries(rss(f"<item><title>t</title><description><![CDATA[{long}]]></description></item>" * 15))
    assert len(found) == 15
    assert all(len(each.html) <= 512_000 and len(each.text) <= 200_000 for each in found)
    assert found[0].html
    assert not found[-1].html
    assert found[-1].title == "t"


# ------------------------------------------------------------------------------------------------ encodings


def test_the_encoding_is_found_out() -> None:
    text = '<?xml version="1.0" encoding="utf-8"?><rss><channel><title>Cafés – £5</title></channel></rss>'
    result = read(text.encode("cp1252"), "text/xml; charset=iso-8859-1", URL)
    assert isinstance(result, ParsedFeed)
    assert result.title == "Cafés – £5"


def test_characters_that_xml_forbids_are_left_out() -> None:
    assert entry("<title>a\0b\x1fc&#8;&#x1f;&#xFFFF;&#1114112;d</title>").title == "abcd"


def test_entities_of_html_are_known_and_others_stay_as_typed() -> None:
    assert entry("<title>a&nbsp;b&mdash;c &pound;5 R&D &foo; &lt;b&gt; &</title>").title == "a b—c £5 R&D &foo; <b> &"


def test_entities_of_a_document_type_are_not_expanded() -> None:
    secret = '<!DOCTYPE rss [<!ENTITY a SYSTEM "file:///etc/passwd"><!ENTITY b "bbb">]>'
    found = entries(rss("<item><title>&a; &b;</title></item>", before=secret))
    assert found[0].title == "&a; &b;"


# ------------------------------------------------------------------------------------------------ fields


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("&lt;b&gt;bold&lt;/b&gt;", "<b>bold</b>"),
        ("<![CDATA[<script>alert(1)</script>]]>", "<script>alert(1)</script>"),
        ("Bins &amp;amp; data", "Bins & data"),
        ("{{7*7}}", "{{7*7}}"),
        ("a\u202eb\u2066c\u200bd\ufeffe\u00adf", "abcdef"),
        ("a\n  \tb", "a b"),
        ("Z" + "\u0301" * 50, "Z" + "\u0301" * 3),
        ("👩\u200d💻 a\u200db", "👩\u200d💻 ab"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("x" * 600, "x" * 499 + "…"),
        ("", ""),
    ],
)
def test_titles_are_text(title: str, shown: str) -> None:
    assert entry(f"<title>{title}</title>").title == shown


def test_titles_of_atom_say_what_they_are() -> None:
    titles = ('<title type="html">&lt;b&gt;A&lt;/b&gt; &amp;amp; b</title>', "<title>&lt;b&gt; &amp;amp;</title>")
    found = entries(ATOM.format("".join(f"<entry>{title}</entry>" for title in titles)))
    assert [each.title for each in found] == ["A & b", "<b> &amp;"]


@pytest.mark.parametrize(
    ("given", "url", "dropped"),
    [
        ("<link>https://a.example/1</link>", "https://a.example/1", False),
        ("<link>\n https://a.example/a\n b </link>", "https://a.example/a%20b", False),
        ("<link>/2026/x</link>", "https://blog.example.org/2026/x", False),
        ("<link>//cdn.example/x</link>", "https://cdn.example/x", False),
        ("<guid>https://a.example/2</guid>", "https://a.example/2", False),
        ("<guid>1234</guid>", None, False),
        ("<guid isPermaLink='false'>https://a.example/2</guid>", None, False),
        ("<guid>https://a.example/2</guid><link>https://a.example/1</link>", "https://a.example/1", False),
        ("<enclosure url='https://a.example/1.mp3' type='audio/mpeg'/>", "https://a.example/1.mp3", False),
        ("<enclosure url='https://a.example/1.zip' type='application/zip'/>", None, False),
        ("<link>javascript:alert(1)</link>", None, True),
        ("<link>JaVa&#9;Script:alert(1)</link>", None, True),
        ("<link>data:text/html,x</link>", None, True),
        ("<link>https://user:secret@a.example/</link>", None, True),
        ("<link>https://a.example\\@b.example/</link>", None, True),
        ("<link>file:///etc/passwd</link>", None, True),
        ("<link>https://[bad/</link>", None, True),
        ("<link></link>", None, False),
    ],
)
def test_addresses_are_absolute_and_safe_or_dropped(given: str, url: str | None, dropped: bool) -> None:
    found = entry(given)
    assert (found.url, found.url_dropped) == (url, dropped)


@pytest.mark.parametrize(
    ("address", "enclosed", "kind"),
    [
        ("https://youtu.be/abc", "", Kind.VIDEO),
        ("https://youtu.be/abc", "audio/mpeg", Kind.PODCAST),
        ("https://council.example/jobs/1", "image/png", Kind.JOB),
        ("javascript:https://youtu.be/abc", "", Kind.ARTICLE),
    ],
)
def test_the_address_tells_the_kind_of_what_encloses_nothing(address: str, enclosed: str, kind: Kind) -> None:
    media = f'<enclosure url="https://a.example/1" type="{enclosed}"/>' if enclosed else ""
    attached = [{"url": "https://a.example/1", "mime_type": enclosed}] if enclosed else []
    item = {"id": "1", "url": address, "attachments": attached}
    as_json = json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "T", "items": [item]})
    assert entry(f"<link>{address}</link>{media}").kind is kind
    assert entries(as_json)[0].kind is kind


def test_guids_do_not_change_with_the_address_of_the_feed() -> None:
    body = rss("<item><guid>12345</guid></item><item><guid>/a</guid></item>")
    assert [each.guid for each in entries(body, "http://old.example/")] == ["12345", "/a"]
    assert [each.guid for each in entries(body, "https://new.example/feed")] == ["12345", "/a"]


@pytest.mark.parametrize(
    ("given", "published"),
    [
        ("Wed, 18 Nov 2026 10:00:00 GMT", datetime(2026, 11, 18, 10, tzinfo=UTC)),
        ("Wed, 18 Nov 2026 10:00:00 -0500", datetime(2026, 11, 18, 15, tzinfo=UTC)),
        ("Mon, 20 Jul 2026 10:00:00 BST", datetime(2026, 7, 20, 9, tzinfo=UTC)),
        ("2026-11-18T10:00:00+01:00", datetime(2026, 11, 18, 9, tzinfo=UTC)),
        ("2099-01-01T00:00:00Z", datetime(2099, 1, 1, tzinfo=UTC)),
        ("Thu, 01 Jan 1970 00:00:00 GMT", None),
        ("0001-01-01T00:00:00Z", None),
        ("9999-12-31T23:59:59-12:00", None),
        ("last Tuesday", None),
        ("", None),
    ],
)
def test_dates_are_in_utc_or_absent(given: str, published: datetime | None) -> None:
    assert entry(f"<pubDate>{given}</pubDate>").published_at == published


@pytest.mark.parametrize(
    ("given", "author"),
    [
        ("<author>jane@council.london (Jane Doe)</author>", "Jane Doe"),
        ("<author>Jane Doe &lt;jane@council.london&gt;</author>", "Jane Doe"),
        ("<author>jane@council.london</author>", None),
        ("<dc:creator xmlns:dc='http://purl.org/dc/elements/1.1/'><![CDATA[Jane]]></dc:creator>", "Jane"),
        ("<author> </author>", None),
        ("<author>&lt;b&gt;Jane&lt;/b&gt;</author>", "<b>Jane</b>"),
    ],
)
def test_authors_are_names(given: str, author: str | None) -> None:
    assert entry(given).author == author


def test_the_schedule_of_a_feed_is_read() -> None:
    hours = "<skipHours><hour>24</hour><hour>1</hour></skipHours><skipDays><day>Sunday</day></skipDays>"
    result = read(rss(f"<ttl>90</ttl>{hours}"), "", URL)
    assert isinstance(result, ParsedFeed)
    assert (result.ttl, result.skip_hours, result.skip_days) == (timedelta(minutes=90), (0, 1), (6,))
    result = read(rss("<ttl>99999999999</ttl><skipHours><hour>1</hour>"), "", URL)
    assert isinstance(result, ParsedFeed)
    assert (result.ttl, result.skip_hours) == (None, ())


# ------------------------------------------------------------------------------------------------ hostile


HOSTILE = dict(shapes(20_000))


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_shapes_are_read_or_refused_with_a_reason(name: str) -> None:
    result = read(HOSTILE[name], "text/xml", URL)
    if isinstance(result, Failed):
        assert result.reason in (FailureReason.UNREADABLE, FailureReason.EMPTY)
        assert len(result.message) < 400
    else:
        assert len(result.entries) <= 500
        assert all(len(each.title) <= 500 and len(each.html) <= 1_100_000 for each in result.entries)
        assert not any("<!ENTITY" in each.title or "haha" in each.title for each in result.entries)


SAMPLES = [(FEEDS / name).read_bytes() for name in HERE]


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from(SAMPLES),
    st.lists(st.tuples(st.integers(0, 4000), st.integers(0, 40), st.binary(max_size=8)), max_size=8),
)
def test_damaged_feeds_are_read_or_refused(body: bytes, edits: list[tuple[int, int, bytes]]) -> None:
    for start, length, piece in edits:
        body = body[:start] + piece + body[start + length :]
    result = read(body, "text/xml", URL)
    assert isinstance(result, ParsedFeed | Failed)
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(result), type=type(result)) == result
