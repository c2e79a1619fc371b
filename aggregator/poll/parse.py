"""The bytes of a feed to values (pure; runs in the sandbox; the only user of feedparser).

RSS 0.9x to 2.0, RDF, Atom 0.3 and 1.0 by feedparser, JSON Feed by `jsonfeed`. feedparser is given a stream and never a
string, which it might open as a file or an address, and neither sanitises nor resolves: `sanitise` does both, better.
It is not told the feed's address either, or it would make guids out of it that change when the feed moves.
"""

import html
import io
import re
import warnings
from calendar import timegm
from datetime import UTC, datetime, timedelta
from typing import Any

import feedparser

from aggregator.charset import decode
from aggregator.kinds import kind_of
from aggregator.languages import language_tag
from aggregator.metadata import MAX_AUTHOR, guid, names, plausible
from aggregator.model import Failed, FailureReason, Kind, ParsedEntry, ParsedFeed
from aggregator.poll import jsonfeed
from aggregator.poll.originals import original_of
from aggregator.poll.tidy import MAX_CONTENT, MAX_ENTRIES, NotReadable, Tidied, tidy
from aggregator.sanitise import MAX_HTML, Clean, absolute, clean, from_text, line

# Instead of drv_libxml2, which it would take from whatever else is installed, and look for with each document.
feedparser.api.PREFERRED_XML_PARSERS[:] = ["aggregator.poll.expat"]

_FEED_ROOTS = {"rss", "rdf", "feed", "channel"}
_PAGE_ROOTS = {
    "html",
    "head",
    "body",
    "title",
    "meta",
    "link",
    "script",
    "style",
    "div",
    "p",
    "h1",
    "table",
    "form",
    "main",
}
_HTML_TYPES = ("text/html", "application/xhtml+xml")
_PERIODS = {"hourly": 1, "daily": 24, "weekly": 168, "monthly": 720, "yearly": 8760}  # hours; RSS module Syndication
_LONGEST_TTL = timedelta(days=7)
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
# Bylines of RSS, "jane@example.org (Jane Doe)": feedparser cuts addresses that end in more than four letters in two,
# and takes quadratic time over long ones.
_BYLINE = re.compile(r"(<(?:dc:|itunes:)?(?:author|creator|managingEditor)>(?:<!\[CDATA\[)?)([^<\]]*)(?=(?:\]\]>)?</)")
_MAIL_ADDRESS = re.compile(r"(?:&lt;)?[^\s<>()&;@]{1,64}@[^\s<>()&;]{1,255}(?:&gt;)?")
_LOOK = "Look at the address in a browser; if it stays like this, tell its owner or find the feed's new address."


def read(body: bytes, content_type: str, url: str) -> ParsedFeed | Failed:
    """The feed in `body`, which came from `url` with that Content-Type; or why there is none to be had."""
    document = opened(body, content_type)
    return document if isinstance(document, Failed) else parsed(document, url)


def opened(body: bytes, content_type: str) -> Tidied | str | Failed:
    """A document in XML, mended; or the text of one in JSON; or why there is neither."""
    text = decode(body, content_type).lstrip("\ufeff\0 \t\r\n")
    if not text.strip("\0 \t\r\n"):
        return Failed(reason=FailureReason.EMPTY, message=f"The feed is empty: nothing at all came back. {_LOOK}")
    if jsonfeed.is_json(text):
        return text
    try:
        document = tidy(text)
    except NotReadable as error:
        return _unreadable(f"This cannot be read as a feed: {error}.")
    if document.root in _PAGE_ROOTS:
        message = "There is a web page, not a feed, at this address. Find the feed with: five feeds add PAGE"
        return Failed(reason=FailureReason.PAGE, message=message)
    if document.root not in _FEED_ROOTS:
        return _unreadable(f"This is XML, but no feed: its outermost element is <{line(document.root, 40)}>.")
    if document.damaged and not document.has_entries:
        return _unreadable("This feed is cut short before its first entry ends.")
    return document


def parsed(document: Tidied | str, url: str, xml: str | None = None) -> ParsedFeed | Failed:
    """What `opened` opened, read; of a document in XML only the entries in `xml`, when that is given."""
    if isinstance(document, str):
        return jsonfeed.read(document, url)
    try:
        found = _parse(document.xml if xml is None else xml)
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 -- feedparser raises anything from AssertionError to RecursionError
        return _unreadable(f"This feed is too broken to be read ({type(error).__name__}).")
    return _feed(found, document, url)


def _unreadable(what: str) -> Failed:
    return Failed(reason=FailureReason.UNREADABLE, message=f"{what} {_LOOK}")


