"""`five inbox`, `show`, `shortlist`, `dismiss`: choosing through the week."""

from datetime import datetime
from typing import TYPE_CHECKING

import click

from aggregator.cli.output import as_json, as_row, console, counted, note, print_json, with_app

if TYPE_CHECKING:
    from aggregator.app import App
    from aggregator.curate.keeping import Shortlisted
    from aggregator.model import Bookmark, Entry, InboxEntry


@click.command()
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="First seen on this day or later; else this week's.")
@click.option("--search", "words", default="", metavar="WORDS", help="Only entries with all these words, of any age.")
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True, help="At most so many.")
@as_json
def inbox(since: datetime | None, words: str, limit: int, json_wanted: bool) -> None:
    """What is new this week and nobody has judged.

    One piece shows once, however many feeds carry it; the newest comes first.
    """

    async def verb(app: "App") -> None:
        start = None if since is None else since.replace(tzinfo=app.calendar.zone)
        found = app.desk.inbox(since=start, search=words, limit=limit)
        if json_wanted:
            print_json(as_row(entry) for entry in found)
        elif not found:
            console().print(_nothing_in_inbox(words))
        else:
            for entry in found:
                _print_entry(app, entry)
            console().print(
                f"{counted(len(found), 'entry', 'entries')}."
                + (" There may be more: --limit." if len(found) == limit else "")
                + ' Next: five show ID, five shortlist ID --note "...", five dismiss ID'
            )

    with_app(verb)


def _nothing_in_inbox(words: str) -> str:
    if words:
        return "Nothing with those words."
    return (
        "The inbox is empty: all judged, or nothing new. (five poll asks the feeds; --since DATE looks further back.)"
    )


def _print_entry(app: "App", entry: "InboxEntry") -> None:
    from rich.padding import Padding
    from rich.text import Text

    out = console()
    when = app.calendar.local(entry.published_at or entry.first_seen_at)
    source = [_kind(entry), entry.feed_title, entry.author or "", f"{when:%a} {when.day} {when:%b}"]
    out.print(Text.assemble((f"{entry.id:>6}  ", "dim"), (entry.title or "(no title)", "bold")))
    line = " · ".join(dict.fromkeys(part for part in source if part))
    if entry.also_in:
        line += f" · also in {', '.join(entry.also_in)}"
    out.print(Padding(Text(line, style="cyan"), (0, 0, 0, 8)))
    if entry.excerpt:
        out.print(Padding(Text(entry.excerpt), (0, 0, 0, 8)))
    out.print()


@click.command()
@click.argument("entry", type=int)
def show(entry: int) -> None:
    """ENTRY as text, with its address."""

    async def verb(app: "App") -> None:
        found = app.desk.entry(entry)
        lines = [found.title or "(no title)", *_about(app, found), "", found.text or "(no text in the feed)"]
        click.echo("\n".join(lines))

    with_app(verb)


def _about(app: "App", entry: "Entry") -> list[str]:
    when = app.calendar.local(entry.published_at or entry.first_seen_at)
    by = f"{entry.author}, " if entry.author and entry.author != entry.feed_title else ""
    kind = f"{_kind(entry)}: " if _kind(entry) else ""
    lines = [f"{kind}{by}{entry.feed_title}, {when.day} {when:%B %Y}"]
    if entry.also_in:
        lines.append(f"Also in {', '.join(entry.also_in)}")
    return [*lines, entry.url or "(the feed gives no address)"]


@click.command()
@click.argument("what", nargs=-1, metavar="[ENTRY|URL ...]")
@click.option("--note", "words", metavar="TEXT", help="What you thought, in Markdown; becomes the commentary.")
@as_json
def shortlist(what: tuple[str, ...], words: str | None, json_wanted: bool) -> None:
    """Bookmark entries or pages; alone: the week's shortlist.

    A page that is on the shortlist already stays there once; a new --note takes the place of its old one.
    """

    async def verb(app: "App") -> None:
        if not what:
            _print_week(app, json_wanted)
            return
        # All are looked up before any is bookmarked, so that a typing mistake in the last one changes nothing.
        targets = [app.desk.entry(int(one)).id if one.isdigit() else one for one in what]
        done = [await app.desk.shortlist(target, words) for target in targets]
        if json_wanted:
            print_json(as_row(one.bookmark) for one in done)
        else:
            for one in done:
                _print_shortlisted(one)

    with_app(verb)


def _print_shortlisted(done: "Shortlisted") -> None:
    bookmark = done.bookmark
    verb = "On the shortlist" if done.is_new else "On the shortlist already"
    click.echo(f"{verb}, as bookmark {bookmark.id}: {bookmark.title}")
    if done.warning:
        note(done.warning)


def _print_week(app: "App", json_wanted: bool) -> None:
    from rich.padding import Padding
    from rich.text import Text

    friday = app.desk.current_friday()
    found = app.desk.week(friday)
    if json_wanted:
        print_json(as_row(bookmark) for bookmark in found)
        return
    out = console()
    if not found:
        out.print(f"Nothing is on the shortlist for {friday:%A} {friday.day} {friday:%B} yet. Next: five inbox")
        return
    out.print(f"Shortlist for {friday:%A} {friday.day} {friday:%B %Y}\n")
    for bookmark in found:
        out.print(Text.assemble((f"{bookmark.id:>6}  ", "dim"), (bookmark.title, "bold"), _marks(bookmark)))
        out.print(Padding(Text(" · ".join([*_source(bookmark), bookmark.url]), style="cyan"), (0, 0, 0, 8)))
        out.print(Padding(Text(bookmark.note or "(no note)"), (0, 0, 1, 8)))
    out.print(f"{counted(len(found), 'bookmark')}. Next: five digest draft, five digest pick ID ...")


def _source(bookmark: "Bookmark") -> list[str]:
    return [part for part in (_kind(bookmark), bookmark.author, bookmark.organisation) if part]


def _kind(what: "InboxEntry | Entry | Bookmark") -> str:
    """The kind of page, as most are not: articles say nothing."""
    return "" if what.kind == "article" else what.kind.label


def _marks(bookmark: "Bookmark") -> str:
    marks = []
    if bookmark.picked_in:
        marks.append(f"in {bookmark.picked_in}")
    if bookmark.source_changed:
        marks.append("changed at its source since")
    return f"  [{', '.join(marks)}]" if marks else ""


@click.command()
@click.argument("entries", nargs=-1, required=True, type=int, metavar="ENTRY ...")
def dismiss(entries: tuple[int, ...]) -> None:
    """Take entries out of the inbox: judged, and not for us."""

    async def verb(app: "App") -> None:
        app.desk.dismiss(entries)

    with_app(verb)
    click.echo(f"Dismissed {counted(len(entries), 'entry', 'entries')}.")
