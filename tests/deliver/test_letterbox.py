"""Letters to single readers: read as a mail program does, sent by a real relay or into a folder."""

import re
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path

import nh3
import pytest

from aggregator.deliver import letters
from aggregator.deliver.letterbox import Letterbox, Sent
from aggregator.deliver.message import letter, sender_of
from aggregator.deliver.returned.paths import ReturnPaths
from aggregator.deliver.settling import MOST_TRIES
from aggregator.deliver.subscribers import Subscribers
from aggregator.deliver.tokens import Tokens
from aggregator.deliver.transport import FolderTransport, SmtpTransport, Transport
from aggregator.model import Publication
from aggregator.store import deliveries, subscribers
from aggregator.store.database import Database
from tests.builders import a_publication
from tests.conftest import StandingClock
from tests.deliver.relay import Fault, SampleRelay

READER = "reader@example.org"
NOW = datetime(2026, 11, 18, 10, tzinfo=UTC)


@pytest.fixture
def tokens(tmp_path: Path) -> Tokens:
    return Tokens(tmp_path / "secret.key")


@pytest.fixture
def readers(db: Database, clock: StandingClock, tokens: Tokens) -> Subscribers:
    return Subscribers(db=db, clock=clock, publication=a_publication(), tokens=tokens)


@pytest.fixture
def folder(tmp_path: Path) -> FolderTransport:
    return FolderTransport(tmp_path / "mail")


def a_letterbox(db: Database, clock: StandingClock, tokens: Tokens, transport: Transport) -> Letterbox:
    paths = ReturnPaths("bounces@example.org", publication=a_publication(), tokens=tokens)
    return Letterbox(db=db, clock=clock, publication=a_publication(), tokens=tokens, paths=paths, transport=transport)


def mails_in(folder: FolderTransport) -> list[EmailMessage]:
    """What lies in the folder."""
    return [_read(file.read_bytes()) for file in sorted(folder.folder.glob("*.eml"))]


def _read(mail: bytes) -> EmailMessage:
    return BytesParser(EmailMessage, policy=policy.default).parsebytes(mail)


def bodies(mail: EmailMessage) -> tuple[str, str]:
    """The text and the HTML, in the order in which they stand."""
    text, html = mail.iter_parts()
    assert (text.get_content_type(), html.get_content_type()) == ("text/plain", "text/html")
    return str(text.get_content()), str(html.get_content())


def test_the_mail_that_asks_to_confirm_leads_to_the_button(
    readers: Subscribers, db: Database, clock: StandingClock, tokens: Tokens, folder: FolderTransport
) -> None:
    readers.subscribe(READER)
    assert a_letterbox(db, clock, tokens, folder).send_due() == Sent(sent=1)
    (mail,) = mails_in(folder)
    assert mail["To"] == READER
    assert mail["From"] == sender_of(a_publication())
    assert mail["Subject"] == "Please confirm: Five for Friday"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["List-Unsubscribe"] is None, "there is no subscription yet"
    found = [re.findall(r"https://five\.example\.org/confirm/([\w-]+)", body) for body in bodies(mail)]
    assert found[0] == found[1]
    assert readers.confirm(found[0][0]).address == READER


def test_who_is_a_subscriber_already_is_told_so_and_nobody_else_is(
    readers: Subscribers, db: Database, clock: StandingClock, tokens: Tokens, folder: FolderTransport
) -> None:
    readers.subscribe(READER)
    with db.read() as tx:
        found = subscribers.by_address(tx, READER)
    assert found is not None
    reader = readers.confirm(tokens.confirm(found.id, found.asked_at))
    readers.subscribe(READER)
    a_letterbox(db, clock, tokens, folder).send_due()
    (mail,) = mails_in(folder)
    assert mail["Subject"] == "You already get Five for Friday"
    links = re.findall(r"https://five\.example\.org/manage/([\w-]+)", bodies(mail)[0])
    assert [readers.holder(link) for link in links] == [reader]


def test_a_letter_is_sent_once(
    readers: Subscribers, db: Database, clock: StandingClock, tokens: Tokens, folder: FolderTransport
) -> None:
    letterbox = a_letterbox(db, clock, tokens, folder)
    for address in (READER, "other@example.org"):
        readers.subscribe(address)
    assert letterbox.send_due() == Sent(sent=2)
    clock.advance(days=1)
    assert letterbox.send_due() == Sent()


def test_letters_go_through_the_relay_over_one_connection(
    readers: Subscribers, db: Database, clock: StandingClock, tokens: Tokens
) -> None:
    for number in range(5):
        readers.subscribe(f"reader{number}@example.org")
    with SampleRelay() as relay:
        assert a_letterbox(db, clock, tokens, SmtpTransport(relay.settings)).send_due() == Sent(sent=5)
    assert relay.connections == 1
    assert [taken.recipient for taken in relay.taken] == [f"reader{number}@example.org" for number in range(5)]
    paths = ReturnPaths("bounces@example.org", publication=a_publication(), tokens=tokens)
    with db.read() as tx:
        known = [subscribers.by_address(tx, taken.recipient) for taken in relay.taken]
    assert [taken.sender for taken in relay.taken] == [paths.of_mail(None, one.id) for one in known if one is not None]
    assert all(_read(taken.mail)["To"] == taken.recipient for taken in relay.taken)


