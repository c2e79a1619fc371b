"""Sends the letters that wait: to confirm a sign-up, or to say that all is done already.

A letter that is sent twice does no harm, so a letter in hand is only lent: unless it is settled, it is due again. They
wait while the outbox is on hold, for the copy of a database must not write to anybody, and while it is paused.
"""

import logging
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from aggregator.clock import Clock
from aggregator.deliver import letters
from aggregator.deliver.answers import About, Accepted, Answer, Deferred, Rejected
from aggregator.deliver.message import BadMail, Letter, letter, message_id, sender_of
from aggregator.deliver.returned.paths import ReturnPaths
from aggregator.deliver.settling import retry_at
from aggregator.deliver.tokens import Tokens
from aggregator.deliver.transport import Relay, RelayFailed, Transport
from aggregator.model import Publication, Subscriber, SubscriberStatus
from aggregator.store import deliveries, subscribers
from aggregator.store.database import Database, Tx

# Longer than a relay may take to answer, so that nobody else sends a letter meanwhile; for the last try.
LENT = timedelta(hours=1)

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What came of the letters that were due."""

    sent: int = 0
    later: int = 0
    given_up: int = 0


class Letterbox:
    """Letters to single readers, through the same transport as the digests."""

    def __init__(
        self,
        *,
        db: Database,
        clock: Clock,
        publication: Publication,
        tokens: Tokens,
        paths: ReturnPaths,
        transport: Transport,
    ) -> None:
        self._db = db
        self._clock = clock
        self._publication = publication
        self._tokens = tokens
        self._paths = paths
        self._transport = transport

    def send_due(self, *, limit: int = 50) -> Sent:
        """Send what is due now; slow, and safe to call from several places. Never raises for a relay that fails."""
        due = self._take(limit)
        sent = later = given_up = 0
        for to, tries, answer in self._post(due):
            if isinstance(answer, Accepted):
                sent += 1
            elif _is_final(answer) or retry_at(tries, self._clock()) is None:
                given_up += 1
            else:
                later += 1
                continue
            self._settle(to)
        return Sent(sent=sent, later=later, given_up=given_up)

    def _take(self, limit: int) -> Sequence[tuple[Subscriber, int]]:
        now = self._clock()
        with self._db.read() as tx:
            if not _may_send(tx) or not subscribers.letters_due(tx, now=now, limit=1):
                return ()
        with self._db.write() as tx:
            due = subscribers.letters_due(tx, now=now, limit=limit)
            for to, tries in due:
                subscribers.lease_letter(tx, to.id, until=retry_at(tries + 1, now) or now + LENT)
        return tuple((to, tries + 1) for to, tries in due)

    def _post(self, due: Sequence[tuple[Subscriber, int]]) -> Iterator[tuple[Subscriber, int, Answer]]:
        waiting = deque(due)
        try:
            while waiting:
                with self._transport.connect() as relay:
                    while waiting and relay.is_open:
                        to, tries = waiting.popleft()
                        yield to, tries, self._send(relay, to) if self._may_still_send() else Deferred(reply="Paused.")
        except RelayFailed as error:
            _log.warning("letters wait: %s", error.what)
            for to, tries in waiting:
                yield to, tries, Deferred(reply=error.what)

    def _send(self, relay: Relay, to: Subscriber) -> Answer:
        sender = sender_of(self._publication)
        now = self._clock()
        try:
            mail = letter(self._letter(to, now), publication=self._publication, sender=sender, now=now)
        except BadMail as error:
            _log.error("a letter cannot be written: %s %s", error.what, error.hint)
            return Deferred(reply=error.what)
        return relay.send(self._paths.of_mail(None, to.id), to.address, mail)

    def _letter(self, to: Subscriber, now: datetime) -> Letter:
        own_id = message_id(self._publication, "letter", to.id, now.isoformat())
        if to.status is SubscriberStatus.ACTIVE:
            return letters.already(
                self._publication, to=to.address, token=self._tokens.manage(to.id), message_id=own_id
            )
        token = self._tokens.confirm(to.id, to.asked_at)
        return letters.confirmation(self._publication, to=to.address, token=token, message_id=own_id)

    def _may_still_send(self) -> bool:
        with self._db.read() as tx:
            return _may_send(tx)

    def _settle(self, to: Subscriber) -> None:
        with self._db.write() as tx:
            subscribers.letter_settled(tx, to.id)


def _may_send(tx: Tx) -> bool:
    state = deliveries.state(tx)
    return not (state.held or state.paused_at)


def _is_final(answer: Answer) -> bool:
    """Whether it is this mailbox that takes no letter; what is wrong with us can be mended."""
    return isinstance(answer, Rejected) and answer.about is About.RECIPIENT
