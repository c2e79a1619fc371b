"""Who gets a digest, when, how often, and what an editor can do about it."""

import shutil
import socket
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from sqlalchemy import delete, select, update

from aggregator.clock import Calendar
from aggregator.deliver.bounces import SOFT_BOUNCES
from aggregator.deliver.outbox import Outbox
from aggregator.deliver.sending import Pace
from aggregator.deliver.settling import MOST_TRIES
from aggregator.deliver.transport import FolderTransport, SmtpTransport
from aggregator.errors import NotFound, Refused
from aggregator.locks import hold
from aggregator.model import ConsentAction, DeliveryStatus, SubscriberStatus
from aggregator.settings import Settings
from aggregator.store import consents
from aggregator.store import subscribers as readers
from aggregator.store.backup import back_up, restore
from aggregator.store.database import Database
from aggregator.store.migrate import open_database
from aggregator.store.schema_readers import deliveries, subscribers
from tests.conftest import StandingClock
from tests.deliver.posting import NOW, add_readers, an_outbox, ledger, publish
from tests.deliver.relay import Fault, SampleRelay
from tests.digest.test_editor import an_editor
from tests.rows import add_bookmark


@pytest.fixture
def relay() -> Iterator[SampleRelay]:
    with SampleRelay() as sample:
        yield sample


class Mailboxes:
    """What aiosmtpd, an SMTP server that is not ours, was given."""

    def __init__(self) -> None:
        self.mails: list[tuple[str, list[str], bytes]] = []

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        assert isinstance(envelope.content, bytes)
        self.mails.append((envelope.mail_from or "", envelope.rcpt_tos, envelope.content))
        return "250 taken"


