"""The feeds page: how each is doing, what it brings, and what a maintainer can do about it."""

import re
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from aggregator.app import App, open_app
from aggregator.demo.server import FeedServer
from aggregator.feeds import opml
from aggregator.locks import hold
from aggregator.model import FeedStatus
from aggregator.settings import Settings
from aggregator.web import charts
from aggregator.web.server import build_app
from tests.conftest import StandingClock
from tests.rows import WEDNESDAY, add_entry, follow_a_feed
from tests.web.blogs import NAMES, follow_all, write_file
from tests.web.doors import enter
from tests.web.press import BASE_URL, Seen, see

BAD = '"><img src=x onerror=alert(1)>'
RSS = (
    "<rss version='2.0'><channel><title>Notes</title><link>{link}</link><description/><item><title>One</title>"
    "<guid>1</guid><pubDate>Tue, 17 Nov 2026 09:00:00 GMT</pubDate></item></channel></rss>"
)


class Desk:
    """A maintainer at the feeds page, and blogs on loopback."""

    def __init__(self, app: App, client: httpx.AsyncClient) -> None:
        self.app = app
        self.client = client
        self.token = enter(app, client).session.csrf_token

    async def read(self, path: str = "", *, status: int = 200) -> Seen:
        """A page below /desk/feeds."""
        answer = await self.client.get(f"/desk/feeds{path}")
        assert answer.status_code == status, answer.text
        return see(answer.text)

    async def send(self, path: str = "", *, files: object = None, **sent: str | list[str]) -> httpx.Response:
        """A form, and where it leads."""
        given = {name.rstrip("_"): value for name, value in sent.items()}
        return await self.client.post(f"/desk/feeds{path}", data={"csrf": self.token, **given}, files=files)  # type: ignore[arg-type]

    async def follow(self, answer: httpx.Response) -> str:
        """The words of the page that an answer leads to."""
        assert answer.status_code == 303, answer.text
        return see((await self.client.get(answer.headers["location"])).text).text


@pytest.fixture
async def desk(tmp_path: Path, clock: StandingClock, empty: Path) -> AsyncIterator[Desk]:
    shutil.copy(empty, tmp_path / "five.sqlite")
    settings = Settings(
        data=tmp_path,
        feeds=tmp_path / "feeds.opml",
        base_url=BASE_URL,
        allow_networks="127.0.0.0/8",
        host_gap=0,
        parse_workers=1,
    )
    async with open_app(settings, clock=clock) as app:
        transport = httpx.ASGITransport(app=build_app(app), raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url=BASE_URL) as client:
            yield Desk(app, client)


# --------------------------------------------------------------------------------------------------- looking


async def test_an_empty_page_says_what_to_do_next(desk: Desk) -> None:
    page = await desk.read()
    assert "No feeds are followed yet. Add a blog by its address, or upload a list" in page.text
    assert {"/desk/feeds/add", "/desk/feeds/upload"} <= set(page.links())


async def test_each_feed_says_how_it_is_doing_and_what_it_brings(desk: Desk) -> None:
    follow_all(desk.app)
    page = await desk.read()
    for said in (
        *NAMES.values(),
        "The server answers with 500. Ask the site's owner to mend it. 4 times in a row.",
        "It names feeds of its own (https://felpersham.example/posts/feed)",
        "It is gone for good (410).",
        "It answers from a new address: https://new.penny.example/feed.",
        "Nothing new for a year.",
        "in 5 hours posts about every two days",
        "last success: an hour ago",
        "last success: never",
        "none, it is paused",
        "22 a month no picks in a year",
        "none in half a year",
    ):
        assert said in page.text, said
    assert "five feeds" not in page.text, "a page names no commands"
    lines = page.all("svg", **{"class": "line"})
    assert "Entries a week for half a year: up to 10, 10 last week" in [line["aria-label"] for line in lines]


