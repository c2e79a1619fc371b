"""What readers suggest, in a list that curators judge: nothing is followed or bookmarked by itself."""

from collections.abc import Sequence

from aggregator.addresses import safe_url
from aggregator.clock import Clock
from aggregator.errors import BadAddress, NotFound, Refused
from aggregator.feeds.outlines import plain
from aggregator.model import Suggestion, SuggestionKind, SuggestionStatus
from aggregator.store import suggestions
from aggregator.store.database import Database
from aggregator.store.inbox import LARGEST_ID

MOST_WAITING = 500
"""So many are more than anybody will look through: a flood, or nobody at the desk."""
LONGEST_WORDS = 1000
LONGEST_NAME = 100
"""Characters."""


class Suggestions:
    """The verbs of suggesting, and of judging what was suggested."""

    def __init__(self, *, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock

    def suggest(self, kind: SuggestionKind, address: str, *, title: str = "", words: str = "", thank: str = "") -> None:
        """Put a blog or a page on the list; what waits there already is not put there twice.

        `thank` is the name that may be thanked in public. Raises BadAddress, or Refused when the list is full.
        """
        url = safe_url(address)
        if url is None:
            raise BadAddress("That is no web address.", "Give one that begins with https:// or http://.")
        with self._db.write() as tx:
            if suggestions.is_waiting(tx, kind, url):
                return
            if suggestions.count(tx, SuggestionStatus.WAITING) >= MOST_WAITING:
                raise Refused("There are more suggestions than we can look through.", "Please come back in a week.")
            suggestions.add(
                tx,
                kind,
                url,
                title=plain(title)[:LONGEST_NAME],
                words=plain(words)[:LONGEST_WORDS],
                thank=plain(thank)[:LONGEST_NAME],
                at=self._clock(),
            )

    def waiting(self) -> tuple[Suggestion, ...]:
        """Those that nobody has judged, the oldest first."""
        with self._db.read() as tx:
            return suggestions.with_status(tx, SuggestionStatus.WAITING)

    def settle(self, ids: Sequence[int], status: SuggestionStatus) -> None:
        """Judge suggestions. Raises NotFound for one that does not wait; nothing is changed then."""
        with self._db.write() as tx:
            done = suggestions.settle(tx, [number for number in ids if abs(number) <= LARGEST_ID], status)
            missing = sorted(set(ids) - set(done))
            if missing:
                raise NotFound(f"There is no suggestion {missing[0]} that waits.", "See: five suggestions")

    def thanked(self) -> tuple[str, ...]:
        """Who suggested what we took up, and may be named: each once, the first first."""
        with self._db.read() as tx:
            accepted = suggestions.with_status(tx, SuggestionStatus.ACCEPTED)
        return tuple(dict.fromkeys(suggestion.thank for suggestion in accepted if suggestion.thank))
