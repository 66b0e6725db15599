"""Standing meetings, sessions with seats, and meet-ups that can be moved

All four tables are a chapter's. The times of the people in them are held where meetings hold
theirs, in `busy_times`.
"""

import sqlalchemy as sa
from alembic import op

revision = "0012_series_and_groups"
down_revision = "0011_profile_details"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "standing_meetings",
        sa.Column("chapter_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("pairing_id", sa.Uuid(), nullable=False),
        sa.Column("mentee_id", sa.Uuid(), nullable=False),
        sa.Column("mentor_id", sa.Uuid(), nullable=False),
        sa.Column("mentee_user_id", sa.Uuid(), nullable=False),
        sa.Column("mentor_user_id", sa.Uuid(), nullable=False),
        sa.Column("part", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("at", sa.Time(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("minutes", sa.SmallInteger(), nullable=False),
        sa.Column("every", sa.SmallInteger(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("times", sa.SmallInteger(), nullable=True),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer_by", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("word", sa.Text(), nullable=False),
        sa.CheckConstraint("part IN ('mentee', 'mentor')", name=op.f("ck_standing_meetings_part")),
        sa.CheckConstraint(
            "state IN ('proposed', 'agreed', 'declined', 'withdrawn', 'lapsed', 'stopped',"
            " 'ended')",
            name=op.f("ck_standing_meetings_state"),
        ),
        sa.CheckConstraint(
            "minutes IN (10, 15, 20, 25, 30)", name=op.f("ck_standing_meetings_minutes")
        ),
        sa.CheckConstraint("every BETWEEN 1 AND 12", name=op.f("ck_standing_meetings_every")),
        sa.CheckConstraint("times BETWEEN 2 AND 52", name=op.f("ck_standing_meetings_times")),
        sa.CheckConstraint("until >= first_on", name=op.f("ck_standing_meetings_until")),
        sa.CheckConstraint(
            "until IS NULL OR times IS NULL", name=op.f("ck_standing_meetings_one_end")
        ),
        sa.CheckConstraint(
            "(state = 'proposed') = (answer_by IS NOT NULL)",
            name=op.f("ck_standing_meetings_answer_by"),
        ),
        *_chapter_and_members("standing_meetings", "mentee", "mentor"),
        sa.ForeignKeyConstraint(
            ["chapter_id", "pairing_id"],
            ["pairings.chapter_id", "pairings.id"],
            name=op.f("fk_standing_meetings_chapter_id_pairing_id"),
        ),
        sa.PrimaryKeyConstraint("chapter_id", "id", name=op.f("pk_standing_meetings")),
    )
    op.chapter_table("standing_meetings")
    op.create_index(
        "uq_standing_meetings_live",
        "standing_meetings",
        ["chapter_id", "pairing_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('proposed', 'agreed')"),
    )
    _index("standing_meetings", "chapter_id", "mentee_id")
    _index("standing_meetings", "chapter_id", "mentor_id")
    op.create_table(
        "standing_dates",
        sa.Column("chapter_id", sa.Uuid(), nullable=False),
        sa.Column("standing_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.SmallInteger(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("meeting_id", sa.Uuid(), nullable=True),
        sa.Column("why", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "why IN ('mentor_busy', 'mentee_busy', 'calendar', 'unread', 'away', 'day_full',"
            " 'week_full', 'month_full')",
            name=op.f("ck_standing_dates_why"),
        ),
        sa.CheckConstraint(
            "(meeting_id IS NULL) = (why IS NOT NULL)",
            name=op.f("ck_standing_dates_set_or_left_out"),
        ),
        sa.CheckConstraint("number >= 0", name=op.f("ck_standing_dates_number")),
        *_chapter_and_members("standing_dates"),
        sa.ForeignKeyConstraint(
            ["chapter_id", "standing_id"],
            ["standing_meetings.chapter_id", "standing_meetings.id"],
            name=op.f("fk_standing_dates_chapter_id_standing_id"),
        ),
        sa.ForeignKeyConstraint(
            ["chapter_id", "meeting_id"],
            ["meetings.chapter_id", "meetings.id"],
            name=op.f("fk_standing_dates_chapter_id_meeting_id"),
        ),
        sa.PrimaryKeyConstraint(
            "chapter_id", "standing_id", "number", name=op.f("pk_standing_dates")
        ),
    )
    op.chapter_table("standing_dates")
    _index("standing_dates", "chapter_id", "meeting_id")
    op.create_table(
        "group_sessions",
        sa.Column("chapter_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("mentor_id", sa.Uuid(), nullable=False),
        sa.Column("mentor_user_id", sa.Uuid(), nullable=False),
        sa.Column("opened_by_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seats", sa.SmallInteger(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("audience", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changes", sa.SmallInteger(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reminded_for", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("word", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "audience IN ('mentees', 'chapter')", name=op.f("ck_group_sessions_audience")
        ),
        sa.CheckConstraint(
            "state IN ('asked', 'open', 'declined', 'called_off')",
            name=op.f("ck_group_sessions_state"),
        ),
        sa.CheckConstraint("seats BETWEEN 1 AND 100", name=op.f("ck_group_sessions_seats")),
        sa.CheckConstraint(
            "ends_at - starts_at IN ('30 minutes', '45 minutes', '60 minutes', '75 minutes',"
            " '90 minutes')",
            name=op.f("ck_group_sessions_length"),
        ),
        *_chapter_and_members("group_sessions", "mentor"),
        sa.ForeignKeyConstraint(
            ["chapter_id", "opened_by_id"],
            ["memberships.chapter_id", "memberships.id"],
            name=op.f("fk_group_sessions_chapter_id_opened_by_id"),
        ),
        sa.PrimaryKeyConstraint("chapter_id", "id", name=op.f("pk_group_sessions")),
    )
    op.chapter_table("group_sessions")
    op.create_index(
        op.f("ix_group_sessions_chapter_id_starts_at"),
        "group_sessions",
        ["chapter_id", "starts_at"],
        postgresql_where=sa.text("state IN ('asked', 'open')"),
    )
    _index("group_sessions", "chapter_id", "mentor_id", "starts_at")
    _index("group_sessions", "chapter_id", "opened_by_id")
    op.create_table(
        "group_seats",
        sa.Column("chapter_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('seated', 'waiting', 'left', 'called_off')",
            name=op.f("ck_group_seats_state"),
        ),
        sa.CheckConstraint(
            "(state IN ('seated', 'waiting')) = (ended_at IS NULL)",
            name=op.f("ck_group_seats_ended_at"),
        ),
        sa.CheckConstraint(
            "state <> 'seated' OR seated_at IS NOT NULL", name=op.f("ck_group_seats_seated_at")
        ),
        sa.ForeignKeyConstraint(
            ["chapter_id"], ["chapters.id"], name=op.f("fk_group_seats_chapter_id")
        ),
        sa.ForeignKeyConstraint(
            ["chapter_id", "session_id"],
            ["group_sessions.chapter_id", "group_sessions.id"],
            name=op.f("fk_group_seats_chapter_id_session_id"),
        ),
        sa.ForeignKeyConstraint(
            ["chapter_id", "member_id", "user_id"],
            ["memberships.chapter_id", "memberships.id", "memberships.user_id"],
            name=op.f("fk_group_seats_chapter_id_member_id_user_id"),
        ),
        sa.PrimaryKeyConstraint("chapter_id", "id", name=op.f("pk_group_seats")),
    )
    op.chapter_table("group_seats")
    op.create_index(
        "uq_group_seats_coming",
        "group_seats",
        ["chapter_id", "session_id", "member_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('seated', 'waiting')"),
    )
    _index("group_seats", "chapter_id", "session_id", "state", "joined_at")
    _index("group_seats", "chapter_id", "member_id")
    op.add_column(
        "conference_blocks",
        sa.Column("changes", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
    )


def downgrade() -> None:
    op.drop_column("conference_blocks", "changes")
    op.drop_table("group_seats")
    op.drop_table("group_sessions")
    op.drop_table("standing_dates")
    op.drop_table("standing_meetings")


def _chapter_and_members(table: str, *who: str) -> list[sa.ForeignKeyConstraint]:
    """The keys to the chapter, and to members with their accounts."""
    keys = [sa.ForeignKeyConstraint(["chapter_id"], ["chapters.id"], name=f"fk_{table}_chapter_id")]
    return keys + [
        sa.ForeignKeyConstraint(
            ["chapter_id", f"{each}_id", f"{each}_user_id"],
            ["memberships.chapter_id", "memberships.id", "memberships.user_id"],
            name=f"fk_{table}_chapter_id_{each}_id_{each}_user_id",
        )
        for each in who
    ]


def _index(table: str, *columns: str) -> None:
    op.create_index(op.f(f"ix_{table}_{'_'.join(columns)}"), table, list(columns))
