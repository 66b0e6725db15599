from datetime import timedelta

import pytest

from mentorship.relationships import cohorts, conflicts, pairings, states
from mentorship.relationships.cohorts import Asked
from mentorship.relationships.models import PairingState
from mentorship.tenancy import queries
from mentorship.vocabulary.kinds import Kind
from tests import make


def pair(mentor, mentee, *, now, kind=Kind.CAREER, **more):
    return pairings.begin(mentee=mentee, mentor=mentor, kind=kind, by=None, now=now, **more)


class TestBegin:
    def test_takes_one_of_the_mentors_places(self, inside, mara, sol, now):
        with inside(sol):
            pair(mara, sol, now=now)

            assert pairings.places_left([mara.user_id]) == {mara.user_id: 2}

    def test_refuses_a_mentor_whose_places_are_taken_in_another_chapter(
        self, inside, lakeside, sol, now
    ):
        busy = make.mentor(lakeside, "Dr. Busy", places=1)
        elsewhere = make.chapter("harborside")
        there = make.mentor(elsewhere, "Dr. Busy", email=busy.email, places=1)
        make.pairing(there, make.student(elsewhere))

        with inside(sol), pytest.raises(pairings.MentorFull):
            pair(busy, sol, now=now)

    def test_refuses_a_second_kind_with_the_same_person(self, inside, mara, sol, now):
        with inside(sol):
            pair(mara, sol, now=now)
            with pytest.raises(pairings.AlreadyPaired):
                pair(mara, sol, now=now, kind=Kind.CONTENT)

    def test_allows_a_second_kind_where_the_chapter_does(self, inside, now):
        relaxed = make.chapter("relaxed", two_kinds_by_one_mentor=True)
        mentor, mentee = make.mentor(relaxed), make.student(relaxed)
        with inside(mentee):
            pair(mentor, mentee, now=now)
            pair(mentor, mentee, now=now, kind=Kind.CONTENT)
            with pytest.raises(pairings.AlreadyPaired):
                pair(mentor, mentee, now=now, kind=Kind.CONTENT)

    def test_refuses_people_who_are_kept_apart_by_either(self, inside, mara, sol, now):
        with inside(sol):
            conflicts.block(other=sol, by=mara, now=now)
            with pytest.raises(conflicts.Blocked):
                pair(mara, sol, now=now)

    def test_refuses_an_evaluator_as_wellness_mentor_only(self, inside, mara, sol, now):
        with inside(sol):
            conflicts.declare_evaluation(
                role="Clerkship director",
                starts_on=now.date(),
                ends_on=None,
                mentee=None,
                by=mara,
                now=now,
            )
            with pytest.raises(conflicts.Evaluates):
                pair(mara, sol, now=now, kind=Kind.WELLNESS)
            assert pair(mara, sol, now=now, kind=Kind.CAREER).kind == Kind.CAREER

    def test_an_evaluator_is_one_until_midnight_of_the_last_day_where_they_are(
        self, inside, mara, sol, now
    ):
        """In the evening of Chicago the next day has begun in UTC."""
        evening, night = now + timedelta(hours=8), now + timedelta(hours=12)
        with inside(sol):
            conflicts.declare_evaluation(
                role="Clerkship director",
                starts_on=now.date() - timedelta(days=30),
                ends_on=now.date(),
                mentee=sol,
                by=mara,
                now=now,
            )
            with pytest.raises(conflicts.Evaluates):
                pair(mara, sol, now=evening, kind=Kind.WELLNESS)
            with pytest.raises(cohorts.NotAll) as no:
                cohorts.begin([Asked(sol, mara, Kind.WELLNESS)], by=None, now=evening)
            assert isinstance(no.value.refusals[0], conflicts.Evaluates)

            assert pair(mara, sol, now=night, kind=Kind.WELLNESS).kind == Kind.WELLNESS


class TestEnd:
    def test_frees_the_place_and_cannot_be_done_twice(self, inside, mara, sol, now):
        with inside(sol):
            pairing = pair(mara, sol, now=now)
            pairings.end(pairing, by=sol, now=now, state=PairingState.COMPLETED)

            assert pairings.places_left([mara.user_id]) == {mara.user_id: 3}
            with pytest.raises(states.NotOpen):
                pairings.end(pairing, by=sol, now=now)


def test_another_chapters_member_cannot_be_found(inside, sol, odd):
    with inside(sol), pytest.raises(queries.NotYours):
        queries.member(odd.id)
