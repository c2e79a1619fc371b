"""Getting to a relay safely: against an SMTP server that is not ours, with certificates made for these tests."""

import asyncio
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import pytest
import trustme
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from aggregator.deliver.answers import Accepted
from aggregator.deliver.transport import RelayFailed, SmtpTransport
from aggregator.settings import Settings, load_settings
from tests.certificates import certified, trusting

MAIL = b"From: editor@example.org\r\nTo: reader@example.org\r\nSubject: Hello\r\n\r\n.\r\nHello\r\n"
USER, PASSWORD = "five", "correct horse"
Security = Literal["starttls", "tls"]
WAYS: tuple[Security, ...] = ("starttls", "tls")


class Server:
    """An aiosmtpd on loopback; keeps what it takes, and who tried to sign in with what."""

    def __init__(self) -> None:
        self.mails: list[bytes] = []
        self.sign_ins: list[tuple[bytes, bytes]] = []
        self.security: list[bool] = []
        self.port = 0

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        assert isinstance(envelope.content, bytes)
        self.mails.append(envelope.content)
        assert server.transport is not None
        self.security.append(server.transport.get_extra_info("ssl_object") is not None)
        return "250 taken"

    def signs_in(self, _server: SMTP, _session: Session, _envelope: Envelope, _way: str, data: Any) -> AuthResult:
        """Whether name and password are right."""
        assert isinstance(data, LoginPassword)
        self.sign_ins.append((data.login, data.password))
        is_right = (data.login, data.password) == (USER.encode(), PASSWORD.encode())
        return AuthResult(success=is_right, handled=False)

    @contextmanager
    def runs(self, make: Callable[[], SMTP], wrapped: ssl.SSLContext | None) -> Iterator[None]:
        """Listen, in a thread of its own."""
        loop = asyncio.new_event_loop()
        server = loop.run_until_complete(loop.create_server(make, "127.0.0.1", 0, ssl=wrapped))
        self.port = server.sockets[0].getsockname()[1]
        thread = threading.Thread(target=loop.run_forever)
        thread.start()
        try:
            yield
        finally:
            asyncio.run_coroutine_threadsafe(_closed(server), loop).result(timeout=10)
            loop.call_soon_threadsafe(loop.stop)
            thread.join(timeout=10)
            loop.close()


async def _closed(server: asyncio.Server) -> None:
    server.close()
    await server.wait_closed()
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for one in others:
        one.cancel()
    await asyncio.gather(*others, return_exceptions=True)


@contextmanager
def serving(security: Security, shown: ssl.SSLContext | None) -> Iterator[Server]:
    """A server with that certificate, or without any."""
    server = Server()

    def make() -> SMTP:
        return SMTP(
            server,
            hostname="relay.example",
            tls_context=shown if security == "starttls" else None,
            require_starttls=security == "starttls" and shown is not None,
            auth_require_tls=security == "starttls",
            authenticator=server.signs_in,
            loop=asyncio.get_event_loop(),
        )

    with server.runs(make, shown if security == "tls" else None):
        yield server


def to(server: Server, security: Security, **more: Any) -> SmtpTransport:
    """The way to it, as settings say."""
    settings = Settings(smtp_host="localhost", smtp_port=server.port, smtp_security=security, **more)
    return SmtpTransport(settings, trusted=trusting(), patience=(5, 5))


def sends(transport: SmtpTransport) -> bool:
    """Hand one mail over."""
    with transport.connect() as relay:
        return isinstance(relay.send("editor@example.org", "reader@example.org", MAIL), Accepted)


@pytest.mark.parametrize("security", WAYS)
def test_a_relay_with_the_right_certificate_gets_the_mail(security: Security) -> None:
    with serving(security, certified("localhost")) as server:
        assert sends(to(server, security))
    assert server.mails == [MAIL]
    assert server.security == [True]


@pytest.mark.parametrize(
    ("given", "taken"),
    [
        (b".first\r\n.\r\n..\r\na . b.\r\n.\r\n.\r\n", b".first\r\n.\r\n..\r\na . b.\r\n.\r\n.\r\n"),
        (
            b"Subject: Hello\r\n\r\nwithout an end of its last line",
            b"Subject: Hello\r\n\r\nwithout an end of its last line\r\n",
        ),
    ],
)
def test_dots_at_the_start_of_lines_arrive_as_they_are(given: bytes, taken: bytes) -> None:
    with serving("tls", certified("localhost")) as server, to(server, "tls").connect() as relay:
        assert isinstance(relay.send("editor@example.org", "reader@example.org", given), Accepted)
        assert isinstance(relay.send("editor@example.org", "reader@example.org", MAIL), Accepted)
    assert server.mails == [taken, MAIL]


