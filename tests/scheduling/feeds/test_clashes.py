"""A calendar that newly takes the time of a booked meeting: both are told, and nothing is done."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from mentorship.foundation import scope
from mentorship.foundation.database import db
from mentorship.scheduling.feeds import feeds, pulling
from mentorship.scheduling.feeds.kinds import AllDay, Holds
from mentorship.scheduling.feeds.models import FeedClash
from mentorship.scheduling.groups import queries as group_sessions
from mentorship.scheduling.groups import sessions
from mentorship.scheduling.models import Meeting, MeetingState
from tests import make
from tests.conftest import words
from tests.scheduling.feeds.reads import calendar
from tests.scheduling.feeds.servers import answer, serving

NOW = datetime(2026, 3, 2, 18, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
#: Ten in the morning in Chicago, on Wednesday.
THEN = datetime(2026, 3, 4, 16, tzinfo=UTC)


def event(at, hours=1.0):
    ends = at + hours * HOUR
    return f"SUMMARY:canary\nDTSTART:{at:%Y%m%dT%H%M%S}Z\nDTEND:{ends:%Y%m%dT%H%M%S}Z"


ELSEWHEN = event(THEN + 9 * DAY)


@pytest.fixture
def meeting_id(mara, sol, now):
    return make.meeting(mara, sol, make.pairing(mara, sol), starts_at=THEN)


@pytest.fixture
def read(mara, inside, settings, now, work):
    """A file of Mara's that says this now: `read(event, …)`; the jobs that follow are done."""
    known = {}

    def read(*events, holds=Holds.BUSY):
        with inside(mara):
            known["feed_id"] = feeds.upload(
                name="Mine",
                content=calendar(ELSEWHEN, *events),
                holds=holds,
                all_day=AllDay.BUSY,
                by=mara,
                settings=settings,
                now=NOW,
                **known,
            ).id
        work()

    return read


def subjects(tray, who):
    return [str(mail["Subject"]) for mail in tray.to(who.email)]


def clashes(who):
    with scope.chapter(who.chapter_id):
        return list(db.session.scalars(select(FeedClash.taken_from)))


def test_both_are_told_and_nothing_is_cancelled(mara, sol, meeting_id, read, tray):
    read(event(THEN - HOUR, 8))

    [to_mara], [to_sol] = tray.to(mara.email), tray.to(sol.email)
    assert "Your calendar now takes" in to_mara["Subject"]
    assert "Keep the meeting, or propose another time." in words(to_mara)
    assert "’s calendar has changed" in to_sol["Subject"]
    assert f"/meetings/{meeting_id}" in words(to_sol)
    assert "Nothing is cancelled" in words(to_mara)
    assert "Nothing is cancelled" in words(to_sol)
    with scope.chapter(mara.chapter_id):
        assert db.session.scalars(select(Meeting.state)).all() == [MeetingState.ACCEPTED]


def test_the_student_never_learns_why(mara, sol, meeting_id, read, tray, sign_in):
    read(event(THEN - 9 * HOUR, 8), holds=Holds.SHIFTS)  # a night; the meeting is in its rest

    assert len(tray.to(mara.email)) == 1
    [mail] = tray.to(sol.email)
    page = sign_in(sol).get(f"/c/lakeside/meetings/{meeting_id}").text
    assert "calendar has changed" in page
    for told in (words(mail) + str(mail["Subject"]), page):
        assert not any(word in told.lower() for word in ("shift", "rest ", "night", "canary"))
    assert "Keep the meeting" not in page


def test_the_same_again_is_told_once(mara, sol, meeting_id, read, tray):
    over, beside = event(THEN - HOUR, 4), event(THEN + 4 * HOUR)
    for events in ([over], [over], [], [over], [over, beside]):
        read(*events)

    assert (len(tray.to(mara.email)), len(tray.to(sol.email))) == (1, 1)
    assert clashes(mara) == [THEN]


def test_another_part_of_the_time_is_told_again(mara, meeting_id, read, tray):
    read(event(THEN + HOUR / 4, 2))
    read(event(THEN - HOUR, 4))

    assert len(tray.to(mara.email)) == 2


