"""Offering every free place of one mentor, across the chapters where somebody waits for them."""

from datetime import datetime
from uuid import UUID

from mentorship.foundation import scope
from mentorship.foundation.database import transaction
from mentorship.scheduling.waiting import queries, waits
from mentorship.scheduling.waiting.queries import Place
from mentorship.tenancy import queries as tenancy

#: More than a person can have places.
_MOST = 50


def offer_places(mentor_user_id: UUID, *, now: datetime) -> None:
    """Offer this person's places, one by one, to whoever comes first in any chapter.

    Each chapter is entered in turn, and each offer is a transaction of its own.
    """
    for _ in range(_MOST):
        first = min(_next_everywhere(mentor_user_id, now=now), default=None)
        if first is None:
            return
        place, chapter_id = first
        with scope.chapter(chapter_id), transaction():
            if not waits.offer(place.wait_id, now=now):
                return


def _next_everywhere(mentor_user_id: UUID, *, now: datetime) -> list[tuple[Place, UUID]]:
    found = []
    for chapter_id in tenancy.chapters_of(mentor_user_id):
        with scope.chapter(chapter_id):
            place = queries.next_for(mentor_user_id, now=now)
        if place is not None:
            found.append((place, chapter_id))
    return found
