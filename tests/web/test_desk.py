"""The desk's frame, its first page, its people, and what goes wrong on it."""

import re
from datetime import timedelta

import httpx
import pytest
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from aggregator.app import App
from aggregator.errors import DatabaseBusy, NotFound, Refused
from aggregator.model import Role, Sought, SuggestionKind
from aggregator.store import sought
from aggregator.web import desk
from aggregator.web.desk import TABS
from aggregator.web.guard import open_to
from aggregator.web.server import build_app
from tests.builders import FRIDAY
from tests.conftest import StandingClock
from tests.rows import WEDNESDAY, add_bookmark, add_entry, follow_a_feed
from tests.store.plans import plan_of_first_query
from tests.web.doors import csrf, enter
from tests.web.press import BASE_URL, publish, see

BAD = '"><img src=x onerror=alert(1)>'


def words(page: httpx.Response) -> str:
    return see(page.text).text


async def test_an_empty_desk_says_what_to_do_next(app: App, client: httpx.AsyncClient) -> None:
    enter(app, client)
    page = words(await client.get("/desk"))
    assert "Towards Friday 20 November 2026" in page
    for said in ("No feeds are followed yet.", "Nothing is shortlisted yet.", "There is no draft of this Friday yet."):
        assert said in page


async def test_the_overview_counts_the_week(app: App, client: httpx.AsyncClient) -> None:
    publish(app, FRIDAY - timedelta(weeks=1))
    with app.db.write() as tx:
        feed = follow_a_feed(tx)
        follow_a_feed(tx, failures=3)
        follow_a_feed(tx, status="gone", failures=3)
        for _ in range(3):
            add_entry(tx, feed)
        picked = [add_bookmark(tx, note=note) for note in ("A note", "")]
    app.editor.pick(picked[:1], app.editor.draft().slug)
    app.suggestions.suggest(SuggestionKind.BLOG, "https://blog.example.org/")
    enter(app, client)
    page = words(await client.get("/desk"))
    assert "3 pieces of this week that nobody has judged yet" in page
    assert "2 bookmarks, 1 with a note" in page
    assert "1 suggestion of a reader waits" in page
    assert "1 of 5 picks in the draft of Five for Friday (20/11/2026); " in page
    assert "Last: Five for Friday (13/11/2026)" in page
    assert "2 followed, 1 of them failing" in page


@pytest.mark.parametrize("role", list(Role))
async def test_the_overview_leads_nobody_to_a_refusal(
    app: App, client: httpx.AsyncClient, clock: StandingClock, role: Role
) -> None:
    async def overview() -> httpx.Response:
        enter(app, client, role)
        page = await client.get("/desk")
        for link in see(page.text).links():
            if link.startswith("/"):
                assert (await client.get(link)).status_code == 200, link
        return page

    assert ("/desk/digest" in see((await overview()).text).links()) is role.may(Role.EDITOR), "nothing is there yet"
    with app.db.write() as tx:
        picked = [add_bookmark(tx)]
    slug = app.editor.draft().slug
    app.editor.pick(picked, slug)
    assert ("Write the digest" in (await overview()).text) is role.may(Role.EDITOR)
    app.editor.schedule(slug)
    clock.now += timedelta(days=6)
    late = words(await overview())
    assert "did not come out" in late
    assert ("Publish it now, or schedule it again." in late) is role.may(Role.EDITOR)
    assert ("An editor publishes it, or schedules it again." in late) is not role.may(Role.EDITOR)


async def test_counting_stops(app: App) -> None:
    with app.db.write() as tx:
        feed = follow_a_feed(tx)
        for _ in range(12):
            add_entry(tx, feed)
    assert app.desk.waiting(most=10) == 10
    assert app.desk.waiting(most=20) == 12


@pytest.mark.parametrize("role", list(Role))
async def test_the_navigation_shows_what_there_is_and_what_one_may(
    app: App, client: httpx.AsyncClient, role: Role
) -> None:
    enter(app, client, role)
    page = await client.get("/desk")
    navigation = re.search(r'<nav class="tabs".*?</nav>', page.text, re.DOTALL)
    assert navigation
    shown = see(navigation[0])
    assert ("/desk/people" in shown.links()) is (role is Role.MAINTAINER)
    assert [link["href"] for link in shown.all("a", **{"aria-current": "page"})] == ["/desk"]
    for link in shown.links():
        assert (await client.get(link)).status_code == 200
    assert {tab.path for tab in TABS} >= set(shown.links())
    assert f"{role}@example.org" in words(page)


async def test_only_our_own_words_can_be_shown_as_a_notice(app: App, client: httpx.AsyncClient) -> None:
    enter(app, client)
    assert "Whose role changed" in words(await client.get("/desk/people?done=people"))
    assert BAD not in (await client.get("/desk/people", params={"done": BAD})).text


async def test_a_maintainer_adds_somebody_and_gets_the_link_once(app: App, client: httpx.AsyncClient) -> None:
    entered = enter(app, client)
    token = entered.session.csrf_token
    for sent, said in (
        ({"email": "ann@example.org"}, "Choose what they may do"),
        ({"email": BAD, "role": "editor"}, "Enter an email address"),
        ({"email": "maintainer@example.org", "role": "editor"}, "here already, as maintainer"),
    ):
        page = await client.post("/desk/people", data={"csrf": token, **sent})
        assert page.status_code in (400, 409)
        assert said in page.text
        assert see(page.text).all("input", name="email")[0]["value"] == sent["email"], "what was typed is kept"
    page = await client.post("/desk/people", data={"csrf": token, "email": "Ann@example.org", "role": "editor"})
    link = see(page.text).all("input", id="link")[0]["value"]
    assert app.people.holder(link.rpartition("/")[2]).role is Role.EDITOR
    assert link not in (await client.get("/desk/people")).text


