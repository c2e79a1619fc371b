"""Run a pure function on hostile bytes in a process that may be killed.

Parsing strangers' documents can hang, crash, or eat the machine (20 kB of one shape cost feedparser 16 s of CPU,
100 kB of another 2.4 GB). So it happens in a worker process that may use so much CPU, memory and time and no more, may
not open a connection or write a file, and costs one document when it dies. This half lives with the caller; `worker`
is the half inside.

Arguments and results cross as MessagePack, never as pickle: what comes back is decoded to the type that the function
promises, or refused.
"""

import asyncio
import os
import signal
import struct
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import IO, Any, Self, TypeVar, TypeVarTuple, Union, cast, get_args, get_origin, get_type_hints

import msgspec

from aggregator.errors import FiveError
from aggregator.worker import OUT_OF_MEMORY

START_SECONDS = 30.0
"""How long a worker may take to start and import a function: our own code, on a machine that may be busy."""

MAX_RESULT = 48 * 1024 * 1024
"""Bytes of the largest result that is taken back."""

_T = TypeVar("_T")
_Arguments = TypeVarTuple("_Arguments")


class SandboxFailed(FiveError):
    """A sandboxed call gave no result: it raised, died, or ran over a limit. `what` says which, in plain words."""


class Sandbox:
    """A few worker processes, started when first needed and replaced when they die.

    It belongs to no event loop: one Sandbox may serve several, one after the other.
    """

    def __init__(self, *, workers: int, deadline: float, cpu_seconds: float = 5, memory_mib: int) -> None:
        """At most `workers` calls run at once, each for `deadline` seconds of time and `cpu_seconds` of CPU."""
        self._deadline = deadline
        self._cpu_seconds = cpu_seconds
        self._memory_mib = memory_mib
        self._lock = threading.Lock()
        self._idle: list[_Worker] = []
        self._live: set[_Worker] = set()
        self._closed = False
        self._threads = ThreadPoolExecutor(max_workers=workers, thread_name_prefix="sandbox")

    async def run(self, function: "Callable[[*_Arguments], _T]", *args: *_Arguments) -> _T:
        """The value of `function(*args)`, computed in a worker.

        The function must stand at the top of a module, with every parameter and its result annotated by types that
        msgspec knows; a union of dataclasses is told apart by name. Raises SandboxFailed.
        """
        if self._closed:
            raise SandboxFailed("The sandbox is closed.")
        task = self._threads.submit(self._call, function, msgspec.msgpack.encode(args))
        return cast(_T, await asyncio.wrap_future(task))

    def close(self) -> None:
        """Kill the workers; a call still running fails with SandboxFailed."""
        with self._lock:
            self._closed = True
            doomed = list(self._live)
        for worker in doomed:
            worker.kill()
        self._threads.shutdown(wait=True, cancel_futures=True)
        for worker in doomed:
            worker.end()

    async def aclose(self) -> None:
        """The same as `close`, without holding up the event loop."""
        await asyncio.to_thread(self.close)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    def _call(self, function: Callable[..., Any], args: bytes) -> Any:
        worker = self._take()
        try:
            with worker.killed_after(START_SECONDS):
                worker.send(f"{function.__module__}:{function.__qualname__}".encode())
                _value(worker.receive(), {"ready": None})
            with worker.killed_after(self._deadline):
                worker.send(args)
                reply = worker.receive()
            result = _value(reply, _results(function))
        except _Raised as raised:
            self._idle.append(worker)
            raise SandboxFailed(f"{function.__name__} failed: {raised}.") from None
        except (OSError, EOFError, msgspec.DecodeError) as error:
            raise SandboxFailed(self._why(worker, error)) from None
        except BaseException:
            self._forget(worker)
            raise
        self._idle.append(worker)
        return result

    def _take(self) -> "_Worker":
        while self._idle:
            worker = self._idle.pop()
            if worker.is_alive:
                return worker
            self._forget(worker)
        with self._lock:
            if self._closed:
                raise SandboxFailed("The sandbox is closed.")
            try:
                worker = _Worker(self._deadline, self._cpu_seconds, self._memory_mib)
            except OSError as error:
                raise SandboxFailed(f"No worker process could be started: {error.strerror}.") from error
            self._live.add(worker)
        return worker

    def _forget(self, worker: "_Worker") -> None:
        worker.kill()
        worker.end()
        with self._lock:
            self._live.discard(worker)

    def _why(self, worker: "_Worker", error: Exception) -> str:
        self._forget(worker)
        if self._closed:
            return "The sandbox was closed while this was being read."
        if worker.overdue:
            return f"Reading it took more than {worker.overdue:g} s, so it was stopped."
        if isinstance(error, msgspec.DecodeError | _TooMuch):
            return f"The worker gave back something that is no result: {error}."
        status = worker.status
        if status == -signal.SIGPROF:
            return f"Reading it used more than {self._cpu_seconds:g} s of processor time, so it was stopped."
        if status == OUT_OF_MEMORY:
            return f"Reading it needed more than {self._memory_mib} MiB of memory, so it was stopped."
        if status < 0:
            return f"The worker that read it was ended by {signal.Signals(-status).name}."
        return f"The worker that read it ended by itself, with status {status}."


