"""The password for the relay or the mailbox, from the settings or from a file that they name."""

from pathlib import Path

from aggregator.errors import FiveError


class NoPassword(FiveError):
    """There is none that can be used; the server is not even asked."""


def password_for(service: str, *, user: str, password: str, file: str) -> str:
    """The password of `service`, which is "smtp" or "imap", as its settings are called. Raises NoPassword."""
    why = "" if password or file else f"{service}_user is set, but no password is set."
    if file and not password:
        try:
            password = Path(file).read_text(encoding="utf-8").partition("\n")[0]
            why = "" if password else f"The password file {file} holds no password on its first line."
        except (OSError, UnicodeError):
            why = f"The password file {file} cannot be read."
    if not (why or (user + password).isascii()):  # the standard library signs in with ASCII only
        why = f"{service}_user or the password{f' in {file}' if file else ''} has a character that is not ASCII."
    if why:
        raise NoPassword(why, f"Set {service}_password or {service}_password_file.")
    return password
