"""The webhook: signed as its receivers expect, the same under the same id, and never repeated in the dark."""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from aggregator.deliver.posts.places import Next, PostFailed
from aggregator.deliver.posts.webhook import Webhook
from aggregator.model import DigestFormat
from tests.deliver.posts.blog import Loopback, Says
from tests.deliver.posts.setting import NOON, an_article, settings
from tests.outbounds import an_outbound

SECRET = "whsec_" + base64.b64encode(b"twenty-four random bytes").decode()


@pytest.fixture
def receiver() -> Iterator[Loopback]:
    with Loopback(lambda _: Says(status=204)) as receiver:
        yield receiver


async def put(url: str, *, secret: str = SECRET, **given: Any) -> str:
    async with an_outbound() as outbound:
        hook = Webhook(settings(webhook_url=url, webhook_secret=secret), outbound, lambda: NOON)
        return await hook.put(an_article(**given))


async def failure(url: str, **given: Any) -> PostFailed:
    with pytest.raises(PostFailed) as failed:
        await put(url, **given)
    return failed.value


def verified(receiver: Loopback, key: bytes) -> dict[str, object]:
    """The newest message, checked as the standard tells receivers to."""
    asked = receiver.asked[-1]
    signed = f"{asked.headers['webhook-id']}.{asked.headers['webhook-timestamp']}.".encode() + asked.body
    right = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert asked.headers["webhook-signature"] == f"v1,{right}"
    assert asked.headers["webhook-timestamp"] == str(int(NOON.timestamp()))
    found: dict[str, object] = json.loads(asked.body)
    return found


async def test_a_receiver_can_tell_who_sent_what(receiver: Loopback) -> None:
    assert await put(f"{receiver.url}/hook?key=abc") == f"{receiver.url}/"
    assert verified(receiver, b"twenty-four random bytes") == {
        "type": "digest.published",
        "timestamp": "2026-11-20T12:00:00+00:00",
        "data": {
            "slug": "2026-11-20",
            "format": "friday",
            "number": 1,
            "title": "Five for Friday (20/11/2026)",
            "url": "https://five.example.org/digests/2026-11-20",
            "published_at": "2026-11-20T12:00:00+00:00",
            "updated_at": "2026-11-20T12:00:00+00:00",
            "html": "<p>Hello</p>",
            "markdown": an_article().markdown,
        },
    }
    (asked,) = receiver.asked
    assert (asked.method, asked.path, asked.headers["content-type"]) == ("POST", "/hook?key=abc", "application/json")
    await put(receiver.url, secret="a plain secret")
    verified(receiver, b"a plain secret")


async def test_a_repetition_has_the_same_id_and_a_correction_another(receiver: Loopback) -> None:
    await put(receiver.url)
    await put(receiver.url)
    await put(receiver.url, revision=4, updated_at=NOON + timedelta(days=1), format=DigestFormat.THEMED)
    ids = [asked.headers["webhook-id"] for asked in receiver.asked]
    assert ids == ["2026-11-20-3", "2026-11-20-3", "2026-11-20-4"]
    assert verified(receiver, b"twenty-four random bytes")["type"] == "digest.corrected"


@pytest.mark.parametrize(
    ("status", "then"),
    [(500, Next.LATER), (429, Next.LATER), (302, Next.PERSON), (401, Next.PERSON), (410, Next.PERSON)],
)
async def test_a_clear_no_is_no_riddle(receiver: Loopback, status: int, then: Next) -> None:
    receiver.answers = lambda _: Says(status=status, headers={"Location": "/"})
    assert (await failure(receiver.url)).then is then
    assert len(receiver.asked) == 1


async def test_without_an_answer_nobody_can_tell(receiver: Loopback) -> None:
    receiver.answers = lambda _: None
    assert (await failure(receiver.url)).then is Next.UNKNOWN


async def test_without_a_connection_nothing_was_sent() -> None:
    with Loopback(lambda _: Says()) as receiver:
        url = receiver.url
    assert (await failure(url)).then is Next.LATER
    with Loopback(lambda _: Says()) as receiver:  # it speaks no TLS
        assert (await failure(receiver.url.replace("http:", "https:"))).then is Next.LATER
    assert receiver.asked == []


async def test_a_private_network_is_refused_unless_it_is_named(receiver: Loopback) -> None:
    async with an_outbound(allowed_networks=()) as outbound:
        hook = Webhook(settings(webhook_url=receiver.url, webhook_secret="s"), outbound, lambda: NOON)
        with pytest.raises(PostFailed, match="private or reserved network") as failed:
            await hook.put(an_article())
    assert (failed.value.then, receiver.asked) == (Next.LATER, [])


async def test_a_secret_is_needed(receiver: Loopback) -> None:
    async with an_outbound() as outbound:

        def hook(secret: str) -> Webhook:
            return Webhook(settings(webhook_url=receiver.url, webhook_secret=secret), outbound, lambda: NOON)

        assert hook("s").problem() is None
        assert "no secret is set" in (hook("").problem() or "")
        assert "not base64" in (hook("whsec_!").problem() or "")
        assert "not base64" in (hook("whsec_").problem() or "")  # anybody could sign with nothing
    assert (await failure(receiver.url, secret="")).then is Next.PERSON
    assert receiver.asked == []
