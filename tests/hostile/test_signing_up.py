"""Strangers at the sign-up form: who floods one victim, and who wants to know who reads us."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from sqlalchemy import event
from sqlalchemy.engine import Engine

from aggregator.app import App
from aggregator.deliver.subscribers import FRESH, PER_ADDRESS, PER_NETWORK
from aggregator.deliver.tokens import Tokens
from aggregator.errors import Refused
from aggregator.model import SubscriberStatus
from aggregator.store import subscribers
from aggregator.web.server import build_app
from tests.conftest import StandingClock
from tests.web.press import BASE_URL

VICTIM = "victim@example.org"
POSTS = 10_000


async def test_ten_thousand_posts_for_one_victim_send_three_mails(app: App, clock: StandingClock) -> None:
    refused = 0
    for number in range(POSTS):
        try:
            app.subscribers.subscribe(VICTIM, network=f"2001:db8:{number // (10 * PER_NETWORK):x}::/64")
        except Refused:
            refused += 1
        clock.advance(seconds=8)  # all of them within a day
        if number < 10 or number % 100 == 0:
            app.letterbox.send_due()
    assert refused == POSTS * 9 // 10, "of two hundred from each network, all but twenty"
    mails = [file.read_bytes() for file in (app.settings.data / "mail").glob("*.eml")]
    assert len(mails) == PER_ADDRESS == len([mail for mail in mails if f"To: {VICTIM}".encode() in mail])
    assert app.subscribers.counts()[SubscriberStatus.PENDING] == 1
    app.subscribers.subscribe("neighbour@example.org", network="2001:db8:ffff::/64")
    assert app.letterbox.send_due().sent == 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What a stranger can see of an answer, and the work that was done before it had left."""

    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes
    statements: tuple[str, ...]


async def test_neither_the_answer_nor_the_work_before_it_tells_who_reads_us(app: App, clock: StandingClock) -> None:
    everybody = readers_of_every_sort(app, clock)
    answers = {name: await sign_up(app, f"{name}@example.org") for name in ("stranger", "other", *everybody)}
    first = answers["stranger"]
    assert first.status == 200
    assert len(first.statements) > 10
    assert {name: one for name, one in answers.items() if one != first} == {}
    counts = app.subscribers.counts()
    assert counts[SubscriberStatus.ACTIVE] == 1
    assert counts[SubscriberStatus.PENDING] == 7, "the two strangers, who asked before, and who left in any other way"


def readers_of_every_sort(app: App, clock: StandingClock) -> tuple[str, ...]:
    """One of each sort that there is; their names."""
    keys, names = Tokens(app.settings.data / "secret.key"), ("stale", "active", "left", "bounced", "angry", "erased")
    for name in names:
        app.subscribers.subscribe(f"{name}@example.org")
        with app.db.read() as tx:
            found = subscribers.by_address(tx, f"{name}@example.org")
        assert found
        if name != "stale":
            app.subscribers.confirm(keys.confirm(found.id, found.asked_at))
        if name == "bounced":
            with app.db.write() as tx:
                subscribers.end(tx, found.id, SubscriberStatus.BOUNCED, at=clock())
    app.subscribers.unsubscribe(keys.manage(3))
    app.subscribers.complained("angry@example.org")
    app.subscribers.complained("furious@example.org")
    app.subscribers.erase("erased@example.org")
    clock.advance(days=FRESH.days + 1)
    app.subscribers.subscribe("fresh@example.org")
    app.letterbox.send_due()
    clock.advance(minutes=1)
    return (*names, "fresh", "furious")


async def sign_up(app: App, address: str) -> Answered:
    """Post the form, as a server hands it over."""
    body = f"address={quote(address)}".encode()
    headers = [
        (b"host", BASE_URL.removeprefix("https://").encode()),
        (b"content-type", b"application/x-www-form-urlencoded"),
    ]
    scope: dict[str, Any] = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "https",
        "path": "/subscribe",
        "raw_path": b"/subscribe",
        "root_path": "",
        "query_string": b"",
        "headers": headers,
        "client": ("192.0.2.1", 1),
        "server": None,
    }
    sent: list[Any] = []
    with statements() as noted:

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Any) -> None:
            sent.append((message, tuple(noted)))

        await build_app(app)(scope, receive, send)
    start, done = sent[0][0], sent[-1][1]
    text = b"".join(message.get("body", b"") for message, _ in sent)
    return Answered(status=start["status"], headers=tuple(start["headers"]), body=text, statements=done)


@contextmanager
def statements() -> Iterator[list[str]]:
    """What the databases are asked meanwhile."""
    noted: list[str] = []

    def note(_tx: object, _cursor: object, statement: str, *_rest: object) -> None:
        noted.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield noted
    finally:
        event.remove(Engine, "before_cursor_execute", note)
