"""Addresses of databases, as different libraries read them."""

import pytest
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy import text
from sqlalchemy.exc import NotSupportedError

from mentorship.foundation.database import as_role, db, psycopg_dsn


def test_an_address_with_a_role_means_the_same_to_psycopg():
    url = as_role("postgresql://ann:a+b%20c@/curbside?host=/tmp/a+b&port=5432", "curbside_app")

    read = conninfo_to_dict(psycopg_dsn(url))

    assert read["options"] == "-c role=curbside_app"
    assert read["password"] == "a+b c"
    assert read["host"] == "/tmp/a b"  # what SQLAlchemy reads there, too


def test_what_is_prepared_outlives_a_rollback_as_which_every_read_ends(own_database):
    for _ in range(7):  # the driver prepares what it sees for the sixth time
        db.session.execute(text("SELECT 'often'"))
        db.session.rollback()

    prepared = "SELECT statement FROM pg_prepared_statements"
    assert db.session.scalars(text(prepared)).all() == ["SELECT 'often'"]


def test_a_statement_older_than_a_change_of_its_table_fails_once_and_not_again(own_database):
    engine = db.engine
    with engine.connect() as one:
        one.execute(text("CREATE TEMPORARY TABLE thing (number integer)"))
        for _ in range(7):
            one.execute(text("SELECT number FROM thing"))
        before = one.scalar(text("SELECT pg_backend_pid()"))
        # As an upgrade does from another connection, which this one does not see.
        one.execute(text("DO 'BEGIN ALTER TABLE thing ALTER number TYPE text; END'"))
        with pytest.raises(NotSupportedError):
            one.execute(text("SELECT number FROM thing"))
        assert one.invalidated

    with engine.connect() as another:
        assert another.scalar(text("SELECT pg_backend_pid()")) != before
