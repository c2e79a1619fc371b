"""What a relay's answer means for a delivery, and when a run had better stop (pure)."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from aggregator.deliver.answers import About, Accepted, Answer, Deferred, Rejected, Unknown
from aggregator.model import DeliveryStatus

FIRST_RETRY = timedelta(minutes=5)
LONGEST_RETRY = timedelta(hours=4)
MOST_TRIES = 17
"""Five minutes, doubled up to four hours: the 17th comes about 48 hours after the first."""
IN_A_ROW = 5
"""So many answers of the same bad kind, one after another, are the relay's matter and not the readers'."""

_CODE = re.compile(r"(\d{3})[ -]?(\d\.\d{1,3}\.\d{1,3})?")
_POLICY = re.compile(r"\d{3} [45]\.7\.")  # RFC 3463, section 3.8: about who sends and what, not about the mailbox


class Bounce(StrEnum):
    """How a mailbox is at fault."""

    HARD = "hard"  # and will be
    SOFT = "soft"  # for the whole time that it was tried


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """What is written down of one attempt."""

    status: DeliveryStatus
    next_try_at: datetime | None = None
    error: str | None = None
    is_suspect: bool = False  # failed for good, unless the next answers show that the relay refuses everybody
    bounce: Bounce | None = None  # None: the mailbox is not at fault


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """Send no more in this run; `hold`: nor in the next, until a person has looked."""

    why: str
    hold: bool


def settlement(answer: Answer, *, tries: int, now: datetime) -> Settlement:
    """What `answer` to the attempt number `tries` means."""
    match answer:
        case Accepted():
            return Settlement(status=DeliveryStatus.SENT)
        case Unknown():
            return Settlement(status=DeliveryStatus.UNCERTAIN, error=answer.reply)
        case Rejected(about=About.SENDER):
            return Settlement(status=DeliveryStatus.QUEUED, next_try_at=now, error=answer.reply)
        case Rejected():
            return Settlement(
                status=DeliveryStatus.QUEUED,
                next_try_at=now + FIRST_RETRY,
                error=answer.reply,
                is_suspect=True,
                bounce=Bounce.HARD if _is_of_the_mailbox(answer) else None,
            )
        case Deferred():
            at = retry_at(tries, now)
            if at is not None:
                return Settlement(status=DeliveryStatus.QUEUED, next_try_at=at, error=answer.reply)
            soft = Bounce.SOFT if _is_of_the_mailbox(answer) else None
            return Settlement(status=DeliveryStatus.FAILED, error=answer.reply, bounce=soft)


def retry_at(tries: int, now: datetime) -> datetime | None:
    """When to try again after `tries` attempts; None: never."""
    if tries >= MOST_TRIES:
        return None
    return now + min(FIRST_RETRY * int(2 ** (tries - 1)), LONGEST_RETRY)


def code_of(reply: str) -> str:
    """The relay's code alone, such as "550 5.1.1": its words may name the reader."""
    found = _CODE.match(reply)
    return found[0].strip() if found else ""


def _is_of_the_mailbox(answer: Rejected | Deferred) -> bool:
    return answer.about is About.RECIPIENT and not _POLICY.match(answer.reply)


class Streak:
    """Watches the answers of a run; `length` is how many of the same kind came last."""

    def __init__(self) -> None:
        self._kind = ""
        self.length = 0

    def after(self, answer: Answer) -> Stop | None:
        """What this answer, after those before it, means for the run."""
        if isinstance(answer, Rejected) and answer.about is About.SENDER:
            why = f"The relay refuses what we send from: {answer.reply} Set sender to an address that it knows."
            return Stop(why=why, hold=True)
        kind = _kind(answer)
        self.length = self.length + 1 if kind == self._kind else 1
        self._kind = kind
        if not kind or self.length < IN_A_ROW:
            return None
        match answer:
            case Rejected():
                return Stop(why=f"The relay refused {IN_A_ROW} readers in a row: {answer.reply}", hold=True)
            case Unknown():
                return Stop(why=f"The relay took {IN_A_ROW} mails in a row without an answer.", hold=True)
            case _:
                return Stop(why=f"The relay asks to wait: {answer.reply}", hold=False)


def _kind(answer: Answer) -> str:
    """Answers with the same words here are of the same kind; "" is a good one."""
    match answer:
        case Accepted():
            return ""
        case Rejected():
            return f"rejected {code_of(answer.reply)}"
        case _:
            return type(answer).__name__
