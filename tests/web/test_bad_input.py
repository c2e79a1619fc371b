"""What no page of ours sends: numbers that no table holds, places at the ends of time, forms in odd character sets."""

import re

import httpx
import pytest
from starlette.routing import Route

from aggregator.app import App
from aggregator.web.routes import ROUTES
from tests.web.doors import carry, csrf, enter
from tests.web.press import see

BY_ID = [route for route in ROUTES if isinstance(route, Route) and ":id}" in route.path]
CALM = "It is our fault"
"""What a page says of a fault of the program."""


@pytest.mark.parametrize("digits", ["9" * 19, "9" * 5000])
async def test_an_id_that_no_table_holds_is_nobodys(app: App, client: httpx.AsyncClient, digits: str) -> None:
    entered = enter(app, client)
    assert len(BY_ID) >= 12
    for route in BY_ID:
        path = re.sub(r"{\w+:id}", digits, route.path)
        for method in (route.methods or set()) - {"HEAD"}:
            carry(client, entered)
            answer = await client.request(method, path, data={"csrf": entered.session.csrf_token})
            assert answer.status_code == 404, (method, route.path)
            assert "There is no" in see(answer.text).text, (method, route.path)
            carry(client, None)
            shut = await client.request(method, path)
            assert shut.status_code == (303 if method == "GET" else 401), "doors come first"


@pytest.mark.parametrize(
    "place", ["0001-01-01T00:00:00+14:00 5", "9999-12-31T23:59:59-14:00 5", "2026-11-18 5", f"5 {'9' * 5000}", "x"]
)
async def test_bookmarks_go_on_from_any_place(app: App, client: httpx.AsyncClient, place: str) -> None:
    enter(app, client)
    assert (await client.get("/desk/bookmarks", params={"after": place})).status_code == 200


async def test_a_feed_with_more_entries_than_can_be_counted(app: App, client: httpx.AsyncClient) -> None:
    token = enter(app, client).session.csrf_token
    sent = {"do": "follow", "feed": "", "url-0": "https://blog.example.org/feed", "entries-0": "9" * 5000}
    answer = await client.post("/desk/feeds/add", data={"csrf": token, **sent})
    assert answer.status_code == 400
    assert "Choose a feed" in see(answer.text).text


ODD = (
    "undefined",
    "\0",
    "utf-7",
    "unicode_escape",
    "punycode",
    "utf-16",
    "utf-8; charset=utf-7",
    'utf-8" ;Charset ="utf-7',
)


def multipart(token: str, charset: str, value: bytes) -> tuple[bytes, dict[bytes, bytes]]:
    """A form with a token and a word."""
    parts = (("csrf", token.encode()), ("email", value), ("address", value), (r"\ud800", b""))
    body = b"".join(f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'.encode() + text + b"\r\n"
                    for name, text in parts)  # fmt: skip
    return body + b"--x--\r\n", {b"content-type": f"multipart/form-data; boundary=x; charset={charset}".encode()}


@pytest.mark.parametrize("charset", ODD)
async def test_forms_come_in_utf8(app: App, client: httpx.AsyncClient, charset: str) -> None:
    entered = enter(app, client)
    for path in ("/desk/add", "/desk/people", "/account", "/sign-in"):
        for value in (b"+2AA-", rb"\ud800", b"words"):
            carry(client, entered)
            body, headers = multipart(entered.session.csrf_token, charset, value)
            answer = await client.post(path, content=body, headers=headers)
            assert answer.status_code == 400, (path, value)
            assert "That could not be read" in answer.text
            assert CALM not in answer.text
    assert not app.desk.week(app.desk.current_friday())


@pytest.mark.parametrize("charset", ["utf-8", '"UTF-8" ', "UTF8; foo=bar"])
async def test_forms_may_say_that_they_are_utf8(app: App, client: httpx.AsyncClient, charset: str) -> None:
    entered = enter(app, client)
    body, headers = multipart(entered.session.csrf_token, charset, "https://grün.example/".encode())
    assert (await client.post("/desk/add", content=body, headers=headers)).status_code == 303


async def test_nobody_signs_in_with_a_file(client: httpx.AsyncClient) -> None:
    token = csrf(await client.get("/sign-in"))
    files = {"email": ("me.txt", b"ann@example.org")}
    answer = await client.post("/sign-in", data={"csrf": token, "password": "x"}, files=files)
    assert answer.status_code == 400
    assert "That could not be read" in answer.text
