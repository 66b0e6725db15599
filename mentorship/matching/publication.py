"""Turning a reviewed draft into pairings: all of them, or none."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, func, select
from sqlalchemy.orm import aliased

from mentorship.accounts import users
from mentorship.foundation.database import db
from mentorship.foundation.errors import Refusal
from mentorship.matching.endings import Ending
from mentorship.matching.engine.fit import Rule
from mentorship.matching.models import Mark, MatchingRun, Proposal, RunMark
from mentorship.profiles.models import MentorProfile
from mentorship.relationships import cohorts, pairings
from mentorship.relationships.cohorts import Asked
from mentorship.relationships.models import OPEN, Pairing
from mentorship.tenancy import queries
from mentorship.tenancy.members import Member
from mentorship.tenancy.models import Membership
from mentorship.tenancy.roles import Role
from mentorship.vocabulary.kinds import Kind

#: So many pairs are named when they have become impossible; of more, only how many.
NAMED = 5


class NothingProposed(Refusal):
    sentence = "This draft proposes no pair, so there is nothing to publish."


class SetAside(Refusal):
    sentence = (
        "A pair that you set aside is still in this draft."
        " Run again, and publish the draft that comes without it."
    )


class KeptAfterAll(Refusal):
    sentence = (
        "This draft ends a pairing that you said to keep."
        " Run again, and publish the draft that comes with it."
    )


class Impossible(Refusal):
    """Pairs of the draft cannot be made anymore: someone filled up, left, or was blocked."""

    def __init__(self, pairs: Sequence[tuple[Asked, str]]) -> None:
        said = [f"{one.mentee.name} with {one.mentor.name}: {why}" for one, why in pairs[:NAMED]]
        if len(pairs) > NAMED:
            said.append(f"And {len(pairs) - NAMED} more.")
        one = len(pairs) == 1
        super().__init__(
            f"{'One pair' if one else f'{len(pairs)} pairs'} of this draft cannot be made anymore."
            f" {' '.join(said)} Nothing was published. Run again to find the best draft without"
            f" {'it' if one else 'them'}."
        )


def pair_up(run: MatchingRun, *, by: Member, now: datetime) -> tuple[int, int]:
    """Make every proposal of the run's draft a pairing, and end what it ends; say how many each.

    What has ended meanwhile is no hindrance.

    :raises NothingProposed: the draft is empty.
    :raises SetAside: a pair of the draft was excluded since it was drafted.
    :raises KeptAfterAll: a pairing that it ends was pinned since.
    :raises Impossible: not every pair can be made anymore. None is made or ended then.
    """
    proposals = list(db.session.scalars(_in_draft(run.id)))
    ending = [Ending.read(kept).pairing_id for kept in run.report.get("ends", ())]
    parting = list(db.session.scalars(_still_open(ending))) if ending else []
    if not proposals and not ending:
        raise NothingProposed
    if db.session.scalar(_set_aside(run.id)):
        raise SetAside
    if parting and db.session.scalar(_kept_after_all(run.id, ending)):
        raise KeptAfterAll
    people = queries.members(
        [who for proposal in proposals for who in (proposal.mentee_id, proposal.mentor_id)]
    )
    asked = [_asked(proposal, people) for proposal in proposals]
    users.lock(
        *{member.user_id for member in people.values()},
        *{who for one in parting for who in (one.mentee_user_id, one.mentor_user_id)},
    )
    with db.session.begin_nested():
        for pairing in parting:
            pairings.end(pairing, by=by, now=now)
        db.session.flush()
        impossible = _changed_since(proposals)
        try:
            if asked:
                cohorts.begin(asked, by=by, now=now)
        except cohorts.NotAll as refusal:
            impossible = {at: str(no) for at, no in refusal.refusals.items()} | impossible
        if impossible:
            raise Impossible([(asked[place], impossible[place]) for place in sorted(impossible)])
    return len(proposals), len(parting)


def _still_open(pairing_ids: Sequence[UUID]):
    return (
        select(Pairing)
        .where(Pairing.id.in_(pairing_ids), Pairing.state.in_(OPEN))
        .order_by(Pairing.id)
    )


def _kept_after_all(run_id: UUID, pairing_ids: Sequence[UUID]):
    """How many of these pairings were pinned after the draft was worked out."""
    same = (
        (RunMark.mentee_id == Pairing.mentee_id)
        & (RunMark.mentor_id == Pairing.mentor_id)
        & (RunMark.kind == Pairing.kind)
    )
    return (
        select(func.count())
        .select_from(Pairing)
        .join(RunMark, same)
        .where(
            *(RunMark.run_id == run_id, RunMark.mark == Mark.PIN),
            *(Pairing.id.in_(pairing_ids), Pairing.state.in_(OPEN)),
        )
    )


def _asked(proposal: Proposal, people: Mapping[UUID, Member]) -> Asked:
    return Asked(
        mentee=people[proposal.mentee_id],
        mentor=people[proposal.mentor_id],
        kind=Kind(proposal.kind),
        topic=proposal.topic,
        fit=proposal.fit,
        reasons=proposal.reasons,
    )


def _in_draft(run_id: UUID):
    return select(Proposal).where(Proposal.run_id == run_id).order_by(Proposal.id)


def _set_aside(run_id: UUID):
    """How many pairs of the draft were excluded after it was worked out."""
    same = (
        (RunMark.run_id == Proposal.run_id)
        & (RunMark.mentee_id == Proposal.mentee_id)
        & (RunMark.mentor_id == Proposal.mentor_id)
        & (RunMark.kind == Proposal.kind)
    )
    return (
        select(func.count())
        .select_from(Proposal)
        .join(RunMark, same)
        .where(Proposal.run_id == run_id, RunMark.mark == Mark.EXCLUDE)
    )


def _changed_since(proposals: Sequence[Proposal]) -> dict[int, str]:
    """Which proposals, by place, have become impossible by what no rule of a pairing asks."""
    mentee, mentor = aliased(Membership), aliased(Membership)
    held = exists().where(
        Pairing.mentee_id == Proposal.mentee_id,
        Pairing.kind == Proposal.kind,
        Pairing.state.in_(OPEN),
    )
    here = (
        mentee.left_at.is_(None)
        & mentee.roles.contains([Role.STUDENT])
        & mentor.left_at.is_(None)
        & mentor.roles.contains([Role.MENTOR])
    )
    if not proposals:
        return {}
    rows = db.session.execute(
        select(
            Proposal.id,
            here.label("here"),
            MentorProfile.paused_at.is_not(None).label("paused"),
            held.label("held"),
        )
        .join(mentee, mentee.id == Proposal.mentee_id)
        .join(mentor, mentor.id == Proposal.mentor_id)
        .outerjoin(MentorProfile, MentorProfile.member_id == Proposal.mentor_id)
        .where(Proposal.run_id == proposals[0].run_id)
    )
    stands = {row.id: row for row in rows}
    found = {}
    for place, proposal in enumerate(proposals):
        now = stands[proposal.id]
        kind = Kind(proposal.kind)
        if not now.here:
            found[place] = "One of the two takes no part in this chapter's mentoring anymore."
        elif now.paused:
            found[place] = Rule.PAUSED.words(kind)
        elif now.held:
            found[place] = Rule.HELD.words(kind)
    return found
