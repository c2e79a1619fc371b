"""The loop, with a real server, real workers and a real database file."""

import asyncio
import logging
import threading
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Row, func, select

from aggregator import errors
from aggregator.clock import Calendar, Clock
from aggregator.demo.server import FeedServer
from aggregator.locks import hold
from aggregator.model import DueFeed, Failed, FailureReason, FetchOutcome, Offer
from aggregator.outbound import Outbound
from aggregator.poll.fetch import Fetcher
from aggregator.poll.poller import DOCUMENTS_AT_ONCE, Fetches, Poller, PollReport
from aggregator.room import Place
from aggregator.sandbox import Sandbox
from aggregator.store import offers
from aggregator.store.database import Database
from aggregator.store.schema import entries, feeds, hub_subscriptions
from tests.conftest import StandingClock
from tests.outbounds import an_outbound
from tests.poll.pollers import a_poller
from tests.poll.values import NOW, an_rss
from tests.rows import follow_a_feed

HOUR = timedelta(hours=1)
NEVER_POLLED = {"next_poll_at": NOW, "polled_at": None, "succeeded_at": None}

MakePoller = Callable[..., Poller]
Follow = Callable[..., int]


@pytest.fixture
def make_poller(
    db: Database, clock: StandingClock, calendar: Calendar, sandbox: Sandbox, outbound: Outbound
) -> MakePoller:
    """The real poller, unless told otherwise."""

    def make(
        *,
        fetcher: Fetches | None = None,
        in_flight: int = 8,
        database: Database = db,
        workers: Sandbox = sandbox,
        time: Clock = clock,
    ) -> Poller:
        return a_poller(
            database,
            outbound,
            time,
            fetcher=fetcher or Fetcher(outbound, clock),
            sandbox=workers,
            calendar=calendar,
            in_flight=in_flight,
        )

    return make


@pytest.fixture
def follow(db: Database, server: FeedServer) -> Follow:
    """Follow a feed of the server that was never polled; its id."""

    def follow(path: str, **given: object) -> int:
        with db.write() as tx:
            return follow_a_feed(tx, **NEVER_POLLED | {"xml_url": server.url(path), "title": path} | given)

    return follow


def the_feed(db: Database, feed_id: int) -> "Row[*tuple[object, ...]]":
    with db.read() as tx:
        return tx.execute(select(*feeds.c).where(feeds.c.id == feed_id)).one()


def the_entries(db: Database, *feed_ids: int) -> "list[Row[*tuple[object, ...]]]":
    with db.read() as tx:
        return list(tx.execute(select(*entries.c).where(entries.c.feed_id.in_(feed_ids)).order_by(entries.c.id)))


def by_title(reports: tuple[PollReport, ...]) -> dict[str, PollReport]:
    return {report.title: report for report in reports}


class Scripted:
    """A fetcher that does as it is told, by the path of the feed."""

    def __init__(self, fetch: Callable[[DueFeed], FetchOutcome]) -> None:
        self._fetch = fetch
        self.asked: list[str] = []
        self.most_at_once = 0
        self._now = 0

    def recall(self, pauses: Mapping[str, datetime]) -> None:
        """It has no hosts to keep away from."""

    async def fetch(self, feed: DueFeed, place: Place) -> FetchOutcome:
        self.asked.append(feed.xml_url)
        self._now += 1
        self.most_at_once = max(self.most_at_once, self._now)
        await asyncio.sleep(0)
        self._now -= 1
        return self._fetch(feed)


def fails(_feed: DueFeed) -> FetchOutcome:
    return Failed(reason=FailureReason.TIMEOUT, message="It took too long.")


# ------------------------------------------------------------------------------------------- the usual


async def test_a_new_feed_fills_the_inbox_and_is_then_asked_politely(
    db: Database, server: FeedServer, clock: StandingClock, make_poller: MakePoller, follow: Follow
) -> None:
    server.says("/feed", an_rss(1, 2, 3), etag='"one"')
    feed_id = follow("/feed")
    poller = make_poller()

    [first] = await poller.poll_due()
    assert (first.outcome, first.new, first.changed, first.reason) == ("new", 3, 0, None)
    assert [entry.title for entry in the_entries(db, feed_id)] == ["Post 1", "Post 2", "Post 3"]
    saved = the_feed(db, feed_id)
    assert (saved.etag, saved.newest_entry_at, saved.failures) == ('"one"', NOW, 0)
    assert (saved.next_poll_at, saved.next_poll_reason) == (first.next_poll_at, "posted on one day so far")

    assert await poller.poll_due() == ()
    clock.advance(hours=12)
    [second] = await poller.poll_due()
    assert (second.outcome, second.new) == ("unchanged", 0)
    assert server.requests[1][1]["if-none-match"] == '"one"'
    assert the_feed(db, feed_id).succeeded_at == clock()
    assert the_feed(db, feed_id).newest_entry_at == NOW
    assert db.problems() == []


