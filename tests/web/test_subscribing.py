"""Subscribe, confirm, manage, unsubscribe: GET shows, POST acts, answers are equal, nobody needs a cookie."""

import json
from dataclasses import replace

import httpx
import pytest

from aggregator.app import App
from aggregator.deliver.tokens import Tokens
from aggregator.model import Subscriber, SubscriberStatus
from aggregator.store import subscribers
from aggregator.web.server import build_app
from tests.web.press import BASE_URL, see

ADDRESS = "ann@example.org"


def reader(app: App, address: str = ADDRESS) -> Subscriber | None:
    with app.db.read() as tx:
        return subscribers.by_address(tx, address)


def confirm_path(app: App) -> str:
    found = reader(app)
    assert found is not None
    return f"/confirm/{Tokens(app.settings.data / 'secret.key').confirm(found.id, found.asked_at)}"


def own_path(app: App, verb: str) -> str:
    found = reader(app)
    assert found is not None
    return f"/{verb}/{Tokens(app.settings.data / 'secret.key').manage(found.id)}"


async def subscribed(app: App, client: httpx.AsyncClient) -> None:
    assert (await client.post("/subscribe", data={"address": ADDRESS})).status_code == 200
    assert (await client.post(confirm_path(app))).status_code == 200


async def test_the_form_shows_the_words_that_are_recorded(app: App, client: httpx.AsyncClient) -> None:
    for path in ("/", "/subscribe"):
        page = see((await client.get(path)).text)
        assert app.subscribers.wording in page.text, path
        assert page.all("form") == [{"class": "form", "method": "post", "action": "/subscribe"}], path


async def test_from_the_form_to_the_last_goodbye(app: App, client: httpx.AsyncClient) -> None:
    page = see((await client.post("/subscribe", data={"address": f" {ADDRESS.upper()} "})).text)
    assert "Check your mail" in page.text
    asked = see((await client.get(confirm_path(app))).text)
    assert ADDRESS in asked.text
    assert asked.all("form", method="post") == [{"class": "form", "method": "post", "action": confirm_path(app)}]
    assert reader(app).status is SubscriberStatus.PENDING  # type: ignore[union-attr]
    assert "You are subscribed" in (await client.post(confirm_path(app))).text
    assert reader(app).status is SubscriberStatus.ACTIVE  # type: ignore[union-attr]
    own = see((await client.get(own_path(app, "manage"))).text)
    assert ADDRESS in own.text
    assert "18 November 2026" in own.text
    assert "You are unsubscribed" in (await client.post(own_path(app, "unsubscribe"))).text
    assert reader(app).status is SubscriberStatus.UNSUBSCRIBED  # type: ignore[union-attr]
    assert "You get no mail from us" in see((await client.get(own_path(app, "manage"))).text).text


