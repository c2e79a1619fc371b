"""DKIM: signed mails are verified by a library, with a key made for these tests and a DNS that is a function."""

import base64
import re
import sys
from collections.abc import Callable
from pathlib import Path

import dkim
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from aggregator.deliver import letters
from aggregator.deliver.answers import Accepted
from aggregator.deliver.message import Reader, letter, mould
from aggregator.deliver.signing import Signer, SigningFailed, SigningTransport, signer_for
from aggregator.deliver.transport import RelayFailed, SmtpTransport
from aggregator.settings import Settings
from tests.builders import a_publication
from tests.deliver.posting import FORMS, NOW
from tests.deliver.relay import SampleRelay

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
READER = Reader(address="reader@example.org", message_id="<one@five.example.org>", token="t" * 32)
FORMATS = {
    "PKCS#1": serialization.PrivateFormat.TraditionalOpenSSL,
    "PKCS#8": serialization.PrivateFormat.PKCS8,
}


def pem(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey = KEY, kind: str = "PKCS#8") -> bytes:
    return key.private_bytes(serialization.Encoding.PEM, FORMATS[kind], serialization.NoEncryption())


def in_the_dns(name: bytes, **_: object) -> bytes:
    """The TXT record of the public key."""
    assert name == b"five._domainkey.example.org."
    public = KEY.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return b"v=DKIM1; k=rsa; p=" + base64.b64encode(public)


def is_signed(mail: bytes) -> bool:
    return bool(dkim.verify(mail, dnsfunc=in_the_dns))


@pytest.fixture
def signer(tmp_path: Path) -> Signer:
    return a_signer(tmp_path, pem())


def a_signer(folder: Path, key: bytes) -> Signer:
    file = folder / "dkim.pem"
    file.write_bytes(key)
    return Signer(domain="example.org", selector="five", key_file=file)


def a_digest_mail() -> bytes:
    publication = a_publication()
    made = mould(title="Five – 20/11/2026", forms=FORMS, publication=publication, sender="five@example.org", now=NOW)
    return made.fill(READER)


def a_letter() -> bytes:
    publication = a_publication()
    asked = letters.confirmation(publication, to=READER.address, token=READER.token, message_id=READER.message_id)
    return letter(asked, publication=publication, sender="five@example.org", now=NOW)


MAILS: dict[str, Callable[[], bytes]] = {
    "digest": a_digest_mail,
    "letter": a_letter,
}


@pytest.mark.parametrize("mail", MAILS.values(), ids=MAILS)
@pytest.mark.parametrize("kind", FORMATS)
def test_a_signed_mail_is_verified_and_its_own_bytes_are_the_same(
    tmp_path: Path, kind: str, mail: Callable[[], bytes]
) -> None:
    written = mail()
    signed = a_signer(tmp_path, pem(kind=kind)).sign(written)
    assert is_signed(signed)
    assert signed.endswith(b"\r\n" + written)
    assert signed.startswith(b"DKIM-Signature: ")
    assert not is_signed(written)


def test_a_key_with_the_line_ends_of_windows_signs_too(tmp_path: Path) -> None:
    assert is_signed(a_signer(tmp_path, pem().replace(b"\n", b"\r\n")).sign(a_digest_mail()))


FIELDS = re.findall(rb"(?m)^([A-Z][A-Za-z-]+): ", a_digest_mail().partition(b"\r\n\r\n")[0])


@pytest.mark.parametrize("field", [one for one in FIELDS if one != b"X-Auto-Response-Suppress"])
def test_no_field_can_be_changed_or_taken_away(signer: Signer, field: bytes) -> None:
    signed = signer.sign(a_digest_mail())
    start, name, rest = signed.partition(b"\r\n" + field + b": ")
    assert name
    assert not is_signed(start + name + b"X" + rest)
    assert not is_signed(start + re.sub(rb"\A.*?(?=\r\n\S|\r\n\r\n)", b"", rest, flags=re.DOTALL))


@pytest.mark.parametrize("field", [b"From: other@example.org", b"Subject: Other", b"To: other@example.org"])
def test_no_second_one_can_be_added(signer: Signer, field: bytes) -> None:
    assert not is_signed(field + b"\r\n" + signer.sign(a_digest_mail()))


def test_the_fields_that_unsubscribe_are_signed(signer: Signer) -> None:
    assert {b"List-Unsubscribe", b"List-Unsubscribe-Post", b"List-Id", b"List-Archive"} <= set(FIELDS)
    assert not is_signed(
        signer.sign(a_digest_mail()).replace(b"https://five.example.org/unsub", b"https://five.evil/u")
    )


def test_what_is_sent_is_signed(signer: Signer) -> None:
    with SampleRelay() as relay, SigningTransport(SmtpTransport(relay.settings), signer).connect() as way:
        assert isinstance(way.send("bounces@example.org", READER.address, a_digest_mail()), Accepted)
        assert way.is_open
    (one,) = relay.taken
    assert is_signed(one.mail)
    assert (one.sender, one.recipient) == ("bounces@example.org", READER.address)


@pytest.mark.parametrize(
    ("key", "why"),
    [
        (None, "cannot be read"),
        (b"", "holds no RSA key"),
        (b"not a key", "holds no RSA key"),
        (b"--\n!!!\n--", "holds no RSA key"),
        (b"-----BEGIN RSA PRIVATE KEY-----\nMAMCAQA=\n-----END RSA PRIVATE KEY-----\n", "holds no RSA key"),
        (pem(ec.generate_private_key(ec.SECP256R1())), "holds no RSA key"),
        (pem()[:400] + b"\n-----END PRIVATE KEY-----\n", "holds no RSA key"),
    ],
    ids=["none", "empty", "text", "no base64", "no numbers", "another kind", "half"],
)
def test_a_key_that_cannot_sign_is_said_plainly_and_nothing_is_sent(
    tmp_path: Path, key: bytes | None, why: str
) -> None:
    signer = a_signer(tmp_path, key or b"")
    if key is None:
        (tmp_path / "dkim.pem").unlink()
    with pytest.raises(SigningFailed, match=f"dkim.pem {why}") as refused:
        signer.check()
    assert "dkim_key_file" in refused.value.hint
    with SampleRelay() as relay:
        with (
            pytest.raises(RelayFailed, match=why) as failed,
            SigningTransport(SmtpTransport(relay.settings), signer).connect(),
        ):
            pass
        assert failed.value.is_final
        assert relay.connections == 0


def test_the_settings_say_who_signs() -> None:
    publication = a_publication(sender="Five <five@mail.example.org>")
    assert signer_for(Settings(), publication) is None
    signer = signer_for(Settings(dkim_selector="five", dkim_key_file="x.pem"), publication)
    assert signer is not None
    assert signer.record == "five._domainkey.mail.example.org"
    signer = signer_for(Settings(dkim_selector="a", dkim_domain="example.org"), publication)
    assert signer is not None
    assert signer.record == "a._domainkey.example.org"
    with pytest.raises(SigningFailed, match="dkim_selector is set, and dkim_key_file is not"):
        signer.check()


def test_without_the_extra_it_says_what_to_install(signer: Signer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "dkim", None)
    with pytest.raises(SigningFailed, match="dkimpy is missing") as refused:
        signer.check()
    assert "pip install '.[dkim]'" in refused.value.hint
