"""The people who choose: curators, editors, maintainers; how they sign in and out.

A new curator gets a one-time link, with which they set a password. Of links, sessions and passwords only hashes are
kept. A session ends at sign-out, and all of somebody's end when their password or role changes or they leave.
"""

import ipaddress
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import NoReturn

from aggregator import passwords
from aggregator.clock import Clock
from aggregator.deliver.mailbox import mailbox
from aggregator.deliver.tokens import hash_of
from aggregator.errors import NotFound, Refused, TooManyTries, WrongUse
from aggregator.model import Curator, Role, Session
from aggregator.store import consents, curators
from aggregator.store.database import Database, Tx

LINK_LASTS = timedelta(days=3)
SESSION_LASTS = timedelta(days=30)
UNUSED_LASTS = timedelta(days=7)
"""A session that nobody used for so long is over."""
SEEN_EVERY = timedelta(hours=1)
TRIES_WITHIN = timedelta(minutes=15)
TRIES_TOGETHER = 10  # for one address from one network
TRIES_PER_ADDRESS = 100  # from everywhere: few enough to guess nothing, enough that a stranger locks nobody out at once
TRIES_PER_NETWORK = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """A new session; the token is for the browser, and is kept nowhere else."""

    token: str
    session: Session


class People:
    """Who may do what; all of it by mail address, in any case."""

    def __init__(self, *, db: Database, clock: Clock, base_url: str, who_hash: Callable[[str], str]) -> None:
        self._db = db
        self._clock = clock
        self._base_url = base_url
        self._who_hash = who_hash

    # ------------------------------------------------------------------------------------------ maintainers

    def curators(self) -> tuple[Curator, ...]:
        """Everybody who may sign in, or once might, by address."""
        with self._db.read() as tx:
            return tuple(found for found in curators.every(tx) if found.email)

    def add(self, email: str, role: Role) -> str:
        """A new curator; the address of a one-time link to set a password with.

        Raises BadAddress for what is no mail address, Refused when they are there already.
        """
        email = mailbox(email)
        with self._db.write() as tx:
            held = curators.by_email(tx, email)
            if held is None:
                return self._new_link(tx, curators.add(tx, email, role, at=self._clock()))
            if held.ended_at is None:
                raise Refused(f"{email} is here already, as {held.role}.", _HOW_TO_CHANGE)
            curators.take_back(tx, held.id, role)
            return self._new_link(tx, held.id)

    def link(self, email: str) -> str:
        """A new one-time link, for somebody who lost the last one, or the password. Raises NotFound."""
        with self._db.write() as tx:
            return self._new_link(tx, _active(tx, email).id)

    def first_link(self) -> str | None:
        """While there are no curators: a link that makes whoever opens it the first maintainer. None after that."""
        with self._db.write() as tx:
            if _is_taken(tx):
                return None
            held = curators.by_email(tx, "")
            first = held.id if held else curators.add(tx, "", Role.MAINTAINER, at=self._clock())
            return self._new_link(tx, first)

    def change_role(self, email: str, role: Role) -> Curator:
        """From now on they may do this, once they have signed in again.

        Raises NotFound, or Refused for the last maintainer.
        """
        with self._db.write() as tx:
            found = _active(tx, email)
            if found.role is not role:
                _check_not_last(tx, found)
                curators.set_role(tx, found.id, role)
                curators.end_sessions(tx, found.id)
            return curators.by_id(tx, found.id) or _nobody(email)

    def end(self, email: str) -> Curator:
        """They may not sign in any more, from this moment on. Raises NotFound, or Refused for the last maintainer."""
        with self._db.write() as tx:
            found = _active(tx, email)
            _check_not_last(tx, found)
            curators.end(tx, found.id, at=self._clock())
            curators.end_sessions(tx, found.id)
            return curators.by_id(tx, found.id) or _nobody(email)

    # ------------------------------------------------------------------------------------------ signing in

    def holder(self, link_token: str) -> Curator:
        """Whose one-time link this is. Raises NotFound for one that is used up, too old or wrong."""
        with self._db.read() as tx:
            return self._holder(tx, link_token)

    def set_password(self, link_token: str, password: str, *, email: str = "") -> SignedIn:
        """Set the password of whoever the link belongs to, and sign them in; it works once.

        `email` is for the first maintainer, who has no address yet. Raises NotFound as `holder`, BadAddress, and
        WrongUse for a password that will not do.
        """
        email = self.holder(link_token).email or mailbox(email)
        kept = _kept(password, email)
        with self._db.write() as tx:
            found = self._holder(tx, link_token)  # again: the link may have been used meanwhile
            curators.set_password(tx, found.id, kept, email=email)
            curators.end_sessions(tx, found.id)
            return self._open_session(tx, found.id)

    def sign_in(self, email: str, password: str, *, network: str) -> SignedIn:
        """A new session. `network` is the address that the request came from.

        Raises Refused, in the same words and after the same time, whatever does not match; TooManyTries.
        """
        email = email.strip().lower()[: passwords.LONGEST]
        self._count(email, network)
        with self._db.read() as tx:
            found = curators.by_email(tx, email) if email else None
            kept = curators.password_hash(tx, found.id) if found else None
        if not passwords.matches(password, kept) or found is None:
            raise Refused("That email address and password do not match.", "Check both, and try again.")
        with self._db.write() as tx:
            if curators.password_hash(tx, found.id) != kept:
                raise Refused("The password was changed at the same moment.", "Sign in with the new one.")
            return self._open_session(tx, found.id)

    def enter(self, email: str) -> SignedIn:
        """A session without a password: for the demo, on the person's own machine. Raises NotFound."""
        with self._db.write() as tx:
            return self._open_session(tx, _active(tx, email).id)

    def session(self, token: str) -> Session | None:
        """The session whose token this is, while it lasts; using it keeps it alive."""
        now = self._clock()
        with self._db.read() as tx:
            found = curators.session(tx, hash_of(token))
        if found is None or found.expires_at <= now or now - found.seen_at >= UNUSED_LASTS:
            return None
        if now - found.seen_at >= SEEN_EVERY:
            with self._db.write() as tx:
                curators.seen(tx, hash_of(token), at=now)
        return found

    def sign_out(self, token: str) -> None:
        """The session with this token ends; nothing happens when there is none."""
        with self._db.write() as tx:
            curators.end_session(tx, hash_of(token))

    def change_password(self, curator: Curator, old: str, new: str, *, network: str) -> SignedIn:
        """Replace the password, and end every session but the new one.

        Raises Refused when `old` is not the password, WrongUse for one that will not do, TooManyTries.
        """
        self._count(curator.email, network)
        with self._db.read() as tx:
            kept = curators.password_hash(tx, curator.id)
        if not passwords.matches(old, kept):
            raise Refused("That is not your password.", "Enter the one that you signed in with.")
        new_hash = _kept(new, curator.email)
        with self._db.write() as tx:
            if curators.password_hash(tx, curator.id) != kept:
                raise Refused("The password was changed at the same moment.", "Sign in with the new one.")
            curators.set_password(tx, curator.id, new_hash, email=curator.email)
            curators.end_sessions(tx, curator.id)
            return self._open_session(tx, curator.id)

    def use_single_keys(self, curator: Curator, wanted: bool) -> None:
        """Whether one key alone does something on the desk, for this curator (WCAG 2.2, 2.1.4)."""
        with self._db.write() as tx:
            curators.set_single_keys(tx, curator.id, wanted)

    # ------------------------------------------------------------------------------------------ parts

    def _holder(self, tx: Tx, link_token: str) -> Curator:
        found = curators.by_link(tx, hash_of(link_token), self._clock())
        if found is None or (not found.email and _is_taken(tx)):
            raise NotFound("This link has been used, or is too old.", "Ask a maintainer for a new one.")
        return found

    def _new_link(self, tx: Tx, curator_id: int) -> str:
        token = secrets.token_urlsafe(24)
        curators.set_link(tx, curator_id, hash_of(token), expires_at=self._clock() + LINK_LASTS)
        return f"{self._base_url}/password/{token}"

    def _open_session(self, tx: Tx, curator_id: int) -> SignedIn:
        now = self._clock()
        token, csrf_token = secrets.token_urlsafe(32), secrets.token_urlsafe(24)
        curators.forget_sessions(tx, expired=now, unseen_since=now - UNUSED_LASTS)
        curators.open_session(
            tx,
            curator_id,
            token_hash=hash_of(token),
            csrf_token=csrf_token,
            at=now,
            expires_at=now + SESSION_LASTS,
        )
        opened = curators.session(tx, hash_of(token))
        return SignedIn(token=token, session=opened) if opened else _nobody("who signed in")

    def _count(self, email: str, network: str) -> None:
        now = self._clock()
        counted = (
            (f"sign-in {email} {_wide(network)}", TRIES_TOGETHER),
            (f"sign-in {_wide(network)}", TRIES_PER_NETWORK),
            (f"sign-in {email}", TRIES_PER_ADDRESS),
        )
        with self._db.write() as tx:
            for who, most in counted:
                if not consents.count_attempt(tx, self._who_hash(who), now=now, since=now - TRIES_WITHIN, most=most):
                    raise TooManyTries(
                        "There were too many tries just now.", "Wait a quarter of an hour, and try again."
                    )


