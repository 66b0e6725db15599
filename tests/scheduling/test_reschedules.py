"""Moving a meeting that is agreed: by either side, with an end to it."""

from datetime import timedelta

import pytest

from mentorship.foundation.database import db
from mentorship.foundation.errors import NotYours
from mentorship.scheduling import meetings, reschedules, rules
from mentorship.scheduling.holds import AlreadyBusy, TimeTaken
from mentorship.scheduling.models import MeetingState, Part, Proposed
from tests import make
from tests.scheduling.asking import HALF_AN_HOUR, WEDNESDAY_AT_TWO, ask, deeds, held, mine

LATER = WEDNESDAY_AT_TWO + HALF_AN_HOUR
THURSDAY = WEDNESDAY_AT_TWO + timedelta(days=1)
SUNDAY = WEDNESDAY_AT_TWO + timedelta(days=4)


@pytest.fixture
def agreed(mara, sol, now, inside):
    """A meeting of Sol and Mara on Wednesday at two."""
    asked = ask(mara, sol, now=now)
    with inside(mara):
        meetings.accept(mine(asked, mara), by=mara, now=now)
    return asked


@pytest.fixture
def propose(agreed, inside, now):
    def propose(by, *starts, **more):
        with inside(by):
            reschedules.propose(mine(agreed, by), starts=starts, by=by, **({"now": now} | more))
            db.session.commit()

    return propose


@pytest.fixture
def agree(agreed, inside, now):
    def agree(by, starts_at, **more):
        with inside(by):
            meeting = mine(agreed, by)
            reschedules.agree(meeting, starts_at=starts_at, by=by, **({"now": now} | more))
            db.session.commit()

    return agree


def test_the_old_time_stays_held_until_the_other_agrees(agreed, propose, agree, mara, sol, inside):
    propose(sol, THURSDAY, LATER, word="My shift was moved.")

    with inside(mara):
        meeting = mine(agreed, mara)
        assert (meeting.starts_at, meeting.state) == (WEDNESDAY_AT_TWO, MeetingState.ACCEPTED)
        assert {at for _, at in held(mara, sol)} == {WEDNESDAY_AT_TWO, LATER, THURSDAY}
    agree(mara, THURSDAY)
    with inside(mara):
        meeting = mine(agreed, mara)
        assert (meeting.starts_at, meeting.minutes, meeting.sequence) == (THURSDAY, 25, 1)
        assert held(mara, sol) == sorted((who.user_id, THURSDAY) for who in (mara, sol))
        assert deeds(agreed)[-2:] == ["meeting.other_times", "meeting.rescheduled"]


def test_agreeing_twice_moves_once(agreed, propose, agree, mara, sol, inside):
    propose(mara, THURSDAY)
    agree(sol, THURSDAY)
    agree(sol, THURSDAY)

    with inside(sol):
        assert mine(agreed, sol).sequence == 1
        assert deeds(agreed).count("meeting.rescheduled") == 1


def test_only_the_other_one_agrees_and_only_to_what_is_proposed(agree, propose, mara, sol):
    propose(mara, THURSDAY)

    with pytest.raises(rules.NotYourTurn):
        agree(mara, THURSDAY)
    with pytest.raises(reschedules.NotAmongThem):
        agree(sol, LATER)


def test_whoever_proposed_waits_for_the_answer(propose, mara):
    propose(mara, THURSDAY)

    with pytest.raises(rules.NotYourTurn):
        propose(mara, LATER)


def test_a_counter_proposal_takes_the_place_of_what_it_answers(propose, agree, mara, sol):
    propose(mara, THURSDAY)
    propose(sol, LATER)

    with pytest.raises(reschedules.NotAmongThem):
        agree(mara, THURSDAY)
    agree(mara, LATER)


def test_counter_proposals_come_to_an_end_in_words(propose, agree, mara, sol):
    for by, at in ((mara, THURSDAY), (sol, LATER), (mara, THURSDAY)):
        propose(by, at)

    with pytest.raises(reschedules.TalkedEnough, match="proposed other times 3 times"):
        propose(sol, LATER)
    agree(sol, THURSDAY)
    propose(sol, LATER)


def test_a_meeting_moves_three_times_at_most(propose, agree, mara, sol, agreed, inside):
    for at in (THURSDAY, LATER, THURSDAY):
        propose(mara, at)
        agree(sol, at)

    with inside(mara):
        assert reschedules.moves_left(agreed) == 0
    for by in (mara, sol):
        with pytest.raises(reschedules.MovedEnough, match="moved 3 times already"):
            propose(by, LATER)


