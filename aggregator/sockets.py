"""Connections on asyncio's bare sockets, for httpcore; `outbound` alone uses them.

httpcore's own connections go through anyio, whose layers cost a request as much CPU as the kernel does. Nothing is
read ahead here: what has not been asked for waits in the kernel, so a body cannot pile up in our memory.
"""

import asyncio
import socket
import ssl
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import Any, TypeVar

import httpcore

from aggregator.model import FailureReason
from aggregator.networks import Address

_MOST_AT_ONCE = 64 * 1024
_FIRST_TRY = 5.0
"""Seconds for one of several addresses of a host: an IPv6 route that leads nowhere must not use up the deadline."""

_T = TypeVar("_T")


async def connect(
    backend: httpcore.AsyncNetworkBackend, addresses: Sequence[Address], port: int
) -> httpcore.AsyncNetworkStream:
    """A connection to the first of `addresses` that takes one. Raises httpcore's ConnectError or ConnectTimeout."""
    *others, last = (str(address) for address in addresses)
    for address in others:
        with suppress(httpcore.ConnectError, httpcore.ConnectTimeout):
            return await backend.connect_tcp(address, port, _FIRST_TRY)
    return await backend.connect_tcp(last, port)


def explained(host: str, port: int, error: Exception) -> tuple[FailureReason, str, str]:
    """What an error of httpcore's means: why, what happened and what to do, in plain English."""
    cause = error.__cause__
    if isinstance(cause, ssl.SSLCertVerificationError):
        what = f"The certificate of {host} is not valid: {cause.verify_message.rstrip('.')}."
        return FailureReason.TLS, what, "Tell the site's owner; it works again once that is renewed."
    if isinstance(cause, ssl.SSLError):
        return FailureReason.TLS, f"No secure connection with {host} came about.", _ASK_OWNER
    if isinstance(error, httpcore.ProtocolError):
        return FailureReason.PROTOCOL, f"{host} sent no proper HTTP answer ({_first_line(error)}).", _ASK_OWNER
    if isinstance(error, httpcore.ConnectError | httpcore.ConnectTimeout):
        what = f"{host} does not take connections on port {port}."
    else:
        what = f"{host} broke off the connection."
    return FailureReason.CONNECT, what, "It is tried again later by itself."


_ASK_OWNER = "Ask the site's owner to mend it."


def _first_line(error: Exception) -> str:
    """The start of a foreign message, fit for one line of a log."""
    text = "".join(letter if letter.isprintable() else " " for letter in str(error))
    return text[:200].rstrip(". ") or "no reason given"


class Sockets(httpcore.AsyncNetworkBackend):
    """Connects to IP addresses."""

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's interface
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to `host`, an IP address, within `timeout` seconds; the other options are not taken.

        Raises httpcore's ConnectError or ConnectTimeout.
        """
        link = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
        try:
            link.setblocking(False)
            link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            async with asyncio.timeout(timeout):
                await asyncio.get_running_loop().sock_connect(link, (host, port))
        except BaseException as error:
            link.close()
            if isinstance(error, TimeoutError):
                raise httpcore.ConnectTimeout(str(error)) from error
            if isinstance(error, OSError):
                raise httpcore.ConnectError(str(error)) from error
            raise
        return _Plain(link)


class _Plain(httpcore.AsyncNetworkStream):
    """A connection without TLS. It has no timeouts: outbound has a deadline around all of a request."""

    def __init__(self, link: socket.socket) -> None:
        self._link = link
        self._loop = asyncio.get_running_loop()

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109
        try:
            return await self._loop.sock_recv(self._link, max_bytes)
        except OSError as error:
            raise httpcore.ReadError(str(error)) from error

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109
        if not buffer:
            return
        try:
            await self._loop.sock_sendall(self._link, buffer)
        except OSError as error:
            raise httpcore.WriteError(str(error)) from error

    async def aclose(self) -> None:
        self._link.close()

    def get_extra_info(self, info: str) -> Any:
        return self._link if info == "socket" else None

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109
    ) -> httpcore.AsyncNetworkStream:
        secure = _Secure(self, ssl_context, server_hostname)
        await secure.shake_hands()
        return secure


class _Secure(httpcore.AsyncNetworkStream):
    """A connection with TLS: OpenSSL between two buffers in memory, and the plain connection below them."""

    def __init__(self, below: _Plain, context: ssl.SSLContext, name: str | None) -> None:
        self._below = below
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=name)

    async def shake_hands(self) -> None:
        """Raises httpcore.ConnectError, from the ssl module's error, when the other side is not who it should be."""
        try:
            await self._carry(self._tls.do_handshake)
        except (ssl.SSLError, httpcore.NetworkError) as error:
            raise httpcore.ConnectError(str(error)) from error

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109
        try:
            return await self._carry(lambda: self._tls.read(max_bytes))
        except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
            return b""  # many servers end without saying so; a body cut short is told by its length
        except ssl.SSLError as error:
            raise httpcore.ReadError(str(error)) from error

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109
        try:
            await self._carry(lambda: self._tls.write(buffer) if buffer else 0)
        except ssl.SSLError as error:
            raise httpcore.WriteError(str(error)) from error

    async def aclose(self) -> None:
        await self._below.aclose()

    async def _carry(self, step: Callable[[], _T]) -> _T:
        """Do one thing with OpenSSL, moving bytes to and from the connection for as long as it asks for more."""
        while True:
            try:
                done = step()
            except ssl.SSLWantReadError:
                await self._flush()
                if data := await self._below.read(_MOST_AT_ONCE):
                    self._incoming.write(data)
                else:
                    self._incoming.write_eof()
            else:
                await self._flush()
                return done

    async def _flush(self) -> None:
        await self._below.write(self._outgoing.read())
