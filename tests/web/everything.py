"""A house in the middle of its week, with something on every page of the route table."""

from datetime import timedelta

from sqlalchemy import update

from aggregator.app import App
from aggregator.deliver.tokens import Tokens
from aggregator.model import Role
from aggregator.store.schema_readers import deliveries
from tests.builders import FRIDAY
from tests.deliver.posting import add_readers
from tests.web.blogs import follow_all
from tests.web.press import publish
from tests.web.shelf import bookmark_all
from tests.web.week import a_week

BLOGS = b'<opml version="2.0"><body><outline text="New" type="rss" xmlUrl="https://new.example/feed"/></body></opml>'
READERS = b"email\ndora@example.org\nbob@example.org\nno address\n"


def fill(app: App) -> dict[str, object]:
    """All of it; gives what the parameters of routes may be."""
    link = app.people.add("new@example.org", Role.EDITOR)
    app.people.add(f"{'w' * 60}@example.org", Role.CURATOR)
    app.people.add("bob@example.org", Role.EDITOR)
    app.people.end("bob@example.org")
    feeds = follow_all(app)
    with app.db.write() as tx:
        week = a_week(tx, plain=2)
        add_readers(tx, 8)
    bookmarks = bookmark_all(app)
    out = publish(app, FRIDAY - timedelta(weeks=1))
    with app.db.write() as tx:
        few = deliveries.c.subscriber_id < 4
        tx.execute(update(deliveries).where(few).values(status="failed", error="550 5.1.1 No such mailbox."))
    draft = app.editor.pick(bookmarks[:4], app.editor.draft(FRIDAY).slug)
    keys = Tokens(app.settings.data / "secret.key")
    for name in ("bob", "carol"):
        app.subscribers.subscribe(f"{name}@example.org")
    bob, carol = (one for one in app.subscribers.page() if one.address.startswith(("bob", "carol")))
    app.subscribers.confirm(keys.confirm(bob.id, bob.asked_at))
    return {
        "entry_id": week.long,
        "feed_id": feeds["failing"],
        "bookmark": bookmarks[0],
        "slug": draft.slug,
        "digest slug": out.slug,
        "outbox-digest slug": out.slug,
        "month": "2026-11",
        "subscriber_id": bob.id,
        "set-password token": link.rpartition("/")[2],
        "confirm-page token": keys.confirm(carol.id, carol.asked_at),
        "manage-page token": keys.manage(bob.id),
        "unsubscribe-page token": keys.manage(bob.id),
        "websub-question token": "none",
        "feeds-import ?": f"list={app.imports.keep(BLOGS)}",
        "add-form ?": "address=https://blog.example.org/post",
        "key": app.register.keep(READERS),
    }
