"""What a mail that came back says (pure; the only user of flufl.bounce; runs in a worker, for strangers wrote it).

Reports of delivery follow RFC 3464, complaints RFC 5965; flufl.bounce reads those of servers that follow neither.
"""

import email
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from enum import StrEnum

MOST_BYTES = 512 * 1024
"""As much of a mail as is read; a report comes first, and what it returns after."""

_MOST_MARKS = 8
_MARK = re.compile(rb"\+([0-9]{1,12}-[0-9]{1,12}-[0-9a-f]{16})@", re.IGNORECASE)  # see `paths`
_TOKEN = re.compile(rb"/unsubscribe/([A-Za-z0-9_-]{32})(?![A-Za-z0-9_-])")
_SOFT_BREAK = re.compile(rb"=\r?\n")
_REPLY_CODE = re.compile(r"\b([45]\d\d)(?=[ -])")
_STATUS = re.compile(r"(?<![\d.])([45]\.\d{1,3}\.\d{1,3})(?![\d.])")  # RFC 3463, section 2
_FULL = re.compile(r"over ?quota|quota exceeded|mailbox (?:is )?full|exceeded (?:storage|quota)", re.IGNORECASE)
_POLICY = re.compile(r"(?:\d{3} )?[45]\.[67]\.")  # RFC 3463, sections 3.7 and 3.8: about what was sent, and by whom
_PASSES = re.compile(r"4\.|5\.2\.2|5\.3\.|5\.4\.7")  # later; a full mailbox; a full or broken server; it took too long
_COMPLAINTS = frozenset({"abuse", "fraud", "opt-out", "opt-out-list"})
_AUTOMATIC = re.compile(r"^(?:auto(?:matic)?[ -:]|out of (?:the )?office|abwesen|absence|on (?:annual )?leave)", re.I)


class Says(StrEnum):
    """What it means for the reader."""

    HARD = "hard"  # this mailbox takes nothing, and will not
    SOFT = "soft"  # it took nothing this time
    POLICY = "policy"  # it takes nothing like this, or nothing from us: not the mailbox's fault
    COMPLAINT = "complaint"
    LATER = "later"  # it is still being tried
    REPLY = "reply"  # a machine answers, such as "out of office"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What was found in one mail. `marks` and `tokens` are what it holds of our own, to be checked."""

    says: Says
    code: str  # such as "550 5.1.1", or ""
    marks: tuple[str, ...]  # of return paths
    tokens: tuple[str, ...]  # of links that unsubscribe


def read(mail: bytes) -> Report:
    """What a mail says, of which at most MOST_BYTES are looked at."""
    mail = mail[:MOST_BYTES]
    message = email.message_from_bytes(mail)
    says, code = _complaint(message) or _status(message) or _in_other_words(message) or (_kind_of_answer(message), "")
    return Report(
        says=says,
        code=code,
        marks=_found(_MARK, mail),
        tokens=_found(_TOKEN, _SOFT_BREAK.sub(b"", mail)),
    )


def is_policy(code: str) -> bool:
    """Whether a code, such as "550 5.7.1", is about what was sent and by whom, and not about the mailbox."""
    return _POLICY.match(code) is not None


def _found(pattern: re.Pattern[bytes], mail: bytes) -> tuple[str, ...]:
    found = dict.fromkeys(one[1].decode("ascii") for one in pattern.finditer(mail))
    return tuple(found)[:_MOST_MARKS]


def _parts(message: Message, depth: int = 4) -> Iterator[Message]:
    """Its parts, but not those of a mail that it carries."""
    inner = message.get_payload()
    if depth and message.get_content_maintype() == "multipart" and isinstance(inner, list):
        for part in inner:
            if isinstance(part, Message):
                yield from _parts(part, depth - 1)
    else:
        yield message


def _fields(message: Message, kind: str) -> Iterator[Message]:
    """The groups of fields in the parts of this type."""
    for part in _parts(message):
        groups = part.get_payload()
        if part.get_content_type() == kind and isinstance(groups, list):
            yield from (group for group in groups if isinstance(group, Message))


def _field(group: Message, name: str) -> str:
    return str(group.get(name, "")).strip()


def _complaint(message: Message) -> tuple[Says, str] | None:
    for group in _fields(message, "message/feedback-report"):
        if kind := _field(group, "Feedback-Type").lower():
            return (Says.COMPLAINT, kind) if kind in _COMPLAINTS else (Says.UNKNOWN, "")
    return None


def _status(message: Message) -> tuple[Says, str] | None:
    """What a delivery status notification says of its first reader who did not get the mail."""
    is_report = False
    for group in _fields(message, "message/delivery-status"):
        action = _field(group, "Action").lower()
        is_report |= bool(action)
        if action.startswith(("fail", "error")):  # opensmtpd writes "error"
            return _judged(_field(group, "Status"), _field(group, "Diagnostic-Code"))
    return (Says.LATER, "") if is_report else None


def _in_other_words(message: Message) -> tuple[Says, str] | None:
    """What flufl.bounce makes of it: it knows who did not get it, and we look for the reason."""
    from flufl.bounce import all_failures

    try:
        temporary, permanent = all_failures(message)
    except (AssertionError, AttributeError, LookupError, TypeError, ValueError):
        return None  # flufl.bounce 6 stumbles over a From without an address, for one
    if not permanent:
        return (Says.LATER, "") if temporary else None
    return _judged("", _words(message))


def _words(message: Message) -> str:
    for part in _parts(message):
        words = part.get_payload(decode=True)
        if part.get_content_maintype() == "text" and isinstance(words, bytes):
            return words[:10_000].decode("ascii", "replace")
    return ""


def _judged(status: str, said: str) -> tuple[Says, str]:
    """Hard, soft or policy, by the status where there is a telling one, else by what the server said."""
    reply = _REPLY_CODE.search(said)
    codes = [found[1] for found in (_STATUS.match(status), _STATUS.search(said)) if found]
    exact = next((code for code in codes if not code.endswith(".0.0")), "") or (codes or [""])[0]
    code = " ".join(one for one in (reply[1] if reply else "", exact) if one)
    if is_policy(exact):
        return Says.POLICY, code
    is_passing = _PASSES.match(exact) or _FULL.search(said) or (reply and (reply[1][0] == "4" or reply[1] == "552"))
    return (Says.SOFT if is_passing else Says.HARD), code


def _kind_of_answer(message: Message) -> Says:
    """RFC 3834, section 5, and what older programs write instead."""
    submitted = _field(message, "Auto-Submitted").lower()
    is_reply = (
        submitted.startswith(("auto-replied", "auto-generated"))
        or any(name in message for name in ("X-Autoreply", "X-Autorespond", "X-Auto-Response-From"))
        or _field(message, "Precedence").lower() in ("auto_reply", "auto-reply")
        or _AUTOMATIC.match(_field(message, "Subject"))
    )
    return Says.REPLY if is_reply else Says.UNKNOWN
