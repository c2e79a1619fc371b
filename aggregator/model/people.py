"""Who may sign in."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Role(StrEnum):
    """What somebody who signs in may do; each may do all that those before may."""

    CURATOR = "curator"  # shortlists and notes
    EDITOR = "editor"  # drafts, approves and publishes
    MAINTAINER = "maintainer"  # keeps feeds, people and settings

    def may(self, needed: "Role") -> bool:
        """Whether this role is enough for what needs that one."""
        ranks = tuple(Role)
        return ranks.index(self) >= ranks.index(needed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Curator:
    """A person who may sign in, or once might."""

    id: int
    email: str  # in lower case; "" for the first maintainer, until the first link is used
    role: Role
    has_password: bool
    link_expires_at: datetime | None  # of the one-time link that is out, when there is one
    created_at: datetime
    ended_at: datetime | None
    single_keys: bool = True  # whether one key alone does something on the desk


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """Somebody signed in, in one browser."""

    curator: Curator
    csrf_token: str  # every form of this session carries it
    seen_at: datetime
    expires_at: datetime
