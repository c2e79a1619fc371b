"""What a poll found, decided without touching anything: what is new, what changed, what to record (pure)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from aggregator.clock import Calendar
from aggregator.model import (
    DueFeed,
    Failed,
    FailureReason,
    FeedStatus,
    Fetched,
    KeyedEntry,
    KnownEntry,
    NotModified,
    ParsedFeed,
    PollRecord,
)
from aggregator.poll.cadence import NextPoll, Wishes, after_failure
from aggregator.poll.identity import names_a_piece

OLD = timedelta(days=30)
FUTURE = timedelta(hours=1)
"""How far ahead a date may be: servers' clocks and zones are wrong by this much, not by more."""

MOST_UPDATES = 24
"""How often an entry is followed when nothing but its content says that it changed: some differ at every poll."""

GONE_AFTER = timedelta(hours=23)
"""Between the two 410s; an hour less than the day after which it is asked again, for a tick that comes early."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEntry:
    """An entry to insert."""

    keyed: KeyedEntry
    published_at: datetime | None
    filed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A known entry to bring up to date; its first dates stay."""

    entry_id: int
    keyed: KeyedEntry
    updates: int  # to record: how often it was followed on its content's word alone


@dataclass(frozen=True, slots=True, kw_only=True)
class PollPlan:
    """What a document means for what we have."""

    new: tuple[NewEntry, ...]  # the oldest first
    changed: tuple[Change, ...]
    rekeyed: tuple[tuple[int, str], ...]  # known entries that changed nothing but their identity


def plan(entries: Sequence[KeyedEntry], known: Sequence[KnownEntry], feed: DueFeed, now: datetime) -> PollPlan:
    """Compare a document's entries with those that the database has of this feed."""
    matches = _matches(entries, known)
    new = [entry for entry in entries if entry.identity not in matches]
    changed, rekeyed = [], []
    for entry in entries:
        match = matches.get(entry.identity)
        if match is None:
            continue
        updates = _followed(entry, match)
        if updates is not None:
            changed.append(Change(entry_id=match.id, keyed=entry, updates=updates))
        elif entry.identity != match.identity:
            rekeyed.append((match.id, entry.identity))
    return PollPlan(new=_settled(new, feed, now), changed=tuple(changed), rekeyed=tuple(rekeyed))


def succeeded(
    feed: DueFeed,
    answer: Fetched | NotModified,
    *,
    now: datetime,
    next_poll: NextPoll,
    parsed: ParsedFeed | None,
    plan: PollPlan | None,
) -> PollRecord:
    """What to record of a feed that answered, with the document (None for an unchanged one) and what it meant."""
    fetched = answer if isinstance(answer, Fetched) else None
    stays = answer.moved_to == feed.moved_to
    shown = plan is not None and any(not entry.filed for entry in plan.new)
    asks = parsed or feed
    return PollRecord(
        polled_at=now,
        succeeded_at=now,
        newest_entry_at=now if shown else None,
        status=FeedStatus.ACTIVE if feed.status is FeedStatus.GONE else None,
        identity=feed.identity,
        failures=0,
        failure_reason=None,
        failure_message=None,
        # A 304 may leave out what has not changed; the document that it stands for is still ours.
        etag=answer.etag if fetched else answer.etag or feed.etag,
        last_modified=answer.last_modified if fetched else answer.last_modified or feed.last_modified,
        body_hash=fetched.body_hash if fetched else feed.body_hash,
        moved_to=answer.moved_to,
        moved_since=None if answer.moved_to is None else feed.moved_since if stays else now,
        gone_since=None,
        ttl=asks.ttl,
        skip_hours=asks.skip_hours,
        skip_days=asks.skip_days,
        next_poll_at=next_poll.at,
        next_poll_reason=next_poll.reason,
    )


