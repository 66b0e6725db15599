"""Meeting a mentor for a few minutes at a conference."""

from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread

import pytest
from icalendar import Calendar
from sqlalchemy import select

from mentorship.foundation import scope
from mentorship.foundation.database import db
from mentorship.foundation.errors import NotYours
from mentorship.relationships import conflicts
from mentorship.relationships.models import PairingState
from mentorship.scheduling import holds
from mentorship.scheduling.conference import meetups, queries
from mentorship.scheduling.conference.models import MeetUp
from tests import make
from tests.conftest import words
from tests.scheduling.asking import deeds
from tests.scheduling.asking import held as holds_of

#: Ten in the morning in Los Angeles, where the conference is.
TEN = datetime(2026, 3, 10, 17, tzinfo=UTC)
FIELDS = {
    **{"conference": "SAEM", "session": "", "place": "Lobby", "zone": "America/Los_Angeles"},
    **{"day": "2026-03-10", "opens": "10:00", "closes": "10:30", "minutes": "10"},
}
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def block_id(mara, now):
    return make.conference_block(mara, starts_at=TEN)


@pytest.fixture
def take(block_id, now):
    def take(student, *, at=TEN, when=now, question="Which fellowship?", block=block_id):
        with scope.chapter(student.chapter_id):
            found = queries.block(block, member=student)
            taken = meetups.take(found, starts_at=at, question=question, by=student, now=when)
            db.session.commit()
            return taken.id

    return take


def do(verb, find, block_id, by, now):
    with scope.chapter(by.chapter_id):
        verb(find(block_id, member=by), by=by, now=now)
        db.session.commit()


def give_back(block_id, by, now):
    do(meetups.give_back, queries.mine, block_id, by, now)


def call_off(block_id, by, now):
    do(meetups.call_off, queries.block, block_id, by, now)


def held(*members) -> list:
    """When each of these people is held, in any chapter."""
    with scope.chapter(members[0].chapter_id):
        return holds_of(*members)


def states(of) -> list[str]:
    with scope.chapter(of.chapter_id):
        return list(db.session.scalars(select(MeetUp.state).order_by(MeetUp.id)))


class TestOpening:
    def test_holds_the_mentors_time_in_every_chapter(self, block_id, mara):
        assert held(mara) == [(mara.user_id, TEN)]
        twin = make.mentor(make.chapter("harborside"), email=mara.email)
        with pytest.raises(holds.AlreadyBusy):
            make.conference_block(twin, starts_at=TEN + 30 * MINUTE)
        assert held(mara) == [(mara.user_id, TEN)]

    @pytest.mark.parametrize(
        ("refusal", "more"),
        [
            (meetups.NoLength, {"minutes": 20}),
            (meetups.EndsTooSoon, {"ends_at": TEN + 9 * MINUTE}),
            (meetups.EndsTooSoon, {"ends_at": TEN - HOUR}),
            (meetups.TooLong, {"ends_at": TEN + 9 * HOUR}),
            (meetups.NoSuchZone, {"zone": "Mars/Olympus"}),
        ],
    )
    def test_is_refused_where_it_makes_no_sense(self, mara, refusal, more):
        with pytest.raises(refusal):
            make.conference_block(mara, starts_at=TEN, **more)

    @pytest.mark.parametrize(
        ("refusal", "late"), [(meetups.IsOver, HOUR), (meetups.TooFarOff, -400 * DAY)]
    )
    def test_is_refused_in_the_past_and_in_years(self, mara, inside, refusal, late):
        facts = {"conference": "x", "session": "", "place": "x", "zone": "UTC", "minutes": 5}
        with inside(mara), pytest.raises(refusal):
            meetups.open_block(starts_at=TEN, ends_at=TEN + HOUR, by=mara, now=TEN + late, **facts)

    def test_leaves_out_what_is_too_short_at_the_end(self):
        found = list(meetups.starts(TEN, TEN + 29 * MINUTE, 10))
        assert found == [TEN, TEN + 10 * MINUTE]


