"""What machines look for, the living list, and the site as files: equal to what is served."""

import xml.etree.ElementTree as ET
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from aggregator.app import App
from aggregator.deliver.publish import LIST, Written, write_site
from aggregator.errors import Refused
from aggregator.feeds.opml import read
from aggregator.web.printing import file_name, printed
from aggregator.web.server import build_app
from tests.rows import WEDNESDAY, add_bookmark, add_entry, follow_a_feed
from tests.web.press import BASE_URL, publish, see

OPML = """<opml version="2.0"><body><outline text="Councils"><outline text="Barset — Nothing yet"
 htmlUrl="https://barset.example.org/"/></outline></body></opml>"""


def fill(app: App) -> None:
    publish(app)
    app.settings.feeds.write_text(OPML, encoding="utf-8")
    with app.db.write() as tx:
        add_bookmark(tx, added_at=WEDNESDAY - timedelta(days=40))
        busy = follow_a_feed(tx, title="Wessex — The Beech", region="England SW")
        add_entry(tx, busy, published_at=WEDNESDAY - timedelta(days=3))
        add_entry(tx, busy, published_at=WEDNESDAY - timedelta(days=30))
        quiet = follow_a_feed(tx, title="Ann Other", kind="Leaders", html_url="https://www.ann.example.org/")
        add_entry(tx, quiet, published_at=datetime(2024, 1, 31, 23, 30, tzinfo=UTC))
        follow_a_feed(tx, title="Loamshire — Gone", status="gone")
        follow_a_feed(tx, title="Removed", status="paused")


async def test_the_sitemap_names_every_page_and_every_page_is_there(app: App, client: httpx.AsyncClient) -> None:
    fill(app)
    root = ET.fromstring((await client.get("/sitemap.xml")).text)
    named = [found.text or "" for found in root.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")]
    assert len(set(named)) == len(named)
    assert {f"{BASE_URL}/digests/2026-11-20", f"{BASE_URL}/bookmarks/2026-10", f"{BASE_URL}/subscribe"} <= set(named)
    for address in named:
        page = await client.get(address)
        assert page.status_code == 200, address
        assert see(page.text).all("link", rel="canonical") == [{"rel": "canonical", "href": address}]
        shown = {given["property"]: given["content"] for given in see(page.text).all("meta") if "property" in given}
        assert shown["og:url"] == address
        assert shown["og:title"]
        assert shown["og:description"]
        assert see(page.text).all("meta", name="robots") == []


async def test_robots_may_read_all_but_what_is_one_readers(client: httpx.AsyncClient) -> None:
    text = (await client.get("/robots.txt")).text
    assert text.splitlines()[0] == "User-agent: *"
    for path in ("confirm", "manage", "unsubscribe"):
        assert f"Disallow: /{path}/" in text.splitlines()
    assert text.endswith(f"\nSitemap: {BASE_URL}/sitemap.xml\n")


async def test_security_txt_says_whom_to_tell_and_until_when(app: App, client: httpx.AsyncClient) -> None:
    answer = await client.get("/.well-known/security.txt")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    fields = dict(line.split(": ", 1) for line in answer.text.splitlines())
    assert fields["Contact"] == "mailto:editor@example.org"
    assert fields["Canonical"] == f"{BASE_URL}/.well-known/security.txt"
    expires = datetime.fromisoformat(fields["Expires"])
    assert timedelta(days=90) < expires - app.clock() < timedelta(days=365)  # RFC 9116, section 2.5.5
    for contact in ("", "http://example.org/contact"):
        other = build_app(replace(app, publication=replace(app.publication, contact=contact)))
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=other), base_url=BASE_URL) as asking:
            assert (await asking.get("/.well-known/security.txt")).status_code == 404


async def test_the_living_list_shows_who_writes_and_how_it_is(app: App, client: httpx.AsyncClient) -> None:
    fill(app)
    page = see((await client.get("/blogs")).text)
    assert "Barset Nothing yet no feed not known Not known" in page.text
    assert "Wessex The Beech England SW · Feed 15 November 2026 Active" in page.text
    assert "Ann Other ann.example.org Feed 31 January 2024 Quiet" in page.text
    assert "Loamshire Gone Feed not known Gone" in page.text
    assert "Removed" not in page.text
    assert page.text.index("Barset") < page.text.index("Loamshire") < page.text.index("Wessex")
    assert page.text.index("Wessex") < page.text.index("Ann Other"), "councils come first"


