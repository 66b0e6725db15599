"""The demo's people and texts: fictional, complete, and fit to be read by anyone."""

import re
from collections import Counter
from datetime import date, time
from zoneinfo import available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mentorship.demo import people, stories
from mentorship.demo.pools import DATA, Phase, pick
from mentorship.profiles.details import MenteeDetails, insist_on_mentee, insist_on_mentor
from mentorship.profiles.models import FACETS
from mentorship.vocabulary import backgrounds, interests
from mentorship.vocabulary.kinds import Kind
from mentorship.vocabulary.stages import MENTEE_STAGES, Stage, Standing

TODAY = date(2026, 3, 2)
STUDENTS = people.students(on=TODAY)
MENTORS = people.mentors()
BY_EMAIL = {mentor.email: mentor for mentor in MENTORS}

FORBIDDEN = {
    "ours is a pairing": r"\b[Mm]atch\b(?! (Day|Week))(?<!the Match)",
    "nothing about those treated": r"\bpatients?\b(?! safety)",
    "no results of exams": r"\b(scores?d?|grades?|percentile|failed|honors|step [12])\b",
    "wellness is discreet": r"\b(burn-?out|depress\w*|anxi\w*|therap(y|ist)s?|suicid\w*)\b",
    "nobody is shouted at": r"!",
    "nobody is junior": r"\bjunior\b",
    "nothing is left to write": r"\b(lorem|todo|xxx)\b",
    "no room was forgotten": r"[{}]",
}
#: Where a forbidden word is meant: jobs, and what a mentor says of not judging anybody.
MEANT = (
    "third grade",
    "I grade nobody",
    "grades nobody",
    "grade the simulation block",
    "grading",
    "Direct grader",
    "physical therapy",
    "Respiratory therapist",
)


def every_conversation() -> list[stories.Conversation]:
    """Each conversation the demo could pick, for every kind, stage and topic, and the arcs'."""
    found = [meeting.conversation for arc in stories.arcs() for meeting in arc.meetings]
    for kind in Kind:
        for stage in MENTEE_STAGES:
            for topic in interests.labels() if kind is Kind.CONTENT else [None]:
                found += stories.conversations(kind, stage=stage, topic=topic)
    return list(dict.fromkeys(found))


OFFICES = ("officer", "coordinator", "advisor")


def every_text() -> set[str]:
    """All prose a visitor of the demo can meet."""
    found = {student.story for student in STUDENTS}
    found |= {want.looking_for for student in STUDENTS for want in student.wants.values()}
    found |= {text for mentor in MENTORS for text in (mentor.story, mentor.title)}
    for talk in every_conversation():
        found |= {talk.purpose, *talk.questions, *talk.agenda, talk.notes}
        found |= {talk.private or "", talk.thanks or "", *(line.text for line in talk.actions)}
    for arc in stories.arcs():
        found |= {line.text for line in arc.check_ins}
    for request in stories.waiting_requests():
        found |= {request.purpose, *request.questions}
    for stage in MENTEE_STAGES:
        found |= set(stories.check_in_lines(stage))
    found |= set(stories.decline_lines())
    return found | {lead.who for lead in people.LEADS.values()}


class TestBackgrounds:
    def test_are_of_the_lists_and_vary(self):
        for student in STUDENTS:
            insist_on_mentee(student.details)
        for mentor in MENTORS:
            insist_on_mentor(mentor.details)
        for one in (*STUDENTS, *MENTORS):
            assert backgrounds.affinities().keys() >= set(one.groups)
        for name in MenteeDetails.__dataclass_fields__:
            assert len({tuple(getattr(one.details, name)) for one in STUDENTS}) >= 3, name

    def test_are_said_by_many_and_left_out_by_some(self):
        silent = [student for student in STUDENTS if student.details == MenteeDetails()]

        assert len(STUDENTS) // 5 <= len(silent) <= len(STUDENTS) // 3
        assert 0 < sum(bool(student.groups) for student in STUDENTS) < len(STUDENTS) // 3


