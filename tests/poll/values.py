"""Builders of what a poll handles: each gives a good one, and takes what a test cares about."""

from dataclasses import replace
from datetime import UTC, datetime
from html import escape
from typing import Any

from aggregator.model import DueFeed, Failed, FailureReason, IdentityPolicy, ParsedEntry

NOW = datetime(2026, 11, 18, 10, tzinfo=UTC)

LONG = (
    "When we began to rebuild the service for parking permits, nobody could say how many people gave up half way, "
    "so the first thing that we built was a way to count them."
)


def a_due_feed(**given: Any) -> DueFeed:
    """A feed that was polled well before."""
    good = DueFeed(
        id=1,
        title="Blog 1",
        xml_url="https://blog1.example.org/feed",
        etag='"1"',
        last_modified=None,
        body_hash="hash of the last body",
        failures=0,
        failure_reason=None,
        gone_since=None,
        moved_to=None,
        moved_since=None,
        identity=IdentityPolicy.GUID,
    )
    return replace(good, **given)


def a_parsed_entry(number: int = 1, **given: Any) -> ParsedEntry:
    """An entry of this Wednesday, with a text of its own."""
    text = f"{number}. {LONG}"
    good = ParsedEntry(
        guid=f"guid-{number}",
        url=f"https://blog1.example.org/post-{number}",
        url_dropped=False,
        title=f"Post {number}",
        author=None,
        published_at=datetime(2026, 11, 18, 8, number % 60, tzinfo=UTC),
        updated_at=None,
        html=f"<p>{given.get('text', text)}</p>",
        text=text,
    )
    return replace(good, **given)


def a_failure(reason: FailureReason = FailureReason.TIMEOUT, **given: Any) -> Failed:
    """A request that took too long."""
    return replace(Failed(reason=reason, message="It took too long. It is tried again later by itself."), **given)


def an_rss(*numbers: int, title: str = "Blog", text: str = LONG) -> str:
    """An RSS 2.0 document with these posts, the newest first."""
    items = "".join(
        f"<item><guid isPermaLink='false'>guid-{number}</guid><title>Post {number}</title>"
        f"<link>https://blog.example.org/{escape(title)}/post-{number}</link>"
        f"<pubDate>Wed, 18 Nov 2026 08:{number % 60:02}:00 GMT</pubDate>"
        f"<description>{number} of {escape(title)}: {escape(text)}</description></item>"
        for number in sorted(numbers, reverse=True)
    )
    return (
        f"<?xml version='1.0' encoding='utf-8'?><rss version='2.0'><channel><title>{escape(title)}</title>"
        f"<link>https://blog.example.org/</link><description>A blog</description>{items}</channel></rss>"
    )
