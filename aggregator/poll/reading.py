"""The bytes of a feed to what a poll decides about, read in part where that is certain (pure; runs in the sandbox).

`read` gives what reading the whole would give, less the entries that are in the last document too and say the same. Of
those it knows beforehand what reading them would come to: nothing. What makes it certain:

- `cut` can take the document apart, it is well-formed, and the frame around its entries is the one it was;
- no two of its entries share a mark (a guid, an address, a last line, an original), so that what one of them is taken
  for does not depend on the others;
- what is judged over a whole document (may its guids be trusted, what do its entries end with) comes to what it was.

In any other case it reads the whole.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import msgspec

from aggregator import __version__
from aggregator.canonical import canonical_url
from aggregator.model import Ending, Failed, IdentityPolicy, KeyedEntry, ParsedEntry, ParsedFeed
from aggregator.poll import identity, parse
from aggregator.poll.cut import Cut, cut, digest, is_plain
from aggregator.poll.originals import named_once
from aggregator.poll.tails import take_off, unexplained
from aggregator.poll.tidy import MAX_CONTENT, Tidied


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """An entry of a document, in digests."""

    xml: bytes
    identity: bytes
    marks: tuple[bytes, ...]  # what another entry of the document would be compared with it by
    key: bytes  # what tells it apart among endings
    has_guid: bool
    size: int  # characters of its content


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """What a document was made of: all that a poll must know to leave out of the next one what it has seen."""

    frame: bytes
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """What is known of a feed when its document comes."""

    policy: IdentityPolicy
    tails: tuple[str, ...]
    endings: tuple[Ending, ...]  # of its latest entries
    outline: bytes | None  # an Outline, packed


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A document, read."""

    feed: ParsedFeed  # without its entries
    entries: tuple[KeyedEntry, ...]  # in the order of the document, but for those left out
    left_out: tuple[bytes, ...]  # digests of the identities of entries that the document has as it had them before
    policy: IdentityPolicy
    tails: tuple[str, ...]
    outline: bytes | None  # an Outline, packed; None when the next document will have to be read whole


def read(body: bytes, content_type: str, url: str, past: Past) -> Reading | Failed:
    """The feed in `body`, which came from `url` with that Content-Type; or why there is none to be had."""
    document = parse.opened(body, content_type)
    if isinstance(document, Failed):
        return document
    if isinstance(document, str) or document.damaged or (whole := cut(document.xml)) is None:
        return _as_a_whole(document, None, url, past)
    return _in_part(document, whole, url, past) or _as_a_whole(document, whole, url, past)


def identity_digest(identity: str) -> bytes:
    """How an identity is written in `Reading.left_out`."""
    return digest(identity)


def _as_a_whole(document: Tidied | str, whole: Cut | None, url: str, past: Past) -> Reading | Failed:
    parsed = parse.parsed(document, url)
    if isinstance(parsed, Failed):
        return parsed
    entries, tails = take_off(named_once(parsed.entries), past.tails, past.endings)
    policy = identity.policy_for(entries, past.policy)
    outline = None
    # A tail that was found just now may be taken off some entries by the next poll only.
    is_settled = tails == past.tails and not parsed.damaged
    if whole is not None and is_settled and len(whole.entries) == len(entries) and all(map(is_plain, whole.entries)):
        parts = _parts(whole.digests(), parsed.entries, entries, policy, tails)
        outline = _outline(_frame(whole, url, policy, tails), parts)
    return Reading(
        feed=replace(parsed, entries=()),
        entries=identity.keyed(entries, policy),
        left_out=(),
        policy=policy,
        tails=tails,
        outline=outline,
    )


