"""The lists of the inbox: the week's pieces by what was made of them, and the archive by words.

Lists go by `first_seen_at` and id, newest first; what a search finds goes by the id of the entry that holds the words,
which is the same order but for a few seconds: ids are given as entries arrive.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    exists,
    func,
    literal,
    literal_column,
    or_,
    select,
    text,
    tuple_,
)

from aggregator.model import HIT, HIT_END, Facets, InboxEntry, InboxPage, Kind, Sought, Verdict
from aggregator.store.database import Tx
from aggregator.store.inbox import Cursor, also_in, carriers, judgements
from aggregator.store.schema import Instant, bookmarks, entries, entry_bodies, feeds
from aggregator.store.search import finders_for, folded, query_for

EXCERPT = 280
"""Characters of an entry's text in a list, at most."""
EXAMINED = 1000
"""Hits of a search that are looked at for one page, in batches: a common word has hundreds of thousands. A page that
comes out short, or empty, says where to go on."""
BATCH = 100
CHARACTERS_A_MINUTE = 1400
"""That people read: about 230 words of English."""
MOST_TITLES = 200
"""Of more feeds than so many, no page gives a list to choose from."""
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
_NEWEST_FIRST = (entries.c.first_seen_at.desc(), entries.c.id.desc())

# Word for word the conditions of ix_entries_inbox and ix_entries_dismissed: SQLite uses a partial index only when it
# sees that the query asks for no more (https://sqlite.org/partialindex.html, section 3), and to it "filed = 0" is
# another condition.
_UNJUDGED = text("entries.piece_id IS NULL AND NOT entries.filed AND entries.dismissed_at IS NULL")
_DISMISSED = text("entries.piece_id IS NULL AND entries.dismissed_at IS NOT NULL")
# The plus keeps SQLite from reading every entry of these feeds, and sorting them, where it should walk the list.
_FEED: ColumnElement[int] = literal_column("+entries.feed_id")


def page(
    tx: Tx, sought: Sought, *, friday: date, limit: int, after: Cursor | None = None, examined: int = EXAMINED
) -> InboxPage:
    """The newest pieces that are sought, those behind `after`; of the shortlist, those for `friday`."""
    if sought.words.strip():
        query = query_for(sought.words)
        return _found(tx, sought, query, limit, after, examined) if query else InboxPage(lines=(), after=None)
    wanted = _wanted(sought, friday)
    if after is not None:
        place = tuple_(entries.c.first_seen_at, entries.c.id)
        wanted = wanted.where(place < tuple_(literal(after[0], Instant), literal(after[1])))
    ids = list(tx.scalars(wanted.order_by(*_NEWEST_FIRST).limit(limit + 1)))
    found = lines(tx, ids[:limit])
    last = found[-1] if len(ids) > limit else None
    return InboxPage(lines=found, after=(last.first_seen_at, last.id) if last else None)


def count(tx: Tx, sought: Sought, *, friday: date, most: int) -> int:
    """How many pieces are sought; counting stops at `most`."""
    if sought.words.strip():
        return len(page(tx, sought, friday=friday, limit=most).lines)
    wanted = _wanted(sought, friday).limit(most).subquery()
    return int(tx.scalar(select(func.count()).select_from(wanted)) or 0)


def facets(tx: Tx) -> Facets:
    """What lists can be narrowed down by."""
    rows = tx.execute(select(feeds.c.kind, feeds.c.region, feeds.c.title).order_by(feeds.c.title)).all()
    return Facets(
        groups=tuple(sorted({row.kind for row in rows if row.kind})),
        regions=tuple(sorted({row.region for row in rows if row.region})),
        titles=tuple(dict.fromkeys(row.title for row in rows)) if len(rows) <= MOST_TITLES else (),
    )


def _wanted(sought: Sought, friday: date) -> "Select[int]":
    wanted = select(entries.c.id).where(*_filters(sought))
    live = exists().where(bookmarks.c.entry_id == entries.c.id, bookmarks.c.dropped_at.is_(None))
    match sought.verdict:
        case Verdict.SHORTLISTED:
            of_the_week = select(bookmarks.c.entry_id).where(
                bookmarks.c.friday == friday, bookmarks.c.dropped_at.is_(None), bookmarks.c.entry_id.is_not(None)
            )
            return wanted.where(entries.c.id.in_(of_the_week))
        case Verdict.DISMISSED:
            return _since(wanted.where(_DISMISSED, ~live), sought)
        case _:
            return _since(wanted.where(_UNJUDGED, *_unbookmarked()), sought)


