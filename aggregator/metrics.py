"""Numbers for monitors, in Prometheus' text format (the only user of prometheus_client).

Counters belong to this process and begin at nought with it; gauges are read from the database when they are asked for,
so that they are true whichever process polls. Labels come from closed lists: no address or title is ever one.
"""

from collections.abc import Mapping
from typing import Protocol

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4
_SECONDS = (0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30)


class Polled(Protocol):
    """What one poll of one feed came to."""

    @property
    def outcome(self) -> str: ...
    @property
    def reason(self) -> str | None: ...
    @property
    def new(self) -> int: ...


class Metrics:
    """Counts what happens in this process."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._polls = Counter("five_polls", "Polls, by what they came to.", ["outcome"], registry=self._registry)
        self._failures = Counter("five_poll_failures", "Failed polls, by reason.", ["reason"], registry=self._registry)
        self._entries = Counter("five_entries", "Entries brought into the inbox.", registry=self._registry)
        self._seconds = Histogram(
            "five_poll_seconds", "How long one feed took.", buckets=_SECONDS, registry=self._registry
        )
        self._feeds = Gauge("five_feeds", "Followed feeds, by state.", ["state"], registry=self._registry)
        self._late = Gauge("five_feeds_late", "Feeds due for a quarter of an hour.", registry=self._registry)
        self._bytes = Gauge("five_database_bytes", "Size of the database file.", registry=self._registry)
        ProcessCollector(registry=self._registry)

    def polled(self, report: Polled, seconds: float) -> None:
        """Count one poll, which took so many seconds."""
        self._polls.labels(report.outcome).inc()
        self._entries.inc(report.new)
        self._seconds.observe(seconds)
        if report.reason is not None:
            self._failures.labels(report.reason).inc()

    def text(self, *, states: Mapping[str, int], late: int, database_bytes: int) -> bytes:
        """All numbers, with how the feeds and the database are now."""
        self._feeds.clear()
        for state, count in states.items():
            self._feeds.labels(state).set(count)
        self._late.set(late)
        self._bytes.set(database_bytes)
        return generate_latest(self._registry)
