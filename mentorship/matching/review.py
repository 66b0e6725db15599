"""What the review of a draft shows: its pairs, whom it leaves out, what was marked, and why not."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Select, and_, bindparam, func, or_, select, tuple_
from sqlalchemy.orm import aliased

from mentorship.foundation.database import db
from mentorship.matching.engine import explain
from mentorship.matching.engine.fit import Fit, Reason, Rule, strength
from mentorship.matching.models import (
    LeftOut,
    Mark,
    Proposal,
    RunMark,
)
from mentorship.profiles.models import MenteeProfile
from mentorship.tenancy.models import Membership
from mentorship.tenancy.roles import Role
from mentorship.vocabulary.kinds import Kind
from mentorship.vocabulary.stages import Stage

#: So many pairs, and people left out, a page shows at once.
PAIRS, LEFT = 15, 8

_mentee, _mentor = aliased(Membership), aliased(Membership)


class After(NamedTuple):
    """The last pair of the page before: its fit and id. Written `76-<id>` in an address."""

    fit: int
    id: UUID

    def __str__(self) -> str:
        return f"{self.fit}-{self.id}"

    @classmethod
    def read(cls, text: str) -> "After | None":
        """The place that an address names, or none if it names no place."""
        fit, _, pair_id = text.partition("-")
        try:
            read = cls(int(fit), UUID(pair_id))
        except ValueError:
            return None
        return read if 0 <= read.fit <= 100 else None


@dataclass(frozen=True)
class Shown:
    """Which of a draft's pairs are asked for, and from where on."""

    kind: Kind | None = None
    #: weakest: in turned order; look: with cautions; marked: pinned or set aside.
    show: str = ""
    name: str = ""
    after: After | None = None


@dataclass(frozen=True)
class Pair:
    """A proposed pair as the review shows it."""

    id: UUID
    mentee_id: UUID
    mentor_id: UUID
    kind: Kind
    topic: str | None
    fit: int
    reasons: list[dict[str, Any]]
    cautions: list[str]
    mentee: str
    mentor: str
    stage: str
    mark: str

    @property
    def label(self) -> str:
        """The kind, and the topic where it has one."""
        return self.kind.about(self.topic)

    @property
    def strength(self) -> str:
        return "A stretch" if (word := strength(self.fit)) == "stretch" else word.capitalize()

    @property
    def best_reasons(self) -> list[str]:
        """What speaks most for the pair, in two sentences at most. Open places are not that."""
        speaking = [
            reason for reason in self.reasons if reason["factor"] != "room" and reason["points"] > 0
        ]
        speaking.sort(key=lambda reason: -reason["points"])
        return [reason["words"] for reason in speaking[:2]]

    @property
    def after(self) -> After:
        return After(self.fit, self.id)


_same_mark = and_(
    RunMark.run_id == Proposal.run_id,
    RunMark.mentee_id == Proposal.mentee_id,
    RunMark.mentor_id == Proposal.mentor_id,
    RunMark.kind == Proposal.kind,
)
_PAIRS = (
    select(
        *(Proposal.id, Proposal.mentee_id, Proposal.mentor_id, Proposal.kind, Proposal.topic),
        *(Proposal.fit, Proposal.reasons, Proposal.cautions),
        *(_mentee.name.label("mentee"), _mentor.name.label("mentor")),
        *(MenteeProfile.stage, func.coalesce(RunMark.mark, "").label("mark")),
    )
    .join(_mentee, _mentee.id == Proposal.mentee_id)
    .join(_mentor, _mentor.id == Proposal.mentor_id)
    .outerjoin(MenteeProfile, MenteeProfile.member_id == Proposal.mentee_id)
    .outerjoin(RunMark, _same_mark)
    .where(Proposal.run_id == bindparam("run_id"))
    .limit(PAIRS + 1)
)


