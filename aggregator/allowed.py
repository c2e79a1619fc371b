"""What a setting may be: one check for each kind of value (pure)."""

import ipaddress
import re
from datetime import time
from email.utils import parseaddr
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from aggregator.networks import Network, is_loopback


def is_web_address(value: str) -> bool:
    """An http or https address without query and fragment."""
    try:
        parts = urlsplit(value)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and not parts.query and not parts.fragment


def is_safe_with_password(value: str) -> bool:
    """Nothing, or a web address to which a password may be sent: over https, or to this machine alone."""
    if value == "":
        return True
    return is_web_address(value) and (value.startswith("https:") or is_loopback(urlsplit(value).hostname or ""))


def is_hook(value: str) -> bool:
    """Nothing, or an http or https address without fragment."""
    return value == "" or (is_web_address(value.partition("?")[0]) and value.isascii() and value.isprintable())


def is_contact(value: str) -> bool:
    """Nothing, a mail address or a web address, in ASCII."""
    return value == "" or (value.isascii() and value.isprintable() and ("@" in value or is_web_address(value)))


def is_sender(value: str) -> bool:
    """Nothing, or a mail address, with a name or without."""
    return value == "" or (value.isprintable() and "@" in parseaddr(value)[1])


def is_return_address(value: str) -> bool:
    """Short enough before the @ for a mark of at most 32 characters (RFC 5321, section 4.5.3.1.1: 64 in all)."""
    return value == "" or re.fullmatch(r"[A-Za-z0-9._-]{1,30}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*", value) is not None


def is_host_name(value: str) -> bool:
    """Nothing, or a name such as mail.example.org."""
    return value == "" or re.fullmatch(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*", value) is not None


def is_zone(value: str) -> bool:
    """A time zone that this machine knows."""
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def is_time(value: str) -> bool:
    """HH:MM."""
    try:
        time.fromisoformat(value)
    except ValueError:
        return False
    return len(value) == 5


def are_networks(value: str) -> bool:
    """Networks with commas between; none is fine."""
    try:
        networks(value)
    except ValueError:
        return False
    return True


def networks(value: str) -> tuple[Network, ...]:
    """The networks of such a list. Raises ValueError."""
    return tuple(ipaddress.ip_network(part.strip()) for part in value.split(",") if part.strip())
