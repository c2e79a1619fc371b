"""What a poll asks, gets, finds and leaves behind."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from aggregator.model.entries import Kind
from aggregator.model.feeds import FeedStatus


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
    kind: Kind = Kind.ARTICLE  # as far as what it encloses, and its address, can tell
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
    LEAVING = "leaving"  # asked to send nothing any more, and not yet asked back whether we mean it


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
