"""Suggestions reach the curators' list and nothing else, with thanks."""

from datetime import timedelta

import httpx
import pytest

from aggregator.app import App
from aggregator.curate.suggestions import MOST_WAITING
from aggregator.errors import NotFound
from aggregator.model import SuggestionKind, SuggestionStatus
from aggregator.web.limits import Limit
from tests.conftest import StandingClock
from tests.web.press import see

GOOD = {"kind": "blog", "address": "https://blog.example.org/", "title": "A blog", "words": "Good.", "thank": "Ann"}


async def test_a_suggestion_waits_for_a_curator(app: App, client: httpx.AsyncClient) -> None:
    assert "Thank you" in (await client.post("/suggest", data=GOOD)).text
    (waiting,) = app.suggestions.waiting()
    assert (waiting.kind, waiting.address, waiting.title, waiting.words, waiting.thank) == tuple(GOOD.values())
    assert (app.follow.feeds(), app.desk.public_bookmarks()) == ((), ())


async def test_who_is_thanked_agreed_to_it_and_was_taken_up(app: App, client: httpx.AsyncClient) -> None:
    await client.post("/suggest", data=GOOD)
    await client.post("/suggest", data=GOOD | {"address": "https://b.example.org/", "thank": "<b>Bob</b>"})
    await client.post("/suggest", data=GOOD | {"address": "https://c.example.org/", "thank": ""})
    assert "Ann" not in (await client.get("/blogs")).text
    first, second, third = app.suggestions.waiting()
    app.suggestions.settle([second.id, third.id], SuggestionStatus.ACCEPTED)
    app.suggestions.settle([first.id], SuggestionStatus.DECLINED)
    page = see((await client.get("/blogs")).text)
    assert "With thanks to <b>Bob</b>, who told us" in page.text
    assert app.suggestions.waiting() == ()
    with pytest.raises(NotFound, match=f"no suggestion {first.id}"):
        app.suggestions.settle([first.id], SuggestionStatus.ACCEPTED)


@pytest.mark.parametrize(
    "address", ["", "blog.example.org", "javascript:alert(1)", "https://a@b.example/", "ftp://x.y/"]
)
async def test_what_is_no_address_is_said_and_the_rest_is_kept(
    app: App, client: httpx.AsyncClient, address: str
) -> None:
    answer = await client.post("/suggest", data=GOOD | {"address": address, "kind": "link", "words": '"><i>'})
    page = see(answer.text)
    assert answer.status_code == 422
    assert page.all("input", id="words")[0]["value"] == '"><i>'
    assert "checked" in page.all("input", id="kind-link")[0]
    assert page.all("i") == []
    assert app.suggestions.waiting() == ()


async def test_the_list_takes_neither_programs_nor_repeats_nor_floods(app: App, client: httpx.AsyncClient) -> None:
    await client.post("/suggest", data=GOOD | {"website": "x"})
    assert app.suggestions.waiting() == ()
    codes = [(await client.post("/suggest", data=GOOD)).status_code for _ in range(22)]
    assert codes == [200] * 20 + [429] * 2
    assert len(app.suggestions.waiting()) == 1
    for n in range(MOST_WAITING - 1):
        app.suggestions.suggest(SuggestionKind.LINK, f"https://example.org/{n}")
    assert len(app.suggestions.waiting()) == MOST_WAITING


async def test_a_full_list_says_so(app: App, client: httpx.AsyncClient) -> None:
    for n in range(MOST_WAITING):
        app.suggestions.suggest(SuggestionKind.LINK, f"https://example.org/{n}")
    answer = await client.post("/suggest", data=GOOD)
    assert answer.status_code == 503
    assert "more suggestions than we can look through" in answer.text


async def test_other_bodies_than_a_browsers_form_are_an_empty_form(app: App, client: httpx.AsyncClient) -> None:
    many = "&".join(f"a{n}=1" for n in range(50))
    for body, kind in ((b'{"address": "x"}', "application/json"), (many.encode(), "application/x-www-form-urlencoded")):
        assert (await client.post("/suggest", content=body, headers={"content-type": kind})).status_code == 422
    big = await client.post("/suggest", data=GOOD | {"words": "x" * 100_000})
    assert big.status_code == 413


def test_a_limit_forgets_in_time(clock: StandingClock) -> None:
    limit = Limit(most=2, within=timedelta(hours=1))
    assert [limit.takes("a", clock()) for _ in range(3)] == [True, True, False]
    assert limit.takes("b", clock())
    assert not limit.takes("a", clock.advance(minutes=59))
    assert limit.takes("a", clock.advance(minutes=1))
