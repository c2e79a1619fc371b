"""Bytes to text, whatever is declared."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.charset import decode


@pytest.mark.parametrize(
    ("content_type", "declared", "codec"),
    [
        ("application/rss+xml", "utf-8", "utf-8"),
        ("text/xml; charset=iso-8859-1", "utf-16", "utf-8"),  # valid UTF-8 wins over what is declared
        ("text/xml; charset=ISO-8859-1", "", "cp1252"),
        ("text/xml", "windows-1252", "cp1252"),
        ("text/xml; charset='utf-8'", "iso-8859-1", "cp1252"),
        ("text/xml; charset=bogus", "bogus", "cp1252"),
        ("text/xml", "us-ascii", "cp1252"),
        ("", "utf-8", "cp1252"),
        ("", "", "cp1252"),
        ("text/xml; charset=cp437", "", "cp1252"),
        ("", "utf-16", "utf-16"),
        ("", "utf-16", "utf-16-be"),
        ("", "utf-16", "utf-16-le"),
        ("", "utf-32", "utf-32"),
        ("", "", "utf-8-sig"),
        ("", "koi8-r", "koi8-r"),
        ("text/xml; charset=Shift_JIS", "", "shift_jis"),
        ("text/xml", "gb2312", "gb2312"),
    ],
)
def test_encodings(content_type: str, declared: str, codec: str) -> None:
    encoding = f' encoding="{declared}"' if declared else ""
    words = {"koi8-r": "Совет", "shift_jis": "市役所", "gb2312": "市政府"}.get(codec, "Cafés – “£5”")
    text = f'<?xml version="1.0"{encoding}?><rss><title>{words}</title></rss>'
    assert decode(text.encode(codec), content_type) == text


@pytest.mark.parametrize(
    "name", ["unicode_escape", "raw_unicode_escape", "punycode", "idna", "zip", "rot13", "undefined"]
)
def test_inventions_of_python_are_no_encodings(name: str) -> None:
    assert decode(b"caf\xe9 \\x41", f"text/xml; charset={name}") == "café \\x41"


def test_a_page_declares_its_encoding_in_a_meta_element() -> None:
    assert decode(b"<meta charset=iso-8859-2>\xa3", "text/html") == "<meta charset=iso-8859-2>Ł"


def test_stray_bytes_in_utf_8_are_read_as_windows_1252() -> None:
    assert decode("é".encode() + b" \x93x\x94 \xe9 \x81", "") == "é “x” é \ufffd"


@given(st.binary(), st.text())
def test_any_bytes_have_a_text(body: bytes, content_type: str) -> None:
    assert isinstance(decode(body, content_type), str)
