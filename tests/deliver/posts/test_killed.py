"""kill -9 while posting: WordPress has each digest once, and a webhook is never called twice unseen.

At every statement and commit, and before and after every request is carried out.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, timedelta

import pytest

from aggregator.deliver.transport import FolderTransport
from aggregator.model import DeliveryStatus
from aggregator.store import posts
from aggregator.store.database import Database
from tests.deliver.posting import NOW, an_outbox, publish
from tests.deliver.posts.blog import Asked, Loopback, Says, WordPressSite
from tests.killed import KilledProcess

Record = Callable[[str, object], None]
PLACES = ("wordpress", "webhook")
REQUESTS = 3  # to WordPress: is it there, a draft, published


class Story:
    """Digest after digest, each posted by a process that is killed, and then by some that are left in peace."""

    def __init__(self, db: Database, site: WordPressSite, hook: Loopback, record_property: Record) -> None:
        self.db = db
        self.site = site
        self.hook = hook
        self.record_property = record_property
        self.process = KilledProcess("tests.deliver.posts.posting_process", db.path, site.url, hook.url)
        self.outcomes: Counter[tuple[str, str]] = Counter()
        self.digests = 0

    def tell(self, *, at: int = 0, is_killed: bool = False) -> int:
        """One digest; gives how many events posting it in peace took."""
        outbox = an_outbox(self.db, lambda: NOW, FolderTransport(self.db.path.parent), places=PLACES)
        with self.db.write() as tx:
            digest = publish(tx, outbox, friday=date(2026, 11, 20) + timedelta(days=7 * self.digests))
            outbox.announce(tx, digest)
        self.digests += 1
        events, ended = self.process.does(NOW, killed_at=at)
        self.site.before, self.site.after, self.hook.answers = lambda _: None, lambda _: None, lambda _: Says()
        if at or is_killed:
            assert ended == -9
            self.record_property("hostile", "kills while posting")
            for minutes in (0, 10):
                assert self.process.does(NOW + timedelta(minutes=minutes))[1] == 0
        self._judge(digest.id, digest.slug)
        return events

    def _judge(self, digest_id: int, slug: str) -> None:
        with self.db.read() as tx:
            states = {one.place: one.status for one in posts.listed(tx, digest_id)}
        there = [(post["slug"], post["status"]) for post in self.site.posts.values() if post["slug"].startswith(slug)]
        assert there == [(slug, "publish")]
        assert states["wordpress"] is DeliveryStatus.SENT
        calls = sum(asked.headers["webhook-id"].startswith(slug) for asked in self.hook.asked)
        if states["webhook"] is DeliveryStatus.SENT:
            assert calls == 1
        else:
            assert (states["webhook"], calls <= 1) == (DeliveryStatus.UNCERTAIN, True)
        self.outcomes.update(states.items())


@pytest.fixture
def story(db: Database, record_property: Record) -> Iterator[Story]:
    with WordPressSite() as site, Loopback(lambda _: Says()) as hook:
        telling = Story(db, site, hook, record_property)
        yield telling
        telling.process.ends()
    assert db.problems() == []


def test_killed_at_every_statement_and_commit(story: Story) -> None:
    story.tell()
    events = story.tell()
    assert events > 15
    for event in range(1, events + 1):
        story.tell(at=event)
    assert 0 < story.outcomes["webhook", DeliveryStatus.UNCERTAIN] < story.digests / 2


def test_killed_at_every_request(story: Story) -> None:
    story.tell()

    def kill_at(number: int) -> Callable[[Asked], None]:
        seen = iter(range(1, 100))
        return lambda _: story.process.kill() if next(seen) == number else None

    for number in range(1, REQUESTS + 1):
        story.site.before = kill_at(number)
        story.tell(is_killed=True)
        story.site.after = kill_at(number)
        story.tell(is_killed=True)
    story.hook.answers = lambda _: story.process.kill()
    story.tell(is_killed=True)
    assert story.outcomes["webhook", DeliveryStatus.UNCERTAIN] == 1
