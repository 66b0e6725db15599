"""What may be kept in a profile, and what the trail says of it."""

from datetime import date

import pytest
from sqlalchemy import select

from mentorship.accounts.models import User
from mentorship.audit.models import AuditEvent
from mentorship.foundation.database import db
from mentorship.foundation.errors import Refusal
from mentorship.profiles import finding, gaps, profiles, queries
from mentorship.profiles.answers import MenteeAnswers, MentorAnswers, Wish
from mentorship.profiles.models import MentorProfile, ProfileDeed
from mentorship.relationships.models import PairingState
from mentorship.tenancy.roles import Role
from mentorship.vocabulary.interests import labels
from mentorship.vocabulary.kinds import Kind
from mentorship.vocabulary.stages import Stage, Standing
from tests import make
from tests.conftest import MONDAY_NOON

MENTEE = {
    "stage": Stage.M3,
    "class_year": 2027,
    "school": "Lakeside College of Medicine",
    "interests": ["toxicology", "simulation"],
    "story": "I came to medicine late, from ski patrol.",
    "wants": {
        Kind.CONTENT: Wish(("toxicology",), "A small project with an end."),
        Kind.CAREER: Wish((), "To test the answer with."),
    },
}
MENTOR = {
    "standing": Standing.FACULTY,
    "title": "Attending physician",
    "institution": "St. Anne's Hospital",
    "interests": ["toxicology", "airway"],
    "facets": ["academic", "VA"],
    "story": "Nights, mostly, and I like them.",
    "offers": {Kind.CAREER: (), Kind.CONTENT: ("ultrasound",)},
    "places": 3,
    "lengths": [25, 20],
    "video_link": "https://video.example.org/mara",
    "recent_cycle": True,
}


@pytest.fixture
def rhea(lakeside):
    """A resident who wears both hats and has said nothing yet."""
    return make.member(lakeside, Role.STUDENT, Role.MENTOR, name="Rhea O'Brien")


def save_mentee(who, now, **changes):
    profiles.save_mentee(MenteeAnswers(**(MENTEE | changes)), member=who, by=who, now=now)


def save_mentor(who, now, **changes):
    profiles.save_mentor(MentorAnswers(**(MENTOR | changes)), member=who, by=who, now=now)


def deeds(who):
    told = select(AuditEvent).where(AuditEvent.subject_id == who.id).order_by(AuditEvent.id)
    return [(event.deed, event.by_id, event.facts) for event in db.session.scalars(told)]


