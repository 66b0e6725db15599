"""What both may put on an agenda, and that nobody's words get lost there."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from mentorship.audit.models import AuditEvent
from mentorship.foundation.database import db
from mentorship.foundation.errors import NotYours
from mentorship.relationships import conflicts
from mentorship.scheduling import agendas, notes
from mentorship.scheduling.agendas import Direction
from mentorship.scheduling.models import AgendaItem, MeetingDeed, MeetingState
from mentorship.scheduling.queries import my_meeting
from tests import make

STARTS = datetime(2026, 3, 5, 19, tzinfo=UTC)


@pytest.fixture
def meeting_id(mara, sol):
    return make.meeting(mara, sol, make.pairing(mara, sol), starts_at=STARTS)


@pytest.fixture
def meeting(meeting_id, sol, inside):
    """The meeting, inside its chapter."""
    with inside(sol):
        yield my_meeting(meeting_id, member=sol)


def shown() -> list[str]:
    found = db.session.scalars(select(AgendaItem).order_by(AgendaItem.position, AgendaItem.id))
    return [item.what for item in found]


def deeds() -> list[AuditEvent]:
    changed = AuditEvent.deed == MeetingDeed.AGENDA_CHANGED
    return list(db.session.scalars(select(AuditEvent).where(changed).order_by(AuditEvent.id)))


class TestAdd:
    def test_both_add_and_the_order_is_that_of_adding(self, meeting, mara, sol, now):
        mine = agendas.add(meeting=meeting, what="Away rotations", minutes=8, by=sol, now=now)
        theirs = agendas.add(meeting=meeting, what="Your statement", by=mara, now=now)

        assert shown() == ["Away rotations", "Your statement"]
        assert (mine.by_id, mine.minutes) == (sol.id, 8)
        assert (theirs.by_id, theirs.minutes) == (mara.id, 5)

    def test_leaves_one_deed_without_the_words(self, meeting, sol, now):
        item = agendas.add(meeting=meeting, what="My leave last year", by=sol, now=now)

        (deed,) = deeds()
        assert (deed.by_id, deed.subject_id, deed.at) == (sol.id, meeting.id, now)
        assert deed.facts == {"how": "added", "item_id": str(item.id)}

    def test_makes_one_line_of_several(self, meeting, sol, now):
        agendas.add(meeting=meeting, what="  Two\n lines\t", by=sol, now=now)

        assert shown() == ["Two lines"]

    @pytest.mark.parametrize("what", ["", "   \n", "x" * 301])
    def test_refuses_too_little_and_too_much(self, meeting, sol, now, what):
        with pytest.raises(agendas.NotSaid):
            agendas.add(meeting=meeting, what=what, by=sol, now=now)
        assert shown() == []

    def test_takes_the_longest_item(self, meeting, sol, now):
        agendas.add(meeting=meeting, what="é" * agendas.LONGEST, by=sol, now=now)

        assert shown() == ["é" * 300]

    @pytest.mark.parametrize("minutes", [0, -5, 31, 10**9])
    def test_refuses_minutes_that_no_meeting_has(self, meeting, sol, now, minutes):
        with pytest.raises(agendas.MinutesOff):
            agendas.add(meeting=meeting, what="Rotations", minutes=minutes, by=sol, now=now)

    def test_refuses_more_than_an_agenda_holds(self, meeting, sol, now):
        for number in range(agendas.MOST):
            agendas.add(meeting=meeting, what=f"Item {number}", by=sol, now=now)

        with pytest.raises(agendas.Full):
            agendas.add(meeting=meeting, what="One more", by=sol, now=now)

    def test_is_for_the_two_alone(self, cora, meeting_id, sol, now, inside):
        with inside(sol):
            meeting = my_meeting(meeting_id, member=sol)

            with pytest.raises(NotYours):
                agendas.add(meeting=meeting, what="Hello", by=cora, now=now)

    def test_stops_where_one_has_blocked_the_other(self, meeting, mara, sol, now):
        conflicts.block(other=sol, by=mara, now=now)

        with pytest.raises(notes.NoContact):
            agendas.add(meeting=meeting, what="Please", by=sol, now=now)


@pytest.mark.parametrize("state", [s for s in MeetingState if s not in ("requested", "accepted")])
def test_the_agenda_of_a_meeting_that_is_over_or_off_stays_as_it_is(mara, sol, now, inside, state):
    meeting_id = make.meeting(mara, sol, make.pairing(mara, sol), starts_at=STARTS)
    with inside(sol):
        meeting = my_meeting(meeting_id, member=sol)
        item = agendas.add(meeting=meeting, what="Rotations", by=sol, now=now)
        meeting.state = state
        meeting.absent = "mentor" if state == MeetingState.NO_SHOW else None
        db.session.flush()

        with pytest.raises(agendas.Closed):
            agendas.add(meeting=meeting, what="More", by=sol, now=now)
        with pytest.raises(agendas.Closed):
            agendas.remove(item.id, meeting=meeting, by=sol, now=now)


def test_a_request_can_have_an_agenda_already(mara, sol, now, inside):
    pairing_id = make.pairing(mara, sol)
    meeting_id = make.meeting(mara, sol, pairing_id, starts_at=STARTS, state=MeetingState.REQUESTED)
    with inside(sol):
        meeting = my_meeting(meeting_id, member=sol)
        agendas.add(meeting=meeting, what="Rotations", by=sol, now=now)

        assert shown() == ["Rotations"]


class TestChange:
    @pytest.fixture
    def item(self, meeting, sol, now):
        return agendas.add(meeting=meeting, what="Rotations", minutes=5, by=sol, now=now)

    def change(self, item, meeting, by, now, **words):
        words = {"what": "Away rotations", "minutes": 8} | words
        agendas.change(
            item.id,
            meeting=meeting,
            seen=words.pop("seen", agendas.mark("Rotations", 5)),
            by=by,
            now=now,
            **words,
        )

    def test_either_may_and_who_added_it_stays(self, item, meeting, mara, sol, now):
        self.change(item, meeting, mara, now)

        assert (item.what, item.minutes, item.by_id) == ("Away rotations", 8, sol.id)
        assert [deed.facts["how"] for deed in deeds()] == ["added", "changed"]

    def test_the_same_again_changes_nothing(self, item, meeting, sol, now):
        self.change(item, meeting, sol, now)
        self.change(item, meeting, sol, now)

        assert len(deeds()) == 2

    def test_says_so_when_the_other_was_first(self, item, meeting, mara, sol, now):
        self.change(item, meeting, mara, now)

        with pytest.raises(agendas.ChangedMeanwhile):
            self.change(item, meeting, sol, now, what="Rotations in the fall")
        assert item.what == "Away rotations"

    def test_says_so_when_it_is_gone(self, item, meeting, mara, sol, now):
        agendas.remove(item.id, meeting=meeting, by=mara, now=now)

        with pytest.raises(agendas.Gone):
            self.change(item, meeting, sol, now)

    @pytest.mark.parametrize("what", ["", "x" * 301])
    def test_refuses_what_add_refuses(self, item, meeting, sol, now, what):
        with pytest.raises(agendas.NotSaid):
            self.change(item, meeting, sol, now, what=what)


class TestMoveAndRemove:
    @pytest.fixture
    def items(self, meeting, sol, now):
        return [agendas.add(meeting=meeting, what=what, by=sol, now=now) for what in "ABC"]

    @pytest.mark.parametrize(
        ("which", "direction", "then"),
        [
            (2, Direction.UP, "ACB"),
            (0, Direction.DOWN, "BAC"),
            (1, Direction.UP, "BAC"),
            (0, Direction.UP, "ABC"),
            (2, Direction.DOWN, "ABC"),
        ],
    )
    def test_an_item_changes_places_with_its_neighbor(
        self, items, meeting, mara, now, which, direction, then
    ):
        agendas.move(items[which].id, meeting=meeting, direction=direction, by=mara, now=now)

        assert "".join(shown()) == then
        assert len(deeds()) == (3 if then == "ABC" else 4)

    def test_what_is_removed_is_handed_back(self, items, meeting, mara, now):
        assert agendas.remove(items[1].id, meeting=meeting, by=mara, now=now) == "B"
        assert "".join(shown()) == "AC"

    def test_removing_twice_says_that_it_is_gone(self, items, meeting, mara, now):
        agendas.remove(items[1].id, meeting=meeting, by=mara, now=now)

        with pytest.raises(agendas.Gone):
            agendas.remove(items[1].id, meeting=meeting, by=mara, now=now)

    def test_what_is_added_after_removing_still_comes_last(self, items, meeting, sol, now):
        agendas.remove(items[0].id, meeting=meeting, by=sol, now=now)
        agendas.add(meeting=meeting, what="D", by=sol, now=now)

        assert "".join(shown()) == "BCD"


def test_an_item_of_another_meeting_is_not_on_this_agenda(lakeside, mara, sol, now, inside):
    rio = make.student(lakeside, "Rio")
    here = make.meeting(mara, sol, make.pairing(mara, sol), starts_at=STARTS)
    later = STARTS + timedelta(days=1)
    there = make.meeting(mara, rio, make.pairing(mara, rio), starts_at=later)
    with inside(mara):
        others = my_meeting(there, member=mara)
        item = agendas.add(meeting=others, what="Theirs", by=mara, now=now)
        mine = my_meeting(here, member=mara)

        with pytest.raises(agendas.Gone):
            agendas.remove(item.id, meeting=mine, by=mara, now=now)
        with pytest.raises(agendas.Gone):
            agendas.move(item.id, meeting=mine, direction=Direction.UP, by=mara, now=now)
        assert agendas.find(item.id, meeting=mine) is None
        assert agendas.find(uuid4(), meeting=mine) is None
