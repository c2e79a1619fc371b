"""Tokens are derived from one key, made once."""

import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from aggregator.deliver.tokens import Tokens, hash_of
from aggregator.errors import FiveError

NOW = datetime(2026, 11, 18, 10, tzinfo=UTC)


def test_a_token_is_the_same_every_time_and_different_for_each_purpose_and_person(tmp_path: Path) -> None:
    tokens, again = Tokens(tmp_path / "secret.key"), Tokens(tmp_path / "secret.key")
    made = [
        tokens.manage(1),
        tokens.manage(2),
        tokens.delivery(1, 1),
        tokens.delivery(1, 11),
        tokens.delivery(11, 1),
        tokens.confirm(1, NOW),
        tokens.confirm(1, NOW + timedelta(microseconds=1)),
    ]
    assert len(set(made)) == len(made)
    assert again.manage(1) == tokens.manage(1)
    assert all(len(token) == 32 and token.replace("-", "").replace("_", "").isalnum() for token in made)
    assert len({hash_of(token) for token in made}) == len(made)


def test_another_key_makes_other_tokens_and_says_so(tmp_path: Path) -> None:
    one, other = Tokens(tmp_path / "one.key"), Tokens(tmp_path / "other.key")
    assert one.manage(1) != other.manage(1)
    assert one.address_hash("reader@example.org") != other.address_hash("reader@example.org")
    assert one.key_id != other.key_id


def test_only_its_owner_may_read_the_key_and_nothing_else_is_left_behind(tmp_path: Path) -> None:
    Tokens(tmp_path / "secret.key").manage(1)
    assert stat.S_IMODE((tmp_path / "secret.key").stat().st_mode) == 0o600
    assert [file.name for file in tmp_path.iterdir()] == ["secret.key"]


def test_programs_that_start_together_agree_on_one_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = set(pool.map(lambda _: Tokens(tmp_path / "secret.key").manage(1), range(32)))
    assert len(made) == 1


@pytest.mark.parametrize("content", [b"", b"abc", b"\xff" * 64, b"z" * 64])
def test_a_file_that_holds_no_key_is_refused_and_stays(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "secret.key"
    file.write_bytes(content)
    with pytest.raises(FiveError, match="holds no key"):
        Tokens(file).manage(1)
    assert file.read_bytes() == content


def test_a_folder_that_is_not_there_is_explained(tmp_path: Path) -> None:
    with pytest.raises(FiveError, match="cannot be used"):
        Tokens(tmp_path / "none" / "secret.key").manage(1)


@pytest.mark.parametrize("token", ["", "a", "\udc80", "x" * 100_000])
def test_whatever_stands_in_an_address_line_has_a_hash(token: str) -> None:
    assert len(hash_of(token)) == 64
