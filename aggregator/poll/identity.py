"""What makes two entries of a feed the same one, and two texts the same piece (pure)."""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from hashlib import sha256
from urllib.parse import urlsplit

from aggregator.canonical import canonical_url
from aggregator.model import IdentityPolicy, KeyedEntry, ParsedEntry

FEWEST_WORDS = 20
"""A shorter text ("Weeknotes", "We are hiring") may well stand under two different pieces."""

BAD_GUIDS = 0.05
"""The share of blank or repeated guids above which a feed's guids are no longer trusted alone."""

LONGEST_KEY = 500

_WORD = re.compile(r"\w+")
_LINK = re.compile(r'href="(?<!\whref=")([^"]*)"')  # nh3 writes every attribute so
# The same for the characters of ASCII as `_WORD`, in a third of the time.
_NO_WORDS = str.maketrans({chr(code): " " for code in range(128) if not _WORD.match(chr(code))})


def policy_for(entries: Sequence[ParsedEntry], policy: IdentityPolicy) -> IdentityPolicy:
    """The policy to tell these entries apart by: the feed's own, or the next one when its guids cannot be trusted."""
    guids = Counter(entry.guid for entry in entries)
    bad = sum(count for guid, count in guids.items() if not guid or count > 1)
    return IdentityPolicy.GUID_AND_URL if bad > BAD_GUIDS * len(entries) else policy


def keyed(entries: Sequence[ParsedEntry], policy: IdentityPolicy) -> tuple[KeyedEntry, ...]:
    """The entries of one document in its order, each once, with what tells them apart.

    An entry is known by the first of its keys that no other entry of the document has: guid (not under
    GUID_AND_URL), guid and address, address for those without a guid, hash of title and content.
    """
    ladders: dict[tuple[str, ...], ParsedEntry] = {}
    for entry in entries:
        ladders.setdefault(_ladder(entry), entry)
    seen = Counter(key for ladder in ladders for key in ladder)
    found: dict[str, KeyedEntry] = {}
    for ladder, entry in ladders.items():
        rungs = _rungs(ladder, policy)
        identity = next((key for key in rungs if seen[key] == 1), rungs[-1])
        found.setdefault(identity, _keyed(entry, identity, ladder))
    return tuple(found.values())


def names_of(entry: ParsedEntry) -> tuple[str, ...]:
    """The keys of an entry but for the hash of its content: none for one without guid and address."""
    return _ladder(entry)[:-1]


def own_key(entry: ParsedEntry, policy: IdentityPolicy) -> str:
    """What an entry is known by when no other of its document has any of its keys."""
    return _rungs(_ladder(entry), policy)[0]


def content_hash(title: str, url: str | None, text: str, html: str) -> str:
    """Changes when title, address, text or a link inside the text does; not when only the markup does."""
    return _hash(title, url or "", text, *_LINK.findall(html))


def text_key(title: str, text: str) -> str | None:
    """Equal for the same words under the same title, whatever the markup, case and punctuation.

    None when the text is too short to tell one piece from another.
    """
    words = _words(text)
    return _hash(" ".join(_words(title)), " ".join(words)) if len(words) >= FEWEST_WORDS else None


def names_a_piece(url: str | None) -> bool:
    """Whether an address can stand for one piece: a site's front page stands for all of them."""
    if url is None:
        return False
    parts = urlsplit(url)
    return parts.path not in ("", "/") or bool(parts.query or parts.fragment)


_WHOLE = 3  # rungs of an entry that has both a guid and an address


def _rungs(ladder: tuple[str, ...], policy: IdentityPolicy) -> tuple[str, ...]:
    return ladder[1:] if policy is IdentityPolicy.GUID_AND_URL and len(ladder) == _WHOLE else ladder


def _ladder(entry: ParsedEntry) -> tuple[str, ...]:
    """The keys of an entry, the one that says least first."""
    # The address as it is given, not as addresses are compared: changelogs differ in nothing but the fragment.
    content = f"hash:{_hash(entry.title, entry.text, entry.html)}"
    if entry.guid and entry.url:
        return _short(f"guid:{entry.guid}"), _short(f"guid+url:{entry.guid}\n{entry.url}"), content
    if entry.guid:
        return _short(f"guid:{entry.guid}"), content
    if entry.url:
        return _short(f"url:{entry.url}"), content
    return (content,)


def _keyed(entry: ParsedEntry, identity: str, ladder: tuple[str, ...]) -> KeyedEntry:
    aliases = {*ladder, _short(f"url:{entry.url}")} if entry.url else {*ladder}
    return KeyedEntry(
        entry=entry,
        identity=identity,
        aliases=tuple(sorted(aliases - {identity})),
        canonical_url=canonical_url(entry.url) if entry.url else None,
        content_hash=content_hash(entry.title, entry.url, entry.text, entry.html),
        text_key=text_key(entry.title, entry.text),
        original_url=canonical_url(entry.original_url) if entry.original_url else None,
    )


def _words(text: str) -> list[str]:
    if text.isascii():
        return text.lower().translate(_NO_WORDS).split()
    return _WORD.findall(unicodedata.normalize("NFKC", text).casefold())


def _short(key: str) -> str:
    return key if len(key) <= LONGEST_KEY else f"{key.partition(':')[0]}#{_hash(key)}"


def _hash(*parts: str) -> str:
    # The length before each part keeps ("ab", "c") and ("a", "bc") apart.
    return sha256("".join(f"{len(part)}:{part}" for part in parts).encode(errors="surrogatepass")).hexdigest()
