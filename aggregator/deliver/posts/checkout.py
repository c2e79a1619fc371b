"""A folder of Markdown files in a git checkout: each is committed, and pushed if that is wanted.

Only our own file is committed, whatever else is changed or staged there: that is what git does when a commit names its
files. Nothing is fetched, merged or forced.
"""

import asyncio
import os
import signal
import subprocess
from contextlib import suppress

from aggregator.deliver.posts.folder import Folder
from aggregator.deliver.posts.places import Article, PostFailed
from aggregator.logs import redacted
from aggregator.model import Publication

_SECONDS = 60
"""What one git command may take; a push goes over the network."""
_LONGEST_REASON = 300


class Checkout:
    """A place: see Place."""

    name = "git"
    finds_again = True

    def __init__(self, folder: Folder, publication: Publication, *, is_pushed: bool) -> None:
        self._folder = folder
        self._publication = publication
        self._is_pushed = is_pushed
        self.about = f"{folder.about}, committed{' and pushed' if is_pushed else ''} by git"

    def problem(self) -> str | None:
        """See Place."""
        if problem := self._folder.problem():
            return problem
        try:
            self._git("rev-parse", "--is-inside-work-tree")
        except PostFailed as failure:
            return failure.what
        return None

    async def put(self, article: Article) -> str:
        """See Place."""
        return await asyncio.to_thread(self._put, article)

    def _put(self, article: Article) -> str:
        file = self._folder.write(article)
        self._git("add", "--", file.name)  # fails for one that git was told to ignore
        if self._git("status", "--porcelain", "--", file.name):
            said = f"Put right: {article.title}" if article.is_corrected else article.title
            self._git(*self._who(), "commit", "--quiet", f"--message={said}", "--", file.name)
        if self._is_pushed:  # also when there was nothing to commit: an earlier push may have failed
            self._git("push", "--quiet")
        return str(file)

    def _who(self) -> tuple[str, ...]:
        """Who commits: whom the checkout names, else we."""
        with suppress(PostFailed):
            if self._git("config", "user.email"):
                return ()
        address = self._publication.contact if "@" in self._publication.contact else "five@localhost"
        return ("-c", f"user.name={self._publication.title}", "-c", f"user.email={address}")

    def _git(self, *words: str) -> str:
        """What a git command says. Raises PostFailed when it fails, and when it takes too long."""
        command = ["git", *words]
        try:
            process = subprocess.Popen(
                command,
                cwd=self._folder.folder,
                env=_environment(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,  # no terminal, where git or ssh would wait for a password
            )
        except OSError as error:
            raise PostFailed(
                f"git cannot be run: {error.strerror}.", "Install it, or set markdown_git to no."
            ) from error
        with process:
            try:
                out, trouble = process.communicate(timeout=_SECONDS)
            except subprocess.TimeoutExpired as error:
                os.killpg(process.pid, signal.SIGKILL)
                raise PostFailed(f"git {_verb(words)} took longer than {_SECONDS} seconds.") from error
        if process.returncode:
            plain = "".join(one if one.isprintable() else " " for one in trouble.decode("utf-8", "replace"))
            reason = redacted(" ".join(plain.split()))[:_LONGEST_REASON]
            what = f"git {_verb(words)} failed in {self._folder.folder}: {reason or process.returncode}"
            raise PostFailed(what, "It is tried again by itself.")
        return out.decode("utf-8", "replace").strip()


def _verb(words: tuple[str, ...]) -> str:
    return next(word for word in words if word.isalpha() or word == "rev-parse")


def _environment() -> dict[str, str]:
    """Ours, but that git finds its repository by the folder alone, asks nothing, and speaks English."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    kept = {name: os.environ[name] for name in ("GIT_SSH", "GIT_SSH_COMMAND") if name in os.environ}
    return own | kept | {"GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C.UTF-8"}
