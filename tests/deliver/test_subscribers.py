"""Readers subscribe, confirm, leave and are forgotten; maintainers add, import, export and erase."""

import csv
import io
import json
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select, text

from aggregator.deliver.bounces import SOFT_BOUNCES, hard_bounce, soft_bounce
from aggregator.deliver.imports import Outcome
from aggregator.deliver.subscribers import CONFIRM_WITHIN, KEPT_AFTER_END, PER_ADDRESS, PER_NETWORK, Subscribers
from aggregator.deliver.tokens import Tokens, hash_of
from aggregator.errors import BadAddress, NotFound, Refused, WrongUse
from aggregator.model import ConsentAction, DeliveryStatus, Subscriber, SubscriberStatus
from aggregator.store import consents, subscribers
from aggregator.store.database import Database
from aggregator.store.schema_readers import attempts, deliveries
from aggregator.store.schema_readers import consents as consent_lines
from tests.builders import a_publication
from tests.conftest import StandingClock
from tests.rows import add_digest

READER = "reader@example.org"


@pytest.fixture
def tokens(tmp_path: Path) -> Tokens:
    return Tokens(tmp_path / "secret.key")


@pytest.fixture
def readers(db: Database, clock: StandingClock, tokens: Tokens) -> Subscribers:
    return Subscribers(db=db, clock=clock, publication=a_publication(), tokens=tokens)


def known(db: Database, address: str = READER) -> Subscriber:
    with db.read() as tx:
        found = subscribers.by_address(tx, address)
    assert found is not None
    return found


def confirm_link(db: Database, tokens: Tokens, address: str = READER) -> str:
    found = known(db, address)
    return tokens.confirm(found.id, found.asked_at)


def joined(readers: Subscribers, db: Database, tokens: Tokens, address: str = READER) -> Subscriber:
    """A subscriber who confirmed."""
    readers.subscribe(address)
    return readers.confirm(confirm_link(db, tokens, address))


def letters(db: Database, clock: StandingClock) -> int:
    """How many mails wait to be sent."""
    with db.read() as tx:
        return len(subscribers.letters_due(tx, now=clock(), limit=100))


def queued_for(db: Database, tokens: Tokens, reader: Subscriber, friday: date, clock: StandingClock) -> str:
    """A delivery that waits; gives the token of its links."""
    with db.write() as tx:
        digest_id = add_digest(tx, friday=friday)
        token = tokens.delivery(digest_id, reader.id)
        tx.execute(
            insert(deliveries).values(
                digest_id=digest_id,
                subscriber_id=reader.id,
                status="queued",
                message_id=f"<{friday}.{reader.id}@five.example.org>",
                token_hash=hash_of(token),
                queued_at=clock(),
                next_try_at=clock(),
                tries=1,
                error="451 <reader@example.org> later",
            )
        )
    return token


# ------------------------------------------------------------------------------------------------ coming


def test_nobody_gets_the_mail_before_they_confirm(
    readers: Subscribers, db: Database, tokens: Tokens, clock: StandingClock
) -> None:
    readers.subscribe("Reader@Example.org")
    assert known(db).status is SubscriberStatus.PENDING
    with db.read() as tx:
        assert subscribers.active(tx) == ()
    assert letters(db, clock) == 1

    link = confirm_link(db, tokens)
    assert readers.waiting(link).address == READER
    assert known(db).status is SubscriberStatus.PENDING, "to look is not to confirm"

    clock.advance(hours=1)
    assert readers.confirm(link).status is SubscriberStatus.ACTIVE
    assert known(db).confirmed_at == clock()
    with db.read() as tx:
        assert [address for _, address in subscribers.active(tx)] == [READER]
    assert letters(db, clock) == 0


def test_to_confirm_twice_is_as_once(readers: Subscribers, db: Database, tokens: Tokens, clock: StandingClock) -> None:
    first = joined(readers, db, tokens)
    clock.advance(days=40)
    assert readers.confirm(confirm_link(db, tokens)) == first
    with db.read() as tx:
        assert [line.action for line in consents.of_subscriber(tx, first.id)] == ["asked", "confirmed"]


def test_the_link_of_an_earlier_mail_works_as_well_as_that_of_the_newest(
    readers: Subscribers, db: Database, tokens: Tokens, clock: StandingClock
) -> None:
    readers.subscribe(READER)
    link = confirm_link(db, tokens)
    clock.advance(days=2)
    readers.subscribe(READER)
    assert readers.confirm(link).status is SubscriberStatus.ACTIVE


