"""What there was before decides between outcomes that are equally good."""

import pytest

from mentorship.matching.engine import solve
from mentorship.matching.engine.settings import Settings
from mentorship.vocabulary.kinds import Kind
from tests.matching.engine.problems import mentee, mentor, person, run, triples

CAREER = Kind.CAREER


@pytest.mark.parametrize("place", [1, 2])
def test_of_two_who_fit_alike_the_one_of_before_stays(place):
    problem = run([mentee(1, CAREER), mentee(2, CAREER)], [mentor(9, CAREER, places=1)])
    before = [(person(place), person(9), CAREER)]

    assert triples(solve.pair(problem, before=before)) == set(before)


def test_a_better_pair_goes_first_unless_keeping_counts_for_more():
    close = mentee(1, CAREER, interests=frozenset({"ems"}))
    problem = run(
        [close, mentee(2, CAREER, waited=False)],
        [mentor(9, CAREER, places=2, interests=frozenset({"ems"})), mentor(8, CAREER, places=2)],
    )
    before = [(person(1), person(8), CAREER)]

    assert set(before) <= triples(solve.pair(problem, settings=Settings(keep=100), before=before))
    assert (person(1), person(9), CAREER) in triples(solve.pair(problem, before=before))


def test_what_has_become_impossible_is_let_go():
    problem = run([mentee(1, CAREER)], [mentor(9, CAREER), mentor(8, CAREER, paused=True)])
    before = [(person(1), person(8), CAREER), (person(3), person(9), CAREER)]

    assert triples(solve.pair(problem, before=before)) == {(person(1), person(9), CAREER)}
