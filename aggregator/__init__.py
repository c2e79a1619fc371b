"""Five for Friday: from `feeds.opml` to Friday's digest.

    feeds.opml -> feeds -> poll -> curate -> digest -> deliver

`feeds` follows the blogs that feeds.opml lists; `poll` brings their entries in; `curate` turns entries into
bookmarks and the week's shortlist; `digest` turns bookmarks into five picks with commentary, and renders them;
`deliver` carries a published digest to readers. `store` holds all SQL. `cli`, `web` and `jobs` are the doors:
each opens the app (`app.open_app`), calls one verb and shows what came back.
"""

__version__ = "0.1.0"
