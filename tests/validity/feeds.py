"""Our own checks of what programs read: each gives what is amiss, by the standard that it names."""

import json
import re
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

from tests.validity import html

ATOM = "{http://www.w3.org/2005/Atom}"
SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
_RFC_3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)\Z")
_RFC_822 = re.compile(
    r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d? (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4}"
    r" \d\d:\d\d:\d\d ([+-]\d{4}|GMT|UT)\Z"
)
_ADDRESS = re.compile(r"(https?://[^\s<>\"]+|mailto:[^\s<>\"]+@[^\s<>\"]+)\Z")
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:[^\s]+\Z", re.IGNORECASE)
LARGEST_SITEMAP = 50_000


def atom(text: str, address: str) -> Iterator[str]:
    """Atom (RFC 4287), as it is served at `address`."""
    root = _parsed(text)
    if root is None or root.tag != f"{ATOM}feed":
        yield "no Atom feed"
        return
    yield from _of_atom(root, "feed")
    if [link.get("href") for link in _atom_links(root, "self")] != [address]:
        yield "feed: its self link is its own address (section 4.1.1)"
    entries = root.findall(f"{ATOM}entry")
    if root.find(f"{ATOM}author") is None and any(one.find(f"{ATOM}author") is None for one in entries):
        yield "feed: nobody wrote it (section 4.1.1)"
    ids = [root.findtext(f"{ATOM}id", ""), *(one.findtext(f"{ATOM}id", "") for one in entries)]
    yield from (f"the id {one} twice" for one, times in Counter(ids).items() if times > 1)
    for number, one in enumerate(entries, start=1):
        yield from _of_atom(one, f"entry {number}")
        published, updated = (one.findtext(ATOM + name, "") for name in ("published", "updated"))
        if published and not _is_moment(published):
            yield f"entry {number}: published {published!r} (section 3.3)"
        elif published and _is_moment(updated) and _moment(updated) < _moment(published):
            yield f"entry {number}: updated before it was published"
        for held in (*one.findall(f"{ATOM}content"), *one.findall(f"{ATOM}summary")):
            if held.get("type", "text") == "html":
                yield from (f"entry {number}: {said}" for said in html.check(held.text or "", is_part=True).problems)


def rss(text: str, address: str) -> Iterator[str]:
    """RSS 2.0 with the profile of the RSS Advisory Board, as it is served at `address`."""
    root = _parsed(text)
    channel = root.find("channel") if root is not None else None
    if root is None or channel is None or root.tag != "rss" or root.get("version") != "2.0":
        yield "no RSS 2.0"
        return
    for name in ("title", "link", "description"):
        if len(channel.findall(name)) != 1 or not channel.findtext(name, "").strip():
            yield f"channel: one {name}"
    if not _ADDRESS.match(channel.findtext("link", "")):
        yield "channel: its link is no address"
    selves = [link.get("href") for link in channel.findall(f"{ATOM}link") if link.get("rel") == "self"]
    if selves != [address]:
        yield "channel: its atom:link to itself is its own address"
    if any(not _is_date(one.text or "") for name in ("pubDate", "lastBuildDate") for one in channel.findall(name)):
        yield "channel: a date that is none (RFC 822)"
    items = channel.findall("item")
    guids = Counter(one.findtext("guid", "") for one in items)
    yield from (f"the guid {one!r} twice" for one, times in guids.items() if times > 1)
    for number, one in enumerate(items, start=1):
        yield from (f"item {number}: {said}" for said in _of_item(one))


def json_feed(text: str, address: str) -> Iterator[str]:
    """JSON Feed 1.1, as it is served at `address`."""
    try:
        feed = json.loads(text)
    except ValueError:
        feed = None
    if not isinstance(feed, dict) or feed.get("version") != "https://jsonfeed.org/version/1.1":
        yield "no JSON Feed 1.1"
        return
    if not _said(feed, "title") or not isinstance(feed.get("items"), list):
        yield "feed: needs a title and items"
        return
    if feed.get("feed_url") != address:
        yield "feed: its feed_url is its own address"
    yield from (
        f"feed: {name} is no address" for name in ("home_page_url", "icon") if not _is_address_or_none(feed, name)
    )
    yield from (f"feed: author {one}" for one in feed.get("authors", []) if not {"name", "url", "avatar"} & one.keys())
    ids = Counter(one.get("id") for one in feed["items"])
    yield from (f"the id {one!r} twice" for one, times in ids.items() if times > 1)
    for number, one in enumerate(feed["items"], start=1):
        yield from (f"item {number}: {said}" for said in _of_json(one))


