"""Databases for the tests: migrated once, then copied as files."""

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from sqlalchemy import Connection, create_engine, inspect, make_url
from sqlalchemy.pool import NullPool

from mentorship.foundation import schema
from mentorship.foundation.database import driver_url
from mentorship.foundation.local_postgres import LocalPostgres
from mentorship.foundation.settings import ROOT

FOLDER = ROOT / ".local" / "test"


@cache
def _server() -> tuple[str, LocalPostgres | None]:
    """The server: DATABASE_URL's if there is one, else a private one of this checkout."""
    if url := os.environ.get("DATABASE_URL"):
        return url, None
    settings = {"max_connections": "300", "shared_buffers": "64MB"}
    # Kept in a variable of this process: letting go of it would stop the server.
    server = LocalPostgres(FOLDER / "postgres", fast=True, settings=settings).start()
    return server.url(), server


@contextmanager
def _admin() -> Iterator[Connection]:
    engine = create_engine(
        driver_url(_server()[0]), poolclass=NullPool, isolation_level="AUTOCOMMIT"
    )
    with engine.connect() as connection:
        yield connection


def _url(name: str) -> str:
    return make_url(_server()[0]).set(database=name).render_as_string(hide_password=False)


def _fingerprint() -> str:
    digest = hashlib.sha256()
    for path in sorted((ROOT / "migrations").rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def _template() -> str:
    """The name of a database at the newest revision; made once for each state of migrations/."""
    name = f"curbside_template_{_fingerprint()}"
    FOLDER.mkdir(parents=True, exist_ok=True)
    with open(FOLDER / "template.lock", "a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with _admin() as admin:
            there = admin.exec_driver_sql(
                "SELECT count(*) FROM pg_database WHERE datname = %s", (name,)
            ).scalar_one()
            if not there:
                admin.exec_driver_sql(f'CREATE DATABASE "{name}_making"')
                schema.upgrade(_url(f"{name}_making"))
                admin.exec_driver_sql(f'ALTER DATABASE "{name}_making" RENAME TO "{name}"')
    return name


def _name(label: str) -> str:
    return f"curbside_test_{label}_{os.getpid()}"


def address(label: str) -> str:
    """The address of the database that `clone` makes under this label, each time."""
    return _url(_name(label))


@contextmanager
def clone(label: str) -> Iterator[str]:
    """A fresh, migrated database; its address. Dropped at the end."""
    name = _name(label)
    template = _template()
    with open(FOLDER / "template.lock", "a") as lock, _admin() as admin:
        fcntl.flock(lock, fcntl.LOCK_EX)
        admin.exec_driver_sql(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        admin.exec_driver_sql(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY')
    try:
        yield _url(name)
    finally:
        with _admin() as admin:
            admin.exec_driver_sql(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def empty(label: str) -> None:
    """Take every row from what `clone` made, but for its revision's.

    That is many times quicker than another copy, and as good for who changed nothing but rows.
    """
    engine = create_engine(driver_url(address(label)), poolclass=NullPool)
    with engine.begin() as owner:
        # Whoever still holds a row is a fault of the test, and is told rather than waited for.
        owner.exec_driver_sql("SET LOCAL lock_timeout = '10s'")
        if filled := owner.exec_driver_sql(_filled()).scalars().all():
            # References are looked at when the statement is done, so in any order.
            rows = ", ".join(f"_{n} AS (DELETE FROM {name})" for n, name in enumerate(filled))
            owner.exec_driver_sql(f"WITH {rows} SELECT")


@cache
def _filled() -> str:
    """The question which tables have a row."""
    engine = create_engine(driver_url(_url(_template())), poolclass=NullPool)
    with engine.connect() as connection:
        names = inspect(connection).get_table_names()
    return " UNION ALL ".join(
        f"SELECT '{name}' WHERE EXISTS (SELECT FROM {name})"
        for name in names
        if name != "alembic_version"
    )
