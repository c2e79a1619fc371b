"""`five site` and `five suggestions` in a folder of their own."""

import json
from pathlib import Path

from aggregator.app import open_app
from aggregator.model import SuggestionKind
from aggregator.settings import load_settings
from tests.cli.conftest import Five


def test_the_site_is_written_and_twice_is_as_once(five: Five, folder: Path) -> None:
    first = five("site", "out")
    assert first.code == 0
    assert "0 as they were, 0 removed" in first.out
    assert "set forms = false" in first.err
    assert "The first digest is on its way" in (folder / "out" / "index.html").read_text(encoding="utf-8")
    assert "out: 0 files written" in five("site", "out").out


def test_a_site_over_other_peoples_files_is_refused(five: Five, folder: Path) -> None:
    (folder / "index.html").write_text("mine")
    refused = five("site", ".")
    assert refused.code == 1
    assert "is not ours" in refused.err
    assert (folder / "index.html").read_text() == "mine"


def test_suggestions_are_listed_and_settled(five: Five, folder: Path) -> None:
    assert five("suggestions").out == "No suggestion waits.\n"
    app = open_app(load_settings(folder))
    for n in range(2):
        app.suggestions.suggest(SuggestionKind.LINK, f"https://example.org/{n}", words="Read it.", thank="Ann")
    app.db.close()
    shown = five("suggestions").out
    assert "https://example.org/1 “Read it.”" in shown
    first, second = json.loads(five("suggestions", "--json").out)
    assert (first["kind"], first["thank"], first["status"]) == ("link", "Ann", "waiting")
    assert five("suggestions", "accept", first["id"]).out == "1 suggestion accepted.\n"
    assert five("suggestions", "decline", second["id"]).out == "1 suggestion declined.\n"
    again = five("suggestions", "accept", first["id"], second["id"])
    assert again.code == 2
    assert f"no suggestion {first['id']} that waits" in again.err
