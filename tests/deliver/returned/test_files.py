"""Mails in files and folders of every usual kind; what is read is left as it was."""

import mailbox
from pathlib import Path

import pytest

from aggregator.deliver.returned.files import mails_in
from aggregator.deliver.returned.report import MOST_BYTES
from aggregator.errors import FiveError, NotFound
from tests.deliver.returned.samples import complaint, dsn

MAILS = [dsn("bounces+1-1-0123456789abcdef@example.org"), complaint(), dsn()]


def mbox(folder: Path) -> Path:
    box = mailbox.mbox(folder / "box")
    for mail in MAILS:
        box.add(mail)
    box.close()
    return folder / "box"


def maildir(folder: Path) -> Path:
    box = mailbox.Maildir(folder / "Maildir")
    for mail in MAILS:
        box.add(mail)
    box.close()
    return folder / "Maildir"


def eml_files(folder: Path) -> Path:
    for number, mail in enumerate(MAILS):
        (folder / f"{number}.eml").write_bytes(mail)
    (folder / "notes.txt").write_text("not a mail")
    return folder


def contents(place: Path) -> dict[str, bytes]:
    return {str(file): file.read_bytes() for file in place.parent.rglob("*") if file.is_file()}


@pytest.mark.parametrize("make", [mbox, maildir, eml_files])
def test_every_mail_is_read_and_nothing_is_changed(tmp_path: Path, make: "type[Path]") -> None:
    place = make(tmp_path)
    before = contents(place)
    assert sorted(mail.strip() for mail in mails_in(place)) == sorted(mail.strip() for mail in MAILS)
    assert contents(place) == before


def test_one_mail_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "bounce").write_bytes(MAILS[0])
    assert list(mails_in(tmp_path / "bounce")) == [MAILS[0]]


def test_no_more_is_read_than_is_looked_at(tmp_path: Path) -> None:
    (tmp_path / "a.eml").write_bytes(b"x" * (MOST_BYTES + 1))
    (tmp_path / "box").write_bytes(b"From a\n\n" + b"x" * (2 * MOST_BYTES))
    assert [len(mail) for place in ("a.eml", "box") for mail in mails_in(tmp_path / place)] == [MOST_BYTES] * 2


def test_a_folder_without_mails_has_none(tmp_path: Path) -> None:
    assert list(mails_in(tmp_path)) == []


def test_what_is_not_there_or_cannot_be_read_is_said(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no file or folder"):
        list(mails_in(tmp_path / "nowhere"))
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    with pytest.raises(FiveError, match="loop cannot be read"):
        list(mails_in(tmp_path / "loop"))
