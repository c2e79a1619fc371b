"""Statements of where a piece was first published."""

from dataclasses import replace

import pytest

from aggregator.poll.originals import named_once, original_of
from aggregator.sanitise import clean
from tests.poll.values import LONG, a_parsed_entry

HERE = "https://copy.example/2026/bins"
THERE = "https://first.example/bins-and-data"
LINK = f'<a href="{THERE}">First</a>'


def original(html: str, *, title: str = "Bins & data", links: tuple[str, ...] = ()) -> str | None:
    return original_of(given=html, html=clean(html, HERE).html, title=title, url=HERE, links=links)


@pytest.mark.parametrize(
    "statement",
    [
        f"<p>Originally published at {LINK}.</p>",
        f"<p><em>This post first appeared on {LINK}</em></p>",
        f"<p>(This blog post was originally published on {LINK} in May.)</p>",
        f"<p>This article by Jane Doe was first published by {LINK}.</p>",
        f"<p>A longer version of this piece was first posted on {LINK}.</p>",
        f"<p>An edited version of this article was originally published on {LINK}.</p>",
        f"<p>Cross-posted from {LINK}</p>",
        f"<p>Crossposted on {LINK}</p>",
        f"<p>Republished from {LINK} with thanks.</p>",
        f"<p>This post is also published on {LINK}.</p>",
        f"<p>Originally published at {THERE}.</p>",
        f'<p><a href="/authors/jane">Jane</a></p><p>First published at {LINK}</p>',
        f'<p>This post by <a href="/authors/jane">Jane</a> was first published on {LINK}.</p>',
        f'<p><a href="{THERE}">Bins &amp; data</a> was originally published in <a href="https://first.example/">F</a>.</p>',
        f'<p>The post <a href="{THERE}">Bins &amp; data</a> appeared first on <a href="https://first.example/">F</a>.</p>',
        f'<p>Originally published by <a href="https://first.example">First</a>: {LINK}</p>',
        f'<link rel="canonical" href="{THERE}">',
        f'<a href="{THERE}" rel="canonical">Elsewhere</a>',
    ],
)
def test_a_statement_at_either_end_names_the_original(statement: str) -> None:
    assert original(f"{statement}<p>{LONG}</p>") == THERE
    assert original(f"<p>{LONG}</p>" * 12 + statement) == THERE


@pytest.mark.parametrize(
    "html",
    [
        f"<p>{LONG}</p>",
        f"<p>See {LINK}.</p>",
        f"<p>We were first published in print, and later on {LINK}.</p>",
        f"<p>Last year I wrote about it, first published on {LINK}.</p>",
        f"<p>This is a follow-up to my post, first published on {LINK}.</p>",
        f"<p>{LONG}</p>" * 6 + f"<p>Originally published at {LINK}.</p>" + f"<p>{LONG}</p>" * 6,
        f"<p>Originally published at {LINK}. {LONG * 4}</p>",
        '<p>Originally published at <a href="https://first.example/">First</a>.</p>',
        f'<p>The post <a href="{HERE}#x">Bins</a> appeared first on <a href="/">Copy</a>.</p>',
        f'<link rel="canonical" href="{HERE}?utm_source=rss">',
        '<p>Originally published at <a href="javascript:alert(1)">First</a>.</p>',
        "",
    ],
)
def test_what_names_no_page_of_its_own_is_no_statement(html: str) -> None:
    assert original(html) is None


def test_what_the_feed_calls_canonical_comes_first() -> None:
    assert original(f"<p>Cross-posted from {LINK}</p>", links=("https://other.example/x",)) == "https://other.example/x"


def test_what_several_entries_of_a_document_name_is_a_section() -> None:
    entries = [
        a_parsed_entry(1, original_url="https://first.example/blog"),
        a_parsed_entry(2, original_url="https://www.first.example/blog/"),
        a_parsed_entry(3, original_url=THERE),
        a_parsed_entry(4),
    ]
    found = named_once(entries)
    assert [entry.original_url for entry in found] == [None, None, THERE, None]
    assert found[0] == replace(entries[0], original_url=None)


def test_long_texts_are_looked_at_in_linear_time() -> None:
    # Each took minutes if any of the patterns were to go back over what it has seen.
    for piece in ("<p>published ", "<a ", '<a href="', "the the ", "This post by ", "<link rel=canonical ", "( ", "- "):
        html = piece * (400_000 // len(piece))
        assert original_of(given=html, html=clean(html, HERE).html, title="T", url=HERE) is None