def test_a_server_that_is_not_ours_gets_each_mail_once(db: Database, clock: StandingClock) -> None:
    boxes = Mailboxes()
    with socket.create_server(("127.0.0.1", 0)) as found:
        port = found.getsockname()[1]
    controller = Controller(boxes, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        transport = SmtpTransport(Settings(smtp_host="127.0.0.1", smtp_port=port, smtp_security="none"))
        outbox = an_outbox(db, clock, transport, bounce_address="")
        with db.write() as tx:
            add_readers(tx, 3)
            publish(tx, outbox)
        assert outbox.flush().sent == 3
    finally:
        controller.stop()
    assert [(sender, to) for sender, to, _ in boxes.mails] == [
        ("editor@example.org", [f"reader{number}@example.org"]) for number in (1, 2, 3)
    ]
    assert all(f"To: {to[0]}\r\n".encode() in mail for _, to, mail in boxes.mails)


def test_publishing_queues_exactly_those_who_are_subscribers_then(
    db: Database, clock: StandingClock, calendar: Calendar, tmp_path: Path
) -> None:
    outbox = an_outbox(db, clock, FolderTransport(tmp_path / "mail"))
    editor = an_editor(db, clock, calendar, _rendered, audience=outbox)
    with db.write() as tx:
        add_readers(tx, 2)
        add_readers(tx, 1, status="pending")
        add_readers(tx, 1, status="unsubscribed")
        bookmark = add_bookmark(tx)
    editor.draft()
    editor.pick([bookmark])
    done = editor.publish()
    with db.write() as tx:
        add_readers(tx, 1)
        assert set(ledger(tx, done.id)) == {"reader1@example.org", "reader2@example.org"}
    assert outbox.flush().sent == 2
    assert len(list((tmp_path / "mail").glob("*.eml"))) == 2


def _rendered(digest):  # type: ignore[no-untyped-def]  # as render, with the publication
    from aggregator.digest.render import render
    from tests.builders import a_publication

    return render(digest, a_publication())


def test_who_leaves_or_is_erased_before_their_mail_goes_gets_none(
    db: Database, clock: StandingClock, relay: SampleRelay
) -> None:
    outbox = an_outbox(db, clock, SmtpTransport(relay.settings))
    with db.write() as tx:
        first, second, third = add_readers(tx, 3)
        digest = publish(tx, outbox)
        tx.execute(update(subscribers).where(subscribers.c.id == first).values(status="unsubscribed"))
        tx.execute(delete(subscribers).where(subscribers.c.id == second))
    assert outbox.flush().sent == 1
    assert [one.recipient for one in relay.taken] == ["reader3@example.org"]
    with db.read() as tx:
        states = {one.subscriber_id: one.status for one in tx.execute(select(deliveries))}
    assert states == {first: "skipped", second: "skipped", third: "sent"}
    assert outbox.deliveries(digest.slug)[1].address is None


def test_a_dead_mailbox_ends_a_subscription_and_a_policy_does_not(
    db: Database, clock: StandingClock, relay: SampleRelay
) -> None:
    outbox = an_outbox(db, clock, SmtpTransport(relay.settings))
    with db.write() as tx:
        dead, refused, fine = add_readers(tx, 3)
        publish(tx, outbox)
    relay.faults[0, "RCPT"] = Fault(says=b"550 5.1.1 nobody here\r\n")
    relay.faults[1, "RCPT"] = Fault(says=b"550 5.7.1 not from you\r\n")
    assert outbox.flush().failed == 2
    with db.read() as tx:
        found = {each: readers.by_id(tx, each) for each in (dead, refused, fine)}
    statuses = [one.status for one in found.values() if one]
    assert statuses == [SubscriberStatus.BOUNCED, SubscriberStatus.ACTIVE, SubscriberStatus.ACTIVE]


NOBODY = b"550 5.1.1 reader1@example.org is not here\r\n"


def test_a_dead_mailbox_is_written_down_once(db: Database, clock: StandingClock, relay: SampleRelay) -> None:
    outbox = an_outbox(db, clock, SmtpTransport(relay.settings))
    with db.write() as tx:
        (dead,) = add_readers(tx, 1)
        publish(tx, outbox)
        publish(tx, outbox, friday=date(2026, 11, 13))
    relay.faults |= {(number, "RCPT"): Fault(says=NOBODY) for number in (0, 1)}
    assert outbox.flush().failed == 2
    with db.read() as tx:
        logged = [(one.action, one.source) for one in consents.of_subscriber(tx, dead)]
    assert logged == [(ConsentAction.BOUNCED, "550 5.1.1")]


def test_who_left_while_a_mail_was_refused_has_left(db: Database, clock: StandingClock, relay: SampleRelay) -> None:
    outbox = an_outbox(db, clock, SmtpTransport(relay.settings))
    with db.write() as tx:
        (left,) = add_readers(tx, 1)
        publish(tx, outbox)
    relay.faults[0, "RCPT"] = Fault(says=NOBODY)
    relay.on_verb = lambda _, verb: unsubscribes(db, left) if verb == "RCPT" else None
    assert outbox.flush().failed == 1
    with db.read() as tx:
        found = readers.by_id(tx, left)
        assert found is not None
        assert found.status is SubscriberStatus.UNSUBSCRIBED
        assert consents.of_subscriber(tx, left) == ()


def unsubscribes(db: Database, subscriber_id: int) -> None:
    with db.write() as tx:
        readers.end(tx, subscriber_id, SubscriberStatus.UNSUBSCRIBED, at=NOW)


FULL = b"452 4.2.2 mailbox full\r\n"


def test_a_mailbox_that_is_full_for_five_digests_is_given_up(
    db: Database, clock: StandingClock, relay: SampleRelay
) -> None:
    outbox, full = an_outbox_with_a_full_mailbox(db, clock, relay)
    for week in range(1, SOFT_BOUNCES + 1):
        a_week(db, clock, relay, outbox, week, FULL)
        if week < SOFT_BOUNCES:
            assert full() == (SubscriberStatus.ACTIVE, week)
    assert full()[0] is SubscriberStatus.BOUNCED
    with db.read() as tx:
        assert [one.source for one in consents.of_subscriber(tx, 1)] == ["452 4.2.2"]


def test_one_mail_that_gets_through_ends_the_row(db: Database, clock: StandingClock, relay: SampleRelay) -> None:
    outbox, full = an_outbox_with_a_full_mailbox(db, clock, relay)
    a_week(db, clock, relay, outbox, 1, FULL)
    a_week(db, clock, relay, outbox, 2, FULL)
    assert full() == (SubscriberStatus.ACTIVE, 2)
    a_week(db, clock, relay, outbox, 3, None)
    assert full() == (SubscriberStatus.ACTIVE, 0)


@pytest.mark.parametrize("says", [b"450 4.7.1 greylisted for ever\r\n", b"what?\r\n"])
def test_what_is_not_the_mailboxs_fault_is_no_bounce(
    db: Database, clock: StandingClock, relay: SampleRelay, says: bytes
) -> None:
    outbox, full = an_outbox_with_a_full_mailbox(db, clock, relay)
    a_week(db, clock, relay, outbox, 1, says)
    assert full() == (SubscriberStatus.ACTIVE, 0)


def test_a_relay_that_says_later_to_everybody_is_no_mailboxs_fault(
    db: Database, clock: StandingClock, relay: SampleRelay
) -> None:
    outbox, full = an_outbox_with_a_full_mailbox(db, clock, relay)
    relay.faults |= {(number, "RCPT"): Fault(says=FULL) for number in range(100)}
    with db.write() as tx:
        digest = publish(tx, outbox)
    two_days(db, clock, outbox)
    with db.read() as tx:
        assert set(ledger(tx, digest.id).values()) == {"failed"}
    assert full() == (SubscriberStatus.ACTIVE, 0)


def an_outbox_with_a_full_mailbox(
    db: Database, clock: StandingClock, relay: SampleRelay
) -> tuple[Outbox, Callable[[], tuple[SubscriberStatus, int]]]:
    """An outbox with two readers, and how the first of them stands."""
    with db.write() as tx:
        first, _ = add_readers(tx, 2)

    def stands() -> tuple[SubscriberStatus, int]:
        with db.read() as tx:
            found = readers.by_id(tx, first)
        assert found is not None
        return found.status, found.soft_bounces

    return an_outbox(db, clock, SmtpTransport(relay.settings)), stands


def a_week(
    db: Database, clock: StandingClock, relay: SampleRelay, outbox: Outbox, week: int, says: bytes | None
) -> None:
    """A digest that the first reader's mailbox answers so, whenever it is tried; the other's takes it."""
    relay.starts_anew()
    if says is not None:
        relay.faults |= {(number, "RCPT"): Fault(says=says) for number in range(100) if number != 1}
    with db.write() as tx:
        publish(tx, outbox, friday=date(2026, 11, 20) + timedelta(days=7 * week))
    two_days(db, clock, outbox)


def two_days(db: Database, clock: StandingClock, outbox: Outbox) -> None:
    """Try for the first and for the last time; test_misbehaviour.py tries all the times between."""
    outbox.flush()
    with db.write() as tx:
        tx.execute(update(deliveries).where(deliveries.c.status == "queued").values(tries=MOST_TRIES - 1))
    clock.advance(days=2)
    outbox.flush()
    assert outbox.overview().next_due_at is None


def test_a_few_get_it_first(db: Database, clock: StandingClock, relay: SampleRelay) -> None:
    outbox = an_outbox(db, clock, SmtpTransport(relay.settings), canary=2)
    with db.write() as tx:
        add_readers(tx, 5)
        digest = publish(tx, outbox)
    assert outbox.flush().sent == 2
    clock.advance(minutes=4)
    assert outbox.flush().sent == 0
    clock.advance(minutes=1)
    assert outbox.flush().sent == 3
    assert outbox.stop(digest.slug) == 0


def test_stopped_means_nobody_more(db: Database, clock: StandingClock, relay: SampleRelay) -> None:
    outbox = an_outbox(db, clock, SmtpTransport(relay.settings), canary=2)
    with db.write() as tx:
        add_readers(tx, 5)
        digest = publish(tx, outbox)
    outbox.flush()
    assert outbox.stop(digest.slug) == 3
    clock.advance(hours=1)
    assert outbox.flush().sent == 0
    with db.read() as tx:
        assert Counter(ledger(tx, digest.id).values()) == {"sent": 2, "skipped": 3}


def test_a_pause_in_the_middle_ends_the_run_and_resuming_sends_the_rest(
    db: Database, clock: StandingClock, relay: SampleRelay
) -> None:
    outbox = an_outbox(db, clock, SmtpTransport(relay.settings))
    with db.write() as tx:
        add_readers(tx, 5)
        publish(tx, outbox)
    done = outbox.flush(on_sent=lambda tally: outbox.pause() if tally.sent == 2 else None)
    assert (done.sent, done.stopped) == (2, "It was paused.")
    with pytest.raises(Refused, match="paused"):
        outbox.flush()
    outbox.resume()
    assert outbox.flush().sent == 3
    assert Counter(one.recipient for one in relay.taken).most_common(1)[0][1] == 1


def test_ctrl_c_writes_down_what_is_known(db: Database, clock: StandingClock, relay: SampleRelay) -> None:
    def interrupt(_: object) -> None:
        raise KeyboardInterrupt

    outbox = an_outbox(db, clock, SmtpTransport(relay.settings))
    with db.write() as tx:
        add_readers(tx, 3)
        digest = publish(tx, outbox)
    with pytest.raises(KeyboardInterrupt):
        outbox.flush(on_sent=interrupt)
    with db.read() as tx:
        assert Counter(ledger(tx, digest.id).values()) == {"sent": 1, "queued": 2}


def test_what_is_uncertain_is_sent_again_only_on_request_with_the_same_message_id(
    db: Database, clock: StandingClock, relay: SampleRelay
) -> None:
    outbox = an_outbox(db, clock, SmtpTransport(relay.settings))
    with db.write() as tx:
        add_readers(tx, 2)
        digest = publish(tx, outbox)
    relay.faults[0, "DOT"] = Fault(drops=True, takes=True)
    assert outbox.flush().uncertain == 1
    clock.advance(days=3)
    assert outbox.flush().sent == 0
    (unsure,) = outbox.deliveries(digest.slug, status=DeliveryStatus.UNCERTAIN)
    assert unsure.address == "reader1@example.org"

    assert outbox.resend(digest.slug) == 1
    assert outbox.flush().sent == 1
    first, _, again = relay.taken
    ids = [line for mail in (first, again) for line in mail.mail.splitlines() if line.startswith(b"Message-ID")]
    assert ids[0] == ids[1]


def test_settling_by_hand(db: Database, clock: StandingClock, relay: SampleRelay) -> None:
    outbox = an_outbox(db, clock, SmtpTransport(relay.settings))
    with db.write() as tx:
        add_readers(tx, 2)
        digest = publish(tx, outbox)
    relay.faults[0, "DOT"] = Fault(drops=True)
    outbox.flush()
    assert outbox.settle(digest.slug, DeliveryStatus.SENT) == 1
    with db.read() as tx:
        assert set(ledger(tx, digest.id).values()) == {"sent"}
    with pytest.raises(NotFound):
        outbox.settle("2026-01-02", DeliveryStatus.SENT)


def test_two_processes_never_send_at_once(db: Database, clock: StandingClock, relay: SampleRelay) -> None:
    outbox = an_outbox(db, clock, SmtpTransport(relay.settings))
    with hold(db.path.with_name("outbox.lock")), pytest.raises(Refused, match="Another process"):
        outbox.flush()


def test_a_restored_database_sends_nothing_until_somebody_says_so(
    db: Database, clock: StandingClock, relay: SampleRelay, tmp_path: Path
) -> None:
    outbox = an_outbox(db, clock, SmtpTransport(relay.settings))
    with db.write() as tx:
        add_readers(tx, 2)
        publish(tx, outbox)
    back_up(db, tmp_path / "backup.sqlite")
    assert outbox.flush().sent == 2
    restore(db.path, tmp_path / "backup.sqlite", clock())
    with pytest.raises(Refused, match="restored from a backup"):
        outbox.flush()
    assert len(relay.taken) == 2


@pytest.mark.parametrize("name", ["another/five.sqlite", "five.sqlite"])
def test_a_copied_database_sends_nothing_until_somebody_says_so(
    db: Database, clock: StandingClock, relay: SampleRelay, tmp_path: Path, name: str
) -> None:
    outbox = an_outbox(db, clock, SmtpTransport(relay.settings))
    with db.write() as tx:
        add_readers(tx, 2)
        publish(tx, outbox)
    copy = tmp_path / name
    copy.parent.mkdir(exist_ok=True)
    db.copy_to(tmp_path / "aside.sqlite")
    outbox.flush()
    if copy == db.path:
        db.close()
        copy.with_suffix(".sqlite-wal").unlink(missing_ok=True)
        copy.with_suffix(".sqlite-shm").unlink(missing_ok=True)
    shutil.move(tmp_path / "aside.sqlite", copy)
    again = open_database(copy, clock())
    elsewhere = an_outbox(again, clock, SmtpTransport(relay.settings))
    with pytest.raises(Refused, match="copied or moved"):
        elsewhere.flush()
    elsewhere.resume()
    assert elsewhere.flush().sent == 2
    again.close()


def test_the_pace_is_even() -> None:
    now = [100.0]
    pace = Pace(per_minute=60, now=lambda: now[0], sleep=lambda _: None)
    waits = []
    for _ in range(3):
        waits.append(pace.wait_needed())
        now[0] += waits[-1] + 0.25
        pace.went()
    assert waits == [0.0, 1.0, 1.0]


def test_a_test_mail_says_so_and_stands_in_no_ledger(
    db: Database, clock: StandingClock, calendar: Calendar, relay: SampleRelay
) -> None:
    outbox = an_outbox(db, clock, SmtpTransport(relay.settings))
    editor = an_editor(db, clock, calendar, _rendered, audience=outbox)
    with db.write() as tx:
        add_readers(tx, 2)
    draft = editor.draft()
    outbox.test(draft.slug, "me@example.org", editor)
    (mail,) = relay.taken
    assert mail.recipient == "me@example.org"
    assert b"Subject: [Test] Five for Friday" in mail.mail
    assert outbox.overview().digests == ()


def test_many_weeks_add_up(db: Database, clock: StandingClock, relay: SampleRelay) -> None:
    outbox = an_outbox(db, clock, SmtpTransport(relay.settings))
    with db.write() as tx:
        add_readers(tx, 3)
        for week in range(3):
            publish(tx, outbox, friday=date(2026, 11, 6 + 7 * week))
    assert outbox.flush().sent == 9
    assert relay.connections == 1
    assert [sum(counts.values()) for _, counts in outbox.overview().digests] == [3, 3, 3]