class TestMentee:
    def test_keeps_what_was_said_and_leaves_one_deed_without_any_of_it(self, rhea, now, inside):
        with inside(rhea):
            save_mentee(rhea, now)

            said = queries.my_mentee_profile(rhea)
            assert (said.stage, said.class_year, said.school) == (
                Stage.M3,
                2027,
                "Lakeside College of Medicine",
            )
            assert list(said.interests) == ["toxicology", "simulation"]
            assert said.wants == MENTEE["wants"]
            assert deeds(rhea) == [(ProfileDeed.SAVED, rhea.id, {"part": "mentee"})]

    def test_takes_the_place_of_what_was_there(self, rhea, now, inside):
        with inside(rhea):
            save_mentee(rhea, now)
            save_mentee(rhea, now, wants={Kind.WELLNESS: Wish()}, story="")

            said = queries.my_mentee_profile(rhea)
            assert said.wants == {Kind.WELLNESS: Wish()}
            assert said.story == ""

    def test_nothing_at_all_is_a_profile_too(self, rhea, now, inside):
        with inside(rhea):
            save_mentee(
                rhea,
                now,
                **{"stage": None, "class_year": None, "school": "", "interests": []},
                **{"story": "", "wants": {}},
            )

            assert queries.my_mentee_profile(rhea) == queries.MyMenteeProfile(interests=[])

    def test_one_part_changes_alone(self, rhea, now, inside):
        with inside(rhea):
            save_mentee(rhea, now)
            profiles.change_mentee(by=rhea, now=now, story="Another one.")

            said = queries.my_mentee_profile(rhea)
            assert said.story == "Another one."
            assert said.wants == MENTEE["wants"]

    def test_a_coordinator_s_command_has_nobody_who_did_it(self, rhea, now, inside):
        with inside(rhea):
            profiles.save_mentee(MenteeAnswers(**MENTEE), member=rhea, by=None, now=now)

            assert deeds(rhea) == [(ProfileDeed.SAVED, None, {"part": "mentee"})]

    @pytest.mark.parametrize(
        ("changes", "refusal"),
        [
            ({"stage": Stage.ATTENDING}, profiles.NotAMenteeStage),
            ({"class_year": 2010}, profiles.UnlikelyYear),
            ({"class_year": 2042}, profiles.UnlikelyYear),
            ({"class_year": 10**30}, profiles.UnlikelyYear),
            ({"interests": ["astrology"]}, profiles.NotListed),
            ({"interests": list(labels())[:13]}, profiles.TooMany),
            ({"wants": {Kind.CONTENT: Wish(("astrology",))}}, profiles.NotListed),
            ({"wants": {Kind.CONTENT: Wish(tuple(labels())[:9])}}, profiles.TooMany),
            ({"wants": {Kind.CAREER: Wish((), "x" * 301)}}, profiles.TooLong),
            ({"story": "x" * 601}, profiles.TooLong),
            ({"school": "x" * 121}, profiles.TooLong),
        ],
    )
    def test_refuses_and_keeps_nothing(self, rhea, now, inside, changes, refusal):
        with inside(rhea):
            with pytest.raises(refusal) as refused:
                save_mentee(rhea, now, **changes)

            assert str(refused.value).endswith(".")
            assert queries.my_mentee_profile(rhea) == queries.MyMenteeProfile()
            assert deeds(rhea) == []

    def test_the_most_that_is_kept_is_kept(self, rhea, now, inside):
        with inside(rhea):
            save_mentee(
                rhea,
                now,
                story="é" * 600,
                interests=list(labels())[:12],
                wants={Kind.CONTENT: Wish(tuple(labels())[:8], "🙂" * 300)},
            )

            assert len(queries.my_mentee_profile(rhea).interests) == 12

    def test_the_same_interest_twice_is_one(self, rhea, now, inside):
        with inside(rhea):
            save_mentee(rhea, now, interests=["airway", "airway"])

            assert list(queries.my_mentee_profile(rhea).interests) == ["airway"]


class TestMentor:
    def test_keeps_what_was_said_and_leaves_one_deed_without_any_of_it(self, rhea, now, inside):
        with inside(rhea):
            save_mentor(rhea, now)

            said = queries.my_mentor_profile(rhea)
            assert said.offers == {Kind.CAREER: (), Kind.CONTENT: ("ultrasound",)}
            assert (said.places, said.taken, list(said.lengths)) == (3, 0, [20, 25])
            assert (said.institution, said.recent_cycle) == ("St. Anne's Hospital", True)
            assert deeds(rhea) == [(ProfileDeed.SAVED, rhea.id, {"part": "mentor"})]

    def test_before_the_first_save_the_usual_answers_stand_there(self, rhea, inside):
        with inside(rhea):
            said = queries.my_mentor_profile(rhea)

            assert (said.begun, said.places, said.offers) == (False, 3, {})

    def test_one_part_changes_alone_and_a_pause_stays(self, rhea, now, inside):
        with inside(rhea):
            save_mentor(rhea, now)
            profiles.pause(by=rhea, now=now)
            profiles.change_mentor(by=rhea, now=now, title="PGY-3")

            said = queries.my_mentor_profile(rhea)
            assert (said.title, said.places, said.paused_at) == ("PGY-3", 3, now)

    @pytest.mark.parametrize(
        ("changes", "refusal"),
        [
            ({"interests": ["astrology"]}, profiles.NotListed),
            ({"facets": ["moonbase"]}, profiles.NotListed),
            ({"offers": {Kind.CONTENT: ("astrology",)}}, profiles.NotListed),
            ({"offers": {Kind.CONTENT: tuple(labels())[:9]}}, profiles.TooMany),
            ({"places": -1}, profiles.TooFewPlaces),
            ({"places": 51}, profiles.TooFewPlaces),
            ({"lengths": []}, profiles.NoLength),
            ({"lengths": [25, 45]}, profiles.NoLength),
            ({"title": "x" * 121}, profiles.TooLong),
            ({"institution": "x" * 121}, profiles.TooLong),
            ({"story": "x" * 601}, profiles.TooLong),
            ({"video_link": "https://e.org/" + "x" * 300}, profiles.TooLong),
        ],
    )
    def test_refuses_and_keeps_nothing(self, rhea, now, inside, changes, refusal):
        with inside(rhea):
            with pytest.raises(refusal) as refused:
                save_mentor(rhea, now, **changes)

            assert str(refused.value).endswith(".")
            assert not queries.my_mentor_profile(rhea).begun
            assert db.session.get(User, rhea.user_id).places is None
            assert deeds(rhea) == []

    @pytest.mark.parametrize(
        "link",
        [
            *("javascript:alert(1)", "JavaScript:alert(1)", "data:text/html,hi", "http://e.org/a"),
            *("https://", "https://nohost", "https://u:p@e.org/", "ftp://e.org", "zoom.us/j/12"),
            *("mailto:a@example.org", "https://e.org/a b"),
        ],
    )
    def test_a_meeting_place_is_an_https_address_or_no_address(self, rhea, now, inside, link):
        with inside(rhea), pytest.raises(profiles.NotALink):
            save_mentor(rhea, now, video_link=link)

    @pytest.mark.parametrize(
        "place",
        [
            *(
                "",
                "ED conference room B",
                "Room: 4.12, 2nd floor",
                "מרכז רפואי",
                "the lakefront 🌊",
            ),
            *("https://video.example.org", "https://video.example.org:8443/a?b=c#d"),
        ],
    )
    def test_places_and_https_addresses_are_kept(self, rhea, now, inside, place):
        with inside(rhea):
            save_mentor(rhea, now, video_link=place)

            assert queries.my_mentor_profile(rhea).video_link == place


