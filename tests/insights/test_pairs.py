"""What one sees of a pairing at a glance, as the database knows it."""

from datetime import UTC, date, datetime, timedelta

import pytest

from mentorship.foundation.database import db
from mentorship.foundation.errors import NotYours
from mentorship.insights import pairs, steps
from mentorship.insights.pair import Pair
from mentorship.relationships import conflicts
from mentorship.relationships.models import CheckIn, Pairing, PairingState
from mentorship.scheduling.models import AgendaItem, MeetingState
from mentorship.vocabulary.kinds import Kind
from tests import make

DAY = timedelta(days=1)


def mine(inside, member, now) -> list[Pair]:
    with inside(member):
        return pairs.open_pairs(member, now=now)


def test_is_seen_by_each_from_their_own_side(inside, mara, sol, now):
    make.pairing(mara, sol, Kind.CONTENT, topic="ultrasound")
    [as_student], [as_mentor] = mine(inside, sol, now), mine(inside, mara, now)

    assert (as_student.i_mentor, as_student.other_name) == (False, "Dr. Mara Quist")
    assert as_student.other_line == "Attending physician, Lakeside General"
    assert as_student.label == "Content: ultrasound"
    assert (as_mentor.i_mentor, as_mentor.other_name) == (True, "Sol Adair")
    assert as_mentor.other_line == "M3, Lakeside College"
    assert (as_student.called, as_mentor.called) == ("Dr. Quist", "Sol")


def test_knows_meetings_check_ins_and_what_is_booked(inside, mara, sol, now):
    pairing_id = make.pairing(
        mara, sol, state=PairingState.ACTIVE, last_contact_on=date(2026, 2, 20)
    )
    make.meeting(mara, sol, pairing_id, starts_at=now - 30 * DAY, state=MeetingState.HELD)
    meeting_id = make.meeting(mara, sol, pairing_id, starts_at=now + 8 * DAY)
    with inside(sol):
        db.session.add_all(
            AgendaItem(meeting_id=meeting_id, by_id=who.id, position=at, what="A question")
            for at, who in enumerate((sol, sol, mara))
        )
        db.session.add(
            CheckIn(
                pairing_id=pairing_id,
                by_id=sol.id,
                happened_on=date(2026, 2, 20),
                how="well",
                line="",
                created_at=now,
            )
        )
    [pair] = mine(inside, sol, now)

    assert pair.rhythm.weeks == ".......m..c."
    assert pair.rhythm.ahead == 1
    assert (pair.next.id, pair.next.my_questions, pair.next.questions) == (meeting_id, 2, 3)
    assert mine(inside, mara, now)[0].next.my_questions == 1


def test_tells_whose_answer_is_awaited(inside, mara, sol, now):
    pairing_id = make.pairing(mara, sol, state=PairingState.PROPOSED)
    make.meeting(mara, sol, pairing_id, starts_at=now + 8 * DAY, state=MeetingState.REQUESTED)
    [asked], [to_answer] = mine(inside, sol, now), mine(inside, mara, now)

    assert (asked.asked is not None, asked.to_answer) == (True, None)
    assert (to_answer.asked, to_answer.to_answer is not None) == (None, True)
    assert steps.next_of(asked).label == "See request"
    assert steps.next_of(to_answer).label == "Answer"


def test_days_are_those_of_the_readers_calendar(inside, lakeside, sol, now):
    # 23:30 on Monday in Chicago, 00:30 on Tuesday in New York.
    late = datetime(2026, 3, 3, 5, 30, tzinfo=UTC)
    mentor = make.mentor(lakeside, zone="America/New_York")
    pairing_id = make.pairing(
        mentor, sol, state=PairingState.ACTIVE, began_at=late, last_contact_on=date(2026, 3, 3)
    )
    make.meeting(mentor, sol, pairing_id, starts_at=late, state=MeetingState.HELD)
    soon = late + timedelta(minutes=29)
    [hers], [his] = mine(inside, sol, soon), mine(inside, mentor, soon)

    assert (hers.last_contact_on, his.last_contact_on) == (date(2026, 3, 2), date(2026, 3, 3))
    assert hers.rhythm.weeks == his.rhythm.weeks == "...........m"


def test_a_stranger_finds_nothing(inside, lakeside, mara, sol, cora, odd, now):
    pairing_id = make.pairing(mara, sol)
    for member in (cora, make.student(lakeside), odd):
        with inside(member), pytest.raises(NotYours):
            pairs.my_pair(pairing_id, member=member, now=now)


def test_the_ended_are_kept_apart(inside, mara, sol, now):
    for days in range(3):
        pairing_id = make.pairing(mara, sol, began_at=now - 50 * DAY)
        with inside(sol):
            ended = db.session.get(Pairing, (sol.chapter_id, pairing_id))
            ended.state, ended.ended_at = PairingState.ENDED, now - days * DAY
    open_id = make.pairing(mara, sol)
    with inside(sol):
        found = pairs.all_pairs(sol, now=now)

    assert len(found) == 4
    assert [pair.id for pair in found if pair.open] == [open_id]
    assert [pair.id for pair in mine(inside, sol, now)] == [open_id]


def test_a_block_is_known_to_whoever_set_it(inside, mara, sol, now):
    pairing_id = make.pairing(mara, sol)
    with inside(sol):
        conflicts.block(other=mara, by=sol, now=now)
        assert pairs.my_pair(pairing_id, member=sol, now=now).blocked
        assert not pairs.my_pair(pairing_id, member=mara, now=now).blocked


class TestNextStep:
    def of(self, inside, member, now) -> str:
        [pair] = mine(inside, member, now)
        return steps.next_of(pair).label

    def test_is_to_book_for_the_student_and_to_look_for_the_mentor(self, inside, mara, sol, now):
        make.pairing(mara, sol, began_at=now - DAY)
        assert self.of(inside, sol, now) == "Book a time"
        assert self.of(inside, mara, now) == "Open"

    def test_is_a_check_in_when_one_is_due(self, inside, mara, sol, now):
        make.pairing(mara, sol, state=PairingState.ACTIVE, last_contact_on=date(2025, 10, 1))
        assert self.of(inside, sol, now) == self.of(inside, mara, now) == "Check in"

    def test_is_the_agenda_when_a_meeting_is_ahead(self, inside, mara, sol, now):
        make.meeting(mara, sol, make.pairing(mara, sol), starts_at=now + DAY)
        assert self.of(inside, sol, now) == "Open agenda"

    def test_is_to_say_how_it_went_when_it_is_over(self, inside, mara, sol, now):
        make.meeting(mara, sol, make.pairing(mara, sol), starts_at=now - DAY)
        assert self.of(inside, mara, now) == "Say how it went"