class TestChapters:
    def test_are_three_in_three_zones(self):
        chapters = people.chapters()

        assert [chapter.slug for chapter in chapters] == list(people.CHAPTER_SLUGS)
        assert len({chapter.zone for chapter in chapters}) == 3
        assert {chapter.zone for chapter in chapters} <= available_timezones()

    def test_are_as_large_as_real_ones(self):
        assert Counter(student.chapter_slug for student in STUDENTS) == {
            "lakeshore": 70,
            "cedar-valley": 45,
            "harbor": 35,
        }
        assert len(MENTORS) == 70

    @pytest.mark.parametrize("slug", people.CHAPTER_SLUGS)
    def test_have_mentors_of_all_four_kinds(self, slug):
        serving = [mentor for mentor in MENTORS if slug in mentor.chapters and not mentor.paused]

        assert {kind for mentor in serving for kind in mentor.offers} == set(Kind)

    @pytest.mark.parametrize("slug", people.CHAPTER_SLUGS)
    def test_have_officers_coordinators_and_one_advisor(self, slug):
        roles = Counter(office.role for office in people.offices() if office.chapter_slug == slug)

        assert set(roles) == set(OFFICES)
        assert roles["officer"] in (2, 3)
        assert roles["coordinator"] in (1, 2)
        assert roles["advisor"] == 1

    def test_without_a_residency_depend_on_shared_mentors(self):
        shared = [mentor for mentor in MENTORS if len(mentor.chapters) > 1]

        assert len(shared) == 8
        assert all(set(mentor.chapters) <= set(people.CHAPTER_SLUGS) for mentor in shared)
        assert sum("cedar-valley" in mentor.chapters[1:] for mentor in shared) >= 5


class TestAddresses:
    def test_are_one_a_person(self):
        assert len({student.email for student in STUDENTS}) == len(STUDENTS)
        assert len(BY_EMAIL) == len(MENTORS)

    def test_are_shared_only_by_residents_who_wear_both_hats(self):
        both = [student for student in STUDENTS if student.email in BY_EMAIL]

        assert len(both) == 5
        for student in both:
            assert student.name == BY_EMAIL[student.email].name
            assert student.stage is BY_EMAIL[student.email].stage
            assert BY_EMAIL[student.email].standing is Standing.RESIDENT

    def test_can_reach_nobody(self):
        people_in_it = (*STUDENTS, *MENTORS, *people.offices())

        for person in people_in_it:
            assert re.fullmatch(r"[a-z.-]+@[a-z]+\.example\.(edu|org)", person.email)

    def test_of_officers_are_those_of_students(self):
        students = {(student.chapter_slug, student.email, student.name) for student in STUDENTS}

        for office in people.offices():
            if office.role == "officer":
                assert (office.chapter_slug, office.email, office.name) in students

    def test_never_give_two_people_of_a_chapter_one_name(self):
        named = {(student.name, student.email) for student in STUDENTS}
        named |= {(person.name, person.email) for person in (*MENTORS, *people.offices())}

        assert len({name for name, _ in named}) == len(named)


class TestStudents:
    def test_speak_the_taxonomy(self):
        for student in STUDENTS:
            topics = {topic for want in student.wants.values() for topic in want.topics}
            assert student.interests
            assert {*student.interests, *topics} <= set(interests.labels())

    def test_want_something_and_name_the_topics_of_content(self):
        for student in STUDENTS:
            assert student.stage in MENTEE_STAGES
            assert student.wants
            assert all(want.looking_for for want in student.wants.values())
            assert Kind.CONTENT not in student.wants or student.wants[Kind.CONTENT].topics

    def test_tell_a_full_story_where_visitors_look_first(self):
        lengths = [len(person.story.split()) for person in (*STUDENTS, *MENTORS)]

        assert sum(40 <= words <= 90 for words in lengths) >= 25
        assert all(3 <= words <= 90 for words in lengths)

    def test_live_in_zones_that_exist(self):
        away = {student.zone for student in STUDENTS} - {None}

        assert away
        assert away <= available_timezones()

    def test_finish_in_the_year_that_fits_their_stage_today(self):
        def m3_finishes(on: date) -> set[int]:
            return {
                student.class_year
                for student in people.students(on=on)
                if student.stage is Stage.M3
            }

        assert m3_finishes(date(2026, 6, 30)) == {2027}
        assert m3_finishes(date(2026, 7, 1)) == {2028}


