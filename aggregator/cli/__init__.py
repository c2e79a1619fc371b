"""`five ...`: one function per command: open the app, call one verb, print.

Modules here import only click at the top, so that `five --help` answers at once; commands import what they need.
"""

import errno
import os
import sys
from collections.abc import Sequence

import click

from aggregator import __version__
from aggregator.cli.bounces import bounces
from aggregator.cli.curators import curator
from aggregator.cli.demo import demo
from aggregator.cli.digest import digest, link, render
from aggregator.cli.feeds import feeds
from aggregator.cli.inbox import dismiss, inbox, shortlist, show
from aggregator.cli.keep import backup, doctor, init, restore
from aggregator.cli.outbox import outbox, send
from aggregator.cli.poll import poll
from aggregator.cli.publishing import approve, correct, discard, publish, schedule, unschedule
from aggregator.cli.serve import serve
from aggregator.cli.site import site
from aggregator.cli.subscribers import subscribers
from aggregator.cli.suggestions import suggestions
from aggregator.errors import FiveError

WALK = """\
Five for Friday: from the blogs in feeds.opml to a digest of five links.

Through the week
  five poll                        bring in what is new
  five inbox                       what nobody has judged yet
  five show 12                     read one entry
  five shortlist 12 --note "..."   keep it, with a note (any web address will do)
  five dismiss 13 14               not for us

On Friday
  five shortlist                   the week's shortlist
  five digest draft                open the draft of the coming Friday
  five digest pick 3 1 4 2 5       place five bookmarks, in this order
  five digest edit                 write: intro, commentary, quotes, in your editor
  five digest lint                 what you would want to be told
  five digest publish              number it, date it, freeze it; or: five digest schedule
  five render --as email-html      the mail; also email-text, page, markdown, json, atom
  five outbox                      how far it has come, reader by reader
  five serve                       pages, feeds and mail for readers; and all of this in a browser, at /desk

Keeping it
  five feeds sync                  follow what feeds.opml lists
  five doctor                      is everything well?

Every command explains itself: five COMMAND --help
New here? Try: five demo
"""


class _SeenEnough(Exception):
    """Whoever read our output has stopped reading (`five inbox | head`)."""


class _Five(click.Group):
    """Lists its commands as a week uses them, not by the alphabet."""

    def list_commands(self, _context: click.Context) -> list[str]:
        return list(self.commands)

    def invoke(self, context: click.Context) -> object:
        """Run a command; one whose output nobody reads any more ends with _SeenEnough, where click would end with 1."""
        try:
            return super().invoke(context)
        except BrokenPipeError as error:
            raise _SeenEnough from error


@click.group(
    cls=_Five,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="five")
@click.pass_context
def five(context: click.Context) -> None:
    """Make a weekly newsletter of five links from the blogs you follow.

    Settings are in five.toml and FIVE_* variables; `five init` writes a file that explains them all.
    """
    if context.invoked_subcommand is None:
        click.echo(WALK, nl=False)


for command in (
    init,
    feeds,
    poll,
    inbox,
    show,
    shortlist,
    dismiss,
    suggestions,
    digest,
    link,
    render,
    send,
    outbox,
    bounces,
    subscribers,
    curator,
    serve,
    site,
    backup,
    restore,
    doctor,
    demo,
):
    five.add_command(command)


for command in (approve, schedule, unschedule, publish, correct, discard):
    digest.add_command(command)


def main() -> None:
    """The console script: run the command line, and exit."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run one command; gives 0 done, 1 a check said no, 2 wrong use, 130 stopped by Ctrl-C."""
    try:
        result = five.main(list(arguments), prog_name="five", standalone_mode=False)
        print(end="", flush=True)  # which a standard output that was closed (`>&-`) takes, and its flush() does not
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except FiveError as error:
        _complain(error.what, error.hint)
        return error.exit_code
    except (KeyboardInterrupt, click.Abort):
        _complain("Stopped. What was done so far is kept.", "")
        return 130
    except (_SeenEnough, BrokenPipeError):
        _write_no_more()
        return 0
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        _write_no_more()
        _complain(f"Not all could be written: {error.strerror}.", "Make room, and do it once more.")
        return 1
    return result if isinstance(result, int) else 0


def _write_no_more() -> None:
    """What is still waiting for standard output goes nowhere: it would fail again at the very end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _complain(what: str, hint: str) -> None:
    click.echo(f"{click.style('five:', bold=True)} {what}", err=True)
    if hint:
        click.echo(f"      {hint}", err=True)
