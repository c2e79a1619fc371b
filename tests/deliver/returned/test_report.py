"""What a mail that came back says."""

import random

import pytest

from aggregator.deliver.returned.report import MOST_BYTES, Says, is_policy, read
from aggregator.sandbox import Sandbox, SandboxFailed
from tests.deliver.returned.samples import (
    EXIM,
    EXIM_FIELD,
    QMAIL,
    automatic,
    complaint,
    dsn,
    plain,
)

MARK = "3-14-0123456789abcdef"
PATH = f"bounces+{MARK}@example.org"
TOKEN = "t_-" + "0" * 29

SAYS: dict[str, tuple[bytes, Says, str]] = {
    "unknown reader": (dsn(), Says.HARD, "550 5.1.1"),
    "unknown reader, of many lines": (
        dsn(said="smtp; 550-5.1.1 The email account that you tried to reach does not exist."),
        Says.HARD,
        "550 5.1.1",
    ),
    "disabled": (dsn(status="5.2.1", said="smtp;550 5.2.1 mailbox disabled"), Says.HARD, "550 5.2.1"),
    "no such host": (dsn(status="5.4.4", said="X-Postfix; Host or domain name not found"), Says.HARD, "5.4.4"),
    "a telling code behind a status that tells nothing": (
        dsn(status="5.0.0", said="smtp; 552 5.2.2 mailbox full"),
        Says.SOFT,
        "552 5.2.2",
    ),
    "a status that tells nothing, and no more": (dsn(status="5.0.0", said=""), Says.HARD, "5.0.0"),
    "no status, words": (dsn(status="", said="smtp; 552 quota exceeded"), Says.SOFT, "552"),
    "no status, no words": (dsn(status="", said=""), Says.HARD, ""),
    "full": (dsn(status="5.2.2", said="smtp; 552 5.2.2 over quota"), Says.SOFT, "552 5.2.2"),
    "given up after days": (dsn(status="4.4.1", said="X-Postfix; connect: timed out"), Says.SOFT, "4.4.1"),
    "expired at Exchange": (dsn(status="5.4.7", said="smtp;550 5.4.7 QUEUE.Expired"), Says.SOFT, "550 5.4.7"),
    "server full": (dsn(status="5.3.1", said=""), Says.SOFT, "5.3.1"),
    "blocked": (dsn(status="5.7.1", said="smtp; 550 5.7.1 blocked, see our policy"), Says.POLICY, "550 5.7.1"),
    "content refused": (dsn(status="5.6.0", said="smtp; 554 5.6.0 corrupt"), Says.POLICY, "554 5.6.0"),
    "error, as opensmtpd says": (dsn(action="error"), Says.HARD, "550 5.1.1"),
    "with a comment": (dsn(action="failed (really)", status="5.1.1 (no such user)"), Says.HARD, "550 5.1.1"),
    "delayed": (dsn(action="delayed", status="4.4.1", said="smtp; 451 later"), Says.LATER, ""),
    "delivered": (dsn(action="delivered", status="2.0.0", said=""), Says.LATER, ""),
    "qmail": (plain(words=QMAIL.format(why="Sorry, no mailbox here by that name. (#5.1.1)")), Says.HARD, "5.1.1"),
    "qmail, full": (plain(words=QMAIL.format(why="Sorry, the mailbox is over quota.")), Says.SOFT, ""),
    "exim": (plain(words=EXIM.format(why="Unrouteable address"), fields=EXIM_FIELD), Says.HARD, ""),
    "exim, full": (
        plain(words=EXIM.format(why="SMTP error: 452 4.2.2 Mailbox full"), fields=EXIM_FIELD),
        Says.SOFT,
        "452 4.2.2",
    ),
    "exim, blocked": (
        plain(words=EXIM.format(why="550 5.7.1 you are on a list"), fields=EXIM_FIELD),
        Says.POLICY,
        "550 5.7.1",
    ),
    "googlemail, delayed": (
        plain(
            words="Delivery to the following recipient has been delayed:\n\n  reader@example.net\n\n"
            "Message will be retried for 2 more days\n"
        ),
        Says.LATER,
        "",
    ),
    "complaint": (complaint(), Says.COMPLAINT, "abuse"),
    "fraud": (complaint(kind="FRAUD"), Says.COMPLAINT, "fraud"),
    "not spam": (complaint(kind="not-spam"), Says.UNKNOWN, ""),
    "authentication failed": (complaint(kind="auth-failure"), Says.UNKNOWN, ""),
    "out of office (RFC 3834)": (automatic(Auto_Submitted="auto-replied"), Says.REPLY, ""),
    "out of office, old": (automatic(Precedence="auto_reply"), Says.REPLY, ""),
    "out of office, older": (automatic(X_Autoreply="yes"), Says.REPLY, ""),
    "out of office, by its subject": (automatic(Subject="Automatic reply: Five for Friday"), Says.REPLY, ""),
    "abwesend": (automatic(Subject="Abwesenheitsnotiz"), Says.REPLY, ""),
    "a person": (automatic(), Says.UNKNOWN, ""),
    "a person who quotes": (automatic(Subject="Re: the 550 5.1.1 of yesterday"), Says.UNKNOWN, ""),
    "nothing": (b"", Says.UNKNOWN, ""),
    "no mail": (b"\x00\xff" * 1000, Says.UNKNOWN, ""),
}


