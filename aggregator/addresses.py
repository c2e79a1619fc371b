"""Which addresses of other people's pages we keep, print, link to and fetch: one rule for the whole house."""

import re
from urllib.parse import urlsplit

MAX_LENGTH = 4096
"""Characters. Longer than any address that works everywhere, short enough to store and to show."""

# What no host may hold (WHATWG URL, "forbidden host code points"); a percent sign would hide another spelling.
_ODD_HOST = re.compile(r"[\s#%/:<>?@\[\\\]^|\"`{}]")
_IPV6 = re.compile(r"[0-9A-Fa-f:.]+\Z")
# RFC 3986 has no place for these; browsers encode them, and raw they would end an autolink or an attribute.
_ENCODED = str.maketrans({'"': "%22", "<": "%3C", ">": "%3E", "`": "%60"})


def safe_url(url: str) -> str | None:
    """`url` when it is an absolute http or https address that every browser reads alike, else None.

    Surrounding white space is taken off, the scheme is lower-cased, and quotes and angle brackets are
    percent-encoded. Refused: other schemes, user names and passwords (RFC 3986, section 3.2.1), white space, control
    and invisible characters, backslashes, odd hosts and ports, more than `MAX_LENGTH` characters.
    """
    url = url.strip()
    if len(url) > MAX_LENGTH or not url.isprintable() or " " in url or "\\" in url:
        return None
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or "@" in parts.netloc or port == 0 or not _is_host(parts.netloc):
        return None
    return parts.scheme + url[len(parts.scheme) :].translate(_ENCODED)


def host_and_port(url: str) -> str:
    """The host and port of a safe address, as `host:port`: what politeness and pauses go by."""
    parts = urlsplit(url)
    host = (parts.hostname or "").removesuffix(".")
    return f"{host}:{parts.port or (443 if parts.scheme == 'https' else 80)}"


def _is_host(netloc: str) -> bool:
    if netloc.startswith("["):
        return _IPV6.match(netloc[1:].partition("]")[0]) is not None
    host = netloc.partition(":")[0]
    labels = host.removesuffix(".").split(".")
    return len(host) <= 253 and all(labels) and not _ODD_HOST.search(host)
