"""What people answer in their profiles decides who is paired, each answer by itself."""

from datetime import time

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from sqlalchemy import select

from mentorship.foundation import scope
from mentorship.foundation.database import db
from mentorship.matching import forms, problems, queries, told
from mentorship.matching.engine.fit import Factor
from mentorship.matching.engine.weights import shared_out
from mentorship.matching.models import LeftOut, Proposal
from mentorship.matching.preferences import Preferences
from mentorship.profiles import affinities, profiles, wishes
from mentorship.profiles.wishes import Wished
from mentorship.relationships.models import PairingState
from mentorship.vocabulary.kinds import Kind
from mentorship.vocabulary.stages import Stage
from tests import make

CAREER, CONTENT, APPLICATION, WELLNESS = Kind
ONE = {CAREER: ()}
#: What both say of the same thing, by what decides.
ANSWERS = {
    "goals": ({"goals": ("interviews",)}, {"goals": ("interviews", "letters")}),
    "region": ({"region": "mountain"}, {"region": "mountain"}),
    "path": ({"path": "do"}, {"path": "do"}),
    "languages": ({"languages": ("spanish", "asl")}, {"languages": ("spanish",)}),
}


def read(who, now, *kinds):
    with scope.chapter(who.chapter_id):
        return problems.of_run(who.id, [kind.value for kind in kinds or Kind], now=now)


@pytest.fixture
def twins(lakeside):
    """Eight mentors for one student, alike in everything."""
    return [make.mentor(lakeside, offers=ONE, places=1) for _ in range(8)]


@pytest.fixture
def student(lakeside):
    return make.student(lakeside, wants=ONE)


@pytest.fixture
def paired(draft, inside, cora):
    """Work a run out: who is paired with whom, and why."""

    def paired():
        run_id = draft(cora, CAREER)
        with inside(cora):
            found = select(Proposal).where(Proposal.run_id == run_id)
            return {one.mentee_id: one for one in db.session.scalars(found)}

    return paired


class TestEachAnswer:
    @pytest.mark.parametrize("chosen", [0, 5])
    @pytest.mark.parametrize("what", ANSWERS)
    def test_decides_between_mentors_alike(self, inside, twins, student, paired, now, what, chosen):
        of_mentee, of_mentor = ANSWERS[what]
        with inside(student):
            profiles.change_mentee(by=student, now=now, details=of_mentee)
            profiles.change_mentor(by=twins[chosen], now=now, details=of_mentor)

        pair = paired()[student.id]

        assert pair.mentor_id == twins[chosen].id
        assert any(reason["factor"] == what for reason in pair.reasons)

    @pytest.mark.parametrize("chosen", [0, 5])
    def test_where_they_practice_does(self, inside, twins, student, paired, now, chosen):
        with inside(student):
            profiles.change_mentee(by=student, now=now, details={"settings": ("rural",)})
            profiles.change_mentor(by=twins[chosen], now=now, facets=("rural",))

        assert paired()[student.id].mentor_id == twins[chosen].id

    @pytest.mark.parametrize("chosen", [0, 5])
    def test_a_wish_does_and_the_first_before_the_second(
        self, inside, twins, student, paired, now, chosen
    ):
        with inside(student):
            wishes.save([twins[chosen].id, twins[3].id], by=student, now=now)

        assert paired()[student.id].mentor_id == twins[chosen].id

    @pytest.mark.parametrize("chosen", [0, 5])
    def test_a_mentor_s_wish_does_and_no_student_is_told(
        self, inside, twins, student, paired, now, chosen
    ):
        with inside(student):
            wishes.save([student.id], by=twins[chosen], now=now, whom=Wished.STUDENTS)

        pair = paired()[student.id]

        assert pair.mentor_id == twins[chosen].id
        assert "The mentor's first wish" in str(pair.reasons)
        for mentoring in (True, False):
            assert "wish" not in str(told.why(pair.reasons, mentoring=mentoring))

    def test_the_student_s_wish_comes_before_the_mentor_s(
        self, inside, twins, student, paired, now
    ):
        with inside(student):
            wishes.save([twins[2].id], by=student, now=now)
            for twin in (twins[0], twins[6]):
                wishes.save([student.id], by=twin, now=now, whom=Wished.STUDENTS)

        assert paired()[student.id].mentor_id == twins[2].id

    @pytest.mark.parametrize("chosen", [0, 5])
    def test_a_group_does_and_no_reason_tells(self, inside, twins, student, paired, now, chosen):
        with inside(student):
            for who in (student, twins[chosen]):
                affinities.save(["first-gen"], agreed=True, by=who, now=now)

        pair = paired()[student.id]

        assert pair.mentor_id == twins[chosen].id
        assert "affinity" not in str(pair.reasons)
        for mentoring in (True, False):
            assert "group" not in str(told.why(pair.reasons, mentoring=mentoring))

    @pytest.mark.parametrize("chosen", [0, 5])
    def test_shared_free_time_does(self, inside, twins, student, paired, now, chosen):
        for number, twin in enumerate(twins):
            # All of them share an hour with the student, and one of them four.
            make.offer_hours(twin, [(0, time(8), time(12 if number == chosen else 9))])
        with inside(student):
            profiles.change_mentee(by=student, now=now, details={"free": (0,)})

        assert paired()[student.id].mentor_id == twins[chosen].id

    def test_time_that_is_never_shared_keeps_two_apart(
        self, inside, lakeside, student, paired, now
    ):
        make.offer_hours(make.mentor(lakeside, offers=ONE), [(2, time(13), time(17))])
        with inside(student):
            profiles.change_mentee(by=student, now=now, details={"free": (0,)})

        assert paired() == {}
        with inside(student):
            assert db.session.scalars(select(LeftOut.mentee_id)).all() == [student.id]


