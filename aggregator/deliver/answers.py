"""What became of one attempt to hand a mail over (pure)."""

from dataclasses import dataclass
from enum import StrEnum


class About(StrEnum):
    """What the relay refused."""

    SENDER = "sender"
    RECIPIENT = "recipient"
    CONTENT = "content"


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """It is the relay's now."""

    reply: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deferred:
    """Not handed over; worth trying later."""

    reply: str
    about: About | None = None  # None: the connection broke


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """Not handed over, and never will be."""

    reply: str  # code and text, on one line
    about: About


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """All of it was sent, and no answer came: handed over or not, nobody can tell."""

    reply: str


Answer = Accepted | Deferred | Rejected | Unknown
