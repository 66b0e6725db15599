"""A chapter with one of everything that an address can name, to be put into any state.

Three people stand to every record: its mentee, its mentor, and a third who has nothing to do with
it. Any of them can be given any role. What is one person's own is the mentee's, except what only
mentors have.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import delete, text, update

from mentorship.accounts.models import User
from mentorship.foundation import scope
from mentorship.foundation.database import db
from mentorship.matching import runs
from mentorship.matching.models import Attempt, RunState
from mentorship.own_data.models import Export
from mentorship.profiles import uploads
from mentorship.profiles.models import UploadState
from mentorship.relationships.contacts.models import Contact, Rotation, Update, UpdateCopy
from mentorship.relationships.goals import goals
from mentorship.relationships.goals.models import GoalState
from mentorship.relationships.models import (
    ActionItem,
    EvaluativeRole,
    PairingChange,
    PairingState,
    PlaceTaken,
)
from mentorship.safety import concerns
from mentorship.safety.models import ConcernState
from mentorship.scheduling.conference.models import MeetUp
from mentorship.scheduling.groups.models import GroupSeat, SessionState
from mentorship.scheduling.models import AgendaItem, BusyTime, MeetingState
from mentorship.scheduling.standing.models import StandingMeeting, StandingState
from mentorship.scheduling.waiting.models import Wait, WaitState
from mentorship.tenancy.members import ChapterCard, Member
from mentorship.tenancy.models import Membership, SupportVisit
from mentorship.tenancy.roles import Reach, Role
from mentorship.vocabulary.kinds import Kind
from tests import make
from tests.tenancy.university.going import going_on

MEETS_AT = datetime(2026, 3, 9, 19, tzinfo=UTC)
"""When the meeting begins: a week from the tests' now, within the mentor's hours."""


class Who(StrEnum):
    """What somebody is to the records of this world."""

    MENTEE = "its mentee"
    MENTOR = "its mentor"
    THIRD = "somebody else"


@dataclass(frozen=True)
class World:
    chapter: ChapterCard
    people: Mapping[Who, Member]
    ids: dict[str, UUID | str]
    """By the name that addresses have for it; `standing`, `wait`, `seat`, `meet_up` have none."""

    def give_role(self, who: Who, role: Role) -> None:
        """Let somebody have this role and no other."""
        self.ids["part"] = "about" if role is Role.STUDENT else "mentor"
        with scope.chapter(self.chapter.id):
            of_theirs = update(Membership).where(Membership.id == self.people[who].id)
            db.session.execute(of_theirs.values(roles=[role]))
            db.session.commit()

    def let_help(self, who: Who, reach: Reach) -> None:
        """Let somebody be here as the network's, by consent, and with no role."""
        helper = self.people[who]
        with scope.chapter(self.chapter.id):
            for change in (
                update(Membership).where(Membership.id == helper.id).values(roles=[]),
                update(User).where(User.id == helper.user_id).values(is_network_admin=True),
            ):
                db.session.execute(change)
            db.session.add(
                SupportVisit(
                    **{"user_id": helper.user_id, "member_id": helper.id, "reach": reach},
                    **{"why": "A run is stuck.", "consented_by_id": self.people[Who.MENTOR].id},
                    **{"asked_at": make.LONG_AGO, "began_at": MEETS_AT - timedelta(days=7)},
                    until=MEETS_AT,
                )
            )
            db.session.commit()

    def put(self, kind: str, state: str) -> None:
        """Let the one record of a kind stand in a state, as if it had come there by itself."""
        with scope.chapter(self.chapter.id):
            KINDS[kind].put(self, state)
            db.session.commit()


class Records(NamedTuple):
    """A kind of record: the argument that names it, and the states that it can stand in."""

    named: str
    states: type[StrEnum] | None = None
    put: Callable[[World, str], None] = lambda world, state: None
    owner: Who = Who.MENTEE
    """Whose it is, where it is one person's."""


def _set(table: str, named: str, **columns: str) -> Callable[[World, str], None]:
    """Have a record stand in `:state`; `columns` are what else its constraints ask for, as SQL."""
    rest = "".join(f", {name} = {value}" for name, value in columns.items())

    def put(world: World, state: str) -> None:
        facts = {"id": world.ids[named], "state": state}
        sql = f"UPDATE {table} SET state = :state{rest} WHERE id = :id"
        db.session.execute(text(sql), facts)

    return put


def _if(*states: str, then: str) -> str:
    return f"CASE WHEN :state IN ({', '.join(repr(str(each)) for each in states)}) THEN {then} END"


#: An instant, in SQL, before everything that tests do.
_THEN = "timestamptz '2026-02-27 15:00+00'"
_LATER = "timestamptz '2026-03-09 18:00+00'"


