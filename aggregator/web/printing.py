"""The public pages as files: the very bytes that `five serve` answers with, named as any web host serves them."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from starlette.types import ASGIApp, Message

from aggregator.errors import Refused
from aggregator.web.server import build_app
from aggregator.web.signposts import pages_of, security_contact
from aggregator.web.site import Site

NOT_FOUND = "404.html"
"""What hosts of static pages show for an address that is not there, by the custom of most."""
_FILES = (
    *("/feed.atom", "/feed.rss", "/feed.json", "/bookmarks.atom", "/bookmarks.rss", "/bookmarks.json", "/blogs.opml"),
    *("/sitemap.xml", "/robots.txt", "/static/five.css", "/static/icon.svg"),
)
_SECURITY = "/.well-known/security.txt"


async def printed(site: Site) -> dict[str, bytes]:
    """Every page for readers that only reads, its feeds and its stylesheet, by file name. Raises StoreErrors."""
    app = build_app(site)
    host = urlsplit(site.publication.base_url).netloc
    found = {}
    for path in _addresses(site):
        status, body = await _answer(app, path, host)
        if status != 200:
            raise Refused(f"The page {path} cannot be made: it answers {status}.", "See the log, and: five doctor")
        found[file_name(path)] = body
    _, found[NOT_FOUND] = await _answer(app, f"/{NOT_FOUND}", host)
    return found


def file_name(path: str) -> str:
    """A page is the index of a folder of its own, so that its address needs no ending."""
    last = path.rpartition("/")[2]
    return path.removeprefix("/") if "." in last else f"{path}/index.html".lstrip("/")


def _addresses(site: Site) -> Iterator[str]:
    yield from (path for path, _ in pages_of(site))
    yield from _FILES
    if security_contact(site.publication):
        yield _SECURITY


async def _answer(app: ASGIApp, path: str, host: str) -> tuple[int, bytes]:
    """Status and body of one GET, asked within this process."""
    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": b"",
        "headers": [(b"host", host.encode())],
        "client": None,
        "server": None,
    }
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.disconnect"}  # nothing was sent along, and nothing more comes

    async def send(message: Message) -> None:
        sent.append(message)

    await app(scope, receive, send)
    return int(sent[0]["status"]), b"".join(message.get("body", b"") for message in sent[1:])
