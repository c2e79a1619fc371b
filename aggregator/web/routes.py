"""The table of contents: every address that the pages answer to. Only forms change anything, by POST."""

from starlette.convertors import register_url_convertor
from starlette.routing import BaseRoute, Mount, Route

from aggregator.model import Role
from aggregator.web import (
    adding,
    blogs,
    bookmarks,
    curators,
    desk,
    digests,
    editing,
    feeds,
    feeds_file,
    health,
    inbox,
    monitor,
    outbox,
    preview,
    public,
    readers,
    shortlist,
    signing_in,
    signposts,
    subscribing,
    suggesting,
    suggestions,
    websub,
)
from aggregator.web.guard import open_to
from aggregator.web.numbers import Id
from aggregator.web.packing import packed
from aggregator.web.pages import STATIC, Static

register_url_convertor("id", Id())

FOR_READERS: tuple[BaseRoute, ...] = (
    Route("/", public.home, name="home"),
    Route("/digests", public.archive, name="archive"),
    Route("/digests/{slug}", public.digest, name="digest"),
    Route("/bookmarks", public.bookmarks, name="bookmarks"),
    Route("/bookmarks/{month}", public.bookmarks_of_month, name="bookmarks-of-month"),
    Route("/blogs", blogs.by_name, name="blogs"),
    Route("/blogs/by-last-post", blogs.last_post, name="blogs-by-last-post"),
    Route("/blogs/by-state", blogs.standing, name="blogs-by-state"),
    Route("/follow", public.follow, name="follow"),
    Route("/accessibility", public.accessibility, name="accessibility"),
    Route("/privacy", public.privacy, name="privacy"),
    Route("/feed.atom", public.atom, name="atom"),
    Route("/feed.rss", public.rss, name="rss"),
    Route("/feed.json", public.json_feed, name="json"),
    Route("/bookmarks.atom", public.bookmarks_atom, name="bookmarks-atom"),
    Route("/bookmarks.rss", public.bookmarks_rss, name="bookmarks-rss"),
    Route("/bookmarks.json", public.bookmarks_json, name="bookmarks-json"),
    Route("/blogs.opml", blogs.opml, name="opml"),
    Route("/sitemap.xml", signposts.sitemap, name="sitemap"),
    Route("/robots.txt", signposts.robots, name="robots"),
    Route("/.well-known/security.txt", signposts.security, name="security"),
    Route("/health", health.page, name="health"),
    Route("/healthz", health.machine, name="healthz"),
    Route("/static/five.css", public.stylesheet, name="stylesheet"),
    Mount("/static", Static(directory=STATIC), name="static"),
)
"""What says the same to everybody, and nothing that nobody else may know: it is packed."""

FOR_EVERYBODY: tuple[BaseRoute, ...] = (
    Route("/suggest", suggesting.form, name="suggest-form"),
    Route("/suggest", suggesting.suggest, methods=["POST"], name="suggest"),
    Route("/subscribe", subscribing.form, name="subscribe-form"),
    Route("/subscribe", subscribing.subscribe, methods=["POST"], name="subscribe"),
    Route("/confirm/{token}", subscribing.confirm_page, name="confirm-page"),
    Route("/confirm/{token}", subscribing.confirm, methods=["POST"], name="confirm"),
    Route("/manage/{token}", subscribing.manage_page, name="manage-page"),
    Route("/manage/{token}", subscribing.manage, methods=["POST"], name="manage"),
    Route("/unsubscribe/{token}", subscribing.unsubscribe_page, name="unsubscribe-page"),
    Route("/unsubscribe/{token}", subscribing.unsubscribe, methods=["POST"], name="unsubscribe"),
    Route("/websub/{token}", websub.question, methods=["GET"], name="websub-question"),
    Route("/websub/{token}", websub.push, methods=["POST"], name="websub", max_body_size=websub.LARGEST_PUSH),
    Route("/metrics", monitor.metrics, name="metrics"),
    Route("/sign-in", signing_in.sign_in, methods=["GET", "POST"], name="sign-in"),
    Route("/password/{token}", signing_in.set_password, methods=["GET", "POST"], name="set-password"),
)

FOR_CURATORS: tuple[BaseRoute, ...] = (
    Route("/desk", desk.overview, name="desk"),
    Route("/desk/shortlist", shortlist.shortlist, name="shortlist"),
    Route("/desk/bookmarks", bookmarks.bookmarks, name="desk-bookmarks"),
    Route("/desk/bookmarks/{bookmark}", bookmarks.bookmark, methods=["GET"], name="desk-bookmark"),
    Route("/desk/bookmarks/{bookmark}", bookmarks.change, methods=["POST"], name="desk-bookmark-change"),
    Route("/desk/add", adding.new, methods=["GET"], name="add-form"),
    Route("/desk/add", adding.add, methods=["POST"], name="add"),
    Route("/desk/add/how", adding.how, name="add-how"),
    Route("/desk/manifest.webmanifest", adding.manifest, name="manifest"),
    Route("/desk/suggestions", suggestions.suggestions, methods=["GET"], name="desk-suggestions"),
    Route("/desk/suggestions", suggestions.judge, methods=["POST"], name="desk-suggestions-judge"),
    Route("/desk/inbox", inbox.inbox, name="inbox"),
    Route("/desk/inbox/new", inbox.arrived, name="inbox-new"),
    Route("/desk/inbox/undo", inbox.undo_last, methods=["POST"], name="inbox-undo"),
    Route("/desk/entries/{entry_id:id}", inbox.entry, name="entry"),
    Route("/desk/entries/{entry_id:id}/note", inbox.note, name="entry-note"),
    Route("/desk/entries/{entry_id:id}/pictures", inbox.pictures, name="entry-pictures"),
    Route("/desk/entries/{entry_id:id}/shortlist", inbox.shortlist, methods=["POST"], name="entry-shortlist"),
    Route("/desk/entries/{entry_id:id}/dismiss", inbox.dismiss, methods=["POST"], name="entry-dismiss"),
    Route("/desk/entries/{entry_id:id}/undo", inbox.undo, methods=["POST"], name="entry-undo"),
    Route("/account", signing_in.account, methods=["GET", "POST"], name="account"),
    Route("/account/keys", signing_in.single_keys, methods=["POST"], name="single-keys"),
    Route("/sign-out", signing_in.sign_out, methods=["POST"], name="sign-out"),
)

