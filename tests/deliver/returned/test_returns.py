"""What comes back counts once, ends what it must, and leaves all else alone."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from aggregator.app import open_app
from aggregator.deliver.outbox import Outbox
from aggregator.deliver.returned.imap import Mailbox, MailboxFailed
from aggregator.deliver.returned.paths import ReturnPaths
from aggregator.deliver.returned.returns import EVERY, Returns, Tally
from aggregator.deliver.subscribers import Subscribers
from aggregator.deliver.tokens import Tokens
from aggregator.deliver.transport import FolderTransport
from aggregator.errors import Refused
from aggregator.model import ConsentAction, Digest, ReturnedKind, SubscriberStatus
from aggregator.sandbox import Sandbox
from aggregator.store import consents, subscribers
from aggregator.store.database import Database
from aggregator.store.schema_readers import returned_mails
from tests.builders import a_publication
from tests.certificates import trusting
from tests.conftest import StandingClock
from tests.deliver.posting import NOW, add_readers, an_outbox, publish
from tests.deliver.returned.imap_server import SampleMailbox
from tests.deliver.returned.samples import automatic, blocked, complaint, dsn, full


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock(NOW)


@pytest.fixture
def tokens(db: Database) -> Tokens:
    return Tokens(db.path.with_name("secret.key"))


@pytest.fixture
def paths(tokens: Tokens) -> ReturnPaths:
    return ReturnPaths("bounces@example.org", publication=a_publication(), tokens=tokens)


@pytest.fixture
def readers(db: Database, clock: StandingClock, tokens: Tokens) -> Subscribers:
    return Subscribers(db=db, clock=clock, publication=a_publication(), tokens=tokens)


@pytest.fixture
def returns(db: Database, clock: StandingClock, sandbox: Sandbox, paths: ReturnPaths, readers: Subscribers) -> Returns:
    return Returns(db=db, clock=clock, sandbox=sandbox, paths=paths, readers=readers, mailbox=None)


@pytest.fixture
def outbox(db: Database, clock: StandingClock) -> Outbox:
    return an_outbox(db, clock, FolderTransport(db.path.with_name("mail")))


@pytest.fixture
def audience(db: Database) -> list[int]:
    with db.write() as tx:
        return add_readers(tx, 3)


@pytest.fixture
def digest(db: Database, outbox: Outbox, audience: list[int]) -> Digest:
    return send(db, outbox)


def send(db: Database, outbox: Outbox, week: int = 0) -> Digest:
    """Publish a digest and send it to everybody."""
    with db.write() as tx:
        digest = publish(tx, outbox, friday=date(2026, 11, 20) + timedelta(days=7 * week))
    outbox.flush()
    return digest


def status(db: Database, subscriber_id: int) -> SubscriberStatus:
    with db.read() as tx:
        found = subscribers.by_id(tx, subscriber_id)
    assert found is not None
    return found.status


async def test_a_hard_bounce_ends_it_once(
    db: Database, returns: Returns, paths: ReturnPaths, digest: Digest, audience: list[int]
) -> None:
    mail = dsn(paths.of_mail(digest.id, audience[0]))
    assert await returns.read([mail]) == Tally(hard=1)
    assert [status(db, each) for each in audience] == ["bounced", "active", "active"]
    assert await returns.read([mail, mail.replace(b"\n", b"\r\n")]) == Tally(again=2)
    with db.read() as tx:
        (line,) = consents.of_subscriber(tx, audience[0])
    assert (line.action, line.source) == (ConsentAction.BOUNCED, "550 5.1.1")


async def test_a_link_that_unsubscribes_tells_who_it_was_where_the_path_does_not(
    db: Database, returns: Returns, tokens: Tokens, digest: Digest, audience: list[int]
) -> None:
    token = tokens.delivery(digest.id, audience[1])
    assert await returns.read([dsn(token=token), complaint(token=token)]) == Tally(hard=1, complaint=1)
    assert [status(db, each) for each in audience] == ["active", "unsubscribed", "active"]


async def test_a_complaint_counts_once_and_keeps_the_address_from_coming_back(
    db: Database, returns: Returns, readers: Subscribers, paths: ReturnPaths, digest: Digest, audience: list[int]
) -> None:
    path = paths.of_mail(digest.id, audience[2])
    assert await returns.read([complaint(path=path), complaint(path), complaint(path=path)]) == Tally(
        complaint=1, again=2
    )
    assert [status(db, each) for each in audience] == ["active", "active", "unsubscribed"]
    with db.read() as tx:
        assert [line.action for line in consents.of_subscriber(tx, audience[2])] == [ConsentAction.COMPLAINED]
    with pytest.raises(Refused, match="complained"):
        readers.add("reader3@example.org")


async def test_the_fifth_soft_bounce_in_a_row_ends_it_though_the_relay_took_each(
    db: Database, clock: StandingClock, outbox: Outbox, returns: Returns, paths: ReturnPaths, audience: list[int]
) -> None:
    for week in range(5):
        assert status(db, audience[0]) == "active"
        digest = send(db, outbox, week)
        mail = full(paths.of_mail(digest.id, audience[0]), number=week)
        assert await returns.read([mail, mail, full(paths.of_mail(digest.id, audience[0]))]) == Tally(soft=1, again=2)
        clock.advance(days=7)
    assert [status(db, each) for each in audience] == ["bounced", "active", "active"]


@pytest.mark.parametrize("between", [None, blocked])
async def test_a_mail_that_arrives_begins_the_row_anew_and_one_that_was_not_wanted_is_passed_over(
    between: Callable[[str], bytes] | None,
    db: Database,
    clock: StandingClock,
    outbox: Outbox,
    returns: Returns,
    paths: ReturnPaths,
    audience: list[int],
) -> None:
    reader = audience[0]
    for week, came in enumerate([full, full, between, full, full, full]):
        digest = send(db, outbox, week)
        if came is not None:
            assert await returns.read([came(paths.of_mail(digest.id, reader))]) == Tally(soft=1)
        clock.advance(days=7)
    assert status(db, reader) == ("active" if between is None else "bounced")


async def test_mails_that_nobody_wants_give_nobody_up(
    db: Database, clock: StandingClock, outbox: Outbox, returns: Returns, paths: ReturnPaths, audience: list[int]
) -> None:
    for week in range(8):
        digest = send(db, outbox, week)
        await returns.read(blocked(paths.of_mail(digest.id, each)) for each in audience)
        clock.advance(days=7)
    assert [status(db, each) for each in audience] == ["active"] * 3


async def test_what_is_no_report_of_ours_is_left_alone_and_counted(
    db: Database, returns: Returns, paths: ReturnPaths, digest: Digest, audience: list[int]
) -> None:
    path = paths.of_mail(digest.id, audience[0])
    forged = path.replace("@", "0@").replace("+1-", "+2-")
    mails = [
        automatic(path, Auto_Submitted="auto-replied"),
        automatic(path),
        dsn(path, action="delayed"),
        dsn(),
        dsn(forged),
        dsn(paths.of_mail(digest.id, 999)),
        dsn(paths.of_mail(999, audience[0])),
        complaint(path, kind="not-spam"),
        b"\x00",
    ]
    assert await returns.read(mails) == Tally(reply=1, later=1, unknown=7)
    assert [status(db, each) for each in audience] == ["active"] * 3
    with db.read() as tx:
        assert tx.execute(select(returned_mails)).all() == []


async def test_a_letter_that_comes_back_ends_the_sign_up_until_it_is_made_again(
    db: Database, clock: StandingClock, returns: Returns, readers: Subscribers, paths: ReturnPaths
) -> None:
    waiting = readers.add("typo@example.org")
    mail = dsn(paths.of_mail(None, waiting.id))
    assert await returns.read([mail, mail]) == Tally(hard=1, again=1)
    assert status(db, waiting.id) == "bounced"
    clock.advance(days=1)
    assert readers.add("typo@example.org").status == "pending"
    assert await returns.read([mail]) == Tally(again=1)
    assert status(db, waiting.id) == "pending"
    assert await returns.read([dsn(paths.of_mail(None, waiting.id), number=9)]) == Tally(hard=1)


async def test_who_asked_again_since_is_not_given_up_for_an_old_mail(
    db: Database,
    clock: StandingClock,
    returns: Returns,
    readers: Subscribers,
    tokens: Tokens,
    paths: ReturnPaths,
    digest: Digest,
    audience: list[int],
) -> None:
    reader = audience[0]
    readers.unsubscribe(tokens.delivery(digest.id, reader))
    clock.advance(days=1)
    asked = readers.add("reader1@example.org")
    readers.confirm(tokens.confirm(reader, asked.asked_at))
    path = paths.of_mail(digest.id, reader)
    assert await returns.read([dsn(path), complaint(path)]) == Tally(hard=1, complaint=1)
    assert status(db, reader) == "active"


async def test_who_was_erased_is_a_number_still(
    db: Database, returns: Returns, readers: Subscribers, outbox: Outbox, paths: ReturnPaths, digest: Digest
) -> None:
    readers.erase("reader1@example.org")
    assert await returns.read([dsn(paths.of_mail(digest.id, 1))]) == Tally(hard=1)
    assert outbox.overview().returned[digest.slug][ReturnedKind.HARD] == 1


async def test_what_is_written_down_names_nobody(
    db: Database, returns: Returns, paths: ReturnPaths, digest: Digest, audience: list[int]
) -> None:
    path = paths.of_mail(digest.id, audience[0])
    await returns.read([dsn(path), full(path), complaint(path)])
    with db.read() as tx:
        rows = [tuple(row) for row in tx.execute(select(returned_mails).order_by(returned_mails.c.kind))]
    assert [(row[3], row[4]) for row in rows] == [("complaint", "abuse"), ("hard", "550 5.1.1"), ("soft", "552 5.2.2")]
    assert not any("@" in str(value) for row in rows for value in row)


async def test_a_reader_can_take_away_what_is_kept_of_it(
    returns: Returns, readers: Subscribers, tokens: Tokens, paths: ReturnPaths, digest: Digest, audience: list[int]
) -> None:
    await returns.read([full(paths.of_mail(digest.id, audience[0])), dsn(paths.of_mail(digest.id, audience[1]))])
    own = readers.own_data(tokens.delivery(digest.id, audience[0]))
    assert [(one.kind, one.said, one.at) for one in own.came_back] == [("soft", "552 5.2.2", NOW)]
    assert "552 5.2.2" in own.as_json()


async def test_counts_stand_with_their_digest(
    db: Database, outbox: Outbox, returns: Returns, paths: ReturnPaths, digest: Digest, audience: list[int]
) -> None:
    await returns.read([dsn(paths.of_mail(digest.id, audience[0])), complaint(paths.of_mail(digest.id, audience[1]))])
    later = send(db, outbox, 1)
    await returns.read([full(paths.of_mail(later.id, audience[2]))])
    assert outbox.overview().returned == {
        digest.slug: {"hard": 1, "soft": 0, "complaint": 1},
        later.slug: {"hard": 0, "soft": 1, "complaint": 0},
    }


# ---------------------------------------------------------------------------------------------------- the mailbox


@pytest.fixture
def server() -> Iterator[SampleMailbox]:
    with SampleMailbox() as sample:
        yield sample


@pytest.fixture
def fetching(
    db: Database,
    clock: StandingClock,
    sandbox: Sandbox,
    paths: ReturnPaths,
    readers: Subscribers,
    server: SampleMailbox,
) -> Returns:
    mailbox = Mailbox(server.settings(), trusted=trusting())
    return Returns(db=db, clock=clock, sandbox=sandbox, paths=paths, readers=readers, mailbox=mailbox)


async def test_the_mailbox_is_read_once_and_nothing_in_it_is_lost(
    db: Database,
    fetching: Returns,
    returns: Returns,
    paths: ReturnPaths,
    server: SampleMailbox,
    digest: Digest,
    audience: list[int],
) -> None:
    server.mails = [dsn(paths.of_mail(digest.id, audience[0])), automatic(), complaint(paths.of_mail(digest.id, 2))]
    assert await fetching.fetch() == Tally(hard=1, unknown=1, complaint=1)
    assert server.read == {1, 2, 3}
    assert await fetching.fetch() == Tally()
    server.read.clear()  # somebody marks them as unread again; and a file holds them too
    assert await fetching.fetch() == Tally(again=2, unknown=1)
    assert await returns.read(server.mails) == Tally(again=2, unknown=1)
    assert [status(db, each) for each in audience] == ["bounced", "unsubscribed", "active"]


async def test_a_mailbox_that_breaks_off_is_read_on_the_next_time(
    fetching: Returns, paths: ReturnPaths, server: SampleMailbox, digest: Digest, audience: list[int]
) -> None:
    server.mails = [dsn(paths.of_mail(digest.id, each)) for each in audience]
    server.breaks["STORE"] = b""
    with pytest.raises(Exception, match="cannot be read"):
        await fetching.fetch()
    server.breaks.clear()
    assert await fetching.fetch() == Tally(hard=2, again=1)


async def test_the_mailbox_is_looked_into_now_and_then_and_left_when_asked_to_stop(
    fetching: Returns, clock: StandingClock, server: SampleMailbox
) -> None:
    server.mails = [automatic()]
    assert await fetching.fetch_due(is_stopped=lambda: True) == Tally()
    assert server.read == set()
    assert await fetching.fetch_due() == Tally()
    clock.advance(seconds=EVERY.total_seconds())
    assert await fetching.fetch_due() == Tally(unknown=1)


async def test_the_timetable_looks_into_it(server: SampleMailbox, tmp_path: Path) -> None:
    async with open_app(replace(server.settings(), data=tmp_path / "data")) as app:
        with pytest.raises(MailboxFailed, match="certificate"):  # it is of these tests' own making
            await asyncio.to_thread(app.chores["Reading returned mail"], lambda: False)
        await asyncio.to_thread(app.chores["Reading returned mail"], lambda: False)  # not due again yet


async def test_without_a_mailbox_there_is_nothing_due(returns: Returns) -> None:
    assert await returns.fetch_due() == Tally()
    with pytest.raises(Refused, match="No mailbox"):
        await returns.fetch()
