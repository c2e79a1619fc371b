"""Settings: environment over five.toml over defaults; a wrong value is named with its key and what is allowed."""

import tomllib
from pathlib import Path

import pytest

from aggregator.errors import BadSetting
from aggregator.settings import knobs, load_settings, sample_config


def write(folder: Path, text: str) -> Path:
    (folder / "five.toml").write_text(text, encoding="utf-8")
    return folder


def test_defaults_need_no_file(tmp_path: Path) -> None:
    settings = load_settings(tmp_path, {})
    assert (settings.picks, settings.weekday, settings.zone) == (5, "fri", "Europe/London")
    assert settings.data == tmp_path / "five-data"
    assert settings.feeds == tmp_path / "feeds.opml"


def test_the_environment_wins_over_the_file_and_the_file_over_defaults(tmp_path: Path) -> None:
    write(tmp_path, 'picks = 4\ntitle = "Four"\n')
    settings = load_settings(tmp_path, {"FIVE_PICKS": "6"})
    assert (settings.picks, settings.title) == (6, "Four")


def test_relative_paths_are_relative_to_the_file(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    write(tmp_path / "etc", 'data = "../data"\n')
    settings = load_settings(tmp_path, {"FIVE_CONFIG": "etc/five.toml"})
    assert settings.data.resolve() == tmp_path / "data"


@pytest.mark.parametrize("url", ["https://blog.example.org/news/", "http://127.0.0.1:8080", "http://localhost", ""])
def test_a_password_goes_over_https_or_stays_on_this_machine(tmp_path: Path, url: str) -> None:
    assert load_settings(tmp_path, {"FIVE_WORDPRESS_URL": url}).wordpress_url == url.rstrip("/")


def test_the_sample_file_is_all_defaults_and_every_key_in_it_is_a_setting(tmp_path: Path) -> None:
    write(tmp_path, sample_config())
    assert load_settings(tmp_path, {}) == load_settings(tmp_path / "elsewhere", {}).__class__(
        data=tmp_path / "five-data", feeds=tmp_path / "feeds.opml"
    )
    uncommented = "\n".join(line[2:] for line in sample_config().splitlines() if " = " in line)
    assert set(tomllib.loads(uncommented)) == {knob.key for knob in knobs()}
    write(tmp_path, uncommented)
    assert load_settings(tmp_path, {}).title == "Five for Friday"


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("FIVE_PICKS", "0"),
        ("FIVE_PICKS", "five"),
        ("FIVE_WEEKDAY", "5"),
        ("FIVE_WEEKDAY", "Friday"),
        ("FIVE_PUBLISH_TIME", "25:00"),
        ("FIVE_CUTOFF", "9"),
        ("FIVE_ZONE", "Europe/Atlantis"),
        ("FIVE_ZONE", "../../etc/passwd"),
        ("FIVE_BASE_URL", "ftp://example.org"),
        ("FIVE_BASE_URL", "https://example.org/?a=b"),
        ("FIVE_CONTACT", "nobody"),
        ("FIVE_CONTACT", "a@example.org\r\nX-Evil: 1"),
        ("FIVE_SENDER", "Five for Friday"),
        ("FIVE_DATE_FORMAT", "soon"),
        ("FIVE_ALLOW_NETWORKS", "10.0.0.0/33"),
        ("FIVE_SMTP_SECURITY", "ssl"),
        ("FIVE_REQUEST_DEADLINE", "0"),
        ("FIVE_LISTEN_PORT", "65536"),
        ("FIVE_TITLE", " "),
        ("FIVE_WORDPRESS_URL", "http://blog.example.org"),
        ("FIVE_WORDPRESS_URL", "https://blog.example.org/?p=1"),
        ("FIVE_WORDPRESS_STATUS", "trash"),
        ("FIVE_MARKDOWN_GIT", "yes"),
        ("FIVE_WEBHOOK_URL", "hook.example.org"),
        ("FIVE_WEBHOOK_URL", "ftp://hook.example.org/"),
        ("FIVE_DATA", ""),
    ],
)
def test_a_wrong_value_is_named_with_its_key_and_what_is_allowed(tmp_path: Path, variable: str, value: str) -> None:
    with pytest.raises(BadSetting) as refusal:
        load_settings(tmp_path, {variable: value})
    allowed = next(knob.allowed for knob in knobs() if knob.variable == variable)
    assert refusal.value.what == f"{variable} is {value!r}."
    assert allowed in refusal.value.hint


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("picks = '5'", "picks in five.toml is '5'."),
        ("pick = 5", "five.toml has the key pick, which is no setting."),
        ("picks = ", "is not TOML"),
        ("[picks]\nx = 1", "picks in five.toml is {'x': 1}."),
    ],
)
def test_a_wrong_file_is_explained(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(BadSetting, match=r".") as refusal:
        load_settings(write(tmp_path, text), {})
    assert said in refusal.value.what


def test_a_misspelt_key_is_met_with_the_right_one(tmp_path: Path) -> None:
    with pytest.raises(BadSetting) as refusal:
        load_settings(write(tmp_path, 'base_ur = "https://example.org"'), {})
    assert refusal.value.hint == "Did you mean base_url?"


def test_a_config_that_is_named_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(BadSetting, match="not there"):
        load_settings(tmp_path, {"FIVE_CONFIG": "other.toml"})
