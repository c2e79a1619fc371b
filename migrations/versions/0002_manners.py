"""What makes a poll polite and cheap: pauses by host, feeds offered in place of a page, hubs, documents cut before."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add columns to feeds (all may be NULL), and four tables."""
    op.add_column("feeds", sa.Column("hub_url", sa.Text(), nullable=True))
    op.add_column("feeds", sa.Column("topic_url", sa.Text(), nullable=True))
    op.add_column("feeds", sa.Column("tails", sa.Text(), nullable=True))
    op.add_column("entries", sa.Column("kind", sa.Text(), server_default="article", nullable=False))
    op.add_column("entries", sa.Column("original_url", sa.Text(), nullable=True))
    op.create_index(
        "ix_entries_original_url",
        "entries",
        ["original_url"],
        unique=False,
        sqlite_where=sa.text("original_url IS NOT NULL"),
    )
    op.create_table(
        "host_pauses",
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("until", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("host", name=op.f("pk_host_pauses")),
    )
    op.create_table(
        "offered_feeds",
        sa.Column("feed_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("found_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["feed_id"], ["feeds.id"], name=op.f("fk_offered_feeds_feed_id")),
        sa.PrimaryKeyConstraint("feed_id", "position", name=op.f("pk_offered_feeds")),
    )
    op.create_table(
        "hub_subscriptions",
        sa.Column("feed_id", sa.Integer(), nullable=False),
        sa.Column("hub_url", sa.Text(), nullable=False),
        sa.Column("topic_url", sa.Text(), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(), nullable=False),
        sa.Column("ends_at", sa.DateTime(), nullable=True),
        sa.Column("next_ask_at", sa.DateTime(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("pushed_at", sa.DateTime(), nullable=True),
        sa.Column("message", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["feed_id"], ["feeds.id"], name=op.f("fk_hub_subscriptions_feed_id")),
        sa.PrimaryKeyConstraint("feed_id", name=op.f("pk_hub_subscriptions")),
        sa.UniqueConstraint("token", name=op.f("uq_hub_subscriptions_token")),
    )
    op.create_table(
        "feed_documents",
        sa.Column("feed_id", sa.Integer(), nullable=False),
        sa.Column("outline", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["feed_id"], ["feeds.id"], name=op.f("fk_feed_documents_feed_id")),
        sa.PrimaryKeyConstraint("feed_id", name=op.f("pk_feed_documents")),
    )
