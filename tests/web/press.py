"""Publishes digests for tests, and reads pages as a browser would."""

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from html.parser import HTMLParser

from aggregator.app import App
from aggregator.model import Digest
from tests.builders import FRIDAY, a_digest
from tests.rows import WEDNESDAY, add_bookmark

BASE_URL = "https://five.example.org"


def publish(app: App, friday: date = FRIDAY, *, title: str = "", intro: str = "Leaves are down.") -> Digest:
    """A published digest of five picks; `title`, when given, is that of the first."""
    with app.db.write() as tx:
        ids = [add_bookmark(tx, added_at=WEDNESDAY - timedelta(minutes=n), friday=friday) for n in range(5)]
    draft = app.editor.pick(ids, app.editor.draft(friday).slug)
    picks = [replace(pick, bookmark_id=id_) for pick, id_ in zip(a_digest().picks, ids, strict=True)]
    if title:
        picks[0] = replace(picks[0], title=title)
    app.editor.replace(replace(draft, intro=intro, picks=tuple(picks)), expected_revision=draft.revision)
    return app.editor.publish(draft.slug)


@dataclass
class Seen:
    """What a page holds: its words, and its elements as (tag, attributes)."""

    text: str = ""
    elements: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def all(self, tag: str, **wanted: str) -> list[dict[str, str]]:
        """The attributes of every such element."""
        return [given for name, given in self.elements if name == tag and wanted.items() <= given.items()]

    def links(self) -> list[str]:
        """Where its links lead."""
        return [given["href"] for given in self.all("a")]


def see(html: str) -> Seen:
    """Read a page."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    reader.seen.text = " ".join(reader.seen.text.split())
    return reader.seen


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen = Seen()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data: str) -> None:
        self.seen.text += data
