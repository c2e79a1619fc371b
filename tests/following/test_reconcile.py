"""What following a file would do, as a table of cases."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from aggregator.feeds.reconcile import SyncPlan, reconcile
from aggregator.model import Feed, FeedStatus, Listing

NOW = datetime(2026, 11, 18, 10, tzinfo=UTC)
A, B = "https://a.example/feed", "https://b.example/feed"


def listed(xml_url: str | None = A, **given: Any) -> Listing:
    good = Listing(title="A", xml_url=xml_url, html_url="https://a.example/", kind="Councils", line=1)
    return replace(good, **given)


def followed(id: int = 1, xml_url: str = A, **given: Any) -> Feed:  # noqa: A002
    good = Feed(
        id=id,
        xml_url=xml_url,
        html_url="https://a.example/",
        title="A",
        kind="Councils",
        region="",
        confidence="",
        status=FeedStatus.ACTIVE,
        followed_at=NOW,
        next_poll_at=NOW,
        next_poll_reason="never polled yet",
        polled_at=None,
        succeeded_at=None,
        newest_entry_at=None,
        failures=0,
        failure_reason=None,
        failure_message=None,
        moved_to=None,
        moved_since=None,
    )
    return replace(good, **given)


def a_plan(**given: Any) -> SyncPlan:
    nothing: dict[str, Any] = dict.fromkeys(("follow", "resume", "pause", "describe", "readdress"), ())
    return SyncPlan(**nothing | {"unchanged": 0, "without_feed": 0} | given)


PAUSED, GONE = FeedStatus.PAUSED, FeedStatus.GONE
OTHER = listed(title="B")
PLAIN = listed("http://www.a.example/feed/")


@pytest.mark.parametrize(
    ("listings", "feeds", "plan"),
    [
        ([], [], a_plan()),
        ([listed()], [], a_plan(follow=(listed(),))),
        ([listed()], [followed()], a_plan(unchanged=1)),
        ([], [followed()], a_plan(pause=(1,))),
        ([], [followed(status=PAUSED)], a_plan()),
        ([], [followed(status=GONE)], a_plan(pause=(1,))),
        ([listed()], [followed(status=GONE)], a_plan(unchanged=1)),
        ([listed()], [followed(status=PAUSED)], a_plan(resume=(1,))),
        ([OTHER], [followed()], a_plan(describe=((1, OTHER),))),
        ([listed(region="Wales")], [followed()], a_plan(describe=((1, listed(region="Wales")),))),
        ([listed(), listed(A, title="again")], [], a_plan(follow=(listed(),))),
        ([listed(None), listed(None)], [], a_plan(without_feed=2)),
        ([PLAIN], [followed()], a_plan(readdress=((1, "http://www.a.example/feed/"),))),
        ([listed(B)], [followed(moved_to=B)], a_plan(readdress=((1, B),))),
        ([listed(B)], [followed(moved_to=B, status=PAUSED)], a_plan(resume=(1,), readdress=((1, B),))),
        # Listed still, so it keeps its feed, and where that moved to is another one.
        ([listed(), listed(B)], [followed(moved_to=B)], a_plan(follow=(listed(B),), unchanged=1)),
        ([listed(B)], [followed(1, moved_to=B), followed(2, B)], a_plan(pause=(1,), unchanged=1)),
        # Both were followed once: the one at the very address goes on.
        ([PLAIN], [followed(1), followed(2, "http://www.a.example/feed/")], a_plan(pause=(1,), unchanged=1)),
    ],
)
def test_the_plan(listings: list[Listing], feeds: list[Feed], plan: SyncPlan) -> None:
    assert reconcile(listings, feeds) == plan
