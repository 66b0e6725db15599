"""Of all that could be next, the most urgent is shown; and the heading says how things stand."""

from dataclasses import replace
from itertools import pairwise

import pytest

from mentorship.insights import board, portfolio
from mentorship.relationships.models import PairingState
from mentorship.scheduling.models import Part
from mentorship.vocabulary.kinds import Kind
from tests.insights.built import (
    BOTH,
    DAY,
    HOUR,
    MENTOR,
    NOW,
    READY,
    STUDENT,
    booking,
    member,
    pair,
)


def choose(*pairs, who=STUDENT, ready=READY):
    four = portfolio.of(pairs, stage=ready.stage, offers=ready.offered) if who.is_student else None
    return board.choose(board.Facts(who, pairs, ready, four, NOW))


ASKED = booking(3 * DAY, awaiting=Part.MENTEE)
#: A student's pairings, the most urgent first: each goes before all that follow.
URGENCY = {
    "You meet Dr. de la Cruz today": pair(booking(2 * HOUR)),
    "Sol, tomorrow’s agenda is still blank": pair(booking(DAY, my_questions=0, questions=0)),
    "Dr. de la Cruz proposes another time": pair(ASKED),
    "Did you meet Dr. de la Cruz?": pair(booking(-DAY)),
    "A check-in with Dr. de la Cruz is due": pair(kind=Kind.CONTENT, contact=80),
}


@pytest.mark.parametrize("headline", URGENCY)
def test_says(headline):
    assert choose(URGENCY[headline]).headline == headline


@pytest.mark.parametrize(("first", "second"), list(pairwise(URGENCY)))
def test_the_more_urgent_goes_first(first, second):
    for pairs in ((URGENCY[first], URGENCY[second]), (URGENCY[second], URGENCY[first])):
        assert choose(*pairs).headline == first


class TestToday:
    @pytest.mark.parametrize(
        ("starts_in", "kicker"),
        [
            (-HOUR / 6, "Now"),
            (HOUR / 3, "Today, in 20 minutes"),
            (HOUR, "Today, in 1 hour"),
            (5 * HOUR, "Today, in 5 hours"),
        ],
    )
    def test_says_how_soon(self, starts_in, kicker):
        assert choose(pair(booking(starts_in))).kicker == kicker

    def test_is_the_readers_own(self):
        # 15 hours from noon in Chicago: tomorrow there, and tomorrow in Auckland already.
        meeting = pair(booking(15 * HOUR))
        assert "today" not in choose(meeting).headline
        # 22:00 in Chicago is today; in Auckland it is 17:00 of the day that is today there.
        evening = booking(10 * HOUR)
        kiwi = replace(STUDENT, zone="Pacific/Auckland")
        assert "today" in choose(pair(evening)).headline
        assert "today" in choose(pair(evening, zone="Pacific/Auckland"), who=kiwi).headline

    def test_the_day_of_the_clock_change_is_one_day(self):
        # At half past midnight on Sunday, March 8, before clocks go forward in Chicago.
        found = choose(pair(booking(5 * DAY + 12.5 * HOUR), i_mentor=True), who=MENTOR)
        assert found.headline.endswith("on Sun, Mar 8")

    def test_takes_the_nearest_of_several(self):
        later, sooner = pair(booking(5 * HOUR)), pair(booking(HOUR), name="Dr. Bo Ek")
        assert choose(later, sooner).who == "Dr. Bo Ek"

    def test_counts_a_mentors_day(self):
        meetings = [pair(booking(hours * HOUR), i_mentor=True) for hours in (1, 3)]
        request = pair(booking(4 * DAY, awaiting=Part.MENTOR), i_mentor=True)

        found = choose(*meetings, request, who=MENTOR)
        assert found.headline == "2 meetings today, 1 request to answer"

    def test_has_a_link_only_where_it_is_one(self):
        video = choose(pair(booking(HOUR, place="https://video.example.org/x")))
        room = choose(pair(booking(HOUR, place="javascript:alert(1)")))

        assert [one.href for one in video.actions] == ["", "https://video.example.org/x"]
        assert [one.href for one in room.actions] == [""]


class TestAgenda:
    def test_of_tomorrow_is_not_asked_of_mentors(self):
        found = choose(pair(booking(DAY, my_questions=0), i_mentor=True), who=MENTOR)
        assert found.headline == "You meet Kit on Tue, Mar 3"

    def test_says_what_is_on_it_already(self):
        assert (
            "2 items on it already" in choose(pair(booking(DAY, my_questions=0, questions=2))).text
        )