class TestMentors:
    def test_speak_the_taxonomy(self):
        for mentor in MENTORS:
            topics = {topic for offered in mentor.offers.values() for topic in offered}
            assert mentor.interests
            assert {*mentor.interests, *topics} <= set(interests.labels())

    def test_offer_something_and_name_the_topics_of_content(self):
        for mentor in MENTORS:
            assert mentor.offers
            assert Kind.CONTENT not in mentor.offers or mentor.offers[Kind.CONTENT]

    def test_never_offer_wellness_while_they_evaluate(self):
        evaluators = [mentor for mentor in MENTORS if mentor.evaluates]

        assert len(evaluators) == 7
        assert not any(Kind.WELLNESS in mentor.offers for mentor in evaluators)

    def test_practice_in_settings_and_zones_we_know(self):
        for mentor in MENTORS:
            assert mentor.zone in available_timezones()
            assert mentor.facets
            assert FACETS.keys() >= set(mentor.facets)
        assert {facet for mentor in MENTORS for facet in mentor.facets} == set(FACETS)

    def test_have_hours_that_hold_their_meetings(self):
        for mentor in MENTORS:
            assert mentor.weekly
            assert set(mentor.lengths) <= {20, 25, 30}
            assert 1 <= mentor.places <= 5
            for window in mentor.weekly:
                assert 0 <= window.weekday <= 6
                assert minutes_of(window) >= max(mentor.lengths)

    def test_are_sometimes_free_past_midnight_and_sometimes_away(self):
        late = [
            mentor
            for mentor in MENTORS
            if any(window.ends < window.starts for window in mentor.weekly)
        ]

        assert len(late) >= 5
        assert sum(mentor.paused for mentor in MENTORS) == 3

    def test_are_enough_for_one_each_but_not_for_two(self):
        places = sum(mentor.places for mentor in MENTORS if not mentor.paused)

        assert len(STUDENTS) < places < 2 * len(STUDENTS)


def minutes_of(window: people.Window) -> int:
    starts, ends = time.fromisoformat(window.starts), time.fromisoformat(window.ends)
    return ((ends.hour - starts.hour) * 60 + ends.minute - starts.minute) % (24 * 60)


class TestLeads:
    def test_are_the_six_whom_the_demo_signs_in_as(self):
        assert set(people.LEADS) == {
            "coordinator",
            "student",
            "mentor",
            "resident",
            "advisor",
            "officer",
        }

    def test_are_what_they_are_said_to_be(self):
        leads = {key: lead.email for key, lead in people.LEADS.items()}
        stages = {student.email: student.stage for student in STUDENTS}
        roles = {office.email: office.role for office in people.offices()}

        assert stages[leads["student"]] is Stage.M3
        assert stages[leads["resident"]] is Stage.PGY3
        assert leads["resident"] in BY_EMAIL
        assert BY_EMAIL[leads["mentor"]].standing is Standing.FACULTY
        assert [roles[leads[key]] for key in OFFICES] == list(OFFICES)

    def test_have_a_history_of_every_kind_with_mentors_who_offer_it(self):
        arcs = [arc for arc in stories.arcs() if arc.mentee == people.LEADS["student"].email]

        assert {arc.kind for arc in arcs} == set(Kind)
        for arc in stories.arcs():
            assert arc.kind in BY_EMAIL[arc.mentor].offers

    def test_have_met_before_and_meet_again(self):
        for arc in stories.arcs():
            days = [meeting.days for meeting in arc.meetings]
            assert days == sorted(days)
            assert days[0] < 0
            for meeting in arc.meetings:
                assert meeting.minutes in BY_EMAIL[arc.mentor].lengths
                assert bool(meeting.conversation.notes) == (meeting.days < 0)
            assert all(line.days < 0 for line in arc.check_ins)
        assert any(meeting.days > 0 for arc in stories.arcs() for meeting in arc.meetings)

    def test_have_requests_waiting_that_have_not_lapsed_and_fit_their_places(self):
        waiting = stories.waiting_requests()
        held = Counter(arc.mentor for arc in stories.arcs())
        held += Counter(request.mentor for request in waiting)

        assert sum(request.mentor == people.LEADS["mentor"].email for request in waiting) >= 3
        for request in waiting:
            assert 0 < request.hours_ago < 72
            assert request.kind in BY_EMAIL[request.mentor].offers
            assert request.minutes in BY_EMAIL[request.mentor].lengths
            assert held[request.mentor] <= BY_EMAIL[request.mentor].places


