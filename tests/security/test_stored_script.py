"""Script in everything that is stored: no page, mail, file or calendar hands it on as script.

Every text that the database keeps is replaced by one that would be an element, an attribute and a
script if anything forgot to escape it. Then people look at all of their pages.
"""

import re
from html.parser import HTMLParser

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from mentorship.foundation.database import db
from mentorship.relationships.models import PairingState
from mentorship.scheduling.agendas import NoLink
from mentorship.scheduling.agendas import _address as agenda_link
from mentorship.scheduling.diary import safe_link
from mentorship.tenancy.roles import Role
from mentorship.vocabulary.kinds import Kind
from tests import make
from tests.security.planting import addresses, plant

EVERYBODY = ("mara", "sol", "cora", "somebody with every role")


def planted(name: str) -> str:
    """An element, an end of an attribute, a template and a script that says where it was kept."""
    return (
        f"{name}'\"></textarea></title><x-pwned onclick=1>{{{{7*7}}}}</x-pwned>"
        "<script>pwned()</script> [x](javascript:pwned()) ![x](x onerror=pwned())"
    )


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


@pytest.fixture
def world(said, lakeside, mara, sol, cora) -> dict:
    """Everything that two people can say to each other, replaced; who looks, and what was taken."""
    every = make.student(lakeside, roles=list(Role))
    make.pairing(mara, every, Kind.CONTENT, state=PairingState.ACTIVE)
    return {
        "ids": said,
        "people": dict(zip(EVERYBODY, (mara, sol, cora, every), strict=True)),
        "taken": plant(lakeside.id, planted),
    }


def test_no_page_hands_it_on(app, world, sign_in):
    shown = set()
    for member in world["people"].values():
        client = sign_in(member)
        for path in addresses(app, world["ids"]):
            with client.get(path) as answer:
                if answer.mimetype == "text/html":
                    assert Page(answer.text).wrong == [], path
                    shown |= set(re.findall(r"(\w+\.\w+)&#39;&#34;&gt;", answer.text))
                else:
                    # What is no page is never taken for one.
                    assert answer.headers["X-Content-Type-Options"] == "nosniff", path
                    assert answer.mimetype not in ("image/svg+xml", "text/xml"), path

    # Words that people type are really looked at.
    assert shown <= world["taken"]
    assert {
        *("memberships.name", "meetings.purpose", "meetings.notes", "private_notes.words"),
        *("agenda_items.what", "action_items.what", "goals.what", "goal_steps.what"),
        *("documents.name", "document_comments.words", "updates.words", "concerns.words"),
        *("agreements.what_for", "mentee_profiles.story", "chapters.name"),
    } <= shown


def test_no_mail_hands_it_on(app, world, tray, work, at, now):
    work()

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
def test_nor_does_the_database_keep_it_on_an_agenda(said, sol, inside, link):
    change = text("UPDATE agenda_items SET link = :link WHERE kind = 'reading'")
    with inside(sol), pytest.raises(IntegrityError, match="link_leads_to_a_page"):  # noqa: SIM117
        with db.session.begin_nested():
            db.session.execute(change, {"link": link})
