"""WebSub: with a hub on loopback, real workers and a real database file."""

import asyncio
import hmac
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs

import pytest
from sqlalchemy import Row, select, update

from aggregator.errors import NotFound
from aggregator.model import HubStatus
from aggregator.outbound import Outbound
from aggregator.poll import parse
from aggregator.poll.links import linked
from aggregator.poll.websub import Hubs, Proof, back_off, is_public, proof
from aggregator.sandbox import Sandbox
from aggregator.store import polls
from aggregator.store.database import Database
from aggregator.store.schema import entries, feeds, hub_subscriptions
from tests.conftest import StandingClock
from tests.poll.values import NOW, an_rss
from tests.rows import follow_a_feed

TOPIC = "https://blog.example.org/feed"
PUBLIC = "https://five.example.org"
DAY = timedelta(days=1)


@pytest.fixture
def hubs(db: Database, clock: StandingClock, outbound: Outbound, sandbox: Sandbox) -> Hubs:
    return Hubs(db=db, clock=clock, outbound=outbound, sandbox=sandbox, base_url=PUBLIC)


@dataclass
class Hub:
    """What a hub was asked, and what it answers."""

    url: str = ""
    status: int = 202
    location: str = ""
    forms: list[dict[str, str]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)


@asynccontextmanager
async def a_hub() -> AsyncIterator[Hub]:
    hub = Hub()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = int(head.partition("content-length: ")[2].partition("\r\n")[0])
        form = parse_qs((await reader.readexactly(length)).decode())
        hub.forms.append({name: value for name, (value,) in form.items()})
        hub.paths.append(head.split()[1])
        status = hub.status if hub.paths[-1] == "/hub" else 202
        writer.write(f"HTTP/1.1 {status} So\r\nLocation: {hub.location}\r\nContent-Length: 0\r\n\r\n".encode())
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        hub.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hub"
        yield hub


def follow(db: Database, hub_url: str, **given: Any) -> int:
    with db.write() as tx:
        return follow_a_feed(tx, **{"xml_url": TOPIC, "hub_url": hub_url, "topic_url": TOPIC} | given)


def subscribed(db: Database, feed_id: int, **given: Any) -> str:
    """A verified subscription at a hub that shares the secret with us; its token."""
    good: dict[str, Any] = {
        "feed_id": feed_id,
        "hub_url": "https://hub.example.org/",
        "topic_url": TOPIC,
        "token": "tok",
        "secret": "s3cret",
        "status": "active",
        "asked_at": NOW,
        "ends_at": NOW + 10 * DAY,
        "next_ask_at": NOW + 7 * DAY,
        "tries": 0,
        "message": "",
    }
    with db.write() as tx:
        tx.execute(hub_subscriptions.insert().values(good | given))
    return str((good | given)["token"])


def held(db: Database) -> Row[*tuple[Any, ...]]:
    with db.read() as tx:
        return tx.execute(select(hub_subscriptions)).one()


def titles(db: Database) -> list[str]:
    with db.read() as tx:
        return [row.title for row in tx.execute(select(entries.c.title).order_by(entries.c.id))]


def signed(body: bytes, method: str = "sha256", secret: str = "s3cret") -> str:
    return f"{method}={hmac.new(secret.encode(), body, method).hexdigest()}"


# ------------------------------------------------------------------------------------------------ asking


async def test_a_hub_is_asked_verified_and_asked_again_before_the_lease_ends(
    db: Database, hubs: Hubs, clock: StandingClock
) -> None:
    async with a_hub() as hub:
        feed_id = follow(db, hub.url)
        assert await hubs.subscribe_due() == 1
        [form] = hub.forms
        token = held(db).token
        assert form == {
            "hub.mode": "subscribe",
            "hub.topic": TOPIC,
            "hub.callback": f"{PUBLIC}/websub/{token}",
            "hub.lease_seconds": "864000",
        }  # no secret: this hub is not asked over https
        assert len(token) >= 32
        question = {"hub.mode": "subscribe", "hub.topic": TOPIC, "hub.challenge": "xyz", "hub.lease_seconds": "86400"}
        assert hubs.verify(token, question) == "xyz"
        with db.read() as tx:
            due = polls.one(tx, feed_id)
        assert due is not None
        assert due.pushed_until == NOW + DAY
        clock.advance(hours=17, minutes=59)
        assert await hubs.subscribe_due() == 0
        clock.advance(minutes=1)
        assert await hubs.subscribe_due() == 1
        assert hub.forms[1]["hub.callback"] == form["hub.callback"]
        assert held(db).status == HubStatus.ACTIVE


