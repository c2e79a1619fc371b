"""Our feeds, read back by the reader that polls other people's."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from io import BytesIO
from typing import Any

import feedparser
import pytest

from aggregator.deliver.syndication import Channel, Published, atom, json_feed, of_digests, rss
from aggregator.digest.render import content_of, render
from aggregator.model import Digest, Form
from tests.builders import a_digest, a_publication
from tests.digest.samples import a_full_digest, a_link_post, a_themed_list
from tests.digest.trees import tree

Writer = Callable[[Channel], str]
XML: tuple[Writer, ...] = (atom, rss)


def published(digest: Digest) -> Published:
    return Published(digest=digest, html=content_of(render(digest, a_publication())[Form.PAGE]))


def two() -> tuple[Published, Published]:
    earlier = replace(
        a_digest(intro="Earlier <3 & so on."),
        slug="2026-11-13",
        friday=date(2026, 11, 13),
        title="Five for Friday (13/11/2026)",
        published_at=datetime(2026, 11, 13, 12, tzinfo=UTC),
    )
    return published(a_full_digest()), published(earlier)


def read(text: str) -> Any:
    found = feedparser.parse(BytesIO(text.encode()), sanitize_html=False, resolve_relative_uris=False)
    assert found.bozo == 0, found.get("bozo_exception")
    return found


@pytest.mark.parametrize(("write", "version", "name"), [(atom, "atom10", "feed.atom"), (rss, "rss20", "feed.rss")])
def test_a_feed_says_whose_it_is(write: Writer, version: str, name: str) -> None:
    found = read(write(of_digests(two(), a_publication())))
    assert found.version == version
    assert found.feed.title == "Five for Friday"
    assert found.feed.link == "https://five.example.org/"
    assert found.feed.language == "en-gb"
    assert [link.href for link in found.feed.links if link.rel == "self"] == [f"https://five.example.org/{name}"]
    assert found.feed.updated_parsed[:4] == (2026, 11, 20, 12)


@pytest.mark.parametrize("write", XML)
def test_one_entry_for_each_digest_in_order(write: Writer) -> None:
    found = read(write(of_digests(two(), a_publication())))
    assert [entry.title for entry in found.entries] == ["Five for Friday (20/11/2026)", "Five for Friday (13/11/2026)"]
    assert [entry.link for entry in found.entries] == [
        "https://five.example.org/digests/2026-11-20",
        "https://five.example.org/digests/2026-11-13",
    ]
    assert [entry.published_parsed[:4] for entry in found.entries] == [(2026, 11, 20, 12), (2026, 11, 13, 12)]
    assert [entry.id for entry in found.entries] == [
        "tag:five.example.org,2026-11-20:digest",
        "tag:five.example.org,2026-11-13:digest",
    ]


def test_atom_has_an_author_a_summary_and_the_whole_content() -> None:
    newest, earlier = read(atom(of_digests(two(), a_publication()))).entries
    assert newest.content[0].type == "text/html"
    assert newest.content[0].value == two()[0].html
    assert newest.updated == "2026-11-20T12:00:00+00:00"
    assert earlier.summary == "Earlier &lt;3 &amp; so on."
    feed = read(atom(of_digests(two(), a_publication()))).feed
    assert feed.author_detail == {"name": "Five for Friday", "email": "editor@example.org"}
    assert feed.id == "tag:five.example.org,2026:digests"


def test_rss_has_the_whole_content() -> None:
    assert read(rss(of_digests(two(), a_publication()))).entries[0].summary == two()[0].html


def test_json_feed() -> None:
    found = json.loads(json_feed(of_digests(two(), a_publication())))
    assert found["version"] == "https://jsonfeed.org/version/1.1"
    assert found["feed_url"] == "https://five.example.org/feed.json"
    assert [item["id"] for item in found["items"]] == [
        "tag:five.example.org,2026-11-20:digest",
        "tag:five.example.org,2026-11-13:digest",
    ]
    assert found["items"][0]["content_html"] == two()[0].html
    assert found["items"][0]["date_published"] == "2026-11-20T12:00:00+00:00"
    assert found["items"][1]["summary"] == "Earlier <3 & so on."


def test_links_in_the_content_are_absolute_and_every_pick_is_there() -> None:
    root = tree(read(atom(of_digests(two(), a_publication()))).entries[0].content[0].value)
    assert len(root.all("li", "pick")) == 5
    assert all(str(link.attributes["href"]).startswith("https://") for link in root.all("a"))


@pytest.mark.parametrize("write", [*XML, json_feed])
def test_the_same_digests_give_the_same_bytes_and_none_give_a_feed(write: Writer) -> None:
    assert write(of_digests(two(), a_publication())) == write(of_digests(two(), a_publication()))
    assert write(of_digests((), a_publication())) == write(of_digests((), a_publication()))
    assert "Five for Friday" in write(of_digests((), a_publication()))


@pytest.mark.parametrize("write", XML)
def test_what_xml_has_no_place_for_is_left_out(write: Writer) -> None:
    bad = Published(
        digest=replace(a_digest(), title="T\x0b\ufffe\ud800 ]]> <b>", intro="\x00i"), html="<p>\x08h\uffff</p>"
    )
    (entry,) = read(write(of_digests([bad], a_publication(title="Five\x07")))).entries
    assert entry.title in ("T ]]> <b>", "T ]]&gt; &lt;b&gt;")


@pytest.mark.parametrize("write", XML)
def test_a_draft_counts_from_noon_of_its_friday(write: Writer) -> None:
    (entry,) = read(write(of_digests([published(a_digest())], a_publication(sender="")))).entries
    assert entry.published_parsed[:4] == (2026, 11, 20, 12)


@pytest.mark.parametrize("write", XML)
def test_other_formats_and_corrections_in_a_feed(write: Writer) -> None:
    listed, linked = a_themed_list(), a_link_post()
    found = read(write(of_digests((published(listed), published(linked), *two()), a_publication())))
    ids = [entry.id for entry in found.entries]
    assert ids[:2] == [
        f"tag:five.example.org,2026-11-24:themed:{listed.slug}",
        f"tag:five.example.org,2026-11-24:link:{linked.slug}",
    ]
    assert len(set(ids)) == 4
    assert found.entries[0].link == f"https://five.example.org/digests/{listed.slug}"
    body = found.entries[0].content[0].value if write is atom else found.entries[0].description
    assert "The second has moved." in body
    assert "Digital is not about technology</a> – <span" in body
    assert found.feed.updated_parsed[:3] == (2026, 12, 1)
    assert 'href="https://blog1.example.org/benches?a=1&amp;b=2"' in str(found.entries[1])
    if write is atom:
        assert found.entries[0].updated_parsed[:3] == (2026, 12, 1)
        assert found.entries[0].published_parsed[:3] == (2026, 11, 24)
        assert found.entries[1].summary.startswith("Nobody knew how many benches")


def test_a_json_feed_tells_of_corrections() -> None:
    items = json.loads(json_feed(of_digests((published(a_themed_list()), *two()), a_publication())))["items"]
    assert [item.get("date_modified") for item in items] == ["2026-12-01T10:00:00+00:00", None, None]
