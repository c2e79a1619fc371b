"""What a place is to which digests are posted: what it is given, what it does, how it fails."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Protocol

from aggregator.errors import FiveError
from aggregator.model import DigestFormat


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """A published digest, as it is posted."""

    slug: str
    format: DigestFormat
    number: int | None
    title: str
    url: str  # its permalink with us
    html: str  # what stands under its title
    markdown: str  # with front matter, as a file
    revision: int
    published_at: datetime
    updated_at: datetime  # later than that when it was put right
    stands_at: str | None  # where this place put it before, if it did

    @property
    def is_corrected(self) -> bool:
        """Whether it was put right since it came out."""
        return self.updated_at > self.published_at


class Next(Enum):
    """What a failure means for the post."""

    LATER = "later"  # it is not there, or not yet as it should be: to be tried again
    PERSON = "person"  # trying again will not help until somebody has mended something
    UNKNOWN = "unknown"  # perhaps it was taken, perhaps not, and it cannot be looked up


class PostFailed(FiveError):
    """A digest could not be posted; `wait` is what the other side asked for."""

    def __init__(self, what: str, hint: str = "", *, then: Next = Next.LATER, wait: timedelta | None = None) -> None:
        super().__init__(what, hint)
        self.then = then
        self.wait = wait


class Place(Protocol):
    """Another publication."""

    @property
    def name(self) -> str:
        """How the ledger and commands call it."""

    @property
    def about(self) -> str:
        """Where it is, for people."""

    @property
    def finds_again(self) -> bool:
        """Whether posting twice makes one: what was left in the middle may then simply be tried again."""

    def problem(self) -> str | None:
        """What is wrong with how it is set up, as far as this machine can tell; None when nothing is."""

    async def put(self, article: Article) -> str:
        """Make it stand there as it is now, whether it was there or not; gives where. Raises PostFailed."""
