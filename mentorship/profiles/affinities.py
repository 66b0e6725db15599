"""The groups that somebody agreed to have counted when they are paired.

They help two people who share one and nobody sees them: no page but the person's own, no export,
no reason for a pairing. The trail tells no more than that a profile was saved.
"""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import bindparam, delete, select
from sqlalchemy.dialects.postgresql import insert

from mentorship.audit import trail
from mentorship.foundation import scope
from mentorship.foundation.database import db
from mentorship.foundation.errors import Refusal
from mentorship.profiles import consents
from mentorship.profiles.details import NotListed
from mentorship.profiles.models import Affinity, ProfileDeed
from mentorship.tenancy.members import Member
from mentorship.vocabulary.backgrounds import affinities
from mentorship.vocabulary.purposes import Asked


class NotAgreed(Refusal):
    sentence = "Say below that these may be counted, or choose none."


_MINE = select(Affinity.groups).where(Affinity.member_id == bindparam("member_id"))


def mine(member: Member) -> tuple[str, ...]:
    """The groups that this member agreed to have counted. Asked for themselves alone."""
    return tuple(db.session.execute(_MINE, {"member_id": member.id}).scalar_one_or_none() or ())


def save(groups: Iterable[str], *, agreed: bool, by: Member, now: datetime) -> None:
    """Have these groups counted, in the place of those before; none are forgotten at once.

    :raises NotListed: one of them is not in the list.
    :raises NotAgreed: groups were chosen, and not that they may be counted.
    """
    chosen = list(dict.fromkeys(groups))
    if not affinities().keys() >= set(chosen):
        raise NotListed
    if chosen and not agreed:
        raise NotAgreed
    if chosen:
        said = {"groups": chosen, "agreed_at": now}
        db.session.execute(
            insert(Affinity)
            .values(chapter_id=scope.here(), member_id=by.id, **said)
            .on_conflict_do_update(index_elements=["chapter_id", "member_id"], set_=said)
        )
    else:
        db.session.execute(
            delete(Affinity).where(Affinity.member_id == by.id),
            execution_options={"synchronize_session": False},
        )
    consents.note(Asked.AFFINITY, given=bool(chosen), by=by, now=now)
    part = "mentee" if by.is_student else "mentor"
    trail.record(ProfileDeed.SAVED, by, by=by, now=now, part=part)