class TestPlaces:
    def test_are_never_fewer_than_taken_in_any_chapter(self, lakeside, mara, sol, now, inside):
        harbor = make.chapter("harbor")
        there = make.member(harbor, Role.MENTOR, name="Dr. Mara Quist", email=mara.email)
        make.pairing(mara, sol)
        make.pairing(there, make.student(harbor))
        with inside(mara):
            with pytest.raises(profiles.TooFewPlaces) as refused:
                save_mentor(mara, now, places=1)

            assert str(refused.value) == (
                "2 places are taken already, counted over all your chapters. Give 2 or more."
            )
            assert "harbor" not in str(refused.value).lower()
            save_mentor(mara, now, places=2)
            assert queries.my_mentor_profile(mara).taken == 2

    def test_hold_in_every_chapter_of_the_mentor(self, mara, now, inside):
        harbor = make.chapter("harbor")
        there = make.member(harbor, Role.MENTOR, name="Dr. Mara Quist", email=mara.email)
        with inside(mara):
            save_mentor(mara, now, places=7)
        with inside(there):
            assert queries.my_mentor_profile(there).places == 7

    def test_a_profile_stays_in_its_chapter(self, mara, now, inside):
        harbor = make.chapter("harbor")
        there = make.member(harbor, Role.MENTOR, name="Dr. Mara Quist", email=mara.email)
        with inside(there):
            assert queries.my_mentor_profile(there).title == ""


class TestPause:
    def test_pauses_and_resumes_with_a_deed_each_and_twice_is_once(self, rhea, now, inside):
        with inside(rhea):
            save_mentor(rhea, now)
            profiles.pause(by=rhea, now=now)
            profiles.pause(by=rhea, now=now)
            assert queries.my_mentor_profile(rhea).paused_at == now
            profiles.resume(by=rhea, now=now)
            profiles.resume(by=rhea, now=now)

            assert queries.my_mentor_profile(rhea).paused_at is None
            assert [deed for deed, _, _ in deeds(rhea)] == [
                ProfileDeed.SAVED,
                ProfileDeed.PAUSED,
                ProfileDeed.RESUMED,
            ]

    @pytest.mark.parametrize("verb", [profiles.pause, profiles.resume])
    def test_needs_something_to_pause(self, rhea, now, inside, verb):
        with inside(rhea), pytest.raises(profiles.NoMentorProfile):
            verb(by=rhea, now=now)


