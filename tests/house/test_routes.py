"""Every page of a chapter, taken from the map of addresses: a new one is covered, or this fails."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from flask import Flask
from werkzeug.routing import Rule

from mentorship.app import create_app
from mentorship.foundation import scope
from mentorship.foundation.database import db
from mentorship.matching.models import Attempt, MatchingRun, Proposal
from mentorship.own_data.models import Export
from mentorship.profiles.models import RosterUpload
from mentorship.relationships.contacts.models import Contact, Rotation, Update
from mentorship.relationships.goals import goals
from mentorship.relationships.models import ActionItem, EvaluativeRole
from mentorship.safety import concerns
from mentorship.scheduling.feeds.models import Feed
from mentorship.scheduling.models import AgendaItem, MeetingState
from mentorship.tenancy import access
from mentorship.tenancy.members import Member
from mentorship.tenancy.roles import Permission, Role
from mentorship.vocabulary.kinds import Kind
from mentorship.web.labels import open_to
from tests import make
from tests.stage import standing

#: What every name in the other chapter contains, and no page of this one may show.
CANARY = "Zebulon"


#: Words that stand in an address where others have an id, and that mean nothing.
WORDS = {"part": "nothing-of-the-kind", "step_key": "nothing-of-the-kind"}


def rules(app: Flask) -> list[Rule]:
    """The chapter's pages."""
    return sorted(
        (rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith("chapter.")),
        key=lambda rule: rule.rule,
    )


def names_records(rule: Rule) -> bool:
    """Whether the address names something of the chapter's."""
    return rule.arguments != {"chapter_slug"}


def requests(
    app: Flask, slug: str, ids: dict[str, UUID], methods: tuple[str, ...] = ("GET", "POST")
) -> Iterator[tuple[Rule, str, str]]:
    """Each page with each of its methods, as a rule, a method and a path."""
    adapter = app.url_map.bind("localhost")
    for rule in rules(app):
        if not rule.methods & set(methods):
            continue
        values = {"chapter_slug": slug} | {
            argument: {**WORDS, **ids}[argument] for argument in rule.arguments - {"chapter_slug"}
        }
        for method in sorted(rule.methods & set(methods)):
            yield rule, method, adapter.build(rule.endpoint, values, method=method)


@standing
def theirs(undone, now) -> dict[str, UUID]:
    """One of everything that an address can name, all of another chapter."""
    there = make.chapter("elsewhere", zone="Europe/Oslo")
    mentor = make.mentor(there, f"Dr. {CANARY} Mentor", hours=make.WEEKDAYS)
    mentee = make.student(there, f"{CANARY} Student")
    pairing_id = make.pairing(mentor, mentee)
    starts_at = datetime(2026, 3, 9, 19, tzinfo=UTC)
    meeting_id = make.meeting(
        mentor, mentee, pairing_id, starts_at=starts_at, state=MeetingState.REQUESTED
    )
    block_id = make.conference_block(mentor, starts_at=starts_at + timedelta(days=1), place=CANARY)
    session_id = make.group_session(
        mentor, starts_at=starts_at + timedelta(days=2), title=CANARY, place=CANARY
    )
    document = make.document(mentor, pairing_id, name=CANARY)
    visit_id = make.support_visit(there, why=CANARY)
    handover_id = make.handover(mentor, mentee, words=CANARY)
    with scope.chapter(there.id):
        run = MatchingRun(
            number=1, cycle="2025-26", kinds=["career"], state="review", created_at=make.LONG_AGO
        )
        item = ActionItem(
            pairing_id=pairing_id, owner_id=mentee.id, what=CANARY, created_at=make.LONG_AGO
        )
        role = EvaluativeRole(member_id=mentor.id, role=CANARY, starts_on=date(2026, 1, 1))
        upload = RosterUpload(
            by_id=mentor.id, file_name=CANARY, content=b"name,email", created_at=make.LONG_AGO
        )
        feed = Feed(
            user_id=mentor.user_id,
            name=CANARY,
            holds="shifts",
            all_day="busy",
            zone="Europe/Oslo",
            created_at=make.LONG_AGO,
        )
        export = Export(user_id=mentor.user_id, chapter_slug=there.slug, asked_at=make.LONG_AGO)
        db.session.add_all([run, item, role, upload, feed, export])
        db.session.flush()
        goal = goals.begin(
            what=CANARY, how_known=CANARY, due_on=date(2027, 1, 1), by=mentee, now=make.LONG_AGO
        )
        step = goals.add_step(goal, what=CANARY, by=mentee, now=make.LONG_AGO)
        contact = Contact(
            **{"pairing_id": pairing_id, "by_id": mentee.id, "way": "call"},
            **{"happened_on": date(2026, 1, 1), "created_at": make.LONG_AGO},
        )
        written = Update(by_id=mentee.id, words=CANARY, own_address=False, saved_at=make.LONG_AGO)
        rotation = Rotation(
            **{"member_id": mentee.id, "place": CANARY},
            **{"ends_on": date(2026, 4, 1), "created_at": make.LONG_AGO},
        )
        db.session.add_all([contact, written, rotation])
        agenda_item = AgendaItem(meeting_id=meeting_id, by_id=mentee.id, position=1, what=CANARY)
        proposal = Proposal(
            run_id=run.id,
            mentee_id=mentee.id,
            mentor_id=mentor.id,
            kind=Kind.CAREER,
            fit=50,
            reasons=[],
        )
        attempt = Attempt(
            run_id=run.id,
            draft=1,
            change={"what": "policy", "policy": "stable"},
            state="done",
            settings={},
            asked_at=make.LONG_AGO,
        )
        db.session.add_all([agenda_item, proposal, attempt])
        db.session.flush()
        concern = concerns.report(words=CANARY, about=mentor, by=mentee, now=now)
        found = {
            "concern_id": concern.id,
            "mentor_id": mentor.id,
            "member_id": mentee.id,
            "pairing_id": pairing_id,
            "meeting_id": meeting_id,
            "run_id": run.id,
            "item_id": item.id,
            "agenda_item_id": agenda_item.id,
            "goal_id": goal.id,
            "contact_id": contact.id,
            "update_id": written.id,
            "rotation_id": rotation.id,
            "step_id": step.id,
            "role_id": role.id,
            "upload_id": upload.id,
            "proposal_id": proposal.id,
            "attempt_id": attempt.id,
            "feed_id": feed.id,
            "export_id": export.id,
            "block_id": block_id,
            "session_id": session_id,
            "visit_id": visit_id,
            "handover_id": handover_id,
            **document,
        }
        db.session.commit()
    return found


