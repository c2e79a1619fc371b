"""Published digests as Atom, RSS 2.0 and JSON Feed: one entry per digest, whole content, absolute links (pure).

Ids are tag URIs (RFC 4151) made of the host and the Friday, so that they outlive a change of path or scheme.
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
from aggregator.model import Digest, Publication

LANGUAGE = "en-gb"
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
# What XML 1.0 (section 2.2) has no place for, beyond the controls that `commentary.visible` takes out.
_NO_XML = re.compile("[\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """A digest as feeds carry it; `html` is safe and stands alone (`render.content_of`)."""

    digest: Digest
    html: str


class _Atom(feedgenerator.Atom1Feed):  # type: ignore[misc]  # the library has no types
    def latest_post_date(self) -> datetime:
        return _latest(self.items)


class _Rss(feedgenerator.Rss201rev2Feed):  # type: ignore[misc]
    def latest_post_date(self) -> datetime:
        return _latest(self.items)


def atom(digests: Sequence[Published], publication: Publication) -> str:
    """An Atom feed (RFC 4287) of `digests`, in their order."""
    return _written(_Atom, digests, publication, "feed.atom")


def rss(digests: Sequence[Published], publication: Publication) -> str:
    """An RSS 2.0 feed of `digests`, in their order."""
    return _written(_Rss, digests, publication, "feed.rss")


def json_feed(digests: Sequence[Published], publication: Publication) -> str:
    """A JSON Feed (version 1.1) of `digests`, in their order."""
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": publication.title,
        "home_page_url": f"{publication.base_url}/",
        "feed_url": f"{publication.base_url}/feed.json",
        "description": _about(publication),
        "language": LANGUAGE,
        "authors": [{"name": publication.title, "url": f"{publication.base_url}/"}],
        "items": [
            {
                "id": _tag(publication, published.digest),
                "url": publication.digest_url(published.digest.slug),
                "title": _clean(published.digest.title),
                "summary": _summary(published.digest),
                "content_html": _clean(published.html),
                "date_published": _at(published.digest).isoformat(),
            }
            for published in digests
        ],
    }
    return json.dumps(feed, ensure_ascii=False, indent=2) + "\n"


def _written(form: type[Any], digests: Sequence[Published], publication: Publication, name: str) -> str:
    feed = form(
        title=_clean(publication.title),
        link=f"{publication.base_url}/",
        description=_about(publication),
        language=LANGUAGE,
        author_name=_clean(publication.title),
        author_email=parseaddr(publication.sender)[1] or None,
        feed_url=f"{publication.base_url}/{name}",
        feed_guid=f"tag:{_host(publication)},2026:digests",
    )
    for published in digests:
        digest, html = published.digest, _clean(published.html)
        is_atom = form is _Atom
        feed.add_item(
            title=_clean(digest.title),
            link=publication.digest_url(digest.slug),
            # RSS has one place for content; Atom has two, and the library calls both HTML.
            description=escape(_summary(digest), quote=False) if is_atom else html,
            content=html if is_atom else None,
            unique_id=_tag(publication, digest),
            unique_id_is_permalink=False,
            pubdate=_at(digest),
            updateddate=_at(digest),
        )
    return str(feed.writeString("utf-8"))


def _latest(items: Sequence[dict[str, Any]]) -> datetime:
    """When the feed last changed: with its newest digest, so that the same digests always give the same bytes."""
    return max((item["updateddate"] for item in items), default=_NEVER)


def _at(digest: Digest) -> datetime:
    return digest.published_at or datetime.combine(digest.friday, time(12), tzinfo=UTC)


def _tag(publication: Publication, digest: Digest) -> str:
    return f"tag:{_host(publication)},{digest.friday.isoformat()}:digest"


def _host(publication: Publication) -> str:
    return urlsplit(publication.base_url).hostname or "localhost"


def _about(publication: Publication) -> str:
    return f"{_clean(publication.title)}: what was worth reading this week, picked and introduced by people."


def _summary(digest: Digest) -> str:
    return _clean(commentary.to_line(digest.intro))


def _clean(text: str) -> str:
    return _NO_XML.sub("", commentary.visible(text))
