"""The first tables: accounts, chapters, profiles, pairings, meetings, matching and the trail

Generated from the models and read through. Each table is followed by its row-level security.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001_first_tables"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "busy_times",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("meeting_id", sa.Uuid(), nullable=False),
        sa.Column("chapter_id", sa.Uuid(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        postgresql.ExcludeConstraint(
            (sa.column("user_id"), "="),
            (sa.text("tstzrange(starts_at, ends_at)"), "&&"),
            using="gist",
            name="ex_busy_times_one_at_a_time",
        ),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_busy_times_span")),
        sa.PrimaryKeyConstraint("user_id", "meeting_id", name=op.f("pk_busy_times")),
    )
    op.person_table("busy_times")
    op.create_index(
        op.f("ix_busy_times_chapter_id_meeting_id"),
        "busy_times",
        ["chapter_id", "meeting_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_busy_times_user_id_starts_at"),
        "busy_times",
        ["user_id", "starts_at"],
        unique=False,
    )
    op.create_table(
        "chapters",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("school", sa.Text(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("two_kinds_by_one_mentor", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("slug ~ '^[a-z0-9][a-z0-9-]{1,38}$'", name=op.f("ck_chapters_slug")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chapters")),
        sa.UniqueConstraint("slug", name=op.f("uq_chapters_slug")),
    )
    op.global_table("chapters")
    op.create_table(
        "places_taken",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("pairing_id", sa.Uuid(), nullable=False),
        sa.Column("chapter_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("user_id", "pairing_id", name=op.f("pk_places_taken")),
    )
    op.person_table("places_taken")
    op.create_index(
        op.f("ix_places_taken_chapter_id_pairing_id"),
        "places_taken",
        ["chapter_id", "pairing_id"],
        unique=False,
    )
    op.create_table(
        "users",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("places", sa.SmallInteger(), nullable=True),
        sa.Column("is_network_admin", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("email = lower(email)", name=op.f("ck_users_email_is_lower")),
        sa.CheckConstraint("places BETWEEN 0 AND 50", name=op.f("ck_users_places")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("email", name=op.f("uq_users_email")),
    )
    op.global_table("users")
    op.create_table(
        "affiliations",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("chapter_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["chapter_id"], ["chapters.id"], name=op.f("fk_affiliations_chapter_id")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_affiliations_user_id")),
        sa.PrimaryKeyConstraint("user_id", "chapter_id", name=op.f("pk_affiliations")),
    )
    op.person_table("affiliations")
    op.create_index(
        op.f("ix_affiliations_chapter_id"), "affiliations", ["chapter_id"], unique=False
    )
    op.create_table(
        "audit_events",
        sa.Column("chapter_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("deed", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("facts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(
            ["chapter_id"], ["chapters.id"], name=op.f("fk_audit_events_chapter_id")
        ),
        sa.PrimaryKeyConstraint("chapter_id", "id", name=op.f("pk_audit_events")),
    )
    op.append_only_chapter_table("audit_events")
    op.create_index(
        op.f("ix_audit_events_chapter_id_subject_id_at"),
        "audit_events",
        ["chapter_id", "subject_id", "at"],
        unique=False,
    )
    op.create_table(
        "matching_runs",
        sa.Column("chapter_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("cycle", sa.Text(), nullable=False),
        sa.Column("kinds", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("draft", sa.SmallInteger(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("done", sa.SmallInteger(), nullable=False),
        sa.Column("facts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('queued', 'running', 'review', 'published', 'failed', 'discarded')",
            name=op.f("ck_matching_runs_state"),
        ),
        sa.ForeignKeyConstraint(
            ["chapter_id"], ["chapters.id"], name=op.f("fk_matching_runs_chapter_id")
        ),
        sa.PrimaryKeyConstraint("chapter_id", "id", name=op.f("pk_matching_runs")),
        sa.UniqueConstraint(
            "chapter_id", "number", name=op.f("uq_matching_runs_chapter_id_number")
        ),
    )
    op.chapter_table("matching_runs")
    op.create_index(
        "uq_matching_runs_under_way",
        "matching_runs",
        ["chapter_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('queued', 'running', 'review')"),
    )
    op.create_table(
        "memberships",
        sa.Column("chapter_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("roles", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "roles <@ ARRAY['student', 'mentor', 'officer', 'coordinator', 'advisor']::text[]",
            name=op.f("ck_memberships_roles"),
        ),
        sa.ForeignKeyConstraint(
            ["chapter_id"], ["chapters.id"], name=op.f("fk_memberships_chapter_id")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_memberships_user_id")),
        sa.PrimaryKeyConstraint("chapter_id", "id", name=op.f("pk_memberships")),
        sa.UniqueConstraint(
            "chapter_id", "id", "user_id", name=op.f("uq_memberships_chapter_id_id_user_id")
        ),
        sa.UniqueConstraint(
            "chapter_id", "user_id", name=op.f("uq_memberships_chapter_id_user_id")
        ),
    )
    op.chapter_table("memberships")
    op.create_index(
        op.f("ix_memberships_chapter_id_name_id"),
        "memberships",
        ["chapter_id", "name", "id"],
        unique=False,
    )
    op.create_table(
        "sign_in_asks",
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("place", "began_at", name=op.f("pk_sign_in_asks")),
    )
    op.global_table("sign_in_asks")
    op.create_table(
        "sign_in_links",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_path", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_sign_in_links_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_links")),
    )
    op.global_table("sign_in_links")
    op.create_index(
        op.f("ix_sign_in_links_expires_at"), "sign_in_links", ["expires_at"], unique=False
    )
    op.create_index(op.f("ix_sign_in_links_user_id"), "sign_in_links", ["user_id"], unique=False)
    op.create_table(
        "submissions",
        sa.Column("chapter_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("location", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["chapter_id"], ["chapters.id"], name=op.f("fk_submissions_chapter_id")
        ),
        sa.PrimaryKeyConstraint("chapter_id", "digest", name=op.f("pk_submissions")),
    )
    op.chapter_table("submissions")
    op.create_index(
        op.f("ix_submissions_chapter_id_at"), "submissions", ["chapter_id", "at"], unique=False
    )
    op.create_table(
        "weekly_hours",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("weekday", sa.SmallInteger(), nullable=False),
        sa.Column("opens", sa.Time(), nullable=False),
        sa.Column("closes", sa.Time(), nullable=False),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name=op.f("ck_weekly_hours_weekday")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_weekly_hours_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_weekly_hours")),
    )
    op.global_table("weekly_hours")
    op.create_index(
        op.f("ix_weekly_hours_user_id_weekday"),
        "weekly_hours",
        ["user_id", "weekday"],
        unique=False,
    )
    op.create_table(
        "blocks",
        sa.Column("chapter_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("other_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("member_id <> other_id", name=op.f("ck_blocks_two_people")),
        sa.ForeignKeyConstraint(
            ["chapter_id", "member_id"],
            ["memberships.chapter_id", "memberships.id"],
            name=op.f("fk_blocks_chapter_id_member_id"),
        ),
        sa.ForeignKeyConstraint(
            ["chapter_id", "other_id"],
            ["memberships.chapter_id", "memberships.id"],
            name=op.f("fk_blocks_chapter_id_other_id"),
        ),
        sa.ForeignKeyConstraint(["chapter_id"], ["chapters.id"], name=op.f("fk_blocks_chapter_id")),
        sa.PrimaryKeyConstraint("chapter_id", "member_id", "other_id", name=op.f("pk_blocks")),
        sa.UniqueConstraint(
            "chapter_id",
            "other_id",
            "member_id",
            name=op.f("uq_blocks_chapter_id_other_id_member_id"),
        ),
    )
    op.chapter_table("blocks")
    op.create_table(
        "evaluative_roles",
        sa.Column("chapter_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("mentee_id", sa.Uuid(), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_evaluative_roles_dates")),
        sa.ForeignKeyConstraint(
            ["chapter_id", "member_id"],
            ["memberships.chapter_id", "memberships.id"],
            name=op.f("fk_evaluative_roles_chapter_id_member_id"),
        ),
        sa.ForeignKeyConstraint(
            ["chapter_id", "mentee_id"],
            ["memberships.chapter_id", "memberships.id"],
            name=op.f("fk_evaluative_roles_chapter_id_mentee_id"),
        ),
        sa.ForeignKeyConstraint(
            ["chapter_id"], ["chapters.id"], name=op.f("fk_evaluative_roles_chapter_id")
        ),
        sa.PrimaryKeyConstraint("chapter_id", "id", name=op.f("pk_evaluative_roles")),
    )
    op.chapter_table("evaluative_roles")
    op.create_index(
        op.f("ix_evaluative_roles_chapter_id_member_id"),
        "evaluative_roles",
        ["chapter_id", "member_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_evaluative_roles_chapter_id_mentee_id"),
        "evaluative_roles",
        ["chapter_id", "mentee_id"],
        unique=False,
    )
    op.create_table(
        "left_outs",
        sa.Column("chapter_id", sa.Uuid(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("mentee_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("with_nobody", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('career', 'content', 'application', 'wellness')",
            name=op.f("ck_left_outs_kind"),
        ),
        sa.ForeignKeyConstraint(
            ["chapter_id", "mentee_id"],
            ["memberships.chapter_id", "memberships.id"],
            name=op.f("fk_left_outs_chapter_id_mentee_id"),
        ),
        sa.ForeignKeyConstraint(
            ["chapter_id", "run_id"],
            ["matching_runs.chapter_id", "matching_runs.id"],
            name=op.f("fk_left_outs_chapter_id_run_id"),
        ),
        sa.ForeignKeyConstraint(
            ["chapter_id"], ["chapters.id"], name=op.f("fk_left_outs_chapter_id")
        ),
        sa.PrimaryKeyConstraint(
            "chapter_id", "run_id", "mentee_id", "kind", name=op.f("pk_left_outs")
        ),
    )
    op.chapter_table("left_outs")
    op.create_index(
        op.f("ix_left_outs_chapter_id_mentee_id"),
        "left_outs",
        ["chapter_id", "mentee_id"],
        unique=False,
    )
    op.create_table(
        "mentee_profiles",
        sa.Column("chapter_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=True),
        sa.Column("class_year", sa.SmallInteger(), nullable=True),
        sa.Column("school", sa.Text(), nullable=False),
        sa.Column("interests", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("story", sa.Text(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "stage IN ('pre-med', 'm1', 'm2', 'm3', 'm4', 'research', 'img', 'pgy1', 'pgy2', 'pgy3', 'pgy4', 'chief', 'fellow', 'attending')",
            name=op.f("ck_mentee_profiles_stage"),
        ),
        sa.CheckConstraint(
            "class_year BETWEEN 1950 AND 2100", name=op.f("ck_mentee_profiles_class_year")
        ),
        sa.ForeignKeyConstraint(
            ["chapter_id", "member_id"],
            ["memberships.chapter_id", "memberships.id"],
            name=op.f("fk_mentee_profiles_chapter_id_member_id"),
        ),
        sa.ForeignKeyConstraint(
            ["chapter_id"], ["chapters.id"], name=op.f("fk_mentee_profiles_chapter_id")
        ),
        sa.PrimaryKeyConstraint("chapter_id", "member_id", name=op.f("pk_mentee_profiles")),
    )
    op.chapter_table("mentee_profiles")
    op.create_table(
        "mentor_profiles",
        sa.Column("chapter_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("standing", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("institution", sa.Text(), nullable=False),
        sa.Column("interests", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("facets", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("story", sa.Text(), nullable=False),
        sa.Column("lengths", postgresql.ARRAY(sa.Integer()), nullable=False),
        sa.Column("video_link", sa.Text(), nullable=False),
        sa.Column("recent_cycle", sa.Boolean(), nullable=False),
        sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("search", postgresql.TSVECTOR(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "standing IN ('faculty', 'fellow', 'resident', 'professional')",
            name=op.f("ck_mentor_profiles_standing"),
        ),
        sa.CheckConstraint("lengths <@ ARRAY[20, 25, 30]", name=op.f("ck_mentor_profiles_lengths")),
        sa.ForeignKeyConstraint(
            ["chapter_id", "member_id"],
            ["memberships.chapter_id", "memberships.id"],
            name=op.f("fk_mentor_profiles_chapter_id_member_id"),
        ),
        sa.ForeignKeyConstraint(
            ["chapter_id"], ["chapters.id"], name=op.f("fk_mentor_profiles_chapter_id")
        ),
        sa.PrimaryKeyConstraint("chapter_id", "member_id", name=op.f("pk_mentor_profiles")),
    )
    op.chapter_table("mentor_profiles")
    op.create_table(
        "notices",
        sa.Column("chapter_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("telling", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "(state = 'sent') = (sent_at IS NOT NULL)", name=op.f("ck_notices_sent_at")
        ),
        sa.CheckConstraint(
            "state IN ('waiting', 'sent', 'failed', 'overtaken')", name=op.f("ck_notices_state")
        ),
        sa.ForeignKeyConstraint(
            ["chapter_id", "event_id"],
            ["audit_events.chapter_id", "audit_events.id"],
            name=op.f("fk_notices_chapter_id_event_id"),
        ),
        sa.ForeignKeyConstraint(
            ["chapter_id", "member_id"],
            ["memberships.chapter_id", "memberships.id"],
            name=op.f("fk_notices_chapter_id_member_id"),
        ),
        sa.ForeignKeyConstraint(
            ["chapter_id"], ["chapters.id"], name=op.f("fk_notices_chapter_id")
        ),
        sa.PrimaryKeyConstraint("chapter_id", "id", name=op.f("pk_notices")),
        sa.UniqueConstraint(
            "chapter_id",
            "event_id",
            "member_id",
            name=op.f("uq_notices_chapter_id_event_id_member_id"),
        ),
    )
    op.chapter_table("notices")
    op.create_table(
        "offers",
        sa.Column("chapter_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("topics", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.CheckConstraint(
            "kind IN ('career', 'content', 'application', 'wellness')", name=op.f("ck_offers_kind")
        ),
        sa.ForeignKeyConstraint(
            ["chapter_id", "member_id"],
            ["memberships.chapter_id", "memberships.id"],
            name=op.f("fk_offers_chapter_id_member_id"),
        ),
        sa.ForeignKeyConstraint(["chapter_id"], ["chapters.id"], name=op.f("fk_offers_chapter_id")),
        sa.PrimaryKeyConstraint("chapter_id", "member_id", "kind", name=op.f("pk_offers")),
    )
    op.chapter_table("offers")
    op.create_index(
        op.f("ix_offers_chapter_id_kind_member_id"),
        "offers",
        ["chapter_id", "kind", "member_id"],
        unique=False,
    )
    op.create_table(
        "pairings",
        sa.Column("chapter_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("mentee_id", sa.Uuid(), nullable=False),
        sa.Column("mentor_id", sa.Uuid(), nullable=False),
        sa.Column("mentee_user_id", sa.Uuid(), nullable=False),
        sa.Column("mentor_user_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("fit", sa.SmallInteger(), nullable=True),
        sa.Column("reasons", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("first_met_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_contact_on", sa.Date(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state IN ('proposed', 'accepted', 'active', 'paused')) = (ended_at IS NULL)",
            name=op.f("ck_pairings_ended_at"),
        ),
        sa.CheckConstraint(
            "kind IN ('career', 'content', 'application', 'wellness')",
            name=op.f("ck_pairings_kind"),
        ),
        sa.CheckConstraint(
            "state IN ('proposed', 'accepted', 'active', 'paused', 'completed', 'ended')",
            name=op.f("ck_pairings_state"),
        ),
        sa.CheckConstraint("mentee_user_id <> mentor_user_id", name=op.f("ck_pairings_two_people")),
        sa.ForeignKeyConstraint(
            ["chapter_id", "mentee_id", "mentee_user_id"],
            ["memberships.chapter_id", "memberships.id", "memberships.user_id"],
            name=op.f("fk_pairings_chapter_id_mentee_id_mentee_user_id"),
        ),
        sa.ForeignKeyConstraint(
            ["chapter_id", "mentor_id", "mentor_user_id"],
            ["memberships.chapter_id", "memberships.id", "memberships.user_id"],
            name=op.f("fk_pairings_chapter_id_mentor_id_mentor_user_id"),
        ),
        sa.ForeignKeyConstraint(
            ["chapter_id"], ["chapters.id"], name=op.f("fk_pairings_chapter_id")
        ),
        sa.PrimaryKeyConstraint("chapter_id", "id", name=op.f("pk_pairings")),
    )
    op.chapter_table("pairings")
    op.create_index(
        op.f("ix_pairings_chapter_id_mentor_id_state"),
        "pairings",
        ["chapter_id", "mentor_id", "state"],
        unique=False,
    )
    op.create_index(
        op.f("ix_pairings_chapter_id_state_last_contact_on"),
        "pairings",
        ["chapter_id", "state", "last_contact_on"],
        unique=False,
    )
    op.create_index(
        "uq_pairings_open",
        "pairings",
        ["chapter_id", "mentee_id", "mentor_id", "kind"],
        unique=True,
        postgresql_where=sa.text("state IN ('proposed', 'accepted', 'active', 'paused')"),
    )
    op.create_table(
        "proposals",
        sa.Column("chapter_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("mentee_id", sa.Uuid(), nullable=False),
        sa.Column("mentor_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=True),
        sa.Column("fit", sa.SmallInteger(), nullable=False),
        sa.Column("reasons", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("cautions", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.CheckConstraint(
            "kind IN ('career', 'content', 'application', 'wellness')",
            name=op.f("ck_proposals_kind"),
        ),
        sa.ForeignKeyConstraint(
            ["chapter_id", "mentee_id"],
            ["memberships.chapter_id", "memberships.id"],
            name=op.f("fk_proposals_chapter_id_mentee_id"),
        ),
        sa.ForeignKeyConstraint(
            ["chapter_id", "mentor_id"],
            ["memberships.chapter_id", "memberships.id"],
            name=op.f("fk_proposals_chapter_id_mentor_id"),
        ),
        sa.ForeignKeyConstraint(
            ["chapter_id", "run_id"],
            ["matching_runs.chapter_id", "matching_runs.id"],
            name=op.f("fk_proposals_chapter_id_run_id"),
        ),
        sa.ForeignKeyConstraint(
            ["chapter_id"], ["chapters.id"], name=op.f("fk_proposals_chapter_id")
        ),
        sa.PrimaryKeyConstraint("chapter_id", "id", name=op.f("pk_proposals")),
        sa.UniqueConstraint(
            "chapter_id",
            "run_id",
            "mentee_id",
            "mentor_id",
            "kind",
            name=op.f("uq_proposals_chapter_id_run_id_mentee_id_mentor_id_kind"),
        ),
    )
    op.chapter_table("proposals")
    op.create_index(
        op.f("ix_proposals_chapter_id_mentee_id"),
        "proposals",
        ["chapter_id", "mentee_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_proposals_chapter_id_mentor_id"),
        "proposals",
        ["chapter_id", "mentor_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_proposals_chapter_id_run_id_fit_id"),
        "proposals",
        ["chapter_id", "run_id", "fit", "id"],
        unique=False,
    )
    op.create_table(
        "roster_uploads",
        sa.Column("chapter_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("facts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('checked', 'queued', 'importing', 'imported', 'failed')",
            name=op.f("ck_roster_uploads_state"),
        ),
        sa.ForeignKeyConstraint(
            ["chapter_id", "by_id"],
            ["memberships.chapter_id", "memberships.id"],
            name=op.f("fk_roster_uploads_chapter_id_by_id"),
        ),
        sa.ForeignKeyConstraint(
            ["chapter_id"], ["chapters.id"], name=op.f("fk_roster_uploads_chapter_id")
        ),
        sa.PrimaryKeyConstraint("chapter_id", "id", name=op.f("pk_roster_uploads")),
    )
    op.chapter_table("roster_uploads")
    op.create_index(
        op.f("ix_roster_uploads_chapter_id_by_id"),
        "roster_uploads",
        ["chapter_id", "by_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_roster_uploads_chapter_id_created_at"),
        "roster_uploads",
        ["chapter_id", "created_at"],
        unique=False,
    )
    op.create_table(
        "run_marks",
        sa.Column("chapter_id", sa.Uuid(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("mentee_id", sa.Uuid(), nullable=False),
        sa.Column("mentor_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("mark", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('career', 'content', 'application', 'wellness')",
            name=op.f("ck_run_marks_kind"),
        ),
        sa.CheckConstraint("mark IN ('pin', 'exclude')", name=op.f("ck_run_marks_mark")),
        sa.ForeignKeyConstraint(
            ["chapter_id", "mentee_id"],
            ["memberships.chapter_id", "memberships.id"],
            name=op.f("fk_run_marks_chapter_id_mentee_id"),
        ),
        sa.ForeignKeyConstraint(
            ["chapter_id", "mentor_id"],
            ["memberships.chapter_id", "memberships.id"],
            name=op.f("fk_run_marks_chapter_id_mentor_id"),
        ),
        sa.ForeignKeyConstraint(
            ["chapter_id", "run_id"],
            ["matching_runs.chapter_id", "matching_runs.id"],
            name=op.f("fk_run_marks_chapter_id_run_id"),
        ),
        sa.ForeignKeyConstraint(
            ["chapter_id"], ["chapters.id"], name=op.f("fk_run_marks_chapter_id")
        ),
        sa.PrimaryKeyConstraint(
            "chapter_id", "run_id", "mentee_id", "mentor_id", "kind", name=op.f("pk_run_marks")
        ),
    )
    op.chapter_table("run_marks")
    op.create_index(
        op.f("ix_run_marks_chapter_id_mentee_id"),
        "run_marks",
        ["chapter_id", "mentee_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_run_marks_chapter_id_mentor_id"),
        "run_marks",
        ["chapter_id", "mentor_id"],
        unique=False,
    )
    op.create_table(
        "wants",
        sa.Column("chapter_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("topics", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("looking_for", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('career', 'content', 'application', 'wellness')", name=op.f("ck_wants_kind")
        ),
        sa.ForeignKeyConstraint(
            ["chapter_id", "member_id"],
            ["memberships.chapter_id", "memberships.id"],
            name=op.f("fk_wants_chapter_id_member_id"),
        ),
        sa.ForeignKeyConstraint(["chapter_id"], ["chapters.id"], name=op.f("fk_wants_chapter_id")),
        sa.PrimaryKeyConstraint("chapter_id", "member_id", "kind", name=op.f("pk_wants")),
    )
    op.chapter_table("wants")
    op.create_table(
        "action_items",
        sa.Column("chapter_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("pairing_id", sa.Uuid(), nullable=False),
        sa.Column("meeting_id", sa.Uuid(), nullable=True),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("dropped_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["chapter_id", "owner_id"],
            ["memberships.chapter_id", "memberships.id"],
            name=op.f("fk_action_items_chapter_id_owner_id"),
        ),
        sa.ForeignKeyConstraint(
            ["chapter_id", "pairing_id"],
            ["pairings.chapter_id", "pairings.id"],
            name=op.f("fk_action_items_chapter_id_pairing_id"),
        ),
        sa.ForeignKeyConstraint(
            ["chapter_id"], ["chapters.id"], name=op.f("fk_action_items_chapter_id")
        ),
        sa.PrimaryKeyConstraint("chapter_id", "id", name=op.f("pk_action_items")),
    )
    op.chapter_table("action_items")
    op.create_index(
        op.f("ix_action_items_chapter_id_owner_id_due_on"),
        "action_items",
        ["chapter_id", "owner_id", "due_on"],
        unique=False,
        postgresql_where=sa.text("done_at IS NULL AND dropped_at IS NULL"),
    )
    op.create_index(
        op.f("ix_action_items_chapter_id_pairing_id_due_on"),
        "action_items",
        ["chapter_id", "pairing_id", "due_on"],
        unique=False,
    )
    op.create_table(
        "check_ins",
        sa.Column("chapter_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("pairing_id", sa.Uuid(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("how", sa.Text(), nullable=False),
        sa.Column("line", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "how IN ('well', 'need_a_date', 'stuck', 'done')", name=op.f("ck_check_ins_how")
        ),
        sa.ForeignKeyConstraint(
            ["chapter_id", "by_id"],
            ["memberships.chapter_id", "memberships.id"],
            name=op.f("fk_check_ins_chapter_id_by_id"),
        ),
        sa.ForeignKeyConstraint(
            ["chapter_id", "pairing_id"],
            ["pairings.chapter_id", "pairings.id"],
            name=op.f("fk_check_ins_chapter_id_pairing_id"),
        ),
        sa.ForeignKeyConstraint(
            ["chapter_id"], ["chapters.id"], name=op.f("fk_check_ins_chapter_id")
        ),
        sa.PrimaryKeyConstraint("chapter_id", "id", name=op.f("pk_check_ins")),
    )
    op.chapter_table("check_ins")
    op.create_index(
        op.f("ix_check_ins_chapter_id_by_id"), "check_ins", ["chapter_id", "by_id"], unique=False
    )
    op.create_index(
        op.f("ix_check_ins_chapter_id_pairing_id_happened_on"),
        "check_ins",
        ["chapter_id", "pairing_id", "happened_on"],
        unique=False,
    )
    op.create_table(
        "meetings",
        sa.Column("chapter_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("pairing_id", sa.Uuid(), nullable=False),
        sa.Column("mentee_id", sa.Uuid(), nullable=False),
        sa.Column("mentor_id", sa.Uuid(), nullable=False),
        sa.Column("mentee_user_id", sa.Uuid(), nullable=False),
        sa.Column("mentor_user_id", sa.Uuid(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("awaiting", sa.Text(), nullable=True),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer_by", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("absent", sa.Text(), nullable=True),
        sa.Column("word", sa.Text(), nullable=False),
        sa.Column("referred_to_id", sa.Uuid(), nullable=True),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.Column("notes_version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(state = 'no_show') = (absent IS NOT NULL)", name=op.f("ck_meetings_no_show")
        ),
        sa.CheckConstraint(
            "(state = 'requested') = (answer_by IS NOT NULL)", name=op.f("ck_meetings_answer_by")
        ),
        sa.CheckConstraint(
            "(state = 'requested') = (awaiting IS NOT NULL)", name=op.f("ck_meetings_awaited")
        ),
        sa.CheckConstraint("absent IN ('mentee', 'mentor')", name=op.f("ck_meetings_absent")),
        sa.CheckConstraint("awaiting IN ('mentee', 'mentor')", name=op.f("ck_meetings_awaiting")),
        sa.CheckConstraint(
            "ends_at - starts_at IN ('20 minutes', '25 minutes', '30 minutes')",
            name=op.f("ck_meetings_length"),
        ),
        sa.CheckConstraint(
            "state IN ('requested', 'accepted', 'held', 'no_show', 'declined', 'withdrawn', 'lapsed', 'cancelled')",
            name=op.f("ck_meetings_state"),
        ),
        sa.ForeignKeyConstraint(
            ["chapter_id", "mentee_id", "mentee_user_id"],
            ["memberships.chapter_id", "memberships.id", "memberships.user_id"],
            name=op.f("fk_meetings_chapter_id_mentee_id_mentee_user_id"),
        ),
        sa.ForeignKeyConstraint(
            ["chapter_id", "mentor_id", "mentor_user_id"],
            ["memberships.chapter_id", "memberships.id", "memberships.user_id"],
            name=op.f("fk_meetings_chapter_id_mentor_id_mentor_user_id"),
        ),
        sa.ForeignKeyConstraint(
            ["chapter_id", "pairing_id"],
            ["pairings.chapter_id", "pairings.id"],
            name=op.f("fk_meetings_chapter_id_pairing_id"),
        ),
        sa.ForeignKeyConstraint(
            ["chapter_id", "referred_to_id"],
            ["memberships.chapter_id", "memberships.id"],
            name=op.f("fk_meetings_chapter_id_referred_to_id"),
        ),
        sa.ForeignKeyConstraint(
            ["chapter_id"], ["chapters.id"], name=op.f("fk_meetings_chapter_id")
        ),
        sa.PrimaryKeyConstraint("chapter_id", "id", name=op.f("pk_meetings")),
    )
    op.chapter_table("meetings")
    op.create_index(
        op.f("ix_meetings_chapter_id_mentee_id_starts_at"),
        "meetings",
        ["chapter_id", "mentee_id", "starts_at"],
        unique=False,
    )
    op.create_index(
        op.f("ix_meetings_chapter_id_mentor_id_asked_at"),
        "meetings",
        ["chapter_id", "mentor_id", "asked_at"],
        unique=False,
        postgresql_where=sa.text("state = 'requested'"),
    )
    op.create_index(
        op.f("ix_meetings_chapter_id_mentor_id_starts_at"),
        "meetings",
        ["chapter_id", "mentor_id", "starts_at"],
        unique=False,
    )
    op.create_index(
        op.f("ix_meetings_chapter_id_pairing_id_starts_at"),
        "meetings",
        ["chapter_id", "pairing_id", "starts_at"],
        unique=False,
    )
    op.create_index(
        op.f("ix_meetings_chapter_id_referred_to_id"),
        "meetings",
        ["chapter_id", "referred_to_id"],
        unique=False,
    )
    op.create_table(
        "agenda_items",
        sa.Column("chapter_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("meeting_id", sa.Uuid(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("minutes", sa.SmallInteger(), nullable=False),
        sa.CheckConstraint("minutes BETWEEN 1 AND 30", name=op.f("ck_agenda_items_minutes")),
        sa.ForeignKeyConstraint(
            ["chapter_id", "by_id"],
            ["memberships.chapter_id", "memberships.id"],
            name=op.f("fk_agenda_items_chapter_id_by_id"),
        ),
        sa.ForeignKeyConstraint(
            ["chapter_id", "meeting_id"],
            ["meetings.chapter_id", "meetings.id"],
            name=op.f("fk_agenda_items_chapter_id_meeting_id"),
        ),
        sa.ForeignKeyConstraint(
            ["chapter_id"], ["chapters.id"], name=op.f("fk_agenda_items_chapter_id")
        ),
        sa.PrimaryKeyConstraint("chapter_id", "id", name=op.f("pk_agenda_items")),
    )
    op.chapter_table("agenda_items")
    op.create_index(
        op.f("ix_agenda_items_chapter_id_by_id"),
        "agenda_items",
        ["chapter_id", "by_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_agenda_items_chapter_id_meeting_id_position"),
        "agenda_items",
        ["chapter_id", "meeting_id", "position"],
        unique=False,
    )
    op.create_table(
        "private_notes",
        sa.Column("chapter_id", sa.Uuid(), nullable=False),
        sa.Column("meeting_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["chapter_id", "meeting_id"],
            ["meetings.chapter_id", "meetings.id"],
            name=op.f("fk_private_notes_chapter_id_meeting_id"),
        ),
        sa.ForeignKeyConstraint(
            ["chapter_id", "member_id"],
            ["memberships.chapter_id", "memberships.id"],
            name=op.f("fk_private_notes_chapter_id_member_id"),
        ),
        sa.ForeignKeyConstraint(
            ["chapter_id"], ["chapters.id"], name=op.f("fk_private_notes_chapter_id")
        ),
        sa.PrimaryKeyConstraint(
            "chapter_id", "meeting_id", "member_id", name=op.f("pk_private_notes")
        ),
    )
    op.chapter_table("private_notes")


def downgrade() -> None:
    op.drop_table("private_notes")
    op.drop_index(op.f("ix_agenda_items_chapter_id_meeting_id_position"), table_name="agenda_items")
    op.drop_index(op.f("ix_agenda_items_chapter_id_by_id"), table_name="agenda_items")
    op.drop_table("agenda_items")
    op.drop_index(op.f("ix_meetings_chapter_id_referred_to_id"), table_name="meetings")
    op.drop_index(op.f("ix_meetings_chapter_id_pairing_id_starts_at"), table_name="meetings")
    op.drop_index(op.f("ix_meetings_chapter_id_mentor_id_starts_at"), table_name="meetings")
    op.drop_index(
        op.f("ix_meetings_chapter_id_mentor_id_asked_at"),
        table_name="meetings",
        postgresql_where=sa.text("state = 'requested'"),
    )
    op.drop_index(op.f("ix_meetings_chapter_id_mentee_id_starts_at"), table_name="meetings")
    op.drop_table("meetings")
    op.drop_index(op.f("ix_check_ins_chapter_id_pairing_id_happened_on"), table_name="check_ins")
    op.drop_index(op.f("ix_check_ins_chapter_id_by_id"), table_name="check_ins")
    op.drop_table("check_ins")
    op.drop_index(op.f("ix_action_items_chapter_id_pairing_id_due_on"), table_name="action_items")
    op.drop_index(
        op.f("ix_action_items_chapter_id_owner_id_due_on"),
        table_name="action_items",
        postgresql_where=sa.text("done_at IS NULL AND dropped_at IS NULL"),
    )
    op.drop_table("action_items")
    op.drop_table("wants")
    op.drop_index(op.f("ix_run_marks_chapter_id_mentor_id"), table_name="run_marks")
    op.drop_index(op.f("ix_run_marks_chapter_id_mentee_id"), table_name="run_marks")
    op.drop_table("run_marks")
    op.drop_index(op.f("ix_roster_uploads_chapter_id_created_at"), table_name="roster_uploads")
    op.drop_index(op.f("ix_roster_uploads_chapter_id_by_id"), table_name="roster_uploads")
    op.drop_table("roster_uploads")
    op.drop_index(op.f("ix_proposals_chapter_id_run_id_fit_id"), table_name="proposals")
    op.drop_index(op.f("ix_proposals_chapter_id_mentor_id"), table_name="proposals")
    op.drop_index(op.f("ix_proposals_chapter_id_mentee_id"), table_name="proposals")
    op.drop_table("proposals")
    op.drop_index(
        "uq_pairings_open",
        table_name="pairings",
        postgresql_where=sa.text("state IN ('proposed', 'accepted', 'active', 'paused')"),
    )
    op.drop_index(op.f("ix_pairings_chapter_id_state_last_contact_on"), table_name="pairings")
    op.drop_index(op.f("ix_pairings_chapter_id_mentor_id_state"), table_name="pairings")
    op.drop_table("pairings")
    op.drop_index(op.f("ix_offers_chapter_id_kind_member_id"), table_name="offers")
    op.drop_table("offers")
    op.drop_table("notices")
    op.drop_table("mentor_profiles")
    op.drop_table("mentee_profiles")
    op.drop_index(op.f("ix_left_outs_chapter_id_mentee_id"), table_name="left_outs")
    op.drop_table("left_outs")
    op.drop_index(op.f("ix_evaluative_roles_chapter_id_mentee_id"), table_name="evaluative_roles")
    op.drop_index(op.f("ix_evaluative_roles_chapter_id_member_id"), table_name="evaluative_roles")
    op.drop_table("evaluative_roles")
    op.drop_table("blocks")
    op.drop_index(op.f("ix_weekly_hours_user_id_weekday"), table_name="weekly_hours")
    op.drop_table("weekly_hours")
    op.drop_index(op.f("ix_submissions_chapter_id_at"), table_name="submissions")
    op.drop_table("submissions")
    op.drop_index(op.f("ix_sign_in_links_user_id"), table_name="sign_in_links")
    op.drop_index(op.f("ix_sign_in_links_expires_at"), table_name="sign_in_links")
    op.drop_table("sign_in_links")
    op.drop_table("sign_in_asks")
    op.drop_index(op.f("ix_memberships_chapter_id_name_id"), table_name="memberships")
    op.drop_table("memberships")
    op.drop_index(
        "uq_matching_runs_under_way",
        table_name="matching_runs",
        postgresql_where=sa.text("state IN ('queued', 'running', 'review')"),
    )
    op.drop_table("matching_runs")
    op.drop_index(op.f("ix_audit_events_chapter_id_subject_id_at"), table_name="audit_events")
    op.drop_table("audit_events")
    op.drop_index(op.f("ix_affiliations_chapter_id"), table_name="affiliations")
    op.drop_table("affiliations")
    op.drop_table("users")
    op.drop_index(op.f("ix_places_taken_chapter_id_pairing_id"), table_name="places_taken")
    op.drop_table("places_taken")
    op.drop_table("chapters")
    op.drop_index(op.f("ix_busy_times_user_id_starts_at"), table_name="busy_times")
    op.drop_index(op.f("ix_busy_times_chapter_id_meeting_id"), table_name="busy_times")
    op.drop_table("busy_times")
