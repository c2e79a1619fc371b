"""The loop: what is due -> fetch -> parse -> decide -> save. One sick feed stops nobody."""

import asyncio
import logging
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Literal, Protocol

from aggregator import errors, logs
from aggregator.addresses import host_and_port
from aggregator.clock import Calendar, Clock
from aggregator.locks import hold
from aggregator.model import (
    DueFeed,
    Failed,
    FailureReason,
    FeedStatus,
    Fetched,
    FetchOutcome,
    NotModified,
    Postponed,
)
from aggregator.poll import reading, save
from aggregator.poll.offered import with_offers
from aggregator.poll.reading import Past, Reading
from aggregator.poll.saving import Saving
from aggregator.room import Place, Room
from aggregator.sandbox import Sandbox, SandboxFailed
from aggregator.store import documents, entries, pauses, polls
from aggregator.store.database import Database, Tx

log = logging.getLogger(__name__)

DOCUMENTS_AT_ONCE = 16 * 1024 * 1024
"""Bytes of documents between their arrival and their saving, and one document of any size: it bounds our memory.

Polling 2,000 new feeds of 99 kB takes up 6 MiB at most.
"""

_UNREAD = (
    "It will be tried again. If it goes on like this, look at the address in a browser: a document that is far too "
    "large or tangled is for its owner to mend; tell them, or take the feed out of feeds.opml."
)


