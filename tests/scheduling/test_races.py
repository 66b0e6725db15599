"""Many at once, on a database of its own where everything is really committed."""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from itertools import repeat

import pytest
from sqlalchemy import func, select

from mentorship.foundation import clock, scope
from mentorship.foundation.database import db
from mentorship.relationships import pairings
from mentorship.relationships.models import Pairing, PairingState, PlaceTaken
from mentorship.relationships.queries import my_pairing
from mentorship.scheduling import meetings, queries
from mentorship.scheduling.models import BusyTime, Meeting, MeetingState
from mentorship.tenancy.members import Member
from tests import make
from tests.conftest import MONDAY_NOON, signed_in
from tests.scheduling.asking import HALF_AN_HOUR, WEDNESDAY_AT_TWO, ask, mine, request

#: As many students want one half hour.
CROWD = 200


def test_of_two_hundred_who_want_one_slot_exactly_one_has_it(own_database, at_once):
    lakeside = make.chapter("lakeside")
    mara = make.mentor(lakeside, "Dr. Mara Quist", hours=make.WEEKDAYS)
    students = [make.student(lakeside) for _ in range(CROWD)]

    came_to = at_once(
        [lambda student=student: request(mara, student, now=MONDAY_NOON) for student in students],
        repeat(lakeside),
    )

    assert Counter(came_to) == {"done": 1, "TimeTaken": CROWD - 1}
    with scope.chapter(lakeside.id):
        [meeting] = db.session.scalars(select(Meeting)).all()
        [pairing] = db.session.scalars(select(Pairing)).all()
        assert meeting.mentee_id == students[came_to.index("done")].id
        assert pairing.id == meeting.pairing_id
        assert _count(BusyTime) == 2
        assert _count(PlaceTaken) == 1


def test_of_two_chapters_that_want_one_mentor_at_once_one_has_the_time(own_database, at_once):
    chapters = [make.chapter("lakeside"), make.chapter("hillside")]
    mentors, students = [], []
    for number, chapter in enumerate(chapters):
        hours = make.WEEKDAYS if not number else ()
        mentors.append(make.mentor(chapter, "Dr. Two", email="two@example.org", hours=hours))
        students.append(make.student(chapter))

    came_to = at_once(
        [
            lambda mentor=mentor, student=student: request(mentor, student, now=MONDAY_NOON)
            for mentor, student in zip(mentors, students, strict=True)
        ],
        chapters,
    )

    assert sorted(came_to) == ["TimeTaken", "done"]


def test_the_last_place_is_given_once(own_database, at_once):
    lakeside = make.chapter("lakeside")
    mara = make.mentor(lakeside, hours=make.WEEKDAYS, places=1)
    students = [make.student(lakeside) for _ in range(8)]

    came_to = at_once(
        [
            lambda student=student, number=number: request(
                mara, student, now=MONDAY_NOON, starts_at=WEDNESDAY_AT_TWO + number * HALF_AN_HOUR
            )
            for number, student in enumerate(students[:4])
        ],
        repeat(lakeside),
    )

    assert Counter(came_to) == {"done": 1, "MentorFull": 3}


def test_a_student_who_asks_five_at_once_has_three_requests(own_database, at_once):
    lakeside = make.chapter("lakeside")
    sol = make.student(lakeside)
    mentors = [make.mentor(lakeside, hours=make.WEEKDAYS) for _ in range(5)]

    came_to = at_once(
        [
            lambda mentor=mentor, number=number: request(
                mentor, sol, now=MONDAY_NOON, starts_at=WEDNESDAY_AT_TWO + number * HALF_AN_HOUR
            )
            for number, mentor in enumerate(mentors)
        ],
        repeat(lakeside),
    )

    assert Counter(came_to) == {"done": 3, "TooManyRequests": 2}


