"""The callback of a hub: its question and what it sends, over HTTP."""

import hashlib
import hmac
from datetime import timedelta

import httpx
from sqlalchemy import func, select

from aggregator.app import App
from aggregator.store.schema import entries, hub_subscriptions
from tests.conftest import StandingClock
from tests.poll.values import an_rss
from tests.rows import follow_a_feed

TOPIC = "https://blog.example.org/feed"


def subscribe(app: App, clock: StandingClock) -> None:
    with app.db.write() as tx:
        feed_id = follow_a_feed(tx, xml_url=TOPIC, hub_url="https://hub.example.org/", topic_url=TOPIC)
        tx.execute(
            hub_subscriptions.insert().values(
                feed_id=feed_id,
                hub_url="https://hub.example.org/",
                topic_url=TOPIC,
                token="tok",
                secret="s3cret",
                status="asked",
                asked_at=clock(),
                next_ask_at=clock() + timedelta(hours=1),
                tries=1,
                message="",
            )
        )


async def test_a_hub_gets_its_challenge_back_as_plain_text(
    app: App, client: httpx.AsyncClient, clock: StandingClock
) -> None:
    subscribe(app, clock)
    question = {"hub.mode": "subscribe", "hub.topic": TOPIC, "hub.challenge": "<b>x", "hub.lease_seconds": "864000"}
    answer = await client.get("/websub/tok", params=question)
    assert (answer.status_code, answer.text) == (200, "<b>x")
    assert answer.headers["content-type"].startswith("text/plain")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert (await client.get("/websub/another", params=question)).status_code == 404
    assert (await client.get("/websub/tok", params=question | {"hub.mode": "unsubscribe"})).status_code == 404


async def test_what_a_hub_sends_is_taken_in_when_it_is_signed(
    app: App, client: httpx.AsyncClient, clock: StandingClock
) -> None:
    subscribe(app, clock)
    body = an_rss(*range(1, 200)).encode()  # larger than any form may be
    assert len(body) > 64 * 1024
    right = {"X-Hub-Signature": "sha256=" + hmac.new(b"s3cret", body, hashlib.sha256).hexdigest()}

    def saved() -> int:
        with app.db.read() as tx:
            return tx.scalar(select(func.count()).select_from(entries)) or 0

    assert (await client.post("/websub/tok", content=body)).status_code == 202
    assert saved() == 0
    assert (await client.post("/websub/another", content=body, headers=right)).status_code == 404
    assert saved() == 0
    assert (await client.post("/websub/tok", content=body, headers=right)).status_code == 202
    assert saved() == 199


async def test_more_than_a_feed_may_be_is_refused(app: App, client: httpx.AsyncClient, clock: StandingClock) -> None:
    subscribe(app, clock)
    assert (await client.post("/websub/tok", content=b"x" * (10 * 1024 * 1024 + 1))).status_code == 413
