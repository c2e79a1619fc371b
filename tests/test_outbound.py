"""Every request that leaves: guarded, capped, with a deadline. Against a real server on loopback."""

import asyncio
import gzip
import socket
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

import brotli
import pytest

from aggregator.demo.server import FeedServer
from aggregator.model import FailureReason
from aggregator.outbound import Outbound, RequestFailed
from aggregator.room import Place, Room
from aggregator.sockets import BrokenOff
from tests.certificates import certified, trusting
from tests.outbounds import Names, Wire, an_outbound

PUBLIC = "93.184.216.34"
OK = b"HTTP/1.1 200 OK\r\n"
PATIENCE = 30  # seconds, for what takes a moment


def port_of(server: FeedServer) -> int:
    return urlsplit(server.url()).port or 0


async def failure(outbound: Outbound, url: str) -> RequestFailed:
    """How the request fails, and that it does not go on for ever."""
    async with asyncio.timeout(PATIENCE), outbound:
        with pytest.raises(RequestFailed) as caught:
            await outbound.get(url, accept="*/*")
    return caught.value


# ------------------------------------------------------------------------------------------------ what is sent


async def test_a_page_comes_back(server: FeedServer) -> None:
    server.says("/feed?a=b", "<rss/>", etag='"1"', headers={"X-Odd": "é"})
    async with an_outbound() as outbound:
        response = await outbound.get(server.url("/feed?a=b#part"), accept="text/xml")
    assert (response.status, response.body, response.url) == (200, b"<rss/>", server.url("/feed?a=b"))
    assert response.moved_to is None
    assert response.headers["ETAG"] == response.headers.get("etag") == '"1"'
    assert response.headers.get("x-none", "none") == "none"


