"""A mailbox on loopback that speaks enough IMAP4rev1 (RFC 3501) over TLS, and misbehaves when told to."""

import re
import socket
from contextlib import suppress
from dataclasses import dataclass, field

from aggregator.settings import Settings
from tests.certificates import certified
from tests.deliver.listener import Listener

USER, PASSWORD = "bounces", "correct horse"


@dataclass(slots=True)
class SampleMailbox(Listener):
    """Use as a context manager. `breaks`: by the command, what is said instead of the answer; b"" hangs up."""

    mails: list[bytes] = field(default_factory=list)
    folder: str = "INBOX"
    read: set[int] = field(default_factory=set)
    breaks: dict[str, bytes] = field(default_factory=dict)
    commands: list[str] = field(default_factory=list)

    def settings(self, **changes: object) -> Settings:
        """Settings that name it."""
        values: dict[str, object] = {
            "imap_host": "localhost",
            "imap_port": self.port,
            "imap_user": USER,
            "imap_password": PASSWORD,
            "imap_folder": self.folder,
            "bounce_address": "bounces@example.org",
        }
        return Settings(**values | changes)  # type: ignore[arg-type]

    def serve(self, link: socket.socket) -> None:
        """Answer commands, over TLS."""
        context = certified("localhost")
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
