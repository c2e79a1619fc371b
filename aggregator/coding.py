"""Content codings undone with a cap, while the bytes arrive (RFC 9110, section 8.4). Pure.

1.8 kB of gzip in gzip become 1 GiB: one coding is undone, never two, and never past the cap. What is packed is
unpacked in small parts, so that the caller can stop between them.
"""

import zlib
from collections.abc import Iterator
from typing import Protocol

import brotli

ACCEPTED = "gzip, br"
"""What we ask for, as Accept-Encoding."""

_PART = 64 * 1024
"""Bytes of the largest part that is unpacked at once."""


class TooLarge(Exception):
    """The body is larger than its cap."""


class Undecodable(Exception):
    """The body does not hold to its coding, or is in one that we did not ask for; `str()` says which."""


class Decoder(Protocol):
    """Undoes one coding."""

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The next bytes, decoded, in parts; all of them must be taken. Raises TooLarge or Undecodable."""

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

    def feed(self, data: bytes) -> Iterator[bytes]:
        self._room -= len(data)
        if self._room < 0:
            raise TooLarge
        yield data

    def end(self) -> None:
        pass


class _Gzip:
    def __init__(self, cap: int) -> None:
        self._room = cap
        self._member = zlib.decompressobj(wbits=31)
        self._has_begun = False

    def feed(self, data: bytes) -> Iterator[bytes]:
        while data:
            if self._member.eof:  # a file of several members is one body (RFC 1952, section 2.2)
                self._member = zlib.decompressobj(wbits=31)
            self._has_begun = True
            yield self._next(data)
            data = self._member.unused_data or self._member.unconsumed_tail

    def _next(self, data: bytes) -> bytes:
        try:
            part = self._member.decompress(data, _PART)
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

    def feed(self, data: bytes) -> Iterator[bytes]:
        self._has_begun = True
        yield self._next(data)
        # It says that it could take more data while it still has some to give; only when asked in vain it has none.
        while part := self._next(b""):
            yield part

    def _next(self, data: bytes) -> bytes:
        try:
            part: bytes = self._stream.process(data, output_buffer_limit=_PART)
        except brotli.error as error:
            raise Undecodable("its brotli data is damaged") from error
        self._room -= len(part)
        if self._room < 0:
            raise TooLarge
        return part

    def end(self) -> None:
        if self._has_begun and not self._stream.is_finished():
            raise Undecodable("its brotli data is cut short")
