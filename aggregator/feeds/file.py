"""The feeds file on disk: read whole, replaced whole or not at all."""

import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path

from aggregator.errors import BadListing, NotFound, Refused
from aggregator.feeds import opml
from aggregator.feeds.amend import amend as amended
from aggregator.feeds.outlines import MAX_BYTES
from aggregator.locks import hold
from aggregator.model import Listing


@contextmanager
def changing(lock: Path) -> Iterator[None]:
    """One change of the feeds file at a time, whichever process makes it. Raises Refused while another goes on."""
    with hold(lock, wait=1) as held:
        if not held:
            raise Refused("Another command is changing the feeds file.", "Wait for it to end.")
        yield


def load(file: Path) -> tuple[Listing, ...]:
    """The listings of `file`. Raises NotFound when it is missing, BadListing, naming it, when it cannot be read."""
    try:
        return _listings(_content(file))
    except BadListing as error:
        raise _named(file, error) from error


@lru_cache(maxsize=1)
def _listings(content: bytes) -> tuple[Listing, ...]:
    """What a text lists: the file is asked for far more often than it changes."""
    return opml.read(content)


def add(file: Path, listing: Listing) -> None:
    """Write an outline for `listing` into `file`, in the group of its kind; a missing file is made.

    Raises Refused when its feed is listed there already, or when the file cannot be written; BadListing as `load`.
    """
    if not file.exists():
        return _replace(file, opml.write([listing], title="Five for Friday: the blogs we follow"))
    content = _content(file)
    try:
        key = opml.address_key(listing.xml_url or "")
        for other in opml.read(content):
            if other.xml_url and opml.address_key(other.xml_url) == key:
                what = f"{other.xml_url} is listed already, in {file}, line {other.line}: “{other.title}”."
                raise Refused(what, "To follow what is listed: five feeds sync")
        return _replace(file, opml.insert(content.decode(), listing, listing.kind))
    except BadListing as error:
        raise _named(file, error) from error


def add_all(file: Path, listings: Sequence[Listing]) -> None:
    """Write an outline for each of these into `file`, each in the group of its kind; a missing file is made.

    Whether they are listed already is not looked at. Raises Refused when the file cannot be written; BadListing as
    `load`.
    """
    if not listings:
        return None
    if not file.exists():
        return _replace(file, opml.write(listings, title="Five for Friday: the blogs we follow"))
    return _replace(file, opml.insert_all(text_of(file), listings))


def put(file: Path, content: bytes) -> None:
    """Put another list in the place of `file`, byte for byte, and keep what was there beside it, as `.before`.

    Raises BadListing for what is no list, Refused when a file cannot be written.
    """
    opml.read(content)
    if file.exists():
        _replace(file.with_name(f"{file.name}.before"), _content(file).decode("utf-8", "surrogateescape"))
    _replace(file, content.decode())


def amend(file: Path, changes: Mapping[str, str | None]) -> frozenset[str]:
    """Change the outlines of these feeds in `file`, as `amend.amend` does; which of them were found.

    Raises NotFound, BadListing as `load`, and Refused when the file cannot be written.
    """
    before = text_of(file)
    after, found = would_be(file, before, changes)
    if after != before:
        _replace(file, after)
    return found


def would_be(file: Path, before: str, changes: Mapping[str, str | None]) -> tuple[str, frozenset[str]]:
    """The text of `file` as these changes would make it, and which of the feeds were found. Raises as `amend`."""
    try:
        return amended(before, changes)
    except BadListing as error:
        raise _named(file, error) from error


def text_of(file: Path) -> str:
    """What `file` says. Raises NotFound, BadListing as `load`."""
    try:
        return _content(file).decode()
    except UnicodeDecodeError as error:
        raise BadListing(f"{file} is not UTF-8 text.", "Save the file as UTF-8.") from error


def _content(file: Path) -> bytes:
    try:
        with file.open("rb") as handle:
            return handle.read(MAX_BYTES + 1)
    except FileNotFoundError as error:
        raise NotFound(f"{file} is not there.", "Name an OPML file, or set FIVE_FEEDS to yours.") from error
    except OSError as error:
        raise BadListing(f"{file} cannot be read: {error.strerror}.", "Check what it is and who owns it.") from error


def _named(file: Path, error: BadListing) -> BadListing:
    what = error.what if str(file) in error.what else f"{file}: {error.what}"
    return BadListing(what, error.hint, line=error.line)


def _replace(file: Path, text: str) -> None:
    target = file.resolve()  # a symbolic link stays one
    draft = target.with_name(f".{target.name}.new")
    try:
        mode = stat.S_IMODE(target.stat().st_mode) if target.exists() else None
        with draft.open("wb") as handle:
            handle.write(text.encode("utf-8", "surrogateescape"))
            if mode is not None:
                os.fchmod(handle.fileno(), mode)
            handle.flush()
            os.fsync(handle.fileno())
        draft.replace(target)
    except OSError as error:
        with suppress(OSError):
            draft.unlink()
        raise Refused(
            f"{file} cannot be written: {error.strerror}; nothing was changed.", "Mend that first."
        ) from error
