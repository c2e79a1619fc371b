"""What the pages need of the app: verbs that read, and nothing else. `app.App` has all of it."""

from datetime import datetime
from typing import Protocol

from aggregator.clock import Calendar, Clock
from aggregator.metrics import Metrics
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

    def rendering(self, selector: str | None, form: Form | str) -> str:
        """A digest in one form, frozen when it was published."""


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
    def metrics(self) -> Metrics: ...
    @property
    def desk(self) -> Bookmarks: ...
    @property
    def editor(self) -> Digests: ...
    @property
    def follow(self) -> Feeds: ...
