"""kill -9 while sending: nobody is missed, and nobody gets a digest twice.

At every statement and commit, at every word of SMTP, and at random moments; `FIVE_KILLS=1000 pytest
tests/deliver/test_killed.py` for more of those.
"""

import os
import random
import signal
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, timedelta

import pytest

from aggregator.deliver.transport import FolderTransport
from aggregator.store.database import Database
from tests.deliver.posting import NOW, add_readers, an_outbox, ledger, publish
from tests.deliver.relay import SampleRelay
from tests.killed import KilledProcess

READERS = 3
KILLS = int(os.environ.get("FIVE_KILLS", "150"))
Record = Callable[[str, object], None]
WORDS = ("EHLO", "MAIL", "RCPT", "DATA", "BODY", "DOT")


class Story:
    """Digest after digest, each sent by a process that is killed and then by one that is left in peace."""

    def __init__(self, db: Database, relay: SampleRelay, record_property: Record) -> None:
        self.db = db
        self.record_property = record_property
        self.relay = relay
        self.process = KilledProcess("tests.deliver.sending_process", db.path, relay.port)
        self.outcomes: Counter[str] = Counter()
        self.digests = 0
        with db.write() as tx:
            add_readers(tx, READERS)

    def tell(self, *, at: int = 0, after: int = 0, at_word: tuple[int, str] | None = None) -> int:
        """One digest; gives how many events sending it in peace took."""
        self.relay.starts_anew()
        outbox = an_outbox(self.db, lambda: NOW, FolderTransport(self.db.path.parent))
        with self.db.write() as tx:
            digest = publish(tx, outbox, friday=date(2026, 11, 20) + timedelta(days=7 * self.digests))
        self.digests += 1
        self.relay.on_verb = lambda number, verb: self.process.kill() if (number, verb) == at_word else None
        events, ended = self.process.does(NOW, killed_at=at, killed_after=after)
        assert ended in (0, -signal.SIGKILL)
        self.relay.on_verb = lambda _number, _verb: None
        if at or after or at_word:
            self.record_property("hostile", "kills while sending")
            assert self.process.does(NOW)[1] == 0
        with self.db.read() as tx:
            self._judge(ledger(tx, digest.id))
        return events

    def _judge(self, states: dict[str, str]) -> None:
        taken = Counter(one.recipient for one in self.relay.taken)
        assert len(states) == READERS
        assert set(states.values()) <= {"sent", "uncertain"}, states
        for address, status in states.items():
            assert taken[address] == 1 if status == "sent" else taken[address] <= 1, (address, status, taken)
        assert Counter(states.values())["uncertain"] <= 1
        self.outcomes.update(states.values())


@pytest.fixture
def story(db: Database, record_property: Record) -> Iterator[Story]:
    with SampleRelay() as relay:
        telling = Story(db, relay, record_property)
        yield telling
        telling.process.ends()
    assert db.problems() == []


def test_killed_at_every_statement_and_commit(story: Story) -> None:
    events = story.tell()
    assert events > 10 * READERS
    for event in range(1, events + 1):
        story.tell(at=event)
    assert 0 < story.outcomes["uncertain"] < story.digests


def test_killed_at_every_word_of_smtp(story: Story) -> None:
    story.tell()
    for number in range(READERS):
        for word in WORDS[0 if number == 0 else 1 :]:
            story.tell(at_word=(number if word != "EHLO" else -1, word))
    assert story.outcomes["uncertain"] >= READERS * 4


def test_killed_at_random(story: Story) -> None:
    chance = random.Random(2026)
    events = story.tell()
    for _ in range(KILLS):
        story.tell(after=chance.randint(1, events))
    assert story.outcomes.total() == (KILLS + 1) * READERS
