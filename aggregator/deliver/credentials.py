"""What other machines ask of us: passwords and secrets, from the settings or from a file that they name."""

from pathlib import Path

from aggregator.errors import FiveError


class NoPassword(FiveError):
    """There is none that can be used; the server is not even asked."""


def password_for(service: str, *, user: str, password: str, file: str) -> str:
    """The password of `service`, which is "smtp", "imap" or "wordpress", as its settings are called.

    Raises NoPassword.
    """
    found = secret_for(f"{service}_password", given=password, file=file, needed_by=f"{service}_user")
    if not (user + found).isascii():  # the standard library signs in with ASCII only
        why = f"{service}_user or the password{f' in {file}' if file else ''} has a character that is not ASCII."
        raise NoPassword(why, f"Set {service}_password or {service}_password_file.")
    return found


def secret_for(key: str, *, given: str, file: str, needed_by: str) -> str:
    """The value of the setting `key`, or the first line of the file that `key`_file names. Raises NoPassword."""
    what = key.partition("_")[2]
    why = "" if given or file else f"{needed_by} is set, but no {what} is set."
    if file and not given:
        try:
            given = Path(file).read_text(encoding="utf-8").partition("\n")[0]
            why = "" if given else f"The {what} file {file} holds no {what} on its first line."
        except (OSError, UnicodeError):
            why = f"The {what} file {file} cannot be read."
    if why:
        raise NoPassword(why, f"Set {key} or {key}_file.")
    return given
