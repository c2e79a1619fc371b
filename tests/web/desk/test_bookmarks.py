"""The shortlist and all bookmarks: what is shown of each, and what curators and editors can do with it."""

import json
import re
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import update

from aggregator.app import App
from aggregator.errors import NotFound
from aggregator.model import Kind, Role
from aggregator.store.schema import bookmarks, picks
from tests.builders import FRIDAY
from tests.rows import WEDNESDAY, add_bookmark, add_digest
from tests.web.desk.test_feeds import BAD
from tests.web.doors import enter
from tests.web.press import publish, see
from tests.web.shelf import NOTE, bookmark_all

LAST_FRIDAY = FRIDAY - timedelta(weeks=1)
NEXT_FRIDAY = FRIDAY + timedelta(weeks=1)


class Desk:
    """Somebody at the desk, with an empty shortlist."""

    def __init__(self, app: App, client: httpx.AsyncClient, role: Role = Role.CURATOR) -> None:
        self.app = app
        self.client = client
        self.token = enter(app, client, role).session.csrf_token

    async def words(self, path: str = "/desk/shortlist", *, status: int = 200) -> str:
        page = await self.client.get(path)
        assert page.status_code == status, page.text
        return see(page.text).text

    async def press(self, bookmark: int | str, do: str, **more: str) -> httpx.Response:
        sent = {"csrf": self.token, "list": "shortlist", "do": do, **more}
        return await self.client.post(f"/desk/bookmarks/{bookmark}", data=sent)

    async def press_with_scripts(self, bookmark: int, do: str, **more: str) -> httpx.Response:
        sent = {"csrf": self.token, "do": do, **more}
        return await self.client.post(f"/desk/bookmarks/{bookmark}", data=sent, headers={"hx-request": "true"})


@pytest.fixture
def desk(app: App, client: httpx.AsyncClient) -> Desk:
    return Desk(app, client)


# ------------------------------------------------------------------------------------------------- the shortlist


async def test_the_shortlist_tells_what_a_curator_wants_to_know(desk: Desk) -> None:
    bookmark_all(desk.app)
    page = await desk.words()
    for said in (
        "Shortlist for Friday 20 November 2026",
        "5 bookmarks",
        "Ayesha Khan · Borsetshire Digital · published 2 days ago",
        "shortlisted an hour ago by colleague@example.org",
        " ".join(NOTE.split()),
        "Changed at its source since",
        "Picked before from Borsetshire Digital: “Old” (16 October 2026)",
        "Job · Felpersham City Council",
        "more than two weeks old",
        "Private",
        "No note yet.",
        "in Welsh",
        "Its page is being read",
    ):
        assert said in page, said
    assert "Left over" not in page
    assert "Dropped" not in page
    assert "Left over" in await desk.words(f"/desk/shortlist?friday={LAST_FRIDAY}")


async def test_an_empty_shortlist_says_what_to_do_next(desk: Desk) -> None:
    page = await desk.words()
    assert "Nothing is shortlisted for this Friday yet" in page
    assert "add a page from anywhere on the web" in page
    assert "Nothing is left on this shortlist" in await desk.words(f"/desk/shortlist?friday={LAST_FRIDAY}")
    for odd in ("x", "0001-01-01", "9999-12-31", "2026-02-30", BAD):
        page = await desk.words(f"/desk/shortlist?friday={odd}&after={odd}&undo={odd}")
        assert "Shortlist for Friday 20 November 2026" in page


async def test_a_long_shortlist_goes_over_several_pages(desk: Desk) -> None:
    with desk.app.db.write() as tx:
        old = [add_bookmark(tx, friday=LAST_FRIDAY, title="Old", organisation="Borsetshire") for _ in range(5)]
        add_digest(tx, *old, friday=LAST_FRIDAY, status="published", number=1)
        tx.execute(update(picks).values(organisation="Borsetshire"))
        for number in range(130):
            add_bookmark(tx, title=f"Title {number}.", note="Word " * 500, organisation="Borsetshire")
    path, seen = "/desk/shortlist", []
    while path:
        page = await desk.client.get(path)
        assert len(page.content) < 100_000
        seen += re.findall(r"data-focus[^>]*>Title (\d+)\.", page.text)
        (path,) = [link for link in see(page.text).links() if "after=" in link] or [""]
    assert [int(number) for number in seen] == list(range(130))


