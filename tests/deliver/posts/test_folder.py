"""Markdown in a folder, and in a real git checkout with a real remote."""

import asyncio
import os
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest

from aggregator.deliver.posts.checkout import Checkout
from aggregator.deliver.posts.folder import Folder
from aggregator.deliver.posts.places import Article, Next, Place, PostFailed
from tests.builders import a_publication
from tests.deliver.posts.setting import NOON, an_article

RIGHT = an_article(title="Put right", markdown='---\nslug: "2026-11-20"\n---\nRight\n', updated_at=NOON + timedelta(1))


def put(place: Place, article: Article) -> str:
    return asyncio.run(place.put(article))


def test_a_digest_is_a_file_and_a_correction_changes_it(tmp_path: Path) -> None:
    file = tmp_path / "2026-11-20.md"
    assert put(Folder(tmp_path), an_article()) == str(file)
    assert file.read_text() == an_article().markdown
    put(Folder(tmp_path), RIGHT)
    assert (file.read_text(), list(tmp_path.iterdir())) == (RIGHT.markdown, [file])


def test_a_file_that_is_not_ours_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "2026-11-20.md"
    for text in ("My holiday", '---\ntitle: "x"\n---\n', '---\nslug: "2026-11-2"\n---\n'):
        file.write_text(text)
        with pytest.raises(PostFailed, match="is not ours") as failed:
            put(Folder(tmp_path), an_article())
        assert (failed.value.then, file.read_text()) == (Next.PERSON, text)


def test_a_folder_that_cannot_be_written_is_told_and_tried_again(tmp_path: Path) -> None:
    gone = Folder(tmp_path / "not-mounted")
    assert "is not there" in (gone.problem() or "")
    with pytest.raises(PostFailed) as failed:
        put(gone, an_article())
    assert (failed.value.then, gone.folder.exists()) == (Next.LATER, False)
    (tmp_path / "2026-11-20.md").mkdir()
    with pytest.raises(PostFailed, match="cannot be written"):
        put(Folder(tmp_path), an_article())


# ------------------------------------------------------------------------------------------------ git


def git(folder: Path, *words: str) -> str:
    apart = {"HOME": str(folder), "GIT_CONFIG_NOSYSTEM": "1", "PATH": os.environ["PATH"]}
    done = subprocess.run(["git", *words], cwd=folder, env=apart, check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.fixture
def remote(tmp_path: Path) -> Path:
    git(tmp_path, "init", "--quiet", "--bare", "--initial-branch=main", "remote.git")
    return tmp_path / "remote.git"


@pytest.fixture
def site(tmp_path: Path, remote: Path) -> Path:
    """A checkout with one commit, pushed, and a folder for posts in it."""
    git(tmp_path, "clone", "--quiet", str(remote), "site")
    site = tmp_path / "site"
    (site / "posts").mkdir()
    (site / "config.toml").write_text("title = 'Ours'\n")
    git(site, "config", "user.name", "Ann")
    git(site, "config", "user.email", "ann@example.org")
    git(site, "add", "config.toml")
    git(site, "commit", "--quiet", "--message=First")
    git(site, "push", "--quiet", "--set-upstream", "origin", "main")
    return site


def checkout(site: Path, *, is_pushed: bool = True) -> Checkout:
    return Checkout(Folder(site / "posts"), a_publication(), is_pushed=is_pushed)


def test_a_digest_is_committed_and_pushed_and_so_is_a_correction(site: Path, remote: Path) -> None:
    place = checkout(site)
    assert place.problem() is None
    assert put(place, an_article()) == str(site / "posts" / "2026-11-20.md")
    assert git(remote, "show", "main:posts/2026-11-20.md") == an_article().markdown.strip()
    put(place, an_article())
    put(place, RIGHT)
    told = git(remote, "log", "--format=%an <%ae> %s", "main").splitlines()
    assert told == [
        "Ann <ann@example.org> Put right: Put right",
        "Ann <ann@example.org> Five for Friday (20/11/2026)",
        "Ann <ann@example.org> First",
    ]


def test_nothing_else_is_committed_whatever_is_changed_or_staged(site: Path) -> None:
    (site / "config.toml").write_text("title = 'Theirs'\n")
    git(site, "add", "config.toml")
    (site / "posts" / "draft.md").write_text("Not yet")
    put(checkout(site, is_pushed=False), an_article())
    assert git(site, "show", "--name-only", "--format=") == "posts/2026-11-20.md"
    assert git(site, "status", "--porcelain") == "M  config.toml\n?? posts/draft.md"
    assert git(site, "log", "--format=%s", "origin/main") == "First"


def test_a_push_that_fails_is_made_good(site: Path, remote: Path, tmp_path: Path) -> None:
    remote.rename(tmp_path / "away.git")
    with pytest.raises(PostFailed, match="git push failed") as failed:
        put(checkout(site), an_article())
    assert failed.value.then is Next.LATER
    (tmp_path / "away.git").rename(remote)
    put(checkout(site), an_article())
    assert git(remote, "log", "--format=%s", "main").splitlines() == ["Five for Friday (20/11/2026)", "First"]


def test_what_was_written_or_staged_before_a_kill_is_committed(site: Path) -> None:
    Folder(site / "posts").write(an_article())
    git(site, "add", "posts/2026-11-20.md")
    put(checkout(site), an_article())
    assert git(site, "log", "--format=%s", "origin/main").splitlines()[0] == "Five for Friday (20/11/2026)"


def test_others_work_is_neither_merged_nor_forced_away(site: Path, remote: Path, tmp_path: Path) -> None:
    git(tmp_path, "clone", "--quiet", str(remote), "other")
    other = tmp_path / "other"
    git(other, "-c", "user.name=Bob", "-c", "user.email=b@example.org", "commit", "--allow-empty", "-qm", "Theirs")
    git(other, "push", "--quiet")
    with pytest.raises(PostFailed, match="rejected"):
        put(checkout(site), an_article())
    assert git(remote, "log", "--format=%s", "main").splitlines() == ["Theirs", "First"]


def test_what_git_says_no_to_is_told(site: Path, tmp_path: Path) -> None:
    (site / ".gitignore").write_text("*.md\n")
    with pytest.raises(PostFailed, match="git add failed"):
        put(checkout(site), an_article())
    (tmp_path / "plain").mkdir()
    plain = Checkout(Folder(tmp_path / "plain"), a_publication(), is_pushed=False)
    assert "git rev-parse failed" in (plain.problem() or "")
    (site / ".gitignore").unlink()
    hook = site / ".git" / "hooks" / "pre-push"
    hook.write_text("#!/bin/sh\nprintf 'no: \\033[1m https://ann:hunter2@git.example.org/site.git' >&2; exit 1\n")
    hook.chmod(0o755)
    with pytest.raises(PostFailed, match="git push failed") as failed:
        put(checkout(site), an_article())
    assert "https://git.example.org/site.git" in failed.value.what
    assert "hunter2" not in failed.value.what
    assert failed.value.what.isprintable()


def test_without_a_name_of_its_own_the_publication_commits(site: Path, tmp_path: Path) -> None:
    git(site, "config", "--unset", "user.name")
    git(site, "config", "--unset", "user.email")
    put(checkout(site, is_pushed=False), an_article())
    told = git(site, "log", "-1", "--format=%an <%ae>")
    own = subprocess.run(["git", "config", "--global", "user.email"], capture_output=True, text=True, check=False)
    assert told.endswith(f"<{own.stdout.strip()}>") or told == "Five for Friday <editor@example.org>"