class TestRequests:
    def test_the_longest_waiting_comes_first(self):
        new = pair(booking(3 * DAY, awaiting=Part.MENTOR, asked=HOUR), i_mentor=True)
        old = pair(
            booking(5 * DAY, awaiting=Part.MENTOR, asked=50 * HOUR), i_mentor=True, name="Old One"
        )
        found = choose(new, old, who=MENTOR)

        assert (found.headline, found.kicker) == ("2 requests to answer", "Waiting 2 days")
        assert found.who == "Old One"
        assert [one.label for one in found.actions] == ["Answer", "All 2 requests"]

    def test_that_wait_for_the_other_one_are_not_mine(self):
        asked = pair(booking(3 * DAY, awaiting=Part.MENTOR), state=PairingState.PROPOSED)
        assert "answer" not in choose(asked).headline


class TestOverdue:
    def test_never_met_is_for_the_student_to_book(self):
        late = {"state": PairingState.ACCEPTED, "contact": None, "began": 40}
        student, mentor = choose(pair(**late)), choose(pair(**late, i_mentor=True), who=MENTOR)

        assert student.headline == "A first talk with Dr. de la Cruz is due"
        assert student.actions[0].endpoint == "scheduling.ask"
        assert mentor.actions[0].endpoint == "relationships.check_in"

    def test_the_longest_overdue_comes_first(self):
        quiet = pair(kind=Kind.CONTENT, contact=200, name="Dr. Very Quiet")
        assert choose(pair(kind=Kind.CONTENT, contact=80), quiet).who == "Dr. Very Quiet"

    def test_what_is_due_soon_is_not_overdue(self):
        assert "due" not in choose(pair(kind=Kind.CONTENT, contact=58)).headline


class TestSettingUp:
    def test_a_new_student_starts_with_a_profile(self):
        found = choose(ready=replace(READY, mentee_profile=False, wants=0))
        assert found.headline == "Welcome, Sol. Start with one conversation"
        assert found.actions[0].endpoint == "profiles.edit"

    def test_a_new_mentor_says_what_is_offered_and_then_when(self):
        nothing = replace(READY, mentor_profile=False, offers=0, hours=0)
        assert (
            choose(who=MENTOR, ready=nothing).headline == "Welcome, Dr. Quist. Say what you offer"
        )

        hours_missing = choose(who=MENTOR, ready=replace(READY, hours=0))
        assert hours_missing.headline == "Nobody can book you yet"
        assert hours_missing.actions[0].endpoint == "scheduling.hours"

    def test_a_paused_mentor_is_told(self):
        assert choose(who=MENTOR, ready=replace(READY, paused_at=NOW)).kicker == "Paused"

    def test_a_resident_is_asked_for_both(self):
        assert "Say what you offer" in choose(who=BOTH, ready=replace(READY, offers=0)).headline
        assert "kinds covered" in choose(who=BOTH).headline


class TestGap:
    def test_names_what_is_open_and_leads_there(self):
        found = choose(pair(kind=Kind.CAREER), pair(kind=Kind.CONTENT, contact=1))
        assert found.headline == "2 of 4 kinds covered, application and wellness are open"
        assert found.actions[0].facts == {"kind": "application"}

    def test_prefers_a_kind_that_somebody_offers(self):
        ready = replace(READY, offered={Kind.WELLNESS: 1})
        found = choose(ready=ready)
        assert found.kind is Kind.WELLNESS
        assert "1 person offers it here." in found.text

    def test_is_no_scolding_when_nobody_offers_it(self):
        found = choose(ready=replace(READY, offered={}))
        assert "The next matching run looks for you." in found.text


def test_with_everything_in_rhythm_the_next_meeting_stands_there():
    four = [pair(kind=kind) for kind in Kind if kind is not Kind.CAREER]
    ahead = pair(booking(4 * DAY), kind=Kind.CAREER)

    assert choose(*four, ahead).headline == "You meet Dr. de la Cruz on Fri, Mar 6"
    assert choose(*four, pair()).headline == "All is in rhythm, Sol"
    assert choose(pair(i_mentor=True), who=MENTOR).headline == "Nothing waits for you, Dr. Quist"


@pytest.mark.parametrize("name", ["נועה לוי", "Zoë O’Hara-Nuñez", "🩺", "X", "Dr."])
def test_greets_by_any_name(name):
    who = member(*STUDENT.roles, name=name)
    assert choose(pair(booking(DAY, my_questions=0)), who=who).headline
