"""From a host to the addresses that a request may connect to: looked up once, every answer judged."""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from ipaddress import ip_address

from aggregator.networks import Address, Network, is_open, literal

LookUp = Callable[[str, int], Awaitable[Sequence[str]]]
"""Asks for the IP addresses of a host and port; raises OSError or UnicodeError when there are none."""


class NoSuchName(Exception):
    """The host has no address."""


class ClosedNetwork(Exception):
    """The host has an address that requests may not go to."""


class Resolver:
    """Looks hosts up, in threads of its own: a slow name server must not hold up the database's threads."""

    def __init__(self, *, allowed_networks: tuple[Network, ...], threads: int, look_up: LookUp | None = None) -> None:
        self._allowed_networks = allowed_networks
        self._threads = ThreadPoolExecutor(max_workers=threads, thread_name_prefix="resolver")
        self._look_up = look_up or self._ask_system

    def close(self) -> None:
        """Let the threads go; no more look-ups after this."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def addresses(self, host: str, port: int) -> tuple[Address, ...]:
        """Where `host` (ASCII, without a final dot) is, at least one address, in the order to try them.

        Raises NoSuchName, or ClosedNetwork when any of them is closed: a name that is public and private at once
        is up to something.
        """
        spelled = literal(host)
        found = (spelled,) if spelled is not None else await self._ask(host, port)
        if not all(is_open(address, self._allowed_networks) for address in found):
            raise ClosedNetwork(host)
        return found

    async def _ask(self, host: str, port: int) -> tuple[Address, ...]:
        # RFC 6761, section 6.3: names under localhost are this machine, whatever a name server says.
        asked = "localhost" if host.endswith(".localhost") else host
        try:
            found = tuple(ip_address(answer) for answer in await self._look_up(asked, port))
        except (OSError, UnicodeError) as error:
            raise NoSuchName(host) from error
        if not found:
            raise NoSuchName(host)
        return found

    async def _ask_system(self, host: str, port: int) -> Sequence[str]:
        def ask() -> list[str]:
            return [str(answer[4][0]) for answer in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]

        return await asyncio.get_running_loop().run_in_executor(self._threads, ask)
