"""What becomes of the meetings of a pairing that ends: none that is ahead is left standing."""

from datetime import datetime

from sqlalchemy import select

from mentorship.foundation.database import db
from mentorship.relationships import pairings
from mentorship.relationships.models import Pairing
from mentorship.scheduling import meetings
from mentorship.scheduling.models import LIVE, Meeting, MeetingState
from mentorship.tenancy.members import Member


@pairings.ends_along
def call_off(pairing: Pairing, *, by: Member | None, now: datetime) -> None:
    """Close the requests of a pairing, and call off what was agreed on, for whoever ended it.

    A meeting that has begun is left for the two to say whether they met. When nobody ended the
    pairing, its one request has lapsed, and there is nothing left to call off.
    """
    if by is None or by.id not in (pairing.mentee_id, pairing.mentor_id):
        return
    live = select(Meeting).where(Meeting.pairing_id == pairing.id, Meeting.state.in_(LIVE))
    for meeting in db.session.scalars(live.order_by(Meeting.starts_at)).all():
        if meeting.state == MeetingState.REQUESTED:
            close = meetings.withdraw if by.id == meeting.mentee_id else meetings.decline
            close(meeting, by=by, now=now)
        elif now < meeting.starts_at:
            meetings.cancel(meeting, by=by, now=now)
