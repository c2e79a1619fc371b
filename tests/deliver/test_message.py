"""A digest's mail as bytes, and as a mail program reads it."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.deliver.message import BadMail, Letter, Mould, Reader, letter, message_id, mould, sender_of
from aggregator.digest.render import render
from aggregator.model import Digest, Form, Publication
from tests.builders import a_digest, a_pick, a_publication
from tests.digest.samples import a_full_digest

GOLDEN = Path(__file__).parent / "golden"
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
TOKEN = "Zm9yLW9uZS1yZWFkZXItYWxvbmUtMTIz"
READER = Reader(address="reader@example.org", message_id="<five.1@five.example.org>", token=TOKEN)
HEADER = [
    "From",
    "Reply-To",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "List-Id",
    "List-Unsubscribe",
    "List-Unsubscribe-Post",
    "List-Archive",
    "X-Auto-Response-Suppress",
    "MIME-Version",
    "Content-Type",
]


def cast(digest: Digest | None = None, publication: Publication | None = None, **changes: Any) -> Mould:
    digest, publication = digest or a_full_digest(), publication or a_publication()
    given: dict[str, Any] = {
        "title": digest.title,
        "forms": render(digest, publication),
        "publication": publication,
        "sender": sender_of(publication),
        "now": NOW,
    }
    return mould(**given | changes)


def read(mail: bytes) -> EmailMessage:
    return BytesParser(EmailMessage, policy=policy.SMTP).parsebytes(mail)


def parts(mail: EmailMessage) -> dict[str, str]:
    leaves = [part for part in mail.walk() if not part.is_multipart()]
    return {part.get_content_type(): part.get_content().replace("\r\n", "\n") for part in leaves}


def test_golden_bytes(rewrite_golden: bool) -> None:
    made, file = cast().fill(READER), GOLDEN / "digest.eml"
    if rewrite_golden:
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(made)
    assert made == file.read_bytes()


def test_a_mail_program_reads_exactly_what_was_meant() -> None:
    mail = read(cast().fill(READER))
    assert mail.keys() == HEADER
    assert mail["To"] == "reader@example.org"
    assert mail["Message-ID"] == READER.message_id
    assert mail["Subject"] == "Five for Friday (20/11/2026)"
    assert mail["List-Unsubscribe"] == (
        f"<https://five.example.org/unsubscribe/{TOKEN}>, <mailto:editor@example.org?subject=unsubscribe>"
    )
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail.get_content_type() == "multipart/alternative"
    assert list(parts(mail)) == ["text/plain", "text/html"]
    forms = render(a_full_digest(), a_publication())
    ours = {"text/plain": forms[Form.EMAIL_TEXT], "text/html": forms[Form.EMAIL_HTML]}
    found = {kind: text.rstrip("\n") for kind, text in parts(mail).items()}
    assert found == {kind: text.replace("your-own-link", TOKEN).rstrip("\n") for kind, text in ours.items()}


def test_every_line_is_short_and_ends_well_and_the_mail_is_small() -> None:
    mail = cast().fill(READER)
    assert b"\r" not in mail.replace(b"\r\n", b"")
    assert b"\n" not in mail.replace(b"\r\n", b"")
    header, _, body = mail.partition(b"\r\n\r\n")
    assert max(map(len, header.split(b"\r\n"))) < 998
    assert max(map(len, body.split(b"\r\n"))) <= 76
    assert len(mail) < 40_000


@pytest.mark.parametrize("length", range(60, 76))
def test_no_line_break_ever_falls_into_a_readers_link(length: int) -> None:
    publication = a_publication(base_url=f"https://five.example.org/{'x' * length}")
    mail = cast(publication=publication).fill(READER)
    assert mail.count(TOKEN.encode()) == 5
    for text in parts(read(mail)).values():
        assert text.count(f"/unsubscribe/{TOKEN}") == text.count(f"/manage/{TOKEN}") == 1


@pytest.mark.parametrize(
    "title",
    [
        "Five\r\nBcc: victim@example.org",
        "=?utf-8?q?Five=0D=0ABcc:_victim=40example.org=0D=0A=0D=0Abody?=",
        "Pump für Freitag – “die Fünf” " * 12,
        "x" * 900,
        "\u202e\u200bright to left",
        "one\x00two\x1bthree",
    ],
)
def test_no_title_writes_a_header_of_its_own(title: str) -> None:
    mail = read(cast(title=title).fill(READER))
    assert mail.keys() == HEADER
    assert "\n" not in mail["Subject"]


@settings(deadline=None, max_examples=60)
@given(title=st.text(max_size=80), words=st.text(max_size=200))
def test_any_title_and_any_words_arrive_or_are_refused(title: str, words: str) -> None:
    publication = a_publication()
    forms = {Form.EMAIL_TEXT: f"{words}\n{publication.unsubscribe_url()}\n{publication.manage_url()}\n"}
    forms[Form.EMAIL_HTML] = f"<p>{publication.unsubscribe_url()} {publication.manage_url()}</p>\n"
    try:
        mail = read(cast(title=title, forms=forms).fill(READER))
    except BadMail:
        return
    assert mail.keys() == HEADER
    assert TOKEN in parts(mail)["text/plain"]


@pytest.mark.parametrize(
    "address",
    [
        "a@example.org\r\nBcc: b@example.org",
        "a@example.org, b@example.org",
        "a b@example.org",
        "=?utf-8?q?a?=@example.org",
        "<a@example.org>",
        "bücher@example.org",
        "",
        "a@",
    ],
)
def test_an_address_that_no_header_holds_is_refused(address: str) -> None:
    with pytest.raises(BadMail):
        cast().fill(Reader(address=address, message_id=READER.message_id, token=TOKEN))


@pytest.mark.parametrize("token", ["short", 'x" onclick="alert(1)', "x" * 65, "zwei\r\nzeilen-und-noch-mehr"])
def test_a_token_of_another_shape_is_refused(token: str) -> None:
    with pytest.raises(BadMail):
        cast().fill(Reader(address=READER.address, message_id=READER.message_id, token=token))


@pytest.mark.parametrize("words", ["See /unsubscribe/your-own-link here", "sample-token-of-a-reader", "your-own-link"])
def test_a_digest_that_writes_what_only_the_program_may_is_refused(words: str) -> None:
    with pytest.raises(BadMail):
        cast(replace(a_digest(), picks=(a_pick(1, commentary=words),)))


@pytest.mark.parametrize(
    ("sender", "shown"),
    [
        ("editor@example.org", "editor@example.org"),
        ("Five for Friday <editor@example.org>", "Five for Friday <editor@example.org>"),
        ('"Five, for Friday" <editor@example.org>', '"Five, for Friday" <editor@example.org>'),
        ("Fünf für Freitag <editor@example.org>", "Fünf für Freitag <editor@example.org>"),
    ],
)
def test_who_it_is_from(sender: str, shown: str) -> None:
    assert str(read(cast(publication=a_publication(sender=sender)).fill(READER))["From"]) == shown


def test_one_click_is_offered_over_https_alone() -> None:
    publication = a_publication(base_url="http://127.0.0.1:8000")
    assert "List-Unsubscribe-Post" not in read(cast(publication=publication).fill(READER))


def test_the_same_reader_and_digest_always_have_the_same_message_id() -> None:
    publication = a_publication()
    assert message_id(publication, "2026-11-20", 1) == message_id(publication, "2026-11-20", 1)
    assert len({message_id(publication, "2026-11-20", n) for n in range(100)}) == 100
    assert re.fullmatch(r"<five\.[0-9a-f]{32}@five\.example\.org>", message_id(publication, "x"))


def test_a_letter_says_that_no_person_wrote_it() -> None:
    words = "Grüße,\n.\nFrom us\n..\n" + "x" * 200 + "\n"
    made = letter(
        Letter(to="reader@example.org", subject="Bitte bestätigen", text=words, message_id=READER.message_id),
        publication=a_publication(),
        sender="editor@example.org",
        now=NOW,
    )
    mail = read(made)
    assert (mail["Auto-Submitted"], mail["Subject"]) == ("auto-generated", "Bitte bestätigen")
    assert mail.get_content().rstrip("\r\n").replace("\r\n", "\n") == words.rstrip("\n")
    assert not [line for line in made.split(b"\r\n") if line.startswith((b".", b"From "))]
