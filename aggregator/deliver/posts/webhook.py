"""A program that wants to know: the digest as JSON, signed as in Standard Webhooks (standardwebhooks.com).

`webhook-id` is the same whenever the same state of a digest is sent, so that a receiver can tell a repetition.
"""

import base64
import binascii
import hmac
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import msgspec

from aggregator.clock import Clock
from aggregator.deliver.credentials import NoPassword, secret_for
from aggregator.deliver.posts.answers import check
from aggregator.deliver.posts.places import Article, Next, PostFailed
from aggregator.outbound import Outbound, RequestFailed
from aggregator.settings import Settings

_ENCODED = "whsec_"
"""What a secret starts with that is written in base64."""


class Webhook:
    """A place: see Place."""

    name = "webhook"
    finds_again = False

    def __init__(self, settings: Settings, outbound: Outbound, clock: Clock) -> None:
        self._settings = settings
        self._outbound = outbound
        self._clock = clock
        parts = urlsplit(settings.webhook_url)
        self._origin = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}/"  # the rest may hold a secret
        self.about = f"{self._origin} (webhook)"

    def problem(self) -> str | None:
        """See Place."""
        try:
            self._key()
        except PostFailed as failure:
            return f"{failure.what} {failure.hint}"
        return None

    async def put(self, article: Article) -> str:
        """See Place."""
        now = self._clock()
        body = msgspec.json.encode(payload(article))
        headers = {"Accept": "*/*", "Content-Type": "application/json"}
        headers |= signed(self._key(), f"{article.slug}-{article.revision}", body, at=now)
        try:
            response = await self._outbound.send(self._settings.webhook_url, headers=headers, body=body)
        except RequestFailed as failure:
            then = Next.LATER if failure.is_unsent else Next.UNKNOWN
            raise PostFailed(failure.what, failure.hint if failure.is_unsent else "", then=then) from failure
        check(response, self.about, setting="webhook_url", sign_in="Check webhook_url and the secret.", now=now)
        return self._origin

    def _key(self) -> bytes:
        settings = self._settings
        try:
            text = secret_for(
                "webhook_secret",
                given=settings.webhook_secret,
                file=settings.webhook_secret_file,
                needed_by="webhook_url",
            )
            if not text.startswith(_ENCODED):
                return text.encode()
            if key := base64.b64decode(text.removeprefix(_ENCODED), validate=True):
                return key
            raise binascii.Error("empty")
        except NoPassword as error:
            raise PostFailed(error.what, error.hint, then=Next.PERSON) from error
        except binascii.Error as error:
            what = f"The webhook's secret starts with {_ENCODED}, and is not base64 after that."
            raise PostFailed(what, "Copy it again from the receiver.", then=Next.PERSON) from error


def payload(article: Article) -> dict[str, Any]:
    """What a receiver reads."""
    return {
        "type": "digest.corrected" if article.is_corrected else "digest.published",
        "timestamp": article.updated_at.isoformat(),
        "data": {
            "slug": article.slug,
            "format": article.format.value,
            "number": article.number,
            "title": article.title,
            "url": article.url,
            "published_at": article.published_at.isoformat(),
            "updated_at": article.updated_at.isoformat(),
            "html": article.html,
            "markdown": article.markdown,
        },
    }


def signed(key: bytes, message_id: str, body: bytes, *, at: datetime) -> dict[str, str]:
    """The headers that let a receiver check who sent this, and when: HMAC with SHA-256 over id, time and body."""
    time = str(int(at.timestamp()))
    digest = hmac.digest(key, f"{message_id}.{time}.".encode() + body, "sha256")
    return {
        "webhook-id": message_id,
        "webhook-timestamp": time,
        "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
    }