async def test_the_charts_have_their_tables_behind_them(desk: Desk) -> None:
    ids = follow_all(desk.app)
    for path in ("", f"/{ids['busy']}"):
        answer = (await desk.client.get(f"/desk/feeds{path}")).text
        drawn = [int(height) for height in re.findall(r'<rect [^>]*height="(\d+)"', answer)]
        table = re.search(r'<table class="numbers">.*?</table>', answer, re.DOTALL)
        assert table
        numbers = [int(number) for number in re.findall(r"<td>(\d+)</td>", table[0])][::-1]
        assert drawn == [bar.height for bar in charts.bars(numbers)]
        assert len(numbers) == 26
        assert "16 November 2026, so far" in see(table[0]).text


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("state=need", ["failing", "page", "gone", "moved"]),
        ("state=quiet", ["quiet"]),
        ("kind=Leaders", ["quiet"]),
        ("q=WALES", ["well"]),
        ("q=digital&state=failing", ["failing", "page"]),
        ("q=nothing+like+it", []),
        ("sort=activity&state=well", ["busy", "well"]),
        ("sort=title&state=need", ["failing", "page", "gone", "moved"]),
        ("state=nonsense&sort=nonsense&start=nonsense&kind=", list(NAMES)),
        ("start=99999999999999999999&state=quiet", ["quiet"]),
    ],
)
async def test_feeds_are_searched_filtered_and_sorted(desk: Desk, query: str, found: list[str]) -> None:
    follow_all(desk.app)
    page = (await desk.client.get(f"/desk/feeds?{query}")).text
    shown = re.findall(r"<a data-focus[^>]*>(.*?)</a>", page)
    expected = [NAMES[key] for key in found]
    in_order = "sort=nonsense" not in query and "sort" in query
    assert (shown if in_order else sorted(shown)) == (expected if in_order else sorted(expected))
    if not found:
        assert "No feed is like that. Show all" in see(page).text


async def test_more_feeds_than_one_page_holds_lead_on(desk: Desk) -> None:
    with desk.app.db.write() as tx:
        for number in range(45):
            follow_a_feed(tx, title=f"Blog {number:02}")
    first = await desk.read("?sort=title&q=blog")
    assert "45 feeds, here 1 to 40." in first.text
    (onward,) = [link for link in first.links() if "start=40" in link]
    assert "sort=title" in onward
    second = await desk.read(onward)
    assert "here 41 to 45" in second.text
    assert "Blog 44" in second.text
    assert "?q=blog&sort=title" in second.links()


async def test_markup_in_a_feed_is_text(desk: Desk) -> None:
    with desk.app.db.write() as tx:
        given = {"title": BAD, "kind": BAD, "region": BAD, "failure_message": BAD, "next_poll_reason": BAD}
        feed = follow_a_feed(tx, **given, failures=1, xml_url="javascript:alert(1)", html_url="javascript:alert(1)")
    for path in ("", f"/{feed}", "?q=" + BAD.replace('"', "%22"), "/edits"):
        page = await desk.read(path)
        assert page.all("img", src="x") == []
        assert not [link for link in page.links() if link.startswith("javascript")]
        assert BAD in page.text or path == "/edits"


# ----------------------------------------------------------------------------------------------------- doing


async def test_poll_now_brings_what_is_new(desk: Desk, server: FeedServer) -> None:
    server.says("/feed", RSS.format(link=server.url("/")), etag='"1"')
    with desk.app.db.write() as tx:
        feed = follow_a_feed(tx, xml_url=server.url("/feed"))
    assert "had something new" in await desk.follow(await desk.send(f"/{feed}", do="poll"))
    assert "had nothing new" in await desk.follow(await desk.send(f"/{feed}", do="poll"))
    server.fails("/feed", 500)
    page = await desk.follow(await desk.send(f"/{feed}", do="poll"))
    assert "that failed; below is why" in page
    assert "500" in page
    server.fails("/feed", 503, headers={"Retry-After": "3600"})
    await desk.send(f"/{feed}", do="poll")
    asked = len(server.requests)
    assert "asked to be left alone" in await desk.follow(await desk.send(f"/{feed}", do="poll"))
    assert len(server.requests) == asked


async def test_while_the_timetable_polls_a_feed_waits_for_the_next_look(desk: Desk, clock: StandingClock) -> None:
    with desk.app.db.write() as tx:
        feed = follow_a_feed(tx)
    with hold(desk.app.settings.data / "poll.lock") as held:
        assert held
        assert "taken within a minute" in await desk.follow(await desk.send(f"/{feed}", do="poll"))
    found = desk.app.follow.feed(str(feed))
    assert (found.next_poll_at, found.next_poll_reason) == (clock(), "somebody asked for it")


