"""Every address with what nobody should send: never a mistake of ours, and a no changes nothing."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple
from urllib.parse import urlencode
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import inspect, text
from werkzeug.routing import Rule

from mentorship.accounts.passkeys.models import Passkey
from mentorship.audit.account_trail import AccountDeed
from mentorship.audit.sights import Sight
from mentorship.foundation import scope
from mentorship.foundation.database import db
from mentorship.matching import runs
from mentorship.matching.models import Attempt
from mentorship.own_data import exports
from mentorship.profiles import uploads
from mentorship.relationships.contacts import contacts, rotations, updates
from mentorship.relationships.contacts.models import Way
from mentorship.relationships.goals import goals
from mentorship.relationships.models import ActionItem, EvaluativeRole, PairingState
from mentorship.relationships.queries import my_pairing
from mentorship.safety import concerns
from mentorship.scheduling.feeds.models import Feed
from mentorship.scheduling.models import AgendaItem, MeetingState
from mentorship.tenancy.members import Member
from mentorship.tenancy.models import SupportDeed
from mentorship.tenancy.roles import Role
from mentorship.vocabulary.kinds import Kind
from tests import make
from tests.conftest import forgotten, signed_in

NEXT_WEEK = datetime(2026, 3, 9, 19, tzinfo=UTC)
NOBODY = UUID(int=7)

#: Words that somebody may type, by mistake or not.
HOSTILE = (
    *("", " ", "\n", "\0", "Sol\0", "\x1b[2J", "\ud800", "\u202elos", "\ufeff"),
    "a" + "\u0301" * 500,
    *("😀" * 200, "O’Hara & \"Co\" 'x'", "{{7*7}}", "<script>alert(1)</script>", "=1+1", "%", "_"),
    *("\\", "%_\\'--", "x" * 100_000, "../../etc/passwd", "//evil.example", "javascript:x", "//["),
    *("-1", "0", "1", "25", "9" * 30, "9" * 5000, "-" + "9" * 30, "1e309", "1.5", "NaN", "٣", "²"),
    *("0000-00-00", "0001-01-01", "9999-12-31", "2026-02-30", "2026-03-02", "2026-W10-1"),
    *("02:30", "24:00", "23:59:60", "2026-03-08T02:30", "2026-03-09T20:00Z"),
    "2026-03-09T20:00:01Z",
    *("9999-12-31T23:59:59-14:00", "0001-01-01T00:00+14:00", f"2026-03-09T20:00+00:00~{NOBODY}"),
    *("null", "[]", "true", "y", "on", "me", "one", "all", "other", "wellness", "content", "pin"),
    *(str(NOBODY), f"{NOBODY}".upper(), f"{{{NOBODY}}}", f"50-{NOBODY}", f"{NOBODY}\0"),
)
WORDS = st.one_of(st.sampled_from(HOSTILE), st.text(max_size=20))

#: A form of each page as it is meant, so that what is wrong is one field of it and not all.
MEANT: dict[str, dict[str, str]] = {
    "own_data.delete": {"email": "rhea@example.org"},
    "chapter.own_data.end": {"name": "Fuzz EMIG"},
    "chapter.own_data.keep": {"help": "12", "concerns": "84", "look": "1"},
    "accounts.sign_in": {"email": "sol@example.org", "next": "/c/fuzz/meetings"},
    "chapter.relationships.check_in": {"how": "well", "line": "x", "happened_on": "2026-03-02"},
    "chapter.relationships.contact": {"way": "call", "happened_on": "2026-03-02"},
    "chapter.relationships.my_rotations": {"place": "x", "ends_on": "2026-04-01"},
    "chapter.scheduling.write_update": {"words": "x", "to": str(NOBODY), "own_address": "y"},
    "chapter.scheduling.edit_update": {"words": "y", "to": str(NOBODY)},
    "chapter.scheduling.update": {"lines-x": "x"},
    "chapter.scheduling.say_thanks": {"words": "x"},
    "chapter.relationships.take_on": {"what": "x", "owner": "me", "due_on": "2026-04-01"},
    "chapter.relationships.tick": {"done": "y", "back": "meeting", "meeting_id": str(NOBODY)},
    "chapter.relationships.change_item": {"what": "x", "owner": "other", "due_on": "2026-04-01"},
    "chapter.relationships.finish_item": {"came_of_it": "x"},
    "chapter.relationships.new_goal": {"what": "x", "how_known": "x", "due_on": "2026-04-01"},
    "chapter.relationships.change_goal": {"what": "y", "how_known": "x", "due_on": "2026-04-01"},
    "chapter.relationships.share_goal": {"whom": "some", "mentors": str(NOBODY)},
    "chapter.relationships.settle_goal": {"how": "reached", "word": "x"},
    "chapter.relationships.add_goal_step": {"step": "x"},
    "chapter.relationships.tick_goal_step": {"done": "1"},
    "chapter.relationships.move_goal_step": {"to": "up"},
    "chapter.profiles.adopt_step": {
        **{"taken_as": "goal", "what": "x", "how_known": "x", "due_on": "2026-04-01"},
    },
    "chapter.profiles.mark_step": {"hide": "1"},
    "chapter.profiles.chapter_road": {
        **{"steps-0-what": "x", "steps-0-day": "opens", "steps-0-weeks": "2"},
    },
    "chapter.relationships.end": {"state": "ended"},
    "chapter.relationships.evaluations": {
        **{"role": "other", "other_role": "Judge", "whom": "one", "agreed": "y"},
        **{"student_email": "x@example.org", "starts_on": "2026-03-02", "ends_on": "2026-04-02"},
    },
    "chapter.safety.report": {"about": "", "words": "x", "reach": "x", "may_name": "y"},
    "chapter.safety.add_note": {"words": "x"},
    "chapter.safety.close": {"outcome": "talked"},
    "chapter.safety.edit_resources": {
        **{"rows-0-name": "x", "rows-0-reach": "988", "rows-0-about": "x", "look_within": "1"},
    },
    "chapter.matching.start": {"cycle": "2025-26", "kinds": "career"},
    "chapter.matching.mark": {"kind": "career", "mark": "pin"},
    "chapter.matching.publish": {"draft": "1", "looked": "y"},
    "chapter.scheduling.ask": {
        **{"kind": "career", "topic": "", "purpose": "x", "minutes": "25"},
        **{"slot": "2026-03-10T19:00Z", "question_1": "x"},
    },
    "chapter.scheduling.open_conference": {
        **{"conference": "x", "session": "x", "place": "x", "zone": "America/Chicago"},
        **{"day": "2026-03-20", "opens": "13:00", "closes": "14:00", "minutes": "10"},
    },
    "chapter.scheduling.take_meet_up": {"slot": "2026-03-11T19:00:00+00:00", "question": "x"},
    "chapter.scheduling.open_group_session": {
        **{"mentor": str(NOBODY), "title": "x", "about": "x", "day": "2026-03-20", "at": "13:00"},
        **{"minutes": "60", "seats": "8", "place": "x", "audience": "chapter"},
    },
    "chapter.scheduling.call_off_session": {"word": "x"},
    "chapter.scheduling.standing": {
        **{"slot": "other", "day": "2026-03-12", "at": "14:00", "minutes": "25", "every": "2"},
        **{"ends": "times", "until": "2026-06-01", "times": "6", "purpose": "x"},
    },
    "chapter.scheduling.close_standing": {"word": "x"},
    "chapter.scheduling.stop_standing": {"word": "x", "since": ""},
    "chapter.scheduling.wait": {"kind": "career", "why": "x"},
    "chapter.scheduling.ask_any": {
        **{"kind": "career", "purpose": "x", "minutes": "25", "question_1": "x"},
        **{"slot": f"2026-03-10T19:00Z~{NOBODY}"},
    },
    "chapter.files.add": {"sort": "cv", "name": "x", "note": "x", "file": "%PDF-1.7 %%EOF"},
    "chapter.files.renew": {"note": "x", "file": "%PDF-1.7 %%EOF"},
    "chapter.files.show": {"pairing": str(NOBODY), "until": "2026-03-20"},
    "chapter.files.comment": {"words": "x"},
    "chapter.scheduling.accept": {"seen": "0", "back": "inbox"},
    "chapter.scheduling.propose": {"slot": "other", "day": "2026-03-11", "at": "14:30"},
    "chapter.scheduling.decline": {"reason": "full", "line": "x", "colleague": str(NOBODY)},
    "chapter.scheduling.cancel": {"word": "x", "emergency": "y"},
    "chapter.scheduling.reschedule": {
        **{"slot": "other", "day": "2026-03-11", "at": "14:30", "word": "x"},
        **{"day_2": "2026-03-12", "at_2": "14:30"},
    },
    "chapter.scheduling.agree_to_time": {"starts_at": "2026-03-10T19:00Z"},
    "chapter.scheduling.hours": {
        **{"monday-0-opens": "13:00", "monday-0-closes": "17:00"},
        **{"monday-0-every": "2", "monday-0-since": "2026-03-09"},
    },
    "chapter.scheduling.dates": {
        **{"first": "2026-03-09", "since": "09:00", "last": "2026-03-11", "until": "12:00"},
        **{"day": "2026-03-07", "opens": "18:00", "closes": "02:00"},
    },
    "chapter.scheduling.limits": {
        **{"notice": "24", "horizon": "42", "buffer": "5"},
        **{"per_day": "2", "per_week": "", "per_month": "40"},
    },
    "chapter.scheduling.feeds": {
        **{"name": "x", "address": "https://calendar.example.org/a.ics"},
        **{"holds": "shifts", "all_day": "busy"},
    },
    "chapter.scheduling.rest": {"after_hours": "10", "not_before": "16:00", "before_minutes": "60"},
    "chapter.scheduling.feed": {
        **{"name": "x", "holds": "shifts", "all_day": "busy", "zone": "America/Chicago"},
        **{"rules-0-pattern": "N1", "rules-0-meaning": "night"},
    },
    "chapter.scheduling.ignore_time": {
        "starts_at": "2026-03-10T19:00Z",
        "ends_at": "2026-03-10T20:00Z",
    },
    "chapter.scheduling.count_time": {
        "starts_at": "2026-03-10T19:00Z",
        "ends_at": "2026-03-10T20:00Z",
    },
    "chapter.scheduling.add_to_agenda": {
        **{"kind": "reading", "what": "x", "minutes": "5", "link": "https://example.org"},
    },
    "chapter.scheduling.change_agenda_item": {"what": "x", "minutes": "5", "seen": "x"},
    "chapter.scheduling.move_agenda_item": {"to": "before", "before": str(NOBODY)},
    "chapter.scheduling.send_agenda": {"hours": "24", "along": "x", "along_anyway": "y"},
    "chapter.scheduling.report_item": {"said": "done"},
    "chapter.scheduling.notes_history": {"version": "1", "seen": "1"},
    "chapter.scheduling.agenda_template": {
        **{"lines-0-kind": "topic", "lines-0-what": "x", "lines-0-minutes": "5"},
    },
    "chapter.scheduling.write_notes": {"words": "x", "version": "0", "anyway": "y"},
    "chapter.scheduling.write_private_notes": {"private": "x", "private_anyway": "y"},
    "chapter.scheduling.take_on_task": {"task": "x", "owner": "other", "due_on": "2026-04-01"},
    "chapter.scheduling.not_held": {"absent": "mentor"},
    "chapter.profiles.edit_part": {
        **{"stage": "m3", "class_year": "2027", "school": "x", "story": "x", "interests": "airway"},
        **{"career": "y", "career_for": "x", "content": "y", "topics": "airway", "kinds": "career"},
        **{"standing": "faculty", "title_line": "x", "institution": "x", "facets": "academic"},
        **{"places": "3", "lengths": "25", "video_link": "https://e.org/x", "recent_cycle": "y"},
    },
    "chapter.profiles.edit_zone": {"zone": "America/Chicago"},
}
#: What addresses are asked with, whichever page reads it.
ASKED = (
    *("q", "kind", "standing", "interest", "places", "paused", "sort", "after", "before", "with"),
    *("role", "done", "week", "minutes", "draft", "show", "left", "mentee", "mentor", "next", "to"),
    *("back", "again", "since", "who", "pairing", "meeting"),
)
#: Fields that every form has, or that no form has.
ALSO = ("form_key", "csrf_token", "week", "look", "add", "remove", "copy", "no-such-field", "")


class Sent(NamedTuple):
    """A request that is made up."""

    place: int
    asked: list[tuple[str, str]]
    wrong: list[tuple[str, str]]
    """Fields beside, or instead of, those that are meant; their names are numbers of them."""
    shape: str
    meant: bool
    which: int


SENT = st.builds(
    Sent,
    place=st.integers(0, 10_000),
    asked=st.lists(st.tuples(st.sampled_from(ASKED), WORDS), max_size=3),
    wrong=st.lists(st.tuples(st.integers(0, 30).map(str), WORDS), max_size=4),
    shape=st.sampled_from(["form"] * 6 + ["multipart", "json", "text", "file"]),
    meant=st.integers(0, 3).map(bool),
    which=st.integers(0, 100),
)


class World(NamedTuple):
    member: Member
    ids: dict[str, list[UUID | str]]


@pytest.fixture
def world(undone: None, now: datetime) -> World:
    """A chapter where one member wears every hat, with one of everything, or a few."""
    there = make.chapter("fuzz")
    rhea = make.mentor(there, "Rhea Sandoval", places=50, hours=make.WEEKDAYS)
    make.student(there, "Rhea Sandoval", email=rhea.email, roles=tuple(Role))
    mentor = make.mentor(there, "Dr. Main", places=50, hours=make.WEEKDAYS)
    other = make.mentor(there, "Dr. Spare", places=50, hours=make.WEEKDAYS)
    student = make.student(there, "Priya Raman")
    hers = make.pairing(mentor, rhea, state=PairingState.ACTIVE)
    theirs = make.pairing(rhea, student, state=PairingState.ACTIVE)
    meetings = [
        make.meeting(mentor, rhea, hers, starts_at=NEXT_WEEK),
        make.meeting(rhea, student, theirs, starts_at=NEXT_WEEK - timedelta(days=7, hours=3)),
        make.meeting(
            *(rhea, student, theirs),
            starts_at=NEXT_WEEK + timedelta(hours=2),
            state=MeetingState.REQUESTED,
        ),
        make.meeting(
            *(mentor, rhea, hers),
            starts_at=NEXT_WEEK + timedelta(hours=4),
            state=MeetingState.REQUESTED,
        ),
    ]
    at = NEXT_WEEK + timedelta(days=2)
    blocks = [make.conference_block(one, starts_at=at) for one in (mentor, rhea)]
    at += timedelta(days=1)
    sessions = [make.group_session(one, starts_at=at) for one in (mentor, rhea)]
    document = make.document(rhea, hers)
    visits, handovers = [make.support_visit(there)], [make.handover(other, rhea)]
    with scope.chapter(there.id):
        run = runs.start(cycle="2025-26", kinds=list(Kind), by=rhea, now=now)
        item = ActionItem(pairing_id=hers, owner_id=rhea.id, what="x", created_at=now)
        role = EvaluativeRole(member_id=rhea.id, role="x", starts_on=date(2026, 1, 1))
        feed = Feed(
            **{"user_id": rhea.user_id, "name": "x", "holds": "shifts", "all_day": "busy"},
            **{"zone": "America/Chicago", "created_at": now},
        )
        passkey = Passkey(
            **{"user_id": rhea.user_id, "name": "x", "credential_id": b"x" * 16},
            **{"public_key": b"x", "sign_count": 0, "aaguid": NOBODY, "transports": []},
            **{"is_synced": False, "is_backed_up": False, "added_at": now},
        )
        attempt = Attempt(
            **{"run_id": run.id, "draft": 1, "change": {"what": "policy", "policy": "best"}},
            **{"state": "failed", "settings": {}, "asked_at": now},
        )
        db.session.add_all([item, role, feed, passkey, attempt])
        db.session.flush()
        contact = contacts.log(
            pairing=my_pairing(hers, member=rhea), by=rhea, way=Way.CALL, now=now
        )
        update = updates.save(
            None, words="x", to=[hers], lines={}, own_address=False, by=rhea, now=now
        )
        rotation = rotations.add(place="x", ends_on=date(2026, 4, 1), by=rhea, now=now)
        goal = goals.begin(what="x", how_known="x", due_on=date(2026, 12, 1), by=rhea, now=now)
        step = goals.add_step(goal, what="x", by=rhea, now=now)
        line = AgendaItem(meeting_id=meetings[0], by_id=rhea.id, position=1, what="x", minutes=5)
        db.session.add(line)
        roster = b"name,email,role\nA Person,a@example.org,student\n"
        upload = uploads.keep(file_name="fall.csv", content=roster, by=rhea, now=now)
        ids = {
            "concern_id": [
                concerns.report(words="x", about=about, by=rhea, now=now).id
                for about in (None, mentor, student)
            ],
            "mentor_id": [mentor.id, other.id, rhea.id, student.id],
            "member_id": [student.id],
            "pairing_id": [hers, theirs],
            "meeting_id": meetings,
            "run_id": [run.id],
            "item_id": [item.id],
            "agenda_item_id": [line.id],
            "goal_id": [goal.id],
            "contact_id": [contact.id],
            "update_id": [update.id],
            "rotation_id": [rotation.id],
            "step_id": [step.id],
            "step_key": ["join-emig", "x", "\0"],
            "role_id": [role.id],
            "upload_id": [upload.id],
            "feed_id": [feed.id],
            "passkey_id": [passkey.id],
            "attempt_id": [attempt.id],
            "export_id": [exports.begin(rhea.user_id, chapter=None, now=now)],
            "block_id": blocks,
            "session_id": sessions,
            "visit_id": visits,
            "handover_id": handovers,
            **{name: [one] for name, one in document.items()},
            "part": ["about", "interests", "wants", "mentor", "offers", "meetings", "\0", "zone"],
            "token": ["x", "\0", "W10.x", "a" * 3000],
            "filename": ["app.css", "\0", "../app.py", "%2e%2e/x"],
        }
        db.session.commit()
        runs.work(run.id, draft=1, now=now)
    return World(rhea, ids)


#: What is noted of a request whatever becomes of it: a look, a try. Other deeds are as the change.
NOTED = (
    *(*Sight, SupportDeed.LOOKED),
    *(AccountDeed.SIGN_IN_FAILED, AccountDeed.PASSKEY_WENT_BACK),
)


@pytest.fixture
def kept(undone: None, world: World) -> Callable[[], str]:
    """A digest of everything that the database holds, but for what is `NOTED`, and for tries."""
    tables = sorted(set(inspect(db.engine).get_table_names()) - {"tries"})
    deeds = {"audit_events", "account_events"}
    every = " UNION ALL ".join(
        f"SELECT '{name}', md5(string_agg(t::text, '' ORDER BY t::text)) FROM {name} t"
        + " WHERE deed <> ALL(:noted)" * (name in deeds)
        for name in tables
        if not name.startswith(("procrastinate_", "alembic_"))
    )
    every += " UNION ALL SELECT 'jobs', count(*)::text FROM procrastinate_jobs"

    def kept() -> str:
        with scope.chapter(world.member.chapter_id):
            rows = db.session.execute(text(every), {"noted": list(map(str, NOTED))})
            return str(sorted(map(str, rows)))

    return kept


def rules(app: Flask) -> list[Rule]:
    """Every page there is, those twice that take a form."""
    found = sorted(app.url_map.iter_rules(), key=lambda rule: (rule.rule, rule.endpoint))
    return [rule for rule in found for _ in range(1 + 3 * ("POST" in rule.methods))]


def ask(app: Flask, client: FlaskClient, world: World, sent: Sent) -> tuple[str, Any]:
    """Make a request, and say what it was and what it came to."""
    every = rules(app)
    rule = every[sent.place % len(every)]
    values: dict[str, Any] = {"chapter_slug": "fuzz"} if "chapter_slug" in rule.arguments else {}
    for argument in rule.arguments - {"chapter_slug"}:
        pool = [*world.ids[argument], *([NOBODY] if argument.endswith("_id") else [])]
        values[argument] = pool[sent.which % len(pool)]
    posts = "POST" in rule.methods
    path = app.url_map.bind("localhost").build(
        rule.endpoint, values, method="POST" if posts else "GET"
    )
    query = urlencode(sent.asked, errors="surrogatepass")
    meant = MEANT.get(rule.endpoint, {})
    names = [*meant, *ALSO]
    fields = list(meant.items()) if sent.meant else []
    for number, words in sent.wrong:
        name = names[int(number) % len(names)]
        fields = [field for field in fields if field[0] != name or int(number) > 25]
        fields.append((name, words))
    told = f"{path[:200]}?{query[:300]} {sent.shape} {str(fields)[:600]}"
    if not posts:
        return f"GET {told}", client.get(path, query_string=query)
    return f"POST {told}", client.post(path, query_string=query, **_body(sent.shape, fields))


def _body(shape: str, fields: list[tuple[str, str]]) -> dict[str, Any]:
    if shape == "json":
        return {"data": json.dumps(dict(fields)), "content_type": "application/json"}
    if shape == "text":
        return {"data": str(fields).encode("utf-8", "replace"), "content_type": "text/plain"}
    if shape in ("multipart", "file"):
        named = '; filename="x.csv"' if shape == "file" else ""
        parts = "".join(
            f'--b\r\nContent-Disposition: form-data; name="{name}"{named}\r\n\r\n{words}\r\n'
            for name, words in fields
        )
        body = f"{parts}--b--\r\n".encode("utf-8", "surrogatepass")
        return {"data": body, "content_type": "multipart/form-data; boundary=b"}
    return {
        "data": urlencode(fields, errors="surrogatepass"),
        "content_type": "application/x-www-form-urlencoded",
    }


def test_nothing_that_is_sent_is_a_mistake_of_ours(app, world, kept):
    with scope.chapter(world.member.chapter_id):
        token = signed_in(world.member)
    before = kept()

    @settings(
        max_examples=200,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(sent=SENT)
    def tried(sent: Sent) -> None:
        with forgotten():
            client = app.test_client()
            client.set_cookie(app.config["SIGN_IN_COOKIE_NAME"], token)
            told, answer = ask(app, client, world, sent)
            answer.close()
            # Without a worker the product is not ready, and says so.
            assert answer.status_code < 500 or told.startswith("GET /readyz"), told
            if answer.status_code >= 400 or told.startswith("GET"):
                assert kept() == before, told

    tried()
