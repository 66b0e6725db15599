"""Files between two people

Every table here is a chapter's. The bytes are in `stored_chunks`, unless a store is configured.
"""

import sqlalchemy as sa
from alembic import op

revision = "0020_files"
down_revision = "0019_safety"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "stored_chunks",
        sa.Column("chapter_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        _chapter("stored_chunks"),
        sa.PrimaryKeyConstraint("chapter_id", "key", "part", name=op.f("pk_stored_chunks")),
    )
    op.chapter_table("stored_chunks")
    # What is compressed already, as documents are, is not tried again.
    op.execute("ALTER TABLE stored_chunks ALTER COLUMN content SET STORAGE EXTERNAL")
    _index("stored_chunks", "kept_at")
    op.create_table(
        "documents",
        sa.Column("chapter_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("sort", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "sort IN ('cv', 'statement', 'reading')", name=op.f("ck_documents_sort")
        ),
        _chapter("documents"),
        _inside("documents", "owner_id", "memberships"),
        sa.PrimaryKeyConstraint("chapter_id", "id", name=op.f("pk_documents")),
    )
    op.chapter_table("documents")
    _index("documents", "owner_id")
    op.create_table(
        "document_versions",
        sa.Column("chapter_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("format", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "format IN ('pdf', 'odt', 'docx')", name=op.f("ck_document_versions_format")
        ),
        sa.CheckConstraint("size > 0", name=op.f("ck_document_versions_size")),
        _chapter("document_versions"),
        _inside("document_versions", "document_id", "documents"),
        sa.PrimaryKeyConstraint("chapter_id", "id", name=op.f("pk_document_versions")),
        sa.UniqueConstraint(
            "chapter_id",
            "document_id",
            "number",
            name=op.f("uq_document_versions_chapter_id_document_id_number"),
        ),
    )
    op.chapter_table("document_versions")
    _index("document_versions", "key")
    op.create_table(
        "document_shares",
        sa.Column("chapter_id", sa.Uuid(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("pairing_id", sa.Uuid(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        _chapter("document_shares"),
        _inside("document_shares", "document_id", "documents"),
        _inside("document_shares", "pairing_id", "pairings"),
        sa.PrimaryKeyConstraint(
            "chapter_id", "document_id", "pairing_id", name=op.f("pk_document_shares")
        ),
    )
    op.chapter_table("document_shares")
    _index("document_shares", "pairing_id")
    op.create_table(
        "document_comments",
        sa.Column("chapter_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("pairing_id", sa.Uuid(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        _chapter("document_comments"),
        _inside("document_comments", "version_id", "document_versions"),
        _inside("document_comments", "pairing_id", "pairings"),
        _inside("document_comments", "by_id", "memberships"),
        sa.PrimaryKeyConstraint("chapter_id", "id", name=op.f("pk_document_comments")),
    )
    op.chapter_table("document_comments")
    _index("document_comments", "version_id", "at")
    _index("document_comments", "pairing_id")
    _index("document_comments", "by_id")


def downgrade() -> None:
    for table in ("comments", "shares", "versions"):
        op.drop_table(f"document_{table}")
    op.drop_table("documents")
    op.drop_table("stored_chunks")


def _chapter(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["chapter_id"], ["chapters.id"], name=op.f(f"fk_{table}_chapter_id")
    )


def _inside(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["chapter_id", column],
        [f"{to}.chapter_id", f"{to}.id"],
        name=op.f(f"fk_{table}_chapter_id_{column}"),
    )


def _index(table: str, *columns: str) -> None:
    name = op.f(f"ix_{table}_chapter_id_{'_'.join(columns)}")
    op.create_index(name, table, ["chapter_id", *columns])
