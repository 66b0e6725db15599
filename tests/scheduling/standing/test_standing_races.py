"""What must never be: a date of a standing meeting where somebody is held already.

Run a few times with the suite, and as often as RACES says with `make races`.
"""

from datetime import UTC, datetime, timedelta
from itertools import repeat

from sqlalchemy import select

from mentorship.foundation import scope
from mentorship.foundation.database import db
from mentorship.relationships.models import Pairing, PairingState
from mentorship.scheduling.models import BusyTime
from mentorship.scheduling.standing import series
from mentorship.scheduling.standing.models import StandingDate, StandingMeeting
from mentorship.vocabulary.kinds import Kind
from tests import make
from tests.scheduling import test_collisions
from tests.scheduling.asking import request
from tests.scheduling.test_collisions import NOW

in_order = test_collisions.in_order
THURSDAY = datetime(2026, 3, 5, 20, tzinfo=UTC)
#: The Thursday after it, once the clocks have gone forward.
NEXT = THURSDAY + timedelta(days=7, hours=-1)


def propose(pairing_id, by) -> StandingMeeting:
    return series.propose(
        pairing=db.session.get(Pairing, (by.chapter_id, pairing_id)),
        starts_at=THURSDAY,
        minutes=25,
        every=1,
        times=2,
        purpose="x",
        by=by,
        now=NOW,
    )


def proposed(mara, sol):
    pairing_id = make.pairing(mara, sol, state=PairingState.ACTIVE)
    with scope.chapter(sol.chapter_id):
        made = propose(pairing_id, sol)
        db.session.commit()
        return made.id


def found(standing_id, who) -> StandingMeeting:
    return db.session.get(StandingMeeting, (who.chapter_id, standing_id))


def test_agreeing_against_booking_gives_each_time_once(rounds, at_once):
    lakeside = make.chapter("lakeside")

    def race(_: int) -> None:
        mara, sol = make.mentor(lakeside, hours=make.WEEKDAYS), make.student(lakeside)
        rival, other = make.student(lakeside), make.mentor(lakeside, hours=make.WEEKDAYS)
        standing_id = proposed(mara, sol)

        came_to = at_once(
            [
                lambda: series.agree(found(standing_id, mara), by=mara, now=NOW),
                lambda: request(mara, rival, now=NOW, starts_at=NEXT),
                lambda: request(other, sol, now=NOW, starts_at=THURSDAY, kind=Kind.WELLNESS),
            ],
            repeat(lakeside),
        )

        # The first date is held, so nobody can come first; the next one is whose it was first.
        assert (came_to[0], came_to[2]) == ("done", "AlreadyBusy")
        assert came_to[1] in ("done", "TimeTaken")
        with scope.chapter(lakeside.id):
            dates = select(StandingDate).where(StandingDate.standing_id == standing_id)
            why = {date.starts_at: date.why for date in db.session.scalars(dates)}
        assert why == {THURSDAY: None, NEXT: "mentor_busy" if came_to[1] == "done" else None}

    rounds(race)


def test_agreeing_against_taking_back_ends_in_one_of_the_two(rounds, at_once):
    lakeside = make.chapter("lakeside")

    def race(_: int) -> None:
        mara, sol = make.mentor(lakeside, hours=make.WEEKDAYS), make.student(lakeside)
        standing_id = proposed(mara, sol)

        came_to = at_once(
            [
                *[lambda: series.agree(found(standing_id, mara), by=mara, now=NOW)] * 2,
                lambda: series.close(found(standing_id, sol), by=sol, now=NOW),
            ],
            repeat(lakeside),
        )

        with scope.chapter(lakeside.id):
            state = found(standing_id, sol).state
            held = select(BusyTime).where(BusyTime.user_id == sol.user_id)
            count = len(db.session.scalars(held).all())
        agreed = came_to == ["done", "done", "NothingToAnswer"]
        assert agreed or came_to == ["NothingToAnswer", "NothingToAnswer", "done"]
        assert (state, count) == (("agreed", 2) if agreed else ("withdrawn", 0))

    rounds(race)


def test_proposing_against_booking_gives_the_first_date_once(rounds, at_once):
    lakeside = make.chapter("lakeside")

    def race(_: int) -> None:
        mara, sol = make.mentor(lakeside, hours=make.WEEKDAYS), make.student(lakeside)
        rival, other = make.student(lakeside), make.mentor(lakeside, hours=make.WEEKDAYS)
        pairing_id = make.pairing(mara, sol, state=PairingState.ACTIVE)

        came_to = at_once(
            [
                lambda: propose(pairing_id, sol),
                lambda: request(mara, rival, now=NOW, starts_at=THURSDAY),
                lambda: request(other, sol, now=NOW, starts_at=THURSDAY, kind=Kind.WELLNESS),
            ],
            repeat(lakeside),
        )

        if came_to[0] == "done":
            assert came_to == ["done", "TimeTaken", "AlreadyBusy"]
        else:
            assert came_to[0] in ("TimeTaken", "AlreadyBusy")
            assert "done" in came_to[1:]

    rounds(race)


def test_both_proposing_at_once_is_one_proposal(rounds, at_once):
    lakeside = make.chapter("lakeside")

    def race(_: int) -> None:
        mara, sol = make.mentor(lakeside, hours=make.WEEKDAYS), make.student(lakeside)
        pairing_id = make.pairing(mara, sol, state=PairingState.ACTIVE)

        came_to = at_once(
            [lambda: propose(pairing_id, sol), lambda: propose(pairing_id, mara)] * 2,
            repeat(lakeside),
        )

        assert sorted(came_to) == [*["AlreadyStanding"] * 3, "done"]

    rounds(race)


def test_agreeing_against_the_end_of_its_time_ends_in_one_of_the_two(rounds, at_once):
    lakeside = make.chapter("lakeside")

    def race(_: int) -> None:
        mara, sol = make.mentor(lakeside, hours=make.WEEKDAYS), make.student(lakeside)
        standing_id = proposed(mara, sol)

        came_to = at_once(
            [
                lambda: series.agree(found(standing_id, mara), by=mara, now=NOW),
                lambda: series.lapse(standing_id, now=THURSDAY),
            ],
            repeat(lakeside),
        )

        with scope.chapter(lakeside.id):
            state = found(standing_id, sol).state
            held = select(BusyTime).where(BusyTime.user_id == sol.user_id)
            count = len(db.session.scalars(held).all())
        outcomes = {"done": ("agreed", 2), "NothingToAnswer": ("lapsed", 0)}
        assert (state, count) == outcomes[came_to[0]]

    rounds(race)
