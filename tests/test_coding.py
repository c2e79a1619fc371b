"""Content codings: undone, with a cap."""

import gzip
import tracemalloc
import zlib
from collections.abc import Iterable

import brotli
import pytest

from aggregator.coding import TooLarge, Undecodable, decoder

TEXT = b"Five for Friday. " * 1000
PACKED = {
    "": TEXT,
    "identity": TEXT,
    "gzip": gzip.compress(TEXT),
    "X-GZIP ": gzip.compress(TEXT),
    "br": brotli.compress(TEXT),
}


def unpacked(coding: str, pieces: Iterable[bytes]) -> bytes:
    """A whole body that came in these pieces."""
    unpack = decoder(coding, cap=len(TEXT))
    body = b"".join(part for piece in pieces for part in unpack.feed(piece))
    unpack.end()
    return body


@pytest.mark.parametrize("coding", PACKED)
@pytest.mark.parametrize("step", [1, 7, 100_000])
def test_a_body_comes_out_whole_however_it_is_cut(coding: str, step: int) -> None:
    packed = PACKED[coding]
    assert unpacked(coding, (packed[at : at + step] for at in range(0, len(packed), step))) == TEXT


@pytest.mark.parametrize("coding", PACKED)
def test_one_byte_past_the_cap_is_too_large(coding: str) -> None:
    unpack = decoder(coding, cap=len(TEXT) - 1)
    with pytest.raises(TooLarge):
        list(unpack.feed(PACKED[coding]))


def bomb(coding: str) -> bytes:
    """64 MiB of nothing, packed."""
    zeros = bytes(1 << 20)
    if coding == "gzip":
        packer = zlib.compressobj(wbits=31)
        return b"".join(packer.compress(zeros) for _ in range(64)) + packer.flush()
    squeezer = brotli.Compressor(quality=1)
    return b"".join(squeezer.process(zeros) for _ in range(64)) + bytes(squeezer.finish())


@pytest.mark.parametrize("coding", ["gzip", "br"])
def test_a_bomb_stops_at_the_cap_before_it_takes_memory(coding: str) -> None:
    packed = bomb(coding)
    unpack = decoder(coding, cap=1 << 20)
    tracemalloc.start()
    try:
        with pytest.raises(TooLarge):
            list(unpack.feed(packed))
        assert tracemalloc.get_traced_memory()[1] < 8 << 20
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("coding", ["gzip", "br"])
def test_what_is_packed_comes_in_small_parts(coding: str) -> None:
    parts = [len(part) for part in decoder(coding, cap=64 << 20).feed(bomb(coding))]
    assert max(parts) <= 128 << 10
    assert sum(parts) == 64 << 20


def test_several_gzip_members_are_one_body_with_one_cap() -> None:
    unpack = decoder("gzip", cap=8)
    assert b"".join(unpack.feed(gzip.compress(b"Five") + gzip.compress(b"four"))) == b"Fivefour"
    with pytest.raises(TooLarge):
        list(unpack.feed(gzip.compress(b"!")))


@pytest.mark.parametrize(
    "coding", ["deflate", "zstd", "compress", "gzip, gzip", "gzip,br", "identity, gzip", ", ".join(["gzip"] * 5000)]
)
def test_only_one_coding_that_we_asked_for_is_undone(coding: str) -> None:
    with pytest.raises(Undecodable, match="did not ask for") as refusal:
        decoder(coding, cap=10)
    assert len(str(refusal.value)) < 100


@pytest.mark.parametrize("coding", ["gzip", "br"])
def test_damage_is_told(coding: str) -> None:
    with pytest.raises(Undecodable, match="damaged"):
        list(decoder(coding, cap=1000).feed(b"<rss>not packed at all</rss>"))


@pytest.mark.parametrize("coding", ["gzip", "br"])
def test_a_body_cut_short_is_told(coding: str) -> None:
    unpack = decoder(coding, cap=len(TEXT))
    list(unpack.feed(PACKED[coding][:-3]))
    with pytest.raises(Undecodable, match="cut short"):
        unpack.end()


@pytest.mark.parametrize("coding", ["", "gzip", "br"])
def test_nothing_at_all_is_an_empty_body_in_any_coding(coding: str) -> None:
    assert unpacked(coding, ()) == b""
