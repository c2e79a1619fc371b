"""The living list: every blog that we know of, with or without a feed, and how it is doing (pure)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from urllib.parse import urlsplit

from aggregator.addresses import safe_url
from aggregator.model import FeedStatus, Listing, Living

QUIET_AFTER = timedelta(days=365)
"""A blog that has posted nothing for so long is quiet (DIGEST: the living list)."""
_SEPARATORS = (" — ", " – ")


class Standing(StrEnum):
    """How a blog is doing, in a word."""

    ACTIVE = "active"
    QUIET = "quiet"
    GONE = "gone"
    UNKNOWN = "not known"  # it has no feed that we could follow, or was not read yet


@dataclass(frozen=True, slots=True, kw_only=True)
class Blog:
    """One row of the list: who writes, and where."""

    owner: str  # a council, several of them, or a person
    name: str
    url: str | None
    xml_url: str | None
    kind: str
    region: str
    last_post_at: datetime | None
    standing: Standing


def living_list(feeds: Iterable[Living], listings: Iterable[Listing], now: datetime) -> tuple[Blog, ...]:
    """The blogs of the feeds that are followed and of the listings without a feed, by owner and name."""
    followed = [_followed(feed, now) for feed in feeds]
    others = [_listed(listing) for listing in listings if not listing.xml_url]
    return tuple(sorted((*followed, *others), key=_by_owner))


def by_last_post(blogs: Sequence[Blog]) -> tuple[Blog, ...]:
    """Who posted last comes first; those of whom we do not know it come last."""
    return tuple(sorted(blogs, key=lambda blog: -blog.last_post_at.timestamp() if blog.last_post_at else 0))


def by_standing(blogs: Sequence[Blog]) -> tuple[Blog, ...]:
    """The active ones first, each sort in its order."""
    order = tuple(Standing)
    return tuple(sorted(blogs, key=lambda blog: order.index(blog.standing)))


def _followed(feed: Living, now: datetime) -> Blog:
    owner, name, url, xml_url = _names_and_links(feed.title, feed.html_url, feed.xml_url)
    return Blog(
        owner=owner,
        name=name,
        url=url,
        xml_url=xml_url,
        kind=feed.kind,
        region=feed.region,
        last_post_at=feed.last_post_at,
        standing=_standing(feed, now),
    )


def _listed(listing: Listing) -> Blog:
    owner, name, url, xml_url = _names_and_links(listing.title, listing.html_url, None)
    return Blog(
        owner=owner,
        name=name,
        url=url,
        xml_url=xml_url,
        kind=listing.kind,
        region=listing.region,
        last_post_at=None,
        standing=Standing.UNKNOWN,
    )


def _standing(feed: Living, now: datetime) -> Standing:
    if feed.status is FeedStatus.GONE:
        return Standing.GONE
    if feed.last_post_at is not None:
        return Standing.QUIET if now - feed.last_post_at > QUIET_AFTER else Standing.ACTIVE
    return Standing.UNKNOWN if feed.succeeded_at is None else Standing.QUIET


@lru_cache(maxsize=5000)
def _names_and_links(title: str, html_url: str | None, xml_url: str | None) -> tuple[str, str, str | None, str | None]:
    """What seldom changes of a blog: owner and name, and the addresses that may be linked to."""
    owner, name = _names(title, html_url or xml_url)
    return owner, name, safe_url(html_url) if html_url else None, safe_url(xml_url) if xml_url else None


def _names(title: str, url: str | None) -> tuple[str, str]:
    """Whose blog it is and what it is called; a blog without a name of its own goes by its host."""
    for separator in _SEPARATORS:
        owner, found, name = title.partition(separator)
        if found:
            return owner.strip(), name.strip()
    host = urlsplit(url).netloc if url else ""
    return title, host.removeprefix("www.")


def _by_owner(blog: Blog) -> tuple[str, str]:
    return blog.owner.casefold(), blog.name.casefold()
