"""How well two people fit: the rules that keep a pair from being offered, points and words."""

from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mentorship.matching.engine import score
from mentorship.matching.engine.fit import Factor, Fit, Offer, Problem, Rule, strength
from mentorship.matching.engine.market import SCALE
from mentorship.vocabulary.kinds import Kind
from mentorship.vocabulary.stages import Stage, Standing
from tests.matching.engine import plain
from tests.matching.engine import problems as make

CAREER, CONTENT, APPLICATION, WELLNESS = Kind
SOL, MARA = make.person(1), make.person(9)


def against(sol, mara, kind, **rules) -> tuple[Rule, ...]:
    return score.fits(make.run([sol], [mara], **rules)).against((sol.id, mara.id, kind))


def fit_of(sol, mara, kind, *others) -> Fit:
    return score.fits(make.run([sol, *others], [mara])).fit((sol.id, mara.id, kind))


def reason(fit: Fit, factor: str):
    return next(reason for reason in fit.reasons if reason.factor == factor)


class TestRules:
    def test_let_a_kind_that_is_wanted_and_offered_pass(self):
        assert against(make.mentee(1, CAREER), make.mentor(9, CAREER), CAREER) == ()

    def test_ask_that_the_kind_is_wanted(self):
        rules = against(make.mentee(1, WELLNESS), make.mentor(9, CAREER), CAREER)

        assert rules == (Rule.NOT_WANTED,)

    def test_ask_that_the_kind_is_offered(self):
        rules = against(make.mentee(1, CAREER), make.mentor(9, WELLNESS), CAREER)

        assert rules == (Rule.NOT_OFFERED,)

    @pytest.mark.parametrize(
        ("asked", "interests", "given", "rules"),
        [
            (("ems",), (), ("ems", "airway"), ()),
            (("ems",), ("airway",), ("airway",), (Rule.NO_SHARED_TOPIC,)),
            ((), ("airway",), ("airway",), ()),
            ((), (), ("airway",), (Rule.NO_SHARED_TOPIC,)),
        ],
        ids=["shared", "interests do not replace topics", "interests stand in", "nothing named"],
    )
    def test_ask_content_mentoring_for_a_shared_topic(self, asked, interests, given, rules):
        sol = make.mentee(1, CONTENT, topics=asked, interests=frozenset(interests))
        mara = make.mentor(9, CONTENT, topics=given)

        assert against(sol, mara, CONTENT) == rules

    def test_take_a_mentors_interests_where_the_offer_names_no_topic(self):
        sol = make.mentee(1, CONTENT, topics=("ems",))
        mara = make.mentor(9, CONTENT, interests=frozenset({"ems"}))

        assert against(sol, mara, CONTENT) == ()

    def test_ask_application_mentoring_for_a_recent_cycle_and_no_other_kind(self):
        sol = make.mentee(1, APPLICATION, CAREER)
        mara = make.mentor(9, APPLICATION, CAREER, recent_cycle=False)

        assert against(sol, mara, APPLICATION) == (Rule.NO_RECENT_CYCLE,)
        assert against(sol, mara, CAREER) == ()

    def test_leave_paused_mentors_alone(self):
        mara = make.mentor(9, CAREER, paused=True)

        assert against(make.mentee(1, CAREER), mara, CAREER) == (Rule.PAUSED,)

    @pytest.mark.parametrize("places", [0, -1])
    def test_ask_for_an_open_place(self, places):
        mara = make.mentor(9, CAREER, places=places, load=3)

        assert against(make.mentee(1, CAREER), mara, CAREER) == (Rule.FULL,)

    @pytest.mark.parametrize(
        "role", [{"evaluates": frozenset({SOL})}, {"evaluates_everyone": True}]
    )
    def test_keep_evaluators_from_wellness_and_caution_elsewhere(self, role):
        sol, mara = make.mentee(1, WELLNESS, CAREER), make.mentor(9, WELLNESS, CAREER, **role)

        assert against(sol, mara, WELLNESS) == (Rule.EVALUATES,)
        assert against(sol, mara, CAREER) == ()
        assert fit_of(sol, mara, CAREER).cautions == (
            "This mentor has a part in evaluating this student",
        )

    def test_let_an_evaluator_of_someone_else_be_a_wellness_mentor(self):
        mara = make.mentor(9, WELLNESS, evaluates=frozenset({make.person(2)}))

        assert against(make.mentee(1, WELLNESS), mara, WELLNESS) == ()

    @pytest.mark.parametrize("block", [(SOL, MARA), (MARA, SOL)])
    def test_keep_a_block_in_both_directions(self, block):
        sol, mara = make.mentee(1, CAREER), make.mentor(9, CAREER)

        assert against(sol, mara, CAREER, blocks=frozenset({block})) == (Rule.BLOCKED,)

    def test_keep_an_exclusion_for_its_own_kind_only(self):
        sol, mara = make.mentee(1, CAREER, WELLNESS), make.mentor(9, CAREER, WELLNESS)
        excluded = frozenset({(SOL, MARA, CAREER)})

        assert against(sol, mara, CAREER, exclusions=excluded) == (Rule.EXCLUDED,)
        assert against(sol, mara, WELLNESS, exclusions=excluded) == ()

    def test_do_not_pair_the_same_two_people_twice_unless_the_chapter_allows(self):
        sol, mara = make.mentee(1, CAREER, WELLNESS), make.mentor(9, CAREER, WELLNESS)
        current = frozenset({(SOL, MARA, CAREER)})

        assert against(sol, mara, WELLNESS, current=current) == (Rule.ALREADY_PAIRED,)
        assert against(sol, mara, WELLNESS, current=current, one_kind_per_mentor=False) == ()
        assert against(sol, mara, CAREER, current=current, one_kind_per_mentor=False) == (
            Rule.HELD,
            Rule.ALREADY_PAIRED,
        )

    def test_leave_a_kind_alone_that_another_mentor_holds(self):
        current = frozenset({(SOL, make.person(8), CAREER)})
        rules = against(make.mentee(1, CAREER), make.mentor(9, CAREER), CAREER, current=current)

        assert rules == (Rule.HELD,)

    def test_make_nobody_their_own_mentor(self):
        rhea = make.mentee(9, CAREER, stage=Stage.PGY2)

        assert against(rhea, make.mentor(9, CAREER), CAREER) == (Rule.ONESELF,)

    def test_name_a_kind_outside_the_run(self):
        rules = against(
            make.mentee(1, CAREER), make.mentor(9, CAREER), CAREER, kinds=(Kind.WELLNESS,)
        )

        assert rules == (Rule.NOT_IN_RUN,)

    @pytest.mark.parametrize(
        ("stage", "rules"),
        [(Stage.M3, ()), (Stage.M1, (Rule.NOT_THEIR_STAGE,)), (None, (Rule.NOT_THEIR_STAGE,))],
        ids=["one of theirs", "another", "not stated"],
    )
    def test_keep_to_the_stages_that_a_mentor_takes_on(self, stage, rules):
        mara = make.mentor(9, CAREER, stages=frozenset({Stage.M3, Stage.M4}))

        assert against(make.mentee(1, CAREER, stage=stage), mara, CAREER) == rules

    @pytest.mark.parametrize(
        ("school", "places", "rules"),
        [
            ("lakeshore", 0, ()),
            ("Cedar Valley", 0, (Rule.FROM_OUTSIDE,)),
            ("", 0, (Rule.FROM_OUTSIDE,)),
            ("Cedar Valley", 1, ()),
            ("Cedar Valley", None, ()),
        ],
    )
    def test_keep_students_of_other_schools_from_a_mentor_without_a_place_for_them(
        self, school, places, rules
    ):
        sol = make.mentee(1, CAREER, school=school)
        mara = make.mentor(9, CAREER, school="Lakeshore", outside_places=places)

        assert against(sol, mara, CAREER) == rules

    def test_keep_a_full_kind_closed_and_leave_the_others_open(self):
        sol, mara = make.mentee(1, CAREER, WELLNESS), make.mentor(9, WELLNESS)
        mara = replace(mara, offers=(Offer(CAREER, places=0), Offer(WELLNESS, places=1)))

        assert against(sol, mara, CAREER) == (Rule.KIND_FULL,)
        assert against(sol, mara, WELLNESS) == ()

    @pytest.mark.parametrize(
        ("ours", "theirs", "rules"),
        [
            ({10}, {10}, ()),
            ({10}, {11}, (Rule.NO_SHARED_TIME,)),
            (set(), {11}, (Rule.NO_SHARED_TIME,)),
            (None, {11}, ()),
            ({10}, None, ()),
        ],
    )
    def test_ask_for_time_to_meet_where_both_state_theirs(self, ours, theirs, rules):
        sol = make.mentee(1, CAREER, free=None if ours is None else frozenset(ours))
        mara = make.mentor(9, CAREER, free=None if theirs is None else frozenset(theirs))

        assert against(sol, mara, CAREER) == rules

    @given(plain.crowded())
    def test_stand_exactly_where_a_plain_reading_says(self, problem):
        fits = score.fits(problem)
        for kind in problem.kinds:
            for mentee in problem.mentees:
                for mentor in problem.mentors:
                    found = fits.against((mentee.id, mentor.id, kind))
                    assert set(found) == plain.against(problem, kind, mentee, mentor)
                    row, column = fits.rows[mentee.id], fits.columns[mentor.id]
                    assert fits.offered(kind)[row, column] == (not found)

    @given(make.problems())
    def test_offer_exactly_what_a_plain_reading_of_the_rules_allows(self, problem):
        fits = score.fits(problem)
        offered = {
            (mentee.id, mentor.id, kind)
            for kind in problem.kinds
            for row, mentee in enumerate(fits.mentees)
            for column, mentor in enumerate(fits.mentors)
            if fits.offered(kind)[row, column]
        }

        assert offered == set(make.possible(problem))

    @pytest.mark.parametrize("rule", Rule)
    def test_each_say_a_sentence(self, rule):
        words = rule.words(WELLNESS, "resident")

        assert words.endswith(".")
        assert "{" not in words