async def test_a_hub_that_never_verifies_is_asked_less_and_less(db: Database, hubs: Hubs, clock: StandingClock) -> None:
    async with a_hub() as hub:
        hub.status = 500
        follow(db, hub.url)
        await hubs.subscribe_due()
        assert held(db).message == "The hub answered with status 500."
        clock.advance(minutes=59)
        assert await hubs.subscribe_due() == 0
        clock.advance(minutes=1)
        assert await hubs.subscribe_due() == 1
        clock.advance(minutes=119)
        assert await hubs.subscribe_due() == 0
    assert [back_off(tries) for tries in (1, 2, 3, 99)] == [timedelta(hours=hours) for hours in (1, 2, 4, 168)]


@pytest.mark.parametrize(("status", "path"), [(307, "/other"), (308, "/other")])
async def test_a_hub_that_moved_is_asked_where_it_is(db: Database, hubs: Hubs, status: int, path: str) -> None:
    async with a_hub() as hub:
        hub.status, hub.location = status, path
        follow(db, hub.url)
        await hubs.subscribe_due()
        assert hub.paths == ["/hub", path]
        assert hub.forms[0] == hub.forms[1]
    assert held(db).message == ""


async def test_a_hub_that_cannot_be_reached_is_noted(db: Database, hubs: Hubs) -> None:
    follow(db, "http://10.0.0.1/hub")
    await hubs.subscribe_due()
    assert "private or reserved network" in held(db).message


async def test_another_hub_gets_another_token_and_secret(db: Database, hubs: Hubs) -> None:
    async with a_hub() as hub:
        feed_id = follow(db, hub.url)
        subscribed(db, feed_id, hub_url="http://10.0.0.1/hub", status="asked")
        assert await hubs.subscribe_due() == 1
        now = held(db)
        assert now.token != "tok"
        assert now.secret != "s3cret"
        assert (now.hub_url, now.status) == (hub.url, "asked")


# ------------------------------------------------------------------------------------------------ leaving


def the_end(token: str, **changed: str) -> dict[str, str]:
    return {"hub.mode": "unsubscribe", "hub.topic": TOPIC, "hub.challenge": "xyz"} | changed


def is_forgotten(db: Database) -> bool:
    with db.read() as tx:
        return tx.execute(select(hub_subscriptions)).one_or_none() is None


def becomes(db: Database, feed_id: int, **values: Any) -> None:
    with db.write() as tx:
        tx.execute(update(feeds).where(feeds.c.id == feed_id).values(**values))


@pytest.mark.parametrize("status", ["active", "silent"])
@pytest.mark.parametrize(
    "given", [{"status": "paused"}, {"status": "gone"}, {"hub_url": None, "topic_url": None}], ids=str
)
async def test_a_hub_that_has_no_use_any_more_is_asked_to_stop(
    db: Database, hubs: Hubs, given: dict[str, Any], status: str
) -> None:
    async with a_hub() as hub:
        feed_id = follow(db, hub.url)
        token = subscribed(db, feed_id, hub_url=hub.url, status=status)
        with pytest.raises(NotFound):
            hubs.verify(token, the_end(token))  # we want it still
        becomes(db, feed_id, **given)
        assert await hubs.subscribe_due() == 0
        assert hub.forms == [
            {"hub.mode": "unsubscribe", "hub.topic": TOPIC, "hub.callback": f"{PUBLIC}/websub/{token}"}
        ]
        await hubs.subscribe_due()
        assert len(hub.forms) == 1, "it has an hour to ask back"
        for wrong in ({"hub.topic": "https://other.example.org/"}, {"hub.challenge": ""}, {"hub.mode": "subscribe"}):
            with pytest.raises(NotFound):
                hubs.verify(token, the_end(token) | wrong)
        with pytest.raises(NotFound):
            hubs.verify("another", the_end("another"))
        assert hubs.verify(token, the_end(token)) == "xyz"
        assert is_forgotten(db)