def test_who_asks_again_late_has_two_weeks_again(
    readers: Subscribers, db: Database, tokens: Tokens, clock: StandingClock
) -> None:
    readers.subscribe(READER)
    clock.advance(days=13)
    readers.subscribe(READER)
    clock.advance(days=13)
    assert readers.purge() == 0
    assert readers.confirm(confirm_link(db, tokens)).status is SubscriberStatus.ACTIVE


def test_a_link_works_for_two_weeks_and_then_its_address_is_forgotten(
    readers: Subscribers, db: Database, tokens: Tokens, clock: StandingClock
) -> None:
    readers.subscribe(READER)
    link = confirm_link(db, tokens)
    clock.now += CONFIRM_WITHIN - timedelta(seconds=1)
    assert readers.purge() == 0
    assert readers.waiting(link)
    clock.advance(seconds=2)
    for verb in (readers.waiting, readers.confirm):
        with pytest.raises(NotFound):
            verb(link)
    assert readers.purge() == 1
    assert readers.page() == ()
    assert db.problems() == []


@pytest.mark.parametrize("token", ["", "x", "a" * 32, "\udc80", "../../etc/passwd", "x" * 100_000])
def test_a_made_up_link_leads_to_nobody(readers: Subscribers, token: str) -> None:
    readers.subscribe(READER)
    for verb in (readers.waiting, readers.confirm, readers.holder, readers.own_data, readers.erase_own):
        with pytest.raises(NotFound):
            verb(token)
    assert readers.unsubscribe(token) is None
    assert readers.counts()[SubscriberStatus.PENDING] == 1


def test_what_is_no_address_leaves_no_trace(readers: Subscribers, db: Database) -> None:
    with pytest.raises(BadAddress):
        readers.subscribe("reader@example.org\r\nBcc: other@example.org")
    assert readers.page() == ()
    with db.read() as tx:
        assert tx.scalar(select(func.count()).select_from(attempts)) == 0


def test_no_link_stands_in_the_database(readers: Subscribers, db: Database, tokens: Tokens) -> None:
    reader = joined(readers, db, tokens)
    links = (tokens.confirm(reader.id, reader.asked_at), tokens.manage(reader.id))
    db.close()
    written = b"".join(file.read_bytes() for file in db.path.parent.glob("five.sqlite*"))
    assert READER.encode() in written, "the search looks where it should"
    assert not any(link.encode() in written for link in links)


# ------------------------------------------------------------------------------------------------ too often


def test_one_victim_gets_three_mails_a_day_at_most(readers: Subscribers, db: Database, clock: StandingClock) -> None:
    sent = 0
    for number in range(100):
        readers.subscribe(READER, network=f"10.0.{number}.0/24")
        with db.write() as tx:
            for found, _ in subscribers.letters_due(tx, now=clock(), limit=10):
                subscribers.letter_settled(tx, found.id)
                sent += 1
    assert sent == PER_ADDRESS
    clock.advance(hours=24)
    readers.subscribe(READER)
    assert letters(db, clock) == 1


def test_one_network_is_told_to_wait_and_others_are_not(readers: Subscribers, clock: StandingClock) -> None:
    for number in range(PER_NETWORK):
        readers.subscribe(f"reader{number}@example.org", network="192.0.2.0/24")
    with pytest.raises(Refused, match="your network"):
        readers.subscribe("one-more@example.org", network="192.0.2.0/24")
    readers.subscribe("one-more@example.org", network="198.51.100.0/24")
    clock.advance(hours=1)
    readers.subscribe("another@example.org", network="192.0.2.0/24")
    assert readers.counts()[SubscriberStatus.PENDING] == PER_NETWORK + 2


def test_who_asked_is_not_written_down_in_clear_and_is_forgotten_after_a_day(
    readers: Subscribers, db: Database, clock: StandingClock
) -> None:
    readers.subscribe(READER, network="192.0.2.0/24")
    with db.read() as tx:
        kept = list(tx.execute(select(attempts.c.who_hash)).scalars())
    assert len(kept) == 2
    assert not any("192" in one and "0/24" in one for one in kept)
    clock.advance(hours=25)
    readers.purge()
    with db.read() as tx:
        assert tx.scalar(select(func.count()).select_from(attempts)) == 0


@pytest.mark.parametrize("status", list(SubscriberStatus))
def test_nothing_tells_whether_an_address_is_known(
    readers: Subscribers, db: Database, tokens: Tokens, clock: StandingClock, status: SubscriberStatus
) -> None:
    reader = joined(readers, db, tokens)
    with db.write() as tx:
        if status is not SubscriberStatus.ACTIVE:
            subscribers.end(tx, reader.id, status, at=clock())
        else:
            subscribers.letter_settled(tx, reader.id)
    readers.subscribe(READER)
    readers.subscribe("stranger@example.org")
    assert letters(db, clock) == 2, "each gets a mail, so that no answer differs, nor how long it takes"