@pytest.mark.parametrize(
    ("path", "order"),
    [
        ("/blogs/by-last-post", ["Wessex", "Ann Other", "Barset", "Loamshire"]),
        ("/blogs/by-state", ["Wessex", "Ann Other", "Loamshire", "Barset"]),
    ],
)
async def test_it_can_be_sorted(app: App, client: httpx.AsyncClient, path: str, order: list[str]) -> None:
    fill(app)
    page = see((await client.get(path)).text)
    places = [page.text.index(f" {name} ") for name in order]
    assert places == sorted(places)
    assert len(page.all("th", **{"aria-sort": "descending"}) + page.all("th", **{"aria-sort": "other"})) == 1


async def test_a_feeds_file_that_cannot_be_read_costs_only_its_own_rows(app: App, client: httpx.AsyncClient) -> None:
    fill(app)
    app.settings.feeds.write_text("<opml", encoding="utf-8")
    page = see((await client.get("/blogs")).text)
    assert "Wessex" in page.text
    assert "Barset" not in page.text


async def test_it_can_be_taken_along_as_opml(app: App, client: httpx.AsyncClient) -> None:
    fill(app)
    answer = await client.get("/blogs.opml")
    assert answer.headers["content-type"].startswith("text/x-opml")
    assert {listing.title for listing in read(answer.content)} == {
        "Wessex — The Beech",
        "Ann Other",
        "Loamshire — Gone",
    }


async def test_the_site_as_files_is_the_one_that_is_served(app: App, client: httpx.AsyncClient, tmp_path: Path) -> None:
    fill(app)
    served = {"/404.html", *_known_paths((await client.get("/sitemap.xml")).text)}
    served -= {"/subscribe", "/suggest"}
    files = await printed(app)
    for path in served:
        body = (await client.get(path)).content
        assert files["404.html" if path == "/404.html" else file_name(path)] == body, path
    assert {"index.html", "feed.atom", "bookmarks.json", "blogs.opml", "robots.txt"} <= files.keys()
    assert write_site(tmp_path / "out", files) == Written(written=len(files), unchanged=0, removed=0)
    for name, body in files.items():
        assert (tmp_path / "out" / name).read_bytes() == body
    links = [
        address
        for name, body in files.items()
        if name.endswith(".html")
        for _, given in see(body.decode()).elements
        for address in (given.get("href", ""), given.get("src", ""))
        if address.startswith("/")
    ]
    there = {f"/{name}".removesuffix("/index.html") or "/" for name in files}
    wanted = {link.partition("#")[0].partition("?")[0] for link in links}
    assert wanted - there == {"/subscribe", "/suggest"}


async def test_running_it_twice_changes_nothing_and_what_is_no_more_goes(app: App, tmp_path: Path) -> None:
    fill(app)
    folder = tmp_path / "out"
    write_site(folder, await printed(app))
    before = {file: file.stat().st_mtime_ns for file in folder.rglob("*")}
    again = write_site(folder, await printed(app))
    assert (again.written, again.removed) == (0, 0)
    assert {file: file.stat().st_mtime_ns for file in folder.rglob("*")} == before
    (folder / "CNAME").write_text("five.example.org")
    (october,) = (held for held in app.desk.public_bookmarks() if held.added_at.month == 10)
    app.desk.drop(october.id)
    assert write_site(folder, await printed(app)).removed == 1
    assert not (folder / "bookmarks" / "2026-10").exists()
    assert (folder / "CNAME").read_text() == "five.example.org"


def test_files_of_others_are_neither_changed_nor_removed(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("mine")
    with pytest.raises(Refused, match=r"index\.html is there, and is not ours"):
        write_site(tmp_path, {"index.html": b"ours", "a.html": b"ours"})
    assert sorted(file.name for file in tmp_path.iterdir()) == ["index.html"]
    (tmp_path / "outside.txt").write_text("stays")
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / LIST).write_text("../outside.txt\n/etc/hostname\n")
    write_site(tmp_path / "site", {"index.html": b"ours"})
    assert (tmp_path / "outside.txt").exists()


def test_a_run_that_was_stopped_is_made_good_by_the_next(tmp_path: Path) -> None:
    files = {"a.html": b"a", "b/index.html": b"b"}
    (tmp_path / LIST).write_text("a.html\nb/index.html\nold.html\n")  # as a run leaves it that is stopped
    (tmp_path / "a.html").write_bytes(b"half")
    (tmp_path / "old.html").write_bytes(b"old")
    assert write_site(tmp_path, files) == Written(written=2, unchanged=0, removed=1)
    assert (tmp_path / "a.html").read_bytes() == b"a"


def test_a_folder_that_cannot_be_made_is_explained(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(Refused, match="cannot be written"):
        write_site(tmp_path / "file" / "out", {"index.html": b"x"})


def _known_paths(sitemap: str) -> list[str]:
    found = ET.fromstring(sitemap).iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")
    return [(entry.text or "").removeprefix(BASE_URL) for entry in found]
