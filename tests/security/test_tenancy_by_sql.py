"""What the application's role can do to a chapter by SQL alone, read from the real catalogue.

Somebody who has the product run their SQL works as this role. Row-level security shows it, and
takes from it, what is of the chapter that the transaction names, and nothing where it names none.
"""

import inspect
from dataclasses import replace

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from mentorship.app import create_app
from mentorship.foundation.database import Model, as_role, db
from mentorship.foundation.schema import ROLE
from mentorship.jobs.tasks import tasks
from mentorship.tenancy.roles import Role
from tests import databases, make
from tests.own_data.planting import _value, loosen, owner, plant

#: Functions that look over the walls on purpose; what they answer is times, numbers, ids of
#: accounts and names of chapters, or nothing of anybody's.
OVER_THE_WALLS = {
    "busy_times_of": {"user_id", "starts_at", "ends_at"},
    "places_taken_by": {"user_id", "taken"},
    "requests_waiting_of": set(),
    "chapters_of": {"chapter_id", "slug", "name"},
    "oversees": set(),
    "live_universities": {"slug", "name"},
    "universities_of": {"slug", "chapter", "name", "connected_at"},
    "remove_chapter": set(),
    "forget_concerns": set(),
}
#: What stands in jobs beside ids, numbers, moments, and the key under which a file is kept: which
#: address a link to sign in goes to, what it leads to, and where it was asked for.
WORDS_IN_JOBS = {"email", "next_path", "asked_from"}
NO_WORDS = {
    *("draft", "number", "look_by", "timestamp", "key", "chapter", "instead_of", "ends"),
    "is_known",
}

WALLED = text(
    "SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid"
    " WHERE a.attname = 'chapter_id' AND NOT a.attisdropped AND c.relkind IN ('r', 'p')"
    " AND c.relnamespace = 'public'::regnamespace ORDER BY 1"
)
FUNCTIONS = text(
    "SELECT p.proname, p.prosecdef, 'search_path=pg_catalog, pg_temp' = ANY (p.proconfig) pinned,"
    " p.proacl IS NULL OR EXISTS (SELECT FROM aclexplode(p.proacl) WHERE grantee = 0) everybodys,"
    " CASE WHEN 't' = ANY (p.proargmodes) THEN ARRAY(SELECT name FROM"
    "  unnest(p.proargnames, p.proargmodes) n (name, mode) WHERE mode = 't') END answers"
    " FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace"
    f" AND has_function_privilege('{ROLE}', p.oid, 'EXECUTE')"
    " AND p.proname NOT LIKE 'procrastinate%'"
    " AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')"
)


class Walls:
    """The role's connection to a database where two chapters have a row in each table."""

    def __init__(self, connection, here, there):
        self.connection, self.here, self.there = connection, here, there

    def tables(self):
        return self.connection.scalars(WALLED).all()

    def count(self, statement, chapter_id):
        """How many rows it shows or touches in a chapter; -1 where the role may not do it."""
        self.connection.rollback()
        self.connection.execute(text(f"SET LOCAL app.chapter_id = '{chapter_id or ''}'"))
        try:
            done = self.connection.execute(text(statement), {"there": self.there.chapter_id})
            return len(done.all()) if done.returns_rows else done.rowcount
        except DBAPIError as refused:
            if "permission denied" not in str(refused):
                raise
            return -1
        finally:
            self.connection.rollback()

    def refusal(self, statement, chapter_id):
        self.connection.rollback()
        self.connection.execute(text(f"SET LOCAL app.chapter_id = '{chapter_id or ''}'"))
        facts = {"here": self.here.chapter_id, "there": self.there.chapter_id}
        with pytest.raises(DBAPIError) as no:
            self.connection.execute(text(statement), facts)
        self.connection.rollback()
        return str(no.value.orig)


@pytest.fixture(scope="module")
def walls(settings, worker_id):
    with databases.clone(f"{worker_id}_walls") as url:
        app = create_app(replace(settings, database_url=url), pool=NullPool)
        with app.app_context():
            here = make.member(make.chapter("lakeside"), Role.STUDENT)
            there = make.member(make.chapter("elsewhere"), Role.STUDENT)
            db.session.remove()
        with owner(url) as connection:
            loosen(connection)
            for who in (here, there):
                plant(connection, who, "word")
                plant_what_is_nobodys(connection, who)
            connection.execute(text("ANALYZE"))
        engine = create_engine(as_role(url, ROLE), poolclass=NullPool)
        with engine.connect() as connection:
            yield Walls(connection, here, there)


