"""The optional parts of a profile as people meet them in the browser."""

import re
from html import unescape

import pytest
from sqlalchemy import func, select

from mentorship.foundation.database import db
from mentorship.profiles import affinities, profiles, queries, wishes
from mentorship.profiles.details import MentorDetails
from mentorship.profiles.models import Affinity
from mentorship.profiles.wishes import Wished
from mentorship.tenancy.roles import Role
from mentorship.vocabulary.kinds import Kind
from mentorship.vocabulary.stages import Stage
from tests import make

PROFILE = "/c/lakeside/profile"
HOPES = {
    **{"goals": ["interviews"], "settings": ["rural"], "region": "mountain", "path": "do"},
    "languages": ["spanish", "hmong"],
}
LIMITS = {
    **{"stages": ["m3"], "only_school": "Lakeside College", "outside_places": "2"},
    **{"career": "1", "wellness": "0"},
}
GROUPS = {"groups": ["urim", "veteran"], "agreed": "y"}


def text_of(answer):
    """What a reader reads: no tags, one space at most."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", answer.text)))


def chosen(answer):
    """The values that are ticked or selected, by field."""
    ticked = re.findall(r'name="(\w+)" value="([^"]+)" checked', answer.text)
    ticked += re.findall(r'<input checked[^>]*name="(\w+)"[^>]*value="([^"]+)"', answer.text)
    return {*ticked, *re.findall(r'<option (selected) value="([^"]+)"', answer.text)}


class TestStudent:
    def test_says_where_they_want_to_go_and_reads_it_again(self, sign_in, sol, inside, now):
        client = sign_in(sol)
        saved = client.post(f"{PROFILE}/hopes", data=HOPES)

        assert (saved.status_code, saved.location) == (303, PROFILE)
        with inside(sol):
            said = queries.my_mentee_profile(sol).details
        assert (said.goals, said.settings, said.region, said.path, said.languages) == (
            *(("interviews",), ("rural",)),
            *("mountain", "do", ("spanish", "hmong")),
        )
        page = text_of(client.get(PROFILE))
        for words in ("Interviews", "Rural", "The Mountain West", "DO", "Spanish, Hmong"):
            assert words in page
        form = chosen(client.get(f"{PROFILE}/hopes"))
        assert {("goals", "interviews"), ("languages", "hmong"), ("selected", "do")} <= form

    def test_ticks_when_they_are_free(self, sign_in, sol, inside, now):
        client = sign_in(sol)
        assert client.post(f"{PROFILE}/free-time", data={"free": ["0", "5"]}).status_code == 303
        with inside(sol):
            assert queries.my_mentee_profile(sol).details.free == (0, 5)
        assert "Monday morning Tuesday evening" in text_of(client.get(PROFILE))
        page = client.get(f"{PROFILE}/free-time")
        assert "in Chicago" in text_of(page)
        assert page.text.count("checked") == 2

    def test_what_is_off_the_lists_comes_back_with_what_was_typed(self, sign_in, sol, now):
        for part, data, kept in (
            ("hopes", HOPES | {"region": "atlantis"}, ("goals", "interviews")),
            ("free-time", {"free": ["3", "21"]}, ("free", "3")),
        ):
            answer = sign_in(sol).post(f"{PROFILE}/{part}", data=data)
            assert answer.status_code == 422
            assert "Choose from the list." in text_of(answer)
            assert kept in chosen(answer), part

    def test_too_many_goals_come_back_with_what_was_typed(self, sign_in, sol, inside, now):
        many = ["interviews", "letters", "exams", "statement", "couples", "life", "money"]
        answer = sign_in(sol).post(f"{PROFILE}/hopes", data=HOPES | {"goals": many})

        assert answer.status_code == 422
        assert "Choose at most 6 goals" in text_of(answer)
        assert {("goals", goal) for goal in many} <= chosen(answer)
        with inside(sol):
            assert queries.my_mentee_profile(sol).details.goals == ()

    def test_orders_their_wishes_with_five_drop_downs(self, sign_in, lakeside, mara, sol, inside):
        bo = make.mentor(lakeside, "Dr. Bo Ek")
        client = sign_in(sol)
        # A gap closes up.
        sent = {"first": str(bo.id), "third": str(mara.id)}
        assert client.post(f"{PROFILE}/wishes", data=sent).status_code == 303
        with inside(sol):
            assert list(wishes.mine(sol)) == [bo.id, mara.id]
        page = text_of(client.get(PROFILE))
        assert page.index("Dr. Bo Ek") < page.index("Dr. Mara Quist")

    def test_the_same_wish_twice_comes_back(self, sign_in, mara, sol, inside, now):
        twice = {"first": str(mara.id), "second": str(mara.id)}
        answer = sign_in(sol).post(f"{PROFILE}/wishes", data=twice)

        assert answer.status_code == 422
        assert "You named the same person twice." in text_of(answer)
        assert answer.text.count(f'<option selected value="{mara.id}"') == 2
        with inside(sol):
            assert wishes.mine(sol) == {}

    def test_somebody_of_another_chapter_is_no_wish(self, sign_in, mara, sol, odd, now):
        stranger = make.mentor(make.chapter("harborside"), "Dr. Far Off")
        client = sign_in(sol)
        assert "Dr. Far Off" not in client.get(f"{PROFILE}/wishes").text
        for nobody in (stranger.id, odd.id, "nobody"):
            answer = client.post(f"{PROFILE}/wishes", data={"first": str(nobody)})
            assert answer.status_code == 422

    def test_a_mentor_s_page_leads_to_the_wishes_with_them_as_the_next(
        self, sign_in, lakeside, mara, sol, inside, now
    ):
        bo = make.mentor(lakeside, "Dr. Bo Ek")
        with inside(sol):
            wishes.save([bo.id], by=sol, now=now)
        client = sign_in(sol)
        there = f"{PROFILE}/wishes?add={mara.id}"
        assert f'href="{there}"' in client.get(f"/c/lakeside/mentors/{mara.id}").text

        page = client.get(there).text

        second = page[page.index('name="second"') :]
        assert f'<option selected value="{mara.id}"' in second
        with inside(sol):
            assert list(wishes.mine(sol)) == [bo.id]  # nothing is saved by looking


class TestMentor:
    def test_says_what_they_know_and_whom_they_take(self, sign_in, mara, inside, now):
        client = sign_in(mara)
        known = {"goals": ["letters"], "region": "pacific", "path": "md", "languages": ["asl"]}
        for part, data in (("experience", known), ("limits", LIMITS)):
            assert client.post(f"{PROFILE}/{part}", data=data).status_code == 303, part
        with inside(mara):
            said = queries.my_mentor_profile(mara).details
        assert said == MentorDetails(
            goals=("letters",),
            region="pacific",
            path="md",
            languages=("asl",),
            stages=(Stage.M3,),
            only_school="Lakeside College",
            outside_places=2,
            places={Kind.CAREER: 1, Kind.WELLNESS: 0},
        )
        page = text_of(client.get(PROFILE))
        assert "American Sign Language" in page
        assert "1 career and 0 wellness" in page
        assert "Students of Lakeside College, and at most 2 of other schools" in page

    def test_names_students_whom_they_would_like_and_none_of_them_reads_it(
        self, sign_in, lakeside, mara, sol, inside
    ):
        tess, client = make.student(lakeside, "Tess Roe"), sign_in(mara)
        there = f"{PROFILE}/students"
        assert f'href="{there}"' in client.get(PROFILE).text
        sent = {"first": str(tess.id), "second": str(sol.id)}
        assert client.post(there, data=sent).status_code == 303
        with inside(mara):
            assert list(wishes.mine(mara, Wished.STUDENTS)) == [tess.id, sol.id]
        page = text_of(client.get(PROFILE))
        assert page.index("Tess Roe") < page.index(sol.name)

        reader = sign_in(tess)
        for path in ("", "/profile", "/find", f"/mentors/{mara.id}"):
            assert "would like to mentor" not in reader.get(f"/c/lakeside{path}").text

    def test_s_wish_for_nobody_who_is_listed_comes_back(self, sign_in, lakeside, mara, sol, odd):
        stranger = make.student(make.chapter("harborside"), "Far Off")
        client = sign_in(mara)
        assert "Far Off" not in client.get(f"{PROFILE}/students").text
        for nobody in (stranger.id, odd.id, "nobody"):
            sent = {"first": str(sol.id), "second": str(nobody)}
            answer = client.post(f"{PROFILE}/students", data=sent)
            assert answer.status_code == 422
            assert f'<option selected value="{sol.id}"' in answer.text

    def test_a_number_of_other_schools_needs_a_school_of_their_own(self, sign_in, mara):
        answer = sign_in(mara).post(f"{PROFILE}/limits", data=LIMITS | {"only_school": ""})

        assert answer.status_code == 422
        assert "Name your school first" in text_of(answer)
        assert 'value="2"' in answer.text

    @pytest.mark.parametrize("typed", ["many", "-1", "51", "2.5"])
    def test_a_limit_is_a_number(self, sign_in, mara, inside, typed, now):
        answer = sign_in(mara).post(f"{PROFILE}/limits", data=LIMITS | {"career": typed})

        assert answer.status_code == 422
        assert "Write a number from 0 to 50, or nothing." in text_of(answer)
        assert f'value="{typed}"' in answer.text
        assert ("stages", "m3") in chosen(answer)
        with inside(mara):
            assert queries.my_mentor_profile(mara).details == MentorDetails()

    def test_students_read_what_the_mentor_knows_and_not_whom_they_take(
        self, sign_in, mara, sol, inside, now
    ):
        said = {"languages": ["spanish"], "goals": ["letters"], "only_school": "Hidden College"}
        with inside(mara):
            profiles.change_mentor(by=mara, now=now, details=said)

        page = text_of(sign_in(sol).get(f"/c/lakeside/mentors/{mara.id}"))

        assert "Also speaks Spanish" in page
        assert "Can help with SLOEs and letters" in page
        assert "Hidden College" not in page


class TestGroups:
    def test_are_kept_with_consent_and_read_again(self, sign_in, sol, inside, now):
        client = sign_in(sol)
        assert client.post(f"{PROFILE}/groups", data=GROUPS).status_code == 303
        with inside(sol):
            assert affinities.mine(sol) == ("urim", "veteran")
        assert {("groups", "urim"), ("groups", "veteran")} <= chosen(
            client.get(f"{PROFILE}/groups")
        )

    def test_without_consent_come_back_ticked_and_are_not_kept(self, sign_in, sol, inside, now):
        answer = sign_in(sol).post(f"{PROFILE}/groups", data={"groups": ["urim"]})

        assert answer.status_code == 422
        assert "Say below that these may be counted, or choose none." in text_of(answer)
        assert ("groups", "urim") in chosen(answer)
        with inside(sol):
            assert db.session.scalar(select(func.count()).select_from(Affinity)) == 0

    def test_off_the_list_are_refused(self, sign_in, sol, now):
        sent = GROUPS | {"groups": ["gryffindor"]}
        assert sign_in(sol).post(f"{PROFILE}/groups", data=sent).status_code == 422

    def test_are_taken_back_at_once(self, sign_in, sol, inside, now):
        client = sign_in(sol)
        client.post(f"{PROFILE}/groups", data=GROUPS)
        client.post(f"{PROFILE}/groups", data={"agreed": "y"})
        with inside(sol):
            assert db.session.scalar(select(func.count()).select_from(Affinity)) == 0


@pytest.mark.parametrize(
    ("part", "whose", "otherwise"),
    [
        *[("hopes", ["sol"], 404), ("free-time", ["sol"], 404), ("wishes", ["sol"], 403)],
        *[("experience", ["mara"], 404), ("limits", ["mara"], 404), ("students", ["mara"], 403)],
    ],
)
def test_are_for_those_who_wear_the_hat(sign_in, sol, mara, cora, now, part, whose, otherwise):
    for name, who in (("sol", sol), ("mara", mara), ("cora", cora)):
        no = 403 if name == "cora" else otherwise  # who wears neither hat has no such page at all
        expected = (200, 303) if name in whose else (no, no)
        client, page = sign_in(who), f"{PROFILE}/{part}"
        got = client.get(page).status_code, client.post(page, data={}).status_code
        assert got == expected, name


def test_the_whole_profile_costs_four_statements(sign_in, lakeside, statements, inside, now):
    rhea = make.mentor(lakeside, "Rhea Lind", roles=[Role.STUDENT])
    others = [make.mentor(lakeside).id for _ in range(5)]
    liked = [make.student(lakeside).id]
    with inside(rhea):
        wishes.save(others, by=rhea, now=now)
        wishes.save(liked, by=rhea, now=now, whom=Wished.STUDENTS)
    client = sign_in(rhea)
    client.get(PROFILE)
    with statements() as seen:
        assert client.get(PROFILE).status_code == 200
    assert len(seen) <= 4, seen