@pytest.mark.parametrize(
    ("verb", "fault", "came"),
    [
        ("RCPT", Fault(says=b"450 4.2.1 later\r\n"), Sent(sent=1, later=1)),
        ("RCPT", Fault(says=b"550 5.1.1 no such user\r\n"), Sent(sent=1, given_up=1)),
        ("MAIL", Fault(says=b"550 5.7.1 who are you\r\n"), Sent(sent=1, later=1)),
        ("DATA", Fault(says=b"554 5.6.0 not this\r\n"), Sent(sent=1, later=1)),
        ("RCPT", Fault(drops=True), Sent(sent=1, later=1)),
        ("DOT", Fault(drops=True, takes=True), Sent(sent=1, later=1)),
    ],
)
def test_a_letter_that_is_not_taken_is_tried_again_unless_the_mailbox_is_not_there(
    readers: Subscribers,
    db: Database,
    clock: StandingClock,
    tokens: Tokens,
    verb: str,
    fault: Fault,
    came: Sent,
) -> None:
    for address in (READER, "other@example.org"):
        readers.subscribe(address)
    with SampleRelay() as relay:
        relay.faults[(0, verb)] = fault
        letterbox = a_letterbox(db, clock, tokens, SmtpTransport(relay.settings))
        assert letterbox.send_due() == came
        assert letterbox.send_due() == Sent(), "not at once"
        clock.advance(minutes=5)
        assert letterbox.send_due() == Sent(sent=came.later)
        clock.advance(days=1)
        assert letterbox.send_due() == Sent()


def test_a_relay_that_is_not_there_is_tried_for_two_days(
    readers: Subscribers, db: Database, clock: StandingClock, tokens: Tokens
) -> None:
    with SampleRelay() as relay:
        gone = SmtpTransport(relay.settings)
    letterbox = a_letterbox(db, clock, tokens, gone)
    readers.subscribe(READER)
    began = clock()
    for _ in range(MOST_TRIES - 1):
        assert letterbox.send_due() == Sent(later=1)
        clock.advance(hours=4)
    assert letterbox.send_due() == Sent(given_up=1)
    clock.advance(days=1)
    assert letterbox.send_due() == Sent()
    assert (clock() - began).days >= 2


def test_letters_wait_while_the_outbox_is_on_hold(
    readers: Subscribers, db: Database, clock: StandingClock, tokens: Tokens, folder: FolderTransport
) -> None:
    readers.subscribe(READER)
    with db.write() as tx:
        deliveries.hold(tx, "This database was restored.", now=clock())
    letterbox = a_letterbox(db, clock, tokens, folder)
    assert letterbox.send_due() == Sent()
    with db.write() as tx:
        deliveries.set_state(tx, held=None, held_at=None)
    assert letterbox.send_due() == Sent(sent=1)


def test_letters_wait_while_the_outbox_is_paused_also_those_in_hand(
    readers: Subscribers, db: Database, clock: StandingClock, tokens: Tokens
) -> None:
    for address in (READER, "other@example.org"):
        readers.subscribe(address)

    def pause(_number: int, verb: str) -> None:
        if verb == "DOT":
            with db.write() as tx:
                deliveries.set_state(tx, paused_at=clock())

    with SampleRelay(on_verb=pause) as relay:
        letterbox = a_letterbox(db, clock, tokens, SmtpTransport(relay.settings))
        assert letterbox.send_due() == Sent(sent=1, later=1)
        clock.advance(hours=1)
        assert letterbox.send_due() == Sent()
        with db.write() as tx:
            deliveries.set_state(tx, paused_at=None)
        assert letterbox.send_due() == Sent(sent=1)
        assert sorted(one.recipient for one in relay.taken) == ["other@example.org", READER]


@pytest.mark.parametrize("title", ['Five & <b>Friday</b> "2"', "Fünf für Freitag – Ausgabe", "=?utf-8?q?Five?="])
def test_any_title_makes_a_letter(title: str) -> None:
    publication: Publication = a_publication(title=title, sender="", contact="")
    mail = letter(
        letters.confirmation(publication, to=READER, token="t" * 32, message_id="<a@example.org>"),
        publication=publication,
        sender=sender_of(publication),
        now=NOW,
    )
    text, html = bodies(_read(mail))
    assert title in text
    assert nh3.clean(html, tags={"b"}) == nh3.clean(html, tags=set()), "no title becomes markup"
    assert all(len(line) <= 78 for line in text.splitlines() if "http" not in line)
