"""The table of contents: every address that the pages answer to. Only forms change anything, by POST."""

from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from aggregator.model import Role
from aggregator.web import curators, desk, health, monitor, public, signing_in
from aggregator.web.guard import open_to
from aggregator.web.pages import STATIC

FOR_EVERYBODY: tuple[BaseRoute, ...] = (
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
    Route("/sign-in", signing_in.sign_in, methods=["GET", "POST"], name="sign-in"),
    Route("/password/{token}", signing_in.set_password, methods=["GET", "POST"], name="set-password"),
    Route("/static/five.css", public.stylesheet, name="stylesheet"),
    Mount("/static", StaticFiles(directory=STATIC), name="static"),
)

FOR_CURATORS: tuple[BaseRoute, ...] = (
    Route("/desk", desk.overview, name="desk"),
    Route("/account", signing_in.account, methods=["GET", "POST"], name="account"),
    Route("/sign-out", signing_in.sign_out, methods=["POST"], name="sign-out"),
)

FOR_MAINTAINERS: tuple[BaseRoute, ...] = (
    Route("/desk/people", curators.people, name="people"),
    Route("/desk/people", curators.add, methods=["POST"], name="people-add"),
    Route("/desk/people/change", curators.change, methods=["POST"], name="people-change"),
)

ROUTES: tuple[BaseRoute, ...] = (
    *open_to(Role.CURATOR, FOR_CURATORS),
    *open_to(Role.MAINTAINER, FOR_MAINTAINERS),
    *open_to(None, FOR_EVERYBODY),
)
"""Every route says who may use it: one that stands in none of these groups does not exist."""