@pytest.mark.parametrize(
    ("most", "refused"),
    [("per_day", "DayFull"), ("per_week", "WeekFull"), ("per_month", "MonthFull")],
)
def test_the_most_of_a_day_a_week_or_a_month_is_kept_over_two_chapters(
    own_database, at_once, most, refused
):
    chapters = [make.chapter("lakeside"), make.chapter("hillside")] * 4
    mentors = {
        chapter.id: make.mentor(chapter, "Dr. Two", email="two@example.org", places=50)
        for chapter in chapters[:2]
    }
    somebody = mentors[chapters[0].id]
    make.offer_hours(somebody, make.WEEKDAYS)
    make.limit(somebody, **{most: 3})
    students = [make.student(chapter) for chapter in chapters]

    came_to = at_once(
        [
            lambda student=student, number=number: request(
                mentors[student.chapter_id],
                student,
                now=MONDAY_NOON,
                starts_at=WEDNESDAY_AT_TWO + (number - 2) * HALF_AN_HOUR,
            )
            for number, student in enumerate(students)
        ],
        chapters,
    )

    assert Counter(came_to) == {"done": 3, refused: 5}


def test_a_student_of_two_chapters_who_asks_six_at_once_has_three_requests(own_database, at_once):
    chapters = [make.chapter("lakeside"), make.chapter("hillside")] * 3
    me = {
        chapter.id: make.student(chapter, "Sol Adair", email="sol@example.org")
        for chapter in chapters[:2]
    }
    mentors = [make.mentor(chapter, hours=make.WEEKDAYS) for chapter in chapters]

    came_to = at_once(
        [
            lambda mentor=mentor, number=number: request(
                mentor,
                me[mentor.chapter_id],
                now=MONDAY_NOON,
                starts_at=WEDNESDAY_AT_TWO + number * HALF_AN_HOUR,
            )
            for number, mentor in enumerate(mentors)
        ],
        chapters,
    )

    assert Counter(came_to) == {"done": 3, "TooManyRequests": 3}


@pytest.mark.parametrize("_", range(5))
def test_a_yes_and_a_withdrawal_at_once_end_in_one_of_the_two(own_database, at_once, _):
    lakeside = make.chapter("lakeside")
    mara = make.mentor(lakeside, hours=make.WEEKDAYS)
    sol = make.student(lakeside)
    with scope.chapter(lakeside.id):
        asked = request(mara, sol, now=MONDAY_NOON).id
        db.session.commit()

    came_to = at_once(
        [
            lambda: meetings.accept(mine(asked, mara), by=mara, now=MONDAY_NOON),
            lambda: meetings.withdraw(mine(asked, sol), by=sol, now=MONDAY_NOON),
            lambda: meetings.accept(mine(asked, mara), by=mara, now=MONDAY_NOON),
        ],
        repeat(lakeside),
    )

    with scope.chapter(lakeside.id):
        meeting = mine(asked, sol)
        pairing = db.session.scalars(select(Pairing)).one()
        if meeting.state == MeetingState.ACCEPTED:
            assert came_to == ["done", "Settled", "done"]
            assert (pairing.state, _count(BusyTime)) == (PairingState.ACCEPTED, 2)
        else:
            assert came_to == ["Settled", "done", "Settled"]
            assert meeting.state == MeetingState.WITHDRAWN
            assert (pairing.state, _count(BusyTime)) == (PairingState.ENDED, 0)
        assert _count(PlaceTaken) == (1 if pairing.ended_at is None else 0)


