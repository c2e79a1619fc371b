"""Builders of rows: each stores a good one, takes what a test cares about, and gives its id."""

import hashlib
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import func, insert, select, update

from aggregator.canonical import canonical_url
from aggregator.store import search
from aggregator.store.database import Tx
from aggregator.store.schema import bookmarks, digests, entries, entry_bodies, feeds, hub_subscriptions, picks

WEDNESDAY = datetime(2026, 11, 18, 9, tzinfo=UTC)
"""An hour before the `clock` fixture's now."""


def follow_a_feed(tx: Tx, **given: Any) -> int:
    """An active feed, polled well an hour ago."""
    number = _next(tx, feeds)
    good = {
        "xml_url": f"https://blog{number}.example.org/feed",
        "html_url": f"https://blog{number}.example.org/",
        "title": f"Blog {number}",
        "kind": "Councils",
        "region": "",
        "confidence": "",
        "status": "active",
        "identity": "guid",
        "followed_at": WEDNESDAY - timedelta(days=100),
        "next_poll_at": WEDNESDAY + timedelta(hours=6),
        "next_poll_reason": "posts about every two days",
        "polled_at": WEDNESDAY,
        "succeeded_at": WEDNESDAY,
        "newest_entry_at": None,
        "failures": 0,
    }
    return _insert(tx, feeds, good | given)


def ask_a_hub(tx: Tx, feed_id: int, **given: Any) -> None:
    """The hub that this feed names, asked an hour ago, which has not answered."""
    named = {"hub_url": "https://hub.example.org/", "topic_url": f"https://blog{feed_id}.example.org/feed"}
    tx.execute(update(feeds).where(feeds.c.id == feed_id).values(**named))
    good = named | {
        "feed_id": feed_id,
        "token": f"token-{feed_id}",
        "secret": "secret",
        "status": "asked",
        "asked_at": WEDNESDAY,
        "ends_at": None,
        "next_ask_at": WEDNESDAY + timedelta(hours=1),
        "tries": 1,
        "pushed_at": None,
        "message": "",
    }
    tx.execute(insert(hub_subscriptions).values(**good | given))


def add_entry(tx: Tx, feed_id: int, *, html: str | None = None, text: str | None = None, **given: Any) -> int:
    """An entry of this Wednesday, with a text, in the search index."""
    number = _next(tx, entries)
    text = f"How we built service {number}, and what it taught us." if text is None else text
    good: dict[str, Any] = {
        "feed_id": feed_id,
        "guid": f"guid-{number}",
        "url": f"https://blog{feed_id}.example.org/post-{number}",
        "title": f"Post {number}",
        "author": f"Author {number}",
        "published_at": WEDNESDAY - timedelta(hours=2),
        "updated_at": None,
        "first_seen_at": WEDNESDAY,
        "language": "en",
        "text_key": None,
        "piece_id": None,
        "filed": False,
        "updates": 0,
        "dismissed_at": None,
    }
    good |= given
    good.setdefault("identity", good["guid"])
    good.setdefault("canonical_url", canonical_url(good["url"]) if good["url"] else None)
    good.setdefault("content_hash", hashlib.sha256(f"{good['title']}\n{text}".encode()).hexdigest())
    entry_id = _insert(tx, entries, good)
    html = f"<p>{text}</p>" if html is None else html
    tx.execute(insert(entry_bodies).values(entry_id=entry_id, html=html, text=text))
    search.put_in(tx, [entry_id])
    return entry_id


def add_bookmark(tx: Tx, **given: Any) -> int:
    """A bookmark of an address, for the digest of Friday 20 November 2026."""
    number = _next(tx, bookmarks)
    good: dict[str, Any] = {
        "url": f"https://page{number}.example.org/",
        "title": f"Page {number}",
        "author": None,
        "organisation": None,
        "note": "",
        "kind": "article",
        "language": "en",
        "published_at": None,
        "entry_id": None,
        "entry_hash": None,
        "added_at": WEDNESDAY,
        "friday": date(2026, 11, 20),
        "dropped_at": None,
    }
    good |= given
    good.setdefault("canonical_url", canonical_url(good["url"]))
    return _insert(tx, bookmarks, good)


def add_digest(tx: Tx, *bookmark_ids: int, **given: Any) -> int:
    """The draft of Friday 20 November 2026, with these bookmarks as picks."""
    friday: date = given.get("friday", date(2026, 11, 20))
    good = {
        "slug": friday.isoformat(),
        "friday": friday,
        "number": None,
        "title": f"Five for Friday ({friday.day}/{friday.month}/{friday.year})",
        "intro": "Leaves are down.",
        "outro": "All of it is bookmarked.",
        "status": "draft",
        "revision": 1,
        "created_at": WEDNESDAY,
        "published_at": None,
    }
    digest_id = _insert(tx, digests, good | given)
    for position, bookmark_id in enumerate(bookmark_ids, start=1):
        _add_pick(tx, digest_id, bookmark_id, position)
    return digest_id


def _add_pick(tx: Tx, digest_id: int, bookmark_id: int, position: int) -> None:
    held = tx.execute(select(bookmarks).where(bookmarks.c.id == bookmark_id)).one()
    tx.execute(
        insert(picks).values(
            digest_id=digest_id,
            bookmark_id=bookmark_id,
            position=position,
            url=held.url,
            title=held.title,
            style="title-dash",
            commentary=held.note,
            quote="",
            kind=held.kind,
            access="open",
        )
    )


def _insert(tx: Tx, table: Any, values: dict[str, Any]) -> int:
    return int(tx.execute(insert(table).values(values).returning(table.c.id)).scalar_one())


def _next(tx: Tx, table: Any) -> int:
    return int(tx.scalar(select(func.coalesce(func.max(table.c.id), 0))) or 0) + 1
