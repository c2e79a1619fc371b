"""A whole site whose every text says what it is told: of feeds, entries, bookmarks, digests, and what went wrong."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from urllib.parse import quote

from sqlalchemy import insert, update

from aggregator.app import App
from aggregator.model import Kind, SuggestionKind, SuggestionStatus
from aggregator.sanitise import clean
from aggregator.store.database import Tx
from aggregator.store.schema import offered_feeds
from aggregator.store.schema_readers import deliveries
from tests.builders import FRIDAY, a_pick
from tests.rows import WEDNESDAY, add_bookmark, add_entry, ask_a_hub, follow_a_feed

READER = "reader@example.org"
_NAMED = (Kind.ARTICLE, Kind.JOB, Kind.VIDEO)


def fill(app: App, words: Sequence[str]) -> None:
    """So many feeds, entries, bookmarks and suggestions as there are words, and digests of the first of them.

    Texts are put past the checks at the door, as if those had a hole; addresses are of a kind that passes them.
    """
    with app.db.write() as tx:
        for number, each in enumerate(words):
            _add_a_feed(tx, number, each)
    _publish(app, words)
    for number, each in enumerate(words):
        for kind in SuggestionKind:
            app.suggestions.suggest(kind, f"https://x.example/{number}{kind}", title=each, words=each, thank=each)
    app.suggestions.settle([one.id for one in app.suggestions.waiting()[::2]], SuggestionStatus.ACCEPTED)


def _add_a_feed(tx: Tx, number: int, words: str) -> None:
    address = f"https://blog.example.org/{number}?q={quote(words[:200], safe='<>=/')}"
    feed = follow_a_feed(
        tx,
        title=words,
        region=words,
        kind=words if number % 10 == 0 else "Councils",
        html_url=address,
        failures=number % 3,
        failure_message=words,
        failure_reason="page" if number % 3 else None,
        next_poll_reason=words,
        moved_to=address if number % 5 == 0 else None,
        moved_since=WEDNESDAY if number % 5 == 0 else None,
        status="gone" if number % 7 == 0 else "active",
        newest_entry_at=WEDNESDAY,
    )
    ask_a_hub(tx, feed, status="refused", message=words)
    tx.execute(
        insert(offered_feeds).values(feed_id=feed, position=1, url=f"{address}&feed", title=words, found_at=WEDNESDAY)
    )
    entry = add_entry(
        tx,
        feed,
        title=words,
        author=words,
        url=address,
        text=words,
        html=clean(words, "https://blog.example.org/").html,
    )
    bookmark = {"title": words, "author": words, "organisation": words, "note": words, "language": words}
    add_bookmark(tx, url=f"{address}&page", kind=_NAMED[number % 3], **bookmark)
    add_bookmark(
        tx, url=address, entry_id=entry if number % 2 else None, friday=FRIDAY - timedelta(weeks=9), **bookmark
    )


def _publish(app: App, words: Sequence[str]) -> None:
    app.subscribers.bring_in(f"email\n{READER}\n", basis="asked on paper, on 3 March 2026")
    for weeks in (2, 1, 0):
        friday = FRIDAY - timedelta(weeks=weeks)
        some = words[weeks * 5 : weeks * 5 + 5]
        with app.db.write() as tx:
            ids = [add_bookmark(tx, friday=friday, title=each) for each in some]
        draft = app.editor.pick(ids, app.editor.draft(friday).slug)
        picks = tuple(
            replace(
                a_pick(number),
                bookmark_id=pick.bookmark_id,
                kind=_NAMED[number % 3],
                title=each,
                commentary=each,
                author=each,
                organisation=each,
                employer=each,
                quote=each,
                via_name=each,
                language=each[:20],
            )
            for number, (pick, each) in enumerate(zip(draft.picks, some, strict=True), start=1)
        )
        changed = replace(draft, title=f"{some[0]} {weeks}", intro=some[1], outro=some[2], picks=picks)
        app.editor.replace(changed, expected_revision=draft.revision)
        if weeks:
            app.editor.publish(draft.slug)
    with app.db.write() as tx:
        tx.execute(update(deliveries).values(status="failed", error=words[0]))