async def test_who_we_are_and_nothing_else_is_sent(server: FeedServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    server.says("/feed", "x", headers={"Set-Cookie": "spy=1; Path=/"})
    async with an_outbound() as outbound:
        for _ in range(2):
            await outbound.get(server.url("/feed"), headers={"If-None-Match": 'W/"é"'}, accept="text/xml")
    assert server.requests[1] == (
        "/feed",
        {
            "host": f"127.0.0.1:{port_of(server)}",
            "user-agent": "FiveForFriday/test (+editor@example.org)",
            "accept": "text/xml",
            "accept-encoding": "gzip, br",
            "if-none-match": 'W/"é"',
            "connection": "close",
        },
    )


@pytest.mark.parametrize("status", [204, 304, 404, 410, 429, 500, 503])
async def test_any_status_is_a_response(server: FeedServer, status: int) -> None:
    server.sends_raw("/feed", b"HTTP/1.1 %d Odd\r\nRetry-After: 5\r\nConnection: close\r\n\r\n" % status)
    async with an_outbound() as outbound:
        response = await outbound.get(server.url("/feed"), accept="*/*")
    assert (response.status, response.body, response.headers["Retry-After"]) == (status, b"", "5")


# --------------------------------------------------------------------------------------------------- the guard

SPELLINGS = [
    line
    for line in (Path(__file__).parent / "spellings.txt").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
]


@pytest.mark.parametrize("host", SPELLINGS)
@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_no_spelling_of_a_private_address_gets_a_connection(
    server: FeedServer, record_property: Callable[[str, object], None], scheme: str, host: str
) -> None:
    wire = Wire(port_of(server))
    outbound = an_outbound(allowed_networks=(), dial=wire, resolve=Names(["127.0.0.1"]))
    refusal = await failure(outbound, f"{scheme}://{host}:{port_of(server)}/")
    assert refusal.reason == FailureReason.REFUSED
    assert wire.connects == []
    assert server.requests == []
    if scheme == "https":
        record_property("hostile", "spellings of private addresses")


@pytest.mark.parametrize(
    "url",
    ["file:///etc/passwd", "gopher://x/", "data:,x", "ftp://x/", "//x/", "/x", "", "http://x y/", "http://u:p@x/"],
)
async def test_what_is_no_web_address_is_refused(url: str) -> None:
    refusal = await failure(an_outbound(resolve=Names([PUBLIC])), url)
    assert refusal.reason == FailureReason.REFUSED
    assert "http or https" in refusal.message


@pytest.mark.parametrize("answers", [["10.0.0.1"], [PUBLIC, "10.0.0.1"], ["::1", PUBLIC], ["::ffff:127.0.0.1"]])
async def test_a_name_is_refused_when_any_of_its_answers_is_private(server: FeedServer, answers: list[str]) -> None:
    wire = Wire(port_of(server))
    refusal = await failure(an_outbound(allowed_networks=(), dial=wire, resolve=Names(answers)), "http://blog.example/")
    assert refusal.reason == FailureReason.REFUSED
    assert wire.connects == []
    assert "private or reserved network" in refusal.message
    assert "allow_networks" in refusal.hint
    assert not any(answer in refusal.message for answer in answers)


async def test_the_connection_goes_to_the_answer_that_was_judged(server: FeedServer) -> None:
    server.says("/", "hello")
    wire, names = Wire(port_of(server)), Names([PUBLIC], ["127.0.0.1"])
    async with an_outbound(allowed_networks=(), dial=wire, resolve=names) as outbound:
        response = await outbound.get("http://blog.example./", accept="*/*")
    assert response.body == b"hello"
    assert names.asked == ["blog.example"]
    assert wire.connects == [(PUBLIC, 80)]


async def test_a_name_that_turns_private_between_two_requests_is_refused(server: FeedServer) -> None:
    server.moves_to("/", "/again", 302)
    server.says("/again", "secret")
    wire, names = Wire(port_of(server)), Names([PUBLIC], ["127.0.0.1"])
    refusal = await failure(an_outbound(allowed_networks=(), dial=wire, resolve=names), "http://blog.example/")
    assert refusal.reason == FailureReason.REFUSED
    assert wire.connects == [(PUBLIC, 80)]


async def test_an_answer_that_comes_before_the_request_is_through_is_read() -> None:
    class Rude:
        """Ends what it hears at once, and answers all the same."""

        def __init__(self) -> None:
            self.answers = [b"HTTP/1.1 413 Too much\r\nRetry-After: 5\r\n\r\n", b""]
            self.closed = False

        async def read(self) -> bytes:
            return self.answers.pop(0)

        async def write(self, data: bytes) -> None:
            raise BrokenOff("in the middle")

        def close(self) -> None:
            self.closed = True

    link = Rude()

    async def dial(address: str, port: int) -> Rude:
        return link

    async with an_outbound(dial=dial, resolve=Names([PUBLIC])) as outbound:
        answer = await outbound.post("http://hub.example/", form={"a": "b"})
    assert (answer.status, answer.headers["retry-after"]) == (413, "5")
    assert link.closed


async def test_every_address_of_a_host_is_tried_in_turn(server: FeedServer) -> None:
    server.says("/", "hello")
    dead = ["2606:4700::1", "2606:4700::2"]
    wire = Wire(port_of(server), dead=dead)
    async with an_outbound(allowed_networks=(), dial=wire, resolve=Names([*dead, PUBLIC])) as outbound:
        response = await outbound.get("http://blog.example:8080/", accept="*/*")
    assert response.body == b"hello"
    assert wire.connects == [(address, 8080) for address in (*dead, PUBLIC)]


async def test_a_host_that_takes_no_connection_is_told(server: FeedServer) -> None:
    wire = Wire(port_of(server), dead=[PUBLIC])
    refusal = await failure(an_outbound(dial=wire, resolve=Names([PUBLIC])), "http://blog.example/")
    assert refusal.reason == FailureReason.CONNECT
    assert "port 80" in refusal.message


async def no_such_name(host: str, port: int) -> list[str]:
    raise OSError


async def too_long_a_name(host: str, port: int) -> list[str]:
    raise UnicodeError


@pytest.mark.parametrize("resolve", [no_such_name, too_long_a_name, Names([])])
async def test_a_name_without_an_address_is_told(resolve: Callable[[str, int], object]) -> None:
    refusal = await failure(an_outbound(resolve=resolve), "http://blog.example/")
    assert refusal.reason == FailureReason.NAME
    assert "blog.example" in refusal.message


async def test_the_machine_s_own_resolver_is_asked(server: FeedServer) -> None:
    server.says("/", "hello")
    async with an_outbound() as outbound:
        response = await outbound.get(f"http://localhost:{port_of(server)}/", accept="*/*")
    assert response.body == b"hello"


async def test_names_under_localhost_are_this_machine(server: FeedServer) -> None:
    server.says("/", "hello")
    names = Names(["127.0.0.1"])
    async with an_outbound(resolve=names) as outbound:
        await outbound.get(f"http://blog.localhost:{port_of(server)}/", accept="*/*")
    assert names.asked == ["localhost"]


# --------------------------------------------------------------------------------------------------- redirects


@pytest.mark.parametrize(
    ("hops", "moved_to"),
    [
        ((301,), "/1"),
        ((308,), "/1"),
        ((302,), None),
        ((303,), None),
        ((307,), None),
        ((301, 308), "/2"),
        ((301, 302, 301), "/1"),
        ((302, 301), None),
        ((301,) * 5, "/5"),
    ],
)
async def test_only_permanent_redirects_from_the_start_are_remembered(
    server: FeedServer, hops: tuple[int, ...], moved_to: str | None
) -> None:
    for at, status in enumerate(hops):
        server.moves_to(f"/{at}", f"{at + 1}", status)
    server.says(f"/{len(hops)}", "there")
    async with an_outbound() as outbound:
        response = await outbound.get(server.url("/0"), headers={"If-None-Match": '"1"'}, accept="*/*")
    assert response.url == server.url(f"/{len(hops)}")
    assert response.moved_to == (server.url(moved_to) if moved_to else None)
    assert [headers["if-none-match"] for _, headers in server.requests] == ['"1"'] * (len(hops) + 1)


async def test_six_redirects_are_too_many(server: FeedServer) -> None:
    for at in range(30):
        server.moves_to(f"/{at}", f"/{at + 1}")
    assert (await failure(an_outbound(), server.url("/0"))).reason == FailureReason.REDIRECT
    assert len(server.requests) == 6


async def test_a_circle_is_left_at_once(server: FeedServer) -> None:
    server.moves_to("/a", "/b")
    server.moves_to("/b", "/a#again")
    assert "circle" in (await failure(an_outbound(), server.url("/a"))).message
    assert len(server.requests) == 2


@pytest.mark.parametrize(
    ("location", "reason"),
    [
        ("", FailureReason.REDIRECT),
        ("file:///etc/passwd", FailureReason.REFUSED),
        ("javascript:alert(1)", FailureReason.REFUSED),
        ("gopher://127.0.0.1:25/x", FailureReason.REFUSED),
        ("http://user:secret@127.0.0.1/", FailureReason.REFUSED),
        ("http://10.0.0.1/", FailureReason.REFUSED),
        ("//169.254.169.254/latest/meta-data/", FailureReason.REFUSED),
        ("http://[::ffff:10.0.0.1]/", FailureReason.REFUSED),
        ("http://0xa.1/", FailureReason.REFUSED),
        ("http://[/", FailureReason.REFUSED),
        ("http://x/\\@y", FailureReason.REFUSED),
        ("/" + "x" * 64_000, FailureReason.REFUSED),
        ("/" + "x" * 200_000, FailureReason.PROTOCOL),
        ("/a\x00b", FailureReason.PROTOCOL),
    ],
)
async def test_redirects_are_judged_like_first_addresses(
    server: FeedServer, location: str, reason: FailureReason
) -> None:
    server.moves_to("/", location)
    wire = Wire(port_of(server))
    assert (await failure(an_outbound(dial=wire), server.url("/"))).reason == reason
    assert wire.connects == [("127.0.0.1", port_of(server))]


async def test_a_location_may_hold_raw_utf8(server: FeedServer) -> None:
    server.sends_raw("/", "HTTP/1.1 301 Moved\r\nLocation: /straße\r\n\r\n".encode())
    server.says("/stra%C3%9Fe", "there")
    async with an_outbound() as outbound:
        assert (await outbound.get(server.url("/"), accept="*/*")).body == b"there"


# ------------------------------------------------------------------------------------------------------ bodies


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        (b"Content-Encoding: gzip\r\n", gzip.compress(b"<rss/>")),
        (b"Content-Encoding: br\r\n", brotli.compress(b"<rss/>")),
        (b"Content-Length: 6\r\n", b"<rss/> and more than was announced"),
        (b"Transfer-Encoding: chunked\r\n", b"2\r\n<r\r\n4\r\nss/>\r\n0\r\n\r\n"),
        (b"", b"<rss/>"),
    ],
)
async def test_bodies_come_out_as_they_were_meant(server: FeedServer, headers: bytes, body: bytes) -> None:
    server.sends_raw("/", OK + headers + b"\r\n" + body)
    async with an_outbound() as outbound:
        assert (await outbound.get(server.url("/"), accept="*/*")).body == b"<rss/>"


