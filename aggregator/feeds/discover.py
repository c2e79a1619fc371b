"""A page's address -> the feeds of that blog.

First the address itself, then the page's link elements, then the habits of the platforms.
"""

import re
from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from aggregator import page
from aggregator.addresses import safe_url
from aggregator.asking import Asks
from aggregator.errors import BadAddress, FetchFailed
from aggregator.feeds.opml import address_key
from aggregator.model import Failed, FailureReason, ParsedFeed
from aggregator.outbound import RequestFailed, Response
from aggregator.page import FeedLink
from aggregator.sandbox import Sandbox, SandboxFailed

ReadFeed = Callable[[bytes, str, str], Awaitable[ParsedFeed | Failed]]
"""Reads a body, its content type and its address as a feed, in a process that may be killed."""

ACCEPT = (
    "application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, text/xml;q=0.9, "
    "application/json;q=0.8, text/html;q=0.7, */*;q=0.5"
)
MOST_LINKS = 8
"""Of a page's own feed links, how many are looked at: a page may list thousands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A feed that was found and read."""

    url: str
    title: str  # as the feed gives it, else as the page does; may be ""
    kind_of_feed: str  # "RSS", "Atom", "JSON Feed", or "feed" when it does not say
    entries: int
    html_url: str | None  # the page that it belongs to


async def discover(asking: Asks, sandbox: Sandbox, read_feed: ReadFeed, url: str) -> tuple[Candidate, ...]:
    """The feeds of the page at `url`, each read once to be sure; the page's own favourite first. Empty for none.

    An address without a scheme is taken as https. Requests go out one after another. Raises BadAddress for what is
    no http(s) address, and FetchFailed when that address itself cannot be fetched.
    """
    search = _Search(asking, read_feed)
    address = _completed(url)
    response = await search.fetch(address)
    if not 200 <= response.status < 300:
        raise FetchFailed(f"{address} answered with status {response.status}.", "Is the address right?")
    itself = await search.read(address, response, page_url=None, title="")
    if itself:
        return (itself,)
    links, title = await links_of(sandbox, response.body, response.headers.get("content-type", ""), response.url)
    found = [await search.try_at(link.url, response.url, link.title or title) for link in links]
    if any(found):
        return _distinct(candidate for candidate in found if candidate)
    for guess in guesses(response.url, response.body):
        candidate = await search.try_at(guess, response.url, title)
        if candidate:
            return (candidate,)
        if search.has_lost_the_host:
            break
    return ()


class _Search:
    """One search: fetches, reads, and notices when the host stops answering."""

    def __init__(self, asking: Asks, read_feed: ReadFeed) -> None:
        self._asking = asking
        self._read_feed = read_feed
        self.has_lost_the_host = False

    async def fetch(self, url: str) -> Response:
        return await self._asking.get(url, accept=ACCEPT)

    async def try_at(self, url: str, page_url: str, title: str) -> Candidate | None:
        """The feed at `url`; None for whatever is not one."""
        try:
            response = await self.fetch(url)
        except RequestFailed as failure:
            self.has_lost_the_host = failure.reason in _LOST
            return None
        if not 200 <= response.status < 300:
            return None
        return await self.read(url, response, page_url=page_url, title=title)

    async def read(self, url: str, response: Response, *, page_url: str | None, title: str) -> Candidate | None:
        try:
            parsed = await self._read_feed(response.body, response.headers.get("content-type", ""), response.url)
        except SandboxFailed:
            return None
        if isinstance(parsed, Failed):
            return None
        return Candidate(
            url=response.moved_to or url,
            title=parsed.title or title,
            kind_of_feed=kind_of_feed(response.body),
            entries=len(parsed.entries),
            html_url=parsed.html_url or page_url,
        )


_LOST = frozenset(FailureReason) - {FailureReason.REDIRECT, FailureReason.TOO_LARGE}


async def links_of(sandbox: Sandbox, body: bytes, content_type: str, url: str) -> tuple[list[FeedLink], str]:
    """The feed links of a page that are worth a request, and the page's title."""
    try:
        head = await sandbox.run(page.head, body, content_type, url)
    except SandboxFailed:
        return [], ""
    of_posts = [link for link in head.feeds if not _is_of_comments(link)]
    distinct = {address_key(link.url): link for link in reversed(of_posts or head.feeds)}
    return list(reversed(distinct.values()))[:MOST_LINKS], head.title


