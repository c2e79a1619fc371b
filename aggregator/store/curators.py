"""Curators and their sessions. There are a few dozen of them, so that no list here is paged."""

from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, delete, func, insert, or_, select, update

from aggregator.model import Curator, Role, Session
from aggregator.store.database import Tx
from aggregator.store.schema_curators import curators, sessions


def add(tx: Tx, email: str, role: Role, *, at: datetime) -> int:
    """A new curator without a password; an IntegrityError when the address is there. Gives the id."""
    row = insert(curators).values(email=email, role=role.value, created_at=at)
    return int(tx.execute(row.returning(curators.c.id)).scalar_one())


def by_id(tx: Tx, curator_id: int) -> Curator | None:
    """The curator with this id, ended or not."""
    return _one(tx, _curators().where(curators.c.id == curator_id))


def by_email(tx: Tx, email: str) -> Curator | None:
    """The curator with this address (in lower case), ended or not."""
    return _one(tx, _curators().where(curators.c.email == email))


def by_link(tx: Tx, link_hash: str, now: datetime) -> Curator | None:
    """The curator whose one-time link this is, while it can be used."""
    return _one(tx, _curators().where(curators.c.link_hash == link_hash, curators.c.link_expires_at > now))


def every(tx: Tx) -> tuple[Curator, ...]:
    """All of them, by address."""
    return tuple(_as_curator(row) for row in tx.execute(_curators().order_by(curators.c.email)))


def other_maintainers(tx: Tx, curator_id: int) -> int:
    """How many maintainers there are besides this one."""
    asked = select(func.count()).where(
        curators.c.role == Role.MAINTAINER.value,
        curators.c.ended_at.is_(None),
        curators.c.email != "",
        curators.c.id != curator_id,
    )
    return int(tx.scalar(asked) or 0)


def password_hash(tx: Tx, curator_id: int) -> str | None:
    """What is kept of the password; None until one is set."""
    found: str | None = tx.scalar(select(curators.c.password_hash).where(curators.c.id == curator_id))
    return found


def set_role(tx: Tx, curator_id: int, role: Role) -> None:
    """From now on they may do this."""
    _change(tx, curator_id, role=role.value)


def set_link(tx: Tx, curator_id: int, link_hash: str, *, expires_at: datetime) -> None:
    """A new one-time link; one that was out before leads nowhere any more."""
    _change(tx, curator_id, link_hash=link_hash, link_expires_at=expires_at)


def set_password(tx: Tx, curator_id: int, password_hash: str, *, email: str) -> None:
    """Keep the password's hash and the address that it goes with; the link that led here is used up."""
    _change(tx, curator_id, password_hash=password_hash, email=email, link_hash=None, link_expires_at=None)


def set_single_keys(tx: Tx, curator_id: int, wanted: bool) -> None:
    """Whether one key alone does something on the desk, for them."""
    _change(tx, curator_id, single_keys=wanted)


def end(tx: Tx, curator_id: int, *, at: datetime) -> None:
    """They may not sign in any more; password and link are gone."""
    _change(tx, curator_id, ended_at=at, password_hash=None, link_hash=None, link_expires_at=None)


def take_back(tx: Tx, curator_id: int, role: Role) -> None:
    """Somebody who was ended is a curator again, and has to set a password anew."""
    _change(tx, curator_id, ended_at=None, role=role.value)


def open_session(
    tx: Tx, curator_id: int, *, token_hash: str, csrf_token: str, at: datetime, expires_at: datetime
) -> None:
    """Somebody signed in."""
    tx.execute(
        insert(sessions).values(
            token_hash=token_hash,
            curator_id=curator_id,
            csrf_token=csrf_token,
            created_at=at,
            seen_at=at,
            expires_at=expires_at,
        )
    )


def session(tx: Tx, token_hash: str) -> Session | None:
    """The session whose token this is, over or not, of a curator who has not ended."""
    asked = (
        _curators()
        .add_columns(sessions.c.csrf_token, sessions.c.seen_at, sessions.c.expires_at)
        .join_from(sessions, curators, curators.c.id == sessions.c.curator_id)
        .where(sessions.c.token_hash == token_hash, curators.c.ended_at.is_(None))
    )
    row = tx.execute(asked).one_or_none()
    if row is None:
        return None
    return Session(curator=_as_curator(row), csrf_token=row.csrf_token, seen_at=row.seen_at, expires_at=row.expires_at)


def seen(tx: Tx, token_hash: str, *, at: datetime) -> None:
    """The session was used."""
    tx.execute(update(sessions).where(sessions.c.token_hash == token_hash).values(seen_at=at))


def end_session(tx: Tx, token_hash: str) -> None:
    """Signed out; nothing happens when there is no such session."""
    tx.execute(delete(sessions).where(sessions.c.token_hash == token_hash))


def end_sessions(tx: Tx, curator_id: int) -> None:
    """Signed out everywhere."""
    tx.execute(delete(sessions).where(sessions.c.curator_id == curator_id))


def forget_sessions(tx: Tx, *, expired: datetime, unseen_since: datetime) -> None:
    """Drop the sessions that are over: expired by then, or not used since."""
    tx.execute(delete(sessions).where(or_(sessions.c.expires_at <= expired, sessions.c.seen_at <= unseen_since)))


def _change(tx: Tx, curator_id: int, **values: Any) -> None:
    tx.execute(update(curators).where(curators.c.id == curator_id).values(**values))


def _curators() -> "Select[*tuple[Any, ...]]":
    names = ("id", "email", "role", "link_expires_at", "created_at", "ended_at", "single_keys")
    return select(*(curators.c[name] for name in names), curators.c.password_hash.is_not(None).label("has_password"))


def _one(tx: Tx, asked: "Select[*tuple[Any, ...]]") -> Curator | None:
    row = tx.execute(asked).one_or_none()
    return None if row is None else _as_curator(row)


def _as_curator(row: "Row[*tuple[Any, ...]]") -> Curator:
    return Curator(
        id=row.id,
        email=row.email,
        role=Role(row.role),
        has_password=bool(row.has_password),
        link_expires_at=row.link_expires_at,
        created_at=row.created_at,
        ended_at=row.ended_at,
        single_keys=row.single_keys,
    )