class TestLimits:
    def test_of_stage_and_school_keep_a_run_from_others(self, inside, lakeside, paired, cora, now):
        mentor = make.mentor(lakeside, offers=ONE, places=9)
        for stage in (Stage.M1, Stage.M3, Stage.M4):
            make.student(lakeside, stage=stage, wants=ONE)
        away = make.student(lakeside, stage=Stage.M4, wants=ONE)
        with inside(cora):
            profiles.change_mentee(by=away, now=now, school="Far College")
            limits = {"stages": (Stage.M3, Stage.M4), "only_school": lakeside.school.upper()}
            profiles.change_mentor(by=mentor, now=now, details=limits)

        pairs = paired()
        taken = {one.stage for one in read(cora, now).mentees if one.id in pairs}

        assert taken == {Stage.M3, Stage.M4}

    def test_of_other_schools_are_a_number_that_counts_who_is_there_already(
        self, inside, lakeside, paired, cora, now
    ):
        mentor = make.mentor(lakeside, offers=ONE, places=9)
        here = make.student(lakeside, wants=ONE)
        away = [make.student(lakeside, wants=ONE) for _ in range(4)]
        make.pairing(mentor, away[0], WELLNESS, state=PairingState.ACTIVE)
        with inside(cora):
            for one in away:
                profiles.change_mentee(by=one, now=now, school="Far College")
            limits = {"only_school": lakeside.school, "outside_places": 3}
            profiles.change_mentor(by=mentor, now=now, details=limits)

        taken = set(paired()) - {away[0].id}

        assert here.id in taken
        assert len(taken & {one.id for one in away[1:]}) == 2

    def test_of_a_kind_count_who_is_there_already(self, inside, lakeside, mara, cora, now):
        make.pairing(mara, make.student(lakeside), CAREER)
        make.pairing(mara, make.student(lakeside), WELLNESS, state=PairingState.ACTIVE)
        with inside(mara):
            limits = {"places": {CAREER: 3, WELLNESS: 0}}
            profiles.change_mentor(by=mara, now=now, details=limits)

        [mentor] = read(cora, now).mentors

        assert {offer.kind: offer.places for offer in mentor.offers} == {
            **{CAREER: 2, CONTENT: None},
            **{APPLICATION: None, WELLNESS: 0},
        }

    def test_of_a_kind_hold_in_a_run(self, inside, lakeside, paired, cora, now):
        mentor = make.mentor(lakeside, offers=ONE, places=9)
        for _ in range(3):
            make.student(lakeside, wants=ONE)
        with inside(cora):
            profiles.change_mentor(by=mentor, now=now, details={"places": {CAREER: 2}})

        assert len(paired()) == 2