@cache
def _pairs(kind: bool, show: str, name: bool, after: bool) -> Select:
    """The statement for these filters; there are few, and each is built once."""
    place, given = tuple_(Proposal.fit, Proposal.id), tuple_(bindparam("fit"), bindparam("id"))
    asked = _PAIRS
    if kind:
        asked = asked.where(Proposal.kind == bindparam("kind"))
    if show == "look":
        asked = asked.where(func.cardinality(Proposal.cautions) > 0)
    if show == "marked":
        asked = asked.where(RunMark.mark.is_not(None))
    if name:
        among = (
            func.strpos(func.lower(one.name), func.lower(bindparam("name"))) > 0
            for one in (_mentee, _mentor)
        )
        asked = asked.where(or_(*among))
    if show == "weakest":
        asked = asked.order_by(Proposal.fit, Proposal.id)
        return asked.where(place > given) if after else asked
    asked = asked.order_by(Proposal.fit.desc(), Proposal.id.desc())
    return asked.where(place < given) if after else asked


def pairs(run_id: UUID, shown: Shown) -> tuple[list[Pair], bool]:
    """A page of what a run's draft proposes, and whether there is more of it."""
    facts: dict[str, Any] = {"run_id": run_id, "kind": shown.kind, "name": shown.name}
    if shown.after:
        facts |= shown.after._asdict()
    asked = _pairs(bool(shown.kind), shown.show, bool(shown.name), bool(shown.after))
    rows = db.session.execute(asked, facts).all()
    return [_pair(row) for row in rows[:PAIRS]], len(rows) > PAIRS


def _pair(row: Any) -> Pair:
    stage = Stage(row.stage).label if row.stage else ""
    return Pair(**row._asdict() | {"kind": Kind(row.kind), "stage": stage})


class Left(NamedTuple):
    """A kind that a mentee does not get, as the review shows it."""

    mentee_id: UUID
    mentee: str
    kind: Kind
    words: str
    with_nobody: bool
    code: str

    @property
    def remedy(self) -> str:
        """What would help, in a sentence; empty where nothing is known to."""
        return _REMEDIES.get(self.code, "")


#: By the rule that left somebody out.
_REMEDIES: dict[str, str] = {
    Rule.NOT_OFFERED: "Somebody new who offers this would help, or a mentor here who adds it.",
    Rule.NO_SHARED_TOPIC: "A mentor who adds one of these topics would help, or somebody new.",
    Rule.NO_RECENT_CYCLE: "A recent graduate would help: a resident often knows the last cycle.",
    Rule.EVALUATES: "Somebody who does not evaluate this person would help.",
    Rule.PAUSED: "It may help to ask whether one of them is back.",
    Rule.FULL: "One more place with one of them would help: ask, it is theirs to say.",
    Rule.KIND_FULL: "One more place of this kind would help: ask, it is theirs to say.",
    Rule.NO_SHARED_TIME: "More free hours on either side would help.",
    Rule.EXCLUDED: "Take back a pair that you set aside, or find somebody new.",
    explain.ENOUGH_FROM_THERE: "Allow one more from one institution in the settings of this run.",
    explain.OPEN: "Places are left: look up why not, and pin the pair that you would make.",
}

_LEFT = (
    select(
        *(LeftOut.mentee_id, _mentee.name, LeftOut.kind),
        *(LeftOut.words, LeftOut.with_nobody, LeftOut.code),
    )
    .join(_mentee, _mentee.id == LeftOut.mentee_id)
    .where(LeftOut.run_id == bindparam("run_id"))
    .order_by(LeftOut.with_nobody.desc(), _mentee.name, LeftOut.mentee_id, LeftOut.kind)
    .limit(bindparam("most"))
)


def left_out(run_id: UUID, *, everyone: bool = False) -> list[Left]:
    """Who is left out and why, whoever has nobody first: all of them, or the first few."""
    rows = db.session.execute(_LEFT, {"run_id": run_id, "most": None if everyone else LEFT})
    return [Left(row[0], row[1], Kind(row[2]), *row[3:]) for row in rows]


class Marked(NamedTuple):
    """A pair that was pinned or set aside."""

    mentee_id: UUID
    mentor_id: UUID
    kind: Kind
    mark: Mark
    mentee: str
    mentor: str
    #: It is among the pairs of the draft.
    drafted: bool

    @property
    def key(self) -> tuple[str, str, str, str]:
        return str(self.mentee_id), str(self.mentor_id), self.kind, self.mark