async def test_one_click_needs_nothing_and_is_the_same_for_ever(app: App, client: httpx.AsyncClient) -> None:
    await subscribed(app, client)
    path = own_path(app, "unsubscribe")
    for kind in ("application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""):
        answer = await client.post(path, content=b"List-Unsubscribe=One-Click", headers={"content-type": kind})
        assert answer.status_code == 200
        assert "set-cookie" not in answer.headers
        assert answer.history == []
    log = app.subscribers.own_data(path.rpartition("/")[2]).consents
    assert [line.source for line in log if line.action == "unsubscribed"] == ["one-click"]
    app.subscribers.erase_own(path.rpartition("/")[2])
    assert (await client.post(path)).status_code == 200
    assert (await client.post("/unsubscribe/nobody")).text == (await client.post(path)).text


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_opening_every_link_changes_nothing(app: App, client: httpx.AsyncClient, method: str) -> None:
    await client.post("/subscribe", data={"address": ADDRESS})
    links = [confirm_path(app), own_path(app, "manage"), own_path(app, "unsubscribe")]

    def rows() -> list[object]:
        with app.db.read() as tx:
            tables = [row[0] for row in tx.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table'")]
            return [tuple(tx.exec_driver_sql(f'SELECT * FROM "{table}"').all()) for table in tables]

    for is_active in (False, True):
        if is_active:
            await client.post(confirm_path(app))
        before = rows()
        for path in links:
            assert (await client.request(method, path)).status_code == 200, path
        assert rows() == before


async def test_the_answer_does_not_tell_who_reads_us(app: App, client: httpx.AsyncClient) -> None:
    await subscribed(app, client)
    known = await client.post("/subscribe", data={"address": ADDRESS})
    unknown = await client.post("/subscribe", data={"address": "bob@example.org"})
    often = [await client.post("/subscribe", data={"address": ADDRESS}) for _ in range(5)]
    for answer in (known, *often):
        assert (answer.status_code, answer.text, answer.headers) == (unknown.status_code, unknown.text, unknown.headers)


@pytest.mark.parametrize("address", ["", "ann", "a b@example.org", "ann@example.org\r\nBcc: x@example.org", "<b>@x"])
async def test_what_is_no_address_is_said_beside_the_field(app: App, client: httpx.AsyncClient, address: str) -> None:
    answer = await client.post("/subscribe", data={"address": address})
    page = see(answer.text)
    assert answer.status_code == 422
    assert page.text.startswith("Error: ")
    assert "There is a problem" in page.text
    assert "#address" in page.links()
    (field,) = page.all("input", id="address")
    assert field["aria-invalid"] == "true"
    assert field["aria-describedby"] == "address-error"
    assert page.all("b") == []


async def test_a_program_that_fills_in_everything_is_thanked_for_nothing(app: App, client: httpx.AsyncClient) -> None:
    fooled = await client.post("/subscribe", data={"address": ADDRESS, "website": "https://spam.example/"})
    assert reader(app) is None
    assert fooled.text == (await client.post("/subscribe", data={"address": ADDRESS})).text
    assert reader(app) is not None


async def test_one_network_cannot_sign_up_a_city(app: App, client: httpx.AsyncClient) -> None:
    codes = [(await client.post("/subscribe", data={"address": f"n{n}@example.org"})).status_code for n in range(22)]
    assert codes[:20] == [200] * 20
    assert codes[20:] == [429] * 2
    assert reader(app, "n21@example.org") is None


async def test_readers_take_their_data_along_and_are_forgotten(app: App, client: httpx.AsyncClient) -> None:
    await subscribed(app, client)
    path = own_path(app, "manage")
    taken = await client.post(path, data={"action": "take"})
    assert json.loads(taken.text)["subscriber"]["address"] == ADDRESS
    assert taken.headers["content-disposition"].startswith("attachment")
    assert ADDRESS in (await client.post(path, data={"action": "something else"})).text
    assert "You are forgotten" in (await client.post(path, data={"action": "forget"})).text
    assert reader(app) is None
    for action in ("take", "forget", ""):
        assert (await client.post(path, data={"action": action})).status_code == 404, action


@pytest.mark.parametrize("path", ["/confirm/x", "/manage/x", "/confirm/" + "A" * 5000])
async def test_a_link_that_leads_nowhere_says_so(app: App, client: httpx.AsyncClient, path: str) -> None:
    for answer in (await client.get(path), await client.post(path)):
        assert answer.status_code == 404
        assert "This link no longer works" in answer.text


async def test_what_is_said_to_one_reader_is_kept_nowhere(app: App, client: httpx.AsyncClient) -> None:
    await subscribed(app, client)
    for path in (own_path(app, "manage"), own_path(app, "unsubscribe"), "/subscribe"):
        answer = await client.get(path)
        assert answer.headers["cache-control"] == "no-store", path
        if path != "/subscribe":
            assert see(answer.text).all("meta", name="robots", content="noindex"), path
            assert see(answer.text).all("link", rel="canonical") == [], path


async def test_without_forms_nothing_leads_to_one_and_leaving_still_works(app: App, client: httpx.AsyncClient) -> None:
    await subscribed(app, client)
    plain = build_app(replace(app, settings=replace(app.settings, forms=False)))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=plain), base_url=BASE_URL) as asking:
        for path in ("/subscribe", "/suggest"):
            assert (await asking.get(path)).status_code == 404
            assert (await asking.post(path, data={"address": "bob@example.org"})).status_code == 404
        for path in ("/", "/blogs", "/bookmarks", "/follow", "/privacy"):
            page = see((await asking.get(path)).text)
            assert page.all("form") == [], path
            assert not [link for link in page.links() if link.startswith(("/subscribe", "/suggest"))], path
        assert (await asking.post(own_path(app, "unsubscribe"))).status_code == 200
    assert reader(app).status is SubscriberStatus.UNSUBSCRIBED  # type: ignore[union-attr]
