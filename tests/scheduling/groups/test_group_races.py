"""What must never be: two in the last seat, or one person in two places.

Run a few times with the suite, and as often as RACES says with `make races`.
"""

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import repeat

import pytest
from flask import Flask
from sqlalchemy import select

from mentorship.foundation import scope
from mentorship.foundation.database import db
from mentorship.scheduling.groups import queries, sessions
from mentorship.scheduling.groups.models import GroupSeat, GroupSession, SeatState, SessionState
from mentorship.tenancy.members import ChapterCard
from tests import make
from tests.scheduling.asking import request
from tests.scheduling.conftest import Held
from tests.scheduling.test_collisions import NOW

TWO = datetime(2026, 3, 5, 20, tzinfo=UTC)
LATER = TWO + timedelta(hours=1)


@pytest.fixture
def lakeside(own_database: Flask) -> ChapterCard:
    return make.chapter("lakeside")


def in_order(held: Held) -> None:
    """Check that no seat is there twice, and that each is held, as its session is."""
    seats = select(GroupSeat).where(GroupSeat.state == SeatState.SEATED)
    seated = db.session.scalars(seats).all()
    many = Counter(seat.session_id for seat in seated)
    spans_of = {}
    for session in db.session.scalars(select(GroupSession)):
        assert many[session.id] <= session.seats
        spans_of[session.id] = then = (session.starts_at, session.ends_at)
        is_open = session.state == SessionState.OPEN
        assert held.get((session.mentor_user_id, session.id)) == (then if is_open else None)
    assert all(held.get((one.user_id, one.id)) == spans_of[one.session_id] for one in seated)


def join(session_id, who):
    return lambda: sessions.join(queries.session(session_id, member=who), by=who, now=NOW)


def states(chapter: ChapterCard, session_id) -> Counter[str]:
    with scope.chapter(chapter.id):
        seats = select(GroupSeat.state).where(GroupSeat.session_id == session_id)
        return Counter(db.session.scalars(seats))


def test_the_last_seat_is_given_once_and_the_rest_stand_in_line(rounds, at_once, lakeside):
    def race(_: int) -> None:
        session_id = make.group_session(make.mentor(lakeside), starts_at=TWO, seats=1)
        students = [make.student(lakeside) for _ in range(5)]

        came_to = at_once([join(session_id, who) for who in students], repeat(lakeside))

        assert came_to == ["done"] * 5
        assert states(lakeside, session_id) == {"seated": 1, "waiting": 4}

    rounds(race)


def test_a_seat_against_a_meeting_leaves_the_student_in_one_place(rounds, at_once, lakeside):
    def race(_: int) -> None:
        session_id = make.group_session(make.mentor(lakeside), starts_at=TWO)
        sol, other = make.student(lakeside), make.mentor(lakeside, hours=make.WEEKDAYS)

        came_to = at_once(
            [join(session_id, sol), lambda: request(other, sol, now=NOW, starts_at=TWO)],
            repeat(lakeside),
        )

        assert Counter(came_to) == {"done": 1, "AlreadyBusy": 1}

    rounds(race)


def test_a_session_against_a_meeting_leaves_the_mentor_in_one_place(rounds, at_once, lakeside):
    def race(_: int) -> None:
        mara, sol = make.mentor(lakeside, hours=make.WEEKDAYS), make.student(lakeside)

        def open_session() -> None:
            sessions.open_session(
                mentor=mara,
                title="x",
                starts_at=TWO,
                minutes=60,
                seats=2,
                place="x",
                audience=sessions.Audience.CHAPTER,
                by=mara,
                now=NOW,
            )

        came_to = at_once(
            [open_session, lambda: request(mara, sol, now=NOW, starts_at=TWO)], repeat(lakeside)
        )

        assert "done" in came_to
        assert set(came_to) <= {"done", "AlreadyBusy", "TimeTaken"}
        assert came_to.count("done") == 1

    rounds(race)


def test_a_seat_given_back_goes_to_one_of_those_who_come_and_those_who_wait(
    rounds, at_once, lakeside
):
    def race(_: int) -> None:
        session_id = make.group_session(make.mentor(lakeside), starts_at=TWO, seats=1)
        first, waits, comes = (make.student(lakeside) for _ in range(3))
        at_once([join(session_id, first)], repeat(lakeside))
        at_once([join(session_id, waits)], repeat(lakeside))

        came_to = at_once(
            [
                lambda: sessions.leave(
                    queries.my_seat(session_id, member=first), by=first, now=NOW
                ),
                join(session_id, comes),
            ],
            repeat(lakeside),
        )
        at_once([lambda: sessions.fill(session_id, now=NOW)] * 2, repeat(lakeside))

        assert came_to == ["done"] * 2
        assert states(lakeside, session_id) == {"left": 1, "seated": 1, "waiting": 1}
        with scope.chapter(lakeside.id):
            assert queries.my_seat(session_id, member=waits).state == SeatState.SEATED

    rounds(race)


def test_a_seat_against_the_end_leaves_nobody_behind(rounds, at_once, lakeside):
    def race(_: int) -> None:
        mara = make.mentor(lakeside)
        session_id = make.group_session(mara, starts_at=TWO)
        students = [make.student(lakeside) for _ in range(3)]

        came_to = at_once(
            [
                lambda: sessions.call_off(
                    queries.session(session_id, member=mara), by=mara, now=NOW
                ),
                *(join(session_id, who) for who in students),
            ],
            repeat(lakeside),
        )

        assert set(came_to) <= {"done", "NotOpen"}
        assert set(states(lakeside, session_id)) <= {"called_off"}

    rounds(race)


def move(session_id, mara):
    return lambda: sessions.change(
        queries.session(session_id, member=mara), starts_at=LATER, place="x", by=mara, now=NOW
    )


def test_a_session_that_moves_takes_along_whoever_joins_at_that_moment(rounds, at_once, lakeside):
    def race(_: int) -> None:
        mara = make.mentor(lakeside)
        session_id = make.group_session(mara, starts_at=TWO, seats=3)
        first, *others = (make.student(lakeside) for _ in range(4))
        at_once([join(session_id, first)], repeat(lakeside))

        came_to = at_once(
            [move(session_id, mara), *(join(session_id, who) for who in others)], repeat(lakeside)
        )

        assert came_to == ["done"] * 4
        assert states(lakeside, session_id) == {"seated": 3, "waiting": 1}

    rounds(race)


def test_a_session_that_moves_against_a_meeting_leaves_the_student_in_one_place(
    rounds, at_once, lakeside
):
    def race(_: int) -> None:
        mara, ona = make.mentor(lakeside), make.mentor(lakeside, hours=make.WEEKDAYS)
        session_id = make.group_session(mara, starts_at=TWO)
        sol, comes = make.student(lakeside), make.student(lakeside)
        at_once([join(session_id, sol)], repeat(lakeside))

        came_to = at_once(
            [
                move(session_id, mara),
                lambda: request(ona, sol, now=NOW, starts_at=LATER),
                join(session_id, comes),
            ],
            repeat(lakeside),
        )

        assert came_to[0] == came_to[2] == "done"
        lost = came_to[1] == "done"
        assert lost or came_to[1] == "AlreadyBusy"
        assert states(lakeside, session_id) == (
            {"called_off": 1, "seated": 1} if lost else {"seated": 2}
        )

    rounds(race)