async def test_what_changed_is_followed_and_what_is_new_is_added(
    db: Database, server: FeedServer, make_poller: MakePoller, follow: Follow
) -> None:
    server.says("/feed", an_rss(1, 2), etag='"one"')
    feed_id = follow("/feed")
    poller = make_poller()
    await poller.poll_due()

    server.says("/feed", an_rss(1, 2, 3, text="Rewritten."), etag='"two"')
    [report] = await poller.poll_all()
    assert (report.outcome, report.new, report.changed) == ("new", 1, 2)
    assert len(the_entries(db, feed_id)) == 3

    server.says("/feed", an_rss(1, 2, 3, text="Rewritten again."), etag='"three"')
    [report] = await poller.poll_all()
    assert (report.outcome, report.new, report.changed) == ("changed", 0, 3)
    assert db.problems() == []


async def test_the_archive_of_a_new_feed_is_filed(
    db: Database, server: FeedServer, clock: StandingClock, make_poller: MakePoller, follow: Follow
) -> None:
    clock.advance(days=40)
    server.says("/feed", an_rss(1, 2))
    feed_id = follow("/feed")
    [report] = await make_poller().poll_due()
    assert (report.outcome, report.new) == ("unchanged", 0)
    assert report.message == "Filed, being older than 30 days: 2."
    assert [entry.filed for entry in the_entries(db, feed_id)] == [True, True]
    assert the_feed(db, feed_id).newest_entry_at is None


async def test_a_piece_that_two_feeds_carry_has_one_leader(
    db: Database, server: FeedServer, make_poller: MakePoller, follow: Follow
) -> None:
    server.says("/council", an_rss(1, 2, title="Same"))
    server.says("/press", an_rss(2, 3, title="Same"))
    council, press = follow("/council"), follow("/press")
    await make_poller(in_flight=1).poll_due()
    leaders = {entry.title: entry.piece_id for entry in the_entries(db, press)}
    [twice] = [entry.id for entry in the_entries(db, council) if entry.title == "Post 2"]
    assert leaders == {"Post 2": twice, "Post 3": None}


async def test_a_piece_that_one_document_carries_twice_has_one_leader(
    db: Database, server: FeedServer, make_poller: MakePoller, follow: Follow
) -> None:
    server.says("/feed", an_rss(1, 2, 3).replace("Post 3", "Post 1").replace("<description>3 of", "<description>1 of"))
    feed_id = follow("/feed")
    await make_poller().poll_due()
    first, other, again = the_entries(db, feed_id)
    assert (first.title, again.title) == ("Post 1", "Post 1")
    assert [first.piece_id, other.piece_id, again.piece_id] == [None, None, first.id]


async def test_guids_that_cannot_be_trusted_are_told_about_once(
    db: Database, server: FeedServer, make_poller: MakePoller, follow: Follow
) -> None:
    server.says("/feed", an_rss(1, 2, 3).replace("guid-2", "guid-1"))
    feed_id = follow("/feed")
    poller = make_poller()
    [report] = await poller.poll_due()
    assert "told apart by guid and address" in report.message
    assert the_feed(db, feed_id).identity == "guid+url"
    server.says("/feed", an_rss(1, 2, 3, 4).replace("guid-2", "guid-1"))
    [report] = await poller.poll_all()
    assert (report.new, report.changed, report.message) == (1, 0, "")


async def test_an_entry_whose_address_no_browser_should_open_stays_without_it_and_that_is_told(
    server: FeedServer, make_poller: MakePoller, follow: Follow, db: Database
) -> None:
    document = an_rss(1, 2).replace("https://blog.example.org/Blog/post-1", "javascript:alert(1)")
    server.says("/feed", document)
    follow("/feed", **NEVER_POLLED)
    (report,) = await make_poller().poll_due()
    assert report.new == 2
    assert report.message == "Addresses left out, which no browser should open: 1."
    with db.read() as tx:
        assert set(tx.scalars(select(entries.c.url))) == {None, "https://blog.example.org/Blog/post-2"}


