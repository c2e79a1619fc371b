"""Each warning has cases in which it is given and cases in which it is not."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from aggregator.digest.lint import Context, lint
from aggregator.model import (
    Access,
    Digest,
    DigestFormat,
    DigestStatus,
    EarlierPick,
    Kind,
    Pick,
    Piece,
    Style,
    Warned,
)
from tests.builders import FRIDAY, a_digest, a_pick, a_publication

URL = "https://blog1.example.org/post-1"


def a_context(**given: Any) -> Context:
    good = Context(publication=a_publication(), earlier=(), pieces={}, today=date(2026, 11, 18), repeat_digests=2)
    return replace(good, **given)


def with_first(**given: Any) -> Digest:
    """A good digest, but for its first pick."""
    digest = a_digest()
    return replace(digest, picks=(a_pick(1, **given), *digest.picks[1:]))


def an_earlier(friday: date, **given: Any) -> EarlierPick:
    good = EarlierPick(
        slug=friday.isoformat(),
        friday=friday,
        url=f"https://other.example.org/{friday}",
        organisation="Another Council",
    )
    return replace(good, **given)


def codes(digest: Digest, context: Context | None = None) -> list[tuple[str, int | None]]:
    return [(warned.code, warned.position) for warned in lint(digest, context or a_context())]


def the_one(digest: Digest, context: Context | None = None) -> Warned:
    (warned,) = lint(digest, context or a_context())
    return warned


def test_nothing_to_say_of_a_good_digest() -> None:
    assert codes(a_digest()) == []


@pytest.mark.parametrize("count", [0, 4, 6])
def test_count(count: int) -> None:
    warned = the_one(a_digest(picks=count))
    assert (warned.code, warned.position) == ("count", None)
    assert f"{count} picks" in warned.message
    assert codes(a_digest(picks=count), a_context(publication=a_publication(picks=count))) == []


@pytest.mark.parametrize("intro", ["", " \n"])
def test_intro_empty(intro: str) -> None:
    assert codes(a_digest(intro=intro)) == [("intro-empty", None)]


def test_commentary_empty() -> None:
    assert codes(with_first(commentary=" \n")) == [("commentary-empty", 1)]


FIRES: list[tuple[str, dict[str, Any]]] = [
    ("not-https", {"url": "http://blog1.example.org/post-1"}),
    ("tracking", {"url": f"{URL}?utm_source=rss&p=3"}),
    ("title-cut", {"title": "What we learnt about…"}),
    ("title-cut", {"title": "What we learnt about ..."}),
    ("title-cut", {"title": "What we learnt about [...]"}),
    ("not-open", {"access": Access.SIGN_IN}),
    ("not-open", {"access": Access.PAYWALL}),
    ("link-missing", {"style": Style.SENTENCE, "commentary": "Read it, or [something else](https://x.example.org/)."}),
    ("link-text", {"commentary": "Read it [here](https://x.example.org/)."}),
    ("link-text", {"commentary": "Read it. [**Click  here**.](https://x.example.org/)"}),
    ("link-text", {"commentary": "Read [Here][1].\n\n[1]: https://x.example.org/"}),
    ("link-text", {"commentary": "Read [](https://x.example.org/)."}),
    ("image-alt", {"commentary": "See ![](https://x.example.org/cat.png)."}),
    ("old", {"published_on": date(2026, 11, 5)}),
    ("job-closed", {"kind": Kind.JOB, "employer": "A council", "closes_on": date(2026, 11, 19)}),
    ("job-incomplete", {"kind": Kind.JOB, "employer": "A council"}),
    ("job-incomplete", {"kind": Kind.JOB, "closes_on": date(2026, 12, 1)}),
    ("same-author", {"author": "author 5 "}),
    ("same-organisation", {"organisation": "COUNCIL  5"}),
]


@pytest.mark.parametrize(("code", "given"), FIRES)
def test_told(code: str, given: dict[str, Any]) -> None:
    # Of two picks that are alike, it is the later one that repeats.
    where = 5 if code.startswith("same-") else 1
    assert codes(with_first(**given)) == [(code, where)]


@pytest.mark.parametrize(
    "given",
    [
        {"url": f"{URL}?p=3"},
        {"title": "Three dots... and more"},
        {"style": Style.SENTENCE, "commentary": f"Read [what they learnt]({URL})."},
        {"commentary": "Here is [why here matters](https://x.example.org/here)."},
        {"commentary": "See ![A cat on a laptop](https://x.example.org/cat.png)."},
        {"commentary": "Write `[here](https://x.example.org/)`, never."},
        {"published_on": date(2026, 11, 6)},
        {"published_on": None},
        {"kind": Kind.JOB, "employer": "A council", "closes_on": FRIDAY},
        {"closes_on": date(2026, 1, 1)},
        {"author": None, "organisation": None},
    ],
)
def test_not_told(given: dict[str, Any]) -> None:
    assert codes(with_first(**given)) == []


def test_two_picks_without_author_are_not_by_the_same() -> None:
    picks = tuple(a_pick(position, author=None, organisation=None) for position in range(1, 6))
    assert codes(replace(a_digest(), picks=picks)) == []


@pytest.mark.parametrize("where", ["intro", "outro"])
def test_intro_and_outro_are_read_for_links_and_images(where: str) -> None:
    given: dict[str, Any] = {where: "Look [here](https://x.example.org/) ![](https://x.example.org/i.png)"}
    digest = a_digest(**given)
    assert codes(digest) == [("link-text", None), ("image-alt", None)]
    assert where in lint(digest, a_context())[0].message


def test_tracking_tells_the_clean_address() -> None:
    assert f"{URL}?p=3 " in the_one(with_first(url=f"{URL}?utm_source=rss&p=3")).advice


def test_address_used_in_another_digest_in_any_spelling() -> None:
    earlier = [an_earlier(date(2017, 7, 14), url="http://www.blog1.example.org/post-1/?utm_source=x")]
    warned = the_one(a_digest(), a_context(earlier=earlier))
    assert (warned.code, warned.position) == ("address-used", 1)
    assert "2017-07-14" in warned.message


def test_address_used_twice_in_one_digest() -> None:
    digest = a_digest()
    again = replace(digest, picks=(*digest.picks[:4], a_pick(5, url=f"{URL}#more")))
    assert codes(again) == [("address-used", 5)]


def test_organisation_picked_in_the_last_digests() -> None:
    weeks = [date(2026, 11, 13), date(2026, 11, 6), date(2026, 10, 30)]
    for number, told in ((0, True), (1, True), (2, False)):
        earlier = [an_earlier(week) for week in weeks]
        earlier[number] = an_earlier(weeks[number], organisation="council 1")
        assert codes(a_digest(), a_context(earlier=earlier)) == ([("organisation-lately", 1)] if told else [])


def test_later_digests_and_a_rest_of_none_say_nothing_of_organisations() -> None:
    later = [an_earlier(date(2026, 11, 27), organisation="Council 1")]
    assert codes(a_digest(), a_context(earlier=later)) == []
    before = [an_earlier(date(2026, 11, 13), organisation="Council 1")]
    assert codes(a_digest(), a_context(earlier=before, repeat_digests=0)) == []


def test_a_late_draft_is_read_today_and_a_published_digest_on_its_friday() -> None:
    late = a_context(today=date(2026, 12, 3))
    assert ("old", 1) in codes(a_digest(), late)
    assert codes(a_digest(status=DigestStatus.PUBLISHED), late) == []


def test_title_cut_is_seen_in_what_the_feed_gave() -> None:
    cut = {1: Piece(title="What we learnt from prototype 1 [...]", text="")}
    assert codes(a_digest(), a_context(pieces=cut)) == [("title-cut", 1)]
    mended = with_first(title="What we learnt from prototype 1 in a year")
    assert codes(mended, a_context(pieces=cut)) == []
    whole = {1: Piece(title="What we learnt from prototype 1", text="")}
    assert codes(a_digest(), a_context(pieces=whole)) == []


TEXT = "“It’s not about technology”, she said – twice. Then the\u00a0team went home,\nand slept. Nobody spoke of it."


@pytest.mark.parametrize(
    "quote",
    [
        "It's not about technology",
        "“It’s not about technology”",
        "she said - twice.  Then the team went home",
        "It’s not about technology … Nobody spoke of it.",
        "Then the team [of four] went home [...] Nobody spoke",
        "",
    ],
)
def test_quote_found(quote: str) -> None:
    assert codes(with_first(quote=quote), a_context(pieces={1: Piece(title="T", text=TEXT)})) == []


@pytest.mark.parametrize(
    "quote",
    ["It is not about technology", "Nobody spoke of it … It’s not about technology", "Then the team slept"],
)
def test_quote_not_found(quote: str) -> None:
    context = a_context(pieces={1: Piece(title="T", text=TEXT)})
    assert codes(with_first(quote=quote), context) == [("quote-not-found", 1)]


@pytest.mark.parametrize("pieces", [{}, {1: Piece(title="T", text=" ")}, {2: Piece(title="T", text=TEXT)}])
def test_a_quote_is_not_doubted_when_the_piece_is_not_known(pieces: dict[int, Piece]) -> None:
    assert codes(with_first(quote="Any words"), a_context(pieces=pieces)) == []


def test_warnings_go_from_the_whole_to_the_last_pick() -> None:
    bad = Pick(bookmark_id=1, position=1, url="http://a.example.org/", title="A")
    digest = a_digest(intro="", picks=6)
    digest = replace(digest, picks=(bad, replace(bad, bookmark_id=2, position=2, url="https://b.example.org/")))
    found = codes(digest)
    assert [position or 0 for _, position in found] == [0, 0, 1, 1, 2]


def test_every_warning_says_what_to_do() -> None:
    context = a_context(pieces={1: Piece(title="T", text=TEXT)}, earlier=[an_earlier(date(2026, 11, 13), url=URL)])
    for _, given in FIRES:
        for warned in lint(with_first(quote="Not there", **given), context):
            assert warned.message.endswith((".", "…", "...", "]")) or "http" in warned.message
            assert warned.advice


# ------------------------------------------------------------------------------------------------ other formats


def a_list(picks: int = 3, **given: Any) -> Digest:
    """A good themed list of videos."""
    made = [
        a_pick(
            n, kind=Kind.VIDEO, style=Style.TITLE_DASH, commentary="Watch it.", embed_url=f"https://youtu.be/video{n}"
        )
        for n in range(1, picks + 1)
    ]
    good = replace(a_digest(format=DigestFormat.THEMED, title=f"{picks} videos"), picks=tuple(made))
    return replace(good, **given)


def a_link(**given: Any) -> Digest:
    """A good link post; the arguments are its pick's."""
    pick = a_pick(1, **({"quote": "Word for word.", "commentary": ""} | given))
    return replace(a_digest(format=DigestFormat.LINK, intro="", outro=""), picks=(pick,))


