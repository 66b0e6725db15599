"""Several students with one mentor: seats, the line for them, and the end."""

from datetime import UTC, datetime, timedelta

import pytest
from icalendar import Calendar
from sqlalchemy import select, update

from mentorship.foundation import scope
from mentorship.foundation.database import db
from mentorship.foundation.errors import NotYours
from mentorship.relationships import conflicts, pairings
from mentorship.relationships.models import Pairing, PairingState
from mentorship.scheduling import holds, meetings, rules
from mentorship.scheduling.groups import queries, sessions
from mentorship.scheduling.groups.models import Audience, GroupSeat, GroupSession
from mentorship.tenancy.models import Membership
from mentorship.vocabulary.kinds import Kind
from tests import make
from tests.conftest import words
from tests.scheduling.asking import deeds, held

#: Thursday at two in the afternoon in Chicago.
TWO = datetime(2026, 3, 5, 20, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def session_id(mara, now):
    return make.group_session(mara, starts_at=TWO)


@pytest.fixture
def join(session_id, now):
    def join(who, *, session=session_id, when=now) -> str:
        with scope.chapter(who.chapter_id):
            found = queries.session(session, member=who)
            seat = sessions.join(found, by=who, now=when)
            db.session.commit()
            return seat.state

    return join


@pytest.fixture
def leave(session_id, now):
    def leave(who, *, when=now) -> None:
        with scope.chapter(who.chapter_id):
            sessions.leave(queries.my_seat(session_id, member=who), by=who, now=when)
            db.session.commit()

    return leave


def do(verb, session_id, by, now, **more):
    with scope.chapter(by.chapter_id):
        verb(queries.session(session_id, member=by), by=by, now=now, **more)
        db.session.commit()


def at(*who) -> list:
    with scope.chapter(who[0].chapter_id):
        return [when for _, when in held(*who)]


def seats(who) -> list[str]:
    with scope.chapter(who.chapter_id):
        return list(
            db.session.scalars(select(GroupSeat.state).order_by(GroupSeat.joined_at, GroupSeat.id))
        )


def ask_for(mara, cora, now, **more):
    with scope.chapter(cora.chapter_id):
        made = sessions.open_session(
            mentor=mara,
            title="Rank lists",
            starts_at=TWO,
            minutes=60,
            seats=2,
            place="Room 4",
            audience=Audience.CHAPTER,
            by=cora,
            now=now,
            **more,
        )
        db.session.commit()
        return made.id


class TestOpening:
    def test_holds_the_mentors_time_in_every_chapter(self, session_id, mara):
        assert at(mara) == [TWO]
        twin = make.mentor(make.chapter("harborside"), email=mara.email)
        with pytest.raises(holds.AlreadyBusy):
            make.group_session(twin, starts_at=TWO + HOUR / 2)

    def test_counts_once_to_what_the_mentor_wants_at_most(
        self, session_id, join, mara, sol, lakeside, now, inside
    ):
        make.offer_hours(mara, make.WEEKDAYS)
        make.limit(mara, per_day=2)
        join(make.student(lakeside))
        join(make.student(lakeside))

        def ask(who, starts_at):
            with inside(who):
                return meetings.request(
                    mentor=mara,
                    kind=Kind.CAREER,
                    starts_at=starts_at,
                    minutes=25,
                    purpose="x",
                    by=who,
                    now=now,
                )

        ask(sol, TWO + 2 * HOUR)
        with pytest.raises(rules.DayFull):
            ask(make.student(lakeside), TWO - HOUR)

    @pytest.mark.parametrize(
        ("refusal", "more"),
        [
            (sessions.NoLength, {"minutes": 20}),
            (sessions.NoSuchNumber, {"seats": 0}),
            (sessions.NoSuchNumber, {"seats": 101}),
        ],
    )
    def test_is_refused_where_it_makes_no_sense(self, mara, refusal, more):
        with pytest.raises(refusal):
            make.group_session(mara, starts_at=TWO, **more)

    def test_is_refused_in_the_past_and_in_years(self, mara, cora, now):
        with pytest.raises(sessions.NotAhead):
            ask_for(mara, cora, TWO)
        with pytest.raises(sessions.TooFarOff):
            ask_for(mara, cora, TWO - 400 * DAY)

    def test_by_a_coordinator_waits_for_the_mentors_yes(self, mara, cora, sol, now, work, tray):
        session_id = ask_for(mara, cora, now)
        assert at(mara) == []
        with pytest.raises(NotYours):
            do(sessions.join, session_id, sol, now)
        with pytest.raises(NotYours):
            do(sessions.agree, session_id, cora, now)
        work()
        for _ in range(2):
            do(sessions.agree, session_id, mara, now)
        assert at(mara) == [TWO]
        work()
        asked, opened = tray.to(mara.email)
        assert asked["Subject"] == "A group session with you: Rank lists"
        assert "is open, with 2 seats" in words(opened)

    def test_may_be_declined_by_the_mentor_only(self, mara, cora, now, work, tray):
        session_id = ask_for(mara, cora, now)
        do(sessions.decline, session_id, mara, now, word="I am away.")
        work()
        assert "I am away." in words(tray.to(cora.email)[-1])
        with pytest.raises(sessions.NothingAsked):
            do(sessions.agree, session_id, mara, now)

    def test_is_no_students_to_do(self, mara, sol, now):
        with pytest.raises(NotYours):
            ask_for(mara, sol, now)

    def test_needs_a_mentor(self, sol, cora, now):
        with pytest.raises(sessions.NoMentor):
            ask_for(sol, cora, now)


class TestSeats:
    def test_are_held_and_the_rest_waits_in_line(self, session_id, join, sol, lakeside):
        others = [make.student(lakeside) for _ in range(2)]
        assert [join(sol), join(sol), *map(join, others)] == [
            *("seated", "seated", "seated", "waiting")
        ]
        assert at(sol, *others) == [TWO, TWO]

    def test_are_for_whom_the_mentor_says(self, join, mara, sol, now, lakeside):
        own = make.group_session(mara, starts_at=TWO + DAY, audience=Audience.MENTEES)
        with pytest.raises(NotYours):
            join(sol, session=own)
        make.pairing(mara, sol, state=PairingState.ACTIVE)
        assert join(sol, session=own) == "seated"

    def test_ask_the_verb_itself_who_may_come(self, mara, sol, now, inside):
        own = make.group_session(mara, starts_at=TWO + DAY, audience=Audience.MENTEES)
        with inside(sol):
            found = db.session.get(GroupSession, (sol.chapter_id, own))
            with pytest.raises(sessions.NotForYou):
                sessions.join(found, by=sol, now=now)

    def test_are_not_for_the_mentor_nor_for_people_kept_apart(
        self, session_id, join, mara, sol, now, inside
    ):
        with pytest.raises(NotYours):
            join(mara)
        with inside(mara):
            conflicts.block(other=sol, by=mara, now=now)
        with pytest.raises(NotYours):
            join(sol)
        with inside(sol):
            found = db.session.get(GroupSession, (sol.chapter_id, session_id))
            with pytest.raises(conflicts.Blocked):
                sessions.join(found, by=sol, now=now)

    def test_are_refused_while_one_has_something_else(self, join, sol, lakeside):
        other = make.mentor(lakeside)
        make.meeting(other, sol, make.pairing(other, sol), starts_at=TWO + HOUR / 2)
        with pytest.raises(holds.AlreadyBusy):
            join(sol)
        assert seats(sol) == []

    def test_are_refused_once_it_has_begun(self, join, leave, sol, lakeside):
        join(sol)
        with pytest.raises(sessions.HasBegun):
            join(make.student(lakeside), when=TWO)
        with pytest.raises(sessions.HasBegun):
            leave(sol, when=TWO)

    def test_go_to_the_first_in_line_who_is_free(
        self, session_id, join, leave, sol, lakeside, work, tray
    ):
        second, busy, free = (make.student(lakeside) for _ in range(3))
        for who in (sol, second, busy, free):
            join(who)
        other = make.mentor(lakeside)
        make.meeting(other, busy, make.pairing(other, busy), starts_at=TWO)
        leave(sol)
        # Nobody who comes between is before those in line.
        assert join(make.student(lakeside)) == "waiting"
        work()

        assert seats(sol) == ["left", "seated", "waiting", "seated", "waiting"]
        assert at(sol) == []
        assert at(free) == [TWO]
        assert "it is yours now" in words(tray.to(free.email)[-1])

    def test_are_not_kept_for_somebody_in_line_who_is_busy(self, join, leave, sol, lakeside, work):
        second, busy, late = (make.student(lakeside) for _ in range(3))
        for who in (sol, second, busy):
            join(who)
        other = make.mentor(lakeside)
        make.meeting(other, busy, make.pairing(other, busy), starts_at=TWO)
        leave(sol)
        work()
        assert join(late) == "waiting"
        work()
        assert at(late) == [TWO]

    def test_are_taken_anew_by_who_comes_back(self, session_id, join, leave, sol, work):
        join(sol)
        leave(sol)
        work()
        assert join(sol) == "seated"
        assert seats(sol) == ["left", "seated"]


def calendar_of(mail):
    *_, part = mail.iter_parts()
    calendar = Calendar.from_ical(part.get_payload(decode=True))
    [event] = calendar.events
    return calendar["method"], event["sequence"], event["uid"], event.start, event.get("location")


class TestChanging:
    def test_moves_the_entry_in_every_calendar_and_every_hold(
        self, session_id, join, mara, sol, lakeside, now, work, tray
    ):
        second, waits = make.student(lakeside), make.student(lakeside)
        for who in (sol, second, waits):
            join(who)
        work()
        before = {who: calendar_of(tray.to(who.email)[-1]) for who in (mara, sol, second)}
        tray.empty()
        for _ in range(2):
            do(sessions.change, session_id, mara, now, starts_at=TWO + DAY, place="Room 9")
        work()

        assert at(mara, sol, second) == [TWO + DAY] * 3
        for who, (_, _, uid, *_) in before.items():
            [mail] = tray.to(who.email)
            assert calendar_of(mail) == ("REQUEST", 1, uid, TWO + DAY, "Room 9")
        [mail] = tray.to(waits.email)
        assert "You are in line for a seat, as before." in words(mail)
        assert len(list(mail.iter_parts())) == 2
        do(sessions.call_off, session_id, mara, now)
        work()
        assert calendar_of(tray.to(sol.email)[-1])[:3] == ("CANCEL", 2, before[sol][2])

    def test_gives_the_seat_of_who_is_busy_then_to_the_next_in_line(
        self, session_id, join, mara, sol, lakeside, now, work, tray
    ):
        second, waits = make.student(lakeside), make.student(lakeside)
        for who in (sol, second, waits):
            join(who)
        other = make.mentor(lakeside)
        make.meeting(other, sol, make.pairing(other, sol), starts_at=TWO + HOUR)
        do(sessions.change, session_id, mara, now, starts_at=TWO + HOUR / 2, place="Room 4")
        work()

        assert seats(sol) == ["called_off", "seated", "seated"]
        assert at(sol) == [TWO + HOUR]
        assert at(waits) == [TWO + HOUR / 2]
        mail = tray.to(sol.email)[-1]
        assert "when you have something else" in words(mail)
        assert calendar_of(mail)[:2] == ("CANCEL", 2)

    def test_holds_the_time_before_still_where_the_mentor_is_busy(
        self, session_id, join, mara, sol, lakeside, now
    ):
        join(sol)
        other = make.student(lakeside)
        make.meeting(mara, other, make.pairing(mara, other), starts_at=TWO + DAY)
        with pytest.raises(holds.AlreadyBusy):
            do(sessions.change, session_id, mara, now, starts_at=TWO + DAY, place="Room 4")
        assert sorted(at(mara)) == [TWO, TWO + DAY]
        assert at(sol) == [TWO]

    def test_by_a_coordinator_is_of_the_place_alone(self, session_id, mara, cora, sol, now):
        with pytest.raises(sessions.MentorsTime):
            do(sessions.change, session_id, cora, now, starts_at=TWO + DAY, place="Room 9")
        do(sessions.change, session_id, cora, now, starts_at=TWO, place="Room 9")
        with pytest.raises(NotYours):
            do(sessions.change, session_id, sol, now, starts_at=TWO, place="Room 4")
        assert at(mara) == [TWO]

    def test_is_refused_where_it_makes_no_sense(self, session_id, mara, cora, now):
        def change(refusal, starts_at, *, which=session_id, when=now):
            with pytest.raises(refusal):
                do(sessions.change, which, mara, when, starts_at=starts_at, place="Room 4")

        change(sessions.NotAhead, now)
        change(sessions.TooFarOff, now + 367 * DAY)
        change(sessions.HasBegun, TWO + DAY, when=TWO)
        change(sessions.NotOpen, TWO + DAY, which=ask_for(mara, cora, now))


class TestTending:
    @pytest.fixture
    def tend(self, lakeside, now, work):
        def tend(*, when=now) -> None:
            with scope.chapter(lakeside.id):
                sessions.tend(now=when)
                db.session.commit()
            work()

        return tend

    def test_reminds_whoever_comes_once_a_day_before(
        self, session_id, join, tend, mara, sol, lakeside, now, tray
    ):
        second, waits = make.student(lakeside), make.student(lakeside)
        for who in (sol, second, waits):
            join(who)
        tend(when=TWO - DAY - timedelta(minutes=1))
        tray.empty()
        tend(when=TWO - DAY)
        tend(when=TWO - HOUR)

        assert {str(mail["To"]) for mail in tray.mails} == {mara.email, sol.email, second.email}
        assert len(tray.mails) == 3
        do(sessions.change, session_id, mara, now, starts_at=TWO + DAY, place="Room 4")
        tend()
        tray.empty()
        tend(when=TWO)
        assert len(tray.mails) == 3

    def test_does_not_remind_of_what_was_opened_just_now(self, tend, mara, tray):
        make.group_session(mara, starts_at=TWO)
        with scope.chapter(mara.chapter_id):
            db.session.execute(update(GroupSession).values(asked_at=TWO - 2 * HOUR))
            db.session.commit()
        tend(when=TWO - HOUR)
        assert not any("is soon" in words(mail) for mail in tray.mails)

    @pytest.mark.parametrize("blocks", ["mara", "sol"])
    def test_ends_a_seat_where_the_two_are_kept_apart(
        self, request, join, tend, mara, sol, lakeside, now, inside, tray, blocks
    ):
        by, other = (mara, sol) if blocks == "mara" else (sol, mara)
        second, waits = make.student(lakeside), make.student(lakeside)
        for who in (sol, second, waits):
            join(who)
        with inside(by):
            conflicts.block(other=other, by=by, now=now)
        for _ in range(2):
            tend()

        assert seats(sol) == ["called_off", "seated", "seated"]
        assert at(sol) == []
        mail = tray.to(sol.email)[-1]
        assert "is not open to you anymore" in words(mail)
        assert calendar_of(mail)[0] == "CANCEL"

    def test_ends_the_seat_of_somebody_who_is_paired_no_more(
        self, join, tend, mara, sol, now, inside
    ):
        own = make.group_session(mara, starts_at=TWO + DAY, audience=Audience.MENTEES)
        pairing_id = make.pairing(mara, sol, state=PairingState.ACTIVE)
        join(sol, session=own)
        tend()
        assert seats(sol) == ["seated"]
        with inside(mara):
            pairings.end(db.session.get(Pairing, (mara.chapter_id, pairing_id)), by=mara, now=now)
            db.session.commit()
        tend()
        assert seats(sol) == ["called_off"]

    def test_calls_off_what_a_mentor_who_left_has_ahead(
        self, session_id, join, tend, mara, sol, lakeside, tray
    ):
        join(sol)
        leave_chapter(mara)
        tend()
        assert seats(sol) == ["called_off"]
        assert at(mara, sol) == []
        assert tray.to(sol.email)[-1]["Subject"].startswith("Called off: Reading an ECG")

    def test_frees_the_seat_of_a_student_who_left(self, join, tend, sol, lakeside):
        second, waits = make.student(lakeside), make.student(lakeside)
        for who in (sol, second, waits):
            join(who)
        leave_chapter(sol)
        tend()
        assert seats(second) == ["called_off", "seated", "seated"]
        assert at(sol) == []


def leave_chapter(who) -> None:
    with scope.chapter(who.chapter_id):
        gone = update(Membership).where(Membership.id == who.id)
        db.session.execute(gone.values(left_at=TWO - 10 * DAY))
        db.session.commit()


class TestCallingOff:
    def test_tells_everybody_and_frees_their_time(
        self, session_id, join, mara, sol, lakeside, now, work, tray
    ):
        second, waits = make.student(lakeside), make.student(lakeside)
        for who in (sol, second, waits):
            join(who)
        work()
        tray.empty()
        for _ in range(2):
            do(sessions.call_off, session_id, mara, now, word="A shift was moved.")
        work()

        assert at(mara, sol, second) == []
        assert seats(sol) == ["called_off"] * 3
        for who in (mara, sol, second, waits):
            [mail] = tray.to(who.email)
            assert mail["Subject"].startswith("Called off: Reading an ECG")
            assert ("A shift was moved." in words(mail)) == (who is not mara)
            assert (len(list(mail.iter_parts())) == 3) == (who is not waits)
        with scope.chapter(sol.chapter_id):
            assert deeds(session_id) == ["session.opened", "session.called_off"]

    def test_is_for_the_mentor_or_a_coordinator_before_it_begins(
        self, session_id, mara, cora, sol, now
    ):
        with pytest.raises(NotYours):
            do(sessions.call_off, session_id, sol, now)
        with pytest.raises(sessions.HasBegun):
            do(sessions.call_off, session_id, mara, TWO)
        do(sessions.call_off, session_id, cora, now)
        with pytest.raises(sessions.NotOpen):
            do(sessions.join, session_id, sol, now)


class TestCalendars:
    def test_name_only_their_reader(self, session_id, join, leave, mara, sol, lakeside, work, tray):
        other = make.student(lakeside)
        join(sol)
        join(other)
        work()
        leave(sol)
        work()

        first, last = tray.to(sol.email)
        found = []
        for mail, method, sequence in ((first, "REQUEST", 0), (last, "CANCEL", 1)):
            assert other.email not in mail.as_string()
            assert mara.email not in mail.as_string()
            *_, part = mail.iter_parts()
            calendar = Calendar.from_ical(part.get_payload(decode=True))
            [event] = calendar.events
            assert (calendar["method"], event["sequence"]) == (method, sequence)
            assert (event.start, event.end) == (TWO, TWO + HOUR)
            assert event["attendee"] == f"mailto:{sol.email}"
            found.append(event["uid"])
        assert found[0] == found[1]
        [mail] = tray.to(mara.email)
        assert sol.email not in mail.as_string()

    def test_that_are_subscribed_show_it_and_its_end(
        self, app, session_id, join, mara, sol, sign_in, now
    ):
        join(sol)
        addresses = []
        for who in (sol, mara):
            client = sign_in(who)
            client.post("/c/lakeside/calendar")
            addresses.append(
                client.get("/c/lakeside/calendar").text.split("/cal/")[1].split('"')[0]
            )
        for status in ("CONFIRMED", "CANCELLED"):
            uids = set()
            for address in addresses:
                content = app.test_client().get(f"/cal/{address}").data
                [event] = Calendar.from_ical(content).events
                assert (event["status"], event.start) == (status, TWO)
                assert event["summary"] == "Reading an ECG in ten seconds"
                uids.add(event["uid"])
            assert len(uids) == 2
            if status == "CONFIRMED":
                do(sessions.call_off, session_id, mara, now)
