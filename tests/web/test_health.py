"""How the machine is, in words for maintainers and in numbers for monitors."""

from datetime import datetime, timedelta

import httpx
import pytest

from aggregator import __version__
from aggregator.app import App
from aggregator.feeds.health import State, health, hub_in_words, late, state_of
from aggregator.model import Feed, FeedStatus, HubAnswer, HubStatus
from tests.conftest import StandingClock
from tests.rows import WEDNESDAY, ask_a_hub, follow_a_feed
from tests.web.press import see

NOW = WEDNESDAY + timedelta(hours=1)


def a_feed(**given: object) -> Feed:
    good: dict[str, object] = {
        "id": 1,
        "xml_url": "https://blog.example.org/feed",
        "html_url": "https://blog.example.org/",
        "title": "A blog",
        "kind": "Councils",
        "region": "",
        "confidence": "",
        "status": FeedStatus.ACTIVE,
        "followed_at": WEDNESDAY - timedelta(days=100),
        "next_poll_at": NOW + timedelta(hours=1),
        "next_poll_reason": "posts about every two days",
        "polled_at": WEDNESDAY,
        "succeeded_at": WEDNESDAY,
        "newest_entry_at": WEDNESDAY,
        "failures": 0,
        "failure_reason": None,
        "failure_message": None,
        "moved_to": None,
        "moved_since": None,
    }
    return Feed(**good | given)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("given", "state"),
    [
        ({}, State.WELL),
        ({"failures": 1}, State.FAILING),
        ({"failures": 1, "status": FeedStatus.PAUSED}, State.PAUSED),
        ({"failures": 2, "status": FeedStatus.GONE}, State.GONE),
        ({"polled_at": None}, State.NEW),
        ({"moved_to": "https://new.example.org/feed"}, State.MOVED),
        ({"newest_entry_at": NOW - timedelta(days=365)}, State.WELL),
        ({"newest_entry_at": NOW - timedelta(days=366)}, State.QUIET),
        ({"newest_entry_at": None}, State.QUIET),
    ],
)
def test_a_feed_has_one_state(given: dict[str, object], state: State) -> None:
    assert state_of(a_feed(**given), NOW) is state


def test_only_active_feeds_are_late_and_only_after_a_while() -> None:
    long_due = NOW - timedelta(minutes=16)
    feeds = (
        a_feed(id=1, next_poll_at=long_due),
        a_feed(id=2, next_poll_at=NOW - timedelta(minutes=14)),
        a_feed(id=3, next_poll_at=long_due, status=FeedStatus.GONE),
    )
    assert [feed.id for feed in late(feeds, NOW)] == [1]


USUAL = "The feed is polled as usual."
SENDS = "Its hub sends what is new."
LATER, BEFORE = NOW + timedelta(days=3), NOW - timedelta(minutes=1)


@pytest.mark.parametrize(
    ("status", "ends_at", "message", "words"),
    [
        (HubStatus.ASKED, None, "", f"Its hub was asked to send what is new, and has not agreed yet. {USUAL}"),
        (
            HubStatus.ASKED,
            None,
            "The hub answered with status 500.",
            "Its hub was asked to send what is new, and has not agreed yet. "
            f"When last asked: The hub answered with status 500. {USUAL}",
        ),
        (HubStatus.ACTIVE, LATER, "", SENDS),
        (HubStatus.ACTIVE, LATER, "No answer.", f"{SENDS} When last asked: No answer."),
        (HubStatus.ACTIVE, BEFORE, "", f"Its hub sent what is new, but only until its promise ran out. {USUAL}"),
        (
            HubStatus.SILENT,
            LATER,
            "",
            f"Its hub agreed to send what is new, but did not send what the last poll found. {USUAL}",
        ),
        (HubStatus.SILENT, BEFORE, "", f"Its hub sent what is new, but only until its promise ran out. {USUAL}"),
        (HubStatus.REFUSED, None, "The hub refused: too many", f"The hub refused: too many. {USUAL}"),
        (HubStatus.REFUSED, None, "The hub refused.", f"The hub refused. {USUAL}"),
        (HubStatus.REFUSED, None, "", f"The hub refused. {USUAL}"),
    ],
)
def test_what_a_hub_answered_in_plain_words(
    status: HubStatus, ends_at: datetime | None, message: str, words: str
) -> None:
    assert hub_in_words(HubAnswer(status=status, ends_at=ends_at, message=message), NOW) == words


