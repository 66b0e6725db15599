"""A mentor's inbox, and the short pages for each answer there is."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from mentorship.foundation.database import db
from mentorship.relationships import conflicts
from mentorship.scheduling import meetings, requests
from mentorship.scheduling.models import MeetingState
from mentorship.tenancy.roles import Role
from mentorship.vocabulary.kinds import Kind
from tests import make
from tests.scheduling.asking import HALF_AN_HOUR, WEDNESDAY_AT_TWO, ask, mine

INBOX = "/c/lakeside/inbox"


@pytest.fixture
def asked(mara, sol, now) -> UUID:
    return ask(mara, sol, now=now, kind=Kind.CONTENT, topic="toxicology", questions=["Which one?"])


@pytest.fixture
def page(asked) -> Callable[[str], str]:
    """The address of one of the meeting's pages."""
    return lambda name: f"/c/lakeside/meetings/{asked}/{name}"


@pytest.fixture
def state(asked, mara, inside) -> Callable[[], str]:
    """How the meeting stands."""

    def state() -> str:
        with inside(mara):
            return mine(asked, mara).state

    return state


def propose(asked: UUID, by, inside, *, now, at=WEDNESDAY_AT_TWO + HALF_AN_HOUR) -> None:
    with inside(by):
        meetings.propose_other_time(mine(asked, by), starts_at=at, by=by, now=now)


class TestInbox:
    def test_says_who_asks_what_and_when_on_both_clocks(self, lakeside, sign_in, mara, now):
        student = make.student(lakeside, "Priya Raman", zone="America/New_York")
        ask(mara, student, now=now, questions=["Which one?"], kind=Kind.CONTENT, topic="toxicology")
        page = sign_in(mara).get(INBOX).text
        for words in (
            "One request to answer",
            "Priya Raman",
            "M3, Lakeside College",
            "Content: toxicology",
            "Academic or community: how did you decide?",
            "Which one?",
            "Accept Wed, Mar 4, 2:00 PM CST",
            "(3:00 PM EST for Priya)",
        ):
            assert words in page

    def test_the_first_deadline_is_on_top(self, lakeside, sign_in, mara, now):
        late = ask(mara, make.student(lakeside), now=now, starts_at=_in_days(7))
        soon = ask(mara, make.student(lakeside), now=now)
        page = sign_in(mara).get(INBOX).text
        assert page.index(f'id="req-{soon}"') < page.index(f'id="req-{late}"')

    def test_is_friendly_when_empty(self, sign_in, mara, now):
        page = sign_in(mara).get(INBOX).text
        assert "No request is waiting" in page
        assert "Set your weekly hours" in page

    def test_leaves_out_what_awaits_the_other_and_what_is_past(
        self, asked, sign_in, mara, sol, inside, now, at
    ):
        propose(asked, mara, inside, now=now)
        page = sign_in(mara).get(INBOX).text
        assert "No request is waiting" in page
        assert "Proposed. Sol Adair is asked for" in page
        propose(asked, sol, inside, now=now, at=_in_days(7))
        assert "Proposed instead:" in sign_in(mara).get(INBOX).text
        at(now + timedelta(hours=73))
        assert "No request is waiting" in sign_in(mara).get(INBOX).text

    def test_a_resident_finds_there_what_a_mentor_proposed_to_them(
        self, lakeside, sign_in, mara, inside, now
    ):
        rhea = make.student(lakeside, "Rhea", roles=[Role.MENTOR])
        asked = ask(mara, rhea, now=now)
        propose(asked, mara, inside, now=now)
        page = sign_in(rhea).get(INBOX).text
        assert "Dr. Mara Quist" in page
        assert "Withdraw" in page

    def test_goes_on_by_more(self, lakeside, sign_in, mara, now):
        for number in range(requests.LIMIT + 2):
            _waiting(mara, make.student(lakeside), number)
        client = sign_in(mara)
        first = client.get(INBOX).text
        assert first.count('<li class="sheet stack req"') == requests.LIMIT
        more = re.search(r'href="([^"]+after=[^"]+)"', first)[1].replace("&amp;", "&")
        rest = client.get(more).text
        assert rest.count('<li class="sheet stack req"') == 2
        ids = re.findall(r'class="sheet stack req" id="([^"]+)"', first + rest)
        assert len(set(ids)) == requests.LIMIT + 2

    @pytest.mark.parametrize("after", ["x", "2026-03-04~1", "2026-03-04T00:00~", "%00~%00"])
    def test_begins_anew_where_the_address_was_tampered_with(self, asked, sign_in, mara, after):
        assert "One request to answer" in sign_in(mara).get(f"{INBOX}?after={after}").text

    def test_is_for_mentors(self, sign_in, sol, cora, odd, now):
        assert sign_in(sol).get(INBOX).status_code == 403
        assert sign_in(cora).get(INBOX).status_code == 403
        assert sign_in(odd).get(INBOX).status_code == 404

    def test_costs_the_same_for_one_as_for_fifty(self, lakeside, sign_in, mara, now, statements):
        client = sign_in(mara)
        _waiting(mara, make.student(lakeside), 0)
        client.get(INBOX)
        with statements() as few:
            client.get(INBOX)
        for number in range(1, 50):
            _waiting(mara, make.student(lakeside), number)
        with statements() as many:
            client.get(INBOX)
        assert len(many) == len(few) <= 4


