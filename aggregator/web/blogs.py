"""The living list: every blog that we read, how it is doing, and the whole of it as OPML."""

from collections.abc import Callable, Sequence
from itertools import groupby

from starlette.requests import Request
from starlette.responses import Response

from aggregator.feeds.living import Blog, Standing, by_last_post, by_standing
from aggregator.web.pages import answer, page, site_of

OPML = "text/x-opml; charset=utf-8"
LIST_MAY_BE_KEPT = "public, max-age=600"


def by_name(request: Request) -> Response:
    """By kind, and within it by who writes."""
    blogs = sorted(site_of(request).follow.blogs(), key=lambda blog: blog.kind)  # stays by owner within a kind
    groups = [(kind, list(group)) for kind, group in groupby(blogs, key=lambda blog: blog.kind)]
    groups.sort(key=lambda group: group[0] != FIRST_KIND)
    return _page(request, "name", groups)


def last_post(request: Request) -> Response:
    """Who posted last comes first."""
    return _sorted(request, "last post", by_last_post)


def standing(request: Request) -> Response:
    """The active ones first."""
    return _sorted(request, "state", by_standing)


def opml(request: Request) -> Response:
    """What is followed, for a feed reader."""
    return answer(request, site_of(request).follow.export(), OPML, cache_control=LIST_MAY_BE_KEPT)


FIRST_KIND = "Councils"
"""The list is a list of council blogs first of all."""


def _sorted(request: Request, order: str, sort: Callable[[Sequence[Blog]], tuple[Blog, ...]]) -> Response:
    return _page(request, order, [("", list(sort(site_of(request).follow.blogs())))])


def _page(request: Request, order: str, groups: list[tuple[str, list[Blog]]]) -> Response:
    blogs = [blog for _, group in groups for blog in group]
    counts = [(standing, sum(blog.standing is standing for blog in blogs)) for standing in Standing]
    return page(
        request,
        "blogs.html",
        order=order,
        groups=groups,
        counts=[(standing, count) for standing, count in counts if count],
        total=len(blogs),
        thanked=site_of(request).suggestions.thanked(),
    )
