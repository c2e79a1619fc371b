"""`five send` and `five outbox`, with mails as files."""

import json
from datetime import UTC, datetime
from email import policy
from email.parser import BytesParser
from pathlib import Path

import pytest

from aggregator.store import subscribers
from aggregator.store.migrate import open_database
from tests.cli.conftest import Five
from tests.deliver.posting import add_readers
from tests.rows import add_bookmark


@pytest.fixture
def readers(folder: Path) -> list[int]:
    db = open_database(folder / "five-data" / "five.sqlite", datetime.now(UTC))
    with db.write() as tx:
        add_bookmark(tx)
        found = add_readers(tx, 6)
    db.close()
    return found


@pytest.fixture
def slug(five: Five, readers: list[int]) -> str:
    """The digest that is published."""
    five("digest", "draft")
    five("digest", "pick", 1)
    (draft,) = json.loads(five("digest", "list", "--json").out)
    assert five("digest", "publish", "--yes").code == 0
    return str(draft["id"])


def test_a_digest_becomes_files_first_for_a_few(five: Five, folder: Path, slug: str) -> None:
    assert five("outbox", "flush").out == "5 sent, 0 failed, 0 later, 0 uncertain.\n"
    mails = [BytesParser(policy=policy.SMTP).parsebytes(file.read_bytes()) for file in folder.rglob("*.eml")]
    assert {mail["To"] for mail in mails} == {f"reader{number}@example.org" for number in range(1, 6)}
    (row,) = json.loads(five("outbox", "--json").out)
    assert (row["id"], row["sent"], row["queued"]) == (slug, 5, 1)
    waiting = json.loads(five("outbox", "show", slug, "--status", "queued", "--json").out)
    assert [one["address"] for one in waiting] == ["reader6@example.org"]
    assert "Next:" in five("outbox").out
    assert five("outbox", "stop", slug).out == "Stopped: 1 reader will not get it.\n"


def sign_up(folder: Path, count: int) -> set[str]:
    """So many ask for the mail on the page, and wait for the letter; their addresses."""
    db = open_database(folder / "five-data" / "five.sqlite", datetime.now(UTC))
    addresses = {f"new{number}@example.org" for number in range(count)}
    with db.write() as tx:
        for address in sorted(addresses):
            now = datetime.now(UTC)
            subscribers.ask(tx, address, at=now, anew_before=now, is_wanted=True)
            asked = subscribers.by_address(tx, address)
            assert asked
            subscribers.letter_due(tx, asked.id, at=now)
    db.close()
    return addresses


def test_letters_go_too(five: Five, folder: Path, slug: str) -> None:
    waiting = sign_up(folder, 60)  # more than are sent at once
    said = "60 letters sent, 0 given up, 0 later.\n5 sent, 0 failed, 0 later, 0 uncertain.\n"
    assert five("outbox", "flush").out == said
    mails = [BytesParser(policy=policy.SMTP).parsebytes(file.read_bytes()) for file in folder.rglob("*.eml")]
    assert {mail["To"] for mail in mails} >= waiting
    assert five("outbox", "flush").out == "0 sent, 0 failed, 0 later, 0 uncertain.\n"


def test_letters_of_a_copy_wait(five: Five, folder: Path, slug: str) -> None:
    sign_up(folder, 1)
    five("backup", "all.sqlite")
    five("restore", "all.sqlite", "--yes")
    assert five("outbox", "flush").out == ""
    assert list(folder.rglob("*.eml")) == []


def test_letters_wait_for_a_relay(five: Five, folder: Path, slug: str, monkeypatch: pytest.MonkeyPatch) -> None:
    sign_up(folder, 1)
    monkeypatch.setenv("FIVE_SMTP_HOST", "127.0.0.1")
    monkeypatch.setenv("FIVE_SMTP_PORT", "1")  # where nobody listens
    ran = five("outbox", "flush")
    assert ran.code == 1
    assert ran.out.startswith("0 letters sent, 0 given up, 1 later.\n")


def test_pause_and_resume(five: Five, slug: str) -> None:
    five("outbox", "pause")
    refused = five("outbox", "flush")
    assert (refused.code, "five outbox resume" in refused.err) == (1, True)
    assert "Paused" in five("outbox").out
    assert five("outbox", "resume").code == 0
    assert five("outbox", "flush").code == 0


def test_a_restore_holds_it(five: Five, folder: Path, slug: str) -> None:
    five("backup", "all.sqlite")
    five("restore", "all.sqlite", "--yes")
    assert "restored from a backup" in five("outbox", "flush").err
    assert "On hold" in five("outbox").out
    assert "restored from a backup" in five("outbox", "resume").out


def test_a_test_mail(five: Five, folder: Path, slug: str) -> None:
    assert five("send", slug, "--test", "Me@Example.org").code == 0
    (file,) = folder.rglob("*.eml")
    assert BytesParser(policy=policy.SMTP).parsebytes(file.read_bytes())["Subject"].startswith("[Test] ")
    assert five("send", slug, "--test", "nobody").code == 2
    assert five("send", "2001-01-05", "--test", "me@example.org").code == 2


def test_nothing_uncertain_nothing_to_do(five: Five, slug: str) -> None:
    assert five("outbox", "resend", slug).out == "Queued again: 0 mails.\n"
    assert five("outbox", "settle", slug, "--as", "sent").out == "Settled as sent: 0 mails.\n"