class TestAccept:
    def test_from_the_inbox_comes_back_there_with_a_note_in_its_place(
        self, asked, page, sign_in, mara, state
    ):
        client = sign_in(mara)
        answer = client.post(page("accept"), data={"seen": 0, "back": "inbox"})
        assert (answer.status_code, answer.location) == (303, f"{INBOX}?done={asked}")
        assert state() == "accepted"
        back = client.get(answer.location).text
        assert re.search(rf'id="req-{asked}"><div class="note note-good" tabindex="-1"', back)
        assert "Accepted: Wed, Mar 4, 2:00 PM CST." in back

    def test_from_elsewhere_leads_to_the_meeting(self, asked, page, sign_in, mara, state):
        answer = sign_in(mara).post(page("accept"), data={"seen": 0})
        assert answer.location == f"/c/lakeside/meetings/{asked}"

    def test_looking_at_the_page_accepts_nothing(self, page, sign_in, mara, state):
        seen = sign_in(mara).get(page("accept"))
        assert "Accept Wed, Mar 4, 2:00 PM CST" in seen.text
        assert state() == "requested"

    def test_two_taps_are_one_yes(self, page, sign_in, mara, state):
        client = sign_in(mara)
        for _ in range(2):
            assert client.post(page("accept"), data={"form_key": "k1"}).status_code == 303
        assert client.post(page("accept")).status_code == 303
        assert state() == "accepted"

    def test_what_was_withdrawn_meanwhile_is_said_in_the_inbox(
        self, asked, page, sign_in, mara, sol, inside, now, state
    ):
        with inside(sol):
            meetings.withdraw(mine(asked, sol), by=sol, now=now)
        answer = sign_in(mara).post(page("accept"), data={"seen": 0, "back": "inbox"})
        assert answer.status_code == 409
        assert "Sol Adair withdrew the request" in answer.text
        assert state() == "withdrawn"

    def test_a_time_that_moved_meanwhile_is_shown_anew(
        self, asked, page, sign_in, mara, sol, inside, now, state
    ):
        propose(asked, mara, inside, now=now)
        propose(asked, sol, inside, now=now, at=WEDNESDAY_AT_TWO + 2 * HALF_AN_HOUR)
        answer = sign_in(mara).post(page("accept"), data={"seen": 0, "back": "inbox"})
        assert answer.status_code == 409
        assert "The time was changed meanwhile." in answer.text
        assert "Accept Wed, Mar 4, 3:00 PM CST" in answer.text
        assert state() == "requested"

    def test_is_for_who_is_asked(self, page, sign_in, sol, odd, lakeside, state):
        answer = sign_in(sol).post(page("accept"))
        assert answer.status_code == 409
        assert "The answer is the other person&#39;s to give." in answer.text
        for stranger in (odd, make.mentor(lakeside), make.student(lakeside)):
            assert sign_in(stranger).post(page("accept")).status_code == 404
            assert sign_in(stranger).get(page("accept")).status_code == 404
        assert state() == "requested"

    def test_a_student_accepts_what_the_mentor_proposed(
        self, asked, page, sign_in, mara, sol, inside, now, state
    ):
        propose(asked, mara, inside, now=now)
        assert sign_in(sol).post(page("accept"), data={"seen": 1}).status_code == 303
        assert state() == "accepted"


