"""The inside of the sandbox: a process that runs one function at a time on what it is handed, and can do little else.

Started by `sandbox` as `python -m aggregator.worker SECONDS CPU_SECONDS MEMORY_MIB`. Frames are a length in four
bytes and a body. For each call: in comes the function's name, out goes "ready" when it is new here; in come its
arguments, out goes its value. It ends when its standard input does, and SECONDS after a call began, so it cannot
outlive its parent for long.
"""

import importlib
import os
import resource
import signal
import struct
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO, get_type_hints

import msgspec

OUT_OF_MEMORY = 77
"""The status with which it ends when it may have no more memory."""

_MESSAGE_LENGTH = 300

# Importing a module lists its folder. Every other event of these families is refused.
_REFUSED = ("socket.", "os.", "ctypes.", "subprocess.", "shutil.", "pty.", "signal.", "mmap.", "sqlite3.", "tempfile.")
_ALLOWED = frozenset({"os.listdir"})
_CODE = (".py", ".pyc", ".so")


def main() -> None:
    """Serve calls until standard input ends."""
    seconds, cpu_seconds, memory_mib = float(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3])
    incoming, outgoing = _private_pipes()
    _limit(memory_mib)
    known: dict[bytes, _Call] = {}
    try:
        while (name := _receive(incoming)) is not None:
            if name not in known:
                try:
                    found = _find(name.decode())
                except Exception as error:  # noqa: BLE001 -- whatever it is, the parent reports it
                    _send(outgoing, _raised(error))
                    continue
                if not known:
                    sys.addaudithook(_refuse)
                known[name] = found
                _send(outgoing, _encode("value", "ready", None))
            args = _receive(incoming)
            if args is None:
                return
            with _timed(seconds, cpu_seconds):
                reply = _answer(known[name], args)
            _send(outgoing, reply)
    except MemoryError:
        os._exit(OUT_OF_MEMORY)


def _private_pipes() -> tuple[BinaryIO, BinaryIO]:
    """The parent's pipes under new numbers, so that nothing printed or read by accident touches them."""
    incoming, outgoing = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)
    os.close(nothing)
    return incoming, outgoing


def _limit(memory_mib: int) -> None:
    memory = memory_mib * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_NOFILE, (32, 32))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _refuse(event: str, args: tuple[Any, ...]) -> None:
    if event == "open":
        path, mode, flags = args
        writing = flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT) if isinstance(flags, int) else 0
        if writing or set(mode or "r") & set("wax+") or not str(path).endswith(_CODE):
            raise PermissionError("the sandbox opens no files")
    elif event.startswith(_REFUSED) and event not in _ALLOWED:
        raise PermissionError(f"the sandbox does not allow {event}")


_Call = Callable[[bytes], Any]


def _find(name: str) -> _Call:
    """The function, to be called with its arguments as they cross."""
    module, _, named = name.partition(":")
    function: Callable[..., Any] = getattr(importlib.import_module(module), named)
    types = tuple(kind for parameter, kind in get_type_hints(function).items() if parameter != "return")
    arguments: msgspec.msgpack.Decoder[Any] = msgspec.msgpack.Decoder(tuple[types])  # type: ignore[valid-type]
    return lambda args: function(*arguments.decode(args))


@contextmanager
def _timed(seconds: float, cpu_seconds: float) -> Iterator[None]:
    """Die of SIGPROF or SIGALRM when the block uses too much CPU or time."""
    # A timer of CPU time rather than RLIMIT_CPU: it starts anew with each call, and counts in less than whole seconds.
    signal.setitimer(signal.ITIMER_PROF, cpu_seconds)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)


def _answer(call: _Call, args: bytes) -> bytes:
    try:
        value = call(args)
        return _encode("value", type(value).__name__, value)
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 -- whatever it is, the parent reports it
        return _raised(error)


def _raised(error: Exception) -> bytes:
    said = f"{type(error).__name__}: {error}"[:_MESSAGE_LENGTH]
    return _encode("raised", said.encode("utf-8", "replace").decode(), None)


def _encode(kind: str, name: str, value: object) -> bytes:
    return msgspec.msgpack.encode((kind, name, value))


def _receive(incoming: BinaryIO) -> bytes | None:
    header = incoming.read(4)
    if len(header) < 4:
        return None
    (length,) = struct.unpack(">I", header)
    body = incoming.read(length)
    return body if len(body) == length else None


def _send(outgoing: BinaryIO, frame: bytes) -> None:
    outgoing.write(struct.pack(">I", len(frame)))
    outgoing.write(frame)
    outgoing.flush()


if __name__ == "__main__":
    main()
