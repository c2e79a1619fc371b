"""Posts: queued with their digest, claimed, settled; tried again, held, stopped; as mails are."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from aggregator.deliver.posts.places import Article, Next, PostFailed
from aggregator.deliver.posts.posting import Posts
from aggregator.deliver.settling import MOST_TRIES
from aggregator.deliver.transport import FolderTransport
from aggregator.errors import NotFound, Refused, WrongUse
from aggregator.locks import hold
from aggregator.model import DeliveryStatus
from aggregator.store import deliveries, posts
from aggregator.store.database import Database
from tests.conftest import StandingClock
from tests.deliver.posting import an_outbox
from tests.deliver.posts.setting import corrected, posts_to, published
from tests.store.plans import plan_of_first_query

S = DeliveryStatus
BOTH = ("blog", "hook")


@dataclass
class SamplePlace:
    """A place that fails as it is told, and keeps what it was given."""

    name: str = "blog"
    finds_again: bool = True
    about: str = "a sample"
    fails: Exception | None = None
    got: list[Article] = field(default_factory=list)
    meanwhile: Callable[[], Awaitable[None]] | None = None

    def problem(self) -> str | None:
        return None

    async def put(self, article: Article) -> str:
        self.got.append(article)
        if self.meanwhile is not None:
            await self.meanwhile()
        if self.fails is not None:
            raise self.fails
        return f"https://{self.name}.example.org/{article.slug}"


@pytest.fixture
def blog() -> SamplePlace:
    return SamplePlace()


@pytest.fixture
def hook() -> SamplePlace:
    return SamplePlace(name="hook", finds_again=False)


@pytest.fixture
def both(db: Database, clock: StandingClock, blog: SamplePlace, hook: SamplePlace) -> Posts:
    return posts_to(db, clock, blog, hook)


def stands(of: Posts) -> dict[str, DeliveryStatus]:
    return {one.place: one.status for one in of.posts()}


async def test_a_digest_is_posted_once_everywhere(
    db: Database, clock: StandingClock, both: Posts, blog: SamplePlace, hook: SamplePlace
) -> None:
    assert both.posts() == ()
    digest = published(db, clock, BOTH)
    assert both.next_due_at() == clock()
    assert (await both.post_due()).sent == 2
    assert (await both.post_due()).sent == 0
    assert (len(blog.got), len(hook.got), both.next_due_at()) == (1, 1, None)
    article = blog.got[0]
    assert (article.slug, article.title, article.url) == (
        digest.slug, digest.title, f"https://five.example.org/digests/{digest.slug}",
    )  # fmt: skip
    assert "What we learnt from prototype 1" in article.html
    assert article.markdown.startswith("---\ntitle: ")
    assert (article.is_corrected, article.stands_at) == (False, None)
    one, _ = both.posts(digest.slug)
    assert (one.place, one.status, one.url, one.done_at, one.tries) == (
        "blog", S.SENT, "https://blog.example.org/2026-11-20", clock(), 1,
    )  # fmt: skip


async def test_a_correction_is_posted_where_the_digest_stands(
    db: Database, clock: StandingClock, both: Posts, blog: SamplePlace
) -> None:
    published(db, clock, BOTH)
    await both.post_due()
    clock.advance(days=3)
    corrected(db, clock, BOTH)
    assert set(stands(both).values()) == {S.QUEUED}
    await both.post_due()
    article = blog.got[-1]
    assert (article.title, article.is_corrected, article.stands_at) == (
        "Put right", True, "https://blog.example.org/2026-11-20",
    )  # fmt: skip
    assert "It was wrong." in article.html
    assert [one.tries for one in both.posts()] == [1, 1]


async def test_a_correction_while_it_is_posted_is_posted_after_it(
    db: Database, clock: StandingClock, both: Posts, blog: SamplePlace
) -> None:
    async def put_right() -> None:
        blog.meanwhile = None
        await asyncio.to_thread(corrected, db, clock, BOTH)

    published(db, clock, BOTH)
    blog.meanwhile = put_right
    await both.post_due()
    assert both.posts()[0].url == "https://blog.example.org/2026-11-20"
    assert stands(both)["blog"] is S.QUEUED
    await both.post_due()
    assert [(one.title, one.stands_at is None) for one in blog.got[1:]] == [("Put right", False)]
    assert stands(both) == {"blog": S.SENT, "hook": S.SENT}


async def test_what_fails_is_tried_again_later_and_later_for_two_days(
    db: Database, clock: StandingClock, both: Posts, blog: SamplePlace
) -> None:
    published(db, clock, ["blog"])
    began = clock()
    blog.fails = PostFailed("Down.", "It is tried again.")
    for tries in range(1, MOST_TRIES):
        done = await both.post_due()
        assert (done.later, len(blog.got)) == (1, tries)
        (one,) = both.posts()
        assert (one.status, one.error) == (S.QUEUED, "Down. It is tried again.")
        assert one.next_try_at is not None
        assert await both.post_due() == type(done)()
        clock.now = one.next_try_at
    assert (await both.post_due()).failed == 1
    assert stands(both) == {"blog": S.FAILED}
    assert timedelta(hours=40) < clock() - began < timedelta(hours=50)


async def test_a_place_that_asks_to_wait_is_waited_for(
    db: Database, clock: StandingClock, both: Posts, blog: SamplePlace
) -> None:
    published(db, clock, ["blog"])
    blog.fails = PostFailed("Busy.", wait=timedelta(hours=3))
    await both.post_due()
    asked = clock() + timedelta(hours=3)
    assert both.next_due_at() == asked
    clock.advance(minutes=1)
    corrected(db, clock, ["blog"])
    assert both.next_due_at() == asked
    both.again("1", "blog")
    assert both.next_due_at() == clock()


async def test_one_place_that_fails_does_not_stop_the_other(
    db: Database, clock: StandingClock, both: Posts, blog: SamplePlace, hook: SamplePlace
) -> None:
    published(db, clock, BOTH)
    blog.fails = PostFailed("Wrong password.", "Mend it.", then=Next.PERSON)
    hook.fails = PostFailed("No answer.", then=Next.UNKNOWN)
    done = await both.post_due()
    assert (done.sent, done.failed, done.uncertain) == (0, 1, 1)
    assert stands(both) == {"blog": S.FAILED, "hook": S.UNCERTAIN}
    clock.advance(days=3)
    await both.post_due()
    assert (len(blog.got), len(hook.got)) == (1, 1)


async def test_a_person_decides(
    db: Database, clock: StandingClock, both: Posts, blog: SamplePlace, hook: SamplePlace
) -> None:
    slug = published(db, clock, BOTH).slug
    blog.fails = PostFailed("Wrong password.", then=Next.PERSON)
    hook.fails = PostFailed("No answer.", then=Next.UNKNOWN)
    await both.post_due()
    assert both.settle(slug, S.SENT) == 1
    assert stands(both) == {"blog": S.FAILED, "hook": S.SENT}
    assert both.settle(slug, S.SENT, "blog") == 1
    blog.fails = hook.fails = None
    assert both.again(slug) == BOTH
    assert both.stop(slug, "hook") == 1
    assert (await both.post_due()).sent == 1
    assert stands(both) == {"blog": S.SENT, "hook": S.SKIPPED}
    assert both.again("1", "hook") == ("hook",)
    assert (await both.post_due()).sent == 1
    assert (len(blog.got), len(hook.got)) == (2, 2)
    with pytest.raises(WrongUse, match="cannot be settled"):
        both.settle(slug, S.QUEUED)
    with pytest.raises(NotFound, match="no place elsewhere"):
        both.again(slug, "elsewhere")
    with pytest.raises(NotFound, match="no published digest 99"):
        both.again("99")
    with pytest.raises(NotFound, match="No other publication is set up"):
        posts_to(db, clock).again(slug)


async def test_asked_again_a_place_may_make_anew_what_was_thrown_away(
    db: Database, clock: StandingClock, both: Posts, blog: SamplePlace
) -> None:
    slug = published(db, clock, BOTH).slug
    await both.post_due()
    both.again(slug)
    await both.post_due()
    assert [article.stands_at for article in blog.got] == [None, None]


async def test_a_digest_that_is_older_than_a_place_is_posted_when_asked(
    db: Database, clock: StandingClock, both: Posts, blog: SamplePlace
) -> None:
    slug = published(db, clock, []).slug
    assert (await both.post_due()).sent == 0
    both.again(slug, "blog")
    assert (await both.post_due()).sent == 1
    assert len(blog.got) == 1


async def test_what_was_left_in_the_middle_is_found_again_or_held(
    db: Database, clock: StandingClock, both: Posts, blog: SamplePlace, hook: SamplePlace
) -> None:
    async def die() -> None:
        raise KeyError("as a fault of this program would")

    published(db, clock, BOTH)
    for place in (blog, hook):
        place.meanwhile = die
        with pytest.raises(KeyError):
            await both.post_due()
        place.meanwhile = None
    assert stands(both) == {"blog": S.QUEUED, "hook": S.CLAIMED}
    await both.post_due()
    assert stands(both) == {"blog": S.QUEUED, "hook": S.UNCERTAIN}
    assert {one.error for one in both.posts()} == {"The program ended while this was being posted."}
    clock.advance(minutes=5)
    await both.post_due()
    assert stands(both) == {"blog": S.SENT, "hook": S.UNCERTAIN}
    assert (len(blog.got), len(hook.got)) == (2, 1)


async def test_nothing_is_posted_while_the_outbox_is_paused_or_held(
    db: Database, clock: StandingClock, both: Posts, blog: SamplePlace
) -> None:
    outbox = an_outbox(db, clock, FolderTransport(Path(db.path).parent))
    outbox.pause()
    assert (await both.post_due()).sent == 0
    published(db, clock, ["blog"])
    with pytest.raises(Refused, match="is paused"):
        await both.post_due()
    with db.write() as tx:
        deliveries.set_state(tx, paused_at=None, place="/elsewhere (file 1)")
    with pytest.raises(Refused, match="copied or moved"):
        await both.post_due()
    assert blog.got == []
    outbox.resume()
    await both.post_due()
    assert len(blog.got) == 1


async def test_one_process_posts_at_a_time_and_stops_when_asked(
    db: Database, clock: StandingClock, both: Posts, blog: SamplePlace
) -> None:
    published(db, clock, BOTH)
    with hold(Path(db.path).with_name("posts.lock")), pytest.raises(Refused, match="Another process"):
        await both.post_due()
    assert (await both.post_due(lambda: True)).sent == 0
    assert blog.got == []


async def test_a_place_that_is_not_set_up_any_more_waits(db: Database, clock: StandingClock, blog: SamplePlace) -> None:
    published(db, clock, BOTH)
    alone = posts_to(db, clock, blog)
    assert (await alone.post_due()).sent == 1
    assert stands(alone) == {"blog": S.SENT, "hook": S.QUEUED}
    assert alone.stop("2026-11-20", "hook") == 1


@pytest.mark.parametrize("ask", [posts.due, posts.is_anything_open])
def test_what_is_due_is_found_by_an_index(db: Database, clock: StandingClock, ask: Callable[..., object]) -> None:
    steps = plan_of_first_query(db, lambda tx: ask(tx, BOTH, now=clock()))
    assert any("ix_posts_status_next_try_at" in step for step in steps)