@pytest.mark.parametrize("starts", [(), tuple(THURSDAY + n * HALF_AN_HOUR for n in range(4))])
def test_one_to_three_times_are_proposed(propose, mara, starts):
    with pytest.raises(reschedules.NoTimes):
        propose(mara, *starts)


def test_a_student_proposes_only_what_could_be_booked(propose, mara, sol):
    for at, why in (
        (SUNDAY, rules.OutsideHours),
        (WEDNESDAY_AT_TWO, reschedules.MeetsThen),
        (THURSDAY + timedelta(minutes=1), rules.NotOnTheGrid),
        (THURSDAY - timedelta(days=3), rules.TooSoon),
    ):
        with pytest.raises(reschedules.NotThen) as refused:
            propose(sol, THURSDAY, at)
        assert refused.value.starts_at == at
        assert isinstance(refused.value.__cause__, why)
    propose(mara, SUNDAY)


def test_a_shift_that_came_meanwhile_is_told_to_the_mentor_who_agrees(
    propose, agree, mara, sol, now
):
    propose(sol, THURSDAY)
    make.calendar_feed(mara, read_at=now, good_until=now - timedelta(days=1))

    with pytest.raises(reschedules.ShiftThen):
        agree(mara, THURSDAY)


def test_keeping_the_time_ends_the_proposal(agreed, propose, agree, mara, sol, now, inside):
    propose(mara, THURSDAY)
    with inside(sol):
        reschedules.keep(mine(agreed, sol), by=sol, now=now)
        reschedules.keep(mine(agreed, sol), by=sol, now=now)

    with inside(sol):
        assert deeds(agreed).count("meeting.time_kept") == 1
    with pytest.raises(reschedules.NothingProposed):
        agree(sol, THURSDAY)


def test_what_nobody_answers_lapses_and_the_meeting_stays(mara, sol, now, inside, work, at, tray):
    asked = ask(mara, sol, now=now, starts_at=WEDNESDAY_AT_TWO + timedelta(days=7))
    with inside(mara):
        meetings.accept(mine(asked, mara), by=mara, now=now)
        reschedules.propose(
            mine(asked, mara), starts=[THURSDAY + timedelta(days=7)], by=mara, now=now
        )
    work()
    over = at(now + timedelta(hours=72))
    with inside(sol), pytest.raises(reschedules.NothingProposed):
        reschedules.agree(
            mine(asked, sol), starts_at=THURSDAY + timedelta(days=7), by=sol, now=over
        )
    work(until=over)

    with inside(sol):
        assert db.session.query(Proposed).one().outcome == "lapsed"
        assert mine(asked, sol).state == MeetingState.ACCEPTED
        assert deeds(asked)[-1] == "meeting.time_kept"


def test_it_must_lie_ahead_and_be_agreed(propose, mara, now, lakeside, inside):
    with pytest.raises(rules.HasBegun):
        propose(mara, THURSDAY, now=WEDNESDAY_AT_TWO)
    other = ask(mara, make.student(lakeside), now=now, starts_at=THURSDAY)
    with inside(mara), pytest.raises(rules.Settled, match="not accepted yet"):
        reschedules.propose(mine(other, mara), starts=[LATER], by=mara, now=now)


def test_it_is_nobody_elses(agreed, mara, now, inside, lakeside):
    stranger = make.mentor(lakeside)
    with inside(mara):
        meeting = mine(agreed, mara)
        for verb in (
            lambda: reschedules.propose(meeting, starts=[THURSDAY], by=stranger, now=now),
            lambda: reschedules.agree(meeting, starts_at=THURSDAY, by=stranger, now=now),
            lambda: reschedules.keep(meeting, by=stranger, now=now),
        ):
            with pytest.raises(NotYours):
                verb()


