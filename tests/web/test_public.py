"""What readers see: pages and feeds, from a real database."""

import json
from datetime import UTC, date, datetime, timedelta
from html import escape

import feedparser
import httpx
import pytest

from aggregator.app import App
from aggregator.model import Form
from tests.conftest import StandingClock
from tests.rows import WEDNESDAY, add_bookmark
from tests.web.press import BASE_URL, publish, see

FIRST, SECOND, THIRD = date(2026, 11, 6), date(2026, 11, 13), date(2026, 11, 20)
ATTACK = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)> {{7*7}}"
READ_ONLY = (
    *("/", "/digests", "/digests/2026-11-20", "/bookmarks", "/bookmarks/2026-11", "/blogs", "/blogs/by-last-post"),
    *("/blogs/by-state", "/follow", "/accessibility", "/privacy", "/health"),
)
FORMS = ("/subscribe", "/suggest")
PAGES = (*READ_ONLY, *FORMS)
FEEDS = ("/feed.atom", "/feed.rss", "/feed.json")
OF_BOOKMARKS = ("/bookmarks.atom", "/bookmarks.rss", "/bookmarks.json")
FOR_MACHINES = (*FEEDS, *OF_BOOKMARKS, "/blogs.opml", "/sitemap.xml", "/robots.txt", "/.well-known/security.txt")


async def test_home_shows_the_latest_digest(app: App, client: httpx.AsyncClient) -> None:
    publish(app, FIRST)
    publish(app, SECOND, intro="The newest of the new.")
    answer = await client.get("/")
    page = see(answer.text)
    assert answer.status_code == 200
    assert "Five for Friday (13/11/2026)" in page.text
    assert "The newest of the new." in page.text
    assert len(page.all("h1")) == 1
    assert len([given for given in page.all("li") if given.get("id", "").startswith("pick-")]) == 5


async def test_home_says_so_when_nothing_is_published(app: App, client: httpx.AsyncClient) -> None:
    app.editor.draft(THIRD)
    page = see((await client.get("/")).text)
    assert "The first digest is on its way" in page.text
    assert "on a Friday" in page.text


async def test_the_archive_lists_every_digest_the_newest_first(app: App, client: httpx.AsyncClient) -> None:
    for friday in (date(2025, 12, 19), FIRST, SECOND):
        publish(app, friday, title=f"First of {friday}")
    page = see((await client.get("/digests")).text)
    places = [page.text.index(f"First of {friday}") for friday in (SECOND, FIRST, date(2025, 12, 19))]
    assert places == sorted(places)
    assert page.text.index("2026") < page.text.index("First of 2026-11-13") < page.text.index("Number 1, 19 December")


async def test_a_draft_is_shown_nowhere(app: App, client: httpx.AsyncClient) -> None:
    publish(app, SECOND)
    with app.db.write() as tx:
        picked = add_bookmark(tx, url="https://secret.example.org/", title="Kept for Friday")
    app.editor.pick([picked], app.editor.draft(THIRD).slug)
    assert (await client.get("/digests/2026-11-20")).status_code == 404
    for path in ("/", "/digests", "/digests/2026-11-13", "/bookmarks", *FEEDS):
        assert "/digests/2026-11-20" not in (await client.get(path)).text, path


async def test_a_digest_stands_between_its_neighbours(app: App, client: httpx.AsyncClient) -> None:
    for friday in (FIRST, SECOND, THIRD):
        publish(app, friday)
    middle = see((await client.get("/digests/2026-11-13")).text)
    first = see((await client.get("/digests/2026-11-06")).text)
    assert [given["href"] for given in middle.all("a", rel="prev")] == ["/digests/2026-11-06"]
    assert [given["href"] for given in middle.all("a", rel="next")] == ["/digests/2026-11-20"]
    assert first.all("a", rel="prev") == []
    assert [given["href"] for given in first.all("a", rel="next")] == ["/digests/2026-11-13"]
    assert middle.all("link", rel="canonical") == [{"rel": "canonical", "href": f"{BASE_URL}/digests/2026-11-13"}]


async def test_a_digest_is_shown_as_it_was_frozen(app: App, client: httpx.AsyncClient) -> None:
    slug = publish(app, SECOND).slug
    newest = publish(app, THIRD).slug
    frozen = app.editor.rendering(slug, Form.PAGE)
    article = frozen[frozen.index("<article") : frozen.index("</article>")]
    assert article in (await client.get(f"/digests/{slug}")).text
    home = (await client.get("/")).text
    assert article not in home
    assert app.editor.rendering(newest, Form.PAGE).partition("<article")[2].partition("</article>")[0] in home


@pytest.mark.parametrize("slug", ["2026-11-21", "1", "nonsense", "2026-11-13%00", "..%2f..%2ffive.sqlite"])
async def test_a_digest_that_does_not_exist_is_a_page_of_its_own(
    app: App, client: httpx.AsyncClient, slug: str
) -> None:
    publish(app, SECOND)
    answer = await client.get(f"/digests/{slug}")
    assert answer.status_code == 404
    assert "Page not found" in see(answer.text).text


