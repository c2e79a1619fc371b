"""Digests and bookmarks as Atom, RSS 2.0 and JSON Feed: one entry for each, absolute links (pure).

A digest's entry holds its whole content. Ids are tag URIs (RFC 4151) made of the host, a day and what is meant, so
that they outlive a change of path or scheme.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from email.utils import parseaddr
from html import escape
from typing import Any
from urllib.parse import urlsplit

import feedgenerator

from aggregator.digest import commentary
from aggregator.digest.view import summary_of
from aggregator.model import Bookmark, Digest, DigestFormat, Kind, Publication

LANGUAGE = "en-gb"
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
# What XML 1.0 (section 2.2) has no place for, beyond the controls that `commentary.visible` takes out.
_NO_XML = re.compile("[\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """A digest as feeds carry it; `html` is safe and stands alone (`render.content_of`)."""

    digest: Digest
    html: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One entry of a channel; `html` is safe."""

    id: str
    url: str
    title: str
    summary: str
    html: str
    at: datetime
    updated_at: datetime | None = None  # when it was put right since


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """A feed before it has a form."""

    id: str
    title: str
    about: str
    page_url: str
    feed_url: str  # without its ending: .atom, .rss or .json
    publication: Publication
    items: tuple[Item, ...]


class _Atom(feedgenerator.Atom1Feed):  # type: ignore[misc]  # the library has no types
    def latest_post_date(self) -> datetime:
        return _latest(self.items)


class _Rss(feedgenerator.Rss201rev2Feed):  # type: ignore[misc]
    def latest_post_date(self) -> datetime:
        return _latest(self.items)


def of_digests(digests: Sequence[Published], publication: Publication) -> Channel:
    """The feed of `digests`, in their order."""
    return Channel(
        id=f"tag:{_host(publication)},2026:digests",
        title=_clean(publication.title),
        about=f"{_clean(publication.title)}: what was worth reading this week, picked and introduced by people.",
        page_url=f"{publication.base_url}/",
        feed_url=f"{publication.base_url}/feed",
        publication=publication,
        items=tuple(_digest(published, publication) for published in digests),
    )


def of_bookmarks(bookmarks: Sequence[Bookmark], publication: Publication) -> Channel:
    """The feed of `bookmarks`, in their order: each leads to the page itself; notes stay with the curators."""
    return Channel(
        id=f"tag:{_host(publication)},2026:bookmarks",
        title=f"{_clean(publication.title)}: bookmarks",
        about="Everything that we found interesting, the newest first.",
        page_url=publication.bookmarks_url,
        feed_url=publication.bookmarks_url,
        publication=publication,
        items=tuple(_bookmark(bookmark, publication) for bookmark in bookmarks),
    )


def atom(channel: Channel) -> str:
    """As Atom (RFC 4287)."""
    return _written(_Atom, channel, "atom")


def rss(channel: Channel) -> str:
    """As RSS 2.0."""
    return _written(_Rss, channel, "rss")


def json_feed(channel: Channel) -> str:
    """As JSON Feed, version 1.1."""
    publication = channel.publication
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": channel.title,
        "home_page_url": channel.page_url,
        "feed_url": f"{channel.feed_url}.json",
        "description": channel.about,
        "language": LANGUAGE,
        "authors": [{"name": _clean(publication.title), "url": f"{publication.base_url}/"}],
        "items": [
            {
                "id": item.id,
                "url": item.url,
                "title": item.title,
                "summary": item.summary,
                "content_html": item.html,
                "date_published": item.at.isoformat(),
            }
            | ({"date_modified": item.updated_at.isoformat()} if item.updated_at else {})
            for item in channel.items
        ],
    }
    return json.dumps(feed, ensure_ascii=False, indent=2) + "\n"


def _digest(published: Published, publication: Publication) -> Item:
    digest = published.digest
    return Item(
        id=_id(digest, publication),
        url=publication.digest_url(digest.slug),
        title=_clean(digest.title),
        summary=_clean(summary_of(digest)),
        html=_clean(published.html),
        at=digest.published_at or datetime.combine(digest.friday, time(12), tzinfo=UTC),
        updated_at=digest.updated_at if digest.corrections else None,
    )


def _id(digest: Digest, publication: Publication) -> str:
    name = "digest" if digest.format is DigestFormat.FRIDAY else f"{digest.format}:{digest.slug}"
    return f"tag:{_host(publication)},{digest.friday.isoformat()}:{name}"


def _bookmark(bookmark: Bookmark, publication: Publication) -> Item:
    kind = "" if bookmark.kind is Kind.ARTICLE else bookmark.kind.label
    names = [_clean(part) for part in (kind, bookmark.author, bookmark.organisation) if part]
    facts = " · ".join(dict.fromkeys(name for name in names if name))
    title = _clean(bookmark.title)
    said = f"<p>{escape(facts, quote=False)}</p>\n" if facts else ""
    return Item(
        id=f"tag:{_host(publication)},{bookmark.added_at.date().isoformat()}:bookmark-{bookmark.id}",
        url=bookmark.url,
        title=title,
        summary=facts,
        html=f'{said}<p><a href="{escape(bookmark.url)}">{escape(title, quote=False)}</a></p>',
        at=bookmark.added_at,
    )


def _written(form: type[Any], channel: Channel, ending: str) -> str:
    publication = channel.publication
    feed = form(
        title=channel.title,
        link=channel.page_url,
        description=channel.about,
        language=LANGUAGE,
        author_name=_clean(publication.title),
        author_email=parseaddr(publication.sender)[1] or None,
        feed_url=f"{channel.feed_url}.{ending}",
        feed_guid=channel.id,
    )
    for item in channel.items:
        is_atom = form is _Atom
        feed.add_item(
            title=item.title,
            link=item.url,
            # RSS has one place for content; Atom has two, and the library calls both HTML.
            description=escape(item.summary, quote=False) if is_atom else item.html,
            content=item.html if is_atom else None,
            unique_id=item.id,
            unique_id_is_permalink=False,
            pubdate=item.at,
            updateddate=item.updated_at or item.at,
        )
    return str(feed.writeString("utf-8"))


def _latest(items: Sequence[dict[str, Any]]) -> datetime:
    """When the feed last changed: with its newest entry, so that the same entries always give the same bytes."""
    return max((item["updateddate"] for item in items), default=_NEVER)


def _host(publication: Publication) -> str:
    return urlsplit(publication.base_url).hostname or "localhost"


def _clean(text: str) -> str:
    return _NO_XML.sub("", commentary.visible(text))
