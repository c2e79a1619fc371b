"""One conditional GET: the headers that are sent, and what comes of each answer."""

import hashlib
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from aggregator.demo.server import FeedServer
from aggregator.model import (
    DueFeed,
    Failed,
    FailureReason,
    Fetched,
    FetchOutcome,
    IdentityPolicy,
    NotModified,
    Postponed,
)
from aggregator.poll.fetch import Fetcher
from tests.conftest import StandingClock
from tests.outbounds import an_outbound

RSS = b"<rss version='2.0'><channel/></rss>"
HASH = hashlib.sha256(RSS).hexdigest()
HOUR = timedelta(hours=1)


def due(url: str, **given: Any) -> DueFeed:
    """A feed that was never fetched."""
    never = DueFeed(
        id=1,
        title="Borsetshire Digital",
        xml_url=url,
        etag=None,
        last_modified=None,
        body_hash=None,
        failures=0,
        failure_reason=None,
        gone_since=None,
        moved_to=None,
        moved_since=None,
        identity=IdentityPolicy.GUID,
    )
    return replace(never, **given)


async def fetch(feed: DueFeed, clock: StandingClock, **given: Any) -> FetchOutcome:
    async with an_outbound(**given) as outbound:
        return await Fetcher(outbound, clock).fetch(feed)


async def failed(feed: DueFeed, clock: StandingClock, **given: Any) -> Failed:
    outcome = await fetch(feed, clock, **given)
    assert isinstance(outcome, Failed)
    return outcome


async def test_a_new_body_is_fetched_with_its_validators(server: FeedServer, clock: StandingClock) -> None:
    stamp = "Wed, 18 Nov 2026 09:00:00 GMT"
    server.says("/feed", RSS, content_type="text/xml; charset=x", etag='W/"a, b"', last_modified=stamp)
    assert await fetch(due(server.url("/feed")), clock) == Fetched(
        url=server.url("/feed"),
        body=RSS,
        content_type="text/xml; charset=x",
        etag='W/"a, b"',
        last_modified=stamp,
        body_hash=HASH,
    )
    sent = server.requests[0][1]
    assert "application/atom+xml" in sent["accept"]
    assert not {"if-none-match", "if-modified-since", "a-im"} & set(sent)


@pytest.mark.parametrize("etag", ['"1"', 'W/"1"', "1", '"é"', '"a" "b"', '"a, \\"b"'])
async def test_validators_go_back_byte_for_byte(server: FeedServer, clock: StandingClock, etag: str) -> None:
    stamp = "Wednesday the 18th"
    server.says("/feed", RSS, etag=etag, last_modified=stamp)
    first = await fetch(due(server.url("/feed")), clock)
    assert isinstance(first, Fetched)
    again = due(server.url("/feed"), etag=first.etag, last_modified=first.last_modified, body_hash=first.body_hash)
    assert await fetch(again, clock) == NotModified(etag=etag, last_modified=stamp)
    sent = server.requests[1][1]
    assert (sent["if-none-match"], sent["if-modified-since"], sent["a-im"]) == (etag, stamp, "feed")


async def test_a_date_alone_is_sent_alone(server: FeedServer, clock: StandingClock) -> None:
    server.says("/feed", RSS, last_modified="x")
    feed = due(server.url("/feed"), last_modified="x")
    assert await fetch(feed, clock) == NotModified(etag=None, last_modified="x")
    assert not {"if-none-match", "a-im"} & set(server.requests[0][1])


async def test_a_304_may_bring_a_new_validator_and_keeps_the_old(server: FeedServer, clock: StandingClock) -> None:
    server.sends_raw("/feed", b'HTTP/1.1 304 Not Modified\r\nETag: "2"\r\n\r\n')
    feed = due(server.url("/feed"), etag='"1"', last_modified="x")
    assert await fetch(feed, clock) == NotModified(etag='"2"', last_modified="x")
    server.sends_raw("/feed", b"HTTP/1.1 304 Not Modified\r\nLast-Modified: y\r\n\r\n")
    assert await fetch(feed, clock) == NotModified(etag='"1"', last_modified="y")


async def test_a_304_that_nobody_asked_for_is_a_fault(server: FeedServer, clock: StandingClock) -> None:
    server.sends_raw("/feed", b"HTTP/1.1 304 Not Modified\r\n\r\n")
    outcome = await failed(due(server.url("/feed"), body_hash=HASH), clock)
    assert outcome.reason == FailureReason.PROTOCOL


