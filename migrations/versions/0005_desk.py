"""The desk's pages and what leaves it: formats of digests, corrections, other publications, mail that came back."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Give every digest a slug of its own, and add columns, indexes and three tables; nothing that is there is lost."""
    _name_digests()
    op.add_column(
        "digests", sa.Column("changed_by", sa.Integer(), sa.ForeignKey("curators.id")), inline_references=True
    )
    op.add_column("curators", sa.Column("single_keys", sa.Boolean(), nullable=False, server_default=sa.text("1")))
    op.add_column("bookmarks", sa.Column("visit_at", sa.DateTime(), nullable=True))
    op.create_index(
        "ix_bookmarks_visit_at",
        "bookmarks",
        ["visit_at"],
        unique=False,
        sqlite_where=sa.text("visit_at IS NOT NULL"),
    )
    op.create_index(
        "ix_entries_dismissed",
        "entries",
        ["first_seen_at", "id"],
        unique=False,
        sqlite_where=sa.text("piece_id IS NULL AND dismissed_at IS NOT NULL"),
    )
    op.create_index(
        "ix_entries_dismissed_by",
        "entries",
        ["dismissed_by", "dismissed_at"],
        unique=False,
        sqlite_where=sa.text("dismissed_by IS NOT NULL"),
    )
    _make_corrections()
    _make_posts()
    _make_returned_mails()
    _make_feed_weeks()


def _name_digests() -> None:
    """A slug of its own, so that a themed list may have the day of a Friday's edition."""
    op.add_column("digests", sa.Column("slug", sa.Text(), nullable=True))
    op.execute("UPDATE digests SET slug = friday")
    with op.batch_alter_table("digests") as digests:
        digests.alter_column("slug", existing_type=sa.Text(), nullable=False)
        digests.drop_constraint("uq_digests_friday", type_="unique")
        digests.create_unique_constraint("uq_digests_slug", ["slug"])
    op.create_index("ix_digests_friday", "digests", ["friday"], unique=True, sqlite_where=sa.text("format = 'friday'"))


def _make_corrections() -> None:
    op.create_table(
        "corrections",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("digest_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("by", sa.Integer(), nullable=True),
        sa.Column("before", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["digest_id"], ["digests.id"], name=op.f("fk_corrections_digest_id")),
        sa.ForeignKeyConstraint(["by"], ["curators.id"], name=op.f("fk_corrections_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_corrections")),
    )
    op.create_index("ix_corrections_digest_id", "corrections", ["digest_id"], unique=False)


def _make_posts() -> None:
    op.create_table(
        "posts",
        sa.Column("digest_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("queued_at", sa.DateTime(), nullable=False),
        sa.Column("claimed_at", sa.DateTime(), nullable=True),
        sa.Column("done_at", sa.DateTime(), nullable=True),
        sa.Column("next_try_at", sa.DateTime(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["digest_id"], ["digests.id"], name=op.f("fk_posts_digest_id")),
        sa.PrimaryKeyConstraint("digest_id", "place", name=op.f("pk_posts")),
    )
    op.create_index("ix_posts_status_next_try_at", "posts", ["status", "next_try_at"], unique=False)


def _make_returned_mails() -> None:
    op.create_table(
        "returned_mails",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("digest_id", sa.Integer(), nullable=True),
        sa.Column("subscriber_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["digest_id"], ["digests.id"], name=op.f("fk_returned_mails_digest_id")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_returned_mails")),
    )
    op.create_index("ix_returned_mails_digest_id_kind", "returned_mails", ["digest_id", "kind"], unique=False)
    op.create_index("ix_returned_mails_subscriber_id", "returned_mails", ["subscriber_id"], unique=False)


def _make_feed_weeks() -> None:
    op.create_table(
        "feed_weeks",
        sa.Column("feed_id", sa.Integer(), nullable=False),
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("last_entry_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["feed_id"], ["feeds.id"], name=op.f("fk_feed_weeks_feed_id")),
        sa.PrimaryKeyConstraint("feed_id", "week", name=op.f("pk_feed_weeks")),
    )
    op.create_index("ix_feed_weeks_week_entries", "feed_weeks", ["week", "entries"], unique=False)
    op.create_index("ix_feed_weeks_last_entry_id", "feed_weeks", ["last_entry_id"], unique=False)
