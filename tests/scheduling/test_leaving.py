"""Somebody leaves: what is under way with them ends, and what others see of it."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from mentorship.foundation import scope
from mentorship.foundation.database import db
from mentorship.relationships.models import Pairing, PairingState, PlaceTaken
from mentorship.scheduling import subscriptions
from mentorship.scheduling.conference import meetups
from mentorship.scheduling.conference.models import ConferenceBlock
from mentorship.scheduling.groups import sessions
from mentorship.scheduling.groups.models import GroupSeat, GroupSession, SeatState, SessionState
from mentorship.scheduling.models import BusyTime, Meeting, MeetingState
from mentorship.scheduling.waiting import waits
from mentorship.scheduling.waiting.models import Wait, WaitState
from mentorship.tenancy import memberships
from mentorship.vocabulary.kinds import Kind
from tests import make

NEXT_WEEK = datetime(2026, 3, 9, 19, tzinfo=UTC)


@pytest.fixture
def entangled(lakeside, mara, sol, now):
    """Mara and Sol are paired and have a meeting; Sol waits, and has a seat and a meet-up."""
    full = make.mentor(lakeside, "Dr. Full", places=0)
    pairing_id = make.pairing(mara, sol)
    make.meeting(mara, sol, pairing_id, starts_at=NEXT_WEEK)
    session_id = make.group_session(mara, starts_at=NEXT_WEEK + timedelta(days=1))
    block_id = make.conference_block(mara, starts_at=NEXT_WEEK + timedelta(days=2))
    with scope.chapter(lakeside.id):
        waits.join(mentor=full, kind=Kind.CAREER, why="", by=sol, now=now)
        session = db.session.scalars(select(GroupSession).where(GroupSession.id == session_id))
        sessions.join(session.one(), by=sol, now=now)
        block = db.session.scalars(select(ConferenceBlock).where(ConferenceBlock.id == block_id))
        block = block.one()
        meetups.take(block, starts_at=block.starts_at, question="", by=sol, now=now)
        db.session.commit()
    return full


def states(record):
    return db.session.scalars(select(record.state)).all()


def test_everything_is_foreseen_in_numbers(entangled, sol, inside, now):
    with inside(sol):
        ends = [(one.many, one.one) for one in memberships.foresee(sol, now=now)]
    assert ends == [
        (1, "pairing ends"),
        (1, "meeting or request is called off"),
        (1, "wait for a place is given up"),
        (1, "seat in a session is given back"),
        (1, "conference meet-up is given back"),
    ]


def test_foreseeing_takes_one_statement(entangled, sol, inside, now, statements):
    with inside(sol), statements() as seen:
        memberships.foresee(sol, now=now)
    assert len([one for one in seen if not one.startswith("SET")]) == 1


def test_a_student_is_taken_out_and_nothing_of_theirs_stays_under_way(
    entangled, cora, sol, mara, inside, now
):
    with inside(cora):
        memberships.leave(sol, by=cora, now=now)

        assert states(Pairing) == [PairingState.ENDED]
        assert states(Meeting) == [MeetingState.CANCELLED]
        assert states(Wait) == [WaitState.LEFT]
        assert states(GroupSeat) == [SeatState.CALLED_OFF]
        assert memberships.foresee(sol, now=now) == []
        mine = select(func.count()).select_from(BusyTime).where(BusyTime.user_id == sol.user_id)
        assert db.session.scalar(mine) == 0
        assert db.session.scalars(select(PlaceTaken)).all() == []


def test_it_counts_against_nobody(entangled, sol, inside, now):
    with inside(sol):
        memberships.leave(sol, by=sol, now=NEXT_WEEK - timedelta(hours=1))
        meeting = db.session.scalars(select(Meeting)).one()
        assert (meeting.late, meeting.called_off_by) == (False, None)


def test_a_mentor_who_leaves_calls_off_what_they_hold(entangled, mara, sol, inside, now):
    with inside(mara):
        memberships.leave(mara, by=mara, now=now)

        assert states(GroupSession) == [SessionState.CALLED_OFF]
        assert states(GroupSeat) == [SeatState.CALLED_OFF]
        assert db.session.scalars(select(ConferenceBlock)).one().closed_at == now


def test_who_waited_for_a_mentor_who_leaves_waits_no_more(entangled, inside, now):
    with inside(entangled):
        memberships.leave(entangled, by=entangled, now=now)
        assert states(Wait) == [WaitState.LEFT]


def test_the_other_is_told_and_whoever_left_is_told_only_of_what_ended_then(
    entangled, cora, sol, mara, inside, now, work, tray
):
    with inside(cora):
        memberships.leave(sol, by=cora, now=now)
    work()

    def subjects(who):
        return " | ".join(str(mail["Subject"]) for mail in tray.to(who.email))

    assert "Called off" in subjects(mara)
    assert "has come to its end" in subjects(mara)
    assert "Called off" in subjects(sol)
    assert "You are not in Lakeside EMIG anymore" in subjects(sol)


def test_what_still_waited_to_be_mailed_is_not_sent_to_who_left(
    lakeside, cora, sol, inside, now, work, tray
):
    with inside(cora):
        memberships.invite(sol, by=cora, now=now)
        memberships.leave(sol, by=cora, now=now + timedelta(minutes=1))
    work()

    assert [str(mail["Subject"]) for mail in tray.to(sol.email)] == [
        "You are not in Lakeside EMIG anymore"
    ]


def test_their_calendar_shows_nothing_of_the_chapter(app, settings, entangled, sol, inside, now):
    with inside(sol):
        subscriptions.open_address(by=sol, now=now)
        token = subscriptions.token_of(sol, secret=settings.secret_key)
    client = app.test_client()
    address = f"/cal/{token}.ics"
    before = client.get(address)
    with inside(sol):
        memberships.leave(sol, by=sol, now=now)

    assert before.text.count("BEGIN:VEVENT") >= 1
    assert "BEGIN:VEVENT" not in client.get(address).text
