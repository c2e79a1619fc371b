"""Curators: who may sign in, and their marks on entries, bookmarks and digests."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make the tables of curators and add the columns; nothing that is there changes."""
    op.create_table(
        "curators",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("link_hash", sa.Text(), nullable=True),
        sa.Column("link_expires_at", sa.DateTime(), nullable=True),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("ended_at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_curators")),
        sa.UniqueConstraint("email", name=op.f("uq_curators_email")),
        sa.UniqueConstraint("link_hash", name=op.f("uq_curators_link_hash")),
    )
    op.create_table(
        "sessions",
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("curator_id", sa.Integer(), nullable=False),
        sa.Column("csrf_token", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("seen_at", sa.DateTime(), nullable=False),
        sa.Column("expires_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["curator_id"], ["curators.id"], name=op.f("fk_sessions_curator_id")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_sessions")),
    )
    op.create_index("ix_sessions_curator_id", "sessions", ["curator_id"], unique=False)
    op.create_index("ix_sessions_expires_at", "sessions", ["expires_at"], unique=False)
    for table, name in (("bookmarks", "added_by"), ("entries", "dismissed_by"), ("digests", "approved_by")):
        # Added in place: a batch would copy the whole table, a million entries with it.
        op.add_column(table, sa.Column(name, sa.Integer(), sa.ForeignKey("curators.id")), inline_references=True)
    op.add_column("bookmarks", sa.Column("is_public", sa.Boolean(), nullable=False, server_default=sa.text("1")))
    op.add_column("bookmarks", sa.Column("revision", sa.Integer(), nullable=False, server_default=sa.text("1")))
    op.add_column("digests", sa.Column("approved_at", sa.DateTime(), nullable=True))
    op.add_column("digests", sa.Column("publish_at", sa.DateTime(), nullable=True))
    op.add_column("digests", sa.Column("format", sa.Text(), nullable=False, server_default="friday"))
