"""`five outbox` on other publications: from publication to a file and a webhook, looked at and decided on."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from aggregator.store.migrate import open_database
from tests.cli.conftest import Five
from tests.deliver.posts.blog import Loopback, Says
from tests.rows import add_bookmark


@pytest.fixture
def posting(five: Five, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Five:
    """A draft with one pick, and a folder for posts."""
    db = open_database(folder / "five-data" / "five.sqlite", datetime.now(UTC))
    with db.write() as tx:
        add_bookmark(tx)
    db.close()
    (folder / "site").mkdir()
    monkeypatch.setenv("FIVE_MARKDOWN_FOLDER", "site")
    five("digest", "draft")
    five("digest", "pick", 1)
    return five


def posts_of(five: Five) -> dict[str, str]:
    return {row["place"]: row["status"] for row in json.loads(five("outbox", "posts", "--json").out)}


def test_a_digest_is_posted_when_it_is_published_and_again_when_it_is_put_right(posting: Five, folder: Path) -> None:
    assert "Nothing was ever sent" in posting("outbox").out
    assert f"Set up: Markdown files in {folder / 'site'}." in posting("outbox", "posts").out
    assert posting("digest", "publish", "--yes").code == 0
    assert posts_of(posting) == {"folder": "queued"}
    assert posting("outbox", "flush").out.splitlines()[0] == "1 post made, 0 failed, 0 later, 0 uncertain."
    (file,) = (folder / "site").iterdir()
    assert file.name in posting("outbox").out
    assert "Next:" not in posting("outbox").out
    (row,) = json.loads(posting("outbox", "--json").out)
    assert (row["id"], row["sent"], row["posts"]) == (file.stem, 0, {"folder": "sent"})
    assert posting("digest", "correct", file.stem, "--note", "It was *Ann*.", "--no-edit").code == 0
    assert posts_of(posting) == {"folder": "queued"}
    assert "Next:" in posting("outbox").out
    posting("outbox", "flush")
    assert "It was *Ann*." in file.read_text()


def test_a_webhook_of_which_nobody_can_tell_waits_for_a_person(posting: Five, monkeypatch: pytest.MonkeyPatch) -> None:
    with Loopback(lambda _: None) as hook:
        monkeypatch.setenv("FIVE_WEBHOOK_URL", f"{hook.url}/?key=abc")
        monkeypatch.setenv("FIVE_WEBHOOK_SECRET", "hunter2")
        posting("digest", "publish", "--yes")
        assert posting("outbox", "flush").out.splitlines()[0] == "1 post made, 0 failed, 0 later, 1 uncertain."
        assert posts_of(posting) == {"folder": "sent", "webhook": "uncertain"}
        (row,) = (row for row in json.loads(posting("outbox", "posts", "1", "--json").out) if row["place"] == "webhook")
        assert "abc" not in json.dumps(row)
        assert "--to webhook" in " ".join(posting("doctor").out.split())
        assert (
            posting("outbox", "settle", 1, "--as", "failed", "--place", "webhook").out == "Settled as failed: 1 post.\n"
        )
        hook.answers = lambda _: Says()
        assert posting("outbox", "post", 1, "--to", "webhook").out.startswith("Queued for webhook.")
        assert posting("outbox", "flush").out.splitlines()[0].startswith("1 post made")
        first, second = (asked.headers["webhook-id"] for asked in hook.asked)
        assert first == second
        assert posting("outbox", "post", 1).out.startswith("Queued for folder, webhook.")
        assert posting("outbox", "stop", 1, "--place", "webhook").out == "Stopped: 1 post.\n"
        assert posts_of(posting) == {"folder": "queued", "webhook": "skipped"}
    for command in (("post", 1, "--to"), ("stop", 1, "--place"), ("settle", 1, "--as", "sent", "--place")):
        wrong = posting("outbox", *command, "blog")
        assert (wrong.code, "no place blog" in wrong.err, "folder, webhook" in wrong.err) == (2, True, True)


def test_the_doctor_looks_at_where_digests_are_posted(
    posting: Five, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def found() -> str:
        return " ".join(posting("doctor").out.split())

    assert "✓ posts Markdown files in" in found()
    (folder / "site").rmdir()
    monkeypatch.setenv("FIVE_WORDPRESS_URL", "https://blog.example.org")
    monkeypatch.setenv("FIVE_WORDPRESS_USER", "five")
    assert "is not there" in found()
    assert "wordpress_user is set, but no password is set." in found()
    assert posting("doctor").code == 1


def test_nothing_is_posted_until_it_is_set_up(posting: Five, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FIVE_MARKDOWN_FOLDER")
    posting("digest", "publish", "--yes")
    assert "No other publication is set up" in posting("outbox", "posts").out
    assert json.loads(posting("outbox", "posts", "--json").out) == []
    assert "No other publication is set up" in posting("outbox", "post", 1).err