@pytest.fixture(params=list(Role))
def somebody(request, lakeside) -> Member:
    """A member of this chapter with one role."""
    if request.param is Role.STUDENT:
        return make.student(lakeside)
    if request.param is Role.MENTOR:
        return make.mentor(lakeside)
    return make.member(lakeside, request.param)


def test_pages_are_read_or_posted_to(app):
    methods = {method for rule in rules(app) for method in rule.methods}

    assert methods == {"GET", "POST", "HEAD", "OPTIONS"}


def test_every_argument_of_an_address_is_tried(app, theirs):
    arguments = {argument for rule in rules(app) for argument in rule.arguments}

    assert arguments - {"chapter_slug"} <= theirs.keys() | WORDS.keys()


def test_an_id_of_another_chapter_leads_nowhere(app, theirs, somebody, sign_in):
    client = sign_in(somebody)
    for rule, method, path in requests(app, "lakeside", theirs):
        if not names_records(rule):
            continue
        answer = client.open(path, method=method)
        may = somebody.may(app.view_functions[rule.endpoint].permission)

        assert answer.status_code == (404 if may else 403), f"{method} {path}"
        assert CANARY not in answer.text, f"{method} {path}"


def test_another_chapter_does_not_exist(app, theirs, somebody, sign_in):
    client = sign_in(somebody)
    for _, method, path in requests(app, "elsewhere", theirs):
        answer = client.open(path, method=method)

        assert answer.status_code == 404, f"{method} {path}"
        assert CANARY not in answer.text, f"{method} {path}"


def test_a_page_opens_for_those_whose_role_carries_it(app, theirs, somebody, sign_in):
    client = sign_in(somebody)
    for rule, method, path in requests(app, "lakeside", theirs):
        if names_records(rule) or method != "GET":
            continue
        answer = client.get(path)
        if somebody.may(app.view_functions[rule.endpoint].permission):
            assert answer.status_code in (200, 302, 303), f"{method} {path}"
        else:
            assert answer.status_code == 403, f"{method} {path}"
        assert CANARY not in answer.text, f"{method} {path}"


def test_an_empty_form_is_answered_in_words(app, theirs, somebody, sign_in):
    client = sign_in(somebody)
    for rule, method, path in requests(app, "lakeside", theirs):
        if not names_records(rule) and method == "POST":
            answer = client.post(path)

            assert answer.status_code in (303, 302, 400, 403, 409, 422), f"{method} {path}"


def test_nobody_who_is_not_signed_in_sees_or_does_anything(app, theirs):
    client = app.test_client()
    for slug in ("lakeside", "elsewhere", "no-such-chapter"):
        for _, method, path in requests(app, slug, theirs):
            answer = client.open(path, method=method)

            assert answer.status_code == 302, f"{method} {path}"
            assert answer.location.startswith("/sign-in"), f"{method} {path}"


@pytest.mark.parametrize(
    ("address", "label"),
    [
        ("/new", None),
        ("/c/<chapter_slug>/new", None),
        ("/c/<chapter_slug>/new", open_to("anybody")),
        ("/new", access.requires(Permission.CHAPTER_SEE)),
    ],
)
def test_a_page_that_does_not_say_what_opens_it_keeps_the_app_from_starting(
    settings, address, label
):
    def new() -> str:
        return ""

    fresh = create_app(settings)
    inside = address.startswith("/c/")
    view = label(new) if label else new
    fresh.add_url_rule(address, "chapter.new" if inside else "new", view)

    with pytest.raises(RuntimeError, match="does not say"):
        access.insist_on_labels(fresh)


def test_a_page_of_whoever_is_signed_in_leads_others_to_the_sign_in(app, undone):
    adapter = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        if not hasattr(app.view_functions[rule.endpoint], "signed_in"):
            continue
        values = {name: UUID(int=7) if name.endswith("_id") else "x" for name in rule.arguments}
        for method in rule.methods & {"GET", "POST"}:
            answer = app.test_client().open(
                adapter.build(rule.endpoint, values, method=method), method=method
            )

            assert answer.status_code == 302, f"{method} {rule}"
            assert answer.location.startswith("/sign-in"), f"{method} {rule}"
