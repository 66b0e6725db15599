"""Fields that no form has: a name of a column, sent along, changes no column.

Each page takes its form as it is meant, with every id and every privilege of the schema beside it,
in the name of somebody who has nothing to do with it. Of that somebody nothing may be written.
"""

import re
from collections.abc import Callable
from uuid import UUID

import pytest
from sqlalchemy import inspect, text

from mentorship.foundation import scope
from mentorship.foundation.database import Model, db
from mentorship.tenancy.members import ChapterCard
from mentorship.tenancy.roles import Role
from tests import make
from tests.conftest import forgotten
from tests.house.test_fuzz import MEANT, World

#: What would be worth having, besides ids.
PRIVILEGES = {
    **dict.fromkeys(("is_network_admin", "verified", "email_verified", "is_admin", "fresh"), "1"),
    **dict.fromkeys(("roles", "roles-0", "role[]", "permissions", "may", "held"), Role.COORDINATOR),
    **dict.fromkeys(("email", "user.email", "by.email"), "pwned@evil.example"),
    **dict.fromkeys(("created_at", "left_at", "proven_at", "used_at", "at"), "2001-02-03T04:05"),
    **dict.fromkeys(("slug", "chapter_slug", "chapter"), "pwned"),
    **dict.fromkeys(("by", "now", "user", "member", "member[id]", "__class__", "_method"), "pwned"),
}
#: Fields of these names that a form really has.
HAS = {"accounts.change_address": ("email",), "accounts.sign_in": ("email",)}


@pytest.fixture
def bystander(world: World):
    """A member of the chapter whom nothing in it concerns."""
    here = ChapterCard(world.member.chapter_id, "fuzz", "Fuzz EMIG", "Fuzz", "America/Chicago")
    return make.student(here, "A Bystander")


@pytest.fixture
def traces(bystander, odd, world: World) -> Callable[[], dict[str, int]]:
    """In how many rows of each table somebody stands who has nothing to do with it."""
    marks = (
        *(bystander.id, bystander.user_id, odd.chapter_id, odd.id, odd.user_id),
        *("pwned", "2001-02-03"),
    )
    found = " OR ".join(f"t::text LIKE '%{mark}%'" for mark in marks)
    tables = [t for t in inspect(db.engine).get_table_names() if not t.startswith("procrastinate_")]
    every = " UNION ALL ".join(f"SELECT '{t}', count(*) FROM {t} t WHERE {found}" for t in tables)
    every += (
        " UNION ALL SELECT 'the jobs', count(*) FROM procrastinate_jobs t"
        f" WHERE {found.replace('t::text', 't.args::text')}"
        " UNION ALL SELECT 'those who run it', count(*) FROM memberships"
        f" WHERE roles && ARRAY['{Role.COORDINATOR}', '{Role.ADVISOR}']::text[]"
        " UNION ALL SELECT 'network admins', count(*) FROM users WHERE is_network_admin"
    )

    def traces() -> dict[str, int]:
        with scope.chapter(world.member.chapter_id):
            return dict(db.session.execute(text(every)).all())

    return traces


def also(bystander, odd) -> dict[str, str]:
    """Every id that the schema has a name for, and every privilege."""
    names = {column.name for table in Model.metadata.tables.values() for column in table.columns}
    ids = {name: str(bystander.id) for name in sorted(names) if re.search("(^|_)id$", name)}
    ids |= {name: str(bystander.user_id) for name in ids if name.endswith("user_id")}
    return ids | {"chapter_id": str(odd.chapter_id)} | PRIVILEGES


def test_no_form_takes_a_field_that_it_does_not_have(
    app,
    world,
    traces,
    bystander,
    odd,
    sign_in,
):
    before, worked = traces(), 0
    adapter = app.url_map.bind("localhost")
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
        if "POST" not in rule.methods:
            continue
        meant = MEANT.get(rule.endpoint, {})
        values = {name: world.ids.get(name, [UUID(int=7)])[0] for name in rule.arguments}
        path = adapter.build(rule.endpoint, values | {"chapter_slug": "fuzz"}, method="POST")
        sent = {**also(bystander, odd), **meant}
        sent = {name: said for name, said in sent.items() if name not in HAS.get(rule.endpoint, ())}
        with forgotten():
            answer = sign_in(world.member).post(path, data=sent)
            assert answer.status_code < 500, path
            # What is refused keeps nothing, whatever it was (`house/test_fuzz.py`).
            if answer.status_code < 400:
                worked += 1
                assert traces() == before, path

    assert worked > 40