async def test_a_hub_that_does_not_ask_back_is_asked_three_times(
    db: Database, hubs: Hubs, clock: StandingClock
) -> None:
    async with a_hub() as hub:
        hub.status = 500
        subscribed(db, follow(db, hub.url, status="paused"), hub_url=hub.url)
        for hours in (0, 1, 2, 4):
            assert not is_forgotten(db)
            clock.advance(hours=hours, minutes=-1)
            await hubs.subscribe_due()
            clock.advance(minutes=1)
            await hubs.subscribe_due()
        assert [form["hub.mode"] for form in hub.forms] == ["unsubscribe"] * 3
        assert is_forgotten(db)


@pytest.mark.parametrize("given", [{"status": "asked", "ends_at": None}, {"status": "refused"}, {"ends_at": NOW}])
async def test_where_nothing_would_come_nobody_is_asked(db: Database, hubs: Hubs, given: dict[str, Any]) -> None:
    async with a_hub() as hub:
        subscribed(db, follow(db, hub.url, status="paused"), hub_url=hub.url, **given)
        await hubs.subscribe_due()
        assert hub.forms == []
        assert is_forgotten(db)


async def test_of_two_hubs_the_old_one_is_left_before_the_new_one_is_asked(db: Database, hubs: Hubs) -> None:
    async with a_hub() as old, a_hub() as new:
        feed_id = follow(db, new.url)
        token = subscribed(db, feed_id, hub_url=old.url)
        assert await hubs.subscribe_due() == 0
        assert [form["hub.mode"] for form in old.forms] == ["unsubscribe"]
        assert new.forms == []
        assert hubs.verify(token, the_end(token)) == "xyz"
        assert await hubs.subscribe_due() == 1
        assert new.forms[0]["hub.callback"] != old.forms[0]["hub.callback"]
        assert len(old.forms) == 1


async def test_a_feed_that_is_followed_again_asks_again(db: Database, hubs: Hubs) -> None:
    async with a_hub() as hub:
        feed_id = follow(db, hub.url, status="paused")
        token = subscribed(db, feed_id, hub_url=hub.url)
        await hubs.subscribe_due()
        becomes(db, feed_id, status="active")
        with pytest.raises(NotFound):
            hubs.verify(token, the_end(token))
        assert await hubs.subscribe_due() == 1
        assert [form["hub.mode"] for form in hub.forms] == ["unsubscribe", "subscribe"]
        assert (held(db).status, held(db).ends_at) == ("asked", None)


async def test_a_hub_that_cannot_reach_us_is_not_asked_to_stop(
    db: Database, clock: StandingClock, outbound: Outbound, sandbox: Sandbox
) -> None:
    async with a_hub() as hub:
        subscribed(db, follow(db, hub.url, status="paused"), hub_url=hub.url)
        private = Hubs(db=db, clock=clock, outbound=outbound, sandbox=sandbox, base_url="http://127.0.0.1:8000")
        await private.subscribe_due()
        assert hub.forms == []


@pytest.mark.parametrize("given", [{"status": "paused"}, {"status": "gone"}, {"hub_url": None}])
async def test_only_feeds_that_are_followed_and_name_a_hub_count(
    db: Database, hubs: Hubs, given: dict[str, Any]
) -> None:
    follow(db, **({"hub_url": "http://127.0.0.1:9/"} | given))
    assert await hubs.subscribe_due() == 0


@pytest.mark.parametrize(
    ("base_url", "public"),
    [
        (PUBLIC, True),
        ("https://five.example.org/below", True),
        ("https://8.8.8.8", True),
        ("http://five.example.org", False),
        ("http://127.0.0.1:8000", False),
        ("https://127.0.0.1", False),
        ("https://[::1]", False),
        ("https://localhost", False),
        ("https://five.localhost", False),
        ("https://10.1.2.3", False),
        ("https://intranet", False),
    ],
)
async def test_hubs_are_asked_only_when_they_can_reach_us_safely(
    db: Database, clock: StandingClock, outbound: Outbound, sandbox: Sandbox, base_url: str, *, public: bool
) -> None:
    assert is_public(base_url) is public
    if not public:
        follow(db, "http://127.0.0.1:9/hub")
        hubs = Hubs(db=db, clock=clock, outbound=outbound, sandbox=sandbox, base_url=base_url)
        assert await hubs.subscribe_due() == 0


