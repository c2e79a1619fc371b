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


def check_bookmarks(tx: Tx, edited: Digest) -> None:
    """Raises NotFound when one of its picks is of no bookmark."""
    for bookmark_id in {pick.bookmark_id for pick in edited.picks}:
        find_bookmark(tx, bookmark_id)


def check_same(tx: Tx, read: Digest) -> None:
    """Raises Refused when a digest is not as it was read."""
    if digests.by_id(tx, read.id) != read:
        raise _changed_meanwhile(read)


def check_revision(draft: Digest, expected: int) -> None:
    """Raises Refused when a digest is at another revision than expected."""
    if draft.revision != expected:
        raise _changed_meanwhile(draft)


def _changed_meanwhile(digest: Digest) -> Refused:
    return Refused(
        f"{life.named(digest)} was changed by somebody else in the meantime.",
        "Nothing was saved. See how it stands with: five digest show",
    )


def missing(selector: str) -> NoReturn:
    """There is no digest with this name."""
    raise NotFound(f"There is no digest {selector}.", "See them all with: five digest list")
