"""A web server on loopback that speaks the domain: what a blog's feed may say, and how it may misbehave.

    with FeedServer() as server:
        server.says("/feed.xml", rss, etag='"1"')
        server.hangs("/slow")
        server.url("/feed.xml")

It runs in a thread of its own and reads no more of HTTP than a poller sends: one request to a connection.
"""

import asyncio
import threading
from collections.abc import Callable, Mapping
from http import HTTPStatus
from types import TracebackType
from typing import Self

Behaviour = Callable[[asyncio.Transport, dict[str, str]], None]
"""What a path does with a connection, given the headers of the request (names in lower case)."""


class FeedServer:
    """Serves on 127.0.0.1, on a free port unless one is named, from `with` to its end.

    `requests` holds the path and the headers (names in lower case) of every request, in order. A path that was
    told nothing answers 404.
    """

    def __init__(self, port: int = 0) -> None:
        self.requests: list[tuple[str, dict[str, str]]] = []
        self._port = port
        self._behaviours: dict[str, Behaviour] = {}
        self._connections: set[asyncio.Transport] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="feed-server", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        try:
            self._server = asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result()
        except OSError:
            self._stop_thread()
            raise
        self._port = self._server.sockets[0].getsockname()[1]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._hang_up(), self._loop).result()
        self._stop_thread()

    def url(self, path: str = "/") -> str:
        """The address of `path` here."""
        return f"http://127.0.0.1:{self._port}{path}"

    def says(
        self,
        path: str,
        body: bytes | str,
        *,
        content_type: str = "application/rss+xml",
        etag: str | None = None,
        last_modified: str | None = None,
        headers: Mapping[str, str] = {},
        status: int = 200,
    ) -> None:
        """Answer with `body`; with a validator, answer 304 to who sends it back (RFC 9110, section 13)."""
        content = body.encode() if isinstance(body, str) else body
        validators = {"ETag": etag, "Last-Modified": last_modified}
        told = {name: value for name, value in validators.items() if value is not None}
        whole = _answer(status, {"Content-Type": content_type, **told, **headers}, content)
        unchanged = _answer(304, {**told, **headers}, b"")

        def behave(connection: asyncio.Transport, asked: dict[str, str]) -> None:
            if "if-none-match" in asked:
                same = etag is not None and asked["if-none-match"] == etag
            else:
                same = last_modified is not None and asked.get("if-modified-since") == last_modified
            connection.write(unchanged if same else whole)
            connection.close()

        self._behaviours[path] = behave

    def moves_to(self, path: str, target: str, status: int = 301) -> None:
        """Redirect to `target`, which is sent as it is: an address, a path, or something odd."""
        self.fails(path, status, {"Location": target})

    def gone(self, path: str) -> None:
        """Answer 410."""
        self.fails(path, 410)

    def fails(self, path: str, status: int, headers: Mapping[str, str] = {}) -> None:
        """Answer with `status` and a line of text."""
        self.says(path, f"{status}\n", content_type="text/plain", headers=headers, status=status)

    def sends_raw(self, path: str, raw: bytes) -> None:
        """Send exactly `raw`, status line and headers included, and close."""

        def behave(connection: asyncio.Transport, _asked: dict[str, str]) -> None:
            connection.write(raw)
            connection.close()

        self._behaviours[path] = behave

    def drops(self, path: str) -> None:
        """Close without an answer."""
        self._behaviours[path] = lambda connection, _asked: connection.close()

    def hangs(self, path: str) -> None:
        """Take the request and never answer."""
        self._behaviours[path] = lambda _connection, _asked: None

    def stalls(self, path: str, raw: bytes) -> None:
        """Send exactly `raw`, and then nothing more, without closing."""
        self._behaviours[path] = lambda connection, _asked: connection.write(raw)

    def drips(self, path: str, *, every: float = 0.05) -> None:
        """Begin an answer, then send one byte `every` so many seconds, without end."""

        def drip(connection: asyncio.Transport) -> None:
            if not connection.is_closing():
                connection.write(b" ")
                self._loop.call_later(every, drip, connection)

        def behave(connection: asyncio.Transport, _asked: dict[str, str]) -> None:
            connection.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\nConnection: close\r\n\r\n")
            drip(connection)

        self._behaviours[path] = behave

    async def _listen(self) -> asyncio.Server:
        return await self._loop.create_server(
            lambda: _Conversation(self._answer, self._connections), "127.0.0.1", self._port, backlog=1024
        )

    async def _hang_up(self) -> None:
        # asyncio drops the socket of a connection that it is accepting when its server closes. So first no more are
        # taken; one just accepted takes three turns of the loop until it is made, an aborted one one more to close.
        for listener in self._server.sockets:
            self._loop.remove_reader(listener.fileno())
        for _ in range(5):
            for connection in list(self._connections):
                connection.abort()
            await asyncio.sleep(0)
        self._server.close()

    def _stop_thread(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _answer(self, connection: asyncio.Transport, path: str, headers: dict[str, str]) -> None:
        self.requests.append((path, headers))
        self._behaviours.get(path, _not_found)(connection, headers)


class _Conversation(asyncio.Protocol):
    """One connection: gathers the head of a request, then hands it over."""

    def __init__(
        self,
        answer: Callable[[asyncio.Transport, str, dict[str, str]], None],
        connections: set[asyncio.Transport],
    ) -> None:
        self._answer = answer
        self._connections = connections
        self._head = b""
        self._is_answered = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - what create_server gives for TCP
        self._transport = transport
        self._connections.add(transport)

    def connection_lost(self, exc: Exception | None) -> None:
        self._connections.discard(self._transport)

    def data_received(self, data: bytes) -> None:
        self._head += data
        if self._is_answered or b"\r\n\r\n" not in self._head:
            return
        self._is_answered = True
        first, *lines = self._head.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")
        path = first.split(" ")[1]
        fields = (line.partition(":") for line in lines)
        self._answer(self._transport, path, {name.lower(): value.strip() for name, _, value in fields})


def _answer(status: int, headers: Mapping[str, str], body: bytes) -> bytes:
    phrase = HTTPStatus(status).phrase if status in HTTPStatus._value2member_map_ else ""
    fields = dict(headers)
    if status != 304:
        fields.setdefault("Content-Length", str(len(body)))
    lines = [f"HTTP/1.1 {status} {phrase}", *(f"{name}: {value}" for name, value in fields.items())]
    return "\r\n".join([*lines, "Connection: close", "", ""]).encode("latin-1") + body


def _not_found(connection: asyncio.Transport, _asked: dict[str, str]) -> None:
    connection.write(_answer(404, {"Content-Type": "text/plain"}, b"404\n"))
    connection.close()
