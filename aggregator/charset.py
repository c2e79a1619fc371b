"""Bytes of a feed or page to text (pure). Valid UTF-8 wins over whatever is declared; nothing is refused."""

import codecs
import re

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# "<" and another ASCII character without a mark (XML 1.0, appendix F.1).
_BARE = ((b"<\0", "utf-16-le"), (b"\0<", "utf-16-be"))
_DECLARED = re.compile(rb"""<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._:-]{1,40})["']|<meta[^>]{0,200}?"""
                       rb"""charset\s*=\s*["']?([A-Za-z0-9._:-]{1,40})""", re.IGNORECASE)  # fmt: skip
_CHARSET = re.compile(r"""charset\s*=\s*["']?([A-Za-z0-9._:-]{1,40})""", re.IGNORECASE)
# Codecs of text that the web uses, by Python's names; its own inventions (punycode, unicode_escape) stay outside.
_KNOWN = re.compile(r"(iso8859|cp125|cp874|cp932|cp949|koi8|mac|gb|big5|euc|shift_jis|ascii|utf-16|utf-32)")


def decode(body: bytes, content_type: str) -> str:
    """The text of `body`, without its byte order mark; `content_type` is the header as sent.

    Bytes that fit no encoding are read as windows-1252, which is what they nearly always are.
    """
    for mark, encoding in _BOMS:
        if body.startswith(mark):
            return body[len(mark) :].decode(encoding, "replace")
    for start, encoding in _BARE:
        if body.startswith(start):
            return body.decode(encoding, "replace")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        pass
    for name in _declared(body, content_type):
        try:
            return body.decode(name)
        except UnicodeDecodeError:
            continue
    return body.decode("utf-8", _PIECEMEAL)


def _declared(body: bytes, content_type: str) -> list[str]:
    inside = _DECLARED.search(body[:2048])
    outside = _CHARSET.search(content_type)
    given = [outside[1]] if outside else []
    given += [(inside[1] or inside[2]).decode("ascii")] if inside else []
    return [name for name in map(_codec, given) if name]


def _codec(label: str) -> str | None:
    try:
        name = codecs.lookup(label).name
    except LookupError:
        return None
    if name in ("iso8859-1", "ascii"):
        return "cp1252"  # what these labels mean on the web (WHATWG Encoding, section 4.2)
    return name if _KNOWN.match(name) else None


def _as_windows_1252(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    wrong = error.object[error.start : error.end]
    return wrong.decode("cp1252", "replace"), error.end


_PIECEMEAL = "five-windows-1252"
codecs.register_error(_PIECEMEAL, _as_windows_1252)