_HOW_TO_CHANGE = "A new link: five curator link EMAIL. Another role: five curator role EMAIL ROLE"


def _kept(password: str, email: str) -> str:
    objection = passwords.objection(password, email)
    if objection:
        raise WrongUse("That password will not do.", objection)
    return passwords.hash_of(password)


def _active(tx: Tx, email: str) -> Curator:
    found = curators.by_email(tx, email.strip().lower()) if email.strip() else None
    return found if found and found.ended_at is None else _nobody(email)


def _is_taken(tx: Tx) -> bool:
    """Whether somebody is here, so that the first link is of no use any more."""
    return any(found.email for found in curators.every(tx))


def _check_not_last(tx: Tx, found: Curator) -> None:
    if found.role is Role.MAINTAINER and not curators.other_maintainers(tx, found.id):
        raise Refused(f"{found.email} is the last maintainer.", "Make somebody else a maintainer first.")


def _nobody(email: str) -> NoReturn:
    raise NotFound(f"There is no curator {email}.", "See them all with: five curator list")


def _wide(network: str) -> str:
    """What one person holds: an IPv4 address, or the /64 of an IPv6 address."""
    try:
        address = ipaddress.ip_address(network)
    except ValueError:
        return network
    return str(address) if address.version == 4 else str(ipaddress.ip_network((address, 64), strict=False))
