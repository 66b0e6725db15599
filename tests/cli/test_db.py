"""`mentorship db …` on databases that are quite new, as their owner and as a superuser."""

import pytest
from click.testing import CliRunner
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.pool import NullPool

from mentorship.app import create_app
from mentorship.cli.commands import main
from mentorship.foundation import schema
from mentorship.foundation import settings as config
from mentorship.foundation.database import db, driver_url
from mentorship.foundation.local_postgres import LocalPostgres
from tests import make
from tests.processes import environ


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A server of its own, on which the product has never been."""
    local = LocalPostgres(tmp_path_factory.mktemp("db") / "postgres", fast=True).start()
    yield local
    local.release()


@pytest.fixture(params=["owner", "superuser"])
def url(request, server):
    """A new database, and whom to be in it."""
    name = f"for_{request.param}"
    admin = create_engine(
        driver_url(server.url()), poolclass=NullPool, isolation_level="AUTOCOMMIT"
    )
    user = make_url(server.url()).username
    with admin.connect() as connection:
        if request.param == "owner":
            user = "somebody"
            connection.execute(text(f"CREATE ROLE {user} LOGIN CREATEROLE"))
        connection.execute(text(f"CREATE DATABASE {name} OWNER {user}"))
    return server.url(name, user=user)


def run(url: str, *words: str):
    environment = environ(url, CURBSIDE_ENV="test")
    return CliRunner().invoke(main, ["db", *words], env=environment)


def test_a_new_database_is_brought_up_checked_used_and_taken_down(url):
    before = run(url, "check")
    assert (before.exit_code, before.output.strip()) == (
        1,
        "The database is not up to date. Run `mentorship db upgrade`.",
    )

    for _ in range(2):  # doing it twice changes nothing
        made = run(url, "upgrade")
        assert (made.exit_code, made.output) == (0, f"The database is at {schema.head()}.\n")

    checked = run(url, "check")
    assert (checked.exit_code, checked.output) == (
        0,
        "The database is up to date, and the walls between chapters stand.\n",
    )

    assert_the_product_works(url)

    assert run(url, "downgrade", "base").exit_code == 0
    assert run(url, "check").exit_code == 1


def assert_the_product_works(url: str) -> None:
    """As the role that the walls bind, whoever it connects as."""
    app = create_app(config.load(environ(url, CURBSIDE_ENV="test")), pool=NullPool)
    with app.app_context():
        make.student(make.chapter("lakeside"), "Sol Adair")
        user = db.session.execute(text("SELECT current_user")).scalar()
        rows = db.session.execute(text("SELECT count(*) FROM memberships")).scalar()
        db.session.remove()

    assert user == schema.ROLE
    assert rows == 0  # no chapter has been entered


@pytest.mark.parametrize("command", [["upgrade"], ["check"], ["downgrade", "base"]])
@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("", "Set DATABASE_URL to a PostgreSQL address"),
        ("mysql://somewhere/else", "Set DATABASE_URL to a PostgreSQL address"),
        ("postgresql://nobody:hidden@127.0.0.1:1/nowhere", "Cannot use the database at"),
    ],
)
def test_what_cannot_work_is_one_line(command, address, says):
    result = run(address, *command)

    [line] = result.output.strip().splitlines()
    assert result.exit_code == 1
    assert says in line
    assert "hidden" not in line


def test_a_revision_that_is_not_there_is_one_line(worker_id):
    from tests import databases

    with databases.clone(f"{worker_id}_nowhere") as url:
        result = run(url, "upgrade", "9999_nothing")

    assert result.exit_code == 1
    assert len(result.output.strip().splitlines()) == 1
