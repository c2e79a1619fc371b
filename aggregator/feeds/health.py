"""How a feed is doing, in a word and in a sentence (pure)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from aggregator.model import Feed, FeedState, FeedStatus, HubAnswer, HubStatus, Offer

QUIET_AFTER = timedelta(days=365)
"""A blog without a new entry for so long is quiet (DIGEST: the living list)."""
LATE_AFTER = timedelta(minutes=15)
"""A feed that has been due for longer than this says that nobody polls."""


State = FeedState
ORDER = tuple(State)


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """One feed and how it is doing."""

    feed: Feed
    state: State
    offers: tuple[Offer, ...]  # feeds that the page names which stands where the feed was
    matter: str  # what is the matter, in plain English; "" when nothing is
    hub: str  # what its hub answered when it was asked to send what is new; "" when none was asked

    @property
    def advice(self) -> str:
        """What is the matter, and by which command to mend it."""
        return f"{self.matter} {_COMMANDS[self.state]}" if self.state in _COMMANDS else self.matter


_COMMANDS = {
    State.GONE: "To take its address out of the feeds file: five feeds edits",
    State.MOVED: "To take that over in time: five feeds edits",
}


def health(
    feeds: Iterable[Feed], offers: Mapping[int, Sequence[Offer]], answers: Mapping[int, HubAnswer], now: datetime
) -> tuple[Health, ...]:
    """Every feed, those that need a hand first; `offers` and the `answers` of hubs by feed."""
    found = (_health(feed, tuple(offers.get(feed.id, ())), answers.get(feed.id), now) for feed in feeds)
    return tuple(sorted(found, key=lambda one: (ORDER.index(one.state), one.feed.title.casefold(), one.feed.id)))


def state_of(feed: Feed, now: datetime) -> State:
    """How this feed is doing."""
    if feed.status is not FeedStatus.ACTIVE:
        return State.GONE if feed.status is FeedStatus.GONE else State.PAUSED
    if feed.failures:
        return State.FAILING
    if feed.polled_at is None:
        return State.NEW
    if feed.moved_to is not None:
        return State.MOVED
    is_quiet = feed.newest_entry_at is None or now - feed.newest_entry_at > QUIET_AFTER
    return State.QUIET if is_quiet else State.WELL


def late(feeds: Iterable[Feed], now: datetime) -> tuple[Feed, ...]:
    """Those that should have been polled by now; many of them mean that no timetable runs."""
    return tuple(feed for feed in feeds if feed.status is FeedStatus.ACTIVE and now - feed.next_poll_at > LATE_AFTER)


def hub_in_words(answer: HubAnswer, now: datetime) -> str:
    """What a hub answered, and what that means for how the feed is polled."""
    is_over = answer.ends_at is not None and answer.ends_at <= now
    match answer.status:
        case HubStatus.REFUSED:
            # The reason is the hub's own, and may end in any way.
            refused = (answer.message or "The hub refused").rstrip(". ")
            return f"{refused}. {_AS_USUAL}"
        case HubStatus.ASKED:
            asked = "Its hub was asked to send what is new, and has not agreed yet."
        case _ if is_over:
            asked = "Its hub sent what is new, but only until its promise ran out."
        case HubStatus.SILENT:
            asked = "Its hub agreed to send what is new, but did not send what the last poll found."
        case HubStatus.ACTIVE:
            return " ".join(("Its hub sends what is new.", *_last_asked(answer)))
    return " ".join((asked, *_last_asked(answer), _AS_USUAL))


_AS_USUAL = "The feed is polled as usual."


def _last_asked(answer: HubAnswer) -> tuple[str, ...]:
    return (f"When last asked: {answer.message}",) if answer.message else ()


def _health(feed: Feed, offers: tuple[Offer, ...], answer: HubAnswer | None, now: datetime) -> Health:
    state = state_of(feed, now)
    # A feed that is no longer asked has no use for its hub either.
    hub = hub_in_words(answer, now) if answer is not None and feed.status is FeedStatus.ACTIVE else ""
    return Health(feed=feed, state=state, offers=offers, matter=_matter(feed, state, offers), hub=hub)


def _matter(feed: Feed, state: State, offers: tuple[Offer, ...]) -> str:
    match state:
        case State.FAILING | State.GONE:
            parts = [feed.failure_message or "It failed, and nobody noted why."]
            if state is State.FAILING and offers:
                parts.append(f"({', '.join(offer.url for offer in offers)})")
            return " ".join(parts)
        case State.MOVED:
            return f"It answers from a new address: {feed.moved_to}."
        case State.QUIET if feed.newest_entry_at is None:
            return "It has brought no new entry yet. Nothing to do, unless the blog itself has some."
        case State.QUIET:
            return "Nothing new for a year. See whether the blog has moved, or is over."
    return ""
