"""The shared nouns: what crosses a border between two rooms of the house.

All are frozen values. An instant (`..._at`) is an aware datetime in UTC; a day (`..._on`, `friday`) is a date in the
publication's time zone. Text is plain text unless its name says `html` or `markdown`.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

# ---------------------------------------------------------------------------------------------------- feeds


class FeedStatus(StrEnum):
    """Whether a feed is polled."""

    ACTIVE = "active"
    PAUSED = "paused"  # no longer in feeds.opml, or paused by hand; entries and picks stay
    GONE = "gone"  # answered 410 twice, a day apart


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """One outline of an OPML file: a blog, with or without a feed."""

    title: str
    xml_url: str | None
    html_url: str | None
    kind: str  # the top-level outline that it stands in: "Councils", "Leaders", ...; "" for none
    region: str = ""
    confidence: str = ""  # how sure we are of the feed's address, in the words of feeds.opml
    line: int = 0  # where it stands in the file, counted from 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A followed feed and how it is doing."""

    id: int
    xml_url: str
    html_url: str | None
    title: str
    kind: str
    region: str
    confidence: str
    status: FeedStatus
    followed_at: datetime
    next_poll_at: datetime
    next_poll_reason: str  # in words, for maintainers: "posts about every two days"
    polled_at: datetime | None  # the last attempt
    succeeded_at: datetime | None  # the last attempt that was answered well (304 included)
    newest_entry_at: datetime | None  # when its last new entry was first seen
    failures: int  # in a row
    failure_reason: str | None  # a FailureReason, of the last attempt if it failed
    failure_message: str | None  # the same in plain English, with what to do
    moved_to: str | None  # a permanent redirect that the feed's server keeps answering
    moved_since: datetime | None


# ---------------------------------------------------------------------------------------------------- polling


class FailureReason(StrEnum):
    """Why a request or a parse gave nothing."""

    REFUSED = "refused"  # the guard: private network, odd scheme, credentials in the address
    NAME = "name"  # the host's name does not resolve
    CONNECT = "connect"
    TLS = "tls"
    TIMEOUT = "timeout"
    TOO_LARGE = "too-large"
    REDIRECT = "redirect"  # too many, a loop, or to nowhere
    PROTOCOL = "protocol"  # not HTTP, a broken body, an unknown content coding
    NOT_FOUND = "not-found"  # 404
    GONE = "gone"  # 410
    SIGN_IN = "sign-in"  # 401, 403, 407
    THROTTLED = "throttled"  # 429, or 503 with Retry-After
    SERVER = "server"  # any other status that is no success
    EMPTY = "empty"
    PAGE = "page"  # a web page where a feed should be
    UNREADABLE = "unreadable"  # no feed in it, or it cannot be parsed
    WORKER = "worker"  # the parsing process died or ran over its limits


@dataclass(frozen=True, slots=True, kw_only=True)
class DueFeed:
    """A feed whose time has come, with what a poll needs to know of the past."""

    id: int
    title: str
    xml_url: str
    etag: str | None  # byte for byte as the server sent it, quotes included
    last_modified: str | None  # likewise
    body_hash: str | None
    failures: int
    failure_reason: FailureReason | None
    gone_since: datetime | None  # the first 410 in a row
    moved_to: str | None
    moved_since: datetime | None
    identity: "IdentityPolicy"
    status: FeedStatus = FeedStatus.ACTIVE
    ttl: timedelta | None = None  # what the document last asked for, as in ParsedFeed; a 304 does not repeat it
    skip_hours: tuple[int, ...] = ()
    skip_days: tuple[int, ...] = ()
    tails: tuple[str, ...] = ()  # as in poll.tails: what its entries end with again and again
    hub_url: str | None = None
    topic_url: str | None = None
    pushed_until: datetime | None = None  # when the lease ends under which its hub sends what is new


class IdentityPolicy(StrEnum):
    """What makes two entries of a feed the same (MANNERS: identity)."""

    GUID = "guid"  # guid, else address, else hash of title and content
    GUID_AND_URL = "guid+url"  # for feeds whose guids are blank or repeated


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """A body that differs from the last one seen."""

    url: str  # where it came from, after redirects
    body: bytes  # decompressed
    content_type: str  # the header as sent, "" when there was none
    etag: str | None
    last_modified: str | None
    body_hash: str
    moved_to: str | None = None  # where 301 and 308 alone led, when they did
    fresh_for: timedelta | None = None  # Cache-Control: max-age, else Expires (RFC 9111, section 4.2.1)
    hub_url: str | None = None  # of a Link header
    topic_url: str | None = None  # likewise