class TestPages:
    @pytest.fixture
    def page(self, agreed):
        return f"/c/lakeside/meetings/{agreed}"

    def test_a_student_proposes_two_times_and_the_mentor_takes_the_second(
        self, page, agreed, mara, sol, sign_in, inside
    ):
        client = sign_in(sol)
        assert "Reschedule with Dr. Mara Quist" in client.get(f"{page}/reschedule").text
        typed = {"day_2": "2026-03-05", "at_2": "14:00", "word": "My shift was moved."}
        sent = client.post(f"{page}/reschedule", data={"slot": LATER.isoformat(), **typed})
        assert sent.status_code == 303
        assert "You have proposed" in client.get(page).text

        shown = sign_in(mara).get(page).text
        for words in (
            "Sol asks to meet at another time",
            "My shift was moved.",
            "Move to Wed, Mar 4, 2:30 PM CST",
            "Move to Thu, Mar 5, 2:00 PM CST",
            "Keep Wed, Mar 4, 2:00 PM CST",
        ):
            assert words in shown
        answer = sign_in(mara).post(f"{page}/new-time", data={"starts_at": THURSDAY.isoformat()})
        assert answer.status_code == 303
        with inside(sol):
            assert mine(agreed, sol).starts_at == THURSDAY

    def test_what_was_typed_comes_back_with_the_reason_beside_it(self, page, sol, sign_in):
        typed = {"day_2": "2026-03-08", "at_2": "14:00", "word": "My shift was moved."}
        answer = sign_in(sol).post(f"{page}/reschedule", data={"slot": LATER.isoformat(), **typed})

        assert answer.status_code == 422
        assert "open hours. Please choose one that is offered." in answer.text
        for words in ("My shift was moved.", "2026-03-08", "14:00"):
            assert words in answer.text

    def test_a_time_is_chosen_or_typed_whole(self, page, mara, sign_in):
        client = sign_in(mara)
        assert "Choose a time." in client.post(f"{page}/reschedule", data={}).text
        half = client.post(f"{page}/reschedule", data={"slot": LATER.isoformat(), "at_3": "14:00"})
        assert half.status_code == 422
        assert "Type both the day and the time." in half.text

    def test_a_mentor_proposes_any_time_and_the_student_keeps_the_old_one(
        self, page, agreed, mara, sol, sign_in, inside
    ):
        typed = {"slot": "other", "day": "2026-03-08", "at": "14:00"}
        assert sign_in(mara).post(f"{page}/reschedule", data=typed).status_code == 303
        answer = sign_in(sol).post(f"{page}/keep-time")

        assert answer.status_code == 303
        with inside(sol):
            assert mine(agreed, sol).starts_at == WEDNESDAY_AT_TWO

    def test_the_page_says_when_there_is_nothing_to_answer(self, page, mara, sign_in):
        client = sign_in(mara)
        late = client.post(f"{page}/new-time", data={"starts_at": THURSDAY.isoformat()})
        assert late.status_code == 409
        assert reschedules.NothingProposed.sentence in late.text
        assert client.post(f"{page}/new-time", data={"starts_at": "soon"}).status_code == 409

    def test_the_cap_is_said_in_words(self, page, propose, agree, mara, sol, sign_in):
        for at in (THURSDAY, LATER, THURSDAY):
            propose(mara, at)
            agree(sol, at)
        client = sign_in(sol)
        assert "moved three times already" in client.get(f"{page}/reschedule").text
        sent = client.post(f"{page}/reschedule", data={"slot": LATER.isoformat()})
        assert sent.status_code == 409
        assert reschedules.MovedEnough.sentence in sent.text

    def test_takes_few_statements(self, page, propose, mara, sol, sign_in, statements):
        propose(mara, THURSDAY)
        client = sign_in(sol)
        client.get(page)
        with statements() as seen:
            client.get(page)
        with statements() as also:
            client.get(f"{page}/reschedule")
        assert (len(seen), len(also)) <= (12, 12)