def _since(wanted: "Select[int]", sought: Sought) -> "Select[int]":
    return wanted if sought.since is None else wanted.where(entries.c.first_seen_at >= sought.since)


def _unbookmarked() -> tuple[ColumnElement[bool], ...]:
    bookmarked = exists().where(bookmarks.c.entry_id == entries.c.id)
    # A curator may have found the page before its feed brought it; see inbox.judgements.
    found_before = exists().where(bookmarks.c.canonical_url == entries.c.canonical_url, bookmarks.c.entry_id.is_(None))
    return ~bookmarked, ~found_before


def _filters(sought: Sought) -> list[ColumnElement[bool]]:
    """What narrows a list; feeds count with the twins that they carry."""
    conditions: list[ColumnElement[bool]] = []
    if sought.newer_than:
        conditions.append(entries.c.id > sought.newer_than)
    if sought.kind is not None:
        conditions.append(entries.c.kind == sought.kind.value)
    named = []
    if sought.feed_id is not None:
        named.append(feeds.c.id == sought.feed_id)
    if sought.source:
        named.append(feeds.c.title.contains(sought.source, autoescape=True))
    if sought.group:
        named.append(feeds.c.kind == sought.group)
    if sought.region:
        named.append(feeds.c.region == sought.region)
    if named:
        chosen = select(feeds.c.id).where(*named)
        twin = entries.alias("twin")
        carried = exists().where(twin.c.piece_id == entries.c.id, twin.c.feed_id.in_(chosen))
        conditions.append(or_(_FEED.in_(chosen), carried))
    return conditions


# ------------------------------------------------------------------------------------------------------ search


def _found(tx: Tx, sought: Sought, query: str, limit: int, after: Cursor | None, examined: int) -> InboxPage:
    finders = finders_for(sought.words)
    found: dict[int, int] = {}  # the pieces, each with the newest of its entries that hold the words
    seen, oldest = 0, 0
    older = "" if after is None else " AND rowid < :before"
    asked = text(
        f"SELECT rowid FROM entry_search WHERE entry_search MATCH :query{older} ORDER BY rowid DESC"  # noqa: S608 - ours
    )
    hits = tx.execute(asked, {"query": query, **({"before": after[1]} if after else {})}).scalars()
    for batch in hits.partitions(BATCH):
        for leader_id, place in _leaders(tx, sought, finders, batch):
            if leader_id not in found and not (after and _was_shown(tx, finders, leader_id, after[1])):
                found[leader_id] = place
        seen, oldest = seen + len(batch), batch[-1]
        if len(found) > limit or seen >= examined:
            break
    else:
        oldest = 0
    hits.close()
    chosen = list(found)[:limit]
    by_id = {line.id: line for line in lines(tx, chosen)}
    marked = _marked(tx, finders, chosen)
    last = found[chosen[-1]] if len(found) > limit else oldest
    return InboxPage(
        lines=tuple(replace(by_id[leader_id], hits=marked.get(leader_id)) for leader_id in chosen),
        after=(_LONG_AGO, last) if last else None,
    )


def _leaders(tx: Tx, sought: Sought, finders: Sequence[re.Pattern[str]], hits: Sequence[int]) -> list[tuple[int, int]]:
    """Of these entries, the pieces that pass: the entry that leads each, and the newest of its hits; newest first."""
    given = func.json_each(json.dumps(list(hits))).table_valued("value")
    hit, body = entries.alias("hit"), entry_bodies.alias("body")
    leader = func.coalesce(hit.c.piece_id, hit.c.id)
    asked = (
        select(entries.c.id, hit.c.id, hit.c.title, hit.c.author, body.c.text)
        .join_from(given, hit, hit.c.id == given.c.value)
        .join(entries, entries.c.id == leader)
        .join(body, body.c.entry_id == hit.c.id)
        .where(*_filters(sought), *_of_verdict(sought.verdict))
        .order_by(hit.c.id.desc())
    )
    if sought.since is not None:
        asked = asked.where(entries.c.first_seen_at >= sought.since)
        if sought.verdict is Verdict.UNJUDGED:
            asked = asked.where(~entries.c.filed)  # as in the list: what came with an archive is not new
    return [(row[0], row[1]) for row in tx.execute(asked) if _holds(finders, *row[2:])]


def _holds(finders: Sequence[re.Pattern[str]], title: str, author: str | None, words: str) -> bool:
    whole = folded(f"{title}\n{author or ''}\n{words}")
    return all(finder.search(whole) for finder in finders)


