"""What the form of a digest says, read back into the digest; and what two versions of one differ in (pure).

A field of a pick is named for its bookmark ("title-12"), so that it stays what it is when picks move.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from aggregator.addresses import safe_url
from aggregator.digest.draft_fields import FIELDS, NotAllowed
from aggregator.model import Digest, Pick, Warned

LABELS = {
    "title": "Title",
    "url": "Address",
    "commentary": "Commentary",
    "quote": "Quote",
    "style": "Style",
    "author": "Author",
    "organisation": "Organisation",
    "published_on": "Day it came out",
    "kind": "Kind",
    "employer": "Employer",
    "closes_on": "Closing day",
    "language": "Language",
    "access": "Access",
    "via_name": "Found through",
    "via_url": "Address of where it was found",
    "embed_url": "Address of the video or slides",
}
"""The fields of a pick, as the page names them."""

LONGEST_LINE, LONGEST_TEXT = 2_000, 20_000
"""Letters of one field. A mail of 90 kB, which no mail program clips, holds four times the longest text."""

_WHOLE = {"title": "Title", "intro": "Intro", "outro": "Outro"}
_LONG = ("commentary", "quote")
_OF_COMMANDS = re.compile(r"\bfive [a-z]+|`")
_ORDER = re.compile(r"[0-9]{1,15}(?:,[0-9]{1,15})*")

# What to do, where the advice of the lint names commands; and the field that it is done in.
_ADVICE = {
    "count": ("Pick more, or take some out.", ""),
    "intro-empty": ("Write one playful sentence.", "intro"),
    "title-number": ("Change one or the other; a number at the start follows by itself.", "title"),
    "commentary-empty": ("Say why it is worth reading.", "commentary"),
    "address-used": ("Unless you mean it, take it out.", ""),
    "job-closed": ("Take it out, or correct the day.", "closes_on"),
    "job-incomplete": ("Fill in who employs, and until when.", "employer"),
    "title-cut": ("Copy the whole title from the page.", "title"),
    "link-missing": ("Write the link into the sentence, as [what it says](its address), or choose the other style.",
                     "commentary"),
    "quote-empty": ("Copy the paragraph that says it best, word for word.", "quote"),
    "quote-not-found": ("", "quote"),
    "embed-missing": ("Write its address among the details.", "embed_url"),
    "not-https": ("", "url"),
    "tracking": ("", "url"),
    "old": ("", "commentary"),
    "not-open": ("", "access"),
    "same-author": ("", "author"),
    "same-organisation": ("", "organisation"),
    "link-text": ("", "commentary"),
    "image-alt": ("", "commentary"),
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """What a form says."""

    edited: Digest
    wrong: Mapping[str, str]  # what cannot be taken over, by the name of its field; there the digest stays as it is


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """A warning as the page shows it."""

    message: str
    advice: str
    field: str  # the id of where to do it; "" for nowhere in particular


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Something that two versions do not share."""

    what: str
    theirs: str  # what stands there in the other one


def values(digest: Digest) -> dict[str, str]:
    """What the fields of the form hold, by name."""
    given = {name: getattr(digest, name) for name in _WHOLE}
    for pick in digest.picks:
        given |= {f"{name}-{pick.bookmark_id}": _written(getattr(pick, name)) for name in LABELS}
    return given


def read(sent: Mapping[str, str], digest: Digest) -> Read:
    """`digest` with what was sent: its words, and its picks in the order that the form had them in.

    A pick that the form does not know stays, at the end; one that only the form knows is there again.
    """
    wrong: dict[str, str] = {}
    whole = {name: sent.get(name, getattr(digest, name)).strip() for name in _WHOLE}
    whole["title"] = _line(whole["title"])
    if not whole["title"]:
        wrong["title"] = "A digest needs a title."
    wrong |= {name: f"{_WHOLE[name]}: only {most}." for name, most in _too_long(whole, digest)}
    picks = tuple(_pick(sent, pick, wrong) for pick in _ordered(sent, digest))
    edited = replace(
        digest,
        **{name: text for name, text in whole.items() if name not in wrong},
        picks=tuple(replace(pick, position=position) for position, pick in enumerate(picks, start=1)),
    )
    return Read(edited=edited, wrong=wrong)


