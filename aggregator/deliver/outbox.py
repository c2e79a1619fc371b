"""Verbs on the outbox: who gets a digest, sending it, and what an editor does when it does not go smoothly.

Nobody is missed and nobody gets a digest twice unseen: the audience is written down with the publication, each reader's
mail is claimed before it is sent, and one of which nobody can tell is held as uncertain until a person decides.
"""

import logging
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from aggregator.clock import Clock
from aggregator.deliver import ledger
from aggregator.deliver.answers import Accepted
from aggregator.deliver.message import Mould, Reader, message_id, mould, sender_of
from aggregator.deliver.returned.paths import ReturnPaths
from aggregator.deliver.sending import Pace, Post, Run, Tally
from aggregator.deliver.tokens import Tokens, hash_of
from aggregator.deliver.transport import RelayFailed, Transport
from aggregator.errors import NotFound, Refused, WrongUse
from aggregator.locks import hold
from aggregator.model import DeliveryStatus, Digest, Form, Publication, ReturnedKind
from aggregator.store import deliveries, digests, posts, returned, subscribers
from aggregator.store.database import Database, Tx
from aggregator.store.deliveries import Addressed, Delivery, State

_log = logging.getLogger(__name__)
_ADDRESS = re.compile(r"\S+@\S+")  # of a reader, in the words of a relay: no log keeps those
_NO_READER = "a-test-mail-has-no-reader"
_DIGESTS_SHOWN = 20


