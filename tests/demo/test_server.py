"""The server that plays other people's blogs does what it is told."""

import socket
from urllib.parse import urlsplit

import pytest

from aggregator.demo.server import FeedServer


def ask(server: FeedServer, path: str, *headers: str, at_least: int = 0) -> bytes:
    """What the server sends for `path` until it closes, or until `at_least` so many bytes came."""
    with socket.create_connection(("127.0.0.1", urlsplit(server.url()).port or 0)) as connection:
        connection.sendall("\r\n".join([f"GET {path} HTTP/1.1", "Host: x", *headers, "", ""]).encode())
        came = b""
        while part := connection.recv(65536):
            came += part
            if at_least and len(came) >= at_least:
                break
        return came


def status(answer: bytes) -> int:
    return int(answer.split(b" ")[1])


def test_it_says_what_it_was_told(server: FeedServer) -> None:
    server.says("/feed?a=b", "<rss/>", content_type="text/xml", headers={"X-Odd": "1"})
    answer = ask(server, "/feed?a=b", "X-Asked: Yes")
    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
    assert {b"Content-Type: text/xml", b"X-Odd: 1", b"Content-Length: 6"} <= set(answer.split(b"\r\n"))
    assert answer.endswith(b"\r\n\r\n<rss/>")
    assert server.requests == [("/feed?a=b", {"host": "x", "x-asked": "Yes"})]


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        (['If-None-Match: W/"1"'], 304),
        (["If-Modified-Since: today"], 304),
        (['If-None-Match: W/"1"', "If-Modified-Since: yesterday"], 304),
        (['If-None-Match: "1"', "If-Modified-Since: today"], 200),
        (["If-Modified-Since: yesterday"], 200),
        ([], 200),
    ],
)
def test_it_answers_conditions(server: FeedServer, sent: list[str], expected: int) -> None:
    server.says("/feed", "<rss/>", etag='W/"1"', last_modified="today")
    answer = ask(server, "/feed", *sent)
    assert status(answer) == expected
    assert b'\r\nETag: W/"1"\r\n' in answer
    assert answer.endswith(b"<rss/>") == (expected == 200)


def test_it_moves_goes_and_fails(server: FeedServer) -> None:
    server.moves_to("/old", "/new", 308)
    server.gone("/gone")
    server.fails("/busy", 503, {"Retry-After": "5"})
    assert b"\r\nLocation: /new\r\n" in ask(server, "/old")
    assert [status(ask(server, path)) for path in ("/old", "/gone", "/busy", "/never-told")] == [308, 410, 503, 404]
    assert b"\r\nRetry-After: 5\r\n" in ask(server, "/busy")


def test_it_sends_raw_bytes_or_none(server: FeedServer) -> None:
    server.sends_raw("/raw", b"\x00\xff")
    server.drops("/drops")
    assert ask(server, "/raw") == b"\x00\xff"
    assert ask(server, "/drops") == b""


def test_it_drips_byte_by_byte(server: FeedServer) -> None:
    server.drips("/drips", every=0.001)
    head = len(ask(server, "/drips", at_least=1).partition(b"\r\n\r\n")[0]) + 4
    assert ask(server, "/drips", at_least=head + 5)[head:].strip() == b""


def test_it_hangs_until_it_is_closed() -> None:
    with FeedServer() as server:
        server.hangs("/hangs")
        connection = socket.create_connection(("127.0.0.1", urlsplit(server.url()).port or 0))
        connection.sendall(b"GET /hangs HTTP/1.1\r\n\r\n")
        connection.settimeout(0.05)
        with pytest.raises(TimeoutError):
            connection.recv(1)
    connection.settimeout(5)
    try:
        assert connection.recv(1) == b""
    except ConnectionResetError:
        pass
    finally:
        connection.close()


def test_a_port_that_is_taken_is_told(server: FeedServer) -> None:
    with pytest.raises(OSError, match="address already in use"), FeedServer(urlsplit(server.url()).port or 0):
        pass