def test_what_is_beside_the_meeting_or_past_or_off_is_not_told(mara, sol, meeting_id, read, tray):
    with scope.chapter(mara.chapter_id):
        pairing_id = db.session.scalars(select(Meeting.pairing_id)).one()
    off = THEN + DAY
    make.meeting(mara, sol, pairing_id, starts_at=off, state=MeetingState.CANCELLED)
    make.meeting(mara, sol, pairing_id, starts_at=NOW - HOUR)

    read(event(THEN - HOUR), event(THEN + HOUR / 2), event(off), event(NOW - HOUR))

    assert tray.mails == []


def test_a_request_that_waits_is_told_of_too(mara, sol, read, tray, now):
    make.meeting(mara, sol, make.pairing(mara, sol), starts_at=THEN, state=MeetingState.REQUESTED)
    read(event(THEN - HOUR, 4))

    assert "your request with Sol" in words(tray.to(mara.email)[0])
    assert len(tray.to(sol.email)) == 1


def test_what_was_agreed_over_a_busy_time_is_not_new(mara, sol, read, tray, now):
    read(event(THEN - HOUR, 4))
    make.meeting(mara, sol, make.pairing(mara, sol), starts_at=THEN)
    read(event(THEN - HOUR, 5))

    assert tray.mails == []


def test_a_meeting_in_another_chapter_is_told_behind_its_own_wall(mara, read, tray, now):
    there = make.chapter("riverside")
    mara_there = make.mentor(there, mara.name, email=mara.email)
    student = make.student(there, "Ria Student")
    meeting_id = make.meeting(
        mara_there, student, make.pairing(mara_there, student), starts_at=THEN
    )
    assert mara_there.user_id == mara.user_id

    read(event(THEN - HOUR, 4))

    assert f"/c/riverside/meetings/{meeting_id}" in words(tray.to(student.email)[0])
    assert clashes(mara) == []
    assert clashes(mara_there) == [THEN]


def test_being_a_student_elsewhere_is_nobodys_business(mara, sol, read, tray, now):
    """A mentor who is a mentee too: their own mentor is not told of their calendar."""
    there = make.chapter("riverside")
    me = make.student(there, mara.name, email=mara.email)
    other = make.mentor(there, "Dr. Other")
    make.meeting(other, me, make.pairing(other, me), starts_at=THEN)

    read(event(THEN - HOUR, 4))

    assert tray.mails == []


def test_within_one_pull_both_are_told(mara, sol, meeting_id, inside, settings, work, tray):
    here = replace(settings, feed_reach="loopback")
    with serving(answer(calendar(event(THEN - HOUR, 3)))) as server:
        with inside(mara):
            feed_id = feeds.add(
                name="Mine",
                address=server.url,
                holds=Holds.BUSY,
                all_day=AllDay.BUSY,
                by=mara,
                settings=here,
                now=NOW,
            ).id
        pulling.pull(mara.user_id, feed_id, settings=here, now=NOW)
        pulling.pull(mara.user_id, feed_id, settings=here, now=NOW + HOUR)
    # The pull that `add` has deferred is done too: the product does not ask this machine.
    work()

    assert (len(tray.to(mara.email)), len(tray.to(sol.email))) == (1, 1)


def test_the_mentor_keeps_it_and_the_student_is_told(
    mara, sol, meeting_id, read, tray, sign_in, work
):
    read(event(THEN - HOUR, 4))
    page = f"/c/lakeside/meetings/{meeting_id}"
    mentor = sign_in(mara)
    shown = mentor.get(page).text
    assert "Keep the meeting" in shown
    assert f"{page}/reschedule" in shown
    tray.empty()

    kept = [mentor.post(f"{page}/keeping").status_code for _ in range(2)]
    work()

    assert kept == [303, 303]
    assert "takes this time" not in mentor.get(page).text
    assert "calendar has changed" not in sign_in(sol).get(page).text
    assert tray.to(mara.email) == []
    [mail] = tray.to(sol.email)
    assert "stays" in mail["Subject"]
    read(event(THEN - HOUR, 4), event(THEN + 5 * HOUR))
    assert tray.to(mara.email) == []


