"""Two chapters with one of everything in each, and requests that reach from one to the other.

The other chapter comes first, and each of its texts is replaced by a canary; then comes the one
whose people act. An id is tried beside its neighbour, which differs in the last bit and never
existed: whoever acts has to be told the same of both.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, NamedTuple
from uuid import UUID

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from mentorship.accounts.models import User
from mentorship.foundation import scope
from mentorship.foundation.database import Model, db
from mentorship.tenancy import memberships, queries, support
from mentorship.tenancy.members import ChapterCard, Member
from mentorship.tenancy.roles import Reach, Role
from tests import make
from tests.conftest import signed_in
from tests.house.test_fuzz import MEANT
from tests.house.test_fuzz import NOBODY as SOMETHING
from tests.house.world import World, build
from tests.security.planting import plant

#: Stands in every text of the other chapter.
CANARY = "zebulon"
#: Words in addresses that mean no record; each is tried as it is meant.
WORDS = {"part": "about", "step_key": "first-mentor", "token": "x", "filename": "app.css"}
#: Tables of a library, or of ours, that hold nothing of a chapter's or a person's.
_NOT_LOOKED_AT = ("procrastinate_", "alembic_")

_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")
_WRITES = re.compile(r"\b(INSERT|UPDATE|DELETE|procrastinate_defer\w*)\b")
_KEYS = re.compile(r'(?<=value=")[\w.~-]{16,}(?=")|(?<=<code>)[0-9a-f]{16}(?=</code>)|[\w-]{43,}')


def neighbour(record_id: UUID) -> UUID:
    """An id that never existed, and that sorts beside this one."""
    return UUID(int=record_id.int ^ 1)


@dataclass
class Two:
    """The chapter whose people act, the other one, and who they are."""

    app: Flask
    here: World
    there: World
    people: dict[str, Member]
    """Of the first chapter, by what they are to it."""
    users: frozenset[UUID]
    """The accounts of the other chapter's people."""
    addresses: frozenset[str]
    tokens: dict[str, str]
    """Of the sessions in which they are signed in."""

    def browser(self, who: str) -> FlaskClient:
        """A fresh browser in which they are signed in, and nothing else was done."""
        browser = self.app.test_client()
        browser.set_cookie(self.app.config["SIGN_IN_COOKIE_NAME"], self.tokens[who])
        return browser

    @cached_property
    def their_ids(self) -> dict[str, UUID]:
        """One row of each table of the other chapter, and what an address can name, by name."""
        named = {name: one for name, one in self.there.ids.items() if isinstance(one, UUID)}
        with scope.chapter(self.there.chapter.id):
            for table in Model.metadata.sorted_tables:
                if {"id", "chapter_id"} <= set(table.c.keys()):
                    found = db.session.scalar(
                        text(f"SELECT min(id::text) FROM {table.name} WHERE chapter_id = :there"),
                        {"there": self.there.chapter.id},
                    )
                    if found:
                        named[f"a row of {table.name}"] = UUID(found)
        named |= {f"the membership of {who}": one.id for who, one in self.there.people.items()}
        named |= {f"the account of {who}": one.user_id for who, one in self.there.people.items()}
        named["the chapter"] = self.there.chapter.id
        return named

    @cached_property
    def every_id_of_theirs(self) -> frozenset[str]:
        """The key of every row of the other chapter's, as text."""
        found = {str(self.there.chapter.id), *map(str, self.users)}
        with scope.chapter(self.there.chapter.id):
            for table in Model.metadata.sorted_tables:
                if {"id", "chapter_id"} <= set(table.c.keys()):
                    found |= set(db.session.scalars(text(f"SELECT id::text FROM {table.name}")))
        return frozenset(found)

    def put(self, states: Mapping[str, str]) -> None:
        """Let records of both chapters stand in these states, by kind."""
        for world in (self.here, self.there):
            for kind, state in states.items():
                world.put(kind, state)

    def digest(self) -> str:
        """Of every row that belongs to the other chapter or one of its people."""
        looks = []
        for table in Model.metadata.sorted_tables:
            if table.name.startswith(_NOT_LOOKED_AT):
                continue
            whose = "true"
            if "chapter_id" not in table.c:
                person = {"users": "id", "chapters": None}.get(table.name, "user_id")
                if table.name == "chapters":
                    whose = "id = :chapter_id"
                elif person in table.c:
                    whose = f"{person} = ANY(:users)"
                else:
                    continue
            looks.append(
                f"SELECT '{table.name}', count(*), md5(string_agg(t::text, '' ORDER BY t::text))"
                f" FROM {table.name} t WHERE {whose}"
            )
        with scope.chapter(self.there.chapter.id):
            facts = {"users": list(self.users), "chapter_id": self.there.chapter.id}
            # In an order, which the union of so many has none of.
            return str(sorted(db.session.execute(text(" UNION ALL ".join(looks)), facts).all()))

    def jobs_for_them(self) -> int:
        """How many jobs wait that name the other chapter, or a row of it."""
        waiting = db.session.scalars(text("SELECT args::text FROM procrastinate_jobs")).all()
        db.session.rollback()
        return sum(bool(set(_UUID.findall(args)) & self.every_id_of_theirs) for args in waiting)