def _parse(xml: str) -> Any:
    declared = '<?xml version="1.0" encoding="utf-8"?>\n' + _BYLINE.sub(_name_alone, xml)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return feedparser.parse(
            io.BytesIO(declared.encode("utf-8", "replace")),
            response_headers={"content-type": "application/xml; charset=utf-8"},
            sanitize_html=False,
            resolve_relative_uris=False,
        )


def _name_alone(byline: re.Match[str]) -> str:
    words = re.sub(r"&[^;]*$", "", _MAIL_ADDRESS.sub(" ", byline[2][: 2 * MAX_AUTHOR])).strip()
    return byline[1] + (words[1:-1] if words.startswith("(") and words.endswith(")") else words)


def _feed(parsed: Any, document: Tidied, url: str) -> ParsedFeed:
    feed = parsed.feed
    is_atom = str(parsed.version).startswith("atom")
    spoken = language_tag(_get(feed, "language"))
    author = _author(feed) if is_atom else None  # RFC 4287, section 4.2.1: the feed's author is that of its entries
    entries: list[ParsedEntry] = []
    left = MAX_CONTENT
    for raw in parsed.entries[:MAX_ENTRIES]:
        entry = _entry(raw, url, is_atom=is_atom, author=author, spoken=spoken, with_content=left > 0)
        entries.append(entry)
        left -= len(entry.html) + len(entry.text)
    hours, days = _skipped(document.xml)
    return ParsedFeed(
        title=_title(feed, is_atom=is_atom),
        html_url=next((found for found in (absolute(each, url) for each in _links(feed)) if found), None),
        language=spoken,
        ttl=_ttl(feed),
        skip_hours=hours,
        skip_days=days,
        entries=tuple(entries),
        damaged=document.damaged or bool(parsed.bozo),
        hub_url=_related(feed, "hub", url),
        topic_url=_related(feed, "self", url),
    )


def _entry(
    raw: Any, url: str, *, is_atom: bool, author: str | None, spoken: str | None, with_content: bool
) -> ParsedEntry:
    given = _addresses(raw)
    address = next((found for found in (absolute(each, url) for each in given) if found), None)
    media = [found for found in (absolute(each, url) for each in _media(raw)) if found]
    detail = _detail(raw)
    content = _content(detail, address or url, url) if with_content else Clean(html="", text="")
    title = _title(raw, is_atom=is_atom)
    original = original_of(
        given=_string(detail, "value")[:MAX_HTML], html=content.html, title=title, url=address, links=_canonical(raw)
    )
    for each in media:
        link = html.escape(each)
        content = Clean(html=f'{content.html}<p><a href="{link}">{link}</a></p>', text=content.text)
    updated = _date(raw, "updated")
    return ParsedEntry(
        guid=guid(_get(raw, "id")),
        url=address or next(iter(media), None),
        url_dropped=address is None and any(each.strip() for each in given),
        title=title,
        author=_author(raw) or author,
        published_at=_date(raw, "published") or _date(raw, "created") or updated,
        updated_at=updated,
        html=content.html,
        text=content.text,
        language=language_tag(_get(detail, "language")) or language_tag(_get(raw, "language")) or spoken,
        kind=_kind(raw, address),
        original_url=original,
    )


def _get(holder: Any, key: str) -> Any:
    """A field as it stands: feedparser's own `get` answers for `updated` with `published`, and warns."""
    return dict.get(holder, key)


def _string(holder: Any, key: str) -> str:
    value = _get(holder, key)
    return value if isinstance(value, str) else ""


def _title(holder: Any, *, is_atom: bool) -> str:
    title = _string(holder, "title")
    if not is_atom:
        # RSS does not say whether titles are HTML. They are read as text; only references are decoded, since half
        # of the feeds write them twice over.
        return line(html.unescape(title))
    kind = _string(_get(holder, "title_detail") or {}, "type")
    return line(clean(title, "").text) if kind in _HTML_TYPES else line(title)


def _author(holder: Any) -> str | None:
    people = _get(holder, "authors") or []
    return names(_get(person, "name") for person in people[:20]) or names([_get(holder, "author")])


def _links(holder: Any) -> list[str]:
    """Addresses of the page that stands for `holder`, the likeliest first."""
    links = [link for link in _get(holder, "links") or [] if _string(link, "rel") == "alternate"]
    pages = [link for link in links if _string(link, "type") in _HTML_TYPES]
    found = [_string(link, "href") for link in (*pages, *links)]
    return [each for each in found if each.strip()]