def _end_pairing(world: World, state: str) -> None:
    _set(
        "pairings",
        "pairing_id",
        ended_at=_if("completed", "ended", then=_THEN),
        first_met_at=_THEN,
    )(world, state)
    if state in (PairingState.COMPLETED, PairingState.ENDED):
        db.session.execute(
            delete(PlaceTaken).where(PlaceTaken.pairing_id == world.ids["pairing_id"])
        )
        db.session.add(
            PairingChange(
                pairing_id=world.ids["pairing_id"],
                by_id=world.people[Who.MENTEE].id,
                at=datetime(2026, 2, 27, 15, tzinfo=UTC),
                before=PairingState.ACTIVE,
                state=state,
                words="",
            )
        )


def _put_session(world: World, state: str) -> None:
    _set("group_sessions", "session_id")(world, state)
    if state != SessionState.OPEN:
        db.session.execute(delete(BusyTime).where(BusyTime.meeting_id == world.ids["session_id"]))


KINDS: dict[str, Records] = {
    "meeting": Records(
        "meeting_id",
        MeetingState,
        _set(
            "meetings",
            "meeting_id",
            awaiting=_if("requested", then="'mentor'"),
            answer_by=_if("requested", then=_LATER),
            absent=_if("no_show", then="'mentee'"),
            called_off_by=_if("cancelled", then="'mentor'"),
            late=":state = 'cancelled'",
        ),
    ),
    "pairing": Records("pairing_id", PairingState, _end_pairing),
    "standing": Records(
        "standing",
        StandingState,
        _set("standing_meetings", "standing", answer_by=_if("proposed", then=_LATER)),
    ),
    "wait": Records(
        "wait",
        WaitState,
        _set(
            "waits",
            "wait",
            offered_until=_if("offered", then=_LATER),
            ended_at=_if("taken", "left", "lapsed", then=_THEN),
        ),
    ),
    "session": Records("session_id", SessionState, _put_session),
    "seat": Records("seat"),
    "block": Records("block_id"),
    "meet_up": Records("meet_up"),
    "goal": Records(
        "goal_id",
        GoalState,
        _set("goals", "goal_id", settled_at=_if("reached", "let_go", then=_THEN)),
    ),
    "concern": Records(
        "concern_id",
        ConcernState,
        _set(
            "concerns",
            "concern_id",
            seen_at=_if("looked_at", "in_hand", "closed", then=_THEN),
            closed_at=_if("closed", then=_THEN),
            outcome=_if("closed", then="'talked'"),
        ),
    ),
    "run": Records(
        "run_id",
        RunState,
        _set("matching_runs", "run_id", published_at=_if("published", then=_THEN)),
    ),
    "upload": Records("upload_id", UploadState, _set("roster_uploads", "upload_id")),
    "item": Records("item_id"),
    "contact": Records("contact_id"),
    "update": Records("update_id"),
    "rotation": Records("rotation_id"),
    "document": Records("document_id"),
    "feed": Records("feed_id", owner=Who.MENTOR),
    "evaluation": Records("role_id", owner=Who.MENTOR),
    "export": Records("export_id"),
    "handover": Records("handover_id"),
    "visit": Records("visit_id"),
    "mentor": Records("mentor_id"),
    "member": Records("member_id"),
}


#: In which state each record is found, unless a test says another: one in which all may be seen.
USUAL = {
    **{"meeting": "accepted", "pairing": "active", "standing": "proposed", "wait": "offered"},
    **{"session": "open", "goal": "active", "concern": "looked_at", "run": "review"},
    "upload": "checked",
}


