"""When a feed is due next, and why, in words for its maintainers (pure)."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from itertools import pairwise
from statistics import median

from aggregator.clock import Calendar
from aggregator.model import Failed, FailureReason

SOONEST = timedelta(hours=1)
LATEST = timedelta(hours=12)
A_DAY = timedelta(days=1)
POSTING_DAYS = 10
LONGEST_WISH = A_DAY
"""How long Cache-Control, Expires, ttl and sy:updatePeriod are honoured: a mistyped one must not hide a blog."""

FIRST_RETRY = timedelta(minutes=30)
LATEST_RETRY = A_DAY
LONGEST_RETRY_AFTER = timedelta(hours=48)

SWEEP_BEFORE_CUTOFF = timedelta(minutes=30)
SWEEP_OLDER_THAN = timedelta(hours=3)

JITTER = 0.1
_HOUR = timedelta(hours=1)
_HOURS_OF_A_WEEK = 7 * 24


@dataclass(frozen=True, slots=True, kw_only=True)
class NextPoll:
    """When a feed is due, and why then."""

    at: datetime
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What a feed's server and document ask of their readers."""

    fresh_for: timedelta | None = None  # Cache-Control: max-age, else Expires (RFC 9111, section 4.2.1)
    ttl: timedelta | None = None  # RSS 2.0 <ttl>, or sy:updatePeriod and sy:updateFrequency
    skip_hours: tuple[int, ...] = ()  # 0 to 23, GMT
    skip_days: tuple[int, ...] = ()  # 0 is Monday, GMT


NO_WISHES = Wishes()


def after_success(
    *,
    feed_id: int,
    now: datetime,
    posting_days: Sequence[date],
    wishes: Wishes,
    calendar: Calendar,
    pushed: bool = False,
) -> NextPoll:
    """The next poll of a feed that answered.

    `posting_days` has the day of each of its latest entries, the newest first, several a day where it posted so often;
    `pushed` whether a hub sends what is new.
    """
    usual = _PUSHED if pushed else _by_habit(posting_days, now.date())
    habit = NextPoll(at=now + _sooner(usual.interval, feed_id), reason=usual.reason)
    asked = _not_before(now, wishes)
    if asked is not None and asked.at > habit.at:
        habit = asked
    sweep = _sweep(now, calendar, feed_id)
    if sweep is not None and sweep.at < habit.at and (asked is None or asked.at <= sweep.at):
        habit = sweep
    return _outside_skipped(habit, wishes)


def after_failure(
    *,
    feed_id: int,
    now: datetime,
    failed: Failed,
    failures: int,
    gone_since: datetime | None,
    calendar: Calendar,
    wishes: Wishes = NO_WISHES,
) -> NextPoll:
    """The next poll of a feed that failed for the `failures`th time in a row; `gone_since` is its first 410.

    One that would be tried again only after the cut-off is tried shortly before it. Of what its last document asked,
    the hours and days to skip still hold; a Retry-After is newer, and is taken at its word.
    """
    if failed.reason is FailureReason.GONE and gone_since is not None:
        at = gone_since + A_DAY
        once_more = "says that it is gone: asked once more a day later"
        return _outside_skipped(NextPoll(at=at if at > now else now + A_DAY, reason=once_more), wishes)
    doubled = min(FIRST_RETRY * 2 ** min(failures - 1, 10), LATEST_RETRY)
    back_off = min(doubled * (1 + JITTER * _fraction(feed_id)), LATEST_RETRY)
    wished = min(failed.retry_after or timedelta(), LONGEST_RETRY_AFTER)
    if wished > back_off:
        return NextPoll(at=now + wished, reason=f"its server asked to be left alone for {in_words(wished)}")
    times = "failed once" if failures == 1 else f"failed {failures} times in a row"
    sweep = _sweep(now, calendar, feed_id)
    if sweep is not None and now + wished <= sweep.at < now + back_off:
        return _outside_skipped(NextPoll(at=sweep.at, reason=f"{times}: {sweep.reason}"), wishes)
    return _outside_skipped(
        NextPoll(at=now + back_off, reason=f"{times}: tried again after {in_words(doubled)}"), wishes
    )


