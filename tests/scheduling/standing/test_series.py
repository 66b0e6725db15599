"""Meeting every so many weeks: proposing, agreeing, what is left out, and the end."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from icalendar import Calendar
from sqlalchemy import select

from mentorship.foundation import scope
from mentorship.foundation.database import db
from mentorship.foundation.errors import NotYours
from mentorship.relationships import conflicts, pairings
from mentorship.relationships.models import Pairing, PairingState
from mentorship.scheduling import dates as calendar
from mentorship.scheduling import holds, meetings, reschedules, rules
from mentorship.scheduling.models import Meeting, MeetingState
from mentorship.scheduling.slots import Away
from mentorship.scheduling.standing import series
from mentorship.scheduling.standing.models import (
    StandingDate,
    StandingMeeting,
    StandingState,
    Why,
)
from mentorship.vocabulary.kinds import Kind
from tests import make
from tests.conftest import words
from tests.scheduling.asking import ask, deeds, held

#: Thursday at two in the afternoon in Chicago; the clocks go forward on the Sunday after it.
THURSDAY = datetime(2026, 3, 5, 20, tzinfo=UTC)
WEEK, DAY, HOUR = timedelta(days=7), timedelta(days=1), timedelta(hours=1)
#: The six Thursdays within the horizon: from the second on an hour earlier in UTC.
SIX = [THURSDAY] + [THURSDAY + n * WEEK - HOUR for n in range(1, 6)]


@pytest.fixture
def pairing_id(mara, sol) -> UUID:
    return make.pairing(mara, sol, state=PairingState.ACTIVE)


@pytest.fixture
def propose(pairing_id, sol, mara, now):
    def propose(by=sol, *, pairing=pairing_id, when=now, **more) -> UUID:
        said = {"starts_at": THURSDAY, "minutes": 25, "every": 1, "purpose": "Walk through cases."}
        with scope.chapter(by.chapter_id):
            found = db.session.get(Pairing, (by.chapter_id, pairing))
            made = series.propose(pairing=found, by=by, now=when, **(said | more))
            db.session.commit()
            return made.id

    return propose


def do(verb, standing_id, by, now, **more):
    with scope.chapter(by.chapter_id):
        found = db.session.get(StandingMeeting, (by.chapter_id, standing_id))
        verb(found, by=by, now=now, **more)
        db.session.commit()


def extend(standing_id, who, now):
    with scope.chapter(who.chapter_id):
        series.extend(standing_id, now=now)
        db.session.commit()


def state(standing_id, who) -> str:
    with scope.chapter(who.chapter_id):
        return db.session.get(StandingMeeting, (who.chapter_id, standing_id)).state


def dates(who) -> list[tuple[datetime, str | None]]:
    """When each date is, and what became of it: its meeting's state, or why it was left out."""
    rows = (
        select(StandingDate.starts_at, StandingDate.why, Meeting.state)
        .outerjoin(Meeting, Meeting.id == StandingDate.meeting_id)
        .order_by(StandingDate.number)
    )
    with scope.chapter(who.chapter_id):
        return [(row.starts_at, row.why or row.state) for row in db.session.execute(rows)]


def at(who) -> list[datetime]:
    with scope.chapter(who.chapter_id):
        return [starts_at for _, starts_at in held(who)]


def meeting_at(who, starts_at) -> UUID:
    with scope.chapter(who.chapter_id):
        return db.session.scalars(select(Meeting.id).where(Meeting.starts_at == starts_at)).one()


