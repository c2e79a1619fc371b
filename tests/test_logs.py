"""Log lines: one event, one line, no secrets, for people or for programs."""

import json
import logging
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator import logs
from aggregator.logs import Lines, event, redacted, written

LOG = logging.getLogger("aggregator.test")
SECRETS = (
    "https://ann:hunter2@blog.example/feed",
    "http://blog.example/feed?key=hunter2",
    "http://blog.example/feed?a=b&auth=hunter2#hunter2=hunter2",
    "//blog.example?hunter2",
    "https://five.example/confirm/hunter2",
    "https://five.example/manage/hunter2?x",
    "/unsubscribe/hunter2",
    "https://feeds.example/hunter2aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa1/rss",
    "Settings(smtp_password='hunter2', picks=5)",
    '{"password": "hunter2 hunter2"}',
    "token=hunter2",
    "Authorization: Bearer hunter2",
    "set-cookie: session=hunter2",
    "api_key=hunter2, and more",
    "hunter2@example.org could not be reached",
    "550 <hunter2@example.org>: no such mailbox",
)


def line(style: logs.Style, message: str, **fields: object) -> str:
    record = LOG.makeRecord(LOG.name, logging.INFO, __file__, 1, message, (), None, extra={"fields": fields})
    return Lines(style).format(record)


@pytest.mark.parametrize("style", ["plain", "json"])
@pytest.mark.parametrize("secret", SECRETS)
def test_no_secret_is_in_a_line(style: logs.Style, secret: str) -> None:
    assert "hunter2" not in line(style, secret)
    assert "hunter2" not in line(style, "polled", url=secret)
    try:
        raise ValueError(secret)
    except ValueError as error:
        record = LOG.makeRecord(
            LOG.name, logging.ERROR, __file__, 1, "oh", (), (ValueError, error, error.__traceback__)
        )
    assert "hunter2" not in Lines(style).format(record)


def test_what_is_no_secret_stays() -> None:
    for text in ("https://blog.example:8080/a/2026/11/how-we-built-a-rather-long-address-for-a-post/", "5 new, 3 old"):
        assert redacted(text) == text
    assert redacted("https://blog.example/feed?format=rss") == "https://blog.example/feed?format=***"


@pytest.mark.parametrize("style", ["plain", "json"])
@settings(deadline=None, max_examples=50)
@given(text=st.text())
def test_a_line_is_one_line_whatever_a_stranger_says(style: logs.Style, text: str) -> None:
    for made in (line(style, text), line(style, "x", url=text)):
        assert made.isprintable()
        assert made.splitlines() == [made]


def test_a_forged_line_stays_inside_its_own() -> None:
    forged = "x\n2026-11-18T10:00:00.000+00:00 error all is lost\x1b[2J\u202e"
    assert line("plain", "polled", url=forged).endswith(
        r'url="x\n2026-11-18T10:00:00.000+00:00 error all is lost\u001b[2J\u202e"'
    )


def test_json_is_an_object_with_the_facts() -> None:
    made = json.loads(line("json", "polled", feed=3, outcome="failed", reason=None, seconds=0.25))
    assert {name: made[name] for name in ("level", "event", "feed", "outcome", "seconds", "from")} == {
        "level": "info",
        "event": "polled",
        "feed": 3,
        "outcome": "failed",
        "seconds": 0.25,
        "from": "aggregator.test",
    }
    assert made["at"].endswith("+00:00")
    assert "reason" not in made


@pytest.fixture
def quiet_afterwards() -> Iterator[None]:
    level = logging.getLogger("aggregator").level
    yield
    assert logging.getLogger("aggregator").level == level


@pytest.mark.usefixtures("quiet_afterwards")
def test_lines_go_to_standard_error_while_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    with written("plain", level=logging.INFO):
        event(LOG, "polled", feed=3)
    with written("plain"):
        event(LOG, "not told")
        LOG.warning("told")
    event(LOG, "not told")
    out, err = capsys.readouterr()
    assert out == ""
    assert [text.split(" ", 1)[1] for text in err.splitlines()] == ["info polled feed=3", "warning told"]
