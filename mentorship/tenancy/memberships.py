"""What can be done with a membership: joining, its roles and their terms, leaving, coming back."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol
from uuid import UUID

from sqlalchemy import bindparam, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from mentorship.accounts import standing, users
from mentorship.audit import trail
from mentorship.audit.models import AuditEvent
from mentorship.foundation import scope
from mentorship.foundation.database import db
from mentorship.foundation.errors import NotYours, Refusal
from mentorship.tenancy import terms
from mentorship.tenancy.members import Member
from mentorship.tenancy.models import Affiliation, Handover, MemberDeed, Membership
from mentorship.tenancy.roles import Permission, Role
from mentorship.tenancy.terms import ALWAYS, OFFICES, RUN_IT, Term

#: For how long somebody who left can be brought back, with what was theirs.
REGRET = timedelta(days=30)
#: The longest that is written for a successor, in characters.
LONGEST = 4000
ONE_DAY = timedelta(days=1)
#: Who gives a role, and takes it away. An advisor answers for the chapter, and hears concerns: so
#: coordinators name none, but for the first one.
GIVEN_BY: dict[Role, frozenset[Role]] = {
    Role.STUDENT: frozenset(RUN_IT),
    Role.MENTOR: frozenset(RUN_IT),
    Role.OFFICER: frozenset(RUN_IT),
    Role.COORDINATOR: frozenset(RUN_IT),
    Role.ADVISOR: frozenset({Role.ADVISOR}),
}


class NotToOneself(Refusal):
    sentence = "Nobody gives themselves a role, or more time in one. Somebody else has to."


class NotByYou(Refusal):
    sentence = "Only a faculty advisor decides who advises this chapter."


class NobodyWouldRunIt(Refusal):
    sentence = (
        "There would come a day on which nobody runs this chapter."
        " Name a faculty advisor or a successor first."
    )


class LastCoordinator(Refusal):
    sentence = "This chapter would be without a coordinator. Name another one first."


class NoTermForThat(Refusal):
    sentence = "Only an office has a term. Students and mentors stay until they leave."


class EndsBeforeItBegins(Refusal):
    sentence = "The last day comes before the first."


class OverAlready(Refusal):
    sentence = "That day is over. Choose a later one, or take the role away."


class OnlyRole(Refusal):
    sentence = "Without this role they would have none. Take them out of the chapter instead."


class TooLate(Refusal):
    sentence = "They left more than 30 days ago. Invite them anew, with a roster."


class OnlyOffices(Refusal):
    sentence = "They held an office and nothing else. Bring them in anew, with a roster."


class NotToAnother(Refusal):
    sentence = "Name somebody else to follow you."


class BeginsBefore(Refusal):
    sentence = "That day is over. They can begin today at the earliest."


class TooMuch(Refusal):
    sentence = f"Keep what they should know within {LONGEST} characters."


class InvitedLately(Refusal):
    sentence = "They were invited within the last day. Give the mail a day to be read."


class Foreseen(NamedTuple):
    """What leaving would end: how many of something, in words for one and for several."""

    many: int
    one: str
    several: str


class Leaving(Protocol):
    """What a room above has of somebody that cannot go on once they have left."""

    def foresee(self, member: Member, *, now: datetime) -> Iterable[Foreseen]: ...

    def end(self, member: Member, *, by: Member, now: datetime) -> None: ...


class Appointing(Protocol):
    """Something of a room above that a new role has to fit.

    :raises Refusal: it does not.
    """

    def __call__(self, member: Member, role: Role, *, now: datetime) -> None: ...


_leavings: list[Leaving] = []
_appointings: list[Appointing] = []


def leaves_along(leaving: Leaving) -> Leaving:
    """Have this ended in the same transaction, whenever somebody leaves."""
    _leavings.append(leaving)
    return leaving


def appoints_along(appointing: Appointing) -> Appointing:
    """Have this asked before somebody is given a role."""
    _appointings.append(appointing)
    return appointing


_MEMBERSHIP = select(Membership).where(Membership.id == bindparam("member_id"))
_INVITED = select(AuditEvent.id).where(
    AuditEvent.subject_id == bindparam("member_id"),
    AuditEvent.deed == MemberDeed.INVITED,
    AuditEvent.at > bindparam("since"),
)
_RUNNERS = (
    select(Membership)
    .where(
        Membership.left_at.is_(None),
        or_(*(Membership.held.contains([role]) for role in RUN_IT)),
    )
    .order_by(Membership.id)
)


def join(*, email: str, name: str, roles: Iterable[Role], zone: str, now: datetime) -> Membership:
    """Make sure a person belongs to this chapter with at least these roles.

    Someone who is there already keeps their other roles and takes the new name; someone who
    left comes back, without the offices they held. `zone` is only for people who have no account
    yet. A role whose term is over, or still to come, keeps its term.
    """
    user_id = users.find_or_create(email=email, zone=zone, now=now)
    membership = db.session.scalars(
        select(Membership).where(Membership.user_id == user_id)
    ).one_or_none()
    if membership is None or membership.left_at is not None:
        standing.open_more(user_id, now=now)
    if membership is None:
        membership = Membership(user_id=user_id, name=name, held=sorted(set(roles)), joined_at=now)
        db.session.add(membership)
    else:
        if membership.left_at is not None:
            _come_back(membership)
        membership.name = name
        membership.held = sorted({*membership.held, *roles})
    db.session.flush()
    affiliate(user_id)
    return membership


def affiliate(user_id: UUID) -> None:
    """Have a person find this chapter among theirs."""
    belongs = insert(Affiliation).values(user_id=user_id, chapter_id=scope.here())
    again = belongs.on_conflict_do_update(
        index_elements=["user_id", "chapter_id"], set_={"left_at": None}
    )
    db.session.execute(again)


def unaffiliate(user_id: UUID, *, now: datetime) -> None:
    """Have a person find this chapter among theirs no more. The wall keeps it to this chapter."""
    mine = update(Affiliation).where(Affiliation.user_id == user_id)
    db.session.execute(mine.values(left_at=now))


def appoint(
    member: Member, role: Role, *, term: Term = ALWAYS, by: Member | None, now: datetime
) -> None:
    """Give somebody a role, or a role that they have another term. The same again changes nothing.

    Oneself may only end an own term earlier. By nobody is by whoever has the server.

    :raises NotYours: `by` runs no chapter, or the member has left.
    :raises NotByYou: of an advisor, an advisor decides, unless there is none.
    :raises NotToOneself: `by` would have more than before.
    :raises NoTermForThat, EndsBeforeItBegins, OverAlready: the term makes no sense.
    :raises LastCoordinator, NobodyWouldRunIt: a term would end, and nobody follow.
    :raises Refusal: what a room above has against it, such as judging whom they mentor.
    """
    _insist_on_sense(role, term, now=now)
    offices = _offices()
    if by is not None:
        _insist_on_may(role, offices=offices, by=by, now=now)
    membership = _take(member)
    had = terms.read(membership.terms, role) if role in membership.held else None
    if had == term:
        return
    itself = by is not None and by.id == member.id
    if itself and not (had and had.begins_at == term.begins_at and _sooner(term, had)):
        raise NotToOneself
    if had is None or had.is_over(now):
        for fits in _appointings:
            fits(member, role, now=now)
    _insist_it_runs_on(offices, offices | {(member.id, role): term}, now=now)
    membership.held = sorted({*membership.held, role})
    membership.terms = terms.with_term(membership.terms, role, term)
    trail.record(
        MemberDeed.APPOINTED,
        member,
        by=by,
        now=now,
        role=role,
        begins_at=term.begins_at,
        ends_at=term.ends_at,
    )


def dismiss(member: Member, role: Role, *, by: Member, now: datetime) -> None:
    """Take a role away, as of now; anybody may lay down their own. Twice changes nothing.

    :raises NotYours: `by` runs no chapter, or the member has left.
    :raises NotByYou: of an advisor, an advisor decides.
    :raises OnlyRole: nothing would be left to them.
    :raises LastCoordinator, NobodyWouldRunIt: nobody follows.
    """
    offices = _offices()
    if by.id != member.id:
        _insist_on_may(role, offices=offices, by=by, now=now)
    membership = _take(member)
    if role not in membership.held:
        return
    if set(membership.held) == {role}:
        raise OnlyRole
    _insist_it_runs_on(offices, _without(offices, member, [role]), now=now)
    membership.held = sorted(set(membership.held) - {role})
    membership.terms = terms.with_term(membership.terms, role, ALWAYS)
    trail.record(MemberDeed.DISMISSED, member, by=by, now=now, role=role)


def hand_over(
    role: Role, *, to: Member, starts_at: datetime, words: str, by: Member, now: datetime
) -> Handover:
    """Have somebody follow `by` in a role from an instant on; for `by` it ends at that instant.

    `words` are what the successor should know.

    :raises NotYours: it is no role of `by`, or not for `by` to give; or the successor has left.
    :raises NotToAnother, BeginsBefore, TooMuch: it makes no sense as it stands.
    :raises NobodyWouldRunIt: the successor's own term ends, and nobody follows.
    """
    if to.id == by.id:
        raise NotToAnother
    if role not in by.roles:
        raise NotYours
    if starts_at + ONE_DAY <= now:
        raise BeginsBefore
    if len(words) > LONGEST:
        raise TooMuch
    offices = _offices()
    _insist_on_may(role, offices=offices, by=by, now=now)
    mine, theirs = _take(by), _take(to)
    had = terms.read(theirs.terms, role) if role in theirs.held else None
    if had is None or had.is_over(now) or not had.counts(max(starts_at, now)):
        if had is None:
            for fits in _appointings:
                fits(to, role, now=now)
        had = Term(starts_at, None)
    until = Term(terms.read(mine.terms, role).begins_at, max(starts_at, now))
    _insist_it_runs_on(offices, offices | {(to.id, role): had, (by.id, role): until}, now=now)
    theirs.held = sorted({*theirs.held, role})
    theirs.terms = terms.with_term(theirs.terms, role, had)
    mine.terms = terms.with_term(mine.terms, role, until)
    handover = Handover(
        **{"from_id": by.id, "to_id": to.id, "role": role, "starts_at": starts_at},
        **{"words": words, "made_at": now},
    )
    db.session.add(handover)
    db.session.flush()
    trail.record(MemberDeed.HANDED_OVER, handover, by=by, now=now, role=role, starts_at=starts_at)
    return handover


def foresee(member: Member, *, now: datetime) -> list[Foreseen]:
    """What would end if somebody left now; nothing that is not there."""
    found = [one for leaving in _leavings for one in leaving.foresee(member, now=now)]
    return [one for one in found if one.many]


def insist_it_runs_without(member: Member, *, now: datetime) -> None:
    """Look whether the chapter could do without somebody.

    :raises LastCoordinator, NobodyWouldRunIt: nobody follows.
    """
    offices = _offices()
    held = [role for who, role in offices if who == member.id]
    _insist_it_runs_on(offices, _without(offices, member, held), now=now)


def leave(member: Member, *, by: Member, now: datetime, even_so: bool = False) -> None:
    """Leave the chapter, or be taken out of it: what cannot go on ends. Twice changes nothing.

    `even_so` does not ask who follows: for an account whose end was set when somebody did.

    At their next request they are out; so are their links in mails, their calendar here and what
    still waits to be mailed. Everything else stays theirs, should they be brought back.

    :raises NotYours: `by` is neither the one who leaves nor runs the chapter.
    :raises NotByYou: of an advisor, an advisor decides.
    :raises LastCoordinator, NobodyWouldRunIt: nobody follows.
    """
    offices = _offices()
    held = [role for who, role in offices if who == member.id]
    if by.id != member.id:
        _insist_on(Permission.MEMBER_TAKE_OUT, by)
        for role in held:
            _insist_on_may(role, offices=offices, by=by, now=now)
    membership = _locked(member)
    if membership.left_at is not None:
        return
    if not even_so:
        _insist_it_runs_on(offices, _without(offices, member, held), now=now)
    for leaving in _leavings:
        leaving.end(member, by=by, now=now)
    membership.left_at = now
    unaffiliate(member.user_id, now=now)
    deed = MemberDeed.LEFT if by.id == member.id else MemberDeed.TAKEN_OUT
    trail.record(deed, member, by=by, now=now)


def bring_back(member: Member, *, by: Member, now: datetime) -> None:
    """Let somebody in again who left within 30 days, with what was theirs. Twice changes nothing.

    What ended when they left stays ended. An office is not theirs again: it is given anew.

    :raises NotYours: `by` runs no chapter.
    :raises TooLate: it was longer ago.
    :raises OnlyOffices: they were neither student nor mentor, so there is no role to come back to.
    """
    _insist_on(Permission.MEMBER_TAKE_OUT, by)
    membership = _locked(member)
    if membership.left_at is None:
        return
    if now - membership.left_at > REGRET:
        raise TooLate
    if not set(membership.held) - set(OFFICES):
        raise OnlyOffices
    _come_back(membership)
    affiliate(member.user_id)
    trail.record(MemberDeed.BROUGHT_BACK, member, by=by, now=now)


def invite(member: Member, *, by: Member, now: datetime) -> None:
    """Have somebody mailed how to sign in, though they belong to the chapter already.

    :raises NotYours: `by` runs no chapter, or the member has left.
    :raises InvitedLately: they have been mailed that within a day.
    """
    _insist_on(Permission.MEMBER_TAKE_OUT, by)
    _take(member)
    if db.session.execute(_INVITED, {"member_id": member.id, "since": now - ONE_DAY}).first():
        raise InvitedLately
    trail.record(MemberDeed.INVITED, member, by=by, now=now)


Offices = Mapping[tuple[UUID, Role], Term]
"""Who holds which of the roles that run a chapter, whether they count today or not."""


def _offices() -> dict[tuple[UUID, Role], Term]:
    """Those who run the chapter, locked: of two who lay down their office, the second one waits."""
    runners = db.session.scalars(
        _RUNNERS.with_for_update(key_share=True).execution_options(populate_existing=True)
    ).all()
    return {
        (one.id, role): terms.read(one.terms, role)
        for one in runners
        for role in RUN_IT
        if role in one.held
    }


def _without(offices: Offices, member: Member, lost: Iterable[Role]) -> Offices:
    gone = {(member.id, role) for role in lost}
    return {office: term for office, term in offices.items() if office not in gone}


def _insist_it_runs_on(before: Offices, after: Offices, *, now: datetime) -> None:
    """Check that somebody coordinates now, if somebody did, and runs the chapter at all times."""
    if _coordinators(before, now) and not _coordinators(after, now):
        raise LastCoordinator
    if _runs_on(before, now) and not _runs_on(after, now):
        raise NobodyWouldRunIt


def _runs_on(offices: Offices, now: datetime) -> bool:
    return terms.without_gap(offices.values(), since=now)


def _coordinators(offices: Offices, now: datetime) -> int:
    return sum(role is Role.COORDINATOR and term.counts(now) for (_, role), term in offices.items())


def _insist_on_may(role: Role, *, offices: Offices, by: Member, now: datetime) -> None:
    """Check that `by` decides who has this role."""
    _insist_on(Permission.ROLE_GIVE, by)
    if GIVEN_BY[role] & by.roles:
        return
    advised = any(one is Role.ADVISOR and term.counts(now) for (_, one), term in offices.items())
    if advised:
        raise NotByYou


def _insist_on(permission: Permission, by: Member) -> None:
    if not by.may(permission):
        raise NotYours


def _insist_on_sense(role: Role, term: Term, *, now: datetime) -> None:
    if term != ALWAYS and role not in OFFICES:
        raise NoTermForThat
    if term.begins_at is not None and term.ends_at is not None and term.ends_at <= term.begins_at:
        raise EndsBeforeItBegins
    if term.is_over(now):
        raise OverAlready


def _sooner(term: Term, than: Term) -> bool:
    return term.ends_at is not None and (than.ends_at is None or term.ends_at < than.ends_at)


def _come_back(membership: Membership) -> None:
    """Undo that somebody left, but for the offices that they held then."""
    membership.held = [role for role in membership.held if role not in OFFICES]
    membership.terms = {}
    membership.left_at = None


def _locked(member: Member) -> Membership:
    # Whoever books or pairs them meanwhile needs their row's key, and may have it.
    one = _MEMBERSHIP.with_for_update(key_share=True).execution_options(populate_existing=True)
    return db.session.scalars(one, {"member_id": member.id}).one()


def _take(member: Member) -> Membership:
    """Somebody's membership, locked.

    :raises NotYours: they have left.
    """
    membership = _locked(member)
    if membership.left_at is not None:
        raise NotYours
    return membership