class TestPropose:
    def test_a_mentor_takes_a_free_time_and_goes_on_in_the_inbox(
        self, asked, page, sign_in, mara, inside
    ):
        client = sign_in(mara)
        assert 'value="2026-03-05T19:00Z"' in client.get(page("propose")).text
        answer = client.post(page("propose"), data={"slot": "2026-03-05T19:00Z"})
        assert answer.location == f"{INBOX}?done={asked}"
        with inside(mara):
            assert mine(asked, mara).starts_at == datetime(2026, 3, 5, 19, tzinfo=UTC)

    @pytest.mark.parametrize("slot", ["", "other"])
    def test_a_mentor_types_any_time_on_their_own_clock(
        self, asked, page, sign_in, mara, inside, slot
    ):
        typed = {"slot": slot, "day": "2026-03-07", "at": "07:10"}
        assert sign_in(mara).post(page("propose"), data=typed).status_code == 303
        with inside(mara):
            assert mine(asked, mara).starts_at == datetime(2026, 3, 7, 13, 10, tzinfo=UTC)

    @pytest.mark.parametrize(
        ("typed", "words"),
        [
            ({}, "Choose a time."),
            ({"slot": "nonsense"}, "Choose one of the times."),
            ({"slot": "other"}, "Type both the day and the time."),
            ({"day": "2026-03-07"}, "Type both the day and the time."),
            ({"at": "07:10"}, "Type both the day and the time."),
            ({"day": "someday", "at": "07:10"}, "Write the day as the calendar shows it"),
            ({"day": "2026-03-07", "at": "late"}, "Write the time as a clock shows it"),
            ({"day": "2026-03-08", "at": "02:30"}, "2:30 AM never comes on Sunday, March 8"),
            ({"day": "2026-03-08", "at": "02:30"}, "3:00 AM CDT is the next there is."),
            ({"day": "2020-03-08", "at": "12:30"}, "at least 24 hours from now"),
            ({"day": "2026-12-08", "at": "12:30"}, "within the next six weeks"),
            ({"day": "9999-12-31", "at": "23:59"}, "not so far off"),
            ({"day": "2026-03-04", "at": "14:00"}, "That is the time you were asked for."),
        ],
    )
    def test_says_what_is_wrong_beside_the_field(self, page, sign_in, mara, state, typed, words):
        answer = sign_in(mara).post(page("propose"), data=typed)
        assert answer.status_code == 422
        assert words in answer.text
        for value in typed.values():
            assert f'value="{value}"' in answer.text or value == "nonsense"

    def test_a_time_taken_meanwhile_is_409(self, lakeside, page, sign_in, mara, sol, now):
        other = make.mentor(lakeside, hours=make.WEEKDAYS)
        ask(other, sol, now=now, starts_at=WEDNESDAY_AT_TWO + timedelta(days=1))
        answer = sign_in(mara).post(page("propose"), data={"slot": "2026-03-05T20:00Z"})
        assert answer.status_code == 409
        assert "The student is not free then." in answer.text

    def test_a_student_chooses_among_free_times_and_types_none(
        self, asked, page, sign_in, mara, sol, inside, now
    ):
        propose(asked, mara, inside, now=now)
        client = sign_in(sol)
        assert 'type="date"' not in client.get(page("propose")).text
        typed = client.post(page("propose"), data={"day": "2026-03-07", "at": "07:10"})
        assert typed.status_code == 422
        answer = client.post(page("propose"), data={"slot": "2026-03-05T20:00Z"})
        assert answer.location == f"/c/lakeside/meetings/{asked}"

    def test_says_why_where_nothing_can_be_proposed(
        self, asked, page, sign_in, mara, sol, inside, now
    ):
        assert "The answer is the other person" in sign_in(sol).get(page("propose")).text
        with inside(mara):
            meetings.accept(mine(asked, mara), by=mara, now=now)
        assert "accepted already" in sign_in(mara).get(page("propose")).text
        answer = sign_in(mara).post(page("propose"), data={"slot": "2026-03-05T19:00Z"})
        assert answer.status_code == 409

    def test_another_week_keeps_what_was_typed(self, page, sign_in, mara):
        typed = {"week": "2026-03-17", "day": "2026-03-07", "at": "07:10", "form_key": "k1"}
        answer = sign_in(mara).post(page("propose"), data=typed)
        assert answer.status_code == 200
        assert "March 16 to 22" in answer.text
        assert 'value="07:10"' in answer.text

    def test_is_nobody_elses(self, lakeside, page, sign_in, odd):
        for stranger in (odd, make.mentor(lakeside), make.student(lakeside)):
            assert sign_in(stranger).get(page("propose")).status_code == 404

    def test_stays_within_its_statements(self, page, sign_in, mara, statements):
        client = sign_in(mara)
        with statements() as seen:
            client.get(page("propose"))
        assert len(seen) <= 6


