"""The mailbox to which mails come back, read over IMAP and TLS (the only user of imaplib).

A mail that was read is marked so, and stays. The server sends no more of one than is looked at, as bytes: none is taken
apart in this process.
"""

import imaplib
import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from aggregator.deliver.broken import in_words
from aggregator.deliver.credentials import password_for
from aggregator.deliver.returned.report import MOST_BYTES
from aggregator.errors import FiveError
from aggregator.settings import Settings

TIMEOUT_SECONDS = 30


class MailboxFailed(FiveError):
    """The mailbox cannot be read now; what was read before counts."""


class OpenMailbox:
    """The folder of returned mails, open."""

    def __init__(self, server: imaplib.IMAP4) -> None:
        self._server = server

    def unread(self) -> tuple[str, ...]:
        """The numbers of the mails that nobody has read, in the order in which they came."""
        (found,) = self._ask("SEARCH", "UNSEEN")
        return tuple(found.decode("ascii", "replace").split()) if isinstance(found, bytes) else ()

    def mail(self, number: str) -> bytes:
        """One of them, cut to MOST_BYTES; it stays unread. Empty when it is gone."""
        answer = self._ask("FETCH", number, f"(BODY.PEEK[]<0.{MOST_BYTES}>)")
        return next((bytes(part[1]) for part in answer if isinstance(part, tuple)), b"")

    def is_read(self, number: str) -> None:
        """Mark it as read."""
        self._ask("STORE", number, "+FLAGS.SILENT", r"(\Seen)")

    def _ask(self, command: str, *arguments: str) -> list[bytes | tuple[bytes, bytes] | None]:
        status, answer = self._server.uid(command, *arguments)
        if status != "OK":
            raise imaplib.IMAP4.error(f"{command} was refused")
        return answer or [None]


class Mailbox:
    """The mailbox that the settings name. `trusted`: whose certificates are believed, for tests."""

    def __init__(self, settings: Settings, *, trusted: ssl.SSLContext | None = None) -> None:
        self._settings = settings
        self._trusted = trusted
        self.where = f"{settings.imap_host}:{settings.imap_port}"

    @contextmanager
    def opened(self) -> Iterator[OpenMailbox]:
        """Connect, sign in, open the folder; at the end, sign out. Raises MailboxFailed and NoPassword."""
        try:
            server = self._connected()
            try:
                yield self._folder(server)
            finally:
                with suppress(imaplib.IMAP4.error, OSError):
                    server.logout()
                with suppress(OSError):  # logout leaves the connection open when it fails
                    server.shutdown()
        except (imaplib.IMAP4.error, OSError) as error:
            raise self._failed(in_words(error, "it hung up, or said something that is no IMAP.")) from error

    def _connected(self) -> imaplib.IMAP4:
        settings = self._settings
        password = password_for(
            "imap", user=settings.imap_user, password=settings.imap_password, file=settings.imap_password_file
        )
        trusted = self._trusted or ssl.create_default_context()
        server = imaplib.IMAP4_SSL(settings.imap_host, settings.imap_port, ssl_context=trusted, timeout=TIMEOUT_SECONDS)
        try:
            server.login(settings.imap_user, password)
        except imaplib.IMAP4.abort:
            server.shutdown()
            raise
        except imaplib.IMAP4.error:
            server.shutdown()
            raise self._failed("it refuses the name or the password.") from None
        return server

    def _folder(self, server: imaplib.IMAP4) -> OpenMailbox:
        name = re.sub(r'(["\\])', r"\\\1", self._settings.imap_folder)
        if not name.isascii() or server.select(f'"{name}"')[0] != "OK":
            raise self._failed(f"it has no folder {self._settings.imap_folder}.")
        return OpenMailbox(server)

    def _failed(self, why: str) -> MailboxFailed:
        return MailboxFailed(
            f"The mailbox for returned mails at {self.where} cannot be read: {why}",
            "Check imap_host, imap_port, imap_user, imap_folder and the password; `five doctor` tries them.",
        )


def mailbox_of(settings: Settings) -> Mailbox | None:
    """The mailbox that the settings name; None when they name none."""
    return Mailbox(settings) if settings.imap_host else None
