"""The fields of a pick as `key: value` lines of a draft file: name, purpose, how it is read (pure)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, TypeVar

from aggregator.addresses import safe_url
from aggregator.languages import language_tag
from aggregator.model import Access, Kind, Style

E = TypeVar("E", bound=StrEnum)


class NotAllowed(ValueError):
    """A value that a field cannot have; `str()` says what it may be."""


@dataclass(frozen=True, slots=True)
class DraftField:
    """One line of a pick: its `key` in the file, the `name` of the Pick's attribute, what it is `about`."""

    key: str
    name: str
    about: str
    read: Callable[[str], Any]  # from the text after the colon, "" for none; raises NotAllowed


def _words(value: str) -> str | None:
    return value or None


def _day(value: str) -> date | None:
    try:
        return date.fromisoformat(value) if value else None
    except ValueError:
        raise NotAllowed("a date such as 2026-11-20") from None


def _address(value: str) -> str | None:
    address = safe_url(value)
    if value and address is None:
        raise NotAllowed("an address that starts with https:// or http://")
    return address


def _language(value: str) -> str | None:
    tag = language_tag(value)
    if value and tag is None:
        raise NotAllowed("a language tag such as en or cy")
    return tag


def _one_of(kind: type[E], default: E) -> Callable[[str], E]:
    def read(value: str) -> E:
        try:
            return kind(value) if value else default
        except ValueError:
            raise NotAllowed(", ".join(kind)) from None

    return read


_STYLES = f"{Style.TITLE_DASH}, or {Style.SENTENCE} when the commentary itself holds the link"

FIELDS = (
    DraftField("style", "style", _STYLES, _one_of(Style, Style.TITLE_DASH)),
    DraftField("author", "author", "who wrote it", _words),
    DraftField("organisation", "organisation", "whom they write for", _words),
    DraftField("published", "published_on", "when the piece came out, such as 2026-11-20", _day),
    DraftField("kind", "kind", ", ".join(Kind), _one_of(Kind, Kind.ARTICLE)),
    DraftField("employer", "employer", "of a job", _words),
    DraftField("closes", "closes_on", "the last day to apply for a job, such as 2026-11-20", _day),
    DraftField("language", "language", "of the piece, such as en or cy", _language),
    DraftField("access", "access", ", ".join(Access), _one_of(Access, Access.OPEN)),
    DraftField("via", "via_name", "who pointed at it", _words),
    DraftField("via-address", "via_url", "the address where they did", _address),
    DraftField("embed", "embed_url", "the address of a video or of slides", _address),
)
