"""Digests, their picks, and what was frozen of them at publication.

There are some fifty digests a year, so that no query here needs more than the primary and unique keys.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Select, delete, func, insert, select, update

from aggregator.model import Access, Digest, DigestStatus, EarlierPick, Form, Kind, Pick, Piece, Style
from aggregator.store.database import Tx
from aggregator.store.schema import bookmarks, digests, entries, entry_bodies, picks, renderings


def open_draft(tx: Tx, *, friday: date, title: str, intro: str, outro: str, now: datetime) -> int:
    """A new draft without picks, at revision 1; its id. There must be no digest of that Friday: IntegrityError."""
    row = insert(digests).values(
        slug=friday.isoformat(),
        friday=friday,
        title=title,
        intro=intro,
        outro=outro,
        status=DigestStatus.DRAFT.value,
        revision=1,
        created_at=now,
    )
    return int(tx.execute(row.returning(digests.c.id)).scalar_one())


def save(tx: Tx, digest: Digest) -> None:
    """Write the digest as it is now: its words, status, revision, and all of its picks."""
    values = {
        "number": digest.number,
        "title": digest.title,
        "intro": digest.intro,
        "outro": digest.outro,
        "status": digest.status.value,
        "revision": digest.revision,
        "published_at": digest.published_at,
    }
    tx.execute(update(digests).where(digests.c.id == digest.id).values(**values))
    tx.execute(delete(picks).where(picks.c.digest_id == digest.id))
    if digest.picks:
        tx.execute(insert(picks), [_as_row(digest.id, pick) for pick in digest.picks])


def by_id(tx: Tx, digest_id: int) -> Digest | None:
    """The digest with this id."""
    return _one(tx, select(digests).where(digests.c.id == digest_id))


def by_friday(tx: Tx, friday: date) -> Digest | None:
    """The digest of this Friday."""
    return _one(tx, select(digests).where(digests.c.friday == friday))


def open_friday(tx: Tx, friday: date) -> date:
    """`friday`, or the first one after it whose digest is not published yet."""
    published = set(tx.scalars(select(digests.c.friday).where(digests.c.status == DigestStatus.PUBLISHED)))
    while friday in published:
        friday += timedelta(days=7)
    return friday


def by_number(tx: Tx, number: int) -> Digest | None:
    """The published digest with this number."""
    return _one(tx, select(digests).where(digests.c.number == number))


def unpublished(tx: Tx) -> tuple[Digest, ...]:
    """The digests that are not out yet, the earliest Friday first."""
    asked = select(digests).where(digests.c.status != DigestStatus.PUBLISHED.value)
    return _all(tx, asked.order_by(digests.c.friday))


def published(tx: Tx, limit: int) -> tuple[Digest, ...]:
    """The digests that are out, the latest Friday first."""
    asked = select(digests).where(digests.c.status == DigestStatus.PUBLISHED.value)
    return _all(tx, asked.order_by(digests.c.friday.desc()).limit(limit))


def every(tx: Tx) -> tuple[Digest, ...]:
    """All digests, the latest Friday first."""
    return _all(tx, select(digests).order_by(digests.c.friday.desc()))


def next_number(tx: Tx) -> int:
    """What the next digest to be published is numbered."""
    return (tx.execute(select(func.max(digests.c.number))).scalar_one() or 0) + 1


def freeze(tx: Tx, digest_id: int, forms: Mapping[Form, str]) -> None:
    """Keep what readers get. It must not be frozen already: IntegrityError."""
    tx.execute(
        insert(renderings), [{"digest_id": digest_id, "form": form.value, "body": body} for form, body in forms.items()]
    )


def frozen(tx: Tx, digest_id: int) -> dict[Form, str]:
    """What was frozen of a digest; empty when it is not published."""
    asked = select(renderings.c.form, renderings.c.body).where(renderings.c.digest_id == digest_id)
    return {Form(form): body for form, body in tx.execute(asked)}


def other_picks(tx: Tx, digest_id: int) -> tuple[EarlierPick, ...]:
    """The picks of every digest but this one."""
    asked = (
        select(digests.c.slug, digests.c.friday, picks.c.url, picks.c.organisation)
        .join_from(picks, digests, digests.c.id == picks.c.digest_id)
        .where(picks.c.digest_id != digest_id)
        .order_by(digests.c.friday, picks.c.position)
    )
    return tuple(EarlierPick(**row._asdict()) for row in tx.execute(asked))


def pieces(tx: Tx, digest_id: int) -> dict[int, Piece]:
    """What the entries behind a digest's picks say, by bookmark; without those that came from no feed."""
    asked = (
        select(picks.c.bookmark_id, entries.c.title, func.coalesce(entry_bodies.c.text, "").label("text"))
        .join_from(picks, bookmarks, bookmarks.c.id == picks.c.bookmark_id)
        .join(entries, entries.c.id == bookmarks.c.entry_id)
        .outerjoin(entry_bodies, entry_bodies.c.entry_id == entries.c.id)
        .where(picks.c.digest_id == digest_id)
    )
    return {row.bookmark_id: Piece(title=row.title, text=row.text) for row in tx.execute(asked)}


def _one(tx: Tx, asked: "Select[*tuple[Any, ...]]") -> Digest | None:
    found = _all(tx, asked)
    return found[0] if found else None


def _all(tx: Tx, asked: "Select[*tuple[Any, ...]]") -> tuple[Digest, ...]:
    rows = tx.execute(asked).all()
    placed = _picks_of(tx, [row.id for row in rows])
    return tuple(_as_digest(row._asdict(), placed[row.id]) for row in rows)


def _picks_of(tx: Tx, digest_ids: Sequence[int]) -> Mapping[int, list[Pick]]:
    found: defaultdict[int, list[Pick]] = defaultdict(list)
    if digest_ids:
        asked = select(picks).where(picks.c.digest_id.in_(digest_ids)).order_by(picks.c.digest_id, picks.c.position)
        for row in tx.execute(asked):
            found[row.digest_id].append(_as_pick(row._asdict()))
    return found


def _as_digest(row: dict[str, Any], placed: Iterable[Pick]) -> Digest:
    for name in ("created_at", "approved_at", "approved_by", "publish_at", "format", "changed_by"):
        del row[name]
    return Digest(**row | {"status": DigestStatus(row["status"]), "picks": tuple(placed)})


def _as_pick(row: dict[str, Any]) -> Pick:
    del row["digest_id"]
    return Pick(**row | {"style": Style(row["style"]), "kind": Kind(row["kind"]), "access": Access(row["access"])})


def _as_row(digest_id: int, pick: Pick) -> dict[str, Any]:
    return {
        "digest_id": digest_id,
        "bookmark_id": pick.bookmark_id,
        "position": pick.position,
        "url": pick.url,
        "title": pick.title,
        "style": pick.style.value,
        "commentary": pick.commentary,
        "author": pick.author,
        "organisation": pick.organisation,
        "published_on": pick.published_on,
        "quote": pick.quote,
        "via_name": pick.via_name,
        "via_url": pick.via_url,
        "kind": pick.kind.value,
        "employer": pick.employer,
        "closes_on": pick.closes_on,
        "language": pick.language,
        "access": pick.access.value,
        "embed_url": pick.embed_url,
    }
