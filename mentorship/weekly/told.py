"""What people have told the coordinators, and nobody else: of endings, of fit, and of wishes."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import bindparam, or_, select

from mentorship.foundation.database import db
from mentorship.relationships import fit_checks, partings, rematch
from mentorship.relationships.models import Pairing
from mentorship.tenancy.members import Member

_OWN = select(Pairing.id).where(
    or_(Pairing.mentee_id == bindparam("member_id"), Pairing.mentor_id == bindparam("member_id"))
)


class Told(NamedTuple):
    endings: Sequence[partings.Told]
    hands: Sequence[fit_checks.Wanting]
    """Of fit checks, those with a line."""
    wishes: Sequence[rematch.Wanting]


def to(member: Member, *, now: datetime) -> Told:
    """All of it but what was said of a pairing of their own. Four statements."""
    own = set(db.session.scalars(_OWN, {"member_id": member.id}))
    return Told(
        endings=[
            one for one in partings.told_to_coordinators(now=now) if one.pairing_id not in own
        ],
        hands=[
            one
            for one in fit_checks.wanting_a_hand(now=now)
            if one.line and one.pairing_id not in own
        ],
        wishes=[one for one in rematch.wanting_a_rematch() if one.pairing_id not in own],
    )
