"""Verbs on digests: open a draft, pick, reorder, write, lint, publish."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import NoReturn, Protocol

from aggregator.clock import Calendar, Clock
from aggregator.digest import rules
from aggregator.digest.lint import Context, lint
from aggregator.errors import NotFound, Refused
from aggregator.model import Bookmark, Digest, Form, Publication, Warned
from aggregator.store import bookmarks, digests
from aggregator.store.database import Database, Tx

Render = Callable[[Digest], Mapping[Form, str]]

_SLUG = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_NUMBER = re.compile(r"[0-9]{1,9}")


class Audience(Protocol):
    """Who gets a digest by mail: written down with its publication."""

    def check(self, digest: Digest, forms: Mapping[Form, str]) -> None:
        """Raises Refused when these forms cannot be sent."""

    def freeze(self, tx: Tx, digest: Digest) -> None:
        """Fix who gets it, in this transaction."""


class Editor:
    """What an editor does with digests.

    A `selector` names a digest by its slug (2026-11-20) or its number. None means the open draft, the one of the
    earliest Friday when there are several. What names nothing raises NotFound; changing what is published, Refused.
    """

    def __init__(
        self,
        *,
        db: Database,
        clock: Clock,
        publication: Publication,
        calendar: Calendar,
        repeat_digests: int,
        render: Render,
        audience: Audience,
    ) -> None:
        self._db = db
        self._clock = clock
        self._publication = publication
        self._calendar = calendar
        self._repeat_digests = repeat_digests
        self._render = render
        self._audience = audience

    def draft(self, friday: date | None = None) -> Digest:
        """The draft of `friday`, opened if need be; without one, of the coming Friday that is not published yet.

        Raises WrongUse for a weekday on which no digest comes out, Refused when that Friday's is published.
        """
        if friday is not None:
            rules.check_friday(friday, self._calendar.weekday)
        with self._db.write() as tx:
            day = friday or digests.open_friday(tx, self._calendar.coming_friday(self._clock()))
            found = digests.by_friday(tx, day)
            if found is None:
                digest_id = digests.open_draft(
                    tx,
                    friday=day,
                    title=rules.title_for(self._publication, day),
                    intro="",
                    outro=rules.outro_for(self._publication),
                    now=self._clock(),
                )
                found = digests.by_id(tx, digest_id) or _missing(day.isoformat())
            rules.check_changeable(found)
        return found

    def pick(self, bookmark_ids: Sequence[int], selector: str | None = None) -> Digest:
        """Place these bookmarks after the picks that are there; each note becomes a commentary.

        All or none: raises NotFound for an unknown bookmark, Refused for a dropped one. One that is there already stays
        as it is.
        """
        with self._db.write() as tx:
            draft = _open_one(tx, selector)
            picks = draft.picks
            for bookmark_id in bookmark_ids:
                picks = rules.place(picks, rules.as_pick(_shortlisted(tx, bookmark_id), self._calendar))
            return _keep(tx, draft, replace(draft, picks=picks))

    def unpick(self, position: int, selector: str | None = None) -> Digest:
        """Take the pick at `position` out; its bookmark stays. Raises WrongUse when there is none."""
        with self._db.write() as tx:
            draft = _open_one(tx, selector)
            return _keep(tx, draft, replace(draft, picks=rules.remove(draft.picks, position)))

    def move(self, position: int, to: int, selector: str | None = None) -> Digest:
        """Move the pick at `position` to `to`; those between make room. Raises WrongUse when either is not there."""
        with self._db.write() as tx:
            draft = _open_one(tx, selector)
            return _keep(tx, draft, replace(draft, picks=rules.move(draft.picks, position, to)))

    def replace(self, edited: Digest, *, expected_revision: int) -> Digest:
        """Save title, intro, outro and picks of an edited draft, and nothing else of it.

        Raises Refused when the draft is not at `expected_revision` any more, NotFound for an unknown bookmark.
        """
        with self._db.write() as tx:
            draft = digests.by_id(tx, edited.id) or _missing(edited.slug)
            _check_revision(draft, expected_revision)
            for bookmark_id in {pick.bookmark_id for pick in edited.picks}:
                _bookmark(tx, bookmark_id)
            return _keep(tx, draft, edited)

    def editable(self, selector: str | None = None) -> Digest:
        """The draft that may be changed. Raises Refused when the one that is named is published."""
        with self._db.read() as tx:
            return _open_one(tx, selector)

    def check_publishable(self, digest: Digest) -> None:
        """Raises Refused for a digest that is empty, or published already."""
        rules.check_publishable(digest)

    def publish(self, selector: str | None = None) -> Digest:
        """Number and date the draft, and freeze what readers get and who gets it by mail, in one write.

        Raises Refused for an empty digest, for a published one, for one that no mail can hold, and when it changed in
        the meantime.
        """
        with self._db.read() as tx:
            draft = _open_one(tx, None) if selector is None else _find(tx, selector)
            number = digests.next_number(tx)
        done = rules.published(draft, number=number, now=self._clock())
        forms = self._render(done)
        self._audience.check(done, forms)
        with self._db.write() as tx:
            _check_revision(digests.by_id(tx, draft.id) or _missing(draft.slug), draft.revision)
            if digests.next_number(tx) != number:
                raise Refused("Another digest was published at the same moment.", "Nothing was changed. Try again.")
            digests.save(tx, done)
            digests.freeze(tx, done.id, forms)
            self._audience.freeze(tx, done)
        return done

    def digest(self, selector: str | None = None) -> Digest:
        """The digest that is named; without a name the open draft, else the latest that is published."""
        with self._db.read() as tx:
            return _find(tx, selector)

    def all(self) -> tuple[Digest, ...]:
        """Every digest, the latest Friday first."""
        with self._db.read() as tx:
            return digests.every(tx)

    def published(self, limit: int = 20) -> tuple[Digest, ...]:
        """The published digests, the latest Friday first."""
        with self._db.read() as tx:
            return digests.published(tx, limit)

    def lint(self, selector: str | None = None) -> tuple[Warned, ...]:
        """What an editor would want to be told about a digest before Friday."""
        with self._db.read() as tx:
            digest = _find(tx, selector)
            earlier, pieces = digests.other_picks(tx, digest.id), digests.pieces(tx, digest.id)
        context = Context(
            publication=self._publication,
            earlier=earlier,
            pieces=pieces,
            today=self._calendar.local(self._clock()).date(),
            repeat_digests=self._repeat_digests,
        )
        return lint(digest, context)

    def rendering(self, selector: str | None, form: Form | str) -> str:
        """A digest in one form: what was frozen of a published one; of a draft, what would be now."""
        with self._db.read() as tx:
            digest = _find(tx, selector)
            forms: Mapping[Form, str] = digests.frozen(tx, digest.id)
        return (forms or self._render(digest))[Form(form)]


def _find(tx: Tx, selector: str | None) -> Digest:
    if selector is None:
        first = (*digests.unpublished(tx)[:1], *digests.published(tx, limit=1))
        if not first:
            raise NotFound("There is no digest yet.", "Open a draft with: five digest draft")
        return first[0]
    found = None
    if _SLUG.fullmatch(selector):
        found = digests.by_friday(tx, _day(selector))
    elif _NUMBER.fullmatch(selector):
        found = digests.by_number(tx, int(selector))
    return found or _missing(selector)


def _open_one(tx: Tx, selector: str | None) -> Digest:
    if selector is None:
        drafts = digests.unpublished(tx)
        if not drafts:
            raise NotFound("There is no open draft.", "Open one with: five digest draft")
        found = drafts[0]
    else:
        found = _find(tx, selector)
    rules.check_changeable(found)
    return found


def _day(slug: str) -> date:
    try:
        return date.fromisoformat(slug)
    except ValueError:
        return _missing(slug)


def _keep(tx: Tx, draft: Digest, edited: Digest) -> Digest:
    after = rules.changed(draft, edited)
    if after != draft:
        digests.save(tx, after)
    return after


def _bookmark(tx: Tx, bookmark_id: int) -> Bookmark:
    found = bookmarks.by_id(tx, bookmark_id)
    if found is None:
        raise NotFound(f"There is no bookmark {bookmark_id}.", "See the week's bookmarks with: five shortlist")
    return found


def _shortlisted(tx: Tx, bookmark_id: int) -> Bookmark:
    found = _bookmark(tx, bookmark_id)
    if found.dropped_at is not None:
        raise Refused(
            f"Bookmark {bookmark_id} was dropped from the shortlist.", f"Bring it back with: five shortlist {found.url}"
        )
    return found


def _check_revision(draft: Digest, expected: int) -> None:
    if draft.revision != expected:
        raise Refused(
            f"The digest of {draft.slug} was changed by somebody else in the meantime.",
            "Nothing was saved. See how it stands with: five digest show",
        )


def _missing(selector: str) -> NoReturn:
    raise NotFound(f"There is no digest {selector}.", "See them all with: five digest list")
