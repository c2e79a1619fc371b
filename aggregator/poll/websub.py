"""WebSub (W3C Recommendation, 2018): hubs send what is new; a poll a day is the safety net.

A callback's address ends with a secret of its own. What is sent there is read only when it is signed with what only
the hub and we know (HMAC with SHA-256 or better). Anything weaker, a hub without https included, is a hint that the
feed is due and nothing more.
"""

import hmac
import ipaddress
import logging
import secrets
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from enum import Enum
from typing import Literal
from urllib.parse import urlsplit

from aggregator.clock import Clock
from aggregator.errors import NotFound
from aggregator.model import DueFeed, Failed, HubStatus, HubSubscription
from aggregator.outbound import Outbound, RequestFailed
from aggregator.poll import reading, save
from aggregator.poll.reading import Past
from aggregator.sandbox import Sandbox, SandboxFailed
from aggregator.sanitise import line
from aggregator.store import entries, hubs, polls
from aggregator.store.database import Database, Tx

LEASE = timedelta(days=10)
"""For how long we ask; a hub may give less."""
LONGEST_LEASE = timedelta(days=30)
UNTOLD_LEASE = timedelta(days=1)
"""When a hub does not say, as it must."""
RENEWED_AFTER = 0.75
"""Of a lease: so that a hub that is away for a while is asked again before it ends."""
SOONEST = timedelta(hours=1)
LATEST = timedelta(days=7)
MOST_AT_ONCE = 20
"""Hubs asked in one round."""
MOST_FAREWELLS = 3
"""So often a hub is asked to stop, when it does not ask back; after that its lease runs out by itself."""
HINT_EVERY = timedelta(minutes=10)
"""A hint makes a feed due, but not sooner than so long after its last poll."""
LONGEST_CHALLENGE = 2048
CALLBACK = "/websub/"
_UNVERIFIED = (HubStatus.ASKED, HubStatus.REFUSED)

_log = logging.getLogger(__name__)


class Proof(Enum):
    """What the signature of a message proves."""

    NOTHING = "nothing"
    WEAK = "weak"  # it is from the hub, by a hash that is going out of use
    STRONG = "strong"


def is_public(base_url: str) -> bool:
    """Whether hubs can reach us there, and safely: https, and no address or name of this machine."""
    parts = urlsplit(base_url)
    host = (parts.hostname or "").removesuffix(".")
    if parts.scheme != "https" or "." not in host or host.endswith((".localhost", ".local", ".internal", ".test")):
        return False
    try:
        return ipaddress.ip_address(host).is_global
    except ValueError:
        return True


def proof(header: str, secret: str, body: bytes) -> Proof:
    """What `X-Hub-Signature` proves (WebSub, section 7.1): "sha256=" and the HMAC in hexadecimal, and the like."""
    method, _, given = header.strip().partition("=")
    if method.lower() not in ("sha1", "sha256", "sha384", "sha512"):
        return Proof.NOTHING
    right = hmac.new(secret.encode(), body, method.lower()).hexdigest()
    if not hmac.compare_digest(right.encode(), given.strip().lower().encode("utf-8", "replace")):
        return Proof.NOTHING
    return Proof.WEAK if method.lower() == "sha1" else Proof.STRONG


