"""The mail relay (the only user of smtplib)."""

import smtplib
import ssl
from pathlib import Path

from aggregator.settings import Settings

TIMEOUT_SECONDS = 15


def relay_problem(settings: Settings) -> str | None:
    """Connect to the configured relay, protect the connection, sign in, and leave; why that failed, or None."""
    try:
        with _connected(settings) as relay:
            relay.noop()
    except (smtplib.SMTPException, OSError) as error:
        return f"{_in_words(error)} Check smtp_host, smtp_port, smtp_security and the password."
    return None


def _connected(settings: Settings) -> smtplib.SMTP:
    trusted = ssl.create_default_context()
    where = (settings.smtp_host, settings.smtp_port)
    if settings.smtp_security == "tls":
        relay: smtplib.SMTP = smtplib.SMTP_SSL(*where, timeout=TIMEOUT_SECONDS, context=trusted)
    else:
        relay = smtplib.SMTP(*where, timeout=TIMEOUT_SECONDS)
    try:
        if settings.smtp_security == "starttls":
            relay.starttls(context=trusted)
        if settings.smtp_user:
            relay.login(settings.smtp_user, _password(settings))
    except BaseException:
        relay.close()
        raise
    return relay


def _password(settings: Settings) -> str:
    return Path(settings.smtp_password_file).read_text(encoding="utf-8").partition("\n")[0]


def _in_words(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return "the relay refuses the name or the password."
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return "the relay does not offer what is asked of it (STARTTLS or signing in)."
    if isinstance(error, ssl.SSLError):
        return f"the connection cannot be trusted ({error.reason or error})."
    if isinstance(error, TimeoutError):
        return f"no answer within {TIMEOUT_SECONDS} seconds."
    if isinstance(error, OSError):
        return f"{error.strerror or error}."
    return f"{error}."
