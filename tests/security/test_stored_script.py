"""Script in everything that is stored: no page, mail, file or calendar hands it on as script.

Every text that the database keeps, in columns and in documents, is replaced by one that would be an
element, an attribute and a script if anything forgot to escape it. Then people look at all of their
pages, and a browser draws them.
"""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from itertools import product
from typing import Any, NamedTuple
from uuid import UUID

import pytest
from flask import Flask
from jinja2 import Template
from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError

from mentorship.foundation import clock, scope, storage
from mentorship.foundation.database import db
from mentorship.foundation.settings import Settings
from mentorship.profiles.road import maps
from mentorship.relationships.models import PairingState
from mentorship.scheduling import agenda_templates
from mentorship.scheduling.agenda_templates import Line
from mentorship.scheduling.agendas import NoLink
from mentorship.scheduling.agendas import _address as agenda_link
from mentorship.scheduling.diary import safe_link
from mentorship.scheduling.models import ItemKind, Phase
from mentorship.tenancy.members import Member
from mentorship.tenancy.roles import Role
from mentorship.vocabulary.kinds import Kind
from mentorship.vocabulary.road_map import Step
from mentorship.vocabulary.stages import Stage
from mentorship.web.headers import ALWAYS
from tests import make
from tests.conftest import MONDAY_NOON, do_jobs, forgotten, signed_in, undone_in_the_end
from tests.house.wellness import everything_said
from tests.security.onlooker import Answer, looking_on
from tests.security.planting import addresses, plant

#: A page that shows nothing of anybody's but what stands around it.
BARE = "/c/lakeside/profile/zone"
EVERYBODY = ("mara", "sol", "cora", "somebody with every role")


def planted(name: str) -> str:
    """An element, an end of an attribute, a template and a script that says where it was kept."""
    return (
        f"{name}'\"></textarea></title><x-pwned onclick=1>{{{{7*7}}}}</x-pwned>"
        "<script>pwned()</script> [x](javascript:pwned()) ![x](x onerror=pwned())"
        "<img src=//evil.example onerror=alert(pwned())>"
    )


#: Where a text was kept that a page shows, as `planted` says it.
_KEPT = re.compile(r"(\w+\.\w+)&#39;&#34;&gt;")


class Page(HTMLParser):
    """What a browser or a mail program would act on. Mails have to carry their style inside."""

    def __init__(self, source: str, *, styled: bool = False) -> None:
        super().__init__()
        self.refused = ("srcdoc",) if styled else ("srcdoc", "style")
        self.wrong: list[str] = []
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        facts = {name: value or "" for name, value in attributes}
        if tag == "x-pwned" or (tag == "script" and not facts.get("src", "").startswith("/static")):
            self.wrong.append(f"<{tag}>")
        for name, value in facts.items():
            if name.startswith(("on", "hx-on")) or name in self.refused:
                self.wrong.append(f"<{tag} {name}>")
            leads = name in ("href", "src", "action", "formaction", "hx-get", "hx-post")
            if leads and re.match(r"\s*(javascript|data|vbscript):", value, re.IGNORECASE):
                self.wrong.append(f"<{tag} {name}={value!r}>")


class World(NamedTuple):
    """Everything that two people can say to each other, replaced; who looks, and what was taken."""

    ids: dict[str, UUID]
    people: dict[str, Member]
    taken: set[str]


@pytest.fixture(scope="module")
def world(app: Flask, counting: Connection, settings: Settings) -> Iterator[World]:
    with undone_in_the_end(app, counting), pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock, "now", lambda: MONDAY_NOON)
        lakeside = make.chapter("lakeside")
        mara = make.mentor(lakeside, "Dr. Mara Quist", hours=make.WEEKDAYS)
        make.mentor(lakeside)  # somebody whom a run can propose
        sol, cora = make.student(lakeside, "Sol Adair"), make.coordinator(lakeside)
        every = make.student(lakeside, roles=list(Role))
        ids = everything_said(mara, sol, cora, store=storage.of(settings), now=MONDAY_NOON)
        make.pairing(mara, every, Kind.CONTENT, state=PairingState.ACTIVE)
        ids["feed_id"] = _set_up(mara, cora)
        people = dict(zip(EVERYBODY, (mara, sol, cora, every), strict=True))
        yield World(ids, people, plant(lakeside.id, planted))