# ------------------------------------------------------------------------------------------------ leaving


def test_leaving_takes_effect_at_once_and_twice_is_as_once(
    readers: Subscribers, db: Database, tokens: Tokens, clock: StandingClock
) -> None:
    reader = joined(readers, db, tokens)
    token = queued_for(db, tokens, reader, date(2026, 11, 20), clock)
    assert readers.holder(token) == reader
    left = readers.unsubscribe(token, source="one-click")
    assert left is not None
    assert (left.status, left.ended_at) == (SubscriberStatus.UNSUBSCRIBED, clock())
    clock.advance(days=1)
    assert readers.unsubscribe(token) == left
    with db.read() as tx:
        assert tx.scalar(select(deliveries.c.status)) == DeliveryStatus.SKIPPED
        assert subscribers.active(tx) == ()
        lines = consents.of_subscriber(tx, reader.id)
    assert [(line.action, line.source) for line in lines] == [
        ("asked", "form"),
        ("confirmed", "link"),
        ("unsubscribed", "one-click"),
    ]


def test_the_link_of_every_mail_works_for_ever(
    readers: Subscribers, db: Database, tokens: Tokens, clock: StandingClock
) -> None:
    reader = joined(readers, db, tokens)
    old = queued_for(db, tokens, reader, date(2026, 11, 20), clock)
    clock.advance(days=3000)
    newer = queued_for(db, tokens, reader, date(2026, 11, 27), clock)
    assert readers.holder(old) == readers.holder(newer) == readers.holder(tokens.manage(reader.id)) == reader
    assert readers.unsubscribe(old)
    assert readers.unsubscribe(newer)


def test_links_in_mails_outlive_a_lost_key(
    readers: Subscribers, db: Database, tokens: Tokens, clock: StandingClock, tmp_path: Path
) -> None:
    reader = joined(readers, db, tokens)
    token = queued_for(db, tokens, reader, date(2026, 11, 20), clock)
    other = Subscribers(db=db, clock=clock, publication=a_publication(), tokens=Tokens(tmp_path / "another.key"))
    assert other.holder(token) == reader


def test_an_old_confirmation_brings_nobody_back_who_left(readers: Subscribers, db: Database, tokens: Tokens) -> None:
    reader = joined(readers, db, tokens)
    link = confirm_link(db, tokens)
    readers.unsubscribe(tokens.manage(reader.id))
    with pytest.raises(NotFound):
        readers.confirm(link)


def test_who_left_may_come_back_by_confirming_again(
    readers: Subscribers, db: Database, tokens: Tokens, clock: StandingClock
) -> None:
    reader = joined(readers, db, tokens)
    readers.unsubscribe(tokens.manage(reader.id))
    clock.advance(days=1)
    again = joined(readers, db, tokens)
    assert (again.id, again.status, again.ended_at) == (reader.id, SubscriberStatus.ACTIVE, None)
    assert readers.preview(READER).count(Outcome.KNOWN) == 1
    with db.read() as tx:
        assert consents.suppression(tx, tokens.address_hash(READER)) is None


def test_who_left_is_forgotten_after_a_month_and_not_brought_back(
    readers: Subscribers, db: Database, tokens: Tokens, clock: StandingClock
) -> None:
    left, bounced = joined(readers, db, tokens), joined(readers, db, tokens, "bounced@example.org")
    readers.unsubscribe(tokens.manage(left.id))
    with db.write() as tx:
        hard_bounce(tx, bounced.id, clock())
    clock.now += KEPT_AFTER_END
    assert readers.purge() == 0
    clock.advance(seconds=1)
    assert readers.purge() == 2
    assert readers.page() == ()
    assert readers.preview(f"{READER}\nbounced@example.org").count(Outcome.LEFT) == 2


# ------------------------------------------------------------------------------------------------ one's own data


def test_everything_that_is_kept_can_be_taken_away(
    readers: Subscribers, db: Database, tokens: Tokens, clock: StandingClock
) -> None:
    reader = joined(readers, db, tokens)
    token = queued_for(db, tokens, reader, date(2026, 11, 20), clock)
    taken = json.loads(readers.own_data(token).as_json())
    assert taken["subscriber"]["address"] == READER
    assert [line["action"] for line in taken["consents"]] == ["asked", "confirmed"]
    assert taken["consents"][0]["wording"] == readers.wording
    assert taken["received"] == [{"digest": "2026-11-20", "status": "queued", "sent_at": None}]


