"""Pollers for tests: they read feeds right here, and lock beside their database."""

from collections.abc import Callable
from typing import Any, TypeVar, TypeVarTuple

from aggregator.clock import Clock
from aggregator.outbound import Outbound
from aggregator.poll.fetch import Fetcher
from aggregator.poll.poller import Poller
from aggregator.sandbox import Sandbox
from aggregator.settings import Settings
from aggregator.store.database import Database

_T = TypeVar("_T")
_Arguments = TypeVarTuple("_Arguments")


class NoSandbox(Sandbox):
    """Parses right here: fifty worker processes would take longer to start than all the rest."""

    async def run_on(
        self, function: "Callable[[*_Arguments], _T]", arguments: "Callable[[], tuple[*_Arguments]]"
    ) -> _T:
        """The value of `function(*arguments())`."""
        return function(*arguments())


def a_poller(db: Database, outbound: Outbound, clock: Clock, **given: Any) -> Poller:
    """A poller of that database, with Fridays as they are; `given` is what it has otherwise."""
    usual: dict[str, Any] = {
        "fetcher": Fetcher(outbound, clock),
        "sandbox": NoSandbox(workers=1, deadline=20, memory_mib=384),
        "calendar": Settings().calendar,
        "in_flight": 4,
        "lock_path": db.path.with_name("poll.lock"),
    }
    return Poller(db=db, clock=clock, **(usual | given))
