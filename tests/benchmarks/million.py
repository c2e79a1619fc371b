"""A house that has grown old, for benchmarks: a million entries, and as much of all else as that takes."""

import hashlib
import random
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert

from aggregator.app import App
from aggregator.model import Kind, Role, SuggestionKind
from aggregator.store.database import Tx
from aggregator.store.schema import bookmarks, feeds
from tests.benchmarks.blogs import WORDS
from tests.builders import FRIDAY
from tests.deliver.posting import add_readers
from tests.rows import WEDNESDAY
from tests.web.blogs import write_file
from tests.web.press import publish

FEEDS = 2_000
YEARS = 2
BOOKMARKS = 5_000
DIGESTS, MAILED = 104, 10  # published; and those of them that readers got
READERS = 10_000
SUGGESTIONS = 200
COLLEAGUES = 8
AT_ONCE = 50_000
KINDS = ("Councils", "Leaders", "Central government", "Community", "Suppliers", "Press")
REGIONS = ("London", "North West", "Scotland", "South East", "Wales", "")
LONG_LATELY = 20_000
"""So many of the newest entries have texts as long as in life: they are what pages show."""

_ENTRY = (
    "INSERT INTO entries (id, feed_id, identity, guid, url, canonical_url, kind, title, author, published_at,"
    " first_seen_at, language, content_hash, text_key, piece_id, filed, updates, dismissed_at)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'en', ?, ?, ?, ?, 0, ?)"
)
_BODY = "INSERT INTO entry_bodies (entry_id, html, text) VALUES (?, ?, ?)"
_INDEX = (
    "INSERT INTO entry_search(rowid, title, author, text)"
    " SELECT id, title, author, text FROM entry_documents WHERE id BETWEEN ? AND ?"
)


def fill(app: App, count: int) -> None:
    """Put `count` entries into an empty database, over two years until now, and all that goes with them."""
    dice = random.Random(5)
    with app.db.write() as tx:
        tx.execute(insert(feeds), [_feed(number, dice) for number in range(1, FEEDS + 1)])
    for first in range(1, count + 1, AT_ONCE):
        last = min(count, first + AT_ONCE - 1)
        with app.db.write() as tx:
            _put(tx, first, last, count, dice)
    with app.db.write() as tx:
        tx.execute(insert(bookmarks), [_bookmark(number, count, dice) for number in range(1, BOOKMARKS + 1)])
    for number in range(COLLEAGUES):
        app.people.add(f"colleague{number}@example.org", Role.CURATOR)
    for number in range(SUGGESTIONS):
        app.suggestions.suggest(SuggestionKind.LINK, f"https://reader{number}.example.org/", title=_words(dice, 8))
    for weeks in range(DIGESTS, 0, -1):
        if weeks == MAILED:
            with app.db.write() as tx:
                add_readers(tx, READERS)
        publish(app, FRIDAY - timedelta(weeks=weeks))
    app.editor.pick([BOOKMARKS - number for number in range(5)], app.editor.draft(FRIDAY).slug)
    app.roster.count()
    write_file(app)


def _feed(number: int, dice: random.Random) -> dict[str, Any]:
    sick = number % 9 == 0
    return {
        "xml_url": f"https://blog{number}.example.org/feed",
        "html_url": f"https://blog{number}.example.org/",
        "title": f"{_words(dice, 4).capitalize()} {number}",
        "kind": KINDS[number % len(KINDS)],
        "region": REGIONS[number % len(REGIONS)],
        "confidence": "",
        "status": "paused" if number % 25 == 0 else "active",
        "identity": "guid",
        "followed_at": WEDNESDAY - timedelta(days=365 * YEARS),
        "next_poll_at": WEDNESDAY + timedelta(minutes=number),
        "next_poll_reason": "posts about every two days",
        "polled_at": WEDNESDAY,
        "succeeded_at": WEDNESDAY - timedelta(days=number % 40 if sick else 0),
        "newest_entry_at": WEDNESDAY - timedelta(hours=number),
        "failures": 3 if sick else 0,
        "failure_reason": "status" if sick else None,
        "failure_message": "The server answers with 500. Ask the site's owner to mend it." if sick else None,
        "moved_to": f"https://new{number}.example.org/feed" if number % 50 == 0 else None,
        "moved_since": WEDNESDAY - timedelta(days=20) if number % 50 == 0 else None,
    }


