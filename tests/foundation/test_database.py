"""Addresses of databases, as different libraries read them."""

from psycopg.conninfo import conninfo_to_dict

from mentorship.foundation.database import as_role, psycopg_dsn


def test_an_address_with_a_role_means_the_same_to_psycopg():
    url = as_role("postgresql://ann:a+b%20c@/curbside?host=/tmp/a+b&port=5432", "curbside_app")

    read = conninfo_to_dict(psycopg_dsn(url))

    assert read["options"] == "-c role=curbside_app"
    assert read["password"] == "a+b c"
    assert read["host"] == "/tmp/a b"  # what SQLAlchemy reads there, too
