"""kill -9 while polling, a hundred times: nothing is damaged, nothing is lost, and nothing is there twice."""

import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from aggregator.demo.server import FeedServer
from aggregator.store.database import Database
from aggregator.store.schema import entries, feeds
from tests.hostile.healthy import assert_healthy
from tests.poll.values import LONG, NOW, an_rss
from tests.rows import follow_a_feed

ROUNDS, KILLS = 10, 10  # so many times, so many kills and then a poll that is left in peace
FEEDS = 3
WINDOW = 12  # posts in a document: more than a feed can miss in one round


class PollingProcess:
    """The process of `polling_process.py`, and its child of the moment."""

    def __init__(self, database: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.poll.polling_process", str(database)],
            cwd=Path(__file__).parents[2],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
        )

    def polls(self, at: datetime, *, killed_after: int = 0) -> tuple[int, int]:
        """Poll what is due; kill it after so many statements. Gives how many it sent, and how it ended."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{at.isoformat()} {'then wait' if killed_after else ''}\n".encode())
        child = int(self._process.stdout.readline())
        statements, is_killed = 0, False
        while (seen := self._process.stdout.read(1)) != b"!":
            statements += seen == b"."
            if killed_after and not is_killed and (statements == killed_after or seen == b"~"):
                os.kill(child, signal.SIGKILL)
                is_killed = True
        return statements, int(self._process.stdout.readline())

    def ends(self) -> None:
        """Let it go."""
        self._process.communicate(timeout=20)


@pytest.fixture
def process(db: Database) -> Iterator[PollingProcess]:
    polling = PollingProcess(db.path)
    yield polling
    polling.ends()


def publish(server: FeedServer, version: int) -> None:
    """Every feed says one post more; the last one also rewrites all of its posts."""
    for number in range(FEEDS):
        text = f"{LONG} Version {version}." if number == FEEDS - 1 else LONG
        rss = an_rss(*range(max(1, version - WINDOW), version + 1), title=f"Blog {number}", text=text)
        server.says(f"/{number}", rss, etag=f'"{version}"')


def check(db: Database) -> None:
    """Nothing is damaged, and each feed has exactly the posts of the version that its validator names."""
    assert db.problems() == []
    with db.read() as tx:
        for feed in tx.execute(select(feeds.c.id, feeds.c.etag)).all():
            version = int(feed.etag.strip('"')) if feed.etag else 0
            guids = tx.scalars(select(entries.c.guid).where(entries.c.feed_id == feed.id)).all()
            assert set(guids) == {f"guid-{number}" for number in range(1, version + 1)}
            assert len(guids) == version


def test_nothing_is_lost_however_often_a_poll_is_killed(
    db: Database, server: FeedServer, process: PollingProcess, record_property: Callable[[str, object], None]
) -> None:
    with db.write() as tx:
        for number in range(FEEDS):
            follow_a_feed(tx, xml_url=server.url(f"/{number}"), next_poll_at=NOW)
    chance = random.Random(2026)
    statements = 0
    for version in range(WINDOW, WINDOW + 2 + ROUNDS * (KILLS + 1)):
        publish(server, version)
        # The first poll inserts and the second follows changes too, so that it does all that a poll does.
        in_peace = version < WINDOW + 2 or (version - WINDOW - 1) % (KILLS + 1) == 0
        sent, ended = process.polls(
            NOW + timedelta(days=2 * version), killed_after=0 if in_peace else chance.randint(1, statements)
        )
        assert ended == (0 if in_peace else -signal.SIGKILL)
        check(db)
        if not in_peace:
            record_property("hostile", "kills while polling")
            continue
        statements = sent
        assert_healthy(db, NOW + timedelta(days=2 * version))
        with db.read() as tx:
            assert set(tx.scalars(select(feeds.c.etag))) == {f'"{version}"'}
