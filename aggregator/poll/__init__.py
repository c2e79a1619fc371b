"""From followed feeds to entries."""