class TestMoving:
    @pytest.fixture
    def move(self, block_id, mara, now):
        def move(starts_at=TEN, *, place="booth 12", by=mara, when=now) -> None:
            with scope.chapter(by.chapter_id):
                found = queries.block(block_id, member=by)
                meetups.change(found, starts_at=starts_at, place=place, by=by, now=when)
                db.session.commit()

        return move

    @pytest.mark.parametrize("by_how_much", [10 * MINUTE, -10 * MINUTE, 3 * HOUR])
    def test_takes_every_talk_along_with_its_entry_and_its_hold(
        self, move, take, mara, sol, lakeside, work, tray, by_how_much
    ):
        rio = make.student(lakeside)
        take(sol)
        take(rio, at=TEN + 10 * MINUTE)
        work()
        uid = calendar_of(tray.to(sol.email)[-1])["uid"]
        tray.empty()
        for _ in range(2):
            move(TEN + by_how_much, place="booth 7")
        work()

        then = TEN + by_how_much
        assert set(held(mara, sol, rio)) == {
            *((mara.user_id, then), (sol.user_id, then)),
            (rio.user_id, then + 10 * MINUTE),
        }
        [mail] = tray.to(sol.email)
        event = calendar_of(mail)
        assert (event["uid"], event["sequence"], event.start) == (uid, 1, TEN + by_how_much)
        assert "has moved your meet-up" in words(mail)
        assert "booth 7" in words(mail)
        assert len(tray.to(mara.email)) == 2

    def test_calls_off_the_talk_of_a_student_who_is_busy_then(
        self, move, take, mara, sol, lakeside, work, tray
    ):
        take(sol)
        other = make.mentor(lakeside)
        make.meeting(other, sol, make.pairing(other, sol), starts_at=TEN + DAY)
        move(TEN + DAY)
        work()
        assert states(sol) == ["called_off"]
        assert held(sol) == [(sol.user_id, TEN + DAY)]
        assert tray.to(sol.email)[-1]["Subject"].startswith("Called off:")

    def test_is_refused_where_it_cannot_be(self, move, mara, sol, now):
        for refusal, starts_at, when in (
            (meetups.IsOver, now, now),
            (meetups.TooFarOff, now + 367 * DAY, now),
            (meetups.HasBegun, TEN + DAY, TEN),
        ):
            with pytest.raises(refusal):
                move(starts_at, when=when)
        with pytest.raises(NotYours):
            move(TEN + DAY, by=sol)
        make.meeting(mara, sol, make.pairing(mara, sol), starts_at=TEN + DAY)
        with pytest.raises(holds.AlreadyBusy):
            move(TEN + DAY)
        assert (mara.user_id, TEN) in held(mara)

    def test_is_done_on_a_page_by_the_clocks_there(self, block_id, mara, sol, sign_in, now):
        page, mentors = f"/c/lakeside/conference/{block_id}", sign_in(mara)
        form = mentors.get(f"{page}/change").text
        assert 'value="10:00"' in form
        to = {"day": "2026-03-11", "opens": "11:00", "place": "booth 7"}
        early = mentors.post(f"{page}/change", data=to | {"day": "2026-03-01"})
        assert early.status_code == 422
        assert meetups.IsOver.sentence in early.text
        assert mentors.post(f"{page}/change", data=to).location == page
        assert "Wed, Mar 11, 11:00" in sign_in(sol).get(page).text
        assert sign_in(sol).get(f"{page}/change").status_code == 403


def calendar_of(mail):
    *_, part = mail.iter_parts()
    [event] = Calendar.from_ical(part.get_payload(decode=True)).events
    return event


