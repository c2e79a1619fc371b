"""`five subscribers`: who gets the mail."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Five
from tests.deliver.relay import Fault, SampleRelay

A_LIST = "name,email\nA,a@example.org\nB,=b@example.org\nC,A@example.org\nD,nonsense\n"
GO = ("--yes", "--basis", "paper forms, March 2026")


def test_adding_somebody_sends_a_mail_that_asks(five: Five, folder: Path) -> None:
    ran = five("subscribers", "add", "Reader@example.org")
    assert (ran.code, ran.err) == (0, "")
    assert "reader@example.org is asked to confirm" in ran.out
    (mail,) = (folder / "five-data" / "mail").glob("*.eml")
    assert "http://127.0.0.1:8000/confirm/" in mail.read_text()
    (one,) = json.loads(five("subscribers", "list", "--json").out)
    assert (one["id"], one["address"], one["status"]) == (1, "reader@example.org", "pending")


def test_whoever_cannot_be_asked_now_is_not_said_to_be(five: Five, folder: Path) -> None:
    five("init")
    (folder / "five-data" / "mail").write_text("not a folder", encoding="utf-8")
    failed = five("subscribers", "add", "reader@example.org")
    assert (failed.code, "The mail could not be sent." in failed.err) == (0, True)
    assert failed.out == "reader@example.org is asked to confirm when it can be: by five serve, or five outbox flush.\n"

    five("outbox", "pause")
    paused = five("subscribers", "add", "another@example.org")
    assert paused.out == "another@example.org is asked to confirm when sending goes on. See: five outbox\n"


def test_whoever_the_relay_refuses_was_not_asked(five: Five, monkeypatch: pytest.MonkeyPatch) -> None:
    with SampleRelay() as relay:
        relay.faults[0, "RCPT"] = Fault(says=b"550 5.1.1 unknown\r\n")
        monkeypatch.setenv("FIVE_SMTP_HOST", "127.0.0.1")
        monkeypatch.setenv("FIVE_SMTP_PORT", str(relay.port))
        monkeypatch.setenv("FIVE_SMTP_SECURITY", "none")
        refused = five("subscribers", "add", "reader@example.org")
    assert (refused.out, refused.err) == ("", "Nobody was asked: the relay refuses reader@example.org.\n")


def test_an_import_shows_first_and_then_does(five: Five, folder: Path) -> None:
    (folder / "list.csv").write_text(A_LIST, encoding="utf-8")
    shown = five("subscribers", "import", "list.csv")
    assert shown.code == 0
    assert "2 would be added" in shown.out
    assert "line 5: 'nonsense'" in shown.out
    assert "Nothing was changed" in shown.err
    assert json.loads(five("subscribers", "list", "--json").out) == []

    without = five("subscribers", "import", "list.csv", "--yes")
    assert (without.code, "needs its basis" in without.err) == (2, True)

    done = five("subscribers", "import", "list.csv", *GO)
    assert (done.code, "2 added" in done.out) == (0, True)
    listed = json.loads(five("subscribers", "list", "--status", "active", "--json").out)
    assert [one["address"] for one in listed] == ["a@example.org", "=b@example.org"]


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"\x00\x01\x02", b"", b"name\nA\n", b'email\n"a'])
def test_a_file_that_is_no_list_is_explained(five: Five, folder: Path, content: bytes) -> None:
    (folder / "list.csv").write_bytes(content)
    ran = five("subscribers", "import", "list.csv")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("five: ")


@pytest.mark.parametrize("encoding", ["windows-1252", "utf-16", "utf-8-sig"])
def test_however_a_spreadsheet_saved_it_it_is_read(five: Five, folder: Path, encoding: str) -> None:
    (folder / "list.csv").write_bytes("Name;Email\r\nJosé;jose@example.org\r\n".encode(encoding))
    assert "1 would be added" in five("subscribers", "import", "list.csv").out


def test_a_file_that_is_not_there_is_named(five: Five) -> None:
    ran = five("subscribers", "import", "nothing.csv")
    assert (ran.code, "nothing.csv" in ran.err) == (2, True)


def test_who_is_erased_is_not_brought_back(five: Five, folder: Path) -> None:
    (folder / "list.csv").write_text(A_LIST, encoding="utf-8")
    five("subscribers", "import", "list.csv", *GO)
    assert five("subscribers", "erase", "a@example.org").code == 1, "nobody is there to ask"
    assert five("subscribers", "erase", "a@example.org", "--yes").code == 0
    exported = five("subscribers", "export").out
    assert "a@example.org" not in exported.replace("'=b@example.org", "")
    assert "'=b@example.org" in exported
    again = five("subscribers", "import", "list.csv", *GO).out
    assert "0 added" in again
    assert "a@example.org' (erased)" in again


def test_a_long_list_goes_on(five: Five, folder: Path) -> None:
    (folder / "list.csv").write_text("\n".join(f"r{number}@example.org" for number in range(5)), encoding="utf-8")
    five("subscribers", "import", "list.csv", *GO)
    ran = five("subscribers", "list", "--limit", "3")
    assert "0 pending, 5 active, 0 unsubscribed, 0 bounced." in ran.out
    assert "Go on with: five subscribers list --after 3" in ran.out
    assert "r3@example.org" not in ran.out
    assert "r3@example.org" in five("subscribers", "list", "--after", "3").out


def test_the_doctor_knows_when_the_key_is_not_the_right_one(five: Five, folder: Path) -> None:
    five("init")
    assert "0 pending, 0 active" in five("doctor").out
    key = folder / "five-data" / "secret.key"
    assert not key.exists(), "to look changes nothing"
    five("subscribers", "erase", "a@example.org", "--yes")
    assert "✗ readers" not in five("doctor").out
    key.write_text("0" * 64)
    ran = five("doctor")
    assert ran.code == 1
    assert "✗ readers" in ran.out
    (folder / "list.csv").write_text(A_LIST, encoding="utf-8")
    assert "Bring the secret.key of your backup back" in five("subscribers", "import", "list.csv").err
