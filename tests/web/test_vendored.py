"""Scripts of others are in the repository as they were published."""

import hashlib
import re
from pathlib import Path

import pytest

from aggregator.web.pages import STATIC

ROWS = re.findall(
    r"^\| (\S+\.js) \|.* ([0-9a-f]{64}) \|$", (STATIC / "vendor" / "VENDORED.md").read_text(), re.MULTILINE
)


@pytest.mark.parametrize(("name", "checksum"), ROWS)
def test_a_vendored_file_is_as_it_was_published(name: str, checksum: str) -> None:
    assert hashlib.sha256((Path(STATIC) / "vendor" / name).read_bytes()).hexdigest() == checksum


def test_every_vendored_file_is_listed() -> None:
    assert {file.name for file in (STATIC / "vendor").glob("*.js")} == {name for name, _checksum in ROWS}
