"""What relays do to us, for the first, a middle and the last reader: nobody is missed, nobody gets it twice unseen."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date, timedelta

import pytest
from sqlalchemy import update

from aggregator.deliver.transport import SmtpTransport
from aggregator.errors import Refused
from aggregator.store.database import Database
from aggregator.store.schema_readers import subscribers
from tests.conftest import StandingClock
from tests.deliver.posting import add_readers, an_outbox, ledger, publish
from tests.deliver.relay import Fault, SampleRelay

READERS = 5
AMPLE, SHORT = 15.0, 0.5
MOST_RUNS = 20
SENT, FAILED, UNCERTAIN, EITHER = "sent", "failed", "uncertain", "sent or uncertain"

FAULTS: dict[str, tuple[str, Fault, str]] = {
    "greeting refuses": ("GREETING", Fault(says=b"554 no service\r\n", drops=True), SENT),
    "greeting says later": ("GREETING", Fault(says=b"421 too busy\r\n", drops=True), SENT),
    "greeting is garbage": ("GREETING", Fault(says=b"\xff\xfe hello?\r\n", drops=True), SENT),
    "greeting never comes": ("GREETING", Fault(stalls=True), SENT),
    "hangs up at once": ("GREETING", Fault(drops=True), SENT),
    "sender later": ("MAIL", Fault(says=b"451 4.3.0 later\r\n"), SENT),
    "sender closing": ("MAIL", Fault(says=b"421 4.3.2 closing\r\n", drops=True), SENT),
    "sender dropped": ("MAIL", Fault(drops=True), SENT),
    "sender garbage": ("MAIL", Fault(says=b"what is this\r\n"), SENT),
    "sender stalled": ("MAIL", Fault(stalls=True), SENT),
    "reader later": ("RCPT", Fault(says=b"450 4.2.0 greylisted, come back\r\n"), SENT),
    "reader over quota for now": ("RCPT", Fault(says=b"452 4.2.2 mailbox full\r\n"), SENT),
    "reader unknown": ("RCPT", Fault(says=b"550 5.1.1 no such user\r\n"), FAILED),
    "reader refused by policy": ("RCPT", Fault(says=b"550-5.7.1 long\r\n550 5.7.1 story\r\n"), FAILED),
    "reader dropped": ("RCPT", Fault(drops=True), SENT),
    "reader garbage": ("RCPT", Fault(says=b"\x00\x01\r\n"), SENT),
    "reader stalled": ("RCPT", Fault(stalls=True), SENT),
    "mail not wanted now": ("DATA", Fault(says=b"451 4.3.1 disk full\r\n"), SENT),
    "mail not wanted": ("DATA", Fault(says=b"554 5.6.0 no valid recipients\r\n"), FAILED),
    "dropped before the mail": ("DATA", Fault(drops=True), SENT),
    "breaks in with words": ("BODY", Fault(says=b"421 4.3.2 shutting down\r\n", drops=True), SENT),
    "dropped before the dot, taken for whole by nobody": ("BODY", Fault(drops=True), EITHER),
    "dot later": ("DOT", Fault(says=b"451 4.3.0 scanner busy\r\n"), SENT),
    "dot refused": ("DOT", Fault(says=b"552 5.3.4 too big\r\n"), FAILED),
    "dot dropped, taken": ("DOT", Fault(drops=True, takes=True), UNCERTAIN),
    "dot dropped, not taken": ("DOT", Fault(drops=True), UNCERTAIN),
    "dot garbage, taken": ("DOT", Fault(says=b"yes\r\n", takes=True, drops=True), UNCERTAIN),
    "dot a strange code, taken": ("DOT", Fault(says=b"399 perhaps\r\n", takes=True), UNCERTAIN),
    "dot stalled, taken": ("DOT", Fault(stalls=True, takes=True), UNCERTAIN),
    "dot fine, then dropped": ("DOT", Fault(says=b"250 fine\r\n", drops=True, takes=True), SENT),
    "dot fine in many lines": ("DOT", Fault(says=b"250-a\r\n250-b\r\n250 c\r\n", takes=True), SENT),
}


@pytest.fixture
def relay() -> Iterator[SampleRelay]:
    with SampleRelay() as sample:
        yield sample


@pytest.mark.parametrize("name", FAULTS)
def test_a_relay_that_misbehaves_once(
    db: Database,
    clock: StandingClock,
    relay: SampleRelay,
    record_property: Callable[[str, object], None],
    name: str,
) -> None:
    outbox = an_outbox(db, clock, SmtpTransport(relay.settings, patience=patience(name)))
    with db.write() as tx:
        add_readers(tx, READERS)
    for week, number in enumerate((0, READERS // 2, READERS - 1)):  # the first, a middle and the last reader
        relay.starts_anew()
        with db.write() as tx:
            tx.execute(update(subscribers).values(status="active"))
            digest = publish(tx, outbox, friday=date(2026, 11, 20) + timedelta(days=7 * week))
        misbehave(relay, name, number)
        for _ in range(MOST_RUNS):
            outbox.flush()
            clock.advance(minutes=10)
            if outbox.overview().next_due_at is None:
                break
        with db.read() as tx:
            judge(relay, name, number, ledger(tx, digest.id))
        record_property("hostile", "misbehaviours of relays, of first, middle and last readers")


def patience(name: str) -> tuple[float, float]:
    """Short only for the answer that never comes, so that a busy machine is not taken for a bad relay."""
    verb, fault, _ = FAULTS[name]
    if not fault.stalls:
        return AMPLE, AMPLE
    # What was to be said before the dot is asked for again; what comes late after it leaves others uncertain too.
    return (AMPLE, 3 * SHORT) if verb == "DOT" else (SHORT, AMPLE)


def misbehave(relay: SampleRelay, name: str, number: int) -> None:
    verb, fault, _ = FAULTS[name]
    if verb != "GREETING":
        relay.faults[number, verb] = fault
        return
    # Of the connection over which that reader's mail would go.
    if number:
        relay.faults[number, "MAIL"] = Fault(says=b"421 enough for one connection\r\n", drops=True)
    relay.greetings = [*([Fault(says=b"220 hello\r\n")] if number else []), fault]


def judge(relay: SampleRelay, name: str, number: int, states: dict[str, str]) -> None:
    """The unlucky reader's fate is the one in the table, and nobody else notices a thing."""
    _, fault, fate = FAULTS[name]
    taken = Counter(one.recipient for one in relay.taken)
    unlucky = f"reader{number + 1}@example.org"
    assert states.pop(unlucky) in ((SENT, UNCERTAIN) if fate == EITHER else (fate,))
    assert set(states.values()) == {SENT}
    assert len(states) == READERS - 1
    assert all(taken[address] == 1 for address in states)
    assert taken[unlucky] == {SENT: 1, FAILED: 0, UNCERTAIN: int(fault.takes), EITHER: taken[unlucky]}[fate] <= 1
    assert not relay.faults


