"""Reading the head of a page that a curator found anywhere on the web."""

from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from aggregator.addresses import safe_url
from aggregator.asking import Asks
from aggregator.canonical import canonical_url, without_tracking
from aggregator.curate.titles import author_of, clean_title
from aggregator.errors import FetchFailed
from aggregator.kinds import kind_of
from aggregator.outbound import Response
from aggregator.page import PageHead, head
from aggregator.sandbox import Sandbox, SandboxFailed
from aggregator.store.bookmarks import Found

_ACCEPT = "text/html, application/xhtml+xml;q=0.9, */*;q=0.1"
_PAGES = ("", "text/html", "application/xhtml+xml")


@dataclass(frozen=True, slots=True, kw_only=True)
class Visited:
    """What was found at the address `asked`; `warning` says what was not, and why."""

    asked: str
    found: Found
    warning: str | None = None
    later: bool = False  # the page may well answer another time


def unread(url: str) -> Found:
    """A page of which we know no more than its address."""
    return Found(
        url=url,
        canonical_url=canonical_url(url),
        title=url,
        author=None,
        organisation=None,
        kind=kind_of(url),
        language=None,
        published_at=None,
    )


async def visit(asking: Asks, sandbox: Sandbox, url: str) -> Visited:
    """Fetch the page at `url`, a safe address, and read its head; failing that, know it by its address."""
    nothing = unread(url)
    try:
        response = await asking.get(url, accept=_ACCEPT)
        complaint = _complaint(response)
        if complaint:
            found = replace(nothing, kind=kind_of(url, media_type=_media_type(response)))
            later = response.status >= 500 or response.status == 429
            return Visited(asked=url, found=found, warning=_untitled(complaint), later=later)
        said = await sandbox.run(head, response.body, response.headers.get("content-type", ""), response.url)
    except (FetchFailed, SandboxFailed) as error:
        return Visited(asked=url, found=nothing, warning=_untitled(f"{error.what} {error.hint}".strip()), later=True)
    found = _as_found(said, response.url)
    warning = _untitled("The page gives no title.") if found.title == found.url else None
    return Visited(asked=url, found=found, warning=warning)


def _complaint(response: Response) -> str | None:
    if not 200 <= response.status <= 299:
        return f"{_host(response.url)} answered {response.status} where a page should be."
    if _media_type(response) not in _PAGES:
        return f"That address holds {_media_type(response)}, which is no web page."
    return None


def _media_type(response: Response) -> str:
    return response.headers.get("content-type", "").partition(";")[0].strip().lower()


def _untitled(reason: str) -> str:
    return f"{reason} The bookmark has the address as its title; shortlist it again to have another look."


def _as_found(said: PageHead, came_from: str) -> Found:
    site = " ".join((said.site or "").split()) or None
    found = unread(_own_address(said, came_from))
    return replace(
        found,
        title=clean_title(said.title, site) or found.url,
        author=author_of(said.author, site),
        organisation=site,
        kind=kind_of(found.url, types=said.types),
        language=said.language,
        published_at=said.published_at,
    )


def _own_address(said: PageHead, came_from: str) -> str:
    """The address that the page gives as its own, when it can be believed: on the same host, not the front page."""
    own = safe_url(said.canonical_url or "")
    if own and _host(own) == _host(came_from) and urlsplit(own).path.strip("/"):
        return without_tracking(own)
    return without_tracking(came_from)


def _host(url: str) -> str:
    return urlsplit(canonical_url(url)).netloc
