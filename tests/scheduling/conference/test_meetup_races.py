"""What must never be: two in the same minutes of a conference, or one person in two places.

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
from mentorship.scheduling.conference import meetups, queries
from mentorship.scheduling.conference.models import ConferenceBlock, MeetUp, MeetUpState
from mentorship.tenancy.members import ChapterCard
from tests import make
from tests.scheduling.asking import request
from tests.scheduling.conftest import Held
from tests.scheduling.test_collisions import NOW

TWO = datetime(2026, 3, 5, 20, tzinfo=UTC)
MINUTES = timedelta(minutes=10)
LATER = TWO + timedelta(hours=1)


@pytest.fixture
def lakeside(own_database: Flask) -> ChapterCard:
    return make.chapter("lakeside")


def in_order(held: Held) -> None:
    """Check that whoever has a time is held then."""
    blocks = {block.id: block for block in db.session.scalars(select(ConferenceBlock))}
    for block in blocks.values():
        then = None if block.closed_at else (block.starts_at, block.ends_at)
        assert held.get((block.mentor_user_id, block.id)) == then
    taken = select(MeetUp).where(MeetUp.state == MeetUpState.TAKEN)
    for meet_up in db.session.scalars(taken):
        assert meet_up.starts_at in meetups.slots_of(blocks[meet_up.block_id])
        then = (meet_up.starts_at, meet_up.ends_at)
        assert held[meet_up.mentee_user_id, meet_up.id] == then


def take(block_id, who, at=TWO):
    return lambda: meetups.take(
        queries.block(block_id, member=who), starts_at=at, question="x", by=who, now=NOW
    )


def move(block_id, mara):
    return lambda: meetups.change(
        queries.block(block_id, member=mara), starts_at=LATER, place="x", by=mara, now=NOW
    )


def states(chapter: ChapterCard, block_id) -> Counter[str]:
    with scope.chapter(chapter.id):
        found = select(MeetUp.state).where(MeetUp.block_id == block_id)
        return Counter(db.session.scalars(found))


def test_some_minutes_are_given_once(rounds, at_once, lakeside):
    def race(_: int) -> None:
        block_id = make.conference_block(make.mentor(lakeside), starts_at=TWO)
        students = [make.student(lakeside) for _ in range(4)]

        came_to = at_once([take(block_id, who) for who in students], repeat(lakeside))

        assert Counter(came_to) == {"done": 1, "SlotTaken": 3}

    rounds(race)


def test_minutes_against_a_meeting_leave_the_student_in_one_place(rounds, at_once, lakeside):
    def race(_: int) -> None:
        block_id = make.conference_block(make.mentor(lakeside), starts_at=TWO)
        sol, ona = make.student(lakeside), make.mentor(lakeside, hours=make.WEEKDAYS)

        came_to = at_once(
            [take(block_id, sol), lambda: request(ona, sol, now=NOW, starts_at=TWO)],
            repeat(lakeside),
        )

        assert Counter(came_to) == {"done": 1, "AlreadyBusy": 1}

    rounds(race)


def test_meet_ups_that_move_take_along_whoever_has_a_time_by_then(rounds, at_once, lakeside):
    def race(_: int) -> None:
        mara = make.mentor(lakeside)
        block_id = make.conference_block(mara, starts_at=TWO)
        first, second, third = (make.student(lakeside) for _ in range(3))
        at_once([take(block_id, first)], repeat(lakeside))

        came_to = at_once(
            [
                move(block_id, mara),
                take(block_id, second, TWO + MINUTES),
                take(block_id, third, LATER + MINUTES),
            ],
            repeat(lakeside),
        )

        # One knew it before, one after it had moved: a time is taken only where it is offered.
        assert came_to[0] == "done"
        assert set(came_to[1:]) <= {"done", "NoSuchSlot", "SlotTaken"}
        assert states(lakeside, block_id) == {"taken": came_to.count("done")}

    rounds(race)


def test_meet_ups_that_move_against_a_meeting_leave_the_student_in_one_place(
    rounds, at_once, lakeside
):
    def race(_: int) -> None:
        mara, ona = make.mentor(lakeside), make.mentor(lakeside, hours=make.WEEKDAYS)
        block_id, sol = make.conference_block(mara, starts_at=TWO), make.student(lakeside)
        at_once([take(block_id, sol)], repeat(lakeside))

        came_to = at_once(
            [move(block_id, mara), lambda: request(ona, sol, now=NOW, starts_at=LATER)],
            repeat(lakeside),
        )

        assert came_to in (["done", "done"], ["done", "AlreadyBusy"])
        lost = came_to[1] == "done"
        assert states(lakeside, block_id) == {"called_off" if lost else "taken": 1}

    rounds(race)


def test_minutes_against_the_end_leave_nobody_behind(rounds, at_once, lakeside):
    def race(_: int) -> None:
        mara = make.mentor(lakeside)
        block_id = make.conference_block(mara, starts_at=TWO)
        students = [make.student(lakeside) for _ in range(3)]

        came_to = at_once(
            [
                lambda: meetups.call_off(queries.block(block_id, member=mara), by=mara, now=NOW),
                *(take(block_id, who, TWO + n * MINUTES) for n, who in enumerate(students)),
            ],
            repeat(lakeside),
        )

        assert came_to[0] == "done"
        assert set(came_to[1:]) <= {"done", "Closed"}
        assert set(states(lakeside, block_id)) <= {"called_off"}

    rounds(race)
