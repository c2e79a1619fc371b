"""Feeds, entries and their search index, bookmarks, digests with their picks and renderings."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make everything; the search index last, on top of a view."""
    op.create_table(
        "digests",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("friday", sa.Date(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("intro", sa.Text(), nullable=False),
        sa.Column("outro", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("published_at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_digests")),
        sa.UniqueConstraint("friday", name=op.f("uq_digests_friday")),
        sa.UniqueConstraint("number", name=op.f("uq_digests_number")),
    )
    op.create_table(
        "feeds",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("xml_url", sa.Text(), nullable=False),
        sa.Column("html_url", sa.Text(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("confidence", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("identity", sa.Text(), nullable=False),
        sa.Column("followed_at", sa.DateTime(), nullable=False),
        sa.Column("next_poll_at", sa.DateTime(), nullable=False),
        sa.Column("next_poll_reason", sa.Text(), nullable=False),
        sa.Column("polled_at", sa.DateTime(), nullable=True),
        sa.Column("succeeded_at", sa.DateTime(), nullable=True),
        sa.Column("newest_entry_at", sa.DateTime(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("failure_reason", sa.Text(), nullable=True),
        sa.Column("failure_message", sa.Text(), nullable=True),
        sa.Column("etag", sa.Text(), nullable=True),
        sa.Column("last_modified", sa.Text(), nullable=True),
        sa.Column("body_hash", sa.Text(), nullable=True),
        sa.Column("moved_to", sa.Text(), nullable=True),
        sa.Column("moved_since", sa.DateTime(), nullable=True),
        sa.Column("gone_since", sa.DateTime(), nullable=True),
        sa.Column("ttl_seconds", sa.Integer(), nullable=True),
        sa.Column("skip_hours", sa.Text(), nullable=True),
        sa.Column("skip_days", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feeds")),
        sa.UniqueConstraint("xml_url", name=op.f("uq_feeds_xml_url")),
    )
    op.create_index("ix_feeds_status_next_poll_at", "feeds", ["status", "next_poll_at"], unique=False)
    op.create_table(
        "entries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("feed_id", sa.Integer(), nullable=False),
        sa.Column("identity", sa.Text(), nullable=False),
        sa.Column("guid", sa.Text(), nullable=True),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("canonical_url", sa.Text(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=True),
        sa.Column("published_at", sa.DateTime(), nullable=True),
        sa.Column("updated_at", sa.DateTime(), nullable=True),
        sa.Column("first_seen_at", sa.DateTime(), nullable=False),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("text_key", sa.Text(), nullable=True),
        sa.Column("piece_id", sa.Integer(), nullable=True),
        sa.Column("filed", sa.Boolean(), nullable=False),
        sa.Column("updates", sa.Integer(), nullable=False),
        sa.Column("dismissed_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["feed_id"], ["feeds.id"], name=op.f("fk_entries_feed_id")),
        sa.ForeignKeyConstraint(["piece_id"], ["entries.id"], name=op.f("fk_entries_piece_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entries")),
        sa.UniqueConstraint("feed_id", "identity", name=op.f("uq_entries_feed_id_identity")),
    )
    op.create_index("ix_entries_canonical_url", "entries", ["canonical_url"], unique=False)
    op.create_index("ix_entries_feed_id_first_seen_at", "entries", ["feed_id", "first_seen_at"], unique=False)
    op.create_index(
        "ix_entries_inbox",
        "entries",
        ["first_seen_at", "id"],
        unique=False,
        sqlite_where=sa.text("piece_id IS NULL AND NOT filed AND dismissed_at IS NULL"),
    )
    op.create_index(
        "ix_entries_piece_id", "entries", ["piece_id"], unique=False, sqlite_where=sa.text("piece_id IS NOT NULL")
    )
    op.create_index("ix_entries_text_key", "entries", ["text_key"], unique=False)
    op.create_table(
        "renderings",
        sa.Column("digest_id", sa.Integer(), nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["digest_id"], ["digests.id"], name=op.f("fk_renderings_digest_id")),
        sa.PrimaryKeyConstraint("digest_id", "form", name=op.f("pk_renderings")),
    )
    op.create_table(
        "bookmarks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("canonical_url", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=True),
        sa.Column("organisation", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("published_at", sa.DateTime(), nullable=True),
        sa.Column("entry_id", sa.Integer(), nullable=True),
        sa.Column("entry_hash", sa.Text(), nullable=True),
        sa.Column("added_at", sa.DateTime(), nullable=False),
        sa.Column("friday", sa.Date(), nullable=False),
        sa.Column("dropped_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name=op.f("fk_bookmarks_entry_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bookmarks")),
        sa.UniqueConstraint("canonical_url", name=op.f("uq_bookmarks_canonical_url")),
    )
    op.create_index("ix_bookmarks_added_at", "bookmarks", ["added_at"], unique=False)
    op.create_index("ix_bookmarks_entry_id", "bookmarks", ["entry_id"], unique=False)
    op.create_index("ix_bookmarks_friday_added_at", "bookmarks", ["friday", "added_at"], unique=False)
    op.create_table(
        "entry_bodies",
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name=op.f("fk_entry_bodies_entry_id")),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_entry_bodies")),
    )
    op.create_table(
        "picks",
        sa.Column("digest_id", sa.Integer(), nullable=False),
        sa.Column("bookmark_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("style", sa.Text(), nullable=False),
        sa.Column("commentary", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=True),
        sa.Column("organisation", sa.Text(), nullable=True),
        sa.Column("published_on", sa.Date(), nullable=True),
        sa.Column("quote", sa.Text(), nullable=False),
        sa.Column("via_name", sa.Text(), nullable=True),
        sa.Column("via_url", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("employer", sa.Text(), nullable=True),
        sa.Column("closes_on", sa.Date(), nullable=True),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("access", sa.Text(), nullable=False),
        sa.Column("embed_url", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["bookmark_id"], ["bookmarks.id"], name=op.f("fk_picks_bookmark_id")),
        sa.ForeignKeyConstraint(["digest_id"], ["digests.id"], name=op.f("fk_picks_digest_id")),
        sa.PrimaryKeyConstraint("digest_id", "bookmark_id", name=op.f("pk_picks")),
    )
    op.create_index("ix_picks_bookmark_id", "picks", ["bookmark_id"], unique=False)
    op.execute(
        """
        CREATE VIEW entry_documents AS
        SELECT entries.id AS id, entries.title AS title, entries.author AS author, entry_bodies.text AS text
        FROM entries JOIN entry_bodies ON entry_bodies.entry_id = entries.id
        """
    )
    op.execute(
        """
        CREATE VIRTUAL TABLE entry_search USING fts5(
            title, author, text, content='entry_documents', content_rowid='id',
            tokenize='unicode61 remove_diacritics 2', prefix='2 3'
        )
        """
    )
