"""Where mails go: through a relay by SMTP (the only user of smtplib), or into a folder, a file each.

What matters most about a mail is whether it was handed over. SMTP leaves one moment in which nobody can know (RFC
5321, section 4.2.5): after the final dot was sent and before its answer is read. All else is yes, no or not yet.
"""

import os
import re
import select
import smtplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import Protocol

from aggregator.deliver.answers import About, Accepted, Answer, Deferred, Rejected, Unknown
from aggregator.deliver.broken import in_words
from aggregator.deliver.credentials import NoPassword, password_for
from aggregator.errors import FiveError
from aggregator.settings import Settings

TIMEOUT_SECONDS = 15
ANSWER_SECONDS = 120
"""How long the answer to the final dot may take: RFC 5321, section 4.5.3.2.6 asks for 10 minutes; a relay is near."""


class RelayFailed(FiveError):
    """The relay cannot be used now; nothing was handed over. `is_final`: it will not mend itself."""

    def __init__(self, what: str, hint: str = "", *, is_final: bool = False) -> None:
        super().__init__(what, hint)
        self.is_final = is_final


class Relay(Protocol):
    """An open way out. `is_open` turns false when it broke; another one is needed then."""

    @property
    def is_open(self) -> bool:
        """Whether it can take another mail."""

    def send(self, sender: str, recipient: str, mail: bytes) -> Answer:
        """Hand one mail over; the bare addresses go on the envelope. Never raises."""


class Transport(Protocol):
    """A kind of way out."""

    def connect(self) -> AbstractContextManager[Relay]:
        """Open it. Raises RelayFailed."""


# ---------------------------------------------------------------------------------------------------- a folder


class FolderRelay:
    """Writes each mail into a file named after its Message-ID: the same mail twice is one file."""

    is_open = True

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def send(self, sender: str, recipient: str, mail: bytes) -> Answer:
        """Write it; it appears whole or not at all."""
        found = re.search(rb"^Message-ID: <([A-Za-z0-9._-]+)@", mail, re.MULTILINE)
        file = self._folder / f"{found[1].decode() if found else 'mail'}.eml"
        partial = file.with_suffix(".part")
        try:
            with partial.open("wb") as handle:
                handle.write(mail)
            partial.replace(file)
        except OSError as error:
            return Deferred(reply=f"{file} cannot be written: {error.strerror}.")
        return Accepted(reply=str(file))


class FolderTransport:
    """Mails as .eml files, for when no relay is set."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def problem(self) -> str | None:
        """Why no mail can be written there, as far as can be told without writing one; or None."""
        there = self.folder if self.folder.exists() else self.folder.parent
        if there.is_dir() and os.access(there, os.W_OK | os.X_OK):
            return None
        return f"{self.folder} is no folder that can be written. Check what it is and who owns it."

    @contextmanager
    def connect(self) -> Iterator[FolderRelay]:
        """The folder, made if need be."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise RelayFailed(f"{self.folder} cannot be made: {error.strerror}.", "Check FIVE_DATA.") from error
        yield FolderRelay(self.folder)


# ---------------------------------------------------------------------------------------------------- SMTP


class SmtpRelay:
    """One connection, over which mails go one after another."""

    def __init__(self, smtp: smtplib.SMTP, patience: tuple[float, float]) -> None:
        self._smtp = smtp
        self._patience = patience
        self._sock: socket.socket = smtp.sock  # type: ignore[assignment]  # it is connected
        self.is_open = True

    def send(self, sender: str, recipient: str, mail: bytes) -> Answer:
        """MAIL, RCPT, DATA, the mail, the dot: each step's answer decides."""
        try:
            steps = (
                (About.SENDER, f"MAIL FROM:<{sender}>{self._size(mail)}", 250),
                (About.RECIPIENT, f"RCPT TO:<{recipient}>", 250),
                (About.CONTENT, "DATA", 354),
            )
            for about, command, wanted in steps:
                code, text = self._smtp.docmd(command)
                if code != wanted and not (wanted == 250 and 200 <= code < 300):
                    return self._refused(code, text, about)
            self._smtp.sock.sendall(_stuffed(mail))  # type: ignore[union-attr]
            if self._has_spoken():
                self._close()
                return Deferred(reply="The relay broke in before the mail was whole.")
        except (smtplib.SMTPException, OSError) as error:
            self._close()
            return Deferred(reply=_in_words(error))
        return self._finish()

    def _finish(self) -> Answer:
        """Send the dot and read what becomes of the mail; from here on, silence is no answer."""
        try:
            self._sock.settimeout(self._patience[1])
            self._sock.sendall(b".\r\n")
            code, text = self._smtp.getreply()
            self._sock.settimeout(self._patience[0])
        except (smtplib.SMTPException, OSError) as error:
            self._close()
            return Unknown(reply=f"No answer after the mail was sent: {_in_words(error)}")
        if 200 <= code < 300:
            return Accepted(reply=_line(code, text))
        if not 400 <= code < 600:
            self._close()
            return Unknown(reply=f"An answer that means nothing after the mail was sent: {_line(code, text)}")
        return self._refused(code, text, About.CONTENT)

    def _refused(self, code: int, text: bytes, about: About) -> Answer:
        reply = _line(code, text)
        if not 400 <= code < 600 or code == 421:  # RFC 5321, section 3.8: 421 announces the end of the connection
            self._close()
            return Deferred(reply=reply)
        try:
            if about is not About.CONTENT:
                self._smtp.docmd("RSET")
        except (smtplib.SMTPException, OSError):
            self._close()
        return Rejected(reply=reply, about=about) if code >= 500 else Deferred(reply=reply, about=about)

    def _has_spoken(self) -> bool:
        """Whether the relay said something, or hung up, while it should have been listening."""
        return bool(select.select([self._sock], [], [], 0)[0])

    def _size(self, mail: bytes) -> str:
        return f" SIZE={len(mail)}" if self._smtp.has_extn("size") else ""  # RFC 1870

    def _close(self) -> None:
        self.is_open = False
        self._smtp.close()

    def quit(self) -> None:
        """Say goodbye."""
        if self.is_open:
            with suppress(smtplib.SMTPException, OSError):
                self._smtp.quit()
        self._close()