@pytest.mark.parametrize("by", ["link", "address"])
def test_erasing_leaves_a_hash_and_numbers(
    readers: Subscribers, db: Database, tokens: Tokens, clock: StandingClock, by: str
) -> None:
    reader = joined(readers, db, tokens)
    token = queued_for(db, tokens, reader, date(2026, 11, 20), clock)
    if by == "link":
        readers.erase_own(token)
    else:
        readers.erase("READER@example.org")
    with db.read() as tx:
        tables = list(tx.execute(text("SELECT name FROM sqlite_master WHERE type = 'table'")).scalars())
        held = [str(row) for table in tables for row in tx.execute(text(f'SELECT * FROM "{table}"'))]
        assert tx.execute(select(deliveries.c.status, deliveries.c.error)).one() == ("skipped", None)
        assert set(tx.execute(select(consent_lines.c.subscriber_id)).scalars()) == {None}
    assert not [row for row in held if "reader" in row.lower()]
    assert readers.unsubscribe(token) is None
    assert readers.preview(READER).lines[0].reason == "erased"
    assert db.problems() == []


def test_nobody_gets_the_number_or_the_links_of_somebody_who_was_erased(
    readers: Subscribers, db: Database, tokens: Tokens
) -> None:
    reader = joined(readers, db, tokens)
    readers.erase(READER)
    other = joined(readers, db, tokens, "other@example.org")
    assert other.id > reader.id
    assert readers.unsubscribe(tokens.manage(reader.id)) is None


def test_an_address_that_was_never_here_can_be_kept_out(readers: Subscribers) -> None:
    readers.erase("never@example.org")
    assert readers.preview("never@example.org").count(Outcome.LEFT) == 1


# ------------------------------------------------------------------------------------------------ import, export


A_LIST = """\
name,email
Active,active@example.org
Pending,pending@example.org
Left,left@example.org
Bounced,bounced@example.org
Erased,erased@example.org
Complained,complained@example.org
New,New@example.org
Again,new@example.org
Wrong,nobody at all
"""


@pytest.fixture
def all_sorts(readers: Subscribers, db: Database, tokens: Tokens, clock: StandingClock) -> Subscribers:
    """One of each."""
    joined(readers, db, tokens, "active@example.org")
    readers.subscribe("pending@example.org")
    readers.unsubscribe(tokens.manage(joined(readers, db, tokens, "left@example.org").id))
    with db.write() as tx:
        subscribers.end(
            tx,
            subscribers.add_confirmed(tx, ["bounced@example.org"], at=clock())[0],
            SubscriberStatus.BOUNCED,
            at=clock(),
        )
    joined(readers, db, tokens, "erased@example.org")
    readers.erase("erased@example.org")
    joined(readers, db, tokens, "complained@example.org")
    readers.complained("complained@example.org")
    return readers


OUTCOMES = [
    (2, "active@example.org", Outcome.KNOWN, "active"),
    (3, "pending@example.org", Outcome.KNOWN, "pending"),
    (4, "left@example.org", Outcome.LEFT, "unsubscribed"),
    (5, "bounced@example.org", Outcome.LEFT, "bounced"),
    (6, "erased@example.org", Outcome.LEFT, "erased"),
    (7, "complained@example.org", Outcome.LEFT, "unsubscribed"),
    (8, "new@example.org", Outcome.ADDED, ""),
    (9, "new@example.org", Outcome.REPEATED, ""),
]


def test_an_import_shows_first_what_it_would_do(all_sorts: Subscribers) -> None:
    before = all_sorts.page()
    plan = all_sorts.preview(A_LIST)
    assert [(line.line, line.address, line.outcome, line.reason) for line in plan.lines[:-1]] == OUTCOMES
    assert (plan.lines[-1].outcome, plan.lines[-1].address) == (Outcome.WRONG, "nobody at all")
    assert all_sorts.page() == before


def test_an_import_brings_in_who_is_new_with_its_basis_and_nobody_back(all_sorts: Subscribers, db: Database) -> None:
    expected = all_sorts.preview(A_LIST)
    assert all_sorts.bring_in(A_LIST, basis="paper forms,\n March 2026") == expected
    new = known(db, "new@example.org")
    assert new.status is SubscriberStatus.ACTIVE
    with db.read() as tx:
        lines = consents.of_subscriber(tx, new.id)
        assert [address for _, address in subscribers.active(tx)] == ["active@example.org", "new@example.org"]
    assert [(line.action, line.source) for line in lines] == [
        (ConsentAction.IMPORTED, "import: paper forms, March 2026")
    ]
    assert all_sorts.bring_in(A_LIST, basis="paper forms, March 2026").added == (), "twice is as once"


