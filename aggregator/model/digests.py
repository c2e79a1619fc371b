"""What readers get: a digest, its picks and its forms; and what an editor is told of it."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from aggregator.model.entries import Kind


class Style(StrEnum):
    """How a pick's link and commentary stand together."""

    TITLE_DASH = "title-dash"  # linked title, en dash, commentary
    SENTENCE = "sentence"  # the commentary itself holds the link


class Access(StrEnum):
    """What stands between a reader and the page."""

    OPEN = "open"
    SIGN_IN = "sign-in"
    PAYWALL = "paywall"


class DigestStatus(StrEnum):
    """A digest's life."""

    DRAFT = "draft"
    APPROVED = "approved"
    PUBLISHED = "published"


class DigestFormat(StrEnum):
    """What sort of thing a digest is."""

    FRIDAY = "friday"  # the week's edition: numbered, mailed
    THEMED = "themed"  # N of something: "5 videos to help leaders understand digital"
    LINK = "link"  # one bookmark as a post of its own


@dataclass(frozen=True, slots=True, kw_only=True)
class Pick:
    """A bookmark placed in a digest: what readers will see of it."""

    bookmark_id: int
    position: int  # from 1
    url: str
    title: str
    style: Style = Style.TITLE_DASH
    commentary: str = ""  # Markdown
    author: str | None = None
    organisation: str | None = None
    published_on: date | None = None  # of the piece
    quote: str = ""  # verbatim words of the piece
    via_name: str | None = None
    via_url: str | None = None
    kind: Kind = Kind.ARTICLE
    employer: str | None = None  # of a job
    closes_on: date | None = None  # of a job
    language: str | None = None  # BCP 47: "en", "cy"
    access: Access = Access.OPEN
    embed_url: str | None = None  # the address of a video or slides that a page may show in place


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """What was put right in a digest that is published: readers see the note, with its day."""

    at: datetime
    note: str  # Markdown
    by: int | None = None  # the curator


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """One Friday's edition, or one of the other formats."""

    id: int
    slug: str  # how commands and addresses name it, for good: of an edition, its Friday as YYYY-MM-DD
    friday: date  # of the other formats: the day that it was begun, and once it is out, the day that it came out
    number: int | None  # given to an edition at its publication
    title: str
    intro: str  # Markdown
    outro: str  # Markdown
    status: DigestStatus
    revision: int  # goes up by one with every change
    published_at: datetime | None
    picks: tuple[Pick, ...]
    format: DigestFormat = DigestFormat.FRIDAY
    publish_at: datetime | None = None  # when it is scheduled to come out
    approved_at: datetime | None = None
    approved_by: int | None = None  # the curator
    changed_by: int | None = None  # the curator who wrote last
    corrections: tuple[Correction, ...] = ()  # in the order in which they were made

    @property
    def updated_at(self) -> datetime | None:
        """When what readers see last changed: at its publication, or when it was put right."""
        return self.corrections[-1].at if self.corrections else self.published_at


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierPick:
    """A pick of another digest: what the lint compares with."""

    slug: str  # of that digest
    friday: date
    url: str
    organisation: str | None
    format: DigestFormat = DigestFormat.FRIDAY


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """What the entry behind a bookmark says, as its feed gives it."""

    title: str
    text: str  # often only the start of the piece; "" when the feed gives none


class Form(StrEnum):
    """The forms in which a digest is rendered and frozen."""

    EMAIL_HTML = "email-html"
    EMAIL_TEXT = "email-text"
    PAGE = "page"
    MARKDOWN = "markdown"
    JSON = "json"


READER = "your-own-link"
"""What stands in a frozen mail where a reader's own token goes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """What every rendering says about us; from the settings."""

    title: str
    base_url: str  # without a trailing slash
    date_format: str
    picks: int
    contact: str
    sender: str
    zone: str = "Europe/London"  # in which its days begin and end

    @property
    def bookmarks_url(self) -> str:
        """The public page of all bookmarks."""
        return f"{self.base_url}/bookmarks"

    def digest_url(self, slug: str) -> str:
        """The permalink of a digest."""
        return f"{self.base_url}/digests/{slug}"

    def unsubscribe_url(self, token: str = READER) -> str:
        """Where a reader leaves."""
        return f"{self.base_url}/unsubscribe/{token}"

    def manage_url(self, token: str = READER) -> str:
        """Where a reader sees and changes what we keep."""
        return f"{self.base_url}/manage/{token}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Warned:
    """One thing that an editor would want to be told before Friday."""

    code: str  # stable, for scripts: "quote-not-found"
    position: int | None  # of the pick it concerns
    message: str  # what is the matter
    advice: str  # what to do
