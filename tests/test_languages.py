"""Tags of languages, and their names."""

import pytest

from aggregator.languages import foreign, in_words, language_tag


@pytest.mark.parametrize(
    ("given", "tag"),
    [("en", "en"), ("en_GB", "en-GB"), (" cy ", "cy"), ("English please", None), ("", None), (None, None), (7, None)],
)
def test_language_tag(given: object, tag: str | None) -> None:
    assert language_tag(given) == tag


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("cy", "Welsh"),
        ("cy_GB", "Welsh"),
        ("GD", "Scottish Gaelic"),
        ("pt-BR", "pt-BR"),
        ("en", None),
        ("en-GB", None),
        ("EN_us", None),
        ("eng", None),
        ("und", None),
        ("ZXX", None),
        ("mul-Latn", None),
        ("not a language", None),
        ("", None),
        (None, None),
    ],
)
def test_a_piece_in_another_language_says_so(given: str | None, words: str | None) -> None:
    tag = foreign(given)
    assert (None if tag is None else in_words(tag)) == words