class TestConversations:
    @pytest.mark.parametrize("kind", list(Kind))
    def test_exist_for_every_stage(self, kind):
        topic = "ultrasound" if kind is Kind.CONTENT else None

        for stage in MENTEE_STAGES:
            assert stories.conversations(kind, stage=stage, topic=topic)

    @pytest.mark.parametrize("kind", list(Kind))
    def test_are_many_of_each_kind(self, kind):
        topics = interests.labels() if kind is Kind.CONTENT else [None]
        talks = {
            talk.notes: talk
            for stage in MENTEE_STAGES
            for topic in topics
            for talk in stories.conversations(kind, stage=stage, topic=topic)
        }.values()

        assert len({talk.purpose for talk in talks}) >= 12
        assert len({question for talk in talks for question in talk.questions}) >= 30

    def test_hold_two_or_three_questions_an_agenda_and_what_follows(self):
        for talk in every_conversation():
            assert len(talk.questions) in (2, 3)
            assert 2 <= len(talk.agenda) <= 3
            assert all(line.who in ("mentee", "mentor") for line in talk.actions)
            assert all(1 <= line.days <= 60 for line in talk.actions)
            assert bool(talk.notes) == bool(talk.actions) == bool(talk.thanks)

    def test_carry_enough_notes_and_actions_to_fill_a_chapter(self):
        talks = every_conversation()

        assert len({talk.notes for talk in talks}) >= 20
        assert len({line.text for talk in talks for line in talk.actions}) >= 40
        assert sum(bool(talk.private) for talk in talks) >= 10

    def test_begin_with_those_about_the_topic(self):
        first = stories.conversations(Kind.CONTENT, stage=Stage.M2, topic="toxicology")[0]

        assert "poison center" in first.purpose

    def test_name_the_topic_where_they_fit_any(self):
        talks = stories.conversations(Kind.CONTENT, stage=Stage.M2, topic="disaster")

        assert any("disaster medicine" in talk.purpose for talk in talks)

    def test_about_content_need_a_topic(self):
        with pytest.raises(ValueError, match="topic"):
            stories.conversations(Kind.CONTENT, stage=Stage.M2)


class TestLines:
    def test_are_enough_for_every_phase(self):
        lines = {line for stage in MENTEE_STAGES for line in stories.check_in_lines(stage)}

        assert len(lines) >= 40
        assert len(stories.decline_lines()) >= 8

    def test_differ_by_phase(self):
        assert {Phase.of(stage) for stage in MENTEE_STAGES} == set(Phase)
        assert stories.check_in_lines(Stage.M1) != stories.check_in_lines(Stage.M4)


class TestWords:
    @pytest.mark.parametrize("reason", FORBIDDEN)
    def test_are_fit_for_anyone_to_read(self, reason):
        found = [
            text
            for text in every_text()
            if re.search(FORBIDDEN[reason], without_what_is_meant(text), re.IGNORECASE)
        ]

        assert found == []

    def test_are_short_enough_for_a_page(self):
        assert max(map(len, every_text())) <= 600

    def test_promise_nothing_about_a_day_in_the_calendar(self):
        assert not [text for text in every_text() if re.search(r"\b20[0-9]{2}\b", text)]

    def test_are_typed_without_stray_control_characters(self):
        for path in DATA.rglob("*.toml"):
            assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f]", path.read_text("utf-8"))


def without_what_is_meant(text: str) -> str:
    for words in MEANT:
        text = text.replace(words, "")
    return text


class TestPick:
    @given(st.lists(st.text(), min_size=1, max_size=80), st.integers(0, 10_000))
    def test_chooses_the_same_each_time(self, pool, n):
        assert pick(pool, n) == pick(pool, n)

    @given(st.integers(1, 200), st.integers(0, 10_000))
    def test_repeats_nothing_before_the_pool_is_used_up(self, size, start):
        chosen = {pick(range(size), n) for n in range(start, start + size)}

        assert len(chosen) == size

    def test_needs_something_to_pick_from(self):
        with pytest.raises(ValueError, match="nothing"):
            pick([], 0)