class TestTaking:
    def test_holds_the_students_time_and_leaves_one_deed(self, take, sol):
        meet_up_id = take(sol)
        assert held(sol) == [(sol.user_id, TEN)]
        with scope.chapter(sol.chapter_id):
            assert deeds(meet_up_id) == ["conference.taken"]

    def test_is_one_each_and_one_for_each(self, take, sol, lakeside):
        take(sol)
        with pytest.raises(meetups.OneEach):
            take(sol, at=TEN + 10 * MINUTE)
        with pytest.raises(meetups.SlotTaken):
            take(make.student(lakeside))

    @pytest.mark.parametrize(
        ("refusal", "at", "when"),
        [
            (meetups.NoSuchSlot, TEN + 5 * MINUTE, TEN - DAY),
            (meetups.NoSuchSlot, TEN + HOUR, TEN - DAY),
            (meetups.HasBegun, TEN, TEN),
            (meetups.Closed, TEN, TEN + HOUR),
        ],
    )
    def test_is_refused_for_what_cannot_be_had(self, take, sol, refusal, at, when):
        with pytest.raises(refusal):
            take(sol, at=at, when=when)
        assert held(sol) == []

    def test_is_refused_while_one_has_something_else(self, take, sol, lakeside):
        other = make.mentor(lakeside)
        pairing = make.pairing(other, sol, state=PairingState.ACTIVE)
        make.meeting(other, sol, pairing, starts_at=TEN - 5 * MINUTE)
        with pytest.raises(holds.AlreadyBusy):
            take(sol)
        assert states(sol) == []

    def test_is_refused_to_the_mentor_and_to_people_kept_apart(
        self, take, block_id, mara, sol, inside, now
    ):
        with pytest.raises(NotYours):
            take(mara)
        with inside(mara):
            conflicts.block(other=sol, by=mara, now=now)
        with pytest.raises(NotYours):
            take(sol)
        with inside(sol):
            assert queries.ahead(sol, now=now) == []

    def test_gives_one_time_to_one_of_two_who_press_at_once(self, own_database, now):
        here = make.chapter("lakeside")
        block = make.conference_block(make.mentor(here), starts_at=TEN)
        students = [make.student(here) for _ in range(4)]
        start, came = Barrier(4), []

        def press(student):
            with own_database.app_context(), scope.chapter(here.id):
                found = queries.block(block, member=student)
                start.wait()
                try:
                    meetups.take(found, starts_at=TEN, question="x", by=student, now=now)
                    db.session.commit()
                    came.append("taken")
                except meetups.SlotTaken:
                    db.session.rollback()
                    came.append("refused")

        threads = [Thread(target=press, args=[student]) for student in students]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(came) == ["refused", "refused", "refused", "taken"]


class TestLettingGo:
    def test_gives_the_time_to_somebody_else(self, take, block_id, sol, lakeside, now):
        take(sol)
        give_back(block_id, sol, now)
        assert held(sol) == []
        with pytest.raises(NotYours):
            give_back(block_id, sol, now)
        take(make.student(lakeside))
        assert states(sol) == ["given_back", "taken"]

    def test_is_too_late_once_it_has_begun(self, take, block_id, mara, sol, now):
        take(sol)
        with pytest.raises(meetups.HasBegun):
            give_back(block_id, sol, TEN)
        with pytest.raises(meetups.HasBegun):
            call_off(block_id, mara, TEN)

    def test_of_the_whole_frees_everybody(self, take, block_id, mara, sol, lakeside, now):
        other = make.student(lakeside)
        meet_up_id = take(sol)
        take(other, at=TEN + 10 * MINUTE)
        with pytest.raises(NotYours):
            call_off(block_id, sol, now)
        for _ in range(2):
            call_off(block_id, mara, now)
        assert held(mara, sol, other) == []
        assert states(sol) == ["called_off", "called_off"]
        with scope.chapter(sol.chapter_id):
            assert deeds(meet_up_id) == ["conference.taken", "conference.called_off"]
            assert deeds(block_id) == ["conference.opened", "conference.closed"]
        with pytest.raises(meetups.Closed):
            take(sol)


