"""Passwords: which will do, and what is kept of them (argon2id, RFC 9106)."""

import unicodedata
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST = 12
LONGEST = 256
_FEW = 5
"""Fewer different characters than this are guessed by counting; a shorter name does no harm inside a password."""

# OWASP's floor: 19 MiB, two passes, one lane; 33 ms. Whoever calls sees to it that few run at once.
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


def objection(password: str, email: str) -> str | None:
    """What is wrong with a new password, as a sentence that says what to do; None when it will do."""
    if len(password) < SHORTEST:
        return f"Enter a password of {SHORTEST} characters or more; three random words will do"
    if len(password) > LONGEST:
        return f"Enter a password of {LONGEST} characters or fewer"
    if len(set(password.casefold())) < _FEW:
        return "Enter a password with more different characters"
    name = email.partition("@")[0]
    if password.casefold() in email or (len(name) >= _FEW and name in password.casefold()):
        return "Enter a password without your email address in it"
    return None


def hash_of(password: str) -> str:
    """What to keep."""
    return _hasher.hash(_normal(password))


def matches(password: str, kept: str | None) -> bool:
    """Whether `kept` was made of this password; against None it is False, and takes as long."""
    try:
        return _hasher.verify(kept or _nobodys(), _normal(password)) and kept is not None
    except (VerificationError, InvalidHashError):
        return False


def _normal(password: str) -> str:
    # The same characters, however the keyboard composed them (RFC 8265, section 4.2: NFC).
    return unicodedata.normalize("NFC", password[: LONGEST + 1]).encode("utf-8", "replace").decode()


@cache
def _nobodys() -> str:
    return _hasher.hash("nobody's")