def _in_part(document: Tidied, whole: Cut, url: str, past: Past) -> Reading | None:
    """The same, with what was seen before left out; None when that might come to something else."""
    before = _unpacked(past.outline)
    frame = _frame(whole, url, past.policy, past.tails)
    if before is None or before.frame != frame:
        return None
    digests = whole.digests()
    seen = {part.xml: part for part in before.parts}
    fresh = [number for number, each in enumerate(digests) if each not in seen]
    standing = [seen[each] for each in digests if each in seen]
    if not standing or not all(is_plain(whole.entries[number]) for number in fresh) or _echo(past, standing):
        return None
    parsed = parse.parsed(document, url, whole.only(fresh))
    if isinstance(parsed, Failed) or parsed.damaged or len(parsed.entries) != len(fresh):
        return None
    entries, tails = take_off(named_once(parsed.entries), past.tails, past.endings)
    seen |= {
        part.xml: part for part in _parts([digests[n] for n in fresh], parsed.entries, entries, past.policy, tails)
    }
    outline = _outline(frame, [seen[each] for each in digests])
    if outline is None or tails != past.tails or not _keeps(past.policy, [seen[each] for each in digests]):
        return None
    return Reading(
        feed=replace(parsed, entries=()),
        entries=identity.keyed(entries, past.policy),
        left_out=tuple(part.identity for part in standing),
        policy=past.policy,
        tails=tails,
        outline=outline,
    )


def _frame(whole: Cut, url: str, policy: IdentityPolicy, tails: Sequence[str]) -> bytes:
    # A new version of this program may read the same text in another way.
    return whole.frame(__version__, url, policy, *tails)


def _parts(
    digests: Sequence[bytes],
    given: Sequence[ParsedEntry],
    entries: Sequence[ParsedEntry],
    policy: IdentityPolicy,
    tails: Sequence[str],
) -> list[Part]:
    """The parts of a document: `given` are its entries as they were parsed, `entries` the same without their tails."""
    return [
        Part(
            xml=xml,
            identity=identity_digest(identity.own_key(entry, policy)),
            marks=_marks(entry, raw.original_url, tails),
            key=digest(entry.guid or entry.url or entry.title),
            has_guid=bool(entry.guid),
            size=len(raw.html) + len(raw.text),
        )
        for xml, raw, entry in zip(digests, given, entries, strict=True)
    ]


def _marks(entry: ParsedEntry, original_url: str | None, tails: Sequence[str]) -> tuple[bytes, ...]:
    names = identity.names_of(entry)
    if not names:
        return ()
    original = (f"original:{canonical_url(original_url)}",) if original_url else ()
    return tuple(map(digest, (*names, *original, *_lines(entry.title, entry.text, tails))))


def _lines(title: str, text: str, tails: Sequence[str]) -> list[str]:
    return [f"line:{line}" for line in sorted(unexplained(title, text, tails))]


def _outline(frame: bytes, parts: Sequence[Part]) -> bytes | None:
    """The outline of a document with these parts, packed; None when one has no name, or shares a mark with another."""
    marks = [mark for part in parts for mark in part.marks]
    are_apart = len(set(marks)) == len(marks) and len({part.xml for part in parts}) == len(parts)
    if not are_apart or not all(part.marks for part in parts) or sum(part.size for part in parts) >= MAX_CONTENT:
        return None
    return msgspec.msgpack.encode(Outline(frame=frame, parts=tuple(parts)))


def _unpacked(outline: bytes | None) -> Outline | None:
    try:
        return None if outline is None else msgspec.msgpack.decode(outline, type=Outline)
    except msgspec.MsgspecError:
        return None  # as another version wrote it


def _keeps(policy: IdentityPolicy, parts: Sequence[Part]) -> bool:
    """Whether a document of these parts, no guid of which is repeated, leaves the policy as it is."""
    blank = sum(not part.has_guid for part in parts)
    return policy is IdentityPolicy.GUID_AND_URL or blank <= identity.BAD_GUIDS * len(parts)


def _echo(past: Past, standing: Sequence[Part]) -> bool:
    """Whether an earlier entry ends like another one that will not be read: together they may have a tail."""
    owners = {mark: part.key for part in standing for mark in part.marks}
    for ending in past.endings:
        key = digest(ending.key)
        lines = _lines(ending.title, ending.text, past.tails)
        if any(owners.get(digest(line), key) != key for line in lines):
            return True
    return False
