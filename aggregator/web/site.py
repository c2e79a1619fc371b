"""What the pages need of the app: verbs that read, and nothing else. `app.App` has all of it."""

from datetime import datetime
from typing import Protocol

from aggregator.clock import Calendar, Clock
from aggregator.model import Bookmark, Digest, Feed, Form, Publication
from aggregator.settings import Settings


class Bookmarks(Protocol):
    """What was found interesting."""

    def public_bookmarks(self, *, limit: int = ..., after: tuple[datetime, int] | None = ...) -> tuple[Bookmark, ...]:
        """Newest first, those after the given `added_at` and id."""


class Digests(Protocol):
    """What was published."""

    def published(self, limit: int = ...) -> tuple[Digest, ...]:
        """The newest first."""

    def digest(self, selector: str | None = ...) -> Digest:
        """The digest of that slug; raises NotFound."""

    def renderings(self, slug: str) -> dict[Form, str]:
        """Its frozen forms; raises NotFound."""


class Feeds(Protocol):
    """What is followed."""

    def feeds(self) -> tuple[Feed, ...]:
        """All of them."""


class Site(Protocol):
    """The app, as the pages see it."""

    @property
    def settings(self) -> Settings: ...
    @property
    def publication(self) -> Publication: ...
    @property
    def calendar(self) -> Calendar: ...
    @property
    def clock(self) -> Clock: ...
    @property
    def desk(self) -> Bookmarks: ...
    @property
    def editor(self) -> Digests: ...
    @property
    def follow(self) -> Feeds: ...
