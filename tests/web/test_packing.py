"""Answers are packed where they hold no secret, and nowhere else; tags and lengths stay right either way."""

import gzip

import httpx
import pytest
from starlette.types import Receive, Scope, Send

from aggregator.app import App
from aggregator.model import Role, SuggestionKind, SuggestionStatus
from aggregator.web.packing import Packed, takes_gzip
from aggregator.web.routes import FOR_READERS, ROUTES
from tests.conftest import StandingClock
from tests.rows import follow_a_feed
from tests.web.doors import enter
from tests.web.everything import fill
from tests.web.walk import stops_by_way

FILES = ("/static/five.css", "/static/desk.js", "/static/vendor/htmx.min.js")
SECRETS = ('type="hidden"', 'type="password"', 'name="csrf"')


@pytest.mark.parametrize(
    ("said", "is_taken"),
    [
        ("gzip", True),
        ("br, GZIP;q=0.5", True),
        ("gzip;q=1.0, identity; q=0.5", True),
        ("", False),
        ("br, deflate", False),
        ("gzip;q=0", False),
        ("gzip; q=0.000, br", False),
        ("*", False),
        ("gzipped", False),
    ],
)
def test_only_who_takes_gzip_gets_it(said: str, is_taken: bool) -> None:
    assert takes_gzip(said) is is_taken


async def test_packed_or_not_it_is_the_same_answer(app: App, client: httpx.AsyncClient) -> None:
    fill(app)
    for path in ("/", "/digests/2026-11-13", "/bookmarks", "/blogs", "/health", "/feed.atom", "/blogs.opml", *FILES):
        codings = ("gzip", "identity")
        packed, plain = [await client.get(path, headers={"accept-encoding": coding}) for coding in codings]
        assert packed.content == plain.content, path
        assert packed.num_bytes_downloaded < plain.num_bytes_downloaded, path
        assert (packed.headers["content-encoding"], plain.headers.get("content-encoding")) == ("gzip", None), path
        assert packed.headers["etag"] == plain.headers["etag"], path
        assert packed.headers["etag"].startswith('W/"'), path
        for answer, coding in ((packed, "gzip"), (plain, "identity")):
            asked = {"accept-encoding": coding}
            assert answer.headers["vary"] == "Accept-Encoding", path
            assert answer.headers["content-length"] == str(answer.num_bytes_downloaded), path
            head = await client.head(path, headers=asked)
            assert (head.headers, head.content) == (answer.headers, b""), path
            again = await client.get(path, headers={**asked, "if-none-match": answer.headers["etag"]})
            assert (again.status_code, again.content) == (304, b""), path
            assert again.headers["etag"] == answer.headers["etag"], path
            assert again.headers["vary"] == "Accept-Encoding", path


async def test_a_kept_list_is_made_anew_when_a_blog_changes(
    app: App, client: httpx.AsyncClient, clock: StandingClock
) -> None:
    with app.db.write() as tx:
        follow_a_feed(tx, title="Barset — Digital", newest_entry_at=clock())
    for path in ("/blogs", "/blogs/by-last-post", "/blogs/by-state"):
        first = await client.get(path)
        assert (await client.get(path)).text == first.text
        with app.db.write() as tx:
            follow_a_feed(tx, title=f"New at {path[1:]}", newest_entry_at=clock())
        changed = await client.get(path)
        assert f"New at {path[1:]}" in changed.text
        assert changed.headers["etag"] != first.headers["etag"]
        assert "Quiet<" not in changed.text
    clock.advance(days=366)
    assert "Quiet<" in (await client.get("/blogs")).text, "time passes, and nobody posts"
    app.suggestions.suggest(SuggestionKind.BLOG, "https://a.example/", thank="Dora")
    (one,) = app.suggestions.waiting()
    app.suggestions.settle([one.id], SuggestionStatus.ACCEPTED)
    assert "Dora" in (await client.get("/blogs")).text


async def test_no_page_with_a_secret_is_packed(app: App, client: httpx.AsyncClient) -> None:
    given = fill(app)
    packed, plain = set[str](), set[str]()
    for stop in stops_by_way(given, lambda: enter(app, client, Role.MAINTAINER)):
        answer = await client.get(stop.path, headers={"accept-encoding": "gzip"})
        is_packed = "content-encoding" in answer.headers
        (packed if is_packed else plain).add(stop.name)
        if is_packed:
            assert stop.role is None, stop
            assert not [secret for secret in SECRETS if secret in answer.text], stop
            assert "set-cookie" not in answer.headers, stop
    assert {"blogs", "health", "bookmarks", "digest", "atom", "opml"} <= packed
    assert {"sign-in", "manage-page", "confirm-page", "subscribe-form", "desk", "inbox", "metrics"} <= plain


def test_what_is_packed_only_reads() -> None:
    assert {id(route) for route in FOR_READERS} <= {id(route) for route in ROUTES}
    for route in FOR_READERS:
        assert getattr(route, "methods", {"GET"}) <= {"GET", "HEAD"}, route


async def test_a_long_answer_in_pieces_is_packed_too() -> None:
    async def in_pieces(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"etag", b'"1"')]})
        for more in (True, True, False):
            await send({"type": "http.response.body", "body": b"x" * 1000, "more_body": more})

    transport = httpx.ASGITransport(app=Packed(in_pieces))
    async with (
        httpx.AsyncClient(transport=transport, base_url="http://localhost") as asking,
        asking.stream("GET", "/", headers={"accept-encoding": "gzip"}) as answer,
    ):
        raw = b"".join([piece async for piece in answer.aiter_raw()])
    assert gzip.decompress(raw) == b"x" * 3000
    assert answer.headers["etag"] == 'W/"1"'
