"""Sentences about who is left out and why not this pair: true, plain, and giving nobody away."""

from dataclasses import replace

import pytest
from hypothesis import given

from mentorship.matching.engine import explain, score, solve
from mentorship.matching.engine.fit import Rule
from mentorship.matching.engine.settings import Settings
from mentorship.vocabulary.kinds import Kind
from mentorship.vocabulary.stages import Stage
from tests.matching.engine import problems as make

CAREER, CONTENT, APPLICATION, WELLNESS = Kind


def told(mentees, mentors, **rules) -> list[tuple[str, str]]:
    outcome = solve.pair(make.run(mentees, mentors, **rules))
    return [(left.code, left.words) for left in outcome.left_out]


class TestLeftOut:
    def test_says_that_nobody_offers_the_kind(self):
        assert told([make.mentee(1, WELLNESS)], [make.mentor(9, CAREER)]) == [
            ("not_offered", "No mentor in this chapter offers wellness mentoring.")
        ]

    def test_says_that_nobody_else_does_to_a_resident_who_offers_it(self):
        rhea = make.mentee(9, WELLNESS, stage=Stage.PGY2)

        assert told([rhea], [make.mentor(9, WELLNESS)]) == [
            ("not_offered", "No other mentor in this chapter offers wellness mentoring.")
        ]

    @pytest.mark.parametrize(
        ("topics", "interests", "words"),
        [
            (("toxicology",), (), "No mentor in this chapter offers toxicology."),
            (("ems", "airway"), (), "No mentor in this chapter offers airway or EMS."),
            ((), ("ems",), "No mentor in this chapter offers any of this student's interests."),
            ((), (), "This student has named no topic and no interest."),
        ],
    )
    def test_names_the_topic_that_nobody_offers(self, topics, interests, words):
        sol = make.mentee(1, CONTENT, topics=topics, interests=frozenset(interests))

        assert told([sol], [make.mentor(9, CONTENT, topics=("simulation",))]) == [
            ("no_shared_topic", words)
        ]

    def test_says_that_the_others_evaluate(self):
        mentors = [make.mentor(n, WELLNESS, evaluates_everyone=True) for n in (7, 8, 9)]

        assert told([make.mentee(1, WELLNESS)], mentors) == [
            ("evaluates", "All 3 mentors who offer wellness mentoring evaluate this student.")
        ]

    def test_calls_a_resident_a_resident(self):
        rhea = make.mentee(1, WELLNESS, stage=Stage.PGY1)
        mara = make.mentor(9, WELLNESS, evaluates=frozenset({rhea.id}))

        assert told([rhea], [mara]) == [
            ("evaluates", "The only mentor who offers wellness mentoring evaluates this resident.")
        ]

    def test_says_that_the_places_are_gone(self):
        sol, rio = make.mentee(1, CAREER), make.mentee(2, CAREER, waited=True)
        mentors = [make.mentor(8, CAREER, places=0, load=3), make.mentor(9, CAREER, places=1)]

        assert told([sol, rio], mentors) == [
            ("full", "Both mentors who offer career mentoring are full.")
        ]

    def test_counts_each_cause_where_there_are_several(self):
        mentors = [
            make.mentor(5, APPLICATION, recent_cycle=False),
            make.mentor(6, APPLICATION, recent_cycle=False),
            make.mentor(7, APPLICATION, paused=True),
            make.mentor(8, APPLICATION, places=0),
        ]

        assert told([make.mentee(1, APPLICATION)], mentors) == [
            (
                "no_recent_cycle",
                "Of 4 mentors who offer application mentoring, 2 do not know a recent "
                "application cycle, 1 is paused, and 1 is full.",
            )
        ]

    def test_blames_what_lasts_before_what_passes(self):
        mara = make.mentor(9, WELLNESS, evaluates_everyone=True, paused=True, places=0)

        assert told([make.mentee(1, WELLNESS)], [mara]) == [
            ("evaluates", "The only mentor who offers wellness mentoring evaluates this student.")
        ]

    def test_says_that_the_mentor_serves_them_otherwise(self):
        sol, mara = make.mentee(1, CAREER, WELLNESS), make.mentor(9, CAREER, WELLNESS)

        [(code, words)] = told([sol], [mara])

        assert code == Rule.ALREADY_PAIRED
        assert words.endswith("mentoring is already a mentor of this student.")

    def test_says_that_the_only_mentor_takes_other_stages(self):
        mara = make.mentor(9, CAREER, stages=frozenset({Stage.M4}))

        assert told([make.mentee(1, CAREER, stage=Stage.M1)], [mara]) == [
            (
                "not_their_stage",
                "The only mentor who offers career mentoring does not take on students of "
                "this stage.",
            )
        ]

    def test_says_that_the_quota_of_other_schools_is_met(self):
        mara = make.mentor(9, CAREER, school="Lakeshore", outside_places=1, places=3)
        sol = make.mentee(1, CAREER, school="Cedar Valley")
        rio = make.mentee(2, CAREER, school="Harbor", waited=True)
        ann = make.mentee(3, CAREER, school="Lakeshore")

        assert told([sol, rio, ann], [mara]) == [
            (
                "from_outside",
                "The only mentor who offers career mentoring has no place for students of "
                "other schools.",
            )
        ]

    def test_says_that_places_for_other_schools_are_gone(self):
        mara = make.mentor(9, CAREER, school="Lakeshore", outside_places=0)

        assert told([make.mentee(1, CAREER, school="Cedar Valley")], [mara]) == [
            (
                "from_outside",
                "The only mentor who offers career mentoring has no place for students of "
                "other schools.",
            )
        ]

    def test_says_that_no_half_hour_is_shared(self):
        mentors = [make.mentor(n, CAREER, free=frozenset({1, 2})) for n in (8, 9)]

        [(code, words)] = told([make.mentee(1, CAREER, free=frozenset({30}))], mentors)

        assert code == Rule.NO_SHARED_TIME
        assert words.startswith("Both mentors who offer career mentoring have no free half hour")

    def test_sees_that_the_places_of_a_kind_are_given(self):
        sol, rio = make.mentee(1, CAREER), make.mentee(2, CAREER)
        mara = make.mentor(9, CAREER, places=3)
        limited = replace(mara, offers=(replace(mara.offers[0], places=1),))
        problem = make.run([sol, rio], [limited])

        [left] = explain.left_out(problem, score.fits(problem), [(sol.id, limited.id, CAREER)])

        assert left.code == Rule.KIND_FULL

    def test_sees_that_enough_come_from_one_institution(self):
        sol = make.mentee(1, CAREER, WELLNESS)
        mentors = [make.mentor(n, CAREER, WELLNESS, institution="Lakeshore") for n in (8, 9)]
        problem = make.run([sol], mentors)

        [left] = explain.left_out(
            problem,
            score.fits(problem),
            [(sol.id, mentors[0].id, CAREER)],
            most_from_one_institution=1,
        )

        assert left.words == (
            "Of 2 mentors who offer wellness mentoring, 1 is already a mentor of this student and "
            "1 is from an institution that this student has enough mentors from."
        )

    def test_tells_a_block_like_an_exclusion(self):
        sol, mara = make.mentee(1, CAREER), make.mentor(9, CAREER)
        blocked = told([sol], [mara], blocks=frozenset({(mara.id, sol.id)}))
        excluded = told([sol], [mara], exclusions=frozenset({(sol.id, mara.id, CAREER)}))

        assert blocked == excluded
        assert "block" not in blocked[0][1]

    def test_sees_a_place_that_an_edited_outcome_leaves_open(self):
        problem = make.run([make.mentee(1, CAREER)], [make.mentor(9, CAREER)])

        [left] = explain.left_out(problem, score.fits(problem), ())

        assert left.words == "The only mentor who offers career mentoring has a place."
        assert left.with_nobody

    def test_knows_who_has_nobody_at_all(self):
        sol, rio = make.mentee(1, CAREER), make.mentee(2, CAREER)
        current = frozenset({(sol.id, make.person(9), WELLNESS)})

        outcome = solve.pair(make.run([sol, rio], [], current=current))

        assert [left.with_nobody for left in outcome.left_out] == [False, True]

    @given(make.problems() | make.crowds())
    def test_never_claims_an_open_place_after_a_run(self, problem):
        for left in solve.pair(problem).left_out:
            assert left.code != explain.OPEN
            assert left.words.endswith(".")
            assert "{" not in left.words


