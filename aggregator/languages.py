"""What pieces are written in: tags of languages, and their names in words (pure)."""

import re

_SHAPE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8}){0,4}")
_HOME = ("en", "eng")
_NONE = ("und", "zxx", "mul", "mis")
"""What some programs write where no language is set, and other tags that name none (RFC 5646, section 4.1)."""
_NAMES = {
    "cy": "Welsh",
    "gd": "Scottish Gaelic",
    "ga": "Irish",
    "fr": "French",
    "de": "German",
    "es": "Spanish",
    "nl": "Dutch",
}


def language_tag(given: object) -> str | None:
    """A language as BCP 47 (RFC 5646, section 2.1) spells it ("en-GB" for "en_GB"); None for what is no such tag."""
    tag = given.strip().replace("_", "-") if isinstance(given, str) else ""
    return tag if _SHAPE.fullmatch(tag) else None


def foreign(given: str | None) -> str | None:
    """The tag of a language other than English, in which the rest of a page is; None for English of any country.

    None for a tag that names no language, too.
    """
    tag = language_tag(given)
    return None if tag is None or _primary(tag) in (*_HOME, *_NONE) else tag


def in_words(tag: str) -> str:
    """The name of a language: "Welsh" for "cy-GB"; the tag itself, when we know no name."""
    return _NAMES.get(_primary(tag), tag)


def _primary(tag: str) -> str:
    return tag.partition("-")[0].lower()
