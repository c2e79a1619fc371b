"""What a curator makes of a piece, and takes back: what verbs do inside their transactions."""

from dataclasses import dataclass
from datetime import date, datetime

from aggregator.curate import keeping
from aggregator.curate.keeping import Shortlisted
from aggregator.curate.visit import Visited
from aggregator.errors import Refused
from aggregator.model import Verdict
from aggregator.store import bookmarks, inbox
from aggregator.store.database import Tx


@dataclass(frozen=True, slots=True, kw_only=True)
class Undone:
    """What was taken back."""

    entry_id: int  # that leads the piece
    verdict: Verdict
    note: str  # that went with it, so that no word is lost


def shortlist(
    tx: Tx,
    leader_id: int,
    *,
    note: str | None,
    friday: date,
    at: datetime,
    by: int | None,
    expected_revision: int | None,
) -> Shortlisted:
    """Bookmark the piece; what nobody has seen yet of another's note is not replaced (Refused)."""
    found = keeping.found_in(tx, leader_id)
    visited = Visited(asked=found.url, found=found)
    held = keeping.held_of(tx, visited)
    if held and note is not None and expected_revision is not None:
        is_news = held.note and held.revision != expected_revision
        if is_news and held.note != note.strip():
            raise Refused("Somebody else wrote a note on this meanwhile.", "Put both together, and save again.")
    done = keeping.keep(tx, visited, note=note, friday=friday, at=at, by=by)
    if done.bookmark.entry_id == leader_id:
        inbox.take_back(tx, leader_id)  # when it had been dismissed: the last word counts
    return done


def last_of(tx: Tx, by: int) -> int:
    """The piece that this curator judged last. Raises Refused when there is none."""
    judged = [one for one in (inbox.last_dismissed(tx, by), bookmarks.last_added(tx, by)) if one]
    if not judged:
        raise Refused("There is nothing of yours to undo.", "")
    return max(judged)[1]


def take_back(tx: Tx, leader_id: int, *, by: int, since: datetime, at: datetime) -> Undone:
    """The piece is as if it had not been judged; a bookmark from before `since` is dropped, and not forgotten."""
    judged = inbox.judgements(tx, [leader_id]).get(leader_id)
    if judged is None:
        raise Refused("Nobody has judged this yet, so there is nothing to undo.", "")
    undone = Undone(entry_id=leader_id, verdict=judged.verdict, note=judged.note)
    if judged.bookmark_id is None:
        inbox.take_back(tx, leader_id)
        return undone
    held = keeping.bookmark(tx, judged.bookmark_id)
    if judged.verdict is Verdict.DISMISSED:
        bookmarks.put_on(tx, held.id, held.friday)
        return undone
    if held.picked_in:
        raise Refused(f"It is in the digest of {held.picked_in}.", "Take it out there first.")
    if held.added_by not in (None, by):
        raise Refused("Somebody else shortlisted this.", "You can drop it from the shortlist, where its note is kept.")
    if held.entry_id != leader_id or held.added_at < since:
        bookmarks.drop(tx, held.id, at=at)
    else:
        bookmarks.forget(tx, held.id)
    return undone
