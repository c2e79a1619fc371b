"""The Link header of an answer (RFC 8288, section 3), as far as WebSub needs it (pure)."""

import re
from urllib.parse import urljoin

from aggregator.addresses import safe_url

_LINK = re.compile(r"""<([^<>]{1,4096})>((?:\s*;\s*[\w!#$&+.^`|~*-]+(?:\s*=\s*(?:"[^"]*"|[^\s",;]*))?)*)""")
_RELATION = re.compile(r"""(?:^|[;\s])rel\s*=\s*(?:"([^"]*)"|([^\s",;]+))""", re.IGNORECASE)


def linked(header: str, relation: str, base: str) -> str | None:
    """The first address that the header gives for `relation`; None when it gives none that a request may go to."""
    for target, parameters in _LINK.findall(header[:16384]):
        found = _RELATION.search(parameters)
        if found and relation in (found[1] or found[2]).lower().split():
            try:
                return safe_url(urljoin(base, target.strip()))
            except ValueError:
                return None
    return None
