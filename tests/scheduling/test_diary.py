"""A member's meetings as they see them: what wants attention, and nothing of anybody else's."""

from datetime import UTC, date, datetime, timedelta

import pytest

from mentorship.foundation import scope
from mentorship.foundation.database import db
from mentorship.foundation.errors import NotYours
from mentorship.relationships import action_items
from mentorship.relationships.models import ActionItem, PairingState
from mentorship.scheduling import agendas, diary, notes, opened
from mentorship.scheduling.models import AgendaItem, MeetingState
from mentorship.scheduling.queries import my_meeting
from mentorship.vocabulary.kinds import Kind
from tests import make

STARTS = datetime(2026, 3, 5, 19, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def pairing_id(mara, sol):
    return make.pairing(mara, sol, state=PairingState.ACTIVE, last_contact_on=date(2026, 2, 9))


def held(mara, sol, pairing_id, starts_at, state=MeetingState.HELD):
    return make.meeting(mara, sol, pairing_id, starts_at=starts_at, state=state)


class TestMeetings:
    def test_stand_where_they_want_attention(self, mara, sol, pairing_id, now, inside):
        over = make.meeting(mara, sol, pairing_id, starts_at=now - 2 * DAY)
        later = make.meeting(mara, sol, pairing_id, starts_at=now + 2 * DAY)
        asked = held(mara, sol, pairing_id, now + DAY, MeetingState.REQUESTED)
        long_ago = held(mara, sol, pairing_id, now - 30 * DAY)
        off = held(mara, sol, pairing_id, now + 5 * DAY, MeetingState.CANCELLED)

        with inside(sol):
            listed = diary.meetings(sol, now=now)

        assert [entry.id for entry in listed.to_settle] == [over]
        assert [entry.id for entry in listed.coming] == [asked, later]
        assert [entry.id for entry in listed.past] == [off, long_ago]
        assert listed.earlier == ""

    def test_read_from_either_side(self, mara, sol, pairing_id, now, inside):
        held(mara, sol, pairing_id, now + DAY, MeetingState.REQUESTED)
        with inside(sol):
            (mine,) = diary.meetings(sol, now=now).coming
            (theirs,) = diary.meetings(mara, now=now).coming

        assert (mine.called, mine.mine_to_answer, mine.i_mentor) == ("Dr. Quist", False, False)
        assert (theirs.called, theirs.mine_to_answer, theirs.i_mentor) == ("Sol", True, True)

    def test_a_meeting_that_is_on_is_neither_over_nor_to_settle(
        self, mara, sol, pairing_id, now, inside
    ):
        make.meeting(mara, sol, pairing_id, starts_at=now - timedelta(minutes=5))
        with inside(sol):
            (entry,) = diary.meetings(sol, now=now).coming
            later = diary.meetings(sol, now=now + timedelta(minutes=20))

        assert entry.begun
        assert not any([entry.over, entry.to_settle, entry.may_miss])
        assert later.to_settle[0].may_miss

    def test_say_what_is_missing(self, mara, sol, pairing_id, now, inside):
        meeting_id = make.meeting(mara, sol, pairing_id, starts_at=now + DAY)
        with inside(sol):
            assert diary.meetings(sol, now=now).coming[0].agenda_blank
            meeting = my_meeting(meeting_id, member=sol)
            agendas.add(meeting=meeting, what="Rotations", by=mara, now=now)
            notes.write_shared(meeting=meeting, words="Eight", seen_version=0, by=sol, now=now)

            (entry,) = diary.meetings(sol, now=now).coming
        assert not entry.agenda_blank
        assert not entry.notes_blank

    def test_come_a_page_at_a_time_without_a_gap(self, mara, sol, pairing_id, now, inside):
        ids = [held(mara, sol, pairing_id, now - n * DAY) for n in range(1, 46)]
        with inside(sol):
            first = diary.meetings(sol, now=now)
            second = diary.meetings(sol, now=now, since=first.earlier)
            third = diary.meetings(sol, now=now, since=second.earlier)

        pages = [first.past, second.past, third.past]
        assert [len(page) for page in pages] == [20, 20, 5]
        assert [entry.id for page in pages for entry in page] == ids
        assert third.earlier == ""

    @pytest.mark.parametrize(
        "since", ["", "~", "x~y", "2026-03-01~nope", "2026-03-01T10:00~" + "0" * 32, "\x00"]
    )
    def test_an_address_that_was_tampered_with_begins_anew(
        self, mara, sol, pairing_id, now, inside, since
    ):
        held(mara, sol, pairing_id, now - DAY)
        with inside(sol):
            assert len(diary.meetings(sol, now=now, since=since).past) == 1

    def test_can_be_narrowed_to_one_person(self, lakeside, mara, sol, pairing_id, now, inside):
        ana = make.mentor(lakeside, "Dr. Ana Silva")
        other_pairing = make.pairing(ana, sol, Kind.WELLNESS)
        make.meeting(mara, sol, pairing_id, starts_at=now + DAY)
        with_ana = make.meeting(ana, sol, other_pairing, starts_at=now + 2 * DAY)
        before = held(ana, sol, other_pairing, now - 2 * DAY)
        held(mara, sol, pairing_id, now - DAY)

        with inside(sol):
            listed = diary.meetings(sol, now=now, other_id=ana.id)
            known = diary.people(sol)
        assert [entry.id for entry in listed.coming] == [with_ana]
        assert [entry.id for entry in listed.past] == [before]
        assert [person.name for person in known] == ["Dr. Ana Silva", "Dr. Mara Quist"]

    def test_are_of_nobody_else(self, cora, lakeside, mara, sol, pairing_id, now, inside):
        make.meeting(mara, sol, pairing_id, starts_at=now + DAY)
        rio = make.student(lakeside, "Rio")
        with inside(sol):
            for stranger in (cora, rio):
                listed = diary.meetings(stranger, now=now)
                assert not any([listed.to_settle, listed.coming, listed.past])
                narrowed = diary.meetings(stranger, now=now, other_id=sol.id)
                assert not narrowed.coming
                assert diary.people(stranger) == []


class TestOneMeeting:
    @pytest.fixture
    def meeting_id(self, mara, sol, pairing_id):
        return make.meeting(mara, sol, pairing_id, starts_at=STARTS)

    def test_has_its_agenda_in_order_with_who_added_what(self, meeting_id, mara, sol, now, inside):
        with inside(sol):
            meeting = my_meeting(meeting_id, member=sol)
            agendas.add(meeting=meeting, what="Mine", minutes=20, by=sol, now=now)
            agendas.add(meeting=meeting, what="Theirs", minutes=8, by=mara, now=now)
            shown = opened.meeting(meeting_id, member=sol, now=now)

        assert [(line.what, line.mine) for line in shown.agenda] == [
            ("Mine", True),
            ("Theirs", False),
        ]
        assert shown.planned == 28

    def test_shows_each_their_own_private_notes(self, meeting_id, mara, sol, now, inside):
        with inside(sol):
            meeting = my_meeting(meeting_id, member=sol)
            notes.write_private(meeting=meeting, words="Only mine", by=sol, now=now)

            assert opened.meeting(meeting_id, member=sol, now=now).private == "Only mine"
            assert opened.meeting(meeting_id, member=mara, now=now).private == ""

    def test_counts_the_meetings_before_it_and_shows_the_last(
        self, meeting_id, mara, sol, pairing_id, now, inside
    ):
        held(mara, sol, pairing_id, STARTS - 60 * DAY)
        last = held(mara, sol, pairing_id, STARTS - 30 * DAY)
        held(mara, sol, pairing_id, STARTS - 10 * DAY, MeetingState.CANCELLED)
        with inside(sol):
            meeting = my_meeting(last, member=sol)
            notes.write_shared(meeting=meeting, words="Eight", seen_version=0, by=sol, now=now)
            shown = opened.meeting(meeting_id, member=sol, now=now)

        assert shown.nth == 3
        assert (shown.last.id, shown.last.notes) == (last, "Eight")
        assert shown.last.starts_at == STARTS - 30 * DAY

    def test_carries_over_what_is_open_from_before(
        self, meeting_id, mara, sol, pairing_id, now, inside
    ):
        before = held(mara, sol, pairing_id, now - 20 * DAY)
        then = now - 20 * DAY

        def take_on(what, **more):
            return action_items.take_on(
                **{"pairing_id": pairing_id, "owner": sol, "by": sol, "now": then}
                | {"what": what, "due_on": None, "meeting_id": before}
                | more
            )

        with inside(sol):
            take_on("Of the last meeting", due_on=now.date() - DAY)
            take_on("Of no meeting", meeting_id=None, owner=mara)
            take_on("Of this meeting", meeting_id=meeting_id, now=now)
            action_items.finish(take_on("Just ticked"), by=sol, now=now - DAY)
            long_ago = take_on("Ticked before the last one", now=then - 3 * DAY)
            action_items.finish(long_ago, by=sol, now=then - 2 * DAY)
            action_items.drop(take_on("Dropped"), by=sol, now=now)
            take_on("Written down since", meeting_id=None, now=STARTS + DAY)
            shown = opened.meeting(meeting_id, member=sol, now=now)

        assert [task.what for task in shown.carried] == [
            "Of the last meeting",
            "Of no meeting",
            "Just ticked",
        ]
        first, second, third = shown.carried
        assert (first.mine, first.overdue, first.since) == (True, True, now - 20 * DAY)
        assert (second.mine, second.overdue, second.since) == (False, False, then)
        assert third.done
        assert [task.what for task in shown.tasks] == ["Of this meeting"]

    def test_says_when_they_meet_next_and_by_when_they_should(
        self, mara, sol, pairing_id, now, inside
    ):
        meeting_id = held(mara, sol, pairing_id, now - DAY)
        with inside(sol):
            shown = opened.meeting(meeting_id, member=sol, now=now)
        assert shown.next_starts_at is None
        assert shown.due_on == date(2026, 6, 9)  # four months after the last contact

        make.meeting(mara, sol, pairing_id, starts_at=STARTS)
        with inside(sol):
            assert opened.meeting(meeting_id, member=sol, now=now).next_starts_at == STARTS

    @pytest.mark.parametrize(
        ("state", "starts_in", "step"),
        [
            (MeetingState.REQUESTED, DAY, "prepare"),
            (MeetingState.ACCEPTED, DAY, "prepare"),
            (MeetingState.ACCEPTED, -timedelta(minutes=5), "meet"),
            (MeetingState.ACCEPTED, -DAY, "wrap"),
            (MeetingState.HELD, -DAY, "wrap"),
        ],
    )
    def test_opens_at_the_part_that_the_clock_is_at(
        self, mara, sol, pairing_id, now, inside, state, starts_in, step
    ):
        meeting_id = held(mara, sol, pairing_id, now + starts_in, state)
        with inside(sol):
            assert opened.meeting(meeting_id, member=sol, now=now).step == step

    def test_is_of_nobody_else(self, meeting_id, cora, lakeside, now, inside):
        rio = make.student(lakeside, "Rio")
        with inside(cora):
            for stranger in (cora, rio):
                with pytest.raises(NotYours):
                    opened.meeting(meeting_id, member=stranger, now=now)

    def test_is_of_no_other_chapter(self, meeting_id, odd, now):
        with scope.chapter(odd.chapter_id), pytest.raises(NotYours):
            opened.meeting(meeting_id, member=odd, now=now)


class TestStatements:
    """As many for one row as for fifty."""

    @pytest.fixture
    def meeting_id(self, mara, sol, pairing_id):
        return make.meeting(mara, sol, pairing_id, starts_at=STARTS)

    @pytest.mark.parametrize("rows", [1, 50])
    def test_of_one_meeting(self, meeting_id, pairing_id, sol, now, inside, statements, rows):
        with inside(sol):
            db.session.add_all(
                AgendaItem(meeting_id=meeting_id, by_id=sol.id, position=n, what=f"Item {n}")
                for n in range(rows)
            )
            db.session.add_all(
                ActionItem(pairing_id=pairing_id, owner_id=sol.id, what="Do", created_at=now)
                for _ in range(rows)
            )
        with inside(sol), statements() as seen:
            shown = opened.meeting(meeting_id, member=sol, now=now)
        assert (len(shown.agenda), len(shown.carried), len(seen)) == (rows, rows, 3)

    @pytest.mark.parametrize("rows", [1, 50])
    def test_of_the_list(self, mara, sol, pairing_id, now, inside, statements, rows):
        for n in range(1, rows + 1):
            held(mara, sol, pairing_id, now - n * DAY)
        with inside(sol), statements() as seen:
            listed = diary.meetings(sol, now=now)
        assert (len(listed.past), len(seen)) == (min(rows, diary.SHOWN), 2)


class TestSafeLink:
    @pytest.mark.parametrize(
        "place", ["https://video.example.org/room?x=1#y", "http://10.0.0.1:8080/a"]
    )
    def test_a_web_address_is_one(self, place):
        assert diary.safe_link(place) == place

    @pytest.mark.parametrize(
        "place",
        [
            "",
            "Room 4",
            "javascript:alert(1)",
            "JaVaScRiPt:alert(1)//https://a.example",
            "data:text/html,<script>",
            "//evil.example",
            "https://",
            "https://trusted.example@evil.example/",
            "https://evil.example\\@trusted.example",
            "https://a.example/ and more",
            "https://[half",
            "java\nscript:alert(1)",
        ],
    )
    def test_anything_else_is_only_words(self, place):
        assert diary.safe_link(place) == ""