async def test_a_body_as_large_as_the_cap_is_read(server: FeedServer) -> None:
    server.says("/", bytes(1 << 20))
    async with an_outbound() as outbound:
        assert len((await outbound.get(server.url("/"), accept="*/*")).body) == 1 << 20


class Watched(Room):
    """A room that says when somebody has to wait."""

    def __init__(self, size: int) -> None:
        super().__init__(size)
        self.is_full = asyncio.Event()

    async def wait(self, place: Place, size: int) -> None:
        self.is_full.set()
        await super().wait(place, size)


async def test_a_body_takes_up_room_for_what_it_unpacks_to_as_it_comes(server: FeedServer) -> None:
    server.says("/", gzip.compress(bytes(1 << 20)), headers={"Content-Encoding": "gzip"})
    room = Watched(1 << 20)
    with room.place() as place:
        async with asyncio.timeout(PATIENCE), an_outbound() as outbound:
            with room.place() as eldest:
                assert eldest.takes(1)
                request = asyncio.create_task(outbound.get(server.url("/"), accept="*/*", place=place))
                await room.is_full.wait()
                assert (1 << 20) - (1 << 17) < room.used <= 1 << 20, "one byte is missing, so the last part waits"
            assert len((await request).body) == room.used == 1 << 20
    assert room.used == 0


