"""From entries to bookmarks and the week's shortlist."""
