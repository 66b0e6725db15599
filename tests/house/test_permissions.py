"""The table of permissions is what the product does: each page × role × relationship × state.

The pages come from the map of addresses, the rest from `tenancy/roles.py`. The world has one of
everything; each request is undone, so that the next one finds it as it was.
"""

import html
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import func, select, update
from werkzeug.routing import Rule

from mentorship.audit.models import AuditEvent
from mentorship.audit.sights import Sight
from mentorship.foundation import rates, scope
from mentorship.foundation.database import db
from mentorship.tenancy.models import Membership
from mentorship.tenancy.roles import Permission, Role, Whose
from tests import permissions_page
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
#: In which state each record is found, unless the test says another: one in which all may be seen.
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


#: Kinds that a question finds only as long as there is something to do with them.
FOUND_WHILE_OPEN = {"wait", "session"}
#: Permissions that have a state, and that no page posts to by itself.
ONLY_SHOWN = {Permission.DATE_TAKE, Permission.PAIRING_COMPLETE}


#: How a page answers that is not refused: shown, done, or with words on why not.
ANSWERS = {200, 302, 303, 409, 422}
#: Who reads pages to see what they offer: each with their hat, and a mentee who mentors by now.
READERS = [
    *((Who.MENTEE, Role.STUDENT), (Who.MENTEE, Role.MENTOR), (Who.MENTOR, Role.MENTOR)),
    *((Who.THIRD, role) for role in (Role.COORDINATOR, Role.OFFICER, Role.ADVISOR)),
]
_FORM = re.compile(r'<form[^>]* action="([^"]+)"[^>]*>')
_LINK = re.compile(r'<a[^>]* href="(/c/[^"#?]+)')


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


@pytest.fixture(autouse=True)
def patience(monkeypatch) -> None:
    """How often somebody may ask, or miss, is tried elsewhere."""
    monkeypatch.setattr(rates, "insist", lambda *_, **__: None)


@pytest.fixture
def world(lakeside, now) -> World:
    built = build(lakeside, now=now)
    for kind, state in USUAL.items():
        built.put(kind, state)
    return built


def pages(app: Flask, world: World | None = None) -> list[Page]:
    """Every page of the chapter with each of its methods; in a world, where its records are."""
    adapter, found = app.url_map.bind("localhost"), []
    for rule in app.url_map.iter_rules():
        if not rule.endpoint.startswith("chapter."):
            continue
        permission = app.view_functions[rule.endpoint].permission
        named = rule.arguments - {"chapter_slug"}
        kind = INSTEAD.get(permission) or next((KIND[a] for a in KIND if a in named), "")
        for method in sorted(rule.methods & {"GET", "POST"}):
            path = ""
            if world:
                values = {each: world.ids[each] for each in named}
                values["chapter_slug"] = world.chapter.slug
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
        case Whose.ITS_TWO | Whose.FROM_OR_TO:
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


def offers(app: Flask, text: str) -> Iterator[tuple[str, str, Permission, dict[str, UUID]]]:
    """What a page has to press or to follow: method, path, permission, and what the path names."""
    adapter = app.url_map.bind("localhost")
    forms = [(form[0], form[1]) for form in _FORM.finditer(text)]
    pressed = [("POST", path) for tag, path in forms if 'method="post"' in tag]
    for method, path in [*pressed, *(("GET", path) for path in _LINK.findall(text))]:
        path = html.unescape(path).partition("?")[0]
        if path.startswith("/c/"):
            endpoint, named = adapter.match(path, method=method)
            view = app.view_functions[endpoint]
            if hasattr(view, "permission"):
                yield method, path, view.permission, named


def refused(
    app: Flask, world: World, page: Page, role: Role, state: str, text: str
) -> Iterator[str]:
    """What a page offers, and the table would refuse to whoever reads it."""
    for method, path, permission, named in offers(app, text):
        if role not in permission.roles:
            yield f"{page} offers {method} {path} to a {role}"
        kind = INSTEAD.get(permission) or next((KIND[a] for a in KIND if a in named), "")
        about_it = kind and kind == page.kind and world.ids[KINDS[kind].named] in named.values()
        if method == "POST" and about_it and permission.when and state not in permission.when:
            yield f"{page} when {state} offers {path}"


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
    client.get(f"/c/{world.chapter.slug}/")  # so that their sign-in is not undone below
    for page in pages(app, world):
        carried = role in page.permission.roles
        if not carried and who is not Who.THIRD:
            continue  # the door asks for the role alone, before it knows of any record
        expected = None if related(page, who, role) else 404
        expected = expected if carried else 403
        with undoing():
            form = ACTS[page.name].form(world) if page.name in ACTS else {}
            status = client.open(page.path, method=page.method, data=form).status_code
        if status != expected if expected else status not in ANSWERS:
            wrong.append(f"{page}: {status}, and not {expected or 'let in'}")

    assert not wrong, "\n".join(wrong)


