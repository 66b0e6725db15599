"""A row in every table for one person, with a word of theirs wherever one fits.

It is made from the register and the schema alone, so that a new table has one too. The database is
one of its own, from which every constraint was taken but keys: what a word means there does not
matter here, only whose it is.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID, uuid5

from sqlalchemy import ARRAY, Connection, Table, create_engine, text
from sqlalchemy import types as sql
from sqlalchemy.dialects.postgresql import JSONB, TSVECTOR
from sqlalchemy.pool import NullPool

from mentorship.foundation.database import Model, driver_url
from mentorship.own_data.register import REGISTER, Entry, of
from mentorship.tenancy.members import Member

TABLES = Model.metadata.tables
#: Made by the product itself, for everybody.
THERE_ALREADY = {"users", "memberships", "affiliations", "chapters"}
WHEN = datetime(2026, 2, 1, 12, tzinfo=UTC)


def owner(url: str):
    """A connection that may do everything."""
    engine = create_engine(driver_url(url), poolclass=NullPool, isolation_level="AUTOCOMMIT")
    return engine.connect()


def loosen(connection: Connection) -> None:
    """Take away every constraint but primary keys, and every unique index."""
    found = connection.execute(
        text(
            "SELECT conrelid::regclass, conname FROM pg_constraint k JOIN pg_class c"
            " ON c.oid = k.conrelid WHERE c.relnamespace = 'public'::regnamespace"
            " AND c.relname NOT LIKE 'procrastinate%' AND contype IN ('f', 'c', 'x', 'u')"
            " ORDER BY contype = 'u'"
        )
    )
    for table, name in found.all():
        connection.execute(text(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"'))
    unique = connection.execute(
        text(
            "SELECT i.indexrelid::regclass FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid"
            " WHERE c.relnamespace = 'public'::regnamespace AND i.indisunique"
            " AND NOT i.indisprimary AND c.relname NOT LIKE 'procrastinate%'"
        )
    )
    for (name,) in unique.all():
        connection.execute(text(f"DROP INDEX {name}"))


def plant(connection: Connection, who: Member, word: str) -> None:
    """Give this person a row in every table that the register says may hold something of theirs."""
    for name in {entry.table for entry in REGISTER if touches(entry)} - THERE_ALREADY:
        table = TABLES[name]
        values = {
            column.name: _value(table, column, who, word)
            for column in table.c
            if column.computed is None
        }
        connection.execute(table.insert().values(values))


def touches(entry: Entry) -> bool:
    return bool(entry.theirs or entry.about or entry.through)


def holding(connection: Connection, word: str) -> Iterator[str]:
    """Each `table.column` in which a row holds a word, in whatever way, among all there are."""
    columns = connection.execute(
        text(
            "SELECT table_name, column_name, data_type FROM information_schema.columns"
            " WHERE table_schema = 'public'"
        )
    )
    for table, column, kind in columns.all():
        read = f"encode(\"{column}\", 'escape')" if kind == "bytea" else f'"{column}"::text'
        found = connection.execute(
            text(f'SELECT count(*) FROM "{table}" WHERE {read} ILIKE :word'), {"word": f"%{word}%"}
        )
        if found.scalar_one():
            yield f"{table}.{column}"


def holds_words(column) -> bool:
    """Text of any kind but that which a constraint keeps to some words."""
    if not isinstance(column.type, sql.Text | sql.JSON | ARRAY | sql.LargeBinary):
        return False
    checks = " ".join(
        str(one.sqltext) for one in column.table.constraints if hasattr(one, "sqltext")
    )
    return f"{column.name} IN (" not in checks


def _value(table: Table, column, who: Member, word: str) -> object:
    """What stands in one column: the person, the row of theirs that it refers to, or the word."""
    keys = [key for key in table.foreign_key_constraints if column.name in key.column_keys]
    parents = {key.referred_table.name for key in keys} - {"chapters"}
    if column.name == "chapter_id":
        return who.chapter_id
    if isinstance(column.type, sql.Uuid):
        if column.name.endswith("user_id"):
            return who.user_id
        if "memberships" in parents or column.name in _theirs(table.name):
            return who.id
        if parents:
            return row_id(next(iter(parents)), who)
        return row_id(table.name if column.name == "id" else column.name, who)
    kind = column.type
    if table.name == "document_versions" and column.name == "key":
        return f"{who.chapter_id}/as random as a key is"
    if isinstance(kind, sql.Text) and not holds_words(column):
        return "one of some words"
    if isinstance(kind, TSVECTOR):
        return None if column.nullable else ""
    if isinstance(kind, ARRAY):
        return [word] if isinstance(kind.item_type, sql.Text) else []
    for type_, value in (
        (JSONB, {"said": [word]}),
        (sql.LargeBinary, word.encode()),
        (sql.Text, word),
        (sql.Boolean, False),
        (sql.DateTime, WHEN + timedelta(hours=1) if column.name == "ends_at" else WHEN),
        (sql.Date, date(2026, 2, 2)),
        (sql.Time, time(9)),
        (sql.Integer, 1),
    ):
        if isinstance(kind, type_):
            return value
    raise AssertionError(f"{table.name}.{column.name} is of a kind that nobody has planted yet")


def _theirs(name: str) -> set[str]:
    """Columns that hold the person, with a key to them or without."""
    return {column for entry in of(name) for column in (*entry.theirs, *entry.about)}


def row_id(name: str, who: Member) -> UUID:
    """The id of the row that somebody has in a table."""
    return uuid5(who.id, name)
