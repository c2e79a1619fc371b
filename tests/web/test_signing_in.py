"""The pages by which people come in and go, with a browser's cookies."""

import httpx
import pytest

from aggregator.app import App, open_app
from aggregator.model import Role
from aggregator.people import TRIES_TOGETHER
from aggregator.settings import Settings
from aggregator.web.server import build_app
from tests.conftest import StandingClock
from tests.web.doors import PASSWORD, csrf, enter, join
from tests.web.press import see

Client = httpx.AsyncClient


async def sign_in(
    client: Client, email: str = "ann@example.org", password: str = PASSWORD, **more: str
) -> httpx.Response:
    page = await client.get("/sign-in")
    return await client.post("/sign-in", data={"csrf": csrf(page), "email": email, "password": password, **more})


def cookies_of(answer: httpx.Response) -> dict[str, str]:
    return {one.partition("=")[0]: one for one in answer.headers.get_list("set-cookie")}


async def test_who_is_signed_out_is_led_to_the_form_and_back(app: App, client: Client) -> None:
    join(app)
    led = await client.get("/desk/people?done=people")
    form = await client.get(led.headers["location"])
    hidden = see(form.text).all("input", name="next")[0]["value"]
    assert hidden == "/desk/people?done=people"
    done = await sign_in(client, next=hidden)
    assert (done.status_code, done.headers["location"]) == (303, "/desk/people?done=people")
    assert (await client.get(done.headers["location"])).status_code == 200


@pytest.mark.parametrize(
    "wanted",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "/desk\\@evil.example",
        "/desk\r\nx: y",
        "/",
        "desk",
    ],
)
async def test_the_way_back_leads_nowhere_else(app: App, client: Client, wanted: str) -> None:
    join(app)
    assert (await sign_in(client, next=wanted)).headers["location"] == "/desk"


async def test_the_session_is_in_a_cookie_that_scripts_and_other_sites_cannot_touch(app: App, client: Client) -> None:
    join(app)
    cookie = cookies_of(await sign_in(client))["__Host-five"]
    parts = {part.strip().lower() for part in cookie.split(";")[1:]}
    assert {"httponly", "secure", "samesite=lax", "path=/"} <= parts
    assert not any(part.startswith("domain") for part in parts)


async def test_on_plain_http_the_cookies_have_plain_names(clock: StandingClock, app: App) -> None:
    settings = Settings(data=app.settings.data, base_url="http://127.0.0.1:8000")
    async with open_app(settings, clock=clock) as plain:
        join(plain)
        transport = httpx.ASGITransport(app=build_app(plain))
        async with Client(transport=transport, base_url="http://127.0.0.1:8000") as client:
            done = await sign_in(client)
            assert cookies_of(done)["five"].lower().count("secure") == 0
            assert (await client.get("/desk")).status_code == 200


async def test_every_sign_in_is_a_new_session(app: App, client: Client) -> None:
    entered = join(app)
    client.cookies.set("__Host-five", entered.token, domain="five.example.org", path="/")
    page = await client.get("/sign-in")
    assert page.headers["location"] == "/desk", "who is signed in needs no form"
    client.cookies.set("__Host-five-form", "given", domain="five.example.org", path="/")
    await client.post("/sign-in", data={"csrf": "given", "email": "ann@example.org", "password": PASSWORD})
    assert client.cookies["__Host-five"] != entered.token
    assert app.people.session(entered.token) is None


async def test_signing_out_ends_the_session_for_good(app: App, client: Client) -> None:
    join(app)
    await sign_in(client)
    token = client.cookies["__Host-five"]
    out = await client.post("/sign-out", data={"csrf": csrf(await client.get("/desk"))})
    assert out.headers["location"] == "/sign-in?done=signed-out"
    assert "__Host-five" not in client.cookies
    assert "You have signed out." in (await client.get(out.headers["location"])).text
    client.cookies.set("__Host-five", token, domain="five.example.org", path="/")
    assert (await client.get("/desk")).status_code == 303


async def test_what_does_not_match_is_said_at_the_form_which_keeps_the_address(app: App, client: Client) -> None:
    join(app)
    pages = [await sign_in(client, email, "wrong <b>") for email in ("ann@example.org", 'bob"><b>@example.org')]
    assert {page.status_code for page in pages} == {401}
    for page, email in zip(pages, ("ann@example.org", 'bob"><b>@example.org'), strict=True):
        seen = see(page.text)
        assert "There is a problem" in seen.text
        assert "do not match" in seen.text
        assert seen.all("input", name="email")[0]["value"] == email
        assert seen.all("input", name="password")[0]["value"] == ""
        assert seen.all("b") == []
        assert page.text.startswith("<!doctype html>")
        assert "<title>Error: Sign in" in page.text


async def test_what_is_missing_is_named(client: Client) -> None:
    page = await sign_in(client, " ", "")
    assert page.status_code == 400
    assert "Enter your email address" in page.text
    assert "Enter your password" in page.text
    assert {"#email", "#password"} <= set(see(page.text).links())