async def test_progress_is_told(server: FeedServer, make_poller: MakePoller, follow: Follow) -> None:
    for name in "abc":
        follow(f"/{name}")
    total: list[int] = []
    told: list[PollReport] = []
    reports = await make_poller().poll_due(on_start=total.append, on_report=told.append)
    assert total == [3]
    assert tuple(told) == reports


async def test_one_feed_is_polled_on_request_whatever_its_status(
    db: Database, server: FeedServer, make_poller: MakePoller, follow: Follow
) -> None:
    server.says("/feed", an_rss(1))
    feed_id = follow("/feed", status="gone", next_poll_at=NOW + HOUR)
    follow("/other")
    [report] = await make_poller().poll_feed(feed_id)
    assert report.new == 1
    assert the_feed(db, feed_id).status == "active"
    with pytest.raises(errors.NotFound, match="no feed 99"):
        await make_poller().poll_feed(99)


# ------------------------------------------------------------------------------------------- sick feeds


async def test_sick_feeds_are_recorded_and_stop_nobody(
    db: Database, server: FeedServer, clock: StandingClock, make_poller: MakePoller, follow: Follow
) -> None:
    server.says("/well", an_rss(1))
    server.says("/page", "<!doctype html><html><head><title>Hi</title></head><body>Hi</body></html>")
    server.says("/empty", "")
    server.says("/broken", "<rss version='2.0'><channel><item")
    server.fails("/trouble", 500)
    server.gone("/gone")
    server.drops("/drops")
    server.hangs("/hangs")
    server.drips("/drips")
    server.says("/huge", "x" * 2_000_000)
    ids = {
        path: follow(f"/{path}")
        for path in ("page", "empty", "broken", "trouble", "gone", "drops", "hangs", "drips", "huge", "missing", "well")
    }
    async with an_outbound(deadline=4) as impatient:
        reports = by_title(await make_poller(fetcher=Fetcher(impatient, clock)).poll_due())
    assert {title[1:]: report.reason for title, report in reports.items()} == {
        "page": "page",
        "empty": "empty",
        "broken": "unreadable",
        "trouble": "server",
        "gone": "gone",
        "drops": "protocol",
        "hangs": "timeout",
        "drips": "timeout",
        "huge": "too-large",
        "missing": "not-found",
        "well": None,
    }
    assert reports["/well"].new == 1
    for path, feed_id in ids.items():
        saved = the_feed(db, feed_id)
        if path != "well":
            assert (saved.failures, saved.polled_at, saved.succeeded_at) == (1, NOW, None)
            assert saved.failure_reason == reports[f"/{path}"].reason
            assert saved.failure_message
            assert saved.next_poll_at > NOW


async def test_a_document_that_cannot_be_read_leaves_the_validators_alone(
    db: Database, server: FeedServer, make_poller: MakePoller, follow: Follow
) -> None:
    server.says("/feed", an_rss(1), etag='"good"')
    feed_id = follow("/feed")
    poller = make_poller()
    await poller.poll_due()
    good = the_feed(db, feed_id)
    server.says("/feed", "no feed at all", etag='"bad"')
    [report] = await poller.poll_all()
    assert report.outcome == "failed"
    bad = the_feed(db, feed_id)
    assert (bad.etag, bad.body_hash) == (good.etag, good.body_hash)


async def test_gone_said_twice_a_day_apart_ends_the_polling_and_keeps_the_entries(
    db: Database, server: FeedServer, clock: StandingClock, make_poller: MakePoller, follow: Follow
) -> None:
    server.says("/feed", an_rss(1))
    feed_id = follow("/feed")
    poller = make_poller()
    await poller.poll_due()
    server.gone("/feed")
    [first] = await poller.poll_all()
    assert first.next_poll_at == clock() + 24 * HOUR
    clock.advance(hours=24)
    [second] = await poller.poll_due()
    assert "asked no more" in second.message
    assert the_feed(db, feed_id).status == "gone"
    clock.advance(days=30)
    assert await poller.poll_due() == ()
    assert len(the_entries(db, feed_id)) == 1


async def test_a_permanent_move_is_remembered_and_said(
    db: Database, server: FeedServer, make_poller: MakePoller, follow: Follow
) -> None:
    server.says("/new", an_rss(1))
    server.moves_to("/old", server.url("/new"))
    feed_id = follow("/old")
    [report] = await make_poller().poll_due()
    assert report.new == 1
    assert report.message == f"It has moved for good to {server.url('/new')}."
    saved = the_feed(db, feed_id)
    assert (saved.moved_to, saved.moved_since) == (server.url("/new"), NOW)
    assert saved.xml_url == server.url("/old")


