"""A mail relay on loopback that keeps what it takes, and misbehaves when told to."""

import re
import socket
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import BinaryIO

from aggregator.settings import Settings
from tests.deliver.listener import Listener


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What it does instead of the right answer, once."""

    says: bytes = b""  # b"" for nothing
    takes: bool = False  # keep the mail all the same
    drops: bool = False  # hang up, after `says`
    stalls: bool = False  # say nothing, until the other side hangs up


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """One mail that was taken, and from then on is the relay's to deliver."""

    sender: str
    recipient: str
    mail: bytes


@dataclass(slots=True)
class _Session:
    """One connection."""

    link: socket.socket
    sender: str = ""
    recipient: str = ""
    mail: bytes = b""


@dataclass(slots=True)
class SampleRelay(Listener):
    """Use as a context manager. `faults` are by the number of the mail (from 0, over all connections) and the verb."""

    taken: list[Taken] = field(default_factory=list)
    faults: dict[tuple[int, str], Fault] = field(default_factory=dict)
    greetings: list[Fault] = field(default_factory=list)  # of the next connections
    on_verb: Callable[[int, str], None] = lambda _number, _verb: None  # before each answer
    verbs: list[str] = field(default_factory=list)
    connections: int = 0
    _number: int = -1

    @property
    def settings(self) -> Settings:
        """Settings that name it."""
        return Settings(smtp_host="127.0.0.1", smtp_port=self.port, smtp_security="none", smtp_user="")

    def starts_anew(self) -> None:
        """Forget what was taken, and count mails from 0."""
        self.taken.clear()
        self.faults.clear()
        self._number = -1

    def serve(self, link: socket.socket) -> None:
        """Take mails, one after the other."""
        self.connections += 1
        session = _Session(link=link)
        with link, link.makefile("rb") as lines, suppress(OSError):
            fault = self.greetings.pop(0) if self.greetings else Fault(says=b"220 sample relay\r\n")
            if not self._does(session, fault):
                return
            for line in lines:
                if not self._answer(session, line, lines):
                    return

    def _answer(self, session: _Session, line: bytes, lines: BinaryIO) -> bool:
        verb = line[:4].decode("ascii", "replace").upper().strip()
        if verb == "MAIL":
            self._number += 1
            session.sender = _between(line)
        elif verb == "RCPT":
            session.recipient = _between(line)
        elif verb == "QUIT":
            session.link.sendall(b"221 bye\r\n")
            return False
        right = {"EHLO": b"250-sample\r\n250 8BITMIME\r\n", "DATA": b"354 go on\r\n"}.get(verb, b"250 fine\r\n")
        if not self._step(session, verb, right):
            return False
        return verb != "DATA" or session.mail == b"refused" or self._read(session, lines)

    def _step(self, session: _Session, verb: str, right: bytes) -> bool:
        self.verbs.append(verb)
        self.on_verb(self._number, verb)
        fault = self.faults.pop((self._number, verb), None)
        session.mail = b"refused" if fault is not None and verb == "DATA" else b""
        return self._does(session, fault or Fault(says=right))

    def _read(self, session: _Session, lines: BinaryIO) -> bool:
        early = self.faults.pop((self._number, "BODY"), None)
        self.on_verb(self._number, "BODY")
        if early is not None and not self._does(session, early):
            return False
        body = b""
        while (line := lines.readline()) != b".\r\n":
            if not line:
                return False
            body += line.removeprefix(b".")
        session.mail = body
        fault = self.faults.pop((self._number, "DOT"), Fault(says=b"250 taken\r\n", takes=True))
        if fault.takes:
            self.taken.append(Taken(sender=session.sender, recipient=session.recipient, mail=body))
        self.on_verb(self._number, "DOT")
        session.mail = b""
        return self._does(session, fault)

    def _does(self, session: _Session, fault: Fault) -> bool:
        """Misbehave, or behave; False when this connection is over."""
        if fault.says:
            session.link.sendall(fault.says)
        if fault.stalls:
            while session.link.recv(65536):
                pass
        if fault.drops:
            session.link.shutdown(socket.SHUT_RDWR)
        return not (fault.drops or fault.stalls)


def _between(line: bytes) -> str:
    found = re.search(rb"<(.*?)>", line)
    assert found is not None
    return found[1].decode()
