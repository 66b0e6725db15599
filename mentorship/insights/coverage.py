"""How many students have a mentor of each kind, and how far they are on their way."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import and_, func, select

from mentorship.foundation.database import db
from mentorship.profiles.models import MenteeProfile
from mentorship.relationships.models import OPEN, UNDER_WAY, Pairing, PairingState
from mentorship.tenancy.models import Membership
from mentorship.tenancy.roles import Role
from mentorship.vocabulary.kinds import Kind, needed_at
from mentorship.vocabulary.stages import Stage
from mentorship.web.filters import listing

#: Breakdowns hide what counts fewer people than this.
FEWEST = 5


def _has(kind: Kind) -> Any:
    return func.bool_or(and_(Pairing.kind == kind, Pairing.state.in_(UNDER_WAY)))


def _waits(kind: Kind) -> Any:
    return func.bool_or(and_(Pairing.kind == kind, Pairing.state == PairingState.PROPOSED))


# One row a student: which kinds they have and wait for, and how far they are.
_students = (
    select(
        Membership.id,
        MenteeProfile.stage,
        MenteeProfile.member_id.is_not(None).label("begun"),
        func.bool_or(Pairing.state.in_(UNDER_WAY)).label("paired"),
        func.bool_or(Pairing.state.in_(OPEN)).label("asked"),
        func.bool_or(and_(Pairing.state.in_(UNDER_WAY), Pairing.first_met_at.is_not(None))).label(
            "met"
        ),
        *(_has(kind).label(f"has_{kind}") for kind in Kind),
        *(_waits(kind).label(f"waits_{kind}") for kind in Kind),
    )
    .outerjoin(MenteeProfile, MenteeProfile.member_id == Membership.id)
    .outerjoin(
        Pairing,
        and_(Pairing.mentee_id == Membership.id, Pairing.state.in_(OPEN)),
    )
    .where(Membership.left_at.is_(None), Membership.roles.contains([Role.STUDENT]))
    .group_by(Membership.id, MenteeProfile.stage, MenteeProfile.member_id)
    .subquery()
)


def _number(*conditions: Any) -> Any:
    return func.count().filter(*conditions)


_BY_STAGE = select(
    _students.c.stage,
    func.count().label("students"),
    *(_number(_students.c[name]).label(name) for name in ("begun", "paired", "asked", "met")),
    *(_number(_students.c[f"has_{kind}"]).label(f"has_{kind}") for kind in Kind),
    *(
        _number(_students.c[f"waits_{kind}"], _students.c[f"has_{kind}"].is_not(True)).label(
            f"waits_{kind}"
        )
        for kind in Kind
    ),
).group_by(_students.c.stage)


class OfKind(NamedTuple):
    """Of the students who are expected to have a mentor of this kind."""

    kind: Kind
    have: int
    wait: int
    students: int

    @property
    def nobody(self) -> int:
        return self.students - self.have - self.wait

    def percent(self, count: int) -> float:
        return round(100 * count / self.students, 1) if self.students else 0


class OfStage(NamedTuple):
    """A line of the breakdown: cells in words, because small ones are not told."""

    label: str
    students: int
    paired: str
    met: str


@dataclass(frozen=True)
class Coverage:
    students: int
    begun: int
    """Those who have begun a profile."""
    asked: int
    """Those who are paired, or have asked somebody."""
    paired: int
    met: int
    """Those who have met a mentor they are paired with."""
    kinds: tuple[OfKind, ...]
    stages: tuple[OfStage, ...]

    @property
    def weakest(self) -> OfKind | None:
        """The kind that most students lack, if one can be told."""
        counted = [one for one in self.kinds if one.students]
        return min(counted, key=lambda one: one.have / one.students, default=None)


def now() -> Coverage:
    """Over all students of the chapter, in one statement."""
    return of(list(db.session.execute(_BY_STAGE)))


def of(rows: list[Any]) -> Coverage:
    """Add up what was counted by stage. Pure."""

    def total(name: str, among: Iterable[Any] = rows) -> int:
        return sum(getattr(row, name) for row in among)

    kinds = []
    for kind in Kind:
        expected = [row for row in rows if needed_at(kind, Stage(row.stage) if row.stage else None)]
        kinds.append(
            OfKind(
                kind,
                have=total(f"has_{kind}", expected),
                wait=total(f"waits_{kind}", expected),
                students=total("students", expected),
            )
        )
    return Coverage(
        students=total("students"),
        begun=total("begun"),
        asked=total("asked"),
        paired=total("paired"),
        met=total("met"),
        kinds=tuple(kinds),
        stages=by_stage(rows),
    )


def by_stage(rows: Iterable[Any]) -> tuple[OfStage, ...]:
    """The breakdown by stage. Stages with few students are told together, so that none of them
    can be worked out from the rest; if even they are few, the next smallest joins them."""
    order = list(Stage)
    listed = sorted(rows, key=lambda row: order.index(row.stage) if row.stage else len(order))
    together = [row for row in listed if row.students < FEWEST]
    apart = [row for row in listed if row.students >= FEWEST]
    while together and apart and sum(row.students for row in together) < FEWEST:
        smallest = min(apart, key=lambda row: row.students)
        apart.remove(smallest)
        together.append(smallest)
    lines = [_line(_label(row), [row]) for row in apart]
    if sum(row.students for row in together) >= FEWEST:
        together.sort(key=listed.index)
        lines.append(_line(listing(_label(row) for row in together), together))
    return tuple(lines)


def _label(row: Any) -> str:
    return Stage(row.stage).label if row.stage else "stage not given"


def _line(label: str, rows: list[Any]) -> OfStage:
    students = sum(row.students for row in rows)
    paired, met = sum(row.paired for row in rows), sum(row.met for row in rows)
    return OfStage(
        label[:1].upper() + label[1:], students, _told(paired, students), _told(met, students)
    )


def _told(count: int, students: int) -> str:
    """A count, unless it or the rest speaks of so few that they could be known."""
    if count < FEWEST:
        return f"under {FEWEST}"
    if 0 < students - count < FEWEST:
        return "nearly all"
    return str(count)
