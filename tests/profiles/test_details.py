"""What helps a matching run: what is kept, what is refused, and who is never told."""

from dataclasses import replace
from datetime import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from mentorship.audit.models import AuditEvent
from mentorship.foundation.database import db
from mentorship.foundation.errors import Refusal
from mentorship.profiles import affinities, details, profiles, queries, wishes
from mentorship.profiles.details import MenteeDetails, MentorDetails, PartOfDay
from mentorship.profiles.models import MOST_WISHES, Affinity, MentorWish
from mentorship.profiles.wishes import Wished
from mentorship.relationships import conflicts
from mentorship.tenancy.roles import Role
from mentorship.vocabulary import backgrounds
from mentorship.vocabulary.kinds import Kind
from mentorship.vocabulary.stages import Stage
from tests import make

STUDENTS = Wished.STUDENTS
HOPES = MenteeDetails(
    goals=("interviews", "letters"),
    settings=("community", "rural"),
    region="mountain",
    path="do",
    languages=("spanish",),
    free=(0, 7, 20),
)
KNOWN = MentorDetails(
    goals=("interviews",),
    region="mountain",
    path="do",
    languages=("spanish", "asl"),
    stages=(Stage.M3, Stage.M4),
    only_school="Lakeside College",
    outside_places=2,
    places={Kind.CAREER: 1, Kind.WELLNESS: 0},
)
GOALS, LANGUAGES = list(backgrounds.goals()), list(backgrounds.languages())


def fields(of):
    return {name: getattr(of, name) for name in of.__dataclass_fields__}


class TestMentee:
    def test_is_kept_as_it_was_said(self, inside, sol, now):
        with inside(sol):
            profiles.change_mentee(by=sol, now=now, details=fields(HOPES))

            assert queries.my_mentee_profile(sol).details == HOPES

    @pytest.mark.parametrize("name", MenteeDetails.__dataclass_fields__)
    def test_one_of_it_is_changed_without_the_rest(self, inside, sol, now, name):
        empty = getattr(MenteeDetails(), name)
        with inside(sol):
            profiles.change_mentee(by=sol, now=now, details=fields(HOPES))
            profiles.change_mentee(by=sol, now=now, details={name: empty})

            assert queries.my_mentee_profile(sol).details == replace(HOPES, **{name: empty})

    def test_stays_when_other_parts_are_saved(self, inside, sol, now):
        with inside(sol):
            profiles.change_mentee(by=sol, now=now, details=fields(HOPES))
            profiles.change_mentee(by=sol, now=now, story="Another one.")

            assert queries.my_mentee_profile(sol).details == HOPES

    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"goals": ["fame"]}, "Choose from the list."),
            ({"settings": ["moon"]}, "Choose from the list."),
            ({"region": "atlantis"}, "Choose from the list."),
            ({"path": "self-taught"}, "Choose from the list."),
            ({"languages": ["klingon"]}, "Choose from the list."),
            ({"free": [21]}, "Choose from the list."),
            ({"free": [-1]}, "Choose from the list."),
            ({"goals": GOALS[:7]}, "Choose at most 6 goals, those that matter most."),
            ({"languages": LANGUAGES[:7]}, "Choose at most 6 languages, those that matter most."),
        ],
        ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
    )
    def test_refuses_what_there_is_not_and_keeps_nothing(self, inside, sol, now, changes, words):
        with inside(sol):
            with pytest.raises(Refusal, match=words):
                profiles.change_mentee(by=sol, now=now, details=changes)

            assert queries.my_mentee_profile(sol).details == MenteeDetails()

    def test_takes_as_many_as_there_may_be(self, inside, sol, now):
        most = {"goals": tuple(GOALS[:6]), "languages": tuple(LANGUAGES[:6])}
        with inside(sol):
            profiles.change_mentee(by=sol, now=now, details=most | {"free": tuple(range(21))})

            assert len(queries.my_mentee_profile(sol).details.free) == 21