def failed(feed: DueFeed, failure: Failed, *, now: datetime, calendar: Calendar) -> PollRecord:
    """What to record of a feed that failed: validators and document stay those of the last one read."""
    is_gone = failure.reason is FailureReason.GONE
    gone_since = (feed.gone_since or now) if is_gone else None
    is_gone_for_good = gone_since is not None and now - gone_since >= GONE_AFTER
    failures = feed.failures + 1
    next_poll = after_failure(
        feed_id=feed.id,
        now=now,
        failed=failure,
        failures=failures,
        gone_since=gone_since,
        calendar=calendar,
        wishes=Wishes(skip_hours=feed.skip_hours, skip_days=feed.skip_days),
    )
    return PollRecord(
        polled_at=now,
        succeeded_at=None,
        newest_entry_at=None,
        status=FeedStatus.GONE if is_gone_for_good else None,
        identity=feed.identity,
        failures=failures,
        failure_reason=failure.reason,
        failure_message=failure.message,
        etag=feed.etag,
        last_modified=feed.last_modified,
        body_hash=feed.body_hash,
        moved_to=feed.moved_to,
        moved_since=feed.moved_since,
        gone_since=gone_since,
        ttl=feed.ttl,
        skip_hours=feed.skip_hours,
        skip_days=feed.skip_days,
        next_poll_at=next_poll.at,
        next_poll_reason="gone: no longer asked" if is_gone_for_good else next_poll.reason,
    )


Sign = tuple[object, ...]


def _matches(entries: Sequence[KeyedEntry], known: Sequence[KnownEntry]) -> dict[str, KnownEntry]:
    """Which known entry each one is, by identity; then, of those no longer in the document, by other signs."""
    by_identity = {entry.identity: entry for entry in known}
    matches = {entry.identity: by_identity[entry.identity] for entry in entries if entry.identity in by_identity}
    left: dict[Sign, KnownEntry] = {}
    for candidate in known:
        if candidate.identity not in matches:
            for sign in _signs_of_known(candidate):
                left.setdefault(sign, candidate)
    taken: set[int] = set()
    for entry in entries:
        if entry.identity in matches:
            continue
        found = next((left[sign] for sign in _signs(entry) if sign in left and left[sign].id not in taken), None)
        if found is not None:
            matches[entry.identity] = found
            taken.add(found.id)
    return matches


def _signs_of_known(known: KnownEntry) -> Iterator[Sign]:
    yield "alias", known.identity, known.url
    yield from _shared_signs(known, known.url, known.title, known.published_at)


def _signs(keyed: KeyedEntry) -> Iterator[Sign]:
    """What gives an entry away that comes back under another guid (a site move, guids made anew at every poll)."""
    entry = keyed.entry
    for alias in keyed.aliases:
        yield "alias", alias, entry.url
    yield from _shared_signs(keyed, entry.url, entry.title, entry.published_at)


def _shared_signs(
    entry: KeyedEntry | KnownEntry, url: str | None, title: str, published_at: datetime | None
) -> Iterator[Sign]:
    if entry.text_key is not None:
        yield "text", entry.text_key
    if title and names_a_piece(url):
        yield "page", url, title
    if title and published_at is not None and entry.text_key is None:
        # Too few words to go by; but a new piece does not bear an old one's second.
        yield "date", title, published_at


def _followed(entry: KeyedEntry, known: KnownEntry) -> int | None:
    """How often the entry will have been followed, if it is followed now; None when there is nothing to follow."""
    if entry.content_hash == known.content_hash:
        return None
    updated_at = entry.entry.updated_at
    if updated_at is not None and updated_at != known.updated_at:
        return known.updates
    return known.updates + 1 if known.updates < MOST_UPDATES else None


def _settled(entries: Sequence[KeyedEntry], feed: DueFeed, now: datetime) -> tuple[NewEntry, ...]:
    """New entries with their dates settled, those of an archive filed, the oldest first."""
    last_first = entries[::-1]  # documents begin with the newest, whether or not they say when it is from
    in_order = sorted(last_first, key=lambda keyed: _dated(keyed, now))
    old = {keyed.identity for keyed in in_order if now - _dated(keyed, now) > OLD}
    # One old entry alone is a post that was long in drafting; several at once are an archive, or a site move.
    filed = old if feed.body_hash is None or len(old) > 1 else set()
    return tuple(
        NewEntry(keyed=keyed, published_at=_published_at(keyed, now), filed=keyed.identity in filed)
        for keyed in in_order
    )


def _dated(keyed: KeyedEntry, now: datetime) -> datetime:
    """What age and order go by; an entry without a date, or with one in the future, counts as first seen."""
    return min(keyed.entry.published_at or keyed.entry.updated_at or now, now)


def _published_at(keyed: KeyedEntry, now: datetime) -> datetime | None:
    at = keyed.entry.published_at
    return now if at is not None and at - now > FUTURE else at
