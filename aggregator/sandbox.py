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
import select
import signal
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import IO, Any, Self, TypeVar, TypeVarTuple, Union, cast, get_args, get_origin, get_type_hints

import msgspec

from aggregator.errors import FiveError
from aggregator.worker import OUT_OF_MEMORY

START_SECONDS = 30.0
"""How long a worker may take to start and import a function: our own code, on a machine that may be busy."""

WORTH_A_START = 0.25
"""Seconds: about what starting a worker takes, in CPU too. Few feeds that changed need no second one."""

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

    def __init__(
        self,
        *,
        workers: int,
        deadline: float,
        cpu_seconds: float = 5,
        memory_mib: int,
        patience: float = WORTH_A_START,
    ) -> None:
        """At most `workers` calls run at once, each for `deadline` seconds of time and `cpu_seconds` of CPU.

        `patience` is for how many seconds a call waits for a worker that is busy before it starts another one.
        """
        self._patience = patience
        self._deadline = deadline
        self._cpu_seconds = cpu_seconds
        self._memory_mib = memory_mib
        self._changed = threading.Condition()  # a worker came or went; holds the two lists
        self._idle: list[_Worker] = []
        self._live: set[_Worker] = set()
        self._ready_at = 0.0  # when a worker last became ready; monotonic seconds
        self._closed = False
        self._threads = ThreadPoolExecutor(max_workers=workers, thread_name_prefix="sandbox")

    async def run(self, function: "Callable[[*_Arguments], _T]", *args: *_Arguments) -> _T:
        """The value of `function(*args)`, computed in a worker.

        The function must stand at the top of a module, with every parameter and its result annotated by types that
        msgspec knows; a union of dataclasses is told apart by name. Raises SandboxFailed.
        """
        return await self.run_on(function, lambda: args)

    async def run_on(
        self, function: "Callable[[*_Arguments], _T]", arguments: "Callable[[], tuple[*_Arguments]]"
    ) -> _T:
        """The same, of arguments that take a moment to get: they are asked for in a thread. Raises what that does."""
        if self._closed:
            raise SandboxFailed("The sandbox is closed.")
        task = self._threads.submit(self._call, function, arguments, time.monotonic())
        return cast(_T, await asyncio.wrap_future(task))

    def close(self) -> None:
        """Kill the workers; a call still running fails with SandboxFailed."""
        with self._changed:
            self._closed = True
            doomed = list(self._live)
            self._changed.notify_all()
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

    def _call(self, function: Callable[..., Any], arguments: Callable[[], tuple[object, ...]], asked_at: float) -> Any:
        values = arguments()
        name = f"{function.__module__}:{function.__qualname__}".encode()
        worker = self._take(asked_at)
        try:
            # Not before: while documents wait for a worker, each would be in memory twice.
            args = msgspec.msgpack.encode(values)
            if name not in worker.ready_for:
                _value(worker.ask(name, seconds=START_SECONDS), _READY)
                self._is_ready_for(worker, name)
                reply = worker.ask(args, seconds=self._deadline)
            else:
                reply = worker.ask(name, args, seconds=self._deadline)
            result = _value(reply, _results(function))
        except _Raised as raised:
            self._give_back(worker)
            raise SandboxFailed(f"{function.__name__} failed: {raised}.") from None
        except (OSError, EOFError, msgspec.DecodeError) as error:
            raise SandboxFailed(self._why(worker, error)) from None
        except BaseException:
            self._forget(worker)
            raise
        self._give_back(worker)
        return result

    def _take(self, asked_at: float) -> "_Worker":
        """A worker that is idle, or will be in a moment; or else a new one."""
        with self._changed:
            while not self._closed:
                # From when it was asked for: the wait for a thread, behind other calls, counts as much.
                waits_until = max(asked_at, self._ready_at) + self._patience
                if self._idle:
                    worker = self._idle.pop()
                    if worker.is_alive:
                        return worker
                    self._end(worker)
                    continue
                if not all(worker.ready_for for worker in self._live):
                    self._changed.wait(START_SECONDS)  # one is being started
                elif self._live and self._changed.wait(waits_until - time.monotonic()):
                    continue
                elif not self._closed:
                    return self._started()
            raise SandboxFailed("The sandbox is closed.")

    def _started(self) -> "_Worker":
        try:
            worker = _Worker(self._deadline, self._cpu_seconds, self._memory_mib)
        except OSError as error:
            raise SandboxFailed(f"No worker process could be started: {error.strerror}.") from error
        self._live.add(worker)
        return worker

    def _is_ready_for(self, worker: "_Worker", name: bytes) -> None:
        with self._changed:
            worker.ready_for.add(name)
            self._ready_at = time.monotonic()
            self._changed.notify_all()

    def _give_back(self, worker: "_Worker") -> None:
        with self._changed:
            self._idle.append(worker)
            self._changed.notify()

    def _forget(self, worker: "_Worker") -> None:
        with self._changed:
            self._end(worker)
            self._changed.notify_all()

    def _end(self, worker: "_Worker") -> None:
        worker.kill()
        worker.end()
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
        self.ready_for: set[bytes] = set()  # the functions that it has imported
        limits = [str(deadline + START_SECONDS), str(cpu_seconds), str(memory_mib)]
        self._process = subprocess.Popen(
            # -S and -P: the parent's sys.path is handed on as it is.
            [sys.executable, "-S", "-P", "-B", "-m", "aggregator.worker", *limits],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            cwd="/",
            env={"PYTHONPATH": os.pathsep.join(os.path.abspath(folder) for folder in sys.path)},  # noqa: PTH100 -- as str
            start_new_session=True,  # Ctrl-C reaches the parent only
        )
        self._incoming, self._outgoing = (
            cast(IO[bytes], pipe).fileno() for pipe in (self._process.stdout, self._process.stdin)
        )
        os.set_blocking(self._outgoing, False)  # so that no write waits for one who does not read

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    @property
    def status(self) -> int:
        return self._process.wait()

    def ask(self, *frames: bytes, seconds: float) -> bytes:
        """What it answers to these frames; when that takes longer, it is killed, and `overdue` says so."""
        until = time.monotonic() + seconds
        try:
            self._send(b"".join(part for frame in frames for part in (struct.pack(">I", len(frame)), frame)), until)
            (length,) = struct.unpack(">I", self._exactly(4, until))
            if length > MAX_RESULT:
                raise _TooMuch(f"{length} bytes, where at most {MAX_RESULT} are taken")
            return self._exactly(length, until)
        except TimeoutError:
            self.overdue = seconds
            raise

    def kill(self) -> None:
        self._process.kill()

    def end(self) -> None:
        """Wait for a killed process and let go of its pipes."""
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            cast(IO[bytes], pipe).close()

    def _send(self, data: bytes, until: float) -> None:
        left = memoryview(data)
        while left:
            _wait_for(self._outgoing, select.POLLOUT, until)
            left = left[os.write(self._outgoing, left) :]

    def _exactly(self, length: int, until: float) -> bytes:
        parts = []
        while length:
            _wait_for(self._incoming, select.POLLIN, until)
            part = os.read(self._incoming, min(length, _PIPE))
            if not part:
                raise EOFError
            parts.append(part)
            length -= len(part)
        return b"".join(parts)


