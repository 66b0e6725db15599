"""Text that somebody else might have got into the database, in every column that keeps text."""

import re
from collections.abc import Callable, Iterator
from uuid import UUID

from flask import Flask
from sqlalchemy import String, Table, text, update
from sqlalchemy.dialects.postgresql import ARRAY
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


def columns() -> Iterator[tuple[Table, str]]:
    """Every column that keeps text, or a list of texts."""
    for table in Model.metadata.sorted_tables:
        tied = {one.name for key in table.foreign_keys for one in [key.parent]}
        for one in table.columns:
            kept = one.type.item_type if isinstance(one.type, ARRAY) else one.type
            words = isinstance(kept, String) and not (one.primary_key or one.name in tied)
            if words and not NOT_SHOWN.search(f"{table.name}.{one.name}"):
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
            new = [words] if isinstance(table.c[name].type, ARRAY) else words
            try:
                with db.session.begin_nested():
                    changed = update(table).where(*here).values({name: new})
                    if db.session.execute(changed).rowcount:
                        taken.add(f"{table.name}.{name}")
            except IntegrityError:  # a rule of the database keeps it out
                continue
        db.session.execute(text(f"SET LOCAL ROLE {ROLE}"))
        db.session.commit()
    return taken


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