class TestProposing:
    def test_holds_the_first_date_for_both_and_leaves_one_deed(self, propose, mara, sol):
        standing_id = propose()

        assert at(sol) == at(mara) == [THURSDAY]
        with scope.chapter(sol.chapter_id):
            assert deeds(standing_id) == ["standing.proposed"]

    @pytest.mark.parametrize(
        ("refusal", "more"),
        [
            (series.NoSuchInterval, {"every": 0}),
            (series.NoSuchInterval, {"every": 13}),
            (series.NoSuchEnd, {"times": 1}),
            (series.NoSuchEnd, {"times": 53}),
            (series.NoSuchEnd, {"until": date(2026, 3, 4)}),
            (rules.LengthNotOffered, {"minutes": 15}),
            (rules.TooSoon, {"starts_at": datetime(2026, 3, 3, 17, tzinfo=UTC)}),
            (rules.TooFar, {"starts_at": THURSDAY + 6 * WEEK}),
            (rules.OutsideHours, {"starts_at": THURSDAY + 4 * HOUR}),
            (rules.NotOnTheGrid, {"starts_at": THURSDAY + timedelta(minutes=7)}),
        ],
    )
    def test_is_refused_where_it_makes_no_sense(self, propose, sol, refusal, more):
        with pytest.raises(refusal):
            propose(**more)
        assert at(sol) == []

    def test_is_for_the_two_of_a_pairing_that_is_under_way(self, propose, lakeside, mara, sol):
        with pytest.raises(NotYours):
            propose(make.student(lakeside))
        other = make.student(lakeside)
        asked = make.pairing(mara, other, state=PairingState.PROPOSED)
        with pytest.raises(series.NotUnderWay):
            propose(other, pairing=asked)

    def test_happens_once_for_a_pairing(self, propose, mara):
        propose()
        with pytest.raises(series.AlreadyStanding):
            propose(mara)

    def test_begins_when_both_are_free(self, propose, lakeside, mara, sol):
        other = make.student(lakeside)
        make.meeting(mara, other, make.pairing(mara, other), starts_at=THURSDAY)
        with pytest.raises(holds.TimeTaken):
            propose()
        ona = make.mentor(lakeside)
        there = THURSDAY + DAY
        make.meeting(ona, sol, make.pairing(ona, sol, Kind.WELLNESS), starts_at=there)
        with pytest.raises(holds.AlreadyBusy):
            propose(starts_at=there)
        with pytest.raises(holds.StudentBusy):
            propose(mara, starts_at=there)
        assert at(sol) == [there]

    def test_begins_where_the_mentor_says_also_outside_their_hours(self, propose, mara, sol):
        evening = THURSDAY + 4 * HOUR + timedelta(minutes=7)
        propose(mara, starts_at=evening)
        assert at(sol) == [evening]

    def test_begins_on_no_day_on_which_the_mentor_is_away(self, propose, mara, sol, now, inside):
        with inside(mara):
            calendar.leave(away=Away(THURSDAY.date(), THURSDAY.date()), by=mara, now=now)
        with pytest.raises(series.FirstNotFree):
            propose(mara)
        assert at(sol) == []

    def test_begins_the_first_time_where_a_time_comes_twice(self, propose, mara):
        before = datetime(2026, 10, 30, 18, tzinfo=UTC)
        first = datetime(2026, 11, 1, 6, 30, tzinfo=UTC)  # half past one; an hour later it is again
        with pytest.raises(rules.NotOnTheGrid):
            propose(mara, when=before, starts_at=first + HOUR)
        propose(mara, when=before, starts_at=first)

    def test_keeps_the_first_date_from_others_until_the_answer(
        self, propose, lakeside, mara, sol, now
    ):
        standing_id, rival = propose(), make.student(lakeside)
        with pytest.raises(holds.TimeTaken):
            ask(mara, rival, now=now, starts_at=THURSDAY + timedelta(minutes=15))
        do(series.close, standing_id, mara, now)

        assert at(sol) == []
        ask(mara, rival, now=now, starts_at=THURSDAY + timedelta(minutes=15))

    def test_is_recalled_once_to_who_is_asked_as_a_request_is(
        self, propose, sol, mara, now, work, tray, at
    ):
        standing_id = propose(starts_at=THURSDAY + 5 * DAY - HOUR)
        with scope.chapter(sol.chapter_id):
            series.remind(standing_id, now=now + timedelta(hours=47))
            db.session.commit()
        work()
        tray.empty()
        for _ in range(2):
            work(until=at(now + timedelta(hours=48)))
            with scope.chapter(sol.chapter_id):
                series.remind(standing_id, now=now + timedelta(hours=49))
                db.session.commit()

        [mail] = tray.mails
        assert mail["To"] == mara.email
        assert mail["Subject"] == "Sol Adair waits for your answer"

    def test_lapses_unless_it_is_answered(self, propose, sol, mara, work, tray, at):
        standing_id = propose()
        work(until=at(datetime(2026, 3, 5, 19, tzinfo=UTC)))
        assert state(standing_id, sol) == StandingState.LAPSED
        with scope.chapter(sol.chapter_id):
            assert held(sol, mara) == []
        assert "has not answered in time" in words(tray.to(sol.email)[-1])
        with pytest.raises(series.NothingToAnswer):
            do(series.agree, standing_id, mara, THURSDAY - HOUR)


