"""Reading everything about somebody, and everything of a chapter, as the register says."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Table, and_, false, or_, select

import mentorship.scheduling.replies.models
import mentorship.tenancy.university.models  # noqa: F401  a process that pages need not knows these
from mentorship.foundation.database import Model, db
from mentorship.own_data.register import REGISTER, Entry, of


@dataclass(frozen=True)
class Who:
    """A person in one chapter; outside of any, without a member."""

    user_id: UUID
    member_id: UUID | None = None


@dataclass(frozen=True)
class Section:
    """The rows of one entry, as plain values, each by column. `title` is for readers."""

    title: str
    table: str
    rows: tuple[Mapping[str, Any], ...]


def table(name: str) -> Table:
    return Model.metadata.tables[name]


def in_chapters(name: str) -> bool:
    """Whether a table's rows are a chapter's, and so are read and erased inside of it."""
    return "chapter_id" in table(name).c


def is_person(entry_table: str, column: str) -> bool:
    """Whether a column holds an account, rather than a member of a chapter."""
    return entry_table == "users" or column.endswith("user_id")


def theirs(entry: Entry, who: Who, *, about: bool = False) -> ColumnElement[bool]:
    """Which rows of the entry are this person's; with `about`, also those of others about them."""
    columns = (*entry.theirs, *(entry.about if about else ()))
    held = [holds(entry.table, column, who) for column in columns]
    if entry.through:
        held.append(_through(entry, who))
    return or_(false(), *held)


def _through(entry: Entry, who: Who) -> ColumnElement[bool]:
    assert entry.through
    parent, column, key = entry.through
    if entry.via:
        belongs = or_(*(holds(parent, name, who) for name in entry.via))
    else:
        # Not the ones to whom another entry of the parent's merely refers.
        belongs = theirs(next(of(parent)), who)
    return table(entry.table).c[column].in_(select(table(parent).c[key]).where(belongs))


def holds(name: str, column: str, who: Who) -> ColumnElement[bool]:
    """That a column holds this person: their account, or who they are in the chapter."""
    return table(name).c[column] == (who.user_id if is_person(name, column) else who.member_id)


def about_person(who: Who) -> list[Section]:
    """What is kept of somebody: in the chapter that was entered, or outside of every one."""
    here = who.member_id is not None
    sections = []
    for entry in REGISTER:
        if entry.exported and in_chapters(entry.table) == here:
            chosen = [theirs(entry, who)]
            chosen += [table(entry.table).c[name].in_(words) for name, words in entry.only.items()]
            sections.append(_section(entry, and_(*chosen)))
    return [section for section in sections if section.rows]


def of_chapter(*, whole: bool) -> list[Section]:
    """What the chapter that was entered has: what its people run it by, or the whole of it."""
    sections = []
    for name in sorted({entry.table for entry in REGISTER if in_chapters(entry.table)}):
        if name in NEVER or not (whole or name in RUN_BY):
            continue
        left_out = () if whole else RUN_BY[name]
        sections.append(_section(Entry(name, name, left_out=left_out), None))
    return [section for section in sections if section.rows]


#: What is in a copy that a chapter's own people ask for, each with the columns that are not. No
#: word that two people say to each other, nothing that somebody wrote for themselves or for the
#: advisor, and no date of a meeting: a new table is not in it until somebody says so here.
RUN_BY: Mapping[str, tuple[str, ...]] = {
    "memberships": (),
    "mentee_profiles": ("story", "free"),
    "mentor_profiles": ("search", "video_link"),
    "offers": (),
    "wants": ("looking_for",),
    "pairings": ("fit", "reasons", "first_met_at", "last_contact_on"),
    "group_sessions": ("word",),
    "conference_blocks": (),
    "matching_runs": ("report", "facts"),
    "weekly_help": (),
    "keeping_rules": (),
    "safety_settings": (),
    "chapter_roads": (),
    "agenda_templates": (),
}
#: Bytes of files and of uploads, and what only keeps the product from doing things twice.
NEVER = frozenset({"stored_chunks", "roster_uploads", "submissions"})


def _section(entry: Entry, chosen: ColumnElement[bool] | None) -> Section:
    source = table(entry.table)
    columns = [column for column in source.c if column.name not in entry.left_out]
    statement = select(*columns).order_by(*source.primary_key.columns)
    if chosen is not None:
        statement = statement.where(chosen)
    rows = db.session.execute(statement).mappings()
    return Section(entry.title or entry.table, entry.table, tuple(dict(row) for row in rows))


def keys_of_files() -> list[str]:
    """What the store knows the files of the chapter that was entered by."""
    versions = table("document_versions")
    return list(db.session.scalars(select(versions.c.key).distinct()))


@cache
def member_columns(name: str) -> frozenset[str]:
    """The columns of a table that refer to a member."""
    keys = table(name).foreign_key_constraints
    return frozenset(
        column
        for key in keys
        if key.referred_table.name == "memberships"
        for column in key.column_keys
        if column != "chapter_id" and not is_person(name, column)
    )


def plain(value: Any) -> Any:
    """A value as JSON has it: instants in ISO 8601 with their zone, ids as text."""
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, Mapping):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    return value


def named(section: Section, names: Mapping[UUID, str]) -> Iterator[dict[str, Any]]:
    """The rows of a section, with a name beside each member's id."""
    members = member_columns(section.table) if section.table in Model.metadata.tables else ()
    for row in section.rows:
        said: dict[str, Any] = {}
        for column, value in row.items():
            if column == "chapter_id":
                continue
            said[column] = plain(value)
            if column in members and value is not None:
                said[column.removesuffix("_id")] = names.get(value, "Somebody")
        yield said