async def test_waiting_for_room_does_not_count(server: FeedServer) -> None:
    server.says("/", "hello")
    server.hangs("/silent")
    room = Watched(1)
    async with asyncio.timeout(PATIENCE), an_outbound(deadline=1) as outbound:
        with room.place() as place:
            with room.place() as eldest:
                assert eldest.takes(1)
                request = asyncio.create_task(outbound.get(server.url("/"), accept="*/*", place=place))
                await room.is_full.wait()
                with pytest.raises(RequestFailed, match="did not finish"):  # a whole deadline goes by
                    await outbound.get(server.url("/silent"), accept="*/*")
            assert (await request).body == b"hello"


# --------------------------------------------------------------------------------------------------- deadlines


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_silence_ends_at_the_deadline_and_leaves_no_socket(server: FeedServer, scheme: str) -> None:
    server.hangs("/")
    wire = Wire(port_of(server))
    url = server.url("/").replace("http", scheme)
    refusal = await failure(an_outbound(dial=wire, deadline=0.5), url)
    assert refusal.reason == FailureReason.TIMEOUT
    assert [used.fileno() for used in wire.sockets] == [-1]


async def test_one_byte_at_a_time_ends_at_the_deadline(server: FeedServer) -> None:
    server.drips("/", every=0.01)
    refusal = await failure(an_outbound(deadline=0.2), server.url("/"))
    assert refusal.reason == FailureReason.TIMEOUT


async def test_redirects_share_one_deadline(server: FeedServer) -> None:
    async def slow(host: str, port: int) -> list[str]:
        await asyncio.sleep(0.2)
        return ["127.0.0.1"]

    server.moves_to("/", "/next")
    server.says("/next", "hello")
    url = f"http://blog.example:{port_of(server)}/"
    refusal = await failure(an_outbound(resolve=slow, deadline=0.3), url)
    assert refusal.reason == FailureReason.TIMEOUT


async def test_a_name_server_that_never_answers_ends_at_the_deadline() -> None:
    async def silent(host: str, port: int) -> list[str]:
        await asyncio.Event().wait()
        return []

    refusal = await failure(an_outbound(resolve=silent, deadline=0.05), "http://blog.example/")
    assert refusal.reason == FailureReason.TIMEOUT


