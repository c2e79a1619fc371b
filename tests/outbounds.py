"""Outbound as tests need it: loopback only, no gap, and a way to connect that keeps a record."""

import asyncio
from collections.abc import Sequence
from ipaddress import ip_network
from socket import socket
from typing import Any

from aggregator.outbound import Outbound
from aggregator.sockets import Link, Unreachable, dial

LOOPBACK = (ip_network("127.0.0.0/8"), ip_network("::1/128"))


def an_outbound(**given: Any) -> Outbound:
    """An Outbound that may go to loopback, fast."""
    good: dict[str, Any] = {
        "user_agent": "FiveForFriday/test (+editor@example.org)",
        "allowed_networks": LOOPBACK,
        "deadline": 20.0,
        "max_body": 1 << 20,
        "in_flight": 16,
        "per_host": 16,
        "host_gap": 0.0,
    }
    return Outbound(**(good | given))


class Wire:
    """Records where connections were asked to go, and takes them all to one port on loopback.

    Addresses in `dead` refuse.
    """

    def __init__(self, port: int, *, dead: Sequence[str] = ()) -> None:
        self.connects: list[tuple[str, int]] = []
        self.sockets: list[socket] = []
        self.connected = asyncio.Event()
        self._port = port
        self._dead = dead

    async def __call__(self, address: str, port: int) -> Link:
        self.connects.append((address, port))
        if address in self._dead:
            raise Unreachable("refused")
        link = await dial("127.0.0.1", self._port)
        self.sockets.append(link.socket)
        self.connected.set()
        return link


class Names:
    """A name server that gives its answers in turn, the last one for ever; counts the questions."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self.asked: list[str] = []
        self._answers = list(answers)

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked.append(host)
        return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
