"""A draft in the person's own editor, as a file that outlives whatever goes wrong."""

import os
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import click

from aggregator.cli.output import note, somebody_is_there
from aggregator.errors import BadDraft, Refused, WrongUse

if TYPE_CHECKING:
    from aggregator.app import App
    from aggregator.model import Digest


def edit_in_editor(app: "App", selector: str | None) -> "Digest":
    """Write the draft to a file, open it, read it back and save; the file is kept until that is done.

    Raises Refused when the editor fails or nothing was changed, BadDraft when the file cannot be read back.
    """
    draft = app.editor.editable(selector)
    edited, file = _edited(app, draft, f"five digest edit {draft.slug}")
    saved = app.editor.replace(edited, expected_revision=draft.revision)
    file.unlink()
    if draft.status != saved.status:
        note(f"It was approved, and is a draft again: it has changed. Next: five digest approve {saved.slug}")
    return saved


def correct_in_editor(app: "App", selector: str, words: str) -> "Digest":
    """Put a published digest right in the same way, with a note in these words for readers.

    Raises as `edit_in_editor`, and Refused for one that is not published.
    """
    published = app.editor.correctable(selector)
    edited, file = _edited(app, published, f"five digest correct {published.slug} --note {shlex.quote(words)}")
    saved = app.editor.correct(published.slug, edited, words)
    file.unlink()
    return saved


def _edited(app: "App", draft: "Digest", again: str) -> "tuple[Digest, Path]":
    """What the person made of a digest, and the file that holds it until that is saved; `again` opens it once more."""
    from aggregator.digest.draft_file import from_markdown, to_markdown

    file = app.settings.data / "edits" / f"{draft.slug}-{draft.revision}.md"
    file.parent.mkdir(parents=True, exist_ok=True)
    if file.exists():
        note(f"Your unfinished edit is opened again: {file}")
    else:
        _tell_of_older(file, draft.slug)
        file.write_text(to_markdown(draft), encoding="utf-8")
    while True:
        _open(file, again)
        try:
            return from_markdown(file.read_text(encoding="utf-8"), draft), file
        except UnicodeDecodeError as error:
            raise BadDraft(f"{file} is not UTF-8 any more.", f"Save it as UTF-8, then: {again}") from error
        except BadDraft as error:
            _offer_again(error, file, again)


def _tell_of_older(file: Path, slug: str) -> None:
    for older in sorted(file.parent.glob(f"{slug}-*.md")):
        note(f"An edit of an earlier state of this draft was never saved; it is in {older}")


def _offer_again(error: BadDraft, file: Path, again: str) -> None:
    note(f"Line {error.line}: {error.what} {error.hint}" if error.line else f"{error.what} {error.hint}")
    if not (somebody_is_there() and click.confirm("Open it again", default=True, err=True)):
        raise BadDraft(f"Nothing was saved. Your text is in {file}.", f"Mend it with: {again}", line=error.line)


def _open(file: Path, again: str) -> None:
    command = shlex.split(os.environ.get("VISUAL") or os.environ.get("EDITOR") or "") or _common_editor()
    try:
        done = subprocess.run([*command, str(file)], check=False)
    except OSError as error:
        raise WrongUse(
            f"The editor {command[0]} cannot be started: {error.strerror}.", "Set EDITOR to yours."
        ) from error
    if done.returncode != 0:
        raise Refused(
            f"The editor {command[0]} ended with exit code {done.returncode}. Nothing was saved.",
            f"Your text is in {file}. Take it up again with: {again}",
        )


def _common_editor() -> list[str]:
    for name in ("sensible-editor", "nano", "vi"):
        if shutil.which(name):
            return [name]
    raise WrongUse("There is no editor: neither VISUAL nor EDITOR is set.", "For example: export EDITOR=nano")