def make_two(app: Flask, *, now: datetime) -> Two:
    """Both chapters, and somebody signed in for each way of standing to the first."""
    there_card = make.chapter("elsewhere", zone="Europe/Oslo")
    there = build(there_card, now=now)
    plant(there_card.id, lambda name: f"{CANARY} {name}")
    users = frozenset(db.session.scalars(select(User.id)))
    db.session.rollback()
    here_card = make.chapter("lakeside")
    here = build(here_card, now=now)
    addresses = db.session.scalars(select(User.email).where(User.id.in_(users))).all()
    db.session.rollback()
    people = _people(here, there_card, now=now)
    tokens = {name: signed_in(member) for name, member in people.items()}
    db.session.execute(text("DELETE FROM procrastinate_jobs"))
    db.session.commit()
    two = Two(app, here, there, people, users, frozenset(addresses), tokens)
    for slug in ("lakeside", "elsewhere"):  # whose id is looked up once in a process
        two.browser("its mentee").get(f"/c/{slug}/")
    return two


def _people(here: World, there: ChapterCard, *, now: datetime) -> dict[str, Member]:
    chapter = here.chapter
    found = {str(who): member for who, member in here.people.items()}
    for role in Role:
        found[f"a {role}"] = make.member(chapter, role)
    every = make.student(chapter, roles=tuple(Role))
    with scope.chapter(chapter.id):
        found["somebody with every role"] = queries.member(every.id)
    both = make.student(chapter, roles=tuple(Role), email="both@example.org")
    with scope.chapter(chapter.id):
        found["somebody who is in both"] = queries.member(both.id)
    make.member(there, Role.STUDENT, name=f"{CANARY} both", email="both@example.org")
    former = make.student(chapter)
    with scope.chapter(chapter.id):
        memberships.leave(queries.member(former.id), by=queries.member(former.id), now=now)
        db.session.commit()
    found["a former member"] = former
    found["a visitor by consent"] = _visitor(chapter, by=found["a coordinator"], now=now)
    return found


def _visitor(chapter: ChapterCard, *, by: Member, now: datetime) -> Member:
    email = "support@example.org"
    make.network_admin(email)
    with scope.chapter(chapter.id):
        visit = support.let_in(
            **{"email": email, "why": "A run is stuck.", "reach": Reach.RUNS},
            **{"lasts": support.CHOICES[0], "by": by, "now": now},
        )
        db.session.commit()
        return queries.member(visit.member_id)


def rules(app: Flask) -> list[Rule]:
    found = [rule for rule in app.url_map.iter_rules() if rule.endpoint != "static"]
    return sorted(found, key=lambda rule: (rule.rule, rule.endpoint))


