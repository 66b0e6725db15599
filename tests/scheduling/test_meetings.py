"""What can be done with a meeting: each verb, each no, and that twice is once."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from mentorship.accounts import users
from mentorship.foundation import scope
from mentorship.foundation.database import db
from mentorship.foundation.errors import NotYours
from mentorship.profiles.models import MentorProfile, Offer
from mentorship.relationships import conflicts, pairings
from mentorship.relationships.models import PairingState
from mentorship.scheduling import holds, meetings, rules
from mentorship.scheduling.holds import AlreadyBusy, StudentBusy, TimeTaken
from mentorship.scheduling.models import AgendaItem, MeetingState, Part
from mentorship.tenancy.models import Membership
from mentorship.tenancy.roles import Role
from mentorship.vocabulary.kinds import Kind
from tests import make
from tests.scheduling.asking import (
    HALF_AN_HOUR,
    WEDNESDAY_AT_TWO,
    ask,
    deeds,
    held,
    mine,
    pairing_of,
    places_taken,
    request,
)

THREE_DAYS = timedelta(hours=72)
LATER = timedelta(hours=1)


@pytest.fixture
def asked(mara, sol, now):
    """A request of Sol to Mara, for Wednesday at two."""
    return ask(mara, sol, now=now)


@pytest.fixture
def accepted(asked, mara, now, inside):
    with inside(mara):
        meetings.accept(mine(asked, mara), by=mara, now=now)
    return asked


class TestRequest:
    def test_holds_the_time_of_both_and_leaves_one_deed(self, asked, mara, sol, now, inside):
        with inside(sol):
            meeting = mine(asked, sol)
            assert meeting.state == MeetingState.REQUESTED
            assert (meeting.awaiting, meeting.minutes, meeting.sequence) == (Part.MENTOR, 25, 0)
            assert held(mara, sol) == sorted((who.user_id, WEDNESDAY_AT_TWO) for who in (mara, sol))
            assert deeds(asked) == ["meeting.requested"]

    def test_proposes_a_pairing_of_its_kind_and_takes_a_place(self, mara, sol, now, inside):
        asked = ask(mara, sol, now=now, kind=Kind.CONTENT, topic="toxicology")

        with inside(sol):
            pairing = pairing_of(mine(asked, sol))
            assert (pairing.state, pairing.kind, pairing.topic) == (
                PairingState.PROPOSED,
                "content",
                "toxicology",
            )
            assert places_taken(mara) == 1

    def test_belongs_to_the_pairing_that_is_there_whatever_its_kind(self, mara, sol, now, inside):
        pairing_id = make.pairing(mara, sol, Kind.WELLNESS)
        asked = ask(mara, sol, now=now, kind=Kind.CAREER)

        with inside(sol):
            assert mine(asked, sol).pairing_id == pairing_id
            assert places_taken(mara) == 1

    def test_questions_become_the_agenda_in_their_order(self, mara, sol, now, inside):
        asked = ask(mara, sol, now=now, questions=["One?", "  ", "", "Two?"])

        with inside(sol):
            items = db.session.query(AgendaItem).order_by(AgendaItem.position).all()
            assert [(item.position, item.what, item.by_id) for item in items] == [
                (1, "One?", sol.id),
                (2, "Two?", sol.id),
            ]
            assert {item.meeting_id for item in items} == {asked}

    def test_waits_three_days_at_most(self, mara, sol, now, inside):
        asked = ask(mara, sol, now=now, starts_at=WEDNESDAY_AT_TWO + timedelta(days=7))

        with inside(sol):
            assert mine(asked, sol).answer_by == now + THREE_DAYS

    def test_is_answered_before_it_begins_where_that_is_sooner(self, asked, sol, now, inside):
        with inside(sol):
            assert mine(asked, sol).answer_by == WEDNESDAY_AT_TWO < now + THREE_DAYS

    @pytest.mark.parametrize(
        ("said", "no"),
        [
            ({"minutes": 15}, rules.LengthNotOffered),
            ({"starts_at": WEDNESDAY_AT_TWO - timedelta(hours=2)}, rules.OutsideHours),
            ({"starts_at": WEDNESDAY_AT_TWO + timedelta(hours=2, minutes=45)}, rules.OutsideHours),
            ({"starts_at": WEDNESDAY_AT_TWO + timedelta(minutes=7)}, rules.NotOnTheGrid),
            ({"starts_at": WEDNESDAY_AT_TWO + timedelta(seconds=1)}, rules.NotOnTheGrid),
            ({"starts_at": WEDNESDAY_AT_TWO - timedelta(days=2)}, rules.TooSoon),
            ({"starts_at": WEDNESDAY_AT_TWO - timedelta(days=365)}, rules.TooSoon),
            ({"starts_at": WEDNESDAY_AT_TWO + timedelta(weeks=6)}, rules.TooFar),
            ({"kind": Kind.CONTENT, "topic": "wilderness"}, rules.TopicNotOffered),
            ({"kind": Kind.CAREER, "topic": "toxicology"}, rules.TopicNotOffered),
        ],
    )
    def test_refuses_what_is_not_offered(self, mara, sol, now, inside, said, no):
        with inside(sol):
            with pytest.raises(no):
                request(mara, sol, now=now, **said)
            assert held(mara, sol) == []
            assert places_taken(mara) == 0

    def test_refuses_a_kind_that_is_not_offered(self, lakeside, sol, now, inside):
        mentor = make.mentor(lakeside, hours=make.WEEKDAYS, offers={Kind.WELLNESS: ()})
        with inside(sol), pytest.raises(rules.KindNotOffered):
            request(mentor, sol, now=now)

    def test_refuses_a_length_that_this_mentor_does_not_take(self, lakeside, sol, now, inside):
        mentor = make.mentor(lakeside, hours=make.WEEKDAYS, lengths=[20])
        with inside(sol), pytest.raises(rules.LengthNotOffered):
            request(mentor, sol, now=now, minutes=25)

    def test_refuses_a_paused_mentor_but_not_for_who_is_paired(self, lakeside, sol, now, inside):
        mentor = make.mentor(lakeside, hours=make.WEEKDAYS, paused=True)
        with inside(sol), pytest.raises(rules.Paused):
            request(mentor, sol, now=now)
        make.pairing(mentor, sol)
        assert ask(mentor, sol, now=now)

    def test_refuses_a_second_request_to_the_same_mentor(self, asked, mara, sol, now, inside):
        with inside(sol), pytest.raises(rules.AlreadyAsked):
            request(mara, sol, now=now, starts_at=WEDNESDAY_AT_TWO + HALF_AN_HOUR)

    def test_refuses_a_fourth_request_until_one_is_answered(self, lakeside, sol, now, inside):
        mentors = [make.mentor(lakeside, hours=make.WEEKDAYS) for _ in range(4)]
        for number, mentor in enumerate(mentors[:3]):
            asked = ask(mentor, sol, now=now, starts_at=WEDNESDAY_AT_TWO + number * HALF_AN_HOUR)
        wanted = WEDNESDAY_AT_TWO + timedelta(days=1)
        with inside(sol):
            with pytest.raises(rules.TooManyRequests):
                request(mentors[3], sol, now=now, starts_at=wanted)
            db.session.rollback()
            meetings.accept(mine(asked, mentors[2]), by=mentors[2], now=now)
        assert ask(mentors[3], sol, now=now, starts_at=wanted)

    def test_counts_what_waits_toward_the_places_of_the_mentor(self, lakeside, sol, now, inside):
        mentor = make.mentor(lakeside, hours=make.WEEKDAYS, places=1)
        ask(mentor, make.student(lakeside), now=now)
        with inside(sol), pytest.raises(pairings.MentorFull):
            request(mentor, sol, now=now, starts_at=WEDNESDAY_AT_TWO + HALF_AN_HOUR)

    def test_counts_places_over_all_chapters(self, lakeside, sol, now, inside):
        mentor, elsewhere, there = _serves_two(lakeside, places=1)
        ask(there, make.student(elsewhere), now=now)
        with inside(sol), pytest.raises(pairings.MentorFull):
            request(mentor, sol, now=now, starts_at=WEDNESDAY_AT_TWO + timedelta(days=1))

    def test_refuses_time_that_another_request_holds(self, lakeside, asked, mara, now, inside):
        rival = make.student(lakeside)
        with inside(rival), pytest.raises(TimeTaken):
            request(mara, rival, now=now, starts_at=WEDNESDAY_AT_TWO + timedelta(minutes=15))

    def test_keeps_five_minutes_free_around_what_is_taken(self, lakeside, mara, sol, now, inside):
        ask(mara, sol, now=now, minutes=30)
        rival = make.student(lakeside)
        with inside(rival), pytest.raises(TimeTaken):
            request(mara, rival, now=now, starts_at=WEDNESDAY_AT_TWO + HALF_AN_HOUR)
        assert ask(mara, rival, now=now, starts_at=WEDNESDAY_AT_TWO + timedelta(minutes=45))

    def test_a_meeting_of_another_chapter_holds_the_time_with_its_buffer(
        self, lakeside, sol, now, inside
    ):
        mentor, elsewhere, there = _serves_two(lakeside)
        ask(there, make.student(elsewhere), now=now, minutes=30)
        for minutes in (0, 15, 30):
            at = WEDNESDAY_AT_TWO + timedelta(minutes=minutes)
            with inside(sol), pytest.raises(TimeTaken):
                request(mentor, sol, now=now, starts_at=at)
        assert ask(mentor, sol, now=now, starts_at=WEDNESDAY_AT_TWO + timedelta(minutes=45))

    def test_a_mentor_who_is_a_mentee_in_another_meeting_is_not_free(
        self, lakeside, mara, sol, now, inside
    ):
        rhea = make.student(lakeside, "Rhea", roles=[Role.MENTOR])
        _also_mentors(rhea)
        ask(mara, rhea, now=now)  # a resident: a mentor to some, a mentee to others
        with inside(sol), pytest.raises(TimeTaken):
            request(rhea, sol, now=now)

    def test_refuses_time_that_the_asker_holds_already_in_any_part(
        self, lakeside, mara, sol, now, inside
    ):
        rhea = make.student(lakeside, "Rhea", roles=[Role.MENTOR])
        _also_mentors(rhea)
        ask(rhea, sol, now=now)
        with inside(rhea), pytest.raises(AlreadyBusy):
            request(mara, rhea, now=now)

    def test_refuses_oneself(self, lakeside, now, inside):
        rhea = make.student(lakeside, "Rhea", roles=[Role.MENTOR])
        _also_mentors(rhea)
        with inside(rhea), pytest.raises(rules.Yourself):
            request(rhea, rhea, now=now)

    def test_refuses_whom_a_block_keeps_apart(self, mara, sol, now, inside):
        with inside(mara):
            conflicts.block(other=sol, by=mara, now=now)
        with inside(sol), pytest.raises(conflicts.Blocked):
            request(mara, sol, now=now)

    def test_refuses_wellness_from_who_evaluates(self, mara, sol, now, inside):
        with inside(mara):
            conflicts.declare_evaluation(
                role="Clerkship director",
                starts_on=make.LONG_AGO.date(),
                ends_on=None,
                mentee=None,
                by=mara,
                now=now,
            )
        with inside(sol), pytest.raises(conflicts.Evaluates):
            request(mara, sol, now=now, kind=Kind.WELLNESS)

    def test_a_mentor_of_another_chapter_does_not_exist(self, odd, sol, now, inside):
        with inside(sol), pytest.raises(NotYours):
            request(odd, sol, now=now)

    def test_on_the_day_the_clocks_go_forward_hours_keep_to_the_wall(
        self, lakeside, sol, now, inside
    ):
        mentor = make.mentor(lakeside, hours=[(6, datetime.min.time(), datetime.min.time())])
        sunday = datetime(2026, 3, 8, tzinfo=UTC)
        # Sunday begins at six in UTC and ends at five: the hour after two never comes.
        assert ask(mentor, sol, now=now, starts_at=sunday + timedelta(hours=6))
        rival = make.student(lakeside)
        assert ask(
            mentor, rival, now=now, starts_at=sunday + timedelta(days=1, hours=4, minutes=30)
        )
        third = make.student(lakeside)
        with inside(third), pytest.raises(rules.OutsideHours):
            request(mentor, third, now=now, starts_at=sunday + timedelta(days=1, hours=5))


class TestAccept:
    def test_sets_the_meeting_and_the_pairing(self, asked, mara, sol, now, inside):
        with inside(mara):
            meeting = mine(asked, mara)
            meetings.accept(meeting, by=mara, now=now, seen=0)
            assert (meeting.state, meeting.awaiting, meeting.answer_by) == ("accepted", None, None)
            assert pairing_of(meeting).state == PairingState.ACCEPTED
            assert len(held(mara, sol)) == 2

    def test_twice_changes_nothing(self, accepted, mara, now, inside):
        with inside(mara):
            meetings.accept(mine(accepted, mara), by=mara, now=now + LATER)
            assert deeds(accepted) == ["meeting.requested", "meeting.accepted"]
            assert mine(accepted, mara).settled_at == now

    def test_refuses_the_one_who_asked(self, asked, sol, now, inside):
        with inside(sol), pytest.raises(rules.NotYourTurn):
            meetings.accept(mine(asked, sol), by=sol, now=now)

    def test_refuses_strangers_as_if_it_did_not_exist(self, lakeside, asked, mara, now, inside):
        stranger = make.mentor(lakeside)
        with inside(mara), pytest.raises(NotYours):
            meetings.accept(mine(asked, mara), by=stranger, now=now)

    def test_refuses_a_time_that_is_not_the_one_that_was_seen(self, asked, mara, sol, now, inside):
        with inside(mara):
            meeting = mine(asked, mara)
            _propose(meeting, by=mara, now=now)
            _propose(meeting, by=sol, now=now, at=WEDNESDAY_AT_TWO + 2 * HALF_AN_HOUR)
            with pytest.raises(rules.Moved):
                meetings.accept(meeting, by=mara, now=now, seen=0)
            meetings.accept(meeting, by=mara, now=now, seen=2)

    def test_refuses_once_the_time_to_answer_is_over(self, asked, mara, inside):
        with inside(mara), pytest.raises(rules.Settled, match="lapsed"):
            meetings.accept(mine(asked, mara), by=mara, now=WEDNESDAY_AT_TWO)

    @pytest.mark.parametrize(
        ("state", "words"),
        [
            (MeetingState.DECLINED, "declined"),
            (MeetingState.WITHDRAWN, "withdrawn"),
            (MeetingState.LAPSED, "lapsed"),
            (MeetingState.CANCELLED, "cancelled"),
            (MeetingState.HELD, "taken place"),
        ],
    )
    def test_says_what_became_of_it(self, mara, sol, now, inside, state, words):
        pairing_id = make.pairing(mara, sol)
        done = make.meeting(mara, sol, pairing_id, starts_at=WEDNESDAY_AT_TWO, state=state)
        with inside(mara), pytest.raises(rules.Settled, match=words):
            meetings.accept(mine(done, mara), by=mara, now=now)

    def test_refuses_whom_a_block_has_parted_since(self, asked, mara, sol, now, inside):
        with inside(sol):
            conflicts.block(other=mara, by=sol, now=now)
        with inside(mara), pytest.raises(conflicts.Blocked):
            meetings.accept(mine(asked, mara), by=mara, now=now)


class TestProposeOtherTime:
    def test_moves_both_holds_and_asks_the_other(self, asked, mara, sol, now, inside):
        with inside(mara):
            meeting = mine(asked, mara)
            _propose(meeting, by=mara, now=now)
            at = WEDNESDAY_AT_TWO + HALF_AN_HOUR
            assert (meeting.starts_at, meeting.minutes) == (at, 25)
            assert (meeting.awaiting, meeting.sequence) == (Part.MENTEE, 1)
            assert held(mara, sol) == sorted((who.user_id, at) for who in (mara, sol))
            assert deeds(asked)[-1] == "meeting.moved"

    def test_gives_a_whole_new_time_to_answer(self, mara, sol, now, inside):
        asked = ask(mara, sol, now=now, starts_at=WEDNESDAY_AT_TWO + timedelta(days=7))
        later = now + timedelta(hours=50)
        with inside(mara):
            meeting = mine(asked, mara)
            meetings.remind(asked, now=now + timedelta(hours=48))
            _propose(meeting, by=mara, now=later, at=WEDNESDAY_AT_TWO + timedelta(days=8))
            assert (meeting.answer_by, meeting.reminded_at) == (later + THREE_DAYS, None)

    def test_a_mentor_may_leave_the_hours_and_the_grid(self, asked, mara, now, inside):
        at = datetime(2026, 3, 7, 3, 7, tzinfo=UTC)
        with inside(mara):
            _propose(mine(asked, mara), by=mara, now=now, at=at)
            assert mine(asked, mara).starts_at == at

    def test_a_mentee_may_not(self, asked, mara, sol, now, inside):
        with inside(mara):
            meeting = mine(asked, mara)
            _propose(meeting, by=mara, now=now)
            for at, no in (
                (datetime(2026, 3, 7, 3, tzinfo=UTC), rules.OutsideHours),
                (WEDNESDAY_AT_TWO + timedelta(minutes=67), rules.NotOnTheGrid),
            ):
                with pytest.raises(no):
                    _propose(meeting, by=sol, now=now, at=at)

    def test_may_overlap_the_time_it_leaves(self, asked, mara, now, inside):
        with inside(mara):
            _propose(
                mine(asked, mara), by=mara, now=now, at=WEDNESDAY_AT_TWO + timedelta(minutes=5)
            )

    @pytest.mark.parametrize(
        ("at", "no"),
        [
            (WEDNESDAY_AT_TWO, rules.SameTime),
            (WEDNESDAY_AT_TWO - timedelta(days=2), rules.TooSoon),
            (WEDNESDAY_AT_TWO + timedelta(weeks=7), rules.TooFar),
        ],
    )
    def test_refuses_times_that_cannot_be(self, asked, mara, sol, now, inside, at, no):
        with inside(mara):
            with pytest.raises(no):
                _propose(mine(asked, mara), by=mara, now=now, at=at)
            assert {at for _, at in held(mara, sol)} == {WEDNESDAY_AT_TWO}

    def test_refuses_time_that_either_of_them_has_given_away(
        self, lakeside, asked, mara, sol, now, inside
    ):
        at = WEDNESDAY_AT_TWO + timedelta(days=1)
        ask(mara, make.student(lakeside), now=now, starts_at=at)
        other = make.mentor(lakeside, hours=make.WEEKDAYS)
        ask(other, sol, now=now, starts_at=at + 2 * HALF_AN_HOUR)
        with inside(mara):
            with pytest.raises(AlreadyBusy):
                _propose(mine(asked, mara), by=mara, now=now, at=at)
            with pytest.raises(StudentBusy, match="student is not free"):
                _propose(mine(asked, mara), by=mara, now=now, at=at + 2 * HALF_AN_HOUR)

    def test_refuses_who_is_not_asked(self, asked, sol, now, inside):
        with inside(sol), pytest.raises(rules.NotYourTurn):
            _propose(mine(asked, sol), by=sol, now=now)

    def test_refuses_strangers(self, lakeside, asked, mara, now, inside):
        stranger = make.mentor(lakeside)
        with inside(mara), pytest.raises(NotYours):
            _propose(mine(asked, mara), by=stranger, now=now)

    def test_refuses_a_fourth_change(self, asked, mara, sol, now, inside):
        with inside(mara):
            meeting = mine(asked, mara)
            for number, who in enumerate((mara, sol, mara), 1):
                _propose(meeting, by=who, now=now, at=WEDNESDAY_AT_TWO + number * HALF_AN_HOUR)
            with pytest.raises(rules.TooManyMoves):
                _propose(meeting, by=sol, now=now)

    def test_refuses_when_it_is_settled(self, accepted, mara, now, inside):
        with inside(mara), pytest.raises(rules.Settled, match="accepted already"):
            _propose(mine(accepted, mara), by=mara, now=now)


class TestDecline:
    def test_frees_the_time_and_the_place(self, asked, mara, sol, now, inside):
        with inside(mara):
            meeting = mine(asked, mara)
            meetings.decline(meeting, by=mara, now=now, word="No room.")
            assert (meeting.state, meeting.word) == ("declined", "No room.")
            assert pairing_of(meeting).state == PairingState.ENDED
            assert (held(mara, sol), places_taken(mara)) == ([], 0)
            assert deeds(asked) == ["meeting.requested", "meeting.declined"]

    def test_leaves_a_pairing_that_was_there_before(self, mara, sol, now, inside):
        make.pairing(mara, sol)
        asked = ask(mara, sol, now=now)
        with inside(mara):
            meetings.decline(mine(asked, mara), by=mara, now=now)
            assert pairing_of(mine(asked, mara)).state == PairingState.ACCEPTED
            assert places_taken(mara) == 1

    def test_names_a_better_contact(self, lakeside, asked, mara, now, inside):
        bell = make.mentor(lakeside, "Dr. Bell")
        with inside(mara):
            meetings.decline(mine(asked, mara), by=mara, now=now, referred_to=bell)
            assert mine(asked, mara).referred_to_id == bell.id

    def test_refuses_a_contact_who_does_not_offer_the_kind(
        self, lakeside, asked, mara, sol, now, inside
    ):
        elsewhere = make.mentor(lakeside, offers={Kind.WELLNESS: ()})
        with inside(mara):
            for nobody in (elsewhere, mara, sol):
                with pytest.raises(rules.NoSuchColleague):
                    meetings.decline(mine(asked, mara), by=mara, now=now, referred_to=nobody)

    def test_refuses_a_contact_who_has_left_or_mentors_no_more(
        self, lakeside, asked, mara, now, inside
    ):
        left, resting = make.mentor(lakeside), make.mentor(lakeside)
        with inside(mara):
            gone = update(Membership).where(Membership.id == left.id)
            db.session.execute(gone.values(left_at=now))
            other = update(Membership).where(Membership.id == resting.id)
            db.session.execute(other.values(held=["officer"]))
        with inside(mara):
            for nobody in (left, resting):
                with pytest.raises(rules.NoSuchColleague):
                    meetings.decline(mine(asked, mara), by=mara, now=now, referred_to=nobody)

    def test_refuses_a_contact_who_is_kept_apart_from_the_student(
        self, lakeside, asked, mara, sol, now, inside
    ):
        apart = make.mentor(lakeside)
        with inside(mara):
            conflicts.block(other=sol, by=apart, now=now)
            with pytest.raises(rules.NoSuchColleague):
                meetings.decline(mine(asked, mara), by=mara, now=now, referred_to=apart)

    def test_twice_changes_nothing(self, asked, mara, now, inside):
        with inside(mara):
            meetings.decline(mine(asked, mara), by=mara, now=now, word="First.")
            meetings.decline(mine(asked, mara), by=mara, now=now, word="Second.")
            assert mine(asked, mara).word == "First."
            assert deeds(asked) == ["meeting.requested", "meeting.declined"]

    def test_is_the_mentors(self, asked, sol, now, inside):
        with inside(sol), pytest.raises(NotYours):
            meetings.decline(mine(asked, sol), by=sol, now=now)

    def test_refuses_what_is_settled(self, accepted, mara, now, inside):
        with inside(mara), pytest.raises(rules.Settled):
            meetings.decline(mine(accepted, mara), by=mara, now=now)


class TestWithdraw:
    def test_frees_the_time_and_the_place(self, asked, mara, sol, now, inside):
        with inside(sol):
            meetings.withdraw(mine(asked, sol), by=sol, now=now)
            assert mine(asked, sol).state == "withdrawn"
            assert (held(mara, sol), places_taken(mara)) == ([], 0)
        # And the two may try again.
        assert ask(mara, sol, now=now)

    def test_twice_changes_nothing(self, asked, sol, now, inside):
        with inside(sol):
            meetings.withdraw(mine(asked, sol), by=sol, now=now)
            meetings.withdraw(mine(asked, sol), by=sol, now=now)
            assert deeds(asked) == ["meeting.requested", "meeting.withdrawn"]

    def test_is_the_students(self, asked, mara, now, inside):
        with inside(mara), pytest.raises(NotYours):
            meetings.withdraw(mine(asked, mara), by=mara, now=now)

    def test_refuses_what_is_settled(self, accepted, sol, now, inside):
        with inside(sol), pytest.raises(rules.Settled):
            meetings.withdraw(mine(accepted, sol), by=sol, now=now)


class TestRemindAndLapse:
    @pytest.fixture
    def asked(self, mara, sol, now):
        return ask(mara, sol, now=now, starts_at=WEDNESDAY_AT_TWO + timedelta(days=7))

    def test_reminds_once_after_two_days(self, asked, mara, now, inside):
        with inside(mara):
            for hours in (47, 48, 49):
                meetings.remind(asked, now=now + timedelta(hours=hours))
            assert mine(asked, mara).reminded_at == now + timedelta(hours=48)
            assert deeds(asked) == ["meeting.requested", "meeting.reminded"]

    def test_lapses_after_three_days_and_frees_everything(self, asked, mara, sol, now, inside):
        with inside(mara):
            meetings.lapse(asked, now=now + THREE_DAYS - timedelta(seconds=1))
            assert mine(asked, mara).state == "requested"
            meetings.lapse(asked, now=now + THREE_DAYS)
            assert mine(asked, mara).state == "lapsed"
            assert (held(mara, sol), places_taken(mara)) == ([], 0)

    def test_lapses_once(self, asked, mara, now, inside):
        with inside(mara):
            meetings.lapse(asked, now=now + THREE_DAYS)
            meetings.lapse(asked, now=now + THREE_DAYS)
            assert deeds(asked) == ["meeting.requested", "meeting.lapsed"]

    def test_the_worker_does_both_in_time(self, asked, mara, now, at, work, inside):
        at(now + timedelta(hours=49))
        work(until=now + timedelta(hours=49))
        with inside(mara):
            assert mine(asked, mara).reminded_at
        at(now + timedelta(hours=73))
        work(until=now + timedelta(hours=73))
        with inside(mara):
            assert mine(asked, mara).state == "lapsed"

    def test_jobs_of_a_time_that_was_left_do_nothing(self, asked, mara, now, inside):
        later = now + timedelta(hours=71)
        with inside(mara):
            meeting = mine(asked, mara)
            _propose(meeting, by=mara, now=later, at=WEDNESDAY_AT_TWO + timedelta(days=8))
            meetings.remind(asked, now=now + timedelta(hours=72))
            meetings.lapse(asked, now=now + THREE_DAYS)
            assert (meeting.state, meeting.reminded_at) == ("requested", None)

    def test_nothing_that_is_settled_or_gone_is_touched(self, accepted, mara, now, inside):
        with inside(mara):
            meetings.remind(accepted, now=now + timedelta(hours=48))
            meetings.lapse(accepted, now=now + THREE_DAYS)
            meetings.lapse(mara.id, now=now)  # no meeting
            meetings.remind(mara.id, now=now)
            assert mine(accepted, mara).state == "accepted"

    def test_a_meeting_that_is_soon_is_recalled_after_two_thirds(self, mara, sol, now, inside):
        asked = ask(mara, sol, now=now)  # in fifty hours
        with inside(mara):
            meetings.remind(asked, now=now + timedelta(hours=33))
            assert mine(asked, mara).reminded_at is None
            meetings.remind(asked, now=now + timedelta(hours=34))
            assert mine(asked, mara).reminded_at


class TestCancel:
    @pytest.mark.parametrize("who", ["mara", "sol"])
    def test_frees_the_time_and_keeps_the_pairing(
        self, accepted, mara, sol, now, inside, who, request
    ):
        by = request.getfixturevalue(who)
        with inside(by):
            meeting = mine(accepted, by)
            meetings.cancel(meeting, by=by, now=now, word="A shift was moved.")
            assert (meeting.state, meeting.word, meeting.sequence) == (
                "cancelled",
                "A shift was moved.",
                1,
            )
            assert held(mara, sol) == []
            assert pairing_of(meeting).state == PairingState.ACCEPTED

    def test_twice_changes_nothing(self, accepted, sol, now, inside):
        with inside(sol):
            meetings.cancel(mine(accepted, sol), by=sol, now=now)
            meetings.cancel(mine(accepted, sol), by=sol, now=now)
            assert mine(accepted, sol).sequence == 1

    def test_refuses_before_it_is_accepted_and_once_it_has_begun(self, mara, sol, now, inside):
        asked = ask(mara, sol, now=now)
        with inside(mara):
            with pytest.raises(rules.Settled, match="not accepted yet"):
                meetings.cancel(mine(asked, mara), by=mara, now=now)
            meetings.accept(mine(asked, mara), by=mara, now=now)
            with pytest.raises(rules.HasBegun):
                meetings.cancel(mine(asked, mara), by=mara, now=WEDNESDAY_AT_TWO)

    def test_refuses_strangers(self, lakeside, accepted, mara, now, inside):
        stranger = make.student(lakeside)
        with inside(mara), pytest.raises(NotYours):
            meetings.cancel(mine(accepted, mara), by=stranger, now=now)


class TestHeld:
    def test_makes_the_pairing_active_as_of_that_day(self, accepted, mara, sol, inside):
        with inside(sol):
            meetings.held(mine(accepted, sol), by=sol, now=WEDNESDAY_AT_TWO + HALF_AN_HOUR)
            pairing = pairing_of(mine(accepted, sol))
            assert (pairing.state, pairing.last_contact_on) == (
                "active",
                WEDNESDAY_AT_TWO.date(),
            )
            assert len(held(mara, sol)) == 2  # it counts to what they want at most

    def test_twice_changes_nothing(self, accepted, mara, sol, inside):
        with inside(sol):
            meetings.held(mine(accepted, sol), by=sol, now=WEDNESDAY_AT_TWO)
            meetings.held(mine(accepted, sol), by=mara, now=WEDNESDAY_AT_TWO + LATER)
            assert deeds(accepted).count("meeting.held") == 1

    def test_refuses_before_it_has_begun(self, accepted, sol, now, inside):
        with inside(sol), pytest.raises(rules.NotYet):
            meetings.held(mine(accepted, sol), by=sol, now=now)

    def test_refuses_what_never_was(self, asked, sol, inside):
        with inside(sol), pytest.raises(rules.Settled):
            meetings.held(mine(asked, sol), by=sol, now=WEDNESDAY_AT_TWO)


class TestNotHeld:
    def test_says_who_did_not_come(self, accepted, mara, sol, inside):
        at = WEDNESDAY_AT_TWO + timedelta(minutes=10)
        with inside(mara):
            meetings.not_held(mine(accepted, mara), by=mara, absent=Part.MENTEE, now=at)
            meeting = mine(accepted, mara)
            assert (meeting.state, meeting.absent) == ("no_show", "mentee")
            assert pairing_of(meeting).last_contact_on is None
            assert len(held(mara, sol)) == 2  # it counts to what they want at most

    def test_twice_changes_nothing(self, accepted, mara, sol, inside):
        at = WEDNESDAY_AT_TWO + timedelta(minutes=10)
        with inside(mara):
            meetings.not_held(mine(accepted, mara), by=mara, absent=Part.MENTEE, now=at)
            meetings.not_held(mine(accepted, mara), by=sol, absent=Part.MENTOR, now=at)
            assert mine(accepted, mara).absent == "mentee"

    def test_gives_them_ten_minutes(self, accepted, mara, inside):
        at = WEDNESDAY_AT_TWO + timedelta(minutes=9)
        with inside(mara), pytest.raises(rules.NotYet):
            meetings.not_held(mine(accepted, mara), by=mara, absent=Part.MENTEE, now=at)

    def test_refuses_after_they_have_met(self, accepted, mara, inside):
        at = WEDNESDAY_AT_TWO + timedelta(minutes=10)
        with inside(mara):
            meetings.held(mine(accepted, mara), by=mara, now=at)
            with pytest.raises(rules.Settled, match="taken place"):
                meetings.not_held(mine(accepted, mara), by=mara, absent=Part.MENTEE, now=at)


class TestTheDatabaseHasTheLastWord:
    """The look beforehand is a kindness. Without it, the exclusion constraint says the same."""

    @pytest.fixture(autouse=True)
    def nobody_looks(self, monkeypatch):
        monkeypatch.setattr(holds, "insist_on_free", lambda *_, **__: None)

    def test_a_request_for_time_that_is_held_leaves_nothing(
        self, lakeside, asked, mara, now, inside
    ):
        rival = make.student(lakeside)
        with inside(rival):
            with pytest.raises(TimeTaken):
                request(mara, rival, now=now)
            assert held(rival) == []
            assert places_taken(mara) == 1

    def test_whose_time_it_is_decides_the_words(self, lakeside, asked, sol, now, inside):
        other = make.mentor(lakeside, hours=make.WEEKDAYS)
        with inside(sol), pytest.raises(AlreadyBusy):
            request(other, sol, now=now)

    def test_a_move_onto_time_that_is_held_stays_where_it_was(
        self, lakeside, asked, mara, now, inside
    ):
        at = WEDNESDAY_AT_TWO + HALF_AN_HOUR
        ask(mara, make.student(lakeside), now=now, starts_at=at)
        with inside(mara):
            with pytest.raises(AlreadyBusy):
                _propose(mine(asked, mara), by=mara, now=now, at=at)
            db.session.rollback()
            assert mine(asked, mara).starts_at == WEDNESDAY_AT_TWO


def _propose(meeting, *, by, now, at=WEDNESDAY_AT_TWO + HALF_AN_HOUR):
    meetings.propose_other_time(meeting, starts_at=at, by=by, now=now)


def _serves_two(lakeside, *, places=3):
    """A mentor of two chapters: as a member of each, and the other chapter."""
    mentor = make.mentor(lakeside, "Dr. Two", hours=make.WEEKDAYS, places=places)
    elsewhere = make.chapter("hillside")
    there = make.mentor(elsewhere, "Dr. Two", email=mentor.email, places=places)
    return mentor, elsewhere, there


def _also_mentors(who):
    """Give a student a mentor's profile, with hours."""
    make.offer_hours(who, make.WEEKDAYS)
    with scope.chapter(who.chapter_id):
        users.set_places(who.user_id, places=2)
        db.session.add(MentorProfile(member_id=who.id, search="", updated_at=make.LONG_AGO))
        db.session.add_all(Offer(member_id=who.id, kind=kind) for kind in Kind)
        db.session.commit()