def test_only_of_a_feed_that_is_asked_and_whose_hub_was() -> None:
    answers = {number: HubAnswer(status=HubStatus.ACTIVE, ends_at=LATER, message="") for number in (1, 2)}
    feeds = (a_feed(id=1), a_feed(id=2, status=FeedStatus.PAUSED), a_feed(id=3))
    assert {line.feed.id: line.hub for line in health(feeds, {}, answers, NOW)} == {1: SENDS, 2: "", 3: ""}


async def test_the_page_says_what_hubs_answered(app: App, client: httpx.AsyncClient) -> None:
    with app.db.write() as tx:
        ask_a_hub(tx, follow_a_feed(tx, title="Pushed"), status="refused", message="The hub refused: <b>full</b>")
        ask_a_hub(tx, follow_a_feed(tx, title="Changed"), topic_url="https://old.example.org/feed", message="No.")
    text = see((await client.get("/health")).text).text
    assert "The hub refused: <b>full</b>. The feed is polled as usual." in text
    assert "When last asked" not in text


async def test_the_page_tells_of_every_feed_the_sick_first(
    app: App, client: httpx.AsyncClient, clock: StandingClock
) -> None:
    with app.db.write() as tx:
        follow_a_feed(tx, title="All & well", newest_entry_at=clock() - timedelta(days=2))
        follow_a_feed(
            tx,
            title="Sick <b>one</b>",
            failures=3,
            failure_reason="server",
            failure_message="The server answered 503. Nothing to do but wait.",
            next_poll_reason="after 3 failures in a row",
        )
        follow_a_feed(tx, title="Gone", status="gone")
    text = see((await client.get("/health")).text).text
    assert "We follow 3 feeds. The last one was asked an hour ago." in text
    assert "1 failing 1 gone 1 well" in text
    assert text.index("Sick <b>one</b>") < text.index("All & well")
    assert "Failing The server answered 503. Nothing to do but wait. 3 times in a row." in text
    assert "in 6 hours after 3 failures in a row" in text.replace("in 5 hours", "in 6 hours")
    assert "Well 2 days ago an hour ago" in text
    assert "none, it is gone" in text


async def test_the_page_shows_a_hundred_at_a_time(app: App, client: httpx.AsyncClient) -> None:
    with app.db.write() as tx:
        for number in range(205):
            follow_a_feed(tx, title=f"Feed {number:03}", failures=int(number == 204))
    pages = {start: see((await client.get(f"/health?start={start}")).text) for start in (0, 100, 200, 300)}
    assert [len(page.all("th", scope="row")) for page in pages.values()] == [100, 100, 5, 0]
    assert "Feed 204 " in pages[0].text
    assert "Feeds 1 to 100 of 205" in pages[0].text
    assert [link for link in pages[100].links() if link.startswith("/health")] == ["/health", "/health?start=200"]
    assert "/health?start=100" in pages[200].links()
    assert "Nothing is listed here" in pages[300].text
    for odd in ("-1", "abc", "²", "9" * 10):
        assert "Feeds 1 to 100" in see((await client.get("/health", params={"start": odd})).text).text


async def test_the_page_says_when_nobody_polls(app: App, client: httpx.AsyncClient, clock: StandingClock) -> None:
    with app.db.write() as tx:
        follow_a_feed(tx, next_poll_at=clock() - timedelta(hours=2))
    text = see((await client.get("/health")).text).text
    assert "1 feed is waiting to be asked for more than a quarter of an hour." in text
    assert "due 2 hours ago" in text


async def test_the_page_of_an_empty_house_says_what_to_do(client: httpx.AsyncClient) -> None:
    assert "five feeds sync" in see((await client.get("/health")).text).text


async def test_monitors_get_numbers(app: App, client: httpx.AsyncClient, clock: StandingClock) -> None:
    with app.db.write() as tx:
        follow_a_feed(tx)
        follow_a_feed(tx, failures=1, next_poll_at=clock() - timedelta(hours=1))
    answer = await client.get("/healthz")
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json() == {
        "status": "ok",
        "version": __version__,
        "feeds": 2,
        "failing": 1,
        "late": 1,
        "polled_at": "2026-11-18T09:00:00Z",
    }


async def test_monitors_are_told_when_the_database_is_away(app: App, client: httpx.AsyncClient) -> None:
    app.db.path.rename(app.db.path.with_suffix(".away"))
    app.db.path.mkdir()
    app.db.close()
    answer = await client.get("/healthz")
    assert answer.status_code == 503
    assert answer.json()["status"] == "failing"
    assert str(app.db.path) not in answer.text
