"""A host that asked to be left alone is, when a person adds a blog or bookmarks a page, too."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from aggregator.app import App, open_app
from aggregator.demo.server import FeedServer
from aggregator.errors import FetchFailed
from aggregator.pauses import in_words, pause_of
from aggregator.settings import Settings
from tests.conftest import StandingClock
from tests.poll.values import an_rss
from tests.rows import follow_a_feed

NOW = datetime(2026, 11, 18, 10, tzinfo=UTC)
BUSY = {"Retry-After": "5400"}


@pytest.fixture
async def app(tmp_path: Path, clock: StandingClock) -> AsyncIterator[App]:
    settings = Settings(
        data=tmp_path, feeds=tmp_path / "feeds.opml", allow_networks="127.0.0.0/8", host_gap=0, parse_workers=1
    )
    async with open_app(settings, clock=clock) as opened:
        yield opened


def follow(app: App, url: str) -> int:
    with app.db.write() as tx:
        return follow_a_feed(tx, xml_url=url, next_poll_at=NOW, polled_at=None)


@pytest.mark.parametrize("status", [429, 503])
async def test_adding_a_blog_keeps_away_and_so_do_polls(
    app: App, server: FeedServer, clock: StandingClock, status: int
) -> None:
    server.fails("/", status, headers=BUSY)
    server.says("/feed", an_rss(1))
    follow(app, server.url("/feed"))
    with pytest.raises(FetchFailed, match="asks to be left alone for a while") as asked:
        await app.follow.find(server.url("/"))
    assert asked.value.hint == "Try again in 90 minutes."
    assert [path for path, _ in server.requests] == ["/"], "no address was guessed"

    clock.advance(minutes=30)
    with pytest.raises(FetchFailed, match="asked to be left alone for a while") as asked:
        await app.follow.find(server.url("/another"))
    assert asked.value.hint == "Try again in 60 minutes."
    [report] = await app.poller.poll_due()
    assert (report.outcome, report.next_poll_at) == ("postponed", NOW + timedelta(minutes=90))
    assert len(server.requests) == 1

    with FeedServer() as neighbour:
        neighbour.says("/", an_rss(1))
        assert await app.follow.find(neighbour.url("/")), "another port is another server"

    clock.advance(minutes=61)
    server.says("/", an_rss(1))
    assert await app.follow.find(server.url("/"))


async def test_what_a_poll_was_asked_holds_for_a_bookmark(app: App, server: FeedServer, clock: StandingClock) -> None:
    server.fails("/feed", 429, headers=BUSY)
    server.says("/page", "<title>A page</title>", content_type="text/html")
    follow(app, server.url("/feed"))
    await app.poller.poll_due()
    done = await app.desk.shortlist(server.url("/page"))
    assert done.bookmark.title == server.url("/page")
    assert done.warning is not None
    assert "asked to be left alone for a while. Try again in 90 minutes." in done.warning
    assert [path for path, _ in server.requests] == ["/feed"]
    clock.advance(minutes=91)
    assert (await app.desk.shortlist(server.url("/page"))).bookmark.title == "A page"


async def test_trouble_without_a_wish_is_told_as_it_is(app: App, server: FeedServer) -> None:
    server.fails("/", 503)
    for _ in range(2):
        with pytest.raises(FetchFailed, match="answered with status 503"):
            await app.follow.find(server.url("/"))
    assert len(server.requests) == 2


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("", None),
        ("0", None),
        ("-5", None),
        ("soon", None),
        ("٣", None),  # a digit, but not of ours
        ("60", 60),
        (" 60 ", 60),
        ("9" * 30, 48 * 3600),
        (format_datetime(NOW + timedelta(hours=1), usegmt=True), 3600),
        (format_datetime(NOW - timedelta(hours=1), usegmt=True), None),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 48 * 3600),
    ],
)
def test_what_retry_after_asks_for(value: str, seconds: int | None) -> None:
    assert pause_of(value, NOW) == (None if seconds is None else timedelta(seconds=seconds))


def test_a_wait_in_words() -> None:
    spans = (timedelta(seconds=5), timedelta(minutes=1), timedelta(minutes=119), timedelta(hours=48))
    assert [in_words(span) for span in spans] == ["1 minute", "1 minute", "119 minutes", "48 hours"]
