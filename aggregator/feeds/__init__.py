"""Feeds we follow: from feeds.opml, or from a page's address."""
