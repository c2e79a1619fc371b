"""The sanitised text of an entry, made ready to be read inside a page of ours (pure)."""

import html as entities
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from aggregator.model import Entry

LARGEST = 60_000
"""Characters of HTML that are shown in a page; what is longer is shown as text, and cut."""

# Exact for what sanitise.clean wrote: every attribute in double quotes, every < > " in them escaped.
_IMAGE = re.compile(r'<img((?: [a-z]+="[^"]*")*)>')
_ATTRIBUTE = re.compile(r' ([a-z]+)="([^"]*)"')
_HEADING = re.compile(r"<(/?)h([1-6])(?=[ >])")
_LINK = re.compile(r"<a(?=[ >])")
IN_LIST, ALONE = 3, 2
"""The level of the first headings of a text: below its title in a list of entries, and on a page of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """The text of an entry in a page."""

    html: str
    hosts: tuple[str, ...]  # that its pictures come from
    is_cut: bool
    with_pictures: bool = False  # they are shown, apart


def shown(entry: Entry, *, top: int, with_pictures: bool = False) -> Shown:
    """The text with a placeholder for each picture; its headings start at `top`, its links lead to new tabs."""
    is_cut = len(entry.html) > LARGEST
    html = _as_paragraphs(entry.text[: LARGEST // 2]) if is_cut else framed(entry.html, top=top)
    return Shown(
        html=_IMAGE.sub(_placeholder, html), hosts=hosts(entry.html), is_cut=is_cut, with_pictures=with_pictures
    )


def framed(html: str, *, top: int) -> str:
    """The text with its pictures, for a frame of its own; its headings start at `top`, and skip no level."""
    over: list[int] = []  # levels in the text: of the headings above the last one, and its own

    def placed(tag: re.Match[str]) -> str:
        if not tag[1]:
            level = int(tag[2])
            while over and over[-1] >= level:
                over.pop()
            over.append(level)
        return f"<{tag[1]}h{min(6, top - 1 + len(over))}"

    return _LINK.sub('<a target="_blank"', _HEADING.sub(placed, html))


def hosts(html: str) -> tuple[str, ...]:
    """Where its pictures come from, each once."""
    sources = [dict(_ATTRIBUTE.findall(image)).get("src", "") for image in _IMAGE.findall(html)]
    return tuple(dict.fromkeys(urlsplit(entities.unescape(source)).hostname or "" for source in sources if source))


def _placeholder(image: re.Match[str]) -> str:
    words = dict(_ATTRIBUTE.findall(image[1])).get("alt", "").strip()
    return f'<span class="picture">Picture{": " + words if words else ""}</span>'


def _as_paragraphs(text: str) -> str:
    parts = (entities.escape(part.strip(), quote=False) for part in re.split(r"\n\s*\n", text))
    return "".join(f"<p>{part}</p>" for part in parts if part)