@pytest.mark.parametrize("title", ["3 videos", "Three videos", "The best 3 of 12", "Videos of 2026", "Videos"])
def test_a_good_list(title: str) -> None:
    assert codes(a_list(title=title)) == []


@pytest.mark.parametrize(("title", "says"), [("The 5 best videos", "says 5"), ("Our top ten", "says 10")])
def test_the_number_in_a_lists_title_is_its_count(title: str, says: str) -> None:
    warned = the_one(a_list(title=title))
    assert (warned.code, warned.position) == ("title-number", None)
    assert says in warned.message
    assert "the list has 3" in warned.message
    assert codes(a_digest(title=title)) == []


def test_what_is_to_be_watched_has_an_embed() -> None:
    listed = a_list()
    without = replace(listed, picks=(replace(listed.picks[0], embed_url=None), *listed.picks[1:]))
    assert codes(without) == [("embed-missing", 1)]
    article = replace(listed, picks=(replace(listed.picks[0], embed_url=None, kind=Kind.ARTICLE), *listed.picks[1:]))
    assert codes(article) == []
    assert codes(replace(without, format=DigestFormat.FRIDAY), a_context(publication=a_publication(picks=3))) == []


def test_commands_name_a_list_for_without_a_name_they_take_the_open_friday() -> None:
    listed = a_list(slug="videos")
    twice = replace(listed, picks=(listed.picks[0], replace(listed.picks[1], url=listed.picks[0].url), listed.picks[2]))
    assert the_one(replace(listed, intro="")).advice.endswith(": five digest edit videos")
    assert the_one(twice).advice.endswith(": five digest unpick 2 --digest videos")
    assert the_one(a_digest(intro="")).advice.endswith(": five digest edit")


def test_a_good_link_post_and_one_that_quotes_nothing() -> None:
    assert codes(a_link()) == []
    assert codes(a_link(quote=" ")) == [("quote-empty", 1)]
    assert codes(with_first(quote="")) == []


def test_age_and_earlier_editions_do_not_matter_to_a_list() -> None:
    old = date(2020, 1, 1)
    lately = an_earlier(date(2026, 11, 13), organisation="Council 1", url="https://blog1.example.org/post-1")
    pick = a_pick(1, published_on=old, url="https://blog1.example.org/post-1")
    edition = replace(a_digest(), picks=(pick, *a_digest().picks[1:]))
    assert codes(edition, a_context(earlier=(lately,))) == [("address-used", 1), ("organisation-lately", 1), ("old", 1)]
    listed = replace(a_list(title="Videos"), picks=(replace(pick, commentary="Watch it."),))
    assert codes(listed, a_context(earlier=(lately,))) == []
    other_list = replace(lately, format=DigestFormat.THEMED)
    assert codes(listed, a_context(earlier=(other_list,))) == [("address-used", 1)]
    assert codes(edition, a_context(earlier=(other_list,))) == [("old", 1)]
