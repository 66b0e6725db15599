"""How each page that changes a record is used rightly, by whoever the table lets, and what for.

The test of the permissions does it in every state of the record, as everybody. Where the table
allows it there has to be a deed in the trail, and where it does not, none. A page that posts to a
record and does not stand here fails that test.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any

from sqlalchemy import select, text

from mentorship.foundation import scope
from mentorship.foundation.database import db
from mentorship.relationships import conflicts
from mentorship.relationships.models import Block
from mentorship.scheduling import agendas, notes
from mentorship.scheduling.feeds.models import (
    BlockClash,
    FeedClash,
    FeedTime,
    IgnoredTime,
    SessionClash,
)
from mentorship.scheduling.models import AgendaItem, Proposed
from mentorship.scheduling.queries import my_meeting
from mentorship.tenancy.roles import Role
from tests import make
from tests.house.world import MEETS_AT, Who, World

MENTEE, MENTOR, THIRD = Who
Typed = Mapping[str, Any]


@dataclass(frozen=True)
class Act:
    """What is typed, at which moment (the tests' now, if none is said), after what has happened."""

    typed: Typed | Callable[[World, Who], Typed] = field(default_factory=dict)
    at: datetime | None = None
    given: Callable[[World, Who], None] | None = None
    """What has happened before, so that whoever acts now can."""
    but: Mapping[Who | tuple[Who, Role], str] = field(default_factory=dict)
    """Whom a rule beside the verb stops whatever the table says, and which rule that is."""

    def form(self, world: World, who: Who) -> dict[str, Any]:
        return dict(self.typed(world, who) if callable(self.typed) else self.typed)


_AFTERWARDS = MEETS_AT + timedelta(hours=1)
_PART = {MENTEE: "mentee", MENTOR: "mentor", THIRD: "nobody"}
_OTHER = {MENTEE: MENTOR, MENTOR: MENTEE, THIRD: THIRD}


def _sql(statement: str) -> Callable[[World, Who], None]:
    """Have a statement of ours done in the chapter; `:part` and `:other` are of the two."""

    def do(world: World, who: Who) -> None:
        facts = {"part": _PART[who], "other": _PART[_OTHER[who]]}
        facts |= {"me": world.people[who].id, "member": world.ids["member_id"]}
        with scope.chapter(world.chapter.id):
            db.session.execute(text(statement), facts)
            db.session.commit()

    return do


def _add(*records: Callable[[World, Who], object]) -> Callable[[World, Who], None]:
    """Have records there that were not."""

    def do(world: World, who: Who) -> None:
        with scope.chapter(world.chapter.id):
            db.session.add_all([record(world, who) for record in records])
            db.session.commit()

    return do


def _block(other: Callable[[World, Who], Any]) -> Callable[[World, Who], None]:
    """That whoever acts has blocked somebody."""
    return _add(
        lambda world, who: Block(
            **{"member_id": world.people[who].id, "other_id": other(world, who)},
            created_at=make.LONG_AGO,
        )
    )


def _proposed(world: World, who: Who) -> Proposed:
    """That the other one has proposed another time for the meeting."""
    return Proposed(
        **{"meeting_id": world.ids["meeting_id"], "part": _PART[_OTHER[who]]},
        **{"starts": [MEETS_AT + timedelta(days=3)], "word": ""},
        **{"asked_at": make.LONG_AGO, "answer_by": MEETS_AT},
    )


_SPAN = {"starts_at": MEETS_AT, "ends_at": MEETS_AT + timedelta(minutes=25)}
_TYPED_SPAN = {name: at.isoformat() for name, at in _SPAN.items()}


def _of_feed(world: World) -> dict[str, Any]:
    return {"user_id": world.people[MENTOR].user_id, "feed_id": world.ids["feed_id"]}


def _taken(world: World, _: Who) -> FeedTime:
    """That the mentor's calendar says that they are busy when the meeting is."""
    return FeedTime(**_of_feed(world), **_SPAN, blocks="busy", seen_at=make.LONG_AGO)


def _ignored(world: World, _: Who) -> IgnoredTime:
    return IgnoredTime(**_of_feed(world), **_SPAN)


def _clash(world: World, _: Who) -> FeedClash:
    """That both were told of that."""
    return FeedClash(
        **{"meeting_id": world.ids["meeting_id"], "starts_at": MEETS_AT},
        **{"taken_from": _SPAN["starts_at"], "taken_until": _SPAN["ends_at"]},
        found_at=make.LONG_AGO,
    )


def _clash_of(
    clash: type[SessionClash] | type[BlockClash], named: str, days: int
) -> Callable[[World, Who], Any]:
    """That the mentor was told of one over something else of theirs, so many days later."""
    at = MEETS_AT + timedelta(days=days)

    def told(world: World, _: Who) -> Any:
        taken = {"taken_from": at, "taken_until": at + timedelta(minutes=30)}
        return clash(
            **{named: world.ids[named], "starts_at": at, "found_at": make.LONG_AGO}, **taken
        )

    return told


def _written_twice(world: World, who: Who) -> None:
    """That the notes of the meeting have a version that is not the newest."""
    with scope.chapter(world.chapter.id):
        meeting = my_meeting(world.ids["meeting_id"], member=world.people[who])
        for version, writer in enumerate((_OTHER[who], who)):
            told = {"words": writer, "by": world.people[writer], "now": make.LONG_AGO}
            notes.write_shared(meeting=meeting, seen_version=version, **told)
        db.session.commit()


def _kept_apart(world: World, who: Who) -> None:
    """That whoever acts keeps the two of the concern apart."""
    with scope.chapter(world.chapter.id):
        two = {"one": world.people[MENTEE], "other": world.people[MENTOR]}
        conflicts.separate(**two, by=world.people[who], now=make.LONG_AGO)
        db.session.commit()


def _seen(world: World) -> str:
    """The mark of the agenda's item, as its page shows it."""
    with scope.chapter(world.chapter.id):
        one = select(AgendaItem).where(AgendaItem.id == world.ids["agenda_item_id"])
        return agendas.mark(db.session.scalars(one).one())


def _file(content: bytes, name: str) -> Callable[[World, Who], Typed]:
    return lambda world, who: {"file": (BytesIO(content), name)}


def _pairing_of(world: World, _: Who) -> Typed:
    return {"pairing": str(world.ids["pairing_id"])}


_MY_TURN = _sql("UPDATE meetings SET awaiting = :part WHERE state = 'requested'")
_CALENDAR = b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nEND:VCALENDAR\r\n"


ACTS: dict[str, Act] = {
    # Meetings
    "scheduling.accept": Act(given=_MY_TURN),
    "scheduling.propose": Act({"slot": "2026-03-12T14:00"}, given=_MY_TURN),
    "scheduling.decline": Act({"reason": "full"}),
    "scheduling.withdraw": Act(),
    "scheduling.ask_next": Act(lambda world, _: {"mentor": str(world.ids["fresh_mentor"])}),
    "scheduling.cancel": Act({"word": "A shift was moved"}),
    "scheduling.reschedule": Act({"slot": "2026-03-12T14:00"}),
    "scheduling.excuse": Act(),
    "scheduling.held": Act(at=_AFTERWARDS),
    "scheduling.not_held": Act(lambda _, who: {"absent": _PART[_OTHER[who]]}, at=_AFTERWARDS),
    "scheduling.say_thanks": Act({"words": "Thank you"}, at=_AFTERWARDS),
    "scheduling.add_to_agenda": Act({"what": "Away rotations", "minutes": "5"}),
    "scheduling.change_agenda_item": Act(
        lambda world, _: {"what": "Away", "minutes": "5", "seen": _seen(world)}
    ),
    "scheduling.move_agenda_item": Act({"to": "down"}),
    "scheduling.start_agenda": Act(given=_sql("DELETE FROM agenda_items")),
    "scheduling.agree_to_time": Act(
        {"starts_at": "2026-03-12T19:00:00+00:00"},
        given=_add(_proposed),
        but={(MENTOR, Role.STUDENT): "whoever mentors no more has no hours to meet in"},
    ),
    "scheduling.keep_time": Act(given=_add(_proposed)),
    "scheduling.remove_agenda_item": Act(),
    "scheduling.send_agenda": Act({"hours": "48"}),
    "scheduling.add_file": Act(),
    "scheduling.report_item": Act({"said": "done"}),
    "scheduling.write_notes": Act({"words": "We talked", "version": "0"}),
    "scheduling.write_private_notes": Act({"private": "For me"}),
    "scheduling.take_on_task": Act({"task": "Read", "owner": "me"}),
    # Times
    "scheduling.wait": Act(
        {"kind": "career", "why": "Please"},
        given=_sql("UPDATE users SET places = 1"),
        but={MENTEE: "whoever is paired with a mentor needs no place"},
    ),
    "scheduling.leave_wait": Act(),
    "scheduling.take_place": Act(given=lambda world, _: world.put("pairing", "ended")),
    "scheduling.join_session": Act(given=_sql("DELETE FROM group_seats")),
    "scheduling.leave_session": Act(),
    "scheduling.agree_to_session": Act(),
    "scheduling.decline_session": Act(),
    "scheduling.change_session": Act({"day": "2026-03-11", "at": "14:00", "place": "Room 5"}),
    "scheduling.call_off_session": Act(),
    "scheduling.take_meet_up": Act(
        {"slot": "2026-03-10T19:10:00+00:00", "question": "How?"},
        given=_sql("DELETE FROM meet_ups"),
    ),
    "scheduling.give_back_meet_up": Act(),
    "scheduling.change_meet_ups": Act({"day": "2026-03-10", "opens": "12:00", "place": "booth 13"}),
    "scheduling.call_off_meet_ups": Act(),
    # Meeting regularly
    "scheduling.standing": Act(
        {"slot": "2026-03-16T14:00", "minutes": "25", "every": "2", "ends": "open"}
        | {"purpose": "Stay in touch"},
        given=_sql("DELETE FROM standing_meetings"),
    ),
    "scheduling.agree_to_standing": Act(given=_sql("UPDATE standing_meetings SET part = :other")),
    "scheduling.close_standing": Act(),
    "scheduling.stop_standing": Act(),
    # Pairings
    "relationships.agreement": Act({"version": "0", "how_often": "Monthly"}),
    "relationships.pause": Act(),
    "relationships.resume": Act(),
    "relationships.end": Act({"state": "ended"}),
    "relationships.reopen": Act(given=_sql("UPDATE pairing_changes SET by_id = :me")),
    "relationships.wish_for_another": Act(),
    "relationships.check_in": Act({"how": "well"}),
    "relationships.contact": Act({"way": "call"}),
    "relationships.undo_contact": Act(),
    "relationships.fit": Act({"said": "continue"}),
    "relationships.take_on": Act({"what": "Read", "owner": "me"}),
    "relationships.block": Act(),
    "relationships.unblock": Act(given=_block(lambda world, who: world.people[_OTHER[who]].id)),
    "relationships.change_item": Act({"what": "Read on", "owner": "me"}),
    "relationships.restore": Act(
        given=_sql("UPDATE action_items SET dropped_at = '2026-03-02 17:00+00'")
    ),
    "relationships.drop": Act(),
    "relationships.finish_item": Act({"came_of_it": "Read it"}),
    "relationships.tick": Act({"done": "1"}),
    # What is one person's own
    "relationships.change_goal": Act({"what": "More", "how_known": "Done", "due_on": "2027-01-01"}),
    "relationships.add_goal_step": Act({"step": "Ask again"}),
    "relationships.move_goal": Act({"to": "down"}),
    "relationships.move_goal_step": Act({"to": "down"}),
    "relationships.tick_goal_step": Act({"done": "1"}),
    "relationships.remove_goal_step": Act(),
    "relationships.settle_goal": Act({"how": "reached"}),
    "relationships.share_goal": Act({"whom": "all"}),
    "relationships.take_up_goal": Act(),
    "relationships.remove_rotation": Act(),
    "relationships.end_evaluation": Act(),
    "scheduling.drop_update": Act(),
    "scheduling.edit_update": Act(
        lambda world, _: {"words": "More", "to": str(world.ids["pairing_id"])}
    ),
    "scheduling.update": Act(),
    "scheduling.take_back_update": Act(
        given=_sql("UPDATE updates SET send_at = '2026-03-02 18:05+00'")
    ),
    "scheduling.remove_feed": Act(),
    "files.delete": Act(),
    "files.stop": Act(),
    "files.show": Act(_pairing_of),
    "files.comment": Act({"words": "Good"}),
    # Safety
    "safety.block": Act(),
    "safety.lift": Act(given=_block(lambda world, _: world.ids["member_id"])),
    "safety.look": Act(),
    "safety.take": Act(),
    "safety.add_note": Act({"words": "Called her"}),
    "safety.keep_apart": Act(),
    "safety.close": Act({"outcome": "talked"}),
    "safety.pass_on": Act(),
    "safety.reopen": Act(),
    # Matching
    "matching.mark": Act(
        lambda world, _: {
            "mentee": str(world.people[MENTEE].id),
            "mentor": str(world.people[MENTOR].id),
            "kind": "career",
            "mark": "pin",
        },
    ),
    "matching.publish": Act(
        {"draft": "1"}, but={MENTEE: "whom the draft pairs, and who has taken off that hat since"}
    ),
    "matching.try_out": Act({"what": "policy", "policy": "stable"}),
    "matching.rerun": Act(),
    "matching.settings": Act({"policy": "best"}),
    "matching.discard": Act(),
    "profiles.bring_in": Act(),
    "matching.over": Act(
        _pairing_of,
        given=_sql(
            "UPDATE matching_runs SET kinds = '{career}',"
            """ settings = settings || '{"rematch": true, "moves": true}'"""
        ),
    ),
    # What a file or a calendar holds
    "files.renew": Act(_file(b"%PDF-1.7\n% newer\n%%EOF\n", "cv.pdf")),
    "files.restore": Act(
        given=_sql(
            "INSERT INTO document_versions (chapter_id, id, document_id, number, at, note, format,"
            " size, digest, key) SELECT chapter_id, gen_random_uuid(), document_id, 2, at, note,"
            " format, size, 'another', key || '-newer' FROM document_versions"
        )
    ),
    "scheduling.feed": Act(
        {"name": "Nights", "holds": "shifts", "all_day": "busy", "zone": "America/Chicago"}
    ),
    "scheduling.read_feed": Act(given=_sql("UPDATE calendar_feeds SET address = 'sealed'")),
    "scheduling.newer_file": Act(_file(_CALENDAR, "nights.ics")),
    "scheduling.ignore_time": Act(_TYPED_SPAN, given=_add(_taken)),
    "scheduling.count_time": Act(_TYPED_SPAN, given=_add(_taken, _ignored)),
    "scheduling.keep_in_clash": Act(given=_add(_taken, _clash)),
    "scheduling.keep_session_in_clash": Act(given=_add(_clash_of(SessionClash, "session_id", 2))),
    "scheduling.keep_meet_ups_in_clash": Act(given=_add(_clash_of(BlockClash, "block_id", 1))),
    "scheduling.notes_history": Act({"version": "1", "seen": "2"}, given=_written_twice),
    # Where there is no record yet, or it is somebody
    "scheduling.ask": Act(
        {"kind": "career", "purpose": "Rotations", "minutes": "25", "slot": "2026-03-12T14:00"}
    ),
    "safety.let_together": Act(given=_kept_apart),
    "running.give_role": Act({"role": "officer"}),
    "running.take_role": Act(
        {"role": "officer"},
        given=_sql("UPDATE memberships SET roles = '{mentor,officer}' WHERE id = :member"),
    ),
    "running.invite": Act(),
    "running.take_out": Act({"sure": "y"}),
    "running.bring_back": Act(
        given=_sql("UPDATE memberships SET left_at = '2026-02-28 15:00Z' WHERE id = :member")
    ),
    "running.consent": Act({"reach": "reads", "hours": "24"}),
    "running.end_support": Act(),
}
