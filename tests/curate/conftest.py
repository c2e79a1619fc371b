"""A desk as the app wires it, for tests that await something and for tests that do not."""

import asyncio
from collections.abc import Iterator

import pytest

from aggregator.clock import Calendar
from aggregator.curate.desk import Desk
from aggregator.outbound import Outbound
from aggregator.sandbox import Sandbox
from aggregator.store.database import Database
from tests.conftest import StandingClock
from tests.outbounds import an_outbound


@pytest.fixture
def outbound() -> Iterator[Outbound]:
    opened = an_outbound(deadline=5, max_body=100_000)
    yield opened
    asyncio.run(opened.aclose())


@pytest.fixture
def desk(db: Database, clock: StandingClock, calendar: Calendar, outbound: Outbound, sandbox: Sandbox) -> Desk:
    return Desk(db=db, clock=clock, calendar=calendar, outbound=outbound, sandbox=sandbox)