class TestPoints:
    @given(plain.crowded())
    def test_are_the_sum_of_their_reasons_and_never_leave_their_scale(self, problem):
        fits = score.fits(problem)
        for kind in problem.kinds:
            for row, mentee in enumerate(fits.mentees):
                for column, mentor in enumerate(fits.mentors):
                    fit = fits.fit((mentee.id, mentor.id, kind))
                    assert sum(reason.points for reason in fit.reasons) == fit.points
                    assert fit.points == int(fits.points[kind][row, column])
                    assert all(0 <= reason.points <= reason.of for reason in fit.reasons)
                    assert all(reason.words for reason in fit.reasons)
                    shown = {reason.factor: reason.of for reason in fit.reasons}
                    assert shown.items() == fits.weights[kind].items() - {
                        (Factor.AFFINITY, fits.weights[kind].get(Factor.AFFINITY))
                    }

    @given(plain.crowded())
    def test_are_worth_exactly_what_plain_sums_say(self, problem):
        fits = score.fits(problem)
        for kind in problem.kinds:
            for mentee in fits.mentees:
                for mentor in fits.mentors:
                    fit = fits.fit((mentee.id, mentor.id, kind))
                    assert fit.worth == plain.worth(problem, fits.weights, kind, mentee, mentor)
                    assert 0 <= fit.worth <= SCALE
                    shown = fit.worth - fit.unshown
                    assert abs(fit.points * score.POINT - shown) <= score.POINT // 2
                    for reason in fit.reasons:
                        assert abs(reason.points * score.POINT - reason.worth) < score.POINT
                        assert reason.worth <= reason.of * score.POINT

    @given(plain.crowded())
    def test_of_many_are_those_of_each(self, problem):
        fits = score.fits(problem)
        triples = [
            (mentee.id, mentor.id, kind)
            for mentor in problem.mentors
            for kind in problem.kinds
            for mentee in problem.mentees
        ]

        assert list(fits.fits(triples)) == [fits.fit(triple) for triple in triples]

    @given(problem=make.problems(), data=st.data())
    def test_do_not_depend_on_the_order_of_people(self, problem, data):
        mixed = replace(
            problem,
            mentees=tuple(data.draw(st.permutations(problem.mentees))),
            mentors=tuple(data.draw(st.permutations(problem.mentors))),
        )
        one, other = score.fits(problem), score.fits(mixed)

        assert all((one.points[kind] == other.points[kind]).all() for kind in problem.kinds)

    @pytest.mark.parametrize(
        ("points", "word"),
        [
            (100, "strong"),
            (70, "strong"),
            (69, "good"),
            (50, "good"),
            (49, "possible"),
            (20, "possible"),
            (19, "stretch"),
            (0, "stretch"),
        ],
    )
    def test_have_a_word(self, points, word):
        assert strength(points) == word


