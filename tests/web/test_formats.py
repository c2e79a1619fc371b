"""Themed lists, link posts and corrections on the pages for readers; and, on the desk, what waits for a person."""

from dataclasses import replace
from datetime import date, timedelta

import httpx

from aggregator.app import App
from aggregator.doctor import examine
from aggregator.web.public import DIGESTS_EVER
from tests.conftest import StandingClock
from tests.rows import add_bookmark
from tests.web.doors import enter
from tests.web.press import publish, see

FRIDAY = date(2026, 11, 13)


def add_two_formats(app: App) -> tuple[str, str]:
    """A themed list and a link post, out; their slugs."""
    with app.db.write() as tx:
        three = [add_bookmark(tx, title=f"Talk {n}", author=f"Speaker {n}", kind="video") for n in (1, 2, 3)]
        one = add_bookmark(tx, title="Counting benches", url="https://benches.example.org/")
    listed = app.editor.draft(format="themed", title="5 talks to watch", bookmark_ids=three)
    return app.editor.publish(listed.slug).slug, app.editor.publish(app.editor.link(one).slug).slug


async def test_they_have_pages_and_stand_in_archive_feeds_and_sitemap(app: App, client: httpx.AsyncClient) -> None:
    publish(app, FRIDAY)
    slugs = add_two_formats(app)
    assert slugs == ("talks-to-watch", "counting-benches")
    for path in ("/digests", "/feed.atom", "/feed.rss", "/feed.json", "/sitemap.xml"):
        text = (await client.get(path)).text
        assert all(f"/digests/{slug}" in text for slug in slugs), path
    listed = see((await client.get("/digests/talks-to-watch")).text)
    assert "3 talks to watch" in listed.text
    assert "1. Talk 1 – Speaker 1" in listed.text
    linked = see((await client.get("/digests/counting-benches")).text)
    assert 'LINK: "Counting benches"' in linked.text
    assert "Original: https://benches.example.org/" in linked.text
    assert len(app.editor.published(DIGESTS_EVER)) == 3


async def test_home_shows_the_latest_edition(app: App, client: httpx.AsyncClient) -> None:
    publish(app, FRIDAY)
    add_two_formats(app)
    page = see((await client.get("/")).text)
    assert "Five for Friday (13/11/2026)" in page.text
    assert "talks to watch" not in page.text


async def test_a_correction_shows_and_changes_page_and_feeds(
    app: App, client: httpx.AsyncClient, clock: StandingClock
) -> None:
    done = publish(app, FRIDAY)
    address = f"/digests/{done.slug}"
    tags = {path: (await client.get(path)).headers["etag"] for path in (address, "/feed.atom")}
    clock.advance(days=1)
    app.editor.correct(done.slug, replace(done, intro="Put right."), "The *intro* was wrong.")
    page = see((await client.get(address)).text)
    assert "Put right." in page.text
    assert "Corrected on 19 November 2026 The intro was wrong." in page.text
    for path, tag in tags.items():
        assert (await client.get(path, headers={"If-None-Match": tag})).status_code == 200
    assert "2026-11-19T10:00:00" in (await client.get("/sitemap.xml")).text


async def test_the_overview_says_when_a_digest_comes_out_and_that_one_did_not(
    app: App, client: httpx.AsyncClient, clock: StandingClock
) -> None:
    with app.db.write() as tx:
        picked = add_bookmark(tx)
    app.editor.draft(format="themed", title="Others", bookmark_ids=[picked])
    draft = app.editor.draft(bookmark_ids=[picked])
    app.editor.schedule(draft.slug)
    enter(app, client)
    page = see((await client.get("/desk")).text).text
    assert "Comes out on 20 November 2026, 12:00" in page
    assert "did not come out" not in page
    clock.advance(days=4)
    enter(app, client)
    page = see((await client.get("/desk")).text).text
    assert f"{draft.title} did not come out. Its time passed more than a day ago" in page
    assert [found.health for found in examine(app) if found.about == "digest"] == ["ill"]
    app.chores["Publishing"](lambda: False)
    assert app.editor.published() == ()
    app.editor.schedule(draft.slug, clock() + timedelta(minutes=1))
    clock.advance(minutes=1)
    app.chores["Publishing"](lambda: False)
    assert [one.slug for one in app.editor.published()] == [draft.slug]