@dataclass(frozen=True, slots=True, kw_only=True)
class NotModified:
    """304, or a 200 with the body that we already have."""

    etag: str | None
    last_modified: str | None
    moved_to: str | None = None
    fresh_for: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """A poll that brought nothing, and why."""

    reason: FailureReason
    message: str  # plain English for a maintainer: what happened, and what to do
    retry_after: timedelta | None = None
    busy_host: str | None = None  # the `host:port` that asked for it, which may stand at the end of a redirect
    moved_to: str | None = None
    offers: tuple["Offer", ...] = ()  # feeds that the page names which stands where the feed was


@dataclass(frozen=True, slots=True, kw_only=True)
class Postponed:
    """A feed that was not asked: a host on the way to it had asked to be left alone."""

    until: datetime
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A feed that a page names; nobody has looked at it yet."""

    url: str
    title: str  # may be ""


FetchOutcome = Fetched | NotModified | Failed | Postponed


class Kind(StrEnum):
    """What sort of thing a page is."""

    ARTICLE = "article"
    JOB = "job"
    VIDEO = "video"
    SLIDES = "slides"
    PODCAST = "podcast"
    EVENT = "event"
    TOOL = "tool"


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedEntry:
    """One entry as its feed gives it: text as text, HTML sanitised, addresses absolute and http(s) or None."""

    guid: str | None
    url: str | None
    url_dropped: bool  # the feed gave an address that no browser should open
    title: str
    author: str | None
    published_at: datetime | None
    updated_at: datetime | None
    html: str
    text: str
    language: str | None = None
    kind: Kind = Kind.ARTICLE  # as far as what it encloses can tell
    original_url: str | None = None  # where it says that it was first published, or is published too


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedFeed:
    """A feed document, read."""

    title: str
    html_url: str | None
    language: str | None
    ttl: timedelta | None  # RSS <ttl>, or sy:updatePeriod and sy:updateFrequency
    skip_hours: tuple[int, ...]  # 0 to 23, GMT
    skip_days: tuple[int, ...]  # 0 is Monday
    entries: tuple[ParsedEntry, ...]  # in the order of the document, at most 500
    damaged: bool = False  # not well-formed, and read all the same
    hub_url: str | None = None  # the WebSub hub that it names
    topic_url: str | None = None  # the address by which its hub knows it


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How an entry of a feed ends."""

    key: str  # tells the feed's entries apart
    title: str
    text: str  # its last lines at least


class HubStatus(StrEnum):
    """How far a subscription at a WebSub hub has come."""

    ASKED = "asked"
    ACTIVE = "active"  # the hub has verified it
    SILENT = "silent"  # active, but a poll found what the hub had not sent
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class HubSubscription:
    """What we asked a WebSub hub for, for one feed."""

    feed_id: int
    hub_url: str
    topic_url: str
    token: str
    secret: str
    status: HubStatus
    ends_at: datetime | None
    tries: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HubAnswer:
    """What came of asking a feed's hub, for maintainers."""

    status: HubStatus
    ends_at: datetime | None  # of what it promised last
    message: str  # what is the matter, in plain English; "" when nothing is


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyedEntry:
    """A parsed entry with what tells it apart, and what tells whether it changed."""

    entry: ParsedEntry
    identity: str
    aliases: tuple[str, ...]  # under which it may have been saved while the feed's guids were better, or worse
    canonical_url: str | None
    content_hash: str
    text_key: str | None
    original_url: str | None = None  # of the entry, as addresses are compared


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownEntry:
    """What the database has of an entry, as far as a poll must know it."""

    id: int
    identity: str
    url: str | None
    title: str
    published_at: datetime | None
    updated_at: datetime | None
    content_hash: str
    text_key: str | None
    updates: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PollRecord:
    """What one poll leaves behind on its feed; `None` for a status or an instant means: as it was."""

    polled_at: datetime
    succeeded_at: datetime | None
    newest_entry_at: datetime | None
    status: FeedStatus | None
    identity: IdentityPolicy
    failures: int
    failure_reason: FailureReason | None
    failure_message: str | None
    etag: str | None
    last_modified: str | None
    body_hash: str | None
    moved_to: str | None
    moved_since: datetime | None
    gone_since: datetime | None
    ttl: timedelta | None
    skip_hours: tuple[int, ...]
    skip_days: tuple[int, ...]
    next_poll_at: datetime
    next_poll_reason: str


