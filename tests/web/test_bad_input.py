"""What no page of ours sends: numbers that no table holds, places at the ends of time."""

import re

import httpx
import pytest
from starlette.routing import Route

from aggregator.app import App
from aggregator.web.routes import ROUTES
from tests.web.doors import carry, enter
from tests.web.press import see

BY_ID = [route for route in ROUTES if isinstance(route, Route) and ":id}" in route.path]


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
