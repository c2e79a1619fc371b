"""What the pages need of the app: the verbs for readers, and nothing else. `app.App` has all of it."""

from collections.abc import Mapping
from datetime import date
from typing import Protocol

from aggregator.clock import Calendar, Clock
from aggregator.feeds.health import Health
from aggregator.feeds.living import Blog
from aggregator.metrics import Metrics
from aggregator.model import Bookmark, Digest, DigestFormat, Feed, Form, Publication, Subscriber, SuggestionKind
from aggregator.settings import Settings


class Bookmarks(Protocol):
    """What was found interesting."""

    def public_bookmarks(self, *, limit: int = ...) -> tuple[Bookmark, ...]:
        """The newest first."""

    def bookmark_months(self) -> tuple[date, ...]:
        """The first days of the months in which there are any, newest first."""

    def bookmarks_of(self, month: date) -> tuple[Bookmark, ...]:
        """Those of one month, newest first."""


class Digests(Protocol):
    """What was published."""

    def published(self, limit: int = ..., *, only: DigestFormat | None = ...) -> tuple[Digest, ...]:
        """The newest first; all, or those of one format."""

    def rendering(self, selector: str | None, form: Form | str) -> str:
        """A digest in one form, frozen when it was published."""


class Feeds(Protocol):
    """What is followed."""

    def feeds(self) -> tuple[Feed, ...]:
        """All of them."""

    def blogs(self) -> tuple[Blog, ...]:
        """The living list: those with a feed, and those without."""

    def export(self) -> str:
        """As OPML."""


class Hubs(Protocol):
    """What hubs call for."""

    def knows(self, token: str) -> bool:
        """Whether a callback ends with this."""

    def verify(self, token: str, question: Mapping[str, str]) -> str:
        """The challenge, given back. Raises NotFound."""

    async def receive(self, token: str, body: bytes, content_type: str, signature: str) -> int:
        """Take in what a hub sent. Raises NotFound."""


class Keeping(Protocol):
    """What polling found out."""

    def health(self) -> tuple[Health, ...]:
        """Every feed and how it is doing, those that need a hand first."""


class Suggesting(Protocol):
    """What readers suggest."""

    def suggest(self, kind: SuggestionKind, address: str, *, title: str, words: str, thank: str) -> None:
        """Put it on the curators' list."""

    def thanked(self) -> tuple[str, ...]:
        """Whom to thank."""


class OwnData(Protocol):
    """All that is kept about one reader."""

    def as_json(self) -> str:
        """To take away."""


class Readers(Protocol):
    """What readers do with their subscription; a token that leads to nobody raises NotFound."""

    @property
    def wording(self) -> str:
        """What somebody agrees to who signs up."""

    def subscribe(self, address: str, *, network: str = ...) -> None:
        """Have a mail sent that asks to confirm. Raises BadAddress, or Refused for too many from one network."""

    def waiting(self, token: str) -> Subscriber:
        """Whom a confirmation link belongs to."""

    def confirm(self, token: str) -> Subscriber:
        """From now on they get the mail."""

    def holder(self, token: str) -> Subscriber:
        """Whose link it is."""

    def unsubscribe(self, token: str, *, source: str = ...) -> Subscriber | None:
        """No mail any more; None for a link that leads to nobody."""

    def own_data(self, token: str) -> OwnData:
        """What is kept about them."""

    def erase_own(self, token: str) -> None:
        """Forget them."""


class Letters(Protocol):
    """The mails that ask to confirm."""

    def send_due(self) -> object:
        """Send those that wait."""


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
    @property
    def upkeep(self) -> Keeping: ...
    @property
    def hubs(self) -> Hubs: ...
    @property
    def suggestions(self) -> Suggesting: ...
    @property
    def subscribers(self) -> Readers: ...
    @property
    def letterbox(self) -> Letters: ...
