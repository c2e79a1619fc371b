"""How often one network may do what costs us work."""

from collections import deque
from datetime import datetime, timedelta

MOST_NETWORKS = 10_000


class Limit:
    """At most `most` times for each network within `within`; kept in memory, so a restart forgets it."""

    def __init__(self, *, most: int, within: timedelta) -> None:
        self._most = most
        self._within = within
        self._seen: dict[str, deque[datetime]] = {}

    def takes(self, network: str, now: datetime) -> bool:
        """Count one more from there; False when it is one too many."""
        times = self._seen.setdefault(network, deque())
        while times and now - times[0] >= self._within:
            times.popleft()
        if len(times) >= self._most:
            return False
        times.append(now)
        if len(self._seen) > MOST_NETWORKS:
            del self._seen[next(iter(self._seen))]  # the one that came first
        return True
