"""Every request that leaves this machine: guarded, polite, capped, with a deadline (it and `exchange` alone use httpx).

- **Guarded.** http and https only; `exchange.Exchange` connects to addresses that were judged. Each redirect is judged
  again.
- **Polite.** `pace.Pace` hands out turns per host and in all.
- **Capped.** Bodies are counted while they arrive, after decompression, and may have to wait for room.
- **With a deadline** around everything but the wait for a turn and for room; httpx has none that is total.

httpx's client is left out: its cookies, proxies and redirects are not wanted. Its requests, responses, addresses and
certificates are used, over a transport of our own.
"""

import asyncio
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Self
from urllib.parse import urlencode, urljoin

import httpx

from aggregator import coding
from aggregator.addresses import safe_url
from aggregator.exchange import ASK_OWNER, Exchange, dialled, port_of
from aggregator.exchange import RequestFailed as RequestFailed
from aggregator.headers import Headers
from aggregator.model import FailureReason
from aggregator.networks import Network
from aggregator.pace import Pace
from aggregator.pauses import Pauses
from aggregator.resolver import LookUp
from aggregator.room import Place
from aggregator.sockets import Dial

MAX_REDIRECTS = 5
_REDIRECTS = (301, 302, 303, 307, 308)
_PERMANENT = (301, 308)


class HostPaused(RequestFailed):
    """A request that was not sent: its host asked to be left alone until `until`."""

    def __init__(self, host: str, until: datetime) -> None:
        super().__init__(
            FailureReason.THROTTLED, f"{host} asked to be left alone for a while.", "It is asked after that by itself."
        )
        self.until = until


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """What came back, after redirects."""

    url: str  # where it came from
    status: int  # never one of the redirects that were followed
    headers: Headers
    body: bytes  # decompressed; read for 200 to 299 only, else empty
    moved_to: str | None  # where 301 and 308 alone led from the first address, when they did


