"""What somebody agreed to in all of their chapters, and taking it back at once."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import bindparam, select

from mentorship.foundation import scope
from mentorship.foundation.database import db, transaction
from mentorship.profiles import affinities
from mentorship.profiles.models import Affinity
from mentorship.tenancy import queries
from mentorship.tenancy.models import Chapter, Membership
from mentorship.vocabulary.purposes import Asked

_AGREED = (
    select(Chapter.slug, Chapter.name, Membership.id.label("member_id"), Affinity.agreed_at)
    .select_from(Membership)
    .join(Chapter, Chapter.id == Membership.chapter_id)
    .join(Affinity, Affinity.member_id == Membership.id)
    .where(Membership.user_id == bindparam("user_id"))
)


class Agreed(NamedTuple):
    """A yes that counts in a chapter."""

    purpose: Asked
    slug: str
    chapter: str
    member_id: UUID
    at: datetime


def agreed_in(user_id: UUID) -> list[Agreed]:
    """Where this person agreed to have groups counted. One statement for each of their chapters."""
    found = []
    for chapter_id in queries.chapters_of(user_id):
        with scope.chapter(chapter_id):
            found += [
                Agreed(Asked.AFFINITY, *row)
                for row in db.session.execute(_AGREED, {"user_id": user_id})
            ]
    return found


def take_back(user_id: UUID, *, now: datetime) -> None:
    """Say no to groups everywhere: the rows go, and each chapter's next run is without them."""
    for one in agreed_in(user_id):
        chapter_id = queries.chapter_id(one.slug)
        if chapter_id is None:
            continue
        with scope.chapter(chapter_id), transaction():
            affinities.save([], agreed=False, by=queries.member(one.member_id), now=now)