def test_a_student_cannot_keep_it_and_a_stranger_finds_nothing(
    sol, meeting_id, read, sign_in, lakeside
):
    read(event(THEN - HOUR, 4))
    page = f"/c/lakeside/meetings/{meeting_id}/keeping"

    assert sign_in(sol).post(page).status_code == 403
    assert sign_in(make.mentor(lakeside, "Dr. Other")).post(page).status_code == 404


def test_a_clash_that_is_over_is_shown_no_longer(mara, meeting_id, read, sign_in):
    read(event(THEN - HOUR, 4))
    page = f"/c/lakeside/meetings/{meeting_id}"
    assert "takes this time" in sign_in(mara).get(page).text

    read(event(THEN + DAY))

    assert "takes this time" not in sign_in(mara).get(page).text


def test_the_mentor_of_a_group_session_alone_is_told_once(mara, sol, read, tray, now, work, inside):
    session_id = make.group_session(mara, starts_at=THEN)
    with inside(sol):
        sessions.join(group_sessions.session(session_id, member=sol), by=sol, now=now)
    work()
    tray.empty()
    for _ in range(2):
        read(event(THEN - HOUR, 4))

    [mail] = tray.mails
    assert mail["To"] == mara.email
    assert mail["Subject"].endswith(": Reading an ECG in ten seconds")
    assert f"/sessions/{session_id}" in words(mail)


def test_of_a_shift_during_meet_ups_at_a_conference_the_mentor_is_told(mara, read, tray, now):
    block_id = make.conference_block(mara, starts_at=THEN)
    read(event(THEN - HOUR, 9), holds=Holds.SHIFTS)

    [mail] = tray.to(mara.email)
    assert "meet-ups at ACEP Scientific Assembly" in words(mail)
    assert f"/conference/{block_id}" in words(mail)


def test_what_else_is_in_a_calendar_then_may_be_the_conference_itself(mara, read, tray, now):
    make.conference_block(mara, starts_at=THEN)
    read(event(THEN - HOUR, 8))
    assert tray.mails == []


@pytest.mark.parametrize("what", ["sessions", "conference"])
def test_a_session_and_meet_ups_are_kept_as_a_meeting_is(
    mara, sol, lakeside, read, tray, sign_in, work, now, what
):
    if what == "sessions":
        held_id, holds = make.group_session(mara, starts_at=THEN), Holds.BUSY
    else:
        held_id, holds = make.conference_block(mara, starts_at=THEN), Holds.SHIFTS
    page = f"/c/lakeside/{what}/{held_id}"
    mentor, student = sign_in(mara), sign_in(sol)
    assert "Choose another time" not in mentor.get(page).text
    read(event(THEN - HOUR, 9), holds=holds)

    assert "Nothing is changed, and nobody else is told" in mentor.get(page).text
    assert "nobody else is told" not in student.get(page).text
    assert student.post(f"{page}/keeping").status_code == 403
    assert sign_in(make.mentor(lakeside, "Dr. Other")).post(f"{page}/keeping").status_code == 404
    assert "Keep it, move it" in tray.to(mara.email)[-1].get_body(("html",)).get_content()
    tray.empty()
    assert [mentor.post(f"{page}/keeping").status_code for _ in range(2)] == [303, 303]
    work()

    assert "nobody else is told" not in mentor.get(page).text
    assert tray.mails == []


def test_a_clash_of_a_session_that_moves_out_of_the_way_is_shown_no_longer(
    mara, read, sign_in, inside, now
):
    session_id = make.group_session(mara, starts_at=THEN)
    page = f"/c/lakeside/sessions/{session_id}"
    read(event(THEN - HOUR, 4))
    assert "nobody else is told" in sign_in(mara).get(page).text
    with inside(mara):
        found = group_sessions.session(session_id, member=mara)
        sessions.change(found, starts_at=THEN + DAY, place="Room 4", by=mara, now=now)
    assert "nobody else is told" not in sign_in(mara).get(page).text