@lru_cache(maxsize=8)  # what is saved together is saved at one moment
def next_cutoff(now: datetime, calendar: Calendar) -> datetime:
    """The first cut-off after `now`: the moment at which the following week begins."""
    friday = calendar.coming_friday(now)
    cutoff = calendar.week_starts_at(friday + timedelta(days=7))
    return cutoff if cutoff > now else calendar.week_starts_at(friday + timedelta(days=14))


def in_words(span: timedelta) -> str:
    """A length of time as people say it: "45 minutes", "1 hour", "12 hours", "2 days"."""
    minutes = round(span / timedelta(minutes=1))
    if minutes < 60:
        return _counted(minutes, "minute")
    if minutes < 48 * 60:
        return _counted(round(minutes / 60), "hour")
    return _counted(round(minutes / (24 * 60)), "day")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Habit:
    interval: timedelta
    reason: str


_PUSHED = _Habit(interval=A_DAY, reason="its hub sends what is new, and it is asked once a day all the same")


def _by_habit(posting_days: Sequence[date], today: date) -> _Habit:
    days = sorted(set(posting_days), reverse=True)[:POSTING_DAYS]
    if not days:
        return _Habit(interval=LATEST, reason="has no entries yet")
    quiet = (today - days[0]).days
    if quiet >= 60:
        return _Habit(interval=A_DAY, reason=f"nothing new for {quiet} days")
    if quiet >= 14:
        return _Habit(interval=LATEST, reason=f"nothing new for {quiet} days")
    if len(days) == 1:
        return _Habit(interval=LATEST, reason="posted on one day so far")
    gap = median((newer - older).days for newer, older in pairwise(days))
    if gap > 1:
        interval = timedelta(days=gap) / 4
        return _Habit(interval=min(interval, LATEST), reason=f"posts about every {_counted(round(gap), 'day')}")
    counts = Counter(posting_days)
    a_day = median(counts[day] for day in days)
    reason = "posts about once a day" if a_day < 2 else f"posts about {round(a_day)} times a day"
    return _Habit(interval=max(A_DAY / a_day / 4, SOONEST), reason=reason)


def _not_before(now: datetime, wishes: Wishes) -> NextPoll | None:
    fresh = min(wishes.fresh_for or timedelta(), LONGEST_WISH)
    ttl = min(wishes.ttl or timedelta(), LONGEST_WISH)
    if not (fresh or ttl):
        return None
    who = "its server" if fresh >= ttl else "the feed"
    longest = max(fresh, ttl)
    return NextPoll(at=now + longest, reason=f"{who} asks to come back after {in_words(longest)}")


def _sweep(now: datetime, calendar: Calendar, feed_id: int) -> NextPoll | None:
    """Shortly before the cut-off, when that is long enough after this poll."""
    cutoff = next_cutoff(now, calendar)
    # Spread over the first half of what is left, so that the last ones are read before the cut-off too.
    at = cutoff - SWEEP_BEFORE_CUTOFF * (1 - _fraction(feed_id) / 2)
    if at - now < SWEEP_OLDER_THAN:
        return None
    return NextPoll(at=at, reason=f"looked at before the week ends on {calendar.local(cutoff):%A}")


def _outside_skipped(planned: NextPoll, wishes: Wishes) -> NextPoll:
    """The same, or the first hour after it that the feed does not ask to be skipped (RSS 2.0, skipHours, skipDays)."""
    at = planned.at.astimezone(UTC)
    for _ in range(_HOURS_OF_A_WEEK):
        if at.hour not in wishes.skip_hours and at.weekday() not in wishes.skip_days:
            if at == planned.at:
                return planned
            return NextPoll(at=at, reason=f"{planned.reason}; the feed asks to skip the hours before")
        at = at.replace(minute=0, second=0, microsecond=0) + _HOUR
    return planned  # it asks to be skipped always, which nobody can mean


def _sooner(interval: timedelta, feed_id: int) -> timedelta:
    """`interval` less up to a tenth, always the same for a feed, so that feeds followed together drift apart."""
    return max(interval * (1 - JITTER * _fraction(feed_id)), SOONEST)


def _fraction(feed_id: int) -> float:
    """A number from 0 up to 1 that looks random and is always the same for a feed."""
    return int.from_bytes(sha256(str(feed_id).encode()).digest()[:4]) / 2**32


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