class TestMentor:
    def test_is_kept_as_it_was_said(self, inside, mara, now):
        with inside(mara):
            profiles.change_mentor(by=mara, now=now, details=fields(KNOWN))

            assert queries.my_mentor_profile(mara).details == KNOWN

    @pytest.mark.parametrize(
        "changes",
        [
            {"stages": [Stage.ATTENDING]},
            {"only_school": "x" * 121},
            {"only_school": "Lakeside College", "outside_places": -1},
            {"only_school": "Lakeside College", "outside_places": 51},
            {"only_school": " ", "outside_places": 1},
            {"places": {Kind.CAREER: -1}},
            {"places": {Kind.CAREER: 51}},
            {"goals": ["fame"]},
        ],
        ids=[
            *("stage", "school", "fewer than none", "too many elsewhere", "elsewhere of nowhere"),
            *("too few", "too many", "goal"),
        ],
    )
    def test_refuses_what_there_is_not_and_keeps_nothing(self, inside, mara, now, changes):
        with inside(mara):
            with pytest.raises(Refusal):
                profiles.change_mentor(by=mara, now=now, details=changes)

            assert queries.my_mentor_profile(mara).details == MentorDetails()

    def test_a_limit_of_a_kind_goes_with_the_kind_and_stays_with_its_topics(
        self, inside, mara, now
    ):
        limits = {Kind.CAREER: 1, Kind.CONTENT: 2}
        with inside(mara):
            profiles.change_mentor(by=mara, now=now, details={"places": limits})
            profiles.change_mentor(by=mara, now=now, offers={Kind.CONTENT: ("ems",)})

            said = queries.my_mentor_profile(mara)
            assert (said.offers, said.details.places) == (
                {Kind.CONTENT: ("ems",)},
                {Kind.CONTENT: 2},
            )

    def test_a_whole_profile_without_details_leaves_them(self, inside, mara, now):
        with inside(mara):
            profiles.change_mentor(by=mara, now=now, details=fields(KNOWN))
            said = queries.my_mentor_profile(mara)
            said = replace(said, title="Chief of toxicology", details=None)
            profiles.save_mentor(said, member=mara, by=mara, now=now)

            assert queries.my_mentor_profile(mara).details == KNOWN


class TestWeeklyHours:
    def test_are_the_hours_of_the_part_of_that_day(self):
        assert details.weekly_hours([0, 20]) == [
            (0, time(8), time(12)),
            (6, time(17), time(21)),
        ]

    @given(st.integers(0, 6), st.sampled_from(PartOfDay))
    def test_each_part_of_the_week_has_a_number_of_its_own(self, day, part):
        number = part.of_week(day)

        assert 0 <= number <= 20
        assert details.weekly_hours([number]) == [(day, *part.hours)]


class TestInWords:
    def test_says_what_was_said_and_nothing_else(self):
        assert details.hopes_in_words(HOPES) == [
            ("Goals", "Interviews, SLOEs and letters"),
            ("Practice", "Community, Rural"),
            ("Region", "The Mountain West (AZ, CO, ID, MT, NM, NV, UT, WY)"),
            ("Training", "DO"),
            ("Languages", "Spanish"),
        ]
        assert details.free_in_words(replace(HOPES, free=(0, 2, 20))) == [
            ("Monday", "morning and evening"),
            ("Sunday", "evening"),
        ]
        assert details.limits_in_words(KNOWN) == [
            ("Stages", "M3 and M4"),
            ("School", "Students of Lakeside College, and at most 2 of other schools"),
            ("At most", "1 career and 0 wellness"),
        ]
        assert details.limits_in_words(MentorDetails(only_school="Far College")) == [
            ("School", "Only students of Far College")
        ]
        assert details.hopes_in_words(MenteeDetails()) == []
        assert details.limits_in_words(MentorDetails()) == []

    @pytest.mark.parametrize(
        ("slug", "name"),
        [
            ("mountain", "the Mountain West"),
            ("new-england", "New England"),
            ("canada", "Canada"),
            ("elsewhere", "another country"),
            ("territories", "a US territory"),
        ],
    )
    def test_a_region_stands_inside_a_sentence(self, slug, name):
        assert backgrounds.region_name(slug) == name