def sitemap(text: str, base: str) -> Iterator[str]:
    """A sitemap (sitemaps.org, protocol 0.9) of the site at `base`."""
    root = _parsed(text)
    if root is None or root.tag != f"{SITEMAP}urlset":
        yield "no sitemap"
        return
    places = [one.findtext(f"{SITEMAP}loc", "") for one in root]
    yield from (f"{one.tag} is no url" for one in root if one.tag != f"{SITEMAP}url")
    yield from (f"{one!r} is not ours" for one in places if not one.startswith(base) or not _ADDRESS.match(one))
    yield from (f"{one} twice" for one, times in Counter(places).items() if times > 1)
    changed = [found.text or "" for found in root.iter(f"{SITEMAP}lastmod")]
    yield from (f"lastmod {one!r}" for one in changed if not _is_moment(one))
    if not places or len(places) > LARGEST_SITEMAP:
        yield f"{len(places)} addresses"


def opml(text: str) -> Iterator[str]:
    """OPML 2.0: a list of subscriptions."""
    root = _parsed(text)
    if root is None or root.tag != "opml" or [one.tag for one in root] != ["head", "body"]:
        yield "no OPML"
        return
    if root.get("version") != "2.0":
        yield "not version 2.0"
    if not root.findtext("head/title", "").strip():
        yield "needs a title"
    yield from (
        "a date that is none (RFC 822)"
        for one in root.findall("head/*")
        if "date" in one.tag and not _is_date(one.text or "")
    )
    if root.find("body/outline") is None:
        yield "the body needs an outline"
    for one in root.iter("outline"):
        if not one.get("text", "").strip():
            yield f"an outline without text: {one.attrib}"
        if one.get("type") == "rss" and not _ADDRESS.match(one.get("xmlUrl", "")):
            yield f"{one.get('text')}: xmlUrl {one.get('xmlUrl')!r}"
        if one.get("xmlUrl") and one.get("type") != "rss":
            yield f"{one.get('text')}: an xmlUrl without its type"
        if one.get("htmlUrl") is not None and not _ADDRESS.match(one.get("htmlUrl", "")):
            yield f"{one.get('text')}: htmlUrl {one.get('htmlUrl')!r}"


def security(text: str, address: str, now: datetime) -> Iterator[str]:
    """security.txt (RFC 9116), as it is served at `address`."""
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    fields = [tuple(part.strip() for part in line.partition(":")[::2]) for line in lines]
    yield from (f"{line!r} is no field" for line in lines if not re.match(r"[A-Za-z-]+: \S", line))
    names = Counter(name.lower() for name, _ in fields)
    if not names["contact"] or names["expires"] != 1 or names["preferred-languages"] > 1:
        yield "contacts, one time of expiry, and languages once (section 2.5)"
        return
    for name, said in fields:
        if name.lower() == "contact" and not (_SCHEME.match(said) and said.startswith(("mailto:", "https:", "tel:"))):
            yield f"contact {said!r} (section 2.5.3)"
        if name.lower() == "canonical" and said != address:
            yield f"canonical {said!r} (section 2.5.2)"
        if name.lower() == "expires" and not _is_moment(said):
            yield f"expires {said!r} (section 2.5.5)"
        elif name.lower() == "expires" and not now < _moment(said) < now + timedelta(days=366):
            yield f"it expires {said}: within a year is wanted (section 2.5.5)"


def robots(text: str, base: str) -> Iterator[str]:
    """robots.txt (RFC 9309)."""
    is_grouped = False
    for line in (line.partition("#")[0].strip() for line in text.splitlines()):
        name, _, said = (part.strip() for part in line.partition(":"))
        if name.lower() == "user-agent":
            is_grouped = bool(said)
        elif name.lower() in ("allow", "disallow"):
            if not is_grouped:
                yield f"{line!r} before any user-agent (section 2.1)"
            if said and not said.startswith("/"):
                yield f"{line!r} is no path (section 2.2.2)"
        elif name.lower() == "sitemap":
            if not said.startswith(base) or not _ADDRESS.match(said):
                yield f"{line!r} is no sitemap of ours"
        elif line:
            yield f"{line!r} is no rule"


