"""Players framed inside a text, as plain links to what they play (pure).

A frame is a stranger's page inside ours, and never kept. But a post may be nothing but the talk that it frames: then
the link is all of the piece.
"""

import re
from html import escape, unescape
from urllib.parse import parse_qs, urlsplit

# Attributes hold no "<" or ">" here: a player that does so is dropped with its frame, and the search stays linear.
_PLAYER = re.compile(r"<(iframe|video|audio)\b([^<>]*)>(?:(?<!/>)[^<]*</\1\s*>)?", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""([a-z-]+)\s*=\s*("[^"]*"|'[^']*'|[^\s"'>]+)""", re.IGNORECASE)
_OTHER_SCHEME = re.compile(r"(?!https?:)[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_SOURCES = ("src", "data-src", "data-lazy-src", "data-litespeed-src")  # as plugins that load late write it

# Where a player stands, what its path says, and the page of what it plays. Others are adverts, forms and counters.
_PAGES = (
    ("youtube.com", r"/embed/videoseries$", None),
    ("youtube-nocookie.com", r"/embed/videoseries$", None),
    ("youtube.com", r"/embed/([\w-]{6,20})$", "https://www.youtube.com/watch?v={}"),
    ("youtube-nocookie.com", r"/embed/([\w-]{6,20})$", "https://www.youtube.com/watch?v={}"),
    ("player.vimeo.com", r"/video/(\d+)$", "https://vimeo.com/{}"),
    ("dailymotion.com", r"/embed/video/(\w+)$", "https://www.dailymotion.com/video/{}"),
    ("embed.ted.com", r"/talks/([\w/]+)$", "https://www.ted.com/talks/{}"),
    ("loom.com", r"/embed/(\w+)$", "https://www.loom.com/share/{}"),
    ("open.spotify.com", r"/embed/((?:episode|show)/\w+)$", "https://open.spotify.com/{}"),
    ("embed.podcasts.apple.com", r"/([\w/%.-]+)$", "https://podcasts.apple.com/{}"),
    ("speakerdeck.com", r"/player/\w+$", ""),
    ("slideshare.net", r"/slideshow/embed_code/[\w/-]+$", ""),
    ("docs.google.com", r"/presentation/d/[\w/-]+$", ""),
    ("w.soundcloud.com", r"/player/?$", ""),
)


def as_links(html: str) -> str:
    """`html` with every frame of a known player, and every video and audio, as a paragraph that links to it."""
    return _PLAYER.sub(_link, html)


def page_of(source: str) -> str | None:
    """The page to watch or hear what the player at `source` plays; None when it is no player that we know."""
    try:
        parts = urlsplit(f"https:{source}" if source.startswith("//") else source)
        host = parts.hostname or ""
    except ValueError:
        return None
    if parts.scheme not in ("http", "https"):
        return None
    for site, path, page in _PAGES:
        found = re.match(path, parts.path) if host == site or host.endswith(f".{site}") else None
        if found is None:
            continue
        if page is None:
            lists = parse_qs(parts.query).get("list", [])
            return f"https://www.youtube.com/playlist?list={lists[0]}" if lists else None
        return page.format(found[1]) if page else parts._replace(scheme="https").geturl()
    return None


def _link(player: re.Match[str]) -> str:
    given = {name.lower(): unescape(value.strip("\"'")) for name, value in _ATTRIBUTE.findall(player[2])}
    source = next((given[name].strip() for name in _SOURCES if given.get(name, "").strip()), "")
    address = page_of(source) if player[1].lower() == "iframe" else source
    if not address or _OTHER_SCHEME.match(address):
        return player[0]
    words = given.get("title", "").strip() or address
    return f'<p><a href="{escape(address)}">{escape(words)}</a></p>'
