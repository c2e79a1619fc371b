"""Mails in files: one mail (.eml), a mailbox (mbox), a folder of .eml files or a Maildir. Nothing is changed."""

import mailbox
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from aggregator.deliver.returned.report import MOST_BYTES
from aggregator.errors import FiveError, NotFound


def mails_in(place: Path) -> Iterator[bytes]:
    """The mails in a file or a folder, each cut to what is read of it.

    Raises NotFound when nothing is there; FiveError when it cannot be read.
    """
    try:
        yield from _mails_in(place)
    except FileNotFoundError as error:
        raise NotFound(f"There is no file or folder {place}.") from error
    except OSError as error:
        raise FiveError(f"{error.filename or place} cannot be read: {error.strerror or error}.") from error


def _mails_in(place: Path) -> Iterator[bytes]:
    if place.is_dir() and (place / "cur").is_dir() and (place / "new").is_dir():
        yield from _of(mailbox.Maildir(place, create=False))
    elif place.is_dir():
        for file in sorted(place.glob("*.eml")):
            yield _start_of(file)
    else:
        start = _start_of(place)
        if start.startswith(b"From "):
            yield from _of(mailbox.mbox(place, create=False))
        else:
            yield start


def _of(box: "mailbox.Maildir | mailbox.mbox") -> Iterator[bytes]:
    with closing(box):
        for key in sorted(box.keys()):
            with closing(box.get_file(key)) as mail:
                yield mail.read(MOST_BYTES)


def _start_of(file: Path) -> bytes:
    with file.open("rb") as mail:
        return mail.read(MOST_BYTES)