def _wait_for(pipe: int, event: int, until: float) -> None:
    # Not a thread with a timer for each call: that took as long as many a call itself.
    poll = select.poll()
    poll.register(pipe, event)
    if not poll.poll(max(0, until - time.monotonic()) * 1000):
        raise TimeoutError


_PIPE = 65536
"""Bytes that a pipe holds."""

_Results = dict[str, "msgspec.msgpack.Decoder[Any]"]

_ENVELOPE = msgspec.msgpack.Decoder(tuple[str, str, msgspec.Raw])
_READY: _Results = {"ready": msgspec.msgpack.Decoder(None)}


@cache
def _results(function: Callable[..., Any]) -> _Results:
    """What reads each type that a function may return, by the names under which they cross."""
    promised = get_type_hints(function)["return"]
    members = get_args(promised) if get_origin(promised) in (Union, type(int | str)) else (promised,)
    return {(get_origin(member) or member).__name__: msgspec.msgpack.Decoder(member) for member in members}


def _value(reply: bytes, expected: _Results) -> Any:
    kind, name, raw = _ENVELOPE.decode(reply)
    if kind == "raised":
        raise _Raised(name)
    if name not in expected:
        raise msgspec.ValidationError("a value of a type that was not promised")
    return expected[name].decode(raw)