async def test_waiting_for_a_turn_does_not_count(server: FeedServer) -> None:
    server.says("/", "hello")
    async with an_outbound(deadline=1.5, host_gap=1.6) as outbound:
        first, second = await asyncio.gather(*(outbound.get(server.url("/"), accept="*/*") for _ in range(2)))
    assert first.body == second.body == b"hello"


async def test_a_request_that_is_given_up_leaves_no_socket(server: FeedServer) -> None:
    server.hangs("/")
    wire = Wire(port_of(server))
    async with an_outbound(dial=wire) as outbound:
        request = asyncio.create_task(outbound.get(server.url("/"), accept="*/*"))
        await wire.connected.wait()
        request.cancel()
        with pytest.raises(asyncio.CancelledError):
            await request
    assert [used.fileno() for used in wire.sockets] == [-1]


# --------------------------------------------------------------------------------------------------------- TLS


class SecureSite:
    """A site with a certificate for blog.example, in a thread; notes the names that clients ask it for.

    With `speaks_tls=False` it sends its answer in plain text, unasked, as a mail server would.
    """

    def __init__(self, answer: bytes, *, speaks_tls: bool = True) -> None:
        self.asked: list[str | None] = []
        self._answer = answer
        self._context = certified("blog.example") if speaks_tls else None
        if self._context is not None:
            self._context.sni_callback = lambda _connection, name, _context: self.asked.append(name)
        self._is_open = True
        self._thread = threading.Thread(target=self._serve)

    def __enter__(self) -> Self:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_open = False
        socket.create_connection(("127.0.0.1", self.port)).close()
        self._thread.join()
        self._listener.close()

    def _serve(self) -> None:
        while self._is_open:
            with self._listener.accept()[0] as connection, suppress(OSError):
                if not self._is_open:
                    return
                connection.settimeout(5)
                if self._context is None:
                    connection.sendall(self._answer)
                    connection.recv(4096)
                else:
                    # The handshake stands inside, so that a client who refuses it leaves no socket open.
                    with self._context.wrap_socket(
                        connection, server_side=True, do_handshake_on_connect=False
                    ) as secure:
                        secure.do_handshake()
                        secure.recv(4096)
                        secure.sendall(self._answer)


HELLO = OK + b"Content-Length: 5\r\n\r\nhello"


async def test_the_certificate_is_checked_against_the_name_not_the_address() -> None:
    with SecureSite(HELLO) as site:
        wire = Wire(site.port)
        async with an_outbound(allowed_networks=(), dial=wire, resolve=Names([PUBLIC]), trust=trusting()) as outbound:
            response = await outbound.get("https://BLOG.example./", accept="*/*")
    assert response.body == b"hello"
    assert site.asked == ["blog.example"]
    assert wire.connects == [(PUBLIC, 443)]


@pytest.mark.parametrize(("host", "trust"), [("other.example", trusting()), ("blog.example", None)])
async def test_a_wrong_certificate_is_refused(host: str, trust: ssl.SSLContext | None) -> None:
    with SecureSite(HELLO) as site:
        outbound = an_outbound(dial=Wire(site.port), resolve=Names([PUBLIC]), trust=trust)
        refusal = await failure(outbound, f"https://{host}/")
    assert refusal.reason == FailureReason.TLS
    assert f"certificate of {host} is not valid" in refusal.message


async def test_a_site_that_speaks_no_tls_is_told() -> None:
    with SecureSite(b"220 mail.example ESMTP\r\n", speaks_tls=False) as site:
        refusal = await failure(an_outbound(), f"https://127.0.0.1:{site.port}/")
    assert refusal.reason == FailureReason.TLS
    assert "No secure connection" in refusal.message


async def test_a_move_to_plain_http_is_followed_but_not_remembered(server: FeedServer) -> None:
    server.says("/plain", "hello")
    with SecureSite(f"HTTP/1.1 301 Moved\r\nLocation: {server.url('/plain')}\r\n\r\n".encode()) as site:
        async with an_outbound(resolve=Names(["127.0.0.1"]), trust=trusting()) as outbound:
            response = await outbound.get(f"https://blog.example:{site.port}/", accept="*/*")
    assert (response.body, response.moved_to) == (b"hello", None)
