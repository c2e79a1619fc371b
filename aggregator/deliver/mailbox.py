"""Which mail addresses we take: one rule, without a look-up (the only user of email-validator)."""

from aggregator.errors import BadAddress

MAX_LENGTH = 254  # RFC 5321, section 4.5.3.1.3, without the angle brackets


def mailbox(text: str) -> str:
    """The one spelling of a mail address: ASCII, in lower case, an international domain in its xn-- form.

    Raises BadAddress for what is none, and for a name before the @ that is not ASCII, which few servers take.
    """
    from email_validator import EmailNotValidError, validate_email  # 60 ms, which most commands can do without

    text = text.strip()
    try:
        found = validate_email(text[: MAX_LENGTH + 1], allow_smtputf8=False, check_deliverability=False, strict=True)
    except EmailNotValidError as error:
        raise BadAddress("That is no mail address.", f"{error}") from error
    # "=?" begins an encoded word (RFC 2047), which a mail program would show as something else.
    if found.ascii_email is None or "=?" in found.ascii_email:
        raise BadAddress("That is no mail address that every server takes.", "Use another one.")
    return found.ascii_email.lower()