def _related(feed: Any, relation: str, url: str) -> str | None:
    found = (_string(link, "href") for link in _get(feed, "links") or [] if _string(link, "rel") == relation)
    return next((address for address in (absolute(each, url) for each in found if each.strip()) if address), None)


def _addresses(raw: Any) -> list[str]:
    # FeedBurner's links lead through its counter; it keeps the original beside them.
    original = _string(raw, "feedburner_origlink")
    identity = _string(raw, "id")
    by_guid = identity if _get(raw, "guidislink") and identity.startswith(("http://", "https://", "/")) else ""
    return [each for each in (original, *_links(raw), by_guid) if each.strip()]


def _media(raw: Any) -> list[str]:
    links = [link for link in _get(raw, "links") or [] if _string(link, "rel") == "enclosure"]
    playable = [link for link in links if _string(link, "type").startswith(("audio/", "video/"))]
    return list(dict.fromkeys(_string(link, "href") for link in playable[:10]))


def _canonical(raw: Any) -> list[str]:
    """Addresses that the entry calls its canonical ones (RFC 6596)."""
    return [_string(link, "href") for link in _get(raw, "links") or [] if _string(link, "rel") == "canonical"]


def _kind(raw: Any, address: str | None) -> Kind:
    """What is enclosed, an episode to hear or one to see; else what the address tells."""
    enclosed = [link for link in _get(raw, "links") or [] if _string(link, "rel") == "enclosure"]
    media = [*enclosed, *(_get(raw, "media_content") or [])]
    types = {_string(each, "type").partition("/")[0] or _string(each, "medium") for each in media}
    if _string(raw, "yt_videoid") or "video" in types:
        return Kind.VIDEO
    if "audio" in types:
        return Kind.PODCAST
    return kind_of(address) if address else Kind.ARTICLE


def _detail(raw: Any) -> Any:
    """The fullest text that the entry gives, as feedparser describes it."""
    given = [*(_get(raw, "content") or []), _get(raw, "summary_detail") or {}]
    readable = [each for each in given if _string(each, "type") in (*_HTML_TYPES, "text/plain")]
    return max(readable, key=lambda each: len(_string(each, "value")), default={})


def _content(detail: Any, page: str, url: str) -> Clean:
    value = _string(detail, "value")
    if _string(detail, "type") == "text/plain":
        return from_text(value)
    if "<" not in value:
        return from_text(html.unescape(value[:MAX_HTML]))  # so that its line breaks are kept
    base = _string(detail, "base")  # there only when the document has an xml:base
    return clean(value, absolute(base, url) or page if base else page)


def _date(raw: Any, name: str) -> datetime | None:
    """The date that feedparser read, in UTC. It takes British Summer Time, which it does not know, for GMT."""
    moment = _get(raw, f"{name}_parsed")
    try:
        instant = datetime.fromtimestamp(timegm(moment), UTC) if moment else None
    except (OverflowError, ValueError, OSError, TypeError):
        return None
    if instant and _string(raw, name).rstrip().endswith(" BST"):
        instant -= timedelta(hours=1)
    return plausible(instant)


def _ttl(feed: Any) -> timedelta | None:
    minutes = _number(_string(feed, "ttl"))
    if minutes:
        return min(timedelta(minutes=minutes), _LONGEST_TTL)
    hours = _PERIODS.get(_string(feed, "sy_updateperiod").strip().lower())
    if hours is None:
        return None
    times = _number(_string(feed, "sy_updatefrequency")) or 1
    return min(timedelta(hours=hours) / times, _LONGEST_TTL)


def _number(text: str) -> int:
    digits = re.fullmatch(r"\s*([0-9]{1,6})\s*", text)
    return int(digits[1]) if digits else 0


def _skipped(xml: str) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """RSS <skipHours> and <skipDays>, of which feedparser keeps only the last."""
    found = [int(hour) for hour in re.findall(r"<hour>\s*([0-9]{1,2})\s*</hour>", _inside(xml, "skipHours"))]
    hours = {hour % 24 for hour in found if hour <= 24}  # RSS 0.91 counts from 1 to 24
    names_of_days = re.findall(r"<day>\s*([A-Za-z]{6,9})\s*</day>", _inside(xml, "skipDays"))
    days = {_DAYS.index(day.lower()) for day in names_of_days if day.lower() in _DAYS}
    return tuple(sorted(hours)), tuple(sorted(days))


def _inside(xml: str, element: str) -> str:
    start = xml.find(f"<{element}>")
    end = xml.find(f"</{element}>", start, start + 4000)
    return xml[start:end] if 0 <= start < end else ""