def _of_verdict(verdict: Verdict | None) -> tuple[ColumnElement[bool], ...]:
    live = exists().where(bookmarks.c.entry_id == entries.c.id, bookmarks.c.dropped_at.is_(None))
    match verdict:
        case None:
            return ()
        case Verdict.SHORTLISTED:
            return (live,)
        case Verdict.DISMISSED:
            return entries.c.dismissed_at.is_not(None), ~live
        case _:
            return entries.c.dismissed_at.is_(None), *_unbookmarked()


def _was_shown(tx: Tx, finders: Sequence[re.Pattern[str]], leader_id: int, before: int) -> bool:
    """Whether another entry of this piece, newer than this page, has put it on a page already."""
    asked = (
        select(entries.c.title, entries.c.author, entry_bodies.c.text)
        .join_from(entries, entry_bodies, entry_bodies.c.entry_id == entries.c.id)
        .where(or_(entries.c.id == leader_id, entries.c.piece_id == leader_id), entries.c.id >= before)
    )
    return any(_holds(finders, *row) for row in tx.execute(asked))


def _marked(tx: Tx, finders: Sequence[re.Pattern[str]], entry_ids: Sequence[int]) -> Mapping[int, tuple[str, str]]:
    """Title and the first place in the text, each hit between HIT and HIT_END."""
    asked = select(entries.c.id, entries.c.title, entry_bodies.c.text).join_from(
        entries, entry_bodies, entry_bodies.c.entry_id == entries.c.id
    )
    rows = tx.execute(asked.where(entries.c.id.in_(entry_ids)))
    return {row[0]: (_mark(finders, row[1]), _mark(finders, _around_hit(finders, row[2]))) for row in rows}


def _around_hit(finders: Sequence[re.Pattern[str]], words: str) -> str:
    whole = folded(words)
    starts = [place.start() for finder in finders if (place := finder.search(whole))]
    start = max(0, min(starts, default=0) - EXCERPT // 3)
    cut = start and words.find(" ", start) + 1
    return ("…" if cut else "") + shortened(words[cut : cut + 2 * EXCERPT])


def _mark(finders: Sequence[re.Pattern[str]], words: str) -> str:
    whole = folded(words)
    places = sorted(place.span() for finder in finders for place in finder.finditer(whole))
    parts, done = [], 0
    for start, end in places:
        if start >= done:
            parts += [words[done:start], HIT, words[start:end], HIT_END]
            done = end
    return "".join((*parts, words[done:]))


# ------------------------------------------------------------------------------------------------------ lines


def lines(tx: Tx, leader_ids: Sequence[int]) -> tuple[InboxEntry, ...]:
    """These pieces as lists show them, newest first."""
    names = ("id", "title", "url", "feed_id", "author", "published_at", "first_seen_at", "kind", "language")
    asked = (
        select(
            *(entries.c[name] for name in names),
            feeds.c.title.label("feed_title"),
            feeds.c.kind.label("feed_kind"),
            # Twice the length, because white space is folded afterwards.
            func.substr(entry_bodies.c.text, 1, 2 * EXCERPT).label("start"),
            func.length(entry_bodies.c.text).label("characters"),
        )
        .join_from(entries, feeds, feeds.c.id == entries.c.feed_id)
        .join(entry_bodies, entry_bodies.c.entry_id == entries.c.id)
        .where(entries.c.id.in_(leader_ids))
        .order_by(*_NEWEST_FIRST)
    )
    rows = tx.execute(asked).all()
    carried, judged = carriers(tx, leader_ids), judgements(tx, leader_ids)
    return tuple(replace(_as_line(row, carried[row.id]), judgement=judged.get(row.id)) for row in rows)


def _as_line(row: "Row[*tuple[Any, ...]]", carried: Mapping[int, str]) -> InboxEntry:
    values = row._asdict()
    excerpt = shortened(values.pop("start"))
    minutes = max(1, round(values.pop("characters") / CHARACTERS_A_MINUTE))
    values["kind"] = Kind(values["kind"])
    return InboxEntry(**values, excerpt=excerpt, minutes=minutes, also_in=also_in(carried, row.feed_id))


def shortened(words: str) -> str:
    """The start of a text on one line, at most `EXCERPT` characters, cut between two words where that can be."""
    line = " ".join(words.split())
    if len(line) <= EXCERPT:
        return line
    cut = line[: EXCERPT - 1]
    return cut.rpartition(" ")[0] + "…" if " " in cut else cut + "…"
