"""Digests, their picks, and what was frozen of them at publication.

There are some fifty digests a year, so that no query here needs more than the primary and unique keys.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Select, delete, func, insert, select, update

from aggregator.model import (
    Access,
    Correction,
    Digest,
    DigestFormat,
    DigestStatus,
    EarlierPick,
    Form,
    Kind,
    Pick,
    Piece,
    Style,
)
from aggregator.store.database import Tx
from aggregator.store.schema import bookmarks, corrections, digests, entries, entry_bodies, picks, renderings

_EDITION = DigestFormat.FRIDAY.value
_PUBLISHED = DigestStatus.PUBLISHED.value


def open_draft(
    tx: Tx,
    *,
    slug: str,
    friday: date,
    title: str,
    intro: str,
    outro: str,
    now: datetime,
    form: DigestFormat = DigestFormat.FRIDAY,
) -> int:
    """A new draft without picks, at revision 1; its id. IntegrityError for a slug, or an edition's Friday, in use."""
    row = insert(digests).values(
        slug=slug,
        format=form.value,
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
    """Write the digest as it is now: its words, its place in its life, and all of its picks; not its corrections."""
    values = {
        "friday": digest.friday,
        "number": digest.number,
        "title": digest.title,
        "intro": digest.intro,
        "outro": digest.outro,
        "status": digest.status.value,
        "revision": digest.revision,
        "published_at": digest.published_at,
        "publish_at": digest.publish_at,
        "approved_at": digest.approved_at,
        "approved_by": digest.approved_by,
        "changed_by": digest.changed_by,
    }
    tx.execute(update(digests).where(digests.c.id == digest.id).values(**values))
    tx.execute(delete(picks).where(picks.c.digest_id == digest.id))
    if digest.picks:
        tx.execute(insert(picks), [_as_row(digest.id, pick) for pick in digest.picks])


def discard(tx: Tx, digest_id: int) -> None:
    """Take out a digest that is not published, with its picks."""
    tx.execute(delete(picks).where(picks.c.digest_id == digest_id))
    tx.execute(delete(digests).where(digests.c.id == digest_id, digests.c.status != _PUBLISHED))


def by_id(tx: Tx, digest_id: int) -> Digest | None:
    """The digest with this id."""
    return _one(tx, select(digests).where(digests.c.id == digest_id))


def by_slug(tx: Tx, slug: str) -> Digest | None:
    """The digest with this slug."""
    return _one(tx, select(digests).where(digests.c.slug == slug))


def by_friday(tx: Tx, friday: date) -> Digest | None:
    """The edition of this Friday."""
    return _one(tx, select(digests).where(digests.c.format == _EDITION, digests.c.friday == friday))


def link_of(tx: Tx, bookmark_id: int) -> Digest | None:
    """The link post about this bookmark."""
    about = select(picks.c.digest_id).where(picks.c.bookmark_id == bookmark_id)
    return _one(tx, select(digests).where(digests.c.format == DigestFormat.LINK.value, digests.c.id.in_(about)))


def quote_of(tx: Tx, bookmark_id: int) -> str:
    """What a digest quotes of this bookmark's page; "" when none does."""
    asked = select(picks.c.quote).where(picks.c.bookmark_id == bookmark_id, picks.c.quote != "")
    return tx.scalars(asked.order_by(picks.c.digest_id.desc()).limit(1)).first() or ""


def text_of(tx: Tx, bookmark_id: int) -> str:
    """The text of the entry behind a bookmark; "" when there is none."""
    asked = (
        select(entry_bodies.c.text)
        .join(bookmarks, bookmarks.c.entry_id == entry_bodies.c.entry_id)
        .where(bookmarks.c.id == bookmark_id)
    )
    return tx.scalar(asked) or ""


def open_friday(tx: Tx, friday: date) -> date:
    """`friday`, or the first one after it whose edition is not published yet."""
    is_out = select(digests.c.friday).where(digests.c.format == _EDITION, digests.c.status == _PUBLISHED)
    published = set(tx.scalars(is_out))
    while friday in published:
        friday += timedelta(days=7)
    return friday


def by_number(tx: Tx, number: int) -> Digest | None:
    """The published digest with this number."""
    return _one(tx, select(digests).where(digests.c.number == number))


def unpublished(tx: Tx) -> tuple[Digest, ...]:
    """The digests that are not out yet: the editions, the earliest Friday first, then the other formats."""
    asked = select(digests).where(digests.c.status != _PUBLISHED)
    return _all(tx, asked.order_by(digests.c.format != _EDITION, digests.c.friday, digests.c.id))


def due(tx: Tx, now: datetime) -> tuple[Digest, ...]:
    """The digests that are not out, and whose time has come, in that order."""
    asked = select(digests).where(digests.c.status != _PUBLISHED, digests.c.publish_at <= now)
    return _all(tx, asked.order_by(digests.c.publish_at, digests.c.id))


def published(tx: Tx, limit: int, *, form: DigestFormat | None = None) -> tuple[Digest, ...]:
    """The digests that are out, or those of one format, the latest day first."""
    asked = select(digests).where(digests.c.status == _PUBLISHED)
    if form is not None:
        asked = asked.where(digests.c.format == form.value)
    return _all(tx, asked.order_by(digests.c.friday.desc(), digests.c.id.desc()).limit(limit))


def every(tx: Tx) -> tuple[Digest, ...]:
    """All digests, the latest day first."""
    return _all(tx, select(digests).order_by(digests.c.friday.desc(), digests.c.id.desc()))


def next_number(tx: Tx) -> int:
    """What the next digest to be published is numbered."""
    return (tx.execute(select(func.max(digests.c.number))).scalar_one() or 0) + 1


def freeze(tx: Tx, digest_id: int, forms: Mapping[Form, str]) -> None:
    """Keep what readers get. It must not be frozen already: IntegrityError."""
    tx.execute(
        insert(renderings), [{"digest_id": digest_id, "form": form.value, "body": body} for form, body in forms.items()]
    )


def correct(tx: Tx, digest: Digest, forms: Mapping[Form, str]) -> None:
    """Write a published digest as it is put right, with its newest correction, and freeze these forms anew.

    What was frozen as its model stays with the correction.
    """
    newest = digest.corrections[-1]
    before = frozen(tx, digest.id)[Form.JSON]
    tx.execute(
        insert(corrections).values(digest_id=digest.id, at=newest.at, note=newest.note, by=newest.by, before=before)
    )
    save(tx, digest)
    for form, body in forms.items():
        is_it = (renderings.c.digest_id == digest.id) & (renderings.c.form == form.value)
        tx.execute(update(renderings).where(is_it).values(body=body))


def models_before(tx: Tx, digest_id: int) -> tuple[str, ...]:
    """A digest's frozen model as it was before each of its corrections, as JSON, the oldest first."""
    asked = select(corrections.c.before).where(corrections.c.digest_id == digest_id)
    return tuple(tx.scalars(asked.order_by(corrections.c.id)))


def frozen(tx: Tx, digest_id: int) -> dict[Form, str]:
    """What was frozen of a digest; empty when it is not published."""
    asked = select(renderings.c.form, renderings.c.body).where(renderings.c.digest_id == digest_id)
    return {Form(form): body for form, body in tx.execute(asked)}


def other_picks(tx: Tx, digest_id: int) -> tuple[EarlierPick, ...]:
    """The picks of every digest but this one."""
    asked = (
        select(digests.c.slug, digests.c.friday, digests.c.format, picks.c.url, picks.c.organisation)
        .join_from(picks, digests, digests.c.id == picks.c.digest_id)
        .where(picks.c.digest_id != digest_id)
        .order_by(digests.c.friday, picks.c.position)
    )
    rows = (row._asdict() for row in tx.execute(asked))
    return tuple(EarlierPick(**row | {"format": DigestFormat(row["format"])}) for row in rows)


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
    ids = [row.id for row in rows]
    placed, corrected = _picks_of(tx, ids), _corrections_of(tx, ids)
    return tuple(_as_digest(row._asdict(), placed[row.id], corrected[row.id]) for row in rows)


def _picks_of(tx: Tx, digest_ids: Sequence[int]) -> Mapping[int, list[Pick]]:
    found: defaultdict[int, list[Pick]] = defaultdict(list)
    if digest_ids:
        asked = select(picks).where(picks.c.digest_id.in_(digest_ids)).order_by(picks.c.digest_id, picks.c.position)
        for row in tx.execute(asked):
            found[row.digest_id].append(_as_pick(row._asdict()))
    return found


def _corrections_of(tx: Tx, digest_ids: Sequence[int]) -> Mapping[int, list[Correction]]:
    found: defaultdict[int, list[Correction]] = defaultdict(list)
    if digest_ids:
        asked = select(corrections).where(corrections.c.digest_id.in_(digest_ids)).order_by(corrections.c.id)
        for row in tx.execute(asked):
            found[row.digest_id].append(Correction(at=row.at, note=row.note, by=row.by))
    return found


def _as_digest(row: dict[str, Any], placed: Iterable[Pick], corrected: Iterable[Correction]) -> Digest:
    del row["created_at"]
    words = {"status": DigestStatus(row["status"]), "format": DigestFormat(row["format"])}
    return Digest(**row | words | {"picks": tuple(placed), "corrections": tuple(corrected)})


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
