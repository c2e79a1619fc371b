"""What feeds.opml and the followed feeds ask of each other (pure)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from aggregator.feeds.opml import address_key
from aggregator.model import Feed, FeedStatus, Listing


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncPlan:
    """What to do so that the followed feeds are those of the file; feeds by id."""

    follow: tuple[Listing, ...]
    resume: tuple[int, ...]
    pause: tuple[int, ...]
    describe: tuple[tuple[int, Listing], ...]  # title, page, kind, region or confidence changed
    readdress: tuple[tuple[int, str], ...]  # the same feed, at another address
    unchanged: int
    without_feed: int


def reconcile(listings: Sequence[Listing], feeds: Sequence[Feed]) -> SyncPlan:
    """Compare the listings of the file with the feeds that were ever followed.

    A feed is the same under http and https, with and without `www.`, and where its old address kept redirecting to:
    its history goes with it. Of two listings of one feed the first counts. A feed that is gone stays gone while it
    is listed; one that is listed again after it was taken out is tried again.
    """
    with_feed = _first_of_each(listing for listing in listings if listing.xml_url)
    owners = _owners(with_feed, feeds)
    matched = [(feed, with_feed[key]) for key, feed in owners.items()]
    followed = {feed.id for feed, _ in matched}
    resume = [feed.id for feed, _ in matched if feed.status is FeedStatus.PAUSED]
    describe = [(feed.id, listing) for feed, listing in matched if _is_described_otherwise(feed, listing)]
    readdress = [(feed.id, url) for feed, listing in matched if (url := listing.xml_url or "") != feed.xml_url]
    touched = {*resume, *(feed_id for feed_id, _ in describe), *(feed_id for feed_id, _ in readdress)}
    return SyncPlan(
        follow=tuple(listing for key, listing in with_feed.items() if key not in owners),
        resume=tuple(resume),
        pause=tuple(feed.id for feed in feeds if feed.id not in followed and feed.status is not FeedStatus.PAUSED),
        describe=tuple(describe),
        readdress=tuple(readdress),
        unchanged=len(followed - touched),
        without_feed=sum(not listing.xml_url for listing in listings),
    )


def _first_of_each(listings: Iterable[Listing]) -> dict[str, Listing]:
    first: dict[str, Listing] = {}
    for listing in listings:
        first.setdefault(address_key(listing.xml_url or ""), listing)
    return first


def _owners(with_feed: dict[str, Listing], feeds: Sequence[Feed]) -> dict[str, Feed]:
    """Which followed feed stands behind each listing: by the very address, then by its key, then by where it moved."""
    owners: dict[str, Feed] = {}
    taken: set[int] = set()
    by_address = {listing.xml_url: key for key, listing in with_feed.items()}
    claims = [(feed, by_address.get(feed.xml_url)) for feed in feeds]
    claims += [(feed, address_key(feed.xml_url)) for feed in feeds]
    claims += [(feed, address_key(feed.moved_to)) for feed in feeds if feed.moved_to]
    for feed, key in claims:
        if key in with_feed and key not in owners and feed.id not in taken:
            owners[key] = feed
            taken.add(feed.id)
    return owners


def _is_described_otherwise(feed: Feed, listing: Listing) -> bool:
    told = (feed.title, feed.html_url, feed.kind, feed.region, feed.confidence)
    return told != (listing.title, listing.html_url, listing.kind, listing.region, listing.confidence)