async def test_bookmarks_are_paged_by_month_and_none_is_lost(app: App, client: httpx.AsyncClient) -> None:
    with app.db.write() as tx:
        for n in range(120):
            add_bookmark(tx, title=f"No. {n:03}!", added_at=WEDNESDAY - timedelta(hours=24 * n))
        add_bookmark(tx, title="Dropped", dropped_at=WEDNESDAY)
        # half an hour before the first of May in London, where it is summer
        add_bookmark(tx, title="No. 120!", added_at=datetime(2026, 4, 30, 22, 30, tzinfo=UTC))
    path, seen, pages = "/bookmarks", list[str](), 0
    while path:
        page = see((await client.get(path)).text)
        seen += [word for word in page.text.split() if word.endswith("!")]
        path = next((given["href"] for given in page.all("a", rel="next")), "")
        pages += 1
    assert pages == 5  # November and October, September, August, July, April
    assert seen == [f"{n:03}!" for n in range(121)]
    april = see((await client.get("/bookmarks/2026-04")).text)
    assert "Bookmarks of April 2026" in april.text
    assert [given["href"] for given in april.all("a", rel="prev")] == ["/bookmarks/2026-07"]


@pytest.mark.parametrize("month", ["2026-05", "2026-13", "0000-00", "x", "2026-11-01"])
async def test_a_month_without_bookmarks_is_no_page(app: App, client: httpx.AsyncClient, month: str) -> None:
    with app.db.write() as tx:
        add_bookmark(tx)
    assert (await client.get(f"/bookmarks/{month}")).status_code == 404


async def test_a_bookmark_that_was_picked_says_where_and_keeps_its_note_to_the_desk(
    app: App, client: httpx.AsyncClient
) -> None:
    digest = publish(app, SECOND)
    with app.db.write() as tx:
        add_bookmark(tx, title="Not picked", note="Between us: dull.", kind="video", author="Ann", organisation="Ann")
    page = see((await client.get("/bookmarks")).text)
    assert page.links().count(f"/digests/{digest.slug}") == 5
    assert "Not picked Video · Ann" in page.text
    assert "November 2026" in page.text
    assert "Between us" not in page.text


async def test_titles_show_as_text_wherever_they_come(app: App, client: httpx.AsyncClient) -> None:
    publish(app, THIRD, title=ATTACK, intro=ATTACK)
    with app.db.write() as tx:
        add_bookmark(tx, title=ATTACK, author=ATTACK, organisation=ATTACK)
    for path in ("/", "/digests", "/digests/2026-11-20", "/bookmarks"):
        page = see((await client.get(path)).text)
        assert "<script>alert(1)</script>" in page.text, path
        assert "{{7*7}}" in page.text, path
        assert page.all("script") == [], path
        assert not [given for _, given in page.elements if any(name.startswith("on") for name in given)], path
        assert [given["src"] for given in page.all("img")] == ["/static/icon.svg"], path
    for path in FEEDS:
        assert ATTACK not in (await client.get(path)).text, path
    assert escape(ATTACK) != ATTACK


async def test_pages_ask_nothing_of_anybody_else(app: App, client: httpx.AsyncClient) -> None:
    publish(app, THIRD)
    for path in PAGES:
        page = see((await client.get(path)).text)
        fetched = [given["src"] for _, given in page.elements if "src" in given]
        fetched += [given["href"] for given in page.all("link") if given["rel"] in ("stylesheet", "icon")]
        assert fetched, path
        assert all(address.startswith("/static/") for address in fetched), path
        assert page.all("script") + page.all("iframe") + page.all("style") == [], path
        assert not [given for _, given in page.elements if "style" in given], path
        for address in fetched:
            assert (await client.get(address)).status_code == 200, address


async def test_every_link_of_ours_leads_somewhere(app: App, client: httpx.AsyncClient) -> None:
    publish(app, SECOND)
    publish(app, THIRD)
    with app.db.write() as tx:
        for n in range(60):
            add_bookmark(tx, title=f"Page {n}", added_at=WEDNESDAY - timedelta(days=n))
    to_visit, visited = ["/"], set[str]()
    while to_visit:
        path = to_visit.pop()
        if path in visited:
            continue
        visited.add(path)
        answer = await client.get(path)
        assert answer.status_code == 200, path
        if answer.headers["content-type"].startswith("text/html"):
            links = [link.removeprefix(BASE_URL) or "/" for link in see(answer.text).links()]
            to_visit += [link.partition("#")[0] for link in links if link.startswith("/")]
    assert {"/digests/2026-11-13", "/bookmarks", "/feed.atom", "/blogs.opml", "/privacy", "/suggest"} <= visited
    assert "/bookmarks/2026-09" in visited


