"""The table of contents: every address that the pages answer to. All of them only read."""

from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from aggregator.web import health, monitor, public
from aggregator.web.pages import STATIC

ROUTES: tuple[BaseRoute, ...] = (
    Route("/", public.home, name="home"),
    Route("/digests", public.archive, name="archive"),
    Route("/digests/{slug}", public.digest, name="digest"),
    Route("/bookmarks", public.bookmarks, name="bookmarks"),
    Route("/follow", public.follow, name="follow"),
    Route("/accessibility", public.accessibility, name="accessibility"),
    Route("/feed.atom", public.atom, name="atom"),
    Route("/feed.rss", public.rss, name="rss"),
    Route("/feed.json", public.json_feed, name="json"),
    Route("/health", health.page, name="health"),
    Route("/healthz", health.machine, name="healthz"),
    Route("/metrics", monitor.metrics, name="metrics"),
    Route("/static/five.css", public.stylesheet, name="stylesheet"),
    Mount("/static", StaticFiles(directory=STATIC), name="static"),
)
