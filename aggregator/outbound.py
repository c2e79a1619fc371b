"""Every request that leaves this machine: guarded, polite, capped, with a deadline (the only user of httpx).

- **Guarded.** http and https only. A host is resolved once, every answer is judged, and the connection can go to
  those answers alone, so a name cannot change its mind between the check and the connection (DNS rebinding). The
  certificate is still checked against the name. Each redirect is judged again.
- **Polite.** `pace.Pace` hands out turns per host and in all.
- **Capped.** Bodies are counted while they arrive, after decompression.
- **With a deadline** around everything but the wait for a turn; httpx has none that is total.

A request has a connection of its own: with thousands of hosts, a pool that keeps connections alive costs 22 ms of CPU
a request to scan, against 1.4 ms. httpx's client is left out (its cookies, proxies and redirects are not wanted); its
addresses and its certificates are used.
"""

import asyncio
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Self
from urllib.parse import urlencode, urljoin

import httpcore
import httpx

from aggregator import coding, sockets
from aggregator.addresses import safe_url
from aggregator.errors import FetchFailed
from aggregator.headers import Headers
from aggregator.model import FailureReason
from aggregator.networks import Address, Network
from aggregator.pace import Pace
from aggregator.pauses import Pauses
from aggregator.resolver import ClosedNetwork, LookUp, NoSuchName, Resolver

MAX_REDIRECTS = 5
_REDIRECTS = (301, 302, 303, 307, 308)
_PERMANENT = (301, 308)


