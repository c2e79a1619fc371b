"""Posts, and digests to post, for tests."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aggregator.clock import Clock
from aggregator.deliver.posts.places import Article, Place
from aggregator.deliver.posts.posting import Posts
from aggregator.deliver.transport import FolderTransport
from aggregator.digest.render import render
from aggregator.model import Correction, Digest, DigestFormat
from aggregator.settings import Settings
from aggregator.store import digests
from aggregator.store.database import Database
from tests.builders import a_publication
from tests.deliver.posting import an_outbox, publish

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def posts_to(db: Database, clock: Clock, *places: Place) -> Posts:
    """Posts to these places."""
    return Posts(
        db=db, clock=clock, publication=a_publication(), places=places, lock_path=Path(db.path).with_name("posts.lock")
    )


def published(db: Database, clock: Clock, places: Sequence[str]) -> Digest:
    """A published digest, queued for these places."""
    outbox = an_outbox(db, clock, FolderTransport(Path(db.path).parent), places=places)
    with db.write() as tx:
        digest = publish(tx, outbox)
        outbox.announce(tx, digest)
    return digest


def corrected(db: Database, clock: Clock, places: Sequence[str], *, title: str = "Put right") -> Digest:
    """The digest, put right."""
    outbox = an_outbox(db, clock, FolderTransport(Path(db.path).parent), places=places)
    with db.write() as tx:
        (before,) = digests.published(tx, 1)
        made = (*before.corrections, Correction(at=clock(), note="It was wrong."))
        after = replace(before, title=title, corrections=made, revision=before.revision + 1)
        digests.correct(tx, after, render(after, a_publication()))
        outbox.announce(tx, after)
    return after


def an_article(**given: Any) -> Article:
    """A digest as places get it."""
    good = Article(
        slug="2026-11-20",
        format=DigestFormat.FRIDAY,
        number=1,
        title="Five for Friday (20/11/2026)",
        url="https://five.example.org/digests/2026-11-20",
        html="<p>Hello</p>",
        markdown='---\ntitle: "Five for Friday (20/11/2026)"\nslug: "2026-11-20"\n---\n\nHello\n',
        revision=3,
        published_at=NOON,
        updated_at=NOON,
        stands_at=None,
    )
    return replace(good, **given)


def settings(**given: Any) -> Settings:
    """Settings that name a place."""
    return replace(Settings(), **given)