async def test_a_server_that_asks_to_be_left_alone_is_with_all_its_feeds(
    db: Database, server: FeedServer, make_poller: MakePoller, follow: Follow
) -> None:
    server.fails("/busy", 429, headers={"Retry-After": "7200"})
    busy = follow("/busy")
    neighbour = follow("/neighbour", next_poll_at=NOW + HOUR)
    paused = follow("/paused", next_poll_at=NOW + HOUR, status="paused")
    stranger = follow("/", xml_url="http://127.0.0.1:9/feed", next_poll_at=NOW + HOUR)
    await make_poller().poll_due()
    assert the_feed(db, busy).next_poll_at == NOW + 2 * HOUR
    assert the_feed(db, neighbour).next_poll_at == NOW + 2 * HOUR
    assert the_feed(db, neighbour).next_poll_reason == "its server asked to be left alone until then"
    assert the_feed(db, neighbour).failures == 0
    assert the_feed(db, stranger).next_poll_at == the_feed(db, paused).next_poll_at == NOW + HOUR


async def test_a_pause_holds_for_another_process_and_when_all_are_asked(
    db: Database, server: FeedServer, make_poller: MakePoller, follow: Follow, clock: StandingClock
) -> None:
    server.fails("/busy", 503, headers={"Retry-After": "Wed, 18 Nov 2026 12:00:00 GMT"})
    server.says("/calm", an_rss(1))
    busy, calm = follow("/busy"), follow("/calm", next_poll_at=NOW + HOUR)
    await make_poller().poll_due()
    clock.advance(minutes=119)
    reports = by_title(await make_poller().poll_all())  # another Fetcher, which remembers nothing
    assert {report.outcome for report in reports.values()} == {"postponed"}
    assert [path for path, _ in server.requests] == ["/busy"]
    assert the_feed(db, busy).failures == 1
    assert the_feed(db, calm).failures == 0
    assert the_feed(db, calm).polled_at is None
    assert the_feed(db, calm).next_poll_at == NOW + 2 * HOUR
    clock.advance(minutes=1)
    assert [report.new for report in await make_poller().poll_feed(calm)] == [1]


async def test_a_host_at_the_end_of_a_redirect_is_left_alone_and_the_one_before_it_is_not(
    db: Database, server: FeedServer, make_poller: MakePoller, follow: Follow
) -> None:
    with FeedServer() as busy:
        busy.fails("/feed", 429, headers={"Retry-After": "3600"})
        server.moves_to("/moved", busy.url("/feed"), status=302)
        server.says("/stays", an_rss(1))
        follow("/moved")
        await make_poller().poll_due()
        stays = follow("/stays")
        reports = by_title(await make_poller().poll_all())
        assert sorted(report.outcome for report in reports.values()) == ["new", "postponed"]
        assert len(busy.requests) == 1
    assert the_feed(db, stays).failures == 0


async def test_a_page_where_a_feed_was_is_said_and_its_feeds_are_offered(
    db: Database, server: FeedServer, make_poller: MakePoller, follow: Follow, clock: StandingClock
) -> None:
    page = (
        "<!doctype html><html><head><title>Home</title>"
        "<link rel=alternate type=application/rss+xml href=/feed title=Itself>"
        "<link rel=alternate type=application/rss+xml href=/comments/feed title=Comments>"
        "<link rel=alternate type=application/atom+xml href=/new.atom title='All posts'></head><body>Hello</body>"
    )
    server.says("/feed", page, content_type="text/html")
    feed_id = follow("/feed")
    [report] = await make_poller().poll_due()
    assert report.reason == "page"
    assert report.message == (
        "There is a web page, not a feed, at this address. It names a feed; choose with: five feeds edits"
    )
    with db.read() as tx:
        assert offers.every(tx) == {feed_id: (Offer(url=server.url("/new.atom"), title="All posts"),)}
    server.says("/feed", an_rss(1))
    clock.advance(hours=1)
    await make_poller().poll_due()
    with db.read() as tx:
        assert offers.every(tx) == {}


