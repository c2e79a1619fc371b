"""What every test has: a clock that stands still, a real database file, and no way off this machine."""

import ipaddress
import logging
import os
import re
import shutil
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, settings

from aggregator.clock import Calendar
from aggregator.demo.server import FeedServer
from aggregator.logs import Lines
from aggregator.outbound import Outbound
from aggregator.sandbox import Sandbox
from aggregator.store.database import Database
from aggregator.store.migrate import open_database
from tests.outbounds import an_outbound


def _stay_on_loopback(event: str, args: tuple[object, ...]) -> None:
    """Refuse, before a packet leaves, every connection and every look-up beyond this machine."""
    if event in ("socket.connect", "socket.sendto"):
        address = args[1]
        host = address[0] if isinstance(address, tuple) else None  # a path: a Unix socket
    elif event == "socket.getaddrinfo":
        host = args[0]
    else:
        return
    if isinstance(host, str) and host not in ("", "localhost") and not _is_loopback(host):
        raise RuntimeError(f"a test asked for {host}, which is beyond this machine ({event})")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


sys.addaudithook(_stay_on_loopback)

# A busy machine is only slow. What else hypothesis keeps to in CI, it still does.
settings.register_profile("patient", settings(), deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")

# A shell starts what runs in its background deaf to Ctrl-C, and so would be every process that a test starts.
signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--golden", action="store_true", help="Write the golden files anew; read the difference by eye.")


@pytest.fixture
def rewrite_golden(request: pytest.FixtureRequest) -> bool:
    """Whether golden files are to be written, not compared."""
    return bool(request.config.getoption("--golden"))


class _Reading(logging.Handler):
    """Reads every line that the program logs in any test, as it would be written, for what must never be in one."""

    wrong = re.compile(
        r"hunter2|://[^/\s\"]*:[^/\s\"]*@|[?&][\w-]+=(?!\*\*\*)[^\s&\"*\\]|[\w.+-]+@[\w-]+\.\w|/(?:confirm|manage|unsubscribe)/(?!\*)\w"
    )

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(Lines("plain"))
        self.read = 0
        self.found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        line = self.format(record)
        self.read += 1
        if self.wrong.search(line) or not line.isprintable():
            self.found.append(line)


_reading = _Reading()
logging.getLogger("aggregator").addHandler(_reading)
logging.getLogger("aggregator").setLevel(logging.INFO)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """In CI everything is installed, so a test that skips itself has failed to run; and no log line holds a secret."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    is_skipping = os.environ.get("CI") and reporter is not None and reporter.stats.get("skipped")
    if is_skipping or _reading.found:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how much of the hostile world was met (THREATS), and what was found in the program's own log lines."""
    met = Counter(
        str(what)
        for report in terminalreporter.stats.get("passed", ())
        for name, what in report.user_properties
        if name == "hostile"
    )
    if met:
        terminalreporter.section("hostile world")
        terminalreporter.write_line(", ".join(f"{count:,} {what}" for what, count in met.items()))
        terminalreporter.write_line(f"{_reading.read:,} log lines read, {len(_reading.found)} with a secret in them")
    for line in _reading.found:
        terminalreporter.write_line(f"A log line holds what none may: {line}", red=True)


class StandingClock:
    """A clock that moves only when told to."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **by: float) -> datetime:
        """Move on, by `hours=1` and the like."""
        self.now += timedelta(**by)
        return self.now


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def clock() -> StandingClock:
    """Wednesday 18 November 2026, ten in the morning in London."""
    return StandingClock(datetime(2026, 11, 18, 10, tzinfo=UTC))


@pytest.fixture
def calendar() -> Calendar:
    """Fridays at noon in London, cut off at nine."""
    return Calendar(zone=ZoneInfo("Europe/London"), weekday=4, publish_time=time(12), cutoff=time(9))


@pytest.fixture(scope="session")
def blank_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database file, made once: migrating takes longer than most tests."""
    path = tmp_path_factory.mktemp("blank") / "five.sqlite"
    open_database(path, datetime(2026, 11, 18, 10, tzinfo=UTC)).close()
    return path


@pytest.fixture
def db(tmp_path: Path, blank_database: Path, clock: StandingClock) -> Iterator[Database]:
    """A migrated database in a file of its own."""
    shutil.copy(blank_database, tmp_path)
    database = open_database(tmp_path / blank_database.name, clock())
    yield database
    database.close()


@pytest.fixture
def server() -> Iterator[FeedServer]:
    """Other people's blogs, on loopback."""
    with FeedServer() as feed_server:
        yield feed_server


@pytest.fixture
async def outbound() -> AsyncIterator[Outbound]:
    """Requests that may go as far as loopback."""
    async with an_outbound() as requests:
        yield requests


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    """Workers that read what others wrote; shared: one takes longer to start than most tests."""
    workers = Sandbox(workers=2, deadline=20, memory_mib=384)
    yield workers
    workers.close()
