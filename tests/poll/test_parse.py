"""Feeds as they are in the wild, good and hostile, and what is read of them."""

import json
from pathlib import Path

import msgspec
import pytest

from aggregator.model import Failed, FailureReason, ParsedEntry, ParsedFeed
from aggregator.poll.parse import read

FEEDS = Path(__file__).parent.parent / "feeds"
URL = "https://blog.example.org/feed/"
HERE = [path.name for path in sorted(FEEDS.iterdir()) if path.suffix in (".xml", ".jsonfeed")]


@pytest.mark.parametrize("name", HERE)
def test_golden(name: str, rewrite_golden: bool) -> None:
    result = read((FEEDS / name).read_bytes(), "text/xml", URL)
    golden = FEEDS / f"{name}.json"
    if rewrite_golden:
        golden.write_text(
            json.dumps(msgspec.to_builtins(result), indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
        )
    assert result == msgspec.json.decode(golden.read_bytes(), type=ParsedFeed)


def test_every_format_has_a_golden_feed() -> None:
    assert len(HERE) >= 12
    assert all((FEEDS / f"{name}.json").is_file() for name in HERE)
