"""Databases for the tests: migrated once, then copied as files."""

import fcntl
import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
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
            if not _there(admin, name):
                admin.exec_driver_sql(f'CREATE DATABASE "{name}_making"')
                schema.upgrade(_url(f"{name}_making"))
                admin.exec_driver_sql(f'ALTER DATABASE "{name}_making" RENAME TO "{name}"')
    return name


def _there(admin: Connection, name: str) -> bool:
    found = admin.exec_driver_sql("SELECT FROM pg_database WHERE datname = %s", (name,))
    return found.one_or_none() is not None


def _name(label: str) -> str:
    return f"curbside_test_{label}_{os.getpid()}"


def address(label: str) -> str:
    """The address of the database that `clone` makes under this label, each time."""
    return _url(_name(label))


@contextmanager
def clone(label: str, *, template: str = "") -> Iterator[str]:
    """A fresh, migrated database, or a copy of one that is `shared`; its address.

    Dropped at the end.
    """
    name = _name(label)
    template = template or _template()
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


@contextmanager
def shared(label: str, make: Callable[[str], None]) -> Iterator[str]:
    """The name of a database for all processes of a run to copy; the first makes it there.

    The last to end drops it.
    """
    name = f"curbside_test_{label}_{os.environ.get('PYTEST_XDIST_TESTRUNUID', os.getpid())}"
    path = FOLDER / f"{name}.lock"
    FOLDER.mkdir(parents=True, exist_ok=True)
    with open(path, "a") as lock, _admin() as admin:
        fcntl.flock(lock, fcntl.LOCK_SH)
        while not _there(admin, name):
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not _there(admin, name):
                with clone(f"{label}_making") as url:
                    make(url)
                    made = make_url(url).database
                    admin.exec_driver_sql(f'ALTER DATABASE "{made}" RENAME TO "{name}"')
            fcntl.flock(lock, fcntl.LOCK_SH)
        try:
            yield name
        finally:
            with suppress(BlockingIOError):
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                admin.exec_driver_sql(f'DROP DATABASE "{name}" WITH (FORCE)')
                path.unlink()
