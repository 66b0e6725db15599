"""How each page that changes a record is used rightly: by whom, and with what typed.

The test of the permissions does it in every state of the record. Where the table allows it there
has to be a deed in the trail, and where it does not, none. A page that posts and stands neither
here nor in `UNTRIED` fails that test.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import select, text

from mentorship.foundation import scope
from mentorship.foundation.database import db
from mentorship.relationships.models import Block
from mentorship.scheduling import agendas
from mentorship.scheduling.models import AgendaItem, Proposed
from tests import make
from tests.house.world import MEETS_AT, Who, World

Typed = Mapping[str, str]
Said = Callable[[World], Typed]


@dataclass(frozen=True)
class Act:
    """Done by whom, with what typed, at which moment (the tests' now, if none is said)."""

    by: Who = Who.MENTEE
    typed: Typed = field(default_factory=dict)
    said: Said | None = None
    """What is typed, where it names something of the world."""
    at: datetime | None = None
    given: Callable[[World], None] | None = None
    """What has happened before."""

    def form(self, world: World) -> Typed:
        return self.said(world) if self.said else self.typed


MENTEE, MENTOR, THIRD = Who
_AFTERWARDS = MEETS_AT + timedelta(hours=1)


def _sql(statement: str) -> Callable[[World], None]:
    """Have a statement of ours done in the chapter."""

    def do(world: World) -> None:
        with scope.chapter(world.chapter.id):
            db.session.execute(text(statement))
            db.session.commit()

    return do


def _block(other: str, by: Who) -> Callable[[World], None]:
    """Have somebody block whom an address names."""

    def do(world: World) -> None:
        with scope.chapter(world.chapter.id):
            db.session.add(
                Block(
                    member_id=world.people[by].id,
                    other_id=world.ids[other],
                    created_at=make.LONG_AGO,
                )
            )
            db.session.commit()

    return do


def _other_times(world: World) -> None:
    """The mentee has proposed another time for the meeting."""
    with scope.chapter(world.chapter.id):
        db.session.add(
            Proposed(
                meeting_id=world.ids["meeting_id"],
                part="mentee",
                starts=[MEETS_AT + timedelta(days=3)],
                word="",
                asked_at=make.LONG_AGO,
                answer_by=MEETS_AT,
            )
        )
        db.session.commit()


def _seen(world: World) -> str:
    """The mark of the agenda's item, as its page shows it."""
    with scope.chapter(world.chapter.id):
        one = select(AgendaItem).where(AgendaItem.id == world.ids["agenda_item_id"])
        return agendas.mark(db.session.scalars(one).one())


ACTS: dict[str, Act] = {
    # Meetings
    "scheduling.accept": Act(MENTOR),
    "scheduling.propose": Act(MENTOR, {"slot": "2026-03-12T14:00"}),
    "scheduling.decline": Act(MENTOR, {"reason": "full"}),
    "scheduling.withdraw": Act(),
    "scheduling.ask_next": Act(said=lambda world: {"mentor": str(world.ids["fresh_mentor"])}),
    "scheduling.cancel": Act(MENTOR, {"word": "A shift was moved"}),
    "scheduling.reschedule": Act(MENTEE, {"slot": "2026-03-12T14:00"}),
    "scheduling.excuse": Act(),
    "scheduling.held": Act(at=_AFTERWARDS),
    "scheduling.not_held": Act(MENTOR, {"absent": "mentee"}, at=_AFTERWARDS),
    "scheduling.say_thanks": Act(MENTEE, {"words": "Thank you"}, at=_AFTERWARDS),
    "scheduling.add_to_agenda": Act(MENTEE, {"what": "Away rotations", "minutes": "5"}),
    "scheduling.change_agenda_item": Act(
        said=lambda world: {"what": "Away", "minutes": "5", "seen": _seen(world)}
    ),
    "scheduling.move_agenda_item": Act(MENTEE, {"to": "down"}),
    "scheduling.start_agenda": Act(given=_sql("DELETE FROM agenda_items")),
    "scheduling.agree_to_time": Act(
        MENTOR, {"starts_at": "2026-03-12T19:00:00+00:00"}, given=_other_times
    ),
    "scheduling.keep_time": Act(MENTOR, given=_other_times),
    "scheduling.remove_agenda_item": Act(),
    "scheduling.send_agenda": Act(MENTEE, {"hours": "48"}),
    "scheduling.add_file": Act(),
    "scheduling.report_item": Act(MENTEE, {"said": "done"}),
    "scheduling.write_notes": Act(MENTEE, {"words": "We talked", "version": "0"}),
    "scheduling.write_private_notes": Act(MENTEE, {"private": "For me"}),
    "scheduling.take_on_task": Act(MENTEE, {"task": "Read", "owner": "me"}),
    # Times
    "scheduling.wait": Act(
        THIRD, {"kind": "career", "why": "Please"}, given=_sql("UPDATE users SET places = 1")
    ),
    "scheduling.leave_wait": Act(),
    "scheduling.take_place": Act(given=lambda world: world.put("pairing", "ended")),
    "scheduling.join_session": Act(THIRD),
    "scheduling.leave_session": Act(),
    "scheduling.agree_to_session": Act(MENTOR),
    "scheduling.decline_session": Act(MENTOR),
    "scheduling.change_session": Act(
        MENTOR, {"day": "2026-03-11", "at": "14:00", "place": "Room 5"}
    ),
    "scheduling.call_off_session": Act(MENTOR),
    "scheduling.take_meet_up": Act(
        THIRD, {"slot": "2026-03-10T19:10:00+00:00", "question": "How?"}
    ),
    "scheduling.give_back_meet_up": Act(),
    "scheduling.change_meet_ups": Act(
        MENTOR, {"day": "2026-03-10", "opens": "12:00", "place": "booth 13"}
    ),
    "scheduling.call_off_meet_ups": Act(MENTOR),
    # Meeting regularly
    "scheduling.standing": Act(
        MENTEE,
        {"day": "2026-03-16", "at": "14:00", "minutes": "25", "every": "2", "ends": "open"}
        | {"purpose": "Stay in touch"},
        given=_sql("DELETE FROM standing_meetings"),
    ),
    "scheduling.agree_to_standing": Act(MENTOR),
    "scheduling.close_standing": Act(MENTOR),
    "scheduling.stop_standing": Act(MENTOR),
    # Pairings
    "relationships.agreement": Act(MENTEE, {"version": "0", "how_often": "Monthly"}),
    "relationships.pause": Act(),
    "relationships.resume": Act(),
    "relationships.end": Act(MENTEE, {"state": "ended"}),
    "relationships.reopen": Act(),
    "relationships.wish_for_another": Act(),
    "relationships.check_in": Act(MENTEE, {"how": "well"}),
    "relationships.contact": Act(MENTEE, {"way": "call"}),
    "relationships.undo_contact": Act(),
    "relationships.fit": Act(MENTEE, {"said": "continue"}),
    "relationships.take_on": Act(MENTEE, {"what": "Read", "owner": "me"}),
    "relationships.block": Act(),
    "relationships.unblock": Act(given=_block("mentor_id", MENTEE)),
    "relationships.change_item": Act(MENTEE, {"what": "Read on", "owner": "me"}),
    "relationships.restore": Act(
        given=_sql("UPDATE action_items SET dropped_at = '2026-03-02 17:00+00'")
    ),
    "relationships.drop": Act(),
    "relationships.finish_item": Act(MENTEE, {"came_of_it": "Read it"}),
    "relationships.tick": Act(MENTEE, {"done": "1"}),
    # What is one person's own
    "relationships.change_goal": Act(
        MENTEE, {"what": "More", "how_known": "Done", "due_on": "2027-01-01"}
    ),
    "relationships.add_goal_step": Act(MENTEE, {"step": "Ask again"}),
    "relationships.move_goal": Act(MENTEE, {"to": "down"}),
    "relationships.move_goal_step": Act(MENTEE, {"to": "down"}),
    "relationships.tick_goal_step": Act(MENTEE, {"done": "1"}),
    "relationships.remove_goal_step": Act(),
    "relationships.settle_goal": Act(MENTEE, {"how": "reached"}),
    "relationships.share_goal": Act(MENTEE, {"whom": "all"}),
    "relationships.take_up_goal": Act(),
    "relationships.remove_rotation": Act(),
    "relationships.end_evaluation": Act(MENTOR),
    "scheduling.drop_update": Act(),
    "scheduling.edit_update": Act(
        said=lambda world: {"words": "More", "to": str(world.ids["pairing_id"])}
    ),
    "scheduling.update": Act(),
    "scheduling.take_back_update": Act(
        given=_sql("UPDATE updates SET send_at = '2026-03-02 18:05+00'")
    ),
    "scheduling.remove_feed": Act(MENTOR),
    "files.delete": Act(),
    "files.stop": Act(),
    "files.show": Act(said=lambda world: {"pairing": str(world.ids["pairing_id"])}),
    "files.comment": Act(MENTOR, {"words": "Good"}),
    # Safety
    "safety.block": Act(THIRD),
    "safety.lift": Act(THIRD, given=_block("member_id", THIRD)),
    "safety.look": Act(THIRD),
    "safety.take": Act(THIRD),
    "safety.add_note": Act(THIRD, {"words": "Called her"}),
    "safety.keep_apart": Act(THIRD),
    "safety.close": Act(THIRD, {"outcome": "talked"}),
    "safety.pass_on": Act(THIRD),
    "safety.reopen": Act(THIRD),
    # Matching
    "matching.mark": Act(
        THIRD,
        said=lambda world: {
            "mentee": str(world.people[MENTEE].id),
            "mentor": str(world.people[MENTOR].id),
            "kind": "career",
            "mark": "pin",
        },
    ),
    "matching.publish": Act(THIRD, {"draft": "1"}),
    "matching.try_out": Act(THIRD, {"what": "policy", "policy": "stable"}),
    "matching.rerun": Act(THIRD),
    "matching.settings": Act(THIRD, {"policy": "best"}),
    "matching.discard": Act(THIRD),
    "profiles.bring_in": Act(),
}

_FILES = "needs a file that is sent, or a second version: tests/files"
_CALENDARS = "needs what stands in a calendar: tests/scheduling/feeds"
_RUNNING = "what coordinators do with people, who have no state: tests/tenancy"
#: Pages that post to a record and are tried here for who may, and for what they do elsewhere. What
#: the table says of states is tried by another page of the same permission.
UNTRIED: dict[str, str] = {
    "files.renew": _FILES,
    "files.restore": _FILES,
    "scheduling.feed": _CALENDARS,
    "scheduling.read_feed": _CALENDARS,
    "scheduling.newer_file": _CALENDARS,
    "scheduling.count_time": _CALENDARS,
    "scheduling.ignore_time": _CALENDARS,
    "scheduling.keep_in_clash": _CALENDARS,
    "scheduling.notes_history": "needs an older version: tests/scheduling/test_notes_history.py",
    "scheduling.ask": "there is no record yet: tests/scheduling/test_booking_pages.py",
    "matching.over": "needs a run that moves people: tests/matching",
    "safety.let_together": "needs two who are kept apart: tests/safety",
    "running.bring_back": _RUNNING,
    "running.give_role": _RUNNING,
    "running.invite": _RUNNING,
    "running.take_out": _RUNNING,
    "running.take_role": _RUNNING,
    "running.consent": _RUNNING,
    "running.end_support": _RUNNING,
}
