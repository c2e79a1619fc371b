"""How a draft of each format begins, inside a write of the editor's."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from aggregator.clock import Calendar, Clock
from aggregator.digest import finding, formats, life, rules
from aggregator.errors import WrongUse
from aggregator.model import Digest, DigestFormat, Pick, Publication
from aggregator.store import digests
from aggregator.store.database import Tx


class Drafts:
    """Finds the open draft that is meant, or opens it."""

    def __init__(self, *, clock: Clock, publication: Publication, calendar: Calendar) -> None:
        self._clock = clock
        self._publication = publication
        self._calendar = calendar

    def edition(self, tx: Tx, friday: date | None, title: str) -> Digest:
        """The draft of `friday`'s edition, or of the coming Friday that is not out yet.

        Raises WrongUse for a weekday on which no digest comes out, Refused when that Friday's is published.
        """
        if friday is not None:
            rules.check_friday(friday, self._calendar.weekday)
        day = friday or digests.open_friday(tx, self._calendar.coming_friday(self._clock()))
        found = digests.by_friday(tx, day)
        if found is None:
            digest_id = digests.open_draft(
                tx,
                slug=day.isoformat(),
                friday=day,
                title=title.strip() or rules.title_for(self._publication, day),
                intro="",
                outro=rules.outro_for(self._publication),
                now=self._clock(),
            )
            found = digests.by_id(tx, digest_id) or finding.missing(day.isoformat())
        life.check_changeable(found)
        return found

    def themed(self, tx: Tx, title: str) -> Digest:
        """The open list of that title, whatever the number in it, or a new one. Raises WrongUse without a title."""
        if not title.strip():
            raise WrongUse("A themed list needs a title.", "Such as: --title '5 videos to help leaders'")
        slug = formats.slug_for(title.strip(), DigestFormat.THEMED)
        found = digests.by_slug(tx, slug)
        if found is None or found.format is not DigestFormat.THEMED or found.published_at is not None:
            found = self._open(tx, slug, title.strip(), DigestFormat.THEMED)
        return found

    def link(self, tx: Tx, bookmark_id: int, *, by: int | None) -> Digest:
        """A new link post about a bookmark, with what may be quoted. Raises NotFound, or Refused for a dropped one."""
        bookmark = finding.find_shortlisted(tx, bookmark_id)
        title = formats.link_title(bookmark.title)
        opened = self._open(tx, formats.slug_for(bookmark.title, DigestFormat.LINK), title, DigestFormat.LINK)
        quoted = digests.quote_of(tx, bookmark_id) or formats.first_paragraph(digests.text_of(tx, bookmark_id))
        pick = replace(rules.as_pick(bookmark, self._calendar), position=1, quote=quoted)
        begun = replace(opened, picks=(pick,), changed_by=by)
        digests.save(tx, begun)
        return begun

    def placed(self, tx: Tx, draft: Digest, bookmark_ids: Sequence[int]) -> tuple[Pick, ...]:
        """The picks of a draft with these bookmarks after them. Raises NotFound, or Refused for a dropped one."""
        picks = draft.picks
        for bookmark_id in bookmark_ids:
            picks = rules.place(picks, rules.as_pick(finding.find_shortlisted(tx, bookmark_id), self._calendar))
        return picks

    def _open(self, tx: Tx, wanted: str, title: str, form: DigestFormat) -> Digest:
        slug, number = wanted, 1
        while digests.by_slug(tx, slug) is not None:
            number += 1
            slug = f"{wanted}-{number}"
        now = self._clock()
        today = self._calendar.local(now).date()
        digest_id = digests.open_draft(tx, slug=slug, friday=today, title=title, intro="", outro="", now=now, form=form)
        return digests.by_id(tx, digest_id) or finding.missing(slug)