class Hubs:
    """Asks hubs to send what is new, answers their questions, and takes in what they send."""

    def __init__(self, *, db: Database, clock: Clock, outbound: Outbound, sandbox: Sandbox, base_url: str) -> None:
        self._db = db
        self._clock = clock
        self._outbound = outbound
        self._sandbox = sandbox
        self._base_url = base_url

    async def subscribe_due(self) -> int:
        """Ask every hub that is due, to send or to send no more, and tell how many were asked to send.

        None unless the public address is one that hubs can reach.
        """
        if not is_public(self._base_url):
            return 0
        with self._db.read() as tx:
            unwanted = hubs.unwanted(tx, self._clock(), MOST_AT_ONCE)
        for held in unwanted:
            if leaving := self._about_to_leave(held):
                await self._ask(leaving, "unsubscribe")
        with self._db.read() as tx:
            due = hubs.due(tx, self._clock(), MOST_AT_ONCE)
        for feed_id, hub_url, topic_url in due:
            await self._ask(self._about_to_ask(feed_id, hub_url, topic_url), "subscribe")
        return len(due)

    def verify(self, token: str, question: Mapping[str, str]) -> str:
        """Answer a hub that asks whether we meant it (section 5.3): the challenge. Raises NotFound for a no."""
        mode, challenge = question.get("hub.mode"), question.get("hub.challenge", "")
        if mode == "unsubscribe":
            return self._verify_the_end(token, question.get("hub.topic"), challenge)
        with self._db.read() as tx:
            held = hubs.by_token(tx, token)
        if held is None or question.get("hub.topic") != held.topic_url:
            raise NotFound("Nobody here asked for that.")
        now = self._clock()
        if mode == "denied":
            reason = line(question.get("hub.reason", ""), 200)
            message = f"The hub refused{f': {reason}' if reason else '.'}"
            with self._db.write() as tx:
                hubs.settle(tx, held.feed_id, status=HubStatus.REFUSED, message=message, next_ask_at=now + LATEST)
            return ""
        if mode != "subscribe" or held.status is HubStatus.LEAVING or not 0 < len(challenge) <= LONGEST_CHALLENGE:
            raise NotFound("Nobody here asked for that.")
        lease = _lease(question.get("hub.lease_seconds", ""))
        again = now + max(lease * RENEWED_AFTER, SOONEST)
        with self._db.write() as tx:
            hubs.settle(
                tx, held.feed_id, status=HubStatus.ACTIVE, ends_at=now + lease, next_ask_at=again, tries=0, message=""
            )
        return challenge

    def _verify_the_end(self, token: str, topic_url: str | None, challenge: str) -> str:
        with self._db.write() as tx:
            held = hubs.being_left(tx, token)
            if held is None or held.topic_url != topic_url or not 0 < len(challenge) <= LONGEST_CHALLENGE:
                raise NotFound("Nobody here asked for that.")
            hubs.forget(tx, held.feed_id)
        return challenge

    def knows(self, token: str) -> bool:
        """Whether a callback ends with this; what is sent to any other need not even be read."""
        with self._db.read() as tx:
            return hubs.by_token(tx, token) is not None

    async def receive(self, token: str, body: bytes, content_type: str, signature: str) -> int:
        """Take in what a hub sent, and tell how many entries are new. Raises NotFound for an unknown token.

        What is not signed as it should be is passed over, without telling its sender.
        """
        with self._db.read() as tx:
            held = hubs.by_token(tx, token)
            feed = None if held is None else polls.one(tx, held.feed_id)
            past = None if feed is None else _past(tx, feed)
        if held is None or feed is None or past is None:
            raise NotFound("Nobody here asked for that.")
        proved = proof(signature, held.secret, body) if _shares_secret(held) else Proof.WEAK
        if proved is Proof.NOTHING:
            _log.warning("passed over what a hub sent for feed %d: its signature is missing or wrong", feed.id)
            return 0
        if proved is Proof.STRONG:
            try:
                found = await self._sandbox.run(reading.read, body, content_type, feed.xml_url, past)
            except SandboxFailed:
                found = None
            if found is not None and not isinstance(found, Failed):
                with self._db.write() as tx:
                    return save.pushed(tx, feed, found, now=self._clock())
        self._hint(feed)
        return 0

    def _hint(self, feed: DueFeed) -> None:
        with self._db.write() as tx:
            polls.hasten(tx, feed.id, self._clock(), HINT_EVERY, "its hub says that there is something new")
            hubs.settle(tx, feed.id, pushed_at=self._clock())

    def _about_to_ask(self, feed_id: int, hub_url: str, topic_url: str) -> HubSubscription:
        """Kept before the hub is asked: it may want to know whether we meant it while it is still being asked."""
        now = self._clock()
        with self._db.write() as tx:
            held = hubs.of_feed(tx, feed_id)
            if held is None or (held.hub_url, held.topic_url) != (hub_url, topic_url):
                held = HubSubscription(
                    feed_id=feed_id,
                    hub_url=hub_url,
                    topic_url=topic_url,
                    token=secrets.token_urlsafe(24),
                    secret=secrets.token_hex(32),
                    status=HubStatus.ASKED,
                    ends_at=None,
                    tries=0,
                )
            if held.status is HubStatus.LEAVING:  # its feed is followed again
                held = replace(held, status=HubStatus.ASKED, ends_at=None, tries=0)
            asked = replace(held, tries=held.tries + 1)
            hubs.keep(tx, asked, asked_at=now, next_ask_at=now + back_off(asked.tries))
        return asked

    def _about_to_leave(self, held: HubSubscription) -> HubSubscription | None:
        """As it is kept before its hub is asked to stop; None where nothing would come anyway, which is forgotten."""
        now = self._clock()
        tries = held.tries + 1 if held.status is HubStatus.LEAVING else 1
        with self._db.write() as tx:
            if held.status in _UNVERIFIED or held.ends_at is None or held.ends_at <= now or tries > MOST_FAREWELLS:
                hubs.forget(tx, held.feed_id)
                return None
            leaving = replace(held, status=HubStatus.LEAVING, tries=tries)
            hubs.keep(tx, leaving, asked_at=now, next_ask_at=now + back_off(tries))
        return leaving

    async def _ask(self, asked: HubSubscription, mode: Literal["subscribe", "unsubscribe"]) -> None:
        form = {
            "hub.mode": mode,
            "hub.topic": asked.topic_url,
            "hub.callback": f"{self._base_url}{CALLBACK}{asked.token}",
        }
        if mode == "subscribe":
            form["hub.lease_seconds"] = str(int(LEASE.total_seconds()))
            if _shares_secret(asked):
                form["hub.secret"] = asked.secret
        try:
            response = await self._outbound.post(asked.hub_url, form=form)
        except RequestFailed as failure:
            message = failure.message
        else:
            if 200 <= response.status < 300:
                return
            message = f"The hub answered with status {response.status}."
        with self._db.write() as tx:
            hubs.settle(tx, asked.feed_id, message=message)


def back_off(tries: int) -> timedelta:
    """When to ask a hub again that has not verified what it was asked, after so many tries."""
    doubled: timedelta = SOONEST * 2 ** min(tries - 1, 10)
    return min(doubled, LATEST)


def _shares_secret(held: HubSubscription) -> bool:
    # Over http, whoever listens would learn it (WebSub, section 8.1).
    return held.hub_url.startswith("https:")


def _past(tx: Tx, feed: DueFeed) -> Past:
    # Without an outline, so that it is read whole: the outline is of the last document that was polled.
    return Past(policy=feed.identity, tails=feed.tails, endings=entries.endings(tx, feed.id), outline=None)


def _lease(seconds: str) -> timedelta:
    if not (seconds.isascii() and seconds.isdigit()) or int(seconds[:10]) == 0:
        return UNTOLD_LEASE
    return min(timedelta(seconds=int(seconds[:10])), LONGEST_LEASE)
