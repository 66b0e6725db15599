"""The database: the base of every record, its ids and names, and one transaction at a time."""

import os
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from flask_sqlalchemy import SQLAlchemy
from psycopg._preparing import PrepareManager
from psycopg.errors import FeatureNotSupported
from sqlalchemy import (
    CheckConstraint,
    CursorResult,
    DateTime,
    Delete,
    MetaData,
    Text,
    Update,
    Uuid,
    event,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.engine import URL, Engine, ExceptionContext, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, registry
from sqlalchemy.pool import Pool

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMES)
    # On the registry, not on the class: Flask-SQLAlchemy copies the body of the class.
    registry = registry(
        type_annotation_map={datetime: DateTime(timezone=True), str: Text, list[str]: ARRAY(Text)}
    )


# Objects stay readable after a commit: a verb's caller shows what it has just done.
db = SQLAlchemy(model_class=Base, session_options={"expire_on_commit": False})

# The base of every record. Flask-SQLAlchemy makes it while the program runs, from the body of Base
# and mixins of its own; to type checkers, which cannot follow that, it is Base.
if TYPE_CHECKING:
    Model = Base
else:
    Model = db.Model


def among(column: str, words: Iterable[str]) -> str:
    """The condition, as SQL, that a column holds one of these words."""
    return f"{column} IN (" + ", ".join(f"'{word}'" for word in words) + ")"


def one_of(column: str, words: Iterable[str]) -> CheckConstraint:
    """Keep a column to some words. Text with a check, since a database's enums cannot change."""
    return CheckConstraint(among(column, words), name=column)


def uuid7() -> UUID:
    """A new id that sorts by the time it was made (RFC 9562, version 7)."""
    milliseconds = time.time_ns() // 1_000_000
    random = int.from_bytes(os.urandom(10), "big")
    return UUID(
        int=(milliseconds & (1 << 48) - 1) << 80
        | 0x7 << 76
        | (random >> 64 & 0xFFF) << 64
        | 0b10 << 62
        | random & (1 << 62) - 1
    )


class Identified:
    """Mixed into records that belong to no chapter and stand by their own id."""

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, default=uuid7, sort_order=-10)


def count_touched(statement: Delete | Update) -> int:
    """Do it, and say how many rows it has deleted or updated."""
    done = db.session.execute(statement)
    assert isinstance(done, CursorResult)  # as always, when no rows are asked back
    return done.rowcount


@contextmanager
def transaction() -> Iterator[None]:
    """Keep everything done inside, or nothing. For jobs and commands; pages have their own edge."""
    try:
        yield
        db.session.commit()
    except BaseException:
        db.session.rollback()
        raise


class _Kept(PrepareManager):
    """The statements that a connection has prepared. A rollback leaves them as they are.

    The driver's own manager forgets them with each, since a table that they name may be gone by it.
    Ours are made by migrations alone, and every read ends with a rollback: the next would be
    planned anew, which takes longer than it takes to answer.
    """

    def clear(self) -> bool:
        return False


@event.listens_for(Pool, "connect")
def _keep_what_is_prepared(connection: DBAPIConnection, _: object) -> None:
    connection._prepared = _Kept()


@event.listens_for(Engine, "handle_error")
def _leave_what_is_stale(context: ExceptionContext) -> None:
    """Give up a connection whose statements are older than a table that has changed since.

    Whoever asks next has a new one; by itself this one would fail again and again.
    """
    if isinstance(context.original_exception, FeatureNotSupported):
        context.is_disconnect = True


def driver_url(url: str) -> URL:
    """The address with our driver named, whichever PostgreSQL spelling was given."""
    return make_url(url).set(drivername="postgresql+psycopg")


def as_role(url: str, role: str) -> URL:
    """The same address, but every connection works as `role` from its first statement on."""
    parts = driver_url(url)
    given = parts.normalized_query.get("options", ())
    options = " ".join(filter(None, [*given, f"-c role={role}"]))
    return parts.update_query_dict({"options": options})


def psycopg_dsn(url: URL) -> str:
    """The address as psycopg itself reads it, for libraries that do not use SQLAlchemy."""
    rendered = url.set(drivername="postgresql").render_as_string(hide_password=False)
    # SQLAlchemy leaves a space in a password, and writes one in the query as +; libpq refuses the
    # first and takes the second for a plus.
    address, question, query = rendered.replace(" ", "%20").partition("?")
    return address + question + query.replace("+", "%20")
