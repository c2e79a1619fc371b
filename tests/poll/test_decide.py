"""What is new, what changed, what to record."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from aggregator.clock import Calendar
from aggregator.model import (
    DueFeed,
    FailureReason,
    FeedStatus,
    Fetched,
    IdentityPolicy,
    KeyedEntry,
    KnownEntry,
    NotModified,
    ParsedEntry,
    ParsedFeed,
    PollRecord,
)
from aggregator.poll import decide
from aggregator.poll.cadence import NextPoll
from aggregator.poll.decide import PollPlan
from aggregator.poll.identity import keyed
from tests.poll.values import NOW, a_due_feed, a_failure, a_parsed_entry

DAY = timedelta(days=1)
NEXT = NextPoll(at=NOW + DAY, reason="because")


def keys(*entries: ParsedEntry, policy: IdentityPolicy = IdentityPolicy.GUID) -> tuple[KeyedEntry, ...]:
    return keyed(entries, policy)


def as_known(entries: Sequence[KeyedEntry], *, updates: int = 0) -> tuple[KnownEntry, ...]:
    """The database after these were saved; ids from 1."""
    return tuple(
        KnownEntry(
            id=number,
            identity=entry.identity,
            url=entry.entry.url,
            title=entry.entry.title,
            published_at=entry.entry.published_at,
            updated_at=entry.entry.updated_at,
            content_hash=entry.content_hash,
            text_key=entry.text_key,
            updates=updates,
        )
        for number, entry in enumerate(entries, start=1)
    )


def plan(entries: Sequence[KeyedEntry], known: Sequence[KnownEntry] = (), feed: DueFeed | None = None) -> PollPlan:
    return decide.plan(entries, known, feed or a_due_feed(), NOW)


def new_titles(found: PollPlan) -> list[str]:
    return [entry.keyed.entry.title for entry in found.new]


NOTHING = PollPlan(new=(), changed=(), rekeyed=())


def test_the_same_document_again_is_nothing() -> None:
    entries = keys(a_parsed_entry(1), a_parsed_entry(2, guid=None), a_parsed_entry(3, guid=None, url=None))
    assert plan(entries, as_known(entries)) == NOTHING


def test_what_is_not_known_is_new_oldest_first() -> None:
    known = as_known(keys(a_parsed_entry(1)))
    assert new_titles(plan(keys(*(a_parsed_entry(n) for n in (3, 2, 1))), known)) == ["Post 2", "Post 3"]


def test_without_dates_the_order_of_the_document_tells_which_is_newest() -> None:
    found = plan(keys(*(a_parsed_entry(n, published_at=None) for n in (3, 2, 1))))
    assert new_titles(found) == ["Post 1", "Post 2", "Post 3"]
    assert [entry.published_at for entry in found.new] == [None] * 3
    assert not any(entry.filed for entry in found.new)


@pytest.mark.parametrize(
    ("ahead", "settled"), [(timedelta(minutes=60), NOW + timedelta(minutes=60)), (timedelta(minutes=61), NOW)]
)
def test_a_date_in_the_future_counts_as_first_seen(ahead: timedelta, settled: datetime) -> None:
    [new] = plan(keys(a_parsed_entry(1, published_at=NOW + ahead))).new
    assert new.published_at == settled


# ------------------------------------------------------------------------------------------- archives


def aged(*ages: int) -> tuple[KeyedEntry, ...]:
    return keys(*(a_parsed_entry(n, published_at=NOW - age * DAY) for n, age in enumerate(ages)))


@pytest.mark.parametrize(
    ("ages", "is_first_poll", "filed"),
    [
        ((1, 30, 31, 400), True, [True, True, False, False]),
        ((31,), True, [True]),
        ((1, 31), False, [False, False]),  # alone: long in drafting
        ((1, 31, 32), False, [True, True, False]),  # at once: an archive
    ],
)
def test_old_entries_that_appear_at_once_are_filed(
    ages: tuple[int, ...], is_first_poll: bool, filed: list[bool]
) -> None:
    feed = a_due_feed(body_hash=None if is_first_poll else "x")
    assert [entry.filed for entry in plan(aged(*ages), feed=feed).new] == filed


def test_an_entry_with_only_an_updated_date_is_as_old_as_that() -> None:
    entries = keys(a_parsed_entry(1, published_at=None, updated_at=NOW - 40 * DAY))
    [new] = plan(entries, feed=a_due_feed(body_hash=None)).new
    assert new.filed
    assert new.published_at is None


# ------------------------------------------------------------------------------------------- changes


@pytest.mark.parametrize(
    "change", [{"title": "Post 1, mended"}, {"text": "Other words."}, {"url": "https://x.example/1"}]
)
def test_title_text_and_address_are_followed(change: dict[str, str]) -> None:
    known = as_known(keys(a_parsed_entry(1)))
    [found] = plan(keys(a_parsed_entry(1, **change)), known).changed
    assert (found.entry_id, found.updates) == (1, 1)


def test_new_markup_around_the_same_words_is_no_change() -> None:
    entry = a_parsed_entry(1)
    known = as_known(keys(entry))
    assert plan(keys(replace(entry, html=f"<div class='x'>{entry.text}</div>")), known) == NOTHING


def test_a_change_without_a_new_date_is_followed_24_times() -> None:
    before = keys(a_parsed_entry(1))
    after = keys(a_parsed_entry(1, text="Seen 1,234 times"))
    assert plan(after, as_known(before, updates=23)).changed[0].updates == 24
    assert plan(after, as_known(before, updates=24)) == NOTHING


def test_a_change_with_a_new_date_is_always_followed_and_not_counted() -> None:
    before = keys(a_parsed_entry(1))
    after = keys(a_parsed_entry(1, text="Mended.", updated_at=NOW))
    assert plan(after, as_known(before, updates=24)).changed[0].updates == 24


# ------------------------------------------------------------------------------------------- the same entry, renamed


def test_a_site_move_makes_no_second_copies() -> None:
    before = keys(*(a_parsed_entry(n) for n in range(5)))
    after = keys(
        *(
            a_parsed_entry(n, guid=f"https://new.example/?p={n}", url=f"https://new.example/{n}", published_at=NOW)
            for n in range(5)
        )
    )
    found = plan(after, as_known(before))
    assert found.new == ()
    assert [change.entry_id for change in found.changed] == [1, 2, 3, 4, 5]
    assert [change.keyed.identity for change in found.changed] == [entry.identity for entry in after]


def test_guids_made_anew_at_every_poll_make_no_second_copies() -> None:
    before = keys(*(a_parsed_entry(n, text="Short.") for n in (1, 2)))
    after = keys(*(a_parsed_entry(n, guid=f"{n}-again", text="Short.") for n in (1, 2)))
    assert plan(after, as_known(before)) == PollPlan(
        new=(), changed=(), rekeyed=((1, "guid:1-again"), (2, "guid:2-again"))
    )


def test_short_posts_are_the_same_when_title_and_second_agree() -> None:
    before = keys(a_parsed_entry(1, text="Short."))
    moved = keys(a_parsed_entry(1, text="Short.", guid="x", url="https://new.example/1"))
    assert plan(moved, as_known(before)).new == ()


def test_weeknotes_without_a_text_are_new_each_week() -> None:
    before = keys(a_parsed_entry(1, title="Weeknotes", text="", published_at=NOW - 7 * DAY))
    after = keys(a_parsed_entry(2, title="Weeknotes", text="", published_at=NOW))
    assert new_titles(plan(after, as_known(before))) == ["Weeknotes"]


def test_posts_that_all_link_to_the_front_page_are_not_one_post() -> None:
    before = keys(a_parsed_entry(1, title="Weeknotes", text="", url="https://a.example/", published_at=None))
    after = keys(a_parsed_entry(2, title="Weeknotes", text="", url="https://a.example/", published_at=None))
    assert new_titles(plan(after, as_known(before))) == ["Weeknotes"]


def test_a_twin_of_an_entry_that_is_still_there_is_another_entry() -> None:
    first, twin = a_parsed_entry(1), a_parsed_entry(1, guid="twin", url="https://blog1.example.org/twin")
    found = plan(keys(twin, first), as_known(keys(first)))
    assert [entry.keyed.identity for entry in found.new] == ["guid:twin"]


def test_one_old_entry_comes_back_as_one_entry_only() -> None:
    before = keys(a_parsed_entry(1))
    after = keys(*(a_parsed_entry(1, guid=name, url=f"https://new.example/{name}") for name in "ab"))
    found = plan(after, as_known(before))
    assert [change.keyed.identity for change in found.changed] == ["guid:a"]
    assert [entry.keyed.identity for entry in found.new] == ["guid:b"]


def test_stepping_down_to_guid_and_address_makes_no_second_copies() -> None:
    entries = [a_parsed_entry(n, text="Short.", title="") for n in range(5)]
    known = as_known(keys(*entries))
    found = plan(keys(*entries, policy=IdentityPolicy.GUID_AND_URL), known)
    assert (found.new, found.changed) == ((), ())
    assert [entry_id for entry_id, _ in found.rekeyed] == [1, 2, 3, 4, 5]


def test_a_guid_that_comes_to_be_repeated_keeps_the_entry_that_had_it() -> None:
    first = a_parsed_entry(1, guid="x")
    found = plan(keys(a_parsed_entry(2, guid="x"), first), as_known(keys(first)))
    assert new_titles(found) == ["Post 2"]
    assert found.rekeyed == ((1, "guid+url:x\nhttps://blog1.example.org/post-1"),)


def test_a_feed_that_begins_to_give_guids_makes_no_second_copies() -> None:
    before = keys(a_parsed_entry(1, guid=None))
    assert plan(keys(a_parsed_entry(1)), as_known(before)).rekeyed == ((1, "guid:guid-1"),)


# ------------------------------------------------------------------------------------------- what is recorded

FETCHED = Fetched(
    url="https://blog1.example.org/feed", body=b"", content_type="", etag='"2"', last_modified=None, body_hash="2"
)
PARSED = ParsedFeed(
    title="Blog 1", html_url=None, language=None, ttl=3 * DAY, skip_hours=(1, 2), skip_days=(6,), entries=()
)


def recorded(feed: DueFeed, answer: Fetched | NotModified, found: PollPlan | None = None) -> PollRecord:
    parsed = PARSED if isinstance(answer, Fetched) else None
    return decide.succeeded(feed, answer, now=NOW, next_poll=NEXT, parsed=parsed, plan=found)


def test_a_document_brings_its_validators_and_its_wishes() -> None:
    record = recorded(a_due_feed(last_modified="yesterday", failures=3, gone_since=NOW), FETCHED, NOTHING)
    assert (record.etag, record.last_modified, record.body_hash) == ('"2"', None, "2")
    assert (record.failures, record.failure_reason, record.gone_since) == (0, None, None)
    assert (record.ttl, record.skip_hours, record.skip_days) == (3 * DAY, (1, 2), (6,))
    assert (record.succeeded_at, record.newest_entry_at) == (NOW, None)


def test_new_entries_are_noted_unless_all_were_filed() -> None:
    fresh = plan(keys(a_parsed_entry(1)))
    archive = plan(aged(40, 41))
    assert recorded(a_due_feed(), FETCHED, fresh).newest_entry_at == NOW
    assert recorded(a_due_feed(), FETCHED, archive).newest_entry_at is None


def test_an_unchanged_feed_keeps_what_its_304_leaves_out() -> None:
    feed = a_due_feed(last_modified="yesterday", ttl=DAY, skip_hours=(4,))
    record = recorded(feed, NotModified(etag=None, last_modified="today"))
    assert (record.etag, record.last_modified, record.body_hash) == ('"1"', "today", feed.body_hash)
    assert (record.ttl, record.skip_hours) == (DAY, (4,))


@pytest.mark.parametrize(
    ("before", "now_at", "since"),
    [
        ((None, None), "https://new.example/", NOW),
        (("https://new.example/", NOW - DAY), "https://new.example/", NOW - DAY),
        (("https://old.example/", NOW - DAY), "https://new.example/", NOW),
        (("https://new.example/", NOW - DAY), None, None),
    ],
)
def test_a_permanent_redirect_is_remembered_since_it_first_said_so(
    before: tuple[str | None, datetime | None], now_at: str | None, since: datetime | None
) -> None:
    feed = a_due_feed(moved_to=before[0], moved_since=before[1])
    record = recorded(feed, replace(FETCHED, moved_to=now_at), NOTHING)
    assert (record.moved_to, record.moved_since) == (now_at, since)


def test_a_failure_keeps_the_validators_of_the_last_document_read(calendar: Calendar) -> None:
    feed = a_due_feed(moved_to="https://new.example/", moved_since=NOW, failures=1)
    record = decide.failed(feed, a_failure(), now=NOW, calendar=calendar)
    assert (record.etag, record.body_hash, record.moved_to) == (feed.etag, feed.body_hash, feed.moved_to)
    assert (record.failures, record.failure_reason, record.succeeded_at) == (2, FailureReason.TIMEOUT, None)


def test_a_failure_late_in_the_week_is_tried_again_before_it_ends(calendar: Calendar) -> None:
    thursday = NOW + timedelta(days=1)
    record = decide.failed(a_due_feed(failures=8), a_failure(), now=thursday, calendar=calendar)
    assert record.next_poll_at < datetime(2026, 11, 20, 9, tzinfo=UTC)
    assert record.next_poll_reason == "failed 9 times in a row: looked at before the week ends on Friday"


def test_a_failure_does_not_bring_us_back_in_the_hours_that_the_last_document_skips(calendar: Calendar) -> None:
    record = decide.failed(a_due_feed(skip_hours=(10, 11), skip_days=(6,)), a_failure(), now=NOW, calendar=calendar)
    assert record.next_poll_at == NOW.replace(hour=12)
    assert (record.skip_hours, record.skip_days) == ((10, 11), (6,))


@pytest.mark.parametrize(
    ("hours_since", "status"), [(None, None), (2, None), (22, None), (23, FeedStatus.GONE), (48, FeedStatus.GONE)]
)
def test_gone_is_believed_when_said_twice_a_day_apart(
    calendar: Calendar, hours_since: int | None, status: FeedStatus | None
) -> None:
    since = None if hours_since is None else NOW - timedelta(hours=hours_since)
    record = decide.failed(a_due_feed(gone_since=since), a_failure(FailureReason.GONE), now=NOW, calendar=calendar)
    assert record.status is status
    assert record.gone_since == (since or NOW)


def test_another_failure_in_between_starts_the_count_of_410s_again(calendar: Calendar) -> None:
    assert decide.failed(a_due_feed(gone_since=NOW - DAY), a_failure(), now=NOW, calendar=calendar).gone_since is None


def test_a_gone_feed_that_answers_after_all_is_polled_again() -> None:
    assert recorded(a_due_feed(status=FeedStatus.GONE), FETCHED, NOTHING).status is FeedStatus.ACTIVE
    assert recorded(a_due_feed(status=FeedStatus.PAUSED), FETCHED, NOTHING).status is None


def test_dates_in_1970_and_2099_only_file_or_settle() -> None:
    odd = keys(
        a_parsed_entry(1, published_at=datetime(1970, 1, 1, tzinfo=UTC)),
        a_parsed_entry(2, published_at=datetime(2099, 1, 1, tzinfo=UTC)),
    )
    found = plan(odd, feed=a_due_feed(body_hash=None))
    assert [(entry.keyed.entry.title, entry.filed) for entry in found.new] == [("Post 1", True), ("Post 2", False)]
