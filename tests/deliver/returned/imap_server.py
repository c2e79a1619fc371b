"""A mailbox on loopback that speaks enough IMAP4rev1 (RFC 3501) over TLS, and misbehaves when told to."""

import re
import socket
import ssl
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Self

import trustme

from aggregator.settings import Settings

USER, PASSWORD = "bounces", "correct horse"
OURS = trustme.CA()


def trusted() -> ssl.SSLContext:
    """Believes the certificates of this server."""
    context = ssl.create_default_context()
    OURS.configure_trust(context)
    return context


@dataclass(slots=True)
class SampleMailbox:
    """Use as a context manager. `breaks`: by the command, what is said instead of the answer; b"" hangs up."""

    mails: list[bytes] = field(default_factory=list)
    folder: str = "INBOX"
    read: set[int] = field(default_factory=set)
    breaks: dict[str, bytes] = field(default_factory=dict)
    commands: list[str] = field(default_factory=list)
    _listener: socket.socket = field(default_factory=lambda: socket.create_server(("127.0.0.1", 0)))
    _threads: list[threading.Thread] = field(default_factory=list)

    def __enter__(self) -> Self:
        self._start(self._accept)
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(timeout=10)

    def settings(self, **changes: object) -> Settings:
        """Settings that name it."""
        values: dict[str, object] = {
            "imap_host": "localhost",
            "imap_port": self._listener.getsockname()[1],
            "imap_user": USER,
            "imap_password": PASSWORD,
            "imap_folder": self.folder,
            "bounce_address": "bounces@example.org",
        }
        return Settings(**values | changes)  # type: ignore[arg-type]

    def _start(self, does: "threading._Target", *arguments: object) -> None:  # type: ignore[name-defined]
        thread = threading.Thread(target=does, args=arguments, daemon=True)
        thread.start()
        self._threads.append(thread)

    def _accept(self) -> None:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        OURS.issue_cert("localhost").configure_cert(context)
        while True:
            try:
                link, _ = self._listener.accept()
            except OSError:
                return
            self._start(self._serve, link, context)

    def _serve(self, link: socket.socket, context: ssl.SSLContext) -> None:
        with link, suppress(OSError), context.wrap_socket(link, server_side=True) as safe, safe.makefile("rb") as lines:
            safe.sendall(self.breaks.get("GREETING", b"* OK sample mailbox\r\n"))
            for line in lines:
                tag, _, rest = line.decode("ascii").strip().partition(" ")
                name = re.sub(r"^UID ", "", rest).split(" ")[0]
                self.commands.append(rest)
                if name in self.breaks:
                    safe.sendall(self.breaks[name].replace(b"TAG", tag.encode()))
                    if b"TAG" not in self.breaks[name]:
                        return
                    continue
                safe.sendall(self._answer(name, rest) + f"{tag} {self._verdict(name, rest)}\r\n".encode())
                if name == "LOGOUT":
                    return

    def _verdict(self, name: str, rest: str) -> str:
        if name == "LOGIN" and rest != f'LOGIN {USER} "{PASSWORD}"':
            return "NO who are you"
        if name == "SELECT" and rest != f'SELECT "{self.folder}"':
            return "NO there is no such folder"
        return "OK done"

    def _answer(self, name: str, rest: str) -> bytes:
        match name:
            case "CAPABILITY":
                return b"* CAPABILITY IMAP4rev1\r\n"
            case "SELECT":
                return f"* {len(self.mails)} EXISTS\r\n* OK [UIDVALIDITY 1] fine\r\n".encode()
            case "SEARCH":
                unread = [str(number) for number in range(1, len(self.mails) + 1) if number not in self.read]
                return f"* SEARCH {' '.join(unread)}\r\n".encode()
            case "FETCH":
                return self._fetched(rest)
            case "STORE":
                found = re.fullmatch(r"UID STORE (\d+) \+FLAGS\.SILENT \(\\Seen\)", rest)
                assert found, rest
                self.read.add(int(found[1]))
                return b""
            case "LOGOUT":
                return b"* BYE\r\n"
        return b""

    def _fetched(self, rest: str) -> bytes:
        found = re.fullmatch(r"UID FETCH (\d+) \(BODY\.PEEK\[\]<0\.(\d+)>\)", rest)
        assert found, "a mail is asked for without a limit, or marked as read by being looked at"
        number = int(found[1])
        mail = self.mails[number - 1].replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")[: int(found[2])]
        return b"* %d FETCH (UID %d BODY[]<0> {%d}\r\n%s)\r\n" % (number, number, len(mail), mail)
