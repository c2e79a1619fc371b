"""Blogs for benchmarks, served on loopback from a process of their own: documents of about 99 kB, with validators."""

import asyncio
import contextlib
import multiprocessing
import random
from collections.abc import Iterator
from html import escape
from multiprocessing.connection import Connection

ENTRIES = 20
TEXT = (
    "the of and to in a is for on we that with our are service users people council data work team this digital "
    "design research staff it as by from have need how can be was about new when local form page online support what"
)
WORDS = TEXT.split()
RSS = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"'
    ' xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>Blog {0}</title><link>https://blog{0}.example/</link>'
    "<lastBuildDate>{1}</lastBuildDate><language>en-GB</language>\n"
)
ATOM = (
    '<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom"><title>Blog {0}</title>'
    '<id>urn:blog:{0}</id><link href="https://blog{0}.example/"/><updated>2026-11-18T09:00:{1:02}Z</updated>\n'
)


def texts() -> list[str]:
    """The HTML of forty posts, the same in every run."""
    dice = random.Random(5)

    def words(most: int) -> str:
        return " ".join(dice.choices(WORDS, k=dice.randint(6, most)))

    def block() -> str:
        link = f'<a href="https://example.org/{dice.randint(1, 9999)}" rel="noopener">{words(8)}</a>'
        return dice.choice(
            (
                f"<p>{words(60)} {link}, {words(30)} <strong>{words(8)}</strong>.</p>\n",
                f"<h2>{words(9)}</h2>\n<p>{words(70)} <em>{words(7)}</em> {words(20)}.</p>\n",
                f"<ul>\n<li>{words(14)}</li>\n<li>{link}</li>\n<li>{words(14)}</li>\n</ul>\n",
                f'<p><img src="/i/{dice.randint(1, 999)}.png" alt="{words(9)}" class="wp-image" /></p>\n',
            )
        )

    posts = []
    for _ in range(40):
        post = ""
        while len(post) < 4400:
            post += block()
        posts.append(post)
    return posts


def document(number: int, revision: int, posts: list[str]) -> str:
    """The document of a blog, RSS or Atom, with one entry more than at the revision before."""
    is_atom = number % 3 == 2
    entries = (entry(number, post, posts, is_atom=is_atom) for post in range(ENTRIES + revision, revision, -1))
    head, tail = (ATOM, "</feed>") if is_atom else (RSS, "</channel></rss>")
    return head.format(number, revision) + "\n".join(entries) + tail


def entry(number: int, post: int, posts: list[str], *, is_atom: bool) -> str:
    """One of its entries."""
    body, at = f"<p>Post {post} of blog {number}.</p>{posts[(number + post) % len(posts)]}", f"{post % 28 + 1:02}"
    title, link = f"Post {post} of blog {number}", f"https://blog{number}.example/{post}"
    if is_atom:
        return (
            f'<entry><title>{title}</title><id>{link}</id><link href="{link}"/>'
            f"<updated>2026-10-{at}T08:00:00Z</updated>"
            f'<author><name>Jo</name></author><content type="html">{escape(body)}</content></entry>'
        )
    return (
        f"<item><title>{title}</title><link>{link}</link><dc:creator><![CDATA[Jo]]></dc:creator><guid>{link}</guid>"
        f"<pubDate>Wed, {at} Oct 2026 08:00:00 GMT</pubDate><description><![CDATA[{body[:300]}]]></description>"
        f"<content:encoded><![CDATA[{body}]]></content:encoded></item>"
    )


class Blogs:
    """What the server says: every blog at revision 0, and some at 1 once they have posted."""

    def __init__(self) -> None:
        self.posts = texts()
        self.posted_every = 0  # each so manieth blog has posted
        self.delay = 0.0  # seconds before each answer

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            request = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            if self.delay:
                await asyncio.sleep(self.delay)
            number = int(request.split(" ", 2)[1].removeprefix("/"))
            revision = int(bool(self.posted_every) and number % self.posted_every == 0)
            etag = f'"{revision}"'
            head, body = "304 Not Modified", b""
            if f"if-none-match: {etag}" not in request.lower():
                head, body = "200 OK", document(number, revision, self.posts).encode()
            writer.write(
                f"HTTP/1.1 {head}\r\nETag: {etag}\r\nContent-Type: application/xml\r\nContent-Length: {len(body)}\r\n"
                "Connection: close\r\n\r\n".encode()
                + body
            )
            await writer.drain()
        writer.close()


def serve(pipe: Connection) -> None:
    """Serve, and do as the pipe says, until it says None."""

    async def run() -> None:
        blogs = Blogs()
        server = await asyncio.start_server(blogs.answer, "127.0.0.1", 0, backlog=1024)
        pipe.send(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        while (told := await asyncio.to_thread(pipe.recv)) is not None:
            blogs.posted_every, blogs.delay = told

    asyncio.run(run())


@contextlib.contextmanager
def serving() -> Iterator[tuple[str, Connection]]:
    """The server's address, and the pipe that it listens to, while its process runs."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=serve, args=(theirs,))
    process.start()
    try:
        yield ours.recv(), ours
    finally:
        ours.send(None)
        process.join()
