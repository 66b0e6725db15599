"""What both may put on an agenda, and that nobody's words get lost there."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from mentorship.audit.models import AuditEvent
from mentorship.foundation.database import db
from mentorship.foundation.errors import NotYours
from mentorship.relationships import action_items, conflicts
from mentorship.scheduling import agenda_templates, agendas, notes
from mentorship.scheduling.agendas import Direction
from mentorship.scheduling.models import (
    AgendaItem,
    ItemKind,
    ItemReport,
    MeetingDeed,
    MeetingState,
)
from mentorship.scheduling.queries import my_meeting
from mentorship.vocabulary.kinds import Kind
from mentorship.vocabulary.stages import Phase
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

    @pytest.fixture(autouse=True)
    def seen(self, item):
        """Everybody has seen the item as it was first."""
        self.seen = agendas.mark(item)

    def change(self, item, meeting, by, now, **words):
        words = {"what": "Away rotations", "minutes": 8, "seen": self.seen} | words
        agendas.change(item.id, meeting=meeting, by=by, now=now, **words)

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

    def test_it_becomes_something_else(self, item, meeting, sol, now):
        link = "https://example.org/paper"
        self.change(item, meeting, sol, now, kind=ItemKind.READING, link=link)
        assert (item.kind, item.minutes, item.link) == (ItemKind.READING, 0, link)

        seen = agendas.mark(item)
        self.change(item, meeting, sol, now, kind=ItemKind.TOPIC, minutes=10, seen=seen)
        assert (item.kind, item.minutes, item.link) == (ItemKind.TOPIC, 10, "")

    def test_what_is_to_be_read_keeps_its_address(self, item, meeting, sol, now):
        link = "https://example.org/paper"
        self.change(item, meeting, sol, now, kind=ItemKind.READING, link=link)
        self.change(item, meeting, sol, now, what="The paper", seen=agendas.mark(item))

        assert (item.what, item.link) == ("The paper", link)


class TestKinds:
    def test_what_somebody_wants_takes_no_minutes(self, meeting, sol, now):
        item = agendas.add(
            meeting=meeting, kind=ItemKind.WANT, what="A decision", minutes=99, by=sol, now=now
        )
        assert (item.kind, item.minutes, item.link) == (ItemKind.WANT, 0, "")

    def test_a_question_has_no_address(self, meeting, sol, now):
        item = agendas.add(
            meeting=meeting, what="Which?", link="https://example.org", by=sol, now=now
        )
        assert item.link == ""

    def test_what_is_to_be_read_has_one(self, meeting, sol, now):
        link = "https://example.org/a?b=c#d"
        item = agendas.add(
            meeting=meeting, kind=ItemKind.READING, what="A paper", link=link, by=sol, now=now
        )
        assert (item.link, item.minutes) == (link, 0)

    @pytest.mark.parametrize(
        "link",
        [
            *("", "example.org", "http://example.org", "javascript:alert(1)", "data:text/html,x"),
            *("https://", "https:///x", "https://me:secret@example.org", "//example.org"),
            *("https://example.org/a b", 'https://example.org/"x', "https://[::1", "https://a\\b"),
            "https://example.org/" + "x" * 500,
        ],
    )
    def test_an_address_is_one_that_is_safe_to_follow(self, meeting, sol, now, link):
        with pytest.raises(agendas.NoLink):
            agendas.add(
                meeting=meeting, kind=ItemKind.READING, what="A paper", link=link, by=sol, now=now
            )
        assert shown() == []


class TestStart:
    def test_begins_with_the_usual_items_of_kind_and_stage(self, meeting, sol, now):
        count = agendas.start(meeting=meeting, by=sol, now=now)

        usual = agenda_templates.usual(Kind.CAREER, Phase.CLERKSHIPS)
        assert shown() == [line.what for line in usual]
        assert count == len(usual)
        assert [deed.facts for deed in deeds()] == [{"how": "started", "items": count}]

    def test_begins_with_the_chapters_own(self, cora, meeting, sol, now):
        own = [agenda_templates.Line(ItemKind.TOPIC, "Ours", 7)]
        agenda_templates.change(Kind.CAREER, Phase.CLERKSHIPS, lines=own, by=cora, now=now)
        agendas.start(meeting=meeting, by=sol, now=now)

        assert shown() == ["Ours"]

    def test_adds_nothing_to_what_stands_there(self, meeting, mara, sol, now):
        agendas.add(meeting=meeting, what="Rotations", by=mara, now=now)

        with pytest.raises(agendas.Begun):
            agendas.start(meeting=meeting, by=sol, now=now)
        assert shown() == ["Rotations"]


class TestReport:
    @pytest.fixture
    def item(self, meeting, sol, now):
        return action_items.take_on(
            pairing_id=meeting.pairing_id, owner=sol, what="Write", due_on=None, by=sol, now=now
        )

    def test_done_is_done_and_can_be_taken_back(self, item, meeting, mara, sol, now):
        agendas.report(item.id, meeting=meeting, done=True, by=sol, now=now)
        assert item.done_at == now

        agendas.report(item.id, meeting=meeting, done=False, by=mara, now=now)
        assert item.done_at is None
        said = db.session.scalars(
            select(ItemReport), execution_options={"populate_existing": True}
        ).one()
        assert (said.item_id, said.done, said.by_id) == (item.id, False, mara.id)

    @pytest.fixture
    def rio(self, lakeside):
        return make.student(lakeside, "Rio")

    @pytest.fixture
    def other(self, mara, rio):
        return make.pairing(mara, rio)

    def test_is_not_for_an_item_of_others(self, rio, other, meeting, sol, now):
        item = action_items.take_on(
            pairing_id=other, owner=rio, what="Write", due_on=None, by=rio, now=now
        )
        with pytest.raises(agendas.NotCarried):
            agendas.report(item.id, meeting=meeting, done=True, by=sol, now=now)
        assert item.done_at is None

    def test_nor_for_one_that_was_dropped(self, item, meeting, sol, now):
        action_items.drop(item, by=sol, now=now)

        with pytest.raises(agendas.NotCarried):
            agendas.report(item.id, meeting=meeting, done=True, by=sol, now=now)

    def test_stops_where_one_has_blocked_the_other(self, item, meeting, mara, sol, now):
        conflicts.block(other=sol, by=mara, now=now)

        with pytest.raises(notes.NoContact):
            agendas.report(item.id, meeting=meeting, done=True, by=sol, now=now)


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

    @pytest.mark.parametrize(
        ("which", "before", "then"),
        [(2, 0, "CAB"), (0, 2, "BAC"), (0, None, "BCA"), (0, 1, "ABC"), (1, 1, "ABC")],
    )
    def test_an_item_is_put_before_another_or_at_the_end(
        self, items, meeting, mara, now, which, before, then
    ):
        before_id = None if before is None else items[before].id
        agendas.place(items[which].id, meeting=meeting, before=before_id, by=mara, now=now)

        assert "".join(shown()) == then
        assert len(deeds()) == (3 if then == "ABC" else 4)

    def test_not_before_one_that_is_gone(self, items, meeting, mara, sol, now):
        agendas.remove(items[0].id, meeting=meeting, by=mara, now=now)

        with pytest.raises(agendas.Gone):
            agendas.place(items[2].id, meeting=meeting, before=items[0].id, by=sol, now=now)
        assert "".join(shown()) == "BC"

    def test_what_both_do_to_the_order_and_the_words_is_all_there(
        self, items, meeting, mara, sol, now
    ):
        seen = agendas.mark(items[0])
        agendas.place(items[0].id, meeting=meeting, before=None, by=mara, now=now)
        agendas.change(
            items[0].id, meeting=meeting, what="A!", minutes=5, seen=seen, by=sol, now=now
        )
        agendas.add(meeting=meeting, what="D", by=sol, now=now)

        assert shown() == ["B", "C", "A!", "D"]

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