# ---------------------------------------------------------------------------------------------- questions


@pytest.mark.parametrize(
    "changed",
    [
        {"hub.topic": "https://other.example.org/"},
        {"hub.mode": "unsubscribe"},
        {"hub.mode": ""},
        {"hub.challenge": ""},
        {"hub.challenge": "x" * 2049},
    ],
)
async def test_what_nobody_asked_for_is_not_confirmed(db: Database, hubs: Hubs, changed: dict[str, str]) -> None:
    token = subscribed(db, follow(db, "https://hub.example.org/"), status="asked", ends_at=None)
    question = {"hub.mode": "subscribe", "hub.topic": TOPIC, "hub.challenge": "xyz", "hub.lease_seconds": "9"}
    with pytest.raises(NotFound):
        hubs.verify(token, question | changed)
    with pytest.raises(NotFound):
        hubs.verify("another", question)
    assert held(db).status == "asked"


@pytest.mark.parametrize(
    ("seconds", "lease"), [("3600", timedelta(hours=1)), ("9" * 20, 30 * DAY), ("", DAY), ("0", DAY), ("-5", DAY)]
)
async def test_a_lease_is_what_the_hub_says_within_reason(
    db: Database, hubs: Hubs, seconds: str, lease: timedelta
) -> None:
    token = subscribed(db, follow(db, "https://hub.example.org/"), status="asked", ends_at=None)
    hubs.verify(
        token, {"hub.mode": "subscribe", "hub.topic": TOPIC, "hub.challenge": "x", "hub.lease_seconds": seconds}
    )
    assert held(db).ends_at == NOW + lease
    assert held(db).next_ask_at == NOW + max(lease * 0.75, timedelta(hours=1))


async def test_a_refusal_is_noted_and_respected_for_a_week(db: Database, hubs: Hubs) -> None:
    token = subscribed(db, follow(db, "https://hub.example.org/"))
    assert hubs.verify(token, {"hub.mode": "denied", "hub.topic": TOPIC, "hub.reason": "too\nmany"}) == ""
    assert (held(db).status, held(db).message) == ("refused", "The hub refused: too many")
    assert held(db).next_ask_at == NOW + 7 * DAY


# ------------------------------------------------------------------------------------------ what is sent


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (signed(b"body"), Proof.STRONG),
        (signed(b"body", "sha384"), Proof.STRONG),
        (signed(b"body", "sha512").upper().replace("SHA512", "SHA512"), Proof.STRONG),
        (signed(b"body", "sha1"), Proof.WEAK),
        (signed(b"body", "md5"), Proof.NOTHING),
        (signed(b"other"), Proof.NOTHING),
        (signed(b"body", secret="guessed"), Proof.NOTHING),
        (signed(b"body")[:-1], Proof.NOTHING),
        ("sha256=", Proof.NOTHING),
        ("sha256=ü", Proof.NOTHING),
        ("", Proof.NOTHING),
    ],
)
def test_a_signature_proves_what_it_can(header: str, expected: Proof) -> None:
    assert proof(header, "s3cret", b"body") is expected


async def test_what_a_hub_sends_is_in_the_inbox_at_once(db: Database, hubs: Hubs) -> None:
    feed_id = follow(db, "https://hub.example.org/", next_poll_at=NOW + DAY, etag='"1"', body_hash="hash")
    token = subscribed(db, feed_id, status="silent")
    body = an_rss(1, 2).encode()
    assert await hubs.receive(token, body, "application/rss+xml", signed(body)) == 2
    assert await hubs.receive(token, body, "application/rss+xml", signed(body)) == 0
    assert titles(db) == ["Post 1", "Post 2"]
    with db.read() as tx:
        feed = tx.execute(select(feeds)).one()
    assert (feed.newest_entry_at, feed.next_poll_at) == (NOW, NOW + DAY)
    assert (feed.etag, feed.body_hash, feed.polled_at) == ('"1"', "hash", NOW - timedelta(hours=1))
    assert (held(db).status, held(db).pushed_at) == ("active", NOW)


