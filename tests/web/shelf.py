"""A week's shortlist as it is in life: notes long and short, of entries and of any page; and what readers suggest."""

from datetime import timedelta

from sqlalchemy import update

from aggregator.app import App
from aggregator.model import Role, SuggestionKind
from aggregator.store.schema import picks
from tests.builders import FRIDAY
from tests.rows import WEDNESDAY, add_bookmark, add_digest, add_entry, follow_a_feed

LONG = "A very long word follows: " + "w" * 90
NOTE = """Honest about what went wrong, and what they changed because of it.

Worth reading for the part on *who was left out* alone."""


def bookmark_all(app: App) -> tuple[int, ...]:
    """Bookmarks of every sort, for this week and before, and what readers suggest; gives the ids of this week's."""
    app.people.add("colleague@example.org", Role.CURATOR)
    who = app.people.enter("colleague@example.org").session.curator.id
    with app.db.write() as tx:
        feed = follow_a_feed(tx, title="Borsetshire Digital")
        entry = add_entry(tx, feed, title="What we learnt from closing a service")
        old = add_bookmark(tx, organisation="Borsetshire Digital", friday=FRIDAY - timedelta(weeks=5), title="Old")
        add_digest(tx, old, friday=FRIDAY - timedelta(weeks=5), status="published", number=77)
        tx.execute(update(picks).where(picks.c.bookmark_id == old).values(organisation="Borsetshire Digital"))
        week = (
            add_bookmark(
                tx,
                title="What we learnt from closing a service",
                author="Ayesha Khan",
                organisation="Borsetshire Digital",
                entry_id=entry,
                entry_hash="as it was",
                note=NOTE,
                published_at=WEDNESDAY - timedelta(days=2),
                added_by=who,
            ),
            add_bookmark(
                tx,
                title="Head of Service Design",
                organisation="Felpersham City Council",
                kind="job",
                published_at=WEDNESDAY - timedelta(days=20),
                is_public=False,
            ),
            add_bookmark(tx, title="Sut rydym yn dylunio gwasanaethau", language="cy", kind="video", added_by=who),
            add_bookmark(
                tx, url="https://page.example.org/a", title="https://page.example.org/a", visit_at=WEDNESDAY, note=LONG
            ),
            add_bookmark(tx, title=LONG, author="w" * 60, organisation="v" * 90),
        )
        add_bookmark(tx, title="Dropped", dropped_at=WEDNESDAY)
        add_bookmark(tx, title="Left over", friday=FRIDAY - timedelta(weeks=1), kind="pdf")
    words = {"title": "Notes from a small council", "words": "Plain and kind.", "thank": "Jo"}
    app.suggestions.suggest(SuggestionKind.LINK, "https://reader.example.org/page", **words)
    app.suggestions.suggest(SuggestionKind.BLOG, f"https://blog.example.org/{'x' * 90}", words=LONG)
    return week
