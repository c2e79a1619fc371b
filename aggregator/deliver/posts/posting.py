"""Verbs on posts: digests in other publications, through the outbox and under its rules.

A post is queued with the publication or the correction of its digest, claimed before anything is sent, and settled
after. Every place makes one of what it is given twice, so that a post that was left in the middle is tried again; but
the webhook's receiver is somebody else's program: there it is held as uncertain until a person decides.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from aggregator.clock import Clock
from aggregator.deliver import ledger
from aggregator.deliver.posts.places import Article, Next, Place, PostFailed
from aggregator.deliver.settling import retry_at
from aggregator.digest.render import content_of
from aggregator.errors import NotFound, Refused, WrongUse
from aggregator.locks import hold
from aggregator.model import DeliveryStatus, Form, Publication
from aggregator.store import digests, posts
from aggregator.store.database import Database, Tx
from aggregator.store.posts import DuePost, Post

_DIED = "The program ended while this was being posted."
_DIGESTS_SHOWN = 20

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class Posted:
    """What a run has done."""

    sent: int = 0
    failed: int = 0
    uncertain: int = 0
    later: int = 0  # tried, and to be tried again


class Posts:
    """Posts what is published to `places`. A digest is named by a selector, as everywhere; None means every place."""

    def __init__(
        self, *, db: Database, clock: Clock, publication: Publication, places: Sequence[Place], lock_path: Path
    ) -> None:
        self._db = db
        self._clock = clock
        self._publication = publication
        self._lock_path = lock_path
        self.places = {place.name: place for place in places}

    # ------------------------------------------------------------------------------------------------ posting

    async def post_due(self, is_stopped: Callable[[], bool] = lambda: False) -> Posted:
        """Post what is due. Raises Refused while another process does, or the outbox is held or paused; StoreError."""
        done = Posted()
        if not await asyncio.to_thread(self._is_anything_open):
            return done
        with hold(self._lock_path) as had:
            if not had:
                raise Refused("Another process is posting.", "See how far it is with: five outbox posts")
            for one in await asyncio.to_thread(self._settle_past):
                if is_stopped():
                    break
                await self._post(one, done)
        return done

    # ------------------------------------------------------------------------------------------------ looking

    def posts(self, selector: str | None = None) -> tuple[Post, ...]:
        """The posts of one digest, or of the newest ones. Raises NotFound."""
        with self._db.read() as tx:
            digest_id = None if selector is None else ledger.published_id(tx, selector)
            return posts.listed(tx, digest_id, limit=_DIGESTS_SHOWN)

    def next_due_at(self) -> datetime | None:
        """When the next post may be made; None when none waits."""
        with self._db.read() as tx:
            return posts.next_due_at(tx, list(self.places))

    # ------------------------------------------------------------------------------------------------ deciding

    def again(self, selector: str, place: str | None = None) -> tuple[str, ...]:
        """Post a published digest as it is now, whether it was posted before or not; gives where to.

        What is there is found again and changed, not made twice; what somebody threw away there is made anew. A webhook
        is called again under the same id. Raises NotFound for a digest or a place that there is not.
        """
        with self._db.write() as tx:
            digest_id, chosen = ledger.published_id(tx, selector), self._chosen(place)
            posts.queue(tx, digest_id, chosen, now=self._clock(), is_anew=True)
        return chosen

    def stop(self, selector: str, place: str | None = None) -> int:
        """Post what waits not at all; how many posts those were."""
        return self._move(selector, place, [DeliveryStatus.QUEUED], DeliveryStatus.SKIPPED, "Stopped by an editor.")

    def settle(self, selector: str, status: DeliveryStatus, place: str | None = None) -> int:
        """Say what became of the uncertain ones; in a place that is named, also of one that waits or failed.

        Raises WrongUse for another status than sent and failed.
        """
        if status not in (DeliveryStatus.SENT, DeliveryStatus.FAILED):
            raise WrongUse(f"A post cannot be settled as {status}.", "As sent, or as failed.")
        others = [DeliveryStatus.QUEUED, DeliveryStatus.FAILED] if place else []
        return self._move(selector, place, [DeliveryStatus.UNCERTAIN, *others], status, "Settled by an editor.")

    def check_place(self, place: str) -> None:
        """Raises NotFound for a place that is not set up."""
        self._chosen(place)

    # ------------------------------------------------------------------------------------------------ inside

    def _move(
        self, selector: str, place: str | None, was: Sequence[DeliveryStatus], to: DeliveryStatus, why: str
    ) -> int:
        done_at = self._clock() if to is DeliveryStatus.SENT else None
        with self._db.write() as tx:
            return posts.move(tx, ledger.published_id(tx, selector), place, was, to, done_at=done_at, error=why)

    def _chosen(self, place: str | None) -> tuple[str, ...]:
        if not self.places:
            raise NotFound("No other publication is set up.", "See the settings: wordpress_url, markdown_folder, ...")
        if place is not None and place not in self.places:
            raise NotFound(f"There is no place {place}.", f"There is: {', '.join(self.places)}.")
        return tuple(self.places) if place is None else (place,)

    def _is_anything_open(self) -> bool:
        with self._db.read() as tx:
            return posts.is_anything_open(tx, list(self.places), now=self._clock())

    def _settle_past(self) -> tuple[DuePost, ...]:
        """With the lock held: what an earlier run left in the middle; then what is due. Raises Refused."""
        now = self._clock()
        finding = [place.name for place in self.places.values() if place.finds_again]
        others = [name for name in self.places if name not in finding]
        with self._db.write() as tx:
            # Later, not now: the other side may still be at work on what was sent.
            posts.orphans(tx, finding, DeliveryStatus.QUEUED, why=_DIED, next_try_at=retry_at(1, now))
            posts.orphans(tx, others, DeliveryStatus.UNCERTAIN, why=_DIED, next_try_at=None)
            state = ledger.at_home(tx, ledger.place_of(self._db), now=now)
        ledger.check_open(state)
        with self._db.read() as tx:
            return posts.due(tx, list(self.places), now=now)

    async def _post(self, one: DuePost, done: Posted) -> None:
        article = await asyncio.to_thread(self._claim, one)
        if article is None:
            return
        try:
            url = await self.places[one.place].put(article)
        except PostFailed as failure:
            await asyncio.to_thread(self._failed, one, failure, done)
        else:
            await asyncio.to_thread(self._stands, one, url)
            done.sent += 1

    def _claim(self, one: DuePost) -> Article | None:
        with self._db.write() as tx:
            if not posts.claim(tx, one, now=self._clock()):
                return None
        with self._db.read() as tx:  # after the claim: a correction from now on queues it again
            return _article(tx, one, self._publication)

    def _stands(self, one: DuePost, url: str) -> None:
        with self._db.write() as tx:
            posts.stands(tx, one, url=url, at=self._clock())

    def _failed(self, one: DuePost, failure: PostFailed, done: Posted) -> None:
        now = self._clock()
        at = retry_at(one.tries + 1, now)
        if at is not None and failure.wait is not None:
            at = max(at, now + failure.wait)
        match failure.then:
            case Next.LATER if at is not None:
                status, done.later = DeliveryStatus.QUEUED, done.later + 1
            case Next.UNKNOWN:
                status, at, done.uncertain = DeliveryStatus.UNCERTAIN, None, done.uncertain + 1
            case _:
                status, at, done.failed = DeliveryStatus.FAILED, None, done.failed + 1
        if status is not DeliveryStatus.QUEUED:
            _log.warning("A digest was not posted to %s: %s %s", one.place, failure.what, failure.hint)
        with self._db.write() as tx:
            posts.settle(tx, one, status, next_try_at=at, error=f"{failure.what} {failure.hint}".strip())


def _article(tx: Tx, one: DuePost, publication: Publication) -> Article:
    digest, forms = digests.by_id(tx, one.digest_id), digests.frozen(tx, one.digest_id)
    if digest is None or digest.published_at is None:
        raise NotFound(f"There is no published digest with the id {one.digest_id}.")
    return Article(
        slug=digest.slug,
        format=digest.format,
        number=digest.number,
        title=digest.title,
        url=publication.digest_url(digest.slug),
        html=content_of(forms[Form.PAGE]),
        markdown=forms[Form.MARKDOWN],
        revision=digest.revision,
        published_at=digest.published_at,
        updated_at=digest.updated_at or digest.published_at,
        stands_at=one.url,
    )