class TestReading:
    def test_hands_the_engine_words_that_its_sentences_can_use(
        self, inside, mara, sol, paired, cora, now
    ):
        details = {**ANSWERS["goals"][0], **ANSWERS["languages"][0], "region": "mountain"}
        with inside(cora):
            profiles.change_mentee(by=sol, now=now, details=details)
            profiles.change_mentor(by=mara, now=now, details=details)

        words = [reason["words"] for reason in paired()[sol.id].reasons]

        assert "Can help with interviews" in words
        assert "Both speak American Sign Language and Spanish" in words
        assert "Both in the Mountain West" in words

    def test_counts_a_student_s_free_time_on_their_own_clock(self, inside, lakeside, cora, now):
        rio = make.student(lakeside, zone="America/New_York")
        with inside(rio):
            profiles.change_mentee(by=rio, now=now, details={"free": (0,)})

        [mentee] = read(cora, now).mentees

        # Monday from eight to noon in New York, in winter, is 13:00 to 17:00 UTC.
        assert mentee.free == frozenset(range(26, 34))

    @pytest.mark.parametrize("side", ["mentee", "mentor"])
    def test_a_factor_of_which_only_one_side_speaks_weighs_nothing(
        self, inside, mara, sol, cora, now, side
    ):
        of_mentee, of_mentor = ANSWERS["languages"]
        with inside(cora):
            if side == "mentee":
                profiles.change_mentee(by=sol, now=now, details=of_mentee)
            else:
                profiles.change_mentor(by=mara, now=now, details=of_mentor)
        assert Factor.LANGUAGES not in read(cora, now).factors

    def test_answers_of_another_chapter_are_not_read(self, inside, lakeside, sol, cora, now):
        elsewhere = make.chapter("harborside")
        theirs = make.student(elsewhere, email=sol.email)
        bo = make.mentor(elsewhere)
        with inside(theirs):
            profiles.change_mentee(by=theirs, now=now, details=ANSWERS["languages"][0])
            wishes.save([bo.id], by=theirs, now=now)
            affinities.save(["urim"], agreed=True, by=theirs, now=now)
            wishes.save([theirs.id], by=bo, now=now, whom=Wished.STUDENTS)

        assert Factor.WISHED not in read(cora, now).factors
        [mentee] = read(cora, now).mentees

        assert (mentee.id, mentee.languages, mentee.wishes, mentee.affinity) == (
            *(sol.id, frozenset()),
            *((), frozenset()),
        )


class TestGroupsStaySecret:
    """Nothing that a coordinator can do or read tells of a group that two people share."""

    def test_on_every_page_about_people_and_runs(
        self, inside, sign_in, mara, sol, draft, cora, now
    ):
        with inside(sol):
            for who in (mara, sol):
                affinities.save(["veteran"], agreed=True, by=who, now=now)
        run_id = draft(cora)
        with inside(cora):
            assert "affinity" in {one.value for one in read(cora, now).factors}
        of_run = ("", "/settings", "/why-not", "/what-if", "/compare", "/history")
        seen = 0
        for reader in (cora, mara, sol):
            client = sign_in(reader)
            for page in (
                *("", "/people", "/people/export", "/find", f"/mentors/{mara.id}", "/profile"),
                *(f"/runs/{run_id}{part}" for part in of_run),
            ):
                answer = client.get(f"/c/lakeside{page}")
                seen += answer.status_code == 200
                assert "eteran" not in answer.text, (reader.name, page)
        assert seen >= 16

    def test_since_none_can_be_left_out_by_itself(self):
        with_words = {choice.value for choice in forms.WithoutForm.factor.kwargs["choices"]}

        assert Factor.WISH in with_words
        assert Factor.AFFINITY not in with_words

    def test_since_nobody_sets_what_they_weigh(self, sign_in, inside, draft, mara, sol, cora):
        run_id = draft(cora)
        page = f"/c/lakeside/runs/{run_id}/settings"
        client = sign_in(cora)
        assert "ffinity" not in client.get(page).text.replace("Affinity groups are shown", "")
        shares = {
            f"{kind.value}_{factor}": percent
            for kind in Kind
            for factor, percent in Preferences().shares(kind).items()
        }
        sent = shares | {"policy": "best", "most_from_one_institution": "", "keep": 3}

        answer = client.post(page, data=sent | {"career_affinity": 100})

        assert answer.status_code == 303
        with inside(cora):
            assert queries.run(run_id).preferences.weights == {}

    @given(st.data())
    def test_since_they_count_the_less_the_further_the_rest_is_from_the_usual(self, data):
        usual = Preferences().shares(Kind.CAREER)
        parts = data.draw(st.lists(st.integers(0, 100), min_size=len(usual), max_size=len(usual)))
        assume(sum(parts))
        chosen = dict(zip(usual, shared_out(parts, 100), strict=True))
        moved = sum(abs(chosen[factor] - usual[factor]) for factor in usual) / 2

        shares = Preferences(weights={Kind.CAREER: chosen}).engine.weights[Kind.CAREER]

        assert sum(shares.values()) == 100
        assert shares["affinity"] <= 3 * (1 - moved / 50) or shares["affinity"] == 0
        assert (shares["affinity"] == 3) == (chosen == usual)

    def test_since_a_run_from_before_that_let_them_be_weighed_weighs_them_as_usual(self):
        kept = Preferences().kept()
        kept["weights"] = {"career": {"affinity": 0, "interests": 40, "goals": 60}}

        read = Preferences.read(kept)

        assert read.weights == {Kind.CAREER: {"interests": 40, "goals": 60}}
