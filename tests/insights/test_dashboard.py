"""The chapter's health: right numbers, a few names, and nothing that two people said."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from mentorship.foundation.database import db
from mentorship.insights import dashboard
from mentorship.matching.models import MatchingRun
from mentorship.relationships import check_ins
from mentorship.relationships.models import ActionItem, Pairing, PairingState
from mentorship.relationships.queries import my_pairing
from mentorship.scheduling.models import Meeting, MeetingState
from mentorship.tenancy.roles import Role
from mentorship.vocabulary.kinds import Kind
from tests import make

DAY = timedelta(days=1)


def of(inside, member, now) -> dashboard.Dashboard:
    with inside(member):
        return dashboard.of(member, now=now)


def asked(inside, meeting_id, member, at) -> None:
    with inside(member):
        db.session.execute(
            update(Meeting).where(Meeting.id == meeting_id).values(asked_at=at),
            execution_options={"synchronize_session": False},
        )


class TestSlow:
    def test_are_requests_older_than_two_days(self, inside, lakeside, mara, sol, cora, now):
        other = make.student(lakeside)
        for who, hours in ((sol, 49), (other, 47)):
            pairing_id = make.pairing(mara, who, state=PairingState.PROPOSED)
            meeting_id = make.meeting(
                mara,
                who,
                pairing_id,
                starts_at=now + 8 * DAY + timedelta(hours=hours),
                state=MeetingState.REQUESTED,
            )
            asked(inside, meeting_id, who, now - timedelta(hours=hours))
        [found] = of(inside, cora, now).slow

        assert (found.mentor_name, found.mentee_name) == ("Dr. Mara Quist", "Sol Adair")
        assert found.asked_at == now - timedelta(hours=49)

    def test_do_not_name_who_asked_about_wellness(self, inside, mara, sol, cora, now):
        pairing_id = make.pairing(mara, sol, Kind.WELLNESS, state=PairingState.PROPOSED)
        make.meeting(mara, sol, pairing_id, starts_at=now + 8 * DAY, state=MeetingState.REQUESTED)
        [found] = of(inside, cora, now).slow

        assert (found.mentor_name, found.mentee_name) == ("Dr. Mara Quist", "")


class TestLoads:
    def test_count_over_every_chapter_and_the_fullest_come_first(self, inside, lakeside, cora, now):
        busy = make.mentor(lakeside, "Dr. Busy", places=2)
        free = make.mentor(lakeside, "Dr. Free", places=3, paused=True)
        elsewhere = make.chapter("harborside")
        there = make.mentor(elsewhere, "Dr. Busy", email=busy.email, places=2)
        make.pairing(there, make.student(elsewhere))
        make.pairing(busy, make.student(lakeside), state=PairingState.PROPOSED)
        found = of(inside, cora, now)

        [first, second] = found.loads
        assert (first.mentor_id, first.used, first.held, first.places) == (busy.id, 1, 1, 2)
        assert (second.mentor_id, second.used, second.paused) == (free.id, 0, True)
        assert (found.mentors, found.with_a_place) == (2, 0)


class TestNumbers:
    def test_first_meetings_are_measured_by_21_days(self, inside, lakeside, mara, cora, now):
        began = now - 40 * DAY
        for met_after, state in (
            (21 * DAY, PairingState.ACTIVE),
            (22 * DAY, PairingState.ACTIVE),
            (None, PairingState.ACCEPTED),
            (None, PairingState.ENDED),  # a request that came to nothing
        ):
            who = make.student(lakeside)
            pairing_id = make.pairing(mara, who, began_at=began)
            with inside(who):
                pairing = db.session.get(Pairing, (who.chapter_id, pairing_id))
                pairing.state = state
                pairing.first_met_at = began + met_after if met_after else None
                pairing.ended_at = now if state is PairingState.ENDED else None
        make.pairing(mara, make.student(lakeside), began_at=now - 3 * DAY)  # there is time yet
        found = of(inside, cora, now)

        assert (found.met_in_time, found.begun, found.pairs) == (1, 3, 4)

    def test_meetings_of_the_last_month_are_counted(self, inside, mara, sol, cora, now):
        pairing_id = make.pairing(mara, sol)
        for days in (2, 29, 31):
            make.meeting(mara, sol, pairing_id, starts_at=now - days * DAY, state=MeetingState.HELD)
        assert of(inside, cora, now).held_lately == 2


URL = "/c/lakeside/dashboard"


@pytest.mark.parametrize("role", list(Role))
def test_opens_for_those_who_look_after_the_chapter(sign_in, lakeside, now, role):
    status = 200 if role in (Role.OFFICER, Role.COORDINATOR, Role.ADVISOR) else 403
    assert sign_in(make.member(lakeside, role)).get(URL).status_code == status


@pytest.mark.parametrize("role", [Role.OFFICER, Role.COORDINATOR, Role.ADVISOR])
def test_shows_nothing_that_people_wrote_and_no_address(
    sign_in, inside, lakeside, mara, sol, now, role
):
    secret = "Zanzibar"
    for days, kind in enumerate((Kind.WELLNESS, Kind.CAREER), 8):
        pairing_id = make.pairing(mara, sol, kind, began_at=now - 90 * DAY)
        meeting_id = make.meeting(
            mara,
            sol,
            pairing_id,
            starts_at=now + days * DAY,
            state=MeetingState.REQUESTED,
            purpose=secret,
        )
        with inside(sol):
            db.session.get(Meeting, (sol.chapter_id, meeting_id)).notes = secret
            check_ins.log(
                pairing=my_pairing(pairing_id, member=sol),
                by=sol,
                how=check_ins.How.STUCK,
                line=secret,
                now=now - 80 * DAY,
            )
            db.session.add(
                ActionItem(pairing_id=pairing_id, owner_id=sol.id, what=secret, created_at=now)
            )
    page = sign_in(make.member(lakeside, role)).get(URL).text

    assert secret not in page
    assert mara.email not in page
    assert sol.email not in page
    assert "stuck" not in page


def test_leads_to_what_its_reader_may_do(sign_in, lakeside, sol, now):
    officer = sign_in(make.member(lakeside, Role.OFFICER)).get(URL).text
    advisor = sign_in(make.member(lakeside, Role.ADVISOR)).get(URL).text
    coordinator = sign_in(make.coordinator(lakeside)).get(URL).text

    assert "Start a matching run" in coordinator
    assert "See the people" in coordinator
    assert "Start a matching run" not in advisor
    assert "See the people" in advisor
    assert "Start a matching run" not in officer
    assert "See the people" not in officer


def test_a_run_in_review_comes_first_and_only_for_those_who_may_see_it(
    sign_in, inside, lakeside, cora, sol, now
):
    with inside(cora):
        db.session.add(
            MatchingRun(number=3, cycle="2025-26", kinds=["career"], state="review", created_at=now)
        )
    assert "Run 3 is ready to review" in sign_in(cora).get(URL).text
    assert "Run 3" not in sign_in(make.member(lakeside, Role.OFFICER)).get(URL).text


def test_an_empty_chapter_says_what_will_be_here(sign_in, lakeside, cora, now):
    page = sign_in(cora).get(URL).text

    assert "No students and no mentors yet" in page
    assert "Import the roster" in page


def test_takes_the_same_few_statements_for_one_pair_and_for_fifty(
    sign_in, lakeside, mara, sol, cora, now, statements
):
    make.pairing(mara, sol, began_at=now - 50 * DAY)
    client = sign_in(cora)

    def taken() -> int:
        with statements() as seen:
            assert client.get(URL).status_code == 200
        return len(seen)

    taken()  # the chapter's address is looked up once in the life of the process
    one = taken()
    for number in range(50):
        mentor = make.mentor(lakeside) if number % 10 == 0 else mara
        who = make.student(lakeside)
        pairing_id = make.pairing(mentor, who, began_at=now - 50 * DAY)
        if number % 5 == 0:
            make.meeting(
                mentor,
                who,
                pairing_id,
                starts_at=now + (8 + number) * DAY,
                state=MeetingState.REQUESTED,
            )
        make.student(lakeside)

    assert taken() == one <= 6


class TestNotKept:
    """What did not happen is counted, and points at nobody."""

    @pytest.mark.parametrize(
        ("count", "words"), [(0, "None"), (1, "Fewer than five"), (4, "Fewer than five"), (5, "5")]
    )
    def test_few_are_not_told_apart(self, count, words):
        assert dashboard.in_words(count) == words

    def test_an_emergency_is_left_out(self, inside, mara, sol, cora, now):
        pairing_id = make.pairing(mara, sol)
        for number in range(12):
            meeting_id = make.meeting(
                mara,
                sol,
                pairing_id,
                starts_at=now - DAY + number * timedelta(minutes=30),
                state=MeetingState.CANCELLED,
            )
            facts = {"called_off_by": "mentor", "late": number > 1, "emergency": number > 6}
            if number > 9:
                facts = {"state": "no_show", "absent": "mentee", "emergency": number > 10}
            with inside(sol):
                changed = update(Meeting).where(Meeting.id == meeting_id).values(**facts)
                db.session.execute(changed, execution_options={"synchronize_session": False})
        found = of(inside, cora, now)

        assert (found.called_off_late, found.missed) == ("5", "Fewer than five")
