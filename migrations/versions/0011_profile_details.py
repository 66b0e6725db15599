"""What matching asks of a profile

Wishes and affinities are a chapter's, as profiles are.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011_profile_details"
down_revision = "0010_feed_clashes"
branch_labels = None
depends_on = None

STAGES = ("pre-med", "m1", "m2", "m3", "m4", "research", "img", "pgy1", "pgy2", "pgy3", "pgy4")
LISTS = {
    "mentee_profiles": ("goals", "settings", "languages"),
    "mentor_profiles": ("goals", "languages", "stages"),
}
TEXTS = {
    "mentee_profiles": ("region", "path"),
    "mentor_profiles": ("region", "path", "only_school"),
}


def upgrade() -> None:
    for table, columns in LISTS.items():
        for column in columns:
            op.add_column(table, _list(column, sa.Text()))
    op.add_column("mentee_profiles", _list("free", sa.SmallInteger()))
    for table, columns in TEXTS.items():
        for column in columns:
            op.add_column(table, sa.Column(column, sa.Text(), server_default="", nullable=False))
    op.add_column("offers", sa.Column("places", sa.SmallInteger(), nullable=True))
    op.create_check_constraint(
        op.f("ck_mentee_profiles_free"),
        "mentee_profiles",
        "0 <= ALL (free) AND 20 >= ALL (free)",
    )
    named = ", ".join(f"'{stage}'" for stage in (*STAGES, "chief"))
    op.create_check_constraint(
        op.f("ck_mentor_profiles_stages"), "mentor_profiles", f"stages <@ ARRAY[{named}]::text[]"
    )
    op.create_check_constraint(op.f("ck_offers_places"), "offers", "places BETWEEN 0 AND 50")
    op.create_table(
        "mentor_wishes",
        sa.Column("chapter_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("rank", sa.SmallInteger(), nullable=False),
        sa.Column("mentor_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("rank BETWEEN 1 AND 5", name=op.f("ck_mentor_wishes_rank")),
        sa.CheckConstraint("member_id <> mentor_id", name=op.f("ck_mentor_wishes_two_people")),
        _member_key("mentor_wishes", "member_id"),
        _member_key("mentor_wishes", "mentor_id"),
        sa.ForeignKeyConstraint(
            ["chapter_id"], ["chapters.id"], name=op.f("fk_mentor_wishes_chapter_id")
        ),
        sa.PrimaryKeyConstraint("chapter_id", "member_id", "rank", name=op.f("pk_mentor_wishes")),
        sa.UniqueConstraint(
            *("chapter_id", "member_id", "mentor_id"),
            name=op.f("uq_mentor_wishes_chapter_id_member_id_mentor_id"),
        ),
    )
    op.chapter_table("mentor_wishes")
    op.create_index(
        op.f("ix_mentor_wishes_chapter_id_mentor_id"), "mentor_wishes", ["chapter_id", "mentor_id"]
    )
    op.create_table(
        "affinities",
        sa.Column("chapter_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("groups", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("agreed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("cardinality(groups) > 0", name=op.f("ck_affinities_groups")),
        _member_key("affinities", "member_id"),
        sa.ForeignKeyConstraint(
            ["chapter_id"], ["chapters.id"], name=op.f("fk_affinities_chapter_id")
        ),
        sa.PrimaryKeyConstraint("chapter_id", "member_id", name=op.f("pk_affinities")),
    )
    op.chapter_table("affinities")


def downgrade() -> None:
    op.drop_table("affinities")
    op.drop_table("mentor_wishes")
    op.drop_column("offers", "places")
    for table in TEXTS:
        for column in (*TEXTS[table], *LISTS[table]):
            op.drop_column(table, column)
    op.drop_column("mentee_profiles", "free")


def _list(column: str, of: sa.types.TypeEngine) -> sa.Column:
    return sa.Column(column, postgresql.ARRAY(of), server_default=sa.text("'{}'"), nullable=False)


def _member_key(table: str, column: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["chapter_id", column],
        ["memberships.chapter_id", "memberships.id"],
        name=op.f(f"fk_{table}_chapter_id_{column}"),
    )