class Fetches(Protocol):
    """Makes one conditional request; `fetch.Fetcher` does."""

    async def fetch(self, feed: DueFeed, place: Place) -> FetchOutcome:
        """What the feed's server answers; a document takes up `place`."""
        ...

    def recall(self, pauses: Mapping[str, datetime]) -> None:
        """Keep away from these hosts until then."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class PollReport:
    """What one poll of one feed came to."""

    feed_id: int
    title: str
    xml_url: str
    outcome: Literal["new", "changed", "unchanged", "failed", "postponed"]
    new: int  # entries to be seen in the inbox
    changed: int
    reason: str | None  # a FailureReason, when it failed
    message: str  # for a maintainer; "" when there is nothing to say
    next_poll_at: datetime
    next_poll_reason: str


OnStart = Callable[[int], object]
OnReport = Callable[[PollReport], object]
OnPolled = Callable[[PollReport, float], object]

_Answer = save.Answer | Postponed | Failed
_Saving = Saving[tuple[DueFeed, _Answer], PollReport]


def _nothing(*_: object) -> None:
    """What is done with progress that nobody follows."""


class Poller:
    """Polls feeds, many at a time; what came of each is saved whole or not at all.

    It may be cancelled at any moment: what was saved stays, and what was not is still due.
    """

    def __init__(
        self,
        *,
        db: Database,
        clock: Clock,
        fetcher: Fetches,
        sandbox: Sandbox,
        calendar: Calendar,
        in_flight: int,
        lock_path: Path,
        on_polled: OnPolled = _nothing,
    ) -> None:
        """At most `in_flight` feeds are in work at once; the lock lets one process poll at a time.

        `on_polled` is told of each poll, whoever asked for it, and how many seconds it took.
        """
        self._db = db
        self._clock = clock
        self._fetcher = fetcher
        self._sandbox = sandbox
        self._calendar = calendar
        self._in_flight = in_flight
        self._lock_path = lock_path
        self._room = Room(DOCUMENTS_AT_ONCE)
        self._on_polled = on_polled

    async def poll_due(self, *, on_start: OnStart = _nothing, on_report: OnReport = _nothing) -> tuple[PollReport, ...]:
        """Poll every active feed whose time has come; Refused while another poll is running.

        `on_start` is told how many there are, `on_report` of each when it is done. Raises the StoreErrors of saving.
        """
        return await self._poll(lambda tx: polls.due(tx, self._clock()), on_start, on_report)

    async def poll_all(self, *, on_start: OnStart = _nothing, on_report: OnReport = _nothing) -> tuple[PollReport, ...]:
        """Poll every active feed, due or not; otherwise as `poll_due`."""
        return await self._poll(polls.active, on_start, on_report)

    async def poll_feed(
        self, feed_id: int, *, on_start: OnStart = _nothing, on_report: OnReport = _nothing
    ) -> tuple[PollReport, ...]:
        """Poll one feed, whatever its status; NotFound when there is none with this id. Otherwise as `poll_due`."""
        return await self._poll(partial(_named, feed_id), on_start, on_report)

    async def _poll(
        self, choose: Callable[[Tx], tuple[DueFeed, ...]], on_start: OnStart, on_report: OnReport
    ) -> tuple[PollReport, ...]:
        with _alone(self._lock_path):
            feeds = await asyncio.to_thread(self._chosen, choose)
            on_start(len(feeds))
            return await self._poll_each(feeds, on_report)

    def _chosen(self, choose: Callable[[Tx], tuple[DueFeed, ...]]) -> tuple[DueFeed, ...]:
        with self._db.read() as tx:
            self._fetcher.recall(pauses.current(tx, self._clock()))
            return choose(tx)

    async def _poll_each(self, feeds: Sequence[DueFeed], on_report: OnReport) -> tuple[PollReport, ...]:
        waiting = _by_turns(feeds)
        saving = Saving(self._db, self._save)
        reports: list[PollReport] = []

        async def work() -> None:
            for feed in waiting:
                started = time.monotonic()
                report = await self._poll_one(feed, saving)
                self._tell(report, time.monotonic() - started)
                reports.append(report)
                on_report(report)

        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(min(self._in_flight, len(feeds))):
                    group.create_task(work())
        except BaseExceptionGroup as several:
            # The others were cancelled for the first one's sake, which alone says what happened.
            raise several.exceptions[0] from None
        return tuple(reports)

    def _tell(self, report: PollReport, seconds: float) -> None:
        self._on_polled(report, seconds)
        if log.isEnabledFor(logging.INFO):
            logs.event(
                log,
                "polled",
                feed=report.feed_id,
                outcome=report.outcome,
                reason=report.reason,
                new=report.new,
                changed=report.changed,
                seconds=round(seconds, 3),
                next=report.next_poll_at.isoformat(timespec="seconds"),
                url=report.xml_url,
                message=report.message or None,
            )

    async def _poll_one(self, feed: DueFeed, saving: _Saving) -> PollReport:
        try:
            with self._room.place() as place:
                report = await self._attempt(feed, saving, place)
        except errors.StoreError:
            raise
        except Exception as error:
            log.exception("polling %r failed in a way that was not foreseen", feed.xml_url)
            failed = Failed(
                reason=FailureReason.WORKER,
                message=f"Something went wrong here, in this program: {type(error).__name__}. Please report it.",
            )
            report = await saving.save((feed, failed))
        return report

    async def _attempt(self, feed: DueFeed, saving: _Saving, place: Place) -> PollReport:
        answer = await self._fetcher.fetch(feed, place)
        if isinstance(answer, Fetched):
            found = await self._read(feed, answer)
            if isinstance(found, Reading):
                return await saving.save((feed, (answer, found)))
            if found.reason is FailureReason.PAGE:
                found = await with_offers(self._sandbox, feed, answer, found)
            answer = found
        return await saving.save((feed, answer))

    async def _read(self, feed: DueFeed, fetched: Fetched) -> Reading | Failed:
        def given() -> tuple[bytes, str, str, Past]:
            return fetched.body, fetched.content_type, fetched.url, self._past(feed)

        try:
            return await self._sandbox.run_on(reading.read, given)
        except SandboxFailed as error:
            return Failed(reason=FailureReason.WORKER, message=f"{error.what} {_UNREAD}")

    def _past(self, feed: DueFeed) -> Past:
        with self._db.read() as tx:
            endings, outline = entries.endings(tx, feed.id), documents.outline(tx, feed.id)
        return Past(policy=feed.identity, tails=feed.tails, endings=endings, outline=outline)

    def _save(self, tx: Tx, polled: Sequence[tuple[DueFeed, _Answer]]) -> list[PollReport]:
        answered = [(feed, answer) for feed, answer in polled if isinstance(answer, NotModified | tuple)]
        saved = save.answered(tx, answered, now=self._clock(), calendar=self._calendar)
        reports = {
            feed.id: _report_of_answer(feed, answer, each) for (feed, answer), each in zip(answered, saved, strict=True)
        }
        for feed, answer in polled:
            if isinstance(answer, Postponed):
                reports[feed.id] = self._save_postponed(tx, feed, answer)
            elif isinstance(answer, Failed):
                reports[feed.id] = self._save_failure(tx, feed, answer)
        return [reports[feed.id] for feed, _ in polled]

    def _save_postponed(self, tx: Tx, feed: DueFeed, answer: Postponed) -> PollReport:
        save.postponed(tx, feed, answer)
        return PollReport(
            feed_id=feed.id,
            title=feed.title,
            xml_url=feed.xml_url,
            outcome="postponed",
            new=0,
            changed=0,
            reason=None,
            message=answer.message,
            next_poll_at=answer.until,
            next_poll_reason=save.ASKED_FOR_PEACE,
        )

    def _save_failure(self, tx: Tx, feed: DueFeed, failed: Failed) -> PollReport:
        saved = save.failure(tx, feed, failed, now=self._clock(), calendar=self._calendar)
        is_gone = saved.record.status is FeedStatus.GONE
        end = " It said so a day ago too, so it is asked no more; its entries stay." if is_gone else ""
        return _report(feed, saved, failed.message + end)


def _named(feed_id: int, tx: Tx) -> tuple[DueFeed, ...]:
    feed = polls.one(tx, feed_id)
    if feed is None:
        raise errors.NotFound(f"There is no feed {feed_id}.", "See them all with: five feeds list")
    return (feed,)


@contextmanager
def _alone(lock_path: Path) -> Iterator[None]:
    with ExitStack() as stack:
        try:
            held = stack.enter_context(hold(lock_path))
        except OSError as error:
            raise errors.DatabaseReadOnly(
                f"{lock_path} cannot be written: {error.strerror}.", "Check who owns the data folder (FIVE_DATA)."
            ) from error
        if not held:
            raise errors.Refused("Another poll is running.", "Wait for it to end; it brings in the same entries.")
        yield


def _by_turns(feeds: Sequence[DueFeed]) -> Iterator[DueFeed]:
    """The feeds in their order, each host in turn: one with hundreds of feeds must not fill every place in flight."""
    hosts: defaultdict[str, deque[DueFeed]] = defaultdict(deque)
    for feed in feeds:
        hosts[host_and_port(feed.xml_url)].append(feed)
    while hosts:
        for host in list(hosts):
            yield hosts[host].popleft()
            if not hosts[host]:
                del hosts[host]


def _report_of_answer(feed: DueFeed, answer: save.Answer, saved: save.Saved) -> PollReport:
    found = answer[1] if isinstance(answer, tuple) else None
    return _report(feed, saved, " ".join(_notes(feed, saved, found)))


def _notes(feed: DueFeed, saved: save.Saved, found: Reading | None) -> Iterator[str]:
    if found is not None and found.feed.damaged:
        yield "The document is not well-formed; what can be read of it was read."
    if found is not None and found.policy is not feed.identity:
        yield "Its guids are blank or repeated, so its entries are told apart by guid and address from now on."
    if found is not None and (dropped := sum(each.entry.url_dropped for each in found.entries)):
        yield f"Addresses left out, which no browser should open: {dropped}."
    if saved.filed:
        yield f"Filed, being older than 30 days: {saved.filed}."
    if saved.record.moved_to is not None:
        yield f"It has moved for good to {saved.record.moved_to}."


def _report(feed: DueFeed, saved: save.Saved, message: str) -> PollReport:
    record = saved.record
    if record.failure_reason is not None:
        outcome: Literal["new", "changed", "unchanged", "failed"] = "failed"
    else:
        outcome = "new" if saved.shown else "changed" if saved.changed else "unchanged"
    return PollReport(
        feed_id=feed.id,
        title=feed.title,
        xml_url=feed.xml_url,
        outcome=outcome,
        new=saved.shown,
        changed=saved.changed,
        reason=record.failure_reason,
        message=message,
        next_poll_at=record.next_poll_at,
        next_poll_reason=record.next_poll_reason,
    )
