"""Each state, for each of those who might do each thing: what is done, and what is refused."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from mentorship.foundation.database import db
from mentorship.foundation.errors import NotYours, Refusal
from mentorship.relationships import conflicts, pairings, partings, pauses, rematch, states
from mentorship.relationships.models import OPEN, Pairing, PairingChange, PairingState
from mentorship.relationships.states import RULES, Act, Who
from mentorship.tenancy.roles import Role
from tests import make

P, A, ON, REST, DONE, OVER = PairingState
EVERYBODY = ("mentee", "mentor", "coordinator", "advisor", "student", "time")
TWO = ("mentee", "mentor")
RUNNERS = ("coordinator", "advisor")

#: Who may do it in which state. Written out here once more, by hand, and not read off the table.
MAY: dict[Act, tuple[tuple[str, ...], tuple[PairingState, ...]]] = {
    Act.ACCEPT: ((*TWO, *RUNNERS, "time"), (P,)),
    Act.PAUSE: (TWO, (A, ON)),
    Act.RESUME: ((*TWO, "time"), (REST,)),
    Act.COMPLETE: (TWO, (A, ON, REST)),
    Act.END: ((*TWO, *RUNNERS, "time"), (P, A, ON, REST)),
}
BECOMES = {
    Act.ACCEPT: (A,),
    Act.PAUSE: (REST,),
    Act.RESUME: (A,),
    Act.COMPLETE: (DONE,),
    Act.END: (OVER,),
}


def do(act: Act, pairing: Pairing, *, by, now) -> None:
    verbs = {
        Act.ACCEPT: pairings.accept,
        Act.PAUSE: pauses.pause,
        Act.RESUME: pauses.resume,
        Act.COMPLETE: lambda one, **more: pairings.end(one, state=DONE, **more),
        Act.END: pairings.end,
        Act.REOPEN: partings.reopen,
    }
    verbs[act](pairing, by=by, now=now)


def stands(pairing_id, state, inside, sol, now) -> None:
    with inside(sol):
        pairing = db.session.get(Pairing, (sol.chapter_id, pairing_id))
        pairing.state = state
        pairing.ended_at = None if state in OPEN else now


@pytest.fixture
def people(lakeside, mara, sol, cora):
    return {
        "mentee": sol,
        "mentor": mara,
        "coordinator": cora,
        "advisor": make.member(lakeside, Role.ADVISOR),
        "student": make.student(lakeside),
        "time": None,
    }


@pytest.mark.parametrize("state", list(PairingState))
@pytest.mark.parametrize("who", EVERYBODY)
@pytest.mark.parametrize("act", list(MAY))
def test_each_may_do_what_is_theirs_where_it_makes_sense(
    inside, mara, sol, people, now, act, who, state
):
    pairing_id = make.pairing(mara, sol)
    stands(pairing_id, state, inside, sol, now)
    whose, when = MAY[act]
    with inside(sol):
        pairing = db.session.get(Pairing, (sol.chapter_id, pairing_id))
        if act is Act.ACCEPT and state is not P:
            do(act, pairing, by=people[who], now=now)  # saying it twice changes nothing
            assert pairing.state == state
        elif who in whose and state in when:
            do(act, pairing, by=people[who], now=now)
            assert pairing.state in BECOMES[act]
            change = db.session.scalars(select(PairingChange)).one()
            assert (change.before, change.state) == (state, pairing.state)
            assert change.by_id == (people[who].id if people[who] else None)
        else:
            with pytest.raises((NotYours, Refusal)) as refused:
                do(act, pairing, by=people[who], now=now)
            assert isinstance(refused.value, NotYours) == (who not in whose)
            assert pairing.state == state


def test_the_table_says_what_the_verbs_do():
    for act, (whose, when) in MAY.items():
        named = {
            "coordinator": Who.CHAPTER,
            "advisor": Who.CHAPTER,
            **{one.value: one for one in Who},
        }
        assert RULES[act].who == {named[one] for one in whose}
        assert RULES[act].before == set(when)
        assert set(BECOMES[act]) <= RULES[act].after


class TestPause:
    def pause(self, inside, by, pairing_id, now, **facts):
        with inside(by):
            pairing = db.session.get(Pairing, (by.chapter_id, pairing_id))
            pauses.pause(pairing, by=by, now=now, **facts)

    def state(self, inside, sol, pairing_id) -> str:
        with inside(sol):
            return db.session.get(Pairing, (sol.chapter_id, pairing_id)).state

    def test_ends_by_itself_on_its_day_and_once(self, inside, mara, sol, now, at, work):
        pairing_id = make.pairing(mara, sol)
        self.pause(inside, sol, pairing_id, now, until=date(2026, 3, 9))
        # Seven in the morning in Chicago, then eight: the clocks have changed meanwhile.
        work(until=at(now.replace(day=9, hour=12)))
        assert self.state(inside, sol, pairing_id) == REST

        work(until=at(now.replace(day=9, hour=13)))
        assert self.state(inside, sol, pairing_id) == A
        with inside(sol):
            pauses.resume_due(pairing_id, now=now + timedelta(days=8))
            assert len(db.session.scalars(select(PairingChange)).all()) == 2

    def test_that_was_changed_is_not_ended_by_the_day_it_had_before(
        self, inside, mara, sol, now, at, work
    ):
        pairing_id = make.pairing(mara, sol)
        self.pause(inside, sol, pairing_id, now, until=date(2026, 3, 9))
        with inside(sol):
            pairing = db.session.get(Pairing, (sol.chapter_id, pairing_id))
            pauses.resume(pairing, by=mara, now=now)
        self.pause(inside, sol, pairing_id, now, until=date(2026, 4, 9))

        work(until=at(now + timedelta(days=8)))
        assert self.state(inside, sol, pairing_id) == REST

    def test_keeps_the_mentors_place(self, inside, mara, sol, now):
        pairing_id = make.pairing(mara, sol)
        self.pause(inside, mara, pairing_id, now)
        with inside(sol):
            assert pairings.places_left([mara.user_id]) == {mara.user_id: 2}

    def test_comes_back_as_what_it_was(self, inside, mara, sol, now):
        pairing_id = make.pairing(mara, sol)
        with inside(sol):
            pairing = db.session.get(Pairing, (sol.chapter_id, pairing_id))
            pairings.met(pairing, on=now.date(), now=now)
            pauses.pause(pairing, by=sol, now=now)
            pauses.resume(pairing, by=mara, now=now)
            assert pairing.state == ON

    @pytest.mark.parametrize("days", [-400, -1, 0, 367, 4000])
    def test_needs_a_day_to_come_and_within_a_year(self, inside, mara, sol, now, days):
        pairing_id = make.pairing(mara, sol)
        with pytest.raises(pauses.NotThatDay):
            self.pause(inside, sol, pairing_id, now, until=now.date() + timedelta(days=days))

    def test_takes_a_line_and_no_essay(self, inside, mara, sol, now):
        pairing_id = make.pairing(mara, sol)
        with pytest.raises(pauses.TooLong):
            self.pause(inside, sol, pairing_id, now, why="x" * 301)


class TestReopen:
    @pytest.fixture
    def ended(self, inside, mara, sol, now):
        pairing_id = make.pairing(mara, sol)
        with inside(sol):
            pairing = db.session.get(Pairing, (sol.chapter_id, pairing_id))
            partings.finish(pairing, by=sol, now=now, another=True)
        return pairing_id

    def reopen(self, inside, by, pairing_id, now):
        with inside(by):
            pairing = db.session.get(Pairing, (by.chapter_id, pairing_id))
            partings.reopen(pairing, by=by, now=now)
            return pairing

    def test_takes_the_place_again_and_the_wish_back(self, inside, mara, sol, ended, now):
        pairing = self.reopen(inside, sol, ended, now + timedelta(days=7))
        with inside(sol):
            assert (pairing.state, pairing.ended_at) == (A, None)
            assert pairings.places_left([mara.user_id]) == {mara.user_id: 2}
            assert rematch.wanting_a_rematch() == []

    def test_is_for_whoever_finished_it(self, inside, mara, sol, cora, ended, now):
        with pytest.raises(partings.NotByYou):
            self.reopen(inside, mara, ended, now)
        with pytest.raises(NotYours):
            self.reopen(inside, cora, ended, now)

    def test_is_over_after_seven_days(self, inside, sol, ended, now):
        with pytest.raises(partings.TooLate):
            self.reopen(inside, sol, ended, now + timedelta(days=7, seconds=1))

    def test_needs_a_free_place(self, inside, lakeside, mara, sol, ended, now):
        for _ in range(3):
            make.pairing(mara, make.student(lakeside))
        with pytest.raises(pairings.MentorFull):
            self.reopen(inside, sol, ended, now)

    def test_does_not_double_a_pairing_that_began_anew(self, inside, mara, sol, ended, now):
        make.pairing(mara, sol)
        with pytest.raises(pairings.AlreadyPaired):
            self.reopen(inside, sol, ended, now)

    def test_is_not_there_for_two_who_are_kept_apart(self, inside, mara, sol, ended, now):
        with inside(mara):
            conflicts.block(other=sol, by=mara, now=now)
        with pytest.raises(conflicts.Blocked):
            self.reopen(inside, sol, ended, now)

    def test_of_a_request_that_came_to_nothing_there_is_none(self, inside, mara, sol, now):
        pairing_id = make.pairing(mara, sol, state=P)
        with inside(sol):
            pairings.end(db.session.get(Pairing, (sol.chapter_id, pairing_id)), by=sol, now=now)
        with pytest.raises(partings.NeverBegun):
            self.reopen(inside, sol, pairing_id, now)

    def test_of_an_open_pairing_says_so(self, inside, mara, sol, now):
        with pytest.raises(states.NothingToReopen):
            self.reopen(inside, sol, make.pairing(mara, sol), now)