def _set_up(mara: Member, cora: Member) -> UUID:
    """What people set up for others, which is kept in documents. The id of a calendar."""
    with scope.chapter(cora.chapter_id):
        facts = {"by": cora, "now": MONDAY_NOON}
        maps.change(Stage.M3, steps=[Step("", "Meet people", why="They help")], **facts)
        lines = [Line(ItemKind.TOPIC, "How it goes", 5)]
        for kind, phase in product(Kind, Phase):
            agenda_templates.change(kind, phase, lines=lines, **facts)
        db.session.commit()
    counts = {"events": 1, "unread": 0, "busy": 1, "shifts": {}, "warnings": ["No zone"]}
    return make.calendar_feed(mara, rules=[["Night A", "night"]], counts=counts)


class Look(NamedTuple):
    """A page that somebody has looked at, and what it was drawn from."""

    who: str
    path: str
    answer: Answer
    templates: frozenset[str]

    @property
    def shown(self) -> list[str]:
        """Where the planted text was kept that it shows, as often as it does."""
        return _KEPT.findall(self.answer.body.decode(errors="replace"))


class Looking:
    """Everybody of the world, each at a browser, and the templates of the page that came last."""

    def __init__(self, app: Flask, world: World, patch: pytest.MonkeyPatch) -> None:
        self.drawn: set[str] = set()
        self.app, get = app, app.jinja_env.get_template

        def noted(name: str, *args: Any, **more: Any) -> Template:
            self.drawn.add(str(name))
            return get(name, *args, **more)

        patch.setattr(app.jinja_env, "get_template", noted)
        self.clients = {who: app.test_client() for who in world.people}
        for who, member in world.people.items():
            cookie = app.config["SIGN_IN_COOKIE_NAME"]
            self.clients[who].set_cookie(cookie, signed_in(member))

    def answer(self, who: str, path: str, method: str = "GET") -> Answer:
        self.drawn.clear()
        with (
            self.app.app_context(),
            self.clients[who].open(path, method=method) as answer,
        ):
            kept = {name: value for name, value in answer.headers if name != "Set-Cookie"}
            return Answer(answer.status_code, kept, answer.get_data())


@pytest.fixture(scope="module")
def looking(app: Flask, world: World) -> Iterator[Looking]:
    with pytest.MonkeyPatch.context() as patch:
        yield Looking(app, world, patch)


@pytest.fixture(scope="module")
def looks(app: Flask, world: World, looking: Looking) -> list[Look]:
    """All that these people can look at."""
    return [
        Look(who, path, looking.answer(who, path), frozenset(looking.drawn))
        for who in world.people
        for path in addresses(app, world.ids)
    ]


def test_no_page_hands_it_on(world, looks):
    for look in looks:
        headers = look.answer.headers
        mimetype = headers["Content-Type"].partition(";")[0]
        if mimetype == "text/html":
            assert Page(look.answer.body.decode()).wrong == [], look.path
        else:
            # What is no page is never taken for one.
            assert headers["X-Content-Type-Options"] == "nosniff", look.path
            assert mimetype not in ("image/svg+xml", "text/xml"), look.path

    # Words that people type are really looked at, and documents as well.
    shown = {name for look in looks for name in look.shown}
    assert shown <= world.taken
    assert {
        *("memberships.name", "meetings.purpose", "meetings.notes", "private_notes.words"),
        *("agenda_items.what", "action_items.what", "goals.what", "goal_steps.what"),
        *("documents.name", "document_comments.words", "updates.words", "concerns.words"),
        *("agreements.what_for", "mentee_profiles.story", "chapters.name"),
        *("chapter_roads.steps", "agenda_templates.lines"),
        *("calendar_feeds.rules", "calendar_feeds.counts"),
    } <= shown


