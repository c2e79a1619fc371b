"""Strangers' HTML and text made harmless, once, on the way in (pure; run it in the sandbox).

What comes out of `clean` holds only the elements and attributes listed here, and only absolute http(s) addresses.
"""

import html as entities
import re
from contextvars import ContextVar
from dataclasses import dataclass
from urllib.parse import urljoin

import nh3

from aggregator.addresses import MAX_LENGTH, safe_url
from aggregator.players import as_links


def _set(names: str) -> frozenset[str]:
    return frozenset(names.split())


MAX_HTML = 512_000
"""Characters of one entry that are read; what follows is dropped."""
MAX_TEXT = 200_000
MAX_TITLE = 500

# nh3 takes 32 s on 100,000 nested elements. More than this is no article, and is kept as text.
_MAX_DEPTH = 200

_TAGS = _set(
    "a abbr b blockquote br caption cite code dd del dfn div dl dt em figcaption figure h1 h2 h3 h4 h5 h6 hr i img ins "
    "kbd li mark ol p pre q s samp small span strong sub sup table tbody td tfoot th thead time tr u ul var"
)
_ATTRIBUTES = {
    "*": {"lang", "dir"},
    "a": {"href", "title"},
    "abbr": {"title"},
    "blockquote": {"cite"},
    "img": {"src", "alt", "title", "width", "height", "style"},  # the last three only to know a tracking pixel by
    "li": {"value"},
    "ol": {"start", "reversed"},
    "q": {"cite"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
    "time": {"datetime"},
}
_WITH_THEIR_CONTENT = _set(
    "applet audio button canvas datalist embed frameset head iframe math noembed noframes noscript object script "
    "select style svg template textarea title video xmp"
)
_ADDRESSES = {"href", "src", "cite"}
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|(?:width|height)\s*:\s*[01](?:px)?\s*(?:;|$)", re.I)
_PIXEL_SIZES = {"0", "1", "0px", "1px"}
_PIXEL_HOSTS = (
    "pixel.wp.com/", "stats.wordpress.com/", "feeds.feedburner.com/", "feedads.g.doubleclick.net/",
    "counter.theconversation.com/", "medium.com/_/stat", "www.google-analytics.com/",
)  # fmt: skip

# Exact for what nh3 writes: every attribute in double quotes, every < > " of text and attributes escaped.
_TAG = re.compile(r'<(/?[a-z0-9]+)(?: [a-z]+="[^"]*")*>')
_IMAGE = re.compile(r'<img((?: [a-z]+="[^"]*")*)>')
_ATTRIBUTE = re.compile(r' ([a-z]+)="([^"]*)"')
_RAW_TAG = re.compile(r"<(/?)([a-zA-Z][^\s/>]*)")
# These end by themselves in HTML, so that leaving them open nests nothing.
_UNNESTED = _set("area base br col dd dt hr img input li link meta option p param source td th tr tbody wbr")

# What tags become on the way to plain text; `visible` has taken out any of these characters that were there.
_NEW_LINE, _SPACE, _BULLET, _PRE, _EMPTY_LINE, _ROW, _BR, _PRE_END = map(chr, range(1, 9))


def _both(names: str, mark: str) -> dict[str, str]:
    return {name: mark for tag in _set(names) for name in (tag, f"/{tag}")}


_MARKS = {
    **_both("blockquote dl figure h1 h2 h3 h4 h5 h6 ol p table ul", _EMPTY_LINE),
    **_both("caption dd div dt figcaption hr li tr", _ROW),  # a new line once, however many there are
    **_both("td th", "\f"),
    "br": _BR,
    "li": _ROW + _BULLET,
    "pre": _EMPTY_LINE + _PRE,
    "/pre": _PRE_END + _EMPTY_LINE,
}
_PREFORMATTED = re.compile(f"{_PRE}([^{_PRE_END}]*){_PRE_END}?")
_BREAK = re.compile(f" ?[{_PRE}-{_PRE_END}][ {_PRE}-{_PRE_END}]*")
_KEPT = str.maketrans({"\n": _NEW_LINE, " ": _SPACE, "\xa0": _SPACE, "\f": " "})  # of preformatted text
_UNKEPT = {ord(_NEW_LINE): "\n", ord(_SPACE): " "}

_INVISIBLE = re.compile(
    # Tag characters stay in whole flags, such as those of Wales and Scotland; anywhere else they are hidden words.
    "(\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{1,6}\U000e007f)"
    "|[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ufffe\uffff\ud800-\udfff\U000e0000-\U000e007f]"
    # Joiners stay where scripts and emoji need them, which is never beside Latin letters or spaces.
    "|(?<![^\0-\u02ff\u200b-\u200f])[\u200c\u200d]|[\u200c\u200d](?![^\0-\u02ff\u200b-\u200f])"
)
_COMBINING = "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
_PILED = re.compile(f"({_COMBINING}{{3}}){_COMBINING}+")
_SPACES = re.compile(r"\s+")
# Most addresses: whole, and with nothing in them to resolve, to encode or to refuse.
_PLAIN_ADDRESS = re.compile(
    r"https?://[A-Za-z0-9-]{1,50}(?:\.[A-Za-z0-9-]{1,50}){0,3}"
    r"(?:/[A-Za-z0-9/._~!$&'()*+,=:@%-]*(?:\?[A-Za-z0-9/._~!$&'()*+,=:@%?-]+)?(?:#[A-Za-z0-9/._~!$&'()*+,=:@%?-]+)?)?"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clean:
    """HTML that is safe to show, and the same as plain text."""

    html: str
    text: str


def visible(text: str) -> str:
    """`text` without control, bidi and zero-width characters, and with at most three combining marks in a row."""
    # Nothing in `_INVISIBLE` is printable, and asking that takes a tenth of the time of the search.
    if not text.replace("\n", "").replace("\t", "").replace("\xa0", "").isprintable():
        text = _INVISIBLE.sub(r"\1", text)
    return text if text.isascii() else _PILED.sub(r"\1", text)


def line(text: str, limit: int = MAX_TITLE) -> str:
    """`text` as one visible line of at most `limit` characters."""
    # Cut twice: the first bounds the work on a title of a megabyte.
    short = _SPACES.sub(" ", visible(text[: limit * 8])).strip()
    return short if len(short) <= limit else short[: limit - 1].rstrip() + "…"


def absolute(url: str, base: str) -> str | None:
    """`url` seen from `base`, when that is an address that is safe to open."""
    if _PLAIN_ADDRESS.fullmatch(url) and len(url) <= MAX_LENGTH:
        return url
    # Browsers take line breaks and tabs out of addresses (WHATWG URL, section 4.4), and feeds wrap long ones.
    url = re.sub(r"[\t\r\n]+", "", url.strip())
    try:
        joined = urljoin(base, url)
    except ValueError:
        return None
    return safe_url(joined.replace(" ", "%20")) if url else None


def clean(html: str, base: str) -> Clean:
    """`html` by the allow-list, its addresses seen from `base`, and its text."""
    html = html[:MAX_HTML]
    if html.count("<") - html.count("</") > _MAX_DEPTH and _depth(html) > _MAX_DEPTH:
        return from_text(entities.unescape(_RAW_TAG.sub(" <", html)))
    _attributes.set(_Attributes(base))
    safe = _CLEANER.clean(as_links(html))
    safe = visible(_IMAGE.sub(_without_pixels, safe)).strip()
    text = text_of(safe)
    return Clean(html=safe, text=text) if len(safe) <= 2 * MAX_HTML else from_text(text)


def from_text(text: str) -> Clean:
    """Plain text as both."""
    text = visible(text[:MAX_TEXT]).strip()
    paragraphs = (entities.escape(part.strip(), quote=False) for part in re.split(r"\n\s*\n", text))
    return Clean(html="".join(f"<p>{part.replace(chr(10), '<br>')}</p>" for part in paragraphs if part), text=text)


def text_of(safe: str) -> str:
    """The text of HTML that `clean` made, a line for each block, at most `MAX_TEXT` characters."""
    parts = _TAG.split(safe)
    parts[1::2] = [_MARKS.get(name, "") for name in parts[1::2]]
    pieces = _PREFORMATTED.split("".join(parts).replace("&nbsp;", " "))
    pieces[::2] = [" ".join(piece.split()) for piece in pieces[::2]]
    pieces[1::2] = [re.sub(" {2,}", " ", piece.translate(_KEPT)) for piece in pieces[1::2]]
    text = _BREAK.sub(_lines, "".join(pieces))
    text = re.sub(rf"{_BULLET}[ \n]*", "- ", text)
    return entities.unescape(text).translate(_UNKEPT)[:MAX_TEXT].strip()


def _lines(run: re.Match[str]) -> str:
    return "\n\n" if _EMPTY_LINE in run[0] or run[0].count(_BR) > 1 else "\n"


def _depth(html: str) -> int:
    deepest = depth = 0
    for tag in _RAW_TAG.finditer(html):
        if tag[2].lower() in _UNNESTED:
            continue
        depth = max(0, depth - 1) if tag[1] else depth + 1
        deepest = max(deepest, depth)
    return deepest


class _Attributes:
    """What the attributes of one document become."""

    def __init__(self, base: str) -> None:
        self._base = base
        self._left = MAX_HTML  # many short addresses on a long base would make megabytes of little

    def kept(self, _tag: str, name: str, value: str) -> str | None:
        """The value to keep, if any: addresses absolute, and of a style only whether it hides the image."""
        if name in _ADDRESSES:
            address = absolute(value, self._base) if self._left > 0 else None
            self._left -= len(address or "")
            return address
        if name == "style":
            return "hidden" if _HIDDEN.search(value[:500]) else None
        return value if len(value) <= MAX_TITLE else None


_attributes: ContextVar[_Attributes] = ContextVar("attributes of the document that is being cleaned")
# Made once: to make its tables took a third of the time of cleaning a post.
_CLEANER = nh3.Cleaner(
    tags=set(_TAGS),
    clean_content_tags=set(_WITH_THEIR_CONTENT),
    attributes=_ATTRIBUTES,
    attribute_filter=lambda tag, name, value: _attributes.get().kept(tag, name, value),
    url_schemes={"http", "https"},
)


def _without_pixels(image: re.Match[str]) -> str:
    """An image without its size, or nothing when it is there to be fetched and not to be seen."""
    given = dict(_ATTRIBUTE.findall(image[1]))
    size = {given.pop("width", ""), given.pop("height", "")}
    source = given.get("src", "")
    hidden = given.pop("style", None) is not None
    if not source or hidden or size & _PIXEL_SIZES or source.partition("//")[2].startswith(_PIXEL_HOSTS):
        return ""
    given.setdefault("alt", "")
    return "<img" + "".join(f' {name}="{value}"' for name, value in given.items()) + ">"
