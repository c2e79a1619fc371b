"""Verbs on digests: open a draft, pick, reorder, write, lint, approve, schedule, publish, put right."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from aggregator.clock import Calendar, Clock
from aggregator.digest import finding, life, rules
from aggregator.digest.audience import Audience as Audience
from aggregator.digest.drafts import Drafts
from aggregator.digest.lint import Context, lint
from aggregator.errors import FiveError, Refused, WrongUse
from aggregator.model import Correction, Digest, DigestFormat, Form, Publication, Warned
from aggregator.store import digests
from aggregator.store.database import Database, Tx

Render = Callable[[Digest], Mapping[Form, str]]

_log = logging.getLogger(__name__)
_MAIL = (Form.EMAIL_HTML, Form.EMAIL_TEXT)


class Editor:
    """What an editor does with digests.

    A `selector` names a digest by its slug (2026-11-20, videos-for-leaders) or an edition by its number. None means the
    open draft: the edition of the earliest Friday, else the oldest draft of another format. What names nothing raises
    NotFound; changing what is published, Refused. `by` is the curator who acts, None at the command line.
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
        second_approver: bool = False,
    ) -> None:
        self._db = db
        self._clock = clock
        self._publication = publication
        self._calendar = calendar
        self._repeat_digests = repeat_digests
        self._render = render
        self._audience = audience
        self._second_approver = second_approver
        self._drafts = Drafts(clock=clock, publication=publication, calendar=calendar)

    def draft(
        self,
        friday: date | None = None,
        *,
        format: DigestFormat | str = DigestFormat.FRIDAY,  # noqa: A002 - what the command line and the form say
        title: str = "",
        bookmark_ids: Sequence[int] = (),
        by: int | None = None,
    ) -> Digest:
        """The draft of `friday`'s edition, opened if need be; without one, of the coming Friday that is not out yet.

        In another format, the open draft of that title, or a new one. `bookmark_ids` are picked as by `pick`. Raises
        WrongUse for a weekday on which no digest comes out or a list without a title, Refused when that Friday's is
        published.
        """
        wanted = DigestFormat(format)
        if wanted is DigestFormat.LINK:
            if len(bookmark_ids) != 1:
                raise WrongUse("A link post is about one bookmark.", "Make it with: five link BOOKMARK")
            return self.link(bookmark_ids[0], by=by)
        with self._db.write() as tx:
            is_edition = wanted is DigestFormat.FRIDAY
            found = self._drafts.edition(tx, friday, title) if is_edition else self._drafts.themed(tx, title)
            return self._place(tx, found, bookmark_ids, by)

    def link(self, bookmark_id: int, *, by: int | None = None) -> Digest:
        """The link post about a bookmark, its draft opened if need be; there is one for each bookmark.

        It quotes what another digest quotes of that page, else how its entry begins: for the editor to look at.
        """
        with self._db.write() as tx:
            return digests.link_of(tx, bookmark_id) or self._drafts.link(tx, bookmark_id, by=by)

    def _place(self, tx: Tx, draft: Digest, bookmark_ids: Sequence[int], by: int | None) -> Digest:
        return _keep(tx, draft, replace(draft, picks=self._drafts.placed(tx, draft, bookmark_ids)), by)

    def pick(self, bookmark_ids: Sequence[int], selector: str | None = None, *, by: int | None = None) -> Digest:
        """Place these bookmarks after the picks that are there; each note becomes a commentary.

        All or none: raises NotFound for an unknown bookmark, Refused for a dropped one. One that is there already stays
        as it is.
        """
        with self._db.write() as tx:
            return self._place(tx, finding.find_open(tx, selector), bookmark_ids, by)

    def unpick(self, position: int, selector: str | None = None, *, by: int | None = None) -> Digest:
        """Take the pick at `position` out; its bookmark stays. Raises WrongUse when there is none."""
        with self._db.write() as tx:
            draft = finding.find_open(tx, selector)
            return _keep(tx, draft, replace(draft, picks=rules.remove(draft.picks, position)), by)

    def move(self, position: int, to: int, selector: str | None = None, *, by: int | None = None) -> Digest:
        """Move the pick at `position` to `to`; those between make room. Raises WrongUse when either is not there."""
        with self._db.write() as tx:
            draft = finding.find_open(tx, selector)
            return _keep(tx, draft, replace(draft, picks=rules.move(draft.picks, position, to)), by)

    def replace(self, edited: Digest, *, expected_revision: int, by: int | None = None) -> Digest:
        """Save title, intro, outro and picks of an edited draft, and nothing else of it.

        The number in the title of a list follows its picks. Raises Refused when the draft is not at
        `expected_revision` any more, NotFound for an unknown bookmark.
        """
        with self._db.write() as tx:
            draft = digests.by_id(tx, edited.id) or finding.missing(edited.slug)
            finding.check_revision(draft, expected_revision)
            finding.check_bookmarks(tx, edited)
            return _keep(tx, draft, edited, by)

    def discard(self, selector: str) -> Digest:
        """Throw a draft away, with its picks; their bookmarks stay. Raises Refused when it is published."""
        with self._db.write() as tx:
            draft = finding.find_open(tx, selector)
            digests.discard(tx, draft.id)
        return draft

    def editable(self, selector: str | None = None) -> Digest:
        """The draft that may be changed. Raises Refused when the one that is named is published."""
        with self._db.read() as tx:
            return finding.find_open(tx, selector)

    def approve(
        self, selector: str | None = None, by: int | None = None, *, expected_revision: int | None = None
    ) -> Digest:
        """Say that a digest is ready; any later change takes that back. Approving twice changes nothing.

        Raises Refused for one that cannot be published, that is not at `expected_revision` any more, or, when a second
        person has to approve, for whoever wrote last.
        """
        with self._db.write() as tx:
            draft = finding.find_open(tx, selector)
            if expected_revision is not None:
                finding.check_revision(draft, expected_revision)
            after = life.approved(draft, by=by, now=self._clock(), by_a_second=self._second_approver)
            return _saved(tx, after)

    def withdraw(self, selector: str | None = None) -> Digest:
        """Take an approval back: the digest is a draft again."""
        with self._db.write() as tx:
            return _saved(tx, life.withdrawn(finding.find_open(tx, selector)))

    def schedule(self, selector: str | None = None, at: datetime | None = None, *, by: int | None = None) -> Digest:
        """Let a digest come out at `at`, without one at the configured time of its Friday; a later call moves it.

        An edition goes out by mail then; other formats do not. Raises Refused for one that cannot be published,
        WrongUse for an instant that has passed, and when the digest has no Friday of its own.
        """
        with self._db.write() as tx:
            draft = finding.find_open(tx, selector)
            if at is None and draft.format is not DigestFormat.FRIDAY:
                raise WrongUse(f"{life.named(draft)} has no Friday of its own.", "Say when: --at '2026-11-24 09:00'")
            if self._second_approver:
                life.check_second(draft, by=by)
            when = at or self._calendar.publish_at(draft.friday)
            return _saved(tx, life.scheduled(draft, at=when, now=self._clock()))

    def unschedule(self, selector: str | None = None) -> Digest:
        """Let a digest wait until somebody publishes it."""
        with self._db.write() as tx:
            return _saved(tx, life.unscheduled(finding.find_open(tx, selector)))

    def needs_asking(self) -> tuple[tuple[Digest, str], ...]:
        """The digests whose time has come and that are not out all the same, each with the reason."""
        now = self._clock()
        with self._db.read() as tx:
            due = digests.due(tx, now)
        reasons = [(digest, self._why_waiting(digest, now) or life.why_overdue(digest, now)) for digest in due]
        return tuple((digest, why) for digest, why in reasons if why)

    def publish_due(self, is_stopped: Callable[[], bool] = lambda: False) -> tuple[Digest, ...]:
        """Publish what is scheduled and due, each once; gives what was published.

        What is more than a day late, or not fit to be published, waits for a person: see `needs_asking`. One that fails
        is logged, tried again at the next call, and does not stop the others.
        """
        now = self._clock()
        with self._db.read() as tx:
            due = digests.due(tx, now)
        done: list[Digest] = []
        for digest in due:
            if is_stopped() or self._why_waiting(digest, now):
                continue
            try:
                done.append(self._publish(digest, mail=None))
            except FiveError as error:
                _log.error("The scheduled digest %s was not published: %s %s", digest.slug, error.what, error.hint)
        return tuple(done)

    def _why_waiting(self, digest: Digest, now: datetime) -> str | None:
        return life.why_waiting(digest, now, by_a_second=self._second_approver)

    def check_publishable(self, digest: Digest, *, by: int | None = None) -> None:
        """Raises Refused for a digest that is empty, published already, or not approved by the second person."""
        life.check_publishable(digest)
        if self._second_approver:
            life.check_second(digest, by=by)

    def publish(
        self,
        selector: str | None = None,
        *,
        mail: bool | None = None,
        by: int | None = None,
        expected_revision: int | None = None,
    ) -> Digest:
        """Date the draft, number it if it is an edition, and freeze what readers get and who gets it by mail, at once.

        An edition is mailed, another format is not, unless `mail` says otherwise. Raises Refused for an empty digest,
        for a published one, for one that no mail can hold, when it changed in the meantime, and when it lacks the
        approval of a second person.
        """
        with self._db.read() as tx:
            draft = finding.find_open(tx, None) if selector is None else finding.find(tx, selector)
        if expected_revision is not None:
            finding.check_revision(draft, expected_revision)
        self.check_publishable(draft, by=by)
        return self._publish(draft, mail=mail)

    def _publish(self, draft: Digest, *, mail: bool | None) -> Digest:
        with self._db.read() as tx:
            number = digests.next_number(tx)
        done = life.published(draft, number=number, now=self._clock(), today=self._today())
        is_mailed = done.format is DigestFormat.FRIDAY if mail is None else mail
        forms = self._render(done)
        if is_mailed:
            self._audience.check(done, forms)
        with self._db.write() as tx:
            finding.check_same(tx, draft)
            if digests.next_number(tx) != number:
                raise Refused("Another digest was published at the same moment.", "Nothing was changed. Try again.")
            digests.save(tx, done)
            digests.freeze(tx, done.id, forms)
            if is_mailed:
                self._audience.freeze(tx, done)
            self._audience.announce(tx, done)
        return done

    def correctable(self, selector: str) -> Digest:
        """The digest that may be put right. Raises Refused when it is not published."""
        with self._db.read() as tx:
            return life.check_correctable(finding.find(tx, selector))

    def correct(self, selector: str, edited: Digest, note: str, by: int | None = None) -> Digest:
        """Put a published digest right: the words and picks of `edited`, and a dated note that readers see.

        Its page, its Markdown and its model are frozen anew; the mail stays as it was sent, and is not sent again.
        Other publications get it anew.
        Raises Refused when it was corrected since `edited` was read, or is not published; WrongUse for no note.
        """
        with self._db.read() as tx:
            before = finding.find(tx, selector)
            finding.check_bookmarks(tx, edited)
        correction = Correction(at=self._clock(), note=note.strip(), by=by)
        after = life.corrected(before, edited, correction)
        finding.check_revision(before, edited.revision)
        forms = {form: body for form, body in self._render(after).items() if form not in _MAIL}
        with self._db.write() as tx:
            finding.check_same(tx, before)
            digests.correct(tx, after, forms)
            self._audience.announce(tx, after)
        return after

    def digest(self, selector: str | None = None) -> Digest:
        """The digest that is named; without a name the open draft, else the edition that was published last."""
        with self._db.read() as tx:
            return finding.find(tx, selector)

    def all(self) -> tuple[Digest, ...]:
        """Every digest, the latest day first."""
        with self._db.read() as tx:
            return digests.every(tx)

    def published(self, limit: int = 20, *, only: DigestFormat | None = None) -> tuple[Digest, ...]:
        """The published digests, or those of one format, the latest day first."""
        with self._db.read() as tx:
            return digests.published(tx, limit, form=only)

    def lint(self, selector: str | None = None) -> tuple[Warned, ...]:
        """What an editor would want to be told about a digest before Friday."""
        with self._db.read() as tx:
            digest = finding.find(tx, selector)
            earlier, pieces = digests.other_picks(tx, digest.id), digests.pieces(tx, digest.id)
        context = Context(
            publication=self._publication,
            earlier=earlier,
            pieces=pieces,
            today=self._today(),
            repeat_digests=self._repeat_digests,
        )
        return lint(digest, context)

    def rendering(self, selector: str | None, form: Form | str) -> str:
        """A digest in one form: what was frozen of a published one; of a draft, what would be now."""
        with self._db.read() as tx:
            digest = finding.find(tx, selector)
            forms: Mapping[Form, str] = digests.frozen(tx, digest.id)
        return (forms or self._render(digest))[Form(form)]

    def _today(self) -> date:
        return self._calendar.local(self._clock()).date()


def _keep(tx: Tx, draft: Digest, edited: Digest, by: int | None) -> Digest:
    after = life.changed(draft, edited, by=by)
    return draft if after == draft else _saved(tx, after)


def _saved(tx: Tx, digest: Digest) -> Digest:
    digests.save(tx, digest)
    return digest
