"""What would be otherwise is what is, once it is decided otherwise."""

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mentorship.matching.engine import solve, what_if
from mentorship.matching.engine.fit import Outcome, Problem, Triple
from mentorship.matching.engine.settings import Settings
from mentorship.vocabulary.kinds import Kind
from tests.matching.engine import problems as make

CAREER, CONTENT, APPLICATION, WELLNESS = Kind
#: Plain points, so that the better fit is the better one.
POINTS = Settings(own_best=False, floors=())
SHARED = frozenset({"ems", "toxicology"})


def crowd(**stated) -> tuple[Problem, list]:
    """Two who ask for the one career mentor, who has one place; the first fits best."""
    mentees = [make.mentee(1, CAREER, interests=SHARED), make.mentee(2, CAREER)]
    mentor = make.mentor(9, CAREER, interests=SHARED, places=1, **stated)
    return make.run(mentees, [mentor]), [(one.id, mentor.id, CAREER) for one in mentees]


def solved(problem: Problem) -> Outcome:
    return solve.pair(problem, settings=POINTS)


def pinned(problem: Problem, triple: Triple) -> Problem:
    return replace(problem, pins=problem.pins | {triple}, exclusions=problem.exclusions - {triple})


class TestCapacity:
    def test_one_more_place_serves_one_more(self):
        problem, [_, second] = crowd(load=2)
        before = solved(problem)

        after = solved(what_if.with_capacity(problem, make.person(9), 4))

        found = what_if.difference(before, after)
        assert [pair.triple for pair in found.begun] == [second]
        assert found.ended == ()
        assert found.words.startswith("1 more student has a mentor and the fits gain ")

    def test_counts_those_of_before(self):
        problem, _ = crowd(load=2)

        [mentor] = what_if.with_capacity(problem, make.person(9), 1).mentors

        assert mentor.places == 0

    def test_knows_only_who_takes_part(self):
        with pytest.raises(KeyError):
            what_if.with_capacity(crowd()[0], make.person(3), 4)


class TestDifference:
    def test_says_who_gives_way(self):
        problem, [first, second] = crowd()

        found = what_if.difference(solved(problem), solved(pinned(problem, second)))

        assert [pair.triple for pair in found.ended] == [first]
        assert [pair.triple for pair in found.begun] == [second]
        assert found.words.startswith("The fits lose ")
        assert found.words.endswith("over all and 1 pair would be another.")

    def test_says_that_somebody_who_waited_is_passed_over(self):
        problem, [_, second] = crowd()
        waiting = replace(problem.mentees[0], waited=True)
        problem = replace(problem, mentees=(waiting, problem.mentees[1]))

        found = what_if.difference(solved(problem), solved(pinned(problem, second)))

        assert found.passes_over
        assert found.words.startswith(
            "Someone who waited or whose stage comes first is passed over"
        )


@given(make.crowds(pins=False), st.data())
def test_every_number_is_that_of_the_two_outcomes(problem, data):
    mentee = data.draw(st.sampled_from(problem.mentees)).id
    mentor = data.draw(st.sampled_from(problem.mentors)).id
    kind = data.draw(st.sampled_from(problem.kinds))
    before = solved(problem)
    after = solved(pinned(problem, (mentee, mentor, kind)))

    found = what_if.difference(before, after)

    had, has = make.triples(before), make.triples(after)
    assert {pair.triple for pair in found.begun} == has - had
    assert {pair.triple for pair in found.ended} == had - has
    assert found.filled == len(has) - len(had)
    held = Counter(one for one, _, _ in problem.current)
    with_one = [
        sum(held[one.id] + sum(t[0] == one.id for t in made) > 0 for one in problem.mentees)
        for made in (had, has)
    ]
    assert found.with_a_mentor == with_one[1] - with_one[0]
    assert found.words.endswith(".")
