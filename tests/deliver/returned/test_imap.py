"""Reading the mailbox: over TLS, without marking what was not counted, and plainly when it cannot be."""

from collections.abc import Iterator

import pytest

from aggregator.deliver.credentials import NoPassword
from aggregator.deliver.returned.imap import Mailbox, MailboxFailed, mailbox_of
from aggregator.deliver.returned.report import MOST_BYTES
from aggregator.settings import Settings
from tests.certificates import trusting
from tests.deliver.returned.imap_server import SampleMailbox
from tests.deliver.returned.samples import dsn


@pytest.fixture
def server() -> Iterator[SampleMailbox]:
    with SampleMailbox(mails=[dsn(), b"x" * (2 * MOST_BYTES)]) as sample:
        yield sample


def a_mailbox(server: SampleMailbox, **changes: object) -> Mailbox:
    return Mailbox(server.settings(**changes), trusted=trusting())


def test_mails_are_read_and_marked_one_by_one(server: SampleMailbox) -> None:
    with a_mailbox(server).opened() as box:
        assert box.unread() == ("1", "2")
        assert box.mail("1") == dsn().replace(b"\n", b"\r\n")
        assert len(box.mail("2")) == MOST_BYTES
        assert server.read == set()
        box.is_read("1")
    assert server.read == {1}
    assert server.commands[-1] == "LOGOUT"


def test_a_folder_may_have_any_name(server: SampleMailbox) -> None:
    server.folder = "Came back"
    with a_mailbox(server).opened() as box:
        assert len(box.unread()) == 2


def test_an_empty_mailbox_has_no_mails(server: SampleMailbox) -> None:
    server.mails = []
    with a_mailbox(server).opened() as box:
        assert box.unread() == ()


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"imap_user": "other"}, "refuses the name or the password"),
        ({"imap_password": "hunter2"}, "refuses the name or the password"),
        ({"imap_folder": "Elsewhere"}, "has no folder Elsewhere"),
        ({"imap_folder": "Früher"}, "has no folder Früher"),
        ({"imap_port": 1}, "refused"),
    ],
)
def test_what_cannot_be_read_is_said_plainly(server: SampleMailbox, changes: dict[str, object], why: str) -> None:
    with pytest.raises(MailboxFailed, match=why) as failed, a_mailbox(server, **changes).opened():
        pass
    assert "imap_host" in failed.value.hint
    assert "hunter2" not in failed.value.what


def test_without_a_password_the_server_is_not_asked(server: SampleMailbox) -> None:
    with pytest.raises(NoPassword, match="imap_user is set") as failed, a_mailbox(server, imap_password="").opened():
        pass
    assert "imap_password_file" in failed.value.hint
    assert server.commands == []


def test_a_certificate_of_strangers_is_not_believed(server: SampleMailbox) -> None:
    with pytest.raises(MailboxFailed, match="certificate cannot be trusted"), Mailbox(server.settings()).opened():
        pass
    assert server.commands == [], "neither name nor password went out"


@pytest.mark.parametrize(
    ("command", "says"),
    [
        ("GREETING", b"220 this is a relay\r\n"),
        ("CAPABILITY", b""),
        ("LOGIN", b""),
        ("SELECT", b"* BYE go away\r\n"),
        ("SEARCH", b"TAG NO not now\r\n"),
        ("SEARCH", b"\xff\xfe\r\n"),
        ("FETCH", b"* 1 FETCH (UID 1 BODY[]<0> {900}\r\nhalf"),
        ("FETCH", b"TAG BAD what\r\n"),
        ("STORE", b"TAG NO read only\r\n"),
    ],
)
def test_a_server_that_misbehaves_is_an_error_in_words(server: SampleMailbox, command: str, says: bytes) -> None:
    server.breaks[command] = says
    with pytest.raises(MailboxFailed), a_mailbox(server).opened() as box:
        for number in box.unread():
            box.mail(number)
            box.is_read(number)


def test_a_mail_that_is_gone_is_empty(server: SampleMailbox) -> None:
    server.breaks["FETCH"] = b"TAG OK nothing\r\n"
    with a_mailbox(server).opened() as box:
        assert box.mail("1") == b""


def test_none_is_read_unless_one_is_set() -> None:
    assert mailbox_of(Settings()) is None
    assert mailbox_of(Settings(imap_host="imap.example.org")) is not None