@pytest.mark.parametrize("path", PAGES)
async def test_every_page_can_be_followed_and_skipped(app: App, client: httpx.AsyncClient, path: str) -> None:
    publish(app, THIRD)
    page = see((await client.get(path)).text)
    feeds = [given["href"] for given in page.all("link", rel="alternate") if given["href"] != "/blogs.opml"]
    assert feeds[-3:] == list(FEEDS)
    assert feeds[:-3] == (list(OF_BOOKMARKS) if path.startswith("/bookmarks") else [])
    assert page.links()[0] == "#main"
    assert len(page.all("main", id="main")) == len(page.all("h1")) == len(page.all("title")) == 1
    assert page.all("html") == [{"lang": "en-GB"}]


@pytest.mark.parametrize(
    ("path", "media_type"), [("/feed.atom", "atom+xml"), ("/feed.rss", "rss+xml"), ("/feed.json", "feed+json")]
)
async def test_a_feed_holds_the_digests_the_newest_first(
    app: App, client: httpx.AsyncClient, path: str, media_type: str
) -> None:
    publish(app, FIRST)
    publish(app, SECOND)
    answer = await client.get(path)
    assert answer.headers["content-type"] == f"application/{media_type}; charset=utf-8"
    if path == "/feed.json":
        links = [item["url"] for item in json.loads(answer.text)["items"]]
    else:
        read = feedparser.parse(answer.content)
        assert not read.bozo
        links = [entry.link for entry in read.entries]
    assert links == [f"{BASE_URL}/digests/2026-11-13", f"{BASE_URL}/digests/2026-11-06"]


@pytest.mark.parametrize("path", [*FEEDS, *OF_BOOKMARKS, "/", "/digests", "/bookmarks", "/static/five.css"])
async def test_who_has_it_already_is_told_so_until_it_changes(app: App, client: httpx.AsyncClient, path: str) -> None:
    publish(app, FIRST)
    first = await client.get(path)
    tag = first.headers["etag"]
    for known in (tag, tag.removeprefix("W/"), f'"other", {tag}', "*"):
        again = await client.get(path, headers={"if-none-match": known})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag), known
    assert (await client.get(path, headers={"if-none-match": '"other"'})).status_code == 200
    publish(app, SECOND)
    changed = (await client.get(path, headers={"if-none-match": tag})).status_code
    assert changed == (304 if path == "/static/five.css" else 200)


@pytest.mark.parametrize("path", [*PAGES, *FOR_MACHINES, "/healthz", "/static/five.css", "/static/icon.svg"])
async def test_head_answers_as_get_without_a_body(app: App, client: httpx.AsyncClient, path: str) -> None:
    publish(app, THIRD)
    got, head = await client.get(path), await client.head(path)
    assert got.status_code == head.status_code == 200
    assert head.content == b""
    assert head.headers == got.headers


@pytest.mark.parametrize("path", OF_BOOKMARKS)
async def test_bookmarks_have_feeds_of_their_own(app: App, client: httpx.AsyncClient, path: str) -> None:
    with app.db.write() as tx:
        add_bookmark(tx, title="Older", added_at=WEDNESDAY - timedelta(days=1))
        add_bookmark(
            tx, title=ATTACK, author="Ann", kind="video", note="Between us.", url="https://example.org/?a=1&b=2"
        )
        add_bookmark(tx, title="Dropped", dropped_at=WEDNESDAY)
    answer = await client.get(path)
    assert "Between us" not in answer.text
    if path.endswith(".json"):
        found = json.loads(answer.text)
        assert found["feed_url"] == f"{BASE_URL}/bookmarks.json"
        links, titles = [item["url"] for item in found["items"]], [item["title"] for item in found["items"]]
        said = found["items"][0]["content_html"]
    else:
        read = feedparser.parse(answer.content, sanitize_html=False)
        assert not read.bozo
        assert read.feed.link == f"{BASE_URL}/bookmarks"
        links, titles = [entry.link for entry in read.entries], [entry.title for entry in read.entries]
        said = read.entries[0].content[0].value if path.endswith("atom") else read.entries[0].summary
    assert links[0] == "https://example.org/?a=1&b=2"
    assert len(titles) == 2
    assert titles[1] == "Older"
    assert "<p>Video · Ann</p>" in said
    assert "<script>" not in said


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
async def test_nothing_can_be_changed_from_here(client: httpx.AsyncClient, method: str) -> None:
    for path in (*READ_ONLY, *FOR_MACHINES, "/healthz", "/static/five.css", "/static/icon.svg"):
        assert (await client.request(method, path)).status_code == 405, path


async def test_reading_changes_nothing(app: App, client: httpx.AsyncClient, clock: StandingClock) -> None:
    publish(app, THIRD)

    def rows() -> list[object]:
        with app.db.read() as tx:
            tables = [row[0] for row in tx.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table'")]
            return [tuple(tx.exec_driver_sql(f'SELECT * FROM "{table}"').all()) for table in tables]

    before = rows()
    clock.advance(hours=1)
    for path in (*PAGES, *FOR_MACHINES, "/healthz", "/nowhere"):
        await client.get(path)
    assert rows() == before
