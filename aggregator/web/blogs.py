"""The living list: every blog that we read, how it is doing, and the whole of it as OPML."""

from collections import Counter
from collections.abc import Callable, Sequence
from itertools import groupby

from starlette.requests import Request
from starlette.responses import Response

from aggregator.feeds.living import Blog, Standing, by_last_post, by_standing
from aggregator.web.pages import answer, kept_page, site_of

OPML = "text/x-opml; charset=utf-8"
LIST_MAY_BE_KEPT = "public, max-age=600"


def by_name(request: Request) -> Response:
    """By kind, and within it by who writes."""
    return _page(request, "name", _by_kind)


def last_post(request: Request) -> Response:
    """Who posted last comes first."""
    return _page(request, "last post", lambda blogs: [("", by_last_post(blogs))])


def standing(request: Request) -> Response:
    """The active ones first."""
    return _page(request, "state", lambda blogs: [("", by_standing(blogs))])


def opml(request: Request) -> Response:
    """What is followed, for a feed reader."""
    return answer(request, site_of(request).follow.export(), OPML, cache_control=LIST_MAY_BE_KEPT)


FIRST_KIND = "Councils"
"""The list is a list of council blogs first of all."""
Groups = list[tuple[str, Sequence[Blog]]]


def _by_kind(blogs: Sequence[Blog]) -> Groups:
    by_kind = groupby(sorted(blogs, key=lambda blog: blog.kind), key=lambda blog: blog.kind)  # stays by owner in one
    groups: Groups = [(kind, list(group)) for kind, group in by_kind]
    return sorted(groups, key=lambda group: group[0] != FIRST_KIND)


def _page(request: Request, order: str, arrange: Callable[[Sequence[Blog]], Groups]) -> Response:
    blogs, thanked = site_of(request).follow.blogs(), site_of(request).suggestions.thanked()

    def values() -> dict[str, object]:
        counts = Counter(blog.standing for blog in blogs)
        return {
            "order": order,
            "classes": {standing: standing.replace(" ", "-") for standing in Standing},
            "groups": arrange(blogs),
            "counts": [(standing, counts[standing]) for standing in Standing if counts[standing]],
            "total": len(blogs),
            "thanked": thanked,
        }

    return kept_page(request, "blogs.html", made_of=(blogs, thanked), values=values)
