"""What speaks for two people: weights, neutral marks, and that stating more never costs a point."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mentorship.matching.engine import score, shapes, weights
from mentorship.matching.engine.fit import Factor, Fit, Mentee, Mentor, Reason
from mentorship.matching.engine.settings import Settings
from mentorship.matching.engine.weights import WEIGHTS
from mentorship.vocabulary.kinds import Kind
from mentorship.vocabulary.stages import Stage, Standing
from tests.matching.engine import plain
from tests.matching.engine import problems as make

CAREER, CONTENT, APPLICATION, WELLNESS = Kind
SOL, MARA = make.person(1), make.person(9)


def fit_of(sol: Mentee, mara: Mentor, kind: Kind = CAREER, **stated) -> Fit:
    return score.fits(make.run([sol], [mara], **stated)).fit((sol.id, mara.id, kind))


def reason(fit: Fit, factor: Factor) -> Reason:
    return next(reason for reason in fit.reasons if reason.factor == factor)


def both(kind: Kind = CAREER, *, mentor=None, mentee=None, **stated) -> Fit:
    """The fit of two who state the same, and what only one of them states."""
    sol = make.mentee(1, kind, **stated | (mentee or {}))
    return fit_of(sol, make.mentor(9, kind, **stated | (mentor or {})), kind)


class TestWeights:
    @pytest.mark.parametrize("kind", Kind)
    def test_are_whole_percents_that_sum_to_a_hundred(self, kind):
        assert sum(WEIGHTS[kind].values()) == 100
        assert all(percent > 0 for percent in WEIGHTS[kind].values())
        assert WEIGHTS[kind][Factor.WISHED] <= weights.MOST_FOR_WISHED
        assert (Factor.TOPICS in WEIGHTS[kind]) == (kind is CONTENT)

    @given(st.frozensets(st.sampled_from(Factor)))
    def test_of_what_nobody_was_asked_about_go_to_the_rest_in_proportion(self, asked):
        for kind, shared in weights.weights({}, asked).items():
            kept = [factor for factor in WEIGHTS[kind] if factor in asked]
            assert set(shared) == set(kept)
            assert sum(shared.values()) == (100 if kept else 0)
            exact = {
                one: WEIGHTS[kind][one] * 100 / sum(map(WEIGHTS[kind].get, kept)) for one in kept
            }
            small = exact.get(Factor.WISHED, 0) <= weights.MOST_FOR_WISHED
            for one in kept if small else ():
                assert abs(shared[one] - exact[one]) < 1

    def test_of_a_chapter_replace_those_of_their_kind_alone(self):
        table = {"stage": 60, "room": 40}
        fits = score.fits(make.run([], []), Settings(weights={CAREER: table}))

        assert fits.weights[CAREER] == table
        assert fits.weights[WELLNESS] == WEIGHTS[WELLNESS]

    def test_of_mentors_wishes_stay_small_whatever_nobody_was_asked(self):
        kept = {Factor.STAGE, Factor.ROOM, Factor.WISHED}
        chosen = {CAREER: {"goals": 90, "stage": 4, "room": 1, "wished": 5}}

        found = weights.weights(chosen, kept)

        assert found[CAREER] == {Factor.STAGE: 76, Factor.ROOM: 19, Factor.WISHED: 5}
        assert all(table[Factor.WISHED] <= 5 for table in found.values())
        assert all(sum(table.values()) == 100 for table in found.values())

    @pytest.mark.parametrize(
        ("kind", "table", "says"),
        [
            (CAREER, {"stage": 99}, "sum to 99"),
            (CAREER, {"stage": 101, "room": -1}, "whole percents"),
            (CAREER, {"stage": 50.0, "room": 50}, "whole percents"),
            (CAREER, {"stage": 50, "grades": 50}, "no factor grades"),
            (CAREER, {"topics": 100}, "content mentoring only"),
            (CONTENT, {"wished": 6, "stage": 94}, "5 percent at most"),
        ],
    )
    def test_that_are_none_are_refused(self, kind, table, says):
        with pytest.raises(ValueError, match=says):
            score.fits(make.run([], []), Settings(weights={kind: table}))


@pytest.mark.parametrize("silent", ["mentee", "mentor", "both"])
@pytest.mark.parametrize(
    ("factor", "stated", "nothing"),
    [
        (Factor.INTERESTS, {"interests": frozenset({"ems"})}, frozenset()),
        (Factor.GOALS, {"goals": frozenset({"research"})}, frozenset()),
        (Factor.SETTING, {"settings": frozenset({"rural"})}, frozenset()),
        (Factor.REGION, {"region": "Midwest"}, ""),
        (Factor.PATH, {"path": "DO"}, ""),
        (Factor.LANGUAGES, {"languages": frozenset({"spanish"})}, frozenset()),
        (Factor.TIME, {"free": frozenset(range(8))}, None),
        (Factor.STAGE, {"stage": Stage.M3}, None),
    ],
    ids=lambda of: of.value if isinstance(of, Factor) else "",
)
def test_what_is_not_stated_by_both_is_neither_for_nor_against(factor, stated, nothing, silent):
    unsaid = dict.fromkeys(stated, nothing)
    fit = fit_of(
        make.mentee(1, CAREER, **(stated if silent == "mentor" else unsaid)),
        make.mentor(
            # Of these alone the standing tells no stage.
            *(9, CAREER),
            standing=Standing.PROFESSIONAL,
            **(stated if silent == "mentee" else unsaid),
        ),
    )

    found = reason(fit, factor)
    assert found.worth == 0
    assert found.words.endswith("neither for nor against")
    assert found.points == 0


class TestMarks:
    @pytest.mark.parametrize(
        ("factor", "stated", "words"),
        [
            (Factor.SETTING, {"settings": frozenset({"rural", "VA"})}, "hopes to: VA and rural"),
            (Factor.REGION, {"region": "Midwest"}, "Both in Midwest"),
            (Factor.PATH, {"path": "DO"}, "The same training path: DO"),
            (Factor.LANGUAGES, {"languages": frozenset({"spanish"})}, "Both speak Spanish"),
            (Factor.TIME, {"free": frozenset(range(8))}, "4 shared free hours a week"),
        ],
        ids=lambda of: of.value if isinstance(of, Factor) else "",
    )
    def test_are_full_for_what_both_have(self, factor, stated, words):
        found = reason(both(**stated), factor)

        assert (found.points, found.worth) == (found.of, found.of * shapes.FULL_MARKS)
        assert found.words.endswith(words)

    @pytest.mark.parametrize(
        ("factor", "name", "ours", "theirs", "words"),
        [
            (Factor.INTERESTS, "interests", {"ems"}, {"airway"}, "No interest in common"),
            (Factor.GOALS, "goals", {"research"}, {"boards"}, "No goal in common"),
            (Factor.SETTING, "settings", {"rural"}, {"VA"}, "Practices elsewhere than where"),
            (Factor.REGION, "region", "South", "West", "In different regions"),
            (Factor.PATH, "path", "DO", "MD", "Different training paths"),
            (Factor.LANGUAGES, "languages", {"urdu"}, {"thai"}, "No further language in common"),
        ],
        ids=lambda of: of.value if isinstance(of, Factor) else "",
    )
    def test_of_what_is_stated_and_not_shared_are_those_of_silence(
        self, factor, name, ours, theirs, words
    ):
        ours, theirs = (one if isinstance(one, str) else frozenset(one) for one in (ours, theirs))
        found = reason(both(mentee={name: ours}, mentor={name: theirs}), factor)

        assert found.worth == 0
        assert found.words.startswith(words)

    def test_grow_with_the_goals_that_a_mentor_can_help_with(self):
        mara = make.mentor(9, CAREER, goals=frozenset({"research", "boards", "cv"}))
        marks = [
            reason(fit_of(make.mentee(1, CAREER, goals=frozenset(goals)), mara), Factor.GOALS)
            for goals in (["cv"], ["cv", "boards"], ["cv", "boards", "research"])
        ]

        assert [found.worth // found.of for found in marks] == [6_400, 10_000, 10_000]
        assert marks[1].words == "Can help with boards and cv"

    @pytest.mark.parametrize("side", ["mentee", "mentor"])
    def test_fall_with_the_rank_of_a_wish_and_not_below_silence(self, side):
        wishes = [make.person(number) for number in range(20, 26)]
        factor = Factor.WISH if side == "mentee" else Factor.WISHED
        whom = MARA if side == "mentee" else SOL
        found = []
        for rank in range(7):
            wished = {"wishes": (*wishes[:rank], whom) if rank < 6 else ()}
            found.append(reason(both(**{side: wished}), factor))

        marks = [one.worth // one.of for one in found]
        assert marks == [10_000, 8_000, 6_000, 4_000, 2_000, 2_000, 0]
        assert found[0].words.endswith("first wish")
        assert "neither for nor against" in found[6].words

    def test_remember_who_worked_together(self):
        sol, mara = make.mentee(1, CAREER), make.mentor(9, CAREER)
        known = fit_of(sol, mara, past=frozenset({(SOL, MARA)}))

        assert reason(known, Factor.PAST).points == reason(known, Factor.PAST).of
        assert reason(known, Factor.PAST).words == "Have worked together well before"
        assert reason(fit_of(sol, mara), Factor.PAST).words == "Have not worked together before"

    @pytest.mark.parametrize("free", [frozenset({5}), frozenset({5, 6, 7}), frozenset(range(90))])
    def test_of_time_count_what_is_shared_and_not_how_little_is_stated(self, free):
        one = both(mentee={"free": frozenset({5})}, mentor={"free": free})

        assert reason(one, Factor.TIME).worth == reason(one, Factor.TIME).of * 1_250


class TestAffinity:
    def test_adds_where_both_opted_in_and_is_shown_to_nobody(self):
        opted = {"affinity": frozenset({"first-gen"})}
        shared, one_sided, silent = both(**opted), both(mentor=opted), both()

        assert shared.worth > one_sided.worth == silent.worth
        assert shared.reasons == silent.reasons
        assert shared.points == silent.points
        assert not any(one.factor == Factor.AFFINITY for one in shared.reasons)

    def test_never_takes_away(self):
        theirs = {"affinity": frozenset({"first-gen"})}
        other = both(mentee={"affinity": frozenset({"military"})}, mentor=theirs)

        assert other.worth == both().worth


_MORE = {
    "interests": st.frozensets(st.sampled_from([*make.SLUGS, "airway"])),
    "goals": st.frozensets(st.sampled_from(make.SLUGS)),
    "settings": st.frozensets(st.sampled_from(make.SLUGS)),
    "languages": st.frozensets(st.sampled_from(make.SLUGS)),
    "affinity": st.frozensets(st.sampled_from(make.SLUGS)),
    "free": st.frozensets(st.sampled_from([0, 1, 63, 200, 335])),
    "region": st.sampled_from(["Midwest", "South"]),
    "path": st.sampled_from(["MD", "DO"]),
    "stage": st.sampled_from(Stage),
    "wishes": st.sampled_from([make.person(number) for number in range(1, 9)]),
}


def stating_more(person, name: str, more):
    """The same person, with this beside what they stated already."""
    said = getattr(person, name)
    if isinstance(more, frozenset):
        return replace(person, **{name: (said or frozenset()) | more})
    if name == "wishes":
        return person if more in said else replace(person, wishes=(*said, more))
    return person if said else replace(person, **{name: more})


class TestStatingMore:
    @given(data=st.data(), problem=plain.crowded(), name=st.sampled_from(sorted(_MORE)))
    def test_never_costs_a_mentee_or_a_mentor_anything(self, data, problem, name):
        sides = [side for side in ("mentees", "mentors") if getattr(problem, side)]
        if not sides:
            return
        side = data.draw(st.sampled_from(sides))
        people = getattr(problem, side)
        which = data.draw(st.integers(0, len(people) - 1))
        # A stage that was a guess from their standing is no statement of theirs.
        if side == "mentors" and name == "stage":
            return
        told = stating_more(people[which], name, data.draw(_MORE[name]))
        after = replace(problem, **{side: (*people[:which], told, *people[which + 1 :])})
        before_fits, after_fits = score.fits(problem), score.fits(after)

        for kind in problem.kinds:
            for mentee in problem.mentees:
                for mentor in problem.mentors:
                    if told.id in (mentee.id, mentor.id):
                        pair = (mentee.id, mentor.id, kind)
                        assert after_fits.fit(pair).worth >= before_fits.fit(pair).worth

    def test_beats_stating_nothing_only_where_it_is_shared(self):
        silent = both(mentor={"interests": frozenset({"ems"})})
        unshared = both(
            mentee={"interests": frozenset({"airway"})}, mentor={"interests": frozenset({"ems"})}
        )
        shared = both(interests=frozenset({"ems"}))

        assert silent.worth == unshared.worth < shared.worth


class TestSharedOut:
    @given(st.lists(st.integers(0, 50), max_size=8), st.integers(0, 200))
    def test_adds_up_and_is_never_a_whole_away(self, parts, whole):
        shares = weights.shared_out(parts, whole)

        assert sum(shares) == (whole if sum(parts) else 0)
        for part, share in zip(parts, shares, strict=True):
            assert abs(share - part * whole / max(1, sum(parts))) < 1
