"""Titles and names as a digest prints them (pure)."""

import re

_SEPARATORS = tuple(f" {mark} " for mark in ("|", "-", "–", "—", "·", "•", "»", "::"))
_NO_WORD = re.compile(r"[\W_]+")
_BRACKETED = ("[…]", "[...]", "(…)", "(...)")


def clean_title(title: str, site: str | None = None) -> str:
    """A title on one line, without a tail that only names the `site`, and without the dots of a truncation.

    Every kind of space becomes a plain one; curly quotes stay. "| News" stays too: only the site's own name goes.
    """
    clean = " ".join(title.split())
    while (shorter := _without_dots(_without_site(clean, site))) != clean:
        clean = shorter
    return clean


def author_of(author: str | None, site: str | None) -> str | None:
    """The author, unless it is the site under another heading, an account's name, or an address: people are named."""
    name = " ".join((author or "").split())
    if not name or "://" in name or name.casefold() in ("admin", "administrator", "webmaster"):
        return None
    return None if site is not None and _same(name, site) else name


def beside(author: str | None, site: str) -> str | None:
    """The author, to be named beside the `site`: unless that is the site itself, or names them already."""
    name = author_of(author, site)
    return None if name is None or f" {_words(name)} " in f" {_words(site)} " else name


def _without_site(title: str, site: str | None) -> str:
    tail = " ".join((site or "").split())
    head = title[: len(title) - len(tail)]
    if tail and head.endswith(_SEPARATORS) and _same(title[len(head) :], tail):
        return head.rstrip().rpartition(" ")[0]
    return title


def _without_dots(title: str) -> str:
    for dots in _BRACKETED:
        title = title.removesuffix(dots).rstrip() or title
    return (title.rstrip(".… ") or title) if title.endswith(("…", "..")) else title


def _same(one: str, other: str) -> bool:
    return " ".join(one.split()).casefold() == " ".join(other.split()).casefold()


def _words(text: str) -> str:
    return " ".join(_NO_WORD.split(text.casefold())).strip()
