"""A lock that processes share: a file, locked by the operating system and let go when its holder ends, however it ends.

flock(2) rather than a file that merely exists: after `kill -9` nothing stale is left.
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def hold(path: Path, *, wait: float = 0.0) -> Iterator[bool]:
    """Hold the lock at `path`, waiting at most `wait` seconds for it; gives whether it was had.

    Raises OSError when the file cannot be made or opened.
    """
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        yield _acquire(handle, wait)
    finally:
        os.close(handle)


def _acquire(handle: int, wait: float) -> bool:
    deadline = time.monotonic() + wait
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                return False
            time.sleep(0.005)
        else:
            return True