# ---------------------------------------------------------------------------------------------------- entries


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxEntry:
    """One line of the inbox: a piece, once, however many feeds carry it."""

    id: int
    title: str
    url: str | None
    feed_id: int
    feed_title: str
    feed_kind: str
    author: str | None
    published_at: datetime | None
    first_seen_at: datetime
    excerpt: str  # the start of its text, at most 280 characters
    also_in: tuple[str, ...]  # titles of the other feeds that carry the same piece


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing in a feed, whole."""

    id: int
    feed_id: int
    feed_title: str
    feed_kind: str
    feed_html_url: str | None
    guid: str | None
    url: str | None
    title: str
    author: str | None
    published_at: datetime | None
    updated_at: datetime | None
    first_seen_at: datetime
    language: str | None
    html: str
    text: str
    content_hash: str
    also_in: tuple[str, ...]
    dismissed_at: datetime | None
    kind: Kind = Kind.ARTICLE  # as far as what its feed encloses can tell


# ---------------------------------------------------------------------------------------------------- bookmarks


@dataclass(frozen=True, slots=True, kw_only=True)
class Bookmark:
    """A page that a curator found interesting; keeps its own copy of what the entry said."""

    id: int
    url: str
    title: str
    author: str | None
    organisation: str | None  # who the author writes for: the title of the feed, when it came from one
    note: str  # Markdown
    kind: Kind
    language: str | None
    published_at: datetime | None
    entry_id: int | None
    feed_id: int | None
    added_at: datetime
    friday: date  # whose shortlist it is on
    dropped_at: datetime | None
    picked_in: str | None  # slug of the digest that holds it, when one does
    source_changed: bool  # the entry's title or text changed since it was bookmarked


# ---------------------------------------------------------------------------------------------------- digests


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
class Digest:
    """One Friday's edition."""

    id: int
    slug: str  # the Friday as YYYY-MM-DD; how commands and addresses name it
    friday: date
    number: int | None  # given at publication
    title: str
    intro: str  # Markdown
    outro: str  # Markdown
    status: DigestStatus
    revision: int  # goes up by one with every change
    published_at: datetime | None
    picks: tuple[Pick, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierPick:
    """A pick of another digest: what the lint compares with."""

    slug: str  # of that digest
    friday: date
    url: str
    organisation: str | None


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


# ---------------------------------------------------------------------------------------------------- readers


class SubscriberStatus(StrEnum):
    """Whether somebody gets the mail."""

    PENDING = "pending"  # asked, and has not confirmed yet
    ACTIVE = "active"
    UNSUBSCRIBED = "unsubscribed"
    BOUNCED = "bounced"  # given up: the mailbox takes nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscriber:
    """A person who asked for the mail."""

    id: int  # never given to anybody else, also after an erasure
    address: str  # in lower case, ASCII
    status: SubscriberStatus
    created_at: datetime
    asked_at: datetime  # the sign-up that waits for, or led to, the confirmation
    confirmed_at: datetime | None
    ended_at: datetime | None  # unsubscribed, or bounced
    soft_bounces: int  # in a row


class ConsentAction(StrEnum):
    """What happened to somebody's consent."""

    ASKED = "asked"
    CONFIRMED = "confirmed"
    IMPORTED = "imported"  # confirmed elsewhere; the basis is the line's source
    UNSUBSCRIBED = "unsubscribed"
    BOUNCED = "bounced"
    COMPLAINED = "complained"
    ERASED = "erased"


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """One line of the consent log."""

    at: datetime
    action: ConsentAction
    source: str  # where it was said: "form", "one-click", ...; for an import, its basis
    wording: str | None  # what was agreed to, word for word


class DeliveryStatus(StrEnum):
    """How far one digest to one subscriber has come."""

    QUEUED = "queued"
    CLAIMED = "claimed"  # handed to the relay, no answer recorded yet
    SENT = "sent"
    FAILED = "failed"
    UNCERTAIN = "uncertain"  # claimed when the program died: perhaps sent, perhaps not
    SKIPPED = "skipped"  # not a subscriber any more


# ---------------------------------------------------------------------------------------------------- suggestions


class SuggestionKind(StrEnum):
    """What a reader suggests."""

    BLOG = "blog"  # to follow
    LINK = "link"  # to read


class SuggestionStatus(StrEnum):
    """What became of a suggestion."""

    WAITING = "waiting"
    ACCEPTED = "accepted"
    DECLINED = "declined"


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """What a reader suggests, for curators to judge."""

    id: int
    kind: SuggestionKind
    address: str
    title: str  # what the blog or page is called; may be ""
    words: str  # why; may be ""
    thank: str  # the name that may be thanked in public; "" for none
    at: datetime
    status: SuggestionStatus


# ---------------------------------------------------------------------------------------------------- curators


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """Somebody signed in, in one browser."""

    curator: Curator
    csrf_token: str  # every form of this session carries it
    seen_at: datetime
    expires_at: datetime