async def test_a_worker_that_fails_costs_one_feed(
    db: Database, server: FeedServer, make_poller: MakePoller, follow: Follow
) -> None:
    server.says("/feed", an_rss(1))
    feed_id = follow("/feed")
    closed = Sandbox(workers=1, deadline=8, memory_mib=384)
    closed.close()
    [report] = await make_poller(workers=closed).poll_due()
    assert report.reason == "worker"
    assert report.message.startswith("The sandbox is closed. It will be tried again.")
    assert "take the feed out of feeds.opml" in report.message
    assert the_feed(db, feed_id).failures == 1


async def test_what_nobody_foresaw_is_logged_and_costs_one_feed(
    db: Database, make_poller: MakePoller, follow: Follow, caplog: pytest.LogCaptureFixture
) -> None:
    def fetch(feed: DueFeed) -> FetchOutcome:
        if feed.title == "/odd":
            raise ZeroDivisionError
        return fails(feed)

    odd, other = follow("/odd"), follow("/other")
    with caplog.at_level(logging.ERROR):
        reports = by_title(await make_poller(fetcher=Scripted(fetch)).poll_due())
    assert "ZeroDivisionError" in reports["/odd"].message
    assert "was not foreseen" in caplog.text
    assert (the_feed(db, odd).failures, the_feed(db, other).failures) == (1, 1)


# ------------------------------------------------------------------------------------------- the whole run


async def test_only_so_many_are_in_work_at_once(make_poller: MakePoller, follow: Follow) -> None:
    for number in range(12):
        follow(f"/{number}")
    fetcher = Scripted(fails)
    assert len(await make_poller(fetcher=fetcher, in_flight=5).poll_due()) == 12
    assert fetcher.most_at_once == 5


async def test_large_documents_wait_for_one_another(make_poller: MakePoller, follow: Follow) -> None:
    for number in range(12):
        follow(f"/{number}")
    size, held = DOCUMENTS_AT_ONCE // 4, []

    class Large(Scripted):
        """Its documents are a quarter of what may be in hand at once."""

        async def fetch(self, feed: DueFeed, place: Place) -> FetchOutcome:
            await place.take(size)
            held.append(poller._room.used)
            return await super().fetch(feed, place)

    poller = make_poller(fetcher=Large(fails), in_flight=12)
    assert len(await poller.poll_due()) == 12
    assert max(held) == 4 * size
    assert poller._room.used == 0


async def test_a_host_with_many_feeds_takes_its_turn(make_poller: MakePoller, follow: Follow) -> None:
    for number in range(3):
        follow("", xml_url=f"http://many.example/{number}")
    follow("", xml_url="http://one.example/a", next_poll_at=NOW)
    follow("", xml_url="http://two.example/a", next_poll_at=NOW)
    fetcher = Scripted(fails)
    await make_poller(fetcher=fetcher, in_flight=1).poll_due()
    assert fetcher.asked == [
        "http://many.example/0",
        "http://one.example/a",
        "http://two.example/a",
        "http://many.example/1",
        "http://many.example/2",
    ]


async def test_a_second_poll_at_the_same_time_is_refused(
    make_poller: MakePoller, follow: Follow, tmp_path: Path
) -> None:
    follow("/feed")
    fetcher = Scripted(fails)
    with hold(tmp_path / "poll.lock"), pytest.raises(errors.Refused, match="Another poll is running"):
        await make_poller(fetcher=fetcher).poll_due()
    assert fetcher.asked == []
    assert len(await make_poller(fetcher=fetcher).poll_due()) == 1


async def test_a_database_that_cannot_be_written_ends_the_run_with_that_error(
    db: Database, make_poller: MakePoller, follow: Follow, caplog: pytest.LogCaptureFixture
) -> None:
    for number in range(5):
        follow(f"/{number}")
    impatient = Database(db.path, busy_seconds=0.05)
    try:
        with db.write(), pytest.raises(errors.DatabaseBusy):
            await make_poller(fetcher=Scripted(fails), database=impatient).poll_due()
    finally:
        impatient.close()
    assert caplog.text == ""
    assert len(await make_poller(fetcher=Scripted(fails)).poll_due()) == 5


async def test_a_poll_that_is_stopped_keeps_what_it_saved_and_lets_go(
    db: Database, server: FeedServer, make_poller: MakePoller, follow: Follow
) -> None:
    server.hangs("/hangs")
    stuck = follow("/hangs")
    for name in "abc":
        server.says(f"/{name}", an_rss(1, 2, title=name))
        follow(f"/{name}")
    saved = asyncio.Event()
    told: list[PollReport] = []

    def on_report(report: PollReport) -> None:
        told.append(report)
        if len(told) == 3:
            saved.set()

    run = asyncio.ensure_future(make_poller().poll_due(on_report=on_report))
    await saved.wait()
    run.cancel()
    with pytest.raises(asyncio.CancelledError):
        await run
    assert the_feed(db, stuck).polled_at is None
    with db.read() as tx:
        assert tx.scalar(select(func.count()).select_from(entries)) == 6
    assert db.problems() == []
    server.says("/hangs", an_rss(1))
    assert [report.title for report in await make_poller().poll_due()] == ["/hangs"]