class TestInterests:
    def test_count_more_the_rarer_they_are(self):
        crowd = [make.mentee(n, CAREER, interests=frozenset({"ems"})) for n in (3, 4, 5)]
        common = fit_of(
            make.mentee(1, CAREER, interests=frozenset({"ems"})),
            make.mentor(9, CAREER, interests=frozenset({"ems"})),
            CAREER,
            *crowd,
        )
        rare = fit_of(
            make.mentee(1, CAREER, interests=frozenset({"toxicology"})),
            make.mentor(9, CAREER, interests=frozenset({"toxicology"})),
            CAREER,
            *crowd,
        )

        assert reason(rare, "interests").points > reason(common, "interests").points

    def test_are_named_in_the_third_person(self):
        named = frozenset({"toxicology", "simulation"})
        fit = fit_of(
            make.mentee(1, CAREER, interests=named | {"ems"}),
            make.mentor(9, CAREER, interests=named),
            CAREER,
        )

        assert reason(fit, "interests").words == "Both named simulation and toxicology"

    def test_are_neither_for_nor_against_where_one_side_is_silent(self):
        fit = fit_of(
            make.mentee(1, CAREER, interests=frozenset({"ems"})), make.mentor(9, CAREER), CAREER
        )

        found = reason(fit, "interests")
        assert found.worth == 0
        assert "neither for nor against" in found.words


