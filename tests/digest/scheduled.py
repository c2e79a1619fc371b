"""An editor with readers, and drafts that wait for their time."""

from collections.abc import Mapping
from datetime import time
from pathlib import Path
from zoneinfo import ZoneInfo

from aggregator.clock import Calendar, Clock
from aggregator.deliver.transport import FolderTransport
from aggregator.digest.editor import Editor, Render
from aggregator.digest.render import render
from aggregator.model import Digest, Form
from aggregator.store.database import Database
from tests.builders import a_publication
from tests.deliver.posting import an_outbox


def a_calendar(*, weekday: int = 4, at: time = time(12)) -> Calendar:
    """London's."""
    return Calendar(zone=ZoneInfo("Europe/London"), weekday=weekday, publish_time=at, cutoff=time(9))


def as_it_is(digest: Digest) -> Mapping[Form, str]:
    """The real rendering."""
    return render(digest, a_publication())


def an_editor_with_readers(
    db: Database,
    clock: Clock,
    calendar: Calendar | None = None,
    *,
    second_approver: bool = False,
    render: Render = as_it_is,
) -> Editor:
    """The real editor: real renderings, and the real outbox for an audience."""
    return Editor(
        db=db,
        clock=clock,
        publication=a_publication(),
        calendar=calendar or a_calendar(),
        repeat_digests=4,
        render=render,
        audience=an_outbox(db, clock, FolderTransport(Path(db.path).parent / "mail")),
        second_approver=second_approver,
    )
