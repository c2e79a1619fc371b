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


WORDS = {
    "Café – £5": ("utf-8", "windows-1252", "mac-roman"),
    "Café £5": ("iso-8859-1", "iso-8859-15", "iso-8859-14", "l9"),
    "Łódź, žába": ("iso-8859-2", "windows-1250", "mac-latin2"),
    "Ġurnal": ("iso-8859-3",),
    "Ģirts šķērso": ("iso-8859-4", "iso-8859-13", "windows-1257"),
    "Совет города": ("iso-8859-5", "windows-1251", "koi8-r", "koi8-u", "x-mac-cyrillic", "ptcp154"),
    "مجلس المدينة": ("iso-8859-6", "windows-1256"),
    "Δήμος": ("iso-8859-7", "windows-1253", "mac-greek"),
    "עירייה": ("iso-8859-8", "iso-8859-8-i", "windows-1255"),
    "Şehir ışığı": ("iso-8859-9", "windows-1254", "iso-8859-3"),
    "Þjóð": ("iso-8859-10", "mac-iceland"),
    "เทศบาล": ("iso-8859-11", "tis-620", "windows-874"),
    "Învăța": ("iso-8859-16",),
    "Đưa tin": ("windows-1258",),
    "市役所からの便り": ("shift_jis", "x-sjis", "windows-31j", "euc-jp", "x-euc-jp", "iso-2022-jp", "shift_jisx0213"),
    "市政府网站": ("gb2312", "gbk", "x-gbk", "gb18030", "hz-gb-2312"),
    "龘䶮": ("gb18030",),
    "市政府網站": ("big5", "big5-hkscs", "euc-jis-2004"),
    "시청 소식": ("euc-kr", "ks_c_5601-1987", "windows-949", "iso-2022-kr", "johab"),
}


@pytest.mark.parametrize(("words", "label"), [(words, label) for words, labels in WORDS.items() for label in labels])
def test_every_family_by_the_header_and_by_the_declaration(words: str, label: str) -> None:
    codec = label.removeprefix("x-").removesuffix("-i")
    codec = {"windows-874": "cp874", "windows-949": "cp949", "windows-31j": "cp932"}.get(codec, codec)
    text = f'<?xml version="1.0" encoding="{label}"?><rss><title>{words}</title></rss>'
    assert decode(text.encode(codec), "text/xml") == text
    assert decode(text.encode(codec), f"text/xml; charset={label.upper()}") == text


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be", "utf-16", "utf-32", "utf-8-sig"])
@pytest.mark.parametrize("start", ["<rss>", '{"version":', '\n <?xml version="1.0" encoding="utf-8"?>'])
def test_wide_characters_are_known_without_a_declaration(codec: str, start: str) -> None:
    assert decode(f"{start} Cafés".encode(codec), "") == f"{start} Cafés"


@pytest.mark.parametrize("codec", ["cp037", "cp500", "cp1140", "cp273"])
def test_mainframes_declare_their_code_page(codec: str) -> None:
    text = f'<?xml version="1.0" encoding="{codec}"?><rss><title>Café ü [!]</title></rss>'
    assert decode(text.encode(codec), "text/xml") == text
    odd = '<?xml version="1.0" encoding="zip"?><rss/>'
    assert decode(odd.encode("cp037"), "text/xml") == odd


def test_a_wide_declaration_over_narrow_bytes_is_wrong() -> None:
    text = '<?xml version="1.0" encoding="utf-16"?><a>é</a>'
    assert decode(text.encode("cp1252"), "text/xml; charset=utf-32") == text


def test_ascii_means_ascii_unless_its_meaning_is_switched() -> None:
    plain = '<?xml version="1.0" encoding="iso-2022-jp"?><a>caf\u00e9 ~{</a>'
    assert decode(plain.encode(), "text/xml") == plain


@pytest.mark.parametrize(
    "name", ["utf-7", "unicode_escape", "raw_unicode_escape", "punycode", "idna", "zip", "rot13", "undefined"]
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
