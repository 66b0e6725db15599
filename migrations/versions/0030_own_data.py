"""Consents, exports, erasure, how long things are kept, and the end of a chapter

Consents, the rules of keeping and the removal of a chapter are the chapter's. Exports and
erasures are a person's, over all their chapters; what is said of a removed chapter is global.
"""

import sqlalchemy as sa
from alembic import op

revision = "0030_own_data"
down_revision = "0029_members"
branch_labels = None
depends_on = None

WHEN = sa.DateTime(timezone=True)
KEPT = (
    "what IN ('meeting_words', 'check_ins', 'help', 'concerns', 'runs', 'mail', 'former_members')"
)

#: Runs as the owner, since nobody else may take anything out of the trail. It removes nothing
#: but a chapter of which two people have said so, when the days to undo it are over. What there
#: is to remove it reads from the catalogue, so that a new table is no exception. Tables that
#: others refer to are tried again after those.
REMOVE = """
CREATE FUNCTION remove_chapter(doomed uuid) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    waiting text[];
    later text[];
    one text;
    gone bigint;
    total bigint := 0;
BEGIN
    PERFORM set_config('app.chapter_id', doomed::text, true);
    IF NOT EXISTS (
        SELECT FROM public.chapter_removals r WHERE r.chapter_id = doomed
        AND r.confirmed_by_id <> r.asked_by_id AND r.due_at <= clock_timestamp()
    ) THEN
        RAISE EXCEPTION 'this chapter is not to be removed';
    END IF;
    SELECT array_agg(c.relname::text ORDER BY c.oid DESC) INTO waiting
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
    WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace
    AND a.attname = 'chapter_id' AND NOT a.attisdropped;
    WHILE cardinality(waiting) > 0 LOOP
        later := '{}';
        FOREACH one IN ARRAY waiting LOOP
            BEGIN
                EXECUTE format('DELETE FROM public.%I WHERE chapter_id = $1', one) USING doomed;
                GET DIAGNOSTICS gone = ROW_COUNT;
                total := total + gone;
            EXCEPTION WHEN foreign_key_violation THEN
                later := later || one;
            END;
        END LOOP;
        IF cardinality(later) = cardinality(waiting) THEN
            RAISE EXCEPTION 'rows of % refer to each other', later;
        END IF;
        waiting := later;
    END LOOP;
    DELETE FROM public.exports e USING public.chapters c
    WHERE c.id = doomed AND e.chapter_slug = c.slug;
    INSERT INTO public.removed_chapters (slug, removed_at)
    SELECT c.slug, clock_timestamp() FROM public.chapters c WHERE c.id = doomed;
    DELETE FROM public.chapters c WHERE c.id = doomed;
    RETURN total;
END $$
"""

#: What was done about a concern is only ever added to, so its end is the owner's as well. Nothing
#: younger than the least that a chapter may choose, and nothing that is still looked into.
FORGET = """
CREATE FUNCTION forget_concerns(old uuid[]) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    here uuid := nullif(current_setting('app.chapter_id', true), '')::uuid;
    doomed uuid[];
    gone bigint;
BEGIN
    SELECT array_agg(c.id) INTO doomed FROM public.concerns c
    WHERE c.chapter_id = here AND c.id = ANY (old)
    AND c.closed_at < clock_timestamp() - interval '36 months';
    DELETE FROM public.concern_walls w WHERE w.chapter_id = here AND w.concern_id = ANY (doomed);
    DELETE FROM public.concern_steps s WHERE s.chapter_id = here AND s.concern_id = ANY (doomed);
    DELETE FROM public.concerns c WHERE c.chapter_id = here AND c.id = ANY (doomed);
    GET DIAGNOSTICS gone = ROW_COUNT;
    RETURN gone;
END $$
"""