async def test_dropping_and_putting_back(desk: Desk) -> None:
    with desk.app.db.write() as tx:
        held = add_bookmark(tx, title="Bins")
    answer = await desk.press(held, "drop")
    assert answer.headers["location"] == f"/desk/shortlist?undo={held}&done=bookmark-drop#bookmark-{held}"
    page = await desk.words(answer.headers["location"])
    assert "Dropped. It is off the shortlist" in page
    assert "Put it on this week’s shortlist again “Bins”" in page
    assert desk.app.desk.week() == ()
    assert (await desk.press(held, "bring")).headers["location"].startswith("/desk/shortlist?done=bookmark-bring")
    assert [one.id for one in desk.app.desk.week()] == [held]


async def test_carrying_over_to_next_week(desk: Desk) -> None:
    with desk.app.db.write() as tx:
        held = add_bookmark(tx, title="Bins")
    await desk.press(held, "carry")
    assert desk.app.desk.bookmark(held).friday == NEXT_FRIDAY
    page = await desk.words(f"/desk/shortlist?friday={NEXT_FRIDAY}")
    assert "Put on this week’s shortlist “Bins”" in page
    back = await desk.press(held, "bring", week=NEXT_FRIDAY.isoformat())
    assert f"friday={NEXT_FRIDAY}" in back.headers["location"], "to the list where it was pressed"


async def test_with_scripts_the_line_is_put_in_place_and_what_happened_is_said(desk: Desk) -> None:
    with desk.app.db.write() as tx:
        held = add_bookmark(tx, title="Bins")

    async def done(do: str, **place: str) -> tuple[bool, str]:
        line = await desk.press_with_scripts(held, do, **place)
        assert "<html" not in line.text
        (shown,) = see(line.text).all("li", id=f"bookmark-{held}")
        heard = json.loads(line.headers["hx-trigger-after-swap"])["desk:done"]["say"]
        is_settled = shown["class"] == "bookmark settled"
        assert ("data-undo" in line.text) is is_settled
        return is_settled, heard

    this, next_week = ({"list": "shortlist", "week": day.isoformat()} for day in (FRIDAY, NEXT_FRIDAY))
    assert await done("drop", **this) == (True, "Dropped: Bins")
    assert await done("bring", **this) == (False, "On this week's shortlist: Bins")
    assert await done("carry", **this) == (True, "Carried over: Bins")
    assert await done("bring", **next_week) == (True, "On this week's shortlist: Bins"), "it has left that week"
    assert await done("private", list="bookmarks") == (False, "Private from now on: Bins")
    assert await done("drop", list="bookmarks") == (True, "Dropped: Bins")
    assert await done("bring", list="bookmarks") == (False, "On this week's shortlist: Bins")


@pytest.mark.parametrize("do", ["drop", "carry", "bring"])
async def test_what_a_digest_holds_stays_and_has_no_such_buttons(desk: Desk, do: str) -> None:
    with desk.app.db.write() as tx:
        held = add_bookmark(tx, title="Bins")
        add_digest(tx, held)
    page = await desk.client.get("/desk/shortlist")
    assert "In the digest of 20 November 2026" in see(page.text).text
    assert see(page.text).all("button", value=do) == []
    refused = await desk.press(held, do)
    assert refused.status_code == 409
    assert "is in the digest of 2026-11-20" in see(refused.text).text
    assert "five " not in see(refused.text).text, "a page speaks of no commands"


@pytest.mark.parametrize("number", ["0", "99", "-1", "x", "9" * 30, "%E2%82%AC"])
async def test_a_bookmark_that_is_not_there_is_a_page(desk: Desk, number: str) -> None:
    assert "There is no such bookmark." in await desk.words(f"/desk/bookmarks/{number}", status=404)
    assert (await desk.press(number, "drop")).status_code == 404


