"""Every route declares its role, and nobody with a lesser one, or from elsewhere, gets past its door."""

import re
from collections.abc import Iterator

import httpx
import pytest
from starlette.routing import Mount, Route

from aggregator.app import App
from aggregator.model import Role
from aggregator.web.guard import READING
from aggregator.web.routes import ROUTES
from tests.web.doors import carry, enter
from tests.web.walk import role_of

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
ROLES = (None, *Role)
SHUT = {"/sign-out"}  # it ends the session of whoever walks; test_signing_in has it


def table() -> Iterator[tuple[str, Role | None, set[str]]]:
    for route in ROUTES:
        assert isinstance(route, Route | Mount)
        methods = set(route.methods or ()) if isinstance(route, Route) else {"GET", "HEAD"}
        yield re.sub(r"{\w+(:\w+)?}", "1", route.path), role_of(route), methods


GUARDED = [(path, role, methods) for path, role, methods in table() if role is not None]


def test_every_route_declares_its_role() -> None:
    assert len(list(table())) == len(ROUTES)
    assert {role for _path, role, _methods in table()} >= {None, Role.CURATOR, Role.MAINTAINER}


def test_all_that_is_the_desks_is_guarded() -> None:
    for path, role, _methods in table():
        if path.startswith(("/desk", "/account", "/sign-out")):
            assert role is not None, path


@pytest.mark.parametrize("who", ROLES)
async def test_a_walk_over_all_routes_and_methods(app: App, client: httpx.AsyncClient, who: Role | None) -> None:
    entered = enter(app, client, who) if who else None
    asked = 0
    for path, role, _methods in GUARDED:
        for method in METHODS:
            carry(client, entered)
            answer = await client.request(method, path, data={"csrf": entered.session.csrf_token} if entered else {})
            asked += 1
            if path in SHUT and who:
                carry(client, entered := enter(app, client, who))
                continue
            allowed = {each for other, _role, these in GUARDED if other == path for each in these}
            if method not in allowed:
                assert answer.status_code == 405, (method, path)
            elif who is None:
                assert answer.status_code == (303 if method in READING else 401), (method, path)
                assert method not in READING or answer.headers["location"].startswith("/sign-in?next=")
            elif not who.may(role or Role.CURATOR):
                assert answer.status_code == 403, (method, path, who)
                assert "That is not for you to do" in answer.text or method == "HEAD"
            else:
                assert answer.status_code not in (401, 403), (method, path, who)
            assert_guarded(answer)
    assert asked == len(GUARDED) * len(METHODS)


def assert_guarded(answer: httpx.Response) -> None:
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'self'")
    assert "unsafe" not in policy
    assert answer.headers["x-frame-options"] == "DENY"
    assert answer.headers["cache-control"] == "no-store" or answer.status_code == 405


FORMS = [path for path, _role, methods in GUARDED if "POST" in methods]


@pytest.mark.parametrize("path", FORMS)
async def test_no_form_is_taken_without_the_sessions_token(app: App, client: httpx.AsyncClient, path: str) -> None:
    entered = enter(app, client)
    other = app.people.enter(entered.session.curator.email).session.csrf_token
    for token in ("", "x", other, "\ud7ff", None):
        answer = await client.post(path, data={"email": "kept@example.org", **({"csrf": token} if token else {})})
        assert answer.status_code == 403
        assert "Nothing was saved" in answer.text
        assert "kept@example.org" in answer.text, "what was typed is shown"
    assert len(app.people.curators()) == 1
    assert app.people.session(entered.token)


@pytest.mark.parametrize("path", FORMS)
@pytest.mark.parametrize("site", ["cross-site", "same-site"])
async def test_no_form_is_taken_from_another_site(app: App, client: httpx.AsyncClient, path: str, site: str) -> None:
    entered = enter(app, client)
    headers = {"sec-fetch-site": site, "origin": "https://evil.example"}
    answer = await client.post(path, data={"csrf": entered.session.csrf_token}, headers=headers)
    assert answer.status_code == 403
    assert app.people.session(entered.token)


@pytest.mark.parametrize("token", ["", "x", "\ud7ff", "'; DROP TABLE sessions; --", "A" * 4000])
async def test_a_wrong_session_is_none(app: App, client: httpx.AsyncClient, token: str) -> None:
    enter(app, client)
    client.cookies.clear()
    cookie = f"__Host-five={token}".encode()
    assert (await client.get("/desk", headers=[(b"cookie", cookie)])).status_code == 303


async def test_the_session_is_read_from_the_guarded_cookie_alone(app: App, client: httpx.AsyncClient) -> None:
    entered = enter(app, client)
    carry(client, None)
    for headers in ({"cookie": f"five={entered.token}"}, {"authorization": f"Bearer {entered.token}"}):
        assert (await client.get("/desk", headers=headers)).status_code == 303
    assert (await client.get(f"/desk?five={entered.token}")).status_code == 303


async def test_a_form_that_is_none_is_refused_as_a_page(app: App, client: httpx.AsyncClient) -> None:
    enter(app, client)
    for content, kind in (
        (b"{}", "application/json"),
        (b"--x\r\nbroken", "multipart/form-data; boundary=x"),
        (b"x", "multipart/form-data"),
        (b"&".join(b"a=1" for _ in range(600)), "application/x-www-form-urlencoded"),
        (b"csrf=" + b"x" * 100_000, "application/x-www-form-urlencoded"),
    ):
        answer = await client.post("/desk/people", content=content, headers={"content-type": kind})
        assert answer.status_code in (400, 403, 413), kind
        assert "<h1>" in answer.text, kind
        assert "It is our fault" not in answer.text, kind
        assert "Traceback" not in answer.text


async def test_what_was_typed_is_shown_to_who_was_signed_out_meanwhile(client: httpx.AsyncClient) -> None:
    sent = {"note": "Honest about <b>what</b> went wrong.", "password": "never shown", "csrf": "old"}
    answer = await client.post("/account", data=sent)
    assert answer.status_code == 401
    assert "Honest about &lt;b&gt;what&lt;/b&gt; went wrong." in answer.text
    assert "never shown" not in answer.text
    assert 'href="/sign-in"' in answer.text