class Place(NamedTuple):
    """A place of a request that takes an id."""

    rule: Rule
    method: str
    sort: str
    """`argument` of the address, `field` of the form, or `query`."""
    name: str

    def __str__(self) -> str:
        return f"{self.method} {self.rule.rule}, where {self.sort} {self.name}"


def reaching(app: Flask) -> list[Place]:
    """Every such place: arguments from the map of addresses, fields from how each form is meant."""
    found = []
    for rule in rules(app):
        for method in sorted(rule.methods & {"GET", "POST"}):
            named = {name for name in rule.arguments if name.endswith(("_id", "chapter_slug"))}
            found += [Place(rule, method, "argument", name) for name in sorted(named)]
            if method == "POST":
                meant = MEANT.get(rule.endpoint, {})
                fields = {name for name, words in meant.items() if str(SOMETHING) in words}
                found += [Place(rule, method, "field", name) for name in sorted(fields | ID_FIELDS)]
            else:
                found += [Place(rule, method, "query", name) for name in sorted(ASKED)]
    return found


#: Names under which forms take a record, tried on each of them.
ID_FIELDS = {
    *("mentor", "mentee", "mentors", "pairing", "meeting_id", "colleague", "to", "before", "about"),
    *("other", "one", "add", "ids", "form_key", "next", "back", "slot", "copy", "document"),
    *("member", "run", "chapter_id", "user_id", "member_id", "help", "student_email"),
}
#: What addresses are asked with.
ASKED = {
    *("q", "after", "before", "with", "mentee", "mentor", "who", "pairing", "meeting", "next"),
    *("show", "left", "back", "to", "since", "draft", "run", "deed", "kind", "again", "version"),
}
#: Of these, what is looked for or typed, and so may be a word of the other chapter.
TAKE_WORDS = {"q", "form_key", "next", "back", "after", "before", "student_email"}


def ask(two: Two, who: str, place: Place, what: str) -> TestResponse:
    """Make a request in which one place holds `what`, and the rest names records of one's own."""
    rule, method, sort, name = place
    values: dict[str, Any] = {
        each: two.here.ids.get(each, WORDS.get(each, SOMETHING)) for each in rule.arguments
    }
    if "chapter_slug" in values:
        values["chapter_slug"] = two.here.chapter.slug
    if sort == "argument":
        values[name] = what
    path = two.app.url_map.bind("localhost").build(rule.endpoint, values, method=method)
    client = two.browser(who)
    if method == "GET":
        return client.get(path, query_string={name: what} if sort == "query" else None)
    meant = MEANT.get(rule.endpoint, {})
    form = {each: words.replace(str(SOMETHING), what) for each, words in meant.items()}
    if sort == "field" and str(SOMETHING) not in meant.get(name, ""):
        form[name] = what
    return client.post(path, data=form)


def plain(answer: TestResponse, sent: tuple[str, ...]) -> tuple[int, str, str]:
    """An answer without what differs each time: ids, but for their order, and keys of forms."""
    body = answer.get_data().decode(errors="replace")
    return (
        answer.status_code,
        _numbered(answer.headers.get("Location", ""), sent),
        _numbered(body, sent),
    )


def _numbered(words: str, sent: tuple[str, ...]) -> str:
    seen: dict[str, str] = {}
    for one in sent:
        words = words.replace(one, "what was sent")
    words = _UUID.sub(lambda found: seen.setdefault(found[0], f"id {len(seen)}"), words)
    return _KEYS.sub("a key", words)


def shown(two: Two, answer: TestResponse, sent: str) -> set[str]:
    """What of the other chapter's stands in an answer, but for what was sent."""
    body = f"{answer.headers}{answer.get_data().decode(errors='replace')}"
    ids = set(_UUID.findall(body)) & two.every_id_of_theirs - {sent}
    words = {found for found in re.findall(rf"{CANARY} [\w.]+", body.replace(sent, ""))}
    return ids | words


def wrote(statements: list[str]) -> bool:
    """Whether any of them can have changed a row."""
    return any(_WRITES.search(statement) for statement in statements)
