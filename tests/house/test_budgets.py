"""What a page may ask of the database: few statements, and as many for fifty rows as for one."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from mentorship.foundation import scope
from mentorship.foundation.database import db
from mentorship.matching import attempts, runs
from mentorship.matching.preferences import Preferences
from mentorship.matching.queries import run_record
from mentorship.own_data.models import Export
from mentorship.profiles import uploads
from mentorship.relationships.contacts.models import Rotation, Update, UpdateCopy
from mentorship.relationships.goals.models import Goal, GoalStep
from mentorship.relationships.models import (
    ActionItem,
    CheckIn,
    EvaluativeRole,
    Pairing,
    PairingState,
)
from mentorship.safety import concerns
from mentorship.safety import queries as safety
from mentorship.scheduling.feeds.models import Feed
from mentorship.scheduling.models import AgendaItem, MeetingState
from mentorship.tenancy.members import ChapterCard, Member
from mentorship.tenancy.roles import Role
from mentorship.vocabulary.kinds import Kind
from tests import make
from tests.house.test_routes import requests, rules
from tests.tenancy.university.going import going_on

HOT, ANY = 4, 6
#: Pages that people open every day.
DAILY = {
    f"chapter.{page}"
    for page in (
        "insights.home",
        "insights.pairings",
        "insights.pairing",
        "profiles.find_mentor",
        "profiles.mentor",
        "scheduling.inbox",
        "scheduling.meetings",
        "scheduling.meeting",
        "scheduling.ask",
    )
}
NEXT_WEEK = datetime(2026, 3, 9, 19, tzinfo=UTC)


@pytest.fixture
def world(undone, now):
    def world(rows: int) -> tuple[Member, list[dict[str, UUID | str]]]:
        """A chapter where one member wears every hat, with so many of everything; and ids."""
        chapter = make.chapter(f"rows-{rows}")
        rhea = make.mentor(chapter, "Rhea Sandoval", places=50, hours=make.WEEKDAYS)
        make.student(chapter, "Rhea Sandoval", email=rhea.email, roles=tuple(Role))
        mentor = make.mentor(chapter, "Dr. Main", places=50, hours=make.WEEKDAYS)
        pairing_id = make.pairing(mentor, rhea, state=PairingState.ACTIVE)
        meeting_id = make.meeting(mentor, rhea, pairing_id, starts_at=NEXT_WEEK)
        at = NEXT_WEEK + timedelta(hours=1)
        asking = make.meeting(mentor, rhea, pairing_id, starts_at=at, state=MeetingState.REQUESTED)
        asked = [_somebody_more(chapter, rhea, number) for number in range(1, rows + 1)]
        blocks = [
            make.conference_block(mentor, starts_at=NEXT_WEEK + timedelta(days=2 + number))
            for number in range(rows)
        ]
        sessions = [
            make.group_session(rhea, starts_at=NEXT_WEEK + timedelta(days=200 + number))
            for number in range(rows)
        ]
        for number in range(rows):  # her own, and those of her mentor that she is shown
            make.document(mentor, pairing_id, name=f"File {number}")
            document = make.document(rhea, pairing_id, name=f"File {number}")
        visits = [make.support_visit(chapter) for _ in range(rows)]
        going_on(chapter, domains=[f"rows-{rows}.edu"])
        handovers = [make.handover(mentor, rhea) for _ in range(rows)]
        with scope.chapter(chapter.id):
            written = _written(rows, rhea, pairing_id, meeting_id)
            run = runs.start(
                cycle="2025-26",
                kinds=[Kind.APPLICATION],
                preferences=Preferences(rematch=True, moves=True),
                by=rhea,
                now=now,
            )
            lines = "".join(f"Person {n},p{n}@example.org,student\n" for n in range(rows))
            roster = f"name,email,role\n{lines}".encode()
            upload = uploads.keep(file_name="fall.csv", content=roster, by=rhea, now=now)
            for _ in range(rows):
                concern = concerns.report(words="x", about=mentor, by=rhea, now=now)
            found = safety.concern(concern.id, member=rhea, for_update=True)
            concerns.look(found, by=rhea, now=now)
            for _ in range(rows):
                concerns.note(found, words="x", by=rhea, now=now)
            ids = {
                "concern_id": concern.id,
                "member_id": mentor.id,
                "mentor_id": mentor.id,
                "pairing_id": pairing_id,
                "meeting_id": meeting_id,
                "run_id": run.id,
                "upload_id": upload.id,
                "block_id": blocks[0],
                "session_id": sessions[0],
                "visit_id": visits[0],
                "handover_id": handovers[0],
                **document,
                "part": "about",
                **written,
            }
            db.session.commit()
            runs.work(ids["run_id"], draft=1, now=now)
            other = {"what": "policy", "policy": "stable"}
            attempt = attempts.begin(run_record(ids["run_id"]), other, by=rhea, now=now)
            ids["attempt_id"] = attempt.id
            db.session.commit()
        # Some pages are there for a request only, of one side or the other.
        several = [ids | {"meeting_id": one} for one in (meeting_id, asked[0], asking)]
        own_block = make.conference_block(rhea, starts_at=NEXT_WEEK + timedelta(days=100))
        return rhea, [*several, ids | {"block_id": own_block}]

    return world


def _somebody_more(chapter: ChapterCard, rhea: Member, number: int) -> UUID:
    """A student who asks Rhea for a meeting, which is returned, and a mentor whom Rhea has met."""
    student = make.student(chapter, f"Student {number:02}")
    asked = make.pairing(rhea, student, Kind.WELLNESS, state=PairingState.PROPOSED)
    at = NEXT_WEEK + timedelta(days=1, minutes=30 * number)
    request = make.meeting(rhea, student, asked, starts_at=at, state=MeetingState.REQUESTED)
    mentor = make.mentor(chapter, f"Dr. Mentor {number:02}", hours=make.WEEKDAYS)
    met = make.pairing(mentor, rhea, Kind.CONTENT, topic="toxicology", state=PairingState.ACTIVE)
    at = NEXT_WEEK - timedelta(days=9 + number)
    make.meeting(mentor, rhea, met, starts_at=at, state=MeetingState.HELD)
    return request


def _written(rows: int, rhea: Member, pairing_id: UUID, meeting_id: UUID) -> dict[str, UUID]:
    """So many agenda items, action items, check-ins and evaluative roles."""
    today = NEXT_WEEK.date()
    for number in range(1, rows + 1):
        db.session.add_all(
            [
                AgendaItem(meeting_id=meeting_id, by_id=rhea.id, position=number, what="Rotations"),
                ActionItem(
                    pairing_id=pairing_id, owner_id=rhea.id, what="Write", created_at=make.LONG_AGO
                ),
                CheckIn(
                    pairing_id=pairing_id,
                    by_id=rhea.id,
                    happened_on=today - timedelta(days=7 + number),
                    how="well",
                    line="All well.",
                    created_at=make.LONG_AGO,
                ),
                EvaluativeRole(member_id=rhea.id, role=f"Grader {number}", starts_on=today),
            ]
        )
    feeds = [
        Feed(
            user_id=rhea.user_id,
            name=f"Shifts {number}",
            holds="shifts",
            all_day="busy",
            zone=rhea.zone,
            created_at=make.LONG_AGO,
        )
        for number in range(rows)
    ]
    db.session.add_all(feeds)
    written = [
        Update(by_id=rhea.id, words="x", own_address=False, saved_at=make.LONG_AGO)
        for _ in range(rows)
    ]
    rotations = [
        Rotation(
            **{"member_id": rhea.id, "place": "x", "ends_on": today},
            created_at=make.LONG_AGO,
        )
        for _ in range(rows)
    ]
    copies = [
        Export(
            **{"user_id": rhea.user_id, "chapter_slug": f"rows-{rows}", "state": "ready"},
            **{"asked_at": make.LONG_AGO, "ready_at": make.LONG_AGO, "kept_until": NEXT_WEEK},
        )
        for _ in range(rows)
    ]
    db.session.add_all([*written, *rotations, *copies])
    db.session.flush()
    mine = db.session.scalars(select(Pairing.id).where(Pairing.mentee_id == rhea.id)).all()
    db.session.add_all(
        UpdateCopy(update_id=one.id, pairing_id=pairing, line="x")
        for one in written[:2]
        for pairing in mine
    )
    goal = Goal(
        **{"member_id": rhea.id, "position": 1, "what": "Match", "how_known": "x", "word": ""},
        **{"due_on": today, "state": "active", "with_all": True, "created_at": make.LONG_AGO},
    )
    db.session.add(goal)
    db.session.flush()
    steps = [GoalStep(goal_id=goal.id, position=number, what="x") for number in range(rows)]
    more = [
        Goal(
            **{"member_id": rhea.id, "position": number, "what": "x", "how_known": "x", "word": ""},
            **{"due_on": today, "state": "active", "with_all": True, "created_at": make.LONG_AGO},
        )
        for number in range(2, rows + 1)
    ]
    db.session.add_all([*steps, *more])
    db.session.flush()
    agenda_item = select(AgendaItem.id).order_by(AgendaItem.position).limit(1)
    role = select(EvaluativeRole.id).limit(1)
    return {
        "agenda_item_id": db.session.scalar(agenda_item),
        "role_id": db.session.scalar(role),
        "feed_id": feeds[0].id,
        "export_id": copies[0].id,
        "goal_id": goal.id,
        "update_id": written[0].id,
        "step_id": steps[0].id,
        "item_id": db.session.scalar(select(ActionItem.id).limit(1)),
        "step_key": "join-emig",
    }


@pytest.fixture
def costs(app, sign_in, statements, world):
    def costs(rows: int) -> dict[str, int]:
        """How many statements each page takes, in a world of so many rows."""
        member, several = world(rows)
        client, found = sign_in(member), {}
        client.get(f"/c/rows-{rows}/")  # which chapter this is, a process looks up once
        pages = {
            path: rule.endpoint
            for ids in several
            for rule, _, path in requests(app, f"rows-{rows}", ids, methods=("GET",))
        }
        for path, page in pages.items():
            with statements() as seen:
                answer = client.get(path)
            if answer.status_code == 200:
                found[page] = max(len(seen), found.get(page, 0))
        return found

    return costs


def test_every_page_keeps_to_its_budget_however_many_rows_there_are(app, costs):
    few, many = costs(1), costs(50)

    assert many.keys() == {rule.endpoint for rule in rules(app) if "GET" in rule.methods}
    assert few == many
    assert {page: cost for page, cost in many.items() if page in DAILY and cost > HOT} == {}
    # One more where a look is noted: it is written in a transaction of its own.
    noted = {page for page, view in app.view_functions.items() if hasattr(view, "sight")}
    assert {page: cost for page, cost in many.items() if cost > ANY + (page in noted)} == {}
