"""`five send` and `five outbox`: digests on their way to readers."""

import sys
from typing import TYPE_CHECKING

import click

from aggregator.cli.output import as_json, as_row, console, counted, in_words, print_json, print_table, with_app

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aggregator.app import App
    from aggregator.deliver.outbox import Overview
    from aggregator.deliver.posts.posting import Posted
    from aggregator.deliver.sending import Tally
    from aggregator.model import DeliveryStatus
    from aggregator.store.deliveries import Delivery
    from aggregator.store.posts import Post

STATUSES = ("queued", "claimed", "sent", "failed", "uncertain", "skipped")
readers = click.option("--reader", "ids", type=int, multiple=True, metavar="ID", help="This reader; again for more.")
place = click.option("--place", metavar="PLACE", help="Not the mails: its post there, such as wordpress.")


@click.command()
@click.argument("selector", metavar="DIGEST")
@click.option("--test", "address", metavar="ADDRESS", required=True, help="Where the test goes.")
def send(selector: str, address: str) -> None:
    """Send a digest, or a draft, to one address as a test.

    Its subject says that it is a test, and its links to unsubscribe lead to nobody. Readers get a digest when it is
    published: five digest publish.
    """

    async def verb(app: "App") -> str:
        from aggregator.deliver.mailbox import mailbox

        return app.outbox.test(selector, mailbox(address), app.editor)

    click.echo(f"Sent to {address}: {with_app(verb)}")


@click.group(invoke_without_command=True)
@as_json
@click.pass_context
def outbox(context: click.Context, json_wanted: bool) -> None:
    """Digests on their way to readers, and what is stuck.

    Without a command: where every digest stands. `five serve` sends by itself; `five outbox flush` does it now.
    """
    if context.invoked_subcommand is not None:
        return

    async def verb(app: "App") -> None:
        found, posts = app.outbox.overview(), app.posts.posts()
        if json_wanted:
            print_json(_overview_rows(found, posts))
        else:
            _print_overview(app, found, posts)

    with_app(verb)


def _overview_rows(found: "Overview", posts: "Sequence[Post]") -> "list[dict[str, object]]":
    """A row for each digest that was mailed or posted."""
    from aggregator.model import DeliveryStatus, ReturnedKind

    mailed = dict(found.digests)
    slugs = [*mailed, *(slug for slug in dict.fromkeys(one.slug for one in posts) if slug not in mailed)]
    return [
        {"id": slug}
        | {str(each): mailed[slug][each] if slug in mailed else 0 for each in DeliveryStatus}
        | {"returned": {str(kind): found.returned.get(slug, {}).get(kind, 0) for kind in ReturnedKind}}
        | {"posts": {one.place: one.status for one in posts if one.slug == slug}}
        for slug in slugs
    ]


def _print_overview(app: "App", found: "Overview", posts: "Sequence[Post]") -> None:
    out = console()
    if found.state.held:
        out.print(f"On hold: {found.state.held}\nWhen that is mended: five outbox resume")
    elif found.state.paused_at:
        out.print(f"Paused {in_words(found.state.paused_at, app.clock())}. Go on with: five outbox resume")
    if not found.digests and not posts:
        out.print("Nothing was ever sent. A digest goes out when it is published: five digest publish")
        return
    if found.digests:
        _print_mails(found)
    if posts:
        _print_posts(posts)
    if next_one := min((at for at in (found.next_due_at, app.posts.next_due_at()) if at is not None), default=None):
        out.print(f"Next: {app.calendar.local(next_one):%a %d %B %H:%M}")


def _print_mails(found: "Overview") -> None:
    out = console()
    print_table(["digest", *STATUSES], [_row(slug, counts) for slug, counts in found.digests], wide=0)
    for slug, counts in found.digests:
        if unsure := dict(zip(STATUSES, counts.values(), strict=True))["uncertain"]:
            out.print(
                f"{slug}: of {counted(unsure, 'mail')} nobody can tell. See: five outbox show {slug} --status uncertain"
            )
    for slug, kinds in found.returned.items():
        hard, soft, complaints = kinds.values()
        out.print(
            f"{slug}: {hard + soft:,} came back ({hard:,} hard, {soft:,} soft); {counted(complaints, 'complaint')}."
        )


def _print_posts(posts: "Sequence[Post]") -> None:
    rows = [[one.slug, one.place, one.status, str(one.tries), _what_of(one)] for one in posts]
    print_table(["digest", "posted to", "status", "tries", "where, and what happened"], rows, wide=4)


def _what_of(one: "Post") -> str:
    return " ".join(part for part in (one.url, one.error) if part)


def _row(slug: str, counts: "Mapping[DeliveryStatus, int]") -> list[str]:
    return [slug, *(f"{count:,}" if count else "" for count in counts.values())]