class _TooMuch(OSError):
    """A result over the cap."""


class _Raised(Exception):
    """The function raised; the worker is well."""


class _Worker:
    """One process, with a pipe in and a pipe out."""

    def __init__(self, deadline: float, cpu_seconds: float, memory_mib: int) -> None:
        self.overdue = 0.0
        limits = [str(deadline + START_SECONDS), str(cpu_seconds), str(memory_mib)]
        self._process = subprocess.Popen(
            # -S and -P: the parent's sys.path is handed on as it is.
            [sys.executable, "-S", "-P", "-B", "-m", "aggregator.worker", *limits],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd="/",
            env={"PYTHONPATH": os.pathsep.join(os.path.abspath(folder) for folder in sys.path)},  # noqa: PTH100 -- as str
            start_new_session=True,  # Ctrl-C reaches the parent only
        )

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    @property
    def status(self) -> int:
        return self._process.wait()

    @contextmanager
    def killed_after(self, seconds: float) -> Iterator[None]:
        """Kill it when the block takes longer; a blocked read or write then ends by itself."""
        watch = threading.Timer(seconds, self._overdue, (seconds,))
        watch.daemon = True
        watch.start()
        try:
            yield
        finally:
            watch.cancel()

    def _overdue(self, seconds: float) -> None:
        self.overdue = seconds
        self.kill()

    def kill(self) -> None:
        self._process.kill()

    def end(self) -> None:
        """Wait for a killed process and let go of its pipes."""
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            try:
                cast(IO[bytes], pipe).close()
            except BrokenPipeError:
                continue  # closing flushes what nobody will read

    def send(self, frame: bytes) -> None:
        pipe = cast(IO[bytes], self._process.stdin)
        pipe.write(struct.pack(">I", len(frame)))
        pipe.write(frame)
        pipe.flush()

    def receive(self) -> bytes:
        (length,) = struct.unpack(">I", self._exactly(4))
        if length > MAX_RESULT:
            raise _TooMuch(f"{length} bytes, where at most {MAX_RESULT} are taken")
        return self._exactly(length)

    def _exactly(self, length: int) -> bytes:
        data = cast(IO[bytes], self._process.stdout).read(length)
        if len(data) < length:
            raise EOFError
        return data


def _results(function: Callable[..., Any]) -> dict[str, Any]:
    """The types that a function may return, by the names under which they cross."""
    promised = get_type_hints(function)["return"]
    members = get_args(promised) if get_origin(promised) in (Union, type(int | str)) else (promised,)
    return {(get_origin(member) or member).__name__: member for member in members}


def _value(reply: bytes, expected: dict[str, Any]) -> Any:
    kind, name, raw = msgspec.msgpack.decode(reply, type=tuple[str, str, msgspec.Raw])
    if kind == "raised":
        raise _Raised(name)
    if name not in expected:
        raise msgspec.ValidationError("a value of a type that was not promised")
    return msgspec.msgpack.decode(raw, type=expected[name])