def upgrade() -> None:
    op.create_table(
        "consents",
        sa.Column("chapter_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("wording", sa.SmallInteger(), nullable=False),
        sa.Column("given", sa.Boolean(), nullable=False),
        sa.Column("at", WHEN, nullable=False),
        sa.CheckConstraint("purpose IN ('affinity')", name=op.f("ck_consents_purpose")),
        sa.ForeignKeyConstraint(
            ["chapter_id"], ["chapters.id"], name=op.f("fk_consents_chapter_id")
        ),
        sa.ForeignKeyConstraint(
            ["chapter_id", "member_id"],
            ["memberships.chapter_id", "memberships.id"],
            name=op.f("fk_consents_chapter_id_member_id"),
        ),
        sa.PrimaryKeyConstraint("chapter_id", "id", name=op.f("pk_consents")),
    )
    op.chapter_table("consents")
    op.create_index(
        op.f("ix_consents_chapter_id_member_id_at"), "consents", ["chapter_id", "member_id", "at"]
    )
    op.create_table(
        "exports",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("chapter_slug", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("done", sa.SmallInteger(), nullable=False),
        sa.Column("steps", sa.SmallInteger(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("asked_at", WHEN, nullable=False),
        sa.Column("ready_at", WHEN, nullable=True),
        sa.Column("kept_until", WHEN, nullable=True),
        sa.Column("taken_at", WHEN, nullable=True),
        sa.CheckConstraint(
            "state IN ('waiting', 'working', 'ready')", name=op.f("ck_exports_state")
        ),
        sa.CheckConstraint(
            "(state = 'ready') = (ready_at IS NOT NULL)", name=op.f("ck_exports_ready_at")
        ),
        sa.CheckConstraint(
            "(ready_at IS NULL) = (kept_until IS NULL)", name=op.f("ck_exports_kept_until")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_exports_user_id")),
        sa.PrimaryKeyConstraint("user_id", "id", name=op.f("pk_exports")),
    )
    op.global_table("exports")
    op.create_index(op.f("ix_exports_asked_at"), "exports", ["asked_at"])
    op.create_table(
        "export_parts",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("export_id", sa.Uuid(), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id", "export_id"],
            ["exports.user_id", "exports.id"],
            name=op.f("fk_export_parts_user_id_export_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("user_id", "export_id", "part", name=op.f("pk_export_parts")),
    )
    op.global_table("export_parts")
    op.create_table(
        "erasures",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("asked_at", WHEN, nullable=False),
        sa.Column("due_at", WHEN, nullable=False),
        sa.Column("done_at", WHEN, nullable=True),
        sa.CheckConstraint("due_at > asked_at", name=op.f("ck_erasures_due_at")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_erasures_user_id")),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_erasures")),
    )
    op.global_table("erasures")
    op.create_table(
        "keeping_rules",
        sa.Column("chapter_id", sa.Uuid(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("months", sa.SmallInteger(), nullable=False),
        sa.CheckConstraint(KEPT, name=op.f("ck_keeping_rules_what")),
        sa.CheckConstraint("months BETWEEN 1 AND 120", name=op.f("ck_keeping_rules_months")),
        sa.ForeignKeyConstraint(
            ["chapter_id"], ["chapters.id"], name=op.f("fk_keeping_rules_chapter_id")
        ),
        sa.PrimaryKeyConstraint("chapter_id", "what", name=op.f("pk_keeping_rules")),
    )
    op.chapter_table("keeping_rules")
    op.create_table(
        "chapter_removals",
        sa.Column("chapter_id", sa.Uuid(), nullable=False),
        sa.Column("asked_by_id", sa.Uuid(), nullable=False),
        sa.Column("asked_at", WHEN, nullable=False),
        sa.Column("confirmed_by_id", sa.Uuid(), nullable=True),
        sa.Column("due_at", WHEN, nullable=True),
        sa.CheckConstraint(
            "confirmed_by_id <> asked_by_id", name=op.f("ck_chapter_removals_two_people")
        ),
        sa.CheckConstraint(
            "(confirmed_by_id IS NULL) = (due_at IS NULL)", name=op.f("ck_chapter_removals_due_at")
        ),
        sa.ForeignKeyConstraint(
            ["chapter_id"], ["chapters.id"], name=op.f("fk_chapter_removals_chapter_id")
        ),
        sa.ForeignKeyConstraint(
            ["chapter_id", "asked_by_id"],
            ["memberships.chapter_id", "memberships.id"],
            name=op.f("fk_chapter_removals_chapter_id_asked_by_id"),
        ),
        sa.ForeignKeyConstraint(
            ["chapter_id", "confirmed_by_id"],
            ["memberships.chapter_id", "memberships.id"],
            name=op.f("fk_chapter_removals_chapter_id_confirmed_by_id"),
        ),
        sa.PrimaryKeyConstraint("chapter_id", name=op.f("pk_chapter_removals")),
    )
    op.chapter_table("chapter_removals")
    op.create_table(
        "removed_chapters",
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("removed_at", WHEN, nullable=False),
        sa.PrimaryKeyConstraint("slug", name=op.f("pk_removed_chapters")),
    )
    op.global_table("removed_chapters")
    op.execute(REMOVE)
    op.execute("REVOKE ALL ON FUNCTION remove_chapter(uuid) FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION remove_chapter(uuid) TO curbside_app")
    op.execute(FORGET)
    op.execute("REVOKE ALL ON FUNCTION forget_concerns(uuid[]) FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION forget_concerns(uuid[]) TO curbside_app")


def downgrade() -> None:
    op.execute("DROP FUNCTION forget_concerns(uuid[])")
    op.execute("DROP FUNCTION remove_chapter(uuid)")
    for table in (
        *("removed_chapters", "chapter_removals", "keeping_rules", "erasures"),
        *("export_parts", "exports", "consents"),
    ):
        op.drop_table(table)
