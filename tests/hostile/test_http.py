"""Sixty and more ways of a server to misbehave, met by the real fetcher: each ends in the right reason."""

import asyncio
from collections.abc import Callable

import pytest

from aggregator.demo.server import FeedServer
from aggregator.model import DueFeed, Failed, Fetched
from aggregator.pauses import LONGEST_PAUSE
from aggregator.poll import parse
from aggregator.poll.fetch import Fetcher
from tests.conftest import StandingClock
from tests.hostile.behaviours import BEHAVIOURS, CAP
from tests.outbounds import Wire, an_outbound
from tests.poll.values import a_due_feed, an_rss

Record = Callable[[str, object], None]


async def outcome(fetcher: Fetcher, feed: DueFeed) -> object:
    """What a poll would make of it, parsing included."""
    answer = await fetcher.fetch(feed)
    if isinstance(answer, Fetched):
        assert len(answer.body) <= CAP
        return parse.read(answer.body, answer.content_type, answer.url)
    return answer


@pytest.mark.parametrize("name", BEHAVIOURS)
async def test_every_misbehaviour_ends_in_its_reason(
    server: FeedServer, clock: StandingClock, record_property: Record, name: str
) -> None:
    behaviour = BEHAVIOURS[name]
    behaviour.does(server, "/feed")
    server.says("/neighbour", an_rss(1))
    wire = Wire(int(server.url("").rpartition(":")[2]))
    async with an_outbound(dial=wire, deadline=0.3 if behaviour.is_slow else 20.0) as outbound:
        fetcher = Fetcher(outbound, clock)
        feed = a_due_feed(xml_url=server.url("/feed"), etag=None)
        async with asyncio.timeout(60):
            found = await outcome(fetcher, feed)
    assert isinstance(found, Failed), found
    assert found.reason == behaviour.why, found.message
    assert found.message.isprintable()
    assert 20 < len(found.message) < 500
    assert found.retry_after is None or found.retry_after <= LONGEST_PAUSE
    assert {host for host, _ in wire.connects} == {"127.0.0.1"}, "nobody else was connected to"
    assert [used.fileno() for used in wire.sockets] == [-1] * len(wire.sockets), "every socket is let go"
    async with an_outbound() as outbound:  # a new one: this host may have asked to be left alone
        assert not isinstance(
            await outcome(Fetcher(outbound, clock), a_due_feed(xml_url=server.url("/neighbour"))), Failed
        )
    record_property("hostile", "HTTP behaviours")


def test_there_are_sixty() -> None:
    assert len(BEHAVIOURS) >= 60