class SmtpTransport:
    """A relay, as the settings name it. `patience`: seconds for each answer, and for that to a whole mail."""

    def __init__(
        self,
        settings: Settings,
        *,
        trusted: ssl.SSLContext | None = None,
        patience: tuple[float, float] = (TIMEOUT_SECONDS, ANSWER_SECONDS),
    ) -> None:
        self._settings = settings
        self._trusted = trusted
        self._patience = patience

    @contextmanager
    def connect(self) -> Iterator[SmtpRelay]:
        """Connect, protect the connection, sign in."""
        try:
            relay = SmtpRelay(_connected(self._settings, self._trusted, self._patience[0]), self._patience)
        except (smtplib.SMTPException, OSError) as error:
            where = f"{self._settings.smtp_host}:{self._settings.smtp_port}"
            raise RelayFailed(
                f"The mail relay {where} cannot be used: {_in_words(error)}",
                "Check smtp_host, smtp_port, smtp_security and the password; `five doctor` tries them.",
                is_final=_is_final(error),
            ) from error
        try:
            yield relay
        finally:
            relay.quit()


def transport_for(settings: Settings) -> FolderTransport | SmtpTransport:
    """The relay that is set; without one, the folder `mail` in the data folder."""
    return SmtpTransport(settings) if settings.smtp_host else FolderTransport(settings.data / "mail")


def relay_problem(settings: Settings) -> str | None:
    """Connect to the configured relay, protect the connection, sign in, and leave; why that failed, or None."""
    try:
        with _connected(settings, None, TIMEOUT_SECONDS) as relay:
            relay.noop()
    except RelayFailed as error:
        return f"{error.what} {error.hint}"
    except (smtplib.SMTPException, OSError) as error:
        return f"{_in_words(error)} Check smtp_host, smtp_port, smtp_security and the password."
    return None


def _connected(settings: Settings, trusted: ssl.SSLContext | None, timeout: float) -> smtplib.SMTP:
    # Made only where it is used: loading the certificates takes 20 ms.
    trusted = trusted or (None if settings.smtp_security == "none" else ssl.create_default_context())
    where = (settings.smtp_host, settings.smtp_port)
    password = _password(settings) if settings.smtp_user else ""
    if settings.smtp_security == "tls":
        relay: smtplib.SMTP = smtplib.SMTP_SSL(*where, timeout=timeout, context=trusted)
    else:
        relay = smtplib.SMTP(*where, timeout=timeout)
    try:
        if settings.smtp_security == "starttls":
            relay.starttls(context=trusted)
        relay.ehlo_or_helo_if_needed()
        if settings.smtp_user:
            relay.login(settings.smtp_user, password)
        # The dot follows its mail in a packet of its own, which would else wait for the last one's acknowledgement.
        relay.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # type: ignore[union-attr]
    except BaseException:
        relay.close()
        raise
    return relay


def _password(settings: Settings) -> str:
    """The password. Raises RelayFailed when there is none to use: then the relay is not even asked."""
    try:
        return password_for(
            "smtp", user=settings.smtp_user, password=settings.smtp_password, file=settings.smtp_password_file
        )
    except NoPassword as error:
        raise RelayFailed(error.what, error.hint, is_final=True) from error


def _stuffed(mail: bytes) -> bytes:
    """The mail as DATA carries it (RFC 5321, section 4.5.2), but for the final dot."""
    # Not by a regular expression, which tries every byte: that was two fifths of all instructions that a mail took.
    whole = b"\n" + mail if mail.endswith(b"\r\n") else b"\n" + mail + b"\r\n"
    return whole.replace(b"\n.", b"\n..")[1:]


def _line(code: int, text: bytes) -> str:
    """What a relay said, on one line, and no longer than is worth keeping."""
    said = " ".join(text.decode("utf-8", "replace").split())
    return "".join(one for one in f"{code} {said}" if one.isprintable())[:300].strip()


def _is_final(error: Exception) -> bool:
    """Whether trying again by itself would be in vain, or would lock an account."""
    return isinstance(
        error, smtplib.SMTPAuthenticationError | smtplib.SMTPNotSupportedError | ssl.SSLCertVerificationError
    )


def _in_words(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return "the relay refuses the name or the password."
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return "the relay does not offer what is asked of it (STARTTLS or signing in)."
    if isinstance(error, smtplib.SMTPServerDisconnected):
        return "the relay hung up."
    if isinstance(error, smtplib.SMTPResponseException):
        return f"the relay says: {_line(error.smtp_code, _as_bytes(error.smtp_error))}."
    return in_words(error, f"{error}.")


def _as_bytes(said: bytes | str) -> bytes:
    return said if isinstance(said, bytes) else said.encode()
