"""The table behind the charts of feeds. See schema.py for the rest."""

from datetime import date

from sqlalchemy import Column, ForeignKey, Index, Integer, Named, Table, TypedColumns

from aggregator.store.schema_readers import metadata as metadata


class FeedWeekColumns(TypedColumns):
    """How many entries a feed posted in one week, counted once for the charts."""

    feed_id: Named[int] = Column(ForeignKey("feeds.id"), primary_key=True)
    week: Named[date] = Column(primary_key=True)  # its Monday
    entries: Named[int] = Column(Integer)
    last_entry_id: Named[int] = Column(Integer)  # all entries up to this one are counted, here or in other rows


feed_weeks = Table("feed_weeks", metadata, FeedWeekColumns)

# activity.by_week: how much did all feeds together post?
Index("ix_feed_weeks_week_entries", feed_weeks.c.week, feed_weeks.c.entries)
# activity.counted_upto: which entry is to be counted next?
Index("ix_feed_weeks_last_entry_id", feed_weeks.c.last_entry_id)
