"""The Friday walk of the README, command by command, on the sample blogs."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from aggregator.demo.server import FeedServer
from tests.cli.conftest import Five


def rows(text: str) -> list[dict[str, Any]]:
    found = json.loads(text)
    assert isinstance(found, list)
    assert all("id" in row for row in found)
    return found


@pytest.fixture
def polled(five: Five, blogs: FeedServer) -> Five:
    """Followed and polled."""
    assert five("init").code == 0
    assert five("feeds", "sync").code == 0
    assert five("poll").code == 0
    return five


def test_the_whole_way(polled: Five, editor: Callable[[str], None]) -> None:
    inbox = rows(polled("inbox", "--json").out)
    assert len(inbox) == len({row["title"] for row in inbox}) > 15
    twice = [row for row in inbox if row["also_in"]]
    assert [row["title"] for row in twice] == ["The prototype nobody used, and what it taught us"]

    shown = polled("show", inbox[0]["id"])
    assert inbox[0]["title"] in shown.out
    assert inbox[0]["url"] in shown.out

    for row in inbox[:6]:
        assert polled("shortlist", row["id"], "--note", f"Because of {row['id']}.").code == 0
    assert polled("dismiss", inbox[6]["id"], inbox[7]["id"]).code == 0
    assert len(rows(polled("inbox", "--json").out)) == len(inbox) - 8

    shortlist = rows(polled("shortlist", "--json").out)
    assert [row["note"] for row in shortlist] == [f"Because of {row['id']}." for row in inbox[:6]]

    assert polled("digest", "draft").code == 0
    ids = [row["id"] for row in shortlist]
    assert "5 of 5 picks" in polled("digest", "pick", *ids[:5]).out
    sixth = polled("digest", "pick", ids[5])
    assert sixth.code == 0
    assert "That is 6 picks" in sixth.err
    assert polled("digest", "unpick", 6).code == 0
    assert polled("digest", "move", 5, 1).out.splitlines()[0].endswith(shortlist[4]["title"])

    lint = polled("digest", "lint")
    assert lint.code == 1
    assert "intro" in lint.out
    editor("text = text.replace(text, text)")
    assert polled("digest", "edit").code == 0

    assert polled("digest", "publish").code == 1  # nobody to ask
    published = polled("digest", "publish", "--yes")
    assert published.code == 0
    assert "number 1" in published.out
    for form in ("email-html", "email-text", "page", "markdown", "json", "atom"):
        rendering = polled("render", "--as", form)
        assert rendering.code == 0
        assert shortlist[0]["note"].rstrip(".") in " ".join(rendering.out.split())
    assert polled("doctor").code == 0


def test_polling_again_brings_nothing_and_breaks_nothing(polled: Five, blogs: FeedServer) -> None:
    before = rows(polled("inbox", "--json").out)
    again = rows(polled("poll", "--all", "--json").out)
    assert {row["outcome"] for row in again} == {"unchanged", "failed"}
    assert rows(polled("inbox", "--json").out) == before


def test_sick_feeds_are_reported_and_stop_nobody(five: Five, blogs: FeedServer) -> None:
    five("feeds", "sync")
    reports = {row["title"]: row for row in rows(five("poll", "--json").out)}
    failed = {title: row["reason"] for title, row in reports.items() if row["outcome"] == "failed"}
    assert failed == {
        "Loamshire Digital (broken)": "unreadable",
        "Wessex County digital (gone)": "gone",
    }
    assert reports["Barchester transformation"]["new"] == 2


def test_a_feed_whose_host_asked_for_peace_does_not_count_as_polled(
    five: Five, folder: Path, server: FeedServer
) -> None:
    listings = [f'<outline text="{name}" type="rss" xmlUrl="{server.url(f"/{name}")}"/>' for name in ("a", "b", "c")]
    opml = f'<opml version="2.0"><body>{"".join(listings)}</body></opml>'
    (folder / "feeds.opml").write_text(opml, encoding="utf-8")
    five("feeds", "sync")
    server.fails("/a", 429, {"Retry-After": "3600"})
    assert five("poll", "--feed", "1").code == 0
    told = five("poll", "--all").out
    assert "asked to be left alone" in told
    assert "0 feeds polled: 0 new entries, 0 changed; 0 unchanged, 0 failed; 3 not asked." in told
    assert [path for path, _ in server.requests] == ["/a"]


def test_one_feed_alone(five: Five, blogs: FeedServer) -> None:
    five("feeds", "sync")
    reports = rows(five("poll", "--feed", blogs.url("/okafor/feed"), "--json").out)
    assert [row["title"] for row in reports] == ["Maya Okafor"]


def test_search_finds_and_limits(polled: Five) -> None:
    assert [row["title"] for row in rows(polled("inbox", "--search", "bicycle spreadsheet", "--json").out)] == [
        "Counting benches: our smallest open data set yet"
    ]
    assert len(rows(polled("inbox", "--limit", "3", "--json").out)) == 3
    assert "Nothing with those words" in polled("inbox", "--search", "zeppelin").out
    assert polled("inbox", "--search", '"AND (').code == 0


def test_any_page_on_the_web_can_be_shortlisted(polled: Five, blogs: FeedServer) -> None:
    blogs.says("/page", "<title>A page of ours</title><p>Hello", content_type="text/html")
    done = polled("shortlist", blogs.url("/page"), "--note", "Found it.")
    assert done.code == 0
    assert "A page of ours" in done.out
    dead = polled("shortlist", blogs.url("/nowhere"))
    assert dead.code == 0
    assert dead.err
    assert len(rows(polled("shortlist", "--json").out)) == 2


def draft_with_two_picks(polled: Five) -> None:
    for row in rows(polled("inbox", "--json").out)[:2]:
        polled("shortlist", row["id"], "--note", "Yes.")
    polled("digest", "draft")
    polled("digest", "pick", *(row["id"] for row in rows(polled("shortlist", "--json").out)))


def test_an_edit_that_cannot_be_read_back_loses_nothing(
    polled: Five, folder: Path, editor: Callable[[str], None]
) -> None:
    draft_with_two_picks(polled)
    before = polled("digest", "show").out
    editor('text = "every heading is gone, but the words are mine"')
    failed = polled("digest", "edit")
    assert failed.code == 1
    assert "five digest edit" in failed.err
    assert polled("digest", "show").out == before
    kept = list((folder / "five-data" / "edits").iterdir())
    assert [file.read_text() for file in kept] == ["every heading is gone, but the words are mine"]
    assert str(kept[0]) in failed.err.replace("\n", "")


def test_an_editor_that_fails_changes_nothing(polled: Five, editor: Callable[[str], None]) -> None:
    draft_with_two_picks(polled)
    before = polled("digest", "show").out
    editor("sys.exit(3)")
    failed = polled("digest", "edit")
    assert failed.code == 1
    assert "exit code 3" in failed.err
    assert polled("digest", "show").out == before


def test_there_is_no_such_editor(polled: Five, monkeypatch: pytest.MonkeyPatch) -> None:
    draft_with_two_picks(polled)
    monkeypatch.setenv("VISUAL", "no-such-editor")
    failed = polled("digest", "edit")
    assert failed.code == 2
    assert "no-such-editor" in failed.err


def test_publishing_an_empty_digest_is_refused(polled: Five) -> None:
    polled("digest", "draft")
    refused = polled("digest", "publish", "--yes")
    assert refused.code == 1
    assert "empty" in refused.err or "no pick" in refused.err


@pytest.mark.parametrize(
    "arguments",
    [
        ("show", 99999),
        ("show", "twelve"),
        ("dismiss", 99999),
        ("shortlist", 99999),
        ("shortlist", "ftp://example.org/"),
        ("shortlist", "javascript:alert(1)"),
        ("digest", "show", "2031-01-03"),
        ("digest", "show", "last week"),
        ("digest", "draft", "--friday", "2026-11-19"),
        ("digest", "pick", 99999),
        ("digest", "unpick", 9),
        ("render", "--as", "pdf"),
        ("render", "2031-01-03", "--as", "page"),
        ("poll", "--feed", "https://nobody.example/feed"),
        ("feeds", "sync", "missing.opml"),
        ("restore", "missing.sqlite", "--yes"),
        ("inbox", "--since", "yesterday-ish"),
        ("nonsense",),
    ],
)
def test_wrong_use_says_so_and_shows_no_traceback(five: Five, arguments: tuple[object, ...]) -> None:
    five("digest", "draft")
    refused = five(*arguments)
    assert refused.code == 2, refused
    assert refused.err
    assert "Traceback" not in refused.err


def test_one_wrong_id_among_several_changes_nothing(polled: Five) -> None:
    first = rows(polled("inbox", "--json").out)[0]["id"]
    assert polled("shortlist", first, 99999).code == 2
    assert polled("dismiss", first, 99999).code == 2
    assert rows(polled("shortlist", "--json").out) == []
    assert rows(polled("inbox", "--json").out)[0]["id"] == first
