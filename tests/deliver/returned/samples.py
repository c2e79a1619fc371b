"""Mails that come back, as servers of many kinds write them; invented, in the shapes of the real ones."""

from email.message import EmailMessage

HEAD = """\
Return-Path: <>
From: MAILER-DAEMON@mx.example.net (Mail Delivery System)
To: {to}
Subject: {subject}
Date: Sat, 21 Nov 2026 09:12:00 +0000
Message-ID: <20261121091200.{number}@mx.example.net>
MIME-Version: 1.0
"""

ORIGINAL = """\
Return-Path: <{to}>
From: Five for Friday <five@example.org>
To: reader@example.net
Subject: Five for Friday
Message-ID: <five.0123@five.example.org>
List-Unsubscribe: <https://five.example.org/unsubscribe/{token}>, <mailto:five@example.org>
"""

NO_TOKEN = "a-test-mail-has-no-reader"
TO_NOBODY = "bounces@example.org"


def dsn(
    to: str = TO_NOBODY,
    *,
    action: str = "failed",
    status: str = "5.1.1",
    said: str = "smtp; 550 5.1.1 <reader@example.net>: Recipient address rejected: User unknown",
    token: str = NO_TOKEN,
    number: int = 1,
    returns: bool = True,
) -> bytes:
    """A report as RFC 3464 has it, in the shape of Postfix."""
    original = ORIGINAL.format(to=to, token=token) if returns else "Subject: Five for Friday\n"
    return (
        HEAD.format(to=to, subject="Undelivered Mail Returned to Sender", number=number)
        + "Auto-Submitted: auto-replied\n"
        + 'Content-Type: multipart/report; report-type=delivery-status; boundary="B"\n\n'
        + "This is a MIME-encapsulated message.\n\n--B\nContent-Description: Notification\n"
        + "Content-Type: text/plain; charset=us-ascii\n\n"
        + "This is the mail system at host mx.example.net.\n\nI'm sorry to have to inform you that your message could\n"
        + f"not be delivered to one or more recipients.\n\n<reader@example.net>: {said}\n\n"
        + "--B\nContent-Description: Delivery report\nContent-Type: message/delivery-status\n\n"
        + "Reporting-MTA: dns; mx.example.net\nArrival-Date: Fri, 20 Nov 2026 12:00:00 +0000\n\n"
        + f"Final-Recipient: rfc822; reader@example.net\nAction: {action}\n"
        + (f"Status: {status}\n" if status else "")
        + (f"Diagnostic-Code: {said}\n" if said else "")
        + f"\n--B\nContent-Type: text/rfc822-headers\n\n{original}\n--B--\n"
    ).encode()


def full(to: str, *, number: int = 1) -> bytes:
    """A report that the mailbox is full."""
    return dsn(to, status="5.2.2", said="smtp; 552 5.2.2 over quota", number=number)


def blocked(to: str) -> bytes:
    """A report that this mail is not wanted."""
    return dsn(to, status="5.7.1", said="smtp; 550 5.7.1 blocked")


def complaint(to: str = TO_NOBODY, *, kind: str = "abuse", token: str = NO_TOKEN, path: str = "") -> bytes:
    """A report of abuse as RFC 5965 has it; providers leave the reader's address out."""
    return (
        HEAD.format(to=to, subject="FW: Five for Friday", number=2)
        + 'Content-Type: multipart/report; report-type=feedback-report; boundary="B"\n\n'
        + "--B\nContent-Type: text/plain\n\nThis is an email abuse report.\n\n"
        + f"--B\nContent-Type: message/feedback-report\n\nFeedback-Type: {kind}\nUser-Agent: Sample/1.0\nVersion: 1\n"
        + (f"Original-Mail-From: <{path}>\n" if path else "")
        + "Original-Rcpt-To: <redacted>\n\n--B\nContent-Type: message/rfc822\n\n"
        + ORIGINAL.format(to=path or "redacted", token=token)
        + "\nThe digest.\n--B--\n"
    ).encode()


def plain(to: str = TO_NOBODY, *, words: str, subject: str = "failure notice", fields: str = "") -> bytes:
    """A mail of nothing but words."""
    return (HEAD.format(to=to, subject=subject, number=3) + fields + "\n" + words).encode()


QMAIL = """\
Hi. This is the qmail-send program at mx.example.net.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<reader@example.net>:
{why}

--- Below this line is a copy of the message.

Subject: Five for Friday
"""

EXIM = """\
This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  reader@example.net
    {why}
"""

EXIM_FIELD = "X-Failed-Recipients: reader@example.net\nAuto-Submitted: auto-replied\n"

OUT_OF_OFFICE = "I am out of the office until Monday and read no mail. Please write to my colleague.\n"


def automatic(to: str = TO_NOBODY, **fields: str) -> bytes:
    """An answer that a machine gives."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "reader@example.net", to, fields.pop("Subject", "Re: Five for Friday")
    for name, value in fields.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(OUT_OF_OFFICE)
    return mail.as_bytes()