class TestAgreeing:
    def test_sets_the_dates_within_the_horizon_by_the_mentors_wall_clock(
        self, propose, mara, sol, now
    ):
        standing_id = propose()
        for _ in range(2):
            do(series.agree, standing_id, mara, now)

        assert dates(sol) == [(starts_at, "accepted") for starts_at in SIX]
        assert at(sol) == at(mara) == SIX

    def test_is_for_the_one_who_was_asked(self, propose, mara, sol, now):
        standing_id = propose()
        with pytest.raises(rules.NotYourTurn):
            do(series.agree, standing_id, sol, now)
        assert at(sol) == [THURSDAY]
        do(series.close, standing_id, mara, now, word="Not on Thursdays.")
        assert state(standing_id, sol) == StandingState.DECLINED
        assert state(propose(mara), sol) == StandingState.PROPOSED

    @pytest.mark.parametrize(("more", "count"), [({"times": 3}, 3), ({"every": 2}, 3)])
    def test_keeps_to_the_interval_and_the_number(self, propose, mara, sol, now, more, count):
        do(series.agree, propose(**more), mara, now)
        assert at(sol) == (SIX[:3] if "times" in more else SIX[::2])
        assert len(dates(sol)) == count

    def test_keeps_to_the_last_day(self, propose, mara, sol, now):
        do(series.agree, propose(until=date(2026, 3, 19)), mara, now)
        assert at(sol) == SIX[:3]

    def test_leaves_out_what_cannot_be_and_says_why(
        self, propose, lakeside, mara, sol, now, inside
    ):
        standing_id = propose()
        # The mentor has a student of another chapter, the student another mentor.
        elsewhere = make.chapter("harborside")
        twin = make.mentor(elsewhere, email=mara.email)
        stranger = make.student(elsewhere)
        make.meeting(twin, stranger, make.pairing(twin, stranger), starts_at=SIX[1])
        other = make.mentor(lakeside)
        make.meeting(other, sol, make.pairing(other, sol, Kind.WELLNESS), starts_at=SIX[2])
        with inside(mara):
            calendar.leave(away=Away(SIX[3].date(), SIX[3].date()), by=mara, now=now)

        do(series.agree, standing_id, mara, now)

        became = [what for _, what in dates(sol)]
        assert became == ["accepted", Why.MENTOR_BUSY, Why.MENTEE_BUSY, Why.AWAY, *["accepted"] * 2]

    @pytest.mark.parametrize(
        ("limit", "why"),
        [("per_day", Why.DAY_FULL), ("per_week", Why.WEEK_FULL), ("per_month", Why.MONTH_FULL)],
    )
    def test_keeps_to_what_the_mentor_wants_at_most(
        self, propose, lakeside, mara, sol, now, limit, why
    ):
        make.limit(mara, **{limit: 1})
        other = make.student(lakeside)
        standing_id = propose(every=1)
        theirs = make.pairing(mara, other)
        make.meeting(mara, other, theirs, starts_at=SIX[1] - 3 * HOUR)

        do(series.agree, standing_id, mara, now)

        became = dict(dates(sol))
        assert became[SIX[1]] == why
        assert "accepted" in became.values()

    def test_is_refused_when_nothing_fits_anymore(self, propose, mara, sol, now, inside):
        standing_id = propose(times=2)
        with inside(mara):
            calendar.leave(away=Away(SIX[0].date(), SIX[1].date()), by=mara, now=now)
        with pytest.raises(series.NothingFits):
            do(series.agree, standing_id, mara, now)
        assert state(standing_id, sol) == StandingState.PROPOSED
        assert at(sol) == [THURSDAY]

    def test_is_refused_for_people_kept_apart_since(self, propose, mara, sol, now, inside):
        standing_id = propose()
        with inside(mara):
            conflicts.block(other=sol, by=mara, now=now)
        with pytest.raises(conflicts.Blocked):
            do(series.agree, standing_id, mara, now)

    def test_is_over_with_the_pairing_and_holds_no_time(
        self, propose, pairing_id, mara, sol, now, inside
    ):
        standing_id = propose()
        with inside(sol):
            pairings.end(db.session.get(Pairing, (sol.chapter_id, pairing_id)), by=sol, now=now)
        assert state(standing_id, sol) == StandingState.ENDED
        assert at(sol) == at(mara) == []

    def test_sends_an_invitation_for_each_date_and_at_last_all_dates_to_who_proposed(
        self, propose, mara, sol, now, work, tray
    ):
        do(series.agree, propose(times=2), mara, now)
        work()
        for who in (mara, sol):
            mails = tray.to(who.email)
            [first, second] = [mail for mail in mails if len(list(mail.iter_parts())) == 3]
            events = []
            for mail in (first, second):
                *_, part = mail.iter_parts()
                calendar = Calendar.from_ical(part.get_payload(decode=True))
                assert calendar["method"] == "REQUEST"
                events += calendar.events
            assert [event.start for event in events] == SIX[:2]
            assert events[0]["uid"] != events[1]["uid"]
        told = tray.to(sol.email)[-1]
        assert told["Subject"] == f"Standing meeting with {mara.name}"
        assert "Thu, Mar 12" in words(told)
        assert (len(tray.to(mara.email)), len(tray.to(sol.email))) == (2, 3)


