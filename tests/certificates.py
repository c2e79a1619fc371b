"""Certificates for servers on loopback, by an authority that only tests believe."""

import ssl

import trustme

OURS = trustme.CA()


def certified(*names: str, by: trustme.CA = OURS) -> ssl.SSLContext:
    """What a server with a certificate for these names shows."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    by.issue_cert(*names).configure_cert(context)
    return context


def trusting(authority: trustme.CA = OURS) -> ssl.SSLContext:
    """What a client that trusts this authority checks by."""
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context
