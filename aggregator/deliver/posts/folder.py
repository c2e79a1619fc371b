"""A folder of Markdown files with front matter, as generators of static sites read them."""

import asyncio
import os
from pathlib import Path

from aggregator.deliver import publish
from aggregator.deliver.posts.places import Article, Next, PostFailed


class Folder:
    """A place: see Place. Each file appears whole or not at all; a file that is not ours is left alone."""

    name = "folder"
    finds_again = True

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.about = f"Markdown files in {folder}"

    def problem(self) -> str | None:
        """See Place."""
        if not self.folder.is_dir():
            return f"The folder {self.folder} is not there."
        return None if os.access(self.folder, os.W_OK | os.X_OK) else f"The folder {self.folder} cannot be written."

    async def put(self, article: Article) -> str:
        """See Place."""
        return str(await asyncio.to_thread(self.write, article))

    def write(self, article: Article) -> Path:
        """Write the file of a digest; gives it. Raises PostFailed."""
        file = self.folder / f"{article.slug}.md"
        try:
            if problem := self.problem():  # a disk that is not mounted must not become a folder
                raise PostFailed(problem, "Make it, or set markdown_folder.")
            if file.exists() and not _is_ours(file, article.slug):
                what = f"{file} is there, and is not ours."
                raise PostFailed(what, "Move it, and post the digest again.", then=Next.PERSON)
            publish.put(file, article.markdown.encode())
        except OSError as error:
            raise PostFailed(f"{file} cannot be written: {error.strerror}.", "It is tried again by itself.") from error
        return file


def _is_ours(file: Path, slug: str) -> bool:
    """Whether its front matter is that of this digest."""
    head = file.read_bytes()[:8192].decode("utf-8", "replace")
    return head.startswith("---\n") and f'\nslug: "{slug}"\n' in head
