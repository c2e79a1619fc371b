"""Which networks are open."""

from ipaddress import ip_address, ip_network

import pytest

from aggregator.networks import is_open, literal


@pytest.mark.parametrize(
    "address",
    [
        "1.1.1.1",
        "9.255.255.255",
        "100.63.255.255",
        "100.128.0.0",
        "172.15.255.255",
        "172.32.0.0",
        "192.0.1.0",
        "192.169.0.0",
        "198.20.0.0",
        "223.255.255.255",
        "2606:4700::1111",
        "2a00::1",
        "::ffff:1.1.1.1",
        "64:ff9b::1.1.1.1",
        "2002:101:101::1",
    ],
)
def test_public_addresses_are_open(address: str) -> None:
    assert is_open(ip_address(address), ())


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",
        "0.1.2.3",
        "10.0.0.1",
        "100.64.0.1",
        "100.100.100.200",
        "127.0.0.1",
        "127.255.255.254",
        "168.63.129.16",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.192",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.1.1",
        "198.18.0.1",
        "198.19.255.255",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "239.255.255.255",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "::127.0.0.1",
        "::ffff:0:127.0.0.1",
        "64:ff9b::127.0.0.1",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::1.1.1.1",
        "100::1",
        "2001::1",
        "2001:0:7f00:1::fefe:fefe",  # Teredo: the server is loopback
        "2001:0:101:101::80ff:fffe",  # Teredo: the client is loopback, its bits inverted
        "2001:2::1",
        "2001:db8::1",
        "2002:7f00:1::1",
        "2002:a9fe:a9fe::1",
        "3fff::1",
        "5f00::1",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "fe80::1%eth0",
        "2606:4700::1111%eth0",
        "fec0::1",
        "ff02::1",
    ],
)
def test_every_other_address_is_closed(address: str) -> None:
    assert not is_open(ip_address(address), ())


def test_a_network_that_was_named_is_open_in_every_disguise() -> None:
    loopback = (ip_network("127.0.0.0/8"),)
    for address in ("127.0.0.1", "::ffff:127.0.0.1", "64:ff9b::127.0.0.1"):
        assert is_open(ip_address(address), loopback)
    for address in ("10.0.0.1", "::1", "::ffff:10.0.0.1"):
        assert not is_open(ip_address(address), loopback)
    assert is_open(ip_address("::1"), (ip_network("::1/128"),))


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("127.0.0.1.", "127.0.0.1"),
        ("2130706433", "127.0.0.1"),
        ("0x7f.1", "127.0.0.1"),
        ("0177.0.0.01", "127.0.0.1"),
        ("127.1", "127.0.0.1"),
        ("0", "0.0.0.0"),
        ("0X7F000001", "127.0.0.1"),
        ("::1", "::1"),
        ("::ffff:7f00:1", "::ffff:127.0.0.1"),
    ],
)
def test_spellings_of_addresses_are_known(host: str, address: str) -> None:
    assert literal(host) == ip_address(address)


@pytest.mark.parametrize("host", ["blog.example", "localhost", "1.2.3.4.5", "127.0.0.1.example", "", "0x7g", "é", "\0"])
def test_names_are_no_addresses(host: str) -> None:
    assert literal(host) is None
