"""Is everything well? What `five doctor` looks at, and what it says."""

import shutil
import sqlite3
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from aggregator.deliver.returned.imap import mailbox_of
from aggregator.deliver.returned.returns import check_extra
from aggregator.deliver.signing import signer_for
from aggregator.deliver.transport import FolderTransport, relay_problem, transport_for
from aggregator.errors import FiveError
from aggregator.model import DeliveryStatus

if TYPE_CHECKING:
    from aggregator.app import App

FREE_BYTES_NEEDED = 100 * 1024 * 1024


class Health(StrEnum):
    """How a thing is."""

    WELL = "well"
    ADVICE = "advice"  # works, and could be better
    ILL = "ill"  # does not work


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was looked at."""

    about: str
    health: Health
    message: str


def examine(app: "App") -> tuple[Finding, ...]:
    """Look at everything; changes nothing. Speaks to no machine but the configured relay and mailbox."""
    return (
        _database(app),
        _sqlite(),
        _disk(app),
        _listings(app),
        _feeds(app),
        *_digests(app),
        _contact(app),
        _address(app),
        _relay(app),
        _returned(app),
        *_signing(app),
        *_places(app),
        _readers(app),
    )


def _well(about: str, message: str) -> Finding:
    return Finding(about=about, health=Health.WELL, message=message)


def _advice(about: str, message: str) -> Finding:
    return Finding(about=about, health=Health.ADVICE, message=message)


def _ill(about: str, message: str) -> Finding:
    return Finding(about=about, health=Health.ILL, message=message)


def _database(app: "App") -> Finding:
    problems = app.db.problems()
    if problems:
        return _ill("database", f"{app.db.path}: {'; '.join(problems)}. Bring a backup back with: five restore FILE")
    return _well("database", f"{app.db.path} is whole; its references and its search index agree.")


def _sqlite() -> Finding:
    # https://sqlite.org/wal.html, "The WAL-Reset Bug": fixed in 3.51.3.
    if sqlite3.sqlite_version_info < (3, 51, 3):
        return _well("sqlite", f"Version {sqlite3.sqlite_version}; its WAL-reset race is kept off by our write lock.")
    return _well("sqlite", f"Version {sqlite3.sqlite_version}.")


def _disk(app: "App") -> Finding:
    free = shutil.disk_usage(app.settings.data).free
    text = f"{free // (1024 * 1024):,} MiB free for {app.settings.data}"
    return _well("disk", f"{text}.") if free > FREE_BYTES_NEEDED else _ill("disk", f"{text}: make room.")


def _listings(app: "App") -> Finding:
    file = app.settings.feeds
    try:
        problems = app.follow.check(file)
    except FiveError as error:
        return _ill("feeds file", f"{error.what} {error.hint}")
    if problems:
        return _ill("feeds file", f"{file} has {len(problems)} problems. See: five feeds check")
    return _well("feeds file", f"{file} has no problems.")


def _feeds(app: "App") -> Finding:
    found = [feed for feed in app.follow.feeds() if feed.status == "active"]
    if not found:
        return _advice("feeds", "None is followed yet. Next: five feeds sync")
    late = app.clock() - timedelta(days=2)
    overdue = sum(feed.next_poll_at < late for feed in found)
    if overdue:
        return _advice("feeds", f"{overdue} of {len(found)} wait for a poll since two days. Is five serve running?")
    failing = sum(feed.failures > 0 for feed in found)
    return _well("feeds", f"{len(found)} followed, {failing} of them failing (five feeds list says which).")


def _digests(app: "App") -> tuple[Finding, ...]:
    again = "five digest publish, or five digest schedule"
    return tuple(
        _ill("digest", f"{digest.title} did not come out. {why} Decide: {again} {digest.slug}")
        for digest, why in app.editor.needs_asking()
    )


def _contact(app: "App") -> Finding:
    if not app.settings.contact:
        return _advice("contact", "Webmasters and readers cannot reach you: set contact, or FIVE_CONTACT.")
    return _well("contact", app.settings.contact)


def _address(app: "App") -> Finding:
    address = app.settings.base_url
    if "//127." in address or "//localhost" in address:
        return _advice("address", f"Links in digests start with {address}: set base_url before readers get one.")
    return _well("address", address)


def _relay(app: "App") -> Finding:
    settings = app.settings
    transport = transport_for(settings)
    if isinstance(transport, FolderTransport):
        problem = transport.problem()
        mails = f"None is set: mails become files in {transport.folder}."
        return _ill("mail relay", problem) if problem else _well("mail relay", mails)
    problem = relay_problem(settings)
    where = f"{settings.smtp_host}:{settings.smtp_port}"
    return _ill("mail relay", f"{where}: {problem}") if problem else _well("mail relay", f"{where} lets us in.")


def _returned(app: "App") -> Finding:
    settings = app.settings
    if not settings.smtp_host:
        return _well("returned mail", "None is expected: no relay is set.")
    if not settings.bounce_address:
        return _advice("returned mail", "It goes to sender, where it does not count: set bounce_address.")
    mailbox = mailbox_of(settings)
    if mailbox is None:
        return _well("returned mail", f"It goes to {settings.bounce_address}; read it with: five bounces read FILE")
    try:
        check_extra()
        with mailbox.opened() as box:
            waiting = len(box.unread())
    except FiveError as error:
        return _ill("returned mail", f"{error.what} {error.hint}")
    return _well("returned mail", f"{mailbox.where} lets us in; {waiting:,} mails wait to be read.")


def _signing(app: "App") -> tuple[Finding, ...]:
    signer = signer_for(app.settings, app.publication)
    if signer is None:
        return ()
    try:
        signer.check()
    except FiveError as error:
        return (_ill("signing", f"{error.what} {error.hint}"),)
    return (_well("signing", f"Mails are signed; the public key belongs into the DNS at {signer.record}, as TXT."),)


def _places(app: "App") -> tuple[Finding, ...]:
    """Other publications, as far as this machine can tell, for none of them is asked; and what waits for a person."""
    settings = [
        _ill("posts", f"{place.about}: {problem}") if (problem := place.problem()) else _well("posts", place.about)
        for place in app.posts.places.values()
    ]
    stuck = [one for one in app.posts.posts() if one.status in (DeliveryStatus.FAILED, DeliveryStatus.UNCERTAIN)]
    again = "Again: five outbox post"
    return (
        *settings,
        *(_ill("posts", f"{one.slug}: {one.error} {again} {one.slug} --to {one.place}") for one in stuck),
    )


def _readers(app: "App") -> Finding:
    if not app.subscribers.recognises_who_left():
        return _ill("readers", "secret.key is not the one this database was used with: bring it back from your backup.")
    if app.subscribers.waiting_since(app.clock() - timedelta(minutes=10)):
        return _advice("readers", "Somebody waits for the mail that asks to confirm. Is five serve running?")
    return _well(
        "readers", ", ".join(f"{count:,} {status}" for status, count in app.subscribers.counts().items()) + "."
    )
