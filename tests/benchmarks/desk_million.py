"""How fast are the pages with a million entries behind them? `python -m tests.benchmarks.desk_million`

Fills a database (some minutes), asks every page of the route table, and lists of the desk narrowed down in every way,
each a few times after a first one, in this process and without the network, as a browser that takes gzip. Prints
milliseconds and kilobytes; ends with 1 when a page, of the desk or for readers, takes more CPU or more bytes than it
may (wall is the same on a machine with nothing else to do). `--folder DIR` keeps what was filled, and uses it again;
`--entries N` fills less.
"""

import argparse
import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote_plus

import httpx

from aggregator.app import App, open_app
from aggregator.feeds import opml
from aggregator.feeds.follow import as_listing
from aggregator.model import Role
from aggregator.settings import Settings
from aggregator.web.server import build_app
from tests.benchmarks import million
from tests.builders import FRIDAY
from tests.rows import WEDNESDAY
from tests.web.walk import stops

ENTRIES = 1_000_000
TIMES = 9
MOST_MILLISECONDS, MOST_KILOBYTES = 50, 100
FILES = (".patch", ".csv", ".json", "export.opml")
"""What the desk gives to take away whole: shown, and held to no bound."""
DESK = ("/desk", "/account", "/sign-in", "/password")
MAINTAINER = "ann@example.org"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What a page costs: milliseconds of wall at best, of wall and of CPU at the median; and bytes."""

    path: str
    status: int
    best: float
    wall: float
    cpu: float
    size: int

    @property
    def is_over(self) -> bool:
        """Whether it breaks a bound."""
        return self.is_held and (self.cpu > MOST_MILLISECONDS or self.size > MOST_KILOBYTES * 1000)

    @property
    def is_held(self) -> bool:
        """Whether the bounds are for it: for all but the files of the desk."""
        return not (self.path.startswith(DESK) and self.path.partition("?")[0].endswith(FILES))


def addresses(app: App) -> Iterator[str]:
    """Every page, and lists narrowed down."""
    newest, last = app.desk.newest_entry(), (FRIDAY - timedelta(weeks=1)).isoformat()
    given = {
        "entry_id": newest - 1,
        "feed_id": 1,
        "bookmark": million.BOOKMARKS,
        "slug": FRIDAY.isoformat(),
        "digest slug": last,
        "outbox-digest slug": last,
        "subscriber_id": 1,
        "key": app.register.keep(b"email\nnew@example.org\n"),
        "feeds-import ?": f"list={app.imports.keep(a_list(app).encode())}",
        "month": f"{WEDNESDAY:%Y-%m}",
        "token": "none",
    }
    yield from (stop.path for stop in stops(given))
    yield from (f"/desk/digests/{FRIDAY}/preview?as={form}" for form in ("text", "page", "markdown"))
    yield from (f"/desk/digests/{FRIDAY}?q=service", f"/desk/outbox/digests/{last}?status=queued")
    yield from (f"/desk/subscribers?status={status}" for status in ("active", "pending"))
    yield from (f"/health?start={start}" for start in (1000, million.FEEDS - 100))
    yield from narrowed(newest)


def a_list(app: App) -> str:
    """The blogs of somebody else's feed reader, some of them ours."""
    return opml.write([as_listing(feed) for feed in app.follow.feeds()[:200]], title="Blogs")