FOR_EDITORS: tuple[BaseRoute, ...] = (
    Route("/desk/shortlist/draft", shortlist.draft, methods=["POST"], name="shortlist-draft"),
    Route("/desk/shortlist/{bookmark:id}/pick", shortlist.pick, methods=["POST"], name="shortlist-pick"),
    Route("/desk/digest", digests.digests, methods=["GET"], name="digests"),
    Route("/desk/digest", digests.begin, methods=["POST"], name="digest-begin"),
    Route("/desk/digests/{slug}", editing.editor, methods=["GET"], name="editor"),
    Route(
        "/desk/digests/{slug}",
        editing.act,
        methods=["POST"],
        name="editor-act",
        max_body_size=editing.LARGEST_DIGEST,
    ),
    Route("/desk/digests/{slug}/preview", preview.preview, name="digest-preview"),
    Route("/desk/digests/{slug}/copy", preview.copy, name="digest-copy"),
    Route("/desk/digests/{slug}/publish", digests.ask, methods=["GET"], name="digest-ask"),
    Route("/desk/digests/{slug}/publish", digests.publish, methods=["POST"], name="digest-publish"),
    Route("/desk/outbox", outbox.outbox, methods=["GET"], name="outbox"),
    Route("/desk/outbox", outbox.switch, methods=["POST"], name="outbox-switch"),
    Route("/desk/outbox/progress", outbox.progress, name="outbox-progress"),
    Route("/desk/outbox/posts", outbox.post, methods=["POST"], name="outbox-post"),
    Route("/desk/outbox/digests/{slug}", outbox.digest, methods=["GET"], name="outbox-digest"),
    Route("/desk/outbox/digests/{slug}", outbox.decide, methods=["POST"], name="outbox-decide"),
    Route("/desk/subscribers", readers.subscribers, methods=["GET"], name="subscribers"),
    Route("/desk/subscribers", readers.act, methods=["POST"], name="subscribers-act"),
    Route("/desk/subscribers/export.csv", readers.export, name="subscribers-export"),
    Route("/desk/subscribers/import", readers.import_form, methods=["GET"], name="subscribers-import-form"),
    Route(
        "/desk/subscribers/import",
        readers.upload,
        methods=["POST"],
        name="subscribers-import",
        max_body_size=readers.LARGEST_UPLOAD,
    ),
    Route("/desk/subscribers/lists/{key}", readers.preview, methods=["GET"], name="subscribers-list"),
    Route("/desk/subscribers/lists/{key}", readers.bring_in, methods=["POST"], name="subscribers-list-go"),
    Route("/desk/subscribers/{subscriber_id:id}", readers.person, methods=["GET"], name="subscriber"),
    Route("/desk/subscribers/{subscriber_id:id}", readers.decide, methods=["POST"], name="subscriber-decide"),
    Route("/desk/subscribers/{subscriber_id:id}/data.json", readers.data, name="subscriber-data"),
)

FOR_MAINTAINERS: tuple[BaseRoute, ...] = (
    Route("/desk/feeds", feeds.feeds, name="feeds"),
    Route("/desk/feeds/add", feeds.new, methods=["GET"], name="feeds-new"),
    Route("/desk/feeds/add", feeds.add, methods=["POST"], name="feeds-add"),
    Route("/desk/feeds/edits", feeds_file.edits, methods=["GET"], name="feeds-edits"),
    Route("/desk/feeds/edits", feeds_file.apply, methods=["POST"], name="feeds-edits-apply"),
    Route("/desk/feeds/edits.patch", feeds_file.patch, name="feeds-patch"),
    Route("/desk/feeds/export.opml", feeds_file.export, name="feeds-export"),
    Route("/desk/feeds/upload", feeds_file.upload_form, methods=["GET"], name="feeds-upload-form"),
    Route(
        "/desk/feeds/upload",
        feeds_file.upload,
        methods=["POST"],
        name="feeds-upload",
        max_body_size=feeds_file.LARGEST_UPLOAD,
    ),
    Route("/desk/feeds/import", feeds_file.forecast, methods=["GET"], name="feeds-import"),
    Route("/desk/feeds/import", feeds_file.take_over, methods=["POST"], name="feeds-import-go"),
    Route("/desk/feeds/{feed_id:id}", feeds.feed, methods=["GET"], name="feed"),
    Route("/desk/feeds/{feed_id:id}", feeds.act, methods=["POST"], name="feed-act"),
    Route("/desk/people", curators.people, name="people"),
    Route("/desk/people", curators.add, methods=["POST"], name="people-add"),
    Route("/desk/people/change", curators.change, methods=["POST"], name="people-change"),
)

ROUTES: tuple[BaseRoute, ...] = (
    *open_to(Role.CURATOR, FOR_CURATORS),
    *open_to(Role.EDITOR, FOR_EDITORS),
    *open_to(Role.MAINTAINER, FOR_MAINTAINERS),
    *open_to(None, packed(FOR_READERS)),
    *open_to(None, FOR_EVERYBODY),
)
"""Every route says who may use it: one that stands in none of these groups does not exist."""
