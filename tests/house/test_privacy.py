"""What two people say to each other is theirs: no page, file, mail, log or record tells others."""

import json
import logging
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, text

from mentorship.audit.models import AuditEvent
from mentorship.foundation.database import db
from mentorship.relationships import action_items, check_ins
from mentorship.relationships.check_ins import How
from mentorship.relationships.models import PairingState
from mentorship.relationships.queries import my_pairing
from mentorship.scheduling import agendas, meetings, notes, queries
from mentorship.scheduling.thanks import thanks
from mentorship.tenancy.members import Member
from mentorship.tenancy.roles import Role
from mentorship.vocabulary.kinds import Kind
from tests import make
from tests.conftest import words
from tests.house.test_routes import rules

LAST_WEEK = datetime(2026, 2, 24, 19, tzinfo=UTC)
NEXT_WEEK = datetime(2026, 3, 9, 19, tzinfo=UTC)

#: What only the two of a pairing may read, and what only the one who wrote it may.
SHARED = (
    *("purposeword", "agendaword", "notesword", "checkinword", "itemword", "thanksword"),
    "partingword",
)
PRIVATE = {"mara": "marasown", "sol": "solsown"}
SECRETS = (*SHARED, *PRIVATE.values())


@pytest.fixture
def said(mara, sol, now, inside) -> dict[str, UUID]:
    """A wellness pairing in which everything that can be said has been. Its ids, by argument."""
    pairing_id = make.pairing(mara, sol, Kind.WELLNESS, state=PairingState.ACTIVE)
    past = make.meeting(mara, sol, pairing_id, starts_at=LAST_WEEK, purpose="purposeword")
    ahead = make.meeting(mara, sol, pairing_id, starts_at=NEXT_WEEK, purpose="purposeword")
    off = make.meeting(
        *(mara, sol, pairing_id), starts_at=NEXT_WEEK + timedelta(days=1), purpose="purposeword"
    )
    with inside(sol):
        for meeting_id in (past, ahead):
            meeting = queries.my_meeting(meeting_id, member=sol)
            line = agendas.add(meeting=meeting, what="agendaword", by=sol, now=now)
            notes.write_shared(meeting=meeting, words="notesword", seen_version=0, by=mara, now=now)
            for who, own in ((mara, PRIVATE["mara"]), (sol, PRIVATE["sol"])):
                notes.write_private(meeting=meeting, words=own, by=who, now=now)
        meetings.held(queries.my_meeting(past, member=sol), by=sol, now=now)
        thanks.say(queries.my_meeting(past, member=sol), words="thanksword", by=sol, now=now)
        meetings.cancel(queries.my_meeting(off, member=sol), by=sol, now=now, word="partingword")
        check_ins.log(
            pairing=my_pairing(pairing_id, member=sol),
            by=sol,
            how=How.STUCK,
            line="checkinword",
            now=now,
        )
        item = action_items.take_on(
            pairing_id=pairing_id,
            owner=sol,
            what="itemword",
            due_on=None,
            by=sol,
            now=now,
            meeting_id=past,
        )
        ids = {
            "pairing_id": pairing_id,
            "meeting_id": ahead,
            "agenda_item_id": line.id,
            "item_id": item.id,
        }
    return ids


def everything(app, client, said: dict[str, UUID], mara: Member, slug: str = "lakeside"):
    """Every page that can be looked at, with what each said."""
    ids = {name: UUID(int=7) for rule in rules(app) for name in rule.arguments}
    ids |= {"part": "about", "mentor_id": mara.id, "chapter_slug": slug, **said}
    adapter = app.url_map.bind("localhost")
    for rule in rules(app):
        if "GET" in rule.methods:
            path = adapter.build(
                rule.endpoint, {name: ids[name] for name in rule.arguments}, method="GET"
            )
            for query in ("", f"?q=word&kind=wellness&with={mara.id}"):
                yield path + query, client.get(path + query).text


@pytest.mark.parametrize("role", list(Role))
def test_nobody_else_of_the_chapter_reads_a_word(app, lakeside, said, mara, sign_in, role):
    somebody = make.mentor(lakeside) if role is Role.MENTOR else make.student(lakeside)
    if role not in (Role.MENTOR, Role.STUDENT):
        somebody = make.member(lakeside, role)

    for path, page in everything(app, sign_in(somebody), said, mara):
        for word in SECRETS:
            assert word not in page, path


@pytest.mark.parametrize("mine", ["mara", "sol"])
def test_the_two_read_what_they_share_and_nobodys_own_notes_but_theirs(
    app, said, mara, sol, sign_in, mine
):
    me = {"mara": mara, "sol": sol}[mine]
    read = " ".join(page for _, page in everything(app, sign_in(me), said, mara))

    for word in SHARED[:6]:
        assert word in read
    assert PRIVATE[mine] in read
    assert PRIVATE["sol" if mine == "mara" else "mara"] not in read


def test_no_mail_job_record_or_line_of_the_log_holds_a_word(
    app, said, mara, sol, inside, tray, work, sign_in, caplog
):
    caplog.set_level(logging.DEBUG)
    with inside(sol):
        facts = [json.dumps(event.facts) for event in db.session.scalars(select(AuditEvent))]
        jobs = list(db.session.scalars(text("SELECT args::text FROM procrastinate_jobs")))
    for who in (mara, sol):
        client = sign_in(who)
        client.get(f"/c/lakeside/meetings/{said['meeting_id']}")
        client.post(f"/c/lakeside/meetings/{said['meeting_id']}/private-notes", data={})
    work()

    assert facts
    assert tray.mails
    mailed = [f"{mail['Subject']} {words(mail)} {mail}" for mail in tray.mails]
    for told in (*facts, *jobs, *mailed, caplog.text):
        for word in SECRETS:
            assert word not in told


def test_in_another_chapter_nothing_of_this_one_shows(app, said, mara, sol, sign_in):
    there = make.chapter("harborside")
    for who, role in ((mara, Role.MENTOR), (sol, Role.STUDENT)):
        make.member(there, role, Role.COORDINATOR, name="Same Person", email=who.email)
    for who in (mara, sol):
        client = sign_in(who)
        for path, page in everything(app, client, said, mara, "harborside"):
            for word in (*SECRETS, str(said["pairing_id"]), "Mara Quist", "Sol Adair"):
                assert word not in page, path
