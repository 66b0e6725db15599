"""The database as the migrations leave it."""

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

from mentorship.foundation import schema
from mentorship.foundation.database import as_role, driver_url
from mentorship.foundation.schema import ROLE, SchemaError
from tests import databases


@pytest.fixture(scope="module")
def fresh(worker_id):
    with databases.clone(f"{worker_id}_schema") as url:
        yield url


@pytest.fixture
def owner(fresh):
    engine = create_engine(driver_url(fresh))
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def test_models_and_migrations_agree(fresh):
    assert schema.differences(fresh) == []


def test_the_catalogue_keeps_every_rule_of_tenancy(owner):
    assert schema.invariants(owner) == []


@pytest.mark.parametrize(
    ("harm", "rule"),
    [
        ("ALTER TABLE meetings NO FORCE ROW LEVEL SECURITY", "without forced row-level security"),
        ("DROP POLICY meetings_chapter ON meetings", "exactly the chapter's policy"),
        ("CREATE POLICY open ON meetings USING (true)", "neither the chapter's nor the owner's"),
        ("CREATE INDEX ON meetings (state)", "begins with neither"),
        (f"GRANT UPDATE ON audit_events TO {ROLE}", "a trail that can be rewritten"),
        (f"GRANT UPDATE (at) ON account_events TO {ROLE}", "a trail that can be rewritten"),
        ("GRANT TRUNCATE ON trail_seals TO PUBLIC", "a trail that can be rewritten"),
        ("DROP TABLE trail_cuts", "a part of the trail that is not there"),
        ("ALTER TABLE meetings ADD COLUMN at timestamp", "a timestamp without time zone"),
        ("CREATE TABLE loose (id int, chapter_id uuid)", "without forced row-level security"),
    ],
)
def test_harm_to_the_walls_is_noticed(owner, harm, rule):
    owner.execute(text(harm))

    assert any(rule in found for found in schema.invariants(owner))


def test_every_migration_can_be_taken_back_and_done_again(worker_id):
    with databases.clone(f"{worker_id}_down") as url:
        schema.downgrade(url, "base")
        engine = create_engine(driver_url(url))
        with engine.connect() as connection:
            left = connection.scalars(
                text(
                    "SELECT relname FROM pg_class WHERE relkind IN ('r', 'S', 'v')"
                    " AND relnamespace = 'public'::regnamespace"
                )
            ).all()
        assert left == ["alembic_version"]

        schema.upgrade(url)
        assert schema.differences(url) == []
        engine.dispose()


def test_the_product_refuses_a_role_that_the_wall_does_not_bind(owner):
    with pytest.raises(SchemaError, match="Refusing to serve"):
        schema.insist_on_the_wall(owner)


def test_the_products_own_role_is_bound(fresh):
    engine = create_engine(as_role(fresh, ROLE))
    with engine.connect() as connection:
        schema.insist_on_the_wall(connection)
        for forbidden in ("ALTER TABLE meetings DISABLE ROW LEVEL SECURITY", "DROP TABLE wants"):
            with pytest.raises(DBAPIError, match="must be owner"):
                connection.execute(text(forbidden))
            connection.rollback()
        with pytest.raises(DBAPIError, match="permission denied"):
            connection.execute(text("UPDATE audit_events SET deed = 'nothing'"))
    engine.dispose()


def test_an_unreachable_database_is_one_clear_line():
    with pytest.raises(SchemaError) as no:
        schema.upgrade("postgresql://nobody:hidden@127.0.0.1:1/nowhere")

    assert "\n" not in str(no.value)
    assert "hidden" not in str(no.value)
