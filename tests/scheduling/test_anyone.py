"""Asking whichever of one's mentors is free: the union of their times, and who is asked."""

import re
from datetime import date, time, timedelta

import pytest

from mentorship.foundation.database import db
from mentorship.relationships.models import PairingState
from mentorship.scheduling import anyone, queries
from mentorship.scheduling.models import Meeting
from mentorship.vocabulary.kinds import Kind
from tests import make
from tests.scheduling.asking import WEDNESDAY_AT_TWO, ask, mine

PAGE = "/c/lakeside/ask"
MORNINGS = tuple((day, time(8), time(10)) for day in range(5))
SLOT = "2026-03-04T20:00Z"
WORDS = {"kind": "career", "minutes": "25", "purpose": "Academic or community?"}


@pytest.fixture
def ona(lakeside):
    return make.mentor(lakeside, "Dr. Ona Reyes", hours=MORNINGS + make.WEEKDAYS)


@pytest.fixture
def paired(mara, ona, sol):
    """Sol has two career mentors: Mara in the afternoon, Ona in the morning, too."""
    for mentor in (mara, ona):
        make.pairing(mentor, sol, last_contact_on=date(2026, 2, 1))


@pytest.fixture
def whom(sol, now, inside):
    def whom(kind=Kind.CAREER, minutes=25):
        with inside(sol):
            mentors = anyone.of_kind(queries.my_mentors(sol), kind)
            free = queries.free_of(mentors, with_user_id=sol.user_id, minutes=minutes, now=now)
            asked = anyone.whom(mentors, free, minutes=minutes)
            return {at: one.member.name for at, one in asked.items()}

    return whom


def test_offers_the_times_of_all_of_them(paired, mara, ona, sol, now, inside, whom):
    with inside(sol):
        each = [
            queries.free_starts(
                queries.bookable(one.id, member=sol), with_user_id=sol.user_id, minutes=25, now=now
            )
            for one in (mara, ona)
        ]

    assert list(whom()) == sorted({*each[0], *each[1]})
    assert whom()[WEDNESDAY_AT_TWO - timedelta(hours=6)] == "Dr. Ona Reyes"


def test_of_several_who_has_fewest_meetings_ahead_is_asked(paired, lakeside, mara, now, whom):
    assert whom()[WEDNESDAY_AT_TWO] == "Dr. Mara Quist"
    ask(mara, make.student(lakeside), now=now, starts_at=WEDNESDAY_AT_TWO + timedelta(days=1))
    assert whom()[WEDNESDAY_AT_TWO] == "Dr. Ona Reyes"


def test_then_who_was_not_met_for_longest(mara, ona, sol, whom):
    make.pairing(mara, sol, last_contact_on=date(2026, 2, 1))
    make.pairing(ona, sol, last_contact_on=date(2026, 1, 1))
    assert whom()[WEDNESDAY_AT_TWO] == "Dr. Ona Reyes"


def test_only_those_paired_for_the_kind_and_under_way_count(mara, ona, sol, lakeside, whom):
    make.pairing(mara, sol, Kind.CONTENT)
    make.pairing(ona, sol, state=PairingState.PROPOSED)
    assert whom() == {}
    assert set(whom(Kind.CONTENT).values()) == {"Dr. Mara Quist"}


def test_a_mentor_who_does_not_take_that_length_is_not_asked(lakeside, mara, sol, whom):
    short = make.mentor(lakeside, "Dr. Short", hours=make.WEEKDAYS, lengths=(15,))
    for mentor in (mara, short):
        make.pairing(mentor, sol)
    assert set(whom().values()) == {"Dr. Mara Quist"}
    assert set(whom(minutes=15).values()) == {"Dr. Short"}


class TestPage:
    def test_says_who_would_be_asked_and_asks_them(
        self, paired, mara, ona, sol, sign_in, inside, now
    ):
        client = sign_in(sol)
        page = client.get(PAGE).text
        slots = re.findall(r'name="slot" value="([^"]+)" data-say="([^"]+)"', page)
        assert slots
        assert all(" with Dr. " in say for _, say in slots)
        sent = client.post(PAGE, data=WORDS | {"slot": f"{SLOT}~{ona.id}"})
        assert sent.status_code == 303
        with inside(sol):
            meeting = db.session.query(Meeting).one()
            assert (meeting.mentor_id, meeting.starts_at) == (ona.id, WEDNESDAY_AT_TWO)

    def test_when_one_is_taken_meanwhile_the_other_stands_there(
        self, paired, lakeside, mara, ona, sol, sign_in, now
    ):
        ask(mara, make.student(lakeside), now=now)
        client = sign_in(sol)
        answer = client.post(PAGE, data=WORDS | {"slot": f"{SLOT}~{mara.id}"})
        assert answer.status_code == 409
        assert f'value="{SLOT}~{ona.id}"' in answer.text
        assert "Academic or community?" in answer.text

    def test_nobody_else_can_be_asked_here(self, paired, lakeside, sol, sign_in, now, inside):
        other = make.mentor(lakeside, hours=make.WEEKDAYS)
        client = sign_in(sol)
        for slot in (f"{SLOT}~{other.id}", SLOT, f"{SLOT}~x", "x"):
            answer = client.post(PAGE, data=WORDS | {"slot": slot})
            assert answer.status_code == 422, slot
        with inside(sol):
            assert db.session.query(Meeting).count() == 0

    def test_a_purpose_is_asked_for_and_what_was_typed_stays(self, paired, mara, sol, sign_in, now):
        said = WORDS | {"purpose": "", "question_1": "Which one?", "slot": f"{SLOT}~{mara.id}"}
        answer = sign_in(sol).post(PAGE, data=said)
        assert answer.status_code == 422
        assert "Which one?" in answer.text

    def test_other_kinds_are_a_tap_away(self, paired, lakeside, sol, sign_in, now):
        make.pairing(make.mentor(lakeside, "Dr. Tox", hours=make.WEEKDAYS), sol, Kind.CONTENT)
        client = sign_in(sol)
        assert "/ask?kind=content" in client.get(PAGE).text
        assert "with Dr. Tox" in client.get(f"{PAGE}?kind=content").text

    def test_without_a_pairing_it_says_so(self, sol, mara, sign_in, now):
        client = sign_in(sol)
        assert "not paired with anybody yet" in client.get(PAGE).text
        assert client.post(PAGE, data=WORDS).status_code == 422
        assert sign_in(mara).get(PAGE).status_code == 403

    def test_takes_as_many_statements_for_six_mentors_as_for_two(
        self, paired, lakeside, sol, sign_in, now, statements
    ):
        client = sign_in(sol)
        client.get(PAGE)
        with statements() as few:
            client.get(PAGE)
        for _ in range(4):
            make.pairing(make.mentor(lakeside, hours=make.WEEKDAYS), sol)
        with statements() as many:
            client.get(PAGE)
        assert len(few) == len(many)


def test_what_was_asked_is_the_pairings_own_meeting(paired, ona, sol, sign_in, inside, now):
    sign_in(sol).post(PAGE, data=WORDS | {"slot": f"{SLOT}~{ona.id}"})
    with inside(sol):
        meeting = mine(db.session.query(Meeting.id).scalar(), sol)
        assert {one.id for one in queries.my_mentors(sol)[1].pairings} >= {meeting.pairing_id}