async def test_a_feed_is_paused_and_followed_again(desk: Desk) -> None:
    ids = follow_all(desk.app)
    page = await desk.follow(await desk.send(f"/{ids['well']}", do="pause"))
    assert "It is paused." in page
    assert "Follow again" in page
    assert NAMES["well"] not in [one.title for one in opml.read(desk.app.settings.feeds.read_bytes())]
    assert "followed again" in await desk.follow(await desk.send(f"/{ids['well']}", do="resume"))
    assert desk.app.follow.feed(str(ids["well"])).status is FeedStatus.ACTIVE


async def test_what_cannot_be_done_is_said_in_place(desk: Desk) -> None:
    ids = follow_all(desk.app)
    desk.app.settings.feeds.write_text("<opml>", encoding="utf-8")
    for do, said in (("pause", "not well-formed"), ("resume", "not well-formed"), ("dance", "can be done here")):
        answer = await desk.send(f"/{ids['well']}", do=do)
        assert answer.status_code == 409
        page = see(answer.text)
        assert said in page.text
        assert f"<h1>{NAMES['well']}</h1>" in answer.text
    for wanted in ("/99", f"/{10**30}"):
        assert "Look for it among the feeds" in (await desk.read(wanted, status=404)).text
        for do in ("poll", "pause", "resume"):
            gone = await desk.send(wanted, do=do)
            assert gone.status_code == 404, do
            assert "Traceback" not in gone.text


# ---------------------------------------------------------------------------------------------------- adding


async def test_a_blog_is_found_chosen_and_followed(desk: Desk, server: FeedServer) -> None:
    links = "".join(
        f'<link rel="alternate" type="application/rss+xml" title="{name}" href="/{name}.xml">' for name in "ab"
    )
    server.says("/", f"<html><head><title>A blog</title>{links}</head></html>", content_type="text/html")
    for name in "ab":
        server.says(f"/{name}.xml", RSS.format(link=server.url("/")).replace("Notes", f"Notes {name}"))
    found = await desk.send("/add", address=server.url("/"), do="find")
    page = see(found.text)
    assert "Several feeds were found: choose one" in page.text
    assert [one["value"] for one in page.all("input", name="feed")] == [server.url("/a.xml"), server.url("/b.xml")]
    assert not desk.app.follow.feeds(), "nothing is followed before somebody has seen it"
    fields = {one["name"]: one["value"] for one in page.all("input") if "name" in one and one["name"] != "feed"}
    wrong = await desk.send("/add", **fields | {"feed": server.url("/b.xml"), "do": "follow", "title": "Ours"})
    assert wrong.status_code == 400
    assert "Choose what kind of blog it is" in wrong.text
    assert see(wrong.text).all("input", id="title")[0]["value"] == "Ours"
    sent = {"feed": server.url("/b.xml"), "do": "follow", "title": "Ours", "kind": "Councils", "region": "Wales"}
    assert "It is in the feeds file now" in await desk.follow(await desk.send("/add", **fields | sent))
    (listing,) = opml.read(desk.app.settings.feeds.read_bytes())
    assert (listing.title, listing.xml_url, listing.kind, listing.region) == (
        "Ours",
        server.url("/b.xml"),
        "Councils",
        "Wales",
    )
    again = await desk.send("/add", **fields | sent)
    assert again.status_code == 409
    assert "is listed already" in again.text


async def test_what_leads_to_no_feed_is_said_beside_what_was_typed(desk: Desk, server: FeedServer) -> None:
    server.says("/", "<html><title>No feed</title></html>", content_type="text/html")
    server.drops("/drops")
    server.says("/huge", "x" * 11_000_000, content_type="text/html")
    server.says("/pdf", b"%PDF-1.7", content_type="application/pdf")
    for address, said in (
        ("", "Enter the blog"),
        ("   ", "Enter the blog"),
        ("javascript:alert(1)", "is no address of a page"),
        ("http://10.0.0.1/", "public addresses only"),
        (f"http://user:hunter2@{server.url('/').removeprefix('http://')}", "is no address"),
        (server.url("/"), "No feed was found"),
        (server.url("/missing"), "404"),
        (server.url("/drops"), "127.0.0.1"),
        (server.url("/huge"), "larger than"),
        (server.url("/pdf"), "No feed was found"),
        (BAD, "is no address of a page"),
    ):
        answer = await desk.send("/add", address=address, do="find", title=BAD)
        assert answer.status_code in (400, 422), address
        page = see(answer.text)
        assert said in page.text, address
        assert page.all("input", id="address")[0]["value"] == address.strip()
        assert page.all("input", name="title")[0]["value"] == BAD
        assert page.all("img", src="x") == []
    assert not desk.app.settings.feeds.exists()