class TestGaps:
    def test_says_what_would_help_most_telling_first(self):
        found = gaps.of_mentee(queries.MyMenteeProfile(stage=Stage.M2, interests=["airway"]))

        assert [gap.words for gap in found] == [
            "your one-minute story",
            "which mentors you look for",
        ]
        assert gaps.number(found) == "Two things"

    def test_says_which_wish_has_no_words_yet(self):
        wants = {Kind.CONTENT: Wish((), "x"), Kind.APPLICATION: Wish()}
        said = queries.MyMenteeProfile(Stage.M2, 2027, "", ["airway"], "Me.", wants)

        assert [gap.words for gap in gaps.of_mentee(said)] == [
            "the topics of your content mentoring",
            "what you look for in an application mentor",
        ]

    def test_a_full_profile_lacks_nothing(self, rhea, now, inside):
        with inside(rhea):
            save_mentee(rhea, now)
            save_mentor(rhea, now)

            assert gaps.of_mentee(queries.my_mentee_profile(rhea)) == []
            assert gaps.of_mentor(queries.my_mentor_profile(rhea)) == []

    def test_an_empty_mentor_profile_lacks_what_students_look_for(self, rhea, inside):
        with inside(rhea):
            found = gaps.of_mentor(queries.my_mentor_profile(rhea))

        assert found[0] == gaps.Gap("offers", "which kinds of mentoring you offer")
        assert gaps.number(found) == "Five things"


def test_every_refusal_is_one_of_ours():
    named = [getattr(profiles, name) for name in dir(profiles)]
    refusals = [one for one in named if isinstance(one, type) and issubclass(one, Refusal)]

    assert len(refusals) > 7


class TestWhatStandsInTheWay:
    """Of the mentor's page: the reasons in words why a student cannot ask for a kind."""

    TODAY = date(2026, 3, 2)

    def ways(self, mentor, student, inside):
        with inside(student):
            seen = finding.mentor(mentor.id, reader=student, now=MONDAY_NOON)
        return {kind: seen.in_the_way(kind) for kind in seen.offers}

    def test_nothing(self, mara, sol, inside):
        assert set(self.ways(mara, sol, inside).values()) == {""}

    def test_a_pause(self, lakeside, sol, inside):
        paused = make.mentor(lakeside, "Dr. Ada Byrne", paused=True)

        assert set(self.ways(paused, sol, inside).values()) == {
            "Dr. Byrne takes no new mentees for now. You can ask again later."
        }

    def test_full(self, lakeside, sol, inside):
        full = make.mentor(lakeside, "Dr. Ada Byrne", places=1)
        make.pairing(full, make.student(lakeside))

        assert "places are taken" in self.ways(full, sol, inside)[Kind.CAREER]

    def test_who_evaluates_is_open_for_all_but_wellness(self, mara, sol, now, inside):
        with inside(mara):
            from mentorship.relationships import conflicts

            conflicts.declare_evaluation(
                role="Clerkship director",
                starts_on=self.TODAY,
                ends_on=self.TODAY,
                mentee=sol,
                by=mara,
                now=now,
            )
        ways = self.ways(mara, sol, inside)

        assert "is not offered to you, because Dr. Quist" in ways.pop(Kind.WELLNESS)
        assert set(ways.values()) == {""}

    def test_another_kind_by_the_same_person(self, mara, sol, inside):
        make.pairing(mara, sol, Kind.CAREER)
        ways = self.ways(mara, sol, inside)

        assert ways.pop(Kind.CAREER) == ""
        assert "is your career mentor already" in ways[Kind.WELLNESS]

    def test_another_kind_by_somebody_who_has_not_answered_yet(self, mara, sol, inside):
        make.pairing(mara, sol, Kind.CAREER, state=PairingState.PROPOSED)
        ways = self.ways(mara, sol, inside)

        assert ways[Kind.WELLNESS].startswith("You have asked Dr. Quist for career mentoring")

    def test_but_not_where_the_chapter_allows_two(self, inside):
        harbor = make.chapter("harbor", two_kinds_by_one_mentor=True)
        mara, sol = make.mentor(harbor), make.student(harbor)
        make.pairing(mara, sol, Kind.CAREER)

        assert set(self.ways(mara, sol, inside).values()) == {""}


def test_the_words_to_be_found_by_are_written_with_the_profile(rhea, now, inside):
    with inside(rhea):
        save_mentor(rhea, now)
        before = db.session.scalar(select(MentorProfile.search))
        profiles.change_mentor(by=rhea, now=now, institution="Cedar Clinic")
        after = db.session.scalar(select(MentorProfile.search))

    assert "'anne'" in before
    assert "'cedar'" in after
    assert "'anne'" not in after
