"""Two are parted, or their pairing ends: what is ahead of them is called off in true words."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from mentorship.foundation.database import db
from mentorship.relationships import pairings
from mentorship.relationships.models import Pairing
from mentorship.scheduling.conference import meetups
from mentorship.scheduling.conference import queries as conference
from mentorship.scheduling.conference.models import MeetUp, MeetUpState
from mentorship.scheduling.groups import queries as group_sessions
from mentorship.scheduling.groups import sessions
from mentorship.scheduling.groups.models import GroupSeat, SeatState
from mentorship.scheduling.models import BusyTime, Meeting, MeetingState
from mentorship.tenancy import memberships
from mentorship.tenancy.roles import Role
from tests import make
from tests.conftest import words

NEXT_WEEK = datetime(2026, 3, 9, 19, tzinfo=UTC)
DAY = timedelta(days=1)
ECG = "Reading an ECG in ten seconds"


@pytest.fixture
def ahead(mara, sol, inside, now, work, tray):
    """Sol has a seat in a session of Mara's, and ten of her minutes at a conference."""
    session_id = make.group_session(mara, starts_at=NEXT_WEEK + DAY)
    block_id = make.conference_block(mara, starts_at=NEXT_WEEK + 2 * DAY)
    with inside(sol):
        sessions.join(group_sessions.session(session_id, member=sol), by=sol, now=now)
        block = conference.block(block_id, member=sol)
        meetups.take(block, starts_at=block.starts_at, question="How?", by=sol, now=now)
    work()
    tray.empty()


def left(inside, who):
    """What stands of the seat and of the meet-up, and how often this person is held."""
    with inside(who):
        held = select(BusyTime).where(BusyTime.user_id == who.user_id)
        return (
            db.session.scalars(select(GroupSeat.state)).one(),
            db.session.scalars(select(MeetUp.state)).one(),
            len(db.session.scalars(held).all()),
        )


def said(tray, who):
    return {str(mail["Subject"]).split(":")[0]: words(mail) for mail in tray.to(who.email)}


@pytest.mark.parametrize("by", ["the mentor", "an advisor", "a coordinator, out of the chapter"])
def test_what_somebody_else_undoes_is_nobodys_giving_back(
    ahead, lakeside, mara, sol, cora, inside, now, work, tray, by
):
    adler = make.member(lakeside, Role.ADVISOR)
    with inside(mara):
        if by == "the mentor":
            pairings.part(other=sol, by=mara, now=now)
        elif by == "an advisor":
            pairings.keep_apart(one=mara, other=sol, by=adler, now=now)
        else:
            memberships.leave(sol, by=cora, now=now)
    work()

    assert left(inside, sol) == (SeatState.CALLED_OFF, MeetUpState.CALLED_OFF, 0)
    mine, theirs = said(tray, sol), said(tray, mara)
    assert f"“{ECG}” on Tue, Mar 10" in mine["Not for you anymore"]
    assert "Your meet-up with Dr. Mara Quist at ACEP" in mine["Called off"]
    assert "Your meet-up with Sol Adair at ACEP" in theirs["Called off"]
    for told in (*mine.values(), *theirs.values()):
        assert "given back" not in told
        assert not any(f"{who.name} has" in told for who in (mara, sol, adler))


def test_who_keeps_away_themselves_has_given_both_back(ahead, mara, sol, inside, now, work, tray):
    with inside(sol):
        pairings.part(other=mara, by=sol, now=now)
    work()

    assert left(inside, sol) == (SeatState.LEFT, MeetUpState.GIVEN_BACK, 0)
    mine = " ".join(map(words, tray.to(sol.email)))
    assert f"You have given back your seat in “{ECG}”" in mine
    assert "You have given back the meet-up" in mine
    assert "Sol Adair has given back the meet-up" in said(tray, mara)["Given back"]


def test_a_pairing_that_somebody_else_ends_leaves_no_meeting_and_nobody_at_fault(
    mara, sol, cora, inside, now, work, tray
):
    pairing_id = make.pairing(mara, sol)
    make.meeting(mara, sol, pairing_id, starts_at=now + timedelta(hours=3))
    begun = make.meeting(mara, sol, pairing_id, starts_at=now - timedelta(minutes=5))
    with inside(cora):
        pairings.end(db.session.get(Pairing, (cora.chapter_id, pairing_id)), by=cora, now=now)
    work()

    with inside(sol):
        for meeting in db.session.scalars(select(Meeting)):
            ahead = meeting.id != begun
            assert meeting.state == (MeetingState.CANCELLED if ahead else MeetingState.ACCEPTED)
            assert (meeting.called_off_by, meeting.late) == (None, False)
    for who in (mara, sol):
        assert "A coordinator has called off the meeting" in said(tray, who)["Called off"]
