"""`five feeds`: which blogs are followed."""

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from aggregator.cli.output import (
    as_json,
    as_row,
    console,
    counted,
    in_words,
    note,
    print_json,
    print_table,
    somebody_is_there,
    with_app,
)

if TYPE_CHECKING:
    from datetime import datetime

    from aggregator.app import App
    from aggregator.feeds.discover import Candidate
    from aggregator.feeds.edits import Edit
    from aggregator.feeds.follow import SyncReport
    from aggregator.feeds.health import Health
    from aggregator.model import Feed

KINDS = ("Councils", "Leaders", "Central government", "Community", "Suppliers", "Press")
a_file = click.argument("file", type=click.Path(path_type=Path), required=False)


@click.group()
def feeds() -> None:
    """The blogs that are followed, and the file that lists them."""


@feeds.command()
@a_file
def sync(file: Path | None) -> None:
    """Follow what FILE newly lists; pause what it no longer does.

    FILE is an OPML file; without it, the feeds file of the settings (feeds.opml). A paused feed keeps its entries,
    bookmarks and picks, and is followed again as soon as it is listed again.
    """

    async def verb(app: "App") -> "SyncReport":
        return app.follow.sync(file)

    report = with_app(verb)
    out = console()
    for heading, changed in (
        ("Now followed", report.followed),
        ("Followed again", report.resumed),
        ("Paused", report.paused),
        ("Changed", report.updated),
    ):
        for feed in changed:
            out.print(f"{heading:15} {feed.title}  {feed.xml_url}", markup=False, soft_wrap=True)
    for problem in report.problems:
        out.print(f"Line {problem.line}: {problem.message} {problem.advice}", markup=False, soft_wrap=True)
    out.print(
        f"{counted(len(report.followed), 'feed')} newly followed, {len(report.resumed)} again, "
        f"{len(report.paused)} paused, {len(report.updated)} changed, {report.unchanged} as before; "
        f"{counted(report.without_feed, 'blog')} listed without a feed."
    )
    if report.followed:
        out.print("Next: five poll")


@feeds.command("list")
@as_json
def list_feeds(json_wanted: bool) -> None:
    """Every feed and how it is doing."""

    async def verb(app: "App") -> None:
        found = app.follow.feeds()
        if json_wanted:
            print_json(as_row(feed) for feed in found)
        elif not found:
            console().print("No feed is followed yet. Next: five feeds sync")
        else:
            now = app.clock()
            print_table(
                ["id", "feed", "kind", "state", "last new entry", "next poll"],
                [
                    [
                        str(feed.id),
                        feed.title,
                        feed.kind,
                        _state(feed),
                        in_words(feed.newest_entry_at, now),
                        in_words(feed.next_poll_at, now) if feed.status == "active" else "-",
                    ]
                    for feed in found
                ],
                wide=1,
            )

    with_app(verb)


@feeds.command("health")
@as_json
def show_health(json_wanted: bool) -> None:
    """Who needs a hand, why, and what to do.

    Every feed with its state, last new entry, last success, and when it is asked next and why.
    """

    async def verb(app: "App") -> None:
        found, now = app.upkeep.health(), app.clock()
        if json_wanted:
            print_json(
                as_row(
                    one.feed,
                    state=one.state,
                    advice=one.advice,
                    hub=one.hub,
                    offers=[as_row(offer) for offer in one.offers],
                )
                for one in found
            )
        elif not found:
            console().print("No feed is followed yet. Next: five feeds sync")
        else:
            _print_health(found, now)

    with_app(verb)


def _print_health(found: "tuple[Health, ...]", now: "datetime") -> None:
    rows = []
    for one in found:
        feed = one.feed
        is_asked = feed.status == "active"
        rows.append(
            [
                str(feed.id),
                "\n".join(filter(None, (feed.title, one.advice, one.hub))),
                f"{one.state}, {counted(feed.failures, 'time')}" if one.state == "failing" else str(one.state),
                in_words(feed.newest_entry_at, now),
                in_words(feed.succeeded_at, now),
                f"{in_words(feed.next_poll_at, now)}:\n{feed.next_poll_reason}" if is_asked else "-",
            ]
        )
    print_table(["id", "feed", "state", "last new entry", "last success", "next poll, and why"], rows, wide=1)
    counts = Counter(str(one.state) for one in found)
    console().print(", ".join(f"{number} {state}" for state, number in counts.items()) + ".")