async def test_what_no_button_says_is_refused(desk: Desk) -> None:
    with desk.app.db.write() as tx:
        held = add_bookmark(tx)
    for do, place in (("dance", "shortlist"), ("drop", "//evil.example"), ("", "")):
        assert (await desk.press(held, do, list=place)).status_code == 409
    assert [one.id for one in desk.app.desk.week()] == [held]


# ------------------------------------------------------------------------------------------------ Draft Friday


async def test_draft_friday_begins_with_the_first_five_noted_ones_before_others(
    app: App, client: httpx.AsyncClient
) -> None:
    desk = Desk(app, client, Role.EDITOR)
    with app.db.write() as tx:
        ids = [add_bookmark(tx, note="Good." if number in (1, 6) else "") for number in range(8)]
    assert "Draft Friday" in await desk.words()
    answer = await client.post("/desk/shortlist/draft", data={"csrf": desk.token})
    assert answer.headers["location"] == "/desk/digests/2026-11-20?done=drafted"
    picked = [pick.bookmark_id for pick in app.editor.digest().picks]
    assert picked == [ids[number] for number in (0, 1, 2, 3, 6)]
    app.editor.unpick(1)
    await client.post("/desk/shortlist/draft", data={"csrf": desk.token})
    assert [pick.bookmark_id for pick in app.editor.digest().picks] == picked[1:], "what an editor chose stays"


async def test_there_is_no_draft_of_nothing_nor_for_curators(app: App, client: httpx.AsyncClient) -> None:
    desk = Desk(app, client, Role.EDITOR)
    empty = await client.post("/desk/shortlist/draft", data={"csrf": desk.token})
    assert empty.status_code == 409
    with pytest.raises(NotFound):
        app.editor.digest()
    with app.db.write() as tx:
        add_bookmark(tx)
    assert "Draft Friday" not in await Desk(app, client).words()


# ----------------------------------------------------------------------------------------------------- editing


WORDS = {
    "title": "New",
    "author": "Jo",
    "organisation": "Borsetshire",
    "kind": "job",
    "note": "Good.\r\n\r\nAnd so on.",
}


async def test_a_bookmark_is_edited(desk: Desk) -> None:
    with desk.app.db.write() as tx:
        held = add_bookmark(tx, title="Old", note=f"Old {BAD}")
    page = await desk.client.get(f"/desk/bookmarks/{held}?list=bookmarks")
    assert see(page.text).all("img", src="x") == []
    assert f"Old {BAD}" in see(page.text).text
    answer = await desk.press(held, "save", list="bookmarks", revision="1", **WORDS)
    assert answer.headers["location"] == f"/desk/bookmarks?done=bookmark-saved#bookmark-{held}"
    saved = desk.app.desk.bookmark(held)
    assert (saved.title, saved.author, saved.organisation, saved.kind) == ("New", "Jo", "Borsetshire", Kind.JOB)
    assert (saved.note, saved.is_public) == ("Good.\n\nAnd so on.", False)
    odd = await desk.press(held, "save", list="x", revision="2", **WORDS | {"kind": BAD}, is_public="yes")
    assert odd.headers["location"].startswith("/desk/shortlist?")
    saved = desk.app.desk.bookmark(held)
    assert (saved.kind, saved.is_public) == (Kind.JOB, True)


async def test_what_a_page_said_meanwhile_is_not_undone_by_a_form_that_was_open(desk: Desk) -> None:
    held = desk.app.bookmarks.add("https://a.example/").bookmark
    form = see((await desk.client.get(f"/desk/bookmarks/{held.id}")).text)
    shown = {field["name"]: field["value"] for field in form.all("input") if field.get("value") is not None}
    assert shown["title"] == "", "an address is no title"
    with desk.app.db.write() as tx:
        read = {"title": "Weeknotes", "author": "Jo", "organisation": "Borsetshire", "kind": "podcast"}
        tx.execute(update(bookmarks).values(**read))
    sent = {name: value for name, value in shown.items() if name != "csrf"} | {"kind": "article", "note": "Good."}
    assert (await desk.press(held.id, "save", **sent)).status_code == 303
    saved = desk.app.desk.bookmark(held.id)
    assert (saved.title, saved.author, saved.organisation, saved.kind) == (*list(read.values())[:3], Kind.PODCAST)
    assert saved.note == "Good."


