"""What the form of a digest says, read back; and what two versions differ in."""

from dataclasses import fields, replace

import pytest

from aggregator.model import Access, Digest, Kind, Pick, Style, Warned
from aggregator.web.writing import LABELS, advice, differences, read, values
from tests.builders import a_digest, a_pick


def order(digest: Digest) -> str:
    return ",".join(str(pick.bookmark_id) for pick in digest.picks)


def test_a_form_that_nobody_changed_changes_nothing() -> None:
    digest = a_digest()
    found = read(values(digest) | {"order": order(digest)}, digest)
    assert found.edited == digest
    assert found.wrong == {}
    assert read({}, digest).edited == digest, "what a form does not hold stays"


def test_every_field_of_a_pick_can_be_edited() -> None:
    kept = {"bookmark_id", "position"}
    assert set(LABELS) == {one.name for one in fields(Pick)} - kept
    typed = {
        "title": "  A  new title ",
        "url": "https://new.example.org/page",
        "commentary": "One.\n\nTwo.\n",
        "quote": "As it\nstands",
        "style": "sentence",
        "author": "Jo",
        "organisation": "Ambridge",
        "published_on": "2026-11-01",
        "kind": "job",
        "employer": "Them",
        "closes_on": "2026-12-24",
        "language": "cy",
        "access": "paywall",
        "via_name": "A friend",
        "via_url": "https://friend.example.org/",
        "embed_url": "https://video.example.org/1",
    }
    assert set(typed) == set(LABELS)
    digest = a_digest(1)
    (pick,) = read({f"{name}-1": text for name, text in typed.items()}, digest).edited.picks
    for name in LABELS:
        assert getattr(pick, name) != getattr(digest.picks[0], name), name
    assert (pick.title, pick.commentary, pick.quote) == ("A new title", "One.\n\nTwo.", "As it\nstands")
    assert (pick.kind, pick.style, pick.access) == (Kind.JOB, Style.SENTENCE, Access.PAYWALL)
    emptied = read({f"{name}-1": "" for name in LABELS if name not in ("title", "url")}, digest)
    assert emptied.wrong == {}
    assert emptied.edited.picks[0] == Pick(
        bookmark_id=1, position=1, title=digest.picks[0].title, url=digest.picks[0].url
    )


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("title-1", " "),
        ("url-1", "javascript:alert(1)"),
        ("url-1", ""),
        ("via_url-1", "example.org"),
        ("embed_url-1", "ftp://x.example/"),
        ("published_on-1", "tomorrow"),
        ("closes_on-1", "2026-02-30"),
        ("language-1", "Welsh, mostly"),
        ("kind-1", "poem"),
        ("style-1", "haiku"),
        ("access-1", "secret"),
        ("title", "  "),
    ],
)
def test_what_cannot_be_is_said_and_the_rest_is_taken_over(name: str, text: str) -> None:
    digest = a_digest(2)
    found = read({name: text, "intro": "New.", "commentary-1": "New, too."}, digest)
    assert list(found.wrong) == [name]
    assert found.edited.intro == "New."
    assert found.edited.picks[0].commentary == "New, too."
    assert replace(found.edited.picks[0], commentary=digest.picks[0].commentary) == digest.picks[0]
    assert found.edited.title == digest.title


@pytest.mark.parametrize(
    ("sent", "left"),
    [
        ("3,1,2", [3, 1, 2]),
        ("2", [2, 1, 3]),
        ("2,2,9", [2, 1, 3]),
        ("", [1, 2, 3]),
        ("1,x", [1, 2, 3]),
        ("3,", [1, 2, 3]),
        ("9" * 40, [1, 2, 3]),
    ],
)
def test_the_order_is_the_forms_and_no_pick_is_lost(sent: str, left: list[int]) -> None:
    edited = read({"order": sent}, a_digest(3)).edited
    assert [pick.bookmark_id for pick in edited.picks] == left
    assert [pick.position for pick in edited.picks] == [1, 2, 3]


def test_a_pick_that_somebody_took_out_meanwhile_is_there_again_with_all_its_words() -> None:
    mine = a_digest(3)
    theirs = replace(mine, picks=mine.picks[:2])
    found = read(values(mine) | {"order": order(mine)}, theirs)
    assert found.edited.picks == mine.picks


def test_differences_are_told_field_by_field() -> None:
    mine, more = a_digest(3), a_pick(7, title="Theirs alone")
    theirs = replace(
        mine,
        intro="Their intro.",
        picks=(replace(mine.picks[1], quote="Their quote"), mine.picks[0], more),
    )
    told = [(one.what, one.theirs) for one in differences(mine, theirs)]
    title = mine.picks[1].title
    assert told == [
        ("Intro", "Their intro."),
        (f"Quote of “{title}”", "Their quote"),
        (f"“{mine.picks[2].title}” was taken out", "It is back when you save."),
        ("The picks and their order", f"2. {title}\n1. {mine.picks[0].title}\n7. Theirs alone"),
    ]  # fmt: skip
    assert differences(mine, mine) == ()


def test_advice_leads_to_the_field() -> None:
    digest = a_digest(2)
    empty = Warned(code="commentary-empty", position=2, message="No.", advice="Do it: five digest edit")
    assert (advice(empty, digest).advice, advice(empty, digest).field) == (
        "Say why it is worth reading.",
        "commentary-2",
    )
    intro = Warned(code="intro-empty", position=None, message="No.", advice="five digest edit")
    assert advice(intro, digest).field == "intro"
    link = Warned(code="link-text", position=None, message="The intro has one.", advice="Let it say.")
    assert (advice(link, digest).advice, advice(link, digest).field) == ("Let it say.", "")