def narrowed(newest: int) -> Iterator[str]:
    """The long lists, by all that they can be asked for."""
    word, rare = "service", f"unique{newest // 2}"
    inbox = (
        *("state=shortlisted", "state=dismissed", "group=Leaders", "region=Wales", "kind=video", "feed=7"),
        *("source=data", "kind=job", "group=Press&region=London&kind=video"),
        *(f"q={words}{more}" for words in (word, rare, "the+of", "s") for more in ("", "&state=any&when=ever")),
        *(f"q={word}&when=ever&{more}" for more in ("region=Wales", "kind=job", "state=shortlisted")),
        f"after={WEDNESDAY - timedelta(days=3):%Y%m%dT%H%M%S.%f}.{newest - 4000}",
    )
    yield from (f"/desk/inbox?{query}" for query in inbox)
    yield f"/desk/inbox/new?newest={newest - 500}&had=0"
    place = quote_plus(f"{(WEDNESDAY - timedelta(weeks=50)).isoformat()} 2500")
    shelves = ("shelf=private", "shelf=dropped", f"q={word}", "q=nothing", f"after={place}")
    yield from (f"/desk/bookmarks?{query}" for query in shelves)
    sorts = ("title", "entries", "picks", "new", "next", "need")
    looks = (*(f"sort={sort}" for sort in sorts), "q=blog1", "state=failing", "start=1900")
    yield from (f"/desk/feeds?{query}" for query in looks)


async def measure(client: httpx.AsyncClient, path: str) -> Measured:
    """Ask for it once, and then a few times."""
    answer = await client.get(path)
    walls: list[float] = []
    cpus: list[float] = []
    for _ in range(TIMES):
        wall, cpu = time.perf_counter(), time.process_time()
        answer = await client.get(path)
        walls.append((time.perf_counter() - wall) * 1000)
        cpus.append((time.process_time() - cpu) * 1000)
    middle = statistics.median
    size = answer.num_bytes_downloaded
    return Measured(
        path=path, status=answer.status_code, best=min(walls), wall=middle(walls), cpu=middle(cpus), size=size
    )


async def measure_all(app: App, only: str) -> list[Measured]:
    """Every page, as a maintainer gets it."""
    if MAINTAINER not in {curator.email for curator in app.people.curators()}:
        app.people.add(MAINTAINER, Role.MAINTAINER)
    token = app.people.enter(MAINTAINER).token
    transport = httpx.ASGITransport(app=build_app(app))
    async with app, httpx.AsyncClient(transport=transport, base_url=app.publication.base_url) as client:
        client.cookies.set("five", token)
        client.headers["accept-encoding"] = "gzip"
        return [await measure(client, path) for path in addresses(app) if only in path]


def table(found: list[Measured]) -> Iterator[str]:
    """The slowest first."""
    yield f"{'CPU':>7}{'wall':>7}{'best':>7}{'kB':>7}   milliseconds (at the median, and wall at best) and kilobytes"
    for one in sorted(found, key=lambda one: -one.cpu):
        mark = "  <- too much" if one.is_over else ""
        said = f" ({one.status})" if one.status != 200 else ""
        yield f"{one.cpu:7.1f}{one.wall:7.1f}{one.best:7.1f}{one.size / 1000:7.1f}   {one.path}{said}{mark}"


def main() -> int:
    """Fill, measure, print, judge."""
    asked = argparse.ArgumentParser(description="How fast are the pages with a million entries behind them?")
    asked.add_argument("--entries", type=int, default=ENTRIES)
    asked.add_argument("--folder", type=Path)
    asked.add_argument("--only", default="", help="measure only addresses that hold this")
    options = asked.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = options.folder or Path(name)
        folder.mkdir(parents=True, exist_ok=True)
        settings = Settings(data=folder, feeds=folder / "feeds.opml", contact="editor@example.org")
        app = open_app(settings, clock=lambda: WEDNESDAY + timedelta(hours=1))
        if app.desk.newest_entry() == 0:
            start = time.perf_counter()
            million.fill(app, options.entries)
            print(f"{options.entries:,} entries made in {time.perf_counter() - start:.0f} s")
        found = asyncio.run(measure_all(app, options.only))
    print("\n".join(table(found)))
    over = [one.path for one in found if one.is_over]
    held = sum(one.is_held for one in found)
    good = held - len(over)
    print(f"{good} of {held} addresses within {MOST_MILLISECONDS} ms of CPU and {MOST_KILOBYTES} kB")
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())