@pytest.mark.parametrize("name", SAYS)
def test_what_it_says(name: str) -> None:
    mail, says, code = SAYS[name]
    for each in (mail, mail.replace(b"\n", b"\r\n")):
        found = read(each)
        assert (found.says, found.code) == (says, code)


def test_what_is_ours_is_found_wherever_it_stands() -> None:
    assert read(dsn(PATH)).marks == (MARK,)
    assert read(dsn(PATH.upper())).marks == (MARK.upper(),)
    assert read(complaint(path=PATH)).marks == (MARK,)
    assert read(dsn(token=TOKEN)).tokens == (TOKEN,)
    assert read(complaint(token=TOKEN)).tokens == (TOKEN,)
    soft = dsn(token=TOKEN).replace(TOKEN[:9].encode(), TOKEN[:9].encode() + b"=\r\n")
    assert read(soft).tokens == (TOKEN,)
    nothing = read(dsn("bounces+3-14-0123@example.org", token=TOKEN + "0"))
    assert (nothing.marks, nothing.tokens) == ((), ())


def test_many_marks_are_not_all_kept() -> None:
    many = "".join(f"X-{n}: a+{n}-1-0123456789abcdef@example.org\n" for n in range(1000)).encode()
    assert len(read(many + dsn()).marks) == 8


def test_a_report_inside_a_mail_that_came_back_does_not_count_as_one() -> None:
    inner = complaint().replace(b"\n--B", b"\n> --B")
    assert read(plain(words="Look what I got.\n\n" + inner.decode())).says is Says.UNKNOWN


def test_policy_is_told_from_a_mailbox() -> None:
    assert [is_policy(one) for one in ("550 5.7.1", "5.7.26", "5.6.0", "550 5.1.1", "550", "", "5.17.1")] == [
        *[True] * 3,
        *[False] * 4,
    ]


HOSTILE: dict[str, bytes] = {
    "nested": b"".join(b'Content-Type: multipart/mixed; boundary="%d"\n\n--%d\n' % (n, n) for n in range(3000)),
    "many parts": b'Content-Type: multipart/report; boundary="B"\n\n' + b"--B\n\n\n" * 10_000,
    "many groups": b"Content-Type: message/delivery-status\n\n" + b"Action: none\n\n" * 30_000,
    "one long line": b"Subject: " + b"a " * 250_000,
    "many fields": b"".join(b"X-Failed-Recipients: a%d@example.net\n" % n for n in range(10_000)),
    "many addresses": b"X-Failed-Recipients: " + b"<<<((((," * 50_000,
    "commas": b"Content-Type: text/plain" + b"; a=b" * 80_000,
    "parentheses": b"To: " + b"(" * 400_000,
    "qmail's endless list": QMAIL.encode() + b"<reader@example.net>:\n" * 20_000,
    "spaces": b"Subject: x\n\nthe following addresses had" + b" " * 400_000,
    "encoded words": b"Subject: " + b"=?utf-8?q?a?= " * 30_000,
    "charset": b'Content-Type: text/plain; charset="\xff\xfe"\nX-Failed-Recipients: a@b.example\n\nx',
    "surrogates": b"X-Failed-Recipients: \xed\xa0\x80@b.example\nAction: \xff\n\n" + b"\xff" * 1000,
}


@pytest.mark.parametrize("name", HOSTILE)
async def test_hostile_mail_costs_one_mail(name: str, sandbox: Sandbox) -> None:
    mail = HOSTILE[name][:MOST_BYTES]
    try:
        found = await sandbox.run(read, mail)
    except SandboxFailed:
        found = None
    assert found is None or len(found.code) < 100
    assert (await sandbox.run(read, dsn(PATH))).marks == (MARK,), "the next one is read"


def test_damaged_reports_never_surprise() -> None:
    chance = random.Random(5)
    for number in range(600):
        mail = bytearray(chance.choice([dsn(PATH, token=TOKEN), complaint(path=PATH), plain(words=QMAIL)]))
        for _ in range(chance.randrange(1, 20)):
            where = chance.randrange(len(mail))
            mail[where : where + chance.randrange(4)] = chance.randbytes(chance.randrange(4))
        found = read(bytes(mail))
        assert found.says in Says, number
