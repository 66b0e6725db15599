"""Pairing many people at once: all of them, or nobody.

What `pairings` does for two, in a number of statements that does not grow with the pairs. The
rules are the same, and so are their refusals.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import insert, select, union_all

from mentorship.accounts import users
from mentorship.audit import trail
from mentorship.foundation import scope
from mentorship.foundation.database import db, uuid7
from mentorship.foundation.errors import Refusal
from mentorship.relationships import conflicts, pairings
from mentorship.relationships.models import (
    OPEN,
    Block,
    EvaluativeRole,
    Pairing,
    PairingDeed,
    PairingState,
    PlaceTaken,
    Separation,
)
from mentorship.tenancy.members import Member
from mentorship.tenancy.models import Chapter
from mentorship.vocabulary.kinds import Kind


class Asked(NamedTuple):
    """A pairing that is to begin: what `pairings.begin` takes."""

    mentee: Member
    mentor: Member
    kind: Kind
    topic: str | None = None
    fit: int | None = None
    reasons: Sequence[dict[str, Any]] = ()


class NotAll(Refusal):
    """Some of the pairs cannot begin, so none did. `refusals` says why, by place in the list."""

    def __init__(self, refusals: Mapping[int, Refusal]) -> None:
        super().__init__(" ".join(dict.fromkeys(map(str, refusals.values()))))
        self.refusals = refusals


def begin(asked: Sequence[Asked], *, by: Member | None, now: datetime) -> None:
    """Pair all of these, each as accepted, and take the mentors' places, over all chapters.

    :raises NotAll: one of them breaks a rule of `pairings.begin`, alone or beside the others.
    """
    users.lock(*{who.user_id for one in asked for who in (one.mentee, one.mentor)})
    if refusals := dict(_refusals(asked, now=now)):
        raise NotAll(refusals)
    pairs = [(uuid7(), one) for one in asked]
    db.session.execute(insert(Pairing), [_pairing(*pair, now=now) for pair in pairs])
    places = [
        {"user_id": one.mentor.user_id, "pairing_id": pairing_id, "chapter_id": scope.here()}
        for pairing_id, one in pairs
    ]
    db.session.execute(insert(PlaceTaken), places)
    facts = {pairing_id: {"kind": one.kind} for pairing_id, one in pairs}
    two = {pairing_id: (one.mentee.id, one.mentor.id) for pairing_id, one in pairs}
    trail.record_each(PairingDeed.ACCEPTED, facts, by=by, now=now, about=two)


def _pairing(pairing_id: UUID, one: Asked, *, now: datetime) -> dict[str, Any]:
    return {
        "chapter_id": scope.here(),
        "id": pairing_id,
        "mentee_id": one.mentee.id,
        "mentor_id": one.mentor.id,
        "mentee_user_id": one.mentee.user_id,
        "mentor_user_id": one.mentor.user_id,
        "kind": one.kind,
        "topic": one.topic,
        "state": PairingState.ACCEPTED,
        "fit": one.fit,
        "reasons": list(one.reasons),
        "began_at": now,
    }


def _refusals(asked: Sequence[Asked], *, now: datetime) -> Iterator[tuple[int, Refusal]]:
    """Every pair that cannot begin, each with its first cause, as if they began one by one."""
    mentees, mentors = {one.mentee.id for one in asked}, {one.mentor.id for one in asked}
    apart = _kept_apart(mentees | mentors)
    judging = _judging(mentors, now=now)
    met = _open_pairings(mentees, mentors)
    one_kind = not db.session.scalar(
        select(Chapter.two_kinds_by_one_mentor).where(Chapter.id == scope.here())
    )
    left = Counter(pairings.places_left([one.mentor.user_id for one in asked]))
    for place, one in enumerate(asked):
        two = (one.mentee.id, one.mentor.id)
        judges = {(one.mentor.id, None), (one.mentor.id, one.mentee.id)}
        if frozenset(two) in apart:
            yield place, conflicts.Blocked()
        elif one.kind is Kind.WELLNESS and judges & judging:
            yield place, conflicts.Evaluates()
        elif one.kind in met.get(two, ()) or (one_kind and two in met):
            yield place, pairings.AlreadyPaired()
        elif left[one.mentor.user_id] < 1:
            yield place, pairings.MentorFull()
        else:
            left[one.mentor.user_id] -= 1
            met.setdefault(two, set()).add(one.kind)


def _kept_apart(people: Iterable[UUID]) -> set[frozenset[UUID]]:
    among = list(people)
    apart = union_all(
        select(Block.member_id, Block.other_id).where(
            Block.member_id.in_(among), Block.other_id.in_(among)
        ),
        select(Separation.one_id, Separation.other_id).where(
            Separation.one_id.in_(among), Separation.other_id.in_(among)
        ),
    )
    return {frozenset((one, other)) for one, other in db.session.execute(apart)}


def _judging(mentors: Iterable[UUID], *, now: datetime) -> set[tuple[UUID, UUID | None]]:
    """Whom each mentor evaluates; None stands for everyone in the chapter."""
    held = select(EvaluativeRole.member_id, EvaluativeRole.mentee_id).where(
        EvaluativeRole.member_id.in_(list(mentors)), conflicts.in_force(now)
    )
    return {(mentor_id, mentee_id) for mentor_id, mentee_id in db.session.execute(held)}


def _open_pairings(
    mentees: Iterable[UUID], mentors: Iterable[UUID]
) -> dict[tuple[UUID, UUID], set[str]]:
    """The kinds in which two people are paired already."""
    paired = select(Pairing.mentee_id, Pairing.mentor_id, Pairing.kind).where(
        *(Pairing.mentee_id.in_(list(mentees)), Pairing.mentor_id.in_(list(mentors))),
        Pairing.state.in_(OPEN),
    )
    found: dict[tuple[UUID, UUID], set[str]] = {}
    for mentee_id, mentor_id, kind in db.session.execute(paired):
        found.setdefault((mentee_id, mentor_id), set()).add(kind)
    return found
