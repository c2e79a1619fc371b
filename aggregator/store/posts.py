"""Other publications: one row for each digest and place where it is posted too, in the states of a delivery."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Update, case, func, select, update
from sqlalchemy.dialects.sqlite import insert as insert_or

from aggregator.model import DeliveryStatus
from aggregator.store.database import Tx
from aggregator.store.schema import digests
from aggregator.store.schema_readers import posts

_OPEN = (DeliveryStatus.QUEUED.value, DeliveryStatus.CLAIMED.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """One digest in one other publication."""

    slug: str  # of the digest
    title: str
    place: str  # "wordpress", "folder", "git" or "webhook"
    status: DeliveryStatus
    queued_at: datetime  # again, when the digest was put right
    claimed_at: datetime | None
    done_at: datetime | None  # the last time that it was posted
    next_try_at: datetime | None
    tries: int
    url: str | None  # where it stands now
    error: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DuePost:
    """A post whose time has come."""

    digest_id: int
    place: str
    tries: int  # so far
    url: str | None  # where it was put before


def queue(tx: Tx, digest_id: int, places: Sequence[str], *, now: datetime, is_anew: bool = False) -> None:
    """Post a digest to these places, or post it again as it is now.

    Where it stands is remembered, and a place that asked to wait is waited for; not so when `is_anew`.
    """
    fresh = {"status": DeliveryStatus.QUEUED.value, "queued_at": now, "next_try_at": now, "tries": 0, "error": None}
    waits = (posts.c.status == DeliveryStatus.QUEUED.value) & (posts.c.next_try_at > now)
    kept = {"url": None} if is_anew else {"next_try_at": case((waits, posts.c.next_try_at), else_=now)}
    for place in places:
        row = insert_or(posts).values(digest_id=digest_id, place=place, **fresh)
        tx.execute(row.on_conflict_do_update(index_elements=["digest_id", "place"], set_=fresh | kept))


def is_anything_open(tx: Tx, places: Sequence[str], *, now: datetime) -> bool:
    """Whether a post to these places is due, or was left in the middle."""
    asked = select(posts.c.digest_id).where(
        posts.c.status.in_(_OPEN), posts.c.next_try_at <= now, posts.c.place.in_(places)
    )
    return tx.scalar(asked.limit(1)) is not None


def due(tx: Tx, places: Sequence[str], *, now: datetime) -> tuple[DuePost, ...]:
    """The posts to these places whose time has come, the longest due first."""
    asked = (
        select(posts.c.digest_id, posts.c.place, posts.c.tries, posts.c.url)
        .where(posts.c.status == DeliveryStatus.QUEUED.value, posts.c.next_try_at <= now, posts.c.place.in_(places))
        .order_by(posts.c.next_try_at, posts.c.digest_id, posts.c.place)
    )
    return tuple(DuePost(**row._asdict()) for row in tx.execute(asked))


def claim(tx: Tx, one: DuePost, *, now: datetime) -> bool:
    """Take it in hand; False when it is not queued any more."""
    mine = _of(one.digest_id, one.place, DeliveryStatus.QUEUED)
    taken = mine.values(status=DeliveryStatus.CLAIMED.value, claimed_at=now, tries=posts.c.tries + 1)
    return tx.execute(taken).rowcount == 1


def stands(tx: Tx, one: DuePost, *, url: str, at: datetime) -> None:
    """It was posted; one that was queued again meanwhile stays queued."""
    tx.execute(_of(one.digest_id, one.place).values(url=url, done_at=at))
    settle(tx, one, DeliveryStatus.SENT, next_try_at=None, error=None)


def settle(tx: Tx, one: DuePost, status: DeliveryStatus, *, next_try_at: datetime | None, error: str | None) -> None:
    """Write down what became of a claimed one."""
    mine = _of(one.digest_id, one.place, DeliveryStatus.CLAIMED)
    tx.execute(mine.values(status=status.value, next_try_at=next_try_at, error=error))


def orphans(tx: Tx, places: Sequence[str], status: DeliveryStatus, *, why: str, next_try_at: datetime | None) -> int:
    """Call with the lock held: what is claimed then, nobody is posting; how many those were."""
    claimed = update(posts).where(posts.c.status == DeliveryStatus.CLAIMED.value, posts.c.place.in_(places))
    return tx.execute(claimed.values(status=status.value, error=why, next_try_at=next_try_at)).rowcount


def move(
    tx: Tx,
    digest_id: int,
    place: str | None,
    was: Sequence[DeliveryStatus],
    to: DeliveryStatus,
    *,
    done_at: datetime | None = None,
    error: str | None = None,
) -> int:
    """Change the state of a digest's posts (None: in all places) that stand in one of `was`; how many those were."""
    values = {"status": to.value, "next_try_at": None, "error": error}
    chosen = _of(digest_id, place, *was).values(**values | ({"done_at": done_at} if done_at else {}))
    return tx.execute(chosen).rowcount


def listed(tx: Tx, digest_id: int | None = None, *, limit: int = 20) -> tuple[Post, ...]:
    """The posts of one digest, or of the newest that were posted somewhere, the newest first."""
    newest = (
        select(posts.c.digest_id)
        .join(digests, digests.c.id == posts.c.digest_id)
        .group_by(posts.c.digest_id)
        .order_by(func.max(digests.c.published_at).desc())
        .limit(limit)
    )
    is_asked = posts.c.digest_id.in_(newest) if digest_id is None else posts.c.digest_id == digest_id
    columns = [posts.c[name] for name in ("place", "status", "queued_at", "claimed_at", "done_at", "next_try_at")]
    asked = (
        select(digests.c.slug, digests.c.title, *columns, posts.c.tries, posts.c.url, posts.c.error)
        .join_from(posts, digests, digests.c.id == posts.c.digest_id)
        .where(is_asked)
        .order_by(digests.c.published_at.desc(), posts.c.digest_id.desc(), posts.c.place)
    )
    rows = (row._asdict() for row in tx.execute(asked))
    return tuple(Post(**row | {"status": DeliveryStatus(row["status"])}) for row in rows)


def next_due_at(tx: Tx, places: Sequence[str]) -> datetime | None:
    """When the next post to these places may be made; None when none waits."""
    waits = (posts.c.status == DeliveryStatus.QUEUED.value) & posts.c.place.in_(places)
    found: datetime | None = tx.scalar(select(func.min(posts.c.next_try_at)).where(waits))
    return found


def _of(digest_id: int, place: str | None, *was: DeliveryStatus) -> Update:
    chosen = update(posts).where(posts.c.digest_id == digest_id)
    if place is not None:
        chosen = chosen.where(posts.c.place == place)
    return chosen.where(posts.c.status.in_([one.value for one in was])) if was else chosen