def _put(tx: Tx, first: int, last: int, count: int, dice: random.Random) -> None:
    tx.exec_driver_sql("PRAGMA cache_size = -400000")
    texts = [_words(dice, 60) for _ in range(300)]
    numbers = range(first, last + 1)
    tx.exec_driver_sql(_ENTRY, [_entry(number, count, dice) for number in numbers])
    tx.exec_driver_sql(_BODY, [_body(number, count, texts) for number in numbers])
    tx.exec_driver_sql(_INDEX, (first, last))


def _entry(number: int, count: int, dice: random.Random) -> tuple[Any, ...]:
    feed, seen = dice.randint(1, FEEDS), _seen(number, count)
    url = f"https://blog{feed}.example.org/{seen:%Y/%m}/post-{number}"
    is_twin = number % 40 == 0
    return (
        number,
        feed,
        url,
        url,
        url,
        f"blog{feed}.example.org/{seen:%Y/%m}/post-{number}",
        "video" if number % 30 == 0 else Kind.ARTICLE.value,
        f"{_words(dice, 9).capitalize()} {number}",
        f"Author {feed}",
        _said(seen - timedelta(hours=2)),
        _said(seen),
        hashlib.sha256(url.encode()).hexdigest(),
        hashlib.sha256(str(number).encode()).hexdigest(),
        number - 1 if is_twin else None,
        number % 5 == 1 and number < count // 2,
        _said(seen + timedelta(hours=3)) if number % 3 == 0 and not is_twin else None,
    )


def _seen(number: int, count: int) -> datetime:
    return WEDNESDAY - timedelta(days=365 * YEARS) * ((count - number) / count)


def _said(instant: datetime) -> str:
    return f"{instant:%Y-%m-%d %H:%M:%S.%f}"


def _body(number: int, count: int, texts: list[str]) -> tuple[int, str, str]:
    parts = texts[number % len(texts) :][: 14 if number > count - LONG_LATELY else 1]
    return number, "".join(f"<p>{part}</p>" for part in parts), "\n\n".join([*parts, f"unique{number}"])


def _bookmark(number: int, count: int, dice: random.Random) -> dict[str, Any]:
    """The newest forty are this week's."""
    of_week = number > BOOKMARKS - 40
    entry = count - (BOOKMARKS - number) * 7 if of_week else number * (count // (BOOKMARKS + 1))
    weeks = 0 if of_week else 1 + (BOOKMARKS - number) // 48
    return {
        "url": f"https://blog{entry}.example.org/bookmark-{number}",
        "canonical_url": f"blog{entry}.example.org/bookmark-{number}",
        "title": f"{_words(dice, 9).capitalize()} {number}",
        "author": f"Author {number % 900}",
        "organisation": f"Council {number % 300}",
        "note": _words(dice, 40) if number % 2 else "",
        "kind": Kind.ARTICLE.value,
        "language": "en",
        "published_at": WEDNESDAY - timedelta(weeks=weeks, days=1),
        "entry_id": max(1, entry),
        "entry_hash": "as it was",
        "added_at": WEDNESDAY - timedelta(weeks=weeks, minutes=BOOKMARKS - number),
        "friday": FRIDAY - timedelta(weeks=weeks),
        "dropped_at": WEDNESDAY if number % 11 == 0 and not of_week else None,
        "is_public": number % 7 != 0,
    }


def _words(dice: random.Random, number: int) -> str:
    return " ".join(dice.choices(WORDS, k=number))
