"""The address to which a mail comes back when it does not get through: one of its own for each mail.

Such a variable envelope return path (VERP) says which digest and which reader it was, whatever a server writes into its
report, and holds no address. It is signed: a report that a stranger invents ends nobody's subscription.
"""

import re
from dataclasses import dataclass
from functools import cached_property

from aggregator.deliver.message import address_of, sender_of
from aggregator.deliver.tokens import Tokens
from aggregator.model import Publication

_MARK = re.compile(r"([0-9]{1,12})-([0-9]{1,12})-([0-9a-f]{16})")
_LETTER = 0  # stands where a digest's id would: no digest has it


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned:
    """Which mail came back."""

    digest_id: int | None  # None: a letter, such as the one that asks to confirm
    subscriber_id: int


class ReturnPaths:
    """Return paths of mails; `bounce_address` is where they lead, or "", and then they are the sender's address.

    They raise BadMail when that is none.
    """

    def __init__(self, bounce_address: str, *, publication: Publication, tokens: Tokens) -> None:
        self._address = bounce_address
        self._publication = publication
        self._tokens = tokens

    @cached_property
    def plain(self) -> str:
        """The return path of a mail to nobody in particular, such as a test."""
        return self._address or address_of(sender_of(self._publication))

    def of_mail(self, digest_id: int | None, subscriber_id: int) -> str:
        """The bare address for the envelope of a digest's mail, or of a letter: bounces+3-14-SIGNATURE@example.org."""
        name, _, host = self._address.rpartition("@")
        if not name:
            return self.plain
        about = digest_id or _LETTER
        return f"{name}+{about}-{subscriber_id}-{self._tokens.bounce(about, subscriber_id)}@{host}"

    def whose(self, mark: str) -> Returned | None:
        """Which mail it was, from what stands between the + and the @; None for what we did not sign."""
        found = _MARK.fullmatch(mark.lower())  # some servers write an address all in capitals
        if found is None:
            return None
        about, subscriber_id = int(found[1]), int(found[2])
        if not Tokens.is_same(found[3], self._tokens.bounce(about, subscriber_id)):
            return None
        return Returned(digest_id=about or None, subscriber_id=subscriber_id)
