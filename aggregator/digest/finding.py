"""Which digest, and which bookmark, is meant; what names nothing raises NotFound."""

import re
from typing import NoReturn

from aggregator.digest import life
from aggregator.errors import NotFound, Refused
from aggregator.model import Bookmark, Digest, DigestFormat
from aggregator.store import bookmarks, digests
from aggregator.store.database import Tx

_NUMBER = re.compile(r"[0-9]{1,9}")


def find(tx: Tx, selector: str | None) -> Digest:
    """The digest with this slug or number; without one, the open draft, else the edition published last."""
    if selector is None:
        first = (*digests.unpublished(tx)[:1], *digests.published(tx, 1, form=DigestFormat.FRIDAY))
        first = first or digests.published(tx, 1)
        if not first:
            raise NotFound("There is no digest yet.", "Open a draft with: five digest draft")
        return first[0]
    found = digests.by_slug(tx, selector)
    if found is None and _NUMBER.fullmatch(selector):
        found = digests.by_number(tx, int(selector))
    return found or missing(selector)


def find_open(tx: Tx, selector: str | None) -> Digest:
    """The digest that is named, or the open draft. Raises Refused when it is published."""
    if selector is None:
        drafts = digests.unpublished(tx)
        if not drafts:
            raise NotFound("There is no open draft.", "Open one with: five digest draft")
        found = drafts[0]
    else:
        found = find(tx, selector)
    life.check_changeable(found)
    return found


def find_bookmark(tx: Tx, bookmark_id: int) -> Bookmark:
    """The bookmark with this id."""
    found = bookmarks.by_id(tx, bookmark_id)
    if found is None:
        raise NotFound(f"There is no bookmark {bookmark_id}.", "See the week's bookmarks with: five shortlist")
    return found


def find_shortlisted(tx: Tx, bookmark_id: int) -> Bookmark:
    """The bookmark with this id. Raises Refused when it was dropped."""
    found = find_bookmark(tx, bookmark_id)
    if found.dropped_at is not None:
        raise Refused(
            f"Bookmark {bookmark_id} was dropped from the shortlist.", f"Bring it back with: five shortlist {found.url}"
        )
    return found


def missing(selector: str) -> NoReturn:
    """There is no digest with this name."""
    raise NotFound(f"There is no digest {selector}.", "See them all with: five digest list")
