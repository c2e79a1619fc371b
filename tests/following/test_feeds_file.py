"""The repository's own feeds.opml: what a newcomer follows first."""

from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

from aggregator.feeds import opml
from aggregator.feeds.outlines import NAMESPACE

FILE = Path(__file__).parents[2] / "feeds.opml"
LISTINGS = opml.read(FILE.read_bytes())
GROUPS = ["Councils", "Leaders", "Central government", "Community", "Suppliers", "Press"]


def test_it_has_no_problem_and_at_least_a_hundred_feeds() -> None:
    assert opml.problems(LISTINGS) == ()
    assert sum(bool(listing.xml_url) for listing in LISTINGS) >= 100


def test_its_groups_are_in_order_and_each_is_sorted_by_title() -> None:
    assert list(Counter(listing.kind for listing in LISTINGS)) == GROUPS
    order = [(GROUPS.index(listing.kind), listing.title.casefold()) for listing in LISTINGS]
    assert order == sorted(order)


def test_every_feed_says_all_about_itself() -> None:
    for outline in ElementTree.parse(FILE).iter("outline"):
        if "xmlUrl" in outline.attrib:
            told = [outline.get(name) for name in ("text", "title", "type", "xmlUrl", "htmlUrl")]
            told += [outline.get(f"{{{NAMESPACE}}}{name}") for name in ("region", "confidence")]
            assert all(told), outline.attrib


def test_no_address_holds_a_placeholder() -> None:
    assert not [listing.xml_url for listing in LISTINGS if "LIST" in (listing.xml_url or "")]