async def test_a_maintainer_changes_people(app: App, client: httpx.AsyncClient) -> None:
    entered = enter(app, client)
    token = entered.session.csrf_token
    app.people.add("ann@example.org", Role.CURATOR)

    async def change(do: str, who: str = "ann@example.org", **more: str) -> httpx.Response:
        return await client.post("/desk/people/change", data={"csrf": token, "who": who, "do": do, **more})

    assert (await change("role", role="editor")).headers["location"] == "/desk/people?done=people"
    assert next(one.role for one in app.people.curators() if one.email == "ann@example.org") is Role.EDITOR
    assert "A link for ann@example.org" in words(await change("link"))
    await change("end")
    assert "may not sign in" in words(await client.get("/desk/people"))
    for do, who, said in (
        ("end", "maintainer@example.org", "last maintainer"),
        ("end", BAD, "There is no curator"),
        ("role", "maintainer@example.org", "can be done here"),
        ("dance", "ann@example.org", "can be done here"),
    ):
        refused = await change(do, who)
        assert refused.status_code == 409
        assert said in words(refused)
        assert see(refused.text).all("img", src="x") == []


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        (
            Refused("Somebody else has published it.", "See it first."),
            409,
            "Somebody else has published it. See it first.",
        ),
        (NotFound("There is no entry 5.", "See the inbox."), 404, "There is no entry 5."),
        (DatabaseBusy("/data/five.sqlite is locked", ""), 503, "Nothing was changed. Try again in a minute."),
    ],
)
async def test_what_goes_wrong_is_a_page_that_keeps_what_was_typed(
    app: App, client: httpx.AsyncClient, error: Exception, status: int, said: str
) -> None:
    def fails(_request: Request) -> Response:
        raise error

    starlette = build_app(app)
    (route,) = open_to(Role.CURATOR, [Route("/desk/fails", fails, methods=["GET", "POST"])])
    starlette.router.routes.insert(0, route)
    transport = httpx.ASGITransport(app=starlette, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=BASE_URL) as asking:
        token = enter(app, asking).session.csrf_token
        page = await asking.post("/desk/fails", data={"csrf": token, "the_note": f"Long thought\r\nabout {BAD}"})
        read = await asking.get("/desk/fails")
    assert (page.status_code, read.status_code) == (status, status)
    assert said in words(page)
    assert f"Long thought about {BAD}" in words(page)
    assert "The note" in words(page)
    assert token not in page.text.partition("<main")[2]
    assert "/data/five.sqlite" not in page.text


def test_fields_are_plain_text() -> None:
    sent = FormData([("a", "1"), ("a", "2\r\n3\0"), ("long", "x" * 200_000)])
    assert desk.texts(sent) == {"a": "2\n3", "long": "x" * desk.LONGEST_FIELD}


async def test_nothing_of_the_desk_is_kept_or_runs_inline(app: App, client: httpx.AsyncClient) -> None:
    enter(app, client)
    for path in ("/desk", "/desk/people", "/account"):
        page = await client.get(path)
        assert page.headers["cache-control"] == "no-store"
        assert see(page.text).all("style") == []
        assert not re.search(r"<script(?![^>]* src=)|\son\w+=|\sstyle=", page.text)
        assert all(link.startswith(("/", "#", "mailto:")) for link in see(page.text).links())
        assert csrf(page)


async def test_single_keys_can_be_switched_off(app: App, client: httpx.AsyncClient) -> None:
    entered = enter(app, client)
    assert see((await client.get("/desk")).text).all("body")[0].keys() >= {"data-keys"}
    for wanted, is_on in (("off", False), ("on", True)):
        sent = await client.post("/account/keys", data={"csrf": entered.session.csrf_token, "keys": wanted})
        assert sent.headers["location"] == "/account?done=keys"
        assert ("data-keys" in see((await client.get("/desk")).text).all("body")[0]) is is_on
        assert [given["value"] for given in see((await client.get("/account")).text).all("input", checked="")] == [
            wanted
        ]


async def test_scripts_come_from_here_and_only_for_who_is_signed_in(app: App, client: httpx.AsyncClient) -> None:
    assert see((await client.get("/sign-in")).text).all("script") == []
    enter(app, client)
    sources = [given["src"] for given in see((await client.get("/desk")).text).all("script")]
    kept = [(await client.get(source)).headers["cache-control"] for source in sources]
    assert [source.partition("?")[0] for source in sources] == ["/static/vendor/htmx.min.js", "/static/desk.js"]
    assert kept == ["public, max-age=31536000, immutable", "no-cache"]


async def test_counting_goes_by_the_inbox_index(app: App) -> None:
    steps = plan_of_first_query(app.db, lambda tx: sought.count(tx, Sought(since=WEDNESDAY), friday=FRIDAY, most=10))
    assert any("ix_entries_inbox" in step for step in steps), steps
