"""What one poll came to, into the database: its entries, its validators and its next time, in one transaction.

Each function is called inside a transaction that its caller opened, and does nothing slow.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from aggregator.addresses import host_and_port
from aggregator.clock import Calendar
from aggregator.model import (
    DueFeed,
    Failed,
    FailureReason,
    Fetched,
    HubStatus,
    KeyedEntry,
    NotModified,
    ParsedFeed,
    PollRecord,
    Postponed,
)
from aggregator.poll import cadence, decide
from aggregator.poll.identity import names_a_piece
from aggregator.poll.reading import Reading, identity_digest
from aggregator.store import documents, entries, hubs, offers, pauses, polls
from aggregator.store.database import Tx


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """What was written."""

    record: PollRecord
    shown: int = 0
    filed: int = 0
    changed: int = 0


Answer = NotModified | tuple[Fetched, Reading]
"""Of a feed that answered: that nothing changed, or a document."""


def answered(tx: Tx, answers: Sequence[tuple[DueFeed, Answer]], *, now: datetime, calendar: Calendar) -> list[Saved]:
    """Save what feeds answered: the entries of each, and then, for all together, what is recorded of the feeds.

    What SQLite does for one feed costs less than to ask it: asked for each, a new entry took a third longer to save.
    """
    taken = [_taken_in(tx, feed, answer, now) for feed, answer in answers]
    days = entries.posting_days(tx, [each.feed.id for each in taken if not each.is_pushed])
    saved = {each.feed.id: _saved(each, days.get(each.feed.id, ()), now=now, calendar=calendar) for each in taken}
    polls.record(tx, {feed_id: each.record for feed_id, each in saved.items()})
    documents.keep_outlines(tx, {each.feed.id: each.found.outline for each in taken if each.found is not None})
    return list(saved.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class _TakenIn:
    """An answer, once its entries are in the database."""

    feed: DueFeed
    answer: NotModified | Fetched
    is_pushed: bool  # a hub tells us of new entries, and told us of all that there were
    found: Reading | None = None
    plan: decide.PollPlan | None = None


def _taken_in(tx: Tx, feed: DueFeed, answer: Answer, now: datetime) -> _TakenIn:
    _forget_offers(tx, feed, now)
    is_pushed = feed.pushed_until is not None and feed.pushed_until > now
    if isinstance(answer, NotModified):
        return _TakenIn(feed=feed, answer=answer, is_pushed=is_pushed)
    fetched, found = answer
    left_out = frozenset(found.left_out)
    known = entries.known(tx, feed.id, found.entries)
    plan = decide.plan(
        found.entries, [entry for entry in known if identity_digest(entry.identity) not in left_out], feed, now
    )
    _apply(tx, feed.id, plan, now)
    if is_pushed and any(not entry.filed for entry in plan.new):
        is_pushed = False
        hubs.settle(tx, feed.id, status=HubStatus.SILENT)
    _keep_hub(tx, feed, fetched, found.feed)
    if found.tails != feed.tails:
        polls.keep_tails(tx, feed.id, found.tails)
    return _TakenIn(feed=feed, answer=fetched, is_pushed=is_pushed, found=found, plan=plan)


def _saved(taken: _TakenIn, posting_days: Sequence[date], *, now: datetime, calendar: Calendar) -> Saved:
    feed, found = taken.feed, taken.found
    said = feed if found is None else found.feed
    wishes = cadence.Wishes(
        fresh_for=taken.answer.fresh_for, ttl=said.ttl, skip_hours=said.skip_hours, skip_days=said.skip_days
    )
    next_poll = cadence.after_success(
        feed_id=feed.id,
        now=now,
        posting_days=posting_days,
        wishes=wishes,
        calendar=calendar,
        pushed=taken.is_pushed,
    )
    if found is not None and found.policy is not feed.identity:
        feed = replace(feed, identity=found.policy)
    record = decide.succeeded(
        feed, taken.answer, now=now, next_poll=next_poll, parsed=None if found is None else found.feed, plan=taken.plan
    )
    if taken.plan is None:
        return Saved(record=record)
    filed = sum(entry.filed for entry in taken.plan.new)
    return Saved(record=record, shown=len(taken.plan.new) - filed, filed=filed, changed=len(taken.plan.changed))


def pushed(tx: Tx, feed: DueFeed, found: Reading, *, now: datetime) -> int:
    """Save what a hub sent, and tell how many entries are new; validators and the next poll stay as they are."""
    plan = decide.plan(found.entries, entries.known(tx, feed.id, found.entries), feed, now)
    _apply(tx, feed.id, plan, now)
    shown = sum(not entry.filed for entry in plan.new)
    if shown:
        polls.new_entry(tx, feed.id, now)
    hubs.settle(tx, feed.id, status=HubStatus.ACTIVE, pushed_at=now)
    return shown


def failure(tx: Tx, feed: DueFeed, failed: Failed, *, now: datetime, calendar: Calendar) -> Saved:
    """Save that a feed failed; when a server asked to be left alone, every process and its other feeds know of it."""
    record = decide.failed(feed, failed, now=now, calendar=calendar)
    polls.record(tx, {feed.id: record})
    if failed.reason is FailureReason.PAGE:
        offers.replace(tx, feed.id, failed.offers, now)
    if failed.reason is FailureReason.THROTTLED and failed.retry_after is not None and failed.busy_host is not None:
        host, until = failed.busy_host, now + failed.retry_after
        pauses.keep(tx, host, until, now)
        others = [other.id for other in polls.active(tx) if host_and_port(other.xml_url) == host]
        polls.postpone(tx, [other for other in others if other != feed.id], until, ASKED_FOR_PEACE)
    return Saved(record=record)


def postponed(tx: Tx, feed: DueFeed, answer: Postponed) -> None:
    """Save that a feed was not asked; it has not failed."""
    polls.postpone(tx, [feed.id], answer.until, ASKED_FOR_PEACE)


ASKED_FOR_PEACE = "its server asked to be left alone until then"


def _forget_offers(tx: Tx, feed: DueFeed, now: datetime) -> None:
    if feed.failures:
        offers.replace(tx, feed.id, (), now)


def _apply(tx: Tx, feed_id: int, plan: decide.PollPlan, now: datetime) -> None:
    for entry_id, identity in plan.rekeyed:
        entries.rekey(tx, entry_id, identity)
    for change in plan.changed:
        entries.follow(tx, change.entry_id, change.keyed, updates=change.updates)
    if plan.new:
        inserted: dict[int, KeyedEntry] = {}
        for several in _insertions(tx, feed_id, plan.new):
            inserted |= entries.insert_new(tx, feed_id, several, first_seen_at=now)
        entries.keep_texts(tx, inserted)


def _insertions(tx: Tx, feed_id: int, new: Sequence[decide.NewEntry]) -> Iterator[list[entries.Insertion]]:
    """The new entries, each with its piece: all at once where none can have one, else one after another."""
    if len(new) > 1 and _are_apart(tx, feed_id, [each.keyed for each in new]):
        yield [_insertion(each, None) for each in new]
        return
    for each in new:
        # Asked when those before it are inserted: it may be a copy of one of them.
        piece_id = entries.piece_of(
            tx,
            feed_id=feed_id,
            title=each.keyed.entry.title,
            canonical_url=_address(each.keyed),
            original_url=each.keyed.original_url,
            text_key=each.keyed.text_key,
        )
        yield [_insertion(each, piece_id)]


def _are_apart(tx: Tx, feed_id: int, new: Sequence[KeyedEntry]) -> bool:
    text_keys = [each.text_key for each in new if each.text_key]
    addresses = {address for each in new for address in (_address(each), each.original_url) if address}
    return len(set(text_keys)) == len(text_keys) and entries.are_apart(
        tx, feed_id=feed_id, addresses=addresses, text_keys=text_keys
    )


def _address(keyed: KeyedEntry) -> str | None:
    """Where it stands, when that address stands for it alone."""
    return keyed.canonical_url if names_a_piece(keyed.canonical_url) else None


def _insertion(new: decide.NewEntry, piece_id: int | None) -> entries.Insertion:
    return entries.Insertion(keyed=new.keyed, published_at=new.published_at, filed=new.filed, piece_id=piece_id)


def _keep_hub(tx: Tx, feed: DueFeed, fetched: Fetched, parsed: ParsedFeed) -> None:
    """Header fields win over the document (WebSub, section 4)."""
    hub_url = fetched.hub_url or parsed.hub_url
    topic_url = (fetched.topic_url or parsed.topic_url or feed.xml_url) if hub_url else None
    if (hub_url, topic_url) != (feed.hub_url, feed.topic_url):
        hubs.name_hub(tx, feed.id, hub_url, topic_url)