def differences(mine: Digest, theirs: Digest) -> tuple[Difference, ...]:
    """What `theirs` has that `mine` has not, in the order of the page."""
    return tuple(_differences(mine, theirs))


def advice(warned: Warned, digest: Digest) -> Advice:
    """A warning in the words of a page, which names no commands."""
    words, name = _ADVICE.get(warned.code, ("", ""))
    if name not in _WHOLE or warned.position is not None:
        held = {pick.position: pick.bookmark_id for pick in digest.picks}
        name = f"{name}-{held[warned.position]}" if name and warned.position in held else ""
    said = "" if _OF_COMMANDS.search(warned.advice) else warned.advice
    return Advice(message=warned.message, advice=words or said or "Have a look.", field=name)


def _written(value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else str(value or "")


def _line(text: str) -> str:
    return " ".join(text.split())


def _ordered(sent: Mapping[str, str], digest: Digest) -> Iterator[Pick]:
    held = {pick.bookmark_id: pick for pick in digest.picks}
    order = sent.get("order", "")
    named = dict.fromkeys(int(one) for one in order.split(",")) if _ORDER.fullmatch(order) else {}
    for bookmark_id in named:
        if bookmark_id in held:
            yield held.pop(bookmark_id)
        elif url := safe_url(sent.get(f"url-{bookmark_id}", "").strip()):
            yield Pick(bookmark_id=bookmark_id, position=0, url=url, title=url)
    yield from held.values()


def _pick(sent: Mapping[str, str], pick: Pick, wrong: dict[str, str]) -> Pick:
    """The pick with what was sent of it."""

    def given(name: str) -> str | None:
        text = sent.get(f"{name}-{pick.bookmark_id}")
        return text if text is None or name in _LONG else _line(text)

    changed: dict[str, Any] = {name: text.strip() for name in _LONG if (text := given(name)) is not None}
    for one in FIELDS:
        text = given(one.name)
        if text is None:
            continue
        try:
            changed[one.name] = one.read(text)
        except NotAllowed as error:
            wrong[f"{one.name}-{pick.bookmark_id}"] = f"{LABELS[one.name]} of pick {pick.position}: only {error}."
    for name, value, needed in (
        ("title", given("title"), "A pick needs a title."),
        ("url", safe_url(text) if (text := given("url")) is not None else None, "A pick needs the address of a page."),
    ):
        if value:
            changed[name] = value
        elif given(name) is not None:
            wrong[f"{name}-{pick.bookmark_id}"] = needed
    for name, most in _too_long(changed, pick):
        wrong[f"{name}-{pick.bookmark_id}"] = f"{LABELS[name]} of pick {pick.position}: only {most}."
        del changed[name]
    return replace(pick, **changed)


def _too_long(given: Mapping[str, Any], held: Digest | Pick) -> list[tuple[str, str]]:
    """Which of these words are, by name, with how many they may be; what was as long before may stay."""
    found = []
    for name, value in given.items():
        most = LONGEST_TEXT if name in (*_LONG, "intro", "outro") else LONGEST_LINE
        if isinstance(value, str) and len(value) > most and value != getattr(held, name):
            found.append((name, f"{most:,} letters"))
    return found


def _differences(mine: Digest, theirs: Digest) -> Iterator[Difference]:
    for name, label in _WHOLE.items():
        if getattr(mine, name) != getattr(theirs, name):
            yield Difference(what=label, theirs=getattr(theirs, name))
    ours, others = ({pick.bookmark_id: pick for pick in one.picks} for one in (mine, theirs))
    for bookmark_id, pick in ours.items():
        other = others.get(bookmark_id)
        if other is None:
            yield Difference(what=f"“{pick.title}” was taken out", theirs="It is back when you save.")
            continue
        for name, label in LABELS.items():
            if getattr(pick, name) != getattr(other, name):
                yield Difference(what=f"{label} of “{other.title}”", theirs=_written(getattr(other, name)))
    shared = [[one for one in held if one in ours and one in others] for held in (ours, others)]
    if shared[0] != shared[1] or any(one not in ours for one in others):
        numbered = "\n".join(f"{pick.position}. {pick.title}" for pick in theirs.picks)
        yield Difference(what="The picks and their order", theirs=numbered)