class Outbound:
    """Sends requests. One Outbound belongs to one event loop.

    `deadline` is in seconds, for one `get` with its redirects, waits for a turn not counted; `max_body` is in bytes;
    `host_gap` is in seconds. `dial`, `resolve` and `trust` are seams: how to connect, how to look names up, whose
    certificates to believe.
    """

    def __init__(
        self,
        *,
        user_agent: str,
        allowed_networks: tuple[Network, ...],
        deadline: float,
        max_body: int,
        in_flight: int,
        per_host: int,
        host_gap: float,
        dial: Dial | None = None,
        resolve: LookUp | None = None,
        trust: ssl.SSLContext | None = None,
    ) -> None:
        self._own = [
            (b"User-Agent", user_agent.encode("ascii")),
            (b"Accept-Encoding", coding.ACCEPTED.encode("ascii")),
            (b"Connection", b"close"),
        ]
        self._deadline = deadline
        self._max_body = max_body
        self._pace = Pace(in_flight=in_flight, per_host=per_host, gap=host_gap)
        self._exchange = Exchange(
            allowed_networks=allowed_networks, threads=min(in_flight, 32), dial=dial, resolve=resolve, trust=trust
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Let the threads go; no more requests after this."""
        await self._exchange.aclose()

    async def get(
        self,
        url: str,
        *,
        headers: Mapping[str, str] = {},
        accept: str,
        pauses: Pauses | None = None,
        place: Place | None = None,
    ) -> Response:
        """GET `url`, following at most five redirects. `headers` go to every one of them, byte for byte.

        A host that `pauses` says to leave alone is sent nothing, not even by a redirect. The body takes up `place`,
        and waits when there is no room for it.
        Raises RequestFailed, of which HostPaused is one. Any status that is no redirect is a Response.
        """
        fields = {"Accept": accept, **headers}
        moved_to = None
        is_permanent = True
        budget = self._deadline
        seen: set[str] = set()
        address = _address(url)
        while True:
            spelled = str(address)
            seen.add(spelled)
            response, budget = await self._take_turn(address, fields, budget, pauses=pauses, place=place)
            if response.status not in _REDIRECTS:
                return Response(
                    url=spelled,
                    status=response.status,
                    headers=response.headers,
                    body=response.body,
                    moved_to=moved_to,
                )
            target = _redirected(address, response.headers.get("location", ""))
            if str(target) in seen:
                raise RequestFailed(FailureReason.REDIRECT, f"{address.host} redirects in a circle.", ASK_OWNER)
            if len(seen) > MAX_REDIRECTS:
                what = f"More than {MAX_REDIRECTS} redirects, one after another, as far as {address.host}."
                raise RequestFailed(FailureReason.REDIRECT, what, ASK_OWNER)
            # A move from https to http is followed, but never proposed as the new address.
            is_downgrade = (address.scheme, target.scheme) == ("https", "http")
            is_permanent = is_permanent and response.status in _PERMANENT and not is_downgrade
            moved_to = str(target) if is_permanent else moved_to
            address = target

    async def post(self, url: str, *, form: Mapping[str, str]) -> Response:
        """POST a form to `url`, following temporary and permanent redirects (307, 308) but never from https to http.

        Raises RequestFailed as `get` does.
        """
        body = urlencode(form).encode("ascii")
        fields = {"Accept": "*/*", "Content-Type": "application/x-www-form-urlencoded"}
        budget = self._deadline
        address = _checked(url)
        for _ in range(MAX_REDIRECTS + 1):
            answer, budget = await self._take_turn(address, fields, budget, body=body)
            if answer.status not in (307, 308):
                return Response(
                    url=str(address), status=answer.status, headers=answer.headers, body=answer.body, moved_to=None
                )
            target = _redirected(address, answer.headers.get("location", ""))
            if (address.scheme, target.scheme) == ("https", "http"):
                what = f"{address.host} redirects to an address that is not secure."
                raise RequestFailed(FailureReason.REFUSED, what, ASK_OWNER)
            address = target
        raise RequestFailed(FailureReason.REDIRECT, f"More than {MAX_REDIRECTS} redirects.", ASK_OWNER)

    async def send(self, url: str, *, headers: Mapping[str, str], body: bytes | None = None) -> Response:
        """GET `url`, or POST `body` to it, and give what it answers, whatever that is.

        No redirect is followed: what is secret in `headers` goes to no other host. Raises RequestFailed.
        """
        address = _checked(url)
        answer, _ = await self._take_turn(address, headers, self._deadline, body=body)
        return Response(url=str(address), status=answer.status, headers=answer.headers, body=answer.body, moved_to=None)

    async def _take_turn(
        self,
        url: httpx.URL,
        fields: Mapping[str, str],
        budget: float,
        *,
        body: bytes | None = None,
        pauses: Pauses | None = None,
        place: Place | None = None,
    ) -> tuple["_Answer", float]:
        """The answer of one host, and what it left of the budget (seconds)."""
        host = f"{dialled(url)}:{port_of(url)}"
        _check(pauses, host)
        async with self._pace.turn(host):
            _check(pauses, host)  # the answer before this one may have asked for it
            loop = asyncio.get_running_loop()
            ends_at = loop.time() + budget
            try:
                async with asyncio.timeout_at(ends_at) as deadline:
                    response = await self._exchange.handle_async_request(self._request(url, fields, body))
                    try:
                        answer = await self._read(url, response, place, deadline)
                    finally:
                        await response.aclose()
            except TimeoutError as error:
                raise RequestFailed(
                    FailureReason.TIMEOUT,
                    f"{url.host} did not finish its answer within {self._deadline:g} seconds.",
                    "It is tried again later by itself.",
                ) from error
            return answer, (deadline.when() or ends_at) - loop.time()

    def _request(self, url: httpx.URL, given: Mapping[str, str], body: bytes | None) -> httpx.Request:
        ours = [(b"Host", url.netloc), *self._own]
        fields = [*ours, *((name.encode("ascii"), value.encode("latin-1")) for name, value in given.items())]
        if body is not None:
            return httpx.Request("POST", url, headers=fields, content=body)
        # With a stream, httpx does not look which fields to add: that took half of what making a request costs.
        return httpx.Request("GET", url, headers=fields, stream=httpx.ByteStream(b""))

    async def _read(
        self, url: httpx.URL, response: httpx.Response, place: Place | None, deadline: asyncio.Timeout
    ) -> "_Answer":
        status, headers = response.status_code, Headers(response.headers.raw)
        if not 200 <= status < 300:
            return _Answer(status=status, headers=headers, body=b"")
        too_large = RequestFailed(
            FailureReason.TOO_LARGE,
            f"The answer of {url.host} is larger than {self._max_body // 1024} KiB.",
            "Raise max_body_mib if so large a page or feed is right.",
        )
        if int(headers.get("content-length", "0")) > self._max_body:
            raise too_large
        parts: list[bytes] = []
        try:
            decoder = coding.decoder(headers.get("content-encoding", ""), cap=self._max_body)
            async for chunk in response.aiter_raw():
                for part in decoder.feed(chunk):
                    await _admitted(place, len(part), deadline)
                    parts.append(part)
            decoder.end()
        except coding.TooLarge as error:
            raise too_large from error
        except coding.Undecodable as error:
            raise RequestFailed(
                FailureReason.PROTOCOL, f"The answer of {url.host} cannot be read: {error}.", ASK_OWNER
            ) from error
        return _Answer(status=status, headers=headers, body=b"".join(parts))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    status: int
    headers: Headers
    body: bytes


async def _admitted(place: Place | None, size: int, deadline: asyncio.Timeout) -> None:
    """Wait until `place` has room for so many bytes more; the deadline stands still meanwhile."""
    if place is None or place.takes(size):
        return
    loop = asyncio.get_running_loop()
    left = (deadline.when() or loop.time()) - loop.time()
    deadline.reschedule(None)
    await place.take(size)
    deadline.reschedule(loop.time() + left)


def _check(pauses: Pauses | None, host: str) -> None:
    if pauses is not None and (until := pauses.until(host)) is not None:
        raise HostPaused(host.rpartition(":")[0], until)


@lru_cache(maxsize=4096)
def _address(url: str) -> httpx.URL:
    """The same as `_checked`, for addresses that come back, as a feed's does at each poll; a tenth of a poll's CPU."""
    return _checked(url)


def _checked(url: str) -> httpx.URL:
    safe = safe_url(url)
    try:
        address = httpx.URL((safe or "").partition("#")[0])
        if address.host:
            return address
    except (httpx.InvalidURL, ValueError):  # ValueError: host names that the IDNA rules refuse (RFC 5891)
        pass
    raise RequestFailed(
        FailureReason.REFUSED,
        "This is no address that a request may go to.",
        "Give an http or https address without user name, password or odd characters.",
    )


def _redirected(url: httpx.URL, location: str) -> httpx.URL:
    if not location:
        raise RequestFailed(FailureReason.REDIRECT, f"{url.host} redirects without saying where to.", ASK_OWNER)
    try:
        return _checked(urljoin(str(url), location.encode("latin-1").decode("utf-8", "replace")))
    except (RequestFailed, ValueError) as error:
        raise RequestFailed(
            FailureReason.REFUSED, f"{url.host} redirects to an address that no request may go to.", ASK_OWNER
        ) from error
