"""What a form sent, and from where: read with limits, judged without a puzzle."""

import ipaddress
from collections.abc import Mapping
from urllib.parse import parse_qsl

from starlette.requests import Request

MOST_FIELDS = 20
HONEYPOT = "website"
"""A field that people never see and are told to leave empty; programs fill in everything."""
PERSONAL = "no-store"
"""Cache-Control of what was said to one reader alone."""


async def fields(request: Request) -> dict[str, str]:
    """The fields of a form as browsers send it without scripts; none when it is anything else.

    The server refuses larger bodies than any form of ours makes.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        return {}
    body = (await request.body()).decode("utf-8", "replace")
    try:
        return dict(parse_qsl(body, keep_blank_values=True, max_num_fields=MOST_FIELDS))
    except ValueError:  # too many of them
        return {}


def is_a_program(sent: Mapping[str, str]) -> bool:
    """Whether the field that people leave empty was filled in."""
    return bool(sent.get(HONEYPOT))


def network(request: Request) -> str:
    """Where a request came from: an IPv4 address, or the /64 of IPv6 that one line usually has."""
    host = request.client.host if request.client else ""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    if address.version == 4:
        return host
    return str(ipaddress.ip_network((int(address), 64), strict=False))
