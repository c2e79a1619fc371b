"""What polling found out that feeds.opml should say: proposed, never done behind a maintainer's back (pure)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from aggregator.addresses import safe_url
from aggregator.feeds.amend import TAKE_OUT
from aggregator.feeds.opml import address_key
from aggregator.model import Feed, FeedStatus, Offer

SAME_ANSWER_FOR = timedelta(days=7)
"""How long a permanent redirect must have led to one place before it is believed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """One change of feeds.opml."""

    id: str  # the feed's, or "12.2" for the second feed offered in place of feed 12
    feed_id: int
    title: str
    xml_url: str  # as it is listed
    to: str | None  # the new address; None for no feed any more, TAKE_OUT for no outline any more
    reason: str
    is_sure: bool  # one that is not is for a person to choose

    @property
    def change(self) -> str:
        """What would be done, in words."""
        if self.to is None:
            return "take the feed's address out"
        return f"change the address to {self.to}" if self.to else "take it out"


def proposed(feeds: Sequence[Feed], offers: Mapping[int, Sequence[Offer]], now: datetime) -> tuple[Edit, ...]:
    """The changes that the followed feeds call for, in their order; `offers` by feed."""
    listed = {address_key(feed.xml_url): feed for feed in feeds if feed.status is not FeedStatus.PAUSED}
    edits = (edit for feed in listed.values() for edit in _of(feed, listed, offers.get(feed.id, ()), now))
    return tuple(_each_address_once(edits))


def _each_address_once(edits: Iterable[Edit]) -> Iterator[Edit]:
    """Where several feeds have moved to one, as the posts and the news of a blog that is new built, the first goes."""
    first: dict[str, Edit] = {}
    for edit in edits:
        if edit.is_sure and edit.to:
            before = first.setdefault(address_key(edit.to), edit)
            if before is not edit:
                edit = replace(edit, to=TAKE_OUT, reason=f"It has moved to {edit.to}, as “{before.title}” has.")
        yield edit


def _of(feed: Feed, listed: Mapping[str, Feed], offers: Sequence[Offer], now: datetime) -> Iterator[Edit]:
    if feed.status is FeedStatus.GONE:
        yield _edit(feed, None, "Its server said twice, a day apart, that it is gone for good (410).")
    elif feed.failures:
        for number, offer in enumerate(offers, start=1):
            name = f"“{offer.title}”, " if offer.title else ""
            reason = f"A web page stands where the feed was; {name}{offer.url}, is a feed that it names."
            yield _edit(feed, offer.url, reason, number=number)
    elif feed.moved_to is not None and feed.moved_since is not None and safe_url(feed.moved_to) is not None:
        yield from _moved(feed, feed.moved_to, now - feed.moved_since, listed)


def _moved(feed: Feed, to: str, lasted: timedelta, listed: Mapping[str, Feed]) -> Iterator[Edit]:
    other = listed.get(address_key(to))
    if to == feed.xml_url or not (lasted >= SAME_ANSWER_FOR or _is_same_in_https(feed.xml_url, to)):
        return
    if other is not None and other.id != feed.id:
        # One that is gone is asked no more, so this one alone still reads what is there; the other makes way first.
        if other.status is not FeedStatus.GONE:
            yield _edit(feed, TAKE_OUT, f"It has moved to {to}, which is listed already, as “{other.title}”.")
    elif lasted >= SAME_ANSWER_FOR:
        yield _edit(feed, to, f"It has redirected there for good for {lasted.days} days.")
    else:
        yield _edit(feed, to, "The same address answers over https.")


def _is_same_in_https(old: str, new: str) -> bool:
    return old.startswith("http:") and new == f"https:{old.removeprefix('http:')}"


def _edit(feed: Feed, to: str | None, reason: str, *, number: int | None = None) -> Edit:
    return Edit(
        id=str(feed.id) if number is None else f"{feed.id}.{number}",
        feed_id=feed.id,
        title=feed.title,
        xml_url=feed.xml_url,
        to=to,
        reason=reason,
        is_sure=number is None,
    )
