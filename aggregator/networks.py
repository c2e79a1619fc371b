"""Which networks requests may go to. Pure: it judges addresses, and looks nothing up.

An explicit list, because `ipaddress.is_global` is wrong for 7 of the 16 special ranges on Python 3.11.7.
"""

import ipaddress
import socket
from collections.abc import Iterable

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

# IANA IPv4 Special-Purpose Address Registry (RFC 6890 and later), multicast, and a cloud's service address.
_CLOSED_V4 = tuple(
    ipaddress.IPv4Network(network)
    for network in (
        "0.0.0.0/8",  # this host
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # carrier-grade NAT (RFC 6598); one cloud keeps its metadata here
        "127.0.0.0/8",  # loopback
        "168.63.129.16/32",  # Azure's metadata and health service: a public address that only guests reach
        "169.254.0.0/16",  # link-local; cloud metadata
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocol assignments
        "192.0.2.0/24",  # documentation
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",  # private
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, broadcast
    )
)
# Only global unicast is handed out (RFC 4291, section 2.4); the rest of IPv6 is closed without naming it.
_GLOBAL_V6 = ipaddress.IPv6Network("2000::/3")
_CLOSED_V6 = tuple(
    ipaddress.IPv6Network(network)
    for network in (
        "2001::/23",  # protocol assignments: benchmarks, ORCHID
        "2001:db8::/32",  # documentation
        "3fff::/20",  # documentation
    )
)
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")  # RFC 6052; the local-use 64:ff9b:1::/48 stays closed
_COMPATIBLE = ipaddress.IPv6Network("::/96")  # IPv4-compatible (RFC 4291, section 2.5.5.1)


def is_open(address: Address, allowed: Iterable[Network]) -> bool:
    """Whether a request may go to `address`: it is public, or in one of the `allowed` networks.

    An IPv6 address that carries IPv4 ones (mapped, NAT64, 6to4, Teredo, IPv4-compatible) is judged by those.
    """
    allowed = tuple(allowed)
    if _is_within(address, allowed):
        return True
    if isinstance(address, ipaddress.IPv4Address):
        return not _is_within(address, _CLOSED_V4)
    if address.scope_id is not None:
        return False
    if carried := _carried(address):
        return all(is_open(inner, allowed) for inner in carried)
    return address in _GLOBAL_V6 and not _is_within(address, _CLOSED_V6)


def literal(host: str) -> Address | None:
    """The address that `host` spells, in any spelling that a resolver takes without asking anybody; else None.

    Knows the old forms of inet_aton(3) too: 2130706433, 0x7f.1, 0177.0.0.1.
    """
    host = host.removesuffix(".")
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        pass
    try:
        return ipaddress.IPv4Address(socket.inet_aton(host))
    except (OSError, UnicodeError, ValueError):
        return None


def is_loopback(host: str) -> bool:
    """Whether `host`, a name or an address, is this machine and nothing else."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _is_within(address: Address, networks: Iterable[Network]) -> bool:
    return any(address.version == network.version and address in network for network in networks)


def _carried(address: ipaddress.IPv6Address) -> tuple[ipaddress.IPv4Address, ...]:
    if address.ipv4_mapped is not None:
        return (address.ipv4_mapped,)
    if address.sixtofour is not None:
        return (address.sixtofour,)
    if address.teredo is not None:
        return address.teredo
    if address in _NAT64 or (address in _COMPATIBLE and int(address) > 0xFFFF):
        return (ipaddress.IPv4Address(int(address) & 0xFFFFFFFF),)
    return ()
