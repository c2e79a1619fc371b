"""Mails, byte for byte (pure): a digest's is built once, and only the reader's own part is filled in for each.

The header is written by hand and then parsed again, as the receiving side will, and compared: the standard library's
own mail objects have let line breaks through (an encoded word in a subject that holds CR LF), and fold a long
List-Unsubscribe into encoded words, which breaks the one-click address.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email import policy
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import format_datetime, parseaddr
from quopri import encodestring
from urllib.parse import quote, urlsplit

from aggregator.digest import commentary
from aggregator.errors import Refused
from aggregator.model import READER, Form, Publication

_ADDRESS = re.compile(r"(?!.*=\?)[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9.-]{1,255}")
_TOKEN = re.compile(r"[A-Za-z0-9_-]{16,64}")
_MESSAGE_ID = re.compile(r"<[A-Za-z0-9._-]{1,120}@[A-Za-z0-9.-]{1,255}>")
_ATOMS = re.compile(r"[A-Za-z0-9 ]+")
_OUR_LINKS = re.compile(rf"(?<=/unsubscribe/){READER}|(?<=/manage/){READER}")
_LINKS_IN_A_PART = 2

# What stands in the header where the reader's own values go: of the same shape, so that the mould is itself a mail.
_SAMPLE_TO = "reader@reader.invalid"
_SAMPLE_ID = "<sample@reader.invalid>"
_SAMPLE_LINK = "sample-token-of-a-reader"


class BadMail(Refused):
    """A mail that would not arrive as it was meant, so that it is not sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """What differs from one reader's mail to the next."""

    address: str
    message_id: str  # with its angle brackets
    token: str  # of the reader's own links


