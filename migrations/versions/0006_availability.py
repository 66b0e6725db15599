"""Dated openings and time away, hours of some weeks, shorter meetings, and each mentor's limits

The three new tables are a person's, the same in every chapter, and so global: they name no
chapter. Their keys begin with the person.

`busy_times` says from now on which holds are requests that the person waits for, and keeps those
of meetings that took place. The release that is serving beside this one leaves both alone.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006_availability"
down_revision = "0005_calendar_feeds"
branch_labels = None
depends_on = None

# Each chapter in turn, since the policies bind the owner too.
FILL = """
DO $$
DECLARE chapter uuid;
BEGIN
    FOR chapter IN SELECT id FROM chapters LOOP
        PERFORM set_config('app.chapter_id', chapter::text, true);
        UPDATE busy_times b SET asked = true FROM meetings m
            WHERE m.chapter_id = chapter AND b.chapter_id = chapter AND m.id = b.meeting_id
            AND b.user_id = m.mentee_user_id AND m.state = 'requested';
        INSERT INTO busy_times (user_id, meeting_id, chapter_id, starts_at, ends_at)
            SELECT person, m.id, m.chapter_id, m.starts_at, m.ends_at
            FROM meetings m, unnest(ARRAY[m.mentor_user_id, m.mentee_user_id]) person
            WHERE m.chapter_id = chapter AND m.state IN ('held', 'no_show')
            ON CONFLICT DO NOTHING;
    END LOOP;
    PERFORM set_config('app.chapter_id', '', true);
END $$
"""
EMPTY = """
DO $$
DECLARE chapter uuid;
BEGIN
    FOR chapter IN SELECT id FROM chapters LOOP
        PERFORM set_config('app.chapter_id', chapter::text, true);
        DELETE FROM busy_times b USING meetings m
            WHERE m.chapter_id = chapter AND b.chapter_id = chapter AND m.id = b.meeting_id
            AND m.state IN ('held', 'no_show');
    END LOOP;
    PERFORM set_config('app.chapter_id', '', true);
END $$
"""
BUSY_TIMES_OF = """
CREATE OR REPLACE FUNCTION
    busy_times_of(persons uuid[], since timestamptz, until timestamptz)
