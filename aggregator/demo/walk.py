"""One Friday from beginning to end, on sample blogs: what `five demo` does, through the same verbs as the commands."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from aggregator.app import App
from aggregator.deliver.publish import latest
from aggregator.deliver.syndication import atom, of_digests
from aggregator.demo import next_week
from aggregator.demo.blogs import BLOGS, Blog
from aggregator.demo.feeds import document
from aggregator.demo.server import FeedServer
from aggregator.feeds.opml import write
from aggregator.model import Digest, Form, InboxEntry, Kind, Listing, Pick, Style
from aggregator.poll.poller import PollReport
from aggregator.settings import Settings

Tell = Callable[[str, str], None]
"""Called at the end of each step: what was done, in a few words, and its details (lines), for people."""

MOVED = "barchester"  # this blog's feed is listed at its old address
FILES = {
    Form.EMAIL_HTML: "digest.html",
    Form.EMAIL_TEXT: "digest.txt",
    Form.PAGE: "page.html",
    Form.MARKDOWN: "digest.md",
}
ATOM_FILE = "feed.atom"

NOTES = {
    "Head of Service Design": "Nine people, 140,000 residents, and a chief executive who listens. Somebody apply.",
    "We rewrote the council tax letter": "Both letters, the research and the spreadsheet, free to steal. More of this.",
    "The prototype nobody used": "Six weeks, one unused form and [a sticker that won]({url}): the kindest post-mortem "
    "of the year so far.",
    "Video: a planning application": "Five minutes, one take, one cracked screen. Show it to your planning committee.",
    "Designing in two languages": "The sentence that will not translate is usually the one that was never clear.",
    "£40 and a café table": "Keep for next week: budgets, bus shelters and coffee.",
}
"""What the curator of the demo writes on the entries whose titles begin so; the first five become picks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Walked:
    """What came of it."""

    digest: Digest
    reports: tuple[PollReport, ...]
    files: tuple[Path, ...]


def demo_settings(folder: Path, base_url: str, port: int) -> Settings:
    """Settings that keep everything in `folder`, on this machine, and in a hurry."""
    return Settings(
        data=folder / "data",
        feeds=folder / "feeds.opml",
        contact="editor@five.example",
        base_url=base_url,
        sender="Five for Friday <editor@five.example>",
        allow_networks="127.0.0.0/8",
        request_deadline=2.0,
        host_gap=0.0,
        in_flight_per_host=8,
        listen_port=port,
    )


def serve_blogs(server: FeedServer, now: datetime) -> tuple[Listing, ...]:
    """Let `server` serve the dozen sample blogs, three of them unwell; gives their listings."""
    listings = []
    for blog in BLOGS:
        path = f"/{blog.key}/feed"
        body, content_type = document(blog, now)
        server.says(path, body, content_type=content_type, etag=f'"{blog.key}-1"')
        listed_at = path
        if blog.key == MOVED:
            listed_at = f"/old/{blog.key}"
            server.moves_to(listed_at, server.url(path))
        listings.append(_listing(blog, server.url(listed_at)))
    server.says("/loamshire/feed", "<?xml version='1.0'?><rss><channel><title>Fatal error", content_type="text/xml")
    server.gone("/wessex/feed")
    server.hangs("/middlemarch/feed")
    for key, title in (
        ("loamshire", "Loamshire Digital (broken)"),
        ("wessex", "Wessex County digital (gone)"),
        ("middlemarch", "Middlemarch improvement team (slow)"),
    ):
        home = f"https://digital.{key}.example/"
        listings.append(Listing(title=title, xml_url=server.url(f"/{key}/feed"), html_url=home, kind="Councils"))
    return tuple(listings)


async def walk(app: App, server: FeedServer, folder: Path, tell: Tell) -> Walked:
    """Follow, poll, judge, write, publish and render; the results are written into `folder`."""
    listings = serve_blogs(server, app.clock())
    app.settings.feeds.write_text(write(listings, title="Sample blogs"), encoding="utf-8")
    followed = app.follow.sync().followed
    tell(f"Follow the {len(followed)} sample blogs of feeds.opml", "")

    reports = await app.poller.poll_all()
    tell(_summary(reports), _failures(reports))

    inbox = app.desk.inbox(limit=100)
    tell(f"Fill the inbox: {len(inbox)} pieces, newest first", _carried_twice(inbox))

    bookmarks = await _shortlist(app, inbox, NOTES)
    app.desk.dismiss([entry.id for entry in inbox if entry.title.startswith(("Weeknotes", "Gritting"))])
    tell(f"Shortlist {len(bookmarks)} of them, each with a note", "")

    digest = _write(app, bookmarks[: app.publication.picks])
    tell(f"Draft {digest.title}: five picks, with commentary", "")

    published = app.editor.publish(digest.slug)
    files = _files(app, published, folder)
    tell(f"Publish it as number {published.number}, and render it", "")
    return Walked(digest=published, reports=reports, files=files)


