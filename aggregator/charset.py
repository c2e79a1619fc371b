"""Bytes of a feed or page to text (pure). Valid UTF-8 wins over whatever is declared; nothing is refused."""

import codecs
import re
from functools import partial

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# Where NULs stand among the first four bytes of ASCII in wide characters (XML 1.0, appendix F.1; RFC 4627, section 3).
_WIDE: dict[tuple[bool, ...], str] = {
    (False, True, True, True): "utf-32-le",
    (True, True, True, False): "utf-32-be",
    (False, True, False, True): "utf-16-le",
    (True, False, True, False): "utf-16-be",
}
_EBCDIC = "<?xm".encode("cp037")
_DECLARED = re.compile(rb"""<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._:-]{1,40})["']|<meta[^>]{0,200}?"""
                       rb"""charset\s*=\s*["']?([A-Za-z0-9._:-]{1,40})""", re.IGNORECASE)  # fmt: skip
_CHARSET = re.compile(r"""charset\s*=\s*["']?([A-Za-z0-9._:-]{1,40})""", re.IGNORECASE)
# Codecs of text that the web uses, by Python's names; its own inventions (punycode, unicode_escape) stay outside, and
# so does utf-7, with which texts were smuggled past filters.
_KNOWN = re.compile(
    r"iso8859|cp125|cp874|cp932|cp949|koi8|mac|gb|big5|euc|shift_jis|ascii|utf-16|utf-32|tis|johab|iso2022|hz|kz|ptcp"
)
# What labels mean on the web: the larger set that vendors made of each (WHATWG Encoding, section 4.2).
_LARGER = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "big5": "big5hkscs",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
}
_LABELS = {"windows-31j": "cp932", "windows-874": "cp874", "windows-949": "cp949"}  # that Python does not know
# These write everything in ASCII, and switch its meaning: they are valid UTF-8, and never meant to be.
_SWITCHED = {"iso2022": b"\x1b", "hz": b"~{"}


def decode(body: bytes, content_type: str) -> str:
    """The text of `body`, without its byte order mark; `content_type` is the header as sent.

    Bytes that fit no encoding are read as windows-1252, which is what they nearly always are.
    """
    for mark, encoding in _BOMS:
        if body.startswith(mark):
            return body[len(mark) :].decode(encoding, "replace")
    wide = _WIDE.get(tuple(byte == 0 for byte in body[:4]))
    if wide:
        return body.decode(wide, "replace")
    if body.startswith(_EBCDIC):
        return _ebcdic(body)
    names = _declared(body, content_type)
    try:
        return body.decode(next(filter(partial(_is_switched, body), names), "utf-8"))
    except UnicodeDecodeError:
        pass
    for name in names:
        try:
            return body.decode(name)
        except UnicodeDecodeError:
            continue
    return body.decode("utf-8", _PIECEMEAL)


def _is_switched(body: bytes, name: str) -> bool:
    return body.isascii() and any(name.startswith(family) and sign in body for family, sign in _SWITCHED.items())


def _ebcdic(body: bytes) -> str:
    """Mainframes' code pages agree on what a declaration is written in, and it says which of them it is."""
    given = _DECLARED.search(body[:2048].decode("cp037").encode("ascii", "replace"))
    try:
        text = body.decode(given[1].decode("ascii")) if given else ""
    except (LookupError, ValueError):
        text = ""
    return text if text.startswith("<?xm") else body.decode("cp037")


def _declared(body: bytes, content_type: str) -> list[str]:
    inside = _DECLARED.search(body[:2048])
    outside = _CHARSET.search(content_type)
    given = [outside[1]] if outside else []
    given += [(inside[1] or inside[2]).decode("ascii")] if inside else []
    names = [name for name in map(_codec, given) if name]
    # Eight-bit text by an eight-bit declaration: half of all bytes would pass for the other, as nonsense.
    return names if b"\0" in body[:64] else [name for name in names if not name.startswith(("utf-16", "utf-32"))]


def _codec(label: str) -> str | None:
    plain = label.lower().removeprefix("x-").removesuffix("-i")
    try:
        name = codecs.lookup(_LABELS.get(plain, plain)).name
    except LookupError:
        return None
    return _LARGER.get(name, name) if _KNOWN.match(name) else None


def _as_windows_1252(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    wrong = error.object[error.start : error.end]
    return wrong.decode("cp1252", "replace"), error.end


_PIECEMEAL = "five-windows-1252"
codecs.register_error(_PIECEMEAL, _as_windows_1252)
