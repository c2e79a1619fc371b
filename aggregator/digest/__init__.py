"""From bookmarks to a digest, and its renderings."""
