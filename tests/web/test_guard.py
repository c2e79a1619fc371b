"""Every answer is guarded, and only our own names are answered to."""

import logging

import httpx
import pytest

from aggregator.app import App
from aggregator.web.guard import security_headers, trusted_hosts
from aggregator.web.server import build_app
from tests.web.press import BASE_URL
from tests.web.test_public import FEEDS, PAGES


@pytest.mark.parametrize("path", [*PAGES, *FEEDS, "/healthz", "/nowhere", "/static/five.css", "/static/nothing"])
async def test_every_answer_carries_the_headers(client: httpx.AsyncClient, path: str) -> None:
    headers = (await client.get(path)).headers
    policy = dict(part.split(" ", 1) for part in headers["content-security-policy"].split("; "))
    assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert policy["style-src"] == "'self'"
    assert not {"script-src", "connect-src", "frame-src"} & policy.keys()
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["strict-transport-security"].startswith("max-age=")
    assert "set-cookie" not in headers
    assert "server" not in headers


def test_transport_security_is_promised_only_where_there_is_some() -> None:
    assert "strict-transport-security" not in security_headers("http://127.0.0.1:8000")


@pytest.mark.parametrize(
    "host", ["five.example.org", "FIVE.example.org:443", "127.0.0.1:8000", "localhost", "[::1]:80"]
)
async def test_our_own_names_are_answered_to(client: httpx.AsyncClient, host: str) -> None:
    assert (await client.get("/", headers={"host": host})).status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "five.example.org.evil.example", "", "www.five.example.org", "[::2]"])
async def test_no_other_name_is(client: httpx.AsyncClient, host: str) -> None:
    answer = await client.get("/", headers={"host": host})
    assert answer.status_code == 400
    assert host not in answer.text or not host
    assert "content-security-policy" in answer.headers


def test_a_wildcard_to_listen_on_is_no_name() -> None:
    assert trusted_hosts("https://a.example/five", "0.0.0.0") == ["127.0.0.1", "[::1]", "a.example", "localhost"]
    assert "10.1.2.3" in trusted_hosts("https://a.example", "10.1.2.3")


async def test_a_slash_too_many_leads_to_the_page_on_the_same_site(client: httpx.AsyncClient) -> None:
    answer = await client.get("/digests/")
    assert answer.headers["location"] == f"{BASE_URL}/digests"
    for path in ("//evil.example/", "//evil.example/digests/"):
        elsewhere = await client.send(client.build_request("GET", httpx.URL(BASE_URL, raw_path=path.encode())))
        assert elsewhere.headers.get("location", BASE_URL).startswith(BASE_URL)


async def test_a_method_that_is_not_allowed_is_a_page(client: httpx.AsyncClient) -> None:
    answer = await client.post("/digests")
    assert answer.status_code == 405
    assert "GET" in answer.headers["allow"]
    assert "This page can only be read" in answer.text


async def test_a_busy_database_asks_for_patience_and_tells_only_the_log(
    app: App, client: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    app.db.path.rename(app.db.path.with_suffix(".away"))
    app.db.path.mkdir()
    app.db.close()  # what was open is closed, so that the file is opened anew
    with caplog.at_level(logging.ERROR, logger="aggregator"):
        answer = await client.get("/digests")
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "60"
    assert "try again in a minute" in answer.text
    assert str(app.db.path) not in answer.text
    assert str(app.db.path) in caplog.text


async def test_a_fault_of_ours_is_a_page_too_and_guarded(app: App) -> None:
    starlette = build_app(app)

    def broken(_request: object) -> None:
        raise ZeroDivisionError("the secret")

    starlette.add_route("/broken", broken)  # type: ignore[arg-type]
    transport = httpx.ASGITransport(app=starlette, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=BASE_URL) as client:
        answer = await client.get("/broken")
    assert answer.status_code == 500
    assert "It is our fault, not yours" in answer.text
    assert "secret" not in answer.text
    assert "content-security-policy" in answer.headers
