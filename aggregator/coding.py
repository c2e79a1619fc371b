"""Content codings undone with a cap, while the bytes arrive (RFC 9110, section 8.4). Pure.

1.8 kB of gzip in gzip become 1 GiB: one coding is undone, never two, and never past the cap.
"""

import zlib
from typing import Protocol

import brotli

ACCEPTED = "gzip, br"
"""What we ask for, as Accept-Encoding."""


class TooLarge(Exception):
    """The body is larger than its cap."""


class Undecodable(Exception):
    """The body does not hold to its coding, or is in one that we did not ask for; `str()` says which."""


class Decoder(Protocol):
    """Undoes one coding."""

    def feed(self, data: bytes) -> bytes:
        """The next bytes, decoded. Raises TooLarge or Undecodable."""

    def end(self) -> None:
        """No more is coming. Raises Undecodable when the body is cut short."""


def decoder(content_encoding: str, *, cap: int) -> Decoder:
    """The decoder for a Content-Encoding header ("" for none); gives at most `cap` bytes in all.

    Raises Undecodable for more than one coding, or one that is not in `ACCEPTED`.
    """
    match content_encoding.strip().lower():
        case "" | "identity":
            return _Plain(cap)
        case "gzip" | "x-gzip":
            return _Gzip(cap)
        case "br":
            return _Brotli(cap)
        case other:
            raise Undecodable(f"it is packed in a way that we did not ask for ({other[:40]})")


class _Plain:
    def __init__(self, cap: int) -> None:
        self._room = cap

    def feed(self, data: bytes) -> bytes:
        self._room -= len(data)
        if self._room < 0:
            raise TooLarge
        return data

    def end(self) -> None:
        pass


class _Gzip:
    def __init__(self, cap: int) -> None:
        self._room = cap
        self._member = zlib.decompressobj(wbits=31)
        self._has_begun = False

    def feed(self, data: bytes) -> bytes:
        parts = []
        while data:
            if self._member.eof:  # a file of several members is one body (RFC 1952, section 2.2)
                self._member = zlib.decompressobj(wbits=31)
            self._has_begun = True
            parts.append(self._next(data))
            data = self._member.unused_data
        return b"".join(parts)

    def _next(self, data: bytes) -> bytes:
        try:
            part = self._member.decompress(data, self._room + 1)
        except zlib.error as error:
            raise Undecodable("its gzip data is damaged") from error
        self._room -= len(part)
        if self._room < 0:
            raise TooLarge
        return part

    def end(self) -> None:
        if self._has_begun and not self._member.eof:
            raise Undecodable("its gzip data is cut short")


class _Brotli:
    def __init__(self, cap: int) -> None:
        self._room = cap
        self._stream = brotli.Decompressor()
        self._has_begun = False

    def feed(self, data: bytes) -> bytes:
        self._has_begun = True
        try:
            part: bytes = self._stream.process(data, output_buffer_limit=self._room + 1)
        except brotli.error as error:
            raise Undecodable("its brotli data is damaged") from error
        self._room -= len(part)
        if self._room < 0:
            raise TooLarge
        return part

    def end(self) -> None:
        if self._has_begun and not self._stream.is_finished():
            raise Undecodable("its brotli data is cut short")