class RequestFailed(FetchFailed):
    """A request that brought no response; `reason` is for programs, `message` for people."""

    def __init__(self, reason: FailureReason, what: str, hint: str = "") -> None:
        super().__init__(what, hint)
        self.reason = reason

    @property
    def message(self) -> str:
        """What happened and what to do, in plain English."""
        return f"{self.what} {self.hint}".strip()


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
    `host_gap` is in seconds. `backend`, `resolve` and `trust` are seams: how to connect, how to look names up, whose
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
        backend: httpcore.AsyncNetworkBackend | None = None,
        resolve: LookUp | None = None,
        trust: ssl.SSLContext | None = None,
    ) -> None:
        self._user_agent = user_agent
        self._deadline = deadline
        self._max_body = max_body
        self._pace = Pace(in_flight=in_flight, per_host=per_host, gap=host_gap)
        self._backend = backend or sockets.Sockets()
        self._resolver = Resolver(allowed_networks=allowed_networks, threads=min(in_flight, 32), look_up=resolve)
        self._trust = trust

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Let the threads go; no more requests after this."""
        self._resolver.close()

    async def get(
        self, url: str, *, headers: Mapping[str, str] = {}, accept: str, pauses: Pauses | None = None
    ) -> Response:
        """GET `url`, following at most five redirects. `headers` go to every one of them, byte for byte.

        A host that `pauses` says to leave alone is sent nothing, not even by a redirect.
        Raises RequestFailed, of which HostPaused is one. Any status that is no redirect is a Response.
        """
        fields = {"Accept": accept, **headers}
        moved_to = None
        is_permanent = True
        budget = self._deadline
        seen: set[str] = set()
        address = _checked(url)
        while True:
            seen.add(str(address))
            response, spent = await self._take_turn(address, fields, budget, pauses)
            budget -= spent
            if response.status not in _REDIRECTS:
                return Response(
                    url=str(address),
                    status=response.status,
                    headers=response.headers,
                    body=response.body,
                    moved_to=moved_to,
                )
            target = _redirected(address, response.headers.get("location", ""))
            if str(target) in seen:
                raise RequestFailed(FailureReason.REDIRECT, f"{address.host} redirects in a circle.", _ASK_OWNER)
            if len(seen) > MAX_REDIRECTS:
                what = f"More than {MAX_REDIRECTS} redirects, one after another, as far as {address.host}."
                raise RequestFailed(FailureReason.REDIRECT, what, _ASK_OWNER)
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
        fields = {
            "Accept": "*/*",
            "Content-Type": "application/x-www-form-urlencoded",
            "Content-Length": str(len(body)),
        }
        budget = self._deadline
        address = _checked(url)
        for _ in range(MAX_REDIRECTS + 1):
            answer, spent = await self._take_turn(address, fields, budget, None, body)
            budget -= spent
            if answer.status not in (307, 308):
                return Response(
                    url=str(address), status=answer.status, headers=answer.headers, body=answer.body, moved_to=None
                )
            target = _redirected(address, answer.headers.get("location", ""))
            if (address.scheme, target.scheme) == ("https", "http"):
                what = f"{address.host} redirects to an address that is not secure."
                raise RequestFailed(FailureReason.REFUSED, what, _ASK_OWNER)
            address = target
        raise RequestFailed(FailureReason.REDIRECT, f"More than {MAX_REDIRECTS} redirects.", _ASK_OWNER)

    async def _take_turn(
        self,
        url: httpx.URL,
        fields: Mapping[str, str],
        budget: float,
        pauses: Pauses | None,
        body: bytes | None = None,
    ) -> tuple["_Answer", float]:
        host = f"{_dialled(url)}:{_port(url)}"
        _check(pauses, host)
        async with self._pace.turn(host):
            _check(pauses, host)  # the answer before this one may have asked for it
            loop = asyncio.get_running_loop()
            started = loop.time()
            try:
                async with asyncio.timeout(budget):
                    answer = await self._exchange(url, fields, body)
            except TimeoutError as error:
                raise RequestFailed(
                    FailureReason.TIMEOUT,
                    f"{url.host} did not finish its answer within {self._deadline:g} seconds.",
                    "It is tried again later by itself.",
                ) from error
            return answer, loop.time() - started

    async def _exchange(self, url: httpx.URL, fields: Mapping[str, str], body: bytes | None) -> "_Answer":
        addresses = await self._judged(url)
        host, port = _dialled(url), _port(url)
        below: httpcore.AsyncNetworkStream | None = None
        try:
            below = stream = await sockets.connect(self._backend, addresses, port)
            if url.scheme == "https":
                stream = await below.start_tls(self._certificates, host)
            origin = httpcore.Origin(url.raw_scheme, host.encode("ascii"), port)
            connection = httpcore.AsyncHTTP11Connection(origin, stream)
            answer = await connection.handle_async_request(self._request(url, origin, fields, body))
            return await self._read(url, answer)
        except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException) as error:
            raise RequestFailed(*sockets.explained(url.host, port, error)) from error
        finally:
            if below is not None:
                await below.aclose()

    def _request(
        self, url: httpx.URL, origin: httpcore.Origin, fields: Mapping[str, str], body: bytes | None
    ) -> httpcore.Request:
        own = {
            "Host": url.netloc.decode("ascii"),
            "User-Agent": self._user_agent,
            "Accept-Encoding": coding.ACCEPTED,
            "Connection": "close",
        }
        return httpcore.Request(
            "GET" if body is None else "POST",
            httpcore.URL(scheme=origin.scheme, host=origin.host, port=origin.port, target=url.raw_path),
            headers=[(name.encode("ascii"), value.encode("latin-1")) for name, value in {**own, **fields}.items()],
            content=body,
        )

    async def _read(self, url: httpx.URL, response: httpcore.Response) -> "_Answer":
        headers = Headers(response.headers)
        if not 200 <= response.status < 300:
            return _Answer(status=response.status, headers=headers, body=b"")
        too_large = RequestFailed(
            FailureReason.TOO_LARGE,
            f"The answer of {url.host} is larger than {self._max_body // 1024} KiB.",
            "Raise max_body_mib if so large a page or feed is right.",
        )
        if int(headers.get("content-length", "0")) > self._max_body:
            raise too_large
        try:
            decoder = coding.decoder(headers.get("content-encoding", ""), cap=self._max_body)
            body = b"".join([decoder.feed(chunk) async for chunk in response.aiter_stream()])
            decoder.end()
        except coding.TooLarge as error:
            raise too_large from error
        except coding.Undecodable as error:
            raise RequestFailed(
                FailureReason.PROTOCOL, f"The answer of {url.host} cannot be read: {error}.", _ASK_OWNER
            ) from error
        return _Answer(status=response.status, headers=headers, body=body)

    async def _judged(self, url: httpx.URL) -> tuple[Address, ...]:
        host = _dialled(url)
        try:
            return await self._resolver.addresses(host, _port(url))
        except ClosedNetwork as error:
            raise RequestFailed(
                FailureReason.REFUSED,
                f"{url.host} is on a private or reserved network, and requests go to public addresses only.",
                "If that network is yours, name it in the setting allow_networks.",
            ) from error
        except NoSuchName as error:
            raise RequestFailed(
                FailureReason.NAME,
                f"The name {host} cannot be found.",
                "Check the spelling; the site may have moved or closed. If every name fails, this machine is offline.",
            ) from error

    @cached_property
    def _certificates(self) -> ssl.SSLContext:
        # One for the process, made when first needed: loading the certificates takes 20 ms.
        context = self._trust or httpx.create_ssl_context(trust_env=False)
        context.set_alpn_protocols(["http/1.1"])
        return context


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    status: int
    headers: Headers
    body: bytes


_ASK_OWNER = "Ask the site's owner to mend it."


def _check(pauses: Pauses | None, host: str) -> None:
    if pauses is not None and (until := pauses.until(host)) is not None:
        raise HostPaused(host.rpartition(":")[0], until)


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
        raise RequestFailed(FailureReason.REDIRECT, f"{url.host} redirects without saying where to.", _ASK_OWNER)
    try:
        return _checked(urljoin(str(url), location.encode("latin-1").decode("utf-8", "replace")))
    except (RequestFailed, ValueError) as error:
        raise RequestFailed(
            FailureReason.REFUSED, f"{url.host} redirects to an address that no request may go to.", _ASK_OWNER
        ) from error


def _dialled(url: httpx.URL) -> str:
    """The host as it is looked up and as its certificate names it: in ASCII, without the root's dot."""
    return url.raw_host.decode("ascii").removesuffix(".").lower()


def _port(url: httpx.URL) -> int:
    return url.port or (443 if url.scheme == "https" else 80)
