"""Titles lose what is not theirs, and nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.curate.titles import author_of, beside, clean_title


@pytest.mark.parametrize(
    ("title", "site", "clean"),
    [
        ("Weeknotes | Borsetshire Digital", "Borsetshire Digital", "Weeknotes"),
        ("Weeknotes - borsetshire  DIGITAL ", "Borsetshire Digital", "Weeknotes"),
        ("Weeknotes – Borsetshire", "Borsetshire", "Weeknotes"),
        ("Weeknotes — Borsetshire", "Borsetshire", "Weeknotes"),
        ("Weeknotes · Borsetshire", "Borsetshire", "Weeknotes"),
        ("Weeknotes » Borsetshire", "Borsetshire", "Weeknotes"),
        ("Weeknotes :: Borsetshire", "Borsetshire", "Weeknotes"),
        ("Weeknotes | Borsetshire | Borsetshire", "Borsetshire", "Weeknotes"),
        ("Weeknotes - Town Hall - the blog", "Town Hall - the blog", "Weeknotes"),
        ("Weeknotes | News | Borsetshire", "Borsetshire", "Weeknotes | News"),
        ("Weeknotes | Borsetshire", None, "Weeknotes | Borsetshire"),
        ("Weeknotes | Borsetshire", "", "Weeknotes | Borsetshire"),
        ("Weeknotes | Borsetshire", "Felpersham", "Weeknotes | Borsetshire"),
        ("Weeknotes-Borsetshire", "Borsetshire", "Weeknotes-Borsetshire"),
        ("Borsetshire", "Borsetshire", "Borsetshire"),
        ("| Borsetshire", "Borsetshire", "| Borsetshire"),
        ("Digital - what is it?", "Borsetshire", "Digital - what is it?"),
        ("What we learnt about housing …", None, "What we learnt about housing"),
        ("What we learnt about hou...", None, "What we learnt about hou"),
        ("What we learnt [&hellip;]".replace("&hellip;", "…"), None, "What we learnt"),
        ("What we learnt [...]", None, "What we learnt"),
        ("What we learnt… | Borsetshire", "Borsetshire", "What we learnt"),
        ("It ends with a stop.", None, "It ends with a stop."),
        ("Wait… what?", None, "Wait… what?"),
        ("…", None, "…"),
        ("Two\u00a0words\u2003and\n more ", None, "Two words and more"),
        ("‘Curly’ and “double” quotes’", None, "‘Curly’ and “double” quotes’"),
        ("", "Borsetshire", ""),
    ],
)
def test_clean_titles(title: str, site: str | None, clean: str) -> None:
    assert clean_title(title, site) == clean


TITLES = st.text(st.sampled_from("aB |-–.…[]: \u00a0"), max_size=20)


@given(TITLES, TITLES)
def test_a_clean_title_is_clean_and_is_left(title: str, site: str) -> None:
    clean = clean_title(title, site)
    assert clean_title(clean, site) == clean
    assert bool(clean) == bool(title.strip())


@pytest.mark.parametrize(
    ("author", "site", "named"),
    [
        ("Jo Smith", "Borsetshire", "Jo Smith"),
        (" Jo\u00a0 Smith ", None, "Jo Smith"),
        ("BORSETSHIRE  digital", "Borsetshire Digital", None),
        ("admin", "Borsetshire", None),
        ("https://www.facebook.com/borsetshire", "Borsetshire", None),
        ("", "Borsetshire", None),
        (None, None, None),
    ],
)
def test_authors_are_people(author: str | None, site: str | None, named: str | None) -> None:
    assert author_of(author, site) == named


@pytest.mark.parametrize(
    ("author", "site", "named"),
    [
        ("Jo Smith", "Borsetshire", "Jo Smith"),
        ("Jo Smith", "jo  smith", None),
        ("Jo Smith", "Jo Smith – Weeknotes", None),
        ("JO SMITH", "Weeknotes (Jo Smith)", None),
        ("Jo Smith", "Jo Smith’s weeknotes", None),
        ("Jo Smith", "Jo Smithson", "Jo Smith"),
        ("Jo Smith", "Jo", "Jo Smith"),
        ("admin", "Borsetshire", None),
        (None, "Borsetshire", None),
    ],
)
def test_nobody_is_named_twice(author: str | None, site: str, named: str | None) -> None:
    assert beside(author, site) == named
