"""Functions for the tests of the sandbox to run in it; apart, so that a worker need not import pytest."""

import os
import signal
import socket
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """A result like those of the parser."""

    text: str
    at: datetime
    every: timedelta | None
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """The other one."""

    why: str


def echo(data: bytes) -> bytes:
    return data


def read_or_not(good: bool) -> Read | Unread:
    if not good:
        return Unread(why="ünread")
    return Read(text="a", at=datetime(2026, 11, 20, 12, tzinfo=UTC), every=timedelta(hours=1), words=("b", "c"))


def process_id() -> int:
    return os.getpid()


def hang() -> int:
    signal.pause()
    return 0


def burn() -> int:
    while True:
        pass


def swell() -> int:
    return len([bytes(1024 * 1024) for _ in range(4096)])


def leave() -> int:
    os._exit(3)


def crash() -> int:
    signal.raise_signal(signal.SIGSEGV)
    return 0


def fail() -> int:
    raise ValueError("no such\ud800luck " + "x" * 1000)


def recurse(depth: int) -> int:
    return recurse(depth + 1)


def lie() -> int:
    return "not a number"  # type: ignore[return-value]


def much() -> bytes:
    return bytes(49 * 1024 * 1024)


def connect(port: int) -> int:
    with socket.socket() as link:
        return link.connect_ex(("127.0.0.1", port))


def look_up() -> str:
    return str(socket.getaddrinfo("localhost", 80))


def write(path: str) -> int:
    return Path(path).write_bytes(b"")


def write_low(path: str) -> int:
    return os.open(path, os.O_WRONLY | os.O_CREAT)


def remove(path: str) -> None:
    Path(path).unlink()


def read_file(path: str) -> bytes:
    return Path(path).read_bytes()


def start_process() -> int:
    return subprocess.call([sys.executable, "-c", ""])


def fork() -> int:
    return os.fork()


def signal_parent() -> None:
    os.kill(os.getppid(), signal.SIGKILL)


def talk() -> str:
    print("not part of the protocol")
    return sys.stdin.read()