class TestDecline:
    def test_tells_the_reason_and_the_better_contact(
        self, lakeside, asked, page, sign_in, mara, inside
    ):
        bell = make.mentor(lakeside, "Dr. Bell")
        client = sign_in(mara)
        assert "Dr. Bell, 3 places, knows the topic" in client.get(page("decline")).text
        said = {"reason": "field", "line": "He wrote the chapter.", "colleague": bell.id}
        answer = client.post(page("decline"), data=said)
        assert answer.location == f"{INBOX}?done={asked}"
        assert "is told about Dr. Bell" in client.get(answer.location).text
        with inside(mara):
            meeting = mine(asked, mara)
            assert meeting.word == (
                "Somebody else knows this better than I do. He wrote the chapter."
            )
            assert meeting.referred_to_id == bell.id

    def test_naming_nobody_is_fine(self, page, sign_in, mara, state):
        answer = sign_in(mara).post(page("decline"), data={"reason": "full"})
        assert answer.status_code == 303
        assert state() == "declined"

    def test_suggests_only_who_could_take_it_on(
        self, lakeside, page, sign_in, mara, sol, inside, now
    ):
        make.mentor(lakeside, "Dr. Fine")
        make.mentor(lakeside, "Dr. Full", places=0)
        make.mentor(lakeside, "Dr. Paused", paused=True)
        make.mentor(lakeside, "Dr. Other", offers={Kind.WELLNESS: ()})
        make.mentor(make.chapter("hillside"), "Dr. Elsewhere")
        kept_apart = make.mentor(lakeside, "Dr. Apart")
        with inside(kept_apart):
            conflicts.block(other=sol, by=kept_apart, now=now)
        shown = re.findall(r"<option[^>]*>([^<]+)", sign_in(mara).get(page("decline")).text)
        assert shown == ["Nobody in particular", "Dr. Fine, 3 places, knows the topic"]

    def test_suggests_no_judge_for_wellness(self, lakeside, sign_in, mara, sol, inside, now):
        judge = make.mentor(lakeside, "Dr. Judge")
        make.mentor(lakeside, "Dr. Fine")
        with inside(judge):
            conflicts.declare_evaluation(
                role="CD",
                starts_on=make.LONG_AGO.date(),
                ends_on=None,
                mentee=None,
                by=judge,
                now=now,
            )
        asked = ask(mara, sol, now=now, kind=Kind.WELLNESS)
        shown = sign_in(mara).get(f"/c/lakeside/meetings/{asked}/decline").text
        assert "Dr. Fine" in shown
        assert "Dr. Judge" not in shown

    @pytest.mark.parametrize("posted", ["nonsense", "00000000-0000-0000-0000-000000000000", "odd"])
    def test_refuses_a_contact_who_is_nobody_here(self, page, sign_in, mara, odd, state, posted):
        named = odd.id if posted == "odd" else posted
        said = {"reason": "full", "colleague": named, "line": "Ask him."}
        answer = sign_in(mara).post(page("decline"), data=said)
        assert answer.status_code == 422
        assert "Choose a colleague who offers this kind of mentoring." in answer.text
        assert "Ask him." in answer.text
        assert state() == "requested"

    @pytest.mark.parametrize(
        ("said", "words"),
        [
            ({"reason": "spite"}, "Choose one of the three."),
            ({}, "Choose one of the three."),
            ({"reason": "full", "line": "a" * 281}, "Keep it within 280 characters."),
        ],
    )
    def test_says_what_is_wrong(self, page, sign_in, mara, state, said, words):
        answer = sign_in(mara).post(page("decline"), data=said)
        assert answer.status_code == 422
        assert words in answer.text
        assert state() == "requested"

    def test_is_the_mentors(self, lakeside, page, sign_in, sol, odd):
        assert sign_in(sol).get(page("decline")).status_code == 403
        for stranger in (odd, make.mentor(lakeside)):
            assert sign_in(stranger).get(page("decline")).status_code == 404

    def test_says_what_became_of_it(self, asked, page, sign_in, mara, inside, now):
        with inside(mara):
            meetings.accept(mine(asked, mara), by=mara, now=now)
        client = sign_in(mara)
        assert "There is nothing to decline" in client.get(page("decline")).text
        assert client.post(page("decline"), data={"reason": "full"}).status_code == 409

    def test_colleagues_cost_one_statement(self, lakeside, page, sign_in, mara, statements):
        client = sign_in(mara)
        client.get(page("decline"))
        for _ in range(10):
            make.mentor(lakeside)
        with statements() as seen:
            client.get(page("decline"))
        assert len(seen) == 3


