"""Log lines for people (`plain`) or programs (`json`): one event, one line, no secrets.

A line may hold strangers' text (addresses, error messages) and our own people's (subscribers' addresses, tokens in
links, passwords in tracebacks). So the formatter, through which all of them go, takes secrets out and escapes whatever
would break the line or hide a part of it.
"""

import json
import logging
import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Literal

Style = Literal["plain", "json"]
HIDDEN = "***"

_ADDRESS = re.compile(r"""(?P<scheme>[a-z][a-z0-9+.-]*:)?//(?P<rest>[^\s"'<>]*)""", re.IGNORECASE)
_QUERY = re.compile(r"(?P<name>[?&;][^=&;#?]*)=[^&;#]*")
_BARE_QUERY = re.compile(r"\?[^=&#]+(?=[&#]|$)")
_LINK_TOKEN = re.compile(r"/(?P<verb>confirm|manage|unsubscribe|hub|websub)/[^/\s?#\"'<>]+")
_LONG_TOKEN = re.compile(r"(?<![A-Za-z0-9_-])(?=[A-Za-z_-]*\d)[A-Za-z0-9_]{32,}(?![A-Za-z0-9_-])")
_MAIL = re.compile(r"[^\s@<>\"'()\[\],;:/]+@[^\s@<>\"'()\[\],;:/]+")
_SECRET = re.compile(
    r"""(?P<name>\b\w*(?:password|passwd|secret|token|api[_-]?key|authorization|cookie)\w*["']?\s*[=:]\s*)"""
    r"""(?:(?:bearer|basic)\s+)?(?:"[^"]*"|'[^']*'|[^\s,;"'})\]]+)""",
    re.IGNORECASE,
)


def event(log: logging.Logger, what: str, **fields: object) -> None:
    """Log that something happened, with its facts by name."""
    log.info(what, extra={"fields": fields})


@contextmanager
def written(style: Style, *, level: int = logging.WARNING) -> Iterator[None]:
    """Write lines to standard error while the block runs: ours from `level` on, of libraries what is a warning."""
    handler = _ToStandardError()
    handler.setFormatter(Lines(style))
    ours = logging.getLogger("aggregator")
    root, before = logging.getLogger(), ours.level
    root.addHandler(handler)
    ours.setLevel(level)
    try:
        yield
    finally:
        ours.setLevel(before)
        root.removeHandler(handler)


class Lines(logging.Formatter):
    """A record as one line, redacted."""

    def __init__(self, style: Style) -> None:
        super().__init__()
        self._written_as = style

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end."""
        facts: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
        }
        fields: Mapping[str, object] = getattr(record, "fields", {})
        facts |= {name: value for name, value in fields.items() if value is not None}
        if record.exc_info:
            facts["error"] = self.formatException(record.exc_info)
        facts["from"] = record.name
        told = {name: redacted(value) if isinstance(value, str) else value for name, value in facts.items()}
        return _as_json(told) if self._written_as == "json" else _as_text(told)


def redacted(text: str) -> str:
    """`text` without credentials, values of queries, tokens of links, passwords and mail addresses."""
    text = _ADDRESS.sub(_without_secrets, text)
    text = _LINK_TOKEN.sub(rf"/\g<verb>/{HIDDEN}", text)
    text = _SECRET.sub(rf"\g<name>{HIDDEN}", text)
    return _LONG_TOKEN.sub(HIDDEN, _MAIL.sub(HIDDEN, text))


def _without_secrets(address: re.Match[str]) -> str:
    authority, rest = re.fullmatch(r"([^/?#]*)(.*)", address["rest"], re.DOTALL).groups()  # type: ignore[union-attr]
    host = authority.rpartition("@")[2]
    rest = re.sub("#.*", f"#{HIDDEN}", rest, flags=re.DOTALL)
    rest = _BARE_QUERY.sub(f"?{HIDDEN}", _QUERY.sub(rf"\g<name>={HIDDEN}", rest))
    return f"{address['scheme'] or ''}//{host}{rest}"


def _as_json(facts: Mapping[str, object]) -> str:
    return json.dumps(facts, ensure_ascii=True, default=str)


def _as_text(facts: Mapping[str, object]) -> str:
    head = [str(facts["at"]), str(facts["level"]), str(facts["event"])]
    rest = [f"{name}={_quoted(value)}" for name, value in facts.items() if name not in ("at", "level", "event", "from")]
    return _on_one_line(" ".join([*head, *rest]))


def _quoted(value: object) -> str:
    text = str(value)
    return json.dumps(text, ensure_ascii=False) if not text or re.search(r'[\s"=]', text) else text


def _on_one_line(text: str) -> str:
    """`text` with whatever would end the line, hide a part of it or steer a terminal written as an escape."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


class _ToStandardError(logging.Handler):
    """Writes to whatever standard error is at that moment."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            sys.stderr.write(self.format(record) + "\n")
            sys.stderr.flush()
        except Exception:  # noqa: BLE001 - a line that cannot be written must not stop what it tells of
            self.handleError(record)