@outbox.command()
@click.argument("selector", metavar="DIGEST")
@click.option("--status", type=click.Choice(STATUSES), help="Only those.")
@click.option("--after", type=click.IntRange(min=0), default=0, metavar="ID", help="Go on after this reader.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True, help="At most so many.")
@as_json
def show(selector: str, status: str | None, after: int, limit: int, json_wanted: bool) -> None:
    """How far a digest has come, reader by reader."""

    async def verb(app: "App") -> "tuple[Delivery, ...]":
        from aggregator.model import DeliveryStatus

        wanted = DeliveryStatus(status) if status else None
        return app.outbox.deliveries(selector, status=wanted, after=after, limit=limit)

    found = with_app(verb)
    if json_wanted:
        print_json(as_row(one, id=one.subscriber_id) for one in found)
        return
    rows = [
        [str(one.subscriber_id), one.address or "(erased)", one.status, str(one.tries), one.error or ""]
        for one in found
    ]
    print_table(["reader", "address", "status", "tries", "what happened"], rows, wide=4)
    if len(found) == limit:
        console().print(f"Go on with: five outbox show {selector} --after {found[-1].subscriber_id}")


@outbox.command()
def flush() -> None:
    """Send what is due now: letters, posts, then mails.

    Stopping with Ctrl-C loses nothing. Exits with 1 if it had to stop early.
    """

    async def verb(app: "App") -> "Tally":
        def on_sent(tally: "Tally") -> None:
            if sys.stderr.isatty():
                click.echo(f"\r{tally.sent:,} sent, {tally.failed:,} failed", nl=False, err=True)

        _answer_sign_ups(app)
        _tell_of(await app.posts.post_due())
        return app.outbox.flush(on_sent=on_sent)

    done = with_app(verb)
    if sys.stderr.isatty():
        click.echo("", err=True)
    click.echo(f"{done.sent:,} sent, {done.failed:,} failed, {done.later:,} later, {done.uncertain:,} uncertain.")
    if done.stopped:
        click.echo(f"Stopped: {done.stopped}")
        click.get_current_context().exit(1)


def _answer_sign_ups(app: "App") -> None:
    """Send the letters that wait, until none does or the relay asks to wait; say so if there were any."""
    sent = later = given_up = 0
    while (some := app.letterbox.send_due()).sent + some.given_up + some.later:
        sent, given_up, later = sent + some.sent, given_up + some.given_up, later + some.later
        if some.later:
            break
    if sent + given_up + later:
        click.echo(f"{counted(sent, 'letter')} sent, {given_up:,} given up, {later:,} later.")


def _tell_of(posted: "Posted") -> None:
    """Say what was posted elsewhere, if there was anything."""
    if posted.sent + posted.failed + posted.later + posted.uncertain:
        click.echo(
            f"{counted(posted.sent, 'post')} made, {posted.failed:,} failed, {posted.later:,} later, "
            f"{posted.uncertain:,} uncertain."
        )


@outbox.command()
@click.argument("selector", metavar="[DIGEST]", required=False)
@as_json
def posts(selector: str | None, json_wanted: bool) -> None:
    """Digests in other publications: WordPress, files, a webhook.

    Those of one digest, or of the newest. The settings say where digests are posted.
    """

    async def verb(app: "App") -> "tuple[tuple[Post, ...], list[str]]":
        return app.posts.posts(selector), [place.about for place in app.posts.places.values()]

    found, places = with_app(verb)
    if json_wanted:
        print_json(as_row(one, id=one.slug) for one in found)
        return
    click.echo(f"Set up: {'; '.join(places)}." if places else "No other publication is set up: see the settings.")
    if found:
        _print_posts(found)


@outbox.command()
@click.argument("selector", metavar="DIGEST")
@click.option("--to", "place", metavar="PLACE", help="There alone, such as wordpress.")
def post(selector: str, place: str | None) -> None:
    """Post a digest to other publications, again or late.

    What is there already is found again and changed, not made twice. A webhook is called again, under the same id.
    """

    async def verb(app: "App") -> tuple[str, ...]:
        return app.posts.again(selector, place)

    click.echo(f"Queued for {', '.join(with_app(verb))}. By five serve, or five outbox flush")


@outbox.command()
def pause() -> None:
    """Send nothing more until you resume."""

    async def verb(app: "App") -> None:
        app.outbox.pause()

    with_app(verb)
    click.echo("Paused: nothing more is sent. Go on with: five outbox resume")


@outbox.command()
def resume() -> None:
    """Lift a pause or a hold: send again."""

    async def verb(app: "App") -> str | None:
        return app.outbox.resume().held

    held = with_app(verb)
    click.echo((f"It was on hold: {held}\n" if held else "") + "Sending goes on: by five serve, or five outbox flush")


@outbox.command()
@click.argument("selector", metavar="DIGEST")
@place
def stop(selector: str, place: str | None) -> None:
    """Send a digest to nobody more, for good."""

    async def verb(app: "App") -> int:
        if not place:
            return app.outbox.stop(selector)
        return _decided(app, place, app.posts.stop(selector, place))

    done = with_app(verb)
    click.echo(
        f"Stopped: {counted(done, 'post')}." if place else f"Stopped: {counted(done, 'reader')} will not get it."
    )


@outbox.command()
@click.argument("selector", metavar="DIGEST")
@readers
def resend(selector: str, ids: tuple[int, ...]) -> None:
    """Send again where nobody can tell whether it went.

    All that is uncertain; for readers that you name, also what failed. It is the same mail with the same Message-ID,
    of which many mail programs show one.
    """

    async def verb(app: "App") -> int:
        return app.outbox.resend(selector, ids)

    click.echo(f"Queued again: {counted(with_app(verb), 'mail')}.")


@outbox.command()
@click.argument("selector", metavar="DIGEST")
@click.option("--as", "status", type=click.Choice(["sent", "failed"]), required=True, help="What became of it.")
@readers
@place
def settle(selector: str, status: str, ids: tuple[int, ...], place: str | None) -> None:
    """Say what became of the uncertain ones.

    All of them; or those readers that you name, also when their mail still waits to be tried again. With --place, the
    post there, also when it waits or failed.
    """

    async def verb(app: "App") -> int:
        from aggregator.model import DeliveryStatus

        if place:
            return _decided(app, place, app.posts.settle(selector, DeliveryStatus(status), place))
        return app.outbox.settle(selector, DeliveryStatus(status), ids)

    click.echo(f"Settled as {status}: {counted(with_app(verb), 'post' if place else 'mail')}.")


def _decided(app: "App", place: str, posts: int) -> int:
    """How many posts that concerned. Raises NotFound when it is none, and there is no such place."""
    if not posts:
        app.posts.check_place(place)
    return posts
