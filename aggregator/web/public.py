"""The pages for readers: the latest digest, all of them, each of them, everything bookmarked, and the feeds."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from itertools import groupby

from markupsafe import Markup
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from aggregator.deliver import syndication
from aggregator.deliver.publish import latest
from aggregator.deliver.syndication import Published
from aggregator.digest.render import article_of
from aggregator.digest.view import view
from aggregator.model import Bookmark, Form, Publication
from aggregator.web.pages import answer, page, site_of, style
from aggregator.web.site import Site

BOOKMARKS_ON_A_PAGE = 50
LONGEST_ID = 18  # digits that always fit into SQLite's 64 bits
DIGESTS_EVER = 10_000
"""More than a weekly makes in a lifetime: the archive is one page."""
FEEDS_MAY_BE_KEPT = "public, max-age=600"
STYLE_MAY_BE_KEPT = "public, max-age=31536000, immutable"  # its address changes with it


def home(request: Request) -> Response:
    """What this is, and the latest digest."""
    site = site_of(request)
    newest = next(iter(site.editor.published(limit=1)), None)
    article = _article(site, newest.slug) if newest else None
    return page(request, "home.html", digest=newest, article=article)


def archive(request: Request) -> Response:
    """Every digest, by year."""
    digests = site_of(request).editor.published(limit=DIGESTS_EVER)
    years = [(year, list(group)) for year, group in groupby(digests, key=lambda digest: digest.friday.year)]
    return page(request, "archive.html", years=years)


def digest(request: Request) -> Response:
    """One digest as it was frozen, between its neighbours as they are today."""
    site = site_of(request)
    digests = site.editor.published(limit=DIGESTS_EVER)
    here = next((n for n, other in enumerate(digests) if other.slug == request.path_params["slug"]), None)
    if here is None:
        raise HTTPException(status_code=404)
    return page(
        request,
        "digest.html",
        digest=digests[here],
        article=_article(site, digests[here].slug),
        summary=view(digests[here], site.publication).summary,
        newer=digests[here - 1] if here else None,
        older=digests[here + 1] if here + 1 < len(digests) else None,
    )


def bookmarks(request: Request) -> Response:
    """Everything found interesting, newest first, by month."""
    site = site_of(request)
    given = request.query_params.get("after")
    after = None if given is None else _read_cursor(given)
    found = site.desk.public_bookmarks(limit=BOOKMARKS_ON_A_PAGE + 1, after=after)
    shown = found[:BOOKMARKS_ON_A_PAGE]
    older = _cursor(shown[-1]) if len(found) > len(shown) else None

    def month(bookmark: Bookmark) -> str:
        return f"{site.calendar.local(bookmark.added_at):%B %Y}"

    months = [(name, list(group)) for name, group in groupby(shown, key=month)]
    published = {digest.slug: digest for digest in site.editor.published(limit=DIGESTS_EVER)}
    return page(request, "bookmarks.html", months=months, older=older, is_first=after is None, published=published)


def follow(request: Request) -> Response:
    """How to hear of the next digest."""
    return page(request, "follow.html")


def accessibility(request: Request) -> Response:
    """How far these pages can be used by everybody, and whom to tell when they cannot."""
    return page(request, "accessibility.html")


def stylesheet(request: Request) -> Response:
    """The one stylesheet."""
    return answer(request, style(), "text/css; charset=utf-8", cache_control=STYLE_MAY_BE_KEPT)


def atom(request: Request) -> Response:
    """The digests as Atom (RFC 4287)."""
    return _feed(request, syndication.atom, "application/atom+xml; charset=utf-8")


def rss(request: Request) -> Response:
    """The digests as RSS 2.0."""
    return _feed(request, syndication.rss, "application/rss+xml; charset=utf-8")


def json_feed(request: Request) -> Response:
    """The digests as JSON Feed 1.1."""
    return _feed(request, syndication.json_feed, "application/feed+json; charset=utf-8")


def _feed(request: Request, write: Callable[[Sequence[Published], Publication], str], media_type: str) -> Response:
    site = site_of(request)
    body = write(latest(site.editor), site.publication)
    return answer(request, body, media_type, cache_control=FEEDS_MAY_BE_KEPT)


def _article(site: Site, slug: str) -> Markup:
    """The digest itself, as HTML: frozen when it was published, out of escaped templates and sanitised Markdown."""
    return Markup(article_of(site.editor.rendering(slug, Form.PAGE)))  # noqa: S704


def _cursor(bookmark: Bookmark) -> str:
    """Where the next page begins: after this bookmark."""
    return f"{bookmark.added_at.astimezone(UTC):%Y%m%dT%H%M%S.%fZ}_{bookmark.id}"


def _read_cursor(text: str) -> tuple[datetime, int]:
    """The instant and id of a cursor; one that we did not write is an address that does not exist."""
    at, _, bookmark_id = text.partition("_")
    try:
        if len(bookmark_id) > LONGEST_ID:
            raise ValueError(bookmark_id)
        return datetime.strptime(at, "%Y%m%dT%H%M%S.%fZ").replace(tzinfo=UTC), int(bookmark_id)
    except ValueError as error:
        raise HTTPException(status_code=404) from error