def _is_of_comments(link: FeedLink) -> bool:
    # WordPress announces, beside its posts, the comments on all of them and on the one that is shown.
    path = urlsplit(link.url).path.casefold()
    return "/comments/" in path or re.search(r"\bcomments\b", link.title.casefold()) is not None


def _distinct(candidates: Iterable[Candidate]) -> tuple[Candidate, ...]:
    first: dict[str, Candidate] = {}
    for candidate in candidates:
        first.setdefault(address_key(candidate.url), candidate)
    return tuple(first.values())


def kind_of_feed(body: bytes) -> str:
    """The format that a feed's first element names."""
    start = body[:65536].lstrip(b"\xef\xbb\xbf \t\r\n").replace(b"\0", b"")
    if start.startswith(b"{"):
        return "JSON Feed"
    element = re.search(rb"<(?:\w+:)?(rss|rdf|feed)[\s>]", start, re.IGNORECASE)
    names = {b"rss": "RSS", b"rdf": "RSS", b"feed": "Atom"}
    return names[element[1].lower()] if element else "feed"


def _completed(url: str) -> str:
    given = url.strip()
    safe = safe_url(given if "://" in given else f"https://{given}")
    if safe is None:
        raise BadAddress(f"{given[:200]!r} is no address of a page.", "Give one that starts with https:// or http://.")
    return safe


# ---------------------------------------------------------------------------------------------------- habits

# By the end of the host's name: where this platform keeps the feed, seen from the page.
_HOSTS = (
    (".medium.com", "/feed"),
    (".substack.com", "/feed"),
    (".blogspot.com", "/feeds/posts/default"),
    (".wordpress.com", "/feed/"),
    (".blog.gov.uk", "/feed/"),
    (".ghost.io", "/rss/"),
    (".tumblr.com", "/rss"),
    (".squarespace.com", "?format=rss"),
    (".github.io", "feed.xml"),
)
# By what such a page holds, in the order of how sure that is.
_TRACES = (
    (b"/wp-content/", ("feed/", "/feed/")),
    (b"squarespace", ("?format=rss", "/blog?format=rss")),
    (b"substackcdn", ("/feed",)),
    (b"ghost", ("/rss/",)),
    (b"drupal", ("rss.xml", "/rss.xml")),
    (b"blogger", ("/feeds/posts/default",)),
    (b"jekyll", ("feed.xml", "/feed.xml")),
    (b"hugo", ("index.xml", "/index.xml")),
)
_USUAL = (
    *("feed/", "/feed/", "/rss/", "/feed.xml", "/index.xml", "/atom.xml", "/rss.xml", "/feed.json"),
    *("/feeds/posts/default", "?format=rss"),
)


def guesses(url: str, body: bytes) -> tuple[str, ...]:
    """Where the feed of the page at `url` would be by the habits of its platform, the likeliest first.

    `body` is the page's HTML, searched for the traces of a platform and not otherwise read.
    """
    return tuple(dict.fromkeys(guess for habit in _habits(url, body) if (guess := _at(url, habit)) != url))


def _habits(url: str, body: bytes) -> Iterator[str]:
    parts = urlsplit(url)
    host = (parts.hostname or "").removeprefix("www.")
    if host == "medium.com":  # medium.com/@someone/a-post, medium.com/a-publication/a-post
        yield f"/feed/{parts.path.strip('/').partition('/')[0]}"
    for ending, habit in _HOSTS:
        if host.endswith(ending):
            yield habit
    lowered = body.lower()
    for trace, habits in _TRACES:
        if trace in lowered:
            yield from habits
    yield from _USUAL


def _at(url: str, habit: str) -> str:
    parts = urlsplit(url)
    folder = parts._replace(path=parts.path.rstrip("/") + "/", query="", fragment="").geturl()
    if habit.startswith("?"):
        return parts._replace(query=habit[1:], fragment="").geturl()
    return urljoin(folder, habit)
