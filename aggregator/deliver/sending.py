"""One run of the outbox: claim, transmit, settle, one reader after another, until nothing is due.

A claim is committed before anything is sent, and what became of it after: a run that is killed leaves at most the mail
that was in flight, which stands there as claimed. Settling one mail and claiming the next is one commit where nothing
waits between them.
"""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from aggregator.clock import Clock
from aggregator.deliver import bounces, settling
from aggregator.deliver.answers import Answer
from aggregator.deliver.message import BadMail, Mould, Reader
from aggregator.deliver.settling import Bounce, Settlement, Stop, Streak
from aggregator.deliver.tokens import hash_of
from aggregator.deliver.transport import Relay, RelayFailed, Transport
from aggregator.model import DeliveryStatus
from aggregator.store import deliveries
from aggregator.store.database import Database, Tx
from aggregator.store.deliveries import Due

BATCH = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """What a run sends with."""

    db: Database
    clock: Clock
    transport: Transport
    return_path_of: Callable[[int, int], str]  # digest, subscriber: the bare address on the envelope
    token_of: Callable[[int, int], str]  # digest, subscriber
    mould_of: Callable[[int], Mould]  # digest


@dataclass(slots=True)
class Tally:
    """What a run has done so far."""

    sent: int = 0
    failed: int = 0
    uncertain: int = 0
    later: int = 0  # tried, and to be tried again
    stopped: str = ""  # why it ended before its time


@dataclass(slots=True)
class Pace:
    """At most so many a minute, evenly; 0 means no limit. The clock and the sleep are the machine's own."""

    per_minute: int
    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    _next: float = field(default=0.0)

    def wait_needed(self) -> float:
        """Seconds until the next one may go."""
        return max(0.0, self._next - self.now()) if self.per_minute else 0.0

    def went(self) -> None:
        """One went."""
        if self.per_minute:
            self._next = max(self._next, self.now()) + 60 / self.per_minute


