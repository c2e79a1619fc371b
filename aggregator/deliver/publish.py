"""What is published: as feeds carry it, and as files for any web host, written once and safe to repeat."""

import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from aggregator.deliver.syndication import Published
from aggregator.digest.render import content_of
from aggregator.errors import Refused
from aggregator.model import Digest, Form

DIGESTS_IN_A_FEED = 20
LIST = ".five-site"
"""In a folder of static pages, the names of the files that are ours: nothing else is changed or removed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What writing a site changed: how many files."""

    written: int
    unchanged: int
    removed: int


class Digests(Protocol):
    """Where the digests are: the editor's verbs that read."""

    def published(self, limit: int = ...) -> tuple[Digest, ...]:
        """The published ones, the newest first."""

    def rendering(self, selector: str | None, form: Form | str) -> str:
        """A digest in one form, frozen when it was published."""


def latest(digests: Digests) -> tuple[Published, ...]:
    """The newest published digests, as many as a feed carries."""
    return tuple(edition(digests, digest) for digest in digests.published(DIGESTS_IN_A_FEED))


def edition(digests: Digests, digest: Digest) -> Published:
    """One digest; a draft as it would be."""
    return Published(digest=digest, html=content_of(digests.rendering(digest.slug, Form.PAGE)))


def write_site(folder: Path, files: Mapping[str, bytes]) -> Written:
    """Make `folder` hold `files`, by their names within it; what an earlier run wrote and is no more is removed.

    A file that is right already is not touched; each other one appears whole or not at all, and a run that was
    stopped is made good by the next. Raises Refused for a file that somebody else put there, and when the folder
    cannot be written.
    """
    try:
        ours = _listed(folder)
        changed = {name: body for name, body in files.items() if _content(folder / name) != body}
        for name in sorted(changed.keys() - ours):
            if (folder / name).exists():
                raise Refused(f"{folder / name} is there, and is not ours.", "Name a folder of its own, or move it.")
        folder.mkdir(parents=True, exist_ok=True)
        _list(folder, ours | files.keys())
        for name, body in changed.items():
            put(folder / name, body)
        removed = [name for name in sorted(ours - files.keys()) if _remove(folder, name)]
        _list(folder, files.keys())
    except OSError as error:
        raise Refused(
            f"{error.filename} cannot be written: {error.strerror}.", "Mend that, and run it again."
        ) from error
    return Written(written=len(changed), unchanged=len(files) - len(changed), removed=len(removed))


def _listed(folder: Path) -> set[str]:
    content = _content(folder / LIST) or b""
    names = set(content.decode("utf-8", "replace").splitlines())
    return {name for name in names if ".." not in Path(name).parts and not Path(name).is_absolute()}


def _list(folder: Path, names: Collection[str]) -> None:
    body = "".join(f"{name}\n" for name in sorted(names)).encode()
    if _content(folder / LIST) != body:
        put(folder / LIST, body)


def _content(file: Path) -> bytes | None:
    return file.read_bytes() if file.is_file() else None


def put(file: Path, body: bytes) -> None:
    """Make `file` hold `body`, at once and whole or not at all. Raises OSError."""
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f".{file.name}.new")
    try:
        with draft.open("wb") as handle:
            handle.write(body)
            handle.flush()
            os.fsync(handle.fileno())
        draft.replace(file)
    finally:
        draft.unlink(missing_ok=True)


def _remove(folder: Path, name: str) -> bool:
    """Remove a file, and the folders that it leaves empty; whether it was there."""
    file = folder / name
    was_there = file.is_file()
    file.unlink(missing_ok=True)
    for parent in file.parents:
        if parent == folder or not parent.is_dir() or any(parent.iterdir()):
            break
        parent.rmdir()
    return was_there