async def test_two_who_edit_at_once_are_kept_apart_and_nothing_typed_is_lost(desk: Desk) -> None:
    with desk.app.db.write() as tx:
        held = add_bookmark(tx, title="Old", note="Old")
    await desk.press(held, "save", revision="1", **WORDS)
    mine = {**WORDS, "title": "Mine", "note": f"Mine\nentirely {BAD}", "kind": "tool"}
    for revision in ("1", "", "x"):
        refused = await desk.press(held, "save", revision=revision, **mine)
        assert refused.status_code == 409
        shown = see(refused.text)
        assert "Somebody else changed this bookmark meanwhile." in shown.text
        saved = refused.text.partition('id="saved-title"')[2].partition("<form")[0]
        assert "Good.\n\nAnd so on." in saved
        assert ">New<" in saved
        assert f"Mine entirely {BAD}" in shown.text
        assert shown.all("input", name="title")[0]["value"] == "Mine"
        assert shown.all("option", value="tool")[0].get("selected") == ""
        assert desk.app.desk.bookmark(held).title == "New"
    (current,) = shown.all("input", name="revision")
    assert (await desk.press(held, "save", revision=current["value"], **mine)).status_code == 303
    assert desk.app.desk.bookmark(held).title == "Mine"


# --------------------------------------------------------------------------------------------------- all of them


async def test_all_bookmarks_are_found_by_words_and_sort(desk: Desk) -> None:
    bookmark_all(desk.app)

    async def found(query: str) -> list[str]:
        page = await desk.client.get(f"/desk/bookmarks?{query}")
        return [title[:10] for title in re.findall(r"data-focus[^>]*>([^<]+)<", page.text)]

    assert len(await found("")) == 7
    assert await found("q=CLOSING+borsetshire") == ["What we le"]
    assert await found("shelf=private") == ["Head of Se"]
    assert await found("shelf=dropped") == ["Dropped"]
    assert len(await found(f"shelf={BAD}&after={BAD}")) == 7
    page = await desk.words(f"/desk/bookmarks?q={BAD}")
    assert "No bookmark is like that" in page
    assert "Nothing is bookmarked yet" not in page


async def test_older_bookmarks_are_a_page_on(desk: Desk) -> None:
    assert "Nothing is bookmarked yet" in await desk.words("/desk/bookmarks")
    with desk.app.db.write() as tx:
        for number in range(90):
            add_bookmark(tx, title=f"Title {number}.", added_at=WEDNESDAY - timedelta(minutes=number // 4))
    path, seen = "/desk/bookmarks?q=title&shelf=public", []
    while path:
        page = await desk.client.get(path)
        assert len(page.content) < 100_000
        seen += re.findall(r"data-focus[^>]*>Title (\d+)\.", page.text)
        (path,) = [link for link in see(page.text).links() if "after=" in link] or [""]
    assert len(seen) == len(set(seen)) == 90


async def test_private_is_off_every_public_page_and_feed_and_digests_stay(app: App, client: httpx.AsyncClient) -> None:
    digest = publish(app, LAST_FRIDAY, title="Used Bins")
    with app.db.write() as tx:
        add_bookmark(tx, title="Loose Potholes")
    desk = Desk(app, client)
    public = ("/bookmarks", "/bookmarks/2026-11", "/bookmarks.atom", "/bookmarks.rss", "/bookmarks.json")
    for path in public:
        assert "Loose Potholes" in (await client.get(path)).text, path
    before = (await client.get(f"/digests/{digest.slug}")).text
    for one in app.bookmarks.all():
        answer = await desk.press(one.id, "private", list="bookmarks")
        assert answer.headers["location"] == f"/desk/bookmarks?done=bookmark-private#bookmark-{one.id}"
    for path in public[:1] + public[2:]:
        assert "Loose Potholes" not in (await client.get(path)).text, path
    assert (await client.get("/bookmarks/2026-11")).status_code == 404
    assert (await client.get(f"/digests/{digest.slug}")).text == before
    await desk.press(digest.picks[0].bookmark_id, "public", list="bookmarks")
    assert len(app.desk.public_bookmarks()) == 1