class TestWithdrawAndCancel:
    def test_a_student_withdraws(self, asked, page, sign_in, sol, state):
        client = sign_in(sol)
        assert "Withdraw your request to Dr. Quist" in client.get(page("withdraw")).text
        assert state() == "requested"
        answer = client.post(page("withdraw"))
        assert answer.location == f"/c/lakeside/meetings/{asked}"
        assert state() == "withdrawn"
        assert client.post(page("withdraw")).status_code == 303
        assert "There is nothing to withdraw" in client.get(page("withdraw")).text

    def test_withdrawing_is_the_students(self, lakeside, page, sign_in, mara, odd):
        assert sign_in(mara).post(page("withdraw")).status_code == 403
        for stranger in (odd, make.student(lakeside)):
            assert sign_in(stranger).post(page("withdraw")).status_code == 404

    @pytest.mark.parametrize("who", ["mara", "sol"])
    def test_either_calls_off_with_a_word(
        self, request, asked, page, sign_in, mara, inside, now, who
    ):
        with inside(mara):
            meetings.accept(mine(asked, mara), by=mara, now=now)
        by = request.getfixturevalue(who)
        client = sign_in(by)
        assert "Call off the meeting with" in client.get(page("cancel")).text
        answer = client.post(page("cancel"), data={"word": "A shift was moved."})
        assert answer.location == f"/c/lakeside/meetings/{asked}"
        with inside(mara):
            assert (mine(asked, mara).state, mine(asked, mara).word) == (
                "cancelled",
                "A shift was moved.",
            )

    def test_less_than_twelve_hours_before_it_says_so(
        self, asked, page, sign_in, mara, inside, now, at
    ):
        with inside(mara):
            meetings.accept(mine(asked, mara), by=mara, now=now)
        client = sign_in(mara)
        assert "less than 12 hours" not in client.get(page("cancel")).text
        at(WEDNESDAY_AT_TWO - timedelta(hours=11))
        assert "less than 12 hours" in client.get(page("cancel")).text
        at(WEDNESDAY_AT_TWO)
        assert "The meeting has begun already." in client.get(page("cancel")).text
        assert client.post(page("cancel"), data={"word": "A shift."}).status_code == 409

    def test_what_is_not_accepted_is_not_called_off(self, page, sign_in, mara, state):
        client = sign_in(mara)
        assert "not accepted yet" in client.get(page("cancel")).text
        assert client.post(page("cancel"), data={"word": "A shift."}).status_code == 409
        assert client.post(page("cancel"), data={"word": "a" * 281}).status_code == 422
        assert state() == "requested"


def _in_days(days: int) -> datetime:
    return WEDNESDAY_AT_TWO + timedelta(days=days)


def _waiting(mentor, student, number: int) -> UUID:
    """A request that waits, in a time of its own."""
    db.session.commit()
    return make.meeting(
        mentor,
        student,
        make.pairing(mentor, student),
        starts_at=WEDNESDAY_AT_TWO + number * HALF_AN_HOUR,
        state=MeetingState.REQUESTED,
    )
