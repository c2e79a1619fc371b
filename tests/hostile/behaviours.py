"""How a server may misbehave, each with the reason that a poll must record."""

import gzip
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import brotli

from aggregator.demo.server import FeedServer
from aggregator.model import FailureReason as Why

OK = b"HTTP/1.1 200 OK\r\n"
CAP = 1 << 20  # bytes of the largest body that the tests' Outbound takes
YEAR = 365 * 24 * 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    """What the server does at a path, and the reason that a poll must record."""

    name: str
    does: Callable[[FeedServer, str], None]
    why: Why
    is_slow: bool = False  # ends at the deadline


def behaviours() -> Iterator[Behaviour]:
    """All of them."""
    for name, raw, why in (*_bodies(), *_frames(), *_statuses()):
        yield Behaviour(name=name, does=_raw(raw), why=why)
    for name, location, why in _locations():
        yield Behaviour(name=f"redirect {name}", does=_moves(location), why=why)
    yield Behaviour(name="redirect in a circle of two", does=_circle, why=Why.REDIRECT)
    yield Behaviour(name="redirect thirty times", does=_chain, why=Why.REDIRECT)
    yield Behaviour(name="redirect to a page", does=_to_a_page, why=Why.PAGE)
    yield Behaviour(name="drop", does=FeedServer.drops, why=Why.PROTOCOL)
    yield from _slow()


def _raw(raw: Callable[[], bytes]) -> Callable[[FeedServer, str], None]:
    return lambda server, path: server.sends_raw(path, raw())


def _moves(location: str) -> Callable[[FeedServer, str], None]:
    return lambda server, path: server.moves_to(path, location)


def _circle(server: FeedServer, path: str) -> None:
    server.moves_to(path, "/there")
    server.moves_to("/there", path)


def _chain(server: FeedServer, path: str) -> None:
    server.moves_to(path, "/hop0", 302)
    for hop in range(30):
        server.moves_to(f"/hop{hop}", f"/hop{hop + 1}", 302)


def _to_a_page(server: FeedServer, path: str) -> None:
    server.moves_to(path, "/welcome")
    server.says("/welcome", "<!doctype html><title>Welcome</title><p>Our new site", content_type="text/html")


def _stalls(raw: bytes) -> Callable[[FeedServer, str], None]:
    return lambda server, path: server.stalls(path, raw)