async def test_an_address_in_the_query_fills_in_the_form_and_does_nothing(desk: Desk, server: FeedServer) -> None:
    page = await desk.read(f"/add?address={server.url('/')}&title=A+blog&do=find")
    assert page.all("input", id="address")[0]["value"] == server.url("/")
    assert server.requests == []


@pytest.mark.parametrize("url", ["javascript:alert(1)", "file:///etc/passwd", "https://u:p@a.example/", ""])
async def test_only_an_address_of_the_web_is_followed(desk: Desk, url: str) -> None:
    sent = {"do": "follow", "feed": url, "url-1": url, "title": "x", "kind": "Councils", "page-1": url}
    answer = await desk.send("/add", **sent)
    assert answer.status_code == 400
    assert "Choose a feed" in answer.text or "Error" in answer.text
    assert not desk.app.follow.feeds()


# ---------------------------------------------------------------------------------------------------- edits


async def test_edits_are_shown_as_a_difference_downloaded_and_applied(desk: Desk) -> None:
    ids = follow_all(desk.app)
    page = await desk.client.get("/desk/feeds/edits")
    seen = see(page.text)
    offered = f"{ids['page']}.1"
    chosen = [one["value"] for one in seen.all("input", type="checkbox") if "checked" in one]
    assert chosen == [str(ids["gone"]), str(ids["moved"])], "a feed that was found is for a person to choose"
    assert "put in: <outline" in seen.text
    assert 'xmlUrl="https://new.penny.example/feed"' in seen.text
    (link,) = [link for link in seen.links() if "edits.patch" in link]
    patch = await desk.client.get(link)
    assert patch.headers["content-disposition"] == 'attachment; filename="feeds.patch"'
    assert patch.text.startswith("--- a/feeds.opml\n+++ b/feeds.opml\n@@ ")
    one = see((await desk.client.get(f"/desk/feeds/edits?edit={offered}")).text)
    assert 'xmlUrl="https://felpersham.example/posts/feed"' in one.text
    assert 'xmlUrl="https://new.penny.example/feed"' not in one.text
    done = await desk.follow(await desk.send("/edits", edit=[offered, str(ids["moved"])]))
    assert "The feeds file is changed" in done
    listed = {listing.title: listing.xml_url for listing in opml.read(desk.app.settings.feeds.read_bytes())}
    assert listed[NAMES["page"]] == "https://felpersham.example/posts/feed"
    assert listed[NAMES["moved"]] == "https://new.penny.example/feed"
    assert desk.app.follow.feed(str(ids["moved"])).xml_url == "https://new.penny.example/feed"


async def test_edits_that_cannot_be_made_change_nothing(desk: Desk) -> None:
    assert "There is nothing to change" in (await desk.read("/edits")).text
    follow_all(desk.app)
    before = desk.app.settings.feeds.read_bytes()
    for edit, said in (([], "Choose at least one edit"), (["99"], "No change 99"), ([BAD], "No change")):
        answer = await desk.send("/edits", edit=edit)
        assert answer.status_code in (400, 409)
        assert said in see(answer.text).text
        assert see(answer.text).all("img", src="x") == []
    assert "No change 99 is proposed." in (await desk.read("/edits?edit=99", status=409)).text
    assert (await desk.client.get("/desk/feeds/edits.patch?edit=99")).status_code == 404
    assert desk.app.settings.feeds.read_bytes() == before
    desk.app.settings.feeds.unlink()
    page = await desk.read("/edits", status=409)
    assert "is not there" in page.text
    assert NAMES["moved"] in page.text, "the edits are shown all the same"


# ---------------------------------------------------------------------------------------------------- lists


def a_list(*names: str) -> bytes:
    outlines = "".join(f'<outline text="{n}" type="rss" xmlUrl="https://{n}.example/feed"/>' for n in names)
    return f'<opml version="2.0"><body><outline text="Councils">{outlines}</outline></body></opml>'.encode()


