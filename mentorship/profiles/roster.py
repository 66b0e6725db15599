"""A chapter's roster as a file: what its rows say, and everything that is wrong with them.

Nothing here asks the database. `read` never fails: what cannot be understood is in the plan,
in words for the person who wrote the file. `write` is its other direction.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple, TypeVar

from mentorship.foundation.text import quoted
from mentorship.profiles import cells, sheet
from mentorship.profiles.cells import Mention, Said, Side
from mentorship.tenancy.roles import Role
from mentorship.vocabulary.interests import labels
from mentorship.vocabulary.kinds import Kind
from mentorship.vocabulary.stages import Stage, Standing
from mentorship.web.filters import listing

T = TypeVar("T")

#: From so many errors on, no more guesses are made at what was meant; nobody reads them.
GUESSES = 100


class Column(StrEnum):
    NAME = "name"
    EMAIL = "email"
    ROLE = "role"
    STAGE = "stage"
    KINDS = "kinds"
    INTERESTS = "interests"
    CAPACITY = "capacity"
    FIRST_NAME = "first name"
    LAST_NAME = "last name"
    LANGUAGES = "languages"


#: The columns of a roster, in the order in which one is written.
COLUMNS = tuple(Column)[:7]
_SPELLINGS: dict[str, Column] = {
    **{re.sub(r"[^a-z]", "", column.value): column for column in Column},
    **dict.fromkeys(("fullname", "names", "person", "displayname"), Column.NAME),
    **dict.fromkeys(("givenname", "first", "forename"), Column.FIRST_NAME),
    **dict.fromkeys(("surname", "familyname", "last"), Column.LAST_NAME),
    **dict.fromkeys(("emailaddress", "mail", "emails", "address"), Column.EMAIL),
    **dict.fromkeys(("roles", "rolesinchapter"), Column.ROLE),
    **dict.fromkeys(("year", "level", "training", "trainingstage", "standing"), Column.STAGE),
    **dict.fromkeys(("stageoftraining", "trainingyear", "pgy"), Column.STAGE),
    **dict.fromkeys(("kind", "mentoring", "kindsofferedorwanted"), Column.KINDS),
    **dict.fromkeys(("kindsoffered", "kindswanted", "mentorkinds"), Column.KINDS),
    **dict.fromkeys(("interest", "topics", "areasofinterest"), Column.INTERESTS),
    **dict.fromkeys(("language", "speaks", "spokenlanguages"), Column.LANGUAGES),
    **dict.fromkeys(("places", "mentees", "maxmentees", "slots"), Column.CAPACITY),
}


@dataclass(frozen=True)
class Entry:
    """What one row says of one person; what it leaves out, it says nothing about."""

    name: str
    email: str
    roles: frozenset[Role]
    stage: Stage | None = None
    """Of a mentee."""
    standing: Standing | None = None
    """Of a mentor."""
    offers: Mapping[Kind, tuple[str, ...] | None] = field(default_factory=dict)
    """Kinds with their topics as slugs; None where the topics are not said."""
    wants: Mapping[Kind, tuple[str, ...] | None] = field(default_factory=dict)
    interests: tuple[str, ...] = ()
    places: int | None = None
    languages: tuple[str, ...] = ()
    """Beside English, as slugs; read where there is such a column, and never written."""


class Flaw(NamedTuple):
    """Something to mend or to know, where it stands, and what it is."""

    line: int
    column: str
    words: str


@dataclass(frozen=True)
class Plan:
    """What an import of a file would bring in. With a problem or errors, nothing."""

    entries: tuple[Entry, ...] = ()
    errors: tuple[Flaw, ...] = ()
    warnings: tuple[Flaw, ...] = ()
    problem: str = ""
    """Why the file as a whole is no roster."""


def read(content: bytes) -> Plan:
    """The people in a roster file, or everything that is wrong with it."""
    try:
        table = sheet.read(content, fits=lambda header: sum(map(bool, map(_column, header))))
        places = _places_of_columns(table.header, table.header_line)
    except sheet.NotASheet as no:
        return Plan(problem=str(no))
    reader = _Reader()
    for number, label in enumerate(table.header):
        if label and number not in places.values():
            words = f"The column {quoted(label)} is not used."
            reader.warnings.append(Flaw(table.header_line, "", words))
    for line, row in table.rows:
        if any(row[len(table.header) :]):
            reader.too_many_cells(line)
            continue
        wide = row + ("",) * (len(table.header) - len(row))
        reader.take(line, {column: wide[number] for column, number in places.items()})
    if table.broken_at is not None:
        reader.broken(table.broken_at)
    if not reader.entries and not reader.errors:
        return Plan(problem="The file has a first line with the columns, and nobody below it.")
    return Plan(tuple(reader.entries), tuple(reader.errors), tuple(reader.warnings))


def write(entries: Iterable[Entry]) -> bytes:
    """A roster file that reads as exactly these entries."""
    return sheet.write(COLUMNS, map(_row, entries))


def stage_words(stage: Stage | None, standing: Standing | None) -> list[str]:
    """A mentee's stage and a mentor's standing in words; one, where the stage tells the other."""
    told = Standing.RESIDENT if stage and stage.rank >= Stage.PGY1.rank else None
    words = [stage.label] if stage else []
    return words + ([standing.label] if standing and standing is not told else [])


def _column(label: str) -> Column | None:
    bare = re.sub(r"\(.*?\)", "", label.casefold())
    return _SPELLINGS.get(re.sub(r"[^a-z]", "", bare))


def _places_of_columns(header: Sequence[str], line: int) -> dict[Column, int]:
    """Which cell of a row belongs to which column.

    :raises NotASheet: one that is needed is missing, or stands there twice.
    """
    found: dict[Column, int] = {}
    for number, label in enumerate(header):
        column = _column(label)
        if column in found:
            both = f"{quoted(header[found[column]])} and {quoted(label)}"
            how = (
                "Put both into one, each with its word: offers wellness; wants career."
                if column is Column.KINDS
                else "Keep one of them."
            )
            raise sheet.NotASheet(f"Two columns could be the {column}: {both}. {how}")
        if column is not None:
            found[column] = number
    if not found or any("@" in label for label in header):
        raise sheet.NotASheet(
            f"Line {line} should name the columns: {listing(COLUMNS)}."
            " Only name, email and role must be there."
        )
    there = set(found)
    if {Column.FIRST_NAME, Column.LAST_NAME} & there:
        there.add(Column.NAME)
    if missing := [one for one in (Column.NAME, Column.EMAIL, Column.ROLE) if one not in there]:
        raise sheet.NotASheet(
            f"There is no column for {listing(missing)}. Line {line} names these:"
            f" {', '.join(filter(None, header))[:200]}."
        )
    return found


class _Reader:
    """Goes through the rows and keeps what they say, and what is wrong with them."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.errors: list[Flaw] = []
        self.warnings: list[Flaw] = []
        self._line_of: dict[str, int] = {}

    def take(self, line: int, row: Mapping[Column, str]) -> None:
        before = len(self.errors)
        guess = before < GUESSES
        for column, cell in row.items():
            if len(cell) > cells.CELL:
                self._err(line, column, f"A cell has at most {cells.CELL} characters.")
                return
        said = row.get
        name = self._heard(line, Column.NAME, cells.name(_name(row)))
        email = self._heard(line, Column.EMAIL, cells.email(said(Column.EMAIL, "")))
        roles, called = self._heard(line, Column.ROLE, cells.roles(said(Column.ROLE, ""), guess))
        stage, standing = self._heard(
            line, Column.STAGE, cells.stage(said(Column.STAGE, ""), guess)
        )
        kinds = self._heard(line, Column.KINDS, cells.kinds(said(Column.KINDS, ""), guess))
        interests = self._heard(
            line, Column.INTERESTS, cells.interests(said(Column.INTERESTS, ""), guess)
        )
        languages = self._heard(
            line, Column.LANGUAGES, cells.languages(said(Column.LANGUAGES, ""), guess)
        )
        places = self._heard(line, Column.CAPACITY, cells.places(said(Column.CAPACITY, "")))
        self._insist_on_once(line, email)
        if len(self.errors) > before:
            return
        standing = self._standing(line, roles, stage, standing, called)
        offers, wants = self._sides(line, name, roles, kinds)
        mentor, mentee = Role.MENTOR in roles, Role.STUDENT in roles
        self._warn_of_unused(line, row, mentor=mentor, mentee=mentee)
        entry = Entry(
            name=name,
            email=email,
            roles=roles,
            stage=stage if mentee else None,
            standing=standing if mentor else None,
            offers=offers,
            wants=wants,
            interests=interests if mentor or mentee else (),
            places=places if mentor else None,
            languages=languages if mentor or mentee else (),
        )
        if len(self.errors) == before:
            self.entries.append(entry)

    def too_many_cells(self, line: int) -> None:
        self._err(
            line,
            "",
            "The line has more cells than there are columns. A cell with a comma in it needs"
            " quotation marks around it.",
        )

    def broken(self, line: int) -> None:
        self._err(
            line,
            "",
            "From here on the quotation marks do not pair up, so nothing below was read."
            " A quotation mark inside a cell is written twice.",
        )

    def _heard(self, line: int, column: Column, said: Said[T]) -> T:
        for words in said.wrong:
            self._err(line, column, words)
        return said.value

    def _err(self, line: int, column: str, words: str) -> None:
        self.errors.append(Flaw(line, str(column), words))

    def _warn(self, line: int, column: str, words: str) -> None:
        self.warnings.append(Flaw(line, str(column), words))

    def _insist_on_once(self, line: int, email: str) -> None:
        first = self._line_of.setdefault(email, line) if email else line
        if first != line:
            self._err(
                line,
                Column.EMAIL,
                f"{quoted(email)} is on line {first} already. Keep one line for each"
                " person; several roles stand in one cell, like student; officer.",
            )

    def _standing(
        self,
        line: int,
        roles: frozenset[Role],
        stage: Stage | None,
        standing: Standing | None,
        called: Standing | None,
    ) -> Standing | None:
        """What kind of colleague a mentor is: as said, else as the stage or the role tells."""
        if Role.MENTOR not in roles:
            if standing and Role.STUDENT in roles and stage is None:
                self._err(
                    line,
                    Column.STAGE,
                    f"{standing.label} is not a mentee’s stage. Write one like M3 or PGY-2, or add"
                    " mentor to the role.",
                )
            return None
        if stage and stage.rank < Stage.PGY1.rank:
            if Role.STUDENT not in roles:
                self._err(
                    line,
                    Column.STAGE,
                    f"{stage.label} is a student’s stage, and a mentor is a resident, a fellow,"
                    " faculty or another professional.",
                )
            elif not standing and not called:
                self._warn(
                    line,
                    Column.STAGE,
                    f"A mentor in {stage.label} is shown as a resident, the nearest there is.",
                )
            return standing or called or Standing.RESIDENT
        return standing or (Standing.RESIDENT if stage else called)

    def _sides(
        self, line: int, name: str, roles: frozenset[Role], kinds: Sequence[Mention]
    ) -> tuple[dict, dict]:
        """The kinds that somebody offers and those that they want."""
        mentor, mentee = Role.MENTOR in roles, Role.STUDENT in roles
        found: dict[Side, dict[Kind, tuple[str, ...] | None]] = {side: {} for side in Side}
        unsaid = False
        for mention in kinds:
            side = mention.side or (Side.OFFERS if mentor else Side.WANTS)
            unsaid |= mention.side is None
            if (side is Side.OFFERS and not mentor) or (side is Side.WANTS and not mentee):
                if mentor or mentee:
                    lacking = Role.MENTOR if side is Side.OFFERS else Role.STUDENT
                    words = f"Only a {lacking} {side} {mention.kind}. Add {lacking} to the role."
                    self._err(line, Column.KINDS, words)
                continue
            found[side][mention.kind] = mention.topics
        if mentor and mentee and unsaid:
            self._warn(
                line,
                Column.KINDS,
                f"Read as the kinds that {quoted(name)} offers. Write wants before a kind"
                " that they look for, like wants career.",
            )
        return found[Side.OFFERS], found[Side.WANTS]

    def _warn_of_unused(
        self, line: int, row: Mapping[Column, str], *, mentor: bool, mentee: bool
    ) -> None:
        unused = [] if mentor else [Column.CAPACITY]
        if not mentor and not mentee:
            unused = [Column.STAGE, Column.KINDS, Column.INTERESTS, Column.CAPACITY]
            unused.append(Column.LANGUAGES)
        for column in unused:
            if row.get(column):
                whose = "mentors" if column is Column.CAPACITY else "students and mentors"
                self._warn(line, column, f"Only used for {whose}.")