def _slow() -> Iterator[Behaviour]:
    for name, does in (
        ("hang", FeedServer.hangs),
        ("one byte after another", FeedServer.drips),
        ("stall in the status line", _stalls(b"HTTP/1.1 2")),
        ("stall in a header", _stalls(OK + b"Content-Type: text/")),
        ("stall before the body", _stalls(OK + b"Content-Length: 9\r\n\r\n")),
        ("stall in the body", _stalls(OK + b"Content-Length: 9\r\n\r\n<rss")),
        ("stall in a chunk", _stalls(OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\n<rs")),
        ("stall in a gzip", _stalls(OK + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(b"<rss/>")[:12])),
        ("only 100 Continue", _stalls(b"HTTP/1.1 100 Continue\r\n\r\n")),
    ):
        yield Behaviour(name=name, does=does, why=Why.TIMEOUT, is_slow=True)


def _zeros(packer: "zlib._Compress", mebibytes: int) -> bytes:
    return b"".join(packer.compress(bytes(1 << 20)) for _ in range(mebibytes)) + packer.flush()


def _gzip_bomb() -> bytes:
    return _zeros(zlib.compressobj(wbits=31), 64)


def _coded(coding: bytes, body: bytes) -> bytes:
    return OK + b"Content-Encoding: " + coding + b"\r\n\r\n" + body


Raw = tuple[str, Callable[[], bytes], Why]


def _bodies() -> Iterator[Raw]:
    yield "gzip bomb", lambda: _coded(b"gzip", _gzip_bomb()), Why.TOO_LARGE
    yield "br bomb", lambda: _coded(b"br", brotli.compress(bytes(8 << 20), quality=1)), Why.TOO_LARGE
    yield "gzip twice", lambda: _coded(b"gzip, gzip", gzip.compress(_gzip_bomb())), Why.PROTOCOL
    yield "5,000 codings", lambda: _coded(b", ".join([b"gzip"] * 5000), b"x"), Why.PROTOCOL
    yield "codings in two fields", lambda: OK + b"Content-Encoding: gzip\r\n" + _coded(b"br", b"x")[17:], Why.PROTOCOL
    yield "deflate", lambda: _coded(b"deflate", zlib.compress(b"x")), Why.PROTOCOL
    yield "zstd", lambda: _coded(b"zstd", b"(\xb5/\xfd"), Why.PROTOCOL
    yield "no gzip at all", lambda: _coded(b"gzip", b"<rss/>"), Why.PROTOCOL
    yield "gzip cut short", lambda: _coded(b"gzip", gzip.compress(b"x" * 99)[:-9]), Why.PROTOCOL
    yield "gzip with a wrong checksum", lambda: _coded(b"gzip", gzip.compress(b"x" * 99)[:-8] + bytes(8)), Why.PROTOCOL
    yield "br cut short", lambda: _coded(b"br", brotli.compress(b"x" * 9999)[:-2]), Why.PROTOCOL
    yield "too much, unannounced", lambda: OK + b"\r\n" + bytes(CAP + 1), Why.TOO_LARGE
    yield (
        "too much, in chunks",
        lambda: OK + b"Transfer-Encoding: chunked\r\n\r\n" + (b"10000\r\n" + bytes(0x10000) + b"\r\n") * 17,
        Why.TOO_LARGE,
    )
    yield "nothing in the body", lambda: OK + b"Content-Length: 0\r\n\r\n", Why.EMPTY
    yield "nothing but blanks", lambda: OK + b"\r\n \r\n\t\n", Why.EMPTY
    yield "a page", lambda: OK + b"Content-Type: application/rss+xml\r\n\r\n<!doctype html><html><p>Hi", Why.PAGE
    yield "plain text", lambda: OK + b"\r\nNot found, but with a good status.", Why.UNREADABLE
    yield "a picture", lambda: OK + b"\r\n\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8, Why.UNREADABLE
    yield "JSON that is no feed", lambda: OK + b'\r\n{"error": "no such feed"}', Why.UNREADABLE


def _frames() -> Iterator[Raw]:
    yield "100 GB announced", lambda: OK + b"Content-Length: 100000000000\r\n\r\nx", Why.TOO_LARGE
    yield "less than announced", lambda: OK + b"Content-Length: 10\r\n\r\nx", Why.PROTOCOL
    yield "chunks cut short", lambda: OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\nab", Why.PROTOCOL
    yield "bad chunk size", lambda: OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nab\r\n", Why.PROTOCOL
    yield "a negative length", lambda: OK + b"Content-Length: -1\r\n\r\nx", Why.PROTOCOL
    yield "two lengths", lambda: OK + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nxy", Why.PROTOCOL
    yield "a length of 30 digits", lambda: OK + b"Content-Length: " + b"9" * 30 + b"\r\n\r\nx", Why.PROTOCOL
    yield "an endless header", lambda: OK + b"X: " + b"x" * 300_000, Why.PROTOCOL
    yield "endless headers", lambda: OK + b"X: y\r\n" * 50_000, Why.PROTOCOL
    yield "a header without a name", lambda: OK + b": y\r\n\r\n<rss/>", Why.PROTOCOL
    yield "NUL in a header", lambda: OK + b"X: a\0b\r\n\r\n<rss/>", Why.PROTOCOL
    yield "interim answers without end", lambda: b"HTTP/1.1 103 Early Hints\r\n\r\n" * 100_000, Why.PROTOCOL
    yield "another protocol agreed to, unasked", lambda: b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\nx", Why.PROTOCOL
    yield "no status", lambda: b"<html>\r\n\r\n", Why.PROTOCOL
    yield "another protocol", lambda: b"SSH-2.0-OpenSSH_9.2\r\n", Why.PROTOCOL
    yield "control characters", lambda: b"HTTP/1.1 \x1b[31m\r\n\r\n", Why.PROTOCOL
    yield "nothing", lambda: b"", Why.PROTOCOL
    yield "half a status line", lambda: b"HTTP/1.1", Why.PROTOCOL


def _statuses() -> Iterator[Raw]:
    def status(line: bytes, *fields: bytes) -> Callable[[], bytes]:
        return lambda: b"\r\n".join([b"HTTP/1.1 " + line, *fields, b"", b""])

    yield "304 unasked", status(b"304 Not Modified"), Why.PROTOCOL
    yield "429 for a year", status(b"429 Slow down", b"Retry-After: %d" % YEAR), Why.THROTTLED
    yield "503 for a million years", status(b"503 Busy", b"Retry-After: " + b"9" * 30), Why.THROTTLED
    yield "503 until 2099", status(b"503 Busy", b"Retry-After: Thu, 01 Jan 2099 00:00:00 GMT"), Why.THROTTLED
    yield "429 with nonsense", status(b"429 Slow down", b"Retry-After: soon, \xff\xfe"), Why.THROTTLED
    yield "404", status(b"404 Not Found"), Why.NOT_FOUND
    yield "410", status(b"410 Gone"), Why.GONE
    yield "401", status(b"401 Who?", b'WWW-Authenticate: Basic realm="\\"'), Why.SIGN_IN
    yield "407", status(b"407 Who?"), Why.SIGN_IN
    yield "418", status(b"418 Teapot"), Why.SERVER
    yield "500", status(b"500 Oh"), Why.SERVER
    yield "999", status(b"999 Go away"), Why.SERVER
    yield "204", status(b"204 Nothing"), Why.EMPTY
    yield "300 without a place", status(b"300 Choose"), Why.SERVER


def _locations() -> Iterator[tuple[str, str, Why]]:
    yield "to nowhere", "", Why.REDIRECT
    yield "to itself", "?", Why.REDIRECT
    yield "to a file", "file:///etc/passwd", Why.REFUSED
    yield "to a script", "javascript:alert(1)", Why.REFUSED
    yield "to gopher", "gopher://127.0.0.1:25/x", Why.REFUSED
    yield "to data", "data:text/xml,<rss/>", Why.REFUSED
    yield "with credentials", "http://user:secret@127.0.0.1/", Why.REFUSED
    yield "to a private network", "http://10.0.0.1/", Why.REFUSED
    yield "to cloud metadata", "//169.254.169.254/latest/meta-data/", Why.REFUSED
    yield "to a mapped address", "http://[::ffff:10.0.0.1]/", Why.REFUSED
    yield "to a private network in hex", "http://0xa.1/", Why.REFUSED
    yield "to half an address", "http://[/", Why.REFUSED
    yield "with a backslash", "http://x/\\@y", Why.REFUSED
    yield "of 64 kB", "/" + "x" * 64_000, Why.REFUSED
    yield "of 200 kB", "/" + "x" * 200_000, Why.PROTOCOL
    yield "with NUL", "/a\x00b", Why.PROTOCOL
    yield "with a header inside", "/a\r\nX-Injected: yes\r\n\r\n<rss/>", Why.NOT_FOUND


BEHAVIOURS = {behaviour.name: behaviour for behaviour in behaviours()}