class Digests(Protocol):
    """Where the digests are: the editor's verbs that read."""

    def digest(self, selector: str | None = ...) -> Digest:
        """The one that is named."""

    def rendering(self, selector: str | None, form: Form | str) -> str:
        """A digest in one form, frozen when it was published."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """How the outbox is doing."""

    state: State
    digests: tuple[tuple[str, Mapping[DeliveryStatus, int]], ...]  # by slug, the newest first
    next_due_at: datetime | None
    returned: Mapping[str, Mapping[ReturnedKind, int]]  # by slug: how many came back; only where one did


class Outbox:
    """Sends what is published, through `transport`. A digest is named by a selector, as everywhere."""

    def __init__(
        self,
        *,
        db: Database,
        clock: Clock,
        publication: Publication,
        transport: Transport,
        tokens: Tokens,
        paths: ReturnPaths,
        lock_path: Path,
        mails_per_minute: int,
        canary: int,
        canary_wait: timedelta,
        places: Sequence[str] = (),
    ) -> None:
        """`places` are the other publications that are set up, by name."""
        self._db = db
        self._clock = clock
        self._publication = publication
        self._transport = transport
        self._tokens = tokens
        self._paths = paths
        self._lock_path = lock_path
        self._pace = mails_per_minute
        self._canary = canary
        self._canary_wait = canary_wait
        self._places = places

    # ------------------------------------------------------------------------------------------------ publication

    def check(self, digest: Digest, forms: Mapping[Form, str]) -> None:
        """Raises BadMail when this cannot go out as mail; call it before publishing."""
        self._cast(digest, forms)

    def freeze(self, tx: Tx, digest: Digest) -> None:
        """Queue a digest for everybody who is a subscriber in this transaction: a few now, the rest a little later."""
        now = self._clock()
        after = now + self._canary_wait if self._canary else now
        readers = [
            Addressed(
                subscriber_id=subscriber_id,
                message_id=message_id(self._publication, digest.slug, subscriber_id),
                token_hash=hash_of(self._tokens.delivery(digest.id, subscriber_id)),
                next_try_at=now if place < self._canary else after,
            )
            for place, (subscriber_id, _) in enumerate(subscribers.active(tx))
        ]
        deliveries.freeze(tx, digest.id, readers, now=now)
        self._settle_down(tx)

    def announce(self, tx: Tx, digest: Digest) -> None:
        """Queue a digest for every other publication, in this transaction; there again when it is put right."""
        if self._places:
            posts.queue(tx, digest.id, self._places, now=self._clock())
            self._settle_down(tx)

    # ------------------------------------------------------------------------------------------------ sending

    def flush(
        self, *, on_sent: Callable[[Tally], None] = lambda _: None, is_stopped: Callable[[], bool] = lambda: False
    ) -> Tally:
        """Send what is due, until nothing is; gives what was done, and why it ended early if it did.

        Raises Refused while another process sends, or while the outbox is held or paused; StoreError.
        """
        with hold(self._lock_path) as had:
            if not had:
                raise Refused("Another process is sending.", "See how far it is with: five outbox")
            ledger.check_open(self._settle_past())
            post = Post(
                db=self._db,
                clock=self._clock,
                transport=self._transport,
                return_path_of=self._paths.of_mail,
                token_of=self._tokens.delivery,
                mould_of=self._frozen,
            )
            done = Run(post, Pace(self._pace), on_sent=on_sent, is_stopped=is_stopped).go()
        if done.stopped and not is_stopped():
            _log.warning("Sending stopped: %s", _ADDRESS.sub("(address)", done.stopped))
        return done

    def test(self, selector: str | None, address: str, editor: Digests) -> str:
        """Send a digest, or a draft as it would be, to one address, marked as a test; gives what the relay said.

        It stands in no ledger, and its links lead to nobody. Raises RelayFailed.
        """
        digest = editor.digest(selector)
        forms = {form: editor.rendering(digest.slug, form) for form in (Form.EMAIL_HTML, Form.EMAIL_TEXT)}
        now = self._clock()
        reader = Reader(
            address=address,
            message_id=message_id(self._publication, "test", digest.slug, address, now.isoformat()),
            token=_NO_READER,
        )
        mail = self._cast(digest, forms, is_test=True).fill(reader)
        with self._transport.connect() as relay:
            answer = relay.send(self._paths.plain, address, mail)
        if not isinstance(answer, Accepted):
            raise RelayFailed(f"The test to {address} was not taken: {answer.reply}", "See `five doctor`.")
        return answer.reply

    # ------------------------------------------------------------------------------------------------ looking

    def overview(self) -> Overview:
        """Where everything stands; the newest digests."""
        with self._db.read() as tx:
            return Overview(
                state=deliveries.state(tx),
                digests=deliveries.counts(tx, limit=_DIGESTS_SHOWN),
                next_due_at=deliveries.next_due_at(tx),
                returned=returned.counts(tx, limit=_DIGESTS_SHOWN),
            )

    def deliveries(
        self, selector: str, *, status: DeliveryStatus | None = None, after: int = 0, limit: int = 50
    ) -> tuple[Delivery, ...]:
        """The readers of one digest after the one with the id `after`. Raises NotFound."""
        with self._db.read() as tx:
            return deliveries.page(tx, ledger.published_id(tx, selector), status=status, after=after, limit=limit)

    # ------------------------------------------------------------------------------------------------ deciding

    def pause(self) -> None:
        """Send nothing more; a run under way stops after the mail in flight."""
        with self._db.write() as tx:
            deliveries.set_state(tx, paused_at=self._clock())

    def resume(self) -> State:
        """Lift a pause and a hold; gives how it stood. From now on, this database is the one that sends."""
        with self._db.write() as tx:
            before = deliveries.state(tx)
            deliveries.set_state(tx, held=None, held_at=None, paused_at=None, place=ledger.place_of(self._db))
        return before

    def stop(self, selector: str) -> int:
        """Send a digest to nobody more; to how many it would have gone. Cannot be taken back."""
        with self._db.write() as tx:
            queued = [DeliveryStatus.QUEUED]
            digest_id = ledger.published_id(tx, selector)
            return deliveries.move(tx, digest_id, None, queued, DeliveryStatus.SKIPPED, error="Stopped by an editor.")

    def resend(self, selector: str, subscriber_ids: Sequence[int] = ()) -> int:
        """Queue again what is uncertain or failed, of all or these readers: the same mail under the same Message-ID."""
        open_ones = [DeliveryStatus.UNCERTAIN, *([DeliveryStatus.FAILED] if subscriber_ids else [])]
        with self._db.write() as tx:
            return deliveries.move(
                tx,
                ledger.published_id(tx, selector),
                subscriber_ids or None,
                open_ones,
                DeliveryStatus.QUEUED,
                next_try_at=self._clock(),
            )

    def settle(self, selector: str, status: DeliveryStatus, subscriber_ids: Sequence[int] = ()) -> int:
        """Say what became of the uncertain ones; readers who are named may also be still queued.

        Raises WrongUse for another status than sent and failed.
        """
        if status not in (DeliveryStatus.SENT, DeliveryStatus.FAILED):
            raise WrongUse(f"A delivery cannot be settled as {status}.", "As sent, or as failed.")
        was = [DeliveryStatus.UNCERTAIN, *([DeliveryStatus.QUEUED] if subscriber_ids else [])]
        with self._db.write() as tx:
            return deliveries.move(
                tx,
                ledger.published_id(tx, selector),
                subscriber_ids or None,
                was,
                status,
                sent_at=self._clock() if status is DeliveryStatus.SENT else None,
                error="Settled by an editor.",
            )

    # ------------------------------------------------------------------------------------------------ inside

    def _settle_past(self) -> State:
        """With the lock held: what an earlier run left claimed is uncertain; a database in a new place is held."""
        with self._db.read() as tx:
            state, is_fresh = deliveries.state(tx), not deliveries.any_at_all(tx)
        if is_fresh and state.place is None:
            return state
        with self._db.write() as tx:
            deliveries.orphans_are_uncertain(tx, "The program ended while this was being sent.")
            return ledger.at_home(tx, ledger.place_of(self._db), now=self._clock())

    def _settle_down(self, tx: Tx) -> None:
        if deliveries.state(tx).place is None:
            deliveries.set_state(tx, place=ledger.place_of(self._db))

    def _frozen(self, digest_id: int) -> Mould:
        with self._db.read() as tx:
            digest, forms = digests.by_id(tx, digest_id), digests.frozen(tx, digest_id)
        if digest is None:
            raise NotFound(f"There is no digest with the id {digest_id}.")
        return self._cast(digest, forms)

    def _cast(self, digest: Digest, forms: Mapping[Form, str], *, is_test: bool = False) -> Mould:
        return mould(
            title=digest.title,
            forms=forms,
            publication=self._publication,
            sender=sender_of(self._publication),
            now=self._clock(),
            is_test=is_test,
        )