def _name(row: Mapping[Column, str]) -> str:
    parts = (row.get(column, "") for column in (Column.FIRST_NAME, Column.LAST_NAME))
    return row.get(Column.NAME) or " ".join(filter(None, parts))


def _row(entry: Entry) -> list[str]:
    both = {Role.STUDENT, Role.MENTOR} <= entry.roles
    return [
        entry.name,
        entry.email,
        "; ".join(role for role in Role if role in entry.roles),
        "; ".join(stage_words(entry.stage, entry.standing)),
        "; ".join(
            (f"{side} " if both else "") + kind + _topics(kind, topics)
            for side, kinds in ((Side.OFFERS, entry.offers), (Side.WANTS, entry.wants))
            for kind, topics in kinds.items()
        ),
        "; ".join(labels()[slug] for slug in entry.interests if slug in labels()),
        "" if entry.places is None else str(entry.places),
    ]


def _topics(kind: Kind, topics: tuple[str, ...] | None) -> str:
    if kind is not Kind.CONTENT or topics is None:
        return ""
    listed = ", ".join(labels()[slug] for slug in topics if slug in labels())
    return f": {listed}" if listed else ":"


#: A row of every sort, for people who write their first roster.
_PEOPLE = (
    Entry(
        name="Priya Raman",
        email="priya.raman@example.edu",
        roles=frozenset({Role.STUDENT, Role.OFFICER}),
        stage=Stage.M3,
        wants={Kind.CAREER: None, Kind.CONTENT: ("toxicology",), Kind.WELLNESS: None},
        interests=("toxicology", "wilderness"),
    ),
    Entry(
        name="Dr. Ruth Adeyemi",
        email="ruth.adeyemi@example.edu",
        roles=frozenset({Role.MENTOR}),
        standing=Standing.FACULTY,
        offers={Kind.CAREER: None, Kind.CONTENT: ("ultrasound", "toxicology")},
        interests=("medical-education",),
        places=3,
    ),
    Entry(
        name="Dr. Sam O'Neill",
        email="sam.oneill@example.edu",
        roles=frozenset({Role.STUDENT, Role.MENTOR}),
        stage=Stage.PGY2,
        offers={Kind.APPLICATION: None, Kind.WELLNESS: None},
        wants={Kind.CAREER: None},
        interests=("critical-care",),
        places=2,
    ),
)
EXAMPLE = tuple(tuple(_row(entry)) for entry in _PEOPLE)
TEMPLATE = write(_PEOPLE)
