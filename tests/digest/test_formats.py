"""Titles and addresses of the formats beside the Friday's edition, and what a link post quotes at first."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.digest import formats
from aggregator.model import DigestFormat


@pytest.mark.parametrize(
    ("title", "count", "after"),
    [
        ("5 videos to help leaders", 3, "3 videos to help leaders"),
        ("Five videos to help leaders", 6, "Six videos to help leaders"),
        ("five videos", 20, "twenty videos"),
        ("Five videos", 21, "21 videos"),
        ("12 talks", 1, "1 talks"),
        ("5 videos", 0, "5 videos"),
        ("2026 in review", 5, "2026 in review"),
        ("5.30pm and later", 4, "5.30pm and later"),
        ("24/7 services", 4, "24/7 services"),
        ("The 5 best", 4, "The 5 best"),
        ("Fivefold returns", 4, "Fivefold returns"),
        ("", 4, ""),
    ],
)
def test_the_number_at_the_start_follows_the_count(title: str, count: int, after: str) -> None:
    assert formats.counted_title(title, count) == after


@pytest.mark.parametrize(
    ("title", "found"),
    [("The best five of 12 talks", (5, 12)), ("Talks of 2026", ()), ("Open 24/7", (7,)), ("Often", ())],
)
def test_numbers_that_may_be_a_count(title: str, found: tuple[int, ...]) -> None:
    assert formats.counts_in(title) == found


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("5 videos to help leaders understand digital", "videos-to-help-leaders-understand-digital"),
        ("What’s next? It's “Wales’s” turn — ŵy, café & C++", "whats-next-its-waless-turn-wy-cafe-c"),
        ("2026-11-20", "link-2026-11-20"),
        ("12", "link"),
        ("数字", "link"),
        ("word " * 40, "word-word-word-word-word-word-word-word-word-word-word-word"),
        ("x" * 300, "x" * 60),
        ("../../etc/passwd?a=1#b", "etc-passwd-a-1-b"),
    ],
)
def test_a_slug_is_the_words_of_the_title(title: str, slug: str) -> None:
    assert formats.slug_for(title, DigestFormat.LINK) == slug


@given(st.text(), st.sampled_from(DigestFormat))
def test_any_title_makes_a_slug_that_names_no_edition(title: str, form: DigestFormat) -> None:
    slug = formats.slug_for(title, form)
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", slug)
    assert re.search("[a-z]", slug)
    assert len(slug) <= formats.LONGEST_SLUG + len("themed-")


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        (
            "Posted by Tom\n\nWe counted every single bench in the town. It took a week.\nMore.",
            "We counted every single bench in the town. It took a week.",
        ),
        ("Too short.\n\nAlso too short.", ""),
        ("", ""),
        (
            "A sentence of quite a few words, all counted. " * 20,
            ("A sentence of quite a few words, all counted. " * 13).strip(),
        ),
        ("endless " * 200, ""),
    ],
)
def test_a_quote_to_begin_with(text: str, quote: str) -> None:
    assert formats.first_paragraph(text) == quote