class Run:
    """Sends what is due; use once. The caller holds the outbox's lock."""

    def __init__(
        self, post: Post, pace: Pace, *, on_sent: Callable[[Tally], None], is_stopped: Callable[[], bool]
    ) -> None:
        self.tally = Tally()
        self._post = post
        self._pace = pace
        self._on_sent = on_sent
        self._is_stopped = is_stopped
        self._streak = Streak()
        self._batch: deque[Due] = deque()
        self._moulds: dict[int, Mould] = {}
        self._open: tuple[Due, Settlement] | None = None  # tried, and not yet written down
        self._suspects: list[tuple[Due, Settlement]] = []  # refused, perhaps because everybody is
        self._condemned: list[tuple[Due, Settlement]] = []  # refused for good, and not yet written down
        self._stop: Stop | None = None

    def go(self) -> Tally:
        """Send; a relay that fails ends the run, and is no error. Raises StoreError."""
        try:
            while not self._is_over():
                with self._post.transport.connect() as relay:
                    while relay.is_open and not self._is_over():
                        self._send(relay, self._batch.popleft())
        except RelayFailed as error:
            self._stop = Stop(why=f"{error.what} {error.hint}", hold=error.is_final)
        finally:  # also on Ctrl-C: what is known is written down
            self._finish()
        return self.tally

    def _is_over(self) -> bool:
        if self._stop is None and self._is_stopped():
            self._stop = Stop(why="It was asked to stop.", hold=False)
        if self._stop is None and not self._batch:
            self._refill()
        return self._stop is not None or not self._batch

    def _refill(self) -> None:
        now = self._post.clock()
        with self._post.db.read() as tx:
            waiting = deliveries.with_mail_due(tx, now=now)
            self._batch.extend(deliveries.due(tx, waiting[0], now=now, limit=BATCH) if waiting else ())
        try:
            for digest_id in {one.digest_id for one in self._batch} - set(self._moulds):
                self._moulds[digest_id] = self._post.mould_of(digest_id)
        except BadMail as error:
            self._stop = Stop(why=f"{error.what} {error.hint}", hold=True)

    def _send(self, relay: Relay, one: Due) -> None:
        if wait := self._pace.wait_needed():
            self._write_down()
            self._pace.sleep(wait)
        token = self._post.token_of(one.digest_id, one.subscriber_id)
        if not self._claim(one, token):
            return
        try:
            mail = self._moulds[one.digest_id].fill(Reader(address=one.address, message_id=one.message_id, token=token))
        except BadMail as error:
            self._open = one, Settlement(status=DeliveryStatus.FAILED, error=error.what)
            self.tally.failed += 1
            return
        self._judge(one, relay.send(self._post.return_path_of(one.digest_id, one.subscriber_id), one.address, mail))
        self._pace.went()
        self._on_sent(self.tally)

    def _claim(self, one: Due, token: str) -> bool:
        """Write the last one down and take the next in hand, in one commit."""
        with self._post.db.write() as tx:
            self._settle(tx)
            if claimed := deliveries.claim(tx, one, now=self._post.clock()):
                if hash_of(token) != one.token_hash:
                    deliveries.refresh_token(tx, one, hash_of(token))
            else:
                deliveries.skip_departed(tx, one.digest_id)
            state = deliveries.state(tx) if not claimed else None
        self._settled()
        if state is not None and (state.held or state.paused_at):
            self._stop = Stop(why=state.held or "It was paused.", hold=False)
        return claimed

    def _judge(self, one: Due, answer: Answer) -> None:
        """Decide what the answer means for this reader, for those refused just before, and for the run."""
        found = settling.settlement(answer, tries=one.tries + 1, now=self._post.clock())
        self._open = one, found
        self._stop = self._streak.after(answer)
        if self._streak.length == 1:  # a new kind of answer: those before it were refused for themselves
            self._condemned += self._suspects
            self._suspects = []
        if found.is_suspect:
            self._suspects.append((one, found))
        self.tally.sent += found.status is DeliveryStatus.SENT
        self.tally.uncertain += found.status is DeliveryStatus.UNCERTAIN
        self.tally.failed += found.status is DeliveryStatus.FAILED
        self.tally.later += found.status is DeliveryStatus.QUEUED and not found.is_suspect

    def _finish(self) -> None:
        if self._stop is None:
            self._condemned += self._suspects
        elif self._suspects:
            self.tally.later += len(self._suspects)
        self._suspects = []
        self._write_down()
        if self._stop is not None:
            self.tally.stopped = self._stop.why

    def _write_down(self) -> None:
        if self._open or self._condemned or (self._stop and self._stop.hold):
            with self._post.db.write() as tx:
                self._settle(tx)
                if self._stop and self._stop.hold:
                    deliveries.hold(tx, self._stop.why, now=self._post.clock())
            self._settled()

    def _settle(self, tx: Tx) -> None:
        now = self._post.clock()
        if self._open is not None:
            one, found = self._open
            sent_at = now if found.status is DeliveryStatus.SENT else None
            deliveries.settle(tx, one, found.status, sent_at=sent_at, next_try_at=found.next_try_at, error=found.error)
            if sent_at and one.soft_bounces:
                bounces.delivered(tx, one.subscriber_id)
            # Where nobody at all was reached, it is the relay that is at fault.
            if found.bounce is Bounce.SOFT and deliveries.any_sent(tx, one.digest_id):
                bounces.soft_bounce(tx, one.subscriber_id, now, said=settling.code_of(found.error or ""))
        for one, found in self._condemned:
            deliveries.fail_queued(tx, one)
            if found.bounce is Bounce.HARD:
                bounces.hard_bounce(tx, one.subscriber_id, now, said=settling.code_of(found.error or ""))

    def _settled(self) -> None:
        """The commit has returned."""
        self.tally.failed += len(self._condemned)
        self._open, self._condemned = None, []