async def test_a_list_is_looked_through_and_then_taken_over(desk: Desk) -> None:
    follow_all(desk.app)
    sent = await desk.send("/upload", way="add", files={"file": ("mine.opml", a_list("ada", "bob"))})
    where = sent.headers["location"]
    page = see((await desk.client.get(where)).text)
    assert "Newly followed 2" in page.text
    assert "Paused" not in page.text
    other = see((await desk.client.get(where.replace("way=add", "way=replace"))).text)
    assert "Paused 8" in other.text
    fields = {one["name"]: one["value"] for one in page.all("input", type="hidden") if one["name"] != "csrf"}
    stale = await desk.send("/import", **fields | {"mark": "old"})
    assert stale.status_code == 409
    assert "not the same any more" in see(stale.text).text
    assert "Done. What is new is polled within a minute." in await desk.follow(await desk.send("/import", **fields))
    assert {"ada", "bob", NAMES["well"]} <= {feed.title for feed in desk.app.follow.feeds()}
    again = await desk.send("/import", **fields)
    assert again.status_code == 404
    assert "Choose the file once more" in again.text


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "It is empty"),
        (b"hello", "not well-formed"),
        (b"%PDF-1.7\x00", "cannot be taken"),
        (b"<html><body>a page</body></html>", "It is not OPML"),
        (b'<!DOCTYPE x [<!ENTITY a "&b;">]><opml/>', "declares a document type"),
        (b"<opml>" + b" " * 5_000_001 + b"</opml>", "larger than 5 MB"),
        ('<?xml version="1.0" encoding="UTF-16"?><opml/>'.encode("utf-16"), "cannot be taken"),
    ],
)
async def test_what_is_no_list_is_said_beside_the_field(desk: Desk, content: bytes, said: str) -> None:
    answer = await desk.send("/upload", way="replace", files={"file": (f"{BAD}.opml", content)})
    assert answer.status_code == 422
    page = see(answer.text)
    assert said in page.text
    assert page.all("img", src="x") == []
    assert "checked" in page.all("input", id="way-replace")[0]


async def test_no_file_and_a_far_too_large_one_are_pages(desk: Desk) -> None:
    for files in (None, {"file": ("", b"")}):
        answer = await desk.send("/upload", way="add", file="text", files=files)
        assert answer.status_code == 400
        assert "Choose an OPML file" in answer.text
    huge = await desk.send("/upload", files={"file": ("a.opml", b"x" * 5_200_000)})
    assert huge.status_code == 413
    assert "That was too much" in huge.text


async def test_what_is_followed_can_be_taken_away(desk: Desk) -> None:
    follow_all(desk.app)
    answer = await desk.client.get("/desk/feeds/export.opml")
    assert answer.headers["content-disposition"] == 'attachment; filename="feeds.opml"'
    assert answer.headers["cache-control"] == "no-store"
    titles = {listing.title for listing in opml.read(answer.content)}
    assert titles == set(NAMES.values()) - {NAMES["paused"]}


# --------------------------------------------------------------------------------------------------- pictures


@pytest.mark.parametrize(
    ("numbers", "points"),
    [([0, 2, 4], "0,24 4,12 8,0"), ([0, 0], "0,24 4,24"), ([], ""), ([10**9], "0,0")],
)
def test_a_line_goes_through_its_numbers(numbers: list[int], points: str) -> None:
    assert charts.line(numbers) == points


def test_a_bar_of_something_shows_and_one_of_nothing_does_not() -> None:
    assert [bar.height for bar in charts.bars([0, 1, 1000])] == [0, 2, charts.BARS_HEIGHT]
    assert [bar.x for bar in charts.bars([1, 1])] == [0, charts.BAR + charts.GAP]


async def test_pages_stay_small_with_the_longest_titles(desk: Desk) -> None:
    with desk.app.db.write() as tx:
        for _ in range(60):
            follow_a_feed(tx, title="w" * 120, failures=3, failure_message="The server said no. " * 8)
    write_file(desk.app)
    assert len((await desk.client.get("/desk/feeds")).content) < 100_000


async def test_the_timetable_counts_what_the_charts_show(desk: Desk) -> None:
    with desk.app.db.write() as tx:
        add_entry(tx, follow_a_feed(tx), published_at=WEDNESDAY)
    desk.app.chores["Counting"](lambda: False)
    assert "at most 1 in a week" in (await desk.read()).text
