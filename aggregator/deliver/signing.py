"""Signs mails with DKIM (RFC 6376), for a relay that does not do it (the only user of dkimpy).

A signature is one field in front of a mail, whose own bytes stay as they were checked. It covers the fields that
unsubscribe, as RFC 8058, section 4 asks for one-click.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import parseaddr
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path

from aggregator.deliver.answers import Answer, Deferred
from aggregator.deliver.message import sender_of
from aggregator.deliver.transport import Relay, RelayFailed, Transport
from aggregator.errors import FiveError
from aggregator.model import Publication
from aggregator.settings import Settings

_SIGNED = (
    "From", "Reply-To", "To", "Subject", "Date", "Message-ID", "List-Id", "List-Unsubscribe", "List-Unsubscribe-Post",
    "List-Archive", "Auto-Submitted", "MIME-Version", "Content-Type", "Content-Transfer-Encoding",
)  # fmt: skip
_ONCE_MORE = ("From", "To", "Subject")
"""Signed as if there were one more of them, which is none: a second one added on the way breaks the signature."""

_FIELD = re.compile(rb"DKIM-Signature:[!-~ ]+\r\n(?:[ \t]+[!-~ ]+\r\n)*")
_NAMES = re.compile(rb"(?m)^([A-Za-z-]+):")
_MEND = "Set dkim_key_file to a private RSA key as PEM, or leave dkim_selector empty."
_TRIAL = b"From: five@example.org\r\nSubject: A trial\r\n\r\nA trial\r\n"


class SigningFailed(FiveError):
    """A mail cannot be signed; it is not sent without."""


class Signer:
    """Signs for `domain` under `selector`, with the RSA key in `key_file` (PEM, PKCS#1 or PKCS#8)."""

    def __init__(self, *, domain: str, selector: str, key_file: Path) -> None:
        self.domain = domain
        self.selector = selector
        self._file = key_file

    @property
    def record(self) -> str:
        """The name in the DNS under which the domain shows its public key, as TXT."""
        return f"{self.selector}._domainkey.{self.domain}"

    def check(self) -> None:
        """Raises SigningFailed when nothing can be signed, with the reason."""
        self.sign(_TRIAL)

    def sign(self, mail: bytes) -> bytes:
        """The mail with its signature in front, otherwise byte for byte as it was. Raises SigningFailed."""
        key = self._key
        import dkim

        header = mail.partition(b"\r\n\r\n")[0]
        present = {name.decode().lower() for name in _NAMES.findall(header)}
        fields = [*(name for name in _SIGNED if name.lower() in present), *_ONCE_MORE]
        try:
            field = dkim.sign(
                mail,
                self.selector.encode(),
                self.domain.encode(),
                key,
                canonicalize=(b"relaxed", b"relaxed"),
                include_headers=[name.encode() for name in fields],
            )
        except (dkim.DKIMException, ArithmeticError, LookupError, TypeError, ValueError) as error:
            raise self._refusal("holds no RSA key that can sign") from error
        if not _FIELD.fullmatch(field):
            raise SigningFailed("A signature was made that no mail can carry.", "Check dkim_selector and dkim_domain.")
        return bytes(field) + mail

    @cached_property
    def _key(self) -> bytes:
        if find_spec("dkim") is None:
            raise SigningFailed("Mails cannot be signed: dkimpy is missing.", "Install it: pip install '.[dkim]'")
        if self._file == Path():
            raise SigningFailed("Mails cannot be signed: dkim_selector is set, and dkim_key_file is not.", _MEND)
        try:
            return self._file.read_bytes().replace(b"\r\n", b"\n")
        except OSError as error:
            raise self._refusal(f"cannot be read: {error.strerror}") from error

    def _refusal(self, why: str) -> SigningFailed:
        return SigningFailed(f"Mails cannot be signed: the DKIM key file {self._file} {why}.", _MEND)


def signer_for(settings: Settings, publication: Publication) -> Signer | None:
    """Who signs, as the settings say; None when the relay does."""
    if not settings.dkim_selector:
        return None
    domain = settings.dkim_domain or parseaddr(sender_of(publication))[1].rpartition("@")[2]
    return Signer(domain=domain, selector=settings.dkim_selector, key_file=Path(settings.dkim_key_file))


class _SigningRelay:
    """A relay that gets every mail signed."""

    def __init__(self, relay: Relay, signer: Signer) -> None:
        self._relay = relay
        self._signer = signer

    @property
    def is_open(self) -> bool:
        return self._relay.is_open

    def send(self, sender: str, recipient: str, mail: bytes) -> Answer:
        try:
            signed = self._signer.sign(mail)
        except SigningFailed as error:
            return Deferred(reply=error.what)
        return self._relay.send(sender, recipient, signed)


class SigningTransport:
    """The way out through `transport`, signed. What cannot be signed is not even tried."""

    def __init__(self, transport: Transport, signer: Signer) -> None:
        self._transport = transport
        self._signer = signer

    @contextmanager
    def connect(self) -> Iterator[_SigningRelay]:
        """Open it. Raises RelayFailed, for good, when mails cannot be signed."""
        try:
            self._signer.check()
        except SigningFailed as error:
            raise RelayFailed(error.what, error.hint, is_final=True) from error
        with self._transport.connect() as relay:
            yield _SigningRelay(relay, self._signer)
