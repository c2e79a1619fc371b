"""A desk that answers on this machine, for a browser."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import count
from pathlib import Path

import uvicorn

from aggregator.app import App, open_app
from aggregator.settings import Settings
from aggregator.web.server import build_app, listen
from tests.rows import WEDNESDAY
from tests.web.doors import join

Site = tuple[str, App]
"""Where it answers, and what answers."""


@contextmanager
def serving(folder: Path, fill: Callable[[App], object]) -> Iterator[Site]:
    """A house in which ann@example.org is a maintainer, filled by `fill`; it is Wednesday, ten o'clock."""
    with listen("127.0.0.1", 0) as listener:
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        settings = Settings(data=folder, feeds=folder / "feeds.opml", base_url=address, contact="editor@example.org")
        ticks = count()  # so that one thing comes after the other, as it does
        app = open_app(settings, clock=lambda: WEDNESDAY + timedelta(hours=1, microseconds=next(ticks)))
        join(app)
        fill(app)
        server = uvicorn.Server(uvicorn.Config(build_app(app), lifespan="off", log_config=None))

        async def serve() -> None:
            async with app:
                await server.serve(sockets=[listener])

        thread = threading.Thread(target=lambda: asyncio.run(serve()))
        thread.start()
        try:
            yield address, app
        finally:
            server.should_exit = True
            thread.join()