class TestToThem:
    @pytest.mark.parametrize(
        ("words", "said"),
        [
            (
                "This student has named no topic and no interest.",
                "You have named no topic and no interest.",
            ),
            (
                "No mentor in this chapter offers any of this resident's interests.",
                "No mentor in this chapter offers any of your interests.",
            ),
            (
                "The only mentor who offers wellness mentoring evaluates this student.",
                "The only mentor who offers wellness mentoring evaluates you.",
            ),
        ],
    )
    def test_speaks_to_whoever_was_left_out(self, words, said):
        assert explain.to_them(words) == said

    @given(make.problems())
    def test_never_speaks_of_them_as_of_somebody_else(self, problem):
        for left in solve.pair(problem).left_out:
            said = explain.to_them(left.words)
            assert "this student" not in said.lower()
            assert "this resident" not in said.lower()


class TestWhyNot:
    def ask(self, problem, one, other, kind) -> explain.WhyNot:
        points = Settings(own_best=False, floors=())
        proposed = [pair.fit for pair in solve.pair(problem, settings=points).pairs]
        return explain.why_not(problem, proposed, mentee=one.id, mentor=other.id, kind=kind)

    def test_names_every_rule_that_stands_between(self):
        sol, mara = make.mentee(1, WELLNESS), make.mentor(9, CAREER, paused=True)

        why = self.ask(make.run([sol], [mara]), sol, mara, WELLNESS)

        assert (why.code, why.words) == (
            "not_offered",
            "This mentor does not offer wellness mentoring. This mentor is paused.",
        )

    def test_says_who_has_the_places_and_at_what_fit(self):
        shared = frozenset({"ems", "toxicology"})
        strong = [make.mentee(number, CAREER, interests=shared) for number in (1, 2)]
        sol = make.mentee(3, CAREER)
        mara = make.mentor(9, CAREER, interests=shared, places=2)

        why = self.ask(make.run([*strong, sol], [mara]), sol, mara, CAREER)

        assert why.code == "full"
        assert [fit.mentee for fit in why.instead] == [one.id for one in strong]
        best = why.instead[0].points
        assert why.words.startswith(f"Both open places went to fits of {best} and {best}, against")

    def test_says_what_comes_before_a_better_fit(self):
        shared = frozenset({"ems", "toxicology"})
        sol = make.mentee(1, CAREER, interests=shared)
        rio = make.mentee(2, CAREER, stage=None, waited=True)
        mara = make.mentor(9, CAREER, interests=shared, places=1)

        why = self.ask(make.run([sol, rio], [mara]), sol, mara, CAREER)

        assert why.words.endswith(
            "Whoever has fewer mentors, has waited, or is pinned comes first, and then what is "
            "best for all together."
        )

    def test_says_who_has_the_places_of_the_kind(self):
        shared = frozenset({"ems", "toxicology"})
        sol, rio = make.mentee(1, CAREER), make.mentee(2, CAREER, interests=shared)
        mara = make.mentor(9, CAREER, interests=shared, places=3)
        limited = replace(mara, offers=(replace(mara.offers[0], places=1),))
        problem = make.run([sol, rio], [limited])
        proposed = [score.fits(problem).fit((rio.id, limited.id, CAREER))]

        why = explain.why_not(problem, proposed, mentee=sol.id, mentor=limited.id, kind=CAREER)

        assert why.code == Rule.FULL
        assert [fit.mentee for fit in why.instead] == [rio.id]

    def test_names_the_other_mentor_of_the_kind(self):
        shared = frozenset({"ems", "toxicology"})
        sol = make.mentee(1, CAREER, interests=shared)
        mara, max_ = make.mentor(9, CAREER, interests=shared), make.mentor(8, CAREER)

        why = self.ask(make.run([sol], [mara, max_]), sol, max_, CAREER)

        assert why.code == explain.ELSEWHERE
        assert [fit.mentor for fit in why.instead] == [mara.id]

    def test_names_the_other_kind_they_are_paired_in(self):
        sol, mara = make.mentee(1, CAREER, WELLNESS), make.mentor(9, CAREER, WELLNESS)
        problem = make.run([sol], [mara])
        [pair] = solve.pair(problem).pairs
        other = WELLNESS if pair.fit.kind is CAREER else CAREER

        why = self.ask(problem, sol, mara, other)

        assert why.code == Rule.ALREADY_PAIRED
        assert why.instead == (pair.fit,)

    def test_says_when_they_are_paired(self):
        sol, mara = make.mentee(1, CAREER), make.mentor(9, CAREER)

        assert self.ask(make.run([sol], [mara]), sol, mara, CAREER).code == explain.PAIRED

    @given(make.problems() | make.crowds())
    def test_always_finds_something_in_the_way_of_a_pair_not_proposed(self, problem):
        outcome = solve.pair(problem)
        chosen = make.triples(outcome)
        proposed = [pair.fit for pair in outcome.pairs]
        for one in problem.mentees:
            for other in problem.mentors:
                for kind in Kind:
                    why = explain.why_not(
                        problem, proposed, mentee=one.id, mentor=other.id, kind=kind
                    )
                    assert why.code != explain.OPEN
                    assert (why.code == explain.PAIRED) == ((one.id, other.id, kind) in chosen)
