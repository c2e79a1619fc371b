"""How fast does a digest reach 10,000 readers? `python -m tests.benchmarks.send_digest`

Through one connection to a sink on loopback, in a process of its own, so that CPU and memory are the sender's alone.
Then 100,000 deliveries are in the ledger, and the outbox's overview is timed. Ends with 1 when a goal is missed.
"""

import contextlib
import multiprocessing
import resource
import socket
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path

from aggregator.deliver.transport import SmtpTransport
from aggregator.settings import Settings
from aggregator.store.database import Database
from aggregator.store.migrate import open_database
from tests.deliver.posting import FORMS, add_readers, an_outbox, publish

READERS = 10_000
DIGESTS = 10
LEAST_SPEED, MOST_MEMORY, MOST_MILLISECONDS, MOST_KILOBYTES = 1_000, 100, 50, 40
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def sink(pipe: Connection) -> None:
    """Take every mail of one connection; says how many, and how large the largest was."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        pipe.send(listener.getsockname()[1])
        link, _ = listener.accept()
        link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        mails = largest = 0
        with link, link.makefile("rb") as lines:
            link.sendall(b"220 sink\r\n")
            for line in lines:
                link.sendall(b"354 go on\r\n" if line.startswith(b"DATA") else b"250 fine\r\n")
                if line.startswith(b"DATA"):
                    size = 0
                    while (part := lines.readline()) != b".\r\n":
                        size += len(part)
                    mails, largest = mails + 1, max(largest, size)
                    link.sendall(b"250 taken\r\n")
                if line.startswith(b"QUIT"):
                    break
    pipe.send((mails, largest))


@contextlib.contextmanager
def sinking() -> Iterator[tuple[int, Connection]]:
    """The sink's port, while its process runs."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=sink, args=(theirs,), daemon=True)
    process.start()
    try:
        yield ours.recv(), ours
    finally:
        process.join(timeout=10)


def send(db: Database) -> tuple[float, float, int, int]:
    """One digest to everybody: wall and CPU seconds, mails, bytes of the largest."""
    with sinking() as (port, pipe):
        transport = SmtpTransport(Settings(smtp_host="127.0.0.1", smtp_port=port, smtp_security="none"))
        outbox = an_outbox(db, lambda: NOW, transport)
        with db.write() as tx:
            add_readers(tx, READERS)
            publish(tx, outbox)
        wall, cpu = time.perf_counter(), time.process_time()
        outbox.flush()
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        mails, largest = pipe.recv()
    return wall, cpu, mails, largest


def look(db: Database) -> float:
    """Milliseconds that the overview takes, at best of five, with all of the ledger."""
    outbox = an_outbox(db, lambda: NOW, SmtpTransport(Settings()))
    for week in range(1, DIGESTS):
        with db.write() as tx:
            publish(tx, outbox, friday=date(2026, 11, 20) - timedelta(days=7 * week))
    taken = []
    for _ in range(5):
        start = time.perf_counter()
        outbox.overview()
        taken.append((time.perf_counter() - start) * 1000)
    return min(taken)


def main() -> int:
    """Measure, print, judge."""
    assert FORMS
    with tempfile.TemporaryDirectory() as folder:
        db = open_database(Path(folder) / "five.sqlite", NOW)
        wall, cpu, mails, largest = send(db)
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        overview = look(db)
        db.close()
    print(f"{mails:,} of {READERS:,} mails taken, {largest / 1000:.0f} kB each (at most {MOST_KILOBYTES})")
    print(f"{mails / wall:,.0f} mails a second (at least {LEAST_SPEED:,}); {cpu / mails * 1000:.2f} ms of CPU each")
    print(f"{memory:.0f} MB at most (allowed: {MOST_MEMORY})")
    print(f"{overview:.0f} ms for the outbox with {READERS * DIGESTS:,} deliveries (at most {MOST_MILLISECONDS})")
    good = mails == READERS and mails / wall >= LEAST_SPEED and memory < MOST_MEMORY
    return 0 if good and overview < MOST_MILLISECONDS and largest < MOST_KILOBYTES * 1000 else 1


if __name__ == "__main__":
    sys.exit(main())
