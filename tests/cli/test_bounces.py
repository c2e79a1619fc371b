"""`five bounces`, what `five outbox` shows of it, and what the doctor says of mails that come back and are signed."""

import json
import sys
from pathlib import Path

import pytest

from aggregator.clock import system_clock
from aggregator.deliver.returned.paths import ReturnPaths
from aggregator.deliver.tokens import Tokens
from aggregator.deliver.transport import FolderTransport
from aggregator.store.migrate import open_database
from tests.builders import a_publication
from tests.cli.conftest import Five
from tests.deliver.posting import add_readers, an_outbox, publish
from tests.deliver.relay import SampleRelay
from tests.deliver.returned.imap_server import PASSWORD, USER, SampleMailbox
from tests.deliver.returned.samples import automatic, complaint, dsn, full


@pytest.fixture
def returned(folder: Path) -> list[bytes]:
    """What came back of a digest that four readers were sent."""
    data = folder / "five-data"
    db = open_database(data / "five.sqlite", system_clock())
    outbox = an_outbox(db, system_clock, FolderTransport(data / "mail"))
    with db.write() as tx:
        readers = add_readers(tx, 4)
        digest = publish(tx, outbox)
    assert outbox.flush().sent == 4
    db.close()
    paths = ReturnPaths("bounces@example.org", publication=a_publication(), tokens=Tokens(data / "secret.key"))
    one, two, three, _ = (paths.of_mail(digest.id, reader) for reader in readers)
    return [dsn(one), full(two), complaint(path=three), automatic(one, Auto_Submitted="auto-replied"), dsn()]


def test_what_came_back_is_read_from_files_and_stands_with_its_digest(
    five: Five, folder: Path, returned: list[bytes]
) -> None:
    (folder / "back").mkdir()
    for number, mail in enumerate(returned):
        (folder / "back" / f"{number}.eml").write_bytes(mail)
    read = five("bounces", "read", "back")
    assert read.out.splitlines() == [
        "5 mails read: 1 hard, 1 soft, 1 complaint, 0 counted before.",
        "Left alone: 2 (0 still being tried, 1 automatic answer, 1 about no mail of ours or not understood).",
    ]
    again = five("bounces", "read", "back/0.eml", "back/1.eml")
    assert again.out == "2 mails read: 0 hard, 0 soft, 0 complaints, 2 counted before.\n"
    (row,) = json.loads(five("outbox", "--json").out)
    assert row["returned"] == {"hard": 1, "soft": 1, "complaint": 1}
    assert "2026-11-20: 2 came back (1 hard, 1 soft); 1 complaint.\n" in five("outbox").out
    states = [one["status"] for one in json.loads(five("subscribers", "list", "--json").out)]
    assert states == ["bounced", "active", "unsubscribed", "active"]


def test_what_cannot_be_read_is_said(five: Five, folder: Path) -> None:
    missing = five("bounces", "read", "nowhere")
    assert (missing.code, missing.err) == (2, "five: There is no file or folder nowhere.\n")
    unset = five("bounces", "fetch")
    assert unset.code == 1
    assert "imap_host" in unset.err
    assert five("bounces", "read").code == 2


def test_without_the_extra_it_says_what_to_install(five: Five, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "a.eml").write_bytes(dsn())
    monkeypatch.setitem(sys.modules, "flufl", None)
    refused = five("bounces", "read", "a.eml")
    assert refused.code == 1
    assert "flufl.bounce is missing" in refused.err
    assert "pip install '.[bounces]'" in refused.err


def test_the_doctor_says_how_mails_come_back_and_are_signed(
    five: Five, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "None is expected" in five("doctor").out
    with SampleRelay() as relay, SampleMailbox(mails=[dsn()]) as mailbox:
        port = mailbox.settings().imap_port
        given = {"SMTP_HOST": "127.0.0.1", "SMTP_PORT": relay.settings.smtp_port, "SMTP_SECURITY": "none"}
        for name, value in given.items():
            monkeypatch.setenv(f"FIVE_{name}", str(value))
        assert "set bounce_address" in five("doctor").out
        monkeypatch.setenv("FIVE_BOUNCE_ADDRESS", "bounces@example.org")
        assert "five bounces read FILE" in five("doctor").out
        for name, value in {"HOST": "localhost", "PORT": port, "USER": USER, "PASSWORD": PASSWORD}.items():
            monkeypatch.setenv(f"FIVE_IMAP_{name}", str(value))
        found = five("doctor")
        assert found.code == 1
        assert "certificate cannot be trusted" in " ".join(found.out.split()), "it is of these tests' own making"
        monkeypatch.setenv("FIVE_DKIM_SELECTOR", "five")
        monkeypatch.setenv("FIVE_DKIM_KEY_FILE", "no.pem")
        assert "no.pem cannot be read" in " ".join(five("doctor").out.split())
