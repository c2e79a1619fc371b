"""Readers come and go: subscribe, confirm, unsubscribe, erase; and, for maintainers, add, import, export.

What a stranger may try changes nothing before the mailbox's owner says so: signing up only sends a mail (double
opt-in), and it sends one whether the address is known or not, so that nobody learns who reads us.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import NoReturn

from aggregator.clock import Clock
from aggregator.deliver import imports, letters, own_data, spreadsheet
from aggregator.deliver.imports import Candidate, ImportPlan
from aggregator.deliver.mailbox import mailbox
from aggregator.deliver.own_data import OwnData
from aggregator.deliver.tokens import Tokens, hash_of
from aggregator.errors import NotFound, Refused
from aggregator.model import ConsentAction, Publication, Subscriber, SubscriberStatus
from aggregator.store import consents, subscribers
from aggregator.store.database import Database, Tx

CONFIRM_WITHIN = timedelta(days=14)
KEPT_AFTER_END = timedelta(days=30)
FRESH = timedelta(days=7)  # a sign-up that is older is begun anew, so that its link lives for a week at least
PER_ADDRESS = 3
ADDRESS_WINDOW = timedelta(hours=24)
PER_NETWORK = 20
NETWORK_WINDOW = timedelta(hours=1)
_PAGE = 1000
_NOBODY = 0  # the id of no subscriber


class Subscribers:
    """What readers do with their subscription, and maintainers with everybody's.

    A token that leads to nobody raises NotFound, unless said otherwise. Safe to call for a GET, because they change
    nothing: `waiting`, `holder`, `own_data`, `page`, `counts`, `preview` and `export`.
    """

    def __init__(self, *, db: Database, clock: Clock, publication: Publication, tokens: Tokens) -> None:
        self._db = db
        self._clock = clock
        self._publication = publication
        self._tokens = tokens

    @property
    def wording(self) -> str:
        """What somebody agrees to who signs up: the form must show it."""
        return letters.wording(self._publication)

    # ------------------------------------------------------------------------------------------ readers

    def subscribe(self, address: str, *, network: str = "", source: str = "form") -> None:
        """Have a mail sent to `address` that asks to confirm, or says that all is done; the same for all to see.

        `network` is where the request came from. Raises BadAddress for what is no address; Refused when this network
        asks too often. When an address is asked for too often, nothing happens, and nothing is said.
        """
        address = mailbox(address)
        now = self._clock()
        with self._db.write() as tx:
            if not self._counts(tx, network, since=now - NETWORK_WINDOW, most=PER_NETWORK):
                raise Refused("There were many sign-ups from your network just now.", "Try again in an hour.")
            if self._counts(tx, address, since=now - ADDRESS_WINDOW, most=PER_ADDRESS):
                self._ask(tx, address, source=source, now=now)

    def waiting(self, token: str) -> Subscriber:
        """Whom the link in a confirmation mail belongs to."""
        with self._db.read() as tx:
            return self._waiting(tx, token)

    def confirm(self, token: str) -> Subscriber:
        """It was they: from now on they get the mail. Again is as once."""
        now = self._clock()
        with self._db.write() as tx:
            found = self._waiting(tx, token)
            if found.status is SubscriberStatus.ACTIVE:
                return found
            subscribers.confirm(tx, found.id, at=now)
            agreed = consents.wording(tx, self.wording, at=now)
            consents.log(tx, [found.id], ConsentAction.CONFIRMED, at=now, source="link", wording_hash=agreed)
            consents.lift(tx, self._tokens.address_hash(found.address))
            return _known(tx, found.id)

    def holder(self, token: str) -> Subscriber:
        """Whose the link in a mail is that unsubscribes and manages."""
        with self._db.read() as tx:
            return _holder(tx, token)

    def unsubscribe(self, token: str, *, source: str = "page") -> Subscriber | None:
        """No mail any more, from this moment on. Again is as once; None when the link leads to nobody (any more)."""
        with self._db.write() as tx:
            found = subscribers.by_own_token(tx, hash_of(token))
            if found is None or found.status is SubscriberStatus.UNSUBSCRIBED:
                return found
            self._end(tx, found, ConsentAction.UNSUBSCRIBED, source=source)
            return _known(tx, found.id)

    def own_data(self, token: str) -> OwnData:
        """All that is kept about whoever the link belongs to."""
        with self._db.read() as tx:
            return own_data.of(tx, _holder(tx, token))

    def erase_own(self, token: str) -> None:
        """Forget whoever the link belongs to."""
        with self._db.write() as tx:
            self._erase(tx, _holder(tx, token), source="page")

    # ------------------------------------------------------------------------------------------ maintainers

    def page(
        self, *, status: SubscriberStatus | None = None, after: int = 0, limit: int = 50
    ) -> tuple[Subscriber, ...]:
        """The next subscribers after the id `after`, in the order of their ids."""
        with self._db.read() as tx:
            return subscribers.page(tx, status=status, after=after, limit=limit)

    def counts(self) -> dict[SubscriberStatus, int]:
        """How many there are of each status."""
        with self._db.read() as tx:
            return subscribers.counts(tx)

    def waiting_since(self, before: datetime) -> bool:
        """Whether somebody's confirmation mail was due before, and has not been sent."""
        with self._db.read() as tx:
            return bool(subscribers.letters_due(tx, now=before, limit=1))

    def recognises_who_left(self) -> bool:
        """Whether the key is the one with which they were remembered."""
        with self._db.read() as tx:
            return self._recognises_who_left(tx)

    def add(self, address: str, *, source: str = "command line") -> Subscriber:
        """Ask `address` by mail to confirm.

        Raises BadAddress; Refused for a subscriber, and for somebody who complained about our mail.
        """
        address = mailbox(address)
        with self._db.write() as tx:
            if (found := subscribers.by_address(tx, address)) and found.status is SubscriberStatus.ACTIVE:
                raise Refused(f"{address} is a subscriber already.", "Nothing was changed.")
            if not self._ask(tx, address, source=source, now=self._clock()):
                raise Refused(f"{address} complained about our mail.", "Only the person can come back, by the form.")
            return subscribers.by_address(tx, address) or _nobody()

    def preview(self, text: str) -> ImportPlan:
        """What `bring_in` would do with a CSV file. Raises WrongUse when it cannot be read."""
        found = imports.candidates(spreadsheet.addresses_in(text))
        with self._db.read() as tx:
            return self._plan(tx, found)

    def bring_in(self, text: str, *, basis: str) -> ImportPlan:
        """Make those subscribers who agreed elsewhere; `basis` says when, where and how, for the consent log.

        Who left is not brought back. Raises WrongUse for a file that cannot be read or a basis that says nothing.
        """
        basis = imports.basis_of(basis)
        found = imports.candidates(spreadsheet.addresses_in(text))
        now = self._clock()
        with self._db.write() as tx:
            plan = self._plan(tx, found)
            ids = subscribers.add_confirmed(tx, plan.added, at=now)
            consents.log(tx, ids, ConsentAction.IMPORTED, at=now, source=f"import: {basis}")
        return plan

    def export(self) -> str:
        """Everybody as CSV, for a spreadsheet: no cell of it is a formula."""
        return spreadsheet.sheet(
            ["id", "email", "status", "asked", "confirmed", "ended"],
            (
                [str(one.id), one.address, one.status, *map(_day, (one.asked_at, one.confirmed_at, one.ended_at))]
                for one in self._everybody()
            ),
        )

    def leave(self, subscriber_id: int, *, source: str) -> Subscriber:
        """No mail any more, because they said so to one of us. Again is as once."""
        with self._db.write() as tx:
            found = _known(tx, subscriber_id)
            if found.status is not SubscriberStatus.UNSUBSCRIBED:
                self._end(tx, found, ConsentAction.UNSUBSCRIBED, source=source)
            return _known(tx, subscriber_id)

    def erase(self, address: str, *, source: str = "command line") -> None:
        """Forget a person, and keep only what keeps an import from bringing the address back.

        An address that is unknown is kept from being brought in too. Raises BadAddress.
        """
        address = mailbox(address)
        with self._db.write() as tx:
            if found := subscribers.by_address(tx, address):
                self._erase(tx, found, source=source)
            else:
                self._suppress(tx, address, ConsentAction.ERASED)

    def complained(self, address: str) -> None:
        """A mailbox provider passed a complaint on: no mail any more, and no import brings the address back."""
        address = mailbox(address)
        with self._db.write() as tx:
            if found := subscribers.by_address(tx, address):
                self.complaint(tx, found)
            else:
                self._suppress(tx, address, ConsentAction.COMPLAINED)

    def complaint(self, tx: Tx, found: Subscriber) -> None:
        """The same, within a transaction."""
        if found.status is not SubscriberStatus.UNSUBSCRIBED:
            self._end(tx, found, ConsentAction.COMPLAINED, source="complaint")

    def purge(self) -> int:
        """Forget who never confirmed within two weeks, and who left a month ago; gives how many people."""
        now = self._clock()
        with self._db.read() as tx:
            if not self._outdated(tx, now) and not consents.has_attempts(tx, now - ADDRESS_WINDOW):
                return 0
        with self._db.write() as tx:
            gone = self._outdated(tx, now)
            for each in gone:
                if each.status is SubscriberStatus.BOUNCED:
                    self._suppress(tx, each.address, ConsentAction.BOUNCED)
                _remove(tx, each)
            consents.forget_attempts(tx, now - ADDRESS_WINDOW)
        return len(gone)

    # ------------------------------------------------------------------------------------------ inside a transaction

    def _ask(self, tx: Tx, address: str, *, source: str, now: datetime) -> bool:
        """Have the mail sent that suits how they stand; False when this address is to be left alone.

        The same statements run whoever it is, and those that do not concern them meet no row: how long the answer
        takes does not tell who reads us.
        """
        is_wanted = consents.suppression(tx, self._tokens.address_hash(address)) != ConsentAction.COMPLAINED
        subscribers.ask(tx, address, at=now, anew_before=now - FRESH, is_wanted=is_wanted)
        found = subscribers.by_address(tx, address)
        reader = found.id if found and is_wanted else _NOBODY
        waits = reader if found and found.status is SubscriberStatus.PENDING else _NOBODY
        subscribers.remember_own_link(tx, reader, hash_of(self._tokens.manage(reader)))
        confirm = self._tokens.confirm(waits, found.asked_at if found else now)
        subscribers.remember_confirm_link(tx, waits, hash_of(confirm))
        agreed = consents.wording(tx, self.wording, at=now)
        consents.log_asked(tx, waits, at=now, source=source, wording_hash=agreed)
        subscribers.letter_due(tx, reader, at=now)
        return is_wanted

    def _counts(self, tx: Tx, who: str, *, since: datetime, most: int) -> bool:
        now = self._clock()
        return not who or consents.count_attempt(tx, self._tokens.who_hash(who), now=now, since=since, most=most)

    def _waiting(self, tx: Tx, token: str) -> Subscriber:
        found = subscribers.by_confirm_token(tx, hash_of(token))
        if found is None or (
            found.status is SubscriberStatus.PENDING and found.asked_at <= self._clock() - CONFIRM_WITHIN
        ):
            raise NotFound("This link does not work any more.", "Sign up again, and use the newest mail.")
        return found

    def _plan(self, tx: Tx, found: Sequence[Candidate]) -> ImportPlan:
        if not self._recognises_who_left(tx):
            raise Refused(
                "Who left cannot be recognised: secret.key is not the one that this database was used with.",
                "Bring the secret.key of your backup back into the data folder.",
            )
        left = consents.suppressed_hashes(tx)
        return imports.plan(
            found,
            known=subscribers.statuses(tx, [each.address for each in found]),
            suppressed=lambda address: left.get(self._tokens.address_hash(address)),
        )

    def _recognises_who_left(self, tx: Tx) -> bool:
        made_with = consents.keys(tx)
        return not made_with or made_with == {self._tokens.key_id}

    def _end(self, tx: Tx, found: Subscriber, action: ConsentAction, *, source: str) -> None:
        now = self._clock()
        subscribers.end(tx, found.id, SubscriberStatus.UNSUBSCRIBED, at=now)
        subscribers.skip_queued(tx, found.id)
        consents.log(tx, [found.id], action, at=now, source=source)
        self._suppress(tx, found.address, action)

    def _erase(self, tx: Tx, found: Subscriber, *, source: str) -> None:
        _remove(tx, found)
        consents.log(tx, [None], ConsentAction.ERASED, at=self._clock(), source=source)
        self._suppress(tx, found.address, ConsentAction.ERASED)

    def _outdated(self, tx: Tx, now: datetime) -> tuple[Subscriber, ...]:
        return (
            *subscribers.unconfirmed(tx, asked_before=now - CONFIRM_WITHIN, limit=_PAGE),
            *subscribers.ended(tx, before=now - KEPT_AFTER_END, limit=_PAGE),
        )

    def _suppress(self, tx: Tx, address: str, reason: ConsentAction) -> None:
        consents.suppress(
            tx, self._tokens.address_hash(address), at=self._clock(), reason=reason, key_id=self._tokens.key_id
        )

    def _everybody(self) -> Iterator[Subscriber]:
        after = 0
        while found := self.page(after=after, limit=_PAGE):
            yield from found
            after = found[-1].id


def _remove(tx: Tx, found: Subscriber) -> None:
    subscribers.skip_queued(tx, found.id)
    consents.detach(tx, [found.id])
    subscribers.erase(tx, found.id)


def _holder(tx: Tx, token: str) -> Subscriber:
    found = subscribers.by_own_token(tx, hash_of(token))
    if found is None:
        raise NotFound("This link leads to nobody (any more).", "Use the link in the newest mail that you got.")
    return found


def _known(tx: Tx, subscriber_id: int) -> Subscriber:
    return subscribers.by_id(tx, subscriber_id) or _nobody()


def _nobody() -> NoReturn:
    raise NotFound("There is no such subscriber (any more).", "See them with: five subscribers list")


def _day(instant: datetime | None) -> str:
    return instant.date().isoformat() if instant else ""