@dataclass(frozen=True, slots=True, kw_only=True)
class Mould:
    """A digest's mail with the reader's part left open. Make one with `mould`."""

    pieces: tuple[bytes, ...]  # what stands between the values
    values: tuple[str, ...]  # which field of Reader goes after each piece but the last

    def fill(self, reader: Reader) -> bytes:
        """The mail of one reader (RFC 5322, lines end in CR LF). Raises BadMail for an address that no header holds."""
        _check(reader)
        filled = [self.pieces[0]]
        for name, piece in zip(self.values, self.pieces[1:], strict=True):
            filled += (getattr(reader, name).encode("ascii"), piece)
        return b"".join(filled)


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A mail to one person that the program writes by itself, such as the one that asks to confirm."""

    to: str
    subject: str
    text: str
    html: str = ""  # a twin in HTML, when there is one
    message_id: str


def mould(
    *,
    title: str,
    forms: Mapping[Form, str],
    publication: Publication,
    sender: str,
    now: datetime,
    is_test: bool = False,
) -> Mould:
    """The mail of a digest: text first, HTML last (RFC 2046, section 5.1.4).

    Unsubscribing takes one POST (RFC 8058) where the public address is https. Raises BadMail when a title cannot be
    sent, or the reader's links are not exactly where they belong.
    """
    subject = f"[Test] {title}" if is_test else title
    header = [
        ("From", _mailbox(sender)),
        ("Reply-To", _mailbox(_reply_to(publication, sender))),
        ("To", _SAMPLE_TO),
        ("Subject", _subject(subject)),
        ("Date", _date(now)),
        ("Message-ID", _SAMPLE_ID),
        ("List-Id", _list_id(publication)),
        *_unsubscribing(publication, sender),
        ("List-Archive", f"<{publication.base_url}/digests>"),
        ("X-Auto-Response-Suppress", "All"),
    ]
    html, text = forms.get(Form.EMAIL_HTML, ""), forms.get(Form.EMAIL_TEXT, "")
    mail = _assembled(header, text=_open(text), html=_open(html))
    parts = re.split(f"({re.escape(_SAMPLE_TO)}|{re.escape(_SAMPLE_ID)}|{_SAMPLE_LINK})".encode(), mail)
    names = {_SAMPLE_TO: "address", _SAMPLE_ID: "message_id", _SAMPLE_LINK: "token"}
    values = tuple(names[value.decode()] for value in parts[1::2])
    if values != ("address", "message_id", "token", *["token"] * (2 * _LINKS_IN_A_PART)):
        raise BadMail(f"“{title}” holds words that only the program may write.", "Take them out of its texts.")
    made = Mould(pieces=tuple(parts[::2]), values=values)
    _compare(mail, header, subject, (text.replace(READER, _SAMPLE_LINK), html.replace(READER, _SAMPLE_LINK)))
    return made


def letter(letter: Letter, *, publication: Publication, sender: str, now: datetime) -> bytes:
    """The bytes of a letter; it says that no person wrote it (RFC 3834, section 5). Raises BadMail."""
    _check(Reader(address=letter.to, message_id=letter.message_id, token=_SAMPLE_LINK))
    header = [
        ("From", _mailbox(sender)),
        ("Reply-To", _mailbox(_reply_to(publication, sender))),
        ("To", letter.to),
        ("Subject", _subject(letter.subject)),
        ("Date", _date(now)),
        ("Message-ID", letter.message_id),
        ("Auto-Submitted", "auto-generated"),
        ("X-Auto-Response-Suppress", "All"),
    ]
    mail = _assembled(header, text=letter.text, html=letter.html)
    _compare(mail, header, letter.subject, (letter.text, letter.html) if letter.html else (letter.text,))
    return mail


def message_id(publication: Publication, *about: object) -> str:
    """A Message-ID that is always the same for the same things, and tells nobody who the reader is."""
    name = hashlib.sha256(":".join(map(str, about)).encode()).hexdigest()[:32]
    return f"<five.{name}@{_host(publication)}>"


def sender_of(publication: Publication) -> str:
    """Who mails are from: as set, else an address of our own that no relay will carry far."""
    return publication.sender or f"{_quoted(_plain(publication.title))} <five@{_host(publication)}>"


def address_of(mailbox: str) -> str:
    """The bare address in "Name <address>": what goes on the envelope. Raises BadMail when it is none."""
    address = parseaddr(mailbox)[1]
    if not _ADDRESS.fullmatch(address):
        raise BadMail(f"{mailbox!r} is no address that mail can come from.", "Set sender, or FIVE_SENDER.")
    return address


# ---------------------------------------------------------------------------------------------------- the header


def _unsubscribing(publication: Publication, sender: str) -> list[tuple[str, str]]:
    to = address_of(_reply_to(publication, sender))
    by_mail = f"mailto:{quote(to, safe='@+')}?subject=unsubscribe"
    fields = [("List-Unsubscribe", f"<{publication.unsubscribe_url(_SAMPLE_LINK)}>, <{by_mail}>")]
    if publication.base_url.startswith("https://"):  # RFC 8058, section 3.1 asks for it
        fields.append(("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"))
    return fields


def _reply_to(publication: Publication, sender: str) -> str:
    return publication.contact if _ADDRESS.fullmatch(publication.contact) else sender


def _mailbox(given: str) -> str:
    name, address = parseaddr(given)[0], address_of(given)
    name = _plain(name)
    if not name:
        return address
    if not name.isascii():
        return f"{_encoded(name, 'From')} <{address}>"
    return f"{name} <{address}>" if _ATOMS.fullmatch(name) else f"{_quoted(name)} <{address}>"


def _list_id(publication: Publication) -> str:
    label = re.sub(r"[^a-z0-9]+", "-", publication.title.lower()).strip("-") or "digest"
    name = _plain(publication.title)
    phrase = _encoded(name, "List-Id") if not name.isascii() else _quoted(name)
    return f"{phrase} <{label}.{_host(publication)}>"


def _subject(title: str) -> str:
    return _encoded(_plain(title), "Subject")


def _quoted(phrase: str) -> str:
    return '"' + re.sub(r'(["\\])', r"\\\1", phrase) + '"'


def _encoded(words: str, field: str) -> str:
    charset = "us-ascii" if words.isascii() else "utf-8"
    return Header(words, charset, header_name=field, maxlinelen=76).encode(linesep="\r\n")


def _plain(words: str) -> str:
    """On one line, without controls, and with nothing in it that reads as an encoded word (RFC 2047)."""
    return commentary.one_line(words).replace("=?", "= ?")


def _date(now: datetime) -> str:
    return format_datetime(now.astimezone(UTC))


def _host(publication: Publication) -> str:
    host = urlsplit(publication.base_url).hostname or "localhost"
    return host.encode("idna").decode("ascii") if re.fullmatch(r"[^\[\]:]+", host) else "localhost"


def _check(reader: Reader) -> None:
    for value, shape in ((reader.address, _ADDRESS), (reader.message_id, _MESSAGE_ID), (reader.token, _TOKEN)):
        if not shape.fullmatch(value):
            raise BadMail(f"{value!r} cannot stand in the header of a mail.", "Mend or remove that address.")


# ---------------------------------------------------------------------------------------------------- the body


def _open(text: str) -> str:
    return _OUR_LINKS.sub(_SAMPLE_LINK, text)


def _assembled(header: Sequence[tuple[str, str]], *, text: str, html: str) -> bytes:
    bodies = [("text/plain", text), ("text/html", html)] if html else [("text/plain", text)]
    parts = [
        f'Content-Type: {kind}; charset="utf-8"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n'.encode()
        + _quoted_printable(body)
        for kind, body in bodies
    ]
    lines = [*(f"{name}: {value}" for name, value in header), "MIME-Version: 1.0"]
    if not html:
        return "\r\n".join(lines).encode("ascii") + b"\r\n" + parts[0]
    # "=_" stands in no quoted-printable text, so that no part can hold the boundary (RFC 2045, section 6.7).
    boundary = f"=_{hashlib.sha256(b''.join(parts)).hexdigest()[:32]}"
    lines.append(f'Content-Type: multipart/alternative; boundary="{boundary}"')
    opening = f"--{boundary}\r\n".encode()
    return (
        "\r\n".join(lines).encode("ascii")
        + b"\r\n\r\n"
        + b"".join(opening + part + b"\r\n" for part in parts)
        + f"--{boundary}--\r\n".encode()
    )


def _quoted_printable(text: str) -> bytes:
    """Encoded in segments, each token on a line of its own between soft line breaks: none can break one in two."""
    segments = text.replace("\r\n", "\n").split(_SAMPLE_LINK)
    encoded = [_segment(segment) for segment in segments]
    return f"=\r\n{_SAMPLE_LINK}=\r\n".encode().join(encoded)


def _segment(text: str) -> bytes:
    # The codec leaves a lone dot or "From " at the start of a line as it is; both have met relays that change them.
    lines = encodestring(text.encode("utf-8")).split(b"\n")
    return b"\r\n".join(_guarded(line) for line in lines)


def _guarded(line: bytes) -> bytes:
    if not line.startswith((b".", b"From ")):
        return line
    # The soft line break keeps the line under the 76 characters of RFC 2045, section 6.7.
    return f"={line[0]:02X}".encode() + (b"=\r\n" + _guarded(line[1:]) if len(line) > 74 else line[1:])


def _compare(mail: bytes, header: Sequence[tuple[str, str]], subject: str, bodies: Sequence[str]) -> None:
    """Read the mail back as a client does; raises BadMail unless it says exactly what was meant."""
    parsed = BytesParser(EmailMessage, policy=policy.SMTP).parsebytes(mail)
    names = [name for name, _ in header]
    extra = ["MIME-Version", "Content-Type"] + ([] if len(bodies) > 1 else ["Content-Transfer-Encoding"])
    read = [part.get_content() for part in parsed.walk() if not part.is_multipart()]
    titled = str(parsed["Subject"]).split() == _plain(subject).split()
    same = parsed.keys() == [*names, *extra] and [_lines(one) for one in read] == [_lines(one) for one in bodies]
    long = any(len(line) > 998 for line in mail.split(b"\r\n"))
    stray = b"\r" in mail.replace(b"\r\n", b"") or b"\n" in mail.replace(b"\r\n", b"")
    to = parsed["To"].addresses
    alone = len(to) == 1 and isinstance(to[0], Address) and to[0].addr_spec == dict(header)["To"]
    if not titled or not same or not alone or long or stray or parsed.defects:
        raise BadMail("The mail would not arrive as it was written.", "Look at its title for odd characters.")


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").rstrip("\n")
