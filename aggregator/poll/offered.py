"""A web page where a feed was -> the feeds that this page names, for a maintainer to choose from."""

from dataclasses import replace

from aggregator.feeds.discover import links_of
from aggregator.feeds.opml import address_key
from aggregator.model import DueFeed, Failed, Fetched, Offer
from aggregator.sandbox import Sandbox


async def with_offers(sandbox: Sandbox, feed: DueFeed, page: Fetched, failed: Failed) -> Failed:
    """The failure, with the feeds that the page names; nobody has looked at them yet."""
    links, _ = await links_of(sandbox, page.body, page.content_type, page.url)
    known = address_key(feed.xml_url)
    offers = tuple(Offer(url=link.url, title=link.title) for link in links if address_key(link.url) != known)
    if not offers:
        return failed
    names = "a feed" if len(offers) == 1 else f"{len(offers)} feeds"
    message = f"There is a web page, not a feed, at this address. It names {names}; choose with: five feeds edits"
    return replace(failed, message=message, offers=offers)