async def test_a_save_under_way_is_finished_before_the_poll_ends(
    db: Database, make_poller: MakePoller, follow: Follow
) -> None:
    feed_id = follow("/feed")
    is_saving, may_go_on = threading.Event(), threading.Event()
    asked: list[None] = []

    def now() -> datetime:
        asked.append(None)
        if len(asked) == 3:  # two were for what is due and which hosts are paused, this is for the save
            is_saving.set()
            may_go_on.wait(timeout=20)
        return NOW

    run = asyncio.ensure_future(make_poller(fetcher=Scripted(fails), time=now).poll_due())
    await asyncio.to_thread(is_saving.wait, 20)
    run.cancel()
    for _ in range(10):
        await asyncio.sleep(0)
    assert not run.done()
    may_go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await run
    assert the_feed(db, feed_id).failures == 1


HUB = "https://hub.example.org/"
WITH_HUB = {"Link": f'<{HUB}>; rel="hub", <https://blog.example.org/feed>; rel="self"'}


def subscribe(db: Database, feed_id: int, **given: object) -> None:
    """A subscription that the feed's hub has verified."""
    good: dict[str, object] = {
        "feed_id": feed_id,
        "hub_url": HUB,
        "topic_url": "https://blog.example.org/feed",
        "token": "tok",
        "secret": "s3cret",
        "status": "active",
        "asked_at": NOW,
        "ends_at": NOW + 240 * HOUR,
        "next_ask_at": NOW + 180 * HOUR,
        "tries": 0,
        "message": "",
    }
    with db.write() as tx:
        tx.execute(hub_subscriptions.insert().values(good | given))


async def test_the_hub_that_a_feed_names_is_remembered_until_it_names_none(
    db: Database, server: FeedServer, make_poller: MakePoller, follow: Follow
) -> None:
    feed_id = follow("/feed")
    server.says("/feed", an_rss(1), headers=WITH_HUB)
    await make_poller().poll_feed(feed_id)
    with db.read() as tx:
        named = tx.execute(select(feeds.c.hub_url, feeds.c.topic_url)).one()
    assert tuple(named) == (HUB, "https://blog.example.org/feed")
    server.says("/feed", an_rss(1, 2))
    await make_poller().poll_feed(feed_id)
    with db.read() as tx:
        assert tx.scalar(select(feeds.c.hub_url)) is None


async def test_a_feed_whose_hub_delivers_is_polled_once_a_day_as_a_safety_net(
    db: Database, server: FeedServer, make_poller: MakePoller, follow: Follow, clock: StandingClock
) -> None:
    server.says("/feed", an_rss(1), headers=WITH_HUB, etag='"1"')
    feed_id = follow("/feed")
    await make_poller().poll_feed(feed_id)
    assert the_feed(db, feed_id).next_poll_at - NOW <= 12 * HOUR
    subscribe(db, feed_id)
    await make_poller().poll_feed(feed_id)
    assert 21 * HOUR < the_feed(db, feed_id).next_poll_at - NOW <= 24 * HOUR
    assert the_feed(db, feed_id).next_poll_reason.startswith("its hub sends what is new")
    server.says("/feed", an_rss(1, 2), headers=WITH_HUB, etag='"2"')
    clock.advance(hours=24)
    await make_poller().poll_due()  # finds what the hub should have sent
    assert the_feed(db, feed_id).next_poll_at - clock() <= 12 * HOUR
    with db.read() as tx:
        assert tx.scalar(select(hub_subscriptions.c.status)) == "silent"


async def test_a_lease_that_has_ended_is_worth_nothing(
    db: Database, server: FeedServer, make_poller: MakePoller, follow: Follow
) -> None:
    server.says("/feed", an_rss(1), headers=WITH_HUB, etag='"1"')
    feed_id = follow("/feed", etag='"1"')
    subscribe(db, feed_id, ends_at=NOW)
    await make_poller().poll_feed(feed_id)
    assert the_feed(db, feed_id).next_poll_at - NOW <= 12 * HOUR