async def go_on(app: App, server: FeedServer, tell: Tell) -> None:
    """Let the blogs post again after the digest, so that there is something to do at the desk."""
    left_over = next(bookmark for bookmark in app.desk.week(app.editor.digest().friday) if not bookmark.picked_in)
    app.bookmarks.bring_back(left_over.id)
    for blog in BLOGS:
        posts = next_week.POSTS.get(blog.key, ())
        body, content_type = document(replace(blog, posts=(*posts, *blog.posts)), app.clock())
        server.says(f"/{blog.key}/feed", body, content_type=content_type, etag=f'"{blog.key}-2"')
    reports = await app.poller.poll_all()
    await _shortlist(app, app.desk.inbox(limit=100), next_week.NOTES)
    new = sum(report.new for report in reports)
    tell(f"Let the blogs post again: {new} new entries, and {len(app.desk.week())} bookmarks for the week after", "")


def _listing(blog: Blog, xml_url: str) -> Listing:
    return Listing(title=blog.title, xml_url=xml_url, html_url=f"{blog.home}/", kind=blog.kind, region=blog.region)


def _summary(reports: tuple[PollReport, ...]) -> str:
    failed = sum(report.outcome == "failed" for report in reports)
    return f"Poll them: {sum(report.new for report in reports)} new entries; {failed} of {len(reports)} feeds failed"


def _failures(reports: tuple[PollReport, ...]) -> str:
    return "\n".join(f"{report.title}: {report.message}" for report in reports if report.outcome == "failed")


def _carried_twice(inbox: tuple[InboxEntry, ...]) -> str:
    return "\n".join(
        f"“{entry.title}” is in {entry.feed_title} and in {', '.join(entry.also_in)}; it shows once"
        for entry in inbox
        if entry.also_in
    )


async def _shortlist(app: App, inbox: tuple[InboxEntry, ...], notes: Mapping[str, str]) -> list[int]:
    chosen = []
    for start, note in notes.items():
        entry = next(entry for entry in inbox if entry.title.startswith(start))
        done = await app.desk.shortlist(entry.id, note.format(url=entry.url))
        chosen.append(done.bookmark.id)
    return chosen


def _write(app: App, bookmarks: list[int]) -> Digest:
    opened = app.editor.draft(app.desk.current_friday())
    picked = app.editor.pick(bookmarks, opened.slug)
    written = replace(
        picked,
        intro="The clocks have gone back, the bins have gone out, and somebody has finally counted the benches.",
        picks=tuple(_finished(pick, picked) for pick in picked.picks),
    )
    return app.editor.replace(written, expected_revision=picked.revision)


def _finished(pick: Pick, digest: Digest) -> Pick:
    """The details that an editor adds on Friday."""
    match pick.position:
        case 1:
            closes_on = digest.friday + timedelta(days=14)
            return replace(pick, kind=Kind.JOB, employer="Felpersham City Council", closes_on=closes_on)
        case 2:
            return replace(pick, quote="It is the same law and the same money.")
        case 3:
            via = "https://showandtell.example/next"
            return replace(pick, style=Style.SENTENCE, via_name="Dele Adeyemi", via_url=via)
        case 4:
            return replace(pick, kind=Kind.VIDEO, embed_url=pick.url)
        case _:
            return pick


def _files(app: App, digest: Digest, folder: Path) -> tuple[Path, ...]:
    bodies = {name: app.editor.rendering(digest.slug, form) for form, name in FILES.items()}
    bodies[ATOM_FILE] = atom(of_digests(latest(app.editor), app.publication))
    for name, body in bodies.items():
        (folder / name).write_text(body, encoding="utf-8")
    return tuple(folder / name for name in bodies)