def acts_of(app: Flask, world: World | None = None) -> list[tuple[Page, Act]]:
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


def test_each_page_that_changes_a_record_is_tried_or_says_why_not(app):
    posts = {page.name for page in pages(app) if page.kind and page.method == "POST"}

    assert posts - ACTS.keys() == UNTRIED.keys()
    assert ACTS.keys() <= posts


def test_what_the_table_says_of_states_is_tried(app):
    tried = {page.permission for page, _ in acts_of(app)}

    assert {each for each in Permission if each.when} - tried <= ONLY_SHOWN


def test_the_states_that_the_table_names_are_those_of_the_record(app):
    for page in pages(app):
        known = set(KINDS[page.kind].states or ()) if page.kind else set()

        assert (page.permission.when or set()) <= known, str(page)


def test_the_documentation_shows_the_table(app):
    assert permissions_page.PAGE.read_text(encoding="utf-8") == permissions_page.page(app)


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
                world.give_role(act.by, role_of(page, act))
                if state:
                    world.put(page.kind, state)
                if act.given:
                    act.given(world)
                before = deeds(world)
                client = sign_in(world.people[act.by])
                answer = client.post(page.path, data=act.form(world))
                done = deeds(world) > before
            gone = answer.status_code == 404 and page.kind in FOUND_WHILE_OPEN and not allowed
            if answer.status_code not in ANSWERS - {200} and not gone:
                wrong.append(f"{page} when {state}: {answer.status_code}")
            elif done is not allowed:
                wrong.append(f"{page} when {state}: {answer.status_code}, done: {done}")

    assert not wrong, "\n".join(wrong)


def test_whoever_has_nothing_to_do_with_a_record_finds_it_in_no_state(app, world, sign_in):
    wrong = []
    for page in pages(app, world):
        if page.permission.whose in (Whose.CHAPTERS, Whose.NOT_ITS_MENTOR) or not page.kind:
            continue
        roles = sorted(role for role in page.permission.roles if not related(page, Who.THIRD, role))
        for role in roles[:1]:
            with undoing():
                world.give_role(Who.THIRD, role)
                client = sign_in(world.people[Who.THIRD])
                for state in KINDS[page.kind].states or [""]:
                    if state:
                        world.put(page.kind, state)
                    status = client.open(page.path, method=page.method).status_code
                    if status != 404:
                        wrong.append(f"{page} when {state}: {status}")

    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(("who", "role"), READERS)
def test_in_every_state_a_page_is_shown_and_offers_nothing_that_the_table_refuses(
    app, world, sign_in, who, role
):
    wrong = []
    world.give_role(who, role)
    client = sign_in(world.people[who])
    for page in pages(app, world):
        mine = role in page.permission.roles and related(page, who, role)
        if page.method != "GET" or not mine:
            continue
        for state in (KINDS[page.kind].states if page.kind else None) or [""]:
            if state:
                world.put(page.kind, state)
            answer = client.get(page.path)
            gone = answer.status_code == 404 and page.kind in FOUND_WHILE_OPEN
            if answer.status_code not in ANSWERS and not gone:
                wrong.append(f"{page} when {state}: {answer.status_code}")
            if answer.mimetype == "text/html":
                wrong += refused(app, world, page, role, state, answer.text)
        if page.kind in USUAL:
            world.put(page.kind, USUAL[page.kind])

    assert not wrong, "\n".join(wrong)


def test_for_a_former_member_there_is_no_page_of_the_chapter(app, world, sign_in, now):
    left = update(Membership).where(Membership.id == world.people[Who.MENTEE].id)
    with scope.chapter(world.chapter.id):
        db.session.execute(left.values(left_at=now))
        db.session.commit()
    client = sign_in(world.people[Who.MENTEE])

    for page in pages(app, world):
        answer = client.open(page.path, method=page.method)

        assert answer.status_code == 404, str(page)
