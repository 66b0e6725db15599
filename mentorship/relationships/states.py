"""What a pairing can become, by whose doing. What its people may do stands in `tenancy/roles.py`.

Here are the chapter and time besides them, who end and resume pairings as well.
"""

from dataclasses import dataclass
from enum import StrEnum

from mentorship.foundation.errors import NotYours, Refusal
from mentorship.relationships.models import Pairing, PairingState
from mentorship.tenancy.members import Member
from mentorship.tenancy.roles import Permission, Role

PROPOSED, ACCEPTED, ACTIVE, PAUSED, COMPLETED, ENDED = PairingState


class Act(StrEnum):
    ACCEPT = "accept"
    PAUSE = "pause"
    RESUME = "resume"
    COMPLETE = "complete"
    END = "end"
    REOPEN = "reopen"


class Who(StrEnum):
    MENTEE = "mentee"
    MENTOR = "mentor"
    CHAPTER = "chapter"
    """A coordinator or the faculty advisor, by hand or by publishing a run."""
    TIME = "time"
    """Nobody: a date has come."""


class NotOpen(Refusal):
    sentence = "This pairing has ended already."


class NotBegun(Refusal):
    sentence = "This pairing has not begun, so it cannot have done what it was for."


class NothingAsked(Refusal):
    sentence = "Nobody waits for an answer to this anymore."


class NothingToPause(Refusal):
    sentence = "Only a pairing that is under way can be paused."


class NotPaused(Refusal):
    sentence = "This pairing is not paused."


class NothingToReopen(Refusal):
    sentence = "This pairing is open."


@dataclass(frozen=True)
class Rule:
    who: frozenset[Who]
    before: frozenset[PairingState]
    after: frozenset[PairingState]
    """What it can become. Out of a pause it becomes again what it was."""
    refusal: type[Refusal]
    """What is said when it stands elsewhere."""


_TWO = frozenset({Who.MENTEE, Who.MENTOR})


def _where(permission: Permission) -> frozenset[PairingState]:
    """Where the table of permissions lets a pairing stand for this."""
    return frozenset(map(PairingState, permission.when or ()))


RULES: dict[Act, Rule] = {
    # The mentee answers where the mentor has proposed another time.
    Act.ACCEPT: Rule(frozenset(Who), frozenset({PROPOSED}), frozenset({ACCEPTED}), NothingAsked),
    Act.PAUSE: Rule(_TWO, _where(Permission.PAIRING_PAUSE), frozenset({PAUSED}), NothingToPause),
    Act.RESUME: Rule(
        _TWO | {Who.TIME},
        _where(Permission.PAIRING_RESUME),
        frozenset({ACCEPTED, ACTIVE}),
        NotPaused,
    ),
    Act.COMPLETE: Rule(_TWO, _where(Permission.PAIRING_COMPLETE), frozenset({COMPLETED}), NotOpen),
    Act.END: Rule(frozenset(Who), _where(Permission.PAIRING_END), frozenset({ENDED}), NotOpen),
    # Only whoever closed it, and for a while: `partings.reopen` knows who and until when.
    Act.REOPEN: Rule(
        _TWO,
        _where(Permission.PAIRING_REOPEN),
        frozenset({ACCEPTED, ACTIVE}),
        NothingToReopen,
    ),
}


def who(pairing: Pairing, by: Member | None) -> Who:
    """What somebody is to a pairing.

    :raises NotYours: nothing at all.
    """
    if by is None:
        return Who.TIME
    if by.id in (pairing.mentee_id, pairing.mentor_id):
        return Who.MENTEE if by.id == pairing.mentee_id else Who.MENTOR
    if by.roles & {Role.COORDINATOR, Role.ADVISOR}:
        return Who.CHAPTER
    raise NotYours


def insist_on_may(act: Act, pairing: Pairing, *, by: Member | None) -> None:
    """Check the table.

    :raises NotYours: it is not for them to do.
    :raises Refusal: the pairing does not stand where this can be done.
    """
    rule = RULES[act]
    if who(pairing, by) not in rule.who:
        raise NotYours
    if pairing.state not in rule.before:
        begun = act is not Act.COMPLETE or pairing.state != PROPOSED
        raise rule.refusal if begun else NotBegun
