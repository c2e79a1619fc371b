"""Who gets the mail, and what readers suggest."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class SubscriberStatus(StrEnum):
    """Whether somebody gets the mail."""

    PENDING = "pending"  # asked, and has not confirmed yet
    ACTIVE = "active"
    UNSUBSCRIBED = "unsubscribed"
    BOUNCED = "bounced"  # given up: the mailbox takes nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscriber:
    """A person who asked for the mail."""

    id: int  # never given to anybody else, also after an erasure
    address: str  # in lower case, ASCII
    status: SubscriberStatus
    created_at: datetime
    asked_at: datetime  # the sign-up that waits for, or led to, the confirmation
    confirmed_at: datetime | None
    ended_at: datetime | None  # unsubscribed, or bounced
    soft_bounces: int  # in a row


class ConsentAction(StrEnum):
    """What happened to somebody's consent."""

    ASKED = "asked"
    CONFIRMED = "confirmed"
    IMPORTED = "imported"  # confirmed elsewhere; the basis is the line's source
    UNSUBSCRIBED = "unsubscribed"
    BOUNCED = "bounced"
    COMPLAINED = "complained"
    ERASED = "erased"


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """One line of the consent log."""

    at: datetime
    action: ConsentAction
    source: str  # where it was said: "form", "one-click", ...; for an import, its basis
    wording: str | None  # what was agreed to, word for word


class DeliveryStatus(StrEnum):
    """How far one digest to one subscriber has come."""

    QUEUED = "queued"
    CLAIMED = "claimed"  # handed to the relay, no answer recorded yet
    SENT = "sent"
    FAILED = "failed"
    UNCERTAIN = "uncertain"  # claimed when the program died: perhaps sent, perhaps not
    SKIPPED = "skipped"  # not a subscriber any more


class ReturnedKind(StrEnum):
    """What a mail that came back says of the mailbox, or its owner of us."""

    HARD = "hard"  # it takes nothing, and will not
    SOFT = "soft"  # it took nothing this time
    COMPLAINT = "complaint"


class SuggestionKind(StrEnum):
    """What a reader suggests."""

    BLOG = "blog"  # to follow
    LINK = "link"  # to read


class SuggestionStatus(StrEnum):
    """What became of a suggestion."""

    WAITING = "waiting"
    ACCEPTED = "accepted"
    DECLINED = "declined"


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """What a reader suggests, for curators to judge."""

    id: int
    kind: SuggestionKind
    address: str
    title: str  # what the blog or page is called; may be ""
    words: str  # why; may be ""
    thank: str  # the name that may be thanked in public; "" for none
    at: datetime
    status: SuggestionStatus