@pytest.mark.parametrize(
    ("verb", "says", "why", "left"),
    [
        ("MAIL", b"550 5.7.1 who are you\r\n", "refuses what we send from", 0),
        ("RCPT", b"550 5.7.1 relaying denied\r\n", "refused 5 readers in a row: 550 5.7.1", 4),
        ("DOT", b"554 5.7.1 looks like spam\r\n", "refused 5 readers in a row: 554 5.7.1", 4),
    ],
)
def test_a_relay_that_refuses_everybody_stops_the_outbox_and_fails_nobody(
    db: Database, clock: StandingClock, relay: SampleRelay, verb: str, says: bytes, why: str, left: int
) -> None:
    relay.faults |= {(number, verb): Fault(says=says) for number in range(left + 1)}
    outbox = an_outbox(db, clock, SmtpTransport(relay.settings, patience=(AMPLE, AMPLE)))
    with db.write() as tx:
        add_readers(tx, 8)
        digest = publish(tx, outbox)

    assert why in outbox.flush().stopped
    clock.advance(hours=1)
    with pytest.raises(Refused, match="on hold"):
        outbox.flush()
    with db.read() as tx:
        assert set(ledger(tx, digest.id).values()) == {"queued"}
    assert relay.taken == []

    outbox.resume()
    assert outbox.flush().sent == 8
    with db.read() as tx:
        assert set(ledger(tx, digest.id).values()) == {SENT}


def test_a_relay_that_never_answers_the_dot_is_left_after_five(
    db: Database, clock: StandingClock, relay: SampleRelay
) -> None:
    relay.faults |= {(number, "DOT"): Fault(drops=True, takes=True) for number in range(20)}
    outbox = an_outbox(db, clock, SmtpTransport(relay.settings, patience=(AMPLE, AMPLE)))
    with db.write() as tx:
        add_readers(tx, 8)
        digest = publish(tx, outbox)
    done = outbox.flush()
    assert (done.uncertain, done.sent) == (5, 0)
    with suppress(Refused):
        outbox.flush()
    with db.read() as tx:
        assert Counter(ledger(tx, digest.id).values()) == {UNCERTAIN: 5, "queued": 3}


def test_a_relay_that_says_later_to_everybody_is_left_until_later_and_given_up_after_two_days(
    db: Database, clock: StandingClock, relay: SampleRelay
) -> None:
    relay.faults |= {(number, "RCPT"): Fault(says=b"450 4.2.0 later\r\n") for number in range(1000)}
    outbox = an_outbox(db, clock, SmtpTransport(relay.settings, patience=(AMPLE, AMPLE)))
    with db.write() as tx:
        add_readers(tx, 7)
        digest = publish(tx, outbox)
    done = outbox.flush()
    assert (done.later, "asks to wait" in done.stopped) == (5, True)
    hours = 0
    while (state := outbox.overview()).next_due_at is not None:
        clock.advance(hours=1)
        hours += 1
        outbox.flush()
        assert state.state.held is None
    assert 40 <= hours <= 72
    with db.read() as tx:
        assert set(ledger(tx, digest.id).values()) == {FAILED}