def test_no_browser_acts_on_it(app, looks, looking, browser):
    """Chromium draws every template that shows any of it, and does nothing but show it."""
    chosen = _each_template_once(looks)
    static: dict[str, Answer] = {}
    given = {(look.who, look.path): look.answer for look in chosen}
    at = ""

    def answer(method: str, path: str) -> Answer:
        if path.startswith("/static/") and path not in static:
            static[path] = looking.answer(at, path)
        return static.get(path) or given.get((at, path)) or looking.answer(at, path, method)

    with looking_on(browser, answer) as somebody:
        for look in chosen:
            at = look.who
            somebody.look(look.path)

    assert len(chosen) > 40
    assert somebody.did == []


def _each_template_once(looks: list[Look]) -> list[Look]:
    """A few of the pages that show planted text, with each template that any of them is drawn from.

    Beyond what stands around every page, such as somebody's name. The one that adds most is first.
    """
    seen = [look for look in looks if look.answer.status == 200]
    around = {look.who: len(look.shown) for look in seen if look.path == BARE}
    left = [look for look in seen if len(look.shown) > around[look.who]]
    wanted, chosen = frozenset().union(*(look.templates for look in left)), []
    while wanted:
        chosen.append(max(left, key=lambda look: len(look.templates & wanted)))
        wanted -= chosen[-1].templates
    return chosen


def test_a_browser_would_tell(browser):
    """So that peace above is no deafness: the same text, by a page that hands it on."""
    page = f"<title>x</title><p>{planted('x')}".replace("<textarea>", "").encode()
    html = {"Content-Type": "text/html; charset=utf-8"}
    pages = {"/open": Answer(200, html, page), "/held": Answer(200, html | ALWAYS, page)}
    nothing = Answer(404, html, b"")

    with looking_on(browser, lambda _, path: pages.get(path, nothing)) as somebody:
        somebody.look("/open")
        assert {"opened a dialog", "asked http://evil.example/"} <= set(somebody.did)
        assert "ran a script on http://localhost/open" in somebody.did
        somebody.did.clear()
        somebody.look("/held")
        assert somebody.did
        assert all(did.startswith("against ") for did in somebody.did), somebody.did


def test_no_mail_hands_it_on(app, world, tray):
    with forgotten():
        do_jobs()

    assert len(tray.mails) > 5
    for mail in tray.mails:
        page = mail.get_body(("html",))
        assert Page(page.get_content(), styled=True).wrong == [], mail["Subject"]
        for name, value in mail.items():
            assert "\n" not in value, name
            assert "\r" not in value, name


NO_LINKS = [
    *("javascript:pwned()", "JavaScript:pwned()", "javascript://localhost/%0apwned()"),
    *("javascript://127.0.0.1/%0apwned()", "data:text/html,<script>pwned()</script>"),
    *("vbscript:pwned()", " javascript:pwned()", "java\tscript:pwned()", "\x01javascript:pwned()"),
    *("https://example.org@evil.example", "//evil.example/x", "/c/lakeside/sign-out", "file:///x"),
    *("https://evil.example\\@example.org", "blob:https://example.org/x", "https:", "https://"),
    *("view-source:https://example.org", "ftp://localhost/x", "https://[", "feed:javascript:x"),
]


@pytest.mark.parametrize("link", NO_LINKS)
def test_what_leads_to_no_page_becomes_no_link(link):
    assert safe_link(link) == ""
    with pytest.raises(NoLink):
        agenda_link(link)


@pytest.mark.parametrize("link", ["javascript:pwned()", "//evil.example", "JAVASCRIPT:x"])
def test_nor_does_the_database_keep_it_on_an_agenda(world, link):
    change = text("UPDATE agenda_items SET link = :link WHERE kind = 'reading'")
    here = scope.chapter(world.people["sol"].chapter_id)
    with here, pytest.raises(IntegrityError, match="link_leads_to_a_page"):
        db.session.execute(change, {"link": link})
    db.session.rollback()