class TestTopics:
    def test_name_the_rarest_one_they_share(self):
        crowd = [make.mentee(n, CAREER, interests=frozenset({"ems"})) for n in (3, 4)]
        sol = make.mentee(1, CONTENT, topics=("ems", "toxicology"))
        fit = fit_of(sol, make.mentor(9, CONTENT, topics=("ems", "toxicology")), CONTENT, *crowd)

        assert fit.topic == "toxicology"
        assert reason(fit, "topics").words == (
            "Asked for EMS and toxicology, which this mentor offers"
        )

    def test_count_more_when_asked_for_than_when_only_an_interest(self):
        mara = make.mentor(9, CONTENT, topics=("ems",))
        asked = fit_of(make.mentee(1, CONTENT, topics=("ems",)), mara, CONTENT)
        liked = fit_of(make.mentee(1, CONTENT, interests=frozenset({"ems"})), mara, CONTENT)

        assert reason(asked, "topics").points > reason(liked, "topics").points
        assert reason(liked, "topics").words == "Offers EMS, one of the student's interests"

    def test_belong_to_content_mentoring_only(self):
        sol = make.mentee(1, CAREER, interests=frozenset({"ems"}))
        fit = fit_of(sol, make.mentor(9, CAREER, interests=frozenset({"ems"})), CAREER)

        assert fit.topic is None
        assert "topics" not in [reason.factor for reason in fit.reasons]


class TestStage:
    @pytest.mark.parametrize("kind", [WELLNESS, APPLICATION])
    def test_favors_a_near_peer_for_candid_talk_and_applications(self, kind):
        sol = make.mentee(1, kind, stage=Stage.M4)
        near = make.mentor(9, kind, stage=Stage.PGY2, standing=Standing.RESIDENT)
        far = make.mentor(9, kind, stage=Stage.ATTENDING)

        near_fit, far_fit = fit_of(sol, near, kind), fit_of(sol, far, kind)
        assert reason(near_fit, "stage").points > reason(far_fit, "stage").points
        assert reason(near_fit, "stage").words == "A PGY-2 and an M4, close in training"

    def test_favors_breadth_for_a_career(self):
        sol = make.mentee(1, CAREER, stage=Stage.M4)
        near = make.mentor(9, CAREER, stage=Stage.PGY1, standing=Standing.RESIDENT)
        far = make.mentor(9, CAREER)

        near_fit, far_fit = fit_of(sol, near, CAREER), fit_of(sol, far, CAREER)
        assert reason(far_fit, "stage").points > reason(near_fit, "stage").points
        assert reason(far_fit, "stage").words == "An attending and an M4, with a long view"

    @pytest.mark.parametrize("kind", Kind)
    @pytest.mark.parametrize("stage", Stage)
    def test_reads_as_a_phrase_for_everyone(self, kind, stage):
        fit = fit_of(make.mentee(1, kind, stage=stage), make.mentor(9, kind, stage=stage), kind)

        words = reason(fit, "stage").words
        assert words.startswith(("A ", "An "))
        assert words.endswith(", at the same stage")


