"""What is the matter with a connection to a mail server, in words that follow a colon."""

import ssl


def in_words(error: Exception, otherwise: str) -> str:
    """A sentence for that error; `otherwise` when it is none of the network."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate cannot be trusted: {error.verify_message.rstrip('.')}."
    if isinstance(error, ssl.SSLError):
        return f"the connection cannot be trusted ({error.reason or error})."
    if isinstance(error, TimeoutError):
        return "no answer in time."
    if isinstance(error, OSError):
        return f"{error.strerror or error}."
    return otherwise
