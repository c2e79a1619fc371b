"""One conditional GET of one feed: Fetched, NotModified or Failed, never an exception.

Conditional requests are RFC 9110, section 13; `A-IM` and status 226 are RFC 3229; freshness is RFC 9111, section 4.2.
"""

import hashlib
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from aggregator.addresses import host_and_port
from aggregator.clock import Clock
from aggregator.model import DueFeed, Failed, FailureReason, Fetched, FetchOutcome, NotModified, Postponed
from aggregator.outbound import HostPaused, Outbound, RequestFailed, Response
from aggregator.pauses import Pauses, http_date, in_words, pause_of
from aggregator.poll.links import linked
from aggregator.room import Place

ACCEPT = (
    "application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml;q=0.9, "
    "application/xml;q=0.8, text/xml;q=0.8, application/json;q=0.7, */*;q=0.1"
)
LONGEST_FRESHNESS = timedelta(hours=24)
"""The most that a server's caching headers can make us wait."""

_LONGEST_VALIDATOR = 1024
"""Characters. A longer one, sent back, makes servers refuse the request that carries it."""

_MAX_AGE = re.compile(r'(?:^|[\s,])max-age\s*=\s*"?(\d{1,10})', re.IGNORECASE | re.ASCII)
_NO_CACHE = re.compile(r"(?:^|[\s,])no-(?:cache|store)\b", re.IGNORECASE)


class Fetcher:
    """Fetches feeds, and keeps away from a host (and port) for as long as it asked."""

    def __init__(self, outbound: Outbound, clock: Clock) -> None:
        self._outbound = outbound
        self._clock = clock
        self._pauses = Pauses(clock)

    def recall(self, pauses: Mapping[str, datetime]) -> None:
        """Keep away from these hosts (`host:port`) until then, as another process was asked to."""
        self._pauses.recall(pauses)

    async def fetch(self, feed: DueFeed, place: Place | None = None) -> FetchOutcome:
        """Ask for what is new since `feed`'s validators; a document takes up `place`.

        Network trouble and bad answers are Failed.
        """
        try:
            response = await self._outbound.get(
                feed.xml_url, headers=_conditions(feed), accept=ACCEPT, pauses=self._pauses, place=place
            )
        except HostPaused as paused:
            wait = in_words(paused.until - self._clock())
            return Postponed(until=paused.until, message=f"Not asked: {paused.what} It is asked again in {wait}.")
        except RequestFailed as failure:
            return Failed(reason=failure.reason, message=failure.message)
        now = self._clock()
        retry_after = pause_of(response.headers.get("retry-after", ""), now)
        if retry_after is not None and response.status in (429, 503):
            self._pauses.pause(host_and_port(response.url), now + retry_after)
        return _outcome(feed, response, now, retry_after)


def _conditions(feed: DueFeed) -> dict[str, str]:
    conditions = {}
    if feed.etag is not None:
        conditions["If-None-Match"] = feed.etag
        conditions["A-IM"] = "feed"
    if feed.last_modified is not None:
        conditions["If-Modified-Since"] = feed.last_modified
    return conditions


def _outcome(feed: DueFeed, response: Response, now: datetime, retry_after: timedelta | None) -> FetchOutcome:
    match response.status:
        case 304:
            return _not_modified(feed, response, now)
        case 200 | 203 | 226 if response.body.strip():
            return _fetched(feed, response, now)
        case _:
            return _failed(response, retry_after)


def _not_modified(feed: DueFeed, response: Response, now: datetime) -> NotModified | Failed:
    if feed.etag is None and feed.last_modified is None:
        return Failed(
            reason=FailureReason.PROTOCOL,
            message="The site says that nothing changed, though it was not asked that. "
            "If this stays so, ask the site's owner to mend it.",
            moved_to=response.moved_to,
        )
    return NotModified(
        etag=_validator(response, "etag") or feed.etag,
        last_modified=_validator(response, "last-modified") or feed.last_modified,
        moved_to=response.moved_to,
        fresh_for=_fresh_for(response, now),
    )


def _fetched(feed: DueFeed, response: Response, now: datetime) -> Fetched | NotModified:
    body_hash = hashlib.sha256(response.body).hexdigest()
    etag, last_modified = _validator(response, "etag"), _validator(response, "last-modified")
    fresh_for = _fresh_for(response, now)
    if body_hash == feed.body_hash:
        return NotModified(etag=etag, last_modified=last_modified, moved_to=response.moved_to, fresh_for=fresh_for)
    links = response.headers.get("link", "")
    return Fetched(
        url=response.url,
        body=response.body,
        content_type=response.headers.get("content-type", ""),
        etag=etag,
        last_modified=last_modified,
        body_hash=body_hash,
        moved_to=response.moved_to,
        fresh_for=fresh_for,
        hub_url=linked(links, "hub", response.url),
        topic_url=linked(links, "self", response.url),
    )


def _failed(response: Response, retry_after: timedelta | None) -> Failed:
    status = response.status
    host = urlsplit(response.url).hostname
    match status:
        case 429 | 503 if status == 429 or retry_after is not None:
            return _throttled(response.url, retry_after, response.moved_to)
        case 404:
            reason = FailureReason.NOT_FOUND
            message = f"{host} has nothing at this address (404). Look on the site for where its feed is now."
        case 410:
            reason = FailureReason.GONE
            message = f"{host} says that this feed is gone for good (410). If it still says so in a day, polling stops."
        case 401 | 403 | 407:
            reason = FailureReason.SIGN_IN
            message = f"{host} does not let this program in ({status}). Ask the site's owner to allow feed readers."
        case _ if 200 <= status < 300:
            reason = FailureReason.EMPTY
            message = f"{host} sent an empty document. It is tried again later by itself."
        case _ if status >= 500:
            reason = FailureReason.SERVER
            message = f"{host} is in trouble of its own ({status}). It is tried again later by itself."
        case _:
            reason = FailureReason.SERVER
            message = f"{host} answered with status {status}, which brings no feed. Open the address in a browser."
    return Failed(reason=reason, message=message, retry_after=retry_after, moved_to=response.moved_to)


def _throttled(url: str, pause: timedelta | None, moved_to: str | None = None) -> Failed:
    wait = f"for {in_words(pause)}" if pause is not None else "for a while"
    return Failed(
        reason=FailureReason.THROTTLED,
        message=f"{urlsplit(url).hostname} asks to be left alone {wait}. It is polled again after that by itself.",
        retry_after=pause,
        busy_host=host_and_port(url),
        moved_to=moved_to,
    )


def _validator(response: Response, name: str) -> str | None:
    value = response.headers.get(name, "")
    return value if 0 < len(value) <= _LONGEST_VALIDATOR else None


def _fresh_for(response: Response, now: datetime) -> timedelta | None:
    """How long the answer stays fresh by its own account, at most `LONGEST_FRESHNESS`; None when it does not say."""
    control = response.headers.get("cache-control", "")
    if _NO_CACHE.search(control):
        return None
    if age := _MAX_AGE.search(control):
        fresh = timedelta(seconds=int(age[1]))
    else:
        expires = http_date(response.headers.get("expires", ""))
        if expires is None:
            return None
        fresh = expires - (http_date(response.headers.get("date", "")) or now)
    return min(fresh, LONGEST_FRESHNESS) if fresh > timedelta(0) else None