class TestTime:
    @given(
        ours=st.frozensets(st.integers(0, 20)),
        theirs=st.frozensets(st.integers(0, 20)),
        more=st.frozensets(st.integers(0, 20)),
    )
    def test_never_rewards_stating_fewer_free_hours(self, ours, theirs, more):
        mara = make.mentor(9, CAREER, free=theirs)
        few = fit_of(make.mentee(1, CAREER, free=ours), mara, CAREER)
        many = fit_of(make.mentee(1, CAREER, free=ours | more), mara, CAREER)

        assert reason(few, "time").points <= reason(many, "time").points

    @pytest.mark.parametrize("silent", ["mentee", "mentor"])
    def test_is_neither_for_nor_against_where_one_side_is_silent(self, silent):
        hours = frozenset({10, 11})
        fit = fit_of(
            make.mentee(1, WELLNESS, free=None if silent == "mentee" else hours),
            make.mentor(9, WELLNESS, free=None if silent == "mentor" else hours),
            WELLNESS,
        )

        found = reason(fit, "time")
        assert found.worth == 0
        assert "neither for nor against" in found.words

    @pytest.mark.parametrize(
        ("theirs", "words"),
        [
            ({50}, "No shared free time"),
            ({10}, "Half a shared free hour a week"),
            ({10, 11}, "1 shared free hour a week"),
            ({10, 11, 12}, "1.5 shared free hours a week"),
        ],
    )
    def test_says_how_many_hours_they_share(self, theirs, words):
        sol = make.mentee(1, CAREER, free=frozenset({10, 11, 12}))
        fit = fit_of(sol, make.mentor(9, CAREER, free=frozenset(theirs)), CAREER)

        assert reason(fit, "time").words == words


class TestRoom:
    def test_favors_the_mentor_with_more_of_it(self):
        sol = make.mentee(1, CAREER)
        roomy = fit_of(sol, make.mentor(9, CAREER, places=3, load=0), CAREER)
        tight = fit_of(sol, make.mentor(9, CAREER, places=1, load=2), CAREER)

        assert reason(roomy, "room").points > reason(tight, "room").points
        assert reason(tight, "room").words == "1 of 3 places open"


class TestCautions:
    def test_ask_who_grades_where_wellness_stays_at_the_own_school(self):
        sol = make.mentee(1, WELLNESS, school="Lakeshore")
        home = fit_of(sol, make.mentor(9, WELLNESS, institution="lakeshore"), WELLNESS)
        away = fit_of(sol, make.mentor(9, WELLNESS, institution="Cedar Valley"), WELLNESS)

        assert home.cautions == ("Faculty at the student's own school, so check who grades",)
        assert away.cautions == ()
        assert home.points == away.points


class TestProblem:
    @pytest.mark.parametrize(
        "people",
        [
            {"mentees": (make.mentee(1), make.mentee(1)), "mentors": ()},
            {"mentees": (), "mentors": (make.mentor(9), make.mentor(9))},
            {"mentees": (), "mentors": (), "kinds": (CAREER, CAREER)},
            {"mentees": (make.mentee(1, free=frozenset({336})),), "mentors": ()},
        ],
        ids=["mentee twice", "mentor twice", "kind twice", "no half hour of the week"],
    )
    def test_refuses_what_would_be_ambiguous(self, people):
        with pytest.raises(ValueError, match=r"listed twice|outside the week"):
            Problem(**people)

    def test_knows_no_strangers(self):
        fits = score.fits(make.run([make.mentee(1, CAREER)], [make.mentor(9, CAREER)]))

        with pytest.raises(KeyError):
            fits.fit((UUID(int=77), MARA, CAREER))
