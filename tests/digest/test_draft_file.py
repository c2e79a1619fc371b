"""A draft goes to a file and comes back; what cannot be read back is told with its line."""

import dataclasses
import string
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.addresses import safe_url
from aggregator.digest.draft_file import from_markdown, to_markdown
from aggregator.errors import BadDraft
from aggregator.model import Access, Digest, DigestStatus, Kind, Pick, Style
from tests.builders import a_digest, a_pick
from tests.digest.samples import a_link_post, a_themed_list

FULL = Pick(
    bookmark_id=12,
    position=1,
    url="https://example.org/a_(b)?c=[d](e)",
    title="[Video] What \\ we [really] learnt](https://x)",
    style=Style.SENTENCE,
    commentary="Read [it](https://example.org/).\n\n> and this\n\n### More",
    author="Ann: Jones",
    organisation="Borsetshire Council",
    published_on=date(2026, 11, 12),
    quote="Two lines\n\n  of words",
    via_name="Bob",
    via_url="https://bob.example.org/",
    kind=Kind.JOB,
    employer="Felpersham",
    closes_on=date(2026, 12, 1),
    language="en-GB",
    access=Access.PAYWALL,
    embed_url="https://youtu.be/abc",
)


def back(digest: Digest) -> Digest:
    return from_markdown(to_markdown(digest), digest)


def refusal(text: str) -> BadDraft:
    with pytest.raises(BadDraft) as refused:
        from_markdown(text, a_digest())
    assert refused.value.hint
    return refused.value


def test_a_draft_comes_back_as_it_was() -> None:
    assert back(a_digest()) == a_digest()
    assert back(a_digest(picks=0, intro="", outro="")) == a_digest(picks=0, intro="", outro="")


def test_every_field_comes_back() -> None:
    digest = a_digest(picks=0, intro="")
    digest = replace(digest, picks=(FULL, a_pick(2)))
    assert back(digest) == digest
    assert all(getattr(FULL, field.name) != field.default for field in dataclasses.fields(Pick))


# Words in which our own marks are as likely as letters.
_words = st.lists(
    st.sampled_from(
        [
            "## Outro",
            "##",
            "###",
            "> ",
            "<!--",
            "-->",
            "---",
            "\\",
            "\n",
            "\n\n",
            " ",
            "a",
            "b: c",
            "[x](https://y)",
            "`",
            "é",
        ]
    )
    | st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\r"), max_size=5),
    max_size=12,
).map("".join)
_block = _words.map(str.strip)
_line = _words.map(lambda text: " ".join(text.split()))
_name = st.none() | _line.filter(bool)
_url = st.text(string.ascii_letters + "()[]?=&,'é*_~", max_size=12).map(
    lambda text: safe_url(f"https://e.org/{text}") or ""
)
_day = st.none() | st.dates()
_picks = st.builds(
    Pick,
    bookmark_id=st.integers(1, 2**40),
    position=st.just(0),
    url=_url,
    title=_line.filter(bool),
    style=st.sampled_from(Style),
    commentary=_block,
    author=_name,
    organisation=_name,
    published_on=_day,
    quote=_block,
    via_name=_name,
    via_url=st.none() | _url,
    kind=st.sampled_from(Kind),
    employer=_name,
    closes_on=_day,
    language=st.sampled_from([None, "en", "cy", "zh-Hant"]),
    access=st.sampled_from(Access),
    embed_url=st.none() | _url,
)


@given(_line.filter(bool), _block, _block, st.lists(_picks, max_size=3, unique_by=lambda pick: pick.bookmark_id))
def test_any_draft_comes_back_as_it_was(title: str, intro: str, outro: str, picks: list[Pick]) -> None:
    placed = tuple(replace(pick, position=position) for position, pick in enumerate(picks, start=1))
    digest = a_digest(title=title, intro=intro, outro=outro, picks=0)
    digest = replace(digest, picks=placed)
    assert back(digest) == digest


@given(_words, _words)
def test_texts_with_space_around_them_lose_only_that(intro: str, commentary: str) -> None:
    digest = replace(a_digest(picks=0), intro=intro, picks=(a_pick(1, commentary=commentary),))
    read = back(digest)
    assert (read.intro, read.picks[0].commentary) == (intro.strip(), commentary.strip())


def test_sections_may_be_moved_and_taken_out() -> None:
    head, *sections = to_markdown(a_digest(picks=3)).split("\n## ")
    one, _two, three, outro = sections
    read = from_markdown("\n## ".join([head, three, one, outro]), a_digest(picks=3))
    assert [(pick.bookmark_id, pick.position) for pick in read.picks] == [(3, 1), (1, 2)]
    assert read.outro == a_digest().outro


MINIMAL = """\
---
title: Five for Friday
---

## 1. [A title](https://example.org/)

bookmark: 12
"""


