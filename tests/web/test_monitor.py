"""/metrics: for this machine, or for whoever has the token; and no stranger's words in it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from aggregator.app import App
from aggregator.web.server import build_app
from tests.rows import follow_a_feed


@dataclass(frozen=True)
class Report:
    outcome: str
    reason: str | None = None
    new: int = 0


@asynccontextmanager
async def asking(app: App, *, frm: str = "127.0.0.1", host: str = "127.0.0.1:8000") -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=build_app(app), client=(frm, 50000), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=f"http://{host}") as client:
        yield client


async def test_the_numbers_are_there(app: App) -> None:
    with app.db.write() as tx:
        follow_a_feed(tx, title="secret title", xml_url="https://secret.example.org/feed")
        follow_a_feed(tx, failures=2)
    app.metrics.polled(Report("new", new=3), 0.2)
    app.metrics.polled(Report("failed", reason="timeout"), 30.5)
    async with asking(app) as client:
        answer = await client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert answer.headers["cache-control"] == "no-store"
    assert "secret" not in answer.text
    found = {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }
    assert found["five_polls_total", "new"] == found["five_polls_total", "failed"] == 1
    assert found["five_poll_failures_total", "timeout"] == 1
    assert found["five_entries_total",] == 3
    assert found["five_poll_seconds_count",] == 2
    assert found["five_poll_seconds_bucket", "1.0"] == 1
    assert found["five_feeds", "failing"] == 1
    assert found["five_database_bytes",] > 10_000
    assert found["process_open_fds",] > 0


async def test_a_state_that_no_feed_is_in_any_more_is_not_told(app: App) -> None:
    assert b'state="failing"' in app.metrics.text(states={"failing": 1}, late=0, database_bytes=1)
    assert b'state="failing"' not in app.metrics.text(states={"well": 1}, late=0, database_bytes=1)


@pytest.mark.parametrize("frm", ["10.0.0.1", "2001:db8::1", "unix"])
async def test_strangers_get_nothing(app: App, frm: str) -> None:
    async with asking(app, frm=frm) as client:
        answer = await client.get("/metrics")
    assert answer.status_code == 403
    assert "five_" not in answer.text


@pytest.mark.parametrize("header", ["Forwarded", "Via", "X-Forwarded-For", "X-Real-IP"])
async def test_what_a_web_server_on_this_machine_passes_on_is_a_stranger_s(app: App, header: str) -> None:
    async with asking(app) as client:
        assert (await client.get("/metrics", headers={header: "127.0.0.1"})).status_code == 403
    async with asking(app, host="five.example.org") as client:
        assert (await client.get("/metrics")).status_code == 403


async def test_with_a_token_only_the_token_counts(app: App, tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("open sesame\n# for the monitor\n", encoding="utf-8")
    guarded = replace(app, settings=replace(app.settings, metrics_token_file=str(file)))
    async with asking(guarded, frm="10.0.0.1", host="five.example.org") as client:
        assert (await client.get("/metrics", headers={"Authorization": "Bearer open sesame"})).status_code == 200
    async with asking(guarded) as client:
        assert (await client.get("/metrics")).status_code == 403
        for wrong in (b"", b"Bearer ", b"Bearer \xe9", b"open sesame", b"Bearer open sesame\xe9"):
            assert (await client.get("/metrics", headers=[(b"authorization", wrong)])).status_code == 403


@pytest.mark.parametrize("content", [None, "", "\nsecond line"])
async def test_a_token_that_is_missing_lets_nobody_in(app: App, tmp_path: Path, content: str | None) -> None:
    file = tmp_path / "token"
    if content is not None:
        file.write_text(content, encoding="utf-8")
    guarded = replace(app, settings=replace(app.settings, metrics_token_file=str(file)))
    async with asking(guarded) as client:
        answer = await client.get("/metrics", headers={"Authorization": "Bearer "})
    assert answer.status_code == 503
    assert "five_" not in answer.text
