"""Workers that read what comes back."""

from collections.abc import Iterator

import pytest

from aggregator.sandbox import Sandbox


@pytest.fixture(scope="package")
def sandbox() -> Iterator[Sandbox]:
    """Shared: a worker takes longer to start than a mail takes to read."""
    shared = Sandbox(workers=1, deadline=8, memory_mib=384)
    yield shared
    shared.close()
