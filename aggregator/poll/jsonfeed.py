"""JSON Feed 1.0 and 1.1 (https://www.jsonfeed.org/version/1.1/) to our values (pure)."""

import html
import json
from typing import Any

from aggregator.kinds import kind_of
from aggregator.languages import language_tag
from aggregator.metadata import guid, iso_date, names
from aggregator.model import Failed, FailureReason, Kind, ParsedEntry, ParsedFeed
from aggregator.poll.originals import original_of
from aggregator.poll.tidy import MAX_CONTENT, MAX_ENTRIES
from aggregator.sanitise import MAX_HTML, Clean, absolute, clean, from_text, line


def is_json(text: str) -> bool:
    """Whether `text`, without leading white space, can only be JSON."""
    return text.startswith(("{", "["))


def read(text: str, url: str) -> ParsedFeed | Failed:
    """The feed in `text`, whose address is `url`."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return _unreadable("It looks like JSON but is broken, most likely cut short.")
    if not isinstance(document, dict) or not isinstance(document.get("items"), list):
        return _unreadable("It is JSON, but no JSON Feed: there is no list of items in it.")
    spoken = language_tag(document.get("language"))
    authors = _authors(document)
    entries: list[ParsedEntry] = []
    left = MAX_CONTENT
    for item in document["items"][:MAX_ENTRIES]:
        if isinstance(item, dict):
            entry = _entry(item, url, authors, spoken, with_content=left > 0)
            entries.append(entry)
            left -= len(entry.html) + len(entry.text)
    home = absolute(_text(document, "home_page_url"), url)
    return ParsedFeed(
        title=line(_text(document, "title")),
        html_url=home,
        language=spoken,
        ttl=None,
        skip_hours=(),
        skip_days=(),
        entries=tuple(entries),
        hub_url=_hub(document, url),
        topic_url=absolute(_text(document, "feed_url"), url),
    )


def _hub(document: dict[str, Any], url: str) -> str | None:
    listed = document.get("hubs")
    hubs = [each for each in listed[:10] if isinstance(each, dict)] if isinstance(listed, list) else []
    given = (_text(each, "url") for each in hubs if _text(each, "type").lower() == "websub")
    return next((found for found in (absolute(each, url) for each in given if each) if found), None)


def _entry(
    item: dict[str, Any], url: str, authors: str | None, spoken: str | None, *, with_content: bool
) -> ParsedEntry:
    given = [_text(item, "url"), _text(item, "external_url")]
    address = next((found for found in (absolute(each, url) for each in given) if found), None)
    dropped = address is None and any(given)
    content = _content(item, address or url) if with_content else Clean(html="", text="")
    title = line(_text(item, "title"))
    original = original_of(given=_text(item, "content_html")[:MAX_HTML], html=content.html, title=title, url=address)
    enclosed = _media(item)
    media = [found for found in (absolute(each, url) for each, _ in enclosed) if found]
    for each in media:
        content = Clean(
            html=f'{content.html}<p><a href="{html.escape(each)}">{html.escape(each)}</a></p>', text=content.text
        )
    number = item.get("id")
    return ParsedEntry(
        guid=guid(str(number) if isinstance(number, int | float) and not isinstance(number, bool) else number),
        url=address or next(iter(media), None),
        url_dropped=dropped,
        title=title,
        author=_authors(item) or authors,
        published_at=iso_date(item.get("date_published")),
        updated_at=iso_date(item.get("date_modified")),
        html=content.html,
        text=content.text,
        language=language_tag(item.get("language")) or spoken,
        kind=_kind({medium for _, medium in enclosed}, address),
        original_url=original,
    )


def _content(item: dict[str, Any], base: str) -> Clean:
    if rich := _text(item, "content_html"):
        return clean(rich, base)
    return from_text(_text(item, "content_text") or _text(item, "summary"))


def _kind(media: set[str], address: str | None) -> Kind:
    if media:
        return Kind.VIDEO if "video" in media else Kind.PODCAST
    return kind_of(address) if address else Kind.ARTICLE


def _media(item: dict[str, Any]) -> list[tuple[str, str]]:
    """What is to be heard or seen: its address, and "audio" or "video"."""
    attachments = item.get("attachments")
    if not isinstance(attachments, list):
        return []
    playable = (each for each in attachments[:10] if isinstance(each, dict))
    typed = ((_text(each, "url"), _text(each, "mime_type").partition("/")[0]) for each in playable)
    return [(address, medium) for address, medium in typed if medium in ("audio", "video")]


def _authors(holder: dict[str, Any]) -> str | None:
    """Version 1.1 has a list of authors, version 1.0 had one."""
    several = holder.get("authors")
    people = several if isinstance(several, list) else [holder.get("author")]
    return names(person.get("name") for person in people[:20] if isinstance(person, dict))


def _text(holder: dict[str, Any], key: str) -> str:
    value = holder.get(key)
    return value if isinstance(value, str) else ""


def _unreadable(what: str) -> Failed:
    advice = "Look at the address in a browser; if it stays like this, tell its owner or find the feed's new address."
    return Failed(reason=FailureReason.UNREADABLE, message=f"{what} {advice}")