@feeds.command()
@click.argument("ids", metavar="[ID]...", nargs=-1)
@click.option("--apply", "wanted", is_flag=True, help="Make them; without an ID, all that are sure.")
@as_json
def edits(ids: tuple[str, ...], wanted: bool, json_wanted: bool) -> None:
    """Changes of the feeds file that polling calls for.

    A permanent redirect is proposed after seven days of the same answer, from http to https on the same host at once;
    so is to take out what is gone. A feed found on the page that stands where a feed was is for you to choose: name its
    ID with --apply. Comments, order and unknown attributes of the file stay as they are.
    """

    async def verb(app: "App") -> "tuple[Edit, ...]":
        return app.upkeep.apply(ids) if wanted else app.upkeep.edits()

    found = with_app(verb)
    if json_wanted:
        print_json(as_row(edit, change=edit.change, done=wanted) for edit in found)
        return
    out = console()
    for edit in found:
        sure = "" if edit.is_sure or wanted else " (for you to choose)"
        out.print(f"{edit.id:>6}  {edit.title}  {edit.xml_url}", markup=False, soft_wrap=True)
        out.print(
            f"        {edit.reason} {'Done: ' if wanted else ''}{edit.change}{sure}.", markup=False, soft_wrap=True
        )
    if wanted:
        out.print(f"{counted(len(found), 'change')} made.")
    elif any(edit.is_sure for edit in found):
        out.print("Make those that are sure: five feeds edits --apply")
    elif found:
        out.print("Make one: five feeds edits --apply ID")
    else:
        out.print("Nothing to change.")


def _state(feed: "Feed") -> str:
    if feed.status != "active":
        return str(feed.status)
    if feed.failures:
        return f"failing ({feed.failure_reason}, {counted(feed.failures, 'time')})"
    return "well" if feed.polled_at else "not polled yet"


@feeds.command()
@click.argument("url")
@click.option("--kind", type=click.Choice(KINDS, case_sensitive=False), help="The outline that it goes into.")
@click.option("--title", help="What to call it; the feed's own title if you do not say.")
@click.option("--region", default="", help="Where it is from, such as London.")
def add(url: str, kind: str | None, title: str | None, region: str) -> None:
    """Find the feed of a page, list it and follow it.

    URL is any page of the blog, or its feed. Comments, order, indentation and unknown attributes of the file stay
    as they are.
    """

    async def verb(app: "App") -> "Feed":
        found = await app.follow.find(url)
        chosen = found[0] if len(found) == 1 else _choose(found)
        group = kind or _ask_kind()
        return app.follow.add(chosen, title=title or chosen.title, kind=group, region=region)

    feed = with_app(verb)
    console().print(f"Now followed, and in the feeds file: {feed.title}  {feed.xml_url}", markup=False, soft_wrap=True)


def _choose(found: "tuple[Candidate, ...]") -> "Candidate":
    from aggregator.errors import WrongUse

    lines = [f"{number}. {one.title}  {one.url}" for number, one in enumerate(found, 1)]
    if not somebody_is_there():
        raise WrongUse(
            "That page has several feeds:\n" + "\n".join(lines), "Give the address of the one that you want instead."
        )
    note("That page has several feeds:")
    note("\n".join(lines))
    number: int = click.prompt("Which one", type=click.IntRange(1, len(found)), default=1, err=True)
    return found[number - 1]


def _ask_kind() -> str:
    if not somebody_is_there():
        return "Community"
    choice: str = click.prompt(
        "What kind of blog", type=click.Choice(KINDS, case_sensitive=False), default="Councils", err=True
    )
    return choice


@feeds.command()
@click.argument("feed")
def pause(feed: str) -> None:
    """Poll FEED no more; its entries and picks stay.

    FEED is an ID or an address. Its outline in the feeds file is marked as a comment, so that it stays paused.
    """

    async def verb(app: "App") -> "Feed":
        return app.follow.pause(app.follow.feed(feed).id)

    console().print(f"Paused: {with_app(verb).title}", markup=False, soft_wrap=True)


@feeds.command()
@click.argument("feed")
def resume(feed: str) -> None:
    """Follow FEED again, which was paused or is gone.

    FEED is an ID or an address. The feeds file lists it again, if it did not.
    """

    async def verb(app: "App") -> "Feed":
        return app.follow.resume(app.follow.feed(feed).id)

    console().print(f"Followed again: {with_app(verb).title}. Next: five poll", markup=False, soft_wrap=True)


@feeds.command()
@a_file
@click.pass_context
def check(context: click.Context, file: Path | None) -> None:
    """Say what is wrong in FILE; exit 1 if anything is.

    FILE is the feeds file, if you do not say.
    """

    async def verb(app: "App") -> int:
        path = file or app.settings.feeds
        problems = app.follow.check(path)
        for problem in problems:
            console().print(
                f"{path.name}:{problem.line}: {problem.message} {problem.advice}", markup=False, soft_wrap=True
            )
        console().print(f"{path.name}: {counted(len(problems), 'problem') if problems else 'nothing wrong'}.")
        return 1 if problems else 0

    context.exit(with_app(verb))


@feeds.command()
def export() -> None:
    """Print what is followed as OPML, for any feed reader."""

    async def verb(app: "App") -> str:
        return app.follow.export()

    click.echo(with_app(verb), nl=False)
