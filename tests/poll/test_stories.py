"""Stories: what a feed says one day after the other, and what is in the database afterwards.

Each folder of tests/stories is one: its documents in order (1.xml, 2.xml; 1-copy.xml is one of a feed named "copy"), a
day apart, served to the real poller; and golden.json, which is read by eye and made anew by `pytest --golden`.
"""

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from aggregator.clock import Calendar
from aggregator.demo.server import FeedServer
from aggregator.outbound import Outbound
from aggregator.poll.poller import PollReport
from aggregator.sandbox import Sandbox
from aggregator.store.database import Database
from aggregator.store.schema import entries, entry_bodies, feeds
from tests.conftest import StandingClock
from tests.poll.pollers import a_poller
from tests.rows import follow_a_feed

STORIES = sorted(path for path in (Path(__file__).parent.parent / "stories").iterdir() if path.is_dir())
SHOWN = ("id", "title", "url", "identity", "published_at", "first_seen_at", "kind", "filed", "updates", "piece_id")


@pytest.fixture
def documents(story: Path) -> list[tuple[str, bytes]]:
    """The documents of a story, by name, in order."""
    return [(path.name, path.read_bytes()) for path in sorted(story.glob("*.xml"))]


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
async def test_story(
    story: Path,
    documents: list[tuple[str, bytes]],
    rewrite_golden: bool,
    db: Database,
    clock: StandingClock,
    calendar: Calendar,
    outbound: Outbound,
    sandbox: Sandbox,
    server: FeedServer,
) -> None:
    followed: dict[str, int] = {}
    steps = []
    poller = a_poller(db, outbound, clock, calendar=calendar, sandbox=sandbox)
    for document, body in documents:
        name = document.removesuffix(".xml").partition("-")[2]
        server.says(f"/{name}", body)
        if name not in followed:
            with db.write() as tx:
                followed[name] = follow_a_feed(tx, xml_url=server.url(f"/{name}"), body_hash=None)
        [report] = await poller.poll_feed(followed[name])
        steps.append({"document": document, **told(report)})
        clock.advance(days=1)
    found = json.loads(json.dumps({"polls": steps, "entries": rows(db)}, default=str))
    assert found == golden(story, found, rewrite=rewrite_golden)
    assert db.problems() == []


def golden(story: Path, found: Any, *, rewrite: bool) -> Any:
    """What a story should come to; first made to be what it came to, on request."""
    path = story / "golden.json"
    if rewrite:
        path.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return json.loads(path.read_text(encoding="utf-8"))


def told(report: PollReport) -> dict[str, Any]:
    """What a poll came to."""
    return {"outcome": report.outcome, "new": report.new, "changed": report.changed, "message": report.message}


def rows(db: Database) -> list[dict[str, Any]]:
    """All entries, as far as a story is about them; the text cut short in the middle."""
    with db.read() as tx:
        asked = (
            select(*(entries.c[name] for name in SHOWN), entry_bodies.c.text, feeds.c.identity.label("policy"))
            .join_from(entries, entry_bodies)
            .join(feeds, feeds.c.id == entries.c.feed_id)
            .order_by(entries.c.id)
        )
        found = [row._asdict() for row in tx.execute(asked)]
    for row in found:
        row["text"] = row["text"] if len(row["text"]) < 100 else f"{row['text'][:40]} ... {row['text'][-40:]}"
    return found