_MARKS = (
    select(
        *(RunMark.mentee_id, RunMark.mentor_id, RunMark.kind, RunMark.mark),
        *(_mentee.name, _mentor.name, Proposal.id.is_not(None)),
    )
    .join(_mentee, _mentee.id == RunMark.mentee_id)
    .join(_mentor, _mentor.id == RunMark.mentor_id)
    .outerjoin(Proposal, _same_mark)
    .where(RunMark.run_id == bindparam("run_id"))
    .order_by(_mentee.name, _mentor.name, RunMark.kind)
)


def marks(run_id: UUID) -> list[Marked]:
    """Every pin and exclusion of a run."""
    rows = db.session.execute(_MARKS, {"run_id": run_id})
    return [Marked(row[0], row[1], Kind(row[2]), Mark(row[3]), *row[4:]) for row in rows]


class Load(NamedTuple):
    """A mentor's places, before the run and with it."""

    mentor_id: str
    mentor: str
    before: int
    after: int
    places: int

    @property
    def gains(self) -> int:
        return self.after - self.before

    @property
    def full(self) -> bool:
        return self.after >= self.places


_NAMES = select(Membership.id, Membership.name).where(
    Membership.id == func.any(bindparam("member_ids"))
)


def names(member_ids: Iterable[str]) -> dict[str, str]:
    """What these people are called, by the text of their ids; whoever is gone is left out."""
    ids = [UUID(member_id) for member_id in set(member_ids)]
    rows = db.session.execute(_NAMES, {"member_ids": ids})
    return {str(member_id): name for member_id, name in rows}


def loads(counted: Collection[tuple[str, int, int, int]], called: Mapping[str, str]) -> list[Load]:
    """The mentors of a run with the counts that its draft kept, whoever gets most first."""
    found = [Load(who, called.get(who, "A former mentor"), *counts) for who, *counts in counted]
    return sorted(found, key=lambda load: (-load.gains, load.mentor))


class Named(NamedTuple):
    """A pair that a report speaks of."""

    mentee: str
    mentor: str
    kind: Kind


def named(pairs: Iterable[Sequence[str]], called: Mapping[str, str]) -> list[Named]:
    """Pairs that a report keeps by their ids, with names."""
    return [
        Named(
            called.get(mentee, "A former student"),
            called.get(mentor, "a former mentor"),
            Kind(kind),
        )
        for mentee, mentor, kind, *_ in pairs
    ]


# Why not this pair.


class People(NamedTuple):
    """Everyone who may be asked about, by id, in the order of their names."""

    students: dict[UUID, str]
    mentors: dict[UUID, str]


_PEOPLE = (
    select(Membership.id, Membership.name, Membership.roles)
    .where(Membership.left_at.is_(None), Membership.roles.overlap([Role.STUDENT, Role.MENTOR]))
    .order_by(Membership.name, Membership.id)
)
_AROUND = select(
    *(Proposal.mentee_id, Proposal.mentor_id, Proposal.kind, Proposal.topic, Proposal.reasons)
).where(
    Proposal.run_id == bindparam("run_id"),
    or_(Proposal.mentee_id == bindparam("mentee_id"), Proposal.mentor_id == bindparam("mentor_id")),
)


def people() -> People:
    """The chapter's students and mentors."""
    rows = db.session.execute(_PEOPLE).all()
    return People(
        {row.id: row.name for row in rows if Role.STUDENT in row.roles},
        {row.id: row.name for row in rows if Role.MENTOR in row.roles},
    )


def proposed_around(run_id: UUID, *, mentee_id: UUID, mentor_id: UUID) -> list[Fit]:
    """What a draft proposes to one of two people, or to both."""
    facts = {"run_id": run_id, "mentee_id": mentee_id, "mentor_id": mentor_id}
    return [
        Fit(
            mentee=row.mentee_id,
            mentor=row.mentor_id,
            kind=Kind(row.kind),
            topic=row.topic,
            reasons=tuple(Reason(**reason) for reason in row.reasons),
        )
        for row in db.session.execute(_AROUND, facts)
    ]
