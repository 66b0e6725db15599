"""From files to a problem: who takes part, what was given, and everything that is wrong with it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from uuid import UUID

import numpy as np

from mentorship.foundation.text import quoted
from mentorship.matching.engine.files import cells, run, wishes
from mentorship.matching.engine.files.numbers import POINTS, Unit
from mentorship.matching.engine.files.pairs import Pairs
from mentorship.matching.engine.files.people import (
    MENTEE_COLUMNS,
    MENTOR_COLUMNS,
    Readers,
    Side,
)
from mentorship.matching.engine.files.run import Listed, Run
from mentorship.matching.engine.files.tables import BadFiles, Findings, Flaw
from mentorship.matching.engine.files.wishes import Lists
from mentorship.matching.engine.fit import Factor, Mentee, Mentor, Offer, Problem, Triple
from mentorship.matching.engine.market import SCALE, Edges, Whole
from mentorship.matching.engine.settings import FLOORS, Policy, Settings
from mentorship.matching.engine.stable import Wishes
from mentorship.vocabulary.kinds import Kind
from mentorship.vocabulary.stages import Stage, Standing

#: Factors that count only where both files have these columns; any one of several is enough.
_ASKED: Mapping[Factor, tuple[set[str], set[str]]] = {
    Factor.INTERESTS: ({"interests"}, {"interests"}),
    Factor.GOALS: ({"goals"}, {"goals"}),
    Factor.SETTING: ({"settings"}, {"settings"}),
    Factor.REGION: ({"region"}, {"region"}),
    Factor.PATH: ({"path"}, {"path"}),
    Factor.LANGUAGES: ({"languages"}, {"languages"}),
    Factor.STAGE: ({"stage"}, {"stage", "standing"}),
    Factor.TIME: ({"free"}, {"free"}),
    Factor.AFFINITY: ({"affinity"}, {"affinity"}),
}
#: In a mentor's `evaluates`: every mentee there is.
_EVERYONE = "*"


@dataclass(frozen=True)
class Inputs:
    """The files of a run."""

    mentees: Path
    mentors: Path
    scores: Path | None = None
    wishes: Path | None = None
    current: Path | None = None
    settings: Path | None = None


@dataclass(frozen=True, eq=False)
class Given:
    """What the files say. Indices count people in the order of the problem, kinds in KINDS."""

    problem: Problem
    settings: Settings
    run: Run
    #: The ids as the files have them, in the order of the problem.
    mentee_ids: tuple[str, ...]
    mentor_ids: tuple[str, ...]
    #: What pairs are worth where scores were given; whatever is not among them cannot be.
    scores: Edges | None
    unit: Unit
    #: Scores had more decimals than the solver can keep, and were rounded to the unit.
    rounded: bool
    #: Pairs of before.
    before: Edges
    #: By mentee: whose further mentors come first, the greater the sooner.
    priority: Whole
    #: None without a file of wishes.
    wishes: Wishes | None
    notes: tuple[Flaw, ...]

    @property
    def only_ranked(self) -> bool:
        """Whether people who rank anyone are paired with none but those whom they rank."""
        if self.run.only_ranked is not None:
            return self.run.only_ranked
        return self.settings.policy is Policy.STABLE and self.scores is None


def read(inputs: Inputs) -> Given:
    """Read all files of a run.

    :raises BadFiles: something in them cannot be used; all of it is told.
    """
    found = Findings()
    given = _Reading(inputs, found).given()
    if given is None:
        order = [str(getattr(inputs, file.name)) for file in fields(Inputs)]
        raise BadFiles(sorted(found.flaws, key=lambda flaw: (order.index(flaw.path), flaw.line)))
    return given


class _Reading:
    """Goes through the files in order, and keeps what they say."""

    def __init__(self, inputs: Inputs, found: Findings) -> None:
        self._inputs, self._found = inputs, found
        self._mentees = Side(inputs.mentees, "mentee_id", found)
        self._mentors = Side(inputs.mentors, "mentor_id", found)

    def given(self) -> Given | None:
        """All of it; None where something is wrong, which the findings tell."""
        said = run.read(self._inputs.settings, self._found)
        self._mentees.read({"kinds": cells.kinds}, MENTEE_COLUMNS, said.seed)
        needed: Readers = {"kinds": cells.kinds, "capacity": cells.places}
        self._mentors.read(needed, MENTOR_COLUMNS, said.seed)
        self._note_namesakes()
        pairs = Pairs(self._mentees, self._mentors, self._found)
        scored = pairs.scored(self._inputs.scores, keep=said.keep)
        wished = wishes.read(self._inputs.wishes, self._mentees, self._mentors, self._found)
        before = pairs.before(self._inputs.current)
        blocks = self._blocks(said.blocks)
        pins, exclusions = self._triples(said.pins), self._triples(said.exclusions)
        evaluated = self._evaluated()
        if self._found.flaws:
            return None
        of_mentees, of_mentors = wished or ({}, {})
        problem = Problem(
            mentees=tuple(self._mentee(row, of_mentees) for row in range(len(self._mentees))),
            mentors=tuple(
                self._mentor(row, of_mentors, evaluated) for row in range(len(self._mentors))
            ),
            blocks=frozenset(blocks),
            pins=frozenset(pins),
            exclusions=frozenset(exclusions),
            one_kind_per_mentor=said.one_kind_per_mentor,
            factors=self._factors(),
        )
        return Given(
            problem=problem,
            settings=_settings(said, scored.unit if scored else None),
            run=said,
            mentee_ids=self._mentees.names,
            mentor_ids=self._mentors.names,
            scores=scored.edges if scored else None,
            unit=scored.unit if scored else POINTS,
            rounded=scored is not None and scored.rounded,
            before=before,
            priority=np.array([said.get("priority") or 0 for said in self._mentees.rows], np.int64),
            wishes=wished and Wishes(wishes.ranks(of_mentees), wishes.ranks(of_mentors)),
            notes=tuple(self._found.notes),
        )

    def _note_namesakes(self) -> None:
        both = sorted(self._mentees.index.keys() & self._mentors.index.keys())
        if both:
            words = (
                f"{len(both)} of these ids are in the other file too, like {quoted(both[0])}: they"
                " are taken as the same people, and nobody is their own mentor."
            )
            self._found.note(self._mentors.path, 0, words)

    def _mentee(self, row: int, ranked: Lists) -> Mentee:
        said = self._mentees.rows[row]
        return Mentee(
            id=self._mentees.ids[row],
            wants=said["kinds"],
            wishes=tuple(self._mentors.ids[other] for _, other in sorted(ranked.get(row, ()))),
            **{name: said[name] for name in _MENTEE_FIELDS if name in said},
        )

    def _mentor(self, row: int, ranked: Lists, evaluated: Mapping[int, Iterable[int]]) -> Mentor:
        said = self._mentors.rows[row]
        stage = said.get("stage")
        return Mentor(
            id=self._mentors.ids[row],
            standing=said.get("standing") or _standing(stage),
            offers=tuple(
                Offer(
                    want.kind,
                    want.topics,
                    any_topic=want.any_topic,
                    places=said.get(f"capacity_{want.kind}"),
                )
                for want in said["kinds"]
            ),
            places=said["capacity"],
            load=said.get("load") or 0,
            # Whoever offers application mentoring in a file that says no more knows the cycle.
            recent_cycle=said.get("recent_cycle", True),
            evaluates=frozenset(self._mentees.ids[mentee] for mentee in evaluated.get(row, ())),
            evaluates_everyone=_EVERYONE in said.get("evaluates", ()),
            outside_places=said.get("capacity_outside"),
            wishes=tuple(self._mentees.ids[other] for _, other in sorted(ranked.get(row, ()))),
            **{name: said[name] for name in _MENTOR_FIELDS if name in said},
        )

    def _evaluated(self) -> dict[int, list[int]]:
        """By mentor: the mentees that each evaluates."""
        return {
            row: [
                mentee
                for word in said.get("evaluates", ())
                if word != _EVERYONE
                and (mentee := self._mentees.find(self._mentors.path, line, word)) is not None
            ]
            for row, (line, said) in enumerate(
                zip(self._mentors.lines, self._mentors.rows, strict=True)
            )
        }

    def _blocks(self, listed: Iterable[Listed]) -> Iterator[tuple[UUID, UUID]]:
        """Mentee and mentor who must not be paired, whoever said so."""
        blocks = {(mentee, mentor) for mentee, mentor, _ in self._named(listed)}
        for side, other in ((self._mentees, self._mentors), (self._mentors, self._mentees)):
            for row, (line, said) in enumerate(zip(side.lines, side.rows, strict=True)):
                for word in said.get("blocks", ()):
                    found = other.find(side.path, line, word)
                    if found is not None:
                        blocks.add((row, found) if side is self._mentees else (found, row))
        return ((self._mentees.ids[mentee], self._mentors.ids[mentor]) for mentee, mentor in blocks)

    def _named(self, listed: Iterable[Listed]) -> Iterator[tuple[int, int, str]]:
        """Those entries of run.toml whose people and kind there are: two indices, and the kind."""
        path = self._inputs.settings or Path()
        first: dict[tuple[int, int, str], int] = {}
        for entry in listed:
            mentee = self._mentees.find(path, entry.line, entry.mentee_id)
            mentor = self._mentors.find(path, entry.line, entry.mentor_id)
            kind = cells.kind(entry.kind) if entry.kind else None
            for words in kind.wrong if kind else ():
                self._found.wrong(path, entry.line, words)
            if mentee is None or mentor is None or (kind and kind.value is None):
                continue
            key = mentee, mentor, str(kind and kind.value)
            if first.setdefault(key, entry.line) != entry.line:
                words = f"The same is on line {first[key]} already."
                self._found.wrong(path, entry.line, words)
            else:
                yield key

    def _triples(self, listed: Sequence[Listed]) -> set[Triple]:
        return {
            (self._mentees.ids[mentee], self._mentors.ids[mentor], Kind(kind))
            for mentee, mentor, kind in self._named(listed)
        }

    def _factors(self) -> frozenset[Factor]:
        """What these files ask of people at all."""
        ours, theirs = self._mentees.columns, self._mentors.columns
        never_asked = {Factor.PAST} | {
            factor for factor, (one, other) in _ASKED.items() if not (one & ours and other & theirs)
        }
        if self._inputs.wishes is None:
            never_asked |= {Factor.WISH, Factor.WISHED}
        return frozenset(Factor) - never_asked


_MENTEE_FIELDS = tuple(field.name for field in fields(Mentee) if field.name in MENTEE_COLUMNS)
_MENTOR_FIELDS = tuple(
    field.name
    for field in fields(Mentor)
    if field.name in MENTOR_COLUMNS
    and field.name not in ("evaluates", "standing", "recent_cycle", "load")
)


def _standing(stage: Stage | None) -> Standing:
    """What kind of colleague somebody of this stage is; a professional has none."""
    if stage is None or stage.rank < Stage.PGY1.rank:
        return Standing.PROFESSIONAL
    known = {Stage.FELLOW: Standing.FELLOW, Stage.ATTENDING: Standing.FACULTY}
    return known.get(stage, Standing.RESIDENT)


def _settings(said: Run, unit: Unit | None) -> Settings:
    """The engine's settings. Of given scores the unit is unknown, so nothing is taken for granted.

    `unit` is that of given scores, None where the engine computes them.
    """
    floors = FLOORS if unit is None else ()
    return Settings(
        policy=said.policy,
        weights=said.weights,
        one_kind_per_mentor=said.one_kind_per_mentor,
        most_from_one_institution=said.most_from_one_institution,
        floors=floors if said.floors is None else said.floors,
        keep=said.keep,
        point=SCALE // 100 if unit is None else unit.one,
        own_best=unit is None if said.own_best is None else said.own_best,
        seed=said.seed,
        good_enough=said.gap,
    )
