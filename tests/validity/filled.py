"""A site with something of everything in it, to be looked at page by page."""

from dataclasses import dataclass, replace
from datetime import timedelta

from aggregator.app import App
from tests.rows import WEDNESDAY, add_bookmark
from tests.web import everything


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """What may stand in an address for each parameter, and pages that no route names."""

    given: dict[str, object]
    public: tuple[str, ...]
    desk: tuple[str, ...]


def fill(app: App) -> Filled:
    """A week with everything; digests of all formats, published and not, one of them corrected."""
    given = everything.fill(app)
    done = app.editor.digest(str(given["digest slug"]))
    app.editor.correct(done.slug, replace(done, intro="Put *right*."), "It was Ann, not Anne.")
    with app.db.write() as tx:
        talks = [add_bookmark(tx, title=f"Talk {n}", author=f"Speaker {n}", kind="video") for n in (1, 2, 3)]
        benches = add_bookmark(tx, title="Counting benches", url="https://benches.example.org/?a=1&b=2")
        add_bookmark(tx, added_at=WEDNESDAY - timedelta(days=40))
    themed = app.editor.publish(app.editor.draft(format="themed", title="3 talks", bookmark_ids=talks).slug).slug
    linked = app.editor.publish(app.editor.link(benches).slug).slug
    drafts = app.editor.draft(format="themed", title="2 more talks", bookmark_ids=talks[:2]), app.editor.link(talks[0])
    feeds = [feed.id for feed in app.follow.feeds()]
    queries = ("q=letters", "state=any&when=ever", "group=Leaders", "q=nothing-at-all")
    return Filled(
        given=given,
        public=(
            *(f"/digests/{slug}" for slug in (themed, linked, "none")),
            *("/bookmarks/2026-10", "/no-such-page", "/manage/none", "/confirm/none"),
        ),
        desk=(
            *(f"/desk/digests/{one.slug}{what}" for one in drafts for what in ("", "/preview", "/copy", "/publish")),
            *(f"/desk/digests/{slug}" for slug in (done.slug, themed, linked)),
            f"/desk/digests/{given['slug']}/preview?as=page",
            *(f"/desk/feeds/{number}" for number in feeds[:10]),
            *(f"/desk/inbox?{query}" for query in queries),
            *("/desk/bookmarks?shelf=private", "/desk/shortlist?friday=2027-01-01", "/desk/feeds?sort=entries"),
            *("/desk/people?done=people", "/desk/no-such-page", "/desk/subscribers/lists/none", "/desk/entries/99999"),
        ),
    )