class TestWishes:
    def test_are_kept_in_their_order_and_replaced(self, inside, lakeside, mara, sol, now):
        bo = make.mentor(lakeside, "Dr. Bo Ek")
        with inside(sol):
            wishes.save([mara.id, bo.id], by=sol, now=now)
            wishes.save([bo.id, mara.id], by=sol, now=now)
            assert list(wishes.mine(sol).items()) == [(bo.id, "Dr. Bo Ek"), (mara.id, mara.name)]
            wishes.save([], by=sol, now=now)
            assert wishes.mine(sol) == {}

    def test_are_at_most_five_and_each_another(self, inside, lakeside, sol, now):
        six = [make.mentor(lakeside).id for _ in range(MOST_WISHES + 1)]
        with inside(sol):
            with pytest.raises(wishes.TooManyWishes):
                wishes.save(six, by=sol, now=now)
            with pytest.raises(wishes.NamedTwice):
                wishes.save([six[0], six[0]], by=sol, now=now)
            wishes.save(six[:5], by=sol, now=now)
            assert len(wishes.mine(sol)) == 5

    def test_are_for_mentors_of_this_chapter_who_are_not_kept_apart(
        self, inside, lakeside, mara, sol, odd, now
    ):
        shy, idle = make.mentor(lakeside), make.mentor(lakeside, offers={})
        stranger = make.mentor(make.chapter("harborside"))
        with inside(shy):
            conflicts.block(other=sol, by=shy, now=now)
        with inside(sol):
            assert list(wishes.candidates(sol)) == [mara.id]
            for nobody in (shy.id, idle.id, stranger.id, odd.id, sol.id):
                with pytest.raises(details.NotListed):
                    wishes.save([nobody], by=sol, now=now)

    def test_a_resident_does_not_wish_for_themselves(self, inside, lakeside, now):
        rhea = make.mentor(lakeside, roles=[Role.STUDENT])
        with inside(rhea):
            assert wishes.candidates(rhea) == {}

    def test_for_somebody_from_whom_one_is_kept_are_not_shown(self, inside, mara, sol, now):
        with inside(sol):
            wishes.save([mara.id], by=sol, now=now)
            conflicts.block(other=mara, by=sol, now=now)
            assert wishes.mine(sol) == {}

    def test_are_nobody_s_but_their_own_in_their_own_chapter(self, inside, mara, sol, odd, now):
        with inside(sol):
            wishes.save([mara.id], by=sol, now=now)
        with inside(odd):
            assert db.session.scalar(select(func.count()).select_from(MentorWish)) == 0


class TestStudentsWishedFor:
    def test_are_kept_in_their_order_beside_the_mentors(self, inside, lakeside, mara, sol, now):
        rhea = make.mentor(lakeside, "Rhea Lind", roles=[Role.STUDENT])
        tess = make.student(lakeside, "Tess Roe")
        with inside(rhea):
            wishes.save([mara.id], by=rhea, now=now)
            wishes.save([sol.id, tess.id], by=rhea, now=now, whom=STUDENTS)
            wishes.save([tess.id, sol.id], by=rhea, now=now, whom=STUDENTS)
            assert {whom: list(them) for whom, them in wishes.of_both(rhea).items()} == {
                Wished.MENTORS: [mara.id],
                Wished.STUDENTS: [tess.id, sol.id],
            }

    def test_are_students_of_this_chapter_who_look_for_a_mentor_and_are_not_kept_apart(
        self, inside, lakeside, mara, sol, cora, now
    ):
        shy, idle = make.student(lakeside), make.student(lakeside, wants={})
        stranger = make.student(make.chapter("harborside"))
        with inside(shy):
            conflicts.block(other=mara, by=shy, now=now)
        with inside(mara):
            assert list(wishes.candidates(mara, STUDENTS)) == [sol.id]
            for nobody in (shy.id, idle.id, stranger.id, cora.id, mara.id):
                with pytest.raises(details.NotListed):
                    wishes.save([nobody], by=mara, now=now, whom=STUDENTS)


class TestAffinities:
    def test_are_kept_only_as_agreed(self, inside, sol, now):
        with inside(sol):
            with pytest.raises(affinities.NotAgreed):
                affinities.save(["urim"], agreed=False, by=sol, now=now)
            assert affinities.mine(sol) == ()

            affinities.save(["urim", "rural"], agreed=True, by=sol, now=now)
            assert affinities.mine(sol) == ("urim", "rural")

    @pytest.mark.parametrize("agreed", [True, False])
    def test_none_deletes_what_was_kept(self, inside, sol, now, agreed):
        with inside(sol):
            affinities.save(["urim"], agreed=True, by=sol, now=now)
            affinities.save([], agreed=agreed, by=sol, now=now)

            assert db.session.scalar(select(func.count()).select_from(Affinity)) == 0

    def test_are_of_the_list(self, inside, sol, now):
        with inside(sol), pytest.raises(details.NotListed):
            affinities.save(["gryffindor"], agreed=True, by=sol, now=now)

    def test_leave_a_deed_that_says_nothing_of_them(self, inside, sol, now):
        with inside(sol):
            affinities.save(["urim"], agreed=True, by=sol, now=now)
            profiles.change_mentee(by=sol, now=now, story="Another one.")

            first, second = db.session.scalars(select(AuditEvent).order_by(AuditEvent.id)).all()
            assert (first.deed, first.facts) == (second.deed, second.facts)

    def test_stay_in_their_chapter(self, inside, sol, odd, now):
        with inside(sol):
            affinities.save(["urim"], agreed=True, by=sol, now=now)
        with inside(odd):
            assert db.session.scalar(select(func.count()).select_from(Affinity)) == 0
