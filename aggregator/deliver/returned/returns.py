"""Verbs on mails that came back: read them, from files or from the mailbox, and let them count once.

Who it was about is taken only from what we signed ourselves: the return path of the mail, or the link in it that
unsubscribes. All else, such as "out of office", is left alone and counted.
"""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from importlib.util import find_spec

from aggregator.clock import Clock
from aggregator.deliver import bounces
from aggregator.deliver.returned import report
from aggregator.deliver.returned.imap import Mailbox
from aggregator.deliver.returned.paths import Returned, ReturnPaths
from aggregator.deliver.returned.report import Report, Says
from aggregator.deliver.subscribers import Subscribers
from aggregator.deliver.tokens import hash_of
from aggregator.errors import Refused
from aggregator.model import ReturnedKind
from aggregator.sandbox import Sandbox, SandboxFailed
from aggregator.store import returned, subscribers
from aggregator.store.database import Database, Tx

EVERY = timedelta(minutes=10)
"""How often the mailbox is looked into."""

_KINDS = {
    Says.HARD: ReturnedKind.HARD,
    Says.SOFT: ReturnedKind.SOFT,
    Says.POLICY: ReturnedKind.SOFT,
    Says.COMPLAINT: ReturnedKind.COMPLAINT,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """What was read."""

    hard: int = 0
    soft: int = 0
    complaint: int = 0
    again: int = 0  # counted before
    later: int = 0  # still being tried
    reply: int = 0  # answers of machines, such as "out of office"
    unknown: int = 0  # no report, or about no mail of ours

    def plus(self, name: str) -> "Tally":
        """One more of what is called so."""
        return replace(self, **{name: getattr(self, name) + 1})

    @property
    def total(self) -> int:
        """How many mails that were."""
        return self.hard + self.soft + self.complaint + self.again + self.later + self.reply + self.unknown


class Returns:
    """What comes back. `mailbox`: None when none is set."""

    def __init__(
        self,
        *,
        db: Database,
        clock: Clock,
        sandbox: Sandbox,
        paths: ReturnPaths,
        readers: Subscribers,
        mailbox: Mailbox | None,
    ) -> None:
        self._db = db
        self._clock = clock
        self._sandbox = sandbox
        self._paths = paths
        self._readers = readers
        self._mailbox = mailbox
        self._next_look = clock()

    async def read(self, mails: Iterable[bytes]) -> Tally:
        """Let these mails count. Raises Refused without the extra `bounces`; what `mails` raises, and StoreError."""
        check_extra()
        tally = Tally()
        for mail in mails:
            tally = tally.plus(await self._count(mail))
        return tally

    async def fetch(self, *, is_stopped: Callable[[], bool] = lambda: False) -> Tally:
        """Let the unread mails in the mailbox count, and mark them as read.

        Raises Refused when no mailbox is set, or without the extra; MailboxFailed; StoreError.
        """
        check_extra()
        if self._mailbox is None:
            raise Refused("No mailbox for returned mails is set.", "Set imap_host, imap_user and a password.")
        tally = Tally()
        with self._mailbox.opened() as box:
            for number in box.unread():
                if is_stopped():
                    break
                tally = tally.plus(await self._count(box.mail(number)))
                box.is_read(number)
        return tally

    async def fetch_due(self, *, is_stopped: Callable[[], bool] = lambda: False) -> Tally:
        """The same, where a mailbox is set and was not looked into for a while."""
        now = self._clock()
        if self._mailbox is None or now < self._next_look:
            return Tally()
        self._next_look = now + EVERY
        return await self.fetch(is_stopped=is_stopped)

    async def _count(self, mail: bytes) -> str:
        """Read one mail and let it count; as what, by the name in Tally."""
        try:
            found = await self._sandbox.run(report.read, mail[: report.MOST_BYTES])
        except SandboxFailed:
            return "unknown"
        kind = _KINDS.get(found.says)
        if kind is None:
            return found.says.value
        with self._db.write() as tx:
            whose = self._whose(tx, found)
            if whose is None:
                return "unknown"
            is_new = returned.add(
                tx,
                _key(whose, kind, mail),
                digest_id=whose.digest_id,
                subscriber_id=whose.subscriber_id,
                kind=kind,
                said=found.code,
                at=self._clock(),
            )
            if is_new:
                self._act(tx, whose, found)
        return kind.value if is_new else "again"

    def _whose(self, tx: Tx, found: Report) -> Returned | None:
        for mark in found.marks:
            whose = self._paths.whose(mark)
            if whose and (whose.digest_id is None or returned.queued_at(tx, whose.digest_id, whose.subscriber_id)):
                return whose
        for token in found.tokens:
            if delivery := returned.by_token(tx, hash_of(token)):
                return Returned(digest_id=delivery[0], subscriber_id=delivery[1])
        return None

    def _act(self, tx: Tx, whose: Returned, found: Report) -> None:
        reader = subscribers.by_id(tx, whose.subscriber_id)
        if reader is None:
            return
        if whose.digest_id is not None:
            queued_at = returned.queued_at(tx, whose.digest_id, whose.subscriber_id)
            if queued_at is not None and queued_at < reader.asked_at:
                return  # they asked again since
        match found.says:
            case Says.HARD:
                bounces.hard_bounce(tx, reader.id, self._clock(), said=found.code or "came back")
            case Says.SOFT if whose.digest_id is not None:
                bounces.came_back(tx, reader.id, self._clock(), said=found.code or "came back")
            case Says.COMPLAINT:
                self._readers.complaint(tx, reader)


def _key(whose: Returned, kind: ReturnedKind, mail: bytes) -> str:
    """A mail of a digest counts once for each kind, however many reports come; a letter, once for each report."""
    if whose.digest_id is not None:
        return f"{whose.digest_id}-{whose.subscriber_id}-{kind}"
    text = mail.replace(b"\r\n", b"\n").strip()  # the same in a file as from a server
    return f"letter-{whose.subscriber_id}-{kind}-{hashlib.sha256(text).hexdigest()[:32]}"


def check_extra() -> None:
    """Raises Refused where the extra `bounces` is not installed."""
    if find_spec("flufl") is None:
        raise Refused("Returned mails cannot be read: flufl.bounce is missing.", "Install it: pip install '.[bounces]'")
