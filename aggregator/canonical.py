"""One address for one page: a key to compare addresses by.

The key is for comparing and for look-ups, never for opening: a host may answer only at its `www.` name.
"""

from urllib.parse import unquote_plus, urlsplit, urlunsplit

from w3lib.url import canonicalize_url

_DEFAULT_PORTS = {"http": ":80", "https": ":443"}

_TRACKING_PREFIXES = ("utm_", "mtm_", "pk_", "piwik_", "hsa_", "itm_", "fb_action_", "oly_")
# fmt: off
_TRACKING = frozenset((
    "fbclid", "gclid", "gclsrc", "dclid", "gbraid", "wbraid", "msclkid", "yclid", "twclid", "ttclid", "igshid",
    "igsh", "li_fat_id", "wickedid", "mc_cid", "mc_eid", "mkt_tok", "_hsenc", "_hsmi", "hsctatracking", "vero_id",
    "vero_conv", "ck_subscriber_id", "__s", "_ga", "_gl", "fb_source", "fb_ref", "ref_src", "ref_url", "trk",
    "trkcampaign", "share", "like_comment", "replytocom", "_wpnonce",
))
# fmt: on
# Names that mean something elsewhere, and only follow people around on these sites.
_TRACKING_AT = {
    "medium.com": frozenset({"source", "sk", "gi"}),
    "substack.com": frozenset({"r", "triedredirect", "publication_id", "post_id", "isfreemail", "showwelcomeonshare"}),
    "youtube.com": frozenset({"si", "feature", "ab_channel", "pp"}),
    "youtu.be": frozenset({"si", "feature"}),
}


def canonical_url(url: str) -> str:
    """The key of `url`: equal for two addresses of one page, and its own key.

    Lower-case scheme and host; no default port, `www.`, trailing slash, fragment or tracking parameters; the
    parameters that are left in alphabetical order; percent-encoding in one spelling (RFC 3986, section 6.2.2).
    An address that cannot be taken apart is its own key.
    """
    given = url.strip()
    # A backslash is read as browsers read it; a bare semicolon would be split off, and the rest come out differently.
    plain = given.replace("\\", "/").replace(";", "%3B")
    try:
        parts = urlsplit(canonicalize_url(plain))
        host = _plain_host(parts.netloc, parts.scheme)
    except ValueError:
        return given
    if not host:
        return given
    path = parts.path.rstrip("/") or "/"
    return urlunsplit((parts.scheme, host, path, _kept(parts.query, host), ""))


def without_tracking(url: str) -> str:
    """`url` as it was given, but without the parameters that only follow readers around."""
    try:
        parts = urlsplit(url)
        host = _plain_host(parts.netloc.lower(), parts.scheme)
    except ValueError:
        return url
    kept = _kept(parts.query, host)
    return url if kept == parts.query else urlunsplit(parts._replace(query=kept))


def _plain_host(netloc: str, scheme: str) -> str:
    host = netloc.removesuffix(_DEFAULT_PORTS.get(scheme, "")).rstrip(".")
    while host.startswith("www.") and "." in host[4:]:
        host = host[4:]
    return host


def _kept(query: str, host: str) -> str:
    """The parameters of `query` that say which page it is."""
    return "&".join(part for part in query.split("&") if part and not _is_tracking(part, host))


def _is_tracking(parameter: str, host: str) -> bool:
    name, _, value = parameter.partition("=")
    name = unquote_plus(name).lower()
    if name in _TRACKING or name.startswith(_TRACKING_PREFIXES):
        return True
    if name == "source" and value.startswith("rss-"):  # Medium, on a publication's own domain
        return True
    return any(name in names and (host == site or host.endswith(f".{site}")) for site, names in _TRACKING_AT.items())
