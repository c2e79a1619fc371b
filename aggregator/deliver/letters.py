"""What the program writes to one reader by itself, and the words that a reader agrees to (pure)."""

from aggregator.deliver.message import Letter
from aggregator.model import Publication


def wording(publication: Publication) -> str:
    """What stands at the button of the form, word for word: the consent log keeps it."""
    return (
        f"Send me {publication.title} by mail, about once a week. My address is used for nothing else and given to "
        "nobody. Each mail has a link with which I can stop it."
    )


def confirmation(publication: Publication, *, to: str, token: str, message_id: str) -> Letter:
    """The letter that asks whether it was really the reader who asked."""
    return Letter(
        to=to,
        subject=f"Please confirm: {publication.title}",
        message_id=message_id,
        text=f"""\
Somebody, we hope you, asked for {publication.title} at this address.

To get it, open this page and press the button on it:
{publication.base_url}/confirm/{token}

If it was not you, do nothing: you will get no more mail, and your
address is forgotten after two weeks.
{_sign_off(publication)}""",
    )


def already(publication: Publication, *, to: str, token: str, message_id: str) -> Letter:
    """The letter to somebody who asks again: only the mailbox learns that it is known."""
    return Letter(
        to=to,
        subject=f"You already get {publication.title}",
        message_id=message_id,
        text=f"""\
Somebody, perhaps you, asked for {publication.title} at this address.
You get it already, and nothing has changed.

See what we keep about you, or stop the mail, here:
{publication.manage_url(token)}
{_sign_off(publication)}""",
    )


def _sign_off(publication: Publication) -> str:
    contact = f"\nWrite to us: {publication.contact}" if publication.contact else ""
    return f"\n-- \n{publication.title}\n{publication.base_url}/{contact}\n"
