"""Entries as polls see them: what is known, what to insert, what to bring up to date."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Select, bindparam, func, insert, or_, select, text, update

from aggregator.model import Ending, KeyedEntry, KnownEntry
from aggregator.store import search
from aggregator.store.database import Tx
from aggregator.store.schema import entries, entry_bodies

LATEST = 100
"""Entries that tell a feed's habits: ten posting days, for all but the busiest."""


ENDINGS = 10
LONGEST_ENDING = 1500
"""Characters of a text that are looked at for what a feed's entries end with."""


def known(tx: Tx, feed_id: int, wanted: Sequence[KeyedEntry]) -> tuple[KnownEntry, ...]:
    """What the feed already has that may be one of these entries, by identity or by any other sign."""
    if not wanted:
        return ()
    signs = {
        "identities": {key for entry in wanted for key in (entry.identity, *entry.aliases)},
        "text_keys": {entry.text_key for entry in wanted if entry.text_key},
        "urls": {entry.entry.url for entry in wanted if entry.entry.url},
        "titles": {entry.entry.title for entry in wanted if entry.entry.title},
    }
    rows = tx.execute(_KNOWN, {"feed_id": feed_id} | {name: json.dumps(sorted(found)) for name, found in signs.items()})
    return tuple(KnownEntry(**row._asdict()) for row in rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class Insertion:
    """An entry to insert, and what was decided about it."""

    keyed: KeyedEntry
    published_at: datetime | None
    filed: bool
    piece_id: int | None = None


def insert_new(tx: Tx, feed_id: int, new: Sequence[Insertion], *, first_seen_at: datetime) -> dict[int, KeyedEntry]:
    """Insert entries in this order; the same by their ids, for `keep_texts` to add their texts."""
    rows = [
        _content(each.keyed)
        | {
            "feed_id": feed_id,
            "published_at": each.published_at,
            "first_seen_at": first_seen_at,
            "piece_id": each.piece_id,
            "filed": each.filed,
            "updates": 0,
        }
        for each in new
    ]
    if len(rows) == 1:
        return {tx.execute(_INSERT, rows[0]).lastrowid: new[0].keyed}
    tx.execute(_INSERT, rows)
    by_identity = {each.keyed.identity: each.keyed for each in new}
    ids = tx.execute(_IDS, {"feed_id": feed_id, "identities": json.dumps(list(by_identity))})
    return {id_: by_identity[identity] for id_, identity in ids}


def keep_texts(tx: Tx, inserted: Mapping[int, KeyedEntry]) -> None:
    """Keep the texts of entries that were inserted, by their ids, and put them into the search index.

    All of a document together: to do so one by one took twice the CPU of SQLite itself.
    """
    if inserted:
        rows = [{"entry_id": id_, "html": each.entry.html, "text": each.entry.text} for id_, each in inserted.items()]
        tx.execute(_INSERT_BODY, rows)
        search.put_in(tx, list(inserted))


def follow(tx: Tx, entry_id: int, keyed: KeyedEntry, *, updates: int) -> None:
    """Bring an entry up to date with its feed; `published_at` and `first_seen_at` stay."""
    search.take_out(tx, [entry_id])
    tx.execute(update(entries).where(entries.c.id == entry_id).values(**_content(keyed), updates=updates))
    body = {"html": keyed.entry.html, "text": keyed.entry.text}
    tx.execute(update(entry_bodies).where(entry_bodies.c.entry_id == entry_id).values(**body))
    search.put_in(tx, [entry_id])


def rekey(tx: Tx, entry_id: int, identity: str) -> None:
    """Know an entry by another identity from now on."""
    tx.execute(update(entries).where(entries.c.id == entry_id).values(identity=identity))


def piece_of(
    tx: Tx,
    *,
    feed_id: int,
    canonical_url: str | None,
    text_key: str | None,
    original_url: str | None = None,
    title: str = "",
) -> int | None:
    """The first entry that carries the piece at one of these addresses (in another feed), or with this text (in any).

    `original_url` is where the piece says that it was first published. Two copies of an original that nobody follows
    are one piece only under one title: some name no more than the section that the original stood in.
    """
    query = _pieces(bool(canonical_url), bool(original_url), bool(text_key))
    if query is None:
        return None
    values = {"canonical": canonical_url, "original": original_url, "text": text_key, "feed": feed_id, "title": title}
    found: int | None = tx.scalar(query, values)
    return found


def are_apart(tx: Tx, *, feed_id: int, addresses: Collection[str], text_keys: Collection[str]) -> bool:
    """Whether `piece_of` finds nothing for any entry with these: one question for a whole document."""
    wanted = {"feed": feed_id, "addresses": json.dumps(list(addresses)), "text_keys": json.dumps(list(text_keys))}
    return not tx.scalar(_SHARED, wanted)


@cache
def _pieces(by_address: bool, by_original: bool, by_text: bool) -> Select[int | None] | None:
    # Within one feed an address may stand under many entries: changelogs, link posts, fragments of one page.
    elsewhere = entries.c.feed_id != bindparam("feed")
    canonical: BindParameter[str] = bindparam("canonical")
    original: BindParameter[str] = bindparam("original")
    signs: list[ColumnElement[bool]] = []
    if by_address:
        signs += [(entries.c.canonical_url == canonical) & elsewhere]
        signs += [(entries.c.original_url == canonical) & elsewhere]
    if by_original:
        signs += [(entries.c.canonical_url == original) & elsewhere]
        signs += [(entries.c.original_url == original) & elsewhere & (entries.c.title == bindparam("title"))]
    if by_text:
        signs += [entries.c.text_key == bindparam("text")]
    leader = func.coalesce(entries.c.piece_id, entries.c.id)
    return select(func.min(leader)).where(or_(*signs)) if signs else None


def endings(tx: Tx, feed_id: int) -> tuple[Ending, ...]:
    """How a feed's latest entries end."""
    latest = tx.execute(_ENDINGS, {"feed_id": feed_id})
    return tuple(Ending(key=guid or url or title, title=title, text=text) for guid, url, title, text in latest)


def posting_days(tx: Tx, feed_ids: Collection[int]) -> dict[int, tuple[date, ...]]:
    """The days (UTC) of each feed's latest entries, the newest first; a day stands once for every entry."""
    found = tx.execute(_DAYS, {"feed_ids": json.dumps(list(feed_ids)), "latest": LATEST})
    return {
        feed_id: tuple(map(date.fromisoformat, sorted(days.split(","), reverse=True))) if days else ()
        for feed_id, days in found
    }


def _given(name: str) -> Select[Any]:
    """The values of a list in JSON: an `IN` over it is the same statement however many there are."""
    return select(func.json_each(bindparam(name)).table_valued("value").c.value)


# Made once: to build them for each poll or entry took longer than SQLite takes to carry them out.
_INSERT = insert(entries)
_IDS = (
    select(entries.c.id, entries.c.identity)
    .where(entries.c.feed_id == bindparam("feed_id"), entries.c.identity.in_(_given("identities")))
    .order_by(entries.c.id)
)
_SHARED = text(
    "SELECT EXISTS (SELECT 1 FROM entries"
    " WHERE canonical_url IN (SELECT value FROM json_each(:addresses)) AND feed_id != :feed)"
    " OR EXISTS (SELECT 1 FROM entries"
    " WHERE original_url IN (SELECT value FROM json_each(:addresses)) AND feed_id != :feed)"
    " OR EXISTS (SELECT 1 FROM entries WHERE text_key IN (SELECT value FROM json_each(:text_keys)))"
)
_INSERT_BODY = insert(entry_bodies)
_ENDINGS = (
    select(entries.c.guid, entries.c.url, entries.c.title, func.substr(entry_bodies.c.text, -LONGEST_ENDING))
    .join_from(entries, entry_bodies)
    .where(entries.c.feed_id == bindparam("feed_id"))
    .order_by(entries.c.first_seen_at.desc(), entries.c.id.desc())
    .limit(ENDINGS)
)
# Many feeds at once, each one's days in one text: with a row for every entry, SQLAlchemy took most of a poll's time.
_DAYS = text(
    "SELECT feed.value, (SELECT group_concat(day) FROM ("
    " SELECT substr(coalesce(published_at, first_seen_at), 1, 10) AS day FROM entries WHERE feed_id = feed.value"
    " ORDER BY first_seen_at DESC, id DESC LIMIT :latest"
    ")) FROM json_each(:feed_ids) AS feed"
)


# One feed's entries are walked through by its index: some of the signs have none of their own, and need none.
_KNOWN = (
    select(
        entries.c.id,
        entries.c.identity,
        entries.c.url,
        entries.c.title,
        entries.c.published_at,
        entries.c.updated_at,
        entries.c.content_hash,
        entries.c.text_key,
        entries.c.updates,
    )
    .where(
        entries.c.feed_id == bindparam("feed_id"),
        or_(
            entries.c.identity.in_(_given("identities")),
            entries.c.text_key.in_(_given("text_keys")),
            entries.c.url.in_(_given("urls")),
            entries.c.title.in_(_given("titles")),
        ),
    )
    .order_by(entries.c.id)
)


def _content(keyed: KeyedEntry) -> dict[str, object]:
    entry = keyed.entry
    return {
        "identity": keyed.identity,
        "guid": entry.guid,
        "url": entry.url,
        "canonical_url": keyed.canonical_url,
        "original_url": keyed.original_url,
        "kind": entry.kind.value,
        "title": entry.title,
        "author": entry.author,
        "updated_at": entry.updated_at,
        "language": entry.language,
        "content_hash": keyed.content_hash,
        "text_key": keyed.text_key,
    }
