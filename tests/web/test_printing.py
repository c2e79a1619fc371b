"""The site as files holds what is public, as it is served, and nothing else."""

from dataclasses import replace
from datetime import timedelta

import httpx

from aggregator.app import App
from aggregator.web.printing import file_name, printed
from tests.builders import FRIDAY
from tests.conftest import StandingClock
from tests.rows import add_bookmark, add_entry, follow_a_feed
from tests.web.press import publish, see

SECRET = "Not for readers"


async def test_what_is_not_public_is_in_no_file(app: App, clock: StandingClock) -> None:
    publish(app, FRIDAY - timedelta(weeks=1))
    before = await printed(app)
    with app.db.write() as tx:
        private = add_bookmark(tx, title=f"{SECRET}: a bookmark", is_public=False, url="https://secret.example/1")
        add_bookmark(tx, title=f"{SECRET}: dropped", dropped_at=clock(), url="https://secret.example/2")
        old = add_bookmark(
            tx, title=f"{SECRET}: of a month of its own", is_public=False, added_at=clock() - timedelta(40)
        )
        add_entry(tx, follow_a_feed(tx, status="paused", title=f"{SECRET}: a feed"), title=f"{SECRET}: an entry")
    app.editor.draft(format="themed", title=f"{SECRET}: a draft", bookmark_ids=[private])
    app.editor.link(old)
    draft = app.editor.draft(FRIDAY, bookmark_ids=[private])
    draft = app.editor.replace(replace(draft, intro=SECRET), expected_revision=draft.revision)
    app.editor.schedule(draft.slug)
    app.subscribers.bring_in("reader@example.org", basis="paper forms, March 2026")
    files = await printed(app)
    assert files.keys() == before.keys()
    for name, body in files.items():
        for word in (SECRET, "secret.example", str(FRIDAY), "reader@example.org"):
            assert word.encode() not in body, (name, word)

    clock.now = app.calendar.publish_at(FRIDAY)
    app.chores["Publishing"](lambda: False)
    files = await printed(app)
    assert SECRET.encode() in files[f"digests/{FRIDAY}/index.html"], "and once it is out, it is"
    assert all(SECRET.encode() not in body for name, body in files.items() if "bookmarks" in name)


async def test_lists_link_posts_and_corrections_are_printed_as_they_are_served(
    app: App, client: httpx.AsyncClient
) -> None:
    edition = publish(app, FRIDAY - timedelta(weeks=1))
    with app.db.write() as tx:
        talks = [add_bookmark(tx, title=f"Talk {n}", author=f"Speaker {n}", kind="video") for n in (1, 2)]
        benches = add_bookmark(tx, title="Counting benches")
    themed = app.editor.publish(app.editor.draft(format="themed", title="2 talks", bookmark_ids=talks).slug)
    linked = app.editor.publish(app.editor.link(benches).slug)
    app.editor.correct(edition.slug, replace(edition, intro="Put right."), "The intro was wrong.")
    files = await printed(app)
    for digest, words in ((themed, "2. Talk 2"), (linked, "LINK:"), (edition, "The intro was wrong.")):
        path = f"/digests/{digest.slug}"
        served = (await client.get(path)).content
        assert files[file_name(path)] == served
        assert words in see(served.decode()).text
    for path in ("/", "/digests", "/feed.atom", "/feed.rss", "/feed.json", "/sitemap.xml"):
        assert files[file_name(path)] == (await client.get(path)).content, path
        assert path == "/" or all(one.slug.encode() in files[file_name(path)] for one in (themed, linked, edition))
