"""`five poll`: bring in what is new."""

import sys
from collections import Counter
from typing import TYPE_CHECKING

import click

from aggregator.cli.output import as_json, as_row, console, counted, note, print_json, print_table, with_app

if TYPE_CHECKING:
    from rich.progress import Progress

    from aggregator.app import App
    from aggregator.poll.poller import PollReport


@click.command()
@click.option("--all", "everything", is_flag=True, help="Every active feed, due or not.")
@click.option("--feed", "selector", metavar="URL", help="This feed alone: its address or its id.")
@as_json
def poll(everything: bool, selector: str | None, json_wanted: bool) -> None:
    """Ask the feeds that are due for what is new.

    A feed that fails stops nobody: the table says why it failed and when it is asked again. Stopping with Ctrl-C
    loses nothing.
    """

    async def verb(app: "App") -> "tuple[PollReport, ...]":
        if not app.settings.contact:
            note("Tell webmasters how to reach you: set FIVE_CONTACT, or contact in five.toml.")
        with _progress() as bar:
            task = bar.add_task("Polling", total=None, new=0, failed=0)
            counts = {"new": 0, "failed": 0}

            def on_start(total: int) -> None:
                bar.update(task, total=total)

            def on_report(report: "PollReport") -> None:
                counts["new"] += report.new
                counts["failed"] += report.outcome == "failed"
                bar.update(task, advance=1, new=counts["new"], failed=counts["failed"])

            if selector is not None:
                feed = app.follow.feed(selector)
                return await app.poller.poll_feed(feed.id, on_start=on_start, on_report=on_report)
            run = app.poller.poll_all if everything else app.poller.poll_due
            return await run(on_start=on_start, on_report=on_report)

    reports = with_app(verb)
    if json_wanted:
        print_json(as_row(report, id=report.feed_id) for report in reports)
    else:
        _print_reports(reports)


def _progress() -> "Progress":
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[new]} new, {task.fields[failed]} failed"),
        console=Console(stderr=True),
        transient=True,
        disable=not sys.stderr.isatty(),
    )


def _print_reports(reports: "tuple[PollReport, ...]") -> None:
    out = console()
    if not reports:
        out.print("No feed is due. (five poll --all asks every one; five feeds list says when each is due.)")
        return
    worth_telling = [report for report in reports if report.outcome != "unchanged"]
    if worth_telling:
        print_table(
            ["feed", "outcome", "new", "changed", "what happened"],
            [
                [report.title, report.outcome, str(report.new or ""), str(report.changed or ""), report.message]
                for report in sorted(worth_telling, key=lambda report: (report.outcome == "failed", report.title))
            ],
            wide=4,
        )
    outcomes = Counter(report.outcome for report in reports)
    not_asked = outcomes["postponed"]
    out.print(
        f"{counted(len(reports) - not_asked, 'feed')} polled: "
        f"{counted(sum(r.new for r in reports), 'new entry', 'new entries')}, "
        f"{sum(r.changed for r in reports)} changed; {outcomes['unchanged']} unchanged, {outcomes['failed']} failed"
        + (f"; {not_asked} not asked." if not_asked else ".")
    )
    if any(report.new for report in reports):
        out.print("Next: five inbox")
