"""How far each digest has come on its way to its readers: what editors watch while it is sent."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from aggregator.clock import Clock
from aggregator.errors import NotFound
from aggregator.model import DeliveryStatus, ReturnedKind
from aggregator.store import deliveries, digests, returned, subscribers
from aggregator.store.database import Database, Tx
from aggregator.store.deliveries import Delivery, State

SHOWN = 20
_NONE: Mapping[ReturnedKind, int] = dict.fromkeys(ReturnedKind, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispatch:
    """One digest, on its way or all gone."""

    slug: str
    title: str
    published_at: datetime | None
    counts: Mapping[DeliveryStatus, int]  # of every state
    next_due_at: datetime | None  # when more may be sent; None when nothing waits
    rest_at: datetime | None  # until when all but the first few wait, to see how those fare
    returned: Mapping[ReturnedKind, int]

    @property
    def total(self) -> int:
        """How many readers it is for."""
        return sum(self.counts.values())

    @property
    def left(self) -> int:
        """How many mails are still to be sent."""
        return self.counts[DeliveryStatus.QUEUED] + self.counts[DeliveryStatus.CLAIMED]


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """All that an editor looks at."""

    state: State
    letters: int  # confirmation mails that wait
    dispatches: tuple[Dispatch, ...]  # the newest digests first

    @property
    def left(self) -> int:
        """How many mails of digests are still to be sent."""
        return sum(one.left for one in self.dispatches)


class Dispatches:
    """Reads the ledger, and changes nothing. `canary`: how many readers go first, `canary_wait` before the rest."""

    def __init__(self, *, db: Database, clock: Clock, canary: int, canary_wait: timedelta) -> None:
        self._db = db
        self._clock = clock
        self._canary = canary
        self._canary_wait = canary_wait

    def state(self) -> State:
        """Whether anything may be sent."""
        with self._db.read() as tx:
            return deliveries.state(tx)

    def board(self) -> Board:
        """Where everything stands; the newest digests."""
        with self._db.read() as tx:
            return Board(
                state=deliveries.state(tx),
                letters=subscribers.letters_waiting(tx),
                dispatches=self._told(tx, dict(deliveries.counts(tx, limit=SHOWN)), returned.counts(tx, limit=SHOWN)),
            )

    def one(self, slug: str) -> tuple[State, Dispatch]:
        """Where one digest stands, and whether anything may be sent. Raises NotFound for one that was not queued."""
        with self._db.read() as tx:
            for found in self._told(tx, dict(deliveries.counts(tx, slug=slug)), returned.counts(tx, slug=slug)):
                return deliveries.state(tx), found
        raise NotFound("That digest was not sent to anybody.", "Look for it among those in the outbox.")

    def readers(self, slug: str, *, status: DeliveryStatus | None, after: int, limit: int) -> tuple[Delivery, ...]:
        """The readers of a digest after the one with the id `after`; of one state, or all."""
        with self._db.read() as tx:
            digest = digests.by_slug(tx, slug)
            return deliveries.page(tx, digest.id, status=status, after=after, limit=limit) if digest else ()

    def _told(
        self,
        tx: Tx,
        counts: Mapping[str, Mapping[DeliveryStatus, int]],
        back: Mapping[str, Mapping[ReturnedKind, int]],
    ) -> tuple[Dispatch, ...]:
        about = deliveries.about(tx, list(counts))
        return tuple(
            Dispatch(
                slug=slug,
                title=about[slug].title,
                published_at=about[slug].published_at,
                counts=each,
                next_due_at=about[slug].next_due_at,
                rest_at=self._rest_at(about[slug], sum(each.values())),
                returned=back.get(slug, _NONE),
            )
            for slug, each in counts.items()
        )

    def _rest_at(self, sent: deliveries.Sent, total: int) -> datetime | None:
        if not self._canary or total <= self._canary or sent.published_at is None or sent.next_due_at is None:
            return None
        rest_at = sent.published_at + self._canary_wait
        return rest_at if rest_at > self._clock() else None
