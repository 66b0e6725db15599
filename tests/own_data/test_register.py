"""The register against the schema: what is added to it is spoken of here, or this fails."""

import pytest
from sqlalchemy import Text, inspect

from mentorship.foundation.database import Model, db
from mentorship.own_data import gathering
from mentorship.own_data.register import MENTIONS, REGISTER, Fate, of
from tests.own_data.planting import holds_words

TABLES = Model.metadata.tables
PEOPLE = ("memberships", "users")


def refers_to_people(table) -> set[str]:
    """The columns that say who somebody is."""
    keyed = {
        column
        for key in table.foreign_key_constraints
        if key.referred_table.name in PEOPLE
        for column in key.column_keys
    }
    named = {column.name for column in table.c if column.name.endswith("user_id")}
    return (keyed | named) - {"chapter_id"}


def spoken_of(name: str) -> set[str]:
    columns: set[str] = set()
    for entry in of(name):
        columns |= {*entry.theirs, *entry.about, *entry.named, *entry.via}
        if entry.through:
            columns.add(entry.through[1])
    return columns


def test_every_table_of_the_database_is_in_it(app, undone):
    there = {
        name
        for name in inspect(db.session.connection()).get_table_names()
        if not name.startswith("procrastinate_") and name != "alembic_version"
    }

    assert {entry.table for entry in REGISTER} == there == set(TABLES)


@pytest.mark.parametrize("name", sorted({entry.table for entry in REGISTER}))
def test_every_column_that_names_somebody_is_spoken_of(name):
    members = {one for one in refers_to_people(TABLES[name]) if not one.endswith("user_id")}
    accounts = refers_to_people(TABLES[name]) - members
    # Where a row has both, the member says it.
    missing = (members or accounts) - spoken_of(name)

    assert not missing


@pytest.mark.parametrize("entry", REGISTER, ids=lambda entry: f"{entry.table} {entry.title}")
def test_what_it_names_is_there(entry):
    columns = set(TABLES[entry.table].c.keys())
    parent = TABLES[entry.through[0]].c.keys() if entry.through else ()

    assert {*entry.theirs, *entry.about, *entry.named, *entry.left_out, *entry.only} <= columns
    assert {column for blanks in entry.words.values() for column in blanks} <= columns
    assert set(entry.words) <= columns
    assert not entry.through or (entry.through[1] in columns and entry.through[2] in parent)
    assert set(entry.via) <= set(parent)


@pytest.mark.parametrize("entry", REGISTER, ids=lambda entry: f"{entry.table} {entry.title}")
def test_it_says_why_something_is_not_exported_or_stays(entry):
    if not entry.exported:
        assert entry.kept_back or entry.why
    if entry.fate is Fate.STAYS:
        assert entry.why or entry.kept_back


def test_what_goes_takes_along_whatever_refers_to_it():
    gone = {entry.table for entry in REGISTER if entry.fate is Fate.GOES}
    for name, table in TABLES.items():
        for key in table.foreign_key_constraints:
            parent = key.referred_table.name
            if parent not in gone or key.ondelete == "CASCADE":
                continue
            goes = [entry for entry in of(name) if entry.fate is Fate.GOES]
            assert any(entry.through and entry.through[0] == parent for entry in goes), (
                f"{name} would keep {parent} from being deleted"
            )


def test_running_text_that_is_looked_through_is_there():
    for name, columns in MENTIONS:
        for column in columns:
            assert isinstance(TABLES[name].c[column].type, Text)


def test_what_a_chapters_people_get_is_there():
    for name, left_out in gathering.RUN_BY.items():
        assert set(left_out) <= set(TABLES[name].c.keys())
        assert gathering.in_chapters(name)


def test_words_that_stay_when_their_person_goes_are_blanked_or_named():
    """A column for words in a row that stays is blanked, or stands in `SHARED` with its reason."""
    for entry in REGISTER:
        if entry.fate is Fate.GOES or not (entry.theirs or entry.through):
            continue
        blanked = {column for blanks in entry.words.values() for column in blanks}
        others = {
            column
            for also in of(entry.table)
            for blanks in also.words.values()
            for column in blanks
        }
        for column in TABLES[entry.table].c:
            if holds_words(column) and column.name not in blanked | others:
                assert f"{entry.table}.{column.name}" in SHARED, f"{entry.table}.{column.name}"


_TWO = "The two wrote it together."
_CODE = "A word of ours or the name of a time zone."
_TRAIL = "Ids, instants, numbers, and where a deed came from."
#: Words, or what looks like them, in rows that stay, and why they do.
SHARED = {
    "users.email": "It is made anew, and leads to no mailbox.",
    "users.zone": "It becomes UTC.",
    "pairings.topic": _CODE,
    "pairing_changes.before": _CODE,
    "standing_meetings.zone": _CODE,
    "conference_blocks.zone": _CODE,
    "conference_blocks.conference": "Which conference it was.",
    "agreements.how_often": _TWO,
    "agreements.by_what": _TWO,
    "agreements.what_for": _TWO,
    "agreements.confidence": _TWO,
    "meetings.notes": _TWO,
    "notes_versions.words": _TWO,
    "action_items.what": "Only the other one's are left.",
    "action_items.came_of_it": "Only the other one's are left.",
    "agenda_items.what": "Only the other one's are left.",
    "agenda_items.link": "Only the other one's are left.",
    "concerns.words": "Somebody may depend on it.",
    "weekly_help.who": "It is looked through for the person's name.",
    "audit_events.deed": _TRAIL,
    "audit_events.facts": _TRAIL,
    "audit_events.about": _TRAIL,
    "audit_events.through": _TRAIL,
    "audit_events.network": _TRAIL,
    "account_events.deed": _TRAIL,
    "account_events.facts": _TRAIL,
    "account_events.through": _TRAIL,
    "account_events.network": _TRAIL,
}
