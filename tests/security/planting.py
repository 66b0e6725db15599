"""Text that somebody else might have got into the database, wherever it keeps text."""

import re
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

from flask import Flask
from sqlalchemy import ColumnElement, String, Table, and_, select, text, update
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.exc import IntegrityError

from mentorship.foundation import scope
from mentorship.foundation.database import Model, db
from mentorship.foundation.schema import ROLE

NOBODY = UUID(int=7)
#: Text that people cannot choose, and that no page shows as it stands: keys, addresses, zones and
#: words of a list. A page that meets another word there stops, and shows nothing.
NOT_SHOWN = re.compile(
    r"(^|[._])(slug|email|zone|state|kind|kinds|digest|key|deed|token|sort|location|code|cycle"
    r"|step|region|path|mark|facets|interests|goals|settings|languages|topics?|before|cautions"
    r"|through|network)$"
)
#: Text of a document that stands for something: a word of ours, an id, an instant, a number.
MEANT = re.compile(r"[a-z0-9][\w.:+-]*|")


def columns() -> Iterator[tuple[Table, str]]:
    """Every column that keeps text, a list of texts, or a document with text in it."""
    for table in Model.metadata.sorted_tables:
        tied = {one.name for key in table.foreign_keys for one in [key.parent]}
        for one in table.columns:
            kept = one.type.item_type if isinstance(one.type, ARRAY) else one.type
            words = isinstance(kept, String | JSONB) and not (one.primary_key or one.name in tied)
            ours = NOT_SHOWN.search(f"{table.name}.{one.name}") and not isinstance(kept, JSONB)
            if words and not ours:
                yield table, one.name


def plant(chapter_id: UUID, payload: Callable[[str], str]) -> set[str]:
    """Replace every text of a chapter and its people. The names of what the database took.

    :param payload: what a text is replaced by, from the name of its column.

    As the owner of the tables: also where the product itself only adds.
    """
    taken = set()
    with scope.chapter(chapter_id):
        owner = db.session.scalar(text("SELECT session_user"))
        db.session.execute(text(f'SET LOCAL ROLE "{owner}"'))
        for table, name in columns():
            here = (table.c.chapter_id == chapter_id,) if "chapter_id" in table.c else ()
            words = payload(f"{table.name}.{name}")
            for which, new in _new(table, name, words, here):
                try:
                    with db.session.begin_nested():
                        changed = update(table).where(*which).values({name: new})
                        if db.session.execute(changed).rowcount:
                            taken.add(f"{table.name}.{name}")
                except IntegrityError:  # a rule of the database keeps it out
                    continue
        db.session.execute(text(f"SET LOCAL ROLE {ROLE}"))
        db.session.commit()
    return taken


Which = tuple[ColumnElement[bool], ...]


def _new(table: Table, name: str, words: str, here: Which) -> Iterator[tuple[Which, Any]]:
    """What a column is to hold, and in which rows: each document keeps the shape that it has."""
    column, keys = table.c[name], list(table.primary_key.columns)
    if not isinstance(column.type, JSONB):
        yield here, [words] if isinstance(column.type, ARRAY) else words
        return
    for *values, kept in db.session.execute(select(*keys, column).where(*here)).all():
        new = replaced(kept, words)
        if new != kept:
            row = (key == value for key, value in zip(keys, values, strict=True))
            yield (and_(*row),), new


def replaced(kept: Any, words: str) -> Any:
    """A document with other words wherever it holds some that people can have written."""
    if isinstance(kept, dict):
        return {name: replaced(value, words) for name, value in kept.items()}
    if isinstance(kept, list):
        return [replaced(value, words) for value in kept]
    return words if isinstance(kept, str) and not MEANT.fullmatch(kept) else kept


def addresses(app: Flask, ids: dict[str, UUID]) -> Iterator[str]:
    """Every page that can be looked at, of what there is."""
    adapter = app.url_map.bind("localhost")
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
        if "GET" in rule.methods and rule.endpoint != "static":
            values = {
                name: ids.get(name, NOBODY if name.endswith("_id") else "x")
                for name in rule.arguments
            }
            yield adapter.build(rule.endpoint, {**values, "chapter_slug": "lakeside"})