async def test_the_same_body_again_is_not_modified(server: FeedServer, clock: StandingClock) -> None:
    server.says("/feed", RSS, etag='"2"')
    feed = due(server.url("/feed"), etag='"1"', body_hash=HASH)
    assert await fetch(feed, clock) == NotModified(etag='"2"', last_modified=None)


async def test_a_difference_of_the_feed_is_fetched(server: FeedServer, clock: StandingClock) -> None:
    server.says("/feed", RSS, status=226, headers={"IM": "feed"})
    outcome = await fetch(due(server.url("/feed"), etag='"1"', body_hash="other"), clock)
    assert isinstance(outcome, Fetched)
    assert outcome.body == RSS


async def test_an_absurd_validator_is_not_kept(server: FeedServer, clock: StandingClock) -> None:
    server.says("/feed", RSS, etag='"' + "x" * 5000 + '"', last_modified="")
    outcome = await fetch(due(server.url("/feed")), clock)
    assert isinstance(outcome, Fetched)
    assert (outcome.etag, outcome.last_modified) == (None, None)


async def test_where_the_feed_moved_is_told_whatever_the_outcome(server: FeedServer, clock: StandingClock) -> None:
    for start, end in (("/a", "/new"), ("/b", "/empty"), ("/c", "/none"), ("/d", "/throttled")):
        server.moves_to(start, end)
    server.says("/new", RSS)
    server.says("/empty", "")
    outcomes = [await fetch(due(server.url(start)), clock) for start in ("/a", "/b", "/c")]
    outcomes.append(await fetch(due(server.url("/a"), body_hash=HASH), clock))
    server.fails("/throttled", 429)
    outcomes.append(await fetch(due(server.url("/d")), clock))
    expected = ["/new", "/empty", "/none", "/new", "/throttled"]
    assert [outcome.moved_to for outcome in outcomes if not isinstance(outcome, Postponed)] == [
        server.url(path) for path in expected
    ]
    assert isinstance(outcomes[0], Fetched)
    assert outcomes[0].url == server.url("/new")


# -------------------------------------------------------------------------------------------------- what failed


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (204, FailureReason.EMPTY),
        (206, FailureReason.EMPTY),
        (300, FailureReason.SERVER),
        (400, FailureReason.SERVER),
        (401, FailureReason.SIGN_IN),
        (402, FailureReason.SERVER),
        (403, FailureReason.SIGN_IN),
        (404, FailureReason.NOT_FOUND),
        (407, FailureReason.SIGN_IN),
        (410, FailureReason.GONE),
        (418, FailureReason.SERVER),
        (429, FailureReason.THROTTLED),
        (451, FailureReason.SERVER),
        (500, FailureReason.SERVER),
        (503, FailureReason.SERVER),
        (599, FailureReason.SERVER),
    ],
)
async def test_each_status_has_its_reason(
    server: FeedServer, clock: StandingClock, status: int, reason: FailureReason
) -> None:
    server.sends_raw("/feed", b"HTTP/1.1 %d Odd\r\nContent-Length: 0\r\n\r\n" % status)
    outcome = await failed(due(server.url("/feed"), etag='"1"'), clock)
    assert (outcome.reason, outcome.retry_after) == (reason, None)
    assert "127.0.0.1" in outcome.message


@pytest.mark.parametrize("body", [b"", b" \r\n\t\n"])
async def test_nothing_is_empty(server: FeedServer, clock: StandingClock, body: bytes) -> None:
    server.says("/feed", body)
    assert (await failed(due(server.url("/feed")), clock)).reason == FailureReason.EMPTY


async def test_trouble_on_the_way_is_a_value_too(server: FeedServer, clock: StandingClock) -> None:
    server.drops("/drops")
    server.hangs("/hangs")
    server.moves_to("/circle", "/circle")
    server.says("/large", b"x" * 2000)
    reasons = [
        (await failed(due(url), clock, deadline=0.5 if url.endswith("hangs") else 20.0, max_body=1000)).reason
        for url in (*map(server.url, ("/drops", "/hangs", "/circle", "/large")), "http://10.0.0.1/feed", "file:///feed")
    ]
    assert reasons == [
        FailureReason.PROTOCOL,
        FailureReason.TIMEOUT,
        FailureReason.REDIRECT,
        FailureReason.TOO_LARGE,
        FailureReason.REFUSED,
        FailureReason.REFUSED,
    ]