def self_signed() -> ssl.SSLContext:
    """An authority that shows its own certificate."""
    authority = trustme.CA()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    with authority.cert_pem.tempfile() as certificate, authority.private_key_pem.tempfile() as key:
        context.load_cert_chain(certificate, key)
    return context


SHOWN: dict[str, tuple[Callable[[], ssl.SSLContext], str]] = {
    "another name": (lambda: certified("relay.example.net"), "not valid for 'localhost'"),
    "no known authority": (lambda: certified("localhost", by=trustme.CA()), "certificate"),
    "self-signed": (self_signed, "self-signed certificate"),
}


@pytest.mark.parametrize("security", WAYS)
@pytest.mark.parametrize("name", SHOWN)
def test_a_relay_with_a_wrong_certificate_is_told_nothing(security: Security, name: str) -> None:
    shown, words = SHOWN[name]
    with serving(security, shown()) as server, pytest.raises(RelayFailed, match="cannot be trusted") as failed:
        sends(to(server, security, smtp_user=USER, smtp_password=PASSWORD))
    assert words in failed.value.what
    assert failed.value.is_final
    assert (server.mails, server.sign_ins) == ([], [])


def test_a_relay_that_offers_no_starttls_is_told_nothing() -> None:
    with serving("starttls", None) as server, pytest.raises(RelayFailed, match="does not offer") as failed:
        sends(to(server, "starttls", smtp_user=USER, smtp_password=PASSWORD))
    assert failed.value.is_final
    assert (server.mails, server.sign_ins) == ([], [])


def test_a_relay_that_speaks_no_tls_is_told_nothing() -> None:
    with serving("tls", None) as server, pytest.raises(RelayFailed, match="cannot be trusted"):
        sends(to(server, "tls", smtp_user=USER, smtp_password=PASSWORD))
    assert (server.mails, server.sign_ins) == ([], [])


@pytest.fixture
def password_file(tmp_path: Path) -> Path:
    file = tmp_path / "password"
    file.write_bytes(PASSWORD.encode() + b"\r\nand a remark\r\n")
    return file


@pytest.mark.parametrize("security", WAYS)
@pytest.mark.parametrize("source", ["variable", "file"])
def test_the_password_is_of_the_environment_or_of_a_file(
    security: Security, source: str, password_file: Path, tmp_path: Path
) -> None:
    where = {"FIVE_SMTP_PASSWORD": PASSWORD} if source == "variable" else {"FIVE_SMTP_PASSWORD_FILE": "password"}
    with serving(security, certified("localhost")) as server:
        variables = {
            "FIVE_SMTP_HOST": "localhost",
            "FIVE_SMTP_PORT": str(server.port),
            "FIVE_SMTP_SECURITY": security,
            "FIVE_SMTP_USER": USER,
        }
        settings = load_settings(tmp_path, variables | where)
        assert sends(SmtpTransport(settings, trusted=trusting()))
    assert server.sign_ins == [(USER.encode(), PASSWORD.encode())]
    assert server.mails == [MAIL]


def test_a_wrong_password_is_said_so_and_nothing_is_sent() -> None:
    with serving("tls", certified("localhost")) as server:
        transport = to(server, "tls", smtp_user=USER, smtp_password="wrong")
        with pytest.raises(RelayFailed, match="refuses the name or the password") as failed:
            sends(transport)
    assert failed.value.is_final
    assert server.mails == []
    assert "wrong" not in failed.value.what + failed.value.hint


BAD_FILES = {"missing": None, "empty": b"\n", "no text": b"\xff\xfe", "beyond ASCII": "pässword\n".encode()}


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_password_file_that_is_of_no_use_is_named(name: str, tmp_path: Path) -> None:
    file = tmp_path / "password"
    if (content := BAD_FILES[name]) is not None:
        file.write_bytes(content)
    with serving("tls", certified("localhost")) as server:
        transport = to(server, "tls", smtp_user=USER, smtp_password_file=str(file))
        with pytest.raises(RelayFailed, match="password") as failed:
            sends(transport)
    assert str(file) in failed.value.what
    assert failed.value.is_final
    assert (server.mails, server.sign_ins) == ([], [])


def test_a_name_without_a_password_is_no_way_in() -> None:
    with serving("tls", certified("localhost")) as server:
        transport = to(server, "tls", smtp_user=USER)
        with pytest.raises(RelayFailed, match="no password is set"):
            sends(transport)
    assert server.sign_ins == []
