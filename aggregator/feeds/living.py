"""The living list: every blog that we know of, with or without a feed, and how it is doing (pure)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import urlsplit

from aggregator.addresses import safe_url
from aggregator.model import Feed, FeedStatus, Listing

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


def living_list(
    feeds: Iterable[Feed], listings: Iterable[Listing], last_posts: Mapping[int, datetime], now: datetime
) -> tuple[Blog, ...]:
    """The blogs of the feeds that are followed and of the listings without a feed, by owner and name.

    `last_posts` gives by feed when its newest entry was published.
    """
    followed = [_followed(feed, last_posts.get(feed.id), now) for feed in feeds if feed.status is not FeedStatus.PAUSED]
    others = [_listed(listing) for listing in listings if not listing.xml_url]
    return tuple(sorted((*followed, *others), key=_by_owner))


def by_last_post(blogs: Sequence[Blog]) -> tuple[Blog, ...]:
    """Who posted last comes first; those of whom we do not know it come last."""
    return tuple(sorted(blogs, key=lambda blog: -blog.last_post_at.timestamp() if blog.last_post_at else 0))


def by_standing(blogs: Sequence[Blog]) -> tuple[Blog, ...]:
    """The active ones first, each sort in its order."""
    order = tuple(Standing)
    return tuple(sorted(blogs, key=lambda blog: order.index(blog.standing)))


def _followed(feed: Feed, last_post_at: datetime | None, now: datetime) -> Blog:
    last = last_post_at or feed.newest_entry_at
    owner, name = _names(feed.title, feed.html_url or feed.xml_url)
    return Blog(
        owner=owner,
        name=name,
        url=safe_url(feed.html_url) if feed.html_url else None,
        xml_url=safe_url(feed.xml_url),
        kind=feed.kind,
        region=feed.region,
        last_post_at=last,
        standing=_standing(feed, last, now),
    )


def _listed(listing: Listing) -> Blog:
    owner, name = _names(listing.title, listing.html_url)
    return Blog(
        owner=owner,
        name=name,
        url=safe_url(listing.html_url) if listing.html_url else None,
        xml_url=None,
        kind=listing.kind,
        region=listing.region,
        last_post_at=None,
        standing=Standing.UNKNOWN,
    )


def _standing(feed: Feed, last: datetime | None, now: datetime) -> Standing:
    if feed.status is FeedStatus.GONE:
        return Standing.GONE
    if last is not None:
        return Standing.QUIET if now - last > QUIET_AFTER else Standing.ACTIVE
    return Standing.UNKNOWN if feed.succeeded_at is None else Standing.QUIET


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