def plant_what_is_nobodys(connection, who):
    """Give the chapter a row in each table that says nothing of a person, too."""
    for name in connection.scalars(WALLED).all():
        there = text(f"SELECT count(*) FROM {name} WHERE chapter_id = :chapter_id")
        if not connection.scalar(there, {"chapter_id": who.chapter_id}):
            table = Model.metadata.tables[name]
            columns = [column for column in table.c if column.computed is None]
            connection.execute(
                table.insert().values(
                    {one.name: _value(table, one, who, "word") for one in columns}
                )
            )


def test_a_chapters_rows_are_shown_and_taken_nowhere_else(walls):
    tables, filled = walls.tables(), set()
    assert len(tables) > 50
    for table in tables:
        theirs = f"FROM {table} WHERE chapter_id = :there"
        rows = walls.count(f"SELECT 1 {theirs}", walls.there.chapter_id)
        filled |= {table} if rows > 0 else set()
        for chapter_id in (None, walls.here.chapter_id):
            for statement in (
                f"SELECT 1 {theirs}",
                f"SELECT 1 {theirs} FOR UPDATE",
                f"UPDATE {table} SET chapter_id = chapter_id WHERE chapter_id = :there",
                f"DELETE {theirs}",
            ):
                assert walls.count(statement, chapter_id) <= 0, f"{statement} in {chapter_id}"
        assert walls.count(f"SELECT 1 FROM {table}", None) == 0, table

    assert filled == set(tables)


def test_no_row_is_put_into_another_chapter(walls):
    for table in walls.tables():
        into = f"INSERT INTO {table} (chapter_id) VALUES (:there)"
        for chapter_id in (None, walls.here.chapter_id):
            assert "row-level security" in walls.refusal(into, chapter_id), table


def test_no_row_moves_to_another_chapter(walls):
    tried = 0
    for table in walls.tables():
        mine = f"UPDATE {table} SET chapter_id = chapter_id"
        if walls.count(mine, walls.here.chapter_id) <= 0:
            continue  # nothing of it can be changed at all
        move = f"UPDATE {table} SET chapter_id = :there"
        assert "row-level security" in walls.refusal(move, walls.here.chapter_id), table
        tried += 1

    assert tried > 30


def test_only_known_functions_look_over_the_walls_and_answer_little(walls):
    found = {one.proname: one for one in walls.connection.execute(FUNCTIONS)}

    assert {name for name, one in found.items() if one.prosecdef} == OVER_THE_WALLS.keys()
    for name, answers in OVER_THE_WALLS.items():
        assert found[name].pinned, name
        assert not found[name].everybodys, name
        assert set(found[name].answers or ()) == answers, name


def test_no_function_removes_what_is_of_another_chapter(walls):
    theirs = "SELECT array_agg(id) FROM concerns WHERE chapter_id = :there"
    count = "SELECT 1 FROM concerns WHERE chapter_id = :there"
    before = walls.count(count, walls.there.chapter_id)
    walls.connection.execute(text(f"SET LOCAL app.chapter_id = '{walls.there.chapter_id}'"))
    ids = walls.connection.scalar(text(theirs), {"there": walls.there.chapter_id})
    walls.connection.rollback()
    walls.connection.execute(text(f"SET LOCAL app.chapter_id = '{walls.here.chapter_id}'"))

    assert walls.connection.scalar(text("SELECT forget_concerns(:ids)"), {"ids": ids}) == 0
    assert before == walls.count(count, walls.there.chapter_id) > 0


def test_what_the_server_keeps_of_columns_shows_no_row(walls):
    seen = "SELECT tablename FROM pg_stats WHERE tablename = ANY (:walled)"
    shown = walls.connection.scalars(text(seen), {"walled": walls.tables()}).all()

    assert shown == []
    for kept in ("pg_statistic", "pg_authid", "pg_shadow"):
        assert walls.count(f"SELECT 1 FROM {kept} LIMIT 1", None) == -1, kept


def test_the_role_draws_from_no_sequence_but_the_jobs(walls):
    usable = text(
        "SELECT relname FROM pg_class WHERE"
        " CASE WHEN relkind = 'S' THEN has_sequence_privilege(oid, 'USAGE, SELECT, UPDATE') END"
    )

    assert all(name.startswith("procrastinate_") for name in walls.connection.scalars(usable))


def test_jobs_which_no_wall_divides_carry_ids_and_moments():
    carried = set()
    for task in tasks.tasks.values():
        if task.name.startswith("builtin:"):
            continue
        names = set(inspect.signature(task.func).parameters) - {"context"}
        carried |= {name for name in names if not name.endswith("_id")}

    assert carried == WORDS_IN_JOBS | NO_WORDS