async def test_what_is_not_signed_right_changes_nothing(db: Database, hubs: Hubs) -> None:
    feed_id = follow(db, "https://hub.example.org/", next_poll_at=NOW + DAY)
    token = subscribed(db, feed_id)
    body = an_rss(1).encode()
    assert await hubs.receive(token, body, "application/rss+xml", signed(b"other")) == 0
    assert titles(db) == []
    with db.read() as tx:
        assert tx.scalar(select(feeds.c.next_poll_at)) == NOW + DAY
    with pytest.raises(NotFound):
        await hubs.receive("another", body, "", signed(body))


@pytest.mark.parametrize("sent", ["weakly signed", "over http", "unreadable"])
async def test_less_than_that_is_a_hint_that_the_feed_is_due(db: Database, hubs: Hubs, sent: str) -> None:
    hub_url = "http://hub.example.org/" if sent == "over http" else "https://hub.example.org/"
    feed_id = follow(db, hub_url, next_poll_at=NOW + DAY, polled_at=NOW - timedelta(minutes=4))
    token = subscribed(db, feed_id, hub_url=hub_url)
    body = b"no feed" if sent == "unreadable" else an_rss(1).encode()
    signature = {"weakly signed": signed(body, "sha1"), "over http": "", "unreadable": signed(body)}[sent]
    assert await hubs.receive(token, body, "application/rss+xml", signature) == 0
    assert titles(db) == []
    with db.read() as tx:
        feed = tx.execute(select(feeds)).one()
    assert feed.next_poll_at == NOW + timedelta(minutes=6)  # not sooner than ten minutes after the last poll
    assert feed.next_poll_reason == "its hub says that there is something new"


async def test_a_hint_does_not_hurry_a_feed_that_fails(db: Database, hubs: Hubs) -> None:
    feed_id = follow(db, "http://hub.example.org/", next_poll_at=NOW + DAY, failures=3)
    token = subscribed(db, feed_id, hub_url="http://hub.example.org/")
    await hubs.receive(token, b"", "", "")
    with db.read() as tx:
        assert tx.scalar(select(feeds.c.next_poll_at)) == NOW + DAY


async def test_nothing_is_taken_for_a_feed_that_is_no_longer_followed(db: Database, hubs: Hubs) -> None:
    token = subscribed(db, follow(db, "https://hub.example.org/"))
    assert hubs.knows(token)
    with db.write() as tx:
        tx.execute(update(feeds).values(status="paused"))
    assert not hubs.knows(token)


# --------------------------------------------------------------------------------------- which hub it is


@pytest.mark.parametrize(
    ("header", "hub"),
    [
        (
            '<https://hub.example.org/>; rel="hub", <https://blog.example.org/feed>; rel="self"',
            "https://hub.example.org/",
        ),
        ("</hub>;rel=HUB", "https://blog.example.org/hub"),
        ('<https://a.example.org/>; title="rel=hub, a"; rel="next hub"', "https://a.example.org/"),
        ("<javascript:alert(1)>; rel=hub", None),
        ("<https://a.example.org/>; rel=hubs", None),
        ("<https://a.example.org/>", None),
        ("", None),
    ],
)
def test_a_link_header_may_name_the_hub(header: str, hub: str | None) -> None:
    assert linked(header, "hub", "https://blog.example.org/feed") == hub


@pytest.mark.parametrize(
    "document",
    [
        "<rss version='2.0' xmlns:a='http://www.w3.org/2005/Atom'><channel><title>T</title>"
        "<a:link rel='hub' href='https://hub.example.org/'/><a:link rel='self' href='/feed'/>"
        "<item><title>A</title></item></channel></rss>",
        "<feed xmlns='http://www.w3.org/2005/Atom'><title>T</title><link rel='hub' href='https://hub.example.org/'/>"
        "<link rel='self' href='https://blog.example.org/feed'/><entry><title>A</title></entry></feed>",
        '{"version": "https://jsonfeed.org/version/1.1", "title": "T", "feed_url": "https://blog.example.org/feed",'
        ' "hubs": [{"type": "rssCloud", "url": "https://x.example.org/"},'
        ' {"type": "WebSub", "url": "https://hub.example.org/"}], "items": []}',
    ],
)
def test_a_document_may_name_the_hub(document: str) -> None:
    found = parse.read(document.encode(), "", "https://blog.example.org/feed")
    assert (getattr(found, "hub_url", None), getattr(found, "topic_url", None)) == ("https://hub.example.org/", TOPIC)