@pytest.mark.parametrize("basis", ["", "  \n", "yes", "a\x00bcdefghijkl"])
def test_an_import_needs_a_basis(readers: Subscribers, basis: str) -> None:
    with pytest.raises(WrongUse, match="basis"):
        readers.bring_in("new@example.org", basis=basis)
    assert readers.page() == ()


def test_an_import_with_the_wrong_key_is_refused_because_it_would_bring_back_who_left(
    all_sorts: Subscribers, db: Database, clock: StandingClock, tmp_path: Path
) -> None:
    other = Subscribers(db=db, clock=clock, publication=a_publication(), tokens=Tokens(tmp_path / "another.key"))
    with pytest.raises(Refused, match=r"secret\.key"):
        other.preview(A_LIST)
    with pytest.raises(Refused, match=r"secret\.key"):
        other.bring_in(A_LIST, basis="paper forms, March 2026")


def test_thousands_are_brought_in_at_once(readers: Subscribers, db: Database) -> None:
    people = [f"reader{number}@example.org" for number in range(2_000)]
    plan = readers.bring_in("email\n" + "\n".join(people), basis="moved from the old list")
    assert plan.count(Outcome.ADDED) == len(people)
    with db.read() as tx:
        active = subscribers.active(tx)
        assert [address for _, address in active] == people
        last = consents.of_subscriber(tx, active[-1][0])
    assert [line.action for line in last] == [ConsentAction.IMPORTED]


def test_what_is_exported_has_no_formula_and_can_be_imported_elsewhere(all_sorts: Subscribers) -> None:
    all_sorts.bring_in("=cmd@example.org\n+44@example.org", basis="paper forms, March 2026")
    exported = all_sorts.export()
    rows = list(csv.DictReader(io.StringIO(exported, newline="")))
    assert [row["status"] for row in rows if row["email"] == "bounced@example.org"] == ["bounced"]
    assert not [cell for row in rows for cell in row.values() if cell[:1] in {"=", "+", "-", "@"}]
    plan = all_sorts.preview(exported)
    assert {line.address for line in plan.lines} >= {"=cmd@example.org", "+44@example.org"}
    assert plan.added == ()


# ------------------------------------------------------------------------------------------------ by hand, and bounces


def test_adding_somebody_asks_them(readers: Subscribers, db: Database, tokens: Tokens, clock: StandingClock) -> None:
    assert readers.add(READER).status is SubscriberStatus.PENDING
    assert letters(db, clock) == 1
    readers.confirm(confirm_link(db, tokens))
    with pytest.raises(Refused, match="already"):
        readers.add(READER)
    readers.complained(READER)
    with pytest.raises(Refused, match="complained"):
        readers.add(READER)


def test_who_complained_gets_no_mail_at_all(
    readers: Subscribers, db: Database, tokens: Tokens, clock: StandingClock
) -> None:
    joined(readers, db, tokens)
    readers.complained(READER)
    readers.complained("stranger@example.org")
    for address in (READER, "stranger@example.org"):
        readers.subscribe(address)
    assert letters(db, clock) == 0
    assert known(db).status is SubscriberStatus.UNSUBSCRIBED


def test_five_soft_bounces_in_a_row_are_a_hard_one(
    readers: Subscribers, db: Database, tokens: Tokens, clock: StandingClock
) -> None:
    reader = joined(readers, db, tokens)
    for number in range(1, SOFT_BOUNCES):
        with db.write() as tx:
            soft_bounce(tx, reader.id, clock(), said="452 4.2.2")
        assert (known(db).soft_bounces, known(db).status) == (number, SubscriberStatus.ACTIVE)
    with db.write() as tx:
        soft_bounce(tx, reader.id, clock(), said="452 4.2.2")
        soft_bounce(tx, reader.id + 1, clock(), said="452 4.2.2")  # erased in the meantime
        lines = consents.of_subscriber(tx, reader.id)
    assert known(db).status is SubscriberStatus.BOUNCED
    assert (lines[-1].action, lines[-1].source) == (ConsentAction.BOUNCED, "452 4.2.2")


def test_subscribers_are_listed_page_by_page(all_sorts: Subscribers) -> None:
    first = all_sorts.page(limit=2)
    rest = all_sorts.page(after=first[-1].id)
    assert [one.id for one in (*first, *rest)] == sorted(one.id for one in all_sorts.page())
    assert [one.address for one in all_sorts.page(status=SubscriberStatus.PENDING)] == ["pending@example.org"]
    assert all_sorts.counts() == {"pending": 1, "active": 1, "unsubscribed": 2, "bounced": 1}
