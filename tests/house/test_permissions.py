"""The table of permissions is what the product does: each page × role × relationship × state.

The pages come from the map of addresses, the rest from `tenancy/roles.py`. The world has one of
everything; each request is undone, so that the next one finds it as it was.
"""

import html
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from itertools import groupby
from typing import Any, NamedTuple
from uuid import UUID

import pytest
from flask import Flask
from jinja2 import Template
from sqlalchemy import Connection, func, select, update
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from mentorship.audit.models import AuditEvent
from mentorship.audit.sights import Sight
from mentorship.foundation import clock, rates, scope
from mentorship.foundation.database import db
from mentorship.tenancy.models import Membership, SupportDeed
from mentorship.tenancy.roles import SUPPORT, Permission, Reach, Role, Whose
from tests import make, permissions_page
from tests.conftest import MONDAY_NOON, forgotten, signed_in, undone_in_the_end
from tests.house.acts import ACTS
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
#: Pages that show a mentor, or free times of one, in these states; in all, where none is named.
#: Once the mentor mentors no more, there is none to show, and they are not found.
OF_A_MENTOR = {
    **{"GET profiles.mentor": "", "GET scheduling.who_waits": ""},
    **{f"{method} scheduling.propose": "requested" for method in ("GET", "POST")},
    **{f"{method} scheduling.reschedule": "accepted" for method in ("GET", "POST")},
    **{"GET scheduling.standing": "accepted active paused", "POST scheduling.standing": ""},
    # These are shown again, with times to propose, where the answer comes too late.
    "POST scheduling.agree_to_standing": "proposed declined withdrawn lapsed stopped ended",
    "POST scheduling.close_standing": "withdrawn lapsed stopped ended",
    "POST scheduling.stop_standing": "proposed declined withdrawn lapsed ended",
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


@pytest.fixture(scope="module")
def world(app: Flask, counting: Connection) -> Iterator[World]:
    """The world, built once. How often somebody may ask, or miss, is tried elsewhere."""
    with undone_in_the_end(app, counting), pytest.MonkeyPatch.context() as patch:
        patch.setattr(rates, "insist", lambda *_, **__: None)
        patch.setattr(clock, "now", lambda: MONDAY_NOON)
        yield build(make.chapter("lakeside"), now=MONDAY_NOON)


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


class Actor(NamedTuple):
    """Somebody who stands to every record in one way, and has one role, or helps by consent."""

    who: Who
    hat: Role | Reach

    def carries(self, page: Page) -> bool:
        """Whether the page opens for them, whatever it is about."""
        if isinstance(self.hat, Role):
            return self.hat in page.permission.roles
        looks = page.method == "GET" or self.hat is Reach.RUNS
        return looks and page.permission in SUPPORT[self.hat]

    def __str__(self) -> str:
        return f"{self.who}, {self.hat}"


ACTORS = [
    *(Actor(who, role) for who in Who for role in Role),
    *(Actor(Who.THIRD, reach) for reach in Reach),
]


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
    return sorted(found, key=lambda page: (page.kind, page.name, page.method))


def related(page: Page, who: Who, role: Role | Reach, state: str) -> bool:
    """Whether the table means somebody with this role by its words about the relationship."""
    mentee, mentor = who is Who.MENTEE, who is Who.MENTOR
    if not page.kind:
        return True
    shown = OF_A_MENTOR.get(f"{page.method} {page.name}")
    if mentor and role is not Role.MENTOR and shown is not None:
        return state not in (shown.split() or [state])
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
    forms = [(form[0], form[1]) for form in _FORM.finditer(text)]
    pressed = [("POST", path) for tag, path in forms if 'method="post"' in tag]
    for method, path in [*pressed, *(("GET", path) for path in _LINK.findall(text))]:
        path = html.unescape(path).partition("?")[0]
        if path.startswith("/c/"):
            permission, named = leads_to(app, method, path)
            if permission:
                yield method, path, permission, named


@cache
def leads_to(app: Flask, method: str, path: str) -> tuple[Permission | None, dict[str, UUID]]:
    """What permission a page needs, and what its path names."""
    endpoint, named = app.url_map.bind("localhost").match(path, method=method)
    return getattr(app.view_functions[endpoint], "permission", None), named


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


#: What the door asks the database, before it knows of any record: which chapter, and who it is.
_AT_THE_DOOR = re.compile(r"SET LOCAL|FROM device_sessions|FROM chapters")
#: How a deed or a look comes into the trail; which of them it was is counted.
_NOTES = re.compile("INSERT INTO audit_events")


@dataclass
class Trial:
    """One actor in front of each page in each state: what happens that the table does not say."""

    app: Flask
    world: World
    actor: Actor
    at: Callable[[datetime], datetime]
    """Moves the clock."""
    asked: list[str]
    """The statements that the database is asked."""
    wrong: list[str] = field(default_factory=list)
    tried: int = 0

    def everything(self) -> None:
        give = self.world.give_role if isinstance(self.actor.hat, Role) else self.world.let_help
        with forgotten():
            give(self.actor.who, self.actor.hat)
            self.token, self.deeds = self.sign_in(), deeds(self.world)
            every = pages(self.app, self.world)
            for page in every:
                if not self.actor.carries(page):
                    self.sent_away(page)
            opened = filter(self.actor.carries, every)
            for kind, those in groupby(opened, key=lambda page: page.kind):
                self.of_a_kind(kind, list(those))

    def sent_away(self, page: Page) -> None:
        """The door knows of no record, so that its state cannot matter to it."""
        self.asked.clear()
        answer = self.send(page)
        if answer.status_code != 403:
            self.says(page, "", f"{answer.status_code}, and not 403")
        more = [one for one in self.asked if not _AT_THE_DOOR.search(one)]
        if more:
            self.says(page, "", f"asked for more before it was refused: {more}")

    def of_a_kind(self, kind: str, those: list[Page]) -> None:
        for state in states_of(kind):
            with forgotten():
                if state:
                    self.world.put(kind, state)
                for page in those:
                    self.opened(page, state)

    def opened(self, page: Page, state: str) -> None:
        if page.kind and not related(page, *self.actor, state):
            self.hidden(page, state)
        elif page.method == "GET":
            self.looks(page, state)
        elif page.kind:
            self.acts(page, state)
        else:
            with forgotten():
                self.answered(page, state, self.send(page))

    def hidden(self, page: Page, state: str) -> None:
        """For whoever a record is not meant, there is none, whatever they send."""
        act = ACTS.get(page.name) if page.method == "POST" else None
        answer = self.send(page, act.form(self.world, self.actor.who) if act else None)
        if answer.status_code != 404:
            self.says(page, state, f"{answer.status_code}, and not 404")

    def looks(self, page: Page, state: str) -> None:
        answer = self.send(page, drawn=self.actor in READERS)
        self.answered(page, state, answer)
        if answer.mimetype == "text/html" and isinstance(self.actor.hat, Role):
            offered = refused(self.app, self.world, page, self.actor.hat, state, answer.text)
            self.wrong.extend(offered)

    def acts(self, page: Page, state: str) -> None:
        """A deed is done where the table allows it, and in no other state."""
        act, who = ACTS[page.name], self.actor.who
        allowed = page.permission.when is None or state in page.permission.when
        stopped = who in act.but or self.actor in act.but
        token, before = self.token, self.deeds
        with forgotten() if allowed or act.given or act.at else nullcontext():
            if act.at:
                self.at(act.at)
                token = self.sign_in()
            if act.given:
                act.given(self.world, who)
                before = deeds(self.world)
            form = act.form(self.world, who)
            self.asked.clear()
            answer = self.send(page, form, token=token)
            noted = any(_NOTES.match(one) for one in self.asked)
            done = noted and deeds(self.world) > before
        self.at(MONDAY_NOON)
        self.answered(page, state, answer, gone=stopped)
        if answer.status_code == 200 or done is not (allowed and not stopped):
            self.says(page, state, f"{answer.status_code}, done: {done}")

    def answered(self, page: Page, state: str, answer: TestResponse, *, gone: bool = False) -> None:
        gone = answer.status_code == 404 and (gone or page.kind in FOUND_WHILE_OPEN)
        if answer.status_code not in ANSWERS and not gone:
            self.says(page, state, f"{answer.status_code}, and not let in")

    def send(
        self,
        page: Page,
        form: Mapping[str, Any] | None = None,
        *,
        token: str = "",
        drawn: bool = False,
    ) -> TestResponse:
        """Ask for a page. What it looks like is looked at by the readers alone."""
        self.tried += 1
        # Without a jar, in which what is flashed and never drawn would pile up.
        client, held = self.app.test_client(use_cookies=False), token or self.token
        cookie = {"Cookie": f"{self.app.config['SIGN_IN_COOKIE_NAME']}={held}"}
        with nullcontext() if drawn else undrawn(self.app):
            return client.open(page.path, method=page.method, data=form, headers=cookie)

    def says(self, page: Page, state: str, what: str) -> None:
        self.wrong.append(f"{page}{f' when {state}' if state else ''}: {what}")

    def sign_in(self) -> str:
        return signed_in(self.world.people[self.actor.who])


def deeds(world: World) -> int:
    with scope.chapter(world.chapter.id):
        done = select(func.count()).where(AuditEvent.deed.not_in([*Sight, SupportDeed.LOOKED]))
        return db.session.scalar(done) or 0


def states_of(kind: str) -> list[str]:
    return [*(KINDS[kind].states or ())] if kind and KINDS[kind].states else [""]


_BLANK = Template("")


@contextmanager
def undrawn(app: Flask) -> Iterator[None]:
    """Have pages be empty: most of the time goes into drawing them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(app.jinja_env, "get_or_select_template", lambda *_: _BLANK)
        yield


@pytest.mark.parametrize("actor", ACTORS, ids=str)
def test_each_page_does_in_each_state_what_the_table_says(app, world, at, statements, actor):
    with statements() as asked:
        trial = Trial(app, world, actor, at, asked)
        trial.everything()

    assert not trial.wrong, "\n".join(trial.wrong)
    # So that a mistake in this file is not taken for peace.
    assert trial.tried >= len(pages(app))


def test_each_page_that_changes_a_record_is_tried(app):
    posts = {page.name for page in pages(app) if page.kind and page.method == "POST"}

    assert posts == ACTS.keys()


def test_what_the_table_says_of_states_is_tried(app):
    tried = {page.permission for page in pages(app) if page.kind and page.method == "POST"}

    assert {each for each in Permission if each.when} - tried <= ONLY_SHOWN


def test_the_states_that_the_table_names_are_those_of_the_record(app):
    for page in pages(app):
        known = set(KINDS[page.kind].states or ()) if page.kind else set()

        assert (page.permission.when or set()) <= known, str(page)


def test_the_documentation_shows_the_table(app):
    assert permissions_page.PAGE.read_text(encoding="utf-8") == permissions_page.page(app)


def test_for_a_former_member_there_is_no_page_of_the_chapter(app, world):
    former = world.people[Who.MENTEE]
    with forgotten():
        with scope.chapter(world.chapter.id):
            left = update(Membership).where(Membership.id == former.id)
            db.session.execute(left.values(left_at=MONDAY_NOON))
            db.session.commit()
        client = app.test_client()
        client.set_cookie(app.config["SIGN_IN_COOKIE_NAME"], signed_in(former))
        for page in pages(app, world):
            answer = client.open(page.path, method=page.method)

            assert answer.status_code == 404, str(page)
