"""A server on loopback that has a thread for each connection; what it says is its child's to know."""

import socket
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Self


@dataclass(slots=True)
class Listener(ABC):
    """Use as a context manager."""

    _socket: socket.socket = field(default_factory=lambda: socket.create_server(("127.0.0.1", 0)), kw_only=True)
    _threads: list[threading.Thread] = field(default_factory=list, kw_only=True)

    def __enter__(self) -> Self:
        self._start(self._accept)
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        for thread in self._threads:
            thread.join(timeout=10)

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._socket.getsockname()[1])

    @abstractmethod
    def serve(self, link: socket.socket) -> None:
        """Talk to one client, in a thread of its own, until it hangs up."""

    def _start(self, does: Callable[..., None], *arguments: object) -> None:
        thread = threading.Thread(target=does, args=arguments, daemon=True)
        self._threads = [one for one in self._threads if one.is_alive()]
        thread.start()
        self._threads.append(thread)

    def _accept(self) -> None:
        while True:
            try:
                link, _ = self._socket.accept()
            except OSError:
                return
            link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._start(self.serve, link)
