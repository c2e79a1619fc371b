"""The room as the app wires it, against blogs on loopback."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path

import pytest

from aggregator.feeds.follow import Follow
from aggregator.model import Failed, ParsedFeed
from aggregator.outbound import Outbound
from aggregator.poll import parse
from aggregator.sandbox import Sandbox
from aggregator.store.database import Database
from tests.conftest import StandingClock


@dataclass(frozen=True, slots=True)
class Room:
    """The verbs, and the file that they follow."""

    follow: Follow
    file: Path


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    """Workers for all tests of this room: each takes a moment to start."""
    workers = Sandbox(workers=1, deadline=20, memory_mib=384)
    yield workers
    workers.close()


@pytest.fixture
async def room(db: Database, clock: StandingClock, tmp_path: Path, sandbox: Sandbox) -> AsyncIterator[Room]:
    async def read_feed(body: bytes, content_type: str, url: str) -> ParsedFeed | Failed:
        return await sandbox.run(parse.read, body, content_type, url)

    outbound = Outbound(
        user_agent="FiveForFriday/test",
        allowed_networks=(ip_network("127.0.0.0/8"),),
        deadline=10,
        max_body=1_000_000,
        in_flight=4,
        per_host=2,
        host_gap=0,
    )
    async with outbound:
        follow = Follow(
            db=db,
            clock=clock,
            feeds_file=tmp_path / "feeds.opml",
            outbound=outbound,
            sandbox=sandbox,
            read_feed=read_feed,
        )
        yield Room(follow, tmp_path / "feeds.opml")