def build(chapter: ChapterCard, *, now: datetime) -> World:
    """The chapter as it is before anybody does anything."""
    mentor = make.mentor(chapter, "Dr. Its Mentor", hours=make.WEEKDAYS)
    mentee = make.student(chapter, "Its Mentee")
    third = make.student(chapter, "Somebody Else", wants={})
    make.mentor(chapter, "Dr. Free", hours=make.WEEKDAYS)
    fresh = make.mentor(chapter, "Dr. Fresh", hours=make.WEEKDAYS)
    for role in (Role.OFFICER, Role.COORDINATOR, Role.ADVISOR):
        make.member(chapter, role)
    pairing_id = make.pairing(mentor, mentee)
    meeting_id = make.meeting(mentor, mentee, pairing_id, starts_at=MEETS_AT)
    block_id = make.conference_block(mentor, starts_at=MEETS_AT + timedelta(days=1))
    session_id = make.group_session(mentor, starts_at=MEETS_AT + timedelta(days=2))
    feed_id = make.calendar_feed(
        mentor, holds="busy", read_at=now, good_until=now + timedelta(days=30)
    )
    ids: dict[str, UUID | str] = {
        **{"pairing_id": pairing_id, "meeting_id": meeting_id, "block_id": block_id},
        **{"session_id": session_id, "feed_id": feed_id},
        **{"mentor_id": mentor.id, "member_id": fresh.id, "fresh_mentor": fresh.id},
        **{"part": "about", "step_key": "first-mentor"},
        **make.document(mentee, pairing_id),
        "visit_id": make.support_visit(chapter),
        "handover_id": make.handover(mentor, mentee),
    }
    # Somewhere that nothing answers, and that no server of ours may ask.
    going_on(chapter, issuer="https://127.0.0.1:9")
    ids["run_id"] = run_id = _run(chapter, now=now)
    with scope.chapter(chapter.id):
        two = {"mentee_id": mentee.id, "mentor_id": mentor.id}
        users = {"mentee_user_id": mentee.user_id, "mentor_user_id": mentor.user_id}
        made = {
            "item_id": ActionItem(
                pairing_id=pairing_id, owner_id=mentee.id, what="Read", created_at=now
            ),
            "role_id": EvaluativeRole(
                member_id=mentor.id, role="clerkship_director", starts_on=date(2026, 1, 1)
            ),
            "upload_id": uploads.keep(
                file_name="people.csv",
                content=b"name,email,role\nNew Person,new@example.org,student\n",
                by=mentee,
                now=now,
            ),
            "contact_id": Contact(
                **{"pairing_id": pairing_id, "by_id": mentee.id, "way": "call"},
                **{"happened_on": now.date(), "created_at": now},
            ),
            "update_id": Update(by_id=mentee.id, words="Hello", own_address=False, saved_at=now),
            "rotation_id": Rotation(
                **{"member_id": mentee.id, "place": "Away"},
                **{"ends_on": date(2026, 4, 1), "created_at": now},
            ),
            "agenda_item_id": AgendaItem(
                meeting_id=meeting_id, by_id=mentee.id, position=1, what="Rotations"
            ),
            "standing": StandingMeeting(
                **{**two, **users, "pairing_id": pairing_id, "part": "mentee"},
                **{"state": StandingState.PROPOSED, "first_on": date(2026, 3, 16)},
                **{"at": datetime(2026, 3, 16, 14).time(), "zone": mentor.zone, "minutes": 25},
                **{"every": 2, "purpose": "Stay in touch", "asked_at": now},
                answer_by=MEETS_AT,
            ),
            "wait": Wait(
                **{**two, **users, "kind": "application", "why": "Please"},
                **{"state": WaitState.WAITING, "joined_at": now},
            ),
            "seat": GroupSeat(
                **{"session_id": session_id, "member_id": mentee.id, "user_id": mentee.user_id},
                **{"state": "seated", "joined_at": now, "seated_at": now},
            ),
            "export_id": Export(
                **{"user_id": mentee.user_id, "chapter_slug": chapter.slug, "state": "ready"},
                **{"asked_at": now, "ready_at": now, "kept_until": now + timedelta(days=7)},
            ),
            "meet_up": MeetUp(
                **{"block_id": block_id, "mentee_id": mentee.id},
                **{"mentee_user_id": mentee.user_id, "question": "How?", "state": "taken"},
                starts_at=MEETS_AT + timedelta(days=1),
                ends_at=MEETS_AT + timedelta(days=1, minutes=10),
                taken_at=now,
            ),
        }
        db.session.add_all(made.values())
        db.session.flush()
        goal = goals.begin(
            what="Ultrasound", how_known="Done", due_on=date(2027, 1, 1), by=mentee, now=now
        )
        goals.begin(what="Read", how_known="Done", due_on=date(2027, 1, 1), by=mentee, now=now)
        step = goals.add_step(goal, what="Ask", by=mentee, now=now)
        goals.add_step(goal, what="Listen", by=mentee, now=now)
        db.session.add_all(
            [
                AgendaItem(meeting_id=meeting_id, by_id=mentee.id, position=2, what="Letters"),
                UpdateCopy(update_id=made["update_id"].id, pairing_id=pairing_id, line=""),
            ]
        )
        attempt = Attempt(
            run_id=run_id,
            draft=1,
            change={"what": "policy", "policy": "best"},
            state="failed",
            settings={},
            asked_at=now,
        )
        db.session.add(attempt)
        db.session.flush()
        concern = concerns.report(words="Worried", about=mentor, by=mentee, now=now)
        ids |= {name: record.id for name, record in made.items()}
        ids |= {"goal_id": goal.id, "step_id": step.id, "concern_id": concern.id}
        ids |= {"attempt_id": attempt.id}
        db.session.commit()
    world = World(chapter, {Who.MENTEE: mentee, Who.MENTOR: mentor, Who.THIRD: third}, ids)
    for kind, state in USUAL.items():
        world.put(kind, state)
    return world


def _run(chapter: ChapterCard, *, now: datetime) -> UUID:
    """A run whose draft was really worked out."""
    by = make.coordinator(chapter)
    with scope.chapter(chapter.id):
        run_id = runs.start(cycle="2025-26", kinds=[Kind.CONTENT], by=by, now=now).id
        db.session.commit()
    with scope.chapter(chapter.id):
        runs.work(run_id, draft=1, now=now)
    return run_id
