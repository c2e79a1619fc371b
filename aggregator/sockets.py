"""Connections on asyncio's bare sockets, with and without TLS; `exchange` alone uses them.

Nothing is read ahead here: what has not been asked for waits in the kernel, so a body cannot pile up in our memory.
asyncio's own streams do read ahead, and cost a request a third more CPU.
"""

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Protocol, TypeVar

from aggregator.networks import Address

_MOST_AT_ONCE = 64 * 1024
_FIRST_TRY = 5.0
"""Seconds for one of several addresses of a host: an IPv6 route that leads nowhere must not use up the deadline."""

_T = TypeVar("_T")


class Unreachable(Exception):
    """No connection came about; its cause says why."""


class BrokenOff(Exception):
    """A connection ended in the middle; its cause says why."""


class Link(Protocol):
    """A connection. It has no timeouts: outbound has a deadline around all of a request."""

    async def read(self) -> bytes:
        """The next bytes, at most 64 KiB; none when the other side has ended. Raises BrokenOff."""

    async def write(self, data: bytes) -> None:
        """Send all of `data`. Raises BrokenOff."""

    def close(self) -> None:
        """Let it go, at once."""


Dial = Callable[[str, int], Awaitable[Link]]
"""Connects to an IP address and port. Raises Unreachable."""


async def connect(dial: Dial, addresses: Sequence[Address], port: int) -> Link:
    """A connection to the first of `addresses` that takes one. Raises Unreachable."""
    *others, last = (str(address) for address in addresses)
    for address in others:
        with suppress(Unreachable, TimeoutError):
            async with asyncio.timeout(_FIRST_TRY):
                return await dial(address, port)
    return await dial(last, port)


async def dial(address: str, port: int) -> "Plain":
    """Connect to an IP address. Raises Unreachable."""
    link = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM)
    try:
        link.setblocking(False)
        link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        await asyncio.get_running_loop().sock_connect(link, (address, port))
    except BaseException as error:
        link.close()
        if isinstance(error, OSError):
            raise Unreachable(str(error)) from error
        raise
    return Plain(link)


class Plain:
    """A Link without TLS."""

    def __init__(self, link: socket.socket) -> None:
        self.socket = link
        self._loop = asyncio.get_running_loop()

    async def read(self) -> bytes:
        """See Link."""
        try:
            return await self._loop.sock_recv(self.socket, _MOST_AT_ONCE)
        except OSError as error:
            raise BrokenOff(str(error)) from error

    async def write(self, data: bytes) -> None:
        """See Link."""
        try:
            await self._loop.sock_sendall(self.socket, data)
        except OSError as error:
            raise BrokenOff(str(error)) from error

    def close(self) -> None:
        """See Link."""
        self.socket.close()


async def secured(below: Link, context: ssl.SSLContext, name: str) -> Link:
    """`below` with TLS, once the other side has proved that it is `name`. Raises Unreachable, from an ssl.SSLError."""
    link = _Secure(below, context, name)
    await link.shake_hands()
    return link


class _Secure:
    """A Link with TLS: OpenSSL between two buffers in memory, and another link below them."""

    def __init__(self, below: Link, context: ssl.SSLContext, name: str) -> None:
        self._below = below
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=name)

    async def shake_hands(self) -> None:
        try:
            await self._carry(self._tls.do_handshake)
        except (ssl.SSLError, BrokenOff) as error:
            raise Unreachable(str(error)) from error

    async def read(self) -> bytes:
        try:
            return await self._carry(lambda: self._tls.read(_MOST_AT_ONCE))
        except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
            return b""  # many servers end without saying so; a body cut short is told by its length
        except ssl.SSLError as error:
            raise BrokenOff(str(error)) from error

    async def write(self, data: bytes) -> None:
        try:
            await self._carry(lambda: self._tls.write(data))
        except ssl.SSLError as error:
            raise BrokenOff(str(error)) from error

    def close(self) -> None:
        self._below.close()

    async def _carry(self, step: Callable[[], _T]) -> _T:
        """Do one thing with OpenSSL, moving bytes to and from the connection for as long as it asks for more."""
        while True:
            try:
                done = step()
            except ssl.SSLWantReadError:
                await self._flush()
                if data := await self._below.read():
                    self._incoming.write(data)
                else:
                    self._incoming.write_eof()
            else:
                await self._flush()
                return done

    async def _flush(self) -> None:
        if data := self._outgoing.read():
            await self._below.write(data)