class TestEmergencies:
    """Late is marked, and does not punish an emergency."""

    SOON = WEDNESDAY_AT_TWO - timedelta(hours=11)

    def test_late_is_marked_with_whose_it_was(self, agreed, mara, sol, inside):
        with inside(mara):
            meetings.cancel(mine(agreed, mara), by=mara, word="A shift.", now=self.SOON)
            meeting = mine(agreed, sol)
            assert (meeting.late, meeting.emergency) == (True, False)
            assert meeting.called_off_by == Part.MENTOR

    def test_twelve_hours_before_is_not_late(self, agreed, mara, inside):
        with inside(mara):
            early = WEDNESDAY_AT_TWO - timedelta(hours=12)
            meetings.cancel(mine(agreed, mara), by=mara, word="A shift.", now=early)
            assert not mine(agreed, mara).late

    def test_either_may_say_afterwards_that_it_was_an_emergency(
        self, agreed, mara, sol, now, inside
    ):
        with inside(mara):
            with pytest.raises(rules.NothingToExcuse):
                meetings.excuse(mine(agreed, mara), by=mara, now=now)
            meetings.cancel(mine(agreed, mara), by=mara, now=self.SOON)
            meetings.excuse(mine(agreed, sol), by=sol, now=self.SOON)
            meetings.excuse(mine(agreed, sol), by=mara, now=self.SOON)
            assert mine(agreed, mara).emergency
            assert deeds(agreed).count("meeting.excused") == 1

    def test_the_pages_ask_and_say_it_to_the_two(self, agreed, mara, sol, sign_in, at):
        at(self.SOON)
        page = f"/c/lakeside/meetings/{agreed}"
        client = sign_in(sol)
        assert "This was an emergency" in client.get(f"{page}/cancel").text
        assert client.post(f"{page}/cancel", data={"word": ""}).status_code == 422
        assert client.post(f"{page}/cancel", data={"word": "Ill."}).status_code == 303
        shown = sign_in(mara).get(page).text
        assert "called it off less than 12 hours before." in shown
        assert sign_in(mara).post(f"{page}/emergency").status_code == 303
        assert "counts against nobody" in client.get(page).text

    def test_an_emergency_needs_no_word(self, agreed, sol, sign_in, at, inside):
        at(self.SOON)
        page = f"/c/lakeside/meetings/{agreed}/cancel"
        assert sign_in(sol).post(page, data={"emergency": "y"}).status_code == 303
        with inside(sol):
            meeting = mine(agreed, sol)
            assert (meeting.state, meeting.late, meeting.emergency) == ("cancelled", True, True)

    def test_who_did_not_come_may_have_had_one(self, agreed, mara, sol, inside):
        after = WEDNESDAY_AT_TWO + timedelta(minutes=10)
        with inside(sol):
            meetings.not_held(mine(agreed, sol), absent=Part.MENTOR, by=sol, now=after)
            meetings.excuse(mine(agreed, mara), by=mara, now=after)
            assert mine(agreed, mara).emergency


class TestTimesThatAreProposed:
    """Held for both until one is taken or none."""

    def test_cannot_be_asked_for_by_anybody_else(self, propose, lakeside, mara, sol, now):
        propose(mara, THURSDAY)
        with pytest.raises(TimeTaken):
            ask(mara, make.student(lakeside), now=now, starts_at=THURSDAY)
        other = make.mentor(lakeside, hours=make.WEEKDAYS)
        with pytest.raises(AlreadyBusy):
            ask(other, sol, now=now, starts_at=THURSDAY)

    def test_may_overlap_each_other_and_the_meeting_itself(
        self, agreed, propose, agree, mara, sol, inside
    ):
        quarter = HALF_AN_HOUR / 2
        propose(mara, WEDNESDAY_AT_TWO - quarter, WEDNESDAY_AT_TWO + quarter, LATER)
        with inside(mara):
            starts = sorted({at for _, at in held(mara, sol)})
        assert starts[0] == WEDNESDAY_AT_TWO - quarter
        assert starts[1:] == [WEDNESDAY_AT_TWO, WEDNESDAY_AT_TWO + timedelta(minutes=25)]
        agree(sol, WEDNESDAY_AT_TWO + quarter)
        with inside(mara):
            assert {at for _, at in held(mara, sol)} == {WEDNESDAY_AT_TWO + quarter}

    @pytest.mark.parametrize("end", ["kept", "taken back", "countered", "called off", "lapsed"])
    def test_are_free_again_once_nobody_proposes_them(
        self, agreed, propose, mara, sol, inside, now, work, at, end
    ):
        propose(mara, THURSDAY)
        if end == "countered":
            propose(sol, THURSDAY + HALF_AN_HOUR)
        elif end == "lapsed":
            work(until=at(WEDNESDAY_AT_TWO))
        else:
            by = mara if end == "taken back" else sol
            with inside(by):
                verb = meetings.cancel if end == "called off" else reschedules.keep
                verb(mine(agreed, by), by=by, now=now)
        with inside(mara):
            assert THURSDAY not in {at for _, at in held(mara, sol)}

    def test_stay_held_when_a_counter_proposal_is_refused(self, propose, mara, sol, inside):
        propose(mara, THURSDAY)
        with pytest.raises(reschedules.NotThen):
            propose(sol, SUNDAY)
        with inside(mara):
            assert THURSDAY in {at for _, at in held(mara, sol)}