class TestDates:
    def test_are_moved_and_cancelled_alone(self, propose, mara, sol, now, inside):
        do(series.agree, propose(), mara, now)
        moved, off = meeting_at(sol, SIX[1]), meeting_at(sol, SIX[2])
        later = SIX[1] + DAY
        with inside(mara):
            meeting = db.session.get(Meeting, (mara.chapter_id, moved))
            reschedules.propose(meeting, starts=[later], by=mara, now=now)
        with inside(sol):
            meeting = db.session.get(Meeting, (sol.chapter_id, moved))
            reschedules.agree(meeting, starts_at=later, by=sol, now=now)
            meetings.cancel(db.session.get(Meeting, (sol.chapter_id, off)), by=sol, now=now)

        assert at(sol) == [SIX[0], later, *SIX[3:]]

    def test_come_closer_and_are_added_once(self, propose, mara, sol, now):
        standing_id = propose()
        do(series.agree, standing_id, mara, now)
        for _ in range(2):
            extend(standing_id, sol, now + 2 * WEEK)

        assert at(sol) == [*SIX, SIX[5] + WEEK, SIX[5] + 2 * WEEK]

    def test_that_cannot_be_are_told_to_both(self, propose, lakeside, mara, sol, now, work, tray):
        standing_id = propose()
        do(series.agree, standing_id, mara, now)
        other = make.mentor(lakeside)
        seventh = SIX[5] + WEEK
        make.meeting(other, sol, make.pairing(other, sol, Kind.WELLNESS), starts_at=seventh)
        work()
        tray.empty()
        extend(standing_id, sol, now + WEEK)
        work()

        assert dates(sol)[-1] == (seventh, Why.MENTEE_BUSY)
        [mine], [theirs] = tray.to(sol.email), tray.to(mara.email)
        assert "You have something else then" in words(mine)
        assert "Sol has something else then" in words(theirs)

    def test_are_not_added_while_the_pairing_rests(
        self, propose, pairing_id, mara, sol, now, inside
    ):
        standing_id = propose()
        do(series.agree, standing_id, mara, now)
        with inside(mara):
            db.session.get(Pairing, (mara.chapter_id, pairing_id)).state = PairingState.PAUSED
        extend(standing_id, sol, now + 2 * WEEK)
        assert at(sol) == SIX

    def test_wait_for_a_calendar_that_cannot_be_read(self, propose, mara, sol, now):
        standing_id = propose()
        do(series.agree, standing_id, mara, now)
        make.calendar_feed(mara, good_until=now - DAY)
        extend(standing_id, sol, now + WEEK)
        assert at(sol) == SIX
        # A week before it, it is told rather than forgotten.
        extend(standing_id, sol, SIX[5] + HOUR)
        assert (SIX[5] + WEEK, Why.UNREAD) in dates(sol)

    def test_come_to_their_end(self, propose, mara, sol, now):
        standing_id = propose(times=2)
        do(series.agree, standing_id, mara, now)
        extend(standing_id, sol, SIX[1])
        assert state(standing_id, sol) == StandingState.AGREED
        extend(standing_id, sol, SIX[1] + DAY)
        assert state(standing_id, sol) == StandingState.ENDED


class TestStopping:
    def test_calls_off_what_is_ahead_and_tells_the_other(self, propose, mara, sol, now, work, tray):
        standing_id = propose()
        do(series.agree, standing_id, mara, now)
        work()
        tray.empty()
        for _ in range(2):
            do(series.stop, standing_id, sol, now, word="I am on an away rotation.")
        work()

        assert at(mara) == at(sol) == []
        subjects = [mail["Subject"] for mail in tray.to(mara.email)]
        assert "Sol Adair has stopped your standing meeting" in subjects
        assert len(subjects) == 7
        with pytest.raises(series.NotStanding):
            do(series.stop, propose(), mara, now)

    def test_from_a_date_on_leaves_those_before_it(self, propose, mara, sol, now):
        standing_id = propose()
        do(series.agree, standing_id, mara, now)
        do(series.stop, standing_id, mara, now, since=SIX[2])
        assert at(sol) == SIX[:2]

    @pytest.mark.parametrize("who", ["sol", "nobody"])
    def test_comes_with_the_end_of_the_pairing(
        self, propose, pairing_id, mara, sol, now, inside, who
    ):
        standing_id = propose()
        do(series.agree, standing_id, mara, now)
        with inside(sol):
            pairing = db.session.get(Pairing, (sol.chapter_id, pairing_id))
            pairings.end(pairing, by=sol if who == "sol" else None, now=now)
        assert state(standing_id, sol) == StandingState.ENDED
        assert {what for _, what in dates(sol)} == {MeetingState.CANCELLED}
        assert at(sol) == []
