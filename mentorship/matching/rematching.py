"""What a run asks of the engine, and mid-season: which pairings may move.

The coordinator chooses: everybody is kept and only gaps are filled, or the smallest change that
restores the best is sought. Then a draft also lists the pairings it would end; nothing of it
happens before the draft is published.
"""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import bindparam, exists, select
from sqlalchemy.orm import aliased

from mentorship.foundation.database import db
from mentorship.matching import drafts, problems
from mentorship.matching.endings import Ending, Why
from mentorship.matching.engine import rematch, score
from mentorship.matching.engine.fit import Outcome, Problem, Triple
from mentorship.matching.engine.settings import Settings
from mentorship.matching.models import Mark, MatchingRun, RunMark, RunState
from mentorship.matching.preferences import Preferences
from mentorship.relationships.models import Pairing, PairingState
from mentorship.tenancy.models import Membership
from mentorship.vocabulary.kinds import Kind

#: Who asked and waits, or is paused, is left alone.
_MAY_MOVE = (PairingState.ACCEPTED, PairingState.ACTIVE)


@dataclass(frozen=True)
class Asked:
    """What the engine is asked, and how its answer is told."""

    problem: Problem
    settings: Settings
    #: Pairs that are better kept than not.
    before: frozenset[Triple]
    #: Of them, the pairings there are: better kept than anything but a mentor for one more.
    moving: frozenset[Triple] = frozenset()
    #: Pairings that are not to go on.
    over: frozenset[Triple] = frozenset()
    pairings: dict[Triple, UUID] = field(default_factory=dict)

    def endings(self, outcome: Outcome) -> tuple[Ending, ...]:
        """The pairings that this outcome would end, those who are not to go on first."""
        moved = self.moving - {pair.triple for pair in outcome.pairs}
        return tuple(
            Ending(self.pairings[pair], *pair, why)
            for pairs, why in ((self.over, Why.OVER), (moved, Why.MOVED))
            for pair in sorted(pairs)
        )

    def told(self, outcome: Outcome) -> tuple[Problem, Outcome]:
        """The problem and its outcome where what is kept is there already, as it is."""
        kept = self.moving & {pair.triple for pair in outcome.pairs}
        freed = Counter(mentor for _, mentor, _ in (*self.moving, *self.over))
        told = replace(
            outcome,
            pairs=tuple(pair for pair in outcome.pairs if pair.triple not in kept),
            loads=tuple(
                replace(load, before=load.before + freed[load.mentor]) for load in outcome.loads
            ),
        )
        return replace(self.problem, current=self.problem.current | kept), told


def asked(
    run_id: UUID, kinds: Iterable[str], preferences: Preferences, *, draft: int, now: datetime
) -> Asked:
    """What a draft of a run asks, as the chapter stands at this moment."""
    problem = problems.of_run(run_id, kinds, now=now)
    if preferences.moves:
        return _opened(run_id, problem, preferences.engine)
    return Asked(problem, preferences.engine, frozenset(drafts.pairs_before(run_id, draft)))


_published = aliased(MatchingRun)
_pinned_before = exists().where(
    RunMark.mark == Mark.PIN,
    RunMark.mentee_id == Pairing.mentee_id,
    RunMark.mentor_id == Pairing.mentor_id,
    RunMark.kind == Pairing.kind,
    RunMark.run_id == _published.id,
    _published.state == RunState.PUBLISHED,
)
_set_aside = exists().where(
    RunMark.run_id == bindparam("run_id"),
    RunMark.mark == Mark.EXCLUDE,
    RunMark.mentee_id == Pairing.mentee_id,
    RunMark.mentor_id == Pairing.mentor_id,
    RunMark.kind == Pairing.kind,
)
_MOVABLE = (
    select(
        *(Pairing.id, Pairing.mentee_id, Pairing.mentor_id, Pairing.kind),
        *(Membership.left_at.is_not(None).label("left"), _set_aside.label("set_aside")),
        _pinned_before.label("pinned"),
    )
    .join(Membership, Membership.id == Pairing.mentor_id)
    .where(Pairing.state.in_(_MAY_MOVE))
)


def _opened(run_id: UUID, problem: Problem, settings: Settings) -> Asked:
    """Open what may move.

    A pairing stays as it is that was pinned when it was published, whose student asks for its kind
    no more, or which could not be proposed today: nobody is parted over that.
    """
    wants = {(mentee.id, want.kind) for mentee in problem.mentees for want in mentee.wants}
    mentors = {mentor.id for mentor in problem.mentors}
    rows: dict[Triple, Any] = {}
    for row in db.session.execute(_MOVABLE, {"run_id": run_id}):
        kind = Kind(row.kind)
        if (row.mentee_id, kind) in wants and kind in problem.kinds:
            rows[row.mentee_id, row.mentor_id, kind] = row
    over = frozenset(pair for pair, row in rows.items() if row.left or row.set_aside)
    here = frozenset(pair for pair in over if pair[1] in mentors)
    moving = _allowed(
        problem,
        [
            pair
            for pair, row in rows.items()
            if pair not in over and pair[1] in mentors and not row.pinned
        ],
    )
    opened = rematch.reopened(problem, moving | here)
    opened = replace(
        opened,
        current=opened.current - over,
        # What is pinned and stays anyway is no pin of this run.
        pins=problem.pins - (problem.current - moving),
    )
    return Asked(
        problem=opened,
        settings=rematch.keeping(opened, settings),
        before=moving,
        moving=moving,
        over=over,
        pairings={pair: row.id for pair, row in rows.items()},
    )


class Movable(NamedTuple):
    """A pairing that the coordinator may keep or give up in a run."""

    id: UUID
    mentee_id: UUID
    mentor_id: UUID
    kind: Kind
    mentee: str
    mentor: str


_mentee = aliased(Membership)
_NAMED = (
    select(
        *(Pairing.id, Pairing.mentee_id, Pairing.mentor_id, Pairing.kind),
        *(_mentee.name.label("mentee"), Membership.name.label("mentor")),
    )
    .join(_mentee, _mentee.id == Pairing.mentee_id)
    .join(Membership, Membership.id == Pairing.mentor_id)
    .where(Pairing.state.in_(_MAY_MOVE))
    .order_by(_mentee.name, Membership.name, Pairing.kind)
)


def movable(kinds: Collection[Kind]) -> dict[UUID, Movable]:
    """The chapter's pairings of these kinds that are under way, by id, in the order of names."""
    rows = (Movable(*row[:3], Kind(row.kind), *row[4:]) for row in db.session.execute(_NAMED))
    return {row.id: row for row in rows if row.kind in kinds}


def _allowed(problem: Problem, pairs: Collection[Triple]) -> frozenset[Triple]:
    """Those of these current pairs that could be proposed today."""
    fits = score.fits(rematch.reopened(problem, pairs))
    return frozenset(pair for pair in pairs if not fits.against(pair))
