"""One request and its answer: a transport for httpx of our own, on h11 (RFC 9112), guarded.

A host is resolved once, every answer is judged, and the connection can go to those answers alone, so a name cannot
change its mind between the check and the connection (DNS rebinding). The certificate is still checked against the name.

Each request has a connection of its own: with thousands of hosts, a pool that keeps connections alive costs 22 ms of
CPU a request to scan. httpx's own transport, without a pool, costs three times as much as this one.
"""

import ssl
from collections.abc import AsyncIterator
from contextlib import suppress
from functools import cached_property
from typing import cast

import h11
import httpx

from aggregator import sockets
from aggregator.errors import FetchFailed
from aggregator.model import FailureReason
from aggregator.networks import Address, Network
from aggregator.resolver import ClosedNetwork, LookUp, NoSuchName, Resolver

ASK_OWNER = "Ask the site's owner to mend it."

_LONGEST_HEAD = 100 * 1024
"""Bytes of the longest head of an answer, or of a chunk, that is taken in."""

_MOST_INTERIM = 32
"""Interim answers (1xx: RFC 9110, section 15.2) before the answer itself; a server may send them for ever."""


class RequestFailed(FetchFailed):
    """A request that brought no response; `reason` is for programs, `message` for people."""

    def __init__(self, reason: FailureReason, what: str, hint: str = "") -> None:
        super().__init__(what, hint)
        self.reason = reason

    @property
    def message(self) -> str:
        """What happened and what to do, in plain English."""
        return f"{self.what} {self.hint}".strip()

    @property
    def is_unsent(self) -> bool:
        """Whether the other side certainly knows nothing of the request: no connection with it came about."""
        return self.reason in (FailureReason.REFUSED, FailureReason.NAME) or isinstance(
            self.__cause__, sockets.Unreachable
        )


class Exchange(httpx.AsyncBaseTransport):
    """Sends a request over a connection of its own. `dial`, `resolve` and `trust` are seams, as in Outbound."""

    def __init__(
        self,
        *,
        allowed_networks: tuple[Network, ...],
        threads: int,
        dial: sockets.Dial | None = None,
        resolve: LookUp | None = None,
        trust: ssl.SSLContext | None = None,
    ) -> None:
        """At most `threads` names are looked up at once."""
        self._dial = dial or sockets.dial
        self._resolver = Resolver(allowed_networks=allowed_networks, threads=threads, look_up=resolve)
        self._trust = trust

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The answer, its body still to be read; whoever gets it closes it. Raises RequestFailed, while reading too."""
        url = request.url
        host, port = dialled(url), port_of(url)
        link = None
        try:
            link = await sockets.connect(self._dial, await self._judged(url.host, host, port), port)
            if url.scheme == "https":
                link = await sockets.secured(link, self._certificates, host)
            return await _Conversation(link, url.host, port).ask(request)
        except BaseException as error:
            if link is not None:
                link.close()
            if isinstance(error, sockets.Unreachable):
                raise _explained(url.host, port, error) from error
            raise

    async def aclose(self) -> None:
        """Let the threads go; no more requests after this."""
        self._resolver.close()

    async def _judged(self, spelled: str, host: str, port: int) -> tuple[Address, ...]:
        try:
            return await self._resolver.addresses(host, port)
        except ClosedNetwork as error:
            raise RequestFailed(
                FailureReason.REFUSED,
                f"{spelled} is on a private or reserved network, and requests go to public addresses only.",
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


class _Conversation(httpx.AsyncByteStream):
    """A request and its answer on one connection; going through it gives the answer's body, as it arrives."""

    def __init__(self, link: sockets.Link, host: str, port: int) -> None:
        self._link = link
        self._host = host
        self._port = port
        self._state = h11.Connection(h11.CLIENT, max_incomplete_event_size=_LONGEST_HEAD)

    async def ask(self, request: httpx.Request) -> httpx.Response:
        """Send the request, and take in the head of the answer."""
        try:
            data = self._request(request, b"" if request.method == "GET" else await request.aread())
            # A server may refuse in the middle of a request, and say why: its answer tells more than our error.
            with suppress(sockets.BrokenOff):
                await self._link.write(data)
            for _ in range(_MOST_INTERIM):
                event = await self._event()
                if type(event) is h11.Response:  # isinstance is slow here: h11's events are an abstract class
                    return httpx.Response(event.status_code, headers=event.headers.raw_items(), stream=self)
            raise h11.RemoteProtocolError("one interim answer after another")
        except _TROUBLE as error:
            raise _explained(self._host, self._port, error) from error

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        try:
            event = await self._event()
        except _TROUBLE as error:
            raise _explained(self._host, self._port, error) from error
        if isinstance(event, h11.Data):
            return bytes(event.data)
        raise StopAsyncIteration

    async def aclose(self) -> None:
        """Let the connection go."""
        self._link.close()

    def _request(self, request: httpx.Request, content: bytes) -> bytes:
        head = h11.Request(method=request.method, target=request.url.raw_path, headers=request.headers.raw)
        # Without a body, the head is all of it.
        body = (h11.Data(content), h11.EndOfMessage()) if content else ()
        return b"".join(self._state.send(event) or b"" for event in (head, *body))

    async def _event(self) -> h11.Event | type[h11.PAUSED]:
        while True:
            event = self._state.next_event()
            if event is not h11.NEED_DATA:
                # Quoted: to make the type takes longer than the cast.
                return cast("h11.Event | type[h11.PAUSED]", event)
            data = await self._link.read()
            if not data and self._state.their_state is h11.SEND_RESPONSE:
                raise h11.RemoteProtocolError("it ended the connection without an answer")
            self._state.receive_data(data)


_TROUBLE = (sockets.BrokenOff, h11.ProtocolError)


def dialled(url: httpx.URL) -> str:
    """The host as it is looked up and as its certificate names it: in ASCII, without the root's dot."""
    return url.raw_host.decode("ascii").removesuffix(".").lower()


def port_of(url: httpx.URL) -> int:
    """The port, said or meant."""
    return url.port or (443 if url.scheme == "https" else 80)


def _explained(host: str, port: int, error: Exception) -> RequestFailed:
    cause = error.__cause__
    if isinstance(cause, ssl.SSLCertVerificationError):
        what = f"The certificate of {host} is not valid: {cause.verify_message.rstrip('.')}."
        return RequestFailed(FailureReason.TLS, what, "Tell the site's owner; it works again once that is renewed.")
    if isinstance(cause, ssl.SSLError):
        return RequestFailed(FailureReason.TLS, f"No secure connection with {host} came about.", ASK_OWNER)
    if isinstance(error, h11.ProtocolError):
        what = f"{host} sent no proper HTTP answer ({_first_line(error)})."
        return RequestFailed(FailureReason.PROTOCOL, what, ASK_OWNER)
    if isinstance(error, sockets.Unreachable):
        what = f"{host} does not take connections on port {port}."
    else:
        what = f"{host} broke off the connection."
    return RequestFailed(FailureReason.CONNECT, what, "It is tried again later by itself.")


def _first_line(error: Exception) -> str:
    """The start of a foreign message, fit for one line of a log."""
    text = "".join(letter if letter.isprintable() else " " for letter in str(error))
    return text[:200].rstrip(". ") or "no reason given"
