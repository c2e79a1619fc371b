"""The secret parts of links to readers, and keyed hashes of addresses.

Tokens are derived from one random key in the data folder (HMAC-SHA256, RFC 2104), so that a link can be written again
for each mail while the tables hold nothing but its hash. Keep `secret.key` with the backups: without it, old links go
on working, but nobody can tell any more which addresses must not be brought back.
"""

import base64
import hashlib
import hmac
import os
import secrets
import tempfile
from datetime import datetime
from functools import cached_property
from pathlib import Path

from aggregator.errors import FiveError

TOKEN_BYTES = 24  # 192 bits: 32 characters, without padding
_KEY_HEX = 64


class Tokens:
    """Derives tokens and keyed hashes from the key in `file`, which is made when it is first needed.

    Any use raises FiveError when the file cannot be read or made, or holds no key.
    """

    def __init__(self, file: Path) -> None:
        self._file = file

    def confirm(self, subscriber_id: int, asked_at: datetime) -> str:
        """Of the link that confirms one sign-up."""
        return self._token("confirm", subscriber_id, int(asked_at.timestamp() * 1_000_000))

    def manage(self, subscriber_id: int) -> str:
        """Of the link to a subscriber's own page, which also unsubscribes."""
        return self._token("manage", subscriber_id)

    def delivery(self, digest_id: int, subscriber_id: int) -> str:
        """Of the links in one mail: unsubscribe and manage."""
        return self._token("delivery", digest_id, subscriber_id)

    def bounce(self, digest_id: int, subscriber_id: int) -> str:
        """The signature in the return path of one mail: 64 bits, short enough for an address, the same in any case."""
        return self._mac("bounce", digest_id, subscriber_id).hex()[:16]

    @staticmethod
    def is_same(given: str, right: str) -> bool:
        """Whether they are equal; how long that takes tells nothing."""
        return hmac.compare_digest(given.encode(), right.encode())

    def address_hash(self, address: str) -> str:
        """What remains of an address, so that it can be recognised and not read."""
        return self._mac("address", address).hex()

    def who_hash(self, who: str) -> str:
        """An address or a network, for counting what it asks for."""
        return self._mac("who", who).hex()

    @cached_property
    def key_id(self) -> str:
        """Tells one key from another, and nothing about it."""
        return self._mac("key").hex()[:16]

    def _token(self, *parts: object) -> str:
        return base64.urlsafe_b64encode(self._mac(*parts)[:TOKEN_BYTES]).decode()

    def _mac(self, *parts: object) -> bytes:
        return hmac.digest(self._key, "\n".join(map(str, parts)).encode(), "sha256")

    @cached_property
    def _key(self) -> bytes:
        try:
            if not self._file.exists():
                _make(self._file)
            text = self._file.read_text(encoding="ascii").strip()
            if len(text) != _KEY_HEX:
                raise ValueError(text)
            return bytes.fromhex(text)
        except OSError as error:
            raise FiveError(f"{self._file} cannot be used: {error.strerror}.", "Check who owns it.") from error
        except ValueError as error:
            raise FiveError(f"{self._file} holds no key.", "Bring it back from your backup.") from error


def hash_of(token: str) -> str:
    """What a table keeps of a token: its SHA-256. Tokens are long and random, so no salt is needed."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def _make(file: Path) -> None:
    """Write a new key whole, unless another process was first."""
    descriptor, name = tempfile.mkstemp(dir=file.parent, prefix=f"{file.name}.")  # only its owner may read it
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as new:
            new.write(secrets.token_hex(_KEY_HEX // 2) + "\n")
            new.flush()
            os.fsync(new.fileno())
        try:
            os.link(name, file)
        except FileExistsError:
            return
    finally:
        Path(name).unlink()
