"""What the address of a list of the inbox asks for (pure)."""

from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import urlencode

from aggregator.model import InboxPage, Kind, Sought, Verdict
from aggregator.web.numbers import number

NAMES = ("q", "state", "source", "feed", "group", "region", "kind", "when")
"""What can stand in it, besides where the list goes on."""
LONGEST_GIVEN = 200
ANY, EVER = "any", "ever"
DEFAULTS = {"state": Verdict.UNJUDGED.value, "when": "week"}
STATES = {
    Verdict.UNJUDGED.value: "Unjudged",
    Verdict.SHORTLISTED.value: "Shortlisted",
    Verdict.DISMISSED.value: "Dismissed",
    ANY: "Any (for a search)",
}
KINDS = {kind.value: "PDF" if kind.value == "pdf" else kind.value.capitalize() for kind in Kind}
_PLACE = "%Y%m%dT%H%M%S.%f"


def given_in(asked: Mapping[str, str]) -> dict[str, str]:
    """What narrows the list, by name; what cannot be is as if it had not been asked for."""
    given = {name: " ".join(asked.get(name, "").replace("\0", "").split())[:LONGEST_GIVEN] for name in NAMES}
    if given["state"] not in STATES or (given["state"] == ANY and not given["q"]):
        given["state"] = DEFAULTS["state"]
    if given["when"] != EVER or not given["q"]:
        given["when"] = DEFAULTS["when"]
    if given["kind"] not in KINDS:
        given["kind"] = ""
    if number(given["feed"]) is None:
        given["feed"] = ""
    return given


def sought_by(given: Mapping[str, str], week_starts_at: datetime) -> Sought:
    """The list that was asked for."""
    return Sought(
        verdict=None if given["state"] == ANY else Verdict(given["state"]),
        words=given["q"],
        since=None if given["when"] == EVER else week_starts_at,
        feed_id=number(given["feed"]),
        source=given["source"],
        group=given["group"],
        region=given["region"],
        kind=Kind(given["kind"]) if given["kind"] else None,
    )


def narrowed(given: Mapping[str, str]) -> dict[str, str]:
    """What was asked for that is not asked anyway."""
    return {name: value for name, value in given.items() if value != DEFAULTS.get(name, "")}


def query_of(given: Mapping[str, str], **more: str) -> str:
    """The query that asks for the same again."""
    return urlencode(narrowed({**given, **more}))


def place_after(page: InboxPage) -> str:
    """Where the next page begins, for its address; "" when there is none."""
    if page.after is None:
        return ""
    at, entry_id = page.after
    return f"{at:{_PLACE}}.{entry_id}"


def cursor_at(place: str) -> tuple[datetime, int] | None:
    """The place that such an address gives, when it does."""
    at, _, digits = place.rpartition(".")
    entry_id = number(digits)
    try:
        return None if entry_id is None else (datetime.strptime(at, _PLACE).replace(tzinfo=UTC), entry_id)
    except ValueError:
        return None
