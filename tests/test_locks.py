"""A lock that processes share, and that dies with its holder."""

import subprocess
import sys
from pathlib import Path

from aggregator.locks import hold

HOLD_AND_WAIT = """
import sys
from pathlib import Path
from aggregator.locks import hold
with hold(Path(sys.argv[1])) as held:
    print(held, flush=True)
    sys.stdin.read()
"""


def test_only_one_holds_it(tmp_path: Path) -> None:
    with hold(tmp_path / "a.lock") as first, hold(tmp_path / "a.lock") as second:
        assert (first, second) == (True, False)
    with hold(tmp_path / "a.lock") as again:
        assert again


def test_a_killed_holder_leaves_nothing_stale(tmp_path: Path) -> None:
    path = tmp_path / "a.lock"
    with subprocess.Popen(
        [sys.executable, "-c", HOLD_AND_WAIT, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout
        assert other.stdout.readline() == b"True\n"
        with hold(path) as held:
            assert not held
        other.kill()
        other.wait()
    with hold(path) as held:
        assert held
