"""The pages for readers that only read: digests, bookmarks, their feeds, and what we say about ourselves."""

from collections.abc import Callable, Sequence
from datetime import date
from itertools import groupby

from markupsafe import Markup
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from aggregator.deliver import syndication
from aggregator.deliver.publish import latest
from aggregator.deliver.syndication import Channel
from aggregator.digest.render import article_of
from aggregator.digest.view import view
from aggregator.model import DigestFormat, Form
from aggregator.web.pages import answer, page, site_of, style
from aggregator.web.site import Site

MONTHS_AT_FIRST = 2
"""On the first page of bookmarks: the newest month alone would be bare when it begins."""
BOOKMARKS_IN_A_FEED = 50
DIGESTS_EVER = 10_000
"""More than a weekly makes in a lifetime: the archive is one page."""
FEEDS_MAY_BE_KEPT = "public, max-age=600"
MEDIA_TYPES: dict[Callable[[Channel], str], str] = {
    syndication.atom: "application/atom+xml; charset=utf-8",  # RFC 4287
    syndication.rss: "application/rss+xml; charset=utf-8",
    syndication.json_feed: "application/feed+json; charset=utf-8",
}
STYLE_MAY_BE_KEPT = "public, max-age=31536000, immutable"  # its address changes with it


def home(request: Request) -> Response:
    """What this is, and the latest Friday's digest."""
    site = site_of(request)
    newest = next(iter(site.editor.published(limit=1, only=DigestFormat.FRIDAY)), None)
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
    """Everything found interesting, newest first: the latest months, and where the others are."""
    return _bookmarks(request, site_of(request).desk.bookmark_months(), None)


def bookmarks_of_month(request: Request) -> Response:
    """What was found interesting in one month."""
    months = site_of(request).desk.bookmark_months()
    named = request.path_params["month"]
    wanted = next((month for month in months if f"{month:%Y-%m}" == named), None)
    if wanted is None:
        raise HTTPException(status_code=404)
    return _bookmarks(request, months, wanted)


def _bookmarks(request: Request, months: Sequence[date], wanted: date | None) -> Response:
    site = site_of(request)
    here = months.index(wanted) if wanted else 0
    after = here + 1 if wanted else MONTHS_AT_FIRST
    shown = [(month, site.desk.bookmarks_of(month)) for month in months[here:after]]
    return page(
        request,
        "bookmarks.html",
        months=shown,
        month=wanted,
        newer=months[here - 1] if here else None,
        older=months[after] if after < len(months) else None,
        years=[(year, list(group)) for year, group in groupby(months, key=lambda month: month.year)],
        published={digest.slug: digest for digest in site.editor.published(limit=DIGESTS_EVER)},
    )


def follow(request: Request) -> Response:
    """How to hear of the next digest."""
    return page(request, "follow.html")


def privacy(request: Request) -> Response:
    """What we keep of readers, why, for how long, and how to have it removed."""
    return page(request, "privacy.html")


def accessibility(request: Request) -> Response:
    """How far these pages can be used by everybody, and whom to tell when they cannot."""
    return page(request, "accessibility.html")


def stylesheet(request: Request) -> Response:
    """The one stylesheet."""
    return answer(request, style(), "text/css; charset=utf-8", cache_control=STYLE_MAY_BE_KEPT)


def atom(request: Request) -> Response:
    """The digests as Atom."""
    return _feed(request, syndication.atom, of_digests)


def rss(request: Request) -> Response:
    """The digests as RSS 2.0."""
    return _feed(request, syndication.rss, of_digests)


def json_feed(request: Request) -> Response:
    """The digests as JSON Feed 1.1."""
    return _feed(request, syndication.json_feed, of_digests)


def bookmarks_atom(request: Request) -> Response:
    """The newest bookmarks as Atom."""
    return _feed(request, syndication.atom, of_bookmarks)


def bookmarks_rss(request: Request) -> Response:
    """The newest bookmarks as RSS 2.0."""
    return _feed(request, syndication.rss, of_bookmarks)


def bookmarks_json(request: Request) -> Response:
    """The newest bookmarks as JSON Feed 1.1."""
    return _feed(request, syndication.json_feed, of_bookmarks)


def of_digests(site: Site) -> Channel:
    """What the feeds of digests carry."""
    return syndication.of_digests(latest(site.editor), site.publication)


def of_bookmarks(site: Site) -> Channel:
    """What the feeds of bookmarks carry."""
    return syndication.of_bookmarks(site.desk.public_bookmarks(limit=BOOKMARKS_IN_A_FEED), site.publication)


def _feed(request: Request, write: Callable[[Channel], str], carried: Callable[[Site], Channel]) -> Response:
    body = write(carried(site_of(request)))
    return answer(request, body, MEDIA_TYPES[write], cache_control=FEEDS_MAY_BE_KEPT)


def _article(site: Site, slug: str) -> Markup:
    """The digest itself, as HTML: frozen when it was published, out of escaped templates and sanitised Markdown."""
    return Markup(article_of(site.editor.rendering(slug, Form.PAGE)))  # noqa: S704
