"""The table of permissions is what the product does: each page × role × relationship × state.

The pages come from the map of addresses, the rest from `tenancy/roles.py`. The world has one of
everything; each request is undone, so that the next one finds it as it was.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.routing import Rule

from mentorship.audit.models import AuditEvent
from mentorship.audit.sights import Sight
from mentorship.foundation import scope
from mentorship.foundation.database import db
from mentorship.tenancy.roles import Permission, Role, Whose
from tests.house.acts import ACTS, UNTRIED, Act
from tests.house.world import KINDS, Who, World, build

#: Of which kind the record is that an address names: the first of these arguments that it has.
KIND = {
    **{"meeting_id": "meeting", "document_id": "document", "version_id": "document"},
    **{"goal_id": "goal", "item_id": "item", "contact_id": "contact", "update_id": "update"},
    **{"rotation_id": "rotation", "role_id": "evaluation", "upload_id": "upload"},
    **{"concern_id": "concern", "run_id": "run", "feed_id": "feed", "block_id": "block"},
    **{"session_id": "session", "pairing_id": "pairing", "mentor_id": "mentor"},
    **{"member_id": "member", "export_id": "export", "visit_id": "visit"},
    "handover_id": "handover",
}
#: Permissions for another record than the one that the address names.
INSTEAD = {
    **{Permission.STANDING_ANSWER: "standing", Permission.STANDING_STOP: "standing"},
    **{Permission.WAIT_LEAVE: "wait", Permission.WAIT_TAKE: "wait"},
    **{Permission.SESSION_LEAVE: "seat", Permission.CONFERENCE_LEAVE: "meet_up"},
}
#: In which state the record is found, unless the test says another: one in which all may be seen.
USUAL = {
    **{"meeting": "accepted", "pairing": "active", "standing": "proposed", "wait": "offered"},
    **{"session": "open", "goal": "active", "concern": "looked_at", "run": "review"},
    "upload": "checked",
}


#: Pages that show a mentor, or free times of one: there is none once the mentor mentors no more.
OF_A_MENTOR = {
    *("profiles.mentor", "scheduling.who_waits", "scheduling.reschedule"),
    *("scheduling.standing", "scheduling.agree_to_standing", "scheduling.stop_standing"),
}


#: Permissions that have a state, and that no page posts to by itself.
ONLY_SHOWN = {Permission.DATE_TAKE, Permission.PAIRING_COMPLETE}


class Page(NamedTuple):
    rule: Rule
    method: str
    path: str
    permission: Permission
    kind: str

    @property
    def name(self) -> str:
        return self.rule.endpoint.removeprefix("chapter.")

    def __str__(self) -> str:
        return f"{self.method} {self.name} ({self.permission})"


@pytest.fixture
def world(lakeside, now) -> World:
    return build(lakeside, now=now)


def pages(app: Flask, world: World) -> list[Page]:
    """Every page of the chapter with each of its methods, at the address of the one record."""
    adapter, found = app.url_map.bind("localhost"), []
    for rule in app.url_map.iter_rules():
        if not rule.endpoint.startswith("chapter."):
            continue
        permission = app.view_functions[rule.endpoint].permission
        named = rule.arguments - {"chapter_slug"}
        kind = INSTEAD.get(permission) or next((KIND[a] for a in KIND if a in named), "")
        values = {"chapter_slug": world.chapter.slug} | {each: world.ids[each] for each in named}
        for method in sorted(rule.methods & {"GET", "POST"}):
            path = adapter.build(rule.endpoint, values, method=method)
            found.append(Page(rule, method, path, permission, kind))
    return sorted(found, key=lambda page: (page.name, page.method))


def related(page: Page, who: Who, role: Role) -> bool:
    """Whether the table means somebody with this role by its words about the relationship."""
    mentee, mentor = who is Who.MENTEE, who is Who.MENTOR
    if not page.kind:
        return True
    if mentor and role is not Role.MENTOR and page.name in OF_A_MENTOR:
        return False
    match page.permission.whose:
        case Whose.OWN:
            return who is KINDS[page.kind].owner
        case Whose.ITS_TWO:
            return mentee or mentor
        case Whose.ITS_MENTEE:
            return mentee
        case Whose.ITS_MENTOR:
            return mentor
        case Whose.NOT_ITS_MENTOR:
            return not mentor
        case Whose.ITS_MENTOR_OR_COORDINATOR:
            return mentor or role is Role.COORDINATOR
        case Whose.ITS_MENTOR_OR_RUN:
            return mentor or role in (Role.COORDINATOR, Role.ADVISOR)
        case Whose.ITS_TRIAGERS:
            return role is Role.ADVISOR and not mentor  # it is the mentor whom it is about
        case Whose.ITS_AUDIENCE:
            return {
                "document": mentee or mentor,
                "session": True,  # it is open to all students, and seen by those who run it
                "concern": mentee or (role is Role.ADVISOR and not mentor),
            }[page.kind]
    return True


@contextmanager
def undoing() -> Iterator[None]:
    """Have whatever is done inside, by requests too, be as if it had not been."""
    db.session.commit()
    inside = db.engines[None].begin_nested()
    try:
        yield
    finally:
        db.session.rollback()
        db.session.expunge_all()
        inside.rollback()


def deeds(world: World) -> int:
    with scope.chapter(world.chapter.id):
        done = select(func.count()).where(AuditEvent.deed.not_in(list(Sight)))
        return db.session.scalar(done) or 0


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("who", list(Who))
def test_a_page_opens_for_the_role_and_the_relationship_that_the_table_names(
    app, world, sign_in, who, role
):
    wrong = []
    world.give_role(who, role)
    client = sign_in(world.people[who])
    client.get(f"/c/{world.chapter.slug}/")  # their sign-in is not undone
    for page in pages(app, world):
        if role not in page.permission.roles and who is not Who.THIRD:
            continue
        if page.kind in ("export", "visit", "handover"):
            continue  # the door asks for the role alone, and before it knows of any record
        expected = (
            403 if role not in page.permission.roles else None if related(page, who, role) else 404
        )
        with undoing():
            if page.kind in USUAL:
                world.put(page.kind, USUAL[page.kind])
            form = ACTS[page.name].form(world) if page.name in ACTS else {}
            status = client.open(page.path, method=page.method, data=form).status_code
        fine = status == expected if expected else status in (200, 302, 303, 409, 422)
        if not fine:
            wrong.append(f"{page}: {status}, and not {expected or 'let in'}")

    assert not wrong, "\n".join(wrong)


def acts_of(app: Flask, world: World) -> list[tuple[Page, Act]]:
    """Every page that changes a record, with how it is used rightly."""
    posts = [page for page in pages(app, world) if page.kind and page.method == "POST"]
    return [(page, ACTS[page.name]) for page in posts if page.name in ACTS]


def role_of(page: Page, act: Act) -> Role:
    """A role that the table gives the permission to, and that such a person would have."""
    likely = {
        Who.MENTEE: (Role.STUDENT, Role.COORDINATOR),
        Who.MENTOR: (Role.MENTOR,),
        Who.THIRD: (Role.STUDENT, Role.COORDINATOR, Role.ADVISOR),
    }
    wanted = (Role.ADVISOR,) if page.permission.whose is Whose.ITS_TRIAGERS else likely[act.by]
    return next(role for role in wanted if role in page.permission.roles)


def test_each_page_that_changes_a_record_is_tried_or_says_why_not(app, world):
    posts = {page.name for page in pages(app, world) if page.kind and page.method == "POST"}

    assert posts - ACTS.keys() == UNTRIED.keys()
    assert ACTS.keys() <= posts


def test_what_the_table_says_of_states_is_tried(app, world):
    tried = {page.permission for page, _ in acts_of(app, world)}

    assert {each for each in Permission if each.when} - tried <= ONLY_SHOWN


@pytest.mark.parametrize("who", list(Who))
def test_in_every_state_a_deed_is_done_where_the_table_allows_it_and_nowhere_else(
    app, world, sign_in, at, now, who
):
    wrong = []
    for page, act in acts_of(app, world):
        if act.by is not who:
            continue
        states = KINDS[page.kind].states
        for state in states or [USUAL.get(page.kind, "")]:
            allowed = page.permission.when is None or state in page.permission.when
            with undoing():
                at(act.at or now)
                world.give_role(who, role_of(page, act))
                if state:
                    world.put(page.kind, state)
                if act.given:
                    act.given(world)
                before = deeds(world)
                client = sign_in(world.people[who])
                try:
                    answer = client.post(page.path, data=act.form(world))
                except Exception as error:
                    wrong.append(f"{page} when {state}: {error!r:.300}")
                    continue
                done = deeds(world) > before
            # A question finds these only as long as there is something to do.
            gone = answer.status_code == 404 and page.kind in ("wait", "session") and not allowed
            if answer.status_code not in (302, 303, 409, 422) and not gone:
                wrong.append(f"{page} when {state}: {answer.status_code}")
            elif done is not allowed:
                wrong.append(f"{page} when {state}: {answer.status_code}, done: {done}")

    assert not wrong, "\n".join(wrong)
