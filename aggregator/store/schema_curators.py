"""The tables of the people who choose: curators and their sessions. See schema.py for the rest.

No link's token and no session's stands in a table, only its SHA-256; of a password, its argon2id hash.
"""

from datetime import datetime

from sqlalchemy import Column, ForeignKey, Index, Integer, Named, Table, Text, TypedColumns, text

from aggregator.store.schema import Instant
from aggregator.store.schema_activity import metadata as metadata


class CuratorColumns(TypedColumns):
    """A person who may sign in; kept after the end, because bookmarks and digests name who made them."""

    id: Named[int] = Column(Integer, primary_key=True)
    email: Named[str] = Column(Text, unique=True)  # in lower case; "" for the first maintainer, before the first link
    role: Named[str] = Column(Text)
    password_hash: Named[str | None] = Column(Text)
    link_hash: Named[str | None] = Column(Text, unique=True)  # of the link that sets the password, until it is used
    link_expires_at: Named[datetime | None] = Column(Instant)
    created_at: Named[datetime] = Column(Instant)
    ended_at: Named[datetime | None] = Column(Instant)
    single_keys: Named[bool] = Column(server_default=text("1"))  # whether one key alone does something on the desk


curators = Table("curators", metadata, CuratorColumns)


class SessionColumns(TypedColumns):
    """Somebody signed in, in one browser; deleted at sign-out."""

    token_hash: Named[str] = Column(Text, primary_key=True)
    curator_id: Named[int] = Column(Integer, ForeignKey("curators.id"))
    csrf_token: Named[str] = Column(Text)
    created_at: Named[datetime] = Column(Instant)
    seen_at: Named[datetime] = Column(Instant)  # to the hour: a look is no write
    expires_at: Named[datetime] = Column(Instant)


sessions = Table("sessions", metadata, SessionColumns)

# curators.end_sessions: all of one curator's
Index("ix_sessions_curator_id", sessions.c.curator_id)
# curators.forget_sessions: those that are over
Index("ix_sessions_expires_at", sessions.c.expires_at)
