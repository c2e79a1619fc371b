"""The room as the app wires it, against blogs on loopback."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from aggregator.feeds.follow import Follow
from aggregator.model import Failed, ParsedFeed
from aggregator.poll import parse
from aggregator.sandbox import Sandbox
from aggregator.store.database import Database
from tests.conftest import StandingClock
from tests.outbounds import an_outbound


@dataclass(frozen=True, slots=True)
class Room:
    """The verbs, and the file that they follow."""

    follow: Follow
    file: Path


@pytest.fixture
async def room(db: Database, clock: StandingClock, tmp_path: Path, sandbox: Sandbox) -> AsyncIterator[Room]:
    async def read_feed(body: bytes, content_type: str, url: str) -> ParsedFeed | Failed:
        return await sandbox.run(parse.read, body, content_type, url)

    async with an_outbound() as outbound:
        follow = Follow(
            db=db,
            clock=clock,
            feeds_file=tmp_path / "feeds.opml",
            outbound=outbound,
            sandbox=sandbox,
            read_feed=read_feed,
        )
        yield Room(follow, tmp_path / "feeds.opml")