RETURNS TABLE (user_id uuid, starts_at timestamptz, ends_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT b.user_id, b.starts_at, b.ends_at FROM public.busy_times b
    WHERE b.user_id = ANY (persons) AND b.starts_at < until AND b.ends_at > since{more}
$$
"""
WAITING = "requests_waiting_of(person uuid)"


def upgrade() -> None:
    op.add_column(
        "weekly_hours",
        sa.Column("every", sa.SmallInteger(), server_default=sa.text("1"), nullable=False),
    )
    op.add_column("weekly_hours", sa.Column("since", sa.Date(), nullable=True))
    op.create_check_constraint(
        op.f("ck_weekly_hours_every"), "weekly_hours", "every BETWEEN 1 AND 8"
    )
    op.create_check_constraint(
        op.f("ck_weekly_hours_since"), "weekly_hours", "every = 1 OR since IS NOT NULL"
    )
    op.create_table(
        "extra_hours",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("opens", sa.Time(), nullable=False),
        sa.Column("closes", sa.Time(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_extra_hours_user_id")),
        sa.PrimaryKeyConstraint("user_id", "id", name=op.f("pk_extra_hours")),
    )
    op.global_table("extra_hours")
    op.create_index(op.f("ix_extra_hours_user_id_day"), "extra_hours", ["user_id", "day"])
    op.create_table(
        "times_away",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=False),
        sa.Column("since", sa.Time(), nullable=True),
        sa.Column("until", sa.Time(), nullable=True),
        sa.CheckConstraint("first <= last", name=op.f("ck_times_away_days")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_times_away_user_id")),
        sa.PrimaryKeyConstraint("user_id", "id", name=op.f("pk_times_away")),
    )
    op.global_table("times_away")
    op.create_index(op.f("ix_times_away_user_id_last"), "times_away", ["user_id", "last"])
    op.create_table(
        "booking_limits",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("notice_hours", sa.SmallInteger(), nullable=False),
        sa.Column("horizon_days", sa.SmallInteger(), nullable=False),
        sa.Column("buffer_minutes", sa.SmallInteger(), nullable=False),
        sa.Column("per_day", sa.SmallInteger(), nullable=True),
        sa.Column("per_week", sa.SmallInteger(), nullable=True),
        sa.Column("per_month", sa.SmallInteger(), nullable=True),
        sa.CheckConstraint(
            "notice_hours BETWEEN 1 AND 336", name=op.f("ck_booking_limits_notice_hours")
        ),
        sa.CheckConstraint(
            "horizon_days BETWEEN 7 AND 182", name=op.f("ck_booking_limits_horizon_days")
        ),
        sa.CheckConstraint(
            "notice_hours < horizon_days * 24", name=op.f("ck_booking_limits_something_left")
        ),
        sa.CheckConstraint(
            "buffer_minutes BETWEEN 0 AND 120", name=op.f("ck_booking_limits_buffer_minutes")
        ),
        sa.CheckConstraint("per_day >= 1", name=op.f("ck_booking_limits_per_day")),
        sa.CheckConstraint("per_week >= 1", name=op.f("ck_booking_limits_per_week")),
        sa.CheckConstraint("per_month >= 1", name=op.f("ck_booking_limits_per_month")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_booking_limits_user_id")),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_booking_limits")),
    )
    op.global_table("booking_limits")
    _lengths(
        meetings="'10 minutes', '15 minutes', '20 minutes', '25 minutes', '30 minutes'",
        mentors="10, 15, 20, 25, 30",
    )
    op.execute("ALTER TABLE meetings VALIDATE CONSTRAINT ck_meetings_length")
    op.execute("ALTER TABLE mentor_profiles VALIDATE CONSTRAINT ck_mentor_profiles_lengths")
    op.add_column(
        "busy_times",
        sa.Column("asked", sa.Boolean(), server_default=sa.text("false"), nullable=False),
    )
    op.create_check_constraint(
        op.f("ck_busy_times_within_a_day"), "busy_times", "ends_at <= starts_at + interval '1 day'"
    )
    op.create_index(
        op.f("ix_busy_times_user_id"), "busy_times", ["user_id"], postgresql_where=sa.text("asked")
    )
    op.execute(FILL)
    # Past holds stay: what ended long before is left aside by where it began.
    op.execute(BUSY_TIMES_OF.format(more=" AND b.starts_at > since - interval '1 day'"))
    op.execute(
        f"CREATE FUNCTION {WAITING} RETURNS bigint LANGUAGE sql STABLE SECURITY DEFINER"
        " SET search_path = pg_catalog, pg_temp AS $$ SELECT count(*) FROM public.busy_times b"
        " WHERE b.user_id = person AND b.asked $$"
    )
    op.execute(f"REVOKE ALL ON FUNCTION {WAITING} FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION {WAITING} TO curbside_app")


def downgrade() -> None:
    op.execute(f"DROP FUNCTION {WAITING}")
    op.execute(BUSY_TIMES_OF.format(more=""))
    op.execute(EMPTY)
    op.drop_index(op.f("ix_busy_times_user_id"), table_name="busy_times")
    op.drop_constraint(op.f("ck_busy_times_within_a_day"), "busy_times")
    op.drop_column("busy_times", "asked")
    # Shorter meetings that there are by then stay as they are.
    _lengths(meetings="'20 minutes', '25 minutes', '30 minutes'", mentors="20, 25, 30")
    op.drop_table("booking_limits")
    op.drop_table("times_away")
    op.drop_table("extra_hours")
    op.drop_constraint(op.f("ck_weekly_hours_since"), "weekly_hours")
    op.drop_constraint(op.f("ck_weekly_hours_every"), "weekly_hours")
    op.drop_column("weekly_hours", "since")
    op.drop_column("weekly_hours", "every")


def _lengths(*, meetings: str, mentors: str) -> None:
    """Let meetings and mentors have these lengths, and no others from now on."""
    for table, name, condition in (
        ("meetings", "length", f"ends_at - starts_at IN ({meetings})"),
        ("mentor_profiles", "lengths", f"lengths <@ ARRAY[{mentors}]"),
    ):
        op.drop_constraint(op.f(f"ck_{table}_{name}"), table)
        op.execute(
            f"ALTER TABLE {table} ADD CONSTRAINT ck_{table}_{name} CHECK ({condition}) NOT VALID"
        )