class TestCalendars:
    def test_get_the_invitation_and_its_end_at_the_conferences_own_time(
        self, take, block_id, mara, sol, tray, work, now
    ):
        meet_up_id = take(sol)
        work()
        give_back(block_id, sol, now)
        work()
        for who, other in ((mara, sol), (sol, mara)):
            first, last = tray.to(who.email)
            assert first["Subject"] == f"Tue, Mar 10, 10:00 AM PDT with {other.name}"
            assert "booth 12, after the tox session" in words(first)
            assert "Which fellowship?" in words(first)
            assert last["Subject"].startswith("Given back: Tue, Mar 10, 10:00 AM PDT")
            for mail, method, sequence in ((first, "REQUEST", 0), (last, "CANCEL", 1)):
                *_, part = mail.iter_parts()
                calendar = Calendar.from_ical(part.get_payload(decode=True))
                [event] = calendar.events
                assert calendar["method"] == method
                assert (event["uid"], event["sequence"]) == (f"{meet_up_id}@localhost", sequence)
                assert (event.start, event.end) == (TEN, TEN + 10 * MINUTE)

    def test_that_are_subscribed_show_it_and_its_end(
        self, app, take, block_id, mara, sol, sign_in, now
    ):
        meet_up_id = take(sol)
        client = sign_in(sol)
        client.post("/c/lakeside/calendar")
        address = client.get("/c/lakeside/calendar").text.split("/cal/")[1].split('"')[0]
        for status in ("CONFIRMED", "CANCELLED"):
            content = app.test_client().get(f"/cal/{address}").data
            [event] = Calendar.from_ical(content).events
            assert (event["uid"], event["status"]) == (f"{meet_up_id}@localhost", status)
            assert event.start == TEN
            assert event["url"].endswith(f"/c/lakeside/conference/{block_id}")
            if status == "CONFIRMED":
                call_off(block_id, mara, now)


class TestPages:
    def test_open_a_block_by_the_clock_there(self, mara, sign_in, inside, now):
        client = sign_in(mara)
        answer = client.post("/c/lakeside/conference/open", data=FIELDS)
        assert answer.status_code == 303
        with inside(mara):
            [block] = queries.ahead(mara, now=now)
        assert (block.starts_at, block.free) == (TEN, 3)
        assert "0 times of 3 taken" in client.get(answer.location).text

    @pytest.mark.parametrize(
        ("field", "typed", "said"),
        [
            ("closes", "09:00", meetups.EndsTooSoon.sentence),
            ("day", "2026-03-01", meetups.IsOver.sentence),
            ("minutes", "7", "Choose 5, 10 or 15 minutes."),
            ("place", "", "Say where you can be found."),
        ],
    )
    def test_keep_what_was_typed(self, mara, sign_in, now, field, typed, said):
        fields = FIELDS | {field: typed}
        answer = sign_in(mara).post("/c/lakeside/conference/open", data=fields)
        assert answer.status_code == 422
        assert said in answer.text
        assert 'value="SAEM"' in answer.text

    def test_let_a_student_take_a_time_and_give_it_back(self, block_id, sol, mara, sign_in):
        client, path = sign_in(sol), f"/c/lakeside/conference/{block_id}"
        assert "6 of 6 times free" in client.get("/c/lakeside/conference").text
        assert "10:50 AM PDT" in client.get(path).text
        taking = {"slot": TEN.isoformat(), "question": "Which fellowship?"}
        assert client.post(f"{path}/take", data=taking).location == path
        page = client.get(path).text
        assert "Your time: Tue, Mar 10, 10:00 AM PDT" in page
        assert "12:00 PM CDT" in page
        mentors = sign_in(mara).get(path).text
        assert "Sol Adair" in mentors
        assert "Which fellowship?" in mentors
        assert client.post(f"{path}/give-back").location == path
        assert "Take this time" in client.get(path).text

    def test_say_beside_the_times_that_one_is_gone(self, take, block_id, sol, lakeside, sign_in):
        take(make.student(lakeside, "First Comer"))
        taking = {"slot": TEN.isoformat(), "question": "Which fellowship?"}
        answer = sign_in(sol).post(f"/c/lakeside/conference/{block_id}/take", data=taking)
        assert answer.status_code == 422
        assert meetups.SlotTaken.sentence in answer.text
        assert "Which fellowship?" in answer.text
        assert "First Comer" not in answer.text

    def test_call_it_off(self, take, block_id, mara, sol, sign_in, tray, work):
        take(sol)
        path = f"/c/lakeside/conference/{block_id}"
        assert sign_in(sol).post(f"{path}/call-off").status_code == 403
        assert sign_in(mara).post(f"{path}/call-off").status_code == 303
        assert "called these meet-ups off" in sign_in(sol).get(path).text
        work()
        assert tray.to(sol.email)[-1]["Subject"].startswith("Called off: Tue, Mar 10")