# -------------------------------------------------------------------------------------------------- Retry-After


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    ("retry_after", "wait"),
    [
        ("60", timedelta(seconds=60)),
        ("31536000", timedelta(hours=48)),
        ("9" * 5000, timedelta(hours=48)),
        ("Wed, 18 Nov 2026 11:00:00 GMT", HOUR),
        ("Wed, 18 Nov 2026 11:00:00 -0000", HOUR),
        ("Thu, 18 Nov 2027 11:00:00 GMT", timedelta(hours=48)),
    ],
)
async def test_a_host_says_when_to_come_back(
    server: FeedServer, clock: StandingClock, status: int, retry_after: str, wait: timedelta
) -> None:
    server.fails("/feed", status, {"Retry-After": retry_after})
    outcome = await failed(due(server.url("/feed")), clock)
    assert (outcome.reason, outcome.retry_after) == (FailureReason.THROTTLED, wait)


@pytest.mark.parametrize(
    "retry_after",
    ["0", "-5", "1.5", "soon", "", "٣", "Tue, 17 Nov 2026 11:00:00 GMT", "Wed, 18 Nov 99999999 11:00:00 GMT"],
)
async def test_nonsense_about_coming_back_is_passed_over(
    server: FeedServer, clock: StandingClock, retry_after: str
) -> None:
    server.sends_raw("/feed", f"HTTP/1.1 429 Slow down\r\nRetry-After: {retry_after}\r\n\r\n".encode())
    outcome = await failed(due(server.url("/feed")), clock)
    assert (outcome.reason, outcome.retry_after) == (FailureReason.THROTTLED, None)


async def test_a_host_that_asked_for_peace_gets_it_and_its_neighbour_is_polled(
    server: FeedServer, clock: StandingClock
) -> None:
    server.moves_to("/moved", "/busy", 302)
    server.fails("/busy", 429, {"Retry-After": "3600"})
    server.says("/calm", RSS)
    with FeedServer() as neighbour:
        neighbour.says("/feed", RSS)
        async with an_outbound() as outbound:
            fetcher = Fetcher(outbound, clock)
            await fetcher.fetch(due(server.url("/moved")))
            clock.advance(minutes=20)
            outcome = await fetcher.fetch(due(server.url("/calm")))
            assert isinstance(outcome, Postponed)
            assert outcome.until == clock() + timedelta(minutes=40)
            assert "40 minutes" in outcome.message
            assert isinstance(await fetcher.fetch(due(neighbour.url("/feed"))), Fetched)
            assert [path for path, _ in server.requests] == ["/moved", "/busy"]
            clock.advance(minutes=40)
            assert isinstance(await fetcher.fetch(due(server.url("/calm"))), Fetched)


# ---------------------------------------------------------------------------------------------------- freshness


@pytest.mark.parametrize(
    ("headers", "fresh_for"),
    [
        ({}, None),
        ({"Cache-Control": "max-age=3600"}, HOUR),
        ({"Cache-Control": 'public, MAX-AGE="3600"'}, HOUR),
        ({"Cache-Control": "public,max-age=3600", "Expires": "Wed, 18 Nov 2026 15:00:00 GMT"}, HOUR),
        ({"Cache-Control": "max-age=31536000"}, timedelta(hours=24)),
        ({"Cache-Control": "max-age=" + "9" * 4000}, timedelta(hours=24)),
        ({"Cache-Control": "max-age=0"}, None),
        ({"Cache-Control": "s-maxage=3600"}, None),
        ({"Cache-Control": "max-age=soon"}, None),
        ({"Cache-Control": "no-cache, max-age=3600"}, None),
        ({"Cache-Control": "no-store", "Expires": "Wed, 18 Nov 2026 15:00:00 GMT"}, None),
        ({"Expires": "Wed, 18 Nov 2026 11:00:00 GMT"}, HOUR),
        ({"Expires": "Wed, 18 Nov 2026 15:00:00 GMT", "Date": "Wed, 18 Nov 2026 14:00:00 GMT"}, HOUR),
        ({"Expires": "Wed, 18 Nov 2026 09:00:00 GMT"}, None),
        ({"Expires": "0"}, None),
        ({"Expires": "-1"}, None),
    ],
)
async def test_freshness_is_what_the_site_says_within_a_day(
    server: FeedServer, clock: StandingClock, headers: dict[str, str], fresh_for: timedelta | None
) -> None:
    server.says("/feed", RSS, etag='"1"', headers=headers)
    new = await fetch(due(server.url("/feed")), clock)
    same = await fetch(due(server.url("/feed"), etag='"1"'), clock)
    assert isinstance(new, Fetched)
    assert isinstance(same, NotModified)
    assert new.fresh_for == same.fresh_for == fresh_for
