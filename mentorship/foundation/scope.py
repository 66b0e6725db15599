"""The wall between chapters, twice over.

A session enters one chapter. From then on every transaction tells the database which chapter
it works for (row-level security shows and takes that chapter's rows only), every ORM statement
names the chapter (so that indexes that start with it are used), and every new row is stamped.
Before that, a chapter's tables look empty to the database, and an ORM statement that reaches
for one is a programmer's mistake and raises. Nothing else in the product filters by chapter.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from uuid import UUID

from sqlalchemy import Connection, ForeignKey, ForeignKeyConstraint, Table, Uuid, event
from sqlalchemy.orm import (
    Mapped,
    ORMExecuteState,
    Session,
    SessionTransaction,
    mapped_column,
    with_loader_criteria,
)
from sqlalchemy.sql import visitors
from sqlalchemy.sql.visitors import ExternallyTraversible

from mentorship.foundation.database import Model, db, uuid7


class WallBreach(RuntimeError):
    """A programmer's mistake, not a user's. No page ever shows it."""


class ChapterScoped:
    """Mixed into every record that belongs to one chapter; the chapter leads its key."""

    chapter_id: Mapped[UUID] = mapped_column(
        Uuid, ForeignKey("chapters.id"), primary_key=True, sort_order=-20
    )


class ChapterRecord(ChapterScoped):
    """A chapter's record that stands by its own id."""

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, default=uuid7, sort_order=-10)


def chapter_key(*columns: str, to: str, on: tuple[str, ...] = ("id",)) -> ForeignKeyConstraint:
    """A foreign key inside one chapter: no record can tie two chapters together."""
    return ForeignKeyConstraint(
        ["chapter_id", *columns], [f"{to}.chapter_id", *(f"{to}.{column}" for column in on)]
    )


def enter(chapter_id: UUID) -> None:
    """Give this session its chapter, before its first transaction begins.

    :raises WallBreach: it has another chapter already, or has begun to work without one.
    """
    session = db.session()
    if not isinstance(chapter_id, UUID):  # which also makes the textual SET LOCAL below safe
        raise WallBreach("a chapter is entered by its id")
    if session.info.get("chapter_id") == chapter_id:
        return
    if session.info.get("chapter_id") is not None:
        raise WallBreach("this session has entered another chapter already")
    if session.in_transaction():
        raise WallBreach("commit or roll back before entering a chapter")
    session.info["chapter_id"] = chapter_id


def leave() -> None:
    """Drop what was not committed, forget the chapter and everything read in it."""
    session = db.session()
    session.rollback()
    session.expunge_all()
    session.info.pop("chapter_id", None)


@contextmanager
def chapter(chapter_id: UUID) -> Iterator[None]:
    """Work inside one chapter and leave it. For jobs, commands and tests; pages use the door.

    :raises WallBreach: something was changed and not committed at the end.
    """
    enter(chapter_id)
    try:
        yield
        session = db.session()
        if session.new or session.dirty or session.deleted:
            raise WallBreach("uncommitted changes at the end of a chapter's work")
    finally:
        leave()


def here() -> UUID:
    """The chapter this session has entered.

    :raises WallBreach: none.
    """
    chapter_id = db.session().info.get("chapter_id")
    if chapter_id is None:
        raise WallBreach("no chapter has been entered")
    return chapter_id


@event.listens_for(Session, "after_begin")
def _tell_the_database(
    session: Session, transaction: SessionTransaction, connection: Connection
) -> None:
    if transaction.nested:
        return
    chapter_id = session.info.get("chapter_id") or ""
    # Also when there is none: a pooled or a test's connection may remember another's. Textual,
    # because set_config() does not travel through a sharded server.
    driver = connection.connection.driver_connection
    assert driver is not None  # it is gone from closed connections only
    driver.execute(f"SET LOCAL app.chapter_id = '{chapter_id}'", prepare=False)


@event.listens_for(Session, "do_orm_execute")
def _name_the_chapter(state: ORMExecuteState) -> None:
    if state.is_column_load or state.is_relationship_load:
        return
    chapter_id = state.session.info.get("chapter_id")
    if chapter_id is None:
        # True of everything that can be executed; its declared type does not say so.
        assert isinstance(state.statement, ExternallyTraversible)
        for element in visitors.iterate(state.statement):
            if isinstance(element, Table) and _is_walled(element.name):
                raise WallBreach(f"{element.name} was asked for outside any chapter")
        return
    state.statement = state.statement.options(
        with_loader_criteria(
            ChapterScoped,
            lambda record: record.chapter_id == chapter_id,
            include_aliases=True,
        )
    )


@event.listens_for(Session, "before_flush")
def _stamp(session: Session, *_: object) -> None:
    chapter_id = session.info.get("chapter_id")
    for record in session.new | session.dirty | session.deleted:
        if isinstance(record, ChapterScoped):
            stamp = record.chapter_id or chapter_id
            if stamp is None or stamp != chapter_id:
                raise WallBreach(f"{type(record).__name__} belongs to another chapter")
            record.chapter_id = stamp


@cache
def _is_walled(name: str) -> bool:
    """Whether a table's rows belong to chapters. Models are there before the first statement."""
    return any(
        table.name == name
        for mapper in Model.registry.mappers
        if issubclass(mapper.class_, ChapterScoped)
        for table in mapper.tables
    )