def _parsed(text: str) -> ET.Element | None:
    try:
        return ET.fromstring(text.encode())
    except ET.ParseError:
        return None


def _of_atom(one: ET.Element, where: str) -> Iterator[str]:
    """What a feed and an entry have in common (sections 4.1.1 and 4.1.2)."""
    for name in ("id", "title", "updated"):
        if len(one.findall(ATOM + name)) != 1 or not one.findtext(ATOM + name, "").strip():
            yield f"{where}: one {name}"
    if not _SCHEME.match(one.findtext(f"{ATOM}id", "")):
        yield f"{where}: its id is no IRI (section 4.2.6)"
    if not _is_moment(one.findtext(f"{ATOM}updated", "")):
        yield f"{where}: updated {one.findtext(f'{ATOM}updated')!r} (section 3.3)"
    if len(_atom_links(one, "alternate")) != 1:
        yield f"{where}: one alternate link"
    places = [link.get("href", "") for link in one.findall(f"{ATOM}link")]
    yield from (f"{where}: the link {place!r} is no address" for place in places if not _ADDRESS.match(place))
    if any(not author.findtext(f"{ATOM}name", "").strip() for author in one.findall(f"{ATOM}author")):
        yield f"{where}: an author without a name (section 3.2.1)"


def _atom_links(one: ET.Element, rel: str) -> list[ET.Element]:
    return [link for link in one.findall(f"{ATOM}link") if link.get("rel", "alternate") == rel]


def _of_item(one: ET.Element) -> Iterator[str]:
    if not one.findtext("title") and not one.findtext("description"):
        yield "needs a title or a description"
    if not _ADDRESS.match(one.findtext("link", "")):
        yield f"its link {one.findtext('link')!r} is no address"
    guid = one.find("guid")
    if guid is None or not guid.text:
        yield "needs a guid"
    elif guid.get("isPermaLink", "true") != "false" and not _ADDRESS.match(guid.text):
        yield f"its guid {guid.text!r} is no permalink, and does not say so"
    if not _is_date(one.findtext("pubDate", "")):
        yield f"pubDate {one.findtext('pubDate')!r} (RFC 822)"
    yield from html.check(one.findtext("description", ""), is_part=True).problems


def _of_json(one: dict[str, Any]) -> Iterator[str]:
    if not _said(one, "id"):
        yield "needs an id"
    if not _said(one, "content_html") and not _said(one, "content_text"):
        yield "needs content"
    yield from (
        f"{name} is no address" for name in ("url", "external_url", "image") if not _is_address_or_none(one, name)
    )
    published, modified = (one.get(name) for name in ("date_published", "date_modified"))
    dates = [said for said in (published, modified) if said is not None]
    yield from (f"{said!r} is no date (RFC 3339)" for said in dates if not _is_moment(said))
    if len(dates) == 2 and all(map(_is_moment, dates)) and _moment(str(modified)) < _moment(str(published)):
        yield "modified before it was published"
    yield from html.check(one.get("content_html", ""), is_part=True).problems


def _said(held: dict[str, Any], name: str) -> bool:
    said = held.get(name)
    return isinstance(said, str) and bool(said.strip())


def _is_address_or_none(held: dict[str, Any], name: str) -> bool:
    return name not in held or (
        isinstance(held[name], str) and bool(_ADDRESS.match(held[name])) and bool(urlsplit(held[name]).netloc)
    )


def _is_moment(said: str) -> bool:
    try:
        return bool(_RFC_3339.match(said)) and bool(_moment(said))
    except ValueError:
        return False


def _moment(said: str) -> datetime:
    return datetime.fromisoformat(said)


def _is_date(said: str) -> bool:
    if not _RFC_822.match(said):
        return False
    try:
        return parsedate_to_datetime(said).strftime("%a") == said[:3]
    except ValueError:
        return False