def test_a_file_as_people_write_them() -> None:
    text = (
        "\ufeff\n---\ntitle:  Five for   Friday\n---\nHello\n\n<!-- mine,\nover lines -->\nthere\n"
        "##[[Video] A title](https://example.org/a_(b))\nBookmark : 12\nkind:\nvia-address:https://bob.example.org/\n"
        "<!-- who? -->\nauthor: Ann Jones\n\n>Said\n> so\nAnd more.\n\n## OUTRO\nBye"
    )
    for newline in ("\n", "\r\n"):
        read = from_markdown(text.replace("\n", newline), a_digest())
        assert (read.title, read.intro, read.outro) == ("Five for Friday", "Hello\n\nthere", "Bye")
        assert read.picks == (
            Pick(
                bookmark_id=12,
                position=1,
                url="https://example.org/a_(b)",
                title="[Video] A title",
                author="Ann Jones",
                via_url="https://bob.example.org/",
                quote="Said\nso",
                commentary="And more.",
            ),
        )


def test_what_is_not_in_the_file_is_not_changed() -> None:
    digest = a_digest(number=3, revision=8)
    read = from_markdown(MINIMAL, digest)
    assert (read.id, read.slug, read.friday, read.number, read.revision) == (1, "2026-11-20", digest.friday, 3, 8)


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        (MINIMAL, "", 1, "header is missing"),
        (MINIMAL, "\n\nHello", 3, "header is missing"),
        ("---\n\n##", "\n\n##", 5, "does not belong in the header"),
        ("---\n\n## 1. [A title](https://example.org/)\n\nbookmark: 12\n", "", 1, "header does not end"),
        ("title: Five for Friday", "title:", 3, "no title"),
        ("title: Five for Friday", "friday: 2026-11-20", 2, "does not belong in the header"),
        ("title: Five for Friday", "Five for Friday", 2, "does not belong in the header"),
        ("## 1. [A title](https://example.org/)", "## A title", 5, "“## A title” is neither a pick nor the outro"),
        ("## 1. [A title](https://example.org/)", "##", 5, "neither a pick nor the outro"),
        ("[A title]", "[ ]", 5, "pick has no title"),
        ("https://example.org/", "javascript:alert(1)", 5, "“javascript:alert(1)” is no address"),
        ("https://example.org/", "", 5, "is no address"),
        ("bookmark: 12", "", 5, "which bookmark"),
        ("bookmark: 12", "bookmark: twelve", 7, "“bookmark:” is “twelve”"),
        ("bookmark: 12", "bookmark: 9999999999999999", 7, "“bookmark:” is “9999999999999999”"),
        ("bookmark: 12", "bookmark: 12\nauthr: Ann", 8, "“authr:” is no field"),
        ("bookmark: 12", "bookmark: 12\nGood words", 8, "“Good words” is no field"),
        ("bookmark: 12", "bookmark: 12\nauthor: A\n\n\nauthor: B\n## Outro\n## Outro", 13, "second outro"),
        ("bookmark: 12", "bookmark: 12\nauthor: A\nauthor: B", 9, "“author:” is there twice"),
        ("bookmark: 12", "bookmark: 12\npublished: 12/11/2026", 8, "“published:” is “12/11/2026”"),
        ("bookmark: 12", "bookmark: 12\nkind: essay", 8, "“kind:” is “essay”"),
        ("bookmark: 12", "bookmark: 12\nstyle: bold", 8, "“style:” is “bold”"),
        ("bookmark: 12", "bookmark: 12\naccess: vip", 8, "“access:” is “vip”"),
        ("bookmark: 12", "bookmark: 12\nlanguage: English please", 8, "“language:” is “English please”"),
        ("bookmark: 12", "bookmark: 12\nembed: youtu.be/abc", 8, "“embed:” is “youtu.be/abc”"),
        ("bookmark: 12", "bookmark: 12\nvia-address: ftp://x.example.org/", 8, "“via-address:” is"),
        ("bookmark: 12", "bookmark: 12\n\n<!-- never\nends", 9, "comment begins that never ends"),
        ("bookmark: 12", "bookmark: 12\n\n## 2. [B](https://b.example.org/)\n\nbookmark: 12", 9, "second time"),
    ],
)
def test_what_cannot_be_read_back(old: str, new: str, line: int, says: str) -> None:
    assert old in MINIMAL
    error = refusal(MINIMAL.replace(old, new, 1))
    assert says in error.what
    assert error.line == line


def test_the_hint_knows_what_was_meant() -> None:
    assert refusal(MINIMAL + "authr: Ann\n").hint == "Did you mean author:?"
    assert "article, job, video" in refusal(MINIMAL + "kind: essay\n").hint


def test_the_file_explains_itself() -> None:
    text = to_markdown(a_digest())
    assert "The draft of Friday 20 November 2026" in text
    out = to_markdown(replace(a_digest(), status=DigestStatus.PUBLISHED))
    assert "The digest of Friday 20 November 2026" in out, "it is put right, and is no draft"
    assert all(f"  {key}: " in text for key in ("style", "published", "closes", "via-address", "embed"))


@pytest.mark.parametrize("made", [a_themed_list(), a_link_post()])
def test_the_other_formats_come_back_as_they_were(made: Digest) -> None:
    text = to_markdown(made)
    assert from_markdown(text, made) == made
    assert ("A themed list" in text) == (made.format == "themed")
    assert ("A link post" in text) == (made.format == "link")