@pytest.mark.parametrize("_", range(3))
def test_a_yes_another_time_and_the_end_of_its_time_at_once_are_one_of_them(
    own_database, at_once, _
):
    lakeside = make.chapter("lakeside")
    mara = make.mentor(lakeside, hours=make.WEEKDAYS)
    sol = make.student(lakeside)
    asked = ask(mara, sol, now=MONDAY_NOON)
    later, over = WEDNESDAY_AT_TWO + HALF_AN_HOUR, WEDNESDAY_AT_TWO

    came_to = at_once(
        [
            lambda: meetings.accept(mine(asked, mara), by=mara, now=MONDAY_NOON, seen=0),
            lambda: meetings.propose_other_time(
                mine(asked, mara), starts_at=later, by=mara, now=MONDAY_NOON
            ),
            lambda: meetings.lapse(asked, now=over),
        ],
        repeat(lakeside),
    )

    with scope.chapter(lakeside.id):
        meeting = mine(asked, sol)
        taken = (_count(BusyTime), _count(PlaceTaken))
        if meeting.state == MeetingState.ACCEPTED:
            assert (came_to, taken) == (["done", "Settled", "done"], (2, 1))
            assert meeting.starts_at == WEDNESDAY_AT_TWO
        elif meeting.state == MeetingState.REQUESTED:
            assert (came_to, taken) == (["NotYourTurn", "done", "done"], (2, 1))
            assert meeting.starts_at == later
        else:
            # Its time may be over also after it has moved, by the clock of who looks.
            assert meeting.state == MeetingState.LAPSED
            assert came_to[2] == "done"
            assert taken == (0, 0)


@pytest.mark.parametrize("_", range(3))
def test_the_end_of_a_pairing_and_a_yes_at_once_leave_no_meeting_behind(own_database, at_once, _):
    lakeside = make.chapter("lakeside")
    mara = make.mentor(lakeside, hours=make.WEEKDAYS)
    sol = make.student(lakeside)
    pairing_id = make.pairing(mara, sol)
    asked = ask(mara, sol, now=MONDAY_NOON)

    def end() -> None:
        pairing = my_pairing(pairing_id, member=sol)
        pairings.end(pairing, by=sol, now=MONDAY_NOON)

    came_to = at_once(
        [
            end,
            lambda: meetings.accept(mine(asked, mara), by=mara, now=MONDAY_NOON),
            lambda: pairings.part(other=sol, by=mara, now=MONDAY_NOON),
        ],
        repeat(lakeside),
    )

    with scope.chapter(lakeside.id):
        assert came_to[2] == "done"
        assert db.session.scalars(select(Pairing)).one().state == PairingState.ENDED
        assert mine(asked, sol).state in (
            *(MeetingState.WITHDRAWN, MeetingState.DECLINED, MeetingState.CANCELLED),
        )
        assert (_count(BusyTime), _count(PlaceTaken)) == (0, 0)


def test_two_taps_that_arrive_together_make_one_meeting(own_database, at_once):
    lakeside = make.chapter("lakeside")
    mara = make.mentor(lakeside, hours=make.WEEKDAYS)
    sol = make.student(lakeside)
    free = _first_free(mara, sol)
    form = {
        "kind": "career",
        "minutes": "25",
        "slot": free.isoformat(),
        "purpose": "Academic or community?",
        "form_key": "the same",
    }
    token = signed_in(sol)
    gate = threading.Barrier(4, timeout=60)

    def tap(_: int) -> tuple[int, str | None]:
        with own_database.app_context():
            client = own_database.test_client()
            client.set_cookie(own_database.config["SIGN_IN_COOKIE_NAME"], token)
            gate.wait()
            answer = client.post(f"/c/lakeside/mentors/{mara.id}/ask", data=form)
            return answer.status_code, answer.location

    with ThreadPoolExecutor(4) as taps:
        answers = set(taps.map(tap, range(4)))

    with scope.chapter(lakeside.id):
        [meeting] = db.session.scalars(select(Meeting)).all()
        assert answers == {(303, f"/c/lakeside/meetings/{meeting.id}")}


def _first_free(mentor: Member, mentee: Member) -> datetime:
    with scope.chapter(mentor.chapter_id):
        card = queries.bookable(mentor.id, member=mentee)
        return queries.free_starts(card, with_user_id=mentee.user_id, minutes=25, now=clock.now())[
            0
        ]


def _count(record: type) -> int:
    """How many of these this chapter has."""
    return db.session.scalar(select(func.count()).select_from(record))
