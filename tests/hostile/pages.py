"""Two sites alike, one with harmless words, one with payloads in their place; and what the pages of both hold."""

import json
import re
from collections import Counter, deque
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urljoin
from xml.etree import ElementTree

import httpx
from starlette.routing import Route

from aggregator.app import App, open_app
from aggregator.settings import Settings
from aggregator.web.forms import HONEYPOT
from aggregator.web.printing import printed
from aggregator.web.routes import ROUTES
from aggregator.web.server import build_app
from tests.conftest import StandingClock
from tests.hostile.filled import fill
from tests.hostile.xss import VECTORS, payloads
from tests.payloads import PAYLOADS
from tests.rows import WEDNESDAY
from tests.web.doors import enter
from tests.web.press import BASE_URL, see

ALL = (*PAYLOADS, *payloads())
ROWS = 45
SUM = "{{ 7 * 7191 }}"  # which no template may work out
ALIKE = 2  # pages whose addresses differ in numbers alone, of which so many are looked at
MOST = 250
TYPED = " ".join((*VECTORS, SUM))
LEFT_ALONE = ("/sign-out",)
NOT_PAGES = ("/static", "/metrics", "/healthz")


class Holdings(HTMLParser):
    """Notes what a document is made of: elements, attributes, and what of it could act."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.add(tag)
        for name, value in attrs:
            self.found.add(f"{tag} {name}")
            if name in ("href", "src", "action", "cite", "data", "formaction", "poster", "background"):
                scheme, colon, _ = (value or "").partition(":")
                self.found.add(f"address {scheme}" if colon and scheme not in ("http", "https") else "address")
            if name in ("style", "http-equiv", "rel", "name") or name.startswith("on"):
                self.found.add(f"{tag} {name}={value}")

    def handle_comment(self, data: str) -> None:
        self.found.add("comment" if not data.startswith("[if") else f"comment {data}")

    def handle_decl(self, decl: str) -> None:
        self.found.add(f"declaration {decl}")

    def handle_pi(self, data: str) -> None:
        self.found.add(f"instruction {data}")


def holdings(html: str) -> set[str]:
    reader = Holdings()
    reader.feed(html)
    reader.close()
    return reader.found


def texts() -> list[str]:
    """All payloads, in as many texts as there are rows."""
    return [" ".join((ALL[start], SUM, *ALL[start + ROWS :: ROWS])) for start in range(ROWS)]


@asynccontextmanager
async def a_site(
    folder: Path, clock: StandingClock, words: Sequence[str]
) -> AsyncIterator[tuple[App, httpx.AsyncClient]]:
    """The program with these words everywhere, and a maintainer who has signed in."""
    settings = Settings(
        data=folder, feeds=folder / "feeds.opml", base_url=BASE_URL, contact="editor@example.org", listen_port=0
    )
    async with open_app(settings, clock=clock) as app:
        fill(app, words)
        transport = httpx.ASGITransport(app=build_app(app))
        async with httpx.AsyncClient(transport=transport, base_url=BASE_URL) as client:
            client.headers["x-csrf"] = enter(app, client).session.csrf_token
            yield app, client


def starts() -> Iterator[str]:
    """The addresses of the route table that need nothing filled in."""
    for route in ROUTES:
        if isinstance(route, Route) and "GET" in (route.methods or ()) and "{" not in route.path:
            yield route.path


async def walk(client: httpx.AsyncClient) -> dict[str, httpx.Response]:
    """Every page that can be reached by reading, by its address."""
    waiting = deque(path for path in starts() if not path.startswith(NOT_PAGES))
    seen = {*waiting}
    alike: Counter[str] = Counter()
    found: dict[str, httpx.Response] = {}
    while waiting and len(found) < MOST:
        path = waiting.popleft()
        found[path] = await client.get(path)
        if not found[path].headers.get("content-type", "").startswith("text/html"):
            continue
        for link in see(found[path].text).links():
            target = urljoin(f"{BASE_URL}{path}", link).partition("#")[0].removeprefix(BASE_URL)
            shape = re.sub(r"\d+", "N", target)
            if target.startswith("/") and target not in seen and alike[shape] < ALIKE:
                alike[shape] += 1
                seen.add(target)
                waiting.append(target)
    return found


def forms(pages: Mapping[str, httpx.Response]) -> dict[str, tuple[str, ...]]:
    """Where the forms of these pages go, and what may be typed or chosen in each; forms alike once."""
    found: dict[str, tuple[str, ...]] = {}
    shapes: set[str] = set()
    for page in pages.values():
        if page.headers.get("content-type", "").startswith("text/html"):
            for action, names in _forms(page.text):
                shape = re.sub(r"\d+", "N", action)
                if shape not in shapes and action not in LEFT_ALONE:
                    shapes.add(shape)
                    found[action] = names
    return found


def _forms(html: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    action = ""
    names: list[str] = []
    for tag, given in (*see(html).elements, ("form", {})):
        if tag == "form":
            if action and names:
                yield action, tuple(dict.fromkeys(names))
            action, names = given.get("action", "") if given.get("method") == "post" else "", []
        elif given.get("name", "csrf") not in ("csrf", HONEYPOT) and given.get("type") != "file":
            names.append(given["name"])


async def typed(client: httpx.AsyncClient, action: str, names: Sequence[str], words: str) -> httpx.Response:
    """The answer to a form with these words in every field."""
    sent = dict.fromkeys(names, words) | {"csrf": client.headers["x-csrf"]}
    return await client.post(action, data=sent)


def parts(answer: httpx.Response) -> set[str]:
    """What a document is made of, whichever kind it is."""
    kind = answer.headers.get("content-type", "").partition(";")[0]
    if kind == "text/html":
        return holdings(answer.text)
    if kind.endswith("xml"):
        return {f"{one.tag} {name}" for one in ElementTree.fromstring(answer.text).iter() for name in ("", *one.attrib)}
    if kind.endswith("json"):
        return {*json.loads(answer.text)}
    return set()


@dataclass(frozen=True, slots=True)
class Met:
    """Each page and each file of `five site`: with harmless words, and with payloads."""

    pages: dict[str, tuple[httpx.Response, httpx.Response]]
    files: dict[str, tuple[bytes, bytes]]
    forms: dict[str, tuple[httpx.Response, httpx.Response]]  # by where they go: what they answer to such words


async def meet(folder: Path) -> Met:
    clock = StandingClock(WEDNESDAY + timedelta(hours=1))
    words = [f"Words {number}" for number in range(ROWS)]
    async with a_site(folder / "harmless", clock, words) as (app, client):
        pages, files = await walk(client), await printed(app)
        fields = forms(pages)
        answers = {action: await typed(client, action, names, "Some words") for action, names in fields.items()}
    async with a_site(folder / "hostile", clock, texts()) as (app, client):
        bad = await printed(app)
        assert bad.keys() == files.keys()
        return Met(
            pages={path: (before, await client.get(path)) for path, before in pages.items()},
            files={name: (before, bad[name]) for name, before in files.items()},
            forms={path: (answers[path], await typed(client, path, names, TYPED)) for path, names in fields.items()},
        )