async def test_too_many_tries_are_told_to_wait(app: App, client: Client) -> None:
    join(app)
    for _ in range(TRIES_TOGETHER):
        await sign_in(client, password="wrong")
    page = await sign_in(client)
    assert page.status_code == 429
    assert "Wait a quarter of an hour" in page.text


@pytest.mark.parametrize("token", ["", "x", "\ud7ff"])
async def test_a_sign_in_from_elsewhere_is_not_taken(app: App, client: Client, token: str) -> None:
    join(app)
    await client.get("/sign-in")
    page = await client.post("/sign-in", data={"csrf": token, "email": "ann@example.org", "password": PASSWORD})
    assert page.status_code == 403
    assert "does not keep our cookie" in page.text
    assert "__Host-five" not in client.cookies
    form = await client.get("/sign-in")
    given = {"csrf": csrf(form), "email": "ann@example.org", "password": PASSWORD}
    page = await client.post("/sign-in", data=given, headers={"sec-fetch-site": "cross-site"})
    assert page.status_code == 403
    client.cookies.clear()
    assert (await client.post("/sign-in", data=given)).status_code == 403, "another browser's token"


async def test_a_link_sets_a_password_and_opening_it_changes_nothing(app: App, client: Client) -> None:
    link = app.people.add("ann@example.org", Role.EDITOR)
    for _ in range(2):
        page = await client.get(link)
        assert "ann@example.org" in page.text
        assert page.headers["referrer-policy"] == "same-origin"
    bad = await client.post(link, data={"csrf": csrf(page), "password": "short"})
    assert bad.status_code == 400
    assert "12 characters or more" in bad.text
    done = await client.post(link, data={"csrf": csrf(page), "password": PASSWORD})
    assert done.headers["location"] == "/desk"
    assert "ann@example.org" in (await client.get("/desk")).text
    again = await client.get(link)
    assert again.status_code == 404
    assert "Ask a maintainer for a new one" in again.text
    assert app.people.sign_in("ann@example.org", PASSWORD, network="")


@pytest.mark.parametrize("token", ["x", "%F0%9F%91%8D", "a" * 3000, "%00"])
async def test_a_wrong_link_is_explained(client: Client, token: str) -> None:
    for method in ("GET", "POST"):
        page = await client.request(method, f"/password/{token}")
        assert page.status_code == 404
        assert "<h1>" in page.text


async def test_the_first_maintainer_says_who_they_are(app: App, client: Client) -> None:
    link = app.people.first_link()
    assert link
    page = await client.get(link)
    assert see(page.text).all("input", name="email")[0]["value"] == "editor@example.org", "the contact, as a start"
    bad = await client.post(link, data={"csrf": csrf(page), "password": PASSWORD, "email": "nobody"})
    assert bad.status_code == 400
    assert "Enter an email address" in bad.text
    await client.post(link, data={"csrf": csrf(page), "password": PASSWORD, "email": "Ann@example.org"})
    assert "ann@example.org" in (await client.get("/desk/people")).text


async def test_a_new_password_signs_out_everywhere_else(app: App, client: Client) -> None:
    elsewhere = join(app)
    await sign_in(client)
    page = await client.get("/account")
    for old, new, words in (("wrong", "another good one", "not your password"), (PASSWORD, "short", "12 characters")):
        bad = await client.post("/account", data={"csrf": csrf(page), "old": old, "new": new})
        assert bad.status_code == 400
        assert words in bad.text
    done = await client.post("/account", data={"csrf": csrf(page), "old": PASSWORD, "new": "another good one"})
    assert "signed out everywhere else" in (await client.get(done.headers["location"])).text
    assert app.people.session(elsewhere.token) is None


async def test_readers_get_no_cookie(app: App, client: Client) -> None:
    enter(app, client)
    for path in ("/", "/bookmarks", "/follow", "/health", "/nowhere"):
        assert "set-cookie" not in (await client.get(path)).headers


@pytest.mark.parametrize(
    ("client_host", "headers", "base", "enters"),
    [
        ("127.0.0.1", {}, "http://127.0.0.1:8000", True),
        ("::1", {}, "http://localhost:8000", True),
        ("192.0.2.7", {}, "http://127.0.0.1:8000", False),
        ("127.0.0.1", {"x-forwarded-for": "192.0.2.7"}, "http://127.0.0.1:8000", False),
        ("127.0.0.1", {}, "http://five.example.org", False),
    ],
)
async def test_the_demo_enters_by_itself_on_its_own_machine_only(
    app: App, client_host: str, headers: dict[str, str], base: str, enters: bool
) -> None:
    app.people.add("editor@five.example", Role.MAINTAINER)
    for starlette, expected in ((build_app(app, enters_as="editor@five.example"), enters), (build_app(app), False)):
        transport = httpx.ASGITransport(app=starlette, client=(client_host, 1))
        async with Client(transport=transport, base_url=base) as client:
            page = await client.get("/desk", headers=headers)
            assert (page.status_code == 200) is expected
            assert ("This is the demo." in page.text) is expected
            assert ("set-cookie" in page.headers) is expected
            assert (await client.post("/desk/people", data={"email": "a@example.org"})).status_code in (401, 403)
